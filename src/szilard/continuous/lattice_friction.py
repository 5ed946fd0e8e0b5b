"""Friction against a slow control, and the length it gives to a path of controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.linalg import solve_continuous_lyapunov

from ..errors import InputError, number
from .lattice_box import box_of, checked_box
from .process import Langevin, control_of, langevin
from .transition import drift_of

Array = NDArray[np.float64]
PANELS, ORDER = 256, 10
"""Panels of the box, and Gauss and Legendre's points in each."""
APART = 1e-3
"""Relative to 1 + |lambda|: the step of five-point differences; truncation and rounding are both about 1e-12."""


def friction(process: Langevin, control: float, *, box: Any = None) -> float:
    r"""zeta(lambda) = (1/T) int_0^inf <dX(t) dX(0)> dt,  X = dU/dlambda,  dX = X - <X>, in equilibrium at lambda.

    A control that moves slowly dissipates the power zeta (dlambda/dt)^2: energy time per lambda^2. One coordinate:

        zeta = (1/mu) int (d Pi / dlambda)^2 / p dw,   Pi(w, lambda) the distribution function of p = e^{-U/T} / Z

    (on a ring the mean current that this leaves is taken out), by Gauss's rule on 256 panels; relative error about
    1e-11 for smooth potentials. A linear process of any dimension: with A = M H, g = H' m - h' and primes for
    d/dlambda, T zeta = g.A^{-1} C g + tr(H' K)/2, A K + K A^T = C H' C. box: ((low, high),), None: found.

    Raises InputError where the process follows no control, is driven, has several temperatures, or has more than one
    coordinate and is not linear.

    Sivak and Crooks, PRL 108, 190602 (2012).

    >>> trap = Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1)
    >>> round(friction(trap, 2.0), 10)  # T / (4 mu k^3)
    0.03125
    """
    _refuse(process, control)
    if process.is_linear:
        return _linear(process, float(control))
    if process.dim > 1:
        fix = "a linear system, or one coordinate at a time"
        raise InputError("dim", process.dim, "friction is known for one coordinate, or linear forces", fix)
    return _line(process, float(control), box)


def thermodynamic_length(process: Langevin, start: float, stop: float, *, box: Any = None) -> float:
    r"""L = |int sqrt(zeta(lambda)) dlambda|,  W - dF >= L^2 / tau: the length of the way from ``start`` to ``stop``.

    The bound holds to leading order in 1/tau, tau the duration; reached where sqrt(zeta) |dlambda/dt| is constant.
    In units of sqrt(energy time). Raises InputError as ``friction`` does.

    Crooks, PRL 99, 100602 (2007); Sivak and Crooks, PRL 108, 190602 (2012).

    >>> trap = Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1)
    >>> round(thermodynamic_length(trap, 1.0, 4.0), 9)  # |k0^-1/2 - k1^-1/2| sqrt(T / mu)
    0.5
    """
    a, b = number("start", start), number("stop", stop)
    if a == b:
        return 0.0
    length, _ = quad(lambda x: friction(process, x, box=box) ** 0.5, min(a, b), max(a, b), epsabs=0.0, epsrel=1e-10)
    return float(length)


def _refuse(process: Langevin, control: float) -> None:
    if control_of(langevin(process), control) is None:
        raise InputError("process", process, "follows no control", "potential=lambda w, control: ...")
    if process.driven_at(control) or np.any(process.temperature != process.temperature[0]):
        fix = "leave the force out, and take one temperature"
        raise InputError("process", process, "friction is defined about an equilibrium", fix)


def _slope(values: Callable[[float], Array], at: float) -> Array:
    """d values / d control by five points."""
    h = APART * (1.0 + abs(at))
    one, two = values(at + h) - values(at - h), values(at + 2.0 * h) - values(at - 2.0 * h)
    return np.asarray((8.0 * one - two) / (12.0 * h))


def _line(process: Langevin, control: float, box: Any) -> float:
    T, mu = float(process.temperature[0]), float(process.mobility[0])
    low, high = (box_of(process, [control]) if box is None else checked_box(process, box))[0]
    x, weight = legendre.leggauss(ORDER)
    half = 0.5 * (high - low) / PANELS
    w = (low + half * (2.0 * np.arange(PANELS)[:, None] + 1.0 + x)).reshape(-1, 1)
    area = np.tile(half * weight, PANELS)
    U = process.energies(w, control)
    p = np.exp(-(U - U.min()) / T)
    p /= area @ p
    X = _slope(lambda c: process.energies(w, c), control)
    # p dX = -T d^2 Pi / dw dlambda; what is left of a panel's polynomial comes from its antiderivatives
    change = (X - area @ (p * X)) * p
    panels = change.reshape(PANELS, ORDER)
    inner = half * panels @ _antiderivatives(x).T
    ends = np.cumsum(half * panels @ weight)
    left = (inner + np.concatenate([[0.0], ends[:-1]])[:, None]).ravel()
    rare = p < np.finfo(float).tiny
    inverse = np.where(rare, 0.0, 1.0 / np.where(rare, 1.0, p))
    if np.isfinite(process.period[0]):
        left = left - (area @ (left * inverse)) / (area @ inverse)
    return float(area @ (left**2 * inverse)) / (mu * T**2)


def _antiderivatives(x: Array) -> Array:
    """I with sum_j I_ij f(x_j) = int_{-1}^{x_i} f dx for polynomials through Gauss's points."""
    n = x.size
    value = legendre.legvander(x, n)
    order = np.arange(1, n)
    integral = np.empty((n, n))
    integral[:, 0] = x + 1.0
    integral[:, 1:] = (value[:, 2:] - value[:, : n - 1]) / (2 * order + 1)
    return np.asarray(np.linalg.solve(value[:, :n].T, integral.T).T)


def _linear(process: Langevin, control: float) -> float:
    A, b, _ = drift_of(process, control)
    T = float(process.temperature[0])
    H = process.linear_at(control).hessian
    if np.linalg.eigvalsh(H)[0] <= 0.0:
        raise InputError("control", control, "leaves no equilibrium", "take controls with a positive definite hessian")
    bent = _slope(lambda c: process.linear_at(c).hessian, control)
    m, C = np.linalg.solve(A, b), T * np.linalg.inv(H)
    g = bent @ m - _slope(lambda c: process.linear_at(c).pull, control)
    K = solve_continuous_lyapunov(A, C @ bent @ C)
    return float(g @ np.linalg.solve(A, C @ g) + 0.5 * np.trace(bent @ K)) / T
