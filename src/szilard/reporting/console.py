"""The answer of a study on the terminal."""

from __future__ import annotations

from contextlib import suppress
from math import isnan
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import InputError
from ..learning.tasks import COVERS
from ..study.rank_screen import screen
from ..study.strict import parse_toml
from ..study.units import ATP, joules, per_bit
from .numbers import number
from .runs import Comparison, compare, conditions_of, in_atp, in_joules, runs_of

if TYPE_CHECKING:
    import xarray

MOST_ROWS = 60
COLUMNS = ("learned", "heat", "entropy", "cost", "efficiency_marginal", "efficiency_joint", "error")
HEADS = {
    "learned": "learned\nnat",
    "heat": "heat\nk_B T0",
    "entropy": "entropy\nnat",
    "cost": "cost\nnat",
    "efficiency_marginal": "η\nmarginal",
    "efficiency_joint": "η\njoint",
    "error": "error",
    "held_out_error": "error on\nunseen",
    "fresh_information": "unseen\nnat/label",
}


def show(results: xarray.Dataset, console: Console) -> None:
    """Every run of a study, the rules at matched learned information, and of a design which parameters matter."""
    kelvin = float(results.attrs["kelvin"])
    for labelling in dict.fromkeys(str(x) for x in results.labelling.values):
        chosen = results.where(results.labelling == labelling, drop=True)
        console.print(_runs(chosen, labelling, kelvin))
        left_out = chosen.sizes["cell"] - MOST_ROWS
        rest = f"; {left_out} runs more are in the store and in the report" if left_out > 0 else ""
        console.print(f"[dim]{COVERS[labelling]}{rest}.[/dim]\n")
    comparison = compare(results, runs_of(results))
    if comparison.curves:
        console.print(_matched(comparison, kelvin))
        compared = {curve.match.rule for curve in comparison.curves}
        others = [rule for rule in dict.fromkeys(str(r) for r in results.rule.values) if rule not in compared]
        if others:
            console.print(f"[dim]left out, as no two of their rates enclose it: {escape(', '.join(others))}.[/dim]")
    console.print(_legend())
    if "design" in parse_toml(str(results.attrs["study"])):
        with suppress(InputError):  # too few runs, or none that differ, to rank anything
            console.print(f"\n{screen(results, 'cost')!r}", markup=False, highlight=False)


def _runs(runs: xarray.Dataset, labelling: str, kelvin: float) -> Table:
    shown = list(COLUMNS)
    if labelling != "random":
        shown += ["held_out_error", "fresh_information"]
    if labelling == "true":
        shown = [name for name in shown if not name.startswith("efficiency") and name != "learned"]
    title = f"{runs.attrs['name']}: {labelling} labels"
    table = Table(title=escape(title), box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))
    for name in ("rule", "force", "schedule", "rate"):
        table.add_column(name, justify="right" if name == "rate" else "left", no_wrap=True)
    for name in shown:
        table.add_column(HEADS[name], justify="right", no_wrap=True)
    if labelling == "random":
        table.add_column("J/bit", justify="right", no_wrap=True)
        table.add_column("ATP/bit", justify="right", no_wrap=True)
    table.add_column("second law", no_wrap=True)
    conditions = conditions_of(runs)
    for i in range(min(runs.sizes["cell"], MOST_ROWS)):
        run = runs.isel(cell=i)
        named = str(run.rule.values), str(run.force.values), conditions[i]
        cells = [*named, f"{float(run.learning_rate):g}"]
        for name in shown:
            side = str(run[f"{name}_side"].values)
            cells.append(number(float(run[name]), float(run[f"{name}_stderr"]), side))
        if labelling == "random":
            energy = per_bit(float(run.cost) * float(run.temperature), float(run.learned))
            cells += [f"{joules(energy, kelvin):.2g}", f"{energy / ATP:.2g}"]
        table.add_row(*map(escape, cells), _verdict(str(run.verdict.values), float(run.margin)))
    return table


def _verdict(verdict: str, margin: float) -> str:
    colour = {"holds": "green", "holds, saturated": "green", "violated": "red", "inconclusive": "yellow"}
    text = verdict if isnan(margin) else f"{verdict} ({margin:+.0f}σ)"
    return f"[{colour.get(verdict, 'dim')}]{text}[/]"


def _matched(comparison: Comparison, kelvin: float) -> Table:
    title = f"The same learned: {comparison.information:.3g} nat"
    table = Table(title=title, box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))
    for head in ("rule", "force", "schedule"):
        table.add_column(head)
    for head in ("rate", "heat\nk_B T0", "cost\nnat", "of which\nlearning", "J/bit", "ATP/bit"):
        table.add_column(head, justify="right")
    for curve in comparison.curves:
        match = curve.match
        table.add_row(
            escape(match.rule),
            curve.force,
            escape(curve.condition),
            number(match.learning_rate.value, match.learning_rate.stderr),
            number(match.heat.value, match.heat.stderr),
            number(match.cost.value, match.cost.stderr, match.cost.side),
            number(100 * match.efficiency.value, 100 * match.efficiency.stderr) + " %",
            f"{in_joules(curve.price, curve.temperature, kelvin).value:.2g}",
            f"{in_atp(curve.price, curve.temperature).value:.2g}",
        )
    return table


def _legend() -> str:
    return (
        "[dim]cost = sum over weights of entropy change + heat/T; digits in brackets: standard error in the last "
        "digits;\n≥ lower bound, ≤ upper bound; second law: learned ≤ cost, in sigmas of their difference.[/dim]"
    )
