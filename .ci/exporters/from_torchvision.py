"""A torchvision network, whose ONNX file says nothing of its pictures: the contract comes from flags, here "input" in
expected.json. The answers are those of torchvision's transforms on the opened file."""

import pathlib
import shutil

import torch
import torchvision
from PIL import Image
from torchvision import transforms

import case

LABELS = ["bicycle", "motorcycle"]


def all_cases(out):
    folder = pathlib.Path(out) / "torchvision-shufflenet"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    case.seed(6)
    model = torchvision.models.ShuffleNetV2([1, 1, 1], [8, 16, 16, 16, 32], num_classes=len(LABELS))
    case.calibrate(model, 49)
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    transform = transforms.Compose([transforms.Resize(54), transforms.CenterCrop(49), transforms.ToTensor(), transforms.Normalize(mean, std)])

    def logits(path):
        with torch.no_grad():
            return model(transform(Image.open(path).convert("RGB"))[None])[0]

    case.balance(model.fc, logits)
    torch.onnx.export(model, (torch.randn(2, 3, 49, 49),), str(folder / "model.onnx"), input_names=["x"], output_names=["y"],
                      dynamic_shapes=({0: torch.export.Dim("n")},), external_data=False, dynamo=True)
    flags = {"resize": {"mode": "short-side", "short_side": 54, "filter": "bilinear"}, "width": 49, "height": 49, "scale": 1 / 255,
             "mean": mean, "std": std}
    case.write(folder, f"torchvision {torchvision.__version__}", case.ask(lambda path: logits(path).softmax(0).tolist()), LABELS, input=flags)
