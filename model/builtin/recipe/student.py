"""Trains the student on a bank of views with soft labels."""

import math

import torch
from torch.nn import functional as F

import net as resnet


class Plan:
    """What is fixed before training; chosen by cross-validation alone."""

    widths, units = (16, 16, 32, 64), (3, 3, 3)
    samples = 90_000  # pictures shown
    batch = 50
    rate, decay, momentum = 0.1, 5e-4, 0.9
    average = 0.995  # of the running mean of weights, per step


def shift(x, g, reach=2):
    """One random shift of up to reach pixels for the batch, edges reflected."""
    dy, dx = torch.randint(0, 2 * reach + 1, (2,), generator=g).tolist()
    side = x.shape[-1]
    return F.pad(x, (reach,) * 4, mode="reflect")[:, :, dy:dy + side, dx:dx + side]


def train(plan, views, soft, seed, log=None):
    """Returns a net.ResNet in eval mode.

    views: uint8 (V, N, 3, 32, 32); soft: (V, N) probability of class 1.
    log: called with a line now and then."""
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    model = resnet.ResNet(plan.widths, plan.units)
    pixels = views[:2].float().transpose(0, 2).flatten(1)
    model.bn_data.running_mean.copy_(pixels.mean(1))
    model.bn_data.running_var.copy_(pixels.var(1))
    with torch.no_grad():
        model.bn_data.bias.zero_()
    model = model.to(memory_format=torch.channels_last)
    averaged = {k: v.clone() for k, v in model.state_dict().items()}
    parameters = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.SGD(parameters, lr=plan.rate, momentum=plan.momentum,
                          weight_decay=plan.decay, nesterov=True)
    steps = plan.samples // plan.batch
    views, soft = views.flatten(0, 1), soft.flatten()
    order, at, total = torch.randperm(len(views), generator=g), 0, 0.0
    model.train()
    model.bn_data.eval()  # the input's statistics are measured above, once
    for step in range(steps):
        warm = min(1.0, (step + 1) / 100)
        opt.param_groups[0]["lr"] = plan.rate * warm * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        if at + plan.batch > len(order):
            order, at = torch.randperm(len(views), generator=g), 0
        pick = order[at:at + plan.batch]
        at += plan.batch
        x = views[pick].float()
        x = x.flip(3) if torch.rand(1, generator=g) < 0.5 else x
        x = shift(x, g).contiguous(memory_format=torch.channels_last)
        logits = model(x)
        loss = F.binary_cross_entropy_with_logits(logits[:, 1] - logits[:, 0], soft[pick])
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


@torch.inference_mode()
def logits(model, pictures, batch=100):
    """Difference of the two logits (N,), class 1 minus class 0, of uint8 pictures."""
    out = [model(pictures[i:i + batch].float()) for i in range(0, len(pictures), batch)]
    out = torch.cat(out)
    return out[:, 1] - out[:, 0]
