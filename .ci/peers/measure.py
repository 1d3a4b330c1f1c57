"""Runs programs in turn and compares how long they took."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass


@dataclass
class Run:
    seconds: float  # of the clock, from before the start to the end
    cpu_seconds: float  # user and system, with the processes it waited for
    peak_bytes: int  # of the largest process
    output: str


class Failed(Exception):
    """A program ended with an error; the message is the end of what it said."""


def run(command, cores=None):
    """Runs a command to its end. cores is a set of processors to stay on; None leaves this process's own."""
    before = os.sched_getaffinity(0)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        if cores:
            os.sched_setaffinity(0, cores)  # the child inherits it
        try:
            start = time.perf_counter()
            child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=errors, stdin=subprocess.DEVNULL)
        finally:
            os.sched_setaffinity(0, before)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            raise Failed(f"{os.path.basename(str(command[0]))} ended with {child.returncode}: {errors.read()[-300:].strip()}")
        return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, out.read())


def first_line(command):
    """Seconds from the start of a command to the second line of its output, which is the first row below the header."""
    start = time.perf_counter()
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as child:
        seen = b""
        while seen.count(b"\n") < 2:
            part = os.read(child.stdout.fileno(), 4096)
            if not part:
                break
            seen += part
        seconds = time.perf_counter() - start
        child.kill()
    if seen.count(b"\n") < 2:
        raise Failed(f"{os.path.basename(str(command[0]))} wrote no row")
    return seconds


def alternate(sides, pairs, warm=True):
    """Runs each side in turn, pairs times: A B A B. sides maps a name to a function that returns a Run."""
    if warm:  # files and libraries come into memory
        for side in sides.values():
            side()
    runs = {name: [] for name in sides}
    for _ in range(pairs):
        for name, side in sides.items():
            runs[name].append(side())
    return runs


@dataclass
class Ratio:
    median: float
    low: float
    high: float
    cpu: float  # the same of the processor's seconds, which others on the machine disturb less

    def as_json(self):
        return asdict(self)


def speedup(ours, theirs):
    """How many times as fast ours is, from pairs of runs of the same work."""
    ratios = [b.seconds / a.seconds for a, b in zip(ours, theirs)]
    cpu = statistics.median(b.cpu_seconds / a.cpu_seconds for a, b in zip(ours, theirs))
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), cpu)


def seconds(runs):
    return statistics.median(run.seconds for run in runs)


def peak(runs):
    return max(run.peak_bytes for run in runs)


def reported(run):
    """The JSON object that a program printed, as a Run over the time that it measured itself."""
    said = json.loads(run.output)
    return Run(said["seconds"] / said["pictures"], said["cpu_seconds"] / said["pictures"], run.peak_bytes, run.output)
