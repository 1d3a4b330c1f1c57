"""The teacher: the pretrained encoder with its top blocks fine-tuned.

The lower blocks stay as they are and saw no label, so their tokens are computed
once for all folds. What learns from labels (the top blocks, the norm and the
head) is fitted anew for each fold, on that fold's training pictures alone.
"""

import copy
import math

import numpy as np
import torch
from torch import multiprocessing as mp
from torch import nn
from torch.nn import functional as F

SIZE, DEPTH, TOP = 112, 12, 3  # side in pixels; blocks in all; blocks that are fine-tuned
EPOCHS, BATCH = 3, 32
RATE_BLOCKS, RATE_HEAD, DECAY, SMOOTH = 5e-5, 1e-3, 0.05, 0.05


def cache(encoder, views, path, workers=2, batch=50):
    """Writes the lower blocks' tokens of views (V, N, 3, 32, 32) to a float16
    .npy of shape (V, N, T, 384), each worker on one thread."""
    shape = encoder.tokens(views[0, :1]).shape[1:]
    np.lib.format.open_memmap(path, "w+", "f2", (*views.shape[:2], *shape)).flush()
    side_by_side(fill, [(encoder, views, path, range(k, len(views), workers), batch) for k in range(workers)])


def side_by_side(target, arguments):
    """Calls target in a process of its own for each tuple of arguments."""
    jobs = [mp.Process(target=target, args=a) for a in arguments]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
        if job.exitcode:
            raise SystemExit(f"{target.__module__}.{target.__name__} failed with {job.exitcode}")


def fill(encoder, views, path, which, batch):
    torch.set_num_threads(1)
    out = np.load(path, mmap_mode="r+")
    for v in which:
        for i in range(0, views.shape[1], batch):
            out[v, i:i + batch] = encoder.lower(views[v, i:i + batch], DEPTH - TOP).half().numpy()
    out.flush()


class Top(nn.Module):
    """Tokens of the lower blocks -> logit of class 1."""

    def __init__(self, encoder):
        super().__init__()
        self.blocks = copy.deepcopy(encoder.blocks[DEPTH - TOP:])
        self.norm = copy.deepcopy(encoder.norm)
        self.head = nn.Linear(2 * self.norm.normalized_shape[0], 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.requires_grad_(True)

    def forward(self, tokens):
        x = self.norm(self.blocks(tokens))
        return self.head(torch.cat([x[:, 0], x[:, 1:].mean(1)], 1)).squeeze(1)


def train(encoder, tokens, labels, pick, plain, seed, log):
    """A Top fitted to pictures pick (indices) of tokens (V, N, T, 384), of which the
    first plain views show one picture each."""
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    top = Top(encoder)
    body = [*top.blocks.parameters(), *top.norm.parameters()]
    opt = torch.optim.AdamW([{"params": body, "lr": RATE_BLOCKS}, {"params": top.head.parameters(), "lr": RATE_HEAD}],
                            weight_decay=DECAY)
    peaks = [group["lr"] for group in opt.param_groups]
    steps, step = EPOCHS * (len(pick) // BATCH), 0
    target = labels.float() * (1 - SMOOTH) + SMOOTH / 2
    for epoch in range(EPOCHS):
        order, total = pick[torch.randperm(len(pick), generator=g)], 0.0
        for i in range(0, len(order) - BATCH + 1, BATCH):
            rate = min(1.0, (step + 1) / 10) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            for group, peak in zip(opt.param_groups, peaks):
                group["lr"] = peak * rate
            own = order[i:i + BATCH]
            view = torch.randint(0, plain, (len(own),), generator=g)
            x = torch.from_numpy(tokens[view.numpy(), own.numpy()]).float()
            loss = F.binary_cross_entropy_with_logits(top(x), target[own])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
            step += 1
        log(f"teacher epoch {epoch + 1}/{EPOCHS} loss {total * BATCH / len(order):.4f}")
    return top.eval()


@torch.inference_mode()
def judge(top, tokens, pick, batch=100):
    """Logits (V, len(pick)) of class 1."""
    rows = []
    for v in range(len(tokens)):
        parts = [top(torch.from_numpy(tokens[v, pick[i:i + batch].numpy()]).float()) for i in range(0, len(pick), batch)]
        rows.append(torch.cat(parts))
    return torch.stack(rows)
