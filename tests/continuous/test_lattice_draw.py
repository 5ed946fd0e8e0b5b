"""States drawn from a density: their moments in standard errors, and the same numbers for the same replica."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import kstest

from szilard.continuous import Langevin, Linear
from szilard.continuous.lattice_draw import drawn_states
from szilard.continuous.lattice_route import lattice_equilibrium, lattice_stationary
from szilard.errors import InputError
from tests.statistics import z_of_exact_spread, z_of_mean

Array = NDArray[np.float64]
T = 0.7


def leaning(x: Array) -> Array:
    return np.asarray(1.5 * x**2 + 0.8 * np.abs(x) ** 3 - 0.9 * x)


def test_the_cells_leave_no_bias() -> None:
    """On 16 coarse cells, evenly drawn places would widen the density by h^2 / 12, some thirty standard errors."""
    process = Langevin(potential=lambda w: leaning(w[:, 0]), dim=1, temperature=T)
    coarse = lattice_equilibrium(process, cells=16)
    w = drawn_states(coarse, 200_000, seed=11, log_weight=lambda w: -process.energies(w) / T)[:, 0]

    def mean(power: int) -> float:
        return quad(lambda x: x**power * np.exp(-leaning(x) / T), -9, 9, epsabs=0, epsrel=1e-11, limit=200)[0]  # type: ignore[no-any-return]

    Z = mean(0)
    m, v = mean(1) / Z, mean(2) / Z - (mean(1) / Z) ** 2
    assert abs(z_of_exact_spread(w, m, v)) < 4.0
    assert abs(z_of_mean((w - m) ** 2, v)) < 4.0
    h = coarse.lattice.spacing[0]
    assert h**2 / 12.0 > 20.0 * np.std((w - m) ** 2) / np.sqrt(w.size)


def test_draws_without_a_weight_follow_the_density() -> None:
    found = lattice_stationary(Langevin(potential=lambda w: w[:, 0] ** 2, dim=1, temperature=T), cells=64)
    w = drawn_states(found, 50_000, seed=2)[:, 0]
    assert kstest(w, "norm", args=(0.0, np.sqrt(T / 2.0))).pvalue > 1e-4


def test_two_slanted_coordinates() -> None:
    H, pull = np.array([[2.0, 0.9], [0.9, 1.1]]), np.array([0.4, -0.2])
    process = Langevin(linear=Linear(H, pull), dim=2, temperature=T)
    w = drawn_states(lattice_equilibrium(process, cells=48), 100_000, seed=3)
    m, C = np.linalg.solve(H, pull), T * np.linalg.inv(H)
    off = w - m
    for i in (0, 1):
        assert abs(z_of_exact_spread(w[:, i], m[i], C[i, i])) < 4.0
        assert abs(z_of_mean(off[:, i] ** 2, C[i, i])) < 4.0
    assert abs(z_of_mean(off[:, 0] * off[:, 1], C[0, 1])) < 4.0


def test_a_replica_has_its_numbers_whatever_the_number_of_replicas() -> None:
    density = lattice_stationary(Langevin(potential=lambda w: w[:, 0] ** 2, dim=1))
    many = drawn_states(density, 70_000, seed=9, cell="a")
    assert np.array_equal(many[:100], drawn_states(density, 100, seed=9, cell="a"))
    assert not np.any(many[:100] == drawn_states(density, 100, seed=9, cell="b"))
    assert not np.any(many[:100] == drawn_states(density, 100, seed=10, cell="a"))
    # beyond the first block of 2^16
    assert np.unique(many).size == many.size


def test_bad_input_is_refused() -> None:
    density = lattice_stationary(Langevin(potential=lambda w: w[:, 0] ** 2, dim=1))
    with pytest.raises(InputError, match="replicas"):
        drawn_states(density, 0, seed=1)
    for weight in (lambda w: w, lambda w: np.full(w.shape[0], np.nan)):
        with pytest.raises(InputError, match="log_weight"):
            drawn_states(density, 5, seed=1, log_weight=weight)
