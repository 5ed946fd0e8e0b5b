"""Rules compared where they have learned the same, or err alike: the only fair place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from ..errors import InputError
from ..estimate import OPPOSITE, SIDES, Estimate, Side
from ..markup import table_of_fields
from .result_columns import Axis, Point, axes_of, named, points_of, varying

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]
DRAWS = 500
FEWEST = 3
LADDER = ("rule", "schedule", "learning_rate")
HALVINGS = 50
SHARE = 0.9


@dataclass(frozen=True)
class Match:
    """One rule under one schedule and ``condition`` at the information that all have reached.

    condition: every other parameter that varies among the runs, "all" where none does. Rules are to be compared where
    it is the same.
    """

    rule: str
    schedule: str
    learning_rate: Estimate
    heat: Estimate
    cost: Estimate
    efficiency: Estimate
    condition: str = "all"

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True)
class Ladder:
    """Runs that differ in nothing but the learning rate: the rates, increasing, and what each run gave by name.

    Raises InputError unless the rates are positive and increase, with as many estimates of every quantity.
    """

    rates: Array
    quantities: Mapping[str, Sequence[Estimate]]

    def __post_init__(self) -> None:
        rates = np.asarray(self.rates, dtype=np.float64)
        if rates.ndim != 1 or not (np.all((rates > 0.0) & np.isfinite(rates)) and np.all(np.diff(rates) > 0.0)):
            raise InputError("rates", self.rates, "must be positive and increase", "sort them, each once")
        for name, found in self.quantities.items():
            if len(found) != rates.size:
                raise InputError(name, f"{len(found)} runs", f"must have {rates.size}", "one run per rate")

    def values(self, name: str) -> Array:
        """A quantity's values: (rate,)."""
        return np.array([each.value for each in self.quantities[name]])

    def errors(self, name: str) -> Array:
        """Their standard errors: (rate,)."""
        return np.array([each.stderr for each in self.quantities[name]])

    def side(self, name: str) -> Side:
        """The weakest side among the runs."""
        sides = {each.side for each in self.quantities[name]}
        return next((side for side in reversed(SIDES) if side in sides), "two-sided")

    def at(self, quantity: str, level: float, names: Sequence[str], falling: bool = False) -> dict[str, Estimate]:
        r"""Each of ``names``, and "learning_rate", at the rate c* where quantity(c*) = level.

        quantity rises with the rate, or falls where ``falling``; it and ln(each other) are monotone cubics of ln(rate)
        on the branch that still rises (falls), what is not positive everywhere without the logarithm. The error joins
        that of runs redrawn from their own standard errors (fixed seed) with the distance to straight lines, a measure
        of what the ladder leaves open; a bound keeps its side. Empty where the level is not reached, or before the
        first rate, or on fewer than three rates.
        """
        sign = -1.0 if falling else 1.0
        target, measure = sign * level, sign * self.values(quantity)
        columns = {"learning_rate": self.rates} | {name: self.values(name) for name in names}
        spread = [self.errors(quantity), *(self.errors(name) for name in names)]
        crossing = _Crossing.of(self.rates, measure[:, None], target)
        central = [float(crossing.read(v[:, None])[0]) for v in columns.values()]
        if any(np.isnan(x) for x in central):
            return {}
        straight = [_straight(self.rates, measure, v, target) for v in columns.values()]
        draw = np.random.Generator(np.random.Philox(1)).standard_normal((DRAWS, len(spread), self.rates.size))
        shaken = np.moveaxis(draw * np.array(spread), 0, -1)
        crossings = _Crossing.of(self.rates, measure[:, None] + shaken[0], target)
        rates = crossings.read(np.repeat(self.rates[:, None], DRAWS, axis=1))
        samples = [rates, *(crossings.read(columns[n][:, None] + shaken[i]) for i, n in enumerate(names, 1))]
        errors = np.hypot(np.nanstd(np.array(samples), axis=1), np.subtract(central, straight))
        sides: list[Side] = ["two-sided", *(self.side(name) for name in names)]
        return {
            name: Estimate(float(v), float(e), side=side)
            for name, v, e, side in zip(columns, central, errors, sides, strict=True)
        }


