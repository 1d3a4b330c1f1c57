"""Makes the artifacts of testdata/mxnet/operators, one an operator or a trap, and MXNet's own answers to them.

    pip install mxnet==1.9.1 numpy==1.23.5    # Python 3.11 works
    python make.py operators                  # the committed cases
    python make.py deep FOLDER                # ResNet-56 and ResNet-152 with random weights, too large to commit

Every operators/NAME.tar.gz is packed as SageMaker packs a model; operators/NAME.npy is what MXNet 1.9.1 (CPU) answers to
operators/data.npy, which is float32 [2, 3, 6, 7]. Weights are random with a fixed seed. Networks that do not end in scores end in
a Flatten, so that the whole tensor is compared.
"""
import gzip
import io
import json
import os
import sys
import tarfile

os.environ["MXNET_SUBGRAPH_BACKEND"] = "NONE"  # its fusion refuses a convolution that is read twice

import mxnet as mx
import numpy as np

sym = mx.sym
SHAPE = (2, 3, 6, 7)


def pack(path, symbol_json, params, shape):
    """Packs files with fixed times and owners, so that the bytes depend on the content only."""
    files = {
        "image-classification-0007.params": params,
        "model-shapes.json": json.dumps([{"shape": list(shape), "name": "data"}]).encode(),
        "image-classification-symbol.json": symbol_json.encode(),
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1600000000
            tar.addfile(info, io.BytesIO(data))
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(raw.getvalue())


def weights(net, shape, rng):
    """Random weights: statistics of normalisations are far from 0 and 1, stored gammas far from 1."""
    arg_shapes, _, aux_shapes = net.infer_shape(data=shape)
    args, auxs = {}, {}
    for name, s in zip(net.list_arguments(), arg_shapes):
        if name == "data" or "label" in name:
            continue
        if name.endswith("_gamma"):
            v = rng.uniform(0.5, 1.5, s)
        elif name.endswith("_weight") and len(s) > 1:
            v = rng.normal(0, np.sqrt(2 / np.prod(s[1:])), s)
        else:
            v = rng.normal(0, 0.5, s)
        args[name] = mx.nd.array(v.astype("float32"))
    for name, s in zip(net.list_auxiliary_states(), aux_shapes):
        v = rng.uniform(0.5, 2, s) if name.endswith("_var") else rng.normal(0, 0.5, s)
        auxs[name] = mx.nd.array(v.astype("float32"))
    return args, auxs


def answer(net, data, args, auxs):
    bound = dict(args, data=mx.nd.array(data))
    shapes, _, _ = net.infer_shape(data=data.shape)
    for name, s in zip(net.list_arguments(), shapes):
        if name not in bound:
            bound[name] = mx.nd.zeros(s)
    return net.bind(mx.cpu(), bound, aux_states=auxs).forward(is_train=False)


def params_of(args, auxs, folder):
    path = os.path.join(folder, ".params")
    named = {"arg:" + k: v for k, v in args.items()}
    named.update({"aux:" + k: v for k, v in auxs.items()})
    mx.nd.save(path, named)
    with open(path, "rb") as f:
        data = f.read()
    os.remove(path)
    return data


def as_old(text):
    """Rewrites a symbol as MXNet 0.8 wrote it: no auxiliary variables, references of two numbers, attributes under param."""
    s = json.loads(text)
    drop = {i for i, n in enumerate(s["nodes"]) if n["op"] == "null" and "_moving_" in n["name"]}
    new, kept = {}, []
    for i, n in enumerate(s["nodes"]):
        if i in drop:
            continue
        new[i] = len(kept)
        n["inputs"] = [[new[a], b] for a, b, *_ in n["inputs"] if a not in drop]
        n["param"] = n.pop("attrs", {})
        n["backward_source_id"] = -1
        kept.append(n)
    heads = [[new[a], b] for a, b, *_ in s["heads"]]
    args = [i for i, n in enumerate(kept) if n["op"] == "null"]
    return json.dumps({"nodes": kept, "arg_nodes": args, "heads": heads})


def cases():
    """Yields name, network, and what to do to its JSON."""
    x = sym.Variable("data")
    flat = lambda s: sym.Flatten(s, name="flat")
    conv = lambda s, name="conv", **k: sym.Convolution(s, name=name, **dict(dict(num_filter=4, kernel=(3, 3)), **k))
    bn = lambda s, name="bn", **k: sym.BatchNorm(s, name=name, **k)

    yield "batchnorm-defaults", flat(bn(x))
    yield "batchnorm-free-gamma", flat(bn(x, fix_gamma=False, eps=2e-5))
    yield "batchnorm-old-file", flat(bn(conv(bn(x, "bn_data", fix_gamma=True)), fix_gamma=False)), as_old
    yield "conv", flat(conv(x))
    yield "conv-stride-pad", flat(conv(x, stride=(2, 1), pad=(1, 2), no_bias=True))
    yield "conv-dilate", flat(conv(x, dilate=(2, 1)))
    yield "conv-groups", flat(conv(x, num_filter=6, num_group=3))
    yield "conv-batchnorm", flat(bn(conv(x, pad=(1, 1))))
    yield "conv-nobias-batchnorm", flat(bn(conv(x, no_bias=True, num_group=1), fix_gamma=False))
    yield "conv-batchnorm-twice", flat(bn(bn(conv(x), "bn1", fix_gamma=False), "bn2", fix_gamma=False))
    yield "conv-cast-batchnorm", flat(bn(sym.Cast(conv(x), dtype="float32", name="cast"), fix_gamma=False))
    shared = conv(x, name="shared")
    yield "conv-read-twice", flat(shared + bn(shared, fix_gamma=False))
    w, b = sym.Variable("w_weight"), sym.Variable("w_bias")
    yield "conv-shared-weight", flat(bn(conv(x, "a", weight=w, bias=b), fix_gamma=False) + conv(x * 2, "b", weight=w, bias=b))
    yield "conv-shared-weight-only", flat(conv(x, "a", weight=w, no_bias=True) + bn(conv(x * 2, "b", weight=w, no_bias=True), fix_gamma=False))
    yield "conv-shared-bias-only", flat(bn(conv(x, "a", bias=b), fix_gamma=False) + conv(x * 2, "b", bias=b))
    yield "data-batchnorm-padded-conv", flat(conv(bn(x, "bn_data", eps=2e-5), pad=(1, 1), no_bias=True))
    for act in "relu", "sigmoid", "tanh", "softrelu", "softsign":
        yield "activation-" + act, flat(sym.Activation(x, act_type=act, name="act"))
    for act in "leaky", "elu", "selu", "gelu", "prelu":
        yield "leakyrelu-" + act, flat(sym.LeakyReLU(x, act_type=act, slope=0.3, name="act"))
    yield "leakyrelu-default", flat(sym.LeakyReLU(x, name="act"))
    for name in "relu", "sigmoid", "tanh", "softsign":
        yield "op-" + name, flat(getattr(sym, name)(x, name="act"))

    pool = lambda **k: flat(sym.Pooling(x, name="pool", **k))
    yield "pool-max", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="max")
    yield "pool-max-full", pool(kernel=(3, 2), stride=(2, 2), pool_type="max", pooling_convention="full")
    yield "pool-max-full-pad", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="max", pooling_convention="full")
    yield "pool-avg", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg")
    yield "pool-avg-uncounted", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg", count_include_pad=False)
    yield "pool-avg-full", pool(kernel=(3, 2), stride=(2, 2), pool_type="avg", pooling_convention="full")
    yield "pool-avg-full-pad", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg", pooling_convention="full")
    yield "pool-avg-full-pad-uncounted", pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg", pooling_convention="full", count_include_pad=False)
    yield "pool-global-avg", pool(kernel=(7, 7), global_pool=True, pool_type="avg")
    yield "pool-global-max", pool(kernel=(1, 1), global_pool=True, pool_type="max", pad=(0, 0))
    yield "pool-default-stride", pool(kernel=(2, 3), pool_type="avg")

    fc = lambda s, name="fc", **k: sym.FullyConnected(s, name=name, num_hidden=5, **k)
    yield "fc", fc(x)
    yield "fc-no-bias", fc(flat(x), no_bias=True)
    yield "fc-unflattened", flat(fc(x, flatten=False))
    yield "fc-unflattened-no-bias", flat(fc(x, flatten=False, no_bias=True))
    yield "fc-batchnorm", bn(fc(x), fix_gamma=False)

    r = lambda s, shape, name="reshape": sym.Reshape(s, shape=shape, name=name)
    yield "reshape-rest", r(x, (0, -1))
    yield "reshape-codes", flat(r(x, (0, 0, -3)))
    yield "reshape-split", flat(r(x, (0, -4, 1, -1, -2)))
    yield "reshape-merged-batch", flat(r(sym.Activation(r(x, (-3, -2), "merged"), act_type="tanh"), (-4, -1, 3, -2)))
    yield "reshape-rest-in-between", flat(sym.softmax(r(x, (0, -1, 0, 0)), axis=1))
    yield "reshape-numbers", r(x, (-1, 126))
    yield "transpose", flat(sym.transpose(x, axes=(0, 2, 3, 1)))
    yield "transpose-reversed", flat(sym.transpose(sym.transpose(x, name="a"), axes=(3, 2, 1, 0), name="b"))
    yield "concat", flat(sym.Concat(x, x * 2, conv(x, num_filter=3, pad=(1, 1)), name="concat"))
    yield "concat-rows", flat(sym.Concat(x, sym.relu(x), dim=2, name="concat"))
    yield "slice", flat(sym.slice_axis(x, axis=2, begin=1, end=-2, name="slice"))
    yield "slice-open", flat(sym.slice_axis(x, axis=-1, begin=-3, end=None, name="slice"))
    yield "clip", flat(sym.clip(x, a_min=-1.5, a_max=2, name="clip"))
    yield "mean", sym.mean(x, axis=(2, 3), name="mean")
    yield "mean-keep", flat(sym.mean(x, axis=1, keepdims=True, name="mean"))
    yield "mean-exclude", sym.mean(x, axis=(0, 1), exclude=True, name="mean")
    for mode in "constant", "edge", "reflect":
        yield "pad-" + mode, flat(sym.Pad(x, mode=mode, pad_width=(0, 0, 0, 0, 1, 2, 3, 1), constant_value=0.5, name="pad"))

    y = conv(x, num_filter=3, pad=(1, 1))
    yield "add", flat(sym.elemwise_add(x, y))
    yield "sub", flat(sym.elemwise_sub(x, y))
    yield "mul", flat(sym.elemwise_mul(x, y))
    yield "div", flat(sym.elemwise_div(y, x))
    yield "sum", flat(sym.add_n(x, y, x))
    yield "sum-two", flat(sym.ElementWiseSum(x, y))
    scale = sym.Variable("scale", shape=(1, 3, 1, 1))
    yield "broadcast", flat(sym.broadcast_mul(x, scale) + sym.broadcast_add(x, scale))
    yield "broadcast-sub-div", flat(sym.broadcast_sub(x, scale) + sym.broadcast_div(x, scale))
    yield "scalars", flat(((2.5 - (x * 3 + 1)) - 0.25) / 4)
    yield "scalar-first-div", flat(2 / (sym.relu(x) + 1))

    def old_names(text):
        s = json.loads(text)
        names = {"elemwise_add": "_Plus", "elemwise_sub": "_minus", "_mul_scalar": "_MulScalar", "identity": "_copy"}
        for n in s["nodes"]:
            n["op"] = names.get(n["op"], n["op"])
            if "attrs" in n:
                n["attr"] = n.pop("attrs")
        return json.dumps(s)

    yield "old-names", flat(sym.identity(sym.elemwise_sub(sym.elemwise_add(x, y), x * 3))), old_names

    yield "softmax-output", sym.SoftmaxOutput(fc(x), name="softmax")
    yield "softmax-output-odd-label", sym.SoftmaxOutput(fc(x), label=sym.Variable("my_label"), name="softmax")
    yield "softmax-output-multi", flat(sym.SoftmaxOutput(x, multi_output=True, name="softmax"))
    yield "softmax-output-last", flat(sym.SoftmaxOutput(x, preserve_shape=True, name="softmax"))
    yield "softmax", flat(sym.softmax(x, name="softmax"))
    yield "softmax-axis-temperature", flat(sym.softmax(x, axis=1, temperature=2.5, name="softmax"))
    yield "softmax-activation", flat(sym.SoftmaxActivation(x, name="softmax"))
    yield "softmax-activation-channel", flat(sym.SoftmaxActivation(x, mode="channel", name="softmax"))
    yield "logistic", sym.LogisticRegressionOutput(fc(x), name="logistic")
    p = sym.sigmoid(fc(x), name="probabilities")
    loss = sym.MakeLoss(sym.mean(sym.square(p), axis=1), name="loss")
    yield "group-loss", sym.Group([loss, sym.BlockGrad(p, name="out")])
    yield "nothings", flat(sym.Dropout(sym.BlockGrad(sym.identity(x)), p=0.5))
    yield "makeloss-alone", sym.MakeLoss(sym.sigmoid(fc(x)), name="loss")
    yield "cast-half", flat(sym.Cast(sym.Cast(x, dtype="float16", name="down") * 2, dtype="float32", name="up"))
    yield "cast-whole", flat(sym.Cast(sym.Cast(x, dtype="int32", name="down"), dtype="float32", name="up"))


