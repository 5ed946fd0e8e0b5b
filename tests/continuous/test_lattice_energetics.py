"""Heat, work and entropy production on lattices against exact moments, each within its own reported error."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm

import szilard as sz
from szilard.continuous import Gaussian, Langevin, Linear
from szilard.continuous.course import course_of
from szilard.continuous.lattice_current import probability_current
from szilard.continuous.lattice_route import (
    lattice_energetics,
    lattice_entropy_rate,
    lattice_equilibrium,
    lattice_propagate,
)
from szilard.continuous.mixture import Mixture
from tests.continuous.lattice_cases import (
    BATHS,
    MU,
    PULL,
    SPEEDS,
    G,
    H,
    T,
    double_well,
    gyrator,
    lyapunov,
    trap,
)

Array = NDArray[np.float64]


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
