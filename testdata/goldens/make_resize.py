#!/usr/bin/env python3
"""Resize small pictures with each of Pillow's filters, to sizes that reduce, enlarge and keep each side.

Usage: make_resize.py OUT_DIR      needs: Pillow 13 (it decides by the sizes which direction comes first), numpy

OUT_DIR/WIDTHxHEIGHT.MODE.png                        the picture
OUT_DIR/WIDTHxHEIGHT.MODE.FILTER.WIDTHxHEIGHT.png    what resize gives
"""
import pathlib
import sys

import numpy as np
from PIL import Image

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(7)
filters = dict(nearest=Image.NEAREST, bilinear=Image.BILINEAR, bicubic=Image.BICUBIC, lanczos=Image.LANCZOS)
targets = {
    (40, 31, "RGB"): [(17, 13), (40, 12), (9, 31), (64, 50), (64, 20), (11, 45), (1, 1)],
    (23, 60, "L"): [(16, 16), (23, 33), (46, 7), (5, 80)],
    (1, 9, "RGB"): [(6, 4)],
}
for (w, h, mode), sizes in targets.items():
    # Noise with extremes, so that filters overshoot and every rounding shows.
    pixels = rng.integers(-80, 336, (h, w, 3)).clip(0, 255).astype("u1")
    im = Image.fromarray(pixels).convert(mode)
    im.save(out / f"{w}x{h}.{mode}.png", optimize=True)
    for to in sizes:
        for name, f in filters.items():
            im.resize(to, f).save(out / f"{w}x{h}.{mode}.{name}.{to[0]}x{to[1]}.png", optimize=True)
