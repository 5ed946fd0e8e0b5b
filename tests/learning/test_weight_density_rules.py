"""Oja, BCM and lagged rate rules on two weights: which drive a current, what it costs, a ceiling from samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.continuous import Langevin
from szilard.continuous.lattice_current import probability_current
from szilard.continuous.lattice_route import lattice_entropy_rate
from szilard.errors import InputError
from szilard.learning.rate_rules import (
    bcm_energy,
    bcm_force,
    lagged_force,
    lagged_matrix,
    oja_energy,
    oja_force,
    oja_swirl,
    rule_process,
)
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
UNEQUAL = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
ROUND = np.array([[1.0, 1.0], [1.0, -1.0]])
WIDE = np.array([[0.7, -1.2, 0.4], [1.1, 0.3, -0.9], [-0.2, 0.8, 1.4], [0.5, 0.5, -0.1]])
CYCLE = np.array([[1.2, -0.3], [0.4, 1.1], [-0.9, 0.2], [0.1, -0.8]])
MEDIUM: dict[str, Any] = {"stiffness": 0.5, "mobility": 0.7, "temperature": 0.3}
C = 0.8


def states(n: int, dim: int) -> Array:
    return np.random.Generator(np.random.Philox(5)).normal(size=(n, dim))


def slope_of(energy: Any, w: Array) -> Array:
    """By central differences; exact to 1e-9 for polynomials of degree 4 of size 1."""
    h, found = 1e-4, np.empty_like(w)
    for i in range(w.shape[1]):
        e = h * np.eye(w.shape[1])[i]
        found[:, i] = (8.0 * (energy(w + e) - energy(w - e)) - energy(w + 2.0 * e) + energy(w - 2.0 * e)) / (12.0 * h)
    return found


def test_forces_are_their_sums_over_patterns() -> None:
    P, N = WIDE.shape
    for w in states(5, N):
        y = [sum(w[n] * WIDE[m, n] for n in range(N)) / np.sqrt(N) for m in range(P)]
        theta = sum(v * v for v in y) / P
        oja, bcm, lagged = np.zeros((3, N))
        for n in range(N):
            for m in range(P):
                oja[n] += C * (WIDE[m, n] * y[m] / np.sqrt(N) - y[m] ** 2 * w[n] / N)
                bcm[n] += C * WIDE[m, n] / np.sqrt(N) * y[m] * (y[m] - theta)
                around = 1.3 * WIDE[(m - 1) % P, n] - 0.4 * WIDE[(m + 1) % P, n]
                lagged[n] += C / np.sqrt(N) * around * y[m]
        np.testing.assert_allclose(oja_force(WIDE, C)(w[None])[0], oja, atol=1e-13)
        np.testing.assert_allclose(bcm_force(WIDE, C)(w[None])[0], bcm, atol=1e-13)
        np.testing.assert_allclose(lagged_force(WIDE, 1.3, 0.4, C)(w[None])[0], lagged, atol=1e-13)
        np.testing.assert_allclose(lagged_matrix(WIDE, 1.3, 0.4, C) @ w, lagged, atol=1e-13)


def test_oja_is_a_slope_and_a_swirl_at_right_angles_to_the_weights() -> None:
    w = states(50, 3)
    swirl = oja_swirl(WIDE, C)(w)
    np.testing.assert_allclose(oja_force(WIDE, C)(w), swirl - slope_of(oja_energy(WIDE, C), w), atol=1e-8)
    np.testing.assert_allclose(np.sum(swirl * w, axis=1), 0.0, atol=1e-12)
    assert np.abs(swirl).max() > 0.1
    np.testing.assert_allclose(oja_swirl(ROUND, C)(states(9, 2)), 0.0, atol=1e-13)


def test_without_noise_oja_ends_on_the_first_component_with_square_n() -> None:
    values, vectors = np.linalg.eigh(WIDE.T @ WIDE / 3.0)
    w = np.sqrt(3.0) * vectors[:, -1][None]
    np.testing.assert_allclose(oja_force(WIDE, C)(w), 0.0, atol=1e-12)
    assert np.all(np.sum(oja_force(WIDE, C)(1.1 * w) * w, axis=1) < 0.0)


def test_bcm_has_an_energy_and_costs_nothing_to_hold() -> None:
    w = states(50, 3)
    np.testing.assert_allclose(-slope_of(bcm_energy(WIDE, C), w), bcm_force(WIDE, C)(w), atol=1e-8)
    box = ((-4.0, 4.0), (-4.0, 4.0))
    unknown = rule_process(bcm_force(UNEQUAL, 0.4), 2, **MEDIUM)
    # given as a force that no energy explains: the lattice finds detailed balance all the same, to rounding
    assert abs(lattice_entropy_rate(unknown, box=box, cells=48)) < 1e-12
    known = rule_process(None, 2, energy=bcm_energy(UNEQUAL, 0.4), **MEDIUM)
    assert known.equilibrates
    assert abs(sz.entropy_production_rate(known)) < 1e-12


def oja(inputs: Array) -> Langevin:
    return rule_process(oja_swirl(inputs, C), 2, energy=oja_energy(inputs, C), **MEDIUM)


def test_oja_drives_a_current_unless_its_inputs_are_round() -> None:
    box = ((-4.0, 4.0), (-4.0, 4.0))
    driven = sz.entropy_production_rate(oja(UNEQUAL))
    # the same from the whole force, no energy known, on other lattices: both extrapolated from h^2 and h^4
    whole = rule_process(oja_force(UNEQUAL, C), 2, **MEDIUM)
    assert lattice_entropy_rate(whole, box=box, cells=96) == pytest.approx(driven, rel=1e-4)
    assert driven > 0.02
    assert abs(lattice_entropy_rate(oja(ROUND), box=box, cells=48)) < 1e-12
    one = rule_process(oja_force([[1.0], [0.3]], C), 1, **MEDIUM)
    assert abs(lattice_entropy_rate(one, box=((-4.0, 4.0),), cells=64)) < 1e-12


def test_ojas_current_turns_four_ways_and_carries_nothing_around_the_origin() -> None:
    """UNEQUAL is symmetric about both diagonals: vortices of either sense, whose circulations cancel."""
    field = probability_current(oja(UNEQUAL), box=((-4.0, 4.0), (-4.0, 4.0)), cells=64)
    assert abs(field.circulation) < 1e-9 and np.abs(field.components).max() > 1e-3
    assert field.entropy_production == pytest.approx(sz.entropy_production_rate(oja(UNEQUAL)), rel=0.05)


def test_heat_of_trajectories_and_ceilings_from_their_samples() -> None:
    """Housekeeping heat / T in the steady state is sigma; sigma <= ceilings: any Phi, here three families."""
    process = oja(UNEQUAL)
    sigma = sz.entropy_production_rate(process)
    run = sz.simulate(process, "stationary", 8.0, replicas=4000, seed=3, dt=0.02, times=[8.0])
    assert abs(z_of_mean(run.ledger.heat[:, 0] / 0.3 / 8.0, sigma)) < 4.0
    w = run.states[:, -1]
    swirl = oja_swirl(UNEQUAL, C)(w)
    closed = 0.7 / 0.3 * np.sum(swirl**2, axis=1)  # (mu/T) <|F + grad U|^2>, no fit
    assert closed.mean() - sigma > 5.0 * closed.std() / np.sqrt(closed.size)
    forces = process.forces(w)
    rough = sz.laws.certified_ceiling(w, forces, mobility=0.7, temperature=0.3)
    fitted = sz.laws.certified_ceiling(w, forces, mobility=0.7, temperature=0.3, functions=sz.laws.polynomials(6))
    assert fitted.side == "upper"
    assert sigma - 4.0 * fitted.stderr < fitted.value < rough.value
    assert fitted.value < 2.0 * sigma < rough.value
    assert fitted.value < closed.mean()


def test_lagged_correlations_cost_what_the_lyapunov_equation_says() -> None:
    """sigma of a linear system, from lattices on the rule's force; zero where lagged correlations are symmetric."""
    M = lagged_matrix(CYCLE, 0.5, 0.3)
    linear = sz.systems.linear(0.7 * (0.9 * np.eye(2) - M), 0.7 * 0.4)
    exact = sz.entropy_production_rate(linear)
    rule = rule_process(lagged_force(CYCLE, 0.5, 0.3), 2, stiffness=0.9, mobility=0.7, temperature=0.4)
    assert exact > 0.05
    assert lattice_entropy_rate(rule, box=((-6.0, 6.0), (-6.0, 6.0)), cells=96) == pytest.approx(exact, rel=1e-3)
    there_and_back = CYCLE[[0, 1, 2, 1]]
    back = lagged_matrix(there_and_back, 0.5, 0.3)
    np.testing.assert_allclose(back, back.T, atol=1e-15)
    quiet = rule_process(lagged_force(there_and_back, 0.5, 0.3), 2, stiffness=0.9)
    assert abs(lattice_entropy_rate(quiet, box=((-6.0, 6.0), (-6.0, 6.0)), cells=48)) < 1e-12


