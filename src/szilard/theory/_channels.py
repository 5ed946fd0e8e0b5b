"""Information of a binary label read through Gaussian noise; every formula keeps its relative accuracy."""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

LN2 = log(2.0)
WIDE = 1000.0  # spread of the field (in units of T) from which the logistic is expanded about a step


def binary_information(contrast: ArrayLike) -> NDArray[np.float64]:
    r"""I = ln 2 - h(p) in nats with contrast d = 2p - 1: d artanh d + ln(1 - d^2)/2, exact as d -> 0."""
    d = np.minimum(np.abs(np.asarray(contrast, dtype=np.float64)), 1.0)
    low = np.minimum(d, 0.9)
    high = np.maximum(d, 0.9)
    miss = 1.0 - high
    near_one = 0.5 * ((1.0 + high) * np.log1p(high) + miss * np.log(np.where(miss > 0.0, miss, 1.0)))
    return np.where(d < 0.9, low * np.arctanh(low) + 0.5 * np.log1p(-low * low), near_one)


def label_information(amplitude: float) -> float:
    r"""I(s; a s + z) in nats, s = +-1 equiprobable, z ~ N(0, 1): a^2 - E ln cosh(a^2 + a z).

    The trapezoid rule converges geometrically: the integrand is analytic within |Im z| < pi/(2a).
    """
    a = abs(amplitude)
    if a > 12.0:
        return LN2
    step = 0.2 / max(a, 1.0)
    n = round(10.0 / step)
    z = step * np.arange(-n, n + 1)
    weight = step / sqrt(2.0 * pi) * np.exp(-0.5 * z * z)
    if a <= 1.0:
        return float(a * a - weight @ (0.5 * np.log1p(np.sinh(a * a + a * z) ** 2)))
    return float(LN2 - weight @ np.logaddexp(0.0, -2.0 * a * (a + z)))


def thermal_contrast(shift: float, spread: float) -> float:
    r"""d = E tanh[(B + S z)/2] = E[sinh B / (cosh B + cosh S z)], z ~ N(0, 1).

    B = shift >= 0, S = spread > 0. The second form pairs z with -z: positive, no cancellation as B -> 0. For
    S >= 1000 the logistic noise is expanded to its fourth moment (next term below 1e-16).
    """
    if spread >= WIDE:
        x = shift / spread
        density = exp(-0.5 * x * x) / sqrt(2.0 * pi)
        first, second = pi**2 / (6.0 * spread**2), 7.0 * pi**4 / (360.0 * spread**4)
        return min(1.0, erf(x / sqrt(2.0)) + 2.0 * density * (-first * x + second * (3.0 * x - x**3)))
    y, weight = _half_line(spread, shift)
    double = exp(-2.0 * shift)
    below = 1.0 + double + np.exp(y - shift) + np.exp(-y - shift)
    return min(1.0, float(-np.expm1(-2.0 * shift) * np.sum(weight / below)))  # the sum may round above 1


def thermal_slope(spread: float) -> float:
    r"""d/dB of the thermal contrast at B = 0: E[1 / (1 + cosh S z)] = 2 E s'(S z), s logistic."""
    if spread >= WIDE:
        terms = 1.0 - pi**2 / (6.0 * spread**2) + 7.0 * pi**4 / (120.0 * spread**4)
        return sqrt(2.0 / pi) / spread * terms
    y, weight = _half_line(spread, 0.0)
    return float(np.sum(weight / (1.0 + np.cosh(y))))


def _half_line(spread: float, shift: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes y = S z >= 0, weights of the trapezoid rule for even integrands with poles at +-B +- i pi."""
    step = min(0.4, 0.6 * spread)
    n = int(min(9.5 * spread, shift + 48.0) / step) + 2
    y = step * np.arange(n, dtype=np.float64)
    weight = 2.0 * step / (spread * sqrt(2.0 * pi)) * np.exp(-0.5 * (y / spread) ** 2)
    weight[0] *= 0.5
    return y, weight
