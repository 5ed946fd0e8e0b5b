"""Four broken assumptions at their default size: other seeds, half the step, the same verdicts; right errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from szilard.questions.limit.breaking import Breaker, MatrixSettings, Row
from szilard.questions.limit.breaks_labels import correlated_labels
from szilard.questions.limit.breaks_noise import shared_noise
from szilard.questions.limit.breaks_steps import coarse_time_step
from szilard.questions.limit.breaks_temperature import wrong_temperature

pytestmark = pytest.mark.soak
BREAKERS = (shared_noise, correlated_labels, wrong_temperature, coarse_time_step)


def found(make: Callable[..., Breaker], settings: MatrixSettings, seed: int, time_step: float = 1.0) -> Row:
    breaker = make(settings, time_step)
    return breaker.conclude([piece.work(1000 * seed + i, None) for i, piece in enumerate(breaker.pieces)])


@pytest.mark.parametrize(("seed", "time_step"), [(1, 1.0), (2, 1.0), (3, 0.5)])
@pytest.mark.parametrize("make", BREAKERS, ids=lambda make: make.__name__)
def test_no_seed_and_no_step_changes_a_verdict(make: Callable[..., Breaker], seed: int, time_step: float) -> None:
    row = found(make, MatrixSettings(), seed, time_step)
    assert {check.verdict for check in [*row.naive(), *row.broken]} == {"violated"}
    assert {check.verdict for check in row.mended()} == {"holds"}
    every = [*row.checks, *row.agreement()]
    assert not [check.name for check in every if check.verdict == "violated"]
    undecided = [check.name for check in every if check.verdict == "inconclusive"]
    assert len(undecided) <= 1, undecided  # 10 equalities to 3 standard errors: one in 37 runs misses one


@pytest.mark.parametrize("make", BREAKERS, ids=lambda make: make.__name__)
def test_many_replicas_find_the_exact_numbers(make: Callable[..., Breaker]) -> None:
    """Twenty times the replicas, at a temperature and stiffness of their own: no bias beyond 4.5 smaller errors."""
    settings = MatrixSettings(
        replicas=400_000, temperature=1.1, stiffness=0.8, mobility=1.6, noise_ramp=40.0, labels_ramp=40.0,
        bath_ramp=40.0, step_ramp=40.0,
    )  # fmt: skip
    row = found(make, settings, 4)
    equal = [check for check in [*row.checks, *row.agreement()] if check.relation == "="]
    assert len(equal) >= 3
    assert max(abs(check.margin) for check in equal) < 4.5, [str(check) for check in equal]


@pytest.mark.parametrize("make", BREAKERS, ids=lambda make: make.__name__)
def test_errors_are_right(make: Callable[..., Breaker]) -> None:
    """z of information and cost in 40 small runs: variance 1 and mean 0, to 4 standard errors."""
    settings = MatrixSettings(
        replicas=2000, dt=0.1, noise_ramp=20.0, labels_ramp=20.0, bath_ramp=20.0, step_ramp=20.0, labels_push=1.5,
        step_push=2.0, bath_push=2.0,
    )  # fmt: skip
    runs = [found(make, settings, seed) for seed in range(40)]
    for name in ("information", "cost", "larger"):
        z = np.array([
            (getattr(row.simulated, name).value - getattr(row.exact, name).value) / getattr(row.simulated, name).stderr
            for row in runs
        ])  # fmt: skip
        assert abs(z.mean()) < 4.0 / np.sqrt(40), name
        assert abs((z**2).mean() - 1.0) < 4.0 * np.sqrt(2.0 / 40), name
