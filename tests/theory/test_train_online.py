"""Kick learning as ``train`` does it, extrapolated to infinite size, against the equations of the order parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.estimate import Estimate, Sampled
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 1.6}
REST = 8.0 / (BATH["mobility"] * BATH["stiffness"])
"""R and Q have come to rest up to e^-8 = 3e-4 of themselves, less than a tenth of what is resolved."""
COLD: dict[str, Any] = {"temperature": 1e-9, "stiffness": 1e-9, "mobility": 1.0}
"""Q = T/k = 1 at the start as without a bath; in times of order 1 noise and decay change R and Q by some 1e-9."""
SIZES = [25, 50, 100]
TASKS = 32


@pytest.mark.parametrize(
    ("rule", "nu", "base"),
    [("hebbian", 1.5, 0), ("perceptron", 2.5, 1), ("adatron", 1.7, 2), ("gradient", 2.5, 3)],
)
def test_where_trained_kicks_come_to_rest(rule: str, nu: float, base: int) -> None:
    """R, Q and both errors; and the error tells the displacement nu from the impulse nu/mobility."""
    limits = _limits(rule, nu, REST, BATH, base)
    rest = sz.theory.online_stationary(rule, nu, **BATH)
    assert_agrees(limits["R"], rest.R, relative=0.02)
    assert_agrees(limits["Q"], rest.Q, relative=0.01)
    assert_agrees(limits["error"], rest.error, relative=0.005)
    assert_agrees(limits["held out"], rest.error, relative=0.01)
    impulse = sz.theory.online_stationary(rule, nu / BATH["mobility"], **BATH).error
    assert abs(limits["error"].value - impulse) > 8.0 * limits["error"].stderr


@pytest.mark.parametrize(("rule", "nu", "base"), [("hebbian", 1.0, 4), ("perceptron", 1.0, 5), ("adatron", 1.5, 6)])
def test_trained_kicks_without_a_bath(rule: str, nu: float, base: int) -> None:
    """``train`` has no T = 0 and k = 0, but both as small as one likes; alpha = 4 patterns per weight."""
    limits = _limits(rule, nu, 4.0, COLD, base)
    course = sz.theory.online(rule, nu, [4.0], temperature=0.0, stiffness=0.0)
    assert_agrees(limits["Q"], float(course.Q[0]), relative=0.01)
    assert_agrees(limits["error"], float(course.error[0]), relative=0.005)
    assert_agrees(limits["held out"], float(course.error[0]), relative=0.01)


def test_reference_errors_of_a_perceptron_at_rest() -> None:
    """0.341 for kicks, 0.431 for displacements min(nu, -lambda): 200 weights at nu = 3, T = k = mobility = 1."""
    kicked = sz.theory.online_stationary("perceptron", 3.0)
    # what 200 weights and rounding may make of it: 1/N of its own size, 0.002
    assert kicked.error == pytest.approx(0.341, abs=0.002)
    flowing = sz.theory.online_stationary(lambda x: np.clip(-x / 3.0, 0.0, 1.0), 3.0, breaks=[-3.0])
    assert flowing.error == pytest.approx(0.431, abs=0.002)


def _limits(rule: str, nu: float, end: float, bath: dict[str, Any], base: int) -> dict[str, Estimate]:
    """R, Q, error on all fresh patterns and on some held out, N -> infinity; errors are those of the tasks."""
    found = {n: np.array([_trained(rule, nu, n, end, bath, 1000 * base + i) for i in range(TASKS)]) for n in SIZES}
    limits = {}
    for column, name in enumerate(("R", "Q", "error", "held out")):
        limit = sz.infer.extrapolate(SIZES, [Sampled.mean(found[n][:, column]).estimate() for n in SIZES])
        assert limit.fits, f"{name}: {limit}"
        limits[name] = limit.limit
    return limits


def _trained(rule: str, nu: float, n: int, end: float, bath: dict[str, Any], seed: int) -> tuple[float, ...]:
    """Means over the replicas of one task, which share its inputs."""
    count = round(end * n)
    run = sz.train(
        sz.tasks.teacher_student(n, count, held_out=100, seed=1000 * seed + n),
        getattr(sz.rules, rule),
        learning_rate=nu / bath["mobility"],
        duration=count / n,
        dwell=1.0 / n,
        mode="online",
        online="kick",
        replicas=64,
        seed=seed,
        readout="sign",
        **bath,
    )
    assert run.teachers is not None and run.held_out_error is not None
    teachers = run.teachers * np.sqrt(n) / np.linalg.norm(run.teachers, axis=1)[:, None]
    r, q = np.sum(run.weights * teachers, axis=1) / n, np.sum(run.weights**2, axis=1) / n
    error = np.arccos(r / np.sqrt(q)) / np.pi
    return float(r.mean()), float(q.mean()), float(error.mean()), run.held_out_error.value
