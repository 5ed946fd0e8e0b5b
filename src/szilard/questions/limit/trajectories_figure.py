"""Trajectories below the bound, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...plotting.style import FORBIDDEN, INK, MUTED, SERIES, dress
from ..part import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .trajectories import FluctuationSettings


def draw_fluctuations(
    settings: FluctuationSettings, records: Sequence[Record], edges: NDArray[np.float64], figure: Figure
) -> None:
    """Densities of R by ramp, and tails of every case."""
    left, right = figure.subplots(1, 2)
    _densities(left, settings, records[: len(settings.ramps)], edges)
    _tails(right, settings, records)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)


def _densities(ax: Axes, settings: FluctuationSettings, records: Sequence[Record], edges: NDArray[np.float64]) -> None:
    ax.axvspan(edges[0], 0.0, color=FORBIDDEN, zorder=0)
    shown = list(zip(records, SERIES, strict=False))
    for record, (colour, _) in shown:
        density = np.array(record["paid"]["counts"]) / (settings.replicas * np.diff(edges))
        ax.stairs(density, edges, color=colour, linewidth=1.2, label=record["name"])
        ax.stairs(np.where(edges[1:] <= 1e-9, density, 0.0), edges, color=colour, fill=True, alpha=0.25)
    seen = np.sum([r["paid"]["counts"] for r, _ in shown], axis=0) > 1e-4 * settings.replicas
    ax.set_xlim(edges[:-1][seen][0], edges[1:][seen][-1])
    ax.set_ylim(bottom=0.0)
    ax.axvline(0.0, color=INK, linewidth=0.8)
    ax.text(0.02, 0.97, "learned more\nthan it paid", transform=ax.transAxes, va="top", fontsize=8.5, color=MUTED)
    ax.set_xlabel("R, paid less learned (nat)")
    ax.set_ylabel("density (1 / nat)")
    dress(ax)


def _tails(ax: Axes, settings: FluctuationSettings, records: Sequence[Record]) -> None:
    x = np.array(settings.below)
    fine = np.linspace(0.0, 1.1 * x.max(), 200)
    ax.fill_between(fine, np.exp(-fine), 1.5, color=FORBIDDEN, zorder=0, linewidth=0)
    ax.plot(fine, np.exp(-fine), color=INK, linewidth=1.2)
    for i, record in enumerate(records):
        colour, marker = SERIES[i] if i < len(SERIES) else (INK, "X")
        share = np.array(record["paid"]["tail"]) / settings.replicas
        error = np.sqrt(np.maximum(share, 1.0 / settings.replicas) / settings.replicas)
        seen = share > 0.0
        ax.errorbar(
            x[seen], share[seen], error[seen], color=colour, marker=marker, markersize=3.5, linewidth=0.8,
            linestyle="-", label=record["name"],
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_xlim(0.0, 1.1 * x.max())
    ax.set_ylim(0.3 / settings.replicas, 1.5)
    ax.text(
        0.97, 0.95, "forbidden: above e$^{-x}$", transform=ax.transAxes, ha="right", va="top", fontsize=8.5, color=MUTED
    )
    ax.set_xlabel("x (nat)")
    ax.set_ylabel("P(R <= -x)")
    dress(ax)
