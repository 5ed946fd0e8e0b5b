"""The part on exponents at its default size: other seeds, half the step, the same verdicts; right errors."""

from __future__ import annotations

import numpy as np
import pytest

from szilard.questions.ceiling.scaling_exponents import ExponentSettings, exponent_part
from szilard.questions.part import Finding

pytestmark = pytest.mark.soak


def found(seed: int, time_step: float = 1.0, settings: ExponentSettings | None = None) -> Finding:
    part = exponent_part(settings or ExponentSettings(), time_step)
    return part.conclude([piece.work(1000 * seed + i, None) for i, piece in enumerate(part.pieces)])


@pytest.mark.parametrize(("seed", "time_step"), [(1, 1.0), (2, 1.0), (3, 0.5)])
def test_no_seed_and_no_step_changes_a_verdict(seed: int, time_step: float) -> None:
    finding = found(seed, time_step)
    assert len(finding.checks) == 13
    undecided = [check.name for check in finding.checks if check.verdict != "holds"]
    assert len(undecided) <= 1, undecided  # 13 equalities to 3 standard errors: one in 29 runs misses one
    assert not any(check.verdict == "violated" for check in finding.checks)
    assert finding.text.count("no pure power") == 2


def test_errors_of_exponents_are_right() -> None:
    """z of 13 exponents in 30 small runs: mean 0 and variance 1, to 4 standard errors."""
    small = ExponentSettings(
        replicas=4000, replicas_others=500, other_rates=[1.0, 1.5, 2.0], ramps=[0.2, 1.0, 5.0, 15.0]
    )
    z = np.array([[check.margin for check in found(seed, 1.0, small).checks] for seed in range(30)])
    assert np.all(np.abs(z.mean(axis=0)) < 4.0 / np.sqrt(30)), z.mean(axis=0)
    assert abs(z.var() - 1.0) < 4.0 * np.sqrt(2.0 / z.size)
