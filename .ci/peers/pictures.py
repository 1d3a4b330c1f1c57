"""Draws the pictures of the comparison, the same every time.

    python pictures.py FOLDER SET COUNT        SET is small, photo or imagenet

A file that exists is not drawn again. Sets have fewer distinct pictures than files: the others are hard links, which cost no disk
and are decoded all the same. Runs in a process of its own, so that its memory is not counted as that of what is measured.
"""

import os
import pathlib
import sys

import numpy as np
from PIL import Image

# Name: width, height, distinct pictures, format and its settings. Photos come out at 2 to 5 MB.
SETS = {
    "small": (32, 32, 10_000, "png", {}),
    "photo": (4000, 3000, 30, "jpg", {"quality": 87}),
    "imagenet": (500, 375, 100, "jpg", {"quality": 92}),
}


def canvas(generator, width, height):
    """Blobs of all sizes with contrast falling with size as in photos, and a sensor's grain."""
    total = np.full((height, width, 3), 110, np.float32)
    cell = max(width, height)
    while cell >= 2:
        grid = generator.normal(0, 1, (max(2, height // cell + 2), max(2, width // cell + 2), 1))
        tint = generator.normal(0, 0.35, grid.shape[:2] + (3,))
        octave = np.clip(128 + 40 * (grid + tint), 0, 255).astype(np.uint8)
        grown = Image.fromarray(octave).resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(grown, np.float32) - 128) * (cell / max(width, height)) ** 0.25
        cell //= 2
    total += generator.normal(0, 2.5, (height, width, 1)).astype(np.float32)
    return np.clip(total, 0, 255).astype(np.uint8)


def draw(folder, kind):
    """Draws the distinct pictures: windows of one canvas, turned and toned so that no two are alike."""
    width, height, distinct, suffix, how = SETS[kind]
    missing = [i for i in range(distinct) if not (folder / f"{i:05}.{suffix}").exists()]
    if not missing:
        return
    generator = np.random.default_rng(7)
    room = canvas(generator, width * 5 // 4 + 1000, height * 5 // 4 + 1000)
    for i in range(distinct):
        top, left = (int(generator.integers(0, limit)) for limit in (room.shape[0] - height, room.shape[1] - width))
        gain, mirrored = generator.uniform(0.7, 1.2), generator.random() < 0.5
        if i not in missing:
            continue
        window = room[top : top + height, left : left + width]
        if mirrored:
            window = window[:, ::-1]
        table = np.clip(np.arange(256) * gain, 0, 255).astype(np.uint8)
        part = folder / f"{i:05}.part"
        Image.fromarray(table[window]).save(part, {"jpg": "JPEG", "png": "PNG"}[suffix], **how)
        part.rename(folder / f"{i:05}.{suffix}")


def main():
    root, kind, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    distinct, suffix = SETS[kind][2], SETS[kind][3]
    drawn = root / f"{kind}-drawn"
    drawn.mkdir(parents=True, exist_ok=True)
    draw(drawn, kind)
    folder = root / f"{kind}-{count}"
    folder.mkdir(exist_ok=True)
    for i in range(count):
        link = folder / f"{i:05}.{suffix}"
        if not link.exists():
            os.link(drawn / f"{i % distinct:05}.{suffix}", link)


main()
