"""One trajectory over energy levels that move: what is done along a level is work, what falls between them heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .style import INK, MUTED, RULE, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY = 40
WORK, HEAT = SERIES[0][0], SERIES[1][0]


def level_trajectory(
    ax: Axes, times: ArrayLike, energies: ArrayLike, path_times: ArrayLike, path_states: ArrayLike
) -> None:
    """Levels (node, state) as thin lines, the occupied one bold, jumps as lines with a head; energy in k_B T0.

    times: (node,), not decreasing; straight lines between nodes, and a step where two of them are equal.
    path_times: (stay + 1,), start, jumps, end; path_states: (stay,), the state of each stay. Up to 40 levels are
    drawn, of more only their range. Raises InputError for lengths that do not fit.
    """
    t, levels = np.asarray(times, dtype=np.float64), np.asarray(energies, dtype=np.float64)
    edges, states = np.asarray(path_times, dtype=np.float64), np.asarray(path_states, dtype=np.int64)
    if levels.shape[:-1] != t.shape or edges.size != states.size + 1:
        given = f"{t.size} times, {levels.shape} energies; {edges.size} path times, {states.size} states"
        rule = "energies are (node, state), and a path has one time more than states"
        raise InputError("path", given, rule, "give the start, the jumps and the end")
    if levels.shape[1] <= MANY:
        ax.plot(t, levels, color=RULE, linewidth=points(0.9), zorder=1)
    else:
        ax.fill_between(t, levels.min(axis=1), levels.max(axis=1), color=RULE, alpha=0.4, linewidth=0.0, zorder=1)
    jumps, new = edges[1:-1], states[1:]
    before = np.array([np.interp(u, t, levels[:, x]) for u, x in zip(jumps, states[:-1], strict=True)])
    after = np.array([np.interp(u, t, levels[:, x]) for u, x in zip(jumps, new, strict=True)])
    along, height = [], []
    for i, x in enumerate(states):
        inside = slice(np.searchsorted(t, edges[i]), np.searchsorted(t, edges[i + 1], side="right"))
        along += [jumps[i - 1 : i] if i > 0 else [], t[inside], jumps[i : i + 1], [np.nan]]
        height += [after[i - 1 : i] if i > 0 else [], levels[inside, x], before[i : i + 1], [np.nan]]
    ax.plot(
        np.concatenate(along),
        np.concatenate(height),
        color=WORK,
        linewidth=points(2.2),
        zorder=3,
        label="work, along a level",
    )
    if jumps.size:
        ax.vlines(jumps, before, after, color=HEAT, linewidth=points(1.1), zorder=4, label="heat and drive, in a jump")
        for head, which in (("^", after > before), ("v", after < before)):
            ax.plot(jumps[which], after[which], head, color=HEAT, markersize=points(3.6), zorder=4)
    ax.plot(edges[0], levels[0, states[0]], marker="o", color=INK, markersize=points(4.5), linestyle="none", zorder=5)
    ax.set_xlabel("time")
    ax.set_ylabel("energy ($k_B T_0$)")
    ax.margins(x=0.02)
    dress(ax)
    ax.legend(labelcolor=MUTED)
