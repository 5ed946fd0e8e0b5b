"""Learning schedules drawn at random, each with characteristics of its own, and what each of them dissipates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, exp, log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...continuous import optimal_moved_trap
from ...learning.rules import hebbian
from ...learning.tasks import Task
from ...learning.training import train
from ...protocol import Protocol
from ...theory.forcing import additive_heat
from ..part import Record

Array = NDArray[np.float64]
Values = Mapping[str, Any]
KINDS = ("non-monotone", "monotone", "online", "ramp", "optimal", "quench")
GRID = 240
"""Cells of a schedule's window; its jumps lie between them, so that steps of a simulation meet them."""
TRIES = 64


@dataclass(frozen=True)
class Schedule:
    r"""f_n(t) = sum_r turns_rn sqrt(squares_r) factors_r(t): an additive force on N weights, held after its window.

    In batch all weights follow one factor s(t), and the only row is along the force sum_mu c sigma^mu xi^mu / sqrt(N).
    Online every weight is a row. times: (node,), from 0 to ``duration``, the end of the window; factors: (row, node),
    joined by straight lines or held from each node on; squares: (row,), force squared; turns: (row, weight), unit
    vectors. strength: c; dwell: the time that a pattern is shown, online.
    """

    times: Array
    factors: Array
    squares: Array
    turns: Array
    strength: float
    stiffness: float
    temperature: float
    mobility: float
    duration: float
    inputs: Array
    labels: Array
    dwell: float | None = None

    @property
    def relaxations(self) -> float:
        """x = mu k tau."""
        return self.mobility * self.stiffness * self.duration


@dataclass(frozen=True)
class Bounds:
    r"""W2^2/(D tau) <= Sigma(tau),  Sigma(tau) + relaxation = Sigma <= V^2/(2kT), summed over the weights; in nats.

    window: Sigma(tau), dissipated until the end of the window; floor: W2^2/(D tau), W2 the way of the weights' mean
    in it; relaxation: (f - k m)^2/(2kT) at its end, what a force held from there on dissipates; ceiling: V^2/(2kT);
    last: f^2/(2kT), f the force at the end. way: W2; variation: sqrt(sum V_n^2).
    """

    window: float
    floor: float
    relaxation: float
    ceiling: float
    last: float
    way: float
    variation: float


def bounds_of(schedule: Schedule, staircase: float | None = None) -> tuple[Bounds, Array]:
    r"""Sigma(tau) = (mu/T) sum_n int_0^tau (f_n - k m_n)^2 dt with its bounds, exactly.

    Conditional on the labels the weights are N(m, T/k) at all times: their entropy does not change, so that heat over
    temperature is the whole dissipation, and W2 between beginning and end is |m(tau)|. staircase: of the schedule
    held at its value in the middle of steps of this length.

    Returns the bounds and k m_n(tau) of each weight.

    >>> one = np.ones((1, 1))
    >>> quench = Schedule(np.zeros(1), one, np.array([4.0]), one, 2.0, 1.0, 0.5, 1.0, 3.0, one, np.ones(1))
    >>> found = bounds_of(quench)[0]
    >>> found.window + found.relaxation, found.ceiling
    (4.0, 4.0)
    """
    s, times = schedule, schedule.times.tolist()
    kind: Literal["linear", "constant"] = "linear" if s.dwell is None else "constant"
    books = [
        additive_heat(
            times, row, kind, duration=s.duration, amplitude_squared=square, temperature=s.temperature,
            stiffness=s.stiffness, mobility=s.mobility, staircase=staircase,
        )
        for row, square in zip(s.factors.tolist(), s.squares.tolist(), strict=True)
    ]  # fmt: skip
    response = np.array([b.response for b in books])
    unit = 2.0 * s.stiffness * s.temperature
    last = s.factors[:, -1]
    variation = np.abs(s.factors[:, 0]) + np.abs(np.diff(s.factors, axis=1)).sum(axis=1)
    way = float(np.sqrt(np.sum(s.squares * response**2))) / s.stiffness
    found = Bounds(
        window=sum(b.dissipation for b in books),
        floor=way**2 / (s.mobility * s.temperature * s.duration),
        relaxation=float(np.sum(s.squares * (last - response) ** 2)) / unit,
        ceiling=float(np.sum(s.squares * variation**2)) / unit,
        last=float(np.sum(s.squares * last**2)) / unit,
        way=way,
        variation=float(np.sqrt(np.sum(s.squares * variation**2))),
    )
    return found, (np.sqrt(s.squares) * response) @ s.turns


def drawn_schedule(kind: str, values: Values, draw: np.random.Generator) -> Schedule:
    """A schedule of this kind; strength, stiffness, temperature, mobility, duration, weights, load log-uniform."""
    k, mu, T = (log_uniform(values[name], draw) for name in ("stiffness", "mobility", "temperature"))
    tau = log_uniform(values["relaxations"], draw) / (mu * k)
    strength, n = log_uniform(values["strength"], draw), log_whole(values["weights"], draw)
    patterns = max(2, round(n * log_uniform(values["load"], draw)))
    inputs = draw.normal(size=(patterns, n))
    inputs *= np.sqrt(n) / np.linalg.norm(inputs, axis=1)[:, None]
    labels = 2.0 * draw.integers(0, 2, size=patterns) - 1.0
    pulls = strength * labels[:, None] * inputs / np.sqrt(n)
    own: dict[str, Any] = {
        "strength": strength, "stiffness": k, "temperature": T, "mobility": mu, "duration": tau, "inputs": inputs,
        "labels": labels,
    }  # fmt: skip
    if kind == "online":
        shows = log_whole(values["showings"], draw)
        dwell = tau / shows
        shown = pulls[np.arange(shows) % patterns]
        return Schedule(np.arange(0.0, shows) * dwell, shown.T, np.ones(n), np.eye(n), dwell=dwell, **own)
    force = pulls.sum(axis=0)
    square = float(force @ force)
    times, factor = _shape(kind, values, tau, mu * k, draw)
    return Schedule(times, factor[None, :], np.array([square]), force[None, :] / np.sqrt(square), **own)


