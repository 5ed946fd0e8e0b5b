"""Plain sampling of learning: Euler's steps of all N weights in NumPy, plain means, nothing known in advance."""

from __future__ import annotations

from dataclasses import dataclass
from math import e, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from szilard.estimate import Estimate, Sampled
from szilard.information import learned_information, neighbour_entropy

from .learning import responded

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """What was learned and its cost, in nats, of one sample: paired, replica by replica."""

    learned: Sampled
    cost: Sampled

    def off(self, learned: float, cost: float) -> tuple[Estimate, Estimate]:
        """How far cost and efficiency are from given ones, relative to them; of the efficiency to first order."""
        gain, price = self.learned.scaled(1.0 / learned), self.cost.scaled(1.0 / cost)
        one = Sampled.constant(1.0, price.influence.size)
        return (price - one).estimate(), (gain - price).estimate()

    def beside(self, other: Reading) -> tuple[Estimate, Estimate]:
        """The differences to another reading of the same noise, relative to this one's values."""
        gain = (self.learned - other.learned).scaled(1.0 / self.learned.value)
        price = (self.cost - other.cost).scaled(1.0 / self.cost.value)
        return price.estimate(), (gain - price).estimate()


class Walk:
    """w' = w + mu (-k w + c s F x) dt + sqrt(2 mu T dt) z of all replicas; heat is the fall of the potential."""

    def __init__(self, settings: Any, w: Array, y: Array, dt: float) -> None:
        self.settings, self.w, self.y, self.dt = settings, w, y, dt
        self.x = settings.scaled_inputs
        self.push, self.loss = responded(settings.rule.name, w, y, self.x)
        self.heat = np.zeros(len(w))
        self.steps = 0

    def step(self, z: Array) -> None:
        """One step; z ~ N(0, 1), (replica, weight)."""
        s = self.settings
        c = s.learning_rate * float(s.schedule.at(np.array([(self.steps + 0.5) * self.dt]))[0])
        drift = c * self.push - s.stiffness * self.w
        moved = self.w + s.mobility * self.dt * drift + sqrt(2.0 * s.mobility * s.temperature * self.dt) * z
        push, loss = responded(s.rule.name, moved, self.y, self.x)
        self.heat += 0.5 * s.stiffness * ((self.w - moved) * (self.w + moved)).sum(1) + c * (self.loss - loss)
        self.w, self.push, self.loss = moved, push, loss
        self.steps += 1

    def read(self) -> Reading:
        """Sum over weights of S(w) - S_0 + <Q>/T, and what was learned of the labels over it."""
        s = self.settings
        entropy, t = neighbour_entropy(self.w), s.temperature
        before = 0.5 * s.n_weights * log(2.0 * pi * e * t / s.stiffness)
        cost = Sampled(entropy.value - before, entropy.influence) + Sampled.mean(self.heat).scaled(1.0 / t)
        stability = (self.w @ self.x.T) * self.y
        right = (stability > 0.0) * 1.0 if s.readout == "sign" else 1.0 / (1.0 + np.exp(-stability / t))
        return Reading(learned_information(right, symmetric=s.rule.odd), cost)


def begun(settings: Any, replicas: int, seed: int) -> tuple[np.random.Generator, Array, Array]:
    """Weights in equilibrium, labels by the toss of a coin."""
    draw = np.random.Generator(np.random.SFC64(seed))
    w = sqrt(settings.temperature / settings.stiffness) * draw.standard_normal((replicas, settings.n_weights))
    return draw, w, np.where(draw.random((replicas, settings.task.n_patterns)) < 0.5, -1.0, 1.0)


def plain(settings: Any, replicas: int, steps: int, seed: int) -> Reading:
    """The job as one writes it down."""
    draw, w, y = begun(settings, replicas, seed)
    walk = Walk(settings, w, y, settings.duration / steps)
    for _ in range(steps):
        walk.step(draw.standard_normal(w.shape))
    return walk.read()


def coupled(settings: Any, replicas: int, steps: int, seed: int) -> tuple[Reading, Reading]:
    """So many steps, and twice as many, through the same noise."""
    draw, w, y = begun(settings, replicas, seed)
    coarse, fine = (Walk(settings, w, y, settings.duration / n) for n in (steps, 2 * steps))
    for _ in range(steps):
        first, second = draw.standard_normal(w.shape), draw.standard_normal(w.shape)
        fine.step(first)
        fine.step(second)
        coarse.step((first + second) / sqrt(2.0))
    return coarse.read(), fine.read()
