"""A scaled cumulant generating function beside its mirror image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import MUTED, PAPER, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mirrored(ax: Axes, s: ArrayLike, values: ArrayLike, reflected: ArrayLike | None) -> None:
    """lambda(s) as a line and, where given, lambda(1 - s) as circles on it: Gallavotti and Cohen's symmetry.

    s, values, reflected: (point,), values in 1/time. The axis of symmetry s = 1/2 and the line 0 are dotted.
    """
    x = np.asarray(s, dtype=np.float64)
    order = np.argsort(x)
    ax.plot(
        x[order], np.asarray(values)[order], color=SERIES[0][0], linewidth=points(1.6), label=r"$\lambda(s)$", zorder=2
    )
    if reflected is not None:
        ax.plot(
            x[order], np.asarray(reflected)[order], linestyle="none", marker="o", markersize=points(4.6), zorder=3,
            markerfacecolor=PAPER, markeredgecolor=SERIES[1][0], label=r"$\lambda(1 - s)$",
        )  # fmt: skip
        ax.axvline(0.5, color=MUTED, linewidth=points(0.8), linestyle=":", zorder=1)
    ax.axhline(0.0, color=MUTED, linewidth=points(0.8), linestyle=":", zorder=1)
    ax.set_xlabel("$s$")
    ax.set_ylabel(r"$\lambda(s)$ (1/time)")
    dress(ax)
    ax.legend(labelcolor=MUTED)
