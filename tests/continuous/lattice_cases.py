"""Processes with known answers, none of them symmetric: a gyrator, a double well, a tilted ring, a trap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.linalg import solve_continuous_lyapunov

import szilard as sz
from szilard.continuous import Langevin

Array = NDArray[np.float64]

T, MU = 0.7, 1.8
H, G = np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[0.0, 0.7], [-0.2, 0.1]])
BATHS, SPEEDS = np.array([0.6, 1.7]), np.array([1.4, 0.5])
PULL = np.array([0.5, -0.4])


def gyrator() -> Langevin:
    """Linear forces written as functions: not normal, two baths, not centred."""
    return Langevin(
        lambda w: w @ G.T,
        lambda w: 0.5 * ((w @ H) * w).sum(axis=1) - w @ PULL,
        gradient=lambda w: w @ H - PULL, dim=2, mobility=SPEEDS, temperature=BATHS,
    )  # fmt: skip


def lyapunov() -> tuple[Array, Array, Array, Array]:
    A, D = np.diag(SPEEDS) @ (H - G), np.diag(SPEEDS * BATHS)
    return A, D, np.linalg.solve(A, SPEEDS * PULL), solve_continuous_lyapunov(A, 2.0 * D)


def double_well(x: Any) -> Any:
    return 0.25 * x**4 - 1.5 * x**2 + 0.4 * x


def trap(start: float, stop: float, tau: float) -> tuple[Langevin, sz.Protocol]:
    process = Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1, temperature=T, mobility=MU)
    return process, sz.Protocol((0.0, tau), (start, stop))


def stratonovich(a: float, f: float) -> float:
    """J = mu T (1 - e^{-2 pi f / T}) / int dx int_x^{x + 2 pi} dy e^{[V(y) - V(x)] / T}, V = a cos x - f x."""

    def V(x: float) -> float:
        return float(a * np.cos(x) - f * x)

    def climb(x: float) -> float:
        return quad(lambda y: np.exp((V(y) - V(x)) / T), x, x + 2 * np.pi, epsabs=0, epsrel=1e-12, limit=200)[0]  # type: ignore[no-any-return]

    return float(MU * T * -np.expm1(-2 * np.pi * f / T) / quad(climb, 0, 2 * np.pi, epsabs=0, epsrel=1e-11)[0])
