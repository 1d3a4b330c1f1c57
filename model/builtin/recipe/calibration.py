"""Accuracy with its interval, and whether a score means what it says.

Logits are differences: of class 1 minus class 0, shape (N,)."""

import math

import torch
from torch.nn import functional as F


def accuracy(logits, labels):
    """Share of right answers with Wilson's 95 % interval."""
    n, right, z = len(labels), ((logits > 0) == labels).sum().item(), 1.959964
    p = right / n
    middle, half = p + z * z / 2 / n, z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    scale = 1 + z * z / n
    return {"n": n, "right": right, "accuracy": p, "low": (middle - half) / scale, "high": (middle + half) / scale}


def temperature(logits, labels):
    """The divisor of logits that gives the least log loss."""
    heats = torch.logspace(-1, 1, 2001, dtype=torch.float64)
    losses = torch.stack([F.binary_cross_entropy_with_logits(logits.double() / t, labels.double()) for t in heats])
    return heats[losses.argmin()].item()


def describe(logits, labels, bins=15, threshold=0.93):
    """Log loss, expected calibration error over equal bins of confidence (Guo et
    al. 2017), and how often scores of at least the threshold are right."""
    p = torch.sigmoid(logits)
    confidence, right = torch.maximum(p, 1 - p), ((logits > 0) == labels).float()
    error = 0.0
    for b in range(bins):
        inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
        if inside.any():
            error += inside.float().mean().item() * abs(confidence[inside].mean() - right[inside].mean()).item()
    sure = confidence >= threshold
    return {"log_loss": F.binary_cross_entropy_with_logits(logits, labels.float()).item(), "calibration_error": error,
            "share_at_threshold": sure.float().mean().item(), "right_at_threshold": right[sure].mean().item()}
