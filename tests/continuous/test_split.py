"""Housekeeping and excess of Langevin paths: against Stratonovich sums, exact means, and their own theorems."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

import szilard as sz
from szilard.continuous.run import Run
from tests.continuous.cases import WAY, moved, stirred
from tests.continuous.turning import START, SWIRLED, swirled
from tests.discrete.moved_rings import z

RUN = sz.simulate(SWIRLED, "stationary", 1.2, replicas=20_000, seed=3, protocol=WAY, dt=0.02, record="paths")
SPLIT = RUN.split()


def force_and_surprise(control: float, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F/T and the gradient of phi = -ln pi at these places, from A C + C A^T = 2 D."""
    at, mobility, warm = swirled(control), np.array([1.0, 0.5]), np.array([0.6, 1.4])
    A = mobility[:, None] * (at.hessian - at.swirl)
    C = solve_continuous_lyapunov(A, 2.0 * np.diag(mobility * warm))
    mean = np.linalg.solve(A, mobility * (at.pull + at.push))
    force = at.pull + at.push - w @ (at.hessian - at.swirl).T
    return force / warm, (w - mean) @ np.linalg.inv(C)


def test_it_is_stratonovichs_sum_in_every_replica() -> None:
    """S_hk = sum v_ss/D o dw with v_ss/D = F/T + grad phi, and S_ex = -sum grad phi o dw, at the step's control."""
    few = sz.simulate(SWIRLED, START, 1.2, replicas=50, seed=3, protocol=WAY, dt=0.02, record="paths", times=[0.33])
    split, paths = few.split(), few.trajectories()
    kept, excess = np.zeros(50), np.zeros(50)
    for i in range(few.steps):
        control = few.course.at(float(0.5 * (paths.times[i] + paths.times[i + 1])))
        assert control is not None
        here, there = paths.states[:, i], paths.states[:, i + 1]
        (force0, slope0), (force1, slope1) = force_and_surprise(control, here), force_and_surprise(control, there)
        kept += np.sum(0.5 * (force0 + slope0 + force1 + slope1) * (there - here), axis=1)
        excess -= np.sum(0.5 * (slope0 + slope1) * (there - here), axis=1)
    np.testing.assert_allclose(split.housekeeping, kept, rtol=0, atol=1e-9)
    np.testing.assert_allclose(split.excess, excess, rtol=0, atol=1e-9)
    pi = [sz.stationary(SWIRLED, c) for c in (WAY.values[0], WAY.values[-1])]
    change = pi[0].log_density(few.initial) - pi[1].log_density(few.final)
    np.testing.assert_allclose(split.hatano_sasa - change, split.excess, rtol=0, atol=1e-9)
    assert split.nonadiabatic is not None
    total = split.housekeeping + split.nonadiabatic
    np.testing.assert_allclose(total, few.ledger.entropy_production, rtol=0, atol=1e-9)


def test_means_are_the_exact_ones() -> None:
    exact = sz.energetics(SWIRLED, "stationary", 1.2, WAY)
    assert SPLIT.nonadiabatic is not None and exact.adiabatic is not None and exact.nonadiabatic is not None
    assert abs(z(SPLIT.housekeeping, exact.adiabatic)) <= 4.0
    assert abs(z(SPLIT.nonadiabatic, exact.nonadiabatic)) <= 4.0


def test_both_parts_obey_their_integral_theorem() -> None:
    for part in (SPLIT.hatano_sasa, SPLIT.housekeeping):
        assert abs(z(np.exp(-part), 1.0)) <= 4.0


def test_of_another_start_only_the_housekeeping_part_does() -> None:
    start = sz.Gaussian([0.9, -0.8], [0.2, 0.4])
    run = sz.simulate(SWIRLED, start, 1.2, replicas=20_000, seed=3, protocol=WAY, dt=0.02, record="paths")
    split = run.split()
    assert abs(z(np.exp(-split.housekeeping), 1.0)) <= 4.0
    assert abs(z(np.exp(-split.hatano_sasa), 1.0)) > 5.0


