"""The works W1 to W4 of the table: folders of pictures, and ready tensors."""

import json

import measure
from grid import best_hugot, best_python
from report import Row
from tools import Skipped

IMAGENET_FLAGS = ["--resize", "short-side:256", "--crop", "center:224", "--scale", "1/255", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
IMAGENET = {"short_side": 256, "crop": 224, "normalise": True}


def against(bench, work, what, ours, theirs, bar, note=""):
    """Runs a pair in alternation and adds its row."""
    runs = bench.alternate({"ours": ours, "theirs": theirs})
    bench.add(Row(work, what, measure.speedup(runs["ours"], runs["theirs"]), bar, note))
    return runs


def rates(runs, count):
    return ", ".join(f"{name} {count / measure.seconds(of):.4g}/s" for name, of in runs.items())


def try_int8(bench, work, what, model, pictures, theirs, bar, flags=()):
    """Adds a row for the INT8 twin of a model against theirs, or says why there is none."""
    try:
        small = bench.tools.quantized(model, pictures, flags)
        runs = against(bench, work, what, bench.tools.ours(small, pictures, flags), theirs, bar)
        bench.rows[-1].note = rates(runs, len(list(pictures.iterdir())))
    except (Skipped, measure.Failed) as why:
        bench.skip(work, what, str(why))


def w1(bench):
    tools = bench.tools
    count = 2_000 if bench.quick else 10_000
    pictures, model = tools.pictures("small", count), tools.resnet20()
    settings = {"model": model, "folder": pictures}
    ours = tools.ours(model, pictures)
    point, bench.grids["W1 python"] = best_python(tools, settings, 500 if bench.quick else 2_000, bench.quick)
    python = tools.python(**settings, **point)
    runs = against(bench, "W1", "ResNet-20, PNG 32×32, against Python", ours, python, 1.25)
    bench.rows[-1].note = f"{rates(runs, count)}; Python at {spelt(point)}; {tools.agreement('python.csv')}"
    bench.add_limit("W1", "part of the combined limit", model, pictures, 0.93)
    try_int8(bench, "W1", "INT8 against Python on float32", model, pictures, python, 1.7)
    if not (tools.bin / "hugot").exists():
        return bench.skip("W1", "against hugot", "hugot was not built")
    folder, few = tools.hugot_folder(), tools.pictures("small", 500)
    try:
        point, bench.grids["W1 hugot"] = best_hugot(tools, folder, few, bench.quick)
        runs = against(bench, "W1", "against hugot, ONNX Runtime backend", ours, tools.hugot(folder, pictures, **point), 3)
        bench.rows[-1].note = f"{rates(runs, count)}; hugot at {spelt(point)}; {tools.agreement('hugot.csv')}"
    except measure.Failed as why:
        bench.skip("W1", "against hugot", str(why))


def w2(bench):
    tools, model = bench.tools, bench.tools.resnet20()
    for batch in (1, 8, 64):
        arguments = [tools.library, model, batch, 0.4 if bench.quick else 1]
        runs = bench.alternate(
            {
                "ours": lambda: measure.reported(measure.run([tools.bin / "session", *arguments])),
                "theirs": lambda: measure.reported(measure.run([tools.bin / "c_peer", *arguments])),
            },
            2 * bench.pairs + 1,
        )
        ours, theirs = (json.loads(runs[name][-1].output)["scores"] for name in ("ours", "theirs"))
        if max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) > 1e-6:
            raise measure.Failed("infer.Session and the C API give different scores")
        note = f"a picture: ours {1e6 * measure.seconds(runs['ours']):.0f} µs, C {1e6 * measure.seconds(runs['theirs']):.0f} µs; same scores"
        bench.add(Row("W2", f"ready tensors, batch {batch}, against the C API", measure.speedup(runs["ours"], runs["theirs"]), 0.97, note))


def w3(bench):
    tools = bench.tools
    count = 24 if bench.quick else 300
    pictures, model = tools.pictures("photo", count), tools.resnet(18, 224, "float32")
    settings = {"model": model, "folder": pictures, **IMAGENET}
    point, bench.grids["W3 python"] = best_python(tools, settings, 16 if bench.quick else 64, bench.quick, large=True)
    python = tools.python(**settings, **point)
    runs = against(bench, "W3", "ResNet-18, JPEG 12 MP, exact pixels against Python", tools.ours(model, pictures, IMAGENET_FLAGS), python, 1.15)
    bench.rows[-1].note = f"{rates(runs, count)}; Python at {spelt(point)}; {tools.agreement('python.csv')}"
    bench.add_limit("W3", "part of the combined limit", model, pictures, 0.9, IMAGENET_FLAGS)
    if not tools.has_flag("decode"):
        return bench.skip("W3", "--decode scaled", "scones classify has no --decode yet")
    scaled = tools.ours(model, pictures, [*IMAGENET_FLAGS, "--decode", "scaled"])
    runs = against(bench, "W3", "--decode scaled against exact Python", scaled, python, 2)
    bench.rows[-1].note = f"{rates(runs, count)}; {tools.agreement('python.csv')}"
    runs = against(bench, "W3", "--decode scaled against Python with draft", scaled, tools.python(**settings, **point, draft=True), None)
    bench.rows[-1].note = f"{rates(runs, count)}; {tools.agreement('python.csv')}"


def w4(bench):
    tools = bench.tools
    count = 48 if bench.quick else 1_000
    pictures, model = tools.pictures("imagenet", count), tools.resnet(50, 224, "float32")
    few = tools.pictures("imagenet", 24 if bench.quick else 64)
    settings = {"model": model, **IMAGENET}
    point, bench.grids["W4 python"] = best_python(tools, {**settings, "folder": few}, 0, bench.quick, large=True)
    ours = tools.ours(model, pictures, IMAGENET_FLAGS)
    runs = bench.alternate({"ours": ours, "theirs": tools.python(**settings, folder=pictures, **point)}, min(bench.pairs, 2), warm=False)
    note = f"{rates(runs, count)}; Python at {spelt(point)}; {tools.agreement('python.csv')}"
    bench.add(Row("W4", "ResNet-50, JPEG 500×375, against Python", measure.speedup(runs["ours"], runs["theirs"]), None, note))
    bench.add_limit("W4", "part of the combined limit", model, few, 0.97, IMAGENET_FLAGS)
    try_int8(bench, "W4", "INT8 against float32, ResNet-50", model, few, tools.ours(model, few, IMAGENET_FLAGS), 2.4, IMAGENET_FLAGS)
    deep, small = tools.resnet(152, 32, "uint8"), tools.pictures("small", 50 if bench.quick else 200)
    try_int8(bench, "W4", "INT8 against float32, ResNet-152 at 32×32", deep, small, tools.ours(deep, small), 2.4)


def spelt(point):
    return ", ".join(f"{name} {value}" for name, value in point.items())
