"""Lets scones serve alone be overloaded, swap its model, run for long and batch a large model, and says how it bore it; see run.sh."""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from compare import PICTURE, ROOT, Server
from tools import Tools


def processor_seconds(pid):
    """The time of all cores that a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def held_to(core):
    """The start of a command that may use one core alone."""
    return [] if core is None else ["taskset", "-c", str(core)]


class Load:
    """A load by scones bench that goes on beside the program."""

    def __init__(self, scones, url, seconds, *flags, core=None):
        command = [*held_to(core), scones, "bench", "--serve", url, "--seconds", str(seconds), "--json", *map(str, flags)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def over(self):
        return self.process.poll() is not None

    def report(self):
        said = self.process.communicate()[0]
        if self.process.returncode:
            raise SystemExit(f"endure: scones bench ended with {self.process.returncode}")
        return json.loads(said)[0]


class Watched(Server):
    """A scones serve whose memory and goroutines can be asked for."""

    def __init__(self, scones, *flags, core=None):
        super().__init__([*held_to(core), scones, "serve", "--addr", "127.0.0.1:PORT", "--log", "off", *flags])

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def metric(self, name):
        with urllib.request.urlopen(self.url.replace("/invocations", "/metrics"), timeout=10) as response:
            return float(re.search(rf"^{name} (\S+)$", response.read().decode(), re.MULTILINE)[1])

    def model(self):
        """The hash of the model that answers."""
        request = urllib.request.Request(self.url, PICTURE.read_bytes(), {"Content-Type": "image/png", "Accept": "application/json;verbose=1"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)["sha256"]

    def end(self):
        """Stops it as a container's host does, and waits."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def small(clients):
    return ["--synthetic", "small", "--clients", clients]


def overload(scones, seconds, apart):
    """Sends three times as much as the server can answer; apart, server and sender have a core each."""
    ours, theirs = (0, 1) if apart else (None, None)

    def load(seconds, *flags):
        return Load(scones, server.url, seconds, *flags, core=theirs)

    with Watched(scones, core=ours) as server:
        capacity = load(20, *small(64)).report()["per_second"]
        before = server.memory()
        seen, used = [], []
        flood = load(seconds, *small(2000), "--rate", round(3 * capacity))
        while not flood.over():
            used.append((time.monotonic(), processor_seconds(server.process.pid), processor_seconds(flood.process.pid)))
            time.sleep(1)
            seen.append(server.memory())
        r = flood.report()
        (begun, *first), (ended, *last) = used[1], used[-2]
        cores = [(b - a) / (ended - begun) for a, b in zip(first, last)]
        after = load(10, *small(64)).report()["per_second"]
        print(f"overload, {'a core each' if apart else 'cores shared'}: capacity {capacity:.0f}/s; {3 * capacity:.0f}/s for {seconds} s: goodput {r['per_second']:.0f}/s"
              f" ({r['per_second'] / capacity:.0%}), {r['refused']} refused after {r['refusal_ms']['p50']:.1f} ms p50 and {r['refusal_ms']['p99']:.1f} ms p99,"
              f" {r['failed']} failed, {r.get('unsent', 0)} not sent; {before:.0f} MB before, {max(seen):.0f} at most, {server.memory():.0f} after; then"
              f" {after:.0f}/s at once; the server used {cores[0]:.2f} cores, who loads it {cores[1]:.2f}")


