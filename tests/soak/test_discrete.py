"""Jump processes at full size: a million trajectories per number."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from tests.discrete.cases import VALUES, WAYS, Way
from tests.discrete.test_simulation import P_B, RATES, RISING
from tests.statistics import assert_agrees, z_of_mean

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("way", WAYS, ids=lambda way: next(iter(way.read)))
def test_reference_numbers(way: Way) -> None:
    run = way.run(1_000_000, 22)
    for name, read in way.read.items():
        assert_agrees(read(run).estimate(), VALUES[name][0], relative=0.006)


@pytest.mark.parametrize("grid", [3, 61])
def test_rates_that_move(grid: int) -> None:
    times = np.linspace(0.0, 3.0, grid + 1)[1:] if grid == 3 else np.linspace(0.0, 3.0, grid)
    run = sz.simulate(
        RATES, 0, 3.0, replicas=1_000_000, seed=23, protocol=RISING, times=times.tolist(), entropy=False,
        max_bytes=8e9,
    )  # fmt: skip
    for t, p in P_B.items():
        assert abs(z_of_mean(run.states[:, int(np.argmin(np.abs(times - t)))] == 1, p)) <= 4.0
