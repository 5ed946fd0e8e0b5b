"""Small lopsided machines, and the same quantities by slow loops over all states."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from szilard.networks.machine import BoltzmannMachine, rbm

Array = NDArray[np.float64]
T = 1.7


def lopsided(scale: float = 1.0) -> BoltzmannMachine:
    """4 visible and 3 hidden units, T = 1.7, no two biases alike."""
    w = [[1.6, -2.1, 0.4], [-0.9, 1.3, 2.2], [2.5, 0.3, -1.4], [-0.2, -1.8, 0.7]]
    return rbm(scale * np.array(w), [0.5, -1.1, 0.2, 0.9], [-0.6, 1.2, 0.3], temperature=T)


def loose() -> BoltzmannMachine:
    """Independent units with biases that are not those of ``lopsided``."""
    return rbm(np.zeros((4, 3)), [0.3, -0.2, 0.5, 0.0], [0.0, 0.4, -0.3], temperature=T)


def all_states(machine: BoltzmannMachine) -> list[tuple[Array, Array]]:
    """Every (v, h), the visible unit 0 and the hidden unit 0 changing fastest, hidden states within visible ones."""
    layers = [
        [np.array(s[::-1], dtype=np.float64) for s in product((0, 1), repeat=n)]
        for n in (machine.n_visible, machine.n_hidden)
    ]
    return [(v, h) for v in layers[0] for h in layers[1]]


def energies(machine: BoltzmannMachine) -> Array:
    """E by loops over units: (state,)."""
    found = []
    for v, h in all_states(machine):
        e = 0.0
        for i in range(machine.n_visible):
            e -= machine.visible_bias[i] * v[i]
            for j in range(machine.n_hidden):
                e -= v[i] * machine.weights[i, j] * h[j]
        for j in range(machine.n_hidden):
            e -= machine.hidden_bias[j] * h[j]
        found.append(e)
    return np.array(found)


def half_sweep(machine: BoltzmannMachine, layer: str) -> Array:
    """M[x', x]: one layer redrawn given the other, each unit on with 1 / (1 + e^{-x/T})."""
    v, h = (np.array(x) for x in zip(*all_states(machine), strict=True))
    if layer == "visible":
        fields, units, kept = h @ machine.weights.T + machine.visible_bias, v, h
    else:
        fields, units, kept = v @ machine.weights + machine.hidden_bias, h, v
    on = 1.0 / (1.0 + np.exp(-fields / T))
    same = np.all(kept[:, None] == kept[None, :], axis=-1)
    return np.asarray(same * np.prod(np.where(units[:, None] == 1.0, on[None, :], 1.0 - on[None, :]), axis=-1))
