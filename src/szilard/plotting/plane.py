"""A trajectory in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .style import INK, MUTED, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 20_000
"""The most points of a track that are drawn."""


def track(ax: Axes, path: ArrayLike) -> None:
    """(x, y) at every time as one thin line on equal axes; the start is a disc, the end a ring.

    path: (time, 2). Of more than 20 000 times every few are drawn. Raises InputError for another shape, or for values
    that are not finite.
    """
    w = np.asarray(path, dtype=np.float64)
    if w.ndim != 2 or w.shape[1] != 2 or w.shape[0] == 0:
        raise InputError("path", w.shape, "must have shape (time, 2)", "run.paths[0] of a process of two coordinates")
    if not np.all(np.isfinite(w)):
        raise InputError("path", "not finite", "must be finite", "look where it left every bound")
    every = -(-w.shape[0] // POINTS)
    shown = np.unique(np.r_[np.arange(0, w.shape[0], every), w.shape[0] - 1])
    ax.plot(w[shown, 0], w[shown, 1], color=SERIES[0][0], linewidth=points(0.7), alpha=0.8, zorder=2, label="path")
    for at, face, name in ((0, INK, "start"), (-1, "none", "end")):
        ax.plot(
            w[at, 0], w[at, 1], marker="o", markersize=points(5.5), markeredgecolor=INK, markerfacecolor=face,
            linestyle="none", zorder=3, label=name,
        )  # fmt: skip
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("w 0")
    ax.set_ylabel("w 1")
    dress(ax)
    ax.legend(labelcolor=MUTED)
