"""Points and power laws on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .style import MUTED, PAPER, SERIES, as_text, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
NAMED = 12
SIGMAS = 2.0


def power_lines(ax: Axes, curves: Sequence[tuple[str, Array, Array, Array, Array, Array]]) -> int:
    """Points (label, x, y, stderr) with two standard errors and a line (x, y) each; returns how many are not > 0.

    Those have no place on logarithmic axes. Up to 12 curves are named; colours and markers start again after 6.
    """
    ax.set_xscale("log")
    ax.set_yscale("log", nonpositive="clip")
    left_out = 0
    for i, (label, x, y, stderr, line_x, line_y) in enumerate(curves):
        colour, marker = SERIES[i % len(SERIES)]
        seen = y > 0.0
        left_out += int(np.sum(~seen))
        ax.errorbar(
            x[seen], y[seen], SIGMAS * stderr[seen], linestyle="none", color=colour, marker=marker, markersize=4.5,
            markerfacecolor=colour if line_x.size else PAPER, elinewidth=1.0, zorder=3,
            label=as_text(label) if i < NAMED else None,
        )  # fmt: skip
        ax.plot(line_x, line_y, color=colour, linewidth=1.0, linestyle="-" if i < len(SERIES) else "--")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: "")
    dress(ax)
    if len(curves) > 1:
        ax.legend(labelcolor=MUTED)
    return left_out
