"""The statistics of package twosample by scipy and numpy. Cases come as JSON on standard input, a list of objects with the name of a
function below and its arguments; a list of results goes to standard output."""

import json
import sys
import warnings

import numpy as np
from scipy import stats
from scipy.spatial.distance import pdist, squareform


def permutations(x, y, statistic):
    """Exact p of a statistic that is large when samples differ."""
    found = stats.permutation_test((x, y), statistic, n_resamples=np.inf, alternative="greater", vectorized=False)
    return float(found.pvalue)


def numbers(x, y, small, ties):
    x, y = np.array(x), np.array(y)
    exact = stats.ks_2samp(x, y, method="exact")
    found = {
        "ks": float(exact.statistic), "ks_p": None if ties else float(exact.pvalue),
        "wasserstein": float(stats.wasserstein_distance(x, y)),
        "cliff": float(2 * stats.mannwhitneyu(y, x).statistic / (len(x) * len(y)) - 1),
    }
    if small:
        found["ks_p"] = permutations(x, y, lambda a, b: stats.ks_2samp(a, b, method="asymp").statistic)
        found["wasserstein_p"] = permutations(x, y, stats.wasserstein_distance)
    return found


def counts(x, y, small):
    seen = [k for k in range(len(x)) if x[k] + y[k] > 0]
    table = np.array([[x[k] for k in seen], [y[k] for k in seen]])
    statistic = lambda a, b: stats.chi2_contingency([np.bincount(a, minlength=len(seen)), np.bincount(b, minlength=len(seen))], correction=False).statistic
    found = {"chi_square": float(stats.chi2_contingency(table, correction=False).statistic)}
    even = table / table.sum(axis=1, keepdims=True)
    found["v"] = float(np.sqrt(stats.chi2_contingency(even * 1000, correction=False).statistic / 2000))
    if small:
        found["p"] = permutations(np.repeat(np.arange(len(seen)), table[0]), np.repeat(np.arange(len(seen)), table[1]), statistic)
    return found


def proportions(a, m, b, n):
    table = [[a, b], [m - a, n - b]]
    # Two-sided of scipy doubles the smaller; asked for each side, the optimiser's grid is finer.
    sides = [stats.boschloo_exact(table, alternative=side, n=128).pvalue for side in ("less", "greater")]
    fisher = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    return {"boschloo": float(min(1, 2 * min(sides))), "fisher": float(min(1, 2 * min(fisher)))}


def vectors(x, y, small):
    x, y = np.array(x, dtype=np.float32), np.array(y, dtype=np.float32)
    pooled = np.concatenate([x, y]).astype(float)
    squared = pdist(pooled, "sqeuclidean")
    kernel = np.exp(-squareform(squared) / (2 * np.sort(squared)[len(squared) // 2]))

    def mmd(a, b):
        a, b = a.astype(int), b.astype(int)
        return kernel[np.ix_(a, a)].mean() + kernel[np.ix_(b, b)].mean() - 2 * kernel[np.ix_(a, b)].mean()

    a, b = np.arange(len(x)), np.arange(len(x), len(pooled))
    off = lambda part: (kernel[np.ix_(part, part)].sum() - len(part)) / (len(part) * (len(part) - 1))
    unbiased = off(a) + off(b) - 2 * kernel[np.ix_(a, b)].mean()
    found = {"mmd": float(mmd(a, b)), "distance": float(np.sqrt(max(0, unbiased) / (1 - off(a))))}
    if small:
        found["p"] = permutations(a, b, mmd)
    return found


warnings.simplefilter("ignore")
functions = {f.__name__: f for f in (numbers, counts, proportions, vectors)}
json.dump([functions[case.pop("function")](**case) for case in json.load(sys.stdin)], sys.stdout)
