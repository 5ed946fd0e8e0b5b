"""Random landscapes: the same seed, the same system; connected, of the stated degree, normal, Boltzmann."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from szilard.errors import InputError
from szilard.systems import landscape
from tests.systems.books import assert_local_balance, assert_stationary


def test_a_seed_is_a_system() -> None:
    one, same, other = (landscape(50, 2.0, seed=seed) for seed in (7, 7, 8))
    assert (one.generator() != same.generator()).nnz == 0
    assert np.all(one.energies() != other.energies())
    np.testing.assert_allclose(landscape(50, 4.0, seed=7).energies(), 2.0 * one.energies(), rtol=1e-15)


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_every_state_is_reached_and_has_at_most_degree_neighbours(degree: int) -> None:
    process = landscape(200, 1.0, seed=3, degree=degree)
    assert not np.any(process.components())
    neighbours = np.bincount(process.edges.source)
    assert neighbours.max() == degree
    assert neighbours.min() >= 2
    assert neighbours.mean() > 0.9 * degree


def test_energies_are_normal() -> None:
    """Kolmogorov-Smirnov at p > 1e-3; the seed is fixed."""
    energy = landscape(20_000, 2.0, seed=11).energies()
    assert stats.kstest(energy / 2.0, "norm").pvalue > 1e-3


def test_the_mean_energy_is_that_of_the_random_energy_model() -> None:
    """-roughness^2/T, to 5 standard errors of the weighted mean; the seed is fixed."""
    energy = landscape(200_000, 1.5, seed=4).energies()
    weight = np.exp(-energy / 2.0)
    mean = weight @ energy / weight.sum()
    error = np.sqrt(np.sum((weight * (energy - mean)) ** 2)) / weight.sum()
    assert error < 0.01
    assert abs(mean + 1.5**2 / 2.0) < 5 * error


def test_boltzmann_is_stationary_in_one_bath_and_not_in_two() -> None:
    process = landscape(60, 1.5, seed=5, attempt=0.3, temperature=0.7)
    assert_local_balance(process)
    p = np.exp(-(process.energies() - process.energies().min()) / 0.7)
    assert_stationary(process, p)
    two = landscape(60, 1.5, seed=5, temperature={"hot": 2.0, "cold": 0.7}, kinetics="heat_bath")
    np.testing.assert_array_equal(two.energies(), process.energies())
    assert_local_balance(two)
    assert np.abs(two.generator() @ p).max() > 1e-2


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("states", lambda: landscape(2, 1.0, seed=1)),
        ("roughness", lambda: landscape(9, -1.0, seed=1)),
        ("seed", lambda: landscape(9, 1.0, seed=-1)),
        ("seed", lambda: landscape(9, 1.0, seed=2**64)),
        ("degree", lambda: landscape(9, 1.0, seed=1, degree=3)),
        ("degree", lambda: landscape(9, 1.0, seed=1, degree=10)),
        ("attempt", lambda: landscape(9, 1.0, seed=1, attempt=[1.0, 2.0])),
        ("temperature", lambda: landscape(9, 1.0, seed=1, temperature=-2.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
