"""Validate the server's openapi.json, generate a client from it and ask with it."""
import io
import json
import pathlib
import subprocess
import sys
import urllib.request

from openapi_spec_validator import validate

url, file, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
document = urllib.request.urlopen(url + "/openapi.json").read()
validate(json.loads(document))
(folder / "openapi.json").write_bytes(document)
made = subprocess.run([sys.executable, "-m", "openapi_python_client", "generate", "--path", folder / "openapi.json", "--output-path", folder / "client",
                       "--meta", "none"], capture_output=True, text=True)
print(made.stdout, made.stderr)
assert made.returncode == 0, made.returncode
sys.path.insert(0, str(folder))

from client import Client  # noqa: E402
from client.api.container import execution_parameters, invocations  # noqa: E402
from client.api.inference import infer, model_metadata  # noqa: E402
from client.models import InferInput, InferInputDatatype, InferRequest  # noqa: E402
from client.types import File  # noqa: E402

api = Client(base_url=url)
answer = invocations.sync_detailed(client=api, body=File(payload=io.BytesIO(open(file, "rb").read())))
assert answer.status_code == 200 and answer.parsed == [0.0, 1.0], answer
assert execution_parameters.sync(client=api).max_payload_in_mb == 6
assert [t.name for t in model_metadata.sync("shade", client=api).inputs] == ["image", "data"]
request = InferRequest(inputs=[InferInput(name="data", datatype=InferInputDatatype.UINT8, shape=[1, 4, 4, 1], data=[255] * 16)])
assert infer.sync("shade", client=api, body=request).outputs[1].data == ["white"]
refusal = infer.sync("none", client=api, body=request)
assert refusal.code == "unknown-name", refusal
print("all as they should be")
