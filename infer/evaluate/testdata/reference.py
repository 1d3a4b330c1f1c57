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


def paired(both, gained, lost, n):
    """McNemar's test, and Newcombe's method 10 for second minus first from Wilson's limits."""
    first, second = both + lost, both + gained
    (l1, u1), (l2, u2) = (stats.binomtest(k, n).proportion_ci(0.95, "wilson") for k in (first, second))
    p1, p2 = first / n, second / n
    # The correlation of the two columns of right and wrong, corrected for continuity where it is positive.
    a, b, c, d = both, lost, gained, n - both - gained - lost
    numerator = a * d - b * c
    margins = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    phi = 0.0 if margins == 0 else (max(numerator - n / 2, 0) if numerator > 0 else numerator) / margins
    low = p2 - p1 - math.sqrt(max((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2, 0))
    high = p2 - p1 + math.sqrt(max((u2 - p2) ** 2 - 2 * phi * (u2 - p2) * (p1 - l1) + (p1 - l1) ** 2, 0))
    p = stats.binomtest(gained, gained + lost, 0.5).pvalue if gained + lost else 1.0
    return {"p": float(p), "low": low, "high": high}


def promise(score, right, target):
    """The fallback procedure from its definition: hypotheses in an order, each with its own share of 5 %."""
    score, right = np.array(score), np.array(right)
    n = len(score)
    thresholds = np.unique(score)[::-1]
    accepted = [int((score >= t).sum()) for t in thresholds]
    hits = [int(right[score >= t].sum()) for t in thresholds]
    for starts in range(10, 0, -1):
        least = next(k for k in range(1, 10 ** 6) if target ** k <= 0.05 / starts)
        if least <= n:
            break
    else:
        return {"found": False}
    own = np.zeros(len(thresholds))
    for s in range(starts):
        want = least + (s * (n - least) // (starts - 1) if starts > 1 else 0)
        own[next(i for i, a in enumerate(accepted) if a >= want)] += 0.05 / starts
    best, carried = None, 0.0
    for i in range(len(thresholds)):
        alpha = own[i] + carried
        rejected = alpha > 0 and stats.binomtest(hits[i], accepted[i], target, alternative="greater").pvalue <= alpha
        carried = alpha if rejected else 0.0
        if rejected:
            best = (i, alpha)
    if best is None:
        return {"found": False}
    i, alpha = best
    bound = stats.binomtest(hits[i], accepted[i], alternative="greater").proportion_ci(1 - alpha, "exact").low
    return {"found": True, "accepted": accepted[i], "right": hits[i], "lower": float(bound), "alpha": float(alpha)}


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
functions = {f.__name__: f for f in (bins, probabilities, proportion, paired, promise, resampled)}
cases = json.load(sys.stdin)
json.dump([plain(functions[case.pop("function")](**case)) for case in cases], sys.stdout)
