"""Enumeration of small Hebbian neurons, many draws of inputs, extrapolated to N -> infinity."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard.theory.weight_chain import hebbian_chain

pytestmark = pytest.mark.soak
Array = NDArray[np.float64]
LN2 = log(2.0)


def all_signs(p: int) -> Array:
    return np.asarray(1.0 - 2.0 * ((np.arange(1 << p)[:, None] >> np.arange(p)) & 1), dtype=np.float64)


def doubt(p: Array) -> Array:
    """h(p) in nats."""
    p = np.clip(p, 1e-300, 1 - 1e-16)
    return np.asarray(-(p * np.log(p) + (1 - p) * np.log1p(-p)), dtype=np.float64)


def enumerated(rng: np.random.Generator, n: int, p: int, x: float, replicas: int) -> Array:
    """One draw of inputs: nats per label of all labels, of one, and of its stability, from sums over 2^P labels.

    All labels: from the density itself, <ln p(w | truth) - ln p(w)>, not from the entropy of the posterior.
    """
    xi = rng.choice([-1.0, 1.0], (p, n)) / sqrt(n)
    labels = all_signs(p)
    centres = x * labels @ xi
    truth = rng.integers(0, 1 << p, replicas)
    noise = rng.normal(size=(replicas, n))
    weights = centres[truth] + noise
    log_ratio = weights @ centres.T - 0.5 * np.sum(centres**2, axis=1)
    log_ratio -= np.take_along_axis(log_ratio, truth[:, None], axis=1)  # ln p(w|s) - ln p(w|truth)
    peak = log_ratio.max(axis=1, keepdims=True)
    share = np.exp(log_ratio - peak)
    total = share.sum(axis=1)
    joint = p * LN2 - np.mean(np.log(total) + peak[:, 0])
    one = LN2 - np.mean(doubt(share @ (labels > 0) / total[:, None]))
    fields, rest, stability = weights @ xi.T, all_signs(p - 1), []
    for mu in range(min(p, 4)):
        shift = x * rest @ (np.delete(xi, mu, axis=0) @ xi[mu])
        up, down = (np.exp(-0.5 * (fields[:, [mu]] - s * x - shift) ** 2).sum(axis=1) for s in (1.0, -1.0))
        stability.append(LN2 - np.mean(doubt(up / (up + down))))
    return np.array([joint / p, one, np.mean(stability)])


@pytest.mark.parametrize(
    ("alpha", "sizes", "x"),
    [(0.5, [4, 8, 12, 16, 20], 1.0), (1.0, [4, 6, 8, 10, 12], 1.0), (1.0, [4, 6, 8, 10, 12], 0.6)],
)
def test_small_neurons_tend_to_the_chain(alpha: float, sizes: list[int], x: float) -> None:
    means, errors = [], []
    for n in sizes:
        rng = np.random.Generator(np.random.Philox([n, 7]))
        found = np.array([enumerated(rng, n, round(alpha * n), x, 50) for _ in range(4000)])
        means.append(found.mean(axis=0))
        errors.append(found.std(axis=0, ddof=1) / sqrt(len(found)))
    chain = hebbian_chain(x, alpha)
    for i, name in enumerate(("joint", "one_label", "matched_filter")):
        error, mean = np.array(errors)[:, i], np.array(means)[:, i]
        design = np.array([[1.0, 1.0 / n, 1.0 / n**2] for n in sizes]) / error[:, None]
        covariance = np.linalg.inv(design.T @ design)
        value, spread = float((covariance @ design.T @ (mean / error))[0]), sqrt(covariance[0, 0])
        assert spread < 0.02 * value
        assert abs(value - getattr(chain, name)) < 4 * spread, f"{name}: {value:.6f} +- {spread:.6f}"
        assert mean[-1] > getattr(chain, name), f"{name}: fewer synapses leave more per label"
