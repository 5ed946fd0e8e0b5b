"""Retrieval in a large Hopfield network: mean-field equations, and where they lose the pattern."""

from __future__ import annotations

from functools import lru_cache
from math import erf, exp, inf, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize_scalar

from ..errors import InputError, number
from ..estimate import finite

Array = NDArray[np.float64]
Wiring = Literal["symmetric", "diluted"]
WIRINGS = ("symmetric", "diluted")
FAR = 9.0
"""Standard deviations beyond which a normal variable is dropped: 2e-19."""
POINTS, SHARE = np.polynomial.legendre.leggauss(16)
PANELS = np.linspace(-FAR, FAR, 19)
WIDTHS = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0])


def retrieval_overlap(load: float, temperature: float = 0.0, *, wiring: Wiring = "symmetric") -> float:
    r"""m = <tanh[(m + sigma z)/T]>, sigma^2 = alpha r, r = q/[1 - (1 - q)/T]^2, q = <tanh^2[(m + sigma z)/T]>.

    The overlap m of a network at rest with the pattern it retrieves, N -> infinity, P = load N random patterns, z a
    normal variable: the solution that joins m = tanh(m/T) at load 0; 0 where there is none. At T = 0
    m = erf(m / sqrt(2 alpha r)), (1 - q)/T -> C = sqrt(2/(pi alpha r)) e^{-m^2/(2 alpha r)}, r = 1/(1 - C)^2.
    wiring: "symmetric" (every J_ij = J_ji) or "diluted": few J_ij != 0, chosen independently of J_ji, load then the
    number of patterns per connection; the noise has no feedback, r = 1.
    load >= 0, temperature >= 0 in units of the coupling (T0). It may be metastable, and is replica symmetric.
    Raises InputError for values that are not finite or negative.

    Sources: Amit, Gutfreund and Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985); Derrida, Gardner and Zippelius,
    Europhys. Lett. 4, 167 (1987).

    >>> round(retrieval_overlap(0.1), 4), retrieval_overlap(0.15)
    (0.998, 0.0)
    """
    alpha, t, kind = _not_negative("load", load), _not_negative("temperature", temperature), _known(wiring)
    if kind == "diluted":
        return _steady(sqrt(alpha), t)[0]
    if alpha == 0.0:
        return _steady(0.0, t)[0]
    top, most = _turning(t)
    if alpha >= most:
        return 0.0
    sigma = float(brentq(lambda s: _load_at(s, t) - alpha, 1e-9 * top, top, xtol=1e-15, rtol=1e-13))
    return _steady(sigma, t)[0]


def storage_capacity(temperature: float = 0.0, *, wiring: Wiring = "symmetric") -> float:
    r"""The largest load = P/N at which a random pattern is still a (metastable) state of rest: 0.1379 at T = 0.

    Where ``retrieval_overlap`` ends: alpha(sigma) = sigma^2 [1 - (1 - q)/T]^2 / q at its maximum over the noise sigma.
    "diluted": <sech^2(sigma z/T)>/T = 1, 2/pi at T = 0, where the overlap goes to 0 continuously. 0 for T >= 1.
    Raises InputError as ``retrieval_overlap``, from the same sources.

    >>> round(storage_capacity(), 6), round(storage_capacity(wiring="diluted"), 6)
    (0.137906, 0.63662)
    """
    t, kind = _not_negative("temperature", temperature), _known(wiring)
    if t >= 1.0:
        return 0.0
    return _edge(t) ** 2 if kind == "diluted" else _turning(t)[1]


def recall_course(overlap: float, times: ArrayLike, temperature: float, *, attempt: float = 1.0) -> Array:
    r"""dm/dt = attempt [tanh(m/T) - m]: how a cue of overlap m(0) grows into the pattern; few patterns, N -> infinity.

    Glauber's flips give d<s_i>/dt = attempt <tanh(h_i/T) - s_i>, and with P/N -> 0 every field is m xi_i. Heat per unit
    is [m(t)^2 - m(0)^2]/2, the fall of the energy -N m^2/2. times: (time,), >= 0, not decreasing. Returns m: (time,).
    Raises InputError for |overlap| > 1, temperature or attempt <= 0, or times that are not finite or decrease.

    >>> recall_course(0.5, [0.0, 20.0], 0.5).round(4)
    array([0.5   , 0.9575])
    """
    m0, t, rate = number("overlap", overlap), _not_negative("temperature", temperature), number("attempt", attempt)
    if abs(m0) > 1.0:
        raise InputError("overlap", overlap, "must be in [-1, 1]", "m = (1/N) sum_i xi_i s_i")
    if t == 0.0 or rate <= 0.0:
        raise InputError("temperature, attempt", (t, rate), "must be > 0", "give positive numbers")
    at = finite(times, "times")
    if at[0] < 0.0 or np.any(np.diff(at) < 0.0):
        raise InputError("times", times, "must be >= 0 and not decrease", "np.linspace(0, 10, 101), for instance")
    if at[-1] == 0.0:
        return np.full(at.size, m0)
    found = solve_ivp(
        lambda _, m: rate * (np.tanh(m / t) - m), (0.0, at[-1]), [m0], t_eval=np.unique(at), rtol=1e-10, atol=1e-12
    )
    return np.asarray(np.interp(at, found.t, found.y[0]))