def operators(folder):
    os.makedirs(folder, exist_ok=True)
    data = np.random.RandomState(1).normal(0, 2, SHAPE).astype("float32")
    np.save(os.path.join(folder, "data.npy"), data)
    for name, net, *change in cases():
        rng = np.random.RandomState(sum(name.encode()))
        args, auxs = weights(net, SHAPE, rng)
        try:
            outs = answer(net, data, args, auxs)
        except mx.MXNetError as e:
            print("MXNet refuses", name, str(e).splitlines()[-1])
            continue
        text = net.tojson()
        for f in change:
            text = f(text)
        np.save(os.path.join(folder, name + ".npy"), outs[-1].astype("float32").asnumpy())
        pack(os.path.join(folder, name + ".tar.gz"), text, params_of(args, auxs, folder), SHAPE)


def resnet(layers, size, classes):
    """The pre-activation ResNet of MXNet's image-classification example, which the built-in algorithm trains."""
    small = size <= 28
    if small:
        units, filters, deep = [(layers - 2) // 6] * 3, [16, 16, 32, 64], False
    else:
        units = {18: [2, 2, 2, 2], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}[layers]
        deep = layers >= 50
        filters = [64, 256, 512, 1024, 2048] if deep else [64, 64, 128, 256, 512]
    conv = lambda s, name, n, k, stride=1, pad=0: sym.Convolution(
        s, name=name, num_filter=n, kernel=(k, k), stride=(stride, stride), pad=(pad, pad), no_bias=True, workspace=256)
    bn = lambda s, name, fixed=False: sym.BatchNorm(s, name=name, fix_gamma=fixed, eps=2e-5, momentum=0.9)
    relu = lambda s, name: sym.Activation(s, act_type="relu", name=name)
    x = conv(bn(sym.identity(sym.Variable("data"), name="id"), "bn_data", True), "conv0", filters[0], 3, 1, 1)
    for i, n in enumerate(units):
        for j in range(n):
            name, out, stride = "stage%d_unit%d" % (i + 1, j + 1), filters[i + 1], 2 if i and not j else 1
            a = relu(bn(x, name + "_bn1"), name + "_relu1")
            if deep:
                y = conv(a, name + "_conv1", out // 4, 1)
                y = conv(relu(bn(y, name + "_bn2"), name + "_relu2"), name + "_conv2", out // 4, 3, stride, 1)
                y = conv(relu(bn(y, name + "_bn3"), name + "_relu3"), name + "_conv3", out, 1)
            else:
                y = conv(a, name + "_conv1", out, 3, stride, 1)
                y = conv(relu(bn(y, name + "_bn2"), name + "_relu2"), name + "_conv2", out, 3, 1, 1)
            x = y + (x if j else conv(a, name + "_sc", out, 1, stride))
    x = sym.Pooling(relu(bn(x, "bn1"), "relu1"), global_pool=True, kernel=(7, 7), pool_type="avg", name="pool1")
    return sym.SoftmaxOutput(sym.FullyConnected(sym.Flatten(x), num_hidden=classes, name="fc1"), name="softmax")


def deep(folder):
    os.makedirs(folder, exist_ok=True)
    for layers, size in (56, 28), (152, 32):
        rng = np.random.RandomState(layers)
        net, shape = resnet(layers, size, 2), (4, 3, size, size)
        data = rng.randint(0, 256, shape).astype("float32")
        args, auxs = weights(net, shape, rng)
        auxs["bn_data_moving_mean"][:] = 120
        auxs["bn_data_moving_var"][:] = 4000
        # Statistics as training would leave them: measured layer by layer on the data.
        internals = net.get_internals()
        for name in [n for n in internals.list_outputs() if n.endswith("_moving_mean")]:
            base = name[: -len("_moving_mean")]
            if base == "bn_data":
                continue
            node = internals[base + "_output"]
            before = node.get_children()[0]
            used = set(before.list_arguments()), set(before.list_auxiliary_states())
            out = answer(before, data, {k: v for k, v in args.items() if k in used[0]}, {k: v for k, v in auxs.items() if k in used[1]})
            out = out[0].asnumpy()
            auxs[name] = mx.nd.array(out.mean((0, 2, 3)))
            auxs[base + "_moving_var"] = mx.nd.array(out.var((0, 2, 3)) + 1e-3)
        out = answer(net, data, args, auxs)[0].asnumpy()
        base = os.path.join(folder, "resnet%d" % layers)
        np.save(base + ".npy", out)
        np.save(base + ".data.npy", data)
        pack(base + ".tar.gz", net.tojson(), params_of(args, auxs, folder), shape)


if __name__ == "__main__":
    if sys.argv[1:] == ["operators"]:
        operators(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operators"))
    elif sys.argv[1:2] == ["deep"] and len(sys.argv) == 3:
        deep(sys.argv[2])
    else:
        sys.exit(__doc__)
