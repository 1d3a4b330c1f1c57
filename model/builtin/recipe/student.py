"""Trains the student: first on what the encoder sees in unlabelled pictures, then on
a bank of views with soft labels."""

import math

import torch
from torch import nn
from torch.nn import functional as F

import net as resnet


class Plan:
    """What is fixed before training; chosen by cross-validation alone."""

    widths, units = (16, 16, 64, 128), (2, 2, 2)
    first = 280_000  # pictures shown in the first lesson
    samples = 60_000  # pictures shown in the second
    batch = 50
    rate, decay, momentum = 0.05, 5e-4, 0.9
    average = 0.995  # of the running mean of weights, per step


def shift(x, g, reach=2):
    """One random shift of up to reach pixels for the batch, edges reflected."""
    dy, dx = torch.randint(0, 2 * reach + 1, (2,), generator=g).tolist()
    side = x.shape[-1]
    return F.pad(x, (reach,) * 4, mode="reflect")[:, :, dy:dy + side, dx:dx + side]


def light(x, g):
    """Random brightness and contrast of each picture."""
    draw = lambda: 0.8 + 0.4 * torch.rand(len(x), 1, 1, 1, generator=g)
    mean = x.mean((1, 2, 3), keepdim=True)
    return ((x - mean) * draw() + mean * draw()).clamp(0, 255)


def descend(plan, model, extra, samples, count, loss_of, seed, log):
    """SGD with a cosine rate; returns model with its averaged weights, in eval mode.

    extra: parameters that are trained beside the model's. loss_of(pick, g): the loss
    on the pictures with indices pick of count. log: called with a line now and then."""
    g = torch.Generator().manual_seed(seed)
    averaged = {k: v.clone() for k, v in model.state_dict().items()}
    parameters = [p for p in [*model.parameters(), *extra] if p.requires_grad]
    opt = torch.optim.SGD(parameters, lr=plan.rate, momentum=plan.momentum, weight_decay=plan.decay, nesterov=True)
    steps = samples // plan.batch
    order, at, total = torch.randperm(count, generator=g), 0, 0.0
    model.train()
    model.bn_data.eval()  # the input's statistics are measured once, before
    for step in range(steps):
        warm = min(1.0, (step + 1) / 100)
        opt.param_groups[0]["lr"] = plan.rate * warm * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        if at + plan.batch > len(order):
            order, at = torch.randperm(count, generator=g), 0
        pick = order[at:at + plan.batch]
        at += plan.batch
        loss = loss_of(pick, g)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
        with torch.no_grad():
            keep = min(plan.average, (1 + step) / (10 + step))
            for k, v in model.state_dict().items():
                if v.is_floating_point():
                    averaged[k].lerp_(v, 1 - keep)
        if log and (step + 1) % 200 == 0:
            log(f"step {step + 1}/{steps} loss {total / 200:.4f}")
            total = 0.0
    model.load_state_dict(averaged)
    return model.eval()


def measure(model, pictures):
    """Sets bn_data to the mean and variance of pictures uint8 (N, 3, 32, 32)."""
    pixels = pictures.float().transpose(0, 1).flatten(1)
    model.bn_data.running_mean.copy_(pixels.mean(1))
    model.bn_data.running_var.copy_(pixels.var(1))
    with torch.no_grad():
        model.bn_data.bias.zero_()


def first(plan, pictures, targets, seed, log=None):
    """A net.ResNet whose pooled features predict targets (N, D) of pictures uint8
    (N, 3, 32, 32) by a linear layer, which is thrown away."""
    torch.manual_seed(seed)
    model = resnet.ResNet(plan.widths, plan.units)
    measure(model, pictures)
    model = model.to(memory_format=torch.channels_last)
    head = nn.Linear(plan.widths[-1], targets.shape[1])

    def loss(pick, g):
        x = pictures[pick].float()
        x = x.flip(3) if torch.rand(1, generator=g) < 0.5 else x
        x = light(shift(x, g), g).contiguous(memory_format=torch.channels_last)
        return F.mse_loss(head(model.pooled(x)), targets[pick])

    return descend(plan, model, head.parameters(), plan.first, len(pictures), loss, seed, log)


def train(plan, views, soft, seed, log=None, start=None):
    """Returns a net.ResNet in eval mode.

    views: uint8 (V, N, 3, 32, 32); soft: (V, N) probability of class 1; start: the
    state that the first lesson left, or None."""
    torch.manual_seed(seed)
    model = resnet.ResNet(plan.widths, plan.units)
    if start is not None:
        model.load_state_dict({k: v for k, v in start.items() if not k.startswith("fc1.")}, strict=False)
        nn.init.zeros_(model.fc1.weight)
    measure(model, views[:2].flatten(0, 1))
    model = model.to(memory_format=torch.channels_last)
    views, soft = views.flatten(0, 1), soft.flatten()

    def loss(pick, g):
        x = views[pick].float()
        x = x.flip(3) if torch.rand(1, generator=g) < 0.5 else x
        x = shift(x, g).contiguous(memory_format=torch.channels_last)
        logits = model(x)
        return F.binary_cross_entropy_with_logits(logits[:, 1] - logits[:, 0], soft[pick])

    return descend(plan, model, [], plan.samples, len(views), loss, seed, log)


@torch.inference_mode()
def logits(model, pictures, batch=100):
    """Difference of the two logits (N,), class 1 minus class 0, of uint8 pictures."""
    out = [model(pictures[i:i + batch].float()) for i in range(0, len(pictures), batch)]
    out = torch.cat(out)
    return out[:, 1] - out[:, 0]
