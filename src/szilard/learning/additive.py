"""Rules whose force does not depend on the weights: given the labels, weights are Gaussian, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .settings import Settings

Array = NDArray[np.float64]
ENUMERABLE = 14


def pattern_gains(settings: Settings) -> Array | None:
    r"""a_mu in <w_n | sigma> = sum_mu a_mu sigma_mu xi_n^mu / sqrt(N), variance T/k; shape (pattern,).

    The recursion m' = decay m + push c s g of the sampler's own step, summed in closed form. None where the
    rule is not additive and odd, or each replica draws its own order of patterns.
    """
    rule = settings.rule
    if not (settings.additive and rule.odd) or settings.feedback:
        return None
    if settings.mode == "online" and settings.order == "random":
        return None
    steps = np.arange(settings.steps)
    decay, push = settings.law[0], settings.law[1]
    lasting = push * settings.strength * settings.factors(0, settings.steps) * decay ** (steps[-1] - steps)
    unit = float(rule.amplitude(0.0, 1.0, 0.0, 0.0, rule.parameters))
    patterns = settings.task.n_patterns
    if settings.mode == "batch":
        return np.full(patterns, unit * float(lasting.sum()))
    shown = (steps // settings.substeps) % patterns
    return np.asarray(unit * np.bincount(shown, weights=lasting, minlength=patterns))


def force_variation(settings: Settings, labels: NDArray[Any]) -> Array | None:
    r"""V_n = c g |sum_mu sigma_mu xi_n^mu / sqrt(N)| int |ds|, how far the force on w_n moves, from 0 on.

    (replica, weight). labels: (replica, pattern). None where the rule is not additive and odd, or patterns take turns.
    """
    rule = settings.rule
    if not (settings.additive and rule.odd and settings.mode == "batch") or settings.feedback:
        return None
    factors = settings.factors(0, settings.steps)
    varied = abs(float(factors[0])) + float(np.sum(np.abs(np.diff(factors))))
    unit = abs(settings.strength * float(rule.amplitude(0.0, 1.0, 0.0, 0.0, rule.parameters)))
    return np.asarray(varied * unit * np.abs(labels @ settings.scaled_inputs))