def common_level(tops: Sequence[float]) -> float:
    """0.9 of the smallest maximum: what all ladders reach with room to spare."""
    return SHARE * min(tops)


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """a / b of independent estimates, b > 0; of two bounds on the same side nothing is known."""
    value = a.value / b.value
    turned = OPPOSITE[b.side]
    side: Side = a.side if turned in ("two-sided", a.side) else turned if a.side == "two-sided" else "none"
    return Estimate(value, hypot(a.stderr, value * b.stderr) / b.value, side=side)


def matched(results: xarray.Dataset, information: float | None = None) -> tuple[float, tuple[Match, ...]]:
    r"""cost(I*) of every rule, schedule and condition at one learned information I*, between the rates that were run.

    results: what ``load`` returns; only random labels are compared. A curve is all runs that differ in nothing but the
    learning rate, and in the step dt where it follows the rate; it needs three rates. I* defaults to 0.9 of the
    smallest maximum over the curves (in nats, all patterns); choose the runs of one condition for an I* of its own.
    I and ln(cost) are monotone cubics of ln(rate) on the branch where I still rises; the error joins that of runs
    redrawn from their own standard errors (fixed seed) with the distance to straight lines, a measure of what the
    ladder leaves open. A curve that never reaches I* is left out. Raises InputError if nothing can be compared, as in a
    random design, or if several runs have the same parameters.

    >>> import xarray as xr
    >>> rates = [0.5, 1.0, 2.0]
    >>> cost = [1.0, 4.0, 16.0] * 2
    >>> columns = {"learned": [0.1, 0.2, 0.3, 0.05, 0.15, 0.25], "heat": cost, "cost": cost}
    >>> data = {name: ("cell", values) for name, values in columns.items()}
    >>> data |= {f"{name}_stderr": ("cell", [1e-3] * 6) for name in columns}
    >>> data |= {f"{name}_side": ("cell", ["two-sided"] * 6) for name in columns}
    >>> axes = {"rule": ["hebbian"] * 6, "schedule": ["quench"] * 6, "labelling": ["random"] * 6}
    >>> axes |= {"learning_rate": rates * 2, "temperature": [1.0] * 3 + [2.0] * 3}
    >>> _, found = matched(xr.Dataset(data, {name: ("cell", x) for name, x in axes.items()}), 0.15)
    >>> [(match.condition, round(match.cost.value, 2)) for match in found]
    [('temperature = 1', 2.0), ('temperature = 2', 4.0)]
    """
    ladders = _ladders(results)
    if information is None:
        information = common_level([float(ladder.values("learned").max()) for *_, ladder in ladders])
    found = []
    for rule, schedule, condition, ladder in ladders:
        at = ladder.at("learned", information, ("heat", "cost"))
        if at:
            efficiency = ratio(Estimate.exact(information), at["cost"])
            found.append(Match(rule, schedule, at["learning_rate"], at["heat"], at["cost"], efficiency, condition))
    return information, tuple(found)


def _ladders(results: xarray.Dataset) -> list[tuple[str, str, str, Ladder]]:
    """Rule, schedule and condition of every curve of at least three rates, and the curve."""
    axes = axes_of(results) | {"schedule": np.asarray(results.schedule.values).astype(str)}
    usable = np.flatnonzero((axes["labelling"] == "random") & (axes["learning_rate"] > 0.0))
    axes = {name: values[usable] for name, values in axes.items()}
    apart = [name for name in varying(axes) if name not in (*LADDER, "ramp")] if usable.size else []
    if "duration" in apart and _points(axes, "schedule", "duration") == _points(axes, "schedule"):
        apart.remove("duration")
    if "dt" in apart and _points(axes, *LADDER, *(n for n in apart if n != "dt")) == usable.size:
        apart.remove("dt")
    curves: dict[Point, list[int]] = {}
    for i, point in enumerate(points_of(axes, ["rule", "schedule", *apart])):
        curves.setdefault(point, []).append(i)
    ladders = []
    for (rule, schedule, *others), cells in curves.items():
        rates = axes["learning_rate"][cells]
        if np.unique(rates).size < rates.size:
            rule_text = "has several runs with all parameters equal"
            raise InputError("results", f"{rule}, {schedule}", rule_text, "choose one of each")
        if rates.size >= FEWEST:
            condition = named(dict(zip(apart, others, strict=True)))
            here = usable[np.array(cells)[np.argsort(rates)]]
            ladders.append((str(rule), str(schedule), condition, _ladder(results.isel(cell=here))))
    if not ladders:
        apart_text = f" (what varies: {', '.join(apart)})" if apart else ""
        rule_text = "no curve of at least three learning rates with random labels and everything else equal"
        raise InputError("results", "no comparable curves", rule_text + apart_text, "run a ladder of learning_rate")
    return ladders


