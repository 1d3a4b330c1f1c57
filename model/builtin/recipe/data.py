"""Pictures, folds and augmented views, all from one seed."""

import csv
import os

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

FOLDS = 5


def load(root):
    """Reads ROOT/train.lst (tab-separated index, label, file) and ROOT/train/FILE.

    Returns uint8 (N, 3, 32, 32) RGB (an alpha channel is dropped, not
    composited) and int64 labels (N,)."""
    with open(os.path.join(root, "train.lst"), newline="") as f:
        rows = [row for row in csv.reader(f, delimiter="\t") if row]
    pictures = []
    for _, _, name in rows:
        with Image.open(os.path.join(root, "train", name)) as im:
            pictures.append(np.array(im)[..., :3].copy() if im.mode == "RGBA" else np.array(im.convert("RGB")))
    x = torch.tensor(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
    return x, torch.tensor([int(float(row[1])) for row in rows])


def folds(labels, seed=0):
    """Fold number 0..4 of every picture, stratified by label."""
    out = np.zeros(len(labels), np.int64)
    rng = np.random.default_rng(seed)
    for c in np.unique(labels):
        where = np.flatnonzero(np.asarray(labels) == c)
        rng.shuffle(where)
        out[where] = np.arange(len(where)) % FOLDS
    return torch.tensor(out)


def uniform(n, low, high, g):
    return low + (high - low) * torch.rand(n, generator=g)


def warp(x, g, scale=(0.72, 1.15), aspect=0.15, shift=0.12, turn=0.12):
    """Random zoom, stretch, shift, rotation (radians) and mirror of float pictures
    0..255, one draw a picture; what falls outside is reflected."""
    n = len(x)
    zoom = torch.exp(uniform(n, np.log(scale[0]), np.log(scale[1]), g))
    ratio = torch.exp(uniform(n, -aspect, aspect, g))
    angle = uniform(n, -turn, turn, g)
    mirror = torch.where(torch.rand(n, generator=g) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = mirror * zoom * ratio * cos, -zoom * sin
    theta[:, 1, 0], theta[:, 1, 1] = mirror * zoom * ratio * sin, zoom / ratio * cos
    # a zoom below 1 leaves room to move without leaving the picture
    room = shift + (1 - zoom).clamp(min=0)
    theta[:, 0, 2] = uniform(n, -1, 1, g) * room
    theta[:, 1, 2] = uniform(n, -1, 1, g) * room
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    return F.grid_sample(x, grid, "bicubic", "reflection", align_corners=False).clamp(0, 255)


def colour(x, g, strength=0.25):
    """Random brightness, contrast, saturation and per-channel gain."""
    n = len(x)
    draw = lambda s: uniform(n, 1 - s, 1 + s, g).view(n, 1, 1, 1)
    x = x * draw(strength)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * draw(strength) + mean
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * draw(2 * strength) + grey
    x = x * uniform(n, 0.9, 1.1, g).repeat(3, 1).T[torch.randperm(n, generator=g)].view(n, 3, 1, 1)
    return x.clamp(0, 255)


def partners(group, g):
    """For each picture another one of its own group (fold), so that a mixture
    never carries a picture over a fold's border."""
    out = torch.arange(len(group))
    for k in group.unique():
        where = torch.nonzero(group == k).flatten()
        out[where] = where[torch.randperm(len(where), generator=g)]
    return out


def mixed(a, b, g):
    """Half of the pictures blended, half with a rectangle of the other pasted in."""
    n = len(a)
    share = uniform(n, 0.0, 0.5, g).view(n, 1, 1, 1)
    blend = a * (1 - share) + b * share
    side = (share.flatten().sqrt() * a.shape[-1]).round().long()
    mask = torch.zeros(n, 1, *a.shape[-2:], dtype=torch.bool)
    for i, s in enumerate(side.tolist()):
        y, x = (torch.randint(0, a.shape[-1] - s + 1, (2,), generator=g)).tolist()
        mask[i, 0, y:y + s, x:x + s] = True
    paste = torch.where(mask, b, a)
    return torch.where(torch.rand(n, 1, 1, 1, generator=g) < 0.5, blend, paste)


def bank(x, group, plain, mixtures, seed):
    """Augmented views, uint8 (plain + mixtures + 2, N, 3, 32, 32).

    The first is the picture, the second its mirror image, then plain views,
    then mixtures within the group. View v of picture i belongs to group[i]."""
    g = torch.Generator().manual_seed(seed)
    xf = x.float()
    views = [xf, xf.flip(3)]
    for _ in range(plain):
        views.append(colour(warp(xf, g), g))
    for _ in range(mixtures):
        other = partners(group, g)
        views.append(mixed(colour(warp(xf, g), g), colour(warp(xf, g), g)[other], g))
    return torch.stack([v.round().to(torch.uint8) for v in views])
