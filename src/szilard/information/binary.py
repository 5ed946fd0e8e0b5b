"""Information between a true label and the label that a neuron answers."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from ..data.numbers import real_numbers
from ..errors import InputError
from ..estimate import Sampled, Side, least_variance

Array = NDArray[np.float64]


def binary_entropy(p: Array | float) -> Array:
    """h(p) = -p ln p - (1 - p) ln(1 - p) in nats; raises InputError outside [0, 1].

    >>> float(binary_entropy(0.5)) == log(2.0)
    True
    """
    x = real_numbers("p", p)
    if not np.all((x >= 0.0) & (x <= 1.0)):
        raise InputError("p", p, "probabilities lie in [0, 1]", "check the readout")
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(x > 0, x * np.log(x), 0.0) + np.where(x < 1, (1 - x) * np.log1p(-x), 0.0)
    return np.asarray(-terms)


def _rare(p: Array, mean: Array) -> float:
    """Variance of yes-or-no answers beyond the sample's own: that of p = (hits + 1/2)/(n + 1), if all are alike."""
    if not np.all((p == 0.0) | (p == 1.0)):
        return 0.0
    n = p.shape[0]
    inside = (n * mean + 0.5) / (n + 1.0)
    wide = np.log(inside / (1.0 - inside)) ** 2 * inside * (1.0 - inside) / n
    return float(np.where((mean == 0.0) | (mean == 1.0), wide, 0.0).sum())


def label_information(correct: Array) -> Array:
    """I = ln 2 - h(p_C): nats that a symmetric binary channel with fair input carries per use.

    Goldt and Seifert, PRL 118, 010601 (2017).

    >>> float(label_information(np.array(1.0))) == log(2.0)
    True
    """
    return np.asarray(log(2.0) - binary_entropy(correct))


def learned_information(
    correct: Array, *, symmetric: bool = True, total: bool = True, controls: Array | None = None
) -> Sampled:
    r"""sum_mu I(sigma_T^mu : sigma^mu) = sum_mu [ln 2 - h(p_C^mu)], p_C^mu = <P(sigma = sigma_T | w)>.

    correct: (replica, pattern), each replica's own probability of answering right (0 or 1 for a
    deterministic readout), labels fair and independent. The plug-in value is corrected for its second-order
    bias, h''(p) var(p) / 2n. ``symmetric``: the two labels are learned alike (an odd rule); otherwise pooling
    them leaves a lower bound, by convexity in the channel. total=False gives the mean per pattern. controls: (replica,
    pattern, control), quantities of mean exactly zero beside each answer: what they explain of the sum is taken away.
    Raises InputError on an empty array or fewer than 2 replicas.
    """
    p = real_numbers("correct", correct)
    if p.ndim != 2 or p.shape[0] < 2 or p.shape[1] < 1:
        raise InputError("correct", p.shape, "must have shape (replica >= 2, pattern >= 1)", "add replicas")
    n, rare = p.shape[0], _rare(p, p.mean(axis=0))
    if controls is not None:
        p = p - np.einsum("rmc,rc->rm", controls, _for_the_sum(p, controls))
    mean = np.clip(p.mean(axis=0), 0.0, 1.0)
    inner = np.clip(mean, 0.5 / n, 1.0 - 0.5 / n)
    variance = p.var(axis=0, ddof=1) / n
    curvature = 1.0 / (inner * (1.0 - inner))
    bias = 0.5 * curvature * variance
    value = label_information(mean) - bias
    # near p = 1/2 the slope vanishes: the second order keeps the error honest, var = slope^2 v + (curvature v)^2/2
    first = np.log(inner / (1.0 - inner))
    slope = np.copysign(np.sqrt(first**2 + 0.5 * curvature**2 * variance), first)
    influence = (p - mean) @ slope
    side: Side = "two-sided" if symmetric else "lower"
    result = Sampled(float(value.sum()), influence, side, rare)
    return result if total else result.scaled(1.0 / p.shape[1])


def _for_the_sum(p: Array, controls: Array) -> Array:
    """How much of each control to take from every answer, (replica, control), for the information in all of them."""
    n = p.shape[0]
    mean = np.clip(p.mean(axis=0), 0.5 / n, 1.0 - 0.5 / n)
    slope = np.log(mean / (1.0 - mean))
    return least_variance(p @ slope, np.einsum("rmc,m->rc", controls, slope))


def class_information(correct: Array, labels: Array) -> Sampled:
    r"""I(class : answer) = h(q) - h(q | class) for one pattern drawn from a set of known classes, in nats.

    correct: (replica, pattern), P(right answer); labels: (pattern,) of +-1. With the share c of class +1 and the
    mean answers a = P(+|+), b = P(+|-): I = h(c a + (1-c) b) - c h(a) - (1-c) h(b). No information where all
    patterns are of one class. The error is that of the replicas; the patterns are taken as given.
    Raises InputError on shapes that do not fit.
    """
    p, y = real_numbers("correct", correct), real_numbers("labels", labels)
    if p.ndim != 2 or p.shape[0] < 2:
        raise InputError("correct", p.shape, "must have shape (replica >= 2, pattern)", "add replicas")
    if y.shape != p.shape[1:]:
        raise InputError("labels", y.shape, f"must have shape ({p.shape[1]},)", "one per pattern")
    plus = y > 0
    share = float(plus.mean())
    if share in (0.0, 1.0):
        return Sampled.constant(0.0, p.shape[0])
    said, mistaken = p[:, plus].mean(axis=1), 1.0 - p[:, ~plus].mean(axis=1)
    a, b = float(said.mean()), float(mistaken.mean())
    both = share * a + (1.0 - share) * b
    value = float(binary_entropy(both) - share * binary_entropy(a) - (1.0 - share) * binary_entropy(b))
    n = p.shape[0]
    slope_both, slope_a, slope_b = (_logit(x, n) for x in (both, a, b))
    influence = share * (slope_a - slope_both) * (said - a) + (1.0 - share) * (slope_b - slope_both) * (mistaken - b)
    return Sampled(value, influence)


def _logit(p: float, n: int) -> float:
    inside = min(max(p, 0.5 / n), 1.0 - 0.5 / n)
    return log(inside / (1.0 - inside))
