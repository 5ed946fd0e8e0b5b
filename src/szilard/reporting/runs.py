"""What a report needs to know of a study: its runs, in curves of equal conditions, at matched information."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, log
from typing import TYPE_CHECKING

from ..errors import InputError
from ..estimate import OPPOSITE, Estimate
from ..learning.decomposition import TERMS
from ..study.axes import AXES
from ..study.matching import FEWEST, Match, matched
from ..study.quantities import QUANTITIES
from ..study.result_columns import entry_of
from ..study.units import ATP, joules, per_bit

if TYPE_CHECKING:
    import xarray

STORED = {name: "readout_loss" if name == "readout" else name for name in TERMS}
"""Where the store keeps each term of the budget."""
SURE = 1.0 / 3.0
"""Of a price, its standard error at most, where the cheapest is sought among runs that have learned unlike."""
MOST_RUNS = 1000
"""On one page: in its figures, its tables and under its sliders."""
SIGNS = {"temperature": "T", "stiffness": "k", "mobility": "μ", "dt": "dt"}


@dataclass(frozen=True)
class Run:
    """One training run as stored; ``condition`` names whatever else than rule and rate tells it apart.

    number: its place in the store; at: its parameters by name, of those that it has; reached: whether the error asked
    for was reached, True where none was.
    """

    rule: str
    learning_rate: float
    labelling: str
    condition: str
    temperature: float
    estimates: dict[str, Estimate]
    verdict: str
    merged: str = ""
    force: str = ""
    number: int = 0
    at: Mapping[str, str | float] = field(default_factory=dict)
    replicas: int = 0
    reached: bool = True

    @property
    def name(self) -> str:
        """How it is called on a page."""
        return f"{self.rule}, rate {self.learning_rate:g}, {self.condition}"

    def price(self) -> Estimate | None:
        """Cost in k_B T per bit learned; None where nothing was learned, though the cost be below zero as well."""
        learned, efficiency = (self.estimates.get(name) for name in ("learned", "efficiency_marginal"))
        if efficiency is None or (learned is not None and not learned.value > 0.0):
            return None
        return price_of(efficiency)

    def terms(self) -> dict[str, Estimate]:
        """The terms of its budget that are known, in order."""
        return {name: self.estimates[key] for name, key in STORED.items() if key in self.estimates}


@dataclass(frozen=True)
class Matched:
    """One curve at the matched information, with its price in k_B T per bit."""

    condition: str
    force: str
    temperature: float
    match: Match
    price: Estimate


@dataclass(frozen=True)
class Comparison:
    """The curves at one learned information (nat, all patterns), the cheapest first; empty if none can be compared."""

    information: float
    curves: tuple[Matched, ...]


def price_of(efficiency: Estimate) -> Estimate | None:
    """ln 2 / efficiency: k_B T per bit; None where nothing was learned."""
    if not (isfinite(efficiency.value) and efficiency.value > 0.0):
        return None
    value = per_bit(1.0, efficiency.value)
    return Estimate(value, value * efficiency.stderr / efficiency.value, side=OPPOSITE[efficiency.side])


def in_joules(price: Estimate, temperature: float, kelvin: float) -> Estimate:
    """A price in k_B T as joules; T in T0, T0 in kelvin."""
    return scaled(price, joules(temperature, kelvin))


def in_atp(price: Estimate, temperature: float) -> Estimate:
    """A price in k_B T as molecules of ATP."""
    return scaled(price, temperature / ATP)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The same number in another unit, factor > 0."""
    return Estimate(factor * estimate.value, factor * estimate.stderr, side=estimate.side)


def runs_of(results: xarray.Dataset) -> tuple[Run, ...]:
    """Every run of what ``load`` returned, in its order."""
    columns = {str(name): results[name].values for name in (*results.coords, *results.data_vars)}
    conditions = conditions_of(results)
    axes = [name for name in AXES if name in columns]
    found = []
    for i in range(results.sizes["cell"]):
        row = {name: values[i] for name, values in columns.items()}
        estimates = {
            name: Estimate(float(row[name]), _error(row[f"{name}_stderr"]), side=row[f"{name}_side"])
            for name in QUANTITIES
            if name in row and row[name] == row[name]
        }
        found.append(
            Run(
                str(row["rule"]), float(row["learning_rate"]), str(row["labelling"]), conditions[i],
                float(row.get("temperature", 1.0)), estimates, str(row["verdict"]), str(row.get("merged", "")),
                str(row.get("force", "")), i, {n: x for n in axes if (x := entry_of(row[n])) is not None},
                int(row.get("replicas", 0)), bool(row.get("error_reached", 1)),
            )
        )  # fmt: skip
    return tuple(found)


def _error(value: float) -> float:
    return float(value) if value >= 0.0 else float("inf")


