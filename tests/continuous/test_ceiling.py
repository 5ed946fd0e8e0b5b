"""The ceiling of the cost of a stationary state, against the currents and against other functions."""

from __future__ import annotations

import numpy as np
import pytest

from szilard.continuous import Langevin
from szilard.continuous.ceiling import maintenance_ceiling
from szilard.continuous.gaussian_route import gaussian_entropy_rate, gaussian_stationary
from szilard.errors import InputError
from tests.continuous.gaussians import MOBILITY, force, gyrator, moved


def test_ceiling_of_an_asymmetric_rule_is_the_reference_value() -> None:
    rule = Langevin(linear=force([[2.0, 0.0], [0.0, 1.0]], [0.0, 0.0], swirl=[[0.0, -0.8], [0.1, 0.0]]), dim=2)
    assert maintenance_ceiling(rule).value == pytest.approx(0.27, rel=1e-12)


def test_ceiling_is_met_by_the_logarithm_of_the_density_with_unequal_temperatures() -> None:
    found, steady = maintenance_ceiling(gyrator(), 0.4), gaussian_stationary(gyrator(), 0.4)
    assert found.value == pytest.approx(gaussian_entropy_rate(gyrator(), None, 0.4), rel=1e-12)
    assert found.entropy_production_rate == pytest.approx(found.value, rel=1e-12)
    assert found.matrix == pytest.approx(steady.precision, rel=1e-10)
    assert found.vector == pytest.approx(steady.precision @ steady.mean, rel=1e-10)


def test_any_other_function_lies_above() -> None:
    """sum_n mu_n T_n <(F_n / T_n + d_n Phi)^2> of 200 quadratic functions, by moments written out."""
    found, steady, at = maintenance_ceiling(gyrator(), 0.4), gaussian_stationary(gyrator(), 0.4), moved(0.4)
    rng, T = np.random.default_rng(5), np.array([0.5, 2.0])
    for size in np.geomspace(1e-3, 1.0, 200):
        S = found.matrix + size * (turn := rng.normal(size=(2, 2))) + size * turn.T
        v = found.vector + size * rng.normal(size=2)
        slope, shift = S - at.matrix / T[:, None], at.offset / T - v
        mean = slope @ steady.mean + shift
        value = np.sum(MOBILITY * T * (mean**2 + np.diag(slope @ steady.covariance @ slope.T)))
        assert value > found.value


def test_equilibrium_costs_nothing_to_keep() -> None:
    trap = Langevin(linear=force([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0]), dim=2, mobility=MOBILITY, temperature=1.7)
    assert maintenance_ceiling(trap).value < 1e-28
    assert "<=" in repr(maintenance_ceiling(trap))


def test_what_has_no_stationary_state_is_refused() -> None:
    with pytest.raises(InputError, match="confine"):
        maintenance_ceiling(Langevin(linear=force([[-1.0]], [0.0]), dim=1))
    with pytest.raises(InputError, match="linear system"):
        maintenance_ceiling(Langevin(potential=lambda w: w[:, 0] ** 4, dim=1))
    with pytest.raises(InputError, match="follows a control"):
        maintenance_ceiling(gyrator())
