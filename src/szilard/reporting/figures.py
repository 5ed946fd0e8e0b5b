"""The figures of a report, each panel on its own so that a page can lay them out for its width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..estimate import Estimate
from ..plotting import Curve, budget_bars, cost_curves, efficiency_curves, house_style
from ..plotting.stack import short
from ..plotting.style import FILLS, as_text
from ..study.units import per_bit
from .asked import bar_spots, point_spot, ranking_spots
from .runs import Run
from .svg import inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..study.rank_screen import Screen

Unit = Literal["nat", "bit", "share"]
PANEL = (4.7, 3.2)
MAX_PANELS = 6
RANKED_AS = ("ordered: r", "words: root of the share")
UNITS: dict[Unit, str] = {"share": "shares of the cost", "bit": "kT per bit", "nat": "nat"}


def by_condition(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs of each condition, in order."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.condition, []).append(run)
    return groups


def have_prices(runs: Sequence[Run]) -> bool:
    """Whether every run has learned something, so that all can be shown per bit."""
    return all(run.price() is not None for run in runs)


def bars(ax: Axes, runs: Sequence[Run], unit: Unit, brief: bool = False) -> list[Estimate]:
    """One bar per run, named by its rule, rate and learned information; returns the costs drawn.

    unit: "nat"; "bit" (k_B T per bit learned, which all runs must have: the fairest where they have not
    learned quite the same); or "share" of the cost. brief: without the learned information.
    """
    labels = [f"{r.rule}\nrate {r.learning_rate:.4g}" for r in runs]
    if not brief:
        learned = [f"\nlearns {short(run.estimates['learned'].value)} nat" for run in runs]
        labels = [label + more.replace("-", "−") for label, more in zip(labels, learned, strict=True)]
    scale = [per_bit(1.0, run.estimates["learned"].value) if unit == "bit" else 1.0 for run in runs]
    found = [run.terms() for run in runs]
    terms = {
        name: [t[name].value * s if name in t else np.nan for t, s in zip(found, scale, strict=True)]
        for name in FILLS
        if any(name in t for t in found)
    }
    prices = [run.price() if unit == "bit" else None for run in runs]
    cost = [price or run.estimates["cost"] for price, run in zip(prices, runs, strict=True)]
    budget_bars(ax, labels, terms, [c.stderr for c in cost], cost=[c.value for c in cost], share=unit == "share")
    if unit == "bit":
        ax.set_ylabel("cost (kT per bit)")
    return cost


def budget_panels(groups: Mapping[str, Sequence[Run]], prefix: str) -> list[str]:
    """For every group two panels: the budget per bit learned (else in nats), and as a share of the cost."""
    panels = []
    bits = have_prices([run for group in groups.values() for run in group])
    units: tuple[Unit, Unit] = ("bit" if bits else "nat", "share")
    for number, (title, group) in enumerate(groups.items()):
        for unit in units:
            with house_style():
                figure, ax = _panel(max(1.0, len(group) / 5.0))
                bars(ax, group, unit)
                ax.set_title(as_text(title))
                ax.tick_params(axis="x", labelsize=8.0)
                names = ", ".join(run.rule for run in group)
                label = f"Stacked bars of the learning budget in {UNITS[unit]}, {title}: {names}"
                panels.append(inline_svg(figure, f"{prefix}{number}{unit[0]}", label, bar_spots(ax, group)))
    return panels


def curve_panels(runs: Sequence[Run], rules: Sequence[str], prefix: str) -> tuple[list[str], int]:
    """For every condition two panels: cost and efficiency against learned information; and what logarithms left out."""
    panels, left_out = [], 0
    groups = by_condition(runs)
    for number, (condition, group) in enumerate(groups.items()):
        for quantity in ("cost", "efficiency_marginal"):
            with house_style():
                figure, ax = _panel(1.0)
                missed = draw_curves(ax, group, rules, quantity, same_scale_as=runs)
                left_out += missed if quantity == "cost" else 0
                ax.set_title(as_text(condition))
                what = "Cost" if quantity == "cost" else "Efficiency"
                label = f"{what} against learned information, {condition}, a curve per rule: {', '.join(rules)}"
                spots = [spot for run in group if (spot := point_spot(ax, run, quantity)) is not None]
                panels.append(inline_svg(figure, f"{prefix}{number}{quantity[0]}", label, spots))
    return panels, left_out


def scatter_panels(runs: Sequence[Run], rules: Sequence[str], prefix: str) -> tuple[list[str], int]:
    """The cost and the efficiency of every run against what it learned, unjoined; and what logarithms left out."""
    panels, left_out = [], 0
    for quantity in ("cost", "efficiency_marginal"):
        with house_style():
            figure, ax = _panel(1.0)
            missed = draw_curves(ax, runs, rules, quantity, joined=False)
            left_out += missed if quantity == "cost" else 0
            what = "Cost" if quantity == "cost" else "Efficiency"
            label = f"{what} against learned information, a point per run of {', '.join(rules)}"
            spots = [spot for run in runs if (spot := point_spot(ax, run, quantity)) is not None]
            panels.append(inline_svg(figure, f"{prefix}{quantity[0]}", label, spots))
    return panels, left_out


def ranking_panel(found: Screen, prefix: str) -> str:
    """Rank correlations of a quantity with what was drawn, each with two standard errors."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(PANEL[0], 1.2 + 0.32 * len(found)), layout="constrained")
        ax = draw_ranking(figure.subplots(), found)
        label = f"Rank correlations of {found.quantity} with {', '.join(effect.axis for effect in found)}"
        return inline_svg(figure, prefix, label, ranking_spots(ax, found))


