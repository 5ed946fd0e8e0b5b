"""The learning budget as stacked bars: what was learned at the bottom, what it cost beside it above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import FILLS, INK, OTHER, PAPER, as_text, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

Array = NDArray[np.float64]
WIDTH = 0.6
LETTER, FITTED = 5.0, 1.15
"""Points of a letter; of the width of the Axes as they are made, what they have when they are laid out."""


def budget_bars(
    ax: Axes,
    labels: Sequence[str],
    terms: Mapping[str, ArrayLike],
    errors: ArrayLike | None = None,
    *,
    cost: ArrayLike | None = None,
    share: bool = False,
) -> dict[str, BarContainer]:
    r"""One bar per label: its terms stacked, "learned" at the bottom, negative ones below zero.

    terms: name -> (bar,) in nats, NaN where a term is not known; drawn in the order given. cost: (bar,), by
    default the sum of the known terms; drawn as a line across each bar, with ``errors`` (bar,), its standard
    error. share: everything divided by the cost, in percent; a bar whose cost is not > 0 is left empty.
    There is no logarithmic form: on such an axis the areas of a stack mean nothing.
    Returns the bars drawn of every term. Raises InputError where lengths differ.
    """
    count = len(labels)
    heights = {name: _row(values, count, f"terms[{name!r}]") for name, values in terms.items()}
    heights = {name: heights[name] for name in sorted(heights, key=lambda name: name != "learned")}
    total = _total(heights, count) if cost is None else _row(cost, count, "cost")
    spread = np.zeros(count) if errors is None else _row(errors, count, "errors")
    spread = np.where(np.isfinite(spread), spread, 0.0)
    if share:
        scale = np.where(total > 0.0, 100.0 / np.where(total > 0.0, total, 1.0), np.nan)
        heights = {name: values * scale for name, values in heights.items()}
        total, spread = total * scale, spread * 0.0
    drawn = _stack(ax, heights, count)
    _mark_cost(ax, total, spread, share)
    _finish(ax, labels, share)
    return drawn


def _row(values: ArrayLike, count: int, name: str) -> Array:
    row = np.asarray(values, dtype=np.float64)
    if row.shape != (count,):
        raise InputError(name, row.shape, f"must have shape ({count},)", "one number per label, NaN if not known")
    return row


def _total(heights: Mapping[str, Array], count: int) -> Array:
    total = np.zeros(count)
    for values in heights.values():
        total = total + np.nan_to_num(values)
    return total


def _stack(ax: Axes, heights: Mapping[str, Array], count: int) -> dict[str, BarContainer]:
    places = np.arange(count)
    above, below = np.zeros(count), np.zeros(count)
    drawn = {}
    for name, values in heights.items():
        known = np.isfinite(values)
        if not known.any():
            continue
        fill = FILLS.get(name, OTHER)
        base = np.where(values >= 0.0, above, below)
        drawn[name] = ax.bar(
            places[known],
            values[known],
            WIDTH,
            base[known],
            color=fill.colour,
            hatch=fill.hatch,
            edgecolor=PAPER,
            linewidth=points(0.7),
            label=as_text(name),
        )
        above = above + np.where(known & (values >= 0.0), values, 0.0)
        below = below + np.where(known & (values < 0.0), values, 0.0)
    if np.any(below < 0.0):
        ax.axhline(0.0, color=INK, linewidth=points(0.8))
    return drawn


def _mark_cost(ax: Axes, total: Array, spread: Array, share: bool) -> None:
    """A line across the bar at its cost, with the error of the cost and its number above."""
    if share:
        return
    for place, (height, error) in enumerate(zip(total, spread, strict=True)):
        if np.isfinite(height):
            ends = (place - WIDTH / 2 - 0.05, place + WIDTH / 2 + 0.05)
            ax.plot(ends, (height, height), color=INK, linewidth=points(1.1), solid_capstyle="butt")
            ax.errorbar(
                place, height, error, color=INK, linewidth=points(1.1), capsize=points(2.5), capthick=points(1.1)
            )
            _write_above(ax, place, height + error, short(height))


def short(number: float) -> str:
    """Three digits, the last zero kept.

    >>> short(22.04), short(1234.6), short(0.5)
    ('22.0', '1235', '0.500')
    """
    return f"{number:.0f}" if abs(number) >= 999.5 else f"{number:#.3g}".removesuffix(".")


def _write_above(ax: Axes, place: float, height: float, text: str) -> None:
    ax.annotate(
        text,
        (place, height),
        (0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=points(8.5),
        color=INK,
    )


def _finish(ax: Axes, labels: Sequence[str], share: bool) -> None:
    dress(ax)
    ax.set_xticks(np.arange(len(labels)), [as_text(label) for label in labels])
    longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
    if longest * points(LETTER) > ax.bbox.width * 72.0 / ax.figure.dpi / max(len(labels), 1) * FITTED:
        ax.set_xticklabels(ax.get_xticklabels(), rotation=38.0, ha="right", rotation_mode="anchor")
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.55, len(labels) - 0.45)
    ax.margins(y=0.1)
    ax.autoscale_view(scalex=False)
    ax.set_ylabel("share of the cost (%)" if share else "cost (nat)")
