"""Steady states in rows: what they cost to keep, and the ceilings above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...estimate import Estimate
from ...plotting.style import FILLS, FORBIDDEN, INK, MUTED, PAPER, SERIES, dress
from ...reporting.numbers import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .maintenance import Row

WRONG = FILLS["learned"].colour
SIGMAS = 2.0


def drawn_maintenance(rows: Sequence[Row], figure: Figure) -> None:
    """A line for each row on a logarithmic axis; forbidden to ceilings: left of the exact cost."""
    ax = figure.subplots()
    marks = [x for row in rows for x in _values(row) if x > 0.0]
    low, high = 10.0 ** (np.floor(np.log10(min(marks)) * 2.0) / 2.0), 1.4 * max(marks)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    for i, row in enumerate(rows):
        if row.rests:
            heat = row.sampled("heat")
            text = f"0: it rests in an energy; heat/T simulated {shown(heat)}"
            ax.text(1.15 * low, i, text, va="center", ha="left", fontsize=8.0, color=MUTED)
            continue
        _line(ax, i, row, low)
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel("entropy production and its ceilings (nat per time); bars: 2 standard errors")
    dress(ax)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for i, row in enumerate(rows):
        if row.tightness is not None and row.kind != "hidden":
            _beside(ax, i, shown(row.tightness), INK)
    _beside(ax, -0.95, "cost / ceiling", MUTED)
    ax.legend(loc="lower center", bbox_to_anchor=(0.38, 1.0), ncols=3, fontsize=8.0, columnspacing=1.2)


def _values(row: Row) -> tuple[float, ...]:
    if row.rests:
        return ()
    names = ("fitted", "averaged") if row.kind == "hidden" else ("fitted", "named")
    return (row.exact.value, row.sampled("heat").value, *(row.sampled(name).value for name in names))


def _line(ax: Axes, i: int, row: Row, low: float) -> None:
    exact, fitted = row.exact.value, row.sampled("fitted")
    ax.barh(i, exact - low, height=0.74, left=low, color=FORBIDDEN, zorder=0)
    tops = [fitted.value] if row.kind == "hidden" else [fitted.value, row.sampled("named").value]
    ax.plot([exact, max(tops)], [i, i], color=MUTED, linewidth=0.8, zorder=1)
    first = not ax.get_legend_handles_labels()[1]
    _mark(ax, i, row.sampled("heat"), SERIES[0][0], "o", True, "heat / T, simulated" if first else None, 3.6)
    if row.kind != "hidden":
        label = "ceiling: energy by name" if first else None
        _mark(ax, i, row.sampled("named"), SERIES[1][0], "s", False, label, 5.4)
    _mark(ax, i, fitted, SERIES[2][0], "^", False, "ceiling: fitted" if first else None, 6.4)
    ax.plot(
        exact, i, linestyle="none", marker="D", markersize=4.2, color=INK, zorder=4, label="exact" if first else None
    )
    if row.kind == "hidden":
        label = "without its assumptions"
        _mark(ax, i, row.sampled("averaged"), WRONG, "X", True, label, 6.0)
    if row.kind == "gyrator":
        ax.plot(1.12 * low, i, linestyle="none", marker="X", markersize=6.0, color=WRONG, zorder=5)
        ax.text(1.3 * low, i, "0", va="center", ha="left", fontsize=8.0, color=WRONG)


def _mark(
    ax: Axes, i: int, x: Estimate, colour: str, marker: str, filled: bool, label: str | None, size: float
) -> None:
    ax.errorbar(
        x.value, i, xerr=SIGMAS * x.stderr, linestyle="none", color=colour, marker=marker, markersize=size,
        markerfacecolor=colour if filled else PAPER, elinewidth=1.0, label=label, zorder=3,
    )  # fmt: skip


def _beside(ax: Axes, place: float, text: str, colour: str) -> None:
    ax.annotate(
        text, (1.0, place), (8.0, 0.0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        ha="left", fontsize=8.0, color=colour, annotation_clip=False,
    )  # fmt: skip
