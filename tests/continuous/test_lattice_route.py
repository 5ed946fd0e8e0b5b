"""The Fokker-Planck equation against quadratures, Lyapunov equations and ordinary differential equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm, solve_continuous_lyapunov

import szilard as sz
from szilard.continuous import Density, Gaussian, Langevin, Linear
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

Array = NDArray[np.float64]

T, MU = 0.7, 1.8
H, G = np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[0.0, 0.7], [-0.2, 0.1]])
BATHS, SPEEDS = np.array([0.6, 1.7]), np.array([1.4, 0.5])
PULL = np.array([0.5, -0.4])


def gyrator() -> Langevin:
    """Linear forces written as functions: not normal, two baths, not centred."""
    return Langevin(
        lambda w: w @ G.T,
        lambda w: 0.5 * ((w @ H) * w).sum(axis=1) - w @ PULL,
        gradient=lambda w: w @ H - PULL, dim=2, mobility=SPEEDS, temperature=BATHS,
    )  # fmt: skip


def lyapunov() -> tuple[Array, Array, Array, Array]:
    A, D = np.diag(SPEEDS) @ (H - G), np.diag(SPEEDS * BATHS)
    return A, D, np.linalg.solve(A, SPEEDS * PULL), solve_continuous_lyapunov(A, 2.0 * D)


def double_well(x: Any) -> Any:
    return 0.25 * x**4 - 1.5 * x**2 + 0.4 * x


def trap(start: float, stop: float, tau: float) -> tuple[Langevin, sz.Protocol]:
    process = Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1, temperature=T, mobility=MU)
    return process, sz.Protocol((0.0, tau), (start, stop))


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


def stratonovich(a: float, f: float) -> float:
    """J = mu T (1 - e^{-2 pi f / T}) / int dx int_x^{x + 2 pi} dy e^{[V(y) - V(x)] / T}, V = a cos x - f x."""

    def V(x: float) -> float:
        return float(a * np.cos(x) - f * x)

    def climb(x: float) -> float:
        return quad(lambda y: np.exp((V(y) - V(x)) / T), x, x + 2 * np.pi, epsabs=0, epsrel=1e-12, limit=200)[0]  # type: ignore[no-any-return]

    return float(MU * T * -np.expm1(-2 * np.pi * f / T) / quad(climb, 0, 2 * np.pi, epsabs=0, epsrel=1e-11)[0])


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


def test_a_relaxing_gyrator_follows_its_gaussian() -> None:
    A, _, m, C = lyapunov()
    m0, C0, t = np.array([1.5, -1.0]), np.array([[0.5, 0.2], [0.2, 0.8]]), 0.8
    decay = expm(-A * t)
    mean, spread = m + decay @ (m0 - m), C + decay @ (C0 - C) @ decay.T
    sizes, wrong = (48, 96), []
    for n in sizes:
        found = lattice_propagate(course_of(gyrator(), None, t), Gaussian(m0, C0), [0.3, t], cells=n)
        wrong.append([np.abs(found.at(1).mean - mean).max(), np.abs(found.at(1).covariance - spread).max()])
    assert np.log2(np.divide(wrong[0], wrong[1])) == pytest.approx([2.0, 2.0], abs=0.1)
    run = lattice_energetics(course_of(gyrator(), None, t), Gaussian(m0, C0))
    # heat of bath i: mu_i <F_i^2> - mu_i T_i tr(H - G)_ii, along the exact moments
    K = H - G

    def rate(s: float, i: int) -> float:
        E = expm(-A * s)
        a, S = m + E @ (m0 - m), C + E @ (C0 - C) @ E.T
        force = PULL - K @ a
        return float(SPEEDS[i] * (force[i] ** 2 + (K @ S @ K.T)[i, i] - BATHS[i] * K[i, i]))

    for i in (0, 1):
        assert run.heat[i] == pytest.approx(quad(rate, 0, t, args=(i,), epsabs=1e-12)[0], abs=run.error)
    entropy = 0.5 * np.log(np.linalg.det(spread) / np.linalg.det(C0))
    assert run.system_entropy_change == pytest.approx(entropy, abs=run.error)
    assert run.error < 1e-3 and run.first_law_residual < 1e-12
    assert run.adiabatic is not None and run.nonadiabatic is not None
    assert run.adiabatic > 0.0 and run.nonadiabatic > 0.0


def test_a_quenched_trap_produces_its_relative_entropy() -> None:
    process = Langevin(potential=lambda w, k: 0.5 * k * w[:, 0] ** 2, dim=1)
    quench = sz.Protocol((0.0, 0.0, 20.0), (1.0, 3.0, 3.0))
    run = lattice_energetics(course_of(process, quench, 20.0), "equilibrium")
    # D(N(0, 1) || N(0, 1/3)) = (3 - 1 - ln 3) / 2; e^{-6 t} is gone at t = 20
    assert run.entropy_production == pytest.approx(0.5 * (2.0 - np.log(3.0)), abs=run.error)
    assert run.entropy_production == pytest.approx(0.4506938556659451, abs=run.error)
    assert run.work == pytest.approx(1.0, abs=run.error) and run.heat[0] == pytest.approx(1.0, abs=run.error)
    assert run.error < 1e-10


def test_a_sudden_reset_produces_what_the_label_does_not_explain() -> None:
    start = Mixture([0.5, 0.5], [Gaussian(2.0, 1.0), Gaussian(-2.0, 1.0)])
    still = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    for initial in (start, lambda w: np.exp(start.log_density(w))):
        run = lattice_energetics(course_of(still, None, 40.0), initial)
        assert run.entropy_production == pytest.approx(1.3672798062630918, abs=run.error)
        assert run.error < 1e-10


def test_a_stiffened_trap_follows_its_variance() -> None:
    process, protocol = trap(1.0, 3.0, 1.2)

    def moved(t: float, y: Array) -> list[float]:
        k, v = 1.0 + 2.0 * t / 1.2, y[0]
        return [2.0 * MU * (T - k * v), 0.5 * v * 2.0 / 1.2]

    exact = solve_ivp(moved, (0.0, 1.2), [T, 0.0], rtol=1e-12, atol=1e-13, method="DOP853").y[:, -1]
    run = lattice_energetics(course_of(process, protocol, 1.2), "equilibrium")
    assert run.work == pytest.approx(exact[1], abs=run.error)
    assert run.energy_change == pytest.approx(1.5 * exact[0] - 0.5 * T, abs=run.error)
    assert run.system_entropy_change == pytest.approx(0.5 * np.log(exact[0] / T), abs=run.error)
    assert run.error < 1e-6 and run.adiabatic == pytest.approx(0.0, abs=1e-14)
    free = 0.5 * T * np.log(3.0)
    assert run.work > free
    found = lattice_propagate(course_of(process, protocol, 1.2), "equilibrium", [1.2])
    assert found.at(0).covariance[0, 0] == pytest.approx(exact[0], rel=1e-4)


def test_a_trap_that_speeds_up_and_jumps_at_both_ends() -> None:
    """U = k (w - lambda^2)^2 / 2 bends: the course is cut into straight pieces, whose error is in ``error``."""
    k = 1.5
    process = Langevin(potential=lambda w, l: 0.5 * k * (w[:, 0] - l * l) ** 2, dim=1, temperature=T, mobility=MU)
    protocol = sz.Protocol((0.0, 0.0, 1.0, 1.0), (0.0, 0.3, 1.5, 1.2))

    def moved(t: float, y: Array) -> list[float]:
        l = 0.3 + 1.2 * t
        return [-MU * k * (y[0] - l * l), -2.4 * l * k * (y[0] - l * l)]

    m, W = solve_ivp(moved, (0.0, 1.0), [0.0, 0.0], rtol=1e-12, atol=1e-13, method="DOP853").y[:, -1]
    W += 0.5 * k * 0.09**2 + 0.5 * k * ((m - 1.44) ** 2 - (m - 2.25) ** 2)
    run = lattice_energetics(course_of(process, protocol, 1.0), "equilibrium")
    assert run.work == pytest.approx(W, abs=run.error)
    assert run.heat[0] == pytest.approx(W - 0.5 * k * (m - 1.44) ** 2, abs=run.error)
    assert run.error < 1e-5


def test_a_force_that_follows_the_control_goes_in_steps() -> None:
    k = 1.5
    process = Langevin(lambda w, l: l + 0.0 * w, lambda w: 0.5 * k * w[:, 0] ** 2, dim=1, temperature=T, mobility=MU)

    def moved(t: float, y: Array) -> list[float]:
        l = 0.3 + 1.7 * t
        v = MU * (l - k * y[0])
        return [v, l * v]

    m, W = solve_ivp(moved, (0.0, 1.0), [0.0, 0.0], rtol=1e-12, atol=1e-13, method="DOP853").y[:, -1]
    course = course_of(process, sz.Protocol((0.0, 1.0), (0.3, 2.0)), 1.0)
    run = lattice_energetics(course, "equilibrium")
    assert run.work == pytest.approx(W, abs=run.error) and run.error < 1e-4
    assert run.energy_change == pytest.approx(0.5 * k * m**2, abs=run.error)
    coarse = [lattice_propagate(course, "equilibrium", [1.0], parts=n, cells=800).at(0).mean[0] - m for n in (4, 8)]
    # the lattice itself leaves 1e-5 of this
    assert np.log2(coarse[0] / coarse[1]) == pytest.approx(2.0, abs=0.1)


def test_a_linear_process_that_follows_its_control() -> None:
    linear = Langevin(
        linear=lambda l: Linear((1.0 + l) * np.eye(1), np.array([0.8 * l])), dim=1, temperature=T, mobility=MU
    )
    plain = Langevin(
        potential=lambda w, l: 0.5 * (1.0 + l) * w[:, 0] ** 2 - 0.8 * l * w[:, 0], dim=1, temperature=T, mobility=MU
    )
    protocol = sz.Protocol((0.0, 1.0), (0.3, 2.0))
    one, other = (lattice_energetics(course_of(p, protocol, 1.0), "equilibrium") for p in (linear, plain))
    assert one.work == pytest.approx(other.work, abs=one.error + other.error)


def test_nothing_happens_in_equilibrium() -> None:
    process = Langevin(
        potential=lambda w: double_well(w[:, 0]) + 0.7 * w[:, 1] ** 2 + 0.5 * w[:, 0] * w[:, 1],
        dim=2, temperature=T, mobility=SPEEDS,
    )  # fmt: skip
    run = lattice_energetics(course_of(process, None, 2.0), "equilibrium", cells=48)
    assert run.heat[0] == pytest.approx(0.0, abs=1e-12) and run.work == 0.0
    assert run.entropy_production == pytest.approx(0.0, abs=1e-12)
    assert lattice_entropy_rate(process, cells=48) == pytest.approx(0.0, abs=1e-15)
    field = probability_current(process, cells=48)
    # each face carries the difference of two flows D p / h, known to 1e-16 of it
    h, D = field.lattice.spacing.min(), T * SPEEDS.max()
    assert np.abs(field.components).max() < 1e-15 * D * field.density.values.max() / h


def test_erasing_a_bit_costs_more_than_the_free_energy() -> None:
    """A double well loses its barrier, is tilted, and comes back: a cycle of the potential, so that dF = 0."""

    def potential(w: Array, l: float) -> Array:
        tilt = 2.0 * np.sin(2.0 * np.pi * l) ** 2 if l > 0.5 else 0.0
        return np.asarray(w[:, 0] ** 4 - 4.0 * np.cos(np.pi * l) ** 2 * w[:, 0] ** 2 - tilt * w[:, 0])

    process = Langevin(potential=potential, dim=1, temperature=T, mobility=MU)
    once = course_of(process, sz.Protocol((0.0, 3.0), (0.0, 1.0)), 3.0)
    run = lattice_energetics(once, "equilibrium", cells=64)
    assert run.work > T * np.log(2.0)
    assert run.entropy_production > 0.0 and run.nonadiabatic is not None and run.nonadiabatic >= 0.0
    erased = lattice_propagate(once, "equilibrium", [3.0], cells=64).at(0)
    x, p = erased.marginal(0)
    assert p[x > 0].sum() / p.sum() > 0.9
    # W >= T D(p_end || equilibrium): what the second law asks of a cycle
    assert run.work > T * erased.relative_entropy(lattice_equilibrium(process, 1.0, box=erased.lattice.box, cells=64))


def test_sudden_changes_alone() -> None:
    process, _ = trap(1.0, 3.0, 1.0)
    run = lattice_energetics(course_of(process, sz.Protocol((0.0, 0.0), (1.0, 3.0)), 0.0), Gaussian(0.4, 0.3))
    assert run.work == pytest.approx(0.46, rel=1e-10) and run.heat[0] == 0.0
    assert run.energy_change == pytest.approx(run.work, rel=1e-12)


def test_the_error_counts_kinks_and_jumps() -> None:
    """Relaxation to Laplace's density e^{-a|w - c|/T} a/2T from a Gaussian, and to a Gaussian from a box."""
    a, c = 2.0, 0.13
    kinked = Langevin(potential=lambda w: a * np.abs(w[:, 0] - c), dim=1, temperature=T, mobility=MU)
    run = lattice_energetics(course_of(kinked, None, 200.0), Gaussian(1.0, 0.3))
    start = quad(lambda x: a * abs(x - c) * np.exp(-((x - 1) ** 2) / 0.6) / np.sqrt(0.6 * np.pi), -9, 9, points=[c])[0]
    gained = 1.0 + np.log(2 * T / a) - 0.5 * np.log(2 * np.pi * np.e * 0.3)
    assert run.heat[0] == pytest.approx(start - T, abs=run.error)
    assert run.system_entropy_change == pytest.approx(gained, abs=run.error)
    assert run.entropy_production == pytest.approx(gained + (start - T) / T, abs=run.error)
    assert run.error < 0.05
    smooth = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1, temperature=T, mobility=MU)
    jump = lattice_energetics(course_of(smooth, None, 30.0), lambda w: 1.0 * (np.abs(w[:, 0] - 0.2) < 0.77))
    energy = 0.5 * (0.2**2 + 0.77**2 / 3.0)
    assert jump.heat[0] == pytest.approx(energy - 0.5 * T, abs=jump.error)
    assert jump.system_entropy_change == pytest.approx(
        0.5 * np.log(2 * np.pi * np.e * T) - np.log(1.54), abs=jump.error
    )
    assert jump.error < 0.1


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
