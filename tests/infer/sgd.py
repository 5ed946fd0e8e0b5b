"""Stochastic gradient descent whose thermodynamics is known exactly: linear gradients, Gaussian noise of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from szilard.infer.training_recording import TrainingRecording
from szilard.infer.training_result import TrainingLedger

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bowl:
    r"""L = sum_n k_n w_n^2 / 2, g_n = k_n w_n + N(0, C_n): x = eta k, w' = (1 - x) w - eta xi."""

    stiffness: Array
    noise: Array
    rate: float

    @property
    def temperatures(self) -> Array:
        """eta C_n / 2."""
        return self.rate * self.noise / 2.0

    @property
    def resting(self) -> Array:
        """<w_n^2> = (T_n / k_n) / (1 - eta k_n / 2), of the chain itself."""
        return self.temperatures / self.stiffness / (1.0 - self.rate * self.stiffness / 2.0)

    def squares(self, start: Array, steps: int) -> Array:
        """<w_n^2> after some steps from a point."""
        kept = (1.0 - self.rate * self.stiffness) ** (2 * steps)
        return start**2 * kept + self.resting * (1.0 - kept)

    def heats(self, start: Array, steps: int) -> Array:
        """k_n (w_n(0)^2 - <w_n^2>) / 2: the trapezoid of Stratonovich is exact where the force is linear."""
        return 0.5 * self.stiffness * (start**2 - self.squares(start, steps))

    def gradient(self, w: Array) -> Array:
        return self.stiffness * w

    def loss(self, w: Array) -> float:
        return float(0.5 * np.sum(self.stiffness * w * w))


@dataclass(frozen=True)
class Vortex:
    r"""Pairs of weights, h = (k a - o b, o a + k b): two players, one gradient each, and no common loss."""

    stiffness: float
    turning: float
    noise: Array
    rate: float

    @property
    def square(self) -> float:
        """<a^2 + b^2> of a pair: s = |1 - eta (k + i o)|^2 s + 2 eta^2 C."""
        size = self.stiffness**2 + self.turning**2
        return float(2.0 * self.rate * self.noise[0] / (2.0 * self.stiffness - self.rate * size))

    @property
    def heat(self) -> float:
        """-<(h + h') . dw> / 2 = eta <h^2> - dw.K dw / 2 of a pair and step, K the symmetric part of the slopes."""
        h2 = (self.stiffness**2 + self.turning**2) * self.square
        return self.rate * h2 - 0.5 * self.stiffness * self.rate**2 * (h2 + 2.0 * float(self.noise[0]))

    def gradient(self, w: Array) -> Array:
        h = self.stiffness * w
        h[::2] -= self.turning * w[1::2]
        h[1::2] += self.turning * w[::2]
        return h

    def loss(self, w: Array) -> float:
        return 0.5 * self.stiffness * float(w @ w)


def trained(
    model: Bowl | Vortex, start: Array, calls: int, *, seed: int, parts: int = 1, tell: bool = True
) -> TrainingLedger:
    """The ledger of one run: gradients in so many parts, or one; tell: whether the learning rate is given."""
    draw = np.random.Generator(np.random.Philox(seed))
    recording = TrainingRecording(learning_rate=model.rate if tell else None)
    w = start.copy()
    for _ in range(calls):
        shards = model.gradient(w) + np.sqrt(parts * model.noise) * draw.normal(size=(parts, w.size))
        recording.step(w, model.loss(w), shards[0] if parts == 1 else None, parts=shards if parts > 1 else None)
        w = w - model.rate * shards.mean(axis=0)
    return recording.ledger()
