"""Compares `scones quantize` with ONNX Runtime's own quantizer on the same float32 files.

    python3 -m venv v && v/bin/pip install -r .ci/peers/quantizer.txt
    v/bin/python .ci/peers/quantizer.py FLOAT.onnx INT8.onnx [FLOAT.onnx INT8.onnx ...]

INT8.onnx is what `scones quantize` made of FLOAT.onnx. For every pair ONNX Runtime's quantize_static makes the twins that its
documentation offers for processors, per channel; then all files of the pair are run in turns on one thread, and the median of the
ratios to float32 is printed. Pictures are random: they decide neither side's speed. CPU time is used, so that other work on the
machine weighs less. Agreement is judged by `scones quantize` itself, on real pictures.
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time

import numpy
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

ROUNDS = int(os.environ.get("ROUNDS", "11"))
CALIBRATION = 4

# Name, form, activations, weights, weights of 7 bits.
THEIRS = [
    ("QDQ s8s8 (its default)", QuantFormat.QDQ, QuantType.QInt8, QuantType.QInt8, False),
    ("QDQ u8s8, 7 bits", QuantFormat.QDQ, QuantType.QUInt8, QuantType.QInt8, True),
    ("QDQ u8u8", QuantFormat.QDQ, QuantType.QUInt8, QuantType.QUInt8, False),
    ("QOperator u8s8, 7 bits", QuantFormat.QOperator, QuantType.QUInt8, QuantType.QInt8, True),
]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Random(CalibrationDataReader):
    """A few random pictures of the model's input."""

    def __init__(self, value):
        self.left = [{value.name: pictures(value, 1, seed)} for seed in range(CALIBRATION)]

    def get_next(self):
        return self.left.pop() if self.left else None


def pictures(value, count, seed):
    rng = numpy.random.default_rng(seed)
    shape = [count, *value.shape[1:]]
    if value.type == "tensor(uint8)":
        return rng.integers(0, 256, shape, dtype=numpy.uint8)
    return rng.standard_normal(shape, dtype=numpy.float32)


def theirs(float_path, folder):
    """The peer's twins; one that it cannot make is left out with its reason."""
    prepared = folder / "prepared.onnx"
    quant_pre_process(str(float_path), str(prepared), skip_symbolic_shape=True)
    value = session(float_path).get_inputs()[0]
    for i, (name, form, activations, weights, narrow) in enumerate(THEIRS):
        out = folder / f"{i}.onnx"
        try:
            quantize_static(str(prepared), str(out), Random(value), quant_format=form, per_channel=True, reduce_range=narrow,
                            activation_type=activations, weight_type=weights)
            yield name, session(out)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the row says so
            print(f"  {name}: {str(problem)[:200]}", file=sys.stderr)


def compare(float_path, int8_path):
    with tempfile.TemporaryDirectory() as folder:
        subjects = [("float32", session(float_path)), ("scones", session(int8_path)), *theirs(float_path, pathlib.Path(folder))]
        value = subjects[0][1].get_inputs()[0]
        count = 16 if value.shape[1] != 3 and value.shape[1] < 64 else 4
        batch = pictures(value, count, 99)
        times = {name: [] for name, _ in subjects}
        for round_ in range(ROUNDS + 1):
            for name, runner in subjects:
                start = time.process_time()
                runner.run(None, {runner.get_inputs()[0].name: batch})
                if round_:  # the first warms up
                    times[name].append(time.process_time() - start)
    print(f"{pathlib.Path(float_path).name}: batch {count}, {ROUNDS} rounds, ONNX Runtime {onnxruntime.__version__}")
    for name, spent in times.items():
        ratio = statistics.median(f / t for f, t in zip(times["float32"], spent))
        print(f"  {name:24} {1000 * statistics.median(spent) / count:9.3f} ms a picture  {ratio:5.2f} x float32")


def main(paths):
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    for float_path, int8_path in zip(paths[::2], paths[1::2]):
        compare(float_path, int8_path)


if __name__ == "__main__":
    main(sys.argv[1:])
