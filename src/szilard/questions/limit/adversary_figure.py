"""How the searches came to the law, and where all learners lie: the figure of the adversary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...plotting.style import FORBIDDEN, INK, MUTED, PAPER, SERIES, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Cloud = tuple[NDArray[Any], NDArray[Any]]
LOWEST, HIGHEST = 0.05, 50.0
"""Ratios beyond are drawn at the edge."""
SMALLEST = 1e-5
"""Nats below which a learner is left out of the right panel."""


@dataclass(frozen=True)
class Course:
    """The best ratio so far: tried (step,), ratio (step,), infinite where the right side is not positive."""

    label: str
    tried: NDArray[Any]
    ratio: Array
    kept: bool
    rank: int


def draw_searches(figure: Figure, courses: Sequence[Course], kept: Cloud, broken: Cloud) -> None:
    """Left the best ratio so far of each kind of learner, right information against right side of learners tried."""
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
    _draw_courses(left, courses)
    _draw_clouds(right, kept, broken)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7.5, handlelength=3.2)


def _draw_courses(ax: Axes, courses: Sequence[Course]) -> None:
    ax.axhspan(1.0, HIGHEST * 1.5, color=FORBIDDEN, zorder=0)
    ax.axhline(1.0, color=INK, linewidth=0.9)
    for course in courses:
        colour = SERIES[course.rank % len(SERIES)][0]
        style = "solid" if course.kept else (0, (1.2, 1.2) if course.rank % 2 else (4.0, 1.5))
        height = np.clip(course.ratio, LOWEST, HIGHEST)
        width = 1.0 + 0.6 * (course.rank >= len(SERIES))
        ax.step(course.tried, height, where="post", color=colour, linestyle=style, linewidth=width, label=course.label)
    ax.set(xscale="log", yscale="log", ylim=(LOWEST, HIGHEST * 1.15))
    ax.set(xlabel="learners tried in the search", ylabel="best I / right side so far")
    ax.set_yticks([0.1, 1.0, 10.0, HIGHEST], ["0.1", "1", "10", f"≥{HIGHEST:g}"])
    ax.minorticks_off()
    ax.set_title("searches")
    dress(ax)


def _draw_clouds(ax: Axes, kept: Cloud, broken: Cloud) -> None:
    edge = np.array([SMALLEST, 1e3])
    ax.fill_between(edge, edge, 10.0, color=FORBIDDEN, zorder=0)
    ax.plot(edge, edge, color=INK, linewidth=0.9)
    for (information, cost), colour, marker, name in (
        (broken, SERIES[1][0], "x", "assumption missing"),
        (kept, SERIES[0][0], "o", "assumptions kept"),
    ):
        some = (np.asarray(information) > SMALLEST) & (np.asarray(cost) > SMALLEST)
        filled = {"edgecolors": "none", "alpha": 0.55} if marker == "o" else {"linewidths": 0.6, "alpha": 0.7}
        x, y = np.asarray(cost)[some], np.asarray(information)[some]
        ax.scatter(x, y, s=7, color=colour, marker=marker, label=name, **filled)
    ax.set(xscale="log", yscale="log", xlim=(SMALLEST, 1e3), ylim=(SMALLEST, 10.0))
    ax.set(xlabel="right side (nats)", ylabel="information I (nats)")
    ax.text(3e-4, 1.5, "forbidden", color=MUTED, fontsize=8.5)
    ax.legend(
        loc="lower right", fontsize=7.5, handletextpad=0.2, markerscale=1.8, frameon=True, facecolor=PAPER,
        edgecolor="none", framealpha=0.9, borderpad=0.2, borderaxespad=0.2,
    )  # fmt: skip
    ax.minorticks_off()
    ax.set_title("learners")
    dress(ax)
