"""The transition of a linear force held for a while: exact, also where the drift is not normal."""

from __future__ import annotations

from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from .process import Langevin

Array = NDArray[np.float64]
TERMS = 14
"""(2/8)^14 / 14! is below 1e-19."""


def drift_of(process: Langevin, control: float | None) -> tuple[Array, Array, Array]:
    """A, b and D of dw = (b - A w) dt + sqrt(2 D) dB at this control: (dim, dim), (dim,), (dim, dim)."""
    at = process.linear_at(control)
    M = np.diag(process.mobility) if process.mobility.ndim == 1 else process.mobility
    D = np.diag(process.diffusion) if process.mobility.ndim == 1 else process.diffusion
    return M @ at.matrix, M @ at.offset, D


def transition(A: Array, b: Array, D: Array, time: float) -> tuple[Array, Array, Array]:
    r"""w(t) ~ N(decay w_0 + shift, C): decay = e^{-At}, shift = int e^{-As} b ds, C = int e^{-As} 2D e^{-A^T s} ds.

    By their power series over a short time h, where ||A|| h <= 1/8, then doubled: C(2t) = C(t) + decay C(t) decay^T
    adds positive matrices only, so that C is accurate for any A (not normal, singular, unstable) and any time.

    >>> decay, shift, C = transition(np.array([[1.0, 1.5], [0.0, 1.0]]), np.zeros(2), np.eye(2), 60.0)
    >>> C.round(3)
    array([[ 2.125, -0.75 ],
           [-0.75 ,  1.   ]])
    """
    decay, reach, C = held_transition(A, D, time)
    return decay, reach @ b, C


def held_transition(A: Array, D: Array, time: float) -> tuple[Array, Array, Array]:
    """decay, int e^{-As} ds and C of ``transition``: what does not depend on b."""
    size = 8.0 * float(np.abs(A).sum(axis=1).max()) * time
    doublings = max(0, ceil(log2(size))) if size > 0.0 else 0
    h = time / 2.0**doublings
    one = np.eye(A.shape[0])
    decay, reach, C = one, h * one, h * 2.0 * D
    power, spread = decay, C
    for k in range(1, TERMS):
        power = -(h / k) * (A @ power)
        spread = -(h / (k + 1)) * (A @ spread + spread @ A.T)
        decay, reach, C = decay + power, reach + h / (k + 1) * power, C + spread
    for _ in range(doublings):
        C = C + decay @ C @ decay.T
        reach = reach + decay @ reach
        decay = decay @ decay
    return decay, reach, 0.5 * (C + C.T)