def test_the_current_turns_the_other_way_when_time_does() -> None:
    """Patterns in reverse order: L becomes its transpose."""
    fields = []
    for inputs in (CYCLE, CYCLE[::-1]):
        rule = rule_process(lagged_force(inputs, 0.5, 0.3), 2, stiffness=0.9)
        fields.append(probability_current(rule, box=((-7.0, 7.0), (-7.0, 7.0)), cells=64).circulation)
    assert fields[0] * fields[1] < 0.0
    assert fields[0] == pytest.approx(-fields[1], rel=0.5) and abs(fields[0]) > 0.1


@pytest.mark.parametrize("function", [oja_force, oja_energy, oja_swirl, bcm_force, bcm_energy])
def test_bad_inputs_are_named(function: Any) -> None:
    for inputs in ([1.0, 2.0], np.empty((0, 2)), [[np.nan, 1.0]]):
        with pytest.raises(InputError) as caught:
            function(inputs)
        assert caught.value.field.startswith("inputs")
    with pytest.raises(InputError) as caught:
        function(ROUND, np.inf)
    assert caught.value.field == "strength"


@pytest.mark.parametrize(("given", "field"), [({"weights": 0}, "weights"), ({"stiffness": 0.0}, "stiffness")], ids=str)
def test_bad_processes_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        rule_process(**{"force": oja_force(ROUND), "weights": 2, **given})
    assert caught.value.field == field


