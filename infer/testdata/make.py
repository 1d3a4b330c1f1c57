"""Makes the small models of this folder: python3 make.py, with onnx 1.23 and numpy.

odd.onnx   sizes that are multiples of nothing, so that ONNX Runtime computes its convolutions as plain matrix products
half.onnx  float16 in and out, insists on four pictures, scores shaped [N, classes, 1, 1]
Weights are pseudo-random from a fixed seed.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def manifest(element, size, classes):
    import json
    return json.dumps({
        "version": 1, "labels": [f"class_{i}" for i in range(classes)],
        "input": {"name": "x", "element": element, "layout": "NCHW", "width": size, "height": size, "channels": 3,
                  "channel_order": "RGB", "resize": {"mode": "stretch", "filter": "bilinear"}},
        "output": {"name": "y", "activation": "none"}}, separators=(",", ":"))


def save(name, nodes, weights, element, batch, size, out):
    kind = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}[element]
    graph = helper.make_graph(nodes, name,
                              [helper.make_tensor_value_info("x", kind, [batch, 3, size, size])],
                              [helper.make_tensor_value_info("y", kind, [batch] + out)],
                              [numpy_helper.from_array(w, n) for n, w in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="make.py")
    helper.set_model_props(model, {"scones.manifest": manifest(element, size, out[0])})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, name + ".onnx")


random = np.random.default_rng(7)


def conv(cout, cin, k, dtype=np.float32):
    return (random.standard_normal((cout, cin, k, k)) * (2 / (cin * k * k)) ** 0.5).astype(dtype)


weights = {"w1": conv(17, 3, 3) / 64, "w2": conv(33, 17, 3), "w3": conv(33, 33, 3),
           "w4": (random.standard_normal((257, 33)) / 6).astype(np.float32)}
save("odd", [
    helper.make_node("Conv", ["x", "w1"], ["a"], pads=[1] * 4), helper.make_node("Relu", ["a"], ["b"]),
    helper.make_node("Conv", ["b", "w2"], ["c"], pads=[1] * 4, strides=[2, 2]), helper.make_node("Relu", ["c"], ["d"]),
    helper.make_node("Conv", ["d", "w3"], ["e"], pads=[1] * 4), helper.make_node("Relu", ["e"], ["f"]),
    helper.make_node("GlobalAveragePool", ["f"], ["g"]), helper.make_node("Flatten", ["g"], ["h"]),
    helper.make_node("Gemm", ["h", "w4"], ["y"], transB=1),
], weights, "float32", "N", 33, [257])

weights = {"w1": conv(5, 3, 3, np.float16) / np.float16(256), "w2": conv(3, 5, 1, np.float16)}
save("half", [
    helper.make_node("Conv", ["x", "w1"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
    helper.make_node("GlobalAveragePool", ["b"], ["c"]), helper.make_node("Conv", ["c", "w2"], ["y"]),
], weights, "float16", 4, 6, [3, 1, 1])

# What ONNX Runtime's Python package says about half.onnx, for the pictures of TestSessionHalf.
import onnxruntime
x = (np.arange(4 * 3 * 6 * 6) * 37 % 256).astype(np.float16).reshape(4, 3, 6, 6)
print(onnxruntime.InferenceSession("half.onnx").run(None, {"x": x})[0].reshape(4, 3).astype(np.float32).tolist())
