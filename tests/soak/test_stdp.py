"""Densities under spike timing against long spike runs: what is left falls with the step, in one peak and in two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from szilard.learning.spike_sampling import stdp_by_spikes
from szilard.learning.spike_timing import KINDS, SpikeTiming, stdp_synapse
from tests.statistics import z_of_mean

pytestmark = pytest.mark.soak

SETTINGS: dict[str, dict[str, Any]] = {
    "soft": {"pre_rate": 20.0, "rest_rate": 10.0, "feedback": 0.3, "ratio": 1.2},
    "multiplicative": {"pre_rate": 30.0, "rest_rate": 5.0, "feedback": 0.5, "ratio": 1.1, "depression_time": 0.035},
    "mixed": {"pre_rate": 15.0, "rest_rate": 20.0, "feedback": 0.2, "ratio": 1.3, "response_time": 0.012},
}


def rule_of(kind: Any, step: float) -> SpikeTiming:
    if kind == "additive":  # drift and diffusion of one order: the density keeps its shape, with peaks at both bounds
        return SpikeTiming(
            kind=kind, pre_rate=20.0, rest_rate=20.0, feedback=3.0 * step, step=step, ratio=1.0 + 3.0 * step
        )
    return SpikeTiming(kind=kind, step=step, **SETTINGS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_density_misses_falls_with_the_step(kind: Any) -> None:
    """d(step) = a step + b step^2: 2 d(step/2) - d(step) vanishes to -b step^2/2, below the errors at these steps."""
    step, n = 0.04, 16_000
    found, errors = [], []
    for level in range(2):
        model = stdp_synapse(rule_of(kind, step / 2**level))
        exact = model.stationary()
        start = exact.quantile((np.arange(n) + 0.5) / n)
        duration = 6.0 / model.relaxation_rate().value
        w = stdp_by_spikes(rule_of(kind, step / 2**level), [duration], replicas=n, seed=5 + level, initial=start)
        last = w.weights[:, 0]
        cuts = exact.quantile([0.25, 0.5, 0.75])
        rows = np.array([last, (last - exact.mean) ** 2, *(last[None] < cuts[:, None])], dtype=np.float64)
        found.append(rows.mean(axis=1) - [exact.mean, exact.variance, 0.25, 0.5, 0.75])
        errors.append(rows.std(axis=1, ddof=1) / np.sqrt(n))
    left = 2.0 * found[1] - found[0]
    assert np.all(np.abs(left) < 4.0 * np.hypot(2.0 * errors[1], errors[0]))
    # the finer step is already within a few per cent of every share
    assert np.all(np.abs(found[1][2:]) < 0.03 + 4.0 * errors[1][2:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("w", [0.2, 0.85])
def test_drift_and_diffusion_at_a_held_weight_to_half_a_per_cent(kind: Any, w: float) -> None:
    """Edges of the run cost var a share of tau / 100 s < 1e-3, below its standard error sqrt(2/4e4) = 7e-3."""
    rule, span = rule_of(kind, 0.03), 100.0
    run = stdp_by_spikes(rule, [1.0, 1.0 + span], replicas=40_000, seed=9, initial=w, held=True)
    moved = (run.moved[:, 1] - run.moved[:, 0]) / span
    drift, diffusion = float(rule.drift(w)), float(rule.diffusion(w))
    assert abs(z_of_mean(moved, drift)) < 4.0
    assert abs(z_of_mean(0.5 * span * (moved - drift) ** 2, diffusion)) < 4.0


def test_two_peaks_at_the_bounds_are_seen_in_the_spikes() -> None:
    """Additive with feedback: more in the outer tenths, each five steps wide, than beside them; else nothing there."""
    n, both = 6000, {}
    for kind in ("additive", "multiplicative"):
        rule = SpikeTiming(kind=kind, pre_rate=20.0, rest_rate=20.0, feedback=0.06, step=0.02, ratio=1.06)
        duration = 6.0 / stdp_synapse(rule).relaxation_rate().value
        run = stdp_by_spikes(rule, [duration], replicas=n, seed=3)
        both[kind] = np.histogram(run.weights[:, 0], bins=10, range=(0.0, 1.0))[0]
    for outer, beside in (both["additive"][[0, 1]].tolist(), both["additive"][[9, 8]].tolist()):
        assert outer - beside > 4.0 * np.sqrt(outer + beside)
    assert both["multiplicative"][0] == 0 and both["multiplicative"][-1] == 0