def test_a_threshold_that_follows_ever_faster_still_gives_off_heat() -> None:
    r"""BCM, d theta/dt = (<y^2> - theta)/tau: heat is c (P/2) int lag d theta, -> c mu T (P/2) <|grad theta|^2>.

    tau = 0.02 against relaxation in about 1; steps of tau/20, heat as force times displacement, mid-point.
    """
    c, k, mu, t, tau, dt, replicas = 0.4, 0.5, 0.7, 0.3, 0.02, 0.001, 2500
    force, rng, patterns = bcm_force(UNEQUAL, c), np.random.default_rng(11), len(UNEQUAL)

    def square(w: Array) -> Array:
        return np.asarray(np.mean((w @ UNEQUAL.T) ** 2, axis=1) / 2.0)

    def slope(w: Array) -> Array:
        return np.asarray(w @ UNEQUAL.T @ UNEQUAL / patterns)

    def at_lag(w: Array, lag: Array) -> Array:
        return -k * w + force(w) + 0.5 * c * patterns * lag[:, None] * slope(w)

    w = rng.standard_normal((replicas, 2)) * np.sqrt(t / k)
    theta, heat, paid = square(w), np.zeros(replicas), np.zeros(replicas)
    lag, push = square(w) - theta, at_lag(w, square(w) - theta)
    for step in range(12_000):
        new = w + mu * push * dt + np.sqrt(2.0 * mu * t * dt) * rng.standard_normal(w.shape)
        moved = -np.expm1(-dt / tau) * (0.5 * (square(w) + square(new)) - theta)
        after = square(new) - theta - moved
        pull = at_lag(new, after)
        if step >= 7_000:
            heat += 0.5 * np.sum((push + pull) * (new - w), axis=1) / 5.0
            paid += 0.25 * c * patterns * (lag + after) * moved / 5.0
        w, theta, lag, push = new, theta + moved, after, pull
    line = np.linspace(-6.0, 6.0, 601)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    energy = 0.5 * k * np.sum(grid**2, axis=1) + bcm_energy(UNEQUAL, c)(grid)
    p = np.exp(-(energy - energy.min()) / t)
    limit = 0.5 * c * patterns * mu * t * float(p @ np.sum(slope(grid) ** 2, axis=1) / p.sum())
    assert limit == pytest.approx(0.140289, abs=1e-6)  # this library's own, for the record
    assert heat.std() / np.sqrt(replicas) < 0.02 * limit
    assert abs(z_of_mean(heat, limit)) < 4.0
    assert abs(z_of_mean(heat - paid, 0.0)) < 4.0 and (heat - paid).std() < heat.std()
