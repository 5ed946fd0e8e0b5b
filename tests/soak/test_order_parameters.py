"""Kick learning as it is simulated, in R, Q and heat, against the order parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.estimate import Sampled
from szilard.infer.extrapolation_fit import extrapolate
from szilard.theory.order_parameters import online
from tests.statistics import assert_agrees

pytestmark = pytest.mark.soak
Array = NDArray[np.float64]
SIZES = [50, 100, 200]
NU, END, TASKS = 1.5, 1.0, 40
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 1.6}


@pytest.mark.parametrize("rule", ["hebbian", "perceptron", "adatron", "gradient"])
def test_trained_kicks_approach_the_equations(rule: str) -> None:
    """``train`` takes an impulse, nu/mobility; each task has inputs of its own, and errors are those of tasks."""
    found = {n: np.array([_trained(rule, n, seed) for seed in range(TASKS)]) for n in SIZES}
    grid = np.linspace(0.0, END, 201)
    course = online(rule, NU, grid, **BATH)
    for i, exact in enumerate((course.R[-1], course.Q[-1])):
        limit = extrapolate(SIZES, [Sampled.mean(found[n][:, i]).estimate() for n in SIZES])
        assert limit.fits, limit
        assert_agrees(limit.limit, float(exact), relative=0.02)
    ratios = []
    for n in SIZES:
        rate = course.heat_rate(1.0 / n)
        total = float(np.mean(0.5 * (rate[1:] + rate[:-1]))) * END
        ratios.append(Sampled.mean(found[n][:, 2] / total).estimate())
    limit = extrapolate(SIZES, ratios)
    assert limit.fits, limit
    assert_agrees(limit.limit, 1.0, relative=0.02)


def _trained(rule: str, n: int, seed: int) -> tuple[float, float, float]:
    """R, Q and the heat per weight after N showings, mean over replicas of one draw of the inputs."""
    count = round(END * n)
    task = sz.tasks.teacher_student(n, count, held_out=0, seed=1000 * n + seed)
    run = sz.train(
        task,
        getattr(sz.rules, rule),
        learning_rate=NU / BATH["mobility"],
        duration=END,
        dwell=1.0 / n,
        mode="online",
        online="kick",
        replicas=200,
        seed=seed,
        **BATH,
    )
    assert run.teachers is not None
    teachers = run.teachers * np.sqrt(n) / np.linalg.norm(run.teachers, axis=1)[:, None]
    heat = np.asarray(run.ledger.heat).reshape(200, -1).sum(axis=1)
    return (
        float(np.mean(np.sum(run.weights * teachers, axis=1)) / n),
        float(np.mean(np.sum(run.weights**2, axis=1)) / n),
        float(np.mean(heat) / n),
    )
