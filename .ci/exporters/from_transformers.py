"""Hugging Face folders: tiny networks of transformers, exported, with each kind of image processor. The answers are those of the
image classification pipeline on the files, with the processors that use Pillow unless a case says torchvision."""

import json
import pathlib
import shutil

import torch
import transformers
from transformers import pipeline
from transformers.exporters.exporter_onnx import OnnxConfig, OnnxExporter
from transformers.image_utils import load_image

import case

LABELS = ["bicycle", "motorcycle", "it's \"neither\"", "čtyřkolka"]


def names(labels):
    return {"id2label": dict(enumerate(labels)), "label2id": {name: i for i, name in enumerate(labels)}}


def vit(size, labels=LABELS, **more):
    case.seed(1)
    config = transformers.ViTConfig(image_size=size, patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                                    intermediate_size=48, **names(labels), **more)
    return transformers.ViTForImageClassification(config).eval()


def convnext(labels=LABELS):
    case.seed(2)
    config = transformers.ConvNextConfig(hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_scale_init_value=1.0, **names(labels))
    return transformers.ConvNextForImageClassification(config).eval()


def resnet(size, labels=LABELS, **more):
    case.seed(3)
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", **names(labels), **more)
    return case.calibrate(transformers.ResNetForImageClassification(config), size)


def export_new(model, folder, size):
    """transformers' own exporter: weights lie beside the graph in model.onnx.data."""
    OnnxExporter().export(model, {"pixel_values": torch.randn(2, 3, size, size)}, config=OnnxConfig(dynamic=True)).save_pretrained(folder)
    (folder / "export.json").unlink()


def export_old(model, folder, size):
    """The tracing exporter with the names and open sizes that the exporters before it used."""
    axes = {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"}
    torch.onnx.export(model, (torch.randn(2, 3, size, size),), str(folder / "model.onnx"), dynamo=False, opset_version=17,
                      input_names=["pixel_values"], output_names=["logits"],
                      dynamic_axes={"pixel_values": axes, "logits": {0: "batch_size"}})
    model.config.save_pretrained(folder)


def make(out, name, model, size, processor, export=export_old, nested=False, old=None, kind=None):
    """Makes one case. old is a preprocessor_config.json for the library to read; kind is a class name that replaces the one that the
    library writes today."""
    folder = pathlib.Path(out) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = folder / "preprocessor_config.json"
    if old:
        written.write_text(json.dumps(old, indent=2) + "\n")
        processor = type(processor).from_pretrained(folder)
    else:
        processor.save_pretrained(folder)
    if kind:
        written.write_text(written.read_text().replace(type(processor).__name__, kind))

    last = model.classifier[-1] if isinstance(model.classifier, torch.nn.Sequential) else model.classifier
    case.balance(last, lambda path: model(**processor(load_image(path), return_tensors="pt")).logits[0])
    export(model, folder, size)
    if nested:
        (folder / "onnx").mkdir()
        (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")

    classify = pipeline("image-classification", model=model, image_processor=processor, device="cpu")
    labels = [model.config.id2label[i] for i in range(model.config.num_labels)]

    def ask(path):
        by_name = {row["label"]: row["score"] for row in classify(path, top_k=len(labels))}
        return [by_name[label] for label in labels]

    case.write(folder, f"transformers {transformers.__version__}", case.ask(ask), labels, backend=processor.backend)


def all_cases(out):
    t = transformers
    square = {"height": 40, "width": 40}
    pixels = dict(do_normalize=False, do_rescale=True)  # 0 to 1
    make(out, "hf-vit", vit(40), 40, t.ViTImageProcessorPil(size=square), export_new)
    make(out, "hf-vit-torchvision", vit(40), 40, t.ViTImageProcessor(size=square), kind="ViTImageProcessorFast")
    make(out, "hf-vit-old-config", vit(40), 40, t.ViTImageProcessorPil(), nested=True, old={
        "do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.5, 0.6, 0.7], "resample": 1, "size": 40})
    make(out, "hf-convnext", convnext(), 64, t.ConvNextImageProcessorPil(size={"shortest_edge": 67}))
    make(out, "hf-resnet-clip", resnet(33), 33, t.CLIPImageProcessorPil(size={"shortest_edge": 38}, crop_size=33))
    make(out, "hf-resnet-mobilevit", resnet(40), 40, t.MobileViTImageProcessorPil(
        size={"shortest_edge": 45}, crop_size={"height": 32, "width": 41}))
    make(out, "hf-resnet-deit", resnet(40), 40, t.DeiTImageProcessorPil(size={"height": 47, "width": 44}, crop_size={"height": 36, "width": 41}))
    make(out, "hf-resnet-efficientnet", resnet(40), 40, t.EfficientNetImageProcessorPil(size=square, resample=0, rescale_offset=True,
                                                                                         rescale_factor=1 / 127.5))
    make(out, "hf-resnet-levit", resnet(40), 40, t.LevitImageProcessorPil(size={"shortest_edge": 41}, crop_size={"height": 40, "width": 40}))
    make(out, "hf-resnet-poolformer", resnet(40), 40, t.PoolFormerImageProcessorPil(size={"shortest_edge": 41}, crop_size=square, crop_pct=0.95))
    make(out, "hf-resnet-multi-label", resnet(40, LABELS[:3], problem_type="multi_label_classification"), 40,
         t.BitImageProcessorPil(size={"shortest_edge": 40}, crop_size=square, **pixels))
