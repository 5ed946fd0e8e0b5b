"""Numbers of several names below one another, the first on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .style import INK, RULE, SERIES, as_text, dress, legend_below, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SIGMAS = 2.0


def ranked_points(ax: Axes, names: Sequence[str], series: Sequence[tuple[str, Array, Array]], xlabel: str) -> None:
    """Series (label, values, standard errors), (name,) each, on one line per name, with two standard errors.

    NaN has no point, an error of zero no bar; the line at zero is drawn.
    """
    places = -np.arange(len(names), dtype=np.float64)
    ax.hlines(places, 0.0, 1.0, color=RULE, linewidth=points(0.6), transform=ax.get_yaxis_transform(), zorder=0)
    for i, (label, values, errors) in enumerate(series):
        colour, marker = SERIES[i % len(SERIES)]
        seen = np.isfinite(values)
        ax.errorbar(
            values[seen], places[seen] - 0.12 * i, xerr=SIGMAS * errors[seen], linestyle="none", color=colour,
            marker=marker, markersize=points(4.5), elinewidth=points(1.0), label=as_text(label),
        )  # fmt: skip
    ax.axvline(0.0, color=INK, linewidth=points(1.0))
    ax.set_yticks(places, [as_text(name) for name in names])
    ax.set_xlabel(xlabel)
    dress(ax)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if len(series) > 1:
        legend_below(ax, 2)
