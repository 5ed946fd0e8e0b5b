"""One look for every figure: few colours, safe for colour-blind eyes and readable in grey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    "learned": Fill("#d1500b"),
    "dissipation": Fill("#23415e"),
    "redundancy": Fill("#3d7a94"),
    "interference": Fill("#79b0a8", "\\\\\\"),
    "readout": Fill("#c7d9b7", "---"),
    "unresolved": Fill("#a9aeb8", "////"),
}
"""What is learned in the accent colour; what is lost in a ramp from dark to light, whose order grey keeps."""

OTHER = Fill("#8a7f76", "xxx")
"""A term without a colour of its own."""

SERIES = (
    ("#0b66a8", "o"),
    ("#b3761a", "s"),
    ("#8b2f73", "^"),
    ("#2c7a3f", "D"),
    ("#556070", "v"),
    ("#1f9bb5", "P"),
)
"""Colour and marker of the first, second, ... curve; after the last they start again."""

DARK = {
    INK: "#e9ebee",
    MUTED: "#a3acb6",
    RULE: "#3b424b",
    PAPER: "#14171b",
    FORBIDDEN: "#20252b",
    "#d1500b": "#ff8f52",
    "#23415e": "#4b77a6",
    "#3d7a94": "#5fa5bf",
    "#79b0a8": "#96cabf",
    "#c7d9b7": "#d6e6c8",
    "#a9aeb8": "#878e99",
    "#8a7f76": "#b0a59b",
    "#0b66a8": "#62b0ee",
    "#b3761a": "#e5ac52",
    "#8b2f73": "#d98bc4",
    "#2c7a3f": "#74c486",
    "#556070": "#a9b3c1",
    "#1f9bb5": "#5fd0e6",
}
"""What each colour becomes on a dark page."""

LOOK: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
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
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "szilard",
    "text.usetex": False,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's defaults and this library's look for a while, whatever the user has set; then as before."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(LOOK)
        yield


def axes_or_new(ax: Axes | None, size: tuple[float, float] = (5.0, 3.4)) -> Axes:
    """The Axes given, or those of a new figure (``ax.figure.savefig`` writes it)."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    with house_style():
        return plt.subplots(figsize=size, layout="constrained")[1]


def dress(ax: Axes) -> None:
    """Take away what carries no number: two spines, heavy ticks."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(MUTED)
        ax.spines[side].set_linewidth(0.8)
    ax.tick_params(which="both", color=MUTED, labelcolor=INK, width=0.8)
    ax.xaxis.label.set_color(INK)
    ax.yaxis.label.set_color(INK)


def as_text(label: str) -> str:
    """The label as it is, its dollar signs no formula.

    >>> as_text("5 $")
    '5 \\\\$'
    """
    return label.replace("$", r"\$")
