"""The corridor as a figure: cost over duration, cost over floor, and where in between schedules lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...plotting.style import FORBIDDEN, INK, PAPER, SERIES, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .corridor_classes import Schedules

Array = NDArray[np.float64]
ORDER = ("non-monotone", "online", "monotone", "ramp", "optimal", "quench")
SIGMAS = 2.0
BINS = 50
LOWEST = 1e-4
"""Of floor and cost in units of the ceiling: what lies below stands at the edge."""


def drawn_corridor(exact: Sequence[Schedules], sampled: Sequence[Schedules], figure: Figure) -> None:
    """Three panels: cost over mu k tau, cost over floor, histograms of the position."""
    axes = figure.subplot_mosaic([["time", "floor"], ["position", "position"]], height_ratios=[1.25, 1.0])
    _over_time(axes["time"], _ordered(exact), _ordered(sampled))
    _over_floor(axes["floor"], _ordered(exact), _ordered(sampled))
    _positions(axes["position"], exact)
    for ax in axes.values():
        dress(ax)
    axes["position"].spines["left"].set_visible(False)
    handles, labels = axes["floor"].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6, columnspacing=1.0, handletextpad=0.2)


def _over_time(ax: Axes, exact: Sequence[Schedules], sampled: Sequence[Schedules]) -> None:
    every = np.concatenate([c["relaxations"] for c in exact])
    x = np.geomspace(every.min() / 1.3, every.max() * 1.3, 200)
    least = 2.0 / (2.0 + x)
    bottom = 0.5 * float(least.min())
    ax.set(xscale="log", yscale="log", xlim=(x[0], x[-1]))
    ax.fill_between(x, bottom, least, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.plot(x, least, color=INK, linewidth=1.1, zorder=4)
    ax.axhline(1.0, color=INK, linewidth=1.1, linestyle=(0, (5, 2)), zorder=4)
    for c in exact:
        _cloud(ax, c, c["relaxations"], c.cost / c["last"])
    for c in sampled:
        _bars(ax, c, c["relaxations"], c["last"])
    ax.set_ylim(bottom, 2.0 * max(float(np.max(c.cost / c["last"])) for c in exact))
    for place, text in ((0.97, "dashed: quench, the dearest\nof monotone schedules"), (0.12, "optimal: 2/(2 + x)")):
        ax.text(0.04, place, text, transform=ax.transAxes, va="top", fontsize=8.0, color=INK)
    ax.set_xlabel("duration x = mu k tau (relaxation times)")
    ax.set_ylabel("dissipation / (f²/2kT)")


def _over_floor(ax: Axes, exact: Sequence[Schedules], sampled: Sequence[Schedules]) -> None:
    ratios = np.concatenate([c.floor / c["ceiling"] for c in exact])
    low = max(LOWEST, 0.7 * float(ratios.min()))
    x = np.array([low, 1.0])
    ax.set(xscale="log", yscale="log", xlim=(low, 1.6), ylim=(low, 2.2))
    ax.fill_between(x, low, x, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.fill_between([low, 1.6], 1.0, 2.2, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.fill_between([1.0, 1.6], low, 1.0, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.plot(x, x, color=INK, linewidth=1.1, zorder=4)
    ax.plot(x, [1.0, 1.0], color=INK, linewidth=1.1, zorder=4)
    for c in exact:
        _cloud(ax, c, np.maximum(c.floor / c["ceiling"], low), np.maximum(c.cost / c["ceiling"], low))
    for c in sampled:
        _bars(ax, c, c.floor / c["ceiling"], c["ceiling"])
    for place, side, text in (((0.03, 0.985), "left", "above the ceiling"), ((0.97, 0.05), "right", "below the floor")):
        top = "top" if side == "left" else "bottom"
        ax.text(*place, text, transform=ax.transAxes, ha=side, va=top, fontsize=8.0, color=INK)
    ax.set_xlabel("floor / ceiling")
    ax.set_ylabel("dissipation / (V²/2kT)")


def _positions(ax: Axes, exact: Sequence[Schedules]) -> None:
    edges = np.linspace(0.0, 1.0, BINS + 1)
    for i, c in enumerate(reversed(exact)):
        colour, _ = _look(c)
        u = c.position[np.isfinite(c.position)]
        if not u.size:
            continue
        counts = np.histogram(np.clip(u, 0.0, 1.0), edges)[0]
        ax.stairs(0.75 * counts / counts.max() + i, edges, baseline=i, fill=True, color=colour, alpha=0.45, zorder=1)
        low, middle, high = np.quantile(u, [0.05, 0.5, 0.95])
        ax.plot([low, high], [i - 0.08] * 2, color=colour, linewidth=2.0, solid_capstyle="butt", zorder=3)
        ax.plot(middle, i - 0.08, marker="o", markersize=4.5, color=colour, markeredgecolor=PAPER, zorder=4)
    ax.set_yticks(np.arange(len(exact)) + 0.2, [c.kind for c in reversed(exact)])
    ax.tick_params(axis="y", length=0)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.3, len(exact)))
    ax.set_xlabel("position in the corridor: 0 at the floor, 1 at the ceiling (logarithmic)")


def _cloud(ax: Axes, c: Schedules, x: Array, y: Array) -> None:
    colour, marker = _look(c)
    size = 3.0 if c.size > 2000 else 6.0
    ax.scatter(x, y, s=size, marker=marker, color=colour, alpha=0.35, linewidths=0.0, rasterized=True, zorder=2)


def _bars(ax: Axes, c: Schedules, x: Array, unit: Array) -> None:
    colour, marker = _look(c)
    ax.errorbar(
        x, (c["heat"] + c["relaxation"]) / unit, yerr=SIGMAS * c["stderr"] / unit, linestyle="none", color=INK,
        marker=marker, markersize=5.0, markerfacecolor=colour, markeredgecolor=PAPER, markeredgewidth=0.7,
        elinewidth=0.9, capsize=1.5, label=c.kind, zorder=5,
    )  # fmt: skip


def _look(c: Schedules) -> tuple[str, str]:
    return SERIES[ORDER.index(c.kind)]


def _ordered(classes: Sequence[Schedules]) -> list[Schedules]:
    return sorted(classes, key=lambda c: ORDER.index(c.kind))
