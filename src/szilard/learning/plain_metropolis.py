"""Metropolised steps in plain NumPy: for losses that Numba cannot compile, and to check the kernel against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.learning import ACCEPTED, GROSS, HEAT, LOSS, WORK
from .._kernels.metropolis import acceptance_uniforms
from .._kernels.random import NOISE, normals
from .plain import each
from .rule import Rule

Array = NDArray[np.float64]


def advance_metropolis(
    rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array, last: float,
    strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array,
) -> None:  # fmt: skip
    """The steps of ``_kernels.metropolis.advance_metropolis``, with the same random numbers."""
    decay, kick, stiffness = law[0], law[2], law[3]
    pairs = (len(weights) + 1) // 2
    loss = each(rule.loss, inputs @ weights, labels, 0.0, 0.0, parameters).sum(axis=0)
    for step, s in enumerate(factors, first_step):
        work, heat = strength * (s - last) * loss, np.zeros(weights.shape[1])
        noise = normals(NOISE, step, first, (key0, key1), weights.shape)
        for pair in range(pairs) if step % 2 == 0 else reversed(range(pairs)):
            chosen = slice(2 * pair, 2 * pair + 2)
            offered = weights.copy()
            offered[chosen] = decay * weights[chosen] + kick * noise[chosen]
            new_loss = each(rule.loss, inputs @ offered, labels, 0.0, 0.0, parameters).sum(axis=0)
            rise = strength * s * (new_loss - loss)
            chance = np.exp(-np.maximum(rise, 0.0) / temperature)
            taken = acceptance_uniforms(step, pair, first, (key0, key1), weights.shape[1]) <= chance
            fall = 0.5 * stiffness * ((weights - offered) * (weights + offered)).sum(axis=0)
            heat += np.where(taken, fall - rise, 0.0)
            loss = np.where(taken, new_loss, loss)
            weights[:, taken] = offered[:, taken]
            books[ACCEPTED] += taken / pairs
        books[HEAT] += heat
        books[WORK] += work
        books[GROSS] += np.abs(heat) + np.abs(work)
        last = float(s)
    books[LOSS] = loss
