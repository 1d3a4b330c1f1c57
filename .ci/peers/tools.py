"""The programs, models and pictures of the comparison."""

import csv
import json
import os
import pathlib
import shutil
import sys

import measure

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]


class Skipped(Exception):
    """A part of the comparison cannot be made here; the message says why."""


class Tools:
    def __init__(self, cache):
        self.cache = pathlib.Path(cache)
        self.bin = self.cache / "bin"
        self.scones = self.bin / "scones"
        self.models, self.pictures_root, self.out = (self.cache / name for name in ("models", "pictures", "out"))
        for folder in (self.models, self.pictures_root, self.out):
            folder.mkdir(parents=True, exist_ok=True)
        self.commands = measure.run([self.scones, "--help"]).output
        self.flags = measure.run([self.scones, "classify", "--help"]).output
        self.library = self.find_library()

    def find_library(self):
        """Asks scones which ONNX Runtime it loads, so that every side but Python's loads the same file."""
        measure.run([self.scones, "runtime", "install"])
        return measure.run([self.scones, "runtime", "path"]).output.strip()

    def has_command(self, name):
        return f"   {name} " in self.commands

    def has_flag(self, name):
        return f"--{name} " in self.flags

    def pictures(self, kind, count):
        folder = self.pictures_root / f"{kind}-{count}"
        if not folder.exists() or len(os.listdir(folder)) != count:
            measure.run([sys.executable, HERE / "pictures.py", self.pictures_root, kind, count])
        return folder

    def export(self, artifact, name, element):
        model = self.models / f"{name}-{element}.onnx"
        part = self.models / f"{name}-{element}.part.onnx"
        measure.run([self.scones, "export", "--input", element, "--out", part, artifact])
        part.rename(model)
        return model

    def resnet20(self, element="uint8"):
        """A trained ResNet-20 for 32 × 32 pixels; the artifact lies in the repository."""
        return self.export(ROOT / "testdata" / "mxnet" / "resnet20-32" / "model.tar.gz", "resnet20", element)

    def resnet(self, layers, size, element):
        """A ResNet of random weights: as slow as a trained one."""
        name = f"resnet{layers}-{size}"
        artifact = self.models / f"{name}.tar"
        measure.run([self.bin / "artifact", layers, size, 1000, artifact])
        model = self.export(artifact, name, element)
        artifact.unlink()
        return model

    def hugot_folder(self):
        """A model folder as hugot wants it: it takes float32 alone."""
        folder = self.models / "hugot"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(self.resnet20("float32"), folder / "model.onnx")
        (folder / "config.json").write_text(json.dumps({"id2label": {str(i): f"class_{i}" for i in range(10)}}))
        return folder

    def quantized(self, model, pictures, flags=()):
        """The INT8 twin of a model. Its gate is opened, by made-up truth and a drop of 100 points: the models here are untrained, their labels
        change at a touch."""
        if not self.has_command("quantize"):
            raise Skipped("scones has no quantize yet")
        out = model.with_suffix(".int8.onnx")
        out.unlink(missing_ok=True)
        truth = self.out / "truth.lst"
        truth.write_text("".join(f"{i}\t0\t{p.name}\n" for i, p in enumerate(sorted(pictures.iterdir()))))
        try:
            gate = ["--labels-from", truth, "--max-drop", 100]
            measure.run([self.scones, "quantize", model, "--calibration", pictures, "-o", out, *gate, *flags])
        except measure.Failed as why:
            raise Skipped(f"no INT8 file: {why}") from why
        return out

    def efficiency(self, model, pictures, flags=()):
        """What scones bench says of a folder: the rate as a part of the combined limit. None without the command."""
        if not self.has_command("bench"):
            return None
        try:
            said = json.loads(measure.run([self.scones, "bench", "--json", "--model", model, *flags, pictures]).output)
        except measure.Failed as why:
            print(f"peers: scones bench: {why}", file=sys.stderr)
            return None
        return find(said, "efficiency")

    def ours(self, model, pictures, flags=(), cores=None):
        """Returns a function that classifies a folder into ours.csv."""
        command = [self.scones, "classify", "--model", model, "--format", "csv", "--out", self.out / "ours.csv", "--overwrite", *flags, pictures]
        return lambda: measure.run(command, cores)

    def python(self, **settings):
        """Returns a function that lets the Python peer write python.csv."""
        settings = {name: str(value) if isinstance(value, pathlib.Path) else value for name, value in settings.items()}
        command = [sys.executable, HERE / "python_peer.py", json.dumps({**settings, "out": str(self.out / "python.csv")})]
        return lambda: measure.run(command)

    def hugot(self, folder, pictures, workers, batch):
        libraries = self.cache / "libraries"  # hugot takes a folder with a library of this very name
        libraries.mkdir(exist_ok=True)
        link = libraries / "libonnxruntime.so"
        link.unlink(missing_ok=True)
        link.symlink_to(self.library)
        command = [self.bin / "hugot", libraries, folder, pictures, self.out / "hugot.csv", workers, batch]
        return lambda: measure.run(command)

    def agreement(self, name):
        """Compares the rows of ours.csv with another file's: which part has the same class, and by how much scores differ at most.

        The words also say how many classes there are and how far scores lie apart from picture to picture: a model of random weights
        may name one class for all, and then only the scores tell something.
        """
        ours, theirs = rows(self.out / "ours.csv"), rows(self.out / name)
        if ours.keys() != theirs.keys():
            raise measure.Failed(f"ours.csv has {len(ours)} pictures and {name} {len(theirs)}, not the same")
        same = [path for path in ours if ours[path][0] == theirs[path][0]]
        largest = max((abs(ours[path][1] - theirs[path][1]) for path in same), default=0.0)
        classes = len({index for index, _ in ours.values()})
        scores = [score for _, score in ours.values()]
        return (
            f"same class {100 * len(same) / len(ours):.2f} % ({classes} seen), "
            f"scores within {largest:.2g} (they spread over {max(scores) - min(scores):.2g})"
        )


def rows(path):
    """Class and score by file name."""
    with open(path, newline="") as file:
        return {os.path.basename(row["path"]): (int(row["index"]), float(row["score"])) for row in csv.DictReader(file)}


def find(value, key):
    """The first value of a key anywhere in a JSON document."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            found = find(part, key)
            if found is not None:
                return found
    return None
