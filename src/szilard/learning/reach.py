r"""Where a rule can push: beside these directions weights are free, and one move covers any time.

A rule that reads fields pushes within the span of the patterns, f = sum_mu x_mu F(A_mu, ...), and A_mu = x_mu w does
not see what is beside it. An additive rule pushes along one line, that of its force; and while one pattern is shown,
any rule pushes along that pattern. Beside the reach, in whatever basis, weights are Ornstein-Uhlenbeck processes at
rest, independent of all else, w(t) = e^{-x} w + sqrt((T/k)(1 - e^{-2x})) z with x = mu k t for any t. So the steps of
dt need to move only the coordinates within the reach, with the very same law; and a fixed force needs no steps at all
between two changes of its factor.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .._kernels.learning import measure_fields
from .settings import Settings

Array = NDArray[np.float64]
Path = Literal["line", "span", "steps"]
CHUNK = 1 << 20
"""Steps whose factors are looked at together."""
DEPENDENT = 1e-13
"""Length of what a pattern adds to the span, relative to its own, below which it adds nothing."""


def pushes_in_span(settings: Settings) -> bool:
    """Whether forces are sum_mu x_mu F with F of fields and labels, and weights beside the patterns are free."""
    rule = settings.rule
    return not (settings.network is not None or settings.metropolised or rule.uses_weight or rule.leak is not None)


def path_of(settings: Settings, compiled: bool = True) -> Path:
    """What the steps of dt move: a place on one line, coordinates in the patterns' span, or every weight."""
    s, rule = settings, settings.rule
    if s.method == "steps" or not pushes_in_span(s) or s.answering is not None:
        return "steps"
    if s.mode == "batch" and s.additive and rule.loss is not None:
        return "line"
    if s.n_weights == 1:
        return "steps"
    if s.mode == "online" and s.online == "flow" and s.substeps > 1 and compiled:
        return "line"
    return "span" if s.task.n_patterns < s.n_weights else "steps"


def stretches_of(settings: Settings) -> NDArray[np.int64]:
    """The steps at which the factor s of the force changes, with 0 and the last: (stretch + 1,).

    A force that does not depend on the weights moves them in one step through a stretch, with its exact law.
    """
    steps, changes = settings.steps, [np.zeros(1, dtype=np.int64)]
    for first in range(0, steps, CHUNK):
        factors = settings.factors(first, min(first + CHUNK + 1, steps))
        changes.append(first + 1 + np.flatnonzero(np.diff(factors)))
    return np.append(np.concatenate(changes), steps)


def span_of(inputs: Array) -> tuple[Array, Array]:
    """Q (direction, weight), orthonormal, and R (pattern, direction), lower triangular, with inputs = R Q.

    Gram and Schmidt, each twice, without BLAS: its bits may depend on the number of threads.
    """
    patterns = len(inputs)
    basis, within, rank = np.empty_like(inputs), np.zeros((patterns, patterns)), 0
    for mu, pattern in enumerate(inputs):
        rest = pattern.copy()
        for _ in range(2):
            along = (basis[:rank] * rest).sum(axis=1)
            rest -= (basis[:rank] * along[:, None]).sum(axis=0)
            within[mu, :rank] += along
        size = sqrt(float((rest * rest).sum()))
        if size > DEPENDENT * sqrt(float((pattern * pattern).sum())):
            basis[rank], within[mu, rank] = rest / size, size
            rank += 1
    return np.ascontiguousarray(basis[:rank]), np.ascontiguousarray(within[:, :rank])


def free_weights(settings: Settings, start: Array, noise: Array, steps: int) -> Array:
    """Weights that nothing pushed for so many steps: noise ~ N(0, 1), all (weight, lane)."""
    decay, _, kick, _, _ = settings.law_of(steps)
    return np.asarray(decay * start + kick * noise)


def matrix_product(matrix: Array, columns: Array) -> Array:
    """matrix columns, without BLAS, whose order of sums may depend on the number of threads: (row, column)."""
    found = np.empty((matrix.shape[0], columns.shape[1]))
    measure_fields(matrix, columns, found)
    return found
