"""The figures of a report, each panel on its own so that a page can lay them out for its width."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import InputError
from ..estimate import Estimate
from ..plotting import Curve, budget_bars, cost_curves, efficiency_curves, house_style
from ..plotting.stack import short
from ..plotting.style import FILLS, PAPER
from ..study import load
from ..study.units import per_bit
from .runs import Run, compare, principal, representatives, runs_of
from .svg import inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Unit = Literal["nat", "bit", "share"]
PANEL = (4.7, 3.2)
MAX_PANELS = 6
UNDATED: dict[str, dict[str, Any]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def budget_figure(out: str | Path, path: str | Path) -> Path:
    """The budget of every rule under every schedule at matched information, as PNG, SVG or PDF.

    out: the directory of a study; path: where to, its suffix says what. A panel per schedule, with its own
    scale. Raises InputError for a directory without results, or another suffix.
    """
    target = Path(path)
    if target.suffix not in UNDATED:
        raise InputError("path", str(path), f"must end in {', '.join(UNDATED)}", "name the file so")
    results = load(out)
    runs = runs_of(results)
    comparison = compare(results, runs)
    groups = by_condition(representatives(principal(runs), comparison.information))
    with house_style():
        figure = _budget(dict(list(groups.items())[:MAX_PANELS]))
        figure.savefig(target, dpi=200, metadata=UNDATED[target.suffix])
    return target


def by_condition(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs of each condition, in order."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.condition, []).append(run)
    return groups


def _budget(groups: dict[str, list[Run]]) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    widths = [max(2, len(group)) for group in groups.values()]
    figure = Figure(figsize=(1.2 + 1.25 * sum(widths), 4.3), layout="constrained")
    bits = have_prices([run for group in groups.values() for run in group])
    axes = figure.subplots(1, len(groups), squeeze=False, width_ratios=widths)[0]
    for ax, (condition, group) in zip(axes, groups.items(), strict=True):
        drawn = bars(ax, group, "bit" if bits else "nat")
        ax.set_title(condition)
        for place, (run, cost) in enumerate(zip(group, drawn, strict=True)):
            if cost.value > 0.0:
                share = run.estimates["learned"].value / run.estimates["cost"].value
                text = f"{100.0 * share:.0f} % learned"
                at = (place, cost.value + cost.stderr)
                ax.annotate(text, at, (0, 16), textcoords="offset points", ha="center", fontsize=8.5,
                            color=FILLS["learned"].colour)  # fmt: skip
        ax.margins(y=0.14)
    present = [name for name in FILLS if any(name in r.terms() for g in groups.values() for r in g)]
    handles = [Patch(facecolor=FILLS[n].colour, hatch=FILLS[n].hatch, edgecolor=PAPER, label=n) for n in present]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(present), handlelength=1.4)
    return figure


def have_prices(runs: Sequence[Run]) -> bool:
    """Whether every run has learned something, so that all can be shown per bit."""
    return all(run.price() is not None for run in runs)


def bars(ax: Axes, runs: Sequence[Run], unit: Unit) -> list[Estimate]:
    """One bar per run, named by its rule, rate and learned information; returns the costs drawn.

    unit: "nat"; "bit" (k_B T per bit learned, which all runs must have: the fairest where they have not
    learned quite the same); or "share" of the cost.
    """
    labels = [f"{r.rule}\nrate {r.learning_rate:g}\nlearns {short(r.estimates['learned'].value)} nat" for r in runs]
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


def budget_panels(runs: Sequence[Run], prefix: str) -> list[str]:
    """For every condition two panels: the budget per bit learned (else in nats), and as a share of the cost."""
    panels = []
    units: tuple[Unit, Unit] = ("bit" if have_prices(runs) else "nat", "share")
    for number, (condition, group) in enumerate(by_condition(runs).items()):
        for unit in units:
            with house_style():
                figure, ax = _panel(max(1.0, len(group) / 5.0))
                bars(ax, group, unit)
                ax.set_title(condition)
                ax.tick_params(axis="x", labelsize=8.0)
                what = {"share": "shares of the cost", "bit": "kT per bit", "nat": "nat"}[unit]
                names = ", ".join(run.rule for run in group)
                label = f"Stacked bars of the learning budget in {what}, {condition}: {names}"
                panels.append(inline_svg(figure, f"{prefix}{number}{unit[0]}", label))
    return panels


def curve_panels(runs: Sequence[Run], rules: Sequence[str], prefix: str) -> tuple[list[str], int]:
    """For every condition two panels: cost and efficiency against learned information; and what logarithms left out."""
    panels, left_out = [], 0
    groups = by_condition(runs)
    for number, (condition, group) in enumerate(groups.items()):
        for quantity, draw in (("cost", cost_curves), ("efficiency_marginal", efficiency_curves)):
            with house_style():
                figure, ax = _panel(1.0)
                _same_scale(ax, runs, quantity)
                missed = draw(ax, [_curve(group, rule, rules, quantity) for rule in rules])
                left_out += missed if quantity == "cost" else 0
                ax.set_title(condition)
                what = "Cost" if quantity == "cost" else "Efficiency"
                label = f"{what} against learned information, {condition}, a curve per rule: {', '.join(rules)}"
                panels.append(inline_svg(figure, f"{prefix}{number}{quantity[0]}", label))
    return panels, left_out


def _same_scale(ax: Axes, runs: Sequence[Run], quantity: str) -> None:
    """Room for the points of every panel, so that the panels can be compared."""
    pairs = [(r.estimates["learned"].value, r.estimates[quantity].value) for r in runs if quantity in r.estimates]
    points = np.array([pair for pair in pairs if min(pair) > 0.0 and np.isfinite(pair).all()])
    if points.size:
        ax.update_datalim(points)


def _panel(stretch: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(PANEL[0] * stretch, PANEL[1]))
    ax = figure.subplots()
    figure.subplots_adjust(left=0.145 / stretch, right=1.0 - 0.02 / stretch, bottom=0.2, top=0.9)
    return figure, ax


def _curve(runs: Sequence[Run], rule: str, rules: Sequence[str], quantity: str) -> Curve:
    chosen = sorted((r for r in runs if r.rule == rule and quantity in r.estimates), key=lambda r: r.learning_rate)
    x = [run.estimates["learned"] for run in chosen]
    y = [run.estimates[quantity] for run in chosen]
    hollow = ["two-sided" != a.side or "two-sided" != b.side for a, b in zip(x, y, strict=True)]
    return Curve(
        rule, [e.value for e in x], [e.value for e in y], [e.stderr for e in x], [e.stderr for e in y],
        series=list(rules).index(rule), one_sided=hollow,
    )  # fmt: skip
