"""A density on a line, written as the place x(z) that a standard normal number z is carried to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from ..errors import InputError, is_whole, number
from ..markup import table_of_fields

Array = NDArray[np.float64]
WIDEST = 8.25
STEP = 1e-3
GAUSS, SHARES = np.polynomial.legendre.leggauss(6)
FEW, FEW_SHARES = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class LineDensity:
    r"""x(z) = q(Phi(z)): q the quantile function, Phi that of a standard normal number; p(x(z)) = phi(z) / x'(z).

    place: z (point,) -> x, not decreasing. log_density: z -> ln p(x(z)). low, high: the ends of the support. marks: z
    between which x(z) is smooth.
    Both tails are as exact as the middle, which u = Phi(z) itself would not allow. Made by ``box``, ``normal``,
    ``boltzmann``, ``by_quantile`` and ``below``.
    """

    place: Callable[[Array], Array]
    log_density: Callable[[Array], Array]
    low: float = -inf
    high: float = inf
    marks: Array = field(default_factory=lambda: np.empty(0))

    @property
    def entropy(self) -> float:
        """S = -int p ln p dx, in nats."""
        z, weight = normal_grid(self.marks)
        return -float(weight @ self.log_density(z))

    @property
    def mean(self) -> float:
        """int x p dx."""
        z, weight = normal_grid(self.marks)
        return float(weight @ self.place(z))

    @property
    def variance(self) -> float:
        """int (x - mean)^2 p dx."""
        z, weight = normal_grid(self.marks)
        return float(weight @ (self.place(z) - self.mean) ** 2)

    def share_below(self, x: float) -> float:
        """P(w < x)."""
        z = np.array([-WIDEST, WIDEST])
        if not self.place(z)[0] < x < self.place(z)[1]:
            return float(x >= self.place(z)[1])
        at = brentq(lambda s: float(self.place(np.array([s]))[0]) - x, *z, xtol=1e-14, rtol=1e-14)
        return float(ndtr(at))

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def normal_grid(*marks: Array) -> tuple[Array, Array]:
    """z and the weights of int phi(z) f(z) dz: four Gauss points between neighbours of the marks and of a fine grid."""
    edges = np.unique(np.concatenate([np.linspace(-WIDEST, WIDEST, 166), *marks]))
    edges = edges[np.abs(edges) <= WIDEST]
    half = np.diff(edges)[:, None] / 2.0
    z = (edges[:-1, None] + half * (FEW + 1.0)).ravel()
    weight = (half * FEW_SHARES).ravel() * np.exp(-0.5 * z * z) / sqrt(2.0 * pi)
    return z, weight / weight.sum()


def box(low: float, high: float) -> LineDensity:
    """p = 1 / (high - low) between low and high: the density of a memory between hard walls.

    Raises InputError unless low < high.

    >>> box(-1.0, 1.0).variance.__round__(9)
    0.333333333
    """
    a, b = number("low", low), number("high", high)
    if not a < b:
        raise InputError("box", (low, high), "low must be below high", "give the two walls")

    def place(z: Array) -> Array:
        return np.asarray(np.where(z < 0.0, a + (b - a) * ndtr(z), b - (b - a) * ndtr(-z)))

    return LineDensity(place, lambda z: np.full(z.shape, -log(b - a)), a, b)


def normal(mean: float = 0.0, variance: float = 1.0) -> LineDensity:
    """p = exp[-(x - mean)^2 / 2 variance] / sqrt(2 pi variance).

    Raises InputError unless the variance is > 0.
    """
    m, v = number("mean", mean), number("variance", variance)
    if v <= 0.0:
        raise InputError("variance", variance, "must be > 0", "e.g. 1.0")
    s = sqrt(v)
    return LineDensity(lambda z: m + s * z, lambda z: -0.5 * z * z - 0.5 * log(2.0 * pi * v))


def by_quantile(quantile: Callable[[Array], Any], low: float = -inf, high: float = inf) -> LineDensity:
    r"""x(z) = quantile(Phi(z)), ln p = ln phi(z) - ln x'(z), the slope by five points.

    quantile: an increasing function of probabilities (point,) in (0, 1). The upper tail is taken at u = 1 - Phi(-z)
    and is cut where u would round to 1 (a share of 1e-9): give a ``normal`` or a ``boltzmann`` where that matters.
    Raises InputError for values that are not finite or not increasing.

    >>> by_quantile(lambda u: 3.0 * u).mean.__round__(9)
    1.5
    """
    cut = 6.0

    def place(z: Array) -> Array:
        found = np.asarray(quantile(ndtr(np.clip(z, -cut, cut))), dtype=np.float64)
        if found.shape != z.shape or not np.all(np.isfinite(found)):
            fix = "a function of an array of probabilities strictly between 0 and 1"
            raise InputError("quantile", found.shape, f"must give finite numbers of shape {z.shape}", fix)
        return found

    def log_density(z: Array) -> Array:
        at, h = np.clip(z, -cut + 0.01, cut - 0.01), STEP
        rise = (8.0 * (place(at + h) - place(at - h)) - (place(at + 2 * h) - place(at - 2 * h))) / (12.0 * h)
        if np.any(rise <= 0.0):
            raise InputError("quantile", "a value that does not rise", "must increase", "a density without atoms")
        return np.asarray(-0.5 * at * at - 0.5 * log(2.0 * pi) - np.log(rise))

    found = LineDensity(place, log_density, low, high)
    found.log_density(np.linspace(-5.0, 5.0, 101))
    return found


def boltzmann(
    potential: Callable[[Array], Any], low: float, high: float, *, temperature: float = 1.0, points: int = 2000
) -> LineDensity:
    r"""p = e^{-U(x) / T} / Z between low and high.

    potential: U of places (point,), in k_B T0. low, high: walls; put them where U is many T above its minimum if there
    are none. points: panels of six Gauss points each; x(z) is a cubic between their ends, whose slopes are exact too.
    Raises InputError for U not finite, T <= 0 or low >= high.

    >>> boltzmann(lambda x: 2.0 * x**2, -5.0, 5.0).variance.__round__(9)
    0.25
    """
    a, b, T = number("low", low), number("high", high), number("temperature", temperature)
    if not a < b:
        raise InputError("low", (low, high), "low must be below high", "give the two walls")
    if T <= 0.0:
        raise InputError("temperature", temperature, "must be > 0", "e.g. 1.0")
    if not is_whole(points, 8):
        raise InputError("points", points, "must be a whole number >= 8", "e.g. points=2000")
    x = np.linspace(a, b, points + 1)
    h = x[1] - x[0]
    inside = (x[:-1, None] + h * (GAUSS + 1.0) / 2.0).ravel()
    U, at_ends = (np.asarray(potential(y), dtype=np.float64) for y in (inside, x))
    if U.shape != inside.shape or not np.all(np.isfinite(U)) or not np.all(np.isfinite(at_ends)):
        raise InputError("potential", U.shape, f"must give finite numbers of shape {inside.shape}", "check its domain")
    floor = min(float(U.min()), float(at_ends.min()))
    mass = (np.exp(-(U - floor) / T).reshape(points, -1) @ SHARES) * h / 2.0
    Z = float(mass.sum())
    left = np.append(0.0, np.cumsum(mass)) / Z
    right = np.append(np.cumsum(mass[::-1])[::-1], 0.0) / Z
    z = np.where(left < 0.5, ndtri(left), -ndtri(right))
    kept = np.flatnonzero(np.abs(z) < 2.0 * WIDEST)
    kept = kept[np.append(True, np.diff(z[kept]) > 0.0)]
    ln_p = -(at_ends - floor) / T - log(Z)
    slope = np.exp(-0.5 * z[kept] ** 2 - 0.5 * log(2.0 * pi) - ln_p[kept])
    # no steeper than three times the chords beside it, or the cubic would turn round at a barrier that hides its mass
    chord = 3.0 * np.diff(x[kept]) / np.diff(z[kept])
    slope = np.minimum(slope, np.minimum(np.append(chord, np.inf), np.append(np.inf, chord)))
    curve = CubicHermiteSpline(z[kept], x[kept], slope, extrapolate=False)
    first, last = kept[0], kept[-1]

    def place(s: Array) -> Array:
        found = np.array(curve(np.clip(s, z[first], z[last])))
        # within the first and the last panel the density is that of the wall beside it
        lower, upper = s < z[first], s > z[last]
        found[lower] = x[first] - (x[first] - a) * (1.0 - ndtr(s[lower]) / left[first])
        found[upper] = x[last] + (b - x[last]) * (1.0 - ndtr(-s[upper]) / right[last])
        return found

    def log_density(s: Array) -> Array:
        return np.asarray(-(np.asarray(potential(place(s)), dtype=np.float64) - floor) / T - log(Z))

    return LineDensity(place, log_density, a, b, z[kept])


def below(density: LineDensity, x: float) -> LineDensity:
    r"""p(w | w < x): q(u) = q_0(u P), P = P(w < x).

    Raises InputError where nothing, or all, lies below x.

    >>> below(box(-1.0, 1.0), 0.0).mean.__round__(9)
    -0.5
    """
    edge = number("x", x)
    share = density.share_below(edge)
    if not 0.0 < share < 1.0:
        raise InputError("x", x, f"must divide the density; a share of {share:g} lies below", "move the boundary")

    def at(z: Array) -> Array:
        return np.asarray(ndtri_exp(log_ndtr(z) + log(share)))

    marks = log_ndtr(density.marks) - log(share)
    marks = np.asarray(ndtri_exp(marks[marks < -1e-15]))
    return LineDensity(
        lambda z: density.place(at(z)), lambda z: density.log_density(at(z)) - log(share), density.low, edge, marks
    )
