"""Copy numbers as states: which can be reached, how fast molecules meet, what the chemostats give."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from .reactions import Reaction

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
ROUNDING = 1e-13


def log_constants(reaction: Reaction, held: Mapping[str, float]) -> tuple[float, float]:
    """ln of both constants times the concentrations that are held fixed; V counts those as no molecule."""
    forth, back = (
        float(np.log(k) + sum(nu * np.log(held[name]) for name, nu in side.items() if name in held))
        for k, side in ((reaction.forward, reaction.reactants), (reaction.backward, reaction.products))
    )
    return forth, back


def drives(affinity: Array, change: Counts) -> tuple[Array, Array]:
    r"""affinity = -change potential + drive with the least sum of drive^2, both in units of T."""
    potential = -np.linalg.lstsq(change.astype(np.float64), affinity, rcond=None)[0]
    drive = affinity + change @ potential
    size = np.abs(affinity) + np.abs(change) @ np.abs(potential)
    return np.where(np.abs(drive) <= ROUNDING * (1.0 + size), 0.0, drive), np.asarray(potential, dtype=np.float64)


def falling(n: Counts, nu: Counts) -> Array:
    """ln prod_i n_i (n_i - 1) ... (n_i - nu_i + 1)."""
    return np.asarray((gammaln(n + 1.0) - gammaln(n - nu + 1.0)).sum(axis=1))


def box(used: Counts, made: Counts, most: Counts, start: Counts | None) -> NDArray[np.int64]:
    """The number of each combination of copy numbers that is kept, -1 elsewhere, in C order of the box."""
    sides = most + 1
    kept = np.full(int(np.prod(sides)), start is None)
    if start is not None:
        front = start[None, :]
        kept[np.ravel_multi_index(tuple(start), sides)] = True
        while front.size:
            found = []
            for take, give in [*zip(used, made, strict=True), *zip(made, used, strict=True)]:
                after = front[np.all(front >= take, axis=1)] + (give - take)
                after = after[np.all(after <= most, axis=1)]
                places = np.unique(np.ravel_multi_index(tuple(after.T), sides))
                new = places[~kept[places]]
                kept[new] = True
                found.append(new)
            front = np.stack(np.unravel_index(np.concatenate(found), sides), axis=1)
    place = np.full(kept.size, -1, dtype=np.int64)
    place[kept] = np.arange(np.count_nonzero(kept))
    return place
