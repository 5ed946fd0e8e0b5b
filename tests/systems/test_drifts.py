"""Linear drift: the split of the force, Lyapunov's equation, the heat that crosses a gyrator, vortices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from szilard.continuous import Langevin
from szilard.errors import InputError
from szilard.systems import gyrator, linear, rotating_trap
from tests.systems.forces import assert_slopes

A = np.array([[2.0, 0.8, 0.0], [-0.1, 1.0, -1.4], [0.3, 0.0, 0.6]])
D = np.array([[0.9, 0.2, -0.1], [0.2, 0.5, 0.1], [-0.1, 0.1, 1.3]])
WARM = 0.7
Array = np.ndarray


def covariance(A: Array, D: Array) -> Array:
    """C from A C + C A^T = 2D, written out as linear equations for its entries."""
    one = np.eye(A.shape[0])
    return np.asarray(np.linalg.solve(np.kron(A, one) + np.kron(one, A), 2.0 * D.ravel()).reshape(A.shape))


def heat_per_time(process: Langevin, C: Array) -> Array:
    """<F_i o dw_i>/dt for one mobility per coordinate: mu_i (<F_i^2> + T_i dF_i/dw_i), F = -K w, w ~ N(0, C)."""
    K = process.linear_at().matrix
    return np.asarray(process.mobility * (np.diag(K @ C @ K.T) - process.temperature * np.diag(K)))


@pytest.mark.parametrize("noise", [0.6, np.array([0.6, 1.1, 0.2]), D], ids=["number", "coordinates", "matrix"])
def test_drift_and_noise_are_those_given(noise: Any) -> None:
    process = linear(A, noise, temperature=WARM)
    M = process.mobility if process.mobility.ndim == 2 else np.diag(process.mobility)
    full = np.asarray(noise) * np.eye(3) if np.ndim(noise) < 2 else D
    np.testing.assert_allclose(M * WARM, full, rtol=1e-14)
    w = np.random.default_rng(2).normal(size=(5, 3))
    np.testing.assert_allclose(process.forces(w) @ M.T, -w @ A.T, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(process.diffusion, noise if np.ndim(noise) else np.full(3, noise), rtol=1e-14)
    assert_slopes(process)


def test_what_is_symmetric_is_the_energy_and_the_rest_the_swirl() -> None:
    force = linear(A, D, temperature=WARM).linear_at()
    K = WARM * np.linalg.inv(D) @ A
    assert force.swirl is not None
    np.testing.assert_allclose(force.hessian, 0.5 * (K + K.T), rtol=1e-12)
    np.testing.assert_allclose(force.swirl, 0.5 * (K.T - K), rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(force.swirl, -force.swirl.T)


def test_the_rate_of_entropy_production_is_that_of_the_current() -> None:
    """tr(A^T D^{-1} A C) - tr A against <v.D^{-1} v>, v = (D C^{-1} - A) w the velocity of probability."""
    C = covariance(A, D)
    velocity = D @ np.linalg.inv(C) - A
    expected = np.trace(velocity.T @ np.linalg.inv(D) @ velocity @ C)
    process = linear(A, D, temperature=WARM)
    M, K = process.mobility, process.linear_at().matrix
    heat = np.trace(K.T @ M @ K @ C) - WARM * np.trace(M @ K)
    assert expected > 0.1
    assert np.trace(A.T @ np.linalg.inv(D) @ A @ C) - np.trace(A) == pytest.approx(expected, rel=1e-12)
    assert heat / WARM == pytest.approx(expected, rel=1e-12)


def test_an_asymmetric_drift_has_its_reference_rate() -> None:
    """A = [[2, 0.8], [-0.1, 1]], D = 1: 0.27."""
    process = linear([[2.0, 0.8], [-0.1, 1.0]], 1.0)
    C = covariance(np.array([[2.0, 0.8], [-0.1, 1.0]]), np.eye(2))
    assert heat_per_time(process, C).sum() == pytest.approx(0.27, rel=1e-12)


def test_a_drift_that_an_energy_explains_is_not_driven() -> None:
    """A = M K with K symmetric: Boltzmann's covariance T K^{-1}, no swirl, though A itself is not symmetric."""
    K = np.array([[2.0, 0.5], [0.5, 0.7]])
    noise = np.array([0.3, 1.9])
    drift = np.diag(noise / WARM) @ K
    process = linear(drift, noise, temperature=WARM)
    assert np.abs(drift - drift.T).max() > 0.1
    np.testing.assert_allclose(process.linear_at().hessian, K, rtol=1e-13)
    swirl = process.linear_at().swirl
    assert swirl is not None and np.abs(swirl).max() < 1e-15
    np.testing.assert_allclose(covariance(drift, np.diag(noise)), WARM * np.linalg.inv(K), rtol=1e-12)
    assert not linear([[1.5]], 0.4).driven_at()


def test_a_vortex_leaves_boltzmann_alone_and_costs_what_it_says() -> None:
    k, r, mu = 1.3, -0.7, 0.6
    process = rotating_trap(k, r, mobility=mu, temperature=WARM)
    drift = mu * np.array([[k, r], [-r, k]])
    w = np.array([[1.0, 0.3], [-0.4, 2.0]])
    np.testing.assert_allclose(process.forces(w) * mu, -w @ drift.T, rtol=1e-13)
    assert_slopes(process)
    C = covariance(drift, mu * WARM * np.eye(2))
    np.testing.assert_allclose(C, WARM / k * np.eye(2), atol=1e-15)
    assert heat_per_time(process, C).sum() / WARM == pytest.approx(2.0 * mu * r**2 / k, rel=1e-12)
    assert 2.0 * 0.7**2 / 1.3 == pytest.approx(0.7538461538461537, rel=1e-14)
    assert not rotating_trap(1.3, 0.0).driven_at()


