"""The rows of the table, as Markdown and as JSON."""

import os
import platform
from dataclasses import asdict, dataclass

from measure import Ratio


@dataclass
class Row:
    work: str
    what: str
    value: Ratio | float | None  # None where it was skipped
    bar: float | None  # what must be reached; None where nothing must
    note: str = ""
    most: bool = False  # the bar is the most that is allowed, not the least

    @property
    def figure(self):
        return self.value.median if isinstance(self.value, Ratio) else self.value

    @property
    def met(self):
        if self.figure is None or self.bar is None:
            return None
        return self.figure <= self.bar if self.most else self.figure >= self.bar

    def cells(self):
        spread = cpu = "-"
        if isinstance(self.value, Ratio):
            spread, cpu = f"{self.value.low:.2f} to {self.value.high:.2f}", f"{self.value.cpu:.2f}"
        figure = "-" if self.figure is None else f"{self.figure:.2f}"
        bar = "-" if self.bar is None else f"{'≤' if self.most else '≥'} {self.bar:g}"
        met = {True: "yes", False: "no", None: "-"}[self.met]
        return [self.work, self.what, figure, spread, cpu, bar, met, self.note.replace("|", "/").replace("\n", " ")]


HEADER = ["work", "what", "figure", "spread", "by CPU time", "must be", "met", "note"]


def markdown(rows):
    table = [HEADER, ["---"] * len(HEADER), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in table)


def grid(name, points):
    """The points of a grid from the fastest on."""
    names = [key for key in points[0] if key != "rate"]
    lines = [f"{name}, pictures/s:", "", "| " + " | ".join([*names, "rate"]) + " |", "| " + " | ".join(["---"] * (len(names) + 1)) + " |"]
    for point in sorted(points, key=lambda point: -point["rate"]):
        lines.append("| " + " | ".join(str(point[key]) for key in [*names, "rate"]) + " |")
    return "\n".join(lines)


def as_json(rows, grids, machine):
    return {"machine": machine, "rows": [{**asdict(row), "met": row.met} for row in rows], "grids": grids}


def machine(versions):
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
        **versions,
    }
