"""Stationary states, currents and densities in time against quadratures and Lyapunov equations; bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from szilard.continuous import Density, Gaussian, Langevin
from szilard.continuous.course import course_of
from szilard.continuous.lattice_current import probability_current
from szilard.continuous.lattice_route import (
    lattice_energetics,
    lattice_entropy_rate,
    lattice_equilibrium,
    lattice_propagate,
    lattice_stationary,
)
from szilard.continuous.mixture import Mixture
from szilard.errors import InputError
from tests.continuous.lattice_cases import (
    MU,
    T,
    double_well,
    gyrator,
    lyapunov,
    stratonovich,
)

Array = NDArray[np.float64]


def test_a_double_well_in_equilibrium_has_the_moments_of_quadrature() -> None:
    process = Langevin(potential=lambda w: double_well(w[:, 0]), dim=1, temperature=T, mobility=MU)
    found = lattice_stationary(process)

    def mean(f: Callable[[float], float]) -> float:
        return quad(lambda x: f(x) * np.exp(-double_well(x) / T), -8, 8, epsabs=0, epsrel=1e-12, limit=200)[0]  # type: ignore[no-any-return]

    Z = mean(lambda x: 1.0)
    m = mean(lambda x: x) / Z
    assert found.mean[0] == pytest.approx(m, rel=1e-11)
    assert found.covariance[0, 0] == pytest.approx(mean(lambda x: (x - m) ** 2) / Z, rel=1e-11)
    assert found.entropy == pytest.approx(mean(lambda x: double_well(x) / T) / Z + np.log(Z), rel=1e-11)
    assert lattice_entropy_rate(process) == pytest.approx(0.0, abs=1e-15)
    assert lattice_equilibrium(process).values == pytest.approx(found.values, rel=1e-12)


def test_a_tilted_ring_carries_the_current_of_stratonovich() -> None:
    a, f = 1.3, 0.45
    ring = Langevin(
        lambda w: np.full_like(w, f), lambda w: a * np.cos(w[:, 0]),
        dim=1, temperature=T, mobility=MU, period=2.0 * np.pi,
    )  # fmt: skip
    J = stratonovich(a, f)
    sigma = f * 2 * np.pi * J / T
    field = probability_current(ring)
    # currents of a line are exact to O(h^4): (2 pi / 400)^4 = 6e-8, times derivatives of order 1 over 180
    assert field.components[0] == pytest.approx(np.full(400, J), rel=1e-8)
    assert field.entropy_production == pytest.approx(sigma, rel=1e-8)
    assert lattice_entropy_rate(ring) == pytest.approx(sigma, rel=1e-9)
    assert field.circulation == pytest.approx(2 * np.pi * J, rel=1e-8)
    run = lattice_energetics(course_of(ring, None, 3.0), "stationary")
    assert run.entropy_production == pytest.approx(3.0 * sigma, abs=run.error)
    assert run.work == pytest.approx(3.0 * T * sigma, abs=run.error)
    assert run.adiabatic == pytest.approx(3.0 * sigma, abs=run.error) and run.error < 1e-8


def test_a_tilted_ring_beside_a_hotter_trap() -> None:
    """A cylinder: one coordinate wraps around, the other is confined, has a bath of its own and knows nothing of it."""
    a, f = 1.3, 0.45
    cylinder = Langevin(
        lambda w: np.stack([np.full(w.shape[0], f), np.zeros(w.shape[0])], axis=1),
        lambda w: a * np.cos(w[:, 0]) + 1.1 * (w[:, 1] - 0.3) ** 2,
        dim=2, temperature=[T, 1.9], mobility=[MU, 0.4], period=[2.0 * np.pi, np.inf],
    )  # fmt: skip
    J = stratonovich(a, f)
    assert lattice_entropy_rate(cylinder, cells=64) == pytest.approx(f * 2 * np.pi * J / T, rel=1e-6)
    field = probability_current(cylinder, cells=(64, 48))
    assert field.components[0].sum(axis=1) * field.lattice.spacing[1] == pytest.approx(np.full(64, J), rel=1e-4)
    assert np.abs(field.components[1]).max() < 1e-12
    found = field.density
    assert found.mean[1] == pytest.approx(0.3, rel=1e-9)
    assert found.covariance[1, 1] == pytest.approx(1.9 / 2.2, rel=1e-9)


def test_scalar_functions_give_the_same_lattice() -> None:
    def potential(w: Any, control: float, parameters: Any) -> float:
        return float(0.25 * w[0] ** 4 - parameters[0] * w[0] ** 2)

    point = Langevin(potential=potential, dim=1, temperature=T, compiled=True, parameters=(1.2,))
    arrays = Langevin(potential=lambda w: 0.25 * w[:, 0] ** 4 - 1.2 * w[:, 0] ** 2, dim=1, temperature=T)
    one, other = lattice_stationary(point, cells=64), lattice_stationary(arrays, cells=64)
    assert one.values == pytest.approx(other.values, rel=1e-10)


def test_moments_of_a_gyrator_converge_to_its_lyapunov_equation_in_the_square_of_h() -> None:
    _, _, m, C = lyapunov()
    sizes, wrong = np.array([48, 64, 96, 128]), []
    for n in sizes:
        found = lattice_stationary(gyrator(), cells=int(n))
        assert found.mean == pytest.approx(m, abs=1e-2)
        wrong.append(np.abs(found.covariance - C).max())
    slope = np.polyfit(np.log(sizes), np.log(wrong), 1)[0]
    assert slope == pytest.approx(-2.0, abs=0.1)


def test_a_gyrator_costs_what_its_velocity_field_says() -> None:
    """sigma = <v.D^-1 v>, v = -(A - D C^-1)(w - m): tr(B^T D^-1 B C), and it turns at <x v_y - y v_x>."""
    A, D, _, C = lyapunov()
    B = A - D @ np.linalg.inv(C)
    sigma = np.trace(B.T @ np.linalg.inv(D) @ B @ C)
    assert lattice_entropy_rate(gyrator(), cells=128) == pytest.approx(sigma, rel=1e-5)
    assert sigma > 0.05
    field = probability_current(gyrator(), cells=128)
    turning = -(B @ C)[1, 0] + (B @ C)[0, 1]
    assert field.circulation == pytest.approx(turning, rel=0.02)
    divergence = sum(
        (face - np.roll(face, 1, axis=i)) / h
        for i, (face, h) in enumerate(zip(field.faces, field.lattice.spacing, strict=True))
    )
    largest = max(np.abs(face).max() / h for face, h in zip(field.faces, field.lattice.spacing, strict=True))
    assert np.abs(divergence).max() < 1e-11 * largest


def test_initial_states_of_all_kinds_agree() -> None:
    process = Langevin(potential=lambda w: double_well(w[:, 0]), dim=1, temperature=T, mobility=MU)
    course, g = course_of(process, None, 0.5), Gaussian(0.5, 0.2)
    known = lattice_propagate(course, g, [0.0, 0.5])
    for same in (Mixture([1.0], [g]), known.at(0), lambda w: 7.0 * np.exp(g.log_density(w))):
        found = lattice_propagate(course, same, [0.5], box=known.lattice.box)
        assert found.values[0] == pytest.approx(known.values[1], rel=1e-6, abs=1e-12)
    finer = lattice_propagate(course, known.at(0), [0.5], cells=640)
    assert finer.at(0).covariance == pytest.approx(known.at(1).covariance, rel=1e-3)
    both = lattice_energetics(course, known.at(0)), lattice_energetics(course, g)
    assert both[0].entropy_production == pytest.approx(both[1].entropy_production, rel=1e-6)


def test_a_gaussian_is_wrapped_around_a_ring() -> None:
    free = Langevin(lambda w: 0.0 * w, dim=1, period=2.0 * np.pi, temperature=T, mobility=MU)
    found = lattice_propagate(course_of(free, None, 0.7), Gaussian(6.0, 0.3), [0.7])
    x, spread = found.lattice.centres[0], 0.3 + 2 * MU * T * 0.7
    exact = sum(np.exp(-((x - 6.0 + 2 * np.pi * k) ** 2) / (2 * spread)) for k in range(-9, 10))
    assert found.values[0] == pytest.approx(exact / np.sqrt(2 * np.pi * spread), rel=1e-4)


@pytest.mark.parametrize(
    ("initial", "field"),
    [
        ("at rest", "initial"),
        (Gaussian([0.0, 0.0], 1.0), "initial"),
        (Gaussian(0.0, 1e-9), "initial"),
        (lambda w: -np.ones(w.shape[0]), "initial"),
        (lambda w: np.ones(3), "initial"),
        (3.0, "initial"),
    ],
)
def test_initial_states_that_do_not_fit_are_refused(initial: Any, field: str) -> None:
    process = Langevin(potential=lambda w: double_well(w[:, 0]), dim=1)
    with pytest.raises(InputError) as caught:
        lattice_propagate(course_of(process, None, 1.0), initial, [1.0], box=((-5.0, 5.0),))
    assert caught.value.field == field


def test_other_input_that_does_not_fit_is_refused() -> None:
    process = Langevin(potential=lambda w: double_well(w[:, 0]), dim=1)
    course = course_of(process, None, 1.0)
    for call, field in (
        (lambda: lattice_propagate(course, "equilibrium", [2.0]), "times"),
        (lambda: lattice_propagate(course, "equilibrium", [0.5], parts=1), "parts"),
        (lambda: lattice_energetics(course, "equilibrium", cells=16), "cells"),
        (lambda: lattice_equilibrium(gyrator()), "initial"),
        (lambda: lattice_stationary(process, 1.0), "control"),
        (lambda: lattice_stationary(Langevin(lambda w: 0 * w + 9.0, lambda w: w[:, 0] ** 2, dim=1)), "box"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.field == field


def test_a_density_where_the_walls_are_is_known_to_be_cut() -> None:
    pushed = Langevin(lambda w: 0 * w + 9.0, lambda w: w[:, 0] ** 2, dim=1)
    found = lattice_stationary(pushed, box=((-3.0, 12.0),))
    assert isinstance(found, Density)
    assert found.mean[0] == pytest.approx(4.5, rel=1e-10) and found.covariance[0, 0] == pytest.approx(0.5, rel=1e-10)
