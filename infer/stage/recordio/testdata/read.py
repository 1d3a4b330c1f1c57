"""Reads FILE.rec with MXNet, in order and by FILE.idx, and prints what it finds as JSON: index, label and SHA-256 of each picture's bytes, and
where a shape C,H,W follows, the label and the mean of each channel of each picture as ImageRecordIter decodes them for a training."""
import hashlib
import json
import sys

import mxnet as mx

rec = sys.argv[1]
idx = rec[: -len("rec")] + "idx"


def seen(item):
    header, data = mx.recordio.unpack(item)
    return [int(header.id), float(header.label), hashlib.sha256(data).hexdigest()]


in_order = []
file = mx.recordio.MXRecordIO(rec, "r")
while True:
    item = file.read()
    if item is None:
        break
    in_order.append(seen(item))
indexed = mx.recordio.MXIndexedRecordIO(idx, rec, "r")
by_index = [seen(indexed.read_idx(key)) for key in indexed.keys]
labels, means = [], []
shape = tuple(int(n) for n in sys.argv[2].split(",")) if len(sys.argv) > 2 else ()
for batch in () if not shape else mx.io.ImageRecordIter(path_imgrec=rec, path_imgidx=idx, data_shape=shape, batch_size=1, shuffle=False, preprocess_threads=1):
    labels.append(float(batch.label[0].asnumpy()[0]))
    means.append([float(v) for v in batch.data[0].asnumpy()[0].mean(axis=(1, 2))])
json.dump({"in_order": in_order, "by_index": by_index, "labels": labels, "means": means}, sys.stdout)
