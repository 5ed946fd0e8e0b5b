"""Averages over a fresh pattern of what one kick does: closed forms, and quadrature for any amplitude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, factorial, pi, sin, sqrt, tan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtr

from ..errors import InputError
from ..markup import table
from ._checks import not_negative, number, positive
from .kick_rules import KickRule, kick_rule

Array = NDArray[np.float64]
POINTS, SHARE = np.polynomial.legendre.leggauss(16)
FAR = 9.0
"""Standard deviations beyond which a normal variable is dropped: 2e-19."""
FINE = 1e-4
"""The width of the first panel, in units of the narrowest layer known."""
ROOT = sqrt(2.0 / pi)
DOUBLE_ANGLE = [(-1) ** (n + 1) * 4.0**n / factorial(2 * n + 1) for n in range(1, 12)]


class Averages(NamedTuple):
    """turn: E F(q s z), z normal, s = sin(angle); pull: <x F>; square: <F^2>; lambda = q x."""

    turn: float
    pull: float
    square: float


class KickAverages(NamedTuple):
    """teacher: <|y| F>; field: <lambda F>; square: <F^2>."""

    teacher: float
    field: float
    square: float

    def _repr_html_(self) -> str:
        return table("KickAverages", [[name, repr(value)] for name, value in self._asdict().items()])


def kick_averages(
    rule: Any,
    rho: float,
    length: float = 1.0,
    *,
    parameters: tuple[float, ...] = (),
    temperature: float = 1.0,
    breaks: ArrayLike = (),
) -> KickAverages:
    r"""<|y| F>, <lambda F>, <F^2>:  lambda = q x,  x of density 2 phi(x) Phi(rho x/s),  s = sqrt(1 - rho^2).

    One fresh pattern, N -> infinity: y is the teacher's field (of variance 1), lambda = sigma_T w.xi/sqrt N the
    stability, q = |w|/sqrt N (``length``) and rho = w.B/(|w||B|). By parts, with z normal,
    <(|y| - rho x) F> = s^2 sqrt(2/pi) E F(q s z). ``rule``, ``parameters`` and ``breaks`` as in ``online``; temperature
    serves only rules that read the neuron's output. -1 < rho < 1 (0 < rho for "optimal"), length > 0. Accuracy about
    1e-13. Raises InputError for values outside these ranges, or what is no rule of the stability.

    Source of the closed forms: Biehl and Riegler, Europhys. Lett. 28, 525 (1994); Mace and Coolen, Statistics and
    Computing 8, 55 (1998).

    >>> [round(float(v), 6) for v in kick_averages("perceptron", 0.6)]
    [0.159577, -0.159577, 0.295167]
    """
    overlap, q = number("rho", rho), positive("length", length)
    kick = kick_rule(rule, parameters, not_negative("temperature", temperature), breaks)
    if not -1.0 < overlap < 1.0:
        raise InputError("rho", rho, "must be in (-1, 1)", "the cosine between weights and teacher")
    if kick.amplitude is None and overlap <= 0.0:
        raise InputError("rho", rho, "the optimal kick is infinite at rho = 0", "give rho > 0")
    turn, pull, square = averages_of(kick)(float(np.arccos(overlap)), q)
    return KickAverages((1.0 - overlap**2) * ROOT * turn + overlap * pull, q * pull, square)


def averages_of(kick: KickRule) -> Callable[[float, float], Averages]:
    """The averages of a rule as a function of the angle to the teacher, in (0, pi), and the length q > 0."""
    if kick.amplitude is None:
        return _optimal
    if not kick.closed:
        return lambda angle, q: _by_quadrature(kick, angle, q)
    return {"hebbian": _hebbian, "perceptron": _perceptron, "adatron": _adatron}[kick.name]


def _hebbian(angle: float, q: float) -> Averages:
    return Averages(1.0, cos(angle) * ROOT, 1.0)


def _perceptron(angle: float, q: float) -> Averages:
    return Averages(0.5, -ROOT * sin(0.5 * angle) ** 2, angle / pi)


def _adatron(angle: float, q: float) -> Averages:
    missed = lens(angle) / pi
    return Averages(q * sin(angle) * 0.5 * ROOT, -q * missed, q * q * missed)


def _optimal(angle: float, q: float) -> Averages:
    r"""F = (q s/rho) phi(u)/Phi(u), u = x/tan(angle): x F is odd under the law of x, and H = <(phi/Phi)^2>."""
    slope = tan(angle)
    x, weight = panels([min(slope, 1.0)])
    u = np.maximum(x / slope, -37.0)  # where phi(u) is 1e-298
    hazard = np.exp(-0.5 * u * u - log_ndtr(u)) / sqrt(2.0 * pi)
    square = float(weight @ (2.0 * normal(x) * normal(u) * hazard))
    return Averages(q / cos(angle) * square / ROOT, 0.0, (q * slope) ** 2 * square)


def _by_quadrature(kick: KickRule, angle: float, q: float) -> Averages:
    slope = tan(angle)
    x, weight = panels([min(abs(slope), 1.0), min(1.0 / q, 1.0)], [b / q for b in kick.breaks])
    assert kick.amplitude is not None
    force = kick.amplitude(q * x)
    if not np.all(np.isfinite(force)):
        rule = f"must be finite for |stability| up to {FAR * q:.3g}"
        raise InputError("rule", "NaN or infinity", rule, "guard its domain")
    thin = sin(angle)
    density = 2.0 * normal(x) * ndtr(x / slope)
    turn = weight @ (np.exp(-0.5 * (x / thin) ** 2) * force) / (thin * sqrt(2.0 * pi))
    return Averages(float(turn), float(weight @ (density * x * force)), float(weight @ (density * force * force)))


def panels(layers: Sequence[float], breaks: Sequence[float] = ()) -> tuple[Array, Array]:
    """Nodes and weights on (-9, 9): Gauss and Legendre's on panels that double in width away from 0."""
    first = FINE * min(layers)
    doubling = np.geomspace(first, FAR, max(2, int(np.ceil(np.log2(FAR / first))) + 1))
    inner = [b for b in breaks if abs(b) < FAR]
    edges = np.unique(np.concatenate([-doubling, [0.0], doubling, inner, *(_around(b, doubling) for b in inner)]))
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    return (middle[:, None] + half[:, None] * POINTS).ravel(), (half[:, None] * SHARE).ravel()


def _around(centre: float, steps: Array) -> Array:
    return np.asarray(np.clip(np.concatenate([centre - steps, centre + steps]), -FAR, FAR))


def normal(x: Array) -> Array:
    """The density of a normal variable."""
    return np.asarray(np.exp(-0.5 * x * x) / sqrt(2.0 * pi))


def lens(angle: float) -> float:
    """angle - sin(2 angle)/2, to full relative accuracy at small angles."""
    if angle > 0.7:
        return angle - sin(angle) * cos(angle)
    return float(angle * sum(c * angle ** (2 * n) for n, c in enumerate(DOUBLE_ANGLE, start=1)))
