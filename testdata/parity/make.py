"""Plants causes: answers to testdata/images of other sides that do one thing differently, by Pillow, OpenCV and ONNX Runtime.

    pip install onnx onnxruntime onnxconverter-common pillow numpy opencv-python-headless
    python make.py

Each NAME.jsonl holds rows as `scones classify --format jsonl --top-k 0` writes them. The model is the built-in one. JPEG pictures are left
out, because their samples depend on the decoder that the reader of these files has, and so is grey of 16 bits, of which each makes 8 in its own way.
"""
import base64
import io
import json
import pathlib
import uuid

import cv2
import numpy as np
import onnx
import onnxruntime
from onnxconverter_common import float16
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
root = here.parent.parent
model = onnx.load(root / "model/builtin/model.onnx")
labels = (root / "model/builtin/labels.txt").read_text().split()
side = 32


def session(graph):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])


def float_input():
    """The model with an input of float32, which takes what no byte holds."""
    graph = onnx.ModelProto()
    graph.CopyFrom(model)
    graph.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    cast = graph.graph.node[0]
    assert cast.op_type == "Cast"
    for node in graph.graph.node:
        node.input[:] = [cast.input[0] if name == cast.output[0] else name for name in node.input]
    graph.graph.node.remove(cast)
    return graph


def without_softmax():
    graph = onnx.ModelProto()
    graph.CopyFrom(model)
    softmax = graph.graph.node[-1]
    assert softmax.op_type == "Softmax"
    graph.graph.output[0].name = softmax.input[0]
    graph.graph.node.remove(softmax)
    return graph


def shaken(share, seed):
    """Other weights: each is moved by a random share of its tensor's deviation."""
    random = np.random.default_rng(seed)
    graph = onnx.ModelProto()
    graph.CopyFrom(model)
    for tensor in graph.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim > 1:
            values = values + share * values.std() * random.standard_normal(values.shape).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float32), tensor.name))
    return graph


def decode(path, exif=True, background=None):
    image = Image.open(path)
    if exif:
        image = ImageOps.exif_transpose(image)
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if background is not None and transparent:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, (background,) * 3 + (255,))
        image = Image.alpha_composite(below, image)
    return image.convert("RGB")


def stretch(image, resample=Image.Resampling.BILINEAR):
    return np.asarray(image.resize((side, side), resample))


def opencv(image):
    return cv2.resize(np.asarray(image), (side, side), interpolation=cv2.INTER_LINEAR)


def crop(image):
    width, height = image.size
    if width <= height:
        size = side, int(side * height / width)
    else:
        size = int(side * width / height), side
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = round((image.width - side) / 2), round((image.height - side) / 2)
    return np.asarray(image.crop((left, top, left + side, top + side)))


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
exact, real, logits = session(model), session(float_input()), session(without_softmax())
int8 = session(onnx.load(root / "model/builtin/model.int8.onnx"))
half = session(float16.convert_float_to_float16(float_input(), keep_io_types=True))
shaken_little, shaken_much = session(shaken(0.1, 1)), session(shaken(0.5, 2))


def run(s, pixels):
    (answer,) = s.run(None, {s.get_inputs()[0].name: pixels[None]})
    return answer[0].astype(np.float32)


noise = np.random.default_rng(3)
FLOAT = np.float32
causes = {
    "same": lambda p: run(exact, stretch(decode(p))),
    "nearest": lambda p: run(exact, stretch(decode(p), Image.Resampling.NEAREST)),
    "opencv": lambda p: run(exact, opencv(decode(p))),
    "bicubic": lambda p: run(exact, stretch(decode(p), Image.Resampling.BICUBIC)),
    "lanczos": lambda p: run(exact, stretch(decode(p), Image.Resampling.LANCZOS)),
    "crop": lambda p: run(exact, crop(decode(p))),
    "bgr": lambda p: run(exact, np.ascontiguousarray(stretch(decode(p))[..., ::-1])),
    "grey": lambda p: run(exact, stretch(decode(p).convert("L").convert("RGB"))),
    "divided": lambda p: run(real, stretch(decode(p)).astype(FLOAT) / FLOAT(255)),
    "imagenet": lambda p: run(real, (stretch(decode(p)).astype(FLOAT) / FLOAT(255) - mean) / std),
    "exif": lambda p: run(exact, stretch(decode(p, exif=False))),
    "alpha": lambda p: run(exact, stretch(decode(p, background=0))),
    "jpeg": lambda p: run(exact, stretch(jpeg(decode(p), 95))),
    "order": lambda p: run(exact, stretch(decode(p)))[::-1],
    "twice": lambda p: softmax(run(exact, stretch(decode(p)))),
    "logits": lambda p: run(logits, stretch(decode(p))),
    "temperature": lambda p: softmax(run(logits, stretch(decode(p))) / FLOAT(2.5)),
    "float16": lambda p: run(half, stretch(decode(p)).astype(FLOAT)),
    "int8": lambda p: run(int8, stretch(decode(p))),
    # Two at once.
    "bgr-nearest": lambda p: run(exact, np.ascontiguousarray(stretch(decode(p), Image.Resampling.NEAREST)[..., ::-1])),
    "bgr-divided": lambda p: run(real, np.ascontiguousarray(stretch(decode(p))[..., ::-1]).astype(FLOAT) / FLOAT(255)),
    "bicubic-temperature": lambda p: softmax(run(logits, stretch(decode(p), Image.Resampling.BICUBIC)) / FLOAT(2)),
    # No cause.
    "noise": lambda p: softmax(run(logits, stretch(decode(p))) + FLOAT(0.01) * noise.standard_normal(2).astype(FLOAT)),
    "loud-noise": lambda p: softmax(run(logits, stretch(decode(p))) + FLOAT(0.5) * noise.standard_normal(2).astype(FLOAT)),
    "other-model-near": lambda p: run(shaken_little, stretch(decode(p))),
    "other-model-far": lambda p: run(shaken_much, stretch(decode(p))),
}

