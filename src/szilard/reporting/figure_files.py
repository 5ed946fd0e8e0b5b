"""The figures of a report for print, each by its name."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import InputError
from ..infer.training_recording import training_ledger
from ..infer.training_store import holds_training
from ..plotting import house_style
from ..plotting.printed import WIDTHS, paper_figure, write_figure
from ..plotting.style import FILLS, PAPER, as_text, points
from ..study import load
from ..study.rank_screen import screen
from ..study.strict import parse_toml
from .figures import MAX_PANELS, bars, by_condition, draw_curves, draw_ranking, have_prices
from .runs import Run, compare, extremes, principal, representatives, runs_of, thinned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..infer.training_result import TrainingLedger

Width = Literal["single", "double"]
BAR = 0.62
"""Inches that a bar needs for its name."""
GRID = {
    "budget": "where the cost goes, at the same learned information",
    "cost": "the cost against what was learned",
    "efficiency": "the share of the cost that is learning, against what was learned",
}
DESIGN = {
    "budget": "where the cost goes: the cheapest, the middle and the dearest run per bit",
    "cost": "the cost of every run against what it learned",
    "efficiency": "the share of the cost that is learning, of every run",
    "ranking": "which parameters move cost, learned, efficiency and dissipation",
}
TRAINING = {
    "loss": "the loss over the calls",
    "path": "the length of the way so far",
    "temperature": "the apparent temperature of the noise over the calls",
    "spectrum": "the apparent temperatures of the weights",
}
RANKED = ("cost", "learned", "efficiency_marginal", "dissipation")


def figures_of(out: str | Path) -> dict[str, str]:
    """The figures that the results in a directory have: names, and what they show.

    Raises InputError if the directory holds neither a study with a finished run nor a recorded training.
    """
    if holds_training(out):
        return _of_training(training_ledger(out))
    if (Path(out) / "answer.zarr").is_dir():
        raise InputError("out", str(out), "holds an answer", f"its figures are in {Path(out) / 'figures'} already")
    results = load(out)
    return DESIGN if is_design(str(results.attrs["study"])) else GRID


def is_design(study: str) -> bool:
    """Whether the text of a study draws its parameters."""
    return "design" in parse_toml(study)


def figure_command(out: str | Path, name: str) -> str:
    """What a shell is to be told to make a figure again."""
    place = str(out)
    return f"szilard figure {shlex.quote('./' + place if place.startswith('-') else place)} {name} --out {name}.pdf"


def figure_file(out: str | Path, name: str, path: str | Path, width: str = "double") -> Path:
    """A figure of the results in a directory, as wide as one column of a journal or two, as PDF, SVG or PNG.

    The same results give the same bytes. Raises InputError for a name that ``figures_of`` does not tell, another
    suffix or width, or where there is nothing to draw.
    """
    known = figures_of(out)
    if name not in known:
        raise InputError("name", name, f"must be one of {', '.join(known)}", "name one of them")
    if width not in WIDTHS:
        raise InputError("width", width, f"must be one of {', '.join(WIDTHS)}", "name the column")
    import matplotlib.pyplot as plt

    column: Width = "single" if width == "single" else "double"
    with house_style(paper=True):
        figure = _training(training_ledger(out), name, column) if holds_training(out) else _study(out, name, column)
        try:
            return write_figure(figure, path)
        finally:
            plt.close(figure)


def _of_training(ledger: TrainingLedger) -> dict[str, str]:
    warm = bool(ledger.spectrum.size) and bool((ledger.spectrum > 0.0).any())
    return {name: text for name, text in TRAINING.items() if warm or name in ("loss", "path")}


def _training(ledger: TrainingLedger, name: Any, width: Width) -> Figure:
    figure, ax = paper_figure(width, None if width == "single" else 3.2)
    ledger.plot(ax, name)
    return figure


def _study(out: str | Path, name: str, width: Width) -> Figure:
    results = load(out)
    runs = runs_of(results)
    drawn = principal(runs)
    if is_design(str(results.attrs["study"])):
        if name == "ranking":
            return _ranking(results, width)
        if name == "budget":
            return _budget({"cheapest, middle, dearest per bit": extremes(drawn)}, width)
        return _curves({"": thinned(drawn)}, name, width, joined=False)
    if name == "budget":
        groups = by_condition(representatives(drawn, compare(results, runs).information))
        return _budget(dict(list(groups.items())[:MAX_PANELS]), width)
    return _curves(dict(list(by_condition(drawn).items())[:MAX_PANELS]), name, width)


def _panels(
    groups: Mapping[str, Sequence[Run]], width: Width, most: int
) -> tuple[Figure, list[tuple[Any, str, Sequence[Run]]]]:
    """A figure with the Axes, title and runs of each panel; most: panels beside each other."""
    columns = max(1, min(most, len(groups)))
    rows = ceil(len(groups) / columns)
    each = 2.5 if columns > 1 or width == "single" else 3.2
    figure, axes = paper_figure(width, each * rows + 0.35, rows=rows, columns=columns)
    flat = list(axes.ravel()) if rows * columns > 1 else [axes]
    for spare in flat[len(groups) :]:
        spare.set_visible(False)
    return figure, [(ax, title, runs) for ax, (title, runs) in zip(flat, groups.items(), strict=False)]


def _budget(groups: Mapping[str, Sequence[Run]], width: Width) -> Figure:
    from matplotlib.patches import Patch

    widest = max(2, *(len(group) for group in groups.values()))
    most = max(1, int(WIDTHS[width] / (BAR * widest + 0.5)))
    figure, panels = _panels(groups, width, most)
    room = WIDTHS[width] / min(most, len(groups)) - 0.5
    bits = have_prices([run for group in groups.values() for run in group])
    for ax, title, group in panels:
        costs = bars(ax, group, "bit" if bits else "nat", brief=room / widest < 0.95)
        ax.set_title(as_text(title))
        if room / widest < BAR:
            ax.tick_params(axis="x", labelrotation=90)
        for place, (run, cost) in enumerate(zip(group, costs, strict=True)):
            if min(cost.value, run.estimates["cost"].value) > 0.0 and room / widest >= 0.5:
                share = run.estimates["learned"].value / run.estimates["cost"].value
                at = (place, cost.value + cost.stderr)
                ax.annotate(f"{100.0 * share:.0f} % learned", at, (0, points(16)), textcoords="offset points",
                            ha="center", fontsize=points(8.0), color=FILLS["learned"].colour)  # fmt: skip
        ax.margins(y=0.16)
    present = [name for name in FILLS if any(name in r.terms() for g in groups.values() for r in g)]
    handles = [Patch(facecolor=FILLS[n].colour, hatch=FILLS[n].hatch, edgecolor=PAPER, label=n) for n in present]
    columns = len(present) if width == "double" else 3
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=1.4)
    return figure


def _curves(groups: Mapping[str, Sequence[Run]], name: str, width: Width, joined: bool = True) -> Figure:
    figure, panels = _panels(groups, width, 1 if width == "single" else 2)
    every = [run for group in groups.values() for run in group]
    rules = list(dict.fromkeys(run.rule for run in every))
    quantity = "cost" if name == "cost" else "efficiency_marginal"
    handles: dict[str, Any] = {}
    for ax, title, group in panels:
        draw_curves(ax, group, rules, quantity, joined=joined, same_scale_as=every)
        ax.set_title(as_text(title))
        found, labels = ax.get_legend_handles_labels()
        handles |= dict(zip(labels, found, strict=True))
    if len(handles) > 1:
        columns = min(len(handles), 5 if width == "double" else 3)
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)
    return figure


def _ranking(results: Any, width: Width) -> Figure:
    found = []
    for quantity in RANKED:
        with suppress(InputError):  # too few runs, or none that differ
            found.append(screen(results, quantity))
    if not found:
        raise InputError("name", "ranking", "too few runs, or none that differ, to rank anything", "run more of them")
    columns = 1 if width == "single" else min(2, len(found))
    rows = ceil(len(found) / columns)
    tall = sum(0.95 + 0.2 * len(found[i * columns]) for i in range(rows))
    figure, axes = paper_figure(width, tall, rows=rows, columns=columns)
    flat = list(axes.ravel()) if rows * columns > 1 else [axes]
    for ax, one in zip(flat, found, strict=False):
        draw_ranking(ax, one)
    for spare in flat[len(found) :]:
        spare.set_visible(False)
    figure.legend(*flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
