"""Ladders as small panels: simulated points, exact lines, and both exponents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...plotting.style import INK, MUTED, PAPER, SERIES, dress
from ...reporting.numbers import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .scaling_exponents import Line

SIGMAS = 2.0
ROOM = 2.0
"""The least factor between the ends of an axis of dissipation."""


def drawn_ladders(curves: Sequence[Line], laws: Sequence[Line], others: Sequence[Line], figure: Figure) -> None:
    """Nine panels on logarithmic axes; rules without theory beside the first ladder, with their fitted powers."""
    panels = figure.subplots(3, 3)
    for i, (ax, curve) in enumerate(zip(panels.ravel(), curves, strict=True)):
        _panel(ax, curve, [law for law in laws if law.ladder is curve.ladder], others if i == 0 else ())
        if i % 3 == 0:
            ax.set_ylabel("dissipation (nat)")
        if "rate" in curve.quantity:
            ax.set_ylabel("per time (nat)")


def _panel(ax: Axes, curve: Line, laws: Sequence[Line], others: Sequence[Line]) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    assert curve.exact is not None
    ax.plot(*(curve.curve or (curve.x, curve.exact)), color=INK, linewidth=1.0, zorder=2)
    _points(ax, curve, *SERIES[0])
    marks = [curve.y, curve.exact]
    for line, (colour, marker) in zip(others, SERIES[1:], strict=False):
        _points(ax, line, colour, marker, line.quantity.partition(", ")[2])
        marks.append(line.y)
        if line.fit is not None:
            power = np.exp(line.fit.offset) * line.x**line.fit.exponent.value
            ax.plot(line.x, power, color=colour, linewidth=0.9, linestyle=":", zorder=1)
    heights = np.concatenate(marks)
    heights = heights[heights > 0.0]
    low, high = float(heights.min()), float(heights.max())
    span = max(high / low, ROOM)
    bends = len(laws) > 1
    under, over = (0.75, 0.08) if bends else (0.08, 0.42)
    ax.set_ylim(low / span**under, high * span**over)
    text = "\n".join(_exponents(law, bends) for law in laws)
    place = (0.03, 0.03, "bottom") if bends else (0.04, 0.97, "top")
    ax.text(*place[:2], text, transform=ax.transAxes, va=place[2], ha="left", fontsize=7.8, color=INK)
    ax.set_xlabel(curve.ladder.axis, fontsize=8.0)
    if others:
        ax.legend(loc="lower right", fontsize=7.5, handletextpad=0.1, borderpad=0.0)
    dress(ax)
    for axis in (ax.xaxis, ax.yaxis):
        _plain(axis)


def _exponents(law: Line, bends: bool) -> str:
    measured = "?" if law.fit is None else shown(law.fit.exponent)
    theory = "" if law.theory is None else f"{law.theory:.4g}".replace("-", "−")
    where = f"{law.limit}: " if bends else ""
    return f"{where}b = {measured}\n{' ' * 6 if bends else ''}theory {theory}"


def _points(ax: Axes, line: Line, colour: str, marker: str, label: str | None = None) -> None:
    seen = line.y > 0.0
    ax.errorbar(
        line.x[seen], line.y[seen], yerr=SIGMAS * line.stderr[seen], linestyle="none", color=colour, marker=marker,
        markersize=4.2, markerfacecolor=PAPER, elinewidth=1.0, label=label, zorder=3,
    )  # fmt: skip


def _plain(axis: Any) -> None:
    """Decades as plain numbers; marks in between only where an axis spans less than a decade and a half."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = sorted(axis.get_view_interval())
    few = np.log10(high / low) < 1.5
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=6))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(which="both", labelsize=7.5, labelcolor=MUTED)