def test_a_positive_rotation_runs_counterclockwise() -> None:
    push = rotating_trap(1.0, 0.4).pushes(np.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(push, [[0.0, 0.4], [-0.4, 0.0]], atol=1e-15)


@pytest.mark.parametrize("mobility", [0.7, (0.4, 1.9)])
def test_the_gyrator_has_the_covariance_and_the_heat_it_says(mobility: Any) -> None:
    k, u, warm = 1.4, -0.9, np.array([2.3, 0.6])
    process = gyrator(k, u, (2.3, 0.6), mobility=mobility)
    mu = np.broadcast_to(np.asarray(mobility), (2,))
    K = np.array([[k, u], [u, k]])
    w = np.random.default_rng(3).normal(size=(4, 2))
    np.testing.assert_allclose(process.energies(w), 0.5 * k * (w**2).sum(axis=1) + u * w[:, 0] * w[:, 1], rtol=1e-13)
    assert_slopes(process)
    C = covariance(np.diag(mu) @ K, np.diag(mu * warm))
    mixed = (mu[0] * warm[1] + mu[1] * warm[0]) / mu.sum()
    cross = -u * mixed / (k**2 - u**2)
    np.testing.assert_allclose(C, [[(warm[0] - u * cross) / k, cross], [cross, (warm[1] - u * cross) / k]], rtol=1e-12)
    heat = heat_per_time(process, C)
    flow = u**2 * (warm[1] - warm[0]) * mu[0] * mu[1] / (k * mu.sum())
    np.testing.assert_allclose(heat, [flow, -flow], rtol=1e-12)
    assert heat[0] < 0.0 < heat[1]  # from hot, which is the first, to cold
    sigma = u**2 * (warm[1] - warm[0]) ** 2 * mu[0] * mu[1] / (k * mu.sum() * warm[0] * warm[1])
    assert float((heat / warm).sum()) == pytest.approx(sigma, rel=1e-12)


def test_the_gyrator_turns_as_it_says() -> None:
    """<x dy - y dx>/dt = mu_2 <x F_2> - mu_1 <y F_1> = 2 Q_1/u, with C from the equations."""
    k, u, mu, warm = 1.4, -0.9, np.array([0.4, 1.9]), np.array([2.3, 0.6])
    process = gyrator(k, u, (2.3, 0.6), mobility=(0.4, 1.9))
    K = process.linear_at().matrix
    C = covariance(np.diag(mu) @ K, np.diag(mu * warm))
    with_force = -K @ C
    turn = mu[1] * with_force[1, 0] - mu[0] * with_force[0, 1]
    flow = u**2 * (warm[1] - warm[0]) * mu[0] * mu[1] / (k * mu.sum())
    assert turn == pytest.approx(2.0 * flow / u, rel=1e-12)
    assert turn > 0.0  # u (T_2 - T_1) > 0: counterclockwise


def test_at_one_temperature_the_gyrator_is_a_trap_in_equilibrium() -> None:
    process = gyrator(1.4, 0.9, (WARM, WARM))
    assert process.equilibrates and not process.driven_at()
    K = process.linear_at().matrix
    np.testing.assert_allclose(heat_per_time(process, WARM * np.linalg.inv(K)), 0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("drift_matrix", lambda: linear([1.0, 2.0], 1.0)),
        ("drift_matrix", lambda: linear([[1.0, 2.0]], 1.0)),
        ("drift_matrix", lambda: linear([[np.nan]], 1.0)),
        ("drift_matrix", lambda: linear("A", 1.0)),
        ("drift_matrix", lambda: linear(np.zeros((0, 0)), 1.0)),
        ("diffusion", lambda: linear(A, 0.0)),
        ("diffusion", lambda: linear(A, [1.0, 2.0])),
        ("diffusion", lambda: linear(A, [1.0, -2.0, 1.0])),
        ("diffusion", lambda: linear(np.eye(2), [[1.0, 0.5], [0.4, 1.0]])),
        ("diffusion", lambda: linear(np.eye(2), [[1.0, 2.0], [2.0, 1.0]])),
        ("diffusion", lambda: linear(A, np.inf)),
        ("temperature", lambda: linear(A, 1.0, temperature=0.0)),
        ("temperature", lambda: linear(A, 1.0, temperature=[1.0, 2.0, 3.0])),  # type: ignore[arg-type]
        ("stiffness", lambda: rotating_trap(0.0)),
        ("rotation", lambda: rotating_trap(1.0, np.nan)),
        ("mobility", lambda: rotating_trap(mobility=0.0)),
        ("temperature", lambda: rotating_trap(temperature=-1.0)),
        ("stiffness", lambda: gyrator(-1.0, 0.0, (1.0, 2.0))),
        ("coupling", lambda: gyrator(1.0, 1.0, (1.0, 2.0))),
        ("coupling", lambda: gyrator(1.0, -1.5, (1.0, 2.0))),
        ("coupling", lambda: gyrator(1.0, np.nan, (1.0, 2.0))),
        ("temperatures", lambda: gyrator(1.0, 0.5, 1.0)),  # type: ignore[arg-type]
        ("temperatures", lambda: gyrator(1.0, 0.5, (1.0, 0.0))),
        ("temperatures", lambda: gyrator(1.0, 0.5, (1.0, np.nan))),
        ("temperatures", lambda: gyrator(1.0, 0.5, (1.0, 2.0, 3.0))),  # type: ignore[arg-type]
        ("mobility", lambda: gyrator(1.0, 0.5, (1.0, 2.0), mobility=0.0)),
        ("mobility", lambda: gyrator(1.0, 0.5, (1.0, 2.0), mobility=(1.0, 2.0, 3.0))),  # type: ignore[arg-type]
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
