"""Ultralytics classification networks. Two cases: the library's own network through its own exporter, made only where asked for
because what the library writes is under its licence; and a network of ours under metadata of the same shape. The answers are
those of the library's predict and of its reader and transforms."""

import os
import pathlib
import shutil
import tempfile

os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp())
os.environ.setdefault("YOLO_AUTOINSTALL", "false")
os.environ.setdefault("YOLO_OFFLINE", "true")

import cv2
import onnx
import torch
import ultralytics
import yaml
from PIL import Image
from ultralytics.data.augment import classify_transforms
from ultralytics.utils.patches import imread

import case

LABELS = ["bicycle", "motorcycle", "it's neither", 'a "trike"']
SIZE = 64


def folder_of(out, name):
    folder = pathlib.Path(out) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def tensor(path):
    """Reads and transforms a picture as the library's datasets do."""
    return classify_transforms(SIZE)(Image.fromarray(cv2.cvtColor(imread(path), cv2.COLOR_BGR2RGB)))[None]


def own_metadata(out):
    folder = folder_of(out, "ultralytics-metadata")
    case.seed(8)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 5, 2, 2), torch.nn.ReLU(), torch.nn.Conv2d(8, 16, 5, 2, 2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(), torch.nn.Linear(16, len(LABELS)), torch.nn.Softmax(1)).eval()
    case.balance(net[6], lambda path: net[:7](tensor(path))[0])
    path = folder / "model.onnx"
    torch.onnx.export(net, (torch.randn(1, 3, SIZE, SIZE),), str(path), dynamo=False, opset_version=17, input_names=["images"],
                      output_names=["output0"])
    graph = onnx.load(path)
    for key, value in {"author": "Ultralytics", "version": ultralytics.__version__, "task": "classify", "stride": 1, "batch": 1,
                       "imgsz": [SIZE, SIZE], "names": dict(enumerate(LABELS)), "channels": 3}.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(graph, path)

    def ask(path):
        with torch.inference_mode():
            return net(tensor(path))[0].tolist()

    case.write(folder, f"ultralytics {ultralytics.__version__}", case.ask(ask), LABELS)


def exported(out):
    folder = folder_of(out, "ultralytics-export")
    case.seed(9)
    plan = folder / "tiny-cls.yaml"
    plan.write_text(yaml.safe_dump({
        "nc": len(LABELS), "backbone": [[-1, 1, "Conv", [16, 3, 2]], [-1, 1, "C2f", [16, True]], [-1, 1, "Conv", [32, 3, 2]]],
        "head": [[-1, 1, "Classify", [len(LABELS)]]]}))
    model = ultralytics.YOLO(str(plan), task="classify")
    case.calibrate(model.model, SIZE)
    net = model.model.eval()
    # In evaluation the head gives probabilities and logits.
    case.balance(net.model[-1].linear, lambda path: net(tensor(path))[1][0])
    model.model.names = dict(enumerate(LABELS))
    model.overrides["imgsz"] = SIZE
    answers = case.ask(lambda path: model.predict(path, imgsz=SIZE, verbose=False)[0].probs.data.tolist())
    written = pathlib.Path(model.export(format="onnx", imgsz=SIZE, simplify=False))
    shutil.move(written, folder / "model.onnx")
    plan.unlink()
    case.write(folder, f"ultralytics {ultralytics.__version__}", answers, LABELS,
               tolerance=1e-4)  # the exporter joins convolutions and normalisation: 3e-5 on equal tensors


def all_cases(out, fresh):
    own_metadata(out)
    if fresh:
        exported(out)
