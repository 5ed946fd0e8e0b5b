"""Answers that flip infinitely fast: the weight moves in a potential, and still exchanges heat."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

if TYPE_CHECKING:
    from .phases import FeedbackSystem

Array = NDArray[np.float64]
REACH = 12.0
"""Standard deviations around the places where the weight may rest."""


def fast_heat_rate(system: FeedbackSystem, share: float) -> float:
    r"""Q_w -> mu g (g - a/2) <1 - m^2>,  m = tanh(a w / 2T),  gamma -> infinity.

    The weight feels the mean answer, F = -k w + nu + g m(w), and rests in e^{-U/T} with F = -U'. The answer's own
    fluctuations add g^2 <1 - m^2> to <F^2>, and <F^2> of the mean force is T (k - g <m'>), m' = a (1 - m^2)/2T. In
    k_B T0 per time, > 0 into the bath. Derived here.

    >>> from szilard.questions.limit.phases import FeedbackSystem
    >>> round(fast_heat_rate(FeedbackSystem(), 0.25), 4)
    -0.0967
    """
    g, a, nu, k, t = share * system.field, system.field, system.push, system.stiffness, system.temperature
    low, high = sorted(((nu - abs(g)) / k, (nu + abs(g)) / k))
    left, right = low - REACH * sqrt(t / k), high + REACH * sqrt(t / k)
    w = np.linspace(left, right, 2001)

    def exponent(x: Array | float) -> Array:
        y = np.abs(a * np.asarray(x) / (2.0 * t))
        log_cosh = y + np.log1p(np.exp(-2.0 * y)) - log(2.0)
        return np.asarray((nu * np.asarray(x) - 0.5 * k * np.asarray(x) ** 2) / t + 2.0 * g / a * log_cosh)

    peak = float(exponent(w).max())

    def mean(weight: bool) -> float:
        def density(x: float) -> float:
            m = np.tanh(a * x / (2.0 * t)) if weight else 0.0
            return float(np.exp(exponent(x) - peak) * (1.0 - m * m))

        return float(quad(density, left, right, limit=400, points=[0.0, low, high])[0])

    return system.mobility * g * (g - 0.5 * a) * mean(True) / mean(False)


def deepest_cooling(system: FeedbackSystem) -> tuple[float, float]:
    """(g/a, heat per time) where infinitely fast answers cool the weight's bath most."""
    found = minimize_scalar(lambda s: fast_heat_rate(system, s), bounds=(0.0, 0.5), method="bounded")
    return float(found.x), float(found.fun)
