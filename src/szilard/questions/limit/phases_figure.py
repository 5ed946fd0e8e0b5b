"""The phase diagram of label feedback, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...plotting.style import FORBIDDEN, INK, MUTED, SERIES, dress
from ..part import Record
from .phases_limit import fast_heat_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .phases import Diagram, PhaseSettings


def draw_phases(
    settings: PhaseSettings, diagrams: Sequence[Diagram], sampled: Sequence[Record], figure: Figure
) -> None:
    """The first system: the plane of share and rate, and cuts through it."""
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.05))
    _plane(left, settings, diagrams[0], figure)
    _cuts(right, settings, diagrams[0], sampled)


def _plane(ax: Axes, settings: PhaseSettings, diagram: Diagram, figure: Figure) -> None:
    heat = diagram.known("heat")
    deepest = max(float(-heat.min()), 1e-12)
    levels = np.linspace(-deepest, deepest, 15)
    filled = ax.contourf(
        settings.shares, settings.rates, np.clip(heat, -deepest, deepest).T, levels=levels, cmap="PuOr_r", extend="max"
    )
    ax.contour(settings.shares, settings.rates, heat.T, levels=levels[::2], colors=MUTED, linewidths=0.4)
    for edge in (0.0, 0.5):
        ax.axvline(edge, color=INK, linewidth=1.8)
    for point in settings.sampled:
        if point.system == 0:
            ax.plot(point.share, point.rate, marker="x", color=INK, markersize=6)
    ax.text(0.25, settings.rates[0] * 1.6, "cools:\nlimit broken", ha="center", fontsize=8.5, color=INK)
    ax.set_yscale("log")
    ax.set_xlabel("$g/a$, answer that comes back")
    ax.set_ylabel(r"answers per time, $\gamma$")
    dress(ax)
    bar = figure.colorbar(filled, ax=ax, format="%.2f")
    bar.set_label("heat of the weight ($k_B T_0$ per time)", color=INK)


def _cuts(ax: Axes, settings: PhaseSettings, diagram: Diagram, sampled: Sequence[Record]) -> None:
    shown = sorted({0, len(settings.rates) // 2, len(settings.rates) - 1})
    for j, (colour, marker) in zip(shown, SERIES, strict=False):
        ax.plot(
            settings.shares, diagram.values["heat"][:, j], color=colour, marker=marker, markersize=3.5, linewidth=1.2,
            label=f"γ = {settings.rates[j]:g}",
        )  # fmt: skip
    fine = np.linspace(min(settings.shares), max(settings.shares), 121)
    limit = [fast_heat_rate(diagram.system, share) for share in fine]
    ax.plot(fine, limit, color=INK, linewidth=1.0, linestyle=":", label="γ → ∞")
    for point, record in zip(settings.sampled, sampled, strict=True):
        if point.system == 0:
            ax.errorbar(
                point.share, record["rate"], 2.0 * record["stderr"], color=INK, marker="x", capsize=2.5,
                linestyle="none", label=f"simulated, γ = {point.rate:g}",
            )  # fmt: skip
    inside = diagram.values["heat"][(np.array(settings.shares) >= 0.0) & (np.array(settings.shares) <= 0.5)]
    depth = max(float(-inside.min()), 0.01) if inside.size else 0.01
    ax.set_ylim(-1.35 * depth, 2.0 * depth)
    ax.axhspan(-1.35 * depth, 0.0, color=FORBIDDEN, zorder=0)
    ax.axhline(0.0, color=INK, linewidth=0.8)
    ax.set_xlabel("$g/a$")
    ax.set_ylabel("heat ($k_B T_0$ per time)")
    ax.legend(loc="upper right")
    dress(ax)
