"""Stochastic gradient descent near a minimum as an Ornstein-Uhlenbeck process: how irreversible it looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve, eigh, solve_continuous_lyapunov

from ..errors import InputError
from ..markup import table_of_text
from ._checks import positive

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class SgdEntropyProduction:
    """rate: apparent entropy production in nats per update, not heat.

    covariance (n, n): S, of the parameters in the steady state. swirl (n, n): the antisymmetric part A S - D of the
    flow, zero where the steady state is reversible.
    """

    rate: float
    covariance: Array
    swirl: Array

    def __repr__(self) -> str:
        n = self.covariance.shape[0]
        return f"SgdEntropyProduction: {self.rate:.8g} nats per update (apparent, not heat), {n} parameters"

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def sgd_entropy_production(
    hessian: ArrayLike, noise_covariance: ArrayLike, learning_rate: float, batch_size: float
) -> SgdEntropyProduction:
    r"""sigma = tr(A^T D^-1 A S) - tr A,   d theta = -A theta dt + sqrt(2D) dW,   A S + S A^T = 2D.

    A = eta H, D = eta^2 C/(2B): descent theta -= eta (H theta + g), g the noise of a mini-batch of B samples of
    covariance C/B, for small eta, time counted in updates. With the mean velocity v = -(A - D S^-1) theta the same is
    <v^T D^-1 v> = tr(G^T D^-1 G S^-1), G = A S - D = (A S - S A^T)/2 antisymmetric, which is how it is computed: never
    negative, and zero just where A D = D A^T, that is H C = C H. It is an information-theoretic irreversibility of the
    parameters' paths. The noise is not thermal and there is no bath: apparent entropy production, not heat. It does not
    depend on B, and is proportional to eta.

    hessian: (n, n), symmetric and positive definite, as is noise_covariance; learning_rate and batch_size > 0.
    Raises InputError else. Source: Risken, The Fokker-Planck Equation (1989), of the linear process.

    >>> sgd_entropy_production([[2.0, 0.3], [0.3, 0.5]], [[1.0, 0.6], [0.6, 2.0]], 0.1, 8)
    SgdEntropyProduction: 0.035121951 nats per update (apparent, not heat), 2 parameters
    """
    eta, batch = positive("learning_rate", learning_rate), positive("batch_size", batch_size)
    h, c = _definite("hessian", hessian), _definite("noise_covariance", noise_covariance)
    if h.shape != c.shape:
        raise InputError("noise_covariance", c.shape, f"must have the shape {h.shape} of the hessian", "(n, n) both")
    drift, diffusion = eta * h, eta**2 / (2.0 * batch) * c
    covariance = solve_continuous_lyapunov(drift, 2.0 * diffusion)
    flow = drift @ covariance
    swirl = 0.5 * (flow - flow.T)
    turned = cho_solve(cho_factor(diffusion), swirl)
    rate = float(np.sum(swirl * cho_solve(cho_factor(covariance), turned.T).T))
    return SgdEntropyProduction(max(rate, 0.0), np.asarray(covariance), np.asarray(swirl))


def _definite(field: str, values: ArrayLike) -> Array:
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(field, values, "must be an array of numbers", "give shape (n, n)") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(field, matrix.shape, "must have shape (n, n)", "one row and one column per parameter")
    if not np.all(np.isfinite(matrix)):
        raise InputError(field, "NaN or infinity", "must be finite", "drop the missing entries")
    if not np.allclose(matrix, matrix.T, rtol=1e-12, atol=1e-12 * float(np.abs(matrix).max())):
        raise InputError(field, matrix, "must be symmetric", "give (M + M.T)/2 if it is meant to be")
    lowest, highest = eigh(matrix, eigvals_only=True)[[0, -1]]
    if not lowest > 1e-13 * highest:
        raise InputError(field, matrix, "must be positive definite", "leave out directions without curvature or noise")
    return matrix
