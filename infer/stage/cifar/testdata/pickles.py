"""Pickles the four dictionaries of testdata's tests as real Pythons do.

Reads a JSON object {"filenames", "fine_labels", "coarse_labels", "fine_label_names", "coarse_label_names", "data" (base64)} and writes one
of {"NAME": {"train": base64, "meta": base64}} with a NAME for each protocol of this Python, and for what Python 2 writes: there, str is bytes,
and protocols 0 to 2 have opcodes for it that Python 3's pickler never uses.
"""
import base64
import json
import pickle
import struct
import sys

import numpy


class Python2(pickle._Pickler):
    """The pickler of Python 2: bytes are its str."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_str2(self, s):
        if not self.bin:
            self.write(b"S" + repr(s)[1:].encode() + b"\n")
        elif len(s) < 256:
            self.write(b"U" + bytes([len(s)]) + s)
        else:
            self.write(b"T" + struct.pack("<i", len(s)) + s)
        self.memoize(s)

    dispatch[bytes] = save_str2


def two(value, protocol):
    import io

    out = io.BytesIO()
    Python2(out, protocol, fix_imports=True).dump(value)
    return out.getvalue()


def to_bytes(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [to_bytes(v) for v in value]
    if isinstance(value, dict):
        return {to_bytes(k): to_bytes(v) for k, v in value.items()}
    return value


given = json.load(sys.stdin)
rows = len(given["filenames"])
train = {k: given[k] for k in ("filenames", "fine_labels", "coarse_labels")}
train["batch_label"] = "training batch 1 of 1"
train["data"] = numpy.frombuffer(base64.b64decode(given["data"]), numpy.uint8).reshape(rows, 3072)
meta = {k: given[k] for k in ("fine_label_names", "coarse_label_names")}
made = {}
for p in range(pickle.HIGHEST_PROTOCOL + 1):
    made[f"python 3, protocol {p}"] = pickle.dumps(train, p), pickle.dumps(meta, p)
    made[f"python 3 with bytes, protocol {p}"] = pickle.dumps(to_bytes(train), p), pickle.dumps(to_bytes(meta), p)
    made[f"in pure Python, protocol {p}"] = pickle._dumps(train, p), pickle._dumps(meta, p)
for p in range(3):
    made[f"python 2, protocol {p}"] = two(to_bytes(train), p), two(to_bytes(meta), p)
json.dump({k: {"train": base64.b64encode(a).decode(), "meta": base64.b64encode(b).decode()} for k, (a, b) in made.items()}, sys.stdout)
