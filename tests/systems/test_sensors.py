"""The sensor: rates, an environment that is not influenced, and where its work goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import szilard as sz
from szilard.discrete.bipartite import information_flows
from szilard.errors import InputError
from szilard.systems import sensor
from tests.systems.books import assert_local_balance, assert_stationary, of_channel

LOPSIDED = sensor(2.2, environment=(0.3, 0.8), attempt=1.5, bias=0.7, temperature=0.6)


def test_rates_of_the_sensor_and_of_the_environment() -> None:
    """States 2 x + y; x = 1 costs the bias, x != y the coupling."""
    assert_local_balance(LOPSIDED)
    follows, flips = of_channel(LOPSIDED, 0), of_channel(LOPSIDED, 1)
    E = {(x, y): 2.2 * (x != y) + 0.7 * x for x in (0, 1) for y in (0, 1)}
    for y in (0, 1):
        up = 1.5 * np.exp((E[0, y] - E[1, y]) / 1.2)
        down = 1.5 * np.exp((E[1, y] - E[0, y]) / 1.2)
        assert follows[2 + y, y] == pytest.approx(up, rel=1e-13)
        assert follows[y, 2 + y] == pytest.approx(down, rel=1e-13)
    for x in (0, 1):
        assert flips[2 * x + 1, 2 * x] == pytest.approx(0.3, rel=1e-13)
        assert flips[2 * x, 2 * x + 1] == pytest.approx(0.8, rel=1e-13)


def test_the_environment_does_not_feel_the_sensor() -> None:
    p = sz.stationary(LOPSIDED).reshape(2, 2)
    assert p.sum(axis=0)[1] == pytest.approx(0.3 / 1.1, rel=1e-12)
    found = information_flows(LOPSIDED, (2, 2))
    assert found.heat[1].tolist() == [0.0, 0.0] or abs(found.heat[1]).max() < 1e-15
    assert found.flow[0] > 0.0
    assert found.entropy_production[1] == pytest.approx(float(found.flow[0]), rel=1e-12)


def test_work_of_the_flips_is_the_heat_of_the_sensor() -> None:
    books = sz.energetics(LOPSIDED, sz.stationary(LOPSIDED), 7.0)
    found = information_flows(LOPSIDED, (2, 2))
    assert books.work == pytest.approx(7.0 * float(found.heat[0, 0]), rel=1e-10)
    assert books.heat[1] == pytest.approx(0.0, abs=1e-13)
    assert books.work > 0.0


def test_a_symmetric_sensor_is_right_with_the_probability_of_its_formula() -> None:
    process = sensor(1.5, environment=0.4, attempt=2.0, temperature=0.8)
    a, b = 2.0 * np.exp(1.5 / 1.6), 2.0 * np.exp(-1.5 / 1.6)
    right = (a + 0.4) / (a + b + 0.8)
    assert_stationary(process, np.array([right, 1.0 - right, 1.0 - right, right]) / 2.0)


def test_without_a_coupling_nothing_is_learned_or_spent() -> None:
    blind = sensor(0.0, environment=(0.3, 0.8), bias=0.7)
    assert not information_flows(blind, (2, 2)).flow.any()
    assert sz.entropy_production_rate(blind) == pytest.approx(0.0, abs=1e-16)
    against = information_flows(sensor(-2.2, environment=(0.3, 0.8)), (2, 2))
    with_it = information_flows(sensor(2.2, environment=(0.3, 0.8)), (2, 2))
    np.testing.assert_allclose(against.flow, with_it.flow, rtol=1e-12)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("coupling", lambda: sensor(np.nan)),
        ("bias", lambda: sensor(1.0, bias=np.inf)),
        ("attempt", lambda: sensor(1.0, attempt=0.0)),
        ("temperature", lambda: sensor(1.0, temperature=0.0)),
        ("environment", lambda: sensor(1.0, environment=0.0)),
        ("environment", lambda: sensor(1.0, environment=(0.1, 0.2, 0.3))),
        ("environment[1]", lambda: sensor(1.0, environment=(0.1, np.nan))),
        ("environment", lambda: sensor(1.0, environment="fast")),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
