"""Compares scones with other ways to do the same work and prints a table. Called by run.sh, which says how."""

import argparse
import importlib.metadata
import json
import platform
import re
import sys
import time

import limits
import measure
import report
import works
from report import Row
from tools import HERE, Tools

WORKS = {"W1": works.w1, "W2": works.w2, "W3": works.w3, "W4": works.w4, "W5": limits.w5, "W6": limits.w6, "scaling": limits.scaling}


class Bench:
    """What all works share: the tools, how often to run, and the rows so far."""

    def __init__(self, tools, pairs, quick):
        self.tools, self.pairs, self.quick = tools, pairs, quick
        self.rows, self.grids = [], {}

    def alternate(self, sides, pairs=None, warm=True):
        return measure.alternate(sides, pairs or self.pairs, warm)

    def add(self, row):
        self.rows.append(row)

    def skip(self, work, what, why):
        self.add(Row(work, what, None, None, f"skipped: {why}"))

    def add_limit(self, work, what, model, pictures, bar, flags=()):
        efficiency = self.tools.efficiency(model, pictures, flags)
        note = "as scones bench says" if efficiency is not None else "skipped: scones bench gives no efficiency here"
        self.add(Row(work, what, efficiency, bar, note))


def versions(tools):
    found = {name: importlib.metadata.version(name) for name in ("onnxruntime", "numpy", "pillow")}
    found["python"] = platform.python_version()
    found["hugot"] = re.search(r"knights-analytics/hugot (v\S+)", (HERE / "hugot" / "go.mod").read_text())[1]
    found["scones"] = measure.run([tools.scones, "version"]).output.split("\n")[0]
    return found


def main():
    parser = argparse.ArgumentParser(prog="run.sh")
    parser.add_argument("works", nargs="*", metavar="WORK", help="W1 to W6 or scaling (default: all)")
    parser.add_argument("--pairs", type=int, help="runs of each side (default: 5, with --quick 3)")
    parser.add_argument("--quick", action="store_true", help="fewer pictures and a smaller grid")
    parser.add_argument("--json", metavar="FILE", help="write the table to FILE too")
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = [name for name in args.works if name not in WORKS]
    if unknown or (args.pairs is not None and args.pairs < 1):
        parser.error(f"works are {', '.join(WORKS)}; --pairs is 1 or more")

    tools = Tools(args.cache)
    bench = Bench(tools, args.pairs or (3 if args.quick else 5), args.quick)
    machine = report.machine(versions(tools))
    failed = False
    for name in args.works or WORKS:
        start = time.monotonic()
        try:
            WORKS[name](bench)
        except measure.Failed as why:
            failed = True
            bench.skip(name, "not measured", str(why))
        print(f"peers: {name} took {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print("\n".join(f"{key}: {value}" for key, value in machine.items()))
    print("\nHow many times as fast scones is, as the median of pairs run in turn, unless the row says otherwise.\n")
    print(report.markdown(bench.rows))
    for name, points in bench.grids.items():
        print("\n" + report.grid(name, points))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(report.as_json(bench.rows, bench.grids, machine), file, indent=2)
    sys.exit(1 if failed else 0)


main()