def conditions_of(results: xarray.Dataset) -> list[str]:
    """The schedule of each run, and every other parameter that is not settled by those named before."""
    schedules = [str(s) for s in results.schedule.values]
    groups: list[tuple[str, ...]] = [(s,) for s in schedules]
    labels = [readable_schedule(s) for s in schedules]
    for name in AXES:
        if name in ("labelling", "rule", "learning_rate", "schedule") or name not in results.coords:
            continue
        values = [_plain(v) for v in results[name].values]
        finer = [(*group, value) for group, value in zip(groups, values, strict=True)]
        if len(set(finer)) > len(set(groups)):
            groups = finer
            sign = SIGNS.get(name, name)
            labels = [f"{label}, {sign} = {v}" if v else label for label, v in zip(labels, values, strict=True)]
    return labels


def _plain(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "" if text == "nan" else text


def readable_schedule(schedule: str) -> str:
    """A schedule as it is said.

    >>> readable_schedule("ramp:32"), readable_schedule("quench")
    ('ramp, τ = 32', 'quench')
    """
    kind, _, time = schedule.partition(":")
    return f"{kind}, τ = {time}" if time else kind


def compare(results: xarray.Dataset, runs: Sequence[Run]) -> Comparison:
    """All curves of random labels at one information: 0.9 of the smallest maximum among them."""
    names = [f"{name}{end}" for name in ("learned", "heat", "cost") for end in ("", "_stderr", "_side")]
    results = results[names]
    parts, cells = {}, dict[str, list[int]]()
    for i, run in enumerate(runs):
        cells.setdefault(run.condition, []).append(i)
    for condition, here in cells.items():
        if len(here) < FEWEST:
            continue
        part = results.isel(cell=here)
        try:
            parts[condition] = part, matched(part)[0]
        except InputError:
            continue
    if not parts:
        return Comparison(float("nan"), ())
    information = min(level for _, level in parts.values())
    if not information > 0.0:
        return Comparison(float("nan"), ())
    forces = {(run.condition, run.rule): run.force for run in runs}
    found = []
    for condition, (part, _) in parts.items():
        temperature = runs[cells[condition][0]].temperature
        for match in matched(part, information)[1]:
            price = price_of(match.efficiency)
            if price is not None:
                price = Estimate(price.value, price.stderr, side=match.cost.side)
                found.append(Matched(condition, forces[condition, match.rule], temperature, match, price))
    return Comparison(information, tuple(sorted(found, key=lambda m: m.price.value)))


def representatives(runs: Sequence[Run], information: float) -> list[Run]:
    """Of every curve the run whose learned information is nearest in ratio; the most learned where none is given."""
    curves: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        curves.setdefault((run.condition, run.rule), []).append(run)

    def distance(run: Run) -> float:
        learned = run.estimates["learned"].value
        if not isfinite(information):
            return -learned
        return abs(log(learned / information)) if learned > 0.0 else float("inf")

    return [min(curve, key=distance) for curve in curves.values()]


def principal(runs: Sequence[Run]) -> list[Run]:
    """The runs that the figures show: random labels if there are any, else a teacher's, else the true ones."""
    for labelling in ("random", "teacher", "true"):
        chosen = [run for run in runs if run.labelling == labelling]
        if chosen:
            return chosen
    return []


def thinned(runs: Sequence[Run], always: Sequence[Run] = ()) -> list[Run]:
    """At most ``MOST_RUNS`` of the runs, in their order: those in ``always``, those that violate a law, every n-th."""
    if len(runs) <= MOST_RUNS:
        return list(runs)
    kept = dict.fromkeys([run.number for run in always] + [run.number for run in runs if run.verdict == "violated"])
    kept = dict.fromkeys(list(kept)[: MOST_RUNS // 2])
    left = [run.number for run in runs if run.number not in kept]
    room = MOST_RUNS - len(kept)
    kept |= dict.fromkeys(left[i * len(left) // room] for i in range(room))
    return [run for run in runs if run.number in kept]


def priced(runs: Sequence[Run]) -> list[tuple[Estimate, Run]]:
    """Runs with their prices, the cheapest first: those whose price is known to a third, or all if none is."""
    found = [(price, run) for run in runs if (price := run.price()) is not None]
    sure = [(price, run) for price, run in found if price.stderr <= SURE * price.value]
    return sorted(sure or found, key=lambda each: each[0].value)


def extremes(runs: Sequence[Run]) -> list[Run]:
    """The cheapest run per bit, the middle one and the dearest; the first where nothing was learned."""
    found = priced(runs)
    if not found:
        return list(runs[:1])
    places = dict.fromkeys((0, (len(found) - 1) // 2, len(found) - 1))
    return [found[place][1] for place in places]
