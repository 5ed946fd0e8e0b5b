"""The matrix as rows: the slack of the broken law left of zero, that of the repaired law right of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...check import BoundCheck
from ...plotting.style import FILLS, FORBIDDEN, INK, MUTED, PAPER, RULE, SERIES, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .breaking import Row

WRONG = FILLS["learned"].colour
SIGMAS = 2.0
ASIDE = 0.16
"""How far apart the marks of the two laws stand from the middle of a row."""


def drawn_matrix(rows: Sequence[Row], figure: Figure) -> None:
    """A line for each row; forbidden: left of zero."""
    ax = figure.subplots()
    for i, row in enumerate(rows):
        if i:
            ax.axhline(i - 0.5, color=RULE, linewidth=0.6, zorder=1)
        colour, marker = (INK, "s") if row.sound else (WRONG, "X")
        _pair(ax, i - ASIDE, row.naive(), colour, marker)
        _pair(ax, i + ASIDE, row.mended(), SERIES[0][0], "D")
    low = min([-1.1, *(share(check) - 0.15 for row in rows for check in (*row.naive(), *row.mended()))])
    ax.set_xlim(low, 1.1)
    ax.axvspan(low, 0.0, color=FORBIDDEN, zorder=0)
    ax.axvline(0.0, color=MUTED, linewidth=0.8, zorder=1)
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("slack: (right side − left side) / the larger of the two in size; bars: 2 standard errors")
    dress(ax)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    labels = (
        (WRONG, "X", "I ≤ ΔS + Q/T, its assumption broken"), (INK, "s", "I ≤ ΔS + Q/T, nothing broken"),
        (SERIES[0][0], "D", "repaired law"), (MUTED, "o", "simulated"),
    )  # fmt: skip
    for colour, marker, label in labels:
        filled = colour if marker == "o" else PAPER
        size = 3.2 if marker == "o" else 6.5
        ax.plot(
            [], [], linestyle="none", marker=marker, color=colour, markerfacecolor=filled, markersize=size, label=label
        )
    ax.legend(loc="lower center", bbox_to_anchor=(0.42, 1.0), ncols=2, fontsize=8.0, columnspacing=1.2)


def share(check: BoundCheck) -> float:
    """(larger - smaller) / max(|larger|, |smaller|): at least -2, at most 1 where the right side is positive."""
    return check.slack / _scale(check)


def _scale(check: BoundCheck) -> float:
    return max(abs(check.larger.value), abs(check.smaller.value)) or 1.0


def _pair(ax: Axes, place: float, checks: Sequence[BoundCheck], colour: str, marker: str) -> None:
    """The exact slack as a hollow mark, the simulated one as a dot with its error."""
    exact, seen = checks
    ax.plot(
        share(exact), place, linestyle="none", marker=marker, markersize=7.5, color=colour, markerfacecolor=PAPER,
        markeredgewidth=1.1, zorder=3,
    )  # fmt: skip
    ax.errorbar(
        share(seen), place, xerr=SIGMAS * seen.slack_stderr / _scale(seen), linestyle="none", color=colour, marker="o",
        markersize=3.0, elinewidth=1.1, zorder=4,
    )  # fmt: skip
