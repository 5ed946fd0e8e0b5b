"""Means and covariances of linear systems, against small steps, integrals and solutions by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.linalg import expm

import szilard as sz
from szilard.continuous import Gaussian, Langevin, Mixture
from szilard.continuous.course import course_of
from szilard.continuous.gaussian_motion import moments_integral
from szilard.continuous.gaussian_route import (
    gaussian_entropy_rate,
    gaussian_propagate,
    gaussian_stationary,
    initial_gaussian,
)
from szilard.errors import InputError
from tests.continuous.gaussians import MOBILITY, START, WAY, force, gyrator, moved, told

SHEARED = Langevin(linear=force(np.eye(2), [0.0, 0.0], swirl=[[0.0, -1.5], [0.0, 0.0]]), dim=2)


def test_moments_under_a_protocol_follow_their_equations() -> None:
    found = gaussian_propagate(course_of(gyrator(), WAY, 2.5), START, [0.0, 2.5]).at(1)
    true = told(np.array([0.5, 2.0]))
    assert found.mean == pytest.approx(true.mean, rel=1e-10)
    assert found.covariance == pytest.approx(true.covariance, rel=1e-10)


def test_times_asked_do_not_change_the_answer() -> None:
    course = course_of(gyrator(), WAY, 2.5)
    few = gaussian_propagate(course, START, [0.3, 1.0, 1.7, 2.5])
    many = gaussian_propagate(course, START, np.linspace(0.0, 2.5, 26))
    for i, j in enumerate((3, 10, 17, 25)):
        assert few.means[i] == pytest.approx(many.means[j], rel=1e-12)
        assert few.covariances[i] == pytest.approx(many.covariances[j], rel=1e-12)


def test_held_control_is_the_integral_of_its_decay() -> None:
    """C = int e^{-As} 2D e^{-A^T s} ds from a point, by adaptive quadrature, for a drift that is not normal."""
    held = moved(0.4)
    A, D = MOBILITY[:, None] * held.matrix, np.diag(MOBILITY * [0.5, 2.0])
    spread, _ = quad_vec(lambda s: expm(-A * s) @ (2.0 * D) @ expm(-A.T * s), 0.0, 1.3, epsabs=1e-13, epsrel=1e-13)
    rest = np.linalg.solve(held.matrix, held.offset)
    found = gaussian_propagate(course_of(gyrator(), sz.Protocol([0.0], [0.4]), 1.3), [3.0, -2.0], [1.3])
    assert found.covariances[0] == pytest.approx(spread, rel=1e-11)
    assert found.means[0] == pytest.approx(rest + expm(-A * 1.3) @ ([3.0, -2.0] - rest), rel=1e-12)


def test_a_point_has_no_entropy_and_a_relaxed_state_has_that_of_its_stationary_gaussian() -> None:
    found = gaussian_propagate(course_of(SHEARED, None, 80.0), [1.0, 2.0], [0.0, 80.0])
    assert found.entropies[0] == -np.inf
    assert found.entropies[1] == pytest.approx(gaussian_stationary(SHEARED).entropy, rel=1e-13)


def test_stiff_control_follows_its_stationary_state() -> None:
    """Rates of 1e6 and 1 under a slow ramp: the fast coordinate is at its rest, up to lag / rate = 1e-6."""
    process = Langevin(linear=lambda c: force(np.diag([1e6, 1.0]), [1e6 * c, 0.0]), dim=2)
    found = gaussian_propagate(course_of(process, sz.Protocol([0.0, 5.0], [0.0, 5.0]), 5.0), [2.0, 1.0], [5.0])
    assert found.means[0] == pytest.approx([5.0 - 1e-6, np.exp(-5.0)], rel=1e-11)
    assert found.covariances[0] == pytest.approx(np.diag([1e-6, 1.0 - np.exp(-10.0)]), rel=1e-11)


def test_a_control_with_a_kink_is_followed() -> None:
    """dm/dt = -|t - 1| m: m(2) = e^{-1}; dC/dt = 2 - 2|t - 1| C at the kink by quadrature of its solution."""
    process = Langevin(linear=lambda c: force([[abs(c)]], [0.0]), dim=1)
    found = gaussian_propagate(course_of(process, sz.Protocol([0.0, 3.0], [-1.0, 2.0]), 3.0), [2.0], [3.0])
    assert found.means[0, 0] == pytest.approx(2.0 * np.exp(-2.5), rel=1e-10)

    def grown(t: float) -> float:
        return float(0.5 * (t - 1.0) * abs(t - 1.0))

    C, _ = quad_vec(lambda t: 2.0 * np.exp(2.0 * (grown(t) - grown(3.0))), 0.0, 3.0, epsrel=1e-12, points=[1.0])
    assert found.covariances[0, 0, 0] == pytest.approx(C, rel=1e-10)


def test_many_coordinates_move_each_as_it_would_alone() -> None:
    rates = np.linspace(0.5, 3.0, 12)
    chain = Langevin(linear=lambda c: force(np.diag(rates * (1.0 + c)), np.full(12, c)), dim=12)
    found = gaussian_propagate(course_of(chain, sz.Protocol([0.0, 1.0], [0.0, 1.0]), 1.0), np.ones(12), [1.0])
    for i in (0, 11):
        one = Langevin(linear=lambda c, i=i: force([[rates[i] * (1.0 + c)]], [c]), dim=1)  # type: ignore[misc]
        alone = gaussian_propagate(course_of(one, sz.Protocol([0.0, 1.0], [0.0, 1.0]), 1.0), [1.0], [1.0])
        assert found.means[0, i] == pytest.approx(alone.means[0, 0], rel=1e-11)
        assert found.covariances[0, i, i] == pytest.approx(alone.covariances[0, 0, 0], rel=1e-11)


def test_integral_of_the_moments_is_that_of_quadrature() -> None:
    A, D, Y = np.array([[1.0, 1.5], [-0.3, 0.2]]), np.diag([0.4, 1.7]), np.array([[2.0, -0.4], [-0.4, 0.5]])

    def at(t: float) -> np.ndarray:
        return moments_integral(A, D, Y, t)[0]

    true, _ = quad_vec(at, 0.0, 7.0, epsrel=1e-13)
    assert moments_integral(A, D, Y, 7.0)[1] == pytest.approx(true, rel=1e-12)


def test_sheared_drift_has_the_stationary_covariance_found_by_hand() -> None:
    """A = [[1, 3/2], [0, 1]], dw = -A w dt + sqrt(2) dB: 2 c22 = 2; 2 c12 + 3/2 c22 = 0; 2 c11 + 3 c12 = 2."""
    found = gaussian_stationary(SHEARED)
    assert found.covariance == pytest.approx(np.array([[2.125, -0.75], [-0.75, 1.0]]), rel=1e-14)


def test_free_and_unstable_directions_have_no_stationary_state() -> None:
    for hessian in (0.0, -1.0):
        with pytest.raises(InputError, match="confine every direction"):
            gaussian_stationary(Langevin(linear=force([[hessian]], [1.0]), dim=1))


def test_entropy_rates_of_reference_systems() -> None:
    turning = Langevin(linear=force(1.3 * np.eye(2), [0.0, 0.0], swirl=[[0.0, -0.7], [0.7, 0.0]]), dim=2)
    assert gaussian_entropy_rate(turning) == pytest.approx(2.0 * 0.7**2 / 1.3, rel=1e-13)
    rule = Langevin(linear=force(np.diag([2.0, 1.0]), [0.0, 0.0], swirl=[[0.0, -0.8], [0.1, 0.0]]), dim=2)
    assert gaussian_entropy_rate(rule) == pytest.approx(0.27, rel=1e-12)


def test_entropy_rate_with_a_mobility_matrix() -> None:
    """Stochastic gradient descent as a diffusion, A = eta H, D = eta^2 C / 2B: tr(A^T D^{-1} A S) - tr A."""
    H, C, T = np.array([[2.0, 0.3], [0.3, 0.5]]), np.array([[1.0, 0.6], [0.6, 2.0]]), 0.7
    M = 0.1**2 / 16.0 * C / T
    K = np.linalg.solve(M, 0.1 * H)
    descent = Langevin(
        linear=force(0.5 * (K + K.T), [0.0, 0.0], swirl=0.5 * (K.T - K)), dim=2, mobility=M, temperature=T
    )
    assert gaussian_entropy_rate(descent) == pytest.approx(0.0351219512195122, rel=1e-10)


def test_entropy_rate_is_zero_in_equilibrium_only() -> None:
    trap = Langevin(linear=force([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0]), dim=2, mobility=MOBILITY, temperature=1.7)
    assert gaussian_entropy_rate(trap) < 1e-28
    warmed = Langevin(linear=force([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0]), dim=2, temperature=[1.0, 1.1])
    assert gaussian_entropy_rate(warmed) > 1e-4
    assert gaussian_entropy_rate(trap, START) > 0.1


def test_equilibrium_is_that_of_the_energy_before_a_jump_at_the_start() -> None:
    course = course_of(gyrator([0.7, 0.7]), WAY, 2.5)
    with pytest.raises(InputError, match="no common equilibrium"):
        initial_gaussian(course_of(gyrator(), WAY, 2.5), "equilibrium")
    one = Langevin(linear=moved, dim=2, mobility=MOBILITY, temperature=0.7)
    found = initial_gaussian(course_of(one, WAY, 2.5), "equilibrium")
    assert found.covariance == pytest.approx(0.7 * np.linalg.inv(moved(0.2).hessian), rel=1e-13)
    assert found.mean == pytest.approx(np.linalg.solve(moved(0.2).hessian, moved(0.2).pull), rel=1e-13)
    held = gaussian_propagate(course_of(gyrator(), sz.Protocol([0.0], [0.2]), 1.0), "stationary", [0.0, 1.0])
    assert held.covariances[1] == pytest.approx(held.covariances[0], rel=1e-13)
    assert initial_gaussian(course, START) is START


@pytest.mark.parametrize(
    ("initial", "words"),
    [
        ("warm", "name one of them"),
        ([1.0, np.nan], "finite number per coordinate"),
        ([1.0], "finite number per coordinate"),
        (Gaussian(0.0, 1.0), "match the process"),
        (Mixture([1.0], [START]), "components one by one"),
    ],
)
def test_what_is_no_start_is_refused(initial: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        gaussian_propagate(course_of(gyrator(), WAY, 2.5), initial, [1.0])  # type: ignore[arg-type]


def test_times_beyond_the_course_and_runaway_states_are_refused() -> None:
    with pytest.raises(InputError, match="longer course"):
        gaussian_propagate(course_of(gyrator(), WAY, 2.5), START, [3.0])
    fleeing = Langevin(linear=force([[-1.0]], [0.0]), dim=1)
    with pytest.raises(InputError, match="shorter time"):
        gaussian_propagate(course_of(fleeing, None, 1e4), [1.0], [1e4])


def test_a_propagation_tells_plots_and_exports_itself() -> None:
    found = gaussian_propagate(course_of(gyrator(), WAY, 2.5), START, np.linspace(0.0, 2.5, 6))
    assert "2 coordinates at 6 times in [0, 2.5]" in repr(found)
    ax = found.plot()
    assert len(ax.get_lines()) == 2 and len(ax.collections) == 2
    assert found.to_xarray()["covariance"].shape == (6, 2, 2)
