"""The answer of a study on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isnan
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import InputError
from ..learning.tasks import COVERS
from ..study.axes import AXES
from ..study.rank_screen import screen
from ..study.strict import parse_toml
from ..study.units import ATP, joules, per_bit
from .numbers import number
from .plain_text import printable
from .runs import SIGNS, Comparison, compare, conditions_of, in_atp, in_joules, runs_of

if TYPE_CHECKING:
    import xarray

MOST_ROWS = 60
VERDICT = 19
"""Characters of "inconclusive (+12σ)"."""
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

SHORT = {"learning_rate": "rate", **SIGNS}
NEXT = "other quantities: szilard.study.screen(szilard.load(DIR), NAME); Sobol indices and exponents: see the manual"
LEAST_FIRST = (
    "ATP/bit",
    "J/bit",
    "force",
    HEADS["efficiency_joint"],
    HEADS["entropy"],
    HEADS["heat"],
    "error",
    HEADS["efficiency_marginal"],
)
"""What a narrow terminal does without, in this order."""


def show(results: xarray.Dataset, console: Console) -> None:
    """Every run of a study, the rules at matched learned information, and of a design which parameters matter."""
    kelvin = float(results.attrs["kelvin"])
    axes = _drawn(results)
    for labelling in dict.fromkeys(str(x) for x in results.labelling.values):
        chosen = results.where(results.labelling == labelling, drop=True)
        console.print(_runs(chosen, labelling, kelvin, axes, console.width))
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
    if axes:
        with suppress(InputError):  # too few runs, or none that differ, to rank anything
            console.print(f"\n{screen(results, 'cost')!r}", markup=False, highlight=False)
        console.print(NEXT, markup=False, highlight=False)


def _drawn(results: xarray.Dataset) -> list[str]:
    """What varies in a design; nothing in a grid."""
    if "design" not in parse_toml(str(results.attrs["study"])):
        return []
    apart = [name for name in AXES if len({str(value) for value in results[name].values}) > 1]
    return [name for name in apart if name not in ("rule", "labelling", "schedule")]


def _runs(runs: xarray.Dataset, labelling: str, kelvin: float, axes: Sequence[str], width: int) -> Table:
    """A row per run; axes: what a design draws, a column each. Where it is too wide, what matters least is left out."""
    shown = list(COLUMNS)
    if labelling != "random":
        shown += ["held_out_error", "fresh_information"]
    if labelling == "true":
        shown = [name for name in shown if not name.startswith("efficiency") and name != "learned"]
    runs = runs.isel(cell=slice(MOST_ROWS))
    columns = {"rule": [str(x) for x in runs.rule.values], "force": [str(x) for x in runs.force.values]}
    if axes:
        columns |= {SHORT.get(name, name): [_short(value) for value in runs[name].values] for name in axes}
    else:
        columns |= {"schedule": conditions_of(runs), "rate": [f"{x:g}" for x in runs.learning_rate.values]}
    for name in shown:
        each = zip(runs[name].values, runs[f"{name}_stderr"].values, runs[f"{name}_side"].values, strict=True)
        columns[HEADS[name]] = [number(float(v), float(e), str(side)) for v, e, side in each]
    if labelling == "random":
        both = zip(runs.cost.values * runs.temperature.values, runs.learned.values, strict=True)
        energies = [per_bit(float(cost), float(learned)) for cost, learned in both]
        columns["J/bit"] = [f"{joules(energy, kelvin):.2g}" for energy in energies]
        columns["ATP/bit"] = [f"{energy / ATP:.2g}" for energy in energies]
    verdicts = zip(runs.verdict.values, runs.margin.values, strict=True)
    columns["second law"] = [_verdict(str(verdict), float(margin)) for verdict, margin in verdicts]
    for name in LEAST_FIRST:
        if _width(columns) <= width:
            break
        columns.pop(name, None)
    title = f"{runs.attrs['name']}: {labelling} labels"
    table = Table(title=escape(printable(title)), box=box.SIMPLE, title_justify="left", pad_edge=False, padding=(0, 1))
    for name in columns:
        left = name in ("rule", "force", "schedule", "second law")
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*(escape(printable(cell)) for cell in cells[:-1]), cells[-1])
    return table


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _width(columns: Mapping[str, Sequence[str]]) -> int:
    """Of a table of these columns, with the space between them; a verdict's colour takes none."""
    widths = [max(map(len, (*name.split("\n"), *cells))) for name, cells in columns.items() if name != "second law"]
    return sum(widths) + 3 * len(columns) + VERDICT


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
        "[dim]rate: the learning rate; learned: what the neuron can tell of the labels; η: learned / cost;\n"
        "cost = sum over weights of entropy change + heat/T; digits in brackets: standard error in the last "
        "digits;\n≥ lower bound, ≤ upper bound; second law: learned ≤ cost, in sigmas of their difference.[/dim]"
    )
