"""Loads each server in turn and prints the table; see run.sh."""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
MODEL = ROOT / "model" / "builtin" / "model.onnx"
PICTURE = ROOT / "testdata" / "images" / "bicycle-png-32x32.png"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answer(url):
    request = urllib.request.Request(url, PICTURE.read_bytes(), {"Content-Type": "image/png"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


class Server:
    """A server that runs while the block does. Its process group ends with it."""

    def __init__(self, command):
        self.port = free_port()
        self.command = [str(part).replace("PORT", str(self.port)) for part in command]
        self.url = f"http://127.0.0.1:{self.port}/invocations"

    def __enter__(self):
        environment = dict(os.environ, PEER_MODEL=str(MODEL), PYTHONPATH=str(HERE))
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE, env=environment, start_new_session=True)
        for _ in range(600):
            try:
                self.first = answer(self.url)
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.__exit__()
        raise SystemExit(f"peers: {self.command[:3]} does not answer")

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def commands(cache):
    python = cache / "serve-python" / "bin" / "python"
    found = {
        "scones serve": [cache / "bin" / "scones", "serve", "--addr", "127.0.0.1:PORT", "--log", "off"],
        "FastAPI, 2 workers": [python, HERE / "fastapi_peer.py", "PORT", 2],
        "LitServe": [python, HERE / "litserve_peer.py", "PORT", 1],
        "LitServe, batches of 8": [python, HERE / "litserve_peer.py", "PORT", 8],
    }
    if (cache / "serve-mlserver" / "installed.txt").exists():
        found["MLServer"] = [cache / "serve-mlserver" / "bin" / "python", HERE / "mlserver_peer.py", "PORT"]
    return found


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--cache", type=pathlib.Path, required=True)
    p.add_argument("--seconds", type=int, default=60)
    p.add_argument("--pairs", type=int, default=1)
    p.add_argument("--clients", default="1,8,64")
    o = p.parse_args()
    scones = o.cache / "bin" / "scones"
    servers = commands(o.cache)
    runs = {name: [] for name in servers}
    expected = None
    for _ in range(o.pairs):
        for name, command in servers.items():
            with Server(command) as server:
                expected = expected or server.first
                if max(abs(a - b) for a, b in zip(expected, server.first)) > 1e-5:
                    raise SystemExit(f"peers: {name} answers {server.first}, not {expected}")
                bench = [scones, "bench", "--serve", server.url, "--synthetic", "small", "--clients", o.clients, "--seconds", str(o.seconds), "--json"]
                runs[name].append(json.loads(subprocess.run(bench, check=True, capture_output=True, text=True).stdout))
                print(f"peers: {name} done", file=sys.stderr)
    print(f"{'server':24}{'clients':>8}{'answers/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}{'scones':>8}")
    for i, n in enumerate(o.clients.split(",")):
        ours = 0
        for name, reports in runs.items():
            rate, p50, p99 = (statistics.median(pick(r[i]) for r in reports) for pick in (
                lambda r: r["per_second"], lambda r: r["latency_ms"]["p50"], lambda r: r["latency_ms"]["p99"]))
            ours = ours or rate
            failed = sum(r[i]["failed"] for r in reports)
            print(f"{name:24}{n:>8}{rate:11.1f}{p50:9.2f}{p99:9.2f}{failed:8}{ours / rate:8.2f}")


if __name__ == "__main__":
    main()
