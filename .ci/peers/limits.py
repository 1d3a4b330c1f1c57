"""The works W5 and W6 and the scaling: start, memory, and what grows with pictures and processors."""

import os
import statistics
import subprocess
import sys
import time

import measure
from report import Row
from tools import HERE
from works import IMAGENET_FLAGS

MIB = 1 << 20
PHOTO_BYTES = 4000 * 3000 * 3


def w5(bench):
    tools, model = bench.tools, bench.tools.resnet20()
    picture = tools.pictures("small", 500) / "00000.png"
    sides = {
        "ours": lambda: measure.run([tools.scones, "classify", "--model", model, "--format", "csv", picture]),
        "theirs": lambda: measure.run([sys.executable, HERE / "python_one.py", model, picture]),
    }
    runs = bench.alternate(sides, 2 * bench.pairs + 1)
    note = f"ours {1e3 * measure.seconds(runs['ours']):.0f} ms, Python {1e3 * measure.seconds(runs['theirs']):.0f} ms, start to row"
    bench.add(Row("W5", "one picture, times as fast as Python (1/0.25)", measure.speedup(runs["ours"], runs["theirs"]), 4, note))
    count = 5_000 if bench.quick else 50_000
    many = tools.pictures("small", count)
    command = [tools.scones, "classify", "--model", model, "--format", "csv", many]
    first = [measure.first_line(command) for _ in range(bench.pairs)]
    bench.add(Row("W5", f"seconds to the first row of {count}", statistics.median(first), 0.5, f"{min(first):.2f} to {max(first):.2f}", most=True))


def w6(bench):
    tools, model, photo_model = bench.tools, bench.tools.resnet20(), bench.tools.resnet(18, 224, "float32")

    def base(of):
        return measure.run([tools.bin / "session", tools.library, of, 1, 0]).peak_bytes

    def peak(of, kind, count, flags=()):
        return tools.ours(of, tools.pictures(kind, count), flags)().peak_bytes

    small, many = (500, 5_000) if bench.quick else (1_000, 50_000)
    photos, workers = 24 if bench.quick else 60, len(os.sched_getaffinity(0))
    least, few, all_of_them = base(model), peak(model, "small", small), peak(model, "small", many)
    note = f"peak {few / MIB:.0f} MiB with {small} pictures; runtime and weights {least / MIB:.0f}"
    bench.add(Row("W6", "W1: MB above runtime and weights", (few - least) / 1e6, 64, note, most=True))
    note = f"{few / MIB:.0f} MiB with {small} pictures, {all_of_them / MIB:.0f} with {many}"
    bench.add(Row("W6", f"W1: peak with {many} pictures by that with {small}", all_of_them / few, 1.1, note, most=True))
    least, most = base(photo_model), peak(photo_model, "photo", photos, IMAGENET_FLAGS)
    note = f"peak {most / MIB:.0f} MiB; runtime and weights {least / MIB:.0f}; a picture {PHOTO_BYTES / MIB:.0f}; {workers} workers"
    bench.add(Row("W6", "W3: pictures a worker above runtime and weights", (most - least) / PHOTO_BYTES / workers, 3, note, most=True))


def spare(count):
    """Seconds that count plain loops need side by side: a program without memory, locks or files."""
    loop = [sys.executable, "-c", "x = 0\nfor i in range(10_000_000): x += i"]
    start = time.perf_counter()
    loops = [subprocess.Popen(loop) for _ in range(count)]
    for one in loops:
        one.wait()
    return time.perf_counter() - start


def scaling(bench):
    tools, model, photo_model = bench.tools, bench.tools.resnet20(), bench.tools.resnet(18, 224, "float32")
    few, many = (1_000, 5_000) if bench.quick else (10_000, 50_000)
    small, large = tools.pictures("small", few), tools.pictures("small", many)
    runs = bench.alternate({"few": tools.ours(model, small), "many": tools.ours(model, large)}, 2, warm=False)
    growth = measure.seconds(runs["many"]) / measure.seconds(runs["few"]) * few / many
    bench.add(Row("scaling", f"time a picture, {many} by {few}", growth, 1.1, "", most=True))

    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return bench.skip("scaling", "2 cores against 1", "this process may use one core")
    control = statistics.median(2 * spare(1) / spare(2) for _ in range(bench.pairs))
    note = "a control: where it is below 2, the machine is not idle and the rows below say little"
    bench.add(Row("scaling", "plain loops: 2 cores against 1", control, None, note))
    photos = tools.pictures("photo", 24 if bench.quick else 60)
    for what, of, pictures, flags in (("W1", model, small, ()), ("W3", photo_model, photos, IMAGENET_FLAGS)):
        two, one = (tools.ours(of, pictures, flags, set(cores[:n])) for n in (2, 1))
        runs = bench.alternate({"two": two, "one": one})
        bench.add(Row("scaling", f"{what}: 2 cores against 1", measure.speedup(runs["two"], runs["one"]), 1.85, "one side is held to one core"))