def swaps(scones, count):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        artifact = ROOT / "model" / "builtin" / "model.tar.gz"
        for element in ("uint8", "float32"):
            subprocess.run([scones, "export", "--input", element, "-o", folder / f"{element}.onnx", artifact], check=True, capture_output=True)
        served = folder / "model.onnx"
        shutil.copy(folder / "uint8.onnx", served)
        with Watched(scones, "--model", served, "--watch", "0") as server:
            done, answered, failed, sizes = 0, 0, 0, []
            start = time.monotonic()
            while done < count:
                load = Load(scones, server.url, 60, *small(8))
                while not load.over() and done < count:
                    fresh = folder / "fresh.onnx"
                    shutil.copy(folder / ("float32.onnx" if done % 2 == 0 else "uint8.onnx"), fresh)
                    old = server.model()
                    fresh.rename(served)
                    server.process.send_signal(signal.SIGHUP)
                    while server.model() == old:
                        time.sleep(0.01)
                    done += 1
                    if done % max(1, count // 10) == 0:
                        sizes.append(round(server.memory()))
                r = load.report()
                answered, failed = answered + r["answered"], failed + r["failed"] + r["refused"]
            print(f"swaps: {done} in {time.monotonic() - start:.0f} s under the load of 8 clients, {answered} answered, {failed} failed;"
                  f" MB after each tenth: {sizes}; goroutines at the end {server.metric('go_goroutines'):.0f}")


def soak(scones, minutes):
    with tempfile.TemporaryDirectory() as folder:
        with Watched(scones, "--capture", folder, "--capture-max", "20GiB") as server:
            capacity = Load(scones, server.url, 20, *small(64)).report()["per_second"]
            load = Load(scones, server.url, 60 * minutes, *small(256), "--rate", round(0.8 * capacity))
            sizes, routines = [], []
            while not load.over():
                time.sleep(1)
                sizes.append(server.memory())
                routines.append(server.metric("go_goroutines"))
            r = load.report()
            tenth = max(1, len(sizes) // 10)
            tenths = [round(max(sizes[i:i + tenth])) for i in range(0, tenth * 10, tenth)]
            answered = server.metric(r'scones_requests_total\{code="200",door="container"\}')
            code = server.end()
        lines = sum(sum(1 for _ in file.open()) for file in pathlib.Path(folder).rglob("*.jsonl"))
        print(f"soak: {minutes} min at {0.8 * capacity:.0f}/s: {r['answered']} answered at {r['per_second']:.0f}/s, p50 {r['latency_ms']['p50']:.1f} and"
              f" p99 {r['latency_ms']['p99']:.1f} ms, {r['refused']} refused, {r['failed']} failed; MB at most in each tenth: {tenths}; goroutines"
              f" {min(routines):.0f} to {max(routines):.0f}; {lines} lines captured of {answered:.0f} answers in all; exit code {code}")


def batching(scones, model, seconds):
    rates = {}
    for flags in ([], ["--max-batch", "1"], ["--max-batch", "8"]) * 2:
        with Watched(scones, "--model", model, *flags) as server:
            r = Load(scones, server.url, seconds, "--synthetic", "imagenet", "--clients", 16).report()
            rates.setdefault(" ".join(flags) or "as chosen", []).append(f"{r['per_second']:.1f}/s, p99 {r['latency_ms']['p99']:.0f} ms")
    print(f"batching: {pathlib.Path(model).name}, 16 clients: {rates}")


def main():
    p = argparse.ArgumentParser(prog="run.sh endure")
    p.add_argument("works", nargs="*", help="overload, swaps, batching or soak (default: all)")
    p.add_argument("--cache", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    p.add_argument("--seconds", type=int, default=60, help="of overload; runs of batching take a third")
    p.add_argument("--swaps", type=int, default=1000)
    p.add_argument("--minutes", type=int, default=10, help="of soak")
    o = p.parse_args()
    scones = o.cache / "bin" / "scones"
    works = {
        "overload": lambda: (overload(scones, o.seconds, True), overload(scones, o.seconds, False)),
        "swaps": lambda: swaps(scones, o.swaps),
        "batching": lambda: batching(scones, Tools(o.cache).resnet(50, 224, "uint8"), o.seconds // 3),
        "soak": lambda: soak(scones, o.minutes),
    }
    for name in o.works or works:
        works[name]()


if __name__ == "__main__":
    main()
