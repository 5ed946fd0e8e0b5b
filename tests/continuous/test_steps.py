"""Time steps: where they end, how long they are by default, what is beyond stability."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import gamma

import szilard as sz
from szilard.continuous import Linear
from szilard.continuous.course import course_of
from szilard.continuous.steps import steps_of
from szilard.continuous.time_step import time_step
from tests.continuous.cases import WAY, moved, sheared, stirred
from tests.statistics import z_of_mean


def test_steps_end_at_nodes_and_hold_the_control_of_their_middle() -> None:
    course = course_of(moved(), sz.Protocol([0.0, 0.5, 0.5, 1.0], [0.0, 1.0, 2.0, 2.0]), 1.0)
    steps = steps_of(course, 0.2, np.array([]))
    np.testing.assert_allclose(steps.length, [0, *[0.5 / 3] * 3, *[0.5 / 3] * 3, 0])
    np.testing.assert_allclose(steps.control, [0, 1 / 6, 0.5, 5 / 6, 2, 2, 2, 2])
    np.testing.assert_array_equal(steps.number, [0, 0, 1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(steps.ends, np.arange(7) / 6)


def test_looks_at_whole_steps_leave_the_steps_as_they_are() -> None:
    course = course_of(moved(), WAY, 1.2)
    plain, looking = steps_of(course, 0.1, np.array([])), steps_of(course, 0.1, np.array([0.0, 0.3, 0.6, 1.2]))
    moving = looking.look < 0
    for name in ("control", "length", "number"):
        np.testing.assert_array_equal(getattr(looking, name)[moving], getattr(plain, name))
    np.testing.assert_array_equal(looking.look[~moving], [0, 1, 2, 3])
    np.testing.assert_allclose(looking.control[~moving], [0.6, 0.05, 0.3, -0.7])


def test_looks_between_steps_end_a_step() -> None:
    course = course_of(moved(), sz.Protocol([0.0], [0.1]), 1.0)
    steps = steps_of(course, 0.3, np.array([0.25]))
    np.testing.assert_allclose(steps.length[steps.look < 0], [0, 0.25, 0.25, 0.25, 0.25, 0])


def test_the_default_step_resolves_what_is_fastest() -> None:
    course = course_of(sheared(), None, 10.0)
    fastest = np.abs(np.linalg.eigvals(np.diag(sheared().mobility) @ sheared().linear_at().matrix)).max()
    assert time_step(course, "heun", None, np.zeros((1, 3)), 1, "") == pytest.approx(0.005 / fastest)
    slow = sz.Langevin(linear=Linear([[1e-9]], [0.0]), dim=1)
    assert time_step(course_of(slow, None, 10.0), "euler", None, np.zeros((1, 1)), 1, "") == 0.2


@pytest.mark.parametrize(("k", "duration"), [(3.0, 10.0), (30.0, 2.0), (100.0, 1.0), (300.0, 1.0)])
def test_the_default_step_resolves_forces_that_are_met_later(k: float, duration: float) -> None:
    """From the flat bottom of k w^4 / 4: <w^2> = 2 Gamma(3/4) / Gamma(1/4) / sqrt(k), and k <w^4> = 1."""
    process = sz.Langevin(potential=quartic, gradient=quartic_slope, dim=1, compiled=True, parameters=(k,))
    run = sz.simulate(process, [0.0], duration, replicas=20_000, seed=1)
    w = run.final[:, 0]
    assert abs(z_of_mean(w**2, 2.0 * gamma(0.75) / gamma(0.25) / np.sqrt(k))) <= 4.0
    assert abs(z_of_mean(run.ledger.heat, -0.25)) <= 4.0


def test_the_default_step_resolves_controls_between_and_beyond_the_first_nodes() -> None:
    """A stiffness that peaks late, and one that peaks between two nodes: the work is that of the exact solution."""
    times = np.linspace(0.0, 1.0, 41)
    peak = sz.Protocol(times.tolist(), np.where(abs(np.arange(41) - 25) < 4, 300.0, 1.0 + times).tolist())
    trap = sz.systems.stiffened_trap()
    exact = sz.energetics(trap, "equilibrium", 1.0, peak).work
    for method in ("exact", "heun"):
        run = sz.simulate(trap, "equilibrium", 1.0, replicas=20_000, seed=1, protocol=peak, method=method)
        assert abs(z_of_mean(run.ledger.work, exact)) <= 4.0
    hidden = sz.Langevin(potential=lambda w, c: 0.5 * (1.0 + 50.0 * np.sin(np.pi * c)) * w[:, 0] ** 2, dim=1)
    run = sz.simulate(hidden, [0.5], 1.0, replicas=100, seed=1, protocol=sz.Protocol([0.0, 1.0], [0.0, 1.0]))
    assert run.dt < 2e-3
    assert np.all(np.abs(run.ledger.work) < 1e3)
    with pytest.raises(sz.InputError, match="stability"):
        sz.simulate(trap, "equilibrium", 1.0, replicas=100, seed=1, protocol=peak, dt=0.01, method="euler")


def quartic(w: Any, control: Any, parameters: Any) -> Any:
    return 0.25 * parameters[0] * w[0] ** 4


def quartic_slope(w: Any, control: Any, parameters: Any) -> Any:
    return parameters[0] * w[0] ** 3


def test_a_linear_system_at_rest_takes_one_step() -> None:
    trap = sz.Langevin(linear=Linear([[2.0]], [1.0]), dim=1)
    assert sz.simulate(trap, "equilibrium", 3.0, replicas=2, seed=1).steps == 1
    assert sz.simulate(trap, "equilibrium", 3.0, replicas=2, seed=1, times=[1.0, 3.0]).steps == 2


STIFF = sz.Langevin(linear=Linear([[50.0]], [0.0]), dim=1, mobility=2.0)
OSCILLATING = sz.Langevin(linear=Linear(np.eye(2), [0, 0], swirl=[[0.0, 30.0], [-30.0, 0.0]]), dim=2)
WALL = sz.Langevin(potential=lambda w: w[:, 0] ** 4, gradient=lambda w: 4 * w**3, dim=1)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("dt", lambda: sz.simulate(STIFF, "equilibrium", 1.0, replicas=3, seed=1, dt=0.021, method="euler")),
        ("dt", lambda: sz.simulate(STIFF, "equilibrium", 1.0, replicas=3, seed=1, dt=0.021, method="heun")),
        ("dt", lambda: sz.simulate(OSCILLATING, [0, 0], 1.0, replicas=3, seed=1, dt=0.01, method="euler")),
        ("dt", lambda: sz.simulate(WALL, [3.0], 1.0, replicas=3, seed=1, dt=0.02, method="heun")),
        ("dt", lambda: sz.simulate(WALL, [0.0], 50.0, replicas=400, seed=1, dt=0.25, method="euler")),
        ("dt", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, dt=0.0)),
        ("dt", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, dt=np.nan)),
        ("dt", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, dt="fast")),  # type: ignore[call-overload]
        ("duration / dt", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, dt=1e-300)),
        ("method", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, method="exact")),
        ("method", lambda: sz.simulate(WALL, [0.0], 1.0, replicas=3, seed=1, method="milstein")),
    ],
)
def test_a_step_beyond_stability_is_refused(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field


def test_just_within_stability_is_allowed_and_metropolis_is_stable_at_any_step() -> None:
    sz.simulate(STIFF, "equilibrium", 1.0, replicas=3, seed=1, dt=0.019, method="euler")
    run = sz.simulate(WALL, [0.5], 50.0, replicas=100, seed=1, dt=0.5, method="metropolis")
    assert np.all(np.abs(run.final) <= 3.0)
    assert 0.0 < run.acceptance < 1.0
    assert "accepted" in repr(run)


def test_acceptance_counts_every_move_of_a_sweep() -> None:
    run = sz.simulate(stirred([1.7, 0.6]), [0.1, 0.2], 1.0, replicas=2000, seed=2, dt=0.25, method="metropolis")
    assert run.steps == 4
    assert 0.5 < run.acceptance < 1.0
