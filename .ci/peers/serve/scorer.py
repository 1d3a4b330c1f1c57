"""The model in ONNX Runtime and pictures by Pillow, for servers of other makes."""

import io
import os

import numpy
import onnxruntime
from PIL import Image

MODEL = os.environ.get("PEER_MODEL", "")


class Scorer:
    """The model in ONNX Runtime; a call scores a batch."""

    def __init__(self, model, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name

    @staticmethod
    def decode(data):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        if picture.size != (32, 32):
            picture = picture.resize((32, 32), Image.BILINEAR)
        return numpy.asarray(picture)

    def scores(self, pictures):
        return self.session.run(None, {self.input: numpy.stack(pictures)})[0]
