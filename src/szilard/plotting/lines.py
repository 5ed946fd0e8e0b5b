"""Several quantities over one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .style import DASHES, MUTED, SERIES, as_text, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 8


def lines(ax: Axes, x: ArrayLike, rows: ArrayLike, xlabel: str, ylabel: str, labels: Sequence[str] = ()) -> None:
    """One line per row of ``rows`` (line, point) over x (point,); up to 8 have looks and names, more are grey.

    Raises InputError for lengths that differ.
    """
    at, y = np.asarray(x, dtype=np.float64), np.atleast_2d(np.asarray(rows, dtype=np.float64))
    if y.shape[1] != at.size:
        raise InputError("rows", y.shape, f"must have {at.size} columns, one per point of x", "give (line, point)")
    few = y.shape[0] <= NAMED
    for i, row in enumerate(y):
        ax.plot(
            at, row, color=SERIES[i % len(SERIES)][0] if few else MUTED, linewidth=points(1.5 if few else 0.6),
            alpha=1.0 if few else 0.6, marker="o" if at.size == 1 else "", linestyle=_dash(i) if few else "-",
            label=as_text(labels[i]) if few and i < len(labels) else None,
        )  # fmt: skip
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    dress(ax)
    if few and len(labels) > 1:
        ax.legend(labelcolor=MUTED)


def _dash(i: int) -> Any:
    """No two of the named lines share both colour and dashes."""
    return DASHES[(i + i // len(SERIES)) % len(DASHES)]
