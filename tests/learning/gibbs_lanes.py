"""Metropolised replicas by hand: blocks of lanes advanced by the kernel, without ``train`` around them."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from szilard._kernels import learning as kernels
from szilard._kernels import metropolis
from szilard._kernels import random as streams
from szilard.learning.gibbs_rule import Metropolised, gibbs

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lanes:
    """What replicas came to: (replica, weight), (replica, pattern) and (replica,) arrays, energies in k_B T0."""

    weights: Array
    labels: Array
    fields: Array
    heat: Array
    work: Array
    energy_change: Array
    gross: Array
    accepted: Array

    @property
    def errors(self) -> Array:
        return np.asarray((self.fields * self.labels <= 0.0).sum(axis=1))


def advanced(
    inputs: Array, *, strength: float, factors: Array, dt: float, replicas: int, seed: int,
    learner: Metropolised = gibbs, temperature: float = 1.0, stiffness: float = 1.0, mobility: float = 1.0,
    lanes: int = 512, cuts: int = 1, advance: Any = metropolis.advance_metropolis, compiled: bool = True,
) -> Lanes:  # fmt: skip
    """Replicas from equilibrium at s = 0 through the staircase ``factors``, its end s = factors[-1]."""
    x = mobility * stiffness * dt
    kick = sqrt(-expm1(-2.0 * x) * temperature / stiffness)
    law = np.array([exp(-x), -expm1(-x) / stiffness, kick, stiffness, 0.0])
    scaled = np.ascontiguousarray(inputs / sqrt(inputs.shape[1]))
    keys, rule = streams.stream_key(seed, ""), learner.rule
    known = np.array(rule.parameters or (0.0,))
    blocks = []
    for first in range(0, replicas, lanes):
        n = min(lanes, replicas - first)
        w, y = np.empty((inputs.shape[1], n)), np.empty((len(inputs), n))
        kernels.prepare(w, sqrt(temperature / stiffness), streams.INITIAL, first, *keys)
        kernels.draw_labels(y, streams.LABELS, first, *keys)
        start, books, done = 0.5 * stiffness * (w * w).sum(axis=0), np.zeros((kernels.ROWS, n)), 0
        for part in np.array_split(factors, cuts):
            last = factors[done - 1] if done else 0.0
            advance(rule.kernel if compiled else rule, scaled, y, w, known, part, last, strength, law, temperature,
                    kernels.HAS_LOSS, done, first, *keys, books)  # fmt: skip
            done += len(part)
        fields = scaled @ w
        final = 0.5 * stiffness * (w * w).sum(axis=0) + strength * factors[-1] * _losses(rule, fields, y)
        gross = books[kernels.GROSS] + start + np.abs(final)
        accepted = books[kernels.ACCEPTED] / len(factors)
        heat, work = books[kernels.HEAT], books[kernels.WORK]
        blocks.append((w.T, y.T, fields.T, heat, work, final - start, gross, accepted))
    return Lanes(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _losses(rule: Any, fields: Array, labels: Array) -> Array:
    total = np.zeros(fields.shape[1])
    for lane, (answers, signs) in enumerate(zip(fields.T, labels.T, strict=True)):
        total[lane] = sum(rule.loss(a, y, 0.0, 0.0, rule.parameters) for a, y in zip(answers, signs, strict=True))
    return total


def ramp(tau: float, rest: float, dt: float) -> Array:
    """s = t / tau up to 1, then 1 for the time ``rest``: the schedule in the middle of each step."""
    steps = round((tau + rest) / dt)
    return np.asarray(np.minimum(1.0, (np.arange(steps) + 0.5) * dt / tau))
