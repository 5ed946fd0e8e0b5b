"""What a run of the learner that counts its errors dissipated and knows, by the free energies of its cells."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..estimate import Estimate, Sampled
from .equilibrium import rest
from .gibbs_rule import Metropolised
from .gibbs_state import VersionSpace, version_space
from .knowledge import Knowledge
from .orthants import MOST_PATTERNS
from .settings import Settings

Array = NDArray[np.float64]
ALIKE = 3.0


def counts_errors(settings: Settings) -> bool:
    """Whether what follows applies: batch learning that counts errors, up to 14 patterns, c s >= 0 at the end."""
    learner: Any = settings.learner
    counting = isinstance(learner, Metropolised) and learner.counts_errors and settings.mode == "batch"
    few = settings.task.n_patterns <= MOST_PATTERNS
    return counting and few and settings.schedule(settings.duration) >= 0.0


def state_at_rest(settings: Settings) -> VersionSpace:
    """The equilibrium at the schedule's end."""
    strength = settings.strength * settings.schedule(settings.duration)
    return version_space(settings.scaled_inputs, strength=strength, temperature=settings.temperature)


def gibbs_dissipation(
    settings: Settings, state: VersionSpace, labels: NDArray[Any], work: Array, errors: NDArray[Any]
) -> Sampled:
    r"""Sigma_c = <W - Delta F(sigma)>/T - D(p_t || equilibrium) in nats; labels (replica, pattern), errors (replica,).

    D >= 0 is left out: "upper". "two-sided" where it is taken to be negligible, which is judged and not proven: there
    are at most as many patterns as weights, so that each wrong answer can be mended on its own; what relaxes as
    e^{-2 mu k t}, as within one cell, is below a tenth of the error; and the number of errors agrees with that at rest
    to 3 standard errors, so that D in it is below 9/2n.
    """
    t = settings.temperature
    paid = Sampled.mean((work - state.free_energy_changes(labels)) / t)
    paid = replace(paid, unseen=(state.mean_free_energy_change(labels).stderr / t) ** 2)
    unrelaxed = paid.value * exp(-2.0 * settings.mobility * settings.stiffness * rest(settings))
    mendable = settings.task.n_patterns <= settings.task.n_inputs
    relaxed = mendable and unrelaxed <= 0.1 * paid.estimate().stderr and _agree(errors, state.errors)
    return replace(paid, side="two-sided" if relaxed else "upper")


def _agree(errors: NDArray[Any], expected: Estimate) -> bool:
    variance = max(float(np.var(errors)), expected.value) / errors.size + expected.stderr**2
    return abs(float(np.mean(errors)) - expected.value) <= ALIKE * sqrt(variance)


def gibbs_knowledge(
    state: VersionSpace, dissipated: Sampled, heat_paid: Sampled, errors: NDArray[Any]
) -> Knowledge | None:
    """What weights at rest know of fair labels; None unless ``dissipated`` is two-sided.

    Delta S(w | sigma) = Sigma_c - Q/T, so that the two add up to ``dissipated`` with its own, smaller error.
    """
    if dissipated.side != "two-sided":
        return None
    all_known = _at_rest(state.information, state, errors)
    each_known, interference = all_known, Sampled.constant(0.0, errors.size)
    if state.n_patterns > 1:
        each_known = _at_rest(state.information_each, state, errors)
        interference = all_known - each_known
    return Knowledge(all_known, each_known, interference, dissipated - heat_paid)


def gibbs_joint_cost(state: VersionSpace, dissipated: Sampled, errors: NDArray[Any]) -> Sampled:
    """Delta S(w) + Q/T = Sigma_c + I(w : sigma_T) for fair labels: at rest, else with I <= P ln 2, "upper"."""
    if dissipated.side == "two-sided":
        return dissipated + _at_rest(state.information, state, errors)
    return dissipated + Sampled.constant(state.n_patterns * log(2.0), errors.size, "upper")


def _at_rest(known: Estimate, state: VersionSpace, errors: NDArray[Any]) -> Sampled:
    """An information at rest: one error more is worth c/T of it, and the errors agree with rest to their own error."""
    blur = state.strength**2 * float(np.var(errors)) / errors.size
    return Sampled(known.value, np.zeros(errors.size), unseen=known.stderr**2 + blur)
