"""One trajectory over energy levels that move: what is done along a level is work, what falls between them heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import INK, MUTED, RULE, SERIES, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY = 40
WORK, HEAT = SERIES[0][0], SERIES[1][0]


def level_trajectory(
    ax: Axes, times: ArrayLike, energies: ArrayLike, path_times: ArrayLike, path_states: ArrayLike
) -> None:
    """Levels (node, state) as thin lines, the occupied one bold, jumps as arrows; energy in k_B T0.

    times: (node,), not decreasing; straight lines between nodes, and a step where two of them are equal.
    path_times: (stay + 1,), start, jumps, end; path_states: (stay,), the state of each stay. Up to 40 levels are
    drawn, of more only their range.
    """
    t, levels = np.asarray(times, dtype=np.float64), np.asarray(energies, dtype=np.float64)
    edges, states = np.asarray(path_times, dtype=np.float64), np.asarray(path_states, dtype=np.int64)
    if levels.shape[1] <= MANY:
        ax.plot(t, levels, color=RULE, linewidth=0.9, zorder=1)
    else:
        ax.fill_between(t, levels.min(axis=1), levels.max(axis=1), color=RULE, alpha=0.4, linewidth=0.0, zorder=1)
    for i, x in enumerate(states):
        inside = (t >= edges[i]) & (t <= edges[i + 1])
        along, height = t[inside], levels[inside, x]
        if i > 0:
            start = float(np.interp(edges[i], t, levels[:, x]))
            along, height = np.append(edges[i], along), np.append(start, height)
            before = float(np.interp(edges[i], t, levels[:, states[i - 1]]))
            ax.annotate(
                "", xy=(edges[i], start), xytext=(edges[i], before), zorder=4,
                arrowprops={"arrowstyle": "-|>", "color": HEAT, "linewidth": 1.1, "shrinkA": 0.0, "shrinkB": 0.0},
            )  # fmt: skip
        if i < states.size - 1:
            along = np.append(along, edges[i + 1])
            height = np.append(height, np.interp(edges[i + 1], t, levels[:, x]))
        ax.plot(along, height, color=WORK, linewidth=2.2, zorder=3, label="work, along a level" if i == 0 else None)
    if states.size > 1:
        ax.plot([], [], color=HEAT, linewidth=1.1, label="heat and drive, in a jump")
    ax.plot(edges[0], levels[0, states[0]], marker="o", color=INK, markersize=4.5, linestyle="none", zorder=5)
    ax.set_xlabel("time")
    ax.set_ylabel("energy ($k_B T_0$)")
    ax.margins(x=0.02)
    dress(ax)
    ax.legend(labelcolor=MUTED)
