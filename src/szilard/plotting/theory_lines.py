"""Measured or simulated points on the lines of a theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import DASHES, PAPER, SERIES, as_text, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Beside: TypeAlias = tuple[str, ArrayLike, ArrayLike, ArrayLike, ArrayLike, ArrayLike]
NAMED = 12
SIGMAS = 2.0


def beside_theory(ax: Axes, curves: Sequence[Beside]) -> int:
    """y +- 2 stderr as points at x, and the line of the theory through them: (label, x, y, stderr, line_x, line_y).

    The first three have one entry per point, the last two one per point of the line; either may be empty, and points
    without a line are hollow. Scales are those of the Axes: set them first. What has no place on a logarithmic axis is
    left out. Colours and markers start again after 6, with other dashes; up to 12 curves are named.
    Returns how many points are left out. Raises InputError for lengths that do not fit, or errors that are negative.
    """
    left_out = 0
    for i, (label, *given) in enumerate(curves):
        x, y, error, line_x, line_y = (np.asarray(values, dtype=np.float64) for values in given)
        _check(label, x, y, error, line_x, line_y)
        colour, marker = SERIES[i % len(SERIES)]
        seen = np.isfinite(x) & np.isfinite(y) & _on_axis(ax.get_xscale(), x) & _on_axis(ax.get_yscale(), y)
        left_out += int(np.sum(~seen))
        dashes = DASHES[(i + i // len(SERIES)) % len(DASHES)]
        ax.plot(line_x, line_y, color=colour, linewidth=points(1.2), linestyle=dashes, zorder=2)
        full = colour if line_x.size else PAPER
        ax.errorbar(
            x[seen], y[seen], SIGMAS * error[seen], linestyle="none", color=colour, marker=marker,
            markersize=points(4.5), markerfacecolor=full, elinewidth=points(1.0), zorder=3,
        )  # fmt: skip
        if i < NAMED:
            ax.plot(
                [], [], color=colour, marker=marker if x.size else "", markersize=points(4.5), markerfacecolor=full,
                linestyle=dashes if line_x.size else "none", linewidth=points(1.2), label=as_text(label),
            )  # fmt: skip
    dress(ax)
    if len(curves) > 1:
        ax.legend(handlelength=2.6)
    return left_out


def _on_axis(scale: str, values: Array) -> NDArray[np.bool_]:
    return values > 0.0 if scale == "log" else np.ones(values.shape, dtype=bool)


def _check(label: str, x: Array, y: Array, error: Array, line_x: Array, line_y: Array) -> None:
    if not (x.ndim == 1 and x.shape == y.shape == error.shape and line_x.ndim == 1 and line_x.shape == line_y.shape):
        given = f"{x.shape}, {y.shape}, {error.shape}; {line_x.shape}, {line_y.shape}"
        raise InputError(f"curve {label!r}", given, "x, y and stderr go in threes, a line in pairs", "one length each")
    if np.any(~(error >= 0.0)):
        raise InputError(f"curve {label!r}", "an error below 0 or NaN", "standard errors are >= 0", "0 where exact")
