"""Driven processes between two baths whose energies move: nothing about them is symmetric."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import JumpProcess
from tests.discrete.lopsided import lopsided

Array = NDArray[np.float64]
WAY = sz.Protocol((0.0, 0.0, 0.6, 0.6, 1.2, 1.2), (0.0, 0.6, -0.5, 0.3, -0.7, 0.2))
"""Sudden at the start, in the middle and at the end."""
START = [0.1, 0.2, 0.3, 0.4]


def moved(seed: int, n: int = 4, *, push: float = 0.5, baths: tuple[float, ...] = (0.6, 2.3)) -> JumpProcess:
    """n states at random, whose energies follow a control, some up, some down, none alike."""
    still = lopsided(seed, n, push=push, baths=baths)
    slopes = np.random.default_rng(1000 + seed).normal(size=n)
    return JumpProcess(lambda control: still.energies() + control * slopes, still.channels)


def z(samples: Array, exact: float) -> float:
    """(mean - exact) / standard error."""
    return float((samples.mean() - exact) / (samples.std(ddof=1) / np.sqrt(samples.size)))


def bins_apart(forward: Array, backward: Array) -> list[float]:
    """<e^{-S}; S in B> - P(-S~ in B) in standard errors, for B between five places near quantiles of -S~.

    Paths without jumps share one S: the places are moved by 0.0123 away from them.
    """
    mirrored = -backward
    places = np.quantile(mirrored[np.isfinite(mirrored)], (0.1, 0.3, 0.5, 0.7, 0.9)) + 0.0123
    edges = [-np.inf, *np.unique(places), np.inf]
    found = []
    for low, high in zip(edges, edges[1:], strict=False):
        weights = np.exp(-forward) * ((forward > low) & (forward <= high))
        seen = ((mirrored > low) & (mirrored <= high)).astype(float)
        error = np.sqrt(weights.var() / weights.size + seen.var() / seen.size)
        found.append(float((weights.mean() - seen.mean()) / error))
    return found
