"""Kick learning as it is simulated, in R, Q and heat, against the order parameters."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

import szilard as sz
from szilard.estimate import Estimate, Sampled
from szilard.infer.extrapolation_fit import extrapolate
from szilard.learning.outcome import LearningRun
from szilard.theory.order_parameters import online
from szilard.theory.stationary_online import online_stationary
from tests.statistics import assert_agrees

pytestmark = pytest.mark.soak
Array = NDArray[np.float64]
SIZES = [50, 100, 200]
NU, END, TASKS = 1.5, 1.0, 40
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 1.6}
RATE = 3.0


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


def test_where_a_kicked_perceptron_comes_to_rest() -> None:
    """nu = 3, T = k = mobility = 1: 0.341 of the patterns are told wrongly by 200 weights."""
    found = [Sampled.mean([_error_at_rest(n, "kick", seed) for seed in range(48)]).estimate() for n in SIZES]
    limit = extrapolate(SIZES, found)
    print(f"N = {SIZES}: {found}, {limit}")
    assert limit.fits, limit
    assert_agrees(limit.limit, online_stationary("perceptron", RATE).error)


def test_where_a_flowing_perceptron_comes_to_rest() -> None:
    """A force that follows the weights holds them at lambda = 0: with no noise it moves min(nu, -lambda), error 0.430.

    Noise of spread s = sqrt(2 mu T/N) within a showing must be held back too, also where lambda > 0: as if by a wall,
    which moves (|g| s - lambda)^+ on average, g normal. That changes the error by 1/sqrt N, and the rest is 1/N, with
    what is missed by following in N steps.
    """
    sizes = [40, 80, 160]
    ratios = []
    for n in sizes:
        errors = Sampled.mean([_error_at_rest(n, "flow", seed) for seed in range(16)]).estimate()
        exact = _held_back(sqrt(2.0 / n))
        print(f"N = {n}: {errors}, theory {exact:.5f}")
        ratios.append(Estimate(errors.value / exact, errors.stderr / exact, errors.n))
    limit = extrapolate(sizes, ratios)
    print(limit)
    assert limit.fits, limit
    assert_agrees(limit.limit, 1.0)


def _held_back(s: float) -> float:
    """The error at rest of displacements E(|g| s - lambda)^+, at most nu."""

    def force(x: Array) -> Array:
        right = np.maximum(x, 0.0)
        noise = 2.0 * (s * norm.pdf(right / s) - right * norm.cdf(-right / s))
        return np.asarray(np.minimum(np.maximum(-x, 0.0) + noise, RATE) / RATE)

    return online_stationary(force, RATE, breaks=[s * sqrt(2.0 / pi) - RATE, -s, s]).error


def _error_at_rest(n: int, how: Literal["kick", "flow"], seed: int) -> float:
    """arccos(R/sqrt Q)/pi after 8 relaxation times, mean over the replicas of one draw of the inputs."""
    run = sz.train(
        sz.tasks.teacher_student(n, 8 * n, held_out=0, seed=1000 * n + seed),
        sz.rules.perceptron,
        learning_rate=RATE,
        duration=8.0,
        dt=1.0 / n if how == "kick" else 1.0 / n**2,
        dwell=1.0 / n,
        mode="online",
        online=how,
        replicas=32,
        seed=seed,
    )
    return float(np.mean(_overlap_angles(run)) / np.pi)


def _overlap_angles(run: LearningRun) -> Array:
    """The angle between each replica's weights and its teacher."""
    assert run.teachers is not None
    lengths = np.linalg.norm(run.weights, axis=1) * np.linalg.norm(run.teachers, axis=1)
    return np.asarray(np.arccos(np.sum(run.weights * run.teachers, axis=1) / lengths))


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
