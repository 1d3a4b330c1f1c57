"""Loads model.tar.gz in MXNet and compares it with PyTorch's answers.

    check_mxnet.py MODEL.tar.gz EXPECTED.json

Needs MXNet 1.9.1 with numpy 1.23.5, in an environment of its own. Exits 1 when
a probability differs by more than 1e-5.
"""

import glob
import json
import re
import sys
import tarfile
import tempfile

import numpy as np

np.bool = bool  # MXNet 1.9.1 still uses the alias
import mxnet as mx  # noqa: E402

LIMIT = 1e-5


def pictures(count=8):
    """The pictures that run.py's expected() describes, float32 (N, 3, 32, 32)."""
    at = np.arange(count * 32 * 32 * 3, dtype=np.uint64)
    pixels = ((at * at * 2654435761 >> 13) % 256).astype(np.float32)
    return pixels.reshape(count, 32, 32, 3).transpose(0, 3, 1, 2)


def main(archive, answers):
    with open(answers) as f:
        want = np.array(json.load(f)["softmax"])
    x = pictures(len(want))
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
        epoch = int(re.search(r"-(\d{4})\.params$", glob.glob(folder + "/*.params")[0]).group(1))
        symbol, arg, aux = mx.model.load_checkpoint(folder + "/image-classification", epoch)
    module = mx.mod.Module(symbol, label_names=["softmax_label"], context=mx.cpu())
    module.bind([("data", x.shape)], [("softmax_label", (len(x),))], for_training=False)
    module.set_params(arg, aux)
    module.forward(mx.io.DataBatch([mx.nd.array(x)], [mx.nd.zeros(len(x))]), is_train=False)
    off = float(abs(module.get_outputs()[0].asnumpy() - want).max())
    print(f"{len(x)} pictures, largest difference {off:.2g}")
    return off > LIMIT


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
