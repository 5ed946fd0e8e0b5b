"""Full counting statistics of linear systems: generating functions and cumulants of heat and work."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from ..discrete.counting import Cumulants, Fluctuations, Weights
from ..errors import InputError, number
from ..protocol import Protocol
from .course import Course, course_of
from .gaussian import Gaussian
from .gaussian_backward import Exponent, tilted
from .gaussian_expansion import ORDERS, expanded
from .gaussian_route import initial_gaussian
from .mixture import Mixture
from .process import Langevin, langevin

Array = NDArray[np.float64]


def generating_function(
    process: Langevin,
    initial: Gaussian | Mixture | str,
    duration: float,
    protocol: Protocol | None = None,
    *,
    heat: Weights = 0.0,
    work: float = 0.0,
) -> float:
    r"""<exp(-(sum_r h_r Q_r + w W))> = <e^{phi(w_0, 0)}>,  phi = -w.P w / 2 + q.w + r a quadratic at every time,

        -d phi/dt = F.M u + u.D u + tr(D du/dw),  u = d phi/dw - n F,  n_i = w + h_{r(i)},

    backwards from phi = -w U at the end; phi + w U at the start, since W = dU + sum_r Q_r. heat: h, one number or one
    per reservoir; work: w; in 1 / (k_B T0). The mean over trajectories from 0 to ``duration``, with the sudden changes
    of the protocol, started from a Gaussian | Mixture | "equilibrium" | "stationary". Relative error about 1e-11.

    Raises InputError if the process is not linear or nothing fits, and where the mean diverges: heat and work of a
    quadratic potential have exponential tails.

    Feynman-Kac formula. work = 1/T from equilibrium at one temperature gives Z_end / Z_0 (Jarzynski, PRL 78, 2690
    (1997)), driven or not.

    >>> from szilard.continuous import Langevin, Linear
    >>> stiffened = Langevin(linear=lambda k: Linear([[k]], [0.0]), dim=1, temperature=2.0)
    >>> found = generating_function(stiffened, "equilibrium", 0.8, Protocol((0.0, 0.8), (1.0, 3.0)), work=0.5)
    >>> round(found, 9)  # sqrt(1 / 3)
    0.577350269
    """
    course = course_of(langevin(process), protocol, duration)
    weight = number("work", work)
    tilt = weight + _per_reservoir(process, heat)[process.bath]
    started = initial_gaussian(course, initial)
    parts = zip(started.weights, started.components, strict=True) if isinstance(started, Mixture) else [(1.0, started)]
    phi = _start(course, weight, tilted(course, tilt, _end(course, weight, 1)))
    with np.errstate(over="ignore"):
        total = float(sum(p * np.exp(_log_mean(phi, part)) for p, part in parts if p > 0.0))
    if not np.isfinite(total):
        rule = "the mean of the exponential is beyond floating point"
        raise InputError("duration", duration, rule, "take smaller weights or a shorter time")
    return total


def exponential_work(
    process: Langevin,
    initial: Gaussian | Mixture | str,
    duration: float,
    protocol: Protocol | None = None,
    s: float = 1.0,
) -> float:
    r"""<e^{-s W / T}> at one temperature T: Z_end / Z_0 for s = 1 from equilibrium (Jarzynski, PRL 78, 2690 (1997)).

    Raises InputError where the temperatures differ, else as ``generating_function``.
    """
    t = langevin(process).temperatures
    if np.any(t != t[0]):
        fix = "generating_function(..., work=w) takes the weight of W itself"
        raise InputError("process", f"temperatures {t}", "W / T needs one temperature", fix)
    return generating_function(process, initial, duration, protocol, work=number("s", s) / float(t[0]))


def fluctuations(
    process: Langevin, initial: Gaussian | Mixture | str, duration: float, protocol: Protocol | None = None
) -> Fluctuations:
    r"""ln <e^{-s X}> = -s <X> + s^2 Var X / 2 - s^3 <(X - <X>)^3> / 6 + ...: mean, variance and third cumulant.

    Of work, of the heat into every reservoir and of the entropy flow sum_r Q_r / T_r, over trajectories from 0 to
    ``duration``. The exponent of ``generating_function`` is expanded in s to third order and every order integrated:
    no sampling, no numerical derivative. initial: as there. Relative error about 1e-11.
    Raises InputError if the process is not linear or nothing fits.

    >>> from szilard.continuous import Langevin, Linear
    >>> trap = Langevin(linear=Linear([[1.0]], [0.0]), dim=1)
    >>> found = fluctuations(trap, "equilibrium", 0.5)
    >>> round(found.heat[0].variance, 9)  # 1 - 1/e
    0.632120559
    """
    course = course_of(langevin(process), protocol, duration)
    started = initial_gaussian(course, initial)
    T = process.temperatures
    one = np.eye(T.size)
    into = tuple(_cumulants(course, started, h, 0.0) for h in one)
    return Fluctuations(
        work=_cumulants(course, started, np.zeros(T.size), 1.0),
        heat=into,
        entropy_flow=into[0].scaled(1.0 / float(T[0])) if T.size == 1 else _cumulants(course, started, 1.0 / T, 0.0),
        reservoirs=process.reservoirs,
    )


def _end(course: Course, work: float, orders: int) -> Exponent:
    """-w U at the end of the course, and zero in higher orders."""
    n, U = course.process.dim, course.process.linear_at(course.controls[-1])
    P, q, r = np.zeros((orders, n, n)), np.zeros((orders, n)), np.zeros(orders)
    P[0], q[0], r[0] = work * U.hessian, work * U.pull, -work * U.constant
    return P, q, r


def _start(course: Course, work: float, phi: Exponent) -> Exponent:
    """phi + w U of the start of the course, in the first order."""
    U = course.process.linear_at(course.controls[0])
    P, q, r = (part.copy() for part in phi)
    P[0] -= work * U.hessian
    q[0] -= work * U.pull
    r[0] += work * U.constant
    return P, q, r


def _log_mean(phi: Exponent, p: Gaussian) -> float:
    r"""ln <e^phi> over w = m + L z: phi(m) + v.Lambda^{-1} v / 2 - ln det Lambda / 2, Lambda = 1 + L^T P L."""
    (P,), (q,), (r,) = phi
    m, L = p.mean, p.root
    v, Lambda = L.T @ (q - P @ m), np.eye(p.dim) + L.T @ P @ L
    try:
        root = np.linalg.cholesky(0.5 * (Lambda + Lambda.T))
    except np.linalg.LinAlgError:
        rule = "the mean of the exponential diverges: the tail of the initial state falls too slowly"
        raise InputError("weights", "an infinite mean", rule, "take smaller weights of heat and work") from None
    y = solve_triangular(root, v, lower=True)
    return float(r + q @ m - 0.5 * m @ P @ m + 0.5 * y @ y - np.log(np.diag(root)).sum())


def _cumulants(course: Course, started: Gaussian | Mixture, heat: Array, work: float) -> Cumulants:
    tilt = work + heat[course.process.bath]
    phi = _start(course, work, expanded(course, tilt, _end(course, work, ORDERS)))
    if isinstance(started, Gaussian):
        return _cumulants_of(phi, started)
    found = [_cumulants_of(phi, part) for part in started.components]
    mean = float(sum(p * k.mean for p, k in zip(started.weights, found, strict=True)))
    variance = third = 0.0
    for p, k in zip(started.weights, found, strict=True):
        d = k.mean - mean
        variance += p * (k.variance + d**2)
        third += p * (k.third + 3.0 * d * k.variance + d**3)
    return Cumulants(mean, float(variance), float(third))


def _cumulants_of(phi: Exponent, p: Gaussian) -> Cumulants:
    """The orders of ``_log_mean`` in s, with ln det(1 + X) = tr X - tr X^2 / 2 + tr X^3 / 3."""
    P, q, r = phi
    m, L = p.mean, p.root
    X, v = L.T @ P @ L, (q - P @ m) @ L
    orders = r + q @ m - 0.5 * np.einsum("kij,i,j->k", P, m, m) - 0.5 * np.trace(X, axis1=1, axis2=2)
    orders[1] += 0.5 * v[0] @ v[0] + 0.25 * np.sum(X[0] * X[0])
    orders[2] += v[0] @ v[1] - 0.5 * v[0] @ X[0] @ v[0] + 0.5 * np.sum(X[0] * X[1]) - np.trace(X[0] @ X[0] @ X[0]) / 6.0
    return Cumulants(-float(orders[0]), max(0.0, 2.0 * float(orders[1])), -6.0 * float(orders[2]))


def _per_reservoir(process: Langevin, heat: Weights) -> Array:
    n = process.temperatures.size
    try:
        h = np.array(np.broadcast_to(np.array(heat, dtype=np.float64), (n,)))
    except (TypeError, ValueError):
        rule = f"must be one number, or {n}: one per reservoir ({', '.join(process.reservoirs)})"
        raise InputError("heat", heat, rule, "give the weight of each heat, 0 where it does not count") from None
    if not np.all(np.isfinite(h)):
        raise InputError("heat", heat, "must be finite", "give the weight of each heat")
    return h
