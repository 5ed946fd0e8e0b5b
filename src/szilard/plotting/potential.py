"""One trajectory over a potential that moves: valleys are white, hills are shaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .field import key
from .style import INK, PAPER, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

Array = NDArray[np.float64]
COLUMNS = 600
"""The most times that are shaded; a figure has no more columns of dots to spare."""
CONTOURS = 6
DENSE = 500
"""A path of more points is a thinner line: bold, it would hide where it has been."""
HILL = "#7d8fa3"


def potential_trajectory(
    ax: Axes,
    times: ArrayLike,
    positions: ArrayLike,
    grid: ArrayLike,
    potential: ArrayLike,
    potential_times: ArrayLike | None = None,
    *,
    ceiling: float | None = None,
) -> None:
    """U(x, t) - min_x U(x, t) as shading and contour lines, the path x(t) bold over it, its start marked.

    times: (time,), not decreasing; positions: (time,); grid: (x,), increasing; potential: (node, x), in k_B T0, at
    potential_times (node,), not decreasing, two equal ones where it changes suddenly (None: at the times of the path).
    The lowest point of every time is white, all from ``ceiling`` up has the darkest shade: by default the ceiling is
    the energy below which 9 of 10 points lie in the range the path visits. Of more than 600 nodes every few are shaded;
    the path is drawn whole. Raises InputError for lengths that do not fit, values that are not finite, an order that is
    not as said.
    """
    t, x = np.asarray(times, dtype=np.float64), np.asarray(positions, dtype=np.float64)
    y, U = np.asarray(grid, dtype=np.float64), np.asarray(potential, dtype=np.float64)
    nodes = t if potential_times is None else np.asarray(potential_times, dtype=np.float64)
    _check(t, x, y, nodes, U)
    if ceiling is not None and not (np.isfinite(ceiling) and ceiling > 0.0):
        raise InputError("ceiling", ceiling, "must be finite and > 0", "give an energy, e.g. 10.0")
    every = -(-nodes.size // COLUMNS)
    shown = np.unique(np.r_[np.arange(0, nodes.size, every), nodes.size - 1])
    when, above = nodes[shown], U[shown] - U[shown].min(axis=1, keepdims=True)
    top = _ceiling(above, y, x) if ceiling is None else float(ceiling)
    hills = _hills(ax, when, y, above, top)
    bold = points(1.6 if t.size <= DENSE else 0.9)
    ax.plot(t, x, color=PAPER, linewidth=2.0 * bold, alpha=0.8, zorder=2)
    ax.plot(t, x, color=SERIES[0][0], linewidth=bold, zorder=3, label="path")
    ax.plot(t[0], x[0], marker="o", color=INK, markersize=points(5.0), linestyle="none", zorder=4, label="start")
    ax.set_xlim(t[0], t[-1])
    ax.set_ylim(y[0], y[-1])
    ax.set_xlabel("time")
    ax.set_ylabel("position")
    dress(ax)
    key(ax, hills, "energy above the lowest point ($k_B T_0$)", extend="max")


def _hills(ax: Axes, when: Array, y: Array, above: Array, top: float) -> QuadMesh:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("hills", [PAPER, "#dfe5ea", HILL])
    mesh = ax.pcolormesh(_edges(when), _edges(y), above.T, cmap=shades, vmin=0.0, vmax=top, rasterized=True, zorder=0)
    levels = np.linspace(0.0, top, CONTOURS + 1)[1:]
    if above.max() > levels[0]:
        ax.contour(when, y, above.T, levels=levels, colors=HILL, linewidths=points(0.6), zorder=1)
    return mesh


def _ceiling(above: Array, grid: Array, positions: Array) -> float:
    visited = (grid >= positions.min()) & (grid <= positions.max())
    found = float(np.quantile(above[:, visited] if np.any(visited) else above, 0.9))
    return found if found > 0.0 else max(float(above.max()), 1.0)


def _edges(centres: Array) -> Array:
    """Borders half-way between neighbours; the first and the last cell end at their centre."""
    return np.concatenate([centres[:1], 0.5 * (centres[1:] + centres[:-1]), centres[-1:]])


def _check(t: Array, x: Array, y: Array, nodes: Array, U: Array) -> None:
    if t.ndim != 1 or x.shape != t.shape or t.size < 2:
        rule = "positions need one entry per time, at least 2"
        raise InputError("positions", f"{t.shape} times, {x.shape} positions", rule, "give the path")
    if y.ndim != 1 or nodes.ndim != 1 or U.shape != (nodes.size, y.size) or min(nodes.size, y.size) < 2:
        given = f"{nodes.shape} times, {y.shape} grid, {U.shape} potential"
        rule = "must be (time, x), each with at least 2 entries"
        raise InputError("potential", given, rule, "give U at every time, on one grid")
    for name, values in (("times", t), ("positions", x), ("grid", y), ("potential_times", nodes), ("potential", U)):
        if not np.all(np.isfinite(values)):
            raise InputError(name, "not finite", "must be finite", "cut the grid where the potential diverges")
    for name, values in (("times", t), ("potential_times", nodes)):
        if np.any(np.diff(values) < 0.0) or values[-1] <= values[0]:
            raise InputError(name, "not in order", "must not decrease, and end after they start", "sort the path")
    if np.any(np.diff(y) <= 0.0):
        raise InputError("grid", "not in order", "must increase", "np.linspace(low, high, 200)")
