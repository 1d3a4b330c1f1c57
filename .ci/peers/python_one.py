"""Classifies one picture: the least Python that does it.

    python python_one.py MODEL PICTURE
"""

import sys

import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
pixels = np.asarray(Image.open(sys.argv[2]).convert("RGB"))[None]
scores = session.run(None, {session.get_inputs()[0].name: pixels})[0][0]
print(sys.argv[2], int(scores.argmax()), float(scores.max()), sep=",")
