"""The reference numbers, by the exact route to their accuracy and by sampling within 4 standard errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.discrete import current_noise, edge_currents, generating_function
from tests.discrete.cases import EVEN, EVEN_TURN, RAISED, RELAXING, RING, TURN, UP, VALUES, WAYS, Way
from tests.statistics import assert_agrees


def exact() -> dict[str, float]:
    """Every value by the library's exact solution."""
    flows = edge_currents(RING)
    found: dict[str, Any] = {
        "relaxation, all entropy produced": sz.energetics(RELAXING, [0.2, 0.8], 60.0).entropy_production,
        "relaxation, entropy produced until 0.7": sz.energetics(RELAXING, [0.2, 0.8], 0.7).entropy_production,
        "ring, current": current_noise(RING, TURN).mean,
        "ring, entropy production rate": sz.entropy_production_rate(RING),
        "ring, uncertainty product": current_noise(RING, TURN).uncertainty_product,
        "even ring, uncertainty product": current_noise(EVEN, EVEN_TURN).uncertainty_product,
        "even ring, lambda(0.25)": sz.scgf(EVEN, 0.25).values,
        "ring, sum K F tanh(F/2)": np.sum(flows.traffic * flows.force * np.tanh(flows.force / 2.0)),
        "ring, nonadiabatic entropy until 1": sz.energetics(RING, [0.7, 0.2, 0.1], 1.0).nonadiabatic,
        "raised level, <exp(-W)>": generating_function(RAISED, "equilibrium", 2.0, UP, work=1.0),
        "raised level, mean work": sz.energetics(RAISED, "equilibrium", 2.0, UP).work,
    }
    found |= {f"ring, p of state {x}": p for x, p in enumerate(sz.stationary(RING))}
    found |= {f"ring, lambda({s})": sz.scgf(RING, s).values for s in (0.2, 0.3, 0.5)}
    return {name: float(value) for name, value in found.items()}


def test_by_the_exact_route() -> None:
    found = exact()
    assert found.keys() == VALUES.keys()
    for name, (value, accuracy) in VALUES.items():
        assert found[name] == pytest.approx(value, rel=accuracy), name


def test_every_value_is_sampled() -> None:
    assert {name for way in WAYS for name in way.read} == VALUES.keys()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: next(iter(way.read)))
def test_by_sampling(way: Way) -> None:
    run = way.run(100_000, 21)
    for name, read in way.read.items():
        assert_agrees(read(run).estimate(), VALUES[name][0], relative=0.02)
