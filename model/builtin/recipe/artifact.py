"""Writes a trained network as SageMaker's model.tar.gz, byte for byte repeatable.

The archive is flat and holds what the built-in algorithm leaves: the symbol
JSON, one .params file and model-shapes.json. Archive and compression carry no
clock, no user and no file name, so equal weights give equal bytes.
"""

import gzip
import io
import json
import struct
import tarfile

import numpy as np

PREFIX = "image-classification"
LIST_MAGIC = 0x112  # MXNet NDArray list
V2_MAGIC = 0xF993FAC9  # NDArray version 2
BN = {"eps": "2e-05", "fix_gamma": "False", "momentum": "0.9"}


class Symbol:
    """Collects nodes in MXNet's order and the three index lists of its JSON."""

    def __init__(self):
        self.nodes, self.args, self.rows = [], [], [0]

    def add(self, op, name, inputs=(), attrs=None, outputs=1):
        node = {"op": op, "name": name}
        if attrs:
            node["attrs"] = dict(sorted(attrs.items()))
        node["inputs"] = [list(i) if isinstance(i, tuple) else [i, 0, 0] for i in inputs]
        self.nodes.append(node)
        if op == "null":
            self.args.append(len(self.nodes) - 1)
        self.rows.append(self.rows[-1] + outputs)
        return len(self.nodes) - 1

    def var(self, name, attrs=None):
        return self.add("null", name, (), attrs)

    def batch_norm(self, name, x, fix_gamma=False):
        attrs = dict(BN, fix_gamma=str(fix_gamma))
        gamma, beta = self.var(name + "_gamma", attrs), self.var(name + "_beta", attrs)
        mean = self.var(name + "_moving_mean", dict(attrs, __init__='["zero", {}]'))
        var = self.var(name + "_moving_var", dict(attrs, __init__='["one", {}]'))
        # auxiliary states are marked by version 1; BatchNorm has three outputs
        return self.add("BatchNorm", name, [x, gamma, beta, (mean, 0, 1), (var, 0, 1)], attrs, 3)

    def conv(self, name, x, module):
        k, s, p = module.kernel_size[0], module.stride[0], module.padding[0]
        attrs = {"kernel": f"({k}, {k})", "no_bias": "True", "num_filter": str(module.out_channels),
                 "stride": f"({s}, {s})", "workspace": "256"}
        if p:
            attrs["pad"] = f"({p}, {p})"
        return self.add("Convolution", name, [x, self.var(name + "_weight", attrs)], attrs)

    def relu(self, name, x):
        return self.add("Activation", name, [x], {"act_type": "relu"})

    def json(self, head):
        return {"nodes": self.nodes, "arg_nodes": self.args, "node_row_ptr": self.rows,
                "heads": [[head, 0, 0]], "attrs": {"mxnet_version": ["int", 10901]}}


def symbol(net):
    """Symbol JSON (a dict) of a net.ResNet."""
    g = Symbol()
    x = g.add("_copy", "id", [g.var("data")])
    x = g.batch_norm("bn_data", x, fix_gamma=True)
    x = g.conv("conv0", x, net.conv0)
    for i, name in enumerate(net.names):
        unit = net.get_submodule(name)
        pre = g.relu(name + "_relu1", g.batch_norm(name + "_bn1", x))
        y = g.conv(name + "_conv1", pre, unit.conv1)
        y = g.relu(name + "_relu2", g.batch_norm(name + "_bn2", y))
        y = g.conv(name + "_conv2", y, unit.conv2)
        shortcut = x if unit.sc is None else g.conv(name + "_sc", pre, unit.sc)
        x = g.add("elemwise_add", f"_plus{i}", [y, shortcut])
    x = g.relu("relu1", g.batch_norm("bn1", x))
    pool = {"global_pool": "True", "kernel": "(7, 7)", "pool_type": "avg"}
    x = g.add("Flatten", "flatten0", [g.add("Pooling", "pool1", [x], pool)])
    fc = {"num_hidden": str(net.classes)}
    x = g.add("FullyConnected", "fc1", [x, g.var("fc1_weight", fc), g.var("fc1_bias", fc)], fc)
    return g.json(g.add("SoftmaxOutput", "softmax", [x, g.var("softmax_label")]))


def arrays(net):
    """Weights as [(MXNet name with its arg: or aux: prefix, float32 array)]."""
    kinds = {"running_mean": ("aux", "moving_mean"), "running_var": ("aux", "moving_var")}
    bn = {"weight": ("arg", "gamma"), "bias": ("arg", "beta")}
    out = []
    for key, value in net.state_dict().items():
        module, leaf = key.rsplit(".", 1)
        if leaf == "num_batches_tracked":
            continue
        if leaf in kinds:
            kind, leaf = kinds[leaf]
        else:
            is_bn = module.rsplit(".", 1)[-1].startswith("bn")
            kind, leaf = bn[leaf] if is_bn else ("arg", leaf)
        name = module.replace(".", "_") + "_" + leaf
        out.append((f"{kind}:{name}", value.detach().cpu().numpy().astype("<f4")))
    return sorted(out, key=lambda item: item[0].startswith("aux:"))  # stable: arg first


def params(named):
    """MXNet's NDArray list of version 2: dense float32 on the CPU."""
    out = io.BytesIO()
    out.write(struct.pack("<QQQ", LIST_MAGIC, 0, len(named)))
    for _, a in named:
        out.write(struct.pack("<IiI", V2_MAGIC, 0, a.ndim))
        out.write(struct.pack(f"<{a.ndim}q", *a.shape))
        out.write(struct.pack("<iii", 1, 0, 0))  # cpu, device 0, float32
        out.write(np.ascontiguousarray(a).tobytes())
    out.write(struct.pack("<Q", len(named)))
    for name, _ in named:
        raw = name.encode()
        out.write(struct.pack("<Q", len(raw)) + raw)
    return out.getvalue()


def write(path, net, epoch, batch):
    """Writes model.tar.gz; batch is the training mini-batch, kept in model-shapes.json."""
    shapes = [{"shape": [batch, 3, 32, 32], "name": "data"}]
    members = [
        (f"{PREFIX}-{epoch:04d}.params", params(arrays(net))),
        ("model-shapes.json", json.dumps(shapes).encode()),
        (f"{PREFIX}-symbol.json", json.dumps(symbol(net), indent=2).encode()),
    ]
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    with open(path, "wb") as f:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=f, mtime=0) as z:
            z.write(raw.getvalue())