def _points(axes: Mapping[str, Axis], *names: str) -> int:
    """How many different entries there are on these axes."""
    return len(set(points_of(axes, names)))


def _ladder(curve: xarray.Dataset) -> Ladder:
    def each(name: str) -> list[Estimate]:
        columns = (curve[f"{name}{end}"].values for end in ("", "_stderr", "_side"))
        return [Estimate(float(v), float(e), side=SIDES[SIDES.index(s)]) for v, e, s in zip(*columns, strict=True)]

    return Ladder(curve.learning_rate.values, {name: each(name) for name in ("learned", "heat", "cost")})


@dataclass(frozen=True)
class _Crossing:
    """Where curves (rate, draw) cross a level before their maximum: tops, the runs up to it, segment and place there.

    place: ln(rate) beyond the segment's first, NaN where a curve does not cross.
    """

    x: Array
    tops: NDArray[np.int64]
    segment: NDArray[np.int64]
    place: Array

    @classmethod
    def of(cls, rates: Array, rising: Array, level: float) -> _Crossing:
        x, tops = np.log(rates), np.argmax(rising, axis=0) + 1
        y = np.maximum.accumulate(rising, axis=0)
        reached = (tops >= FEWEST) & (y[0] <= level) & (level <= y[-1])
        segment = np.clip((y < level).sum(axis=0), 1, tops.clip(2) - 1) - 1
        place = np.full(tops.size, np.nan)
        for top in np.unique(tops[reached]):
            chosen = np.flatnonzero(reached & (tops == top))
            cubic = PchipInterpolator(x[:top], y[:top, chosen]).c[:, segment[chosen], np.arange(chosen.size)]
            place[chosen] = _root(cubic, level, np.diff(x)[segment[chosen]])
        return cls(x, tops, segment, place)

    def read(self, values: Array) -> Array:
        """Other curves (rate, draw) there: monotone cubics too, of the logarithm where they are positive: (draw,)."""
        found = np.full(self.tops.size, np.nan)
        before = np.arange(values.shape[0])[:, None] < self.tops
        positive = np.all((values > 0.0) | ~before, axis=0)
        for top in np.unique(self.tops[np.isfinite(self.place)]):
            for sign in (True, False):
                chosen = np.flatnonzero(np.isfinite(self.place) & (self.tops == top) & (positive == sign))
                if chosen.size:
                    v = values[:top, chosen]
                    spline = PchipInterpolator(self.x[:top], np.log(v) if sign else v)
                    there = _cubic(spline.c[:, self.segment[chosen], np.arange(chosen.size)], self.place[chosen])
                    found[chosen] = np.exp(there) if sign else there
        return found


def _cubic(c: Array, at: Array) -> Array:
    return np.asarray(((c[0] * at + c[1]) * at + c[2]) * at + c[3])


def _root(c: Array, level: float, widths: Array) -> Array:
    """Where rising cubics, coefficients (4, draw), have the level on [0, width], by halving."""
    low, high = np.zeros_like(widths), widths.copy()
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = _cubic(c, middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def _straight(rates: Array, rising: Array, values: Array, level: float) -> float:
    """The same by straight lines in ln(rate)."""
    top = int(np.argmax(rising)) + 1
    x, y, v = np.log(rates[:top]), np.maximum.accumulate(rising[:top]), values[:top]
    i = max(min(int(np.searchsorted(y, level, side="left")), top - 1), 1)
    at = float(np.interp(level, y[i - 1 : i + 1], x[i - 1 : i + 1]))
    return float(np.exp(np.interp(at, x, np.log(v)))) if np.all(v > 0.0) else float(np.interp(at, x, v))