def batch_of(values: Values, seed: int) -> Record:
    """Exact numbers of ``count`` schedules of one kind: a list for each name of ``Bounds``, and mu k tau."""
    draw = np.random.Generator(np.random.Philox(seed))
    drawn = [drawn_schedule(values["kind"], values, draw) for _ in range(values["count"])]
    rows = [asdict(bounds_of(s)[0]) | _characteristics(s) for s in drawn]
    return {name: [row[name] for row in rows] for name in rows[0]}


def simulated_of(values: Values, seed: int, threads: int | None) -> Record:
    r"""heat/T of simulated weights in the window against the exact Sigma(tau), and their mean against m(tau).

    The schedule is the first of up to 64 that costs at least ``least_cost`` nats in the window, or the dearest of
    them: heat fluctuates by sqrt(N/2 + 2 Sigma), so that cheaper ones could not be told from free. The simulation
    holds the schedule during each step, and is compared with the exact mean of that staircase.
    """
    draw = np.random.Generator(np.random.Philox(seed))
    found: list[tuple[float, Schedule]] = []
    while len(found) < TRIES and (not found or found[-1][0] < values["least_cost"]):
        s = drawn_schedule(values["kind"], values, draw)
        found.append((bounds_of(s)[0].window, s))
    s = found[-1][1] if found[-1][0] >= values["least_cost"] else max(found, key=lambda pair: pair[0])[1]
    exact, _ = bounds_of(s)
    span = s.duration if s.dwell is None else s.dwell
    cells = GRID if s.dwell is None else 1
    dt = span / (cells * ceil(s.mobility * s.stiffness * span / (cells * values["dt"]) - 1e-9))
    stairs, response = bounds_of(s, dt)
    schedule = Protocol(s.times.tolist(), s.factors[0].tolist()) if s.dwell is None else "quench"
    run = train(
        Task("drawn", s.inputs, "true", s.labels), hebbian, learning_rate=s.strength * (s.dwell or 1.0),
        duration=s.duration, dt=dt, replicas=values["replicas"], seed=seed, temperature=s.temperature,
        stiffness=s.stiffness, mobility=s.mobility, schedule=schedule, mode="batch" if s.dwell is None else "online",
        dwell=s.dwell, threads=threads,
    )  # fmt: skip
    heat = run.heat_paid.estimate()
    spread = np.sqrt(s.temperature / s.stiffness / values["replicas"])
    z = (run.weights.mean(axis=0) - response / s.stiffness) / spread
    sampled = {"heat": heat.value, "stderr": heat.stderr, "stairs": stairs.window, "means": float(z @ z)}
    return asdict(exact) | _characteristics(s) | sampled


def _shape(kind: str, values: Values, tau: float, rate: float, draw: np.random.Generator) -> tuple[Array, Array]:
    """Times and factors s: from 0 before the time 0 to 1 at tau."""
    if kind == "quench":
        return np.zeros(1), np.ones(1)
    if kind == "ramp":
        return np.array([0.0, tau]), np.array([0.0, 1.0])
    if kind == "optimal":
        best = optimal_moved_trap(1.0, tau, stiffness=1.0, mobility=rate).protocol
        return np.array(best.times), np.array(best.values)
    knots = log_whole(values["knots"], draw)
    inner = np.sort(draw.choice(GRID - 1, size=knots, replace=False) + 1)
    levels = draw.random(2 * knots + 4)
    if kind == "monotone":
        levels.sort()
    else:
        swing = log_uniform(values["swing"], draw)
        levels += swing * draw.normal(size=levels.size)
        out = abs(draw.normal()) * swing
        levels[2 * draw.integers(1, knots + 1)] = 1.0 + out if draw.random() < 0.5 else -out
    levels[0], levels[-1] = 0.0, 1.0
    before, after, smooth = levels[::2], levels[1::2], draw.random(knots + 2) < 0.5
    after[:-1][smooth[:-1]] = before[:-1][smooth[:-1]]
    before[-1] = 1.0 if smooth[-1] else before[-1]
    return np.repeat(tau * np.concatenate([[0.0], inner / GRID, [1.0]]), 2), levels


def _characteristics(s: Schedule) -> dict[str, float]:
    own = {name: getattr(s, name) for name in ("strength", "stiffness", "temperature", "mobility", "duration")}
    patterns, n = s.inputs.shape
    return own | {"relaxations": s.relaxations, "weights": float(n), "load": patterns / n}


def log_uniform(ends: tuple[float, float], draw: np.random.Generator) -> float:
    """A number between the ends, its logarithm uniform."""
    low, high = ends
    return low * exp(draw.random() * log(high / low))


def log_whole(ends: tuple[int, int], draw: np.random.Generator) -> int:
    """A whole number from low to high, both included."""
    low, high = ends
    return min(high, int(log_uniform((low, high + 1), draw)))
