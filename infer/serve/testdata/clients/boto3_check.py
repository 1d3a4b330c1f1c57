"""Ask servers in several states with an unmodified boto3, and compare every answer and exception. The URLs come as JSON."""
import json
import os
import subprocess
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

urls = json.loads(sys.argv[1])
picture = open(sys.argv[2], "rb").read()
session = boto3.Session("AKIDEXAMPLE", "a-secret-that-only-the-test-knows", region_name="eu-west-1")


def client(state, session=session):
    config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=20)
    return session.client("sagemaker-runtime", endpoint_url=urls[state], config=config)


def refused(state, exception, status, more=None, session=session, **arguments):
    """Checks the exception's class, its code, the HTTP status, and fields of the answer."""
    call = dict(EndpointName="scones", Body=picture, ContentType="image/png") | arguments
    runtime = client(state, session)
    started = time.monotonic()
    try:
        runtime.invoke_endpoint(**call)
    except ClientError as error:
        got = error
    else:
        raise SystemExit(f"{state} {arguments}: no error")
    code, http = got.response["Error"]["Code"], got.response["ResponseMetadata"]["HTTPStatusCode"]
    modelled = getattr(runtime.exceptions, exception, None)
    assert code == exception and http == status, (state, arguments, code, http, got)
    assert modelled is None or type(got) is modelled, (state, type(got))
    assert got.response["Error"]["Message"], got.response
    for name, value in (more or {}).items():
        assert value == got.response[name] or callable(value) and value(got.response[name]), (state, name, got.response)
    print(f"{state}: {type(got).__name__} {http} in {1000 * (time.monotonic() - started):.0f} ms: {got}")
    return got


# Good, with every field that a caller can read.
answer = client("good").invoke_endpoint(EndpointName="scones", Body=picture, ContentType="image/png", Accept="application/json",
                                        CustomAttributes="trace=1", InferenceId="call-7", TargetVariant="AllTraffic")
assert answer["Body"].read() == b"[0.0, 1.0]", answer
assert answer["ContentType"] == "application/json" and answer["InvokedProductionVariant"] == "AllTraffic", answer
assert answer["CustomAttributes"] == "trace=1" and answer["ResponseMetadata"]["RequestId"] == "call-7", answer
# Without a content type the bytes decide.
assert client("good").invoke_endpoint(EndpointName="scones", Body=picture)["Body"].read() == b"[0.0, 1.0]"

loading = "ClientError: Loading image data failed with exception: "
refused("good", "ModelError", 424, {"OriginalStatusCode": 400, "OriginalMessage": lambda m: m.startswith(loading),
        "LogStreamArn": "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/sagemaker/Endpoints/scones"}, Body=b"no picture")
refused("good", "ModelError", 424, {"OriginalStatusCode": 400}, Body=b"")
refused("good", "ModelError", 424, {"OriginalMessage": lambda m: "Accepted content types are image/png" in m}, ContentType="text/csv")
refused("good", "ModelError", 424, {"OriginalStatusCode": 406}, Accept="text/html")
refused("good", "ValidationError", 400, EndpointName="another")
refused("good", "ValidationError", 400, TargetVariant="Blue")
refused("good", "ValidationError", 400, TargetModel="another.tar.gz")
refused("good", "ValidationError", 400, InferenceComponentName="part")
refused("good", "RequestEntityTooLargeException", 413, Body=bytes(5000))
refused("failing", "ModelError", 424, {"OriginalStatusCode": 500, "OriginalMessage": lambda m: "secret" not in m})
refused("timeout", "ModelError", 424, {"OriginalStatusCode": 0})
refused("loading", "ModelNotReadyException", 429)
refused("full", "ServiceUnavailable", 503)
refused("stopping", "ServiceUnavailable", 503)
refused("internal", "InternalFailure", 500)

# Signatures.
assert client("signed").invoke_endpoint(EndpointName="scones", Body=picture, ContentType="image/png")["Body"].read() == b"[0.0, 1.0]"
refused("signed", "InvalidSignatureException", 403, session=boto3.Session("AKIDEXAMPLE", "another secret", region_name="eu-west-1"))
refused("signed", "UnrecognizedClientException", 403, session=boto3.Session("AKIDOTHER", "another secret", region_name="eu-west-1"))
temporary = boto3.Session("AKIDEXAMPLE", "a-secret-that-only-the-test-knows", "session-token", region_name="us-east-1")
assert client("signed", temporary).invoke_endpoint(EndpointName="scones", Body=picture, CustomAttributes="a,  b")["Body"].read() == b"[0.0, 1.0]"

# What this endpoint does not do.
runtime = client("good")
try:
    runtime.invoke_endpoint_with_response_stream(EndpointName="scones", Body=picture)
    raise SystemExit("a stream")
except runtime.exceptions.ValidationError as error:
    print("stream:", error)
try:
    runtime.invoke_endpoint_async(EndpointName="scones", InputLocation="s3://bucket/key")
    raise SystemExit("an asynchronous answer")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ValidationError", error.response
    print("async:", error)


def cli(*arguments):
    """Runs the AWS CLI, which is pip's awscli here, with credentials from the environment."""
    command = [sys.executable, "-m", "awscli", "sagemaker-runtime", "invoke-endpoint", "--endpoint-url", urls["signed"], "--region", "eu-west-1",
               "--endpoint-name", "scones", "--content-type", "image/png", *arguments, "/dev/stdout"]
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "a-secret-that-only-the-test-knows"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


done = cli("--body", "fileb://" + sys.argv[2])
assert done.returncode == 0 and done.stdout.startswith("[0.0, 1.0]") and '"InvokedProductionVariant": "AllTraffic"' in done.stdout, done
done = cli("--body", "fileb://" + __file__)
assert done.returncode in (254, 255) and "(ModelError)" in done.stderr, done
print("aws:", done.stderr.strip())
print("all as they should be")
