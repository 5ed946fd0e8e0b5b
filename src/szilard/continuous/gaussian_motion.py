"""Mean and covariance of a linear system in time, with the integrals that heat and work are made of."""

from __future__ import annotations

from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from .gaussian_collocation import no_rates, through
from .gaussian_control import Moving, Piece, finite, held
from .process import Langevin
from .transition import drift_of, transition

Array = NDArray[np.float64]


def advance(process: Langevin, piece: Piece, mean: Array, covariance: Array) -> tuple[Array, Array]:
    r"""dm/dt = b - A m,  dC/dt = -(A C + C A^T) + 2D from the start of a piece to its end.

    Exact where the control is held, else to about 1e-12. Raises InputError if the state leaves floating point.
    """
    start, end, before, _ = piece
    if not held(piece):
        return through(Moving(process, piece), mean, covariance, no_rates)[:2]
    with np.errstate(over="ignore", invalid="ignore"):
        decay, shift, added = transition(*drift_of(process, before), end - start)
        return finite(decay @ mean + shift), finite(decay @ covariance @ decay.T + added)


def moments_integral(A: Array, D: Array, Y: Array, time: float) -> tuple[Array, Array]:
    r"""Y(t) and int_0^t Y ds of dY/dt = -(A Y + Y A^T) + 2D: both (dim, dim).

    Y(s) = e^{-As} Y e^{-A^T s} + C(s). Over a short step by Gauss-Legendre quadrature of an entire function, then
    doubled: int_0^{2t} C = 2 int_0^t C + int_0^t e^{-As} C(t) e^{-A^T s} ds. Positive matrices are added only.

    >>> moments_integral(np.eye(1), np.eye(1), np.zeros((1, 1)), 2.0)[1].round(9)  # 2 - (1 - e^-4) / 2
    array([[1.50915782]])
    """
    size = float(np.abs(A).sum(axis=1).max()) * time
    doublings = max(0, ceil(log2(size)) if size > 0.0 else 0)
    h = time / 2.0**doublings
    nodes, weights = np.polynomial.legendre.leggauss(16)
    s, weights = 0.5 * h * (1.0 + nodes), 0.5 * h * weights
    early = expm(-A[None] * s[:, None, None])
    decays: list[Array] = []

    def gathered(P: Array, weighted: Array = weights) -> Array:
        total = np.asarray(np.einsum("j,jab,bc,jdc->ad", weighted, early, P, early, optimize=True))
        for decay in decays:
            total = total + decay @ total @ decay.T
        return total

    decay, C, late = expm(-A * h), gathered(2.0 * D), gathered(2.0 * D, weights * (h - s))
    for _ in range(doublings):
        late = 2.0 * late + gathered(C)
        decays.append(decay)
        C = C + decay @ C @ decay.T
        decay = decay @ decay
    return decay @ Y @ decay.T + C, gathered(Y) + late