def draw_ranking(ax: Axes, found: Screen) -> Axes:
    """Its points under the name of its quantity; the legend of several such Axes stands outside."""
    found.plot(ax)
    legend = ax.get_legend()
    if legend is not None:
        legend.remove()
    ax.set_title(found.quantity.replace("_", " "))
    ax.set_xlabel("partial rank correlation")
    return ax


def draw_curves(
    ax: Axes,
    runs: Sequence[Run],
    rules: Sequence[str],
    quantity: str,
    *,
    joined: bool = True,
    same_scale_as: Sequence[Run] = (),
) -> int:
    """Cost or efficiency against what was learned, a curve per rule; returns how many have no place on logarithms.

    joined: by lines. same_scale_as: room for the points of these runs too, so that panels can be compared.
    """
    pairs = [(r.estimates["learned"].value, r.estimates[quantity].value) for r in same_scale_as if _has(r, quantity)]
    points = np.array([pair for pair in pairs if min(pair) > 0.0 and np.isfinite(pair).all()])
    if points.size:
        ax.update_datalim(points)
    draw = cost_curves if quantity == "cost" else efficiency_curves
    missed = draw(ax, [_curve(runs, rule, rules, quantity) for rule in rules])
    if not joined:
        for line in ax.lines:
            if line.get_label() != "_bound":
                line.set_linestyle("none")
    return missed


def _has(run: Run, quantity: str) -> bool:
    return quantity in run.estimates and "learned" in run.estimates


def _panel(stretch: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(PANEL[0] * stretch, PANEL[1]))
    ax = figure.subplots()
    foot = 0.2 if stretch == 1.0 else 0.32  # names of many bars are turned
    figure.subplots_adjust(left=0.145 / stretch, right=1.0 - 0.02 / stretch, bottom=foot, top=0.9)
    return figure, ax


def _curve(runs: Sequence[Run], rule: str, rules: Sequence[str], quantity: str) -> Curve:
    chosen = sorted((r for r in runs if r.rule == rule and _has(r, quantity)), key=lambda r: r.learning_rate)
    x = [run.estimates["learned"] for run in chosen]
    y = [run.estimates[quantity] for run in chosen]
    hollow = ["two-sided" != a.side or "two-sided" != b.side for a, b in zip(x, y, strict=True)]
    return Curve(
        rule, [e.value for e in x], [e.value for e in y], [e.stderr for e in x], [e.stderr for e in y],
        series=list(rules).index(rule), one_sided=hollow,
    )  # fmt: skip