# Half of the pictures show everything: the tests try each of some hundred differences on each of them.
pictures = [p for p in sorted((root / "testdata/images").iterdir()) if p.suffix in (".png", ".bmp", ".webp") and "16bit-gray" not in p.name]
pictures = [p for i, p in enumerate(pictures) if i % 2 == 0 or "exif" in p.name]
pictures.append(root / "testdata/images/bicycle-tiff-exif-3.tiff")

for name, answer in causes.items():
    with open(here / f"{name}.jsonl", "w") as file:
        for picture in pictures:
            scores = answer(picture)
            # The shortest digits that read back to the same float32.
            top = [{"index": i, "label": labels[i], "score": float(str(FLOAT(scores[i])))} for i in np.argsort(-scores, kind="stable").tolist()]
            row = {"path": picture.relative_to(root).as_posix(), "label": top[0]["label"], "index": top[0]["index"], "score": top[0]["score"],
                   "width": 0, "height": 0, "error": "", "error_text": "", "top_k": top}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")

# Captures, byte for byte as SageMaker lays them out. The pictures are those of the test set at the model's size, as PNG.


def payload(kind, mode, data, encoding):
    return {"observedContentType": kind, "mode": mode, "data": data, "encoding": encoding}


def record(number, clock, given=None, answer=None, **metadata):
    data = {}
    if given:
        data["endpointInput"] = given
    if answer:
        data["endpointOutput"] = answer
    event = {"eventId": str(uuid.UUID(int=number + (4 << 76) + (8 << 60))), **metadata, "inferenceTime": clock}
    return {"captureData": data, "eventMetadata": event, "eventVersion": "0"}


def line(r):
    return json.dumps(r, separators=(",", ":"), ensure_ascii=False) + "\n"


def sent(picture):
    """A picture at the model's size as a client sends it, and the endpoint's answer as the container writes it."""
    pixels = stretch(decode(picture))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    image = payload("image/png", "INPUT", base64.b64encode(file.getvalue()).decode(), "BASE64")
    return image, json.dumps([float(v) for v in run(exact, pixels)])


def write(folder, hour, name, text):
    at = here / folder / "scones-test" / "AllTraffic" / hour
    at.mkdir(parents=True, exist_ok=True)
    (at / name).write_text(text, newline="")


good = [sent(p) for p in pictures[::3]]
answered = [(image, payload("application/json", "OUTPUT", answer, "JSON")) for image, answer in good]
write("captures", "2024/10/15/14", "05-12-996-00000000-0000-4000-8000-0000000000a1.jsonl",
      "".join(line(record(i, f"2024-10-15T14:05:{12 + i:02}Z", *answered[i])) for i in range(3)))
write("captures", "2024/10/16/09", "16-33-615-00000000-0000-4000-8000-0000000000a2.jsonl",
      "".join(line(record(i, f"2024-10-16T09:16:{33 + i:02}Z", *answered[i], inferenceId=f"call-{i}")) for i in range(3, len(answered))))

image, answer = good[0]
plain = payload("application/json", "OUTPUT", answer, "JSON")
odd = [
    line(record(1, "2024-10-15T14:00:01Z", image, payload(None, "OUTPUT", base64.b64encode(answer.encode()).decode(), "BASE64"), customAttributes=["trace=1"])),
    line(record(2, "2024-10-15T14:00:02Z", image, payload("text/csv; charset=utf-8", "OUTPUT", answer.strip("[]"), "CSV"))),
    line(record(3, "2024-10-15T14:00:03Z", None, plain)),
    line(record(4, "2024-10-15T14:00:04Z", image, None)),
    line(record(5, "2024-10-15T14:00:05Z", payload("text/csv", "INPUT", "1,2,3", "CSV"), plain)),
    line(record(6, "2024-10-15T14:00:06Z", payload("application/json", "INPUT", '{"instances":[1]}', "JSON"), plain)),
    line(record(7, "2024-10-15T14:00:07Z", image, payload("text/csv", "OUTPUT", "0.1,0.9\n0.2,0.8\n", "CSV"))),
    "no record at all\n",
    line(record(8, "2024-10-15T14:00:08Z", *answered[0]))[:500],
]
write("odd", "2024/10/15/14", "00-01-000-00000000-0000-4000-8000-0000000000b1.jsonl", "".join(odd))
(here / "odd" / "manifest.json").write_text('[{"prefix":"s3://bucket/input/"},"a.png"]\n')
