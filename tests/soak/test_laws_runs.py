"""Many replicas of many processes: every law that a run is held against holds, theorems bin by bin as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from tests.continuous.cases import WAY, moved, stirred
from tests.continuous.turning import START, SWIRLED
from tests.discrete.lopsided import lopsided
from tests.discrete.moved_rings import bins_apart, z
from tests.discrete.moved_rings import moved as moved_ring

pytestmark = pytest.mark.soak
N = 400_000


@pytest.mark.parametrize("seed", range(12))
def test_jump_processes(seed: int) -> None:
    process = moved_ring(seed, 3 + seed % 3, push=0.3)
    for start in ("stationary", np.full(process.n_states, 1.0 / process.n_states)):
        run = sz.simulate(process, start, 1.2, replicas=N, seed=seed, protocol=WAY, record="paths")
        assert run.laws().violated == ()
        exact = sz.energetics(process, start, 1.2, WAY)
        split = run.split()
        assert split.nonadiabatic is not None
        assert abs(z(split.housekeeping, exact.adiabatic)) <= 4.5
        assert abs(z(split.nonadiabatic, exact.nonadiabatic)) <= 4.5
    still = lopsided(seed, 4, push=0.3)
    assert sz.simulate(still, "stationary", 2.0, replicas=N, seed=seed).laws().violated == ()


@pytest.mark.parametrize(
    ("process", "start", "settings"),
    [
        (SWIRLED, "stationary", {"protocol": WAY, "dt": 0.01, "record": "paths"}),
        (SWIRLED, START, {"protocol": WAY, "dt": 0.01, "record": "paths"}),
        (moved(), "equilibrium", {"protocol": WAY, "dt": 0.1, "method": "metropolis"}),
        (sz.systems.gyrator(1.0, 0.5, (2.0, 0.7)), "stationary", {"dt": 0.005}),
        (sz.systems.rotating_trap(1.3, 0.7, temperature=0.6), "stationary", {"dt": 0.005}),
        (sz.systems.tilted_ring(0.6, 0.5, temperature=0.8), "stationary", {"dt": 0.01}),
    ],
    ids=("swirled", "swirled from anywhere", "well", "gyrator", "rotating trap", "tilted ring"),
)
def test_langevin_processes(process: sz.Langevin, start: Any, settings: dict[str, Any]) -> None:
    run = sz.simulate(process, start, 1.2, replicas=100_000, seed=11, **settings)
    laws = run.laws()
    assert laws.violated == () and len(laws) >= 3


def test_the_stirred_bowl_by_its_density_on_a_lattice() -> None:
    """Two coordinates, driven, not linear: p_tau on 96 x 96 cells, good to some 1e-3 in ln p."""
    start = sz.Gaussian([0.2, 0.1], [0.4, 0.5])
    run = sz.simulate(stirred(), start, 0.8, replicas=100_000, seed=3, dt=0.005, entropy=True)
    back = run.backward()
    assert max(map(abs, bins_apart(back.forward, back.entropy_production))) <= 4.5
