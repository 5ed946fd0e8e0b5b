"""Errors of inferred entropy production cover what they say: spread of z over many recordings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import szilard as sz
from szilard.data.recording import Recording
from szilard.infer.jump_currents import entropy_production_from_currents
from szilard.infer.linear_fit import entropy_production_from_linear_fit
from szilard.infer.short_time import entropy_production_from_short_times
from szilard.infer.words import entropy_production_from_words

pytestmark = pytest.mark.soak
MANY = 100
RING = sz.systems.ring([0.0, 0.5, 1.2, 0.3], 4.0, attempt=[1.0, 2.0, 0.5, 1.3], temperature=1.5)
FORCE = sz.systems.linear([[2.0, 0.8], [-0.6, 1.0]], [0.5, 0.9], temperature=0.5)


def jumps(seed: int) -> Recording:
    return Recording.from_run(sz.simulate(RING, "stationary", 60.0, replicas=200, seed=seed, record="paths"))


def one_path(seed: int) -> Recording:
    return Recording.from_run(sz.simulate(RING, "stationary", 12_000.0, replicas=1, seed=seed, record="paths"))


def steps(seed: int) -> Recording:
    times = 0.02 * np.arange(501)
    run = sz.simulate(FORCE, "stationary", 10.0, replicas=200, seed=seed, times=times.tolist(), dt=0.02, entropy=False)
    return Recording.from_run(run)


@pytest.mark.parametrize(
    ("record", "infer", "process"),
    [
        (jumps, lambda r: entropy_production_from_currents(r, complete=True), RING),
        (one_path, lambda r: entropy_production_from_currents(r, complete=True), RING),
        (jumps, lambda r: entropy_production_from_words(r, steps=2), RING),
        (steps, lambda r: entropy_production_from_linear_fit(r, complete=True), FORCE),
        (steps, entropy_production_from_linear_fit, FORCE),
        (steps, lambda r: entropy_production_from_short_times(r, order=1, extrapolate=True), FORCE),
    ],
    ids=["currents", "one long path", "words", "linear fit", "two looks", "short times"],
)
def test_the_stated_error_is_the_spread(
    record: Callable[[int], Recording], infer: Callable[[Recording], sz.Estimate], process: sz.JumpProcess | sz.Langevin
) -> None:
    exact = sz.entropy_production_rate(process)
    found = [infer(record(seed)) for seed in range(MANY)]
    z = np.array([(e.value - exact) / e.stderr for e in found])
    assert np.all(np.abs(z) < 4.5)
    # 200 resamples know an error to 5 %, 100 recordings its spread to 7 %: four of their joint standard errors, 35 %
    assert 0.65 < z.std(ddof=1) < 1.35
    assert abs(z.mean()) < 0.5  # a bias below half an error, the cross-fit's loss included
