"""Estimates of several methods on several systems, each beside the exact value of its system."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from .style import FORBIDDEN, INK, MUTED, SERIES, as_text, dress, legend_below, narrow, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = tuple[str, str, float, float, float, str]
LOOKS = {"two-sided": (*SERIES[0], "estimate"), "lower": (SERIES[1][0], ">", "lower bound")}


def beside_exact(ax: Axes, rows: Sequence[Row]) -> None:
    """(estimate - exact) / exact on one line per row, with two standard errors; rows of one system stand together.

    rows: (system, method, value, standard error, exact, side); where exact is 0 the difference itself is drawn. A
    lower bound is a triangle that points to where the truth may lie, and anything without a side or an error is hollow.
    """
    places: list[float] = []
    y, system, seen = 0.0, "", set()
    for name, _, value, stderr, exact, side in rows:
        if name != system:
            y -= 0.9
            ax.text(-0.02, y, as_text(name), transform=ax.get_yaxis_transform(), ha="right", va="center", weight="bold")
            y, system = y - 1.0, name
        known = side in LOOKS and isfinite(stderr)
        colour, marker, label = LOOKS[side] if known else (MUTED, "s", "not to be trusted")
        unit = exact if exact > 0.0 else 1.0
        ax.errorbar(
            (value - exact) / unit, y, xerr=2.0 * stderr / unit if isfinite(stderr) else None, fmt=marker,
            color=colour, markersize=points(4.5), linewidth=points(1.0), markerfacecolor=colour if known else "none",
            label=None if label in seen else label,
        )  # fmt: skip
        seen.add(label)
        places.append(y)
        y -= 1.0
    ax.set_yticks(places, [as_text(method) for _, method, *_ in rows])
    ax.set_ylim(y + 0.3, -0.2)
    ax.axvline(0.0, color=INK, linewidth=points(1.0))
    low, high = ax.get_xlim()
    ax.axvspan(min(low, 0.0), 0.0, color=FORBIDDEN, zorder=0)
    ax.set_xlim(min(low, 0.0), high)
    ax.set_xlabel("(estimate - exact) / exact" + (";\n" if narrow(ax) else "; ") + "shaded: below the truth")
    dress(ax)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    legend_below(ax, 2 if narrow(ax) else 3, lines=2 if narrow(ax) else 1)
