"""Classifies a folder of pictures with onnxruntime, Pillow and numpy and writes a CSV file: the Python that scones is compared with.

    python python_peer.py SETTINGS-AS-JSON

Written to be fast: each worker takes a batch, decodes into one array and runs the session, and both Pillow and ONNX Runtime let go
of the interpreter's lock while they work. Prints one JSON object with the seconds from after the imports on.
"""

import csv
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import onnxruntime
from PIL import Image


@dataclass
class Settings:
    model: str
    folder: str
    out: str
    workers: int = 2
    batch: int = 16
    threads: int = 1  # inside ONNX Runtime
    processes: bool = False  # workers are processes instead of threads
    short_side: int = 0  # 0 takes the picture's own size
    crop: int = 0
    normalise: bool = False  # ImageNet's mean and deviation; else pixels as they are
    draft: bool = False  # lets libjpeg shrink while it decodes, to no less than 2 × short_side
    limit: int = 0  # pictures to take at most; 0 for all


MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
# (pixel / 255 - mean) / std in one multiplication and one addition.
FACTOR = (1 / (255 * STD))[:, None, None].astype(np.float32)
TERM = (-MEAN / STD)[:, None, None].astype(np.float32)


class Peer:
    """A session with the way from a file to its input."""

    def __init__(self, settings):
        self.settings = settings
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = settings.threads
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(settings.model, options, providers=["CPUExecutionProvider"])
        entry = self.session.get_inputs()[0]
        self.name, self.shape = entry.name, entry.shape[1:]
        self.pixels = np.uint8 if entry.type == "tensor(uint8)" else np.float32
        self.channels_first = self.shape[0] == 3

    def picture(self, path):
        """Reads a file into an array of height × width × 3."""
        s = self.settings
        with Image.open(path) as image:
            if s.draft:
                image.draft("RGB", (2 * s.short_side, 2 * s.short_side))
            if image.mode != "RGB":
                image = image.convert("RGB")
            if s.short_side:
                width, height = image.size
                short = min(width, height)
                size = (width * s.short_side // short, height * s.short_side // short)
                image = image.resize(size, Image.Resampling.BILINEAR)
                left, top = round((size[0] - s.crop) / 2), round((size[1] - s.crop) / 2)
                image = image.crop((left, top, left + s.crop, top + s.crop))
            return np.asarray(image)

    def classify(self, paths):
        """Returns class and score of the best class of each path."""
        batch = np.empty([len(paths), *self.shape], self.pixels)
        for row, path in zip(batch, paths):
            pixels = self.picture(path)
            if self.channels_first:
                pixels = pixels.transpose(2, 0, 1)
            if self.settings.normalise:
                np.multiply(pixels, FACTOR, out=row)
                row += TERM
            else:
                row[...] = pixels
        scores = self.session.run(None, {self.name: batch})[0]  # probabilities: the graph ends in softmax
        best = scores.argmax(1)
        return list(zip(best.tolist(), scores[np.arange(len(best)), best].tolist()))


process_peer = None  # of a worker process


def start_process(settings):
    global process_peer
    process_peer = Peer(settings)


def classify_in_process(paths):
    return process_peer.classify(paths)


def run(settings):
    paths = sorted(entry.path for entry in os.scandir(settings.folder))
    if settings.limit:
        paths = paths[: settings.limit]
    batches = [paths[i : i + settings.batch] for i in range(0, len(paths), settings.batch)]
    if settings.processes:
        pool, classify = ProcessPoolExecutor(settings.workers, initializer=start_process, initargs=(settings,)), classify_in_process
    else:
        pool, classify = ThreadPoolExecutor(settings.workers), Peer(settings).classify
    with pool, open(settings.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "index", "score"])
        for names, rows in zip(batches, pool.map(classify, batches)):
            writer.writerows((name, index, f"{score:.7g}") for name, (index, score) in zip(names, rows))
    return len(paths)


def main():
    settings = Settings(**json.loads(sys.argv[1]))
    start = time.perf_counter()
    pictures = run(settings)
    print(json.dumps({"pictures": pictures, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
