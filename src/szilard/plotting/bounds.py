"""Many bounds in one figure: how far each measured value is from what bounds it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from textwrap import wrap
from typing import TYPE_CHECKING, TypeAlias

from ..errors import InputError
from .style import FILLS, FORBIDDEN, INK, MUTED, PAPER, SERIES, as_text, dress, legend_below, narrow, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row: TypeAlias = tuple[str, float, float, float, str, bool]
MARKS = {
    "holds": (SERIES[0][0], "o", True),
    "holds, saturated": (SERIES[3][0], "D", True),
    "violated": (FILLS["learned"].colour, "X", True),
    "inconclusive": (SERIES[4][0], "s", False),
}
"""Colour, marker and whether it is filled, by verdict."""
LOW, HIGH = -0.25, 2.0
"""How far from 1 the axis may reach; what lies beyond is an arrow at its end."""
COLUMNS = (12.0, 62.0)
"""Where ratio and verdict are written, in points from the end of the axis."""
WIDTH, NARROW_WIDTH = 40, 20
"""Characters of a name on one line."""
SIGMAS = 2.0
POINTLESS = 5.0
"""Standard errors below which a right side is too near to zero to be a unit; these are the unit then."""


def bounds_panel(ax: Axes, rows: Sequence[Row]) -> None:
    """1 - slack / |larger|, that is smaller / larger where larger > 0: one line for each bound, the first on top.

    Where larger is within 5 errors of zero, as a free energy difference of zero, the unit is 5 errors.

    rows: (name, smaller, larger, standard error of their difference, verdict, equality); the bar is 2 standard errors
    long to either side, so that its distance from 1 says what the verdict rests on. The side that a bound allows is
    shaded; an equality allows 1 alone. Ratio and verdict are written beside, on narrow Axes the ratio alone, above a
    legend of verdicts; points that lie far off are arrows at the end of the axis. Raises InputError for a verdict that
    is none, or numbers that are not finite.
    """
    places = [_place(row) for row in rows]
    tight = narrow(ax)
    columns, width = (COLUMNS[:1], NARROW_WIDTH) if tight else (COLUMNS, WIDTH)
    seen = [x + sign * min(SIGMAS * e, 1.0) for x, e in places if LOW <= x <= HIGH for sign in (-1.0, 1.0)]
    low, high = max(LOW, min([0.0, *seen]) - 0.06), min(HIGH, max([1.2, *seen]) + 0.06)
    for i, (row, (x, error)) in enumerate(zip(rows, places, strict=True)):
        name, _, _, _, verdict, equality = row
        if not equality:
            ax.barh(i, 1.0 - low, height=0.72, left=low, color=FORBIDDEN, zorder=0)
        colour, marker, filled = MARKS[verdict]
        inside = low < x < high
        ax.errorbar(
            min(max(x, low), high), i, xerr=SIGMAS * error if inside and isfinite(error) else None, color=colour,
            marker=marker if inside else "<" if x < low else ">", markersize=points(6.0), linewidth=points(1.3),
            capsize=points(2.5), markerfacecolor=colour if filled else PAPER, markeredgecolor=colour, clip_on=inside,
            zorder=3,
        )  # fmt: skip
        for column, text in zip(columns, (_ratio(row, x), verdict), strict=False):
            _write(ax, column, i, text, INK)
    ax.axvline(1.0, color=INK, linewidth=points(1.0), zorder=2)
    ax.set_xlim(low, high)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), ["\n".join(wrap(as_text(row[0]), width)) for row in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("left side / right side" + ("" if tight else "; bars: 2 standard errors"))
    dress(ax)
    ax.spines["left"].set_visible(False)
    for column, text in zip(columns, ("ratio", "verdict"), strict=False):
        _write(ax, column, -0.75, text, MUTED)
    if tight:
        _name_marks(ax, [verdict for verdict in MARKS if any(row[4] == verdict for row in rows)])


def _name_marks(ax: Axes, verdicts: Sequence[str]) -> None:
    for verdict in verdicts:
        colour, marker, filled = MARKS[verdict]
        ax.plot(
            [], [], linestyle="none", marker=marker, markersize=points(6.0), color=colour, label=verdict,
            markerfacecolor=colour if filled else PAPER,
        )  # fmt: skip
    if verdicts:
        legend_below(ax, 2)


def _write(ax: Axes, column: float, place: float, text: str, colour: str) -> None:
    """Beside the axis, ``column`` points to the right of it."""
    ax.annotate(
        text, (1.0, place), (points(column), 0.0), xycoords=("axes fraction", "data"), textcoords="offset points",
        va="center", ha="left", fontsize=points(8.5), color=colour, annotation_clip=False,
    )  # fmt: skip


def _place(row: Row) -> tuple[float, float]:
    """Where the point is, and its standard error there."""
    name, smaller, larger, error, verdict, _ = row
    if verdict not in MARKS:
        raise InputError("verdict", verdict, f"must be one of {'; '.join(MARKS)}", "that of a BoundCheck")
    if not (isfinite(smaller) and isfinite(larger) and error >= 0.0):
        rule = "values must be finite and the error >= 0"
        raise InputError(f"row {name!r}", (smaller, larger, error), rule, "leave this law out")
    scale = max(abs(larger), POINTLESS * error if isfinite(error) else 0.0) or abs(smaller) or 1.0
    return 1.0 - (larger - smaller) / scale, error / scale


def _ratio(row: Row, x: float) -> str:
    """smaller / larger where that is what the point shows."""
    return f"{x:.3g}" if row[2] > POINTLESS * row[3] else "-"
