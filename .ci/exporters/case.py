"""A case: a folder with a model of another library, and what that library says of the project's own pictures."""

import json
import pathlib

import numpy as np
import onnx
import torch

PICTURES = pathlib.Path(__file__).parents[2] / "testdata" / "images"

# Sizes that make every rounding matter (odd margins, both directions, smaller than the model's size), and formats whose pixels
# are the same with every decoder. The last turns by EXIF.
EXACT = [
    "bicycle-png-32x32.png", "bicycle-png-rgb.png", "bicycle-png-palette-4bit-interlaced.png", "motorcycle-png-interlaced.png",
    "motorcycle-bmp-palette.bmp", "bicycle-bmp-24bit.bmp", "motorcycle-png-rgba.png", "bicycle-tiff-uncompressed.tiff",
    "bicycle-webp-lossless-alpha.webp", "motorcycle-png-exif-6.png",
]
# JPEG decoders differ by a few of 255, so these are compared more loosely.
LOSSY = ["motorcycle-jpeg-440.jpg", "motorcycle-jpeg-exif-6.jpg", "bicycle-jpeg-exif-7.jpg"]


def seed(number=1):
    torch.manual_seed(number)
    np.random.seed(number)


def balance(layer, logits):
    """Changes the last layer of a random network so that its logits of the pictures spread by 1.5 about zero in every class: then
    answers depend on the picture, and a wrong pixel shows. logits takes a path and returns one row."""
    with torch.no_grad():
        rows = torch.stack([logits(str(PICTURES / name)) for name in EXACT])
        by = 1.5 / rows.std(0)
        layer.weight.mul_(by[:, None])
        layer.bias.sub_(rows.mean(0)).mul_(by)


def calibrate(model, size):
    """Runs a network with batch normalisation in training mode on noise, so that its statistics are those of some data."""
    model.train()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(16, 3, size, size))
    return model.eval()


def strip(path):
    """Takes out the notes of PyTorch's exporter about its own work: they are most of a small file and name the machine's folders.
    The file's own metadata stay."""
    file = onnx.load(path, load_external_data=False)
    graph = file.graph
    for part in [graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer, *file.functions]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    onnx.save(file, path)


def write(folder, library, answers, labels, **more):
    """Writes expected.json: answers is picture -> probabilities in class order."""
    for path in pathlib.Path(folder).rglob("model.onnx"):
        strip(path)
    expected = {"library": library, "labels": labels, "answers": {k: [float(x) for x in v] for k, v in answers.items()}, **more}
    text = json.dumps(expected, indent=1)
    (pathlib.Path(folder) / "expected.json").write_text(text + "\n")


def ask(classify, pictures=None):
    """Asks for every picture: classify takes a path and returns probabilities."""
    return {name: classify(str(PICTURES / name)) for name in pictures or EXACT + LOSSY}
