"""Rules compared where they have learned the same: the only fair place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from ..errors import InputError
from ..estimate import OPPOSITE, SIDES, Estimate, Side

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]
DRAWS = 500
FEWEST = 3
SHARE = 0.9


@dataclass(frozen=True)
class Match:
    """One rule under one schedule at the information that all have reached."""

    rule: str
    schedule: str
    learning_rate: Estimate
    heat: Estimate
    cost: Estimate
    efficiency: Estimate


def matched(results: xarray.Dataset, information: float | None = None) -> tuple[float, tuple[Match, ...]]:
    r"""cost(I*) of every rule and schedule at one learned information I*, between the rates that were run.

    results: what ``load`` returns; only random labels are compared. I* defaults to 0.9 of the smallest
    maximum over the curves (in nats, all patterns). I and ln(cost) are monotone cubics of ln(rate) on the
    branch where I still rises; the error joins that of runs redrawn from their own standard errors (fixed
    seed) with the distance to straight lines, a measure of what the ladder leaves open. A curve needs three
    rates; one that never reaches I* is left out. Raises InputError if nothing can be compared.
    """
    random = results.where(results.labelling == "random", drop=True)
    curves = {}
    if random.sizes.get("cell", 0):
        for rule, schedule in dict.fromkeys(zip(random.rule.values, random.schedule.values, strict=True)):
            chosen = random.where((random.rule == rule) & (random.schedule == schedule), drop=True)
            chosen = chosen.sortby("learning_rate")
            if chosen.sizes["cell"] >= FEWEST and np.unique(chosen.learning_rate).size == chosen.sizes["cell"]:
                curves[str(rule), str(schedule)] = chosen
    if not curves:
        rule_text = "no curve of at least three learning rates with random labels and everything else equal"
        raise InputError("results", "no comparable curves", rule_text, "run a ladder of learning_rate")
    if information is None:
        information = SHARE * min(float(c.learned.max()) for c in curves.values())
    found = []
    for (rule, schedule), curve in curves.items():
        match = _at(curve, information, rule, schedule)
        if match is not None:
            found.append(match)
    return information, tuple(found)


def _at(curve: xarray.Dataset, information: float, rule: str, schedule: str) -> Match | None:
    names = ("learning_rate", "heat", "cost")
    draw = np.random.Generator(np.random.Philox(1))
    learned, spread = curve.learned.values, curve.learned_stderr.values
    rates = curve.learning_rate.values
    central = [_interpolate(rates, learned, curve[name].values, information) for name in names]
    if any(np.isnan(x) for x in central):
        return None
    straight = [_interpolate(rates, learned, curve[name].values, information, straight=True) for name in names]
    samples = []
    for _ in range(DRAWS):
        shaken = learned + spread * draw.standard_normal(learned.size)
        row = []
        for name in names:
            values = curve[name].values
            if name != "learning_rate":
                values = values + curve[f"{name}_stderr"].values * draw.standard_normal(values.size)
            row.append(_interpolate(rates, shaken, values, information))
        samples.append(row)
    errors = np.hypot(np.nanstd(np.array(samples), axis=0), np.subtract(central, straight))
    rate, heat, cost = (
        Estimate(float(v), float(e), side=_side(curve, name)) for v, e, name in zip(central, errors, names, strict=True)
    )
    efficiency = Estimate(information / cost.value, information * cost.stderr / cost.value**2, side=OPPOSITE[cost.side])
    return Match(rule, schedule, rate, heat, cost, efficiency)


def _side(curve: xarray.Dataset, name: str) -> Side:
    sides = [] if name == "learning_rate" else [str(s) for s in curve[f"{name}_side"].values]
    return next((side for side in reversed(SIDES) if side in sides), "two-sided")


def _interpolate(rates: Array, learned: Array, values: Array, information: float, straight: bool = False) -> float:
    """values at the rate where learned = information, on the rising branch.

    Both are monotone cubics (or straight lines) in ln(rate); values that are all > 0 in their logarithm.
    """
    top = int(np.argmax(learned)) + 1
    x, y, v = np.log(rates[:top]), np.maximum.accumulate(learned[:top]), values[:top]
    if top < FEWEST or not y[0] <= information <= y[-1]:
        return float("nan")
    i = min(int(np.searchsorted(y, information, side="left")), top - 1)
    i = max(i, 1)
    positive = bool(np.all(v > 0.0))
    logarithm = np.log(v) if positive else v
    if straight:
        at = float(np.interp(information, y[i - 1 : i + 1], x[i - 1 : i + 1]))
        found = float(np.interp(at, x, logarithm))
    else:
        rising = PchipInterpolator(x, y)
        at = float(brentq(lambda t: float(rising(t)) - information, x[i - 1], x[i]))
        found = float(PchipInterpolator(x, logarithm)(at))
    return float(np.exp(found)) if positive else found
