"""Finds the best settings of a peer, so that scones is compared with what a careful user gets."""

import itertools
import json

import measure


def python_points(quick, large):
    """Settings to try: threads and processes, pictures a batch, threads inside ONNX Runtime. Large pictures make small batches."""
    batches = [1, 8, 16] if large else [1, 8, 16, 32, 64]
    workers, threads = [1, 2, 4], [1, 2]
    if quick:
        batches, workers = batches[:2] if large else batches[1:3], [2] if large else [2, 4]
    for worker, batch, thread in itertools.product(workers, batches, threads):
        yield {"workers": worker, "batch": batch, "threads": thread, "processes": False}
    for batch in batches:
        yield {"workers": 2, "batch": batch, "threads": 1, "processes": True}


def best_python(tools, settings, limit, quick, large=False):
    """Returns the fastest point and all points with pictures per second. Interpreter start and imports do not count here."""
    tried = []
    for point in python_points(quick, large):
        said = json.loads(tools.python(**settings, **point, limit=limit)().output)
        tried.append({**point, "rate": round(said["pictures"] / said["seconds"], 1)})
    # The few best twice more: one try is at the mercy of what else the machine does.
    for entry in sorted(tried, key=lambda entry: -entry["rate"])[: 2 if quick else 4]:
        point = {name: value for name, value in entry.items() if name != "rate"}
        again = [json.loads(tools.python(**settings, **point, limit=limit)().output) for _ in range(2)]
        entry["rate"] = max(entry["rate"], *(round(said["pictures"] / said["seconds"], 1) for said in again))
    best = max(tried, key=lambda entry: entry["rate"])
    return {name: value for name, value in best.items() if name != "rate"}, tried


def best_hugot(tools, folder, pictures, quick):
    """Returns the fastest workers and batch of hugot, and all points with pictures per second."""
    tried = []
    count = len(list(pictures.iterdir()))
    for workers, batch in itertools.product([2] if quick else [1, 2, 4], [1, 16] if quick else [1, 8, 32]):
        seconds = tools.hugot(folder, pictures, workers, batch)().seconds
        tried.append({"workers": workers, "batch": batch, "rate": round(count / seconds, 1)})
    best = max(tried, key=lambda entry: entry["rate"])
    return {"workers": best["workers"], "batch": best["batch"]}, tried
