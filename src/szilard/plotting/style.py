"""One look for every figure: few colours, safe for colour-blind eyes and readable in grey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import FigureBase

INK = "#1c2127"
MUTED = "#5c6670"
RULE = "#cfd4da"
PAPER = "#ffffff"
FORBIDDEN = "#f0f1f3"


@dataclass(frozen=True)
class Fill:
    """How the area of one budget term is filled."""

    colour: str
    hatch: str = ""


FILLS = {
    "learned": Fill("#c04305"),
    "dissipation": Fill("#23415e"),
    "redundancy": Fill("#5290a9"),
    "interference": Fill("#7fb8ae", "\\\\\\"),
    "readout": Fill("#d2e2c3", "---"),
    "unresolved": Fill("#b4b8c1", "////"),
}
"""What is learned in the accent colour; what is lost in a ramp from dark to light, whose order grey keeps."""

OTHER = Fill("#8a7f76", "xxx")
"""A term without a colour of its own."""

SERIES = (
    ("#2566b4", "o"),
    ("#ad7a0c", "s"),
    ("#74285a", "^"),
    ("#1f6a12", "D"),
    ("#7a7873", "v"),
    ("#178fa8", "P"),
)
"""Colour and marker of the first, second, ... curve."""

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5.0, 1.5)),
    (0, (6.0, 1.5, 1.2, 1.5)),
    (0, (1.3, 1.3)),
    (0, (9.0, 2.0)),
    (0, (6.0, 1.5, 1.2, 1.5, 1.2, 1.5)),
)
"""Line style of the first, second, ... curve where lines have no markers."""


def series_look(i: int) -> tuple[str, str]:
    """Colour and marker of curve i; after the last colour the markers shift, so that 36 curves look unlike.

    >>> len({series_look(i) for i in range(36)})
    36
    """
    return SERIES[i % len(SERIES)][0], SERIES[(i + i // len(SERIES)) % len(SERIES)][1]


DARK = {
    INK: "#e9ebee",
    MUTED: "#a3acb6",
    RULE: "#3b424b",
    PAPER: "#14171b",
    FORBIDDEN: "#20252b",
    "#c04305": "#ffa06c",
    "#23415e": "#426e9d",
    "#5290a9": "#569bb5",
    "#7fb8ae": "#96cabf",
    "#d2e2c3": "#d6e6c8",
    "#b4b8c1": "#878e99",
    "#8a7f76": "#b0a59b",
    "#2566b4": "#3d8fe0",
    "#ad7a0c": "#efb84f",
    "#74285a": "#c088b0",
    "#1f6a12": "#b4e6a4",
    "#7a7873": "#d5d3d1",
    "#178fa8": "#30cff6",
}
"""What each colour becomes on a dark page."""

TEXT = 9.0
"""Points of the text of a figure on a screen; a length in points is meant beside text of this size."""
PRINT = 8.0 / 9.0
"""Of sizes on a screen, in print: text of 8 points, none under 7."""

NARROW = 280.0
"""Points: Axes that are less wide are narrow."""
BELOW = 4.4
"""Heights of text from the Axes to a legend under them: marks, their numbers, the label."""
SHORT = 30.0
"""Ends of a logarithmic axis are this far apart, or more marks than the decades are named."""

LOOK: Any = {
    "font.family": "sans-serif",
    "font.size": TEXT,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 9.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.labelcolor": MUTED,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.6,
    "axes.linewidth": 0.8,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "szilard",
    "text.usetex": False,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


SIZED = ("font.size", "axes.titlesize", "axes.titlepad", "axes.labelsize", "xtick.labelsize", "ytick.labelsize",
         "legend.fontsize", "lines.linewidth", "lines.markersize", "axes.linewidth")  # fmt: skip
_on_paper: ContextVar[bool | None] = ContextVar("on_paper", default=None)
PRINTED: WeakSet[FigureBase] = WeakSet()
"""Figures made for print: whatever is drawn on them later has the sizes of print."""


@contextmanager
def house_style(*, paper: bool | None = None) -> Iterator[None]:
    """Matplotlib's defaults and this library's look for a while, whatever the user has set; then as before.

    paper: sizes for print (text of 8 points, lines and markers in proportion) or for a screen (9 points); None: those
    of the house style around this one, or for a screen.
    """
    import matplotlib

    chosen = _on_paper.get() if paper is None else paper
    token, interactive = _on_paper.set(chosen), matplotlib.is_interactive()
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(look(bool(chosen)))
            yield
            interactive = matplotlib.is_interactive()
    finally:
        _on_paper.reset(token)
        matplotlib.interactive(interactive)  # a notebook's first figure loads its backend, which turns this on to stay


def look(paper: bool) -> Any:
    """Matplotlib's parameters, for print or for a screen."""
    return {name: PRINT * value if paper and name in SIZED else value for name, value in LOOK.items()}


def points(size: float) -> float:
    """A length in points beside text of 9 points, in proportion to the text in force: less in print.

    >>> with house_style(paper=True):
    ...     points(9.0)
    8.0
    """
    import matplotlib

    return size * float(matplotlib.rcParams["font.size"]) / TEXT


def axes_or_new(ax: Axes | None, size: tuple[float, float] = (5.0, 3.4)) -> Axes:
    """The Axes given, or those of a new figure (``ax.figure.savefig`` writes it).

    On Axes of a figure made for print the sizes of print hold from here to the end of the house style around.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        with house_style():
            return plt.subplots(figsize=size, layout="constrained")[1]
    if ax.get_figure(root=True) in PRINTED:
        plt.rcParams.update(look(paper=True))
    return ax


def dress(ax: Axes) -> None:
    """Take away what carries no number: two spines, heavy ticks."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(MUTED)
        ax.spines[side].set_linewidth(points(0.8))
    ax.tick_params(which="both", color=MUTED, labelcolor=INK, width=points(0.8))
    ax.xaxis.label.set_color(INK)
    ax.yaxis.label.set_color(INK)


def narrow(ax: Axes) -> bool:
    """Whether there is no room for more than names and numbers beside what is drawn: a column of print."""
    return ax.bbox.width * 72.0 / ax.figure.dpi < NARROW * points(1.0)


def legend_below(ax: Axes, columns: int, lines: int = 1) -> None:
    """The legend under the Axes and the lines of their label; it ends at their right side."""
    away = BELOW + 1.3 * (lines - 1)
    ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.0), borderaxespad=away, ncols=columns, columnspacing=1.2)


def plain_numbers(axis: Axis) -> None:
    """Marks of a logarithmic axis as plain numbers; 2 and 5 of a decade too where it spans less than 30."""

    def between(value: float, _: Any) -> str:
        low, high = sorted(axis.get_view_interval())
        digit = round(value / 10.0 ** floor(log10(value))) if value > 0.0 else 0
        return f"{value:g}" if digit in (2, 5) and high < SHORT * low else ""

    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(between)


def as_text(label: str) -> str:
    """The label as it is, its dollar signs no formula.

    >>> as_text("5 $")
    '5 \\\\$'
    """
    return label.replace("$", r"\$")
