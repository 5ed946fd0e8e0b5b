"""Bars of the variance that each characteristic explains, longest first, a panel for each output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...plotting.style import INK, MUTED, SERIES, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .sensitivity_verdict import Ranked

SIGMAS, LEAST = 2.0, 0.01
LIGHT = "#b9d3e6"
"""What acts together with others: light beside the first colour of the series."""


def drawn_ranking(every: Sequence[Ranked], figure: Figure) -> None:
    """Five panels, and the legend in the place of a sixth; the ceiling stands beside the two dissipations."""
    panels = figure.subplots(2, 3).ravel()
    turn, once, cost_turn, cost_once, ceiling = every
    for ax, ranked in zip(panels, (turn, once, ceiling, cost_turn, cost_once), strict=False):
        _panel(ax, ranked)
    handles, labels = panels[0].get_legend_handles_labels()
    panels[5].axis("off")
    panels[5].legend(handles, labels, loc="upper left", bbox_to_anchor=(-0.2, 1.0))
    words = "beside each bar: the total,\n+ raises, − lowers\n=: not told apart\n    from the one above"
    panels[5].text(-0.17, 0.55, words, transform=panels[5].transAxes, va="top", fontsize=8.5, color=INK)


def _panel(ax: Axes, ranked: Ranked) -> None:
    from .sensitivity_indices import CEILING_LAW, CHARACTERISTICS

    order, n = ranked.order, len(ranked.total)
    places = np.arange(len(order))
    first, total = ranked.first[:, order], ranked.total[:, order]
    wide = {"ecolor": INK, "elinewidth": 0.8, "capsize": 1.5}
    means, errors = total.mean(axis=0), SIGMAS * total.std(axis=0, ddof=1) / np.sqrt(n)
    ax.barh(places, means, 0.72, color=LIGHT, xerr=errors, error_kw=wide, label="together with others (total)")
    alone, errors_alone = first.mean(axis=0), SIGMAS * first.std(axis=0, ddof=1) / np.sqrt(n)
    ax.barh(
        places, np.maximum(alone, 0.0), 0.36, color=SERIES[0][0], xerr=errors_alone, error_kw=wide,
        label="alone (first order)",
    )  # fmt: skip
    tied = {i for group in ranked.groups for i in group[1:]}
    reach = float(np.max(np.maximum(means + errors, alone + errors_alone)))
    for place, i in enumerate(order):
        end = max(means[place] + errors[place], alone[place] + errors_alone[place])
        size = f"{means[place]:.2f}" if means[place] >= LEAST else "< 0.01" if means[place] > 0.0 else "0"
        text = f"{ranked.sign(i)} {size}".strip() if means[place] >= LEAST else size
        ax.text(end + 0.03 * reach, place, text, va="center", ha="left", fontsize=7.2, color=INK)
    names = [("= " if i in tied else "") + CHARACTERISTICS[i].word for i in order]
    ax.set_yticks(places, names, fontsize=7.8)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.set_xlim(0.0, 1.3 * reach)
    title = ranked.name.replace(", ", ",\n") if ", " in ranked.name else f"{ranked.name},\n{CEILING_LAW}"
    ax.set_title(title, fontsize=8.5)
    ax.set_xlabel("share of variance", fontsize=8.0)
    dress(ax)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=7.8)
    ax.spines["left"].set_color(MUTED)
