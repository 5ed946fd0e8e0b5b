"""Two ways to the same numbers, one against the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import FILLS, MUTED, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def agreement(ax: Axes, x: ArrayLike, y: ArrayLike) -> None:
    """Points (x, y) and the line y = x on which they should lie; at most 20,000 points, evenly picked, are drawn."""
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    step = max(1, -(-a.size // 20_000))
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    ax.plot([low, high], [low, high], color=FILLS["learned"].colour, linewidth=points(1.1), zorder=1)
    ax.plot(
        a[::step],
        b[::step],
        linestyle="none",
        marker=".",
        markersize=points(3.5),
        color=SERIES[0][0],
        alpha=0.5,
        zorder=2,
    )
    ax.axvline(0.0, color=MUTED, linewidth=points(0.8), linestyle=":", zorder=0)
    dress(ax)
