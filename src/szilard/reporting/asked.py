"""What the marks of a figure tell when they are asked: the run, its numbers with error and side, its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from ..estimate import Estimate
from ..study.quantities import UNITS
from .numbers import plus_minus
from .runs import Run
from .svg import Spot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..study.rank_screen import Screen

BOUNDS = {"two-sided": "", "upper": ", an upper bound", "lower": ", a lower bound", "none": ", no bound"}
SHORT = {"nat": " nat", "1": "", "k_B T0": " kT\u2080"}


def told(name: str, estimate: Estimate, unit: str = "") -> str:
    """A number as a figure tells it: value, error, unit and side.

    >>> told("cost", Estimate(3.4921, 0.0212, side="upper"), " nat")
    'cost 3.492 ± 0.021 nat, an upper bound'
    """
    return f"{name} {plus_minus(estimate)}{unit}{BOUNDS[estimate.side]}"


def run_lines(run: Run, names: Sequence[str]) -> str:
    """The run, some of its numbers and its verdict, a line each."""
    lines = [run.name]
    for name in names:
        if name in run.estimates:
            said = {"efficiency_marginal": "η marginal", "efficiency_joint": "η joint"}.get(name, name)
            lines.append(told(said, run.estimates[name], SHORT[UNITS[name]]))
    margin = run.estimates.get("margin")
    sigmas = f" ({margin.value:+.0f} σ)".replace("-", "−") if margin is not None and isfinite(margin.value) else ""
    return "\n".join([*lines, f"second law: {run.verdict}{sigmas}"])


def point_spot(ax: Axes, run: Run, quantity: str) -> Spot | None:
    """The point of a run in a figure against what was learned; None where it has no place on logarithmic axes."""
    learned, other = (run.estimates.get(name) for name in ("learned", quantity))
    if learned is None or other is None:
        return None
    x, y = learned.value, other.value
    if not (isfinite(x) and isfinite(y) and x > 0.0 and y > 0.0):
        return None
    names = dict.fromkeys([quantity, "learned", "cost"])
    return Spot(ax, x, y, run_lines(run, list(names)), run.number)


def bar_spots(ax: Axes, runs: Sequence[Run]) -> list[Spot]:
    """Every term of every bar that ``bars`` drew, named by the containers' labels."""
    from matplotlib.container import BarContainer

    spots = []
    for container in ax.containers:
        if not isinstance(container, BarContainer):
            continue
        term = str(container.get_label())
        for patch in container.patches:
            x, y, width, height = patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height()
            run = runs[round(x + 0.5 * width)]
            e, cost = run.terms()[term], run.estimates["cost"]
            share = f", {100.0 * e.value / cost.value:.1f} % of the cost" if cost.value > 0.0 else ""
            head, *rest = run_lines(run, ["cost"]).split("\n")
            text = "\n".join([head, told(term, e, " nat") + share, *rest])
            spots.append(Spot(ax, x, y, text, run.number, (x + width, y + height)))
    return sorted(spots, key=lambda spot: (spot.x, spot.y))


def ranking_spots(ax: Axes, found: Screen) -> list[Spot]:
    """The point of every parameter in a ranking."""
    spots = []
    for i, effect in enumerate(found):
        share = f"{100.0 * effect.share:.1f} % of the variance of the ranks; by chance {effect.probability:.2g}"
        if effect.correlation is not None:
            r, place = effect.correlation, -float(i)
            spots.append(Spot(ax, r.value, place, f"{effect.axis}\n{told('r', r)}\n{share}\n{effect.n} runs"))
        else:
            spots.append(Spot(ax, effect.share**0.5, -i - 0.12, f"{effect.axis}\n{share}\n{effect.n} runs"))
    return spots
