"""timm networks: one in a folder, one whose pretrained_cfg is in the ONNX file's metadata. The answers are those of timm's own
evaluation transform on the opened file, made RGB as timm's datasets do."""

import json
import pathlib
import shutil

import onnx
import timm
import torch
from PIL import Image
from timm.models import save_for_hf
from timm.models.resnet import BasicBlock, ResNet
from timm.models.vision_transformer import VisionTransformer
from timm.utils.onnx import onnx_export

import case

LABELS = ["bicycle", "motorcycle", "unicycle"]


def logits_of(model, cfg):
    transform = timm.data.create_transform(**timm.data.resolve_data_config({}, pretrained_cfg=cfg))

    def logits(path):
        with torch.no_grad():
            return model(transform(Image.open(path).convert("RGB"))[None])[0]

    return logits


def answers(logits):
    return case.ask(lambda path: logits(path).softmax(0).tolist())


def folder_of(out, name):
    folder = pathlib.Path(out) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def in_folder(out):
    folder = folder_of(out, "timm-vit")
    case.seed(4)
    model = VisionTransformer(img_size=40, patch_size=8, embed_dim=32, depth=2, num_heads=2, mlp_ratio=1.5, num_classes=len(LABELS)).eval()
    torch.nn.init.normal_(model.head.weight)  # it starts at zero
    cfg = dict(architecture="vit_tiny", input_size=(3, 40, 40), interpolation="bicubic", crop_pct=0.9, crop_mode="center",
               mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), num_classes=len(LABELS), fixed_input_size=True,
               first_conv="patch_embed.proj", classifier="head")
    model.pretrained_cfg = model.default_cfg = cfg
    logits = logits_of(model, cfg)
    case.balance(model.head, logits)
    save_for_hf(model, folder, model_config={"label_names": LABELS}, model_args={"img_size": 40})
    (folder / "pytorch_model.bin").unlink()
    onnx_export(model, str(folder / "model.onnx"), batch_size=2, use_dynamo=True, external_data=False)
    case.write(folder, f"timm {timm.__version__}", answers(logits), LABELS)


def in_metadata(out):
    folder = folder_of(out, "timm-resnet-squash")
    case.seed(5)
    model = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=len(LABELS), channels=(8, 8, 16, 16), stem_width=8, in_chans=3)
    case.calibrate(model, 40)
    cfg = dict(architecture="resnet_tiny", input_size=[3, 36, 41], interpolation="bilinear", crop_pct=0.875, crop_mode="squash",
               mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.25], num_classes=len(LABELS), label_names=LABELS)
    logits = logits_of(model, cfg)
    case.balance(model.fc, logits)
    path = folder / "model.onnx"
    onnx_export(model, str(path), batch_size=2, input_size=(3, 36, 41), opset=17)
    graph = onnx.load(path)
    entry = graph.metadata_props.add()
    entry.key, entry.value = "pretrained_cfg", json.dumps(cfg)
    onnx.save(graph, path)
    case.write(folder, f"timm {timm.__version__}", answers(logits), LABELS)


def all_cases(out):
    in_folder(out)
    in_metadata(out)
