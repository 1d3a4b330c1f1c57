"""What the boto3 scripts beside this file expect."""
from botocore.exceptions import ClientError


def same(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        same(e.response["Error"]["Code"], code)
        return
    raise AssertionError(f"{arguments} were not refused")
