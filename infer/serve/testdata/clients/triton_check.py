"""Ask a server with an unmodified tritonclient: health, metadata, pictures and ready tensors, in JSON and in binary."""
import base64
import json
import sys
import urllib.request

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, file = sys.argv[1], sys.argv[2]
picture = open(file, "rb").read()
client = http.InferenceServerClient(address)
assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready("shade") and client.is_model_ready("shade", "1") and not client.is_model_ready("none")
assert client.get_server_metadata()["extensions"] == ["binary_tensor_data", "classification"]
assert [m["name"] for m in client.get_model_repository_index()] == ["shade"]
metadata = client.get_model_metadata("shade")
assert metadata["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}, {"name": "data", "datatype": "UINT8", "shape": [-1, 4, 4, 1]}], metadata
assert metadata["outputs"] == [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]}, {"name": "label", "datatype": "BYTES", "shape": [-1]}]


def tensor(values, binary):
    t = http.InferInput("data", list(values.shape), "UINT8")
    t.set_data_from_numpy(values, binary_data=binary)
    return t


def pictures(*files):
    t = http.InferInput("image", [len(files)], "BYTES")
    t.set_data_from_numpy(np.array(files, dtype=object))
    return t


values = np.random.default_rng(7).integers(0, 256, (5, 4, 4, 1), dtype=np.uint8)
share = values[:, 0, 0, 0].astype(np.float32) / np.float32(255)
want = np.stack([share, 1 - share], 1)
for binary_in in (True, False):
    for binary_out in (True, False):
        outputs = [http.InferRequestedOutput(name, binary_data=binary_out) for name in ("probabilities", "label")]
        answer = client.infer("shade", [tensor(values, binary_in)], outputs=outputs, request_id="seven")
        assert answer.get_response()["id"] == "seven" and answer.get_response()["model_version"] == "1"
        assert answer.as_numpy("probabilities").dtype == np.float32 and (answer.as_numpy("probabilities") == want).all(), answer.as_numpy("probabilities")
        labels = [label.decode() if isinstance(label, bytes) else label for label in answer.as_numpy("label")]
        assert labels == ["white" if p > 0.5 else "black" for p in share], labels

answer = client.infer("shade", [pictures(picture, picture)])
assert answer.as_numpy("probabilities").tolist() == [[0, 1], [0, 1]]
top = client.infer("shade", [pictures(picture)], outputs=[http.InferRequestedOutput("probabilities", class_count=2)])
assert top.as_numpy("probabilities").tolist() == [[b"1.000000:1:black", b"0.000000:0:white"]], top.as_numpy("probabilities")
waiting = [client.async_infer("shade", [tensor(values, True)]) for _ in range(8)]
for each in waiting:
    assert (each.get_result().as_numpy("probabilities") == want).all()


def post(body, **headers):
    request = urllib.request.Request(f"http://{address}/v2/models/shade/infer", body, {k.replace("_", "-"): v for k, v in headers.items()})
    return json.load(urllib.request.urlopen(request))


# The bytes of one picture: as they are, as Triton's raw binary request, and as base64 in JSON.
text = json.dumps({"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(picture).decode()]}]}).encode()
for answer in (post(picture, Content_Type="image/png"),
               post(picture, Content_Type="application/octet-stream", Inference_Header_Content_Length="0"),
               post(text, Content_Type="application/json")):
    assert answer["outputs"] == [{"name": "probabilities", "datatype": "FP32", "shape": [1, 2], "data": [0, 1]},
                                 {"name": "label", "datatype": "BYTES", "shape": [1], "data": ["black"]}], answer

for wrong, part in (
    (lambda: client.infer("none", [pictures(picture)]), 'no model "none"'),
    (lambda: client.infer("shade", [pictures(picture)], model_version="2"), "no version"),
    (lambda: client.infer("shade", [pictures(picture, b"broken")]), "picture 1: "),
    (lambda: client.infer("shade", [tensor(values[:, :3], True)]), "must be [N] followed by"),
    (lambda: client.infer("shade", [pictures(picture)], outputs=[http.InferRequestedOutput("heat")]), 'no output "heat"'),
    (lambda: client.infer("shade", [pictures(picture), tensor(values, True)]), "2 inputs; give one"),
):
    try:
        wrong()
    except InferenceServerException as error:
        assert part in error.message(), error
    else:
        raise SystemExit(f"no error with {part}")
print("all as they should be")
