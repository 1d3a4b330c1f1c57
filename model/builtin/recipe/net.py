"""The student: a pre-activation ResNet as SageMaker's built-in algorithm builds it.

Node for node the 3x3-stem network of the algorithm's lineage (MXNet's example
resnet.py, "basic" units): bn_data on raw RGB 0..255, conv0, stages of units,
bn1, relu1, global average pool, fc1. Module names are MXNet's node names with
dots for the first underscore-free path, so that artifact.py can map weights
without a table.
"""

import torch
from torch import nn
from torch.nn import functional as F

EPS = 2e-5  # of every BatchNorm; bn_data's gamma is fixed at 1 (fix_gamma)


def batch_norm(channels):
    # MXNet's momentum 0.9 is PyTorch's 0.1
    return nn.BatchNorm2d(channels, eps=EPS, momentum=0.1)


def conv(cin, cout, kernel, stride):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)


class Unit(nn.Module):
    """Two 3x3 convolutions, each after BatchNorm and ReLU; the shortcut is a
    1x1 convolution of the first ReLU in a stage's first unit, else identity."""

    def __init__(self, cin, cout, stride, first):
        super().__init__()
        self.bn1 = batch_norm(cin)
        self.conv1 = conv(cin, cout, 3, stride)
        self.bn2 = batch_norm(cout)
        self.conv2 = conv(cout, cout, 3, 1)
        self.sc = conv(cin, cout, 1, stride) if first else None

    def forward(self, x):
        pre = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(pre))))
        return y + (x if self.sc is None else self.sc(pre))


class ResNet(nn.Module):
    """Input: float32 (N, 3, 32, 32), RGB 0..255. Output: logits (N, classes).

    widths: channels of conv0 and of each stage; units: units in each stage."""

    def __init__(self, widths=(16, 16, 32, 64), units=(3, 3, 3), classes=2):
        super().__init__()
        self.widths, self.units, self.classes = tuple(widths), tuple(units), classes
        self.bn_data = batch_norm(3)
        self.bn_data.weight.requires_grad_(False)  # fix_gamma: 1 and never trained
        self.conv0 = conv(3, widths[0], 3, 1)
        channels = widths[0]
        self.names = []
        for s, (width, count) in enumerate(zip(widths[1:], units), 1):
            for u in range(1, count + 1):
                first = u == 1
                stride = 2 if first and s > 1 else 1
                name = f"stage{s}_unit{u}"
                self.add_module(name, Unit(channels, width, stride, first))
                self.names.append(name)
                channels = width
        self.bn1 = batch_norm(channels)
        self.fc1 = nn.Linear(channels, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out")

    def pooled(self, x):
        """What fc1 sees: (N, widths[-1])."""
        x = self.conv0(self.bn_data(x))
        for name in self.names:
            x = self.get_submodule(name)(x)
        return F.relu(self.bn1(x)).mean((2, 3))

    def forward(self, x):
        return self.fc1(self.pooled(x))


def multiply_adds(net, size=32):
    """Multiply-adds of convolutions and fc1 for one size x size picture."""
    total, side = 0, size
    total += net.conv0.weight.numel() * side * side
    for name in net.names:
        unit = net.get_submodule(name)
        side //= unit.conv1.stride[0]
        for m in (unit.conv1, unit.conv2, unit.sc):
            if m is not None:
                total += m.weight.numel() * side * side
    return total + net.fc1.weight.numel()
