"""The ring: its current in closed form, its direction, its Boltzmann null case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from szilard.errors import InputError
from szilard.systems import ring
from tests.systems.books import assert_local_balance, assert_stationary, dense, stationary

ENERGY = np.array([0.0, 0.5, 1.2])


def test_ring_of_three_has_the_known_occupation_current_and_entropy_production() -> None:
    """e = (0, 0.5, 1.2), affinity 2: p, the clockwise current, sigma = 2 J."""
    process = ring(ENERGY, 2.0)
    L = dense(process)
    p = stationary(L)
    np.testing.assert_allclose(p, [0.4869180025265301, 0.3598706239289562, 0.15321137354451364], rtol=1e-13)
    current = L[1, 0] * p[0] - L[0, 1] * p[1]
    assert current == pytest.approx(0.19813619119586753, rel=1e-13)
    assert_stationary(process, p)
    jumps = process.jump_rates(process.energies()) * p[process.edges.source]
    assert float(jumps @ process.jump_heat(process.energies())) == pytest.approx(2.0 * current, rel=1e-13)


@pytest.mark.parametrize(("n", "affinity", "attempt", "warm"), [(3, 2.0, 1.0, 1.0), (7, -5.0, 0.3, 0.4)])
def test_equal_energies_give_the_closed_form_current(n: int, affinity: float, attempt: float, warm: float) -> None:
    """J = (2a/n) sinh(affinity / 2nT), in the direction of the drive."""
    L = ring(np.full(n, 0.7), affinity, attempt=attempt, temperature=warm).generator().toarray()
    current = (L[1, 0] - L[0, 1]) / n
    assert current == pytest.approx(2 * attempt / n * np.sinh(affinity / (2 * n * warm)), rel=1e-13)
    np.testing.assert_allclose(L.sum(axis=1), 0.0, atol=1e-14)


@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath"])
def test_entropy_production_is_current_times_affinity_over_temperature(kinetics: str) -> None:
    attempt, affinity, warm = np.array([0.2, 3.0, 1.1, 0.7]), 3.0, 0.6
    process = ring([0.3, -1.0, 0.9, 0.0], affinity, attempt=attempt, temperature=warm, kinetics=kinetics)  # type: ignore[arg-type]
    assert_local_balance(process)
    L = dense(process)
    p = stationary(L)
    J = np.array([L[(x + 1) % 4, x] * p[x] - L[x, (x + 1) % 4] * p[(x + 1) % 4] for x in range(4)])
    np.testing.assert_allclose(J, J[0], rtol=1e-12)
    flux = L * p
    sigma = sum(flux[x, y] * np.log(L[x, y] / L[y, x]) for x in range(4) for y in range(4) if x != y and L[x, y] > 0)
    assert J[0] > 0
    assert sigma == pytest.approx(J[0] * affinity / warm, rel=1e-12)


def test_the_cycle_is_given_the_affinity_and_each_edge_its_attempt() -> None:
    attempt = np.array([0.2, 3.0, 1.1])
    L = ring(ENERGY, -1.3, attempt=attempt, temperature=0.5).generator().toarray()
    around = np.log(L[1, 0] * L[2, 1] * L[0, 2]) - np.log(L[0, 1] * L[1, 2] * L[2, 0])
    assert around == pytest.approx(-1.3 / 0.5, rel=1e-13)
    np.testing.assert_allclose([L[(x + 1) % 3, x] * L[x, (x + 1) % 3] for x in range(3)], attempt**2, rtol=1e-13)


def test_without_affinity_boltzmann_is_stationary() -> None:
    process = ring(ENERGY, 0.0, attempt=[0.2, 3.0, 1.1], temperature=0.5)
    p = np.exp(-ENERGY / 0.5)
    assert_stationary(process, p)
    assert not process.driven


def test_energies_follow_a_control_and_reservoirs_have_their_own_temperature() -> None:
    process = ring(
        lambda c: c * ENERGY,
        1.0,
        states=3,
        temperature={"hot": 3.0, "cold": 0.5},
        attempt={"hot": 0.4, "cold": [1, 2, 3]},
    )
    assert process.controlled
    assert process.reservoirs == ("hot", "cold")
    np.testing.assert_array_equal(process.energies(2.0), 2 * ENERGY)
    assert_local_balance(process, 2.0)
    cold = process.channels[1].attempt.toarray()
    assert (cold[1, 0], cold[2, 1], cold[0, 2]) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("energy", lambda: ring([0.0, 1.0], 1.0)),
        ("energy", lambda: ring([[0.0, 1.0, 2.0]], 1.0)),
        ("energy[1]", lambda: ring([0.0, np.nan, 1.0], 1.0)),
        ("affinity", lambda: ring(ENERGY, np.inf)),
        ("states", lambda: ring(lambda c: ENERGY, 1.0)),
        ("states", lambda: ring(lambda c: ENERGY, 1.0, states=2)),
        ("states", lambda: ring(ENERGY, 1.0, states=4)),
        ("attempt[1]", lambda: ring(ENERGY, 1.0, attempt=[1.0, 0.0, 1.0])),
        ("attempt[2]", lambda: ring(ENERGY, 1.0, attempt=[1.0, 1.0, -1.0])),
        ("attempt", lambda: ring(ENERGY, 1.0, attempt=[1.0, 1.0])),
        ("attempt", lambda: ring(ENERGY, 1.0, attempt={"a": 1.0}, temperature={"b": 1.0})),
        ("temperature", lambda: ring(ENERGY, 1.0, attempt={"a": 1.0})),
        ("temperature", lambda: ring(ENERGY, 1.0, temperature={})),
        ("temperature", lambda: ring(ENERGY, 1.0, temperature=0.0)),
        ("temperature['a']", lambda: ring(ENERGY, 1.0, temperature={"a": -1.0})),
        ("kinetics", lambda: ring(ENERGY, 1.0, kinetics="fast")),  # type: ignore[arg-type]
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
