"""Langevin dynamics at full size: a million trajectories per number."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.continuous import Linear
from tests.continuous.test_reference import SAMPLED, assert_sampled
from tests.statistics import z_of_mean

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", SAMPLED)
def test_reference_numbers(name: str) -> None:
    z = assert_sampled(name, 1_000_000, 51, 0.01)
    print(f"{name}: {z:+.2f} sigma")


def test_jarzynski_at_a_step_of_nine_tenths() -> None:
    """<e^{-W/T}> = 1 where Euler is wrong by hundreds of standard errors."""
    trap = sz.Langevin(linear=lambda c: Linear([[1.3]], [1.3 * c], 0.65 * c * c), dim=1, temperature=0.8, mobility=1.1)
    sigmas = {}
    for method in ("euler", "metropolis"):
        run = sz.simulate(
            trap, "equilibrium", 6.0, replicas=4_000_000, seed=52, protocol=sz.Protocol([0.0, 6.0], [0.0, 3.0]),
            dt=0.9 / 1.43, method=method, entropy=False,
        )  # fmt: skip
        sigmas[method] = z_of_mean(np.exp(-run.ledger.work / 0.8), 1.0)
    assert abs(sigmas["metropolis"]) <= 4.0
    assert abs(sigmas["euler"]) > 40.0
