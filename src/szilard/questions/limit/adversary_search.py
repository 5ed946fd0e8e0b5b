"""The search: a global optimiser that is paid for every step towards a broken law, and keeps all it has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution, minimize
from scipy.stats import qmc

from .opponents import AccountBooks, Law, Opponent

Array = NDArray[np.float64]
Objective = Literal["ratio", "nats"]
LEAST = 1e-3
"""Nats that information and cost must have together for their ratio to count: below, rounding might decide."""
POPULATION = 40
EVOLVED = 0.5
"""Share of all evaluations that differential evolution has; the rest climbs from the best that it found."""
PENALTY = 100.0
"""Of the share that is missing of what is to be learned, squared, against the logarithm of the gap."""
TINY, DIFFERENCE = 1e-12, 1e-6
KEPT_STEPS, KEPT_POINTS = 200, 120


@dataclass
class Trail:
    """Everything that a search has evaluated, in order.

    law: what stands right of the information; wanted: what the objective "nats" asks to be learned, in nats.
    """

    opponent: Opponent
    law: Law
    factor: float
    objective: Objective
    wanted: float
    points: list[Array] = field(default_factory=list)
    books: list[AccountBooks] = field(default_factory=list)

    @property
    def evaluations(self) -> int:
        """How many learners were evaluated."""
        return sum(map(len, self.points))

    def heights(self, points: Array) -> Array:
        """What is to be minimised, (learner,): the logarithm of the gap below the law."""
        books = self.opponent.books(points)
        self.points.append(points.copy())
        self.books.append(books)
        information, cost = books.information, books.right_side(self.law, self.factor)
        if self.objective == "nats":
            gap = cost - information
            missing = np.maximum(1.0 - information / self.wanted, 0.0)
        else:
            gap, missing = -closeness(information, cost), np.zeros_like(cost)
        height = np.log(np.maximum(gap, TINY)) + np.minimum(gap, 0.0) + PENALTY * missing**2
        return np.where(np.isfinite(height), height, 1e3)

    def sloped(self, point: Array) -> tuple[float, Array]:
        """The height at a point and its slope, by differences that stay within the cube."""
        step = np.where(point + DIFFERENCE <= 1.0, DIFFERENCE, -DIFFERENCE)
        height = self.heights(np.vstack([point, point + np.diag(step)]))
        return float(height[0]), (height[1:] - height[0]) / step


def closeness(information: Array, cost: Array) -> Array:
    """(I - C)/(I + |C|): -1 if nothing is learned, 0 at I = C, 1 if C <= 0; -1 too where I + |C| is below LEAST.

    >>> closeness(np.array([0.3, 0.3, 1e-9]), np.array([0.3, -0.1, 1e-9])).tolist()
    [0.0, 1.0, -1.0]
    """
    scale = information + np.abs(cost)
    return np.where(scale >= LEAST, (information - cost) / np.maximum(scale, LEAST), -1.0)


def ratio_of(close: float) -> float:
    """I/C of a closeness; infinite where C <= 0.

    >>> ratio_of(0.0), ratio_of(1.0)
    (1.0, inf)
    """
    return (1.0 + close) / (1.0 - close) if close < 1.0 else float("inf")


def hunt(
    opponent: Opponent, law: Law, factor: float, objective: Objective, wanted: float, evaluations: int, seed: int
) -> Mapping[str, Any]:
    """The record of one search for I > right side: differential evolution, then climbing by gradients.

    Every evaluation is held against the law; those beyond rounding are counted. seed decides all that is random.
    """
    trail = Trail(opponent, law, factor, objective, wanted)
    population = min(POPULATION, max(evaluations // 4, 5))
    start = qmc.LatinHypercube(opponent.dimension, rng=np.random.default_rng(seed)).random(population)
    generations = max(1, ceil(EVOLVED * evaluations / population) - 1)
    cube = [(0.0, 1.0)] * opponent.dimension
    found = differential_evolution(
        lambda x: trail.heights(x.T), cube, init=start, maxiter=generations, tol=0.0,
        atol=0.0, mutation=(0.4, 0.9), recombination=0.8, rng=np.random.default_rng(seed + 1), polish=False,
        vectorized=True, updating="deferred",
    )  # fmt: skip
    for i in np.argsort(found.population_energies):
        left = (evaluations - trail.evaluations) // (opponent.dimension + 1)
        if left > 0:
            minimize(
                trail.sloped, found.population[i], jac=True, method="L-BFGS-B", bounds=cube,
                options={"maxfun": left, "maxiter": left, "ftol": 1e-10, "gtol": 1e-9, "maxcor": 20},
            )  # fmt: skip
    return summary(trail)


def summary(trail: Trail) -> Mapping[str, Any]:
    """Counts, closest approach, worst violation (large in excess and in I), how it came there, some of its points."""
    points, books = np.concatenate(trail.points), AccountBooks.joined(trail.books)
    cost = books.right_side(trail.law, trail.factor)
    bound = np.minimum(cost, cost + books.entropy_marginal - books.entropy)
    excess = books.information - bound
    lost = ~np.isfinite(excess)
    close = np.where(lost, -1.0, closeness(books.information, cost))
    broken = np.where(lost, False, excess > books.rounding)
    best = int(np.argmax(close))
    telling = np.minimum(excess, books.information) if broken.any() else excess
    worst = int(np.argmax(np.where(broken if broken.any() else ~lost, telling, -np.inf)))
    course = np.maximum.accumulate(close)
    steps = _thinned(np.flatnonzero(np.diff(course, prepend=-2.0) > 0.0), KEPT_STEPS)
    some = _thinned(np.flatnonzero(~lost), KEPT_POINTS)
    return {
        "evaluations": len(points),
        "lost": int(lost.sum()),
        "violations": int(broken.sum()),
        "first": int(np.argmax(broken)) + 1 if broken.any() else 0,
        "largest_excess": float(np.max(np.where(lost, -np.inf, excess))),
        "best": _found(trail, points, books, best),
        "worst": _found(trail, points, books, worst),
        "steps": (steps + 1).tolist(),
        "close": course[steps].tolist(),
        "seen_information": books.information[some].tolist(),
        "seen_cost": cost[some].tolist(),
    }


def _found(trail: Trail, points: Array, books: AccountBooks, i: int) -> Mapping[str, Any]:
    """One learner: its books, its place in the cube and its traits."""
    numbers = {
        name: float(getattr(books, name)[i])
        for name in ("information", "knowledge", "entropy", "entropy_marginal", "heat", "labels")
    }
    return {**numbers, "point": points[i].tolist(), "traits": dict(trail.opponent.traits(points[i]))}


def _thinned(index: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of them, the first and the last included."""
    if index.size <= most:
        return index
    return np.asarray(index[np.unique(np.linspace(0, index.size - 1, most).round().astype(int))])
