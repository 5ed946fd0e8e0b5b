"""p ~ (1/D) e^{int A/D} by Gauss and Legendre's points on panels that grow finer until nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import entr

from ..errors import InputError

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
NODES = 12
PANELS = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
"""Equal panels; those at a bound are halved again and again, for powers of the distance to it."""
ENOUGH, NEEDED = 1e-12, 1e-6
"""Change of mean, deviation and entropy, relative to the width, at which to stop, and above which to refuse."""
DEEP, FARTHEST = 60.0, 180
"""How far, in nats, a density has fallen where an unbounded weight is cut, and how often its reach is doubled."""
NEAREST = 1e-6 * 2.0**-110
"""The first reach, 1e-39, so small that any unit of weight will do."""
HALVINGS, CUTS = 30, 2048


def _rule() -> tuple[Array, Array, Array]:
    """Points and weights on [-1, 1], and the matrix that integrates a polynomial from -1 to each point."""
    x, weight = legendre.leggauss(NODES)
    basis = legendre.legvander(x, NODES - 1)
    integral = np.stack([legendre.legval(x, legendre.legint(row, lbnd=-1)) for row in np.eye(NODES)], axis=1)
    return x, weight, np.asarray(integral @ np.linalg.inv(basis))


POINTS, WEIGHTS, UP_TO = _rule()


@dataclass(frozen=True)
class Quadrature:
    """w, p, measure, cumulative: (point,), as in ``WeightDensity``; error: of mean, deviation and entropy, absolute."""

    w: Array
    p: Array
    measure: Array
    cumulative: Array
    error: float

    @property
    def mean(self) -> float:
        """<w>."""
        return float(self.measure @ (self.p * self.w))

    @property
    def width(self) -> float:
        """The standard deviation."""
        return float(np.sqrt(self.measure @ (self.p * (self.w - self.mean) ** 2)))


def solved(drift: Function, diffusion: Function, low: float, high: float) -> Quadrature:
    """The stationary density between reflecting bounds; raises InputError where there is none."""
    ends = reach(drift, diffusion, low, high)
    last: tuple[Array, float] | None = None
    for level, panels in enumerate(PANELS):
        found = _on(drift, diffusion, ends, (np.isfinite(low), np.isfinite(high)), panels, HALVINGS + 10 * level)
        width = found.width
        seen = np.array([found.mean, width, float(found.measure @ entr(found.p))])
        if last is not None:
            change = np.abs(seen - last[0])
            relative = float(np.max(change / np.array([width, width, 1.0])))
            fine = (ends[1] - ends[0]) / panels < 2.0 * width
            if (relative <= ENOUGH and fine) or panels == PANELS[-1] or (fine and NEEDED > relative >= last[1]):
                break
            last = seen, relative
        else:
            last = seen, np.inf
    if not relative <= NEEDED:
        rule = f"its density is too steep for {panels} panels: moments are known to {relative:.1g} only"
        raise InputError("diffusion", "not integrable", rule, "keep D > 0 at the bounds, or take larger steps")
    return Quadrature(found.w, found.p, found.measure, found.cumulative, float(change.max()))


def reach(drift: Function, diffusion: Function, low: float, high: float) -> tuple[float, float]:
    """The bounds, or where the density has fallen by e^-60 from its highest value; InputError where it never does."""
    bounded = np.isfinite([low, high])
    if bounded.all():
        return low, high
    start = low if bounded[0] else high if bounded[1] else 0.0
    size = NEAREST
    for _ in range(FARTHEST):
        ends = low if bounded[0] else start - size, high if bounded[1] else start + size
        grid = ends[0] + (ends[1] - ends[0]) * (np.arange(CUTS) + 0.5) / CUTS
        logs = _exponent(drift, diffusion, grid)
        fallen = logs.max() - logs[[0, -1]] > DEEP
        if np.all(fallen | bounded):
            some = np.flatnonzero(logs > logs.max() - DEEP)
            low = low if bounded[0] else float(grid[max(some[0] - 1, 0)])
            return low, high if bounded[1] else float(grid[min(some[-1] + 1, CUTS - 1)])
        size *= 2.0
    raise InputError("drift", "no bound", "must hold an unbounded weight back", "give low= and high=")


def _exponent(drift: Function, diffusion: Function, grid: Array) -> Array:
    """int A/D - ln D at the points of a grid, roughly."""
    D = positive(diffusion, grid)
    force = drift(grid) / D
    return np.concatenate([[0.0], np.cumsum(0.5 * (force[1:] + force[:-1]) * np.diff(grid))]) - np.log(D)


def _on(
    drift: Function, diffusion: Function, ends: tuple[float, float], walls: tuple[bool, bool], panels: int, deep: int
) -> Quadrature:
    edges = np.linspace(*ends, panels + 1)
    halves = 0.5 ** np.arange(1, deep + 1) * (edges[1] - edges[0])
    extra = [edges[0] + halves if walls[0] else edges[:0], edges[-1] - halves if walls[1] else edges[:0]]
    edges = np.unique(np.concatenate([edges, *extra]))
    half = 0.5 * np.diff(edges)
    w = edges[:-1, None] + half[:, None] * (1.0 + POINTS)
    w, at = w[half > 0.0], half[half > 0.0, None]
    D = positive(diffusion, w.ravel()).reshape(w.shape)
    force = drift(w.ravel()).reshape(w.shape) / D
    before = np.concatenate([[0.0], np.cumsum((at * force) @ WEIGHTS)[:-1]])
    logs = before[:, None] + at * (force @ UP_TO.T) - np.log(D)
    p = np.exp(logs - logs.max())
    p /= float(np.sum(at * p * WEIGHTS))
    below = np.concatenate([[0.0], np.cumsum((at * p) @ WEIGHTS)[:-1]])
    return Quadrature(w.ravel(), p.ravel(), (at * WEIGHTS).ravel(), (below[:, None] + at * (p @ UP_TO.T)).ravel(), 0.0)


def positive(diffusion: Function, w: Array) -> Array:
    """D at these weights; raises InputError unless it is > 0."""
    D = diffusion(w)
    if not np.all(D > 0.0):
        at = float(w[int(np.flatnonzero(~(D > 0.0))[0])])
        raise InputError("diffusion", f"{float(np.min(D)):g} at w = {at:g}", "must be > 0", "a weight needs noise")
    return D
