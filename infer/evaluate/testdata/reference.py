"""The figures of package evaluate by scikit-learn, scipy and numpy. Cases come as JSON on standard input, a list of objects with the
name of a function below and its arguments; a list of results goes to standard output. What has no value is null."""

import json
import math
import sys
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve


def bins(score, right, count, strategy):
    score, right = np.array(score), np.array(right, dtype=int)
    grid = np.linspace(0.0, 1.0, count + 1)
    edges = grid if strategy == "uniform" else np.percentile(score, grid * 100)
    place = np.searchsorted(edges[1:-1], score)
    counts = np.bincount(place, minlength=count)
    accuracy, mean = calibration_curve(right, score, n_bins=count, strategy=strategy, pos_label=1)
    filled = np.flatnonzero(counts)
    return {
        "edges": edges.tolist(), "filled": filled.tolist(), "counts": counts[filled].tolist(),
        "accuracy": accuracy.tolist(), "score": mean.tolist(),
        "ece": float(np.sum(counts[filled] * np.abs(accuracy - mean)) / len(score)),
        "maximum": float(np.max(np.abs(accuracy - mean))),
    }


def probabilities(p, truth):
    p, truth = np.array(p), np.array(truth)
    classes = list(range(p.shape[1]))
    predicted = p.argmax(axis=1)
    matrix = metrics.confusion_matrix(truth, predicted, labels=classes)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=np.nan)
    macro = metrics.precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=np.nan, average="macro")
    seen = set(truth.tolist())
    # An area needs both kinds of pictures; scikit-learn answers 0, nan or raises where it has no value.
    roc = [metrics.roc_auc_score(truth == c, p[:, c]) if 0 < (truth == c).sum() < len(truth) else None for c in classes]
    pr = [metrics.average_precision_score(truth == c, p[:, c]) if c in seen else None for c in classes]
    found = {
        "confusion": matrix.tolist(), "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(),
        "macro": [float(v) for v in macro[:3]], "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "balanced": float(metrics.balanced_accuracy_score(truth, predicted)),
        "log_loss": float(metrics.log_loss(truth, p, labels=classes)), "roc": roc, "pr": pr,
        "brier": float(metrics.brier_score_loss(truth, p, labels=classes)) if len(classes) > 1 else None,
    }
    if all(v is not None for v in roc) and len(classes) > 2:
        found["roc_macro"] = float(metrics.roc_auc_score(truth, p, multi_class="ovr", labels=classes))
    # Of equal scores scikit-learn puts the higher class first, so it is asked with the classes in reverse order.
    flipped = p[:, ::-1]
    found["top2"] = float(metrics.top_k_accuracy_score(len(classes) - 1 - truth, flipped, k=2, labels=classes)) if len(classes) > 2 else None
    return found


def proportion(k, n, alpha):
    test = stats.binomtest(k, n)
    wilson, exact = test.proportion_ci(0.95, "wilson"), test.proportion_ci(0.95, "exact")
    lower = stats.binomtest(k, n, alternative="greater").proportion_ci(1 - alpha, "exact").low
    return {"wilson": list(wilson), "exact": list(exact), "lower": float(lower)}


def tail(k, n, p):
    return float(stats.binomtest(k, n, p, alternative="greater").pvalue)


def resampled(score, right, count, strategy, draws):
    score, right = np.array(score), np.array(right, dtype=int)
    errors = [bins(score[d], right[d], count, strategy)["ece"] for d in np.array(draws)]
    return np.quantile(errors, [0.025, 0.975]).tolist()


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


warnings.simplefilter("ignore")  # scikit-learn warns of every figure that has no value
functions = {f.__name__: f for f in (bins, probabilities, proportion, tail, resampled)}
cases = json.load(sys.stdin)
json.dump([plain(functions[case.pop("function")](**case)) for case in cases], sys.stdout)
