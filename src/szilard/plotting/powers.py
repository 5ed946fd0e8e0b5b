"""Points and power laws on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .style import plain_numbers
from .theory_lines import Beside, beside_theory

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def power_lines(ax: Axes, curves: Sequence[Beside]) -> int:
    """Points and lines as in ``beside_theory``, both axes logarithmic; returns how many points are not > 0."""
    ax.set_xscale("log")
    ax.set_yscale("log", nonpositive="clip")
    for axis in (ax.xaxis, ax.yaxis):
        plain_numbers(axis)
    return beside_theory(ax, curves)
