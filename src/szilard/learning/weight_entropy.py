r"""sum_n S(w_n) of a run: what is known of the weights' law is averaged, only the rest is sampled.

Given the labels, weights under an additive rule are Gaussian of variance T/k about sum_mu a_mu label_mu x_mu. Under any
rule that reads fields, w_n = (Q^T Q w)_n + noise of variance (T/k)(1 - sum_i Q_in^2) with Q (direction, weight)
orthonormal in the patterns' span: the part beside the span is at rest and independent of all else.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..estimate import Sampled
from ..information import FEWEST, blurred_entropy, neighbour_entropy
from .reach import matrix_product, pushes_in_span, span_of

if TYPE_CHECKING:
    from .outcome import LearningRun

Array = NDArray[np.float64]
NOTHING = 1e-10
"""Share of a weight's variance that counts as none."""


def marginal_entropies(run: LearningRun) -> tuple[Sampled, str]:
    """sum_n S(w_n) in nats, and how it was found."""
    weights, replicas = run.weights, run.settings.replicas
    known = known_noise(run) if replicas >= FEWEST else None
    if known is None:
        return neighbour_entropy(weights), "nearest neighbours"
    centres, shares, free = known
    at_rest = run.settings.temperature / run.settings.stiffness
    total = Sampled.constant(int(free.sum()) * 0.5 * log(2.0 * pi * np.e * at_rest), replicas)
    left = []
    for n in np.flatnonzero(~free):
        found = blurred_entropy(centres[n], sqrt(at_rest * shares[n])) if shares[n] > NOTHING else None
        if found is None:
            left.append(n)
        else:
            total = total + found
    if not left:
        return total, "a Gaussian mixture"
    rest = neighbour_entropy(weights[:, left])
    if len(left) == len(shares):
        return rest, "nearest neighbours"
    return total + rest, "a Gaussian mixture and nearest neighbours"


def known_noise(run: LearningRun) -> tuple[Array, Array, NDArray[np.bool_]] | None:
    """Centres (weight, replica), the share of T/k that is noise about them and whether it is all; None if not known."""
    s, x = run.settings, run.settings.scaled_inputs
    if run.gains is not None:
        told = np.ascontiguousarray((run.labels * run.gains).T)
        return matrix_product(np.ascontiguousarray(x.T), told), np.ones(s.n_weights), ~np.any(x, axis=0)
    if not pushes_in_span(s) or s.task.n_patterns >= s.n_weights:
        return None
    basis, _ = span_of(x)
    turned = np.ascontiguousarray(basis.T)
    within = matrix_product(basis, np.ascontiguousarray(run.weights.T))
    shares = 1.0 - (basis * basis).sum(axis=0)
    return matrix_product(turned, within), shares, shares >= 1.0 - NOTHING
