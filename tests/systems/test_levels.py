"""Two levels and the ladder: relaxation, Boltzmann, and heat that flows from hot to cold."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from scipy.linalg import expm

from szilard.errors import InputError
from szilard.systems import colloid_double_well, ising_ring, ladder, two_level
from tests.systems.books import assert_local_balance, assert_stationary, dense, of_channel


def test_two_levels_relax_at_the_attempt_rate_whatever_the_gap() -> None:
    """p_1(t) = f + (p_1(0) - f) e^{-attempt t}, f = 1/(1 + e^{gap/T})."""
    gap, warm, attempt, time = 1.5, 0.7, 2.3, 0.4
    process = two_level(gap, attempt=attempt, temperature=warm)
    f = 1 / (1 + np.exp(gap / warm))
    p = expm(process.generator().toarray() * time) @ [0.2, 0.8]
    assert p[1] == pytest.approx(f + (0.8 - f) * np.exp(-attempt * time), rel=1e-13)
    assert_local_balance(process)


def test_the_gap_is_the_control_or_follows_it() -> None:
    np.testing.assert_array_equal(two_level().energies(3.0), [0.0, 3.0])
    np.testing.assert_array_equal(two_level(lambda c: c**2).energies(3.0), [0.0, 9.0])
    np.testing.assert_array_equal(ladder(4).energies(-0.5), [0.0, -0.5, -1.0, -1.5])
    with pytest.raises(InputError) as caught:
        two_level(lambda c: np.nan).energies(2.0)
    assert caught.value.field == "gap(2)"


@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath", "arrhenius"])
def test_one_bath_keeps_boltzmann(kinetics: str) -> None:
    process = ladder(6, 0.8, attempt=[1.0, 2.0, 0.1, 4.0, 5.0], temperature=0.5, kinetics=kinetics)  # type: ignore[arg-type]
    assert_stationary(process, np.exp(-0.8 * np.arange(6) / 0.5))


def test_two_baths_occupy_by_the_ratio_of_their_summed_rates_and_heat_flows_to_the_cold() -> None:
    rates = {"hot": np.array([1.0, 0.2, 3.0]), "cold": np.array([0.5, 2.0, 1.0])}
    process = ladder(4, 1.1, attempt=rates, temperature={"hot": 2.0, "cold": 0.4})
    assert_local_balance(process)
    up = np.array(
        [sum(rates[r][x] * np.exp(-1.1 / (2 * T)) for r, T in (("hot", 2.0), ("cold", 0.4))) for x in range(3)]
    )
    down = np.array(
        [sum(rates[r][x] * np.exp(1.1 / (2 * T)) for r, T in (("hot", 2.0), ("cold", 0.4))) for x in range(3)]
    )
    p = np.cumprod(np.concatenate([[1.0], up / down]))
    p /= p.sum()
    assert_stationary(process, p)
    hot, cold = (-float(process.energies() @ of_channel(process, r) @ p) for r in (0, 1))
    assert cold > 0 > hot
    assert hot + cold == pytest.approx(0.0, abs=1e-15)


def test_processes_that_follow_a_control_can_be_sent_to_another_process() -> None:
    for process in (two_level(), ladder(3, np.sin), ising_ring(3, 0.5), colloid_double_well(np.cos, None, sites=5)):
        copy = pickle.loads(pickle.dumps(process))
        np.testing.assert_array_equal(copy.energies(0.7), process.energies(0.7))
        np.testing.assert_array_equal(copy.generator(0.7).toarray(), process.generator(0.7).toarray())


def test_a_ladder_may_have_one_level_or_a_broken_rung() -> None:
    assert ladder(1, 1.0).generator().toarray().tolist() == [[0.0]]
    assert ladder(3, 1.0, attempt=[1.0, 0.0]).components().tolist() == [0, 0, 1]
    assert dense(ladder(3, 1.0, attempt=[1.0, 0.0]))[2, 1] == 0.0


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("gap", lambda: two_level(np.inf)),
        ("gap", lambda: two_level("wide")),  # type: ignore[arg-type]
        ("attempt", lambda: two_level(1.0, attempt=-1.0)),
        ("attempt", lambda: two_level(1.0, attempt=[1.0, 2.0])),
        ("attempt", lambda: two_level(1.0, attempt="often")),
        ("temperature", lambda: two_level(1.0, temperature=-1.0)),
        ("levels", lambda: ladder(0, 1.0)),
        ("levels", lambda: ladder(2.5, 1.0)),  # type: ignore[arg-type]
        ("attempt['hot'][1]", lambda: ladder(3, 1.0, temperature={"hot": 1.0}, attempt={"hot": [1.0, np.nan]})),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