def _steady(sigma: float, t: float) -> tuple[float, float]:
    """The largest m = <tanh((m + sigma z)/T)>, and C = (1 - q)/T there; m = 0 where noise or heat is too strong."""
    if t == 0.0 and sigma == 0.0:
        return 1.0, 0.0
    if sigma >= _edge(t):
        return 0.0, _response(0.0, sigma, t)
    low = 1.0
    while _mean(low, sigma, t) < low:  # <tanh> is concave in m > 0, so that it crosses m once
        low *= 0.5
    m = float(brentq(lambda x: _mean(x, sigma, t) - x, low, 1.0, xtol=1e-15, rtol=1e-13)) if low < 1.0 else 1.0
    return m, _response(m, sigma, t)


def _mean(m: float, sigma: float, t: float) -> float:
    if t == 0.0:
        return erf(m / (sigma * sqrt(2.0)))
    z, share = _normal(m, sigma, t)
    return float(np.tanh((m + sigma * z) / t) @ share)


def _response(m: float, sigma: float, t: float) -> float:
    """C = (1 - q)/T = d<tanh>/dm."""
    if t == 0.0:
        return sqrt(2.0 / pi) / sigma * exp(-0.5 * (m / sigma) ** 2)
    z, share = _normal(m, sigma, t)
    return float(np.cosh(np.clip((m + sigma * z) / t, -300.0, 300.0)) ** -2.0 @ share) / t


def _normal(m: float, sigma: float, t: float) -> tuple[Array, Array]:
    """Nodes and weights of <..> over a normal z, dense around z = -m/sigma where tanh[(m + sigma z)/T] turns."""
    turn = WIDTHS * t / sigma if sigma > 0.0 else 0.0 * WIDTHS
    centre = -m / sigma if sigma > 0.0 else 0.0
    edges = np.unique(np.clip(np.concatenate([PANELS, centre - turn, centre + turn]), -FAR, FAR))
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    z = (middle[:, None] + half[:, None] * POINTS).ravel()
    return z, np.exp(-0.5 * z * z) * (half[:, None] * SHARE).ravel() / sqrt(2.0 * pi)


def _edge(t: float) -> float:
    """The noise at which m goes to 0: C(m = 0) = 1."""
    if t == 0.0:
        return sqrt(2.0 / pi)
    if t >= 1.0:
        return 0.0
    return float(brentq(lambda s: _response(0.0, s, t) - 1.0, 0.0, 1.0, xtol=1e-15))


def _load_at(sigma: float, t: float) -> float:
    """alpha = sigma^2 / r of the state of rest with this noise."""
    m, c = _steady(sigma, t)
    q = 1.0 - t * c
    return sigma**2 * (1.0 - c) ** 2 / q if m > 0.0 and c < 1.0 and q > 0.0 else 0.0


@lru_cache(maxsize=64)
def _turning(t: float) -> tuple[float, float]:
    """The noise at which the load is highest, and that load."""
    edge = _edge(t)
    if edge == 0.0:
        return 0.0, 0.0
    grid = np.linspace(0.0, edge, 65)[1:-1]
    best = float(max(grid, key=lambda s: _load_at(s, t)))
    step = float(grid[1] - grid[0])
    found = minimize_scalar(
        lambda s: -_load_at(s, t), bounds=(max(best - step, 1e-12), min(best + step, edge)), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    return float(found.x), float(-found.fun)


def _not_negative(field: str, value: float) -> float:
    found = number(field, value)
    if found < 0.0 or found == inf:
        raise InputError(field, value, "must be >= 0", "give a number that is not negative")
    return found


def _known(wiring: str) -> str:
    if not isinstance(wiring, str) or wiring not in WIRINGS:
        raise InputError("wiring", wiring, f"must be one of {', '.join(WIRINGS)}", "name one")
    return wiring