@pytest.mark.parametrize(
    ("process", "rate"),
    [
        (sz.systems.rotating_trap(1.3, 0.7, mobility=0.8, temperature=0.6), 2.0 * 0.8 * 0.49 / 1.3),
        (sz.systems.gyrator(1.0, 0.5, (2.0, 0.7), mobility=(1.2, 0.8)), 0.25 * 1.69 * 0.96 / (2.0 * 1.4)),
        (sz.systems.linear([[2.0, 0.8], [-0.3, 1.0]], [[0.6, 0.2], [0.2, 0.4]], temperature=0.7), None),
    ],
    ids=("rotating trap", "gyrator", "mobility matrix"),
)
def test_what_keeps_a_steady_state_needs_no_paths(process: sz.Langevin, rate: float | None) -> None:
    """A control held: Y = 0, S_hk = Q/T + d phi. The trapezoid's bias at dt = 0.01 is far below the statistics."""
    run = sz.simulate(process, "stationary", 1.0, replicas=20_000, seed=4, dt=0.01)
    split = run.split()
    np.testing.assert_array_equal(split.hatano_sasa, 0.0)
    np.testing.assert_allclose(split.housekeeping, run.ledger.entropy_production, rtol=0, atol=1e-9)
    exact = sz.entropy_production_rate(process) if rate is None else rate
    assert abs(z(split.housekeeping, exact)) <= 4.0
    assert abs(z(np.exp(-split.housekeeping), 1.0)) <= 4.0


def test_a_tilted_ring_keeps_turning_at_its_price() -> None:
    ring = sz.systems.tilted_ring(0.6, 0.5, temperature=0.8, mobility=1.3)
    run = sz.simulate(ring, "stationary", 3.0, replicas=20_000, seed=7, dt=0.02)
    split = run.split()
    velocity = sz.systems.tilted_ring_velocity(0.6, 0.5, temperature=0.8, mobility=1.3)
    assert abs(z(split.housekeeping, 3.0 * 0.5 * velocity / 0.8)) <= 4.0
    assert abs(z(np.exp(-split.housekeeping), 1.0)) <= 4.0


def test_without_driving_at_one_temperature_nothing_is_kept() -> None:
    """S_hk = 0 and Y = (W - dF)/T, at any step of a metropolised run, without paths."""
    run = sz.simulate(moved(), "equilibrium", 1.2, replicas=30_000, seed=5, protocol=WAY, dt=0.2, method="metropolis")
    split = run.split()
    np.testing.assert_array_equal(split.housekeeping, 0.0)
    free = sz.continuous.free_energy(moved(), -0.7) - sz.continuous.free_energy(moved(), 0.0)
    np.testing.assert_allclose(split.hatano_sasa, (run.ledger.work - free) / 0.7, rtol=0, atol=1e-9)
    assert abs(z(np.exp(-split.hatano_sasa), 1.0)) <= 4.0
    still = sz.simulate(moved(), "equilibrium", 1.0, replicas=9, seed=5, protocol=sz.Protocol([0], [0.3]), dt=0.02)
    np.testing.assert_allclose(still.split().hatano_sasa, 0.0, atol=1e-12)


def test_explicit_steps_too_long_break_the_theorem() -> None:
    trap = sz.systems.moved_trap(2.0, temperature=0.8)
    run = sz.simulate(trap, "equilibrium", 1.2, replicas=30_000, seed=5, protocol=WAY, dt=0.3, method="euler")
    assert abs(z(np.exp(-run.split().hatano_sasa), 1.0)) > 5.0


def _refused(run: Run, rule: str) -> None:
    with pytest.raises(sz.InputError, match=rule):
        run.split()


def test_what_cannot_be_split_is_refused() -> None:
    _refused(
        sz.simulate(SWIRLED, "stationary", 1.2, replicas=3, seed=1, protocol=WAY, dt=0.05), "places where the control"
    )
    _refused(sz.simulate(stirred(), [0.1, 0.2], 0.1, replicas=3, seed=1), "not linear")
    turned = sz.systems.tilted_ring(0.6, None)
    pushed = sz.Protocol([0.0, 1.0], [0.2, 0.9])
    _refused(sz.simulate(turned, [0.1], 1.0, replicas=3, seed=1, protocol=pushed, record="paths"), "not linear")
    runaway = sz.systems.linear([[1.0, 0.0], [0.4, -0.5]], 1.0)
    _refused(sz.simulate(runaway, [0.1, 0.2], 0.1, replicas=3, seed=1, dt=0.01), "relaxation rate")
