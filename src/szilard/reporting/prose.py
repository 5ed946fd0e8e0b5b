"""The answer of a study in sentences, each made from its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from math import hypot, log

from ..check import HOLDS_SIGMAS, VIOLATED_SIGMAS
from ..estimate import Estimate
from ..study.matching import FEWEST
from .numbers import plus_minus, power
from .runs import Comparison, Matched, Run, in_atp, in_joules, priced

KT = "<i>k</i><sub>B</sub><i>T</i>"
NARROW = "\u202f"
ONCE, TWICE = 1, 2
BOUND = {"two-sided": "", "upper": "at most ", "lower": "at least ", "none": "about "}
VERDICTS = {
    "holds": f"the cost exceeds what was learned by more than {HOLDS_SIGMAS:g} standard errors of their difference, "
    "and both numbers have a side that permits the claim",
    "holds, saturated": "both are exact and equal to rounding: the bound is attained",
    "violated": f"what was learned exceeds the cost by more than {VIOLATED_SIGMAS:g} standard errors, and no "
    "one-sided estimate explains it",
    "inconclusive": "everything else, and whatever rests on fewer than 100 effective samples",
    "not covered": "the bound says nothing about these labels",
}
SIDES = {
    "12.346(21)": "an estimate, 12.346 ± 0.021: the digits in brackets are one standard error in the last digits "
    "(without brackets: exact, or the same in every network)",
    "≤": "an upper bound: the truth is not larger",
    "≥": "a lower bound: the truth is not smaller",
    "?": "neither an estimate nor a bound",
}


def headline(comparison: Comparison, runs: Sequence[Run], patterns: int, kelvin: float) -> str:
    """What it costs, in two sentences: at matched information, or what can be said without."""
    if not comparison.curves:
        return _unmatched(runs, kelvin)
    bits = comparison.information / log(2.0)
    best = comparison.curves[0]
    price = best.price
    where = f"At the same learned information, {bits / patterns:.3g} bits per pattern "
    where += f"({comparison.information:.3g} nat over {_count(patterns, 'pattern')}), "
    who = f"{_name(best)} is the cheapest: it pays " if len(comparison.curves) > 1 else f"{_name(best)} pays "
    money = f"{BOUND[price.side]}<strong>{plus_minus(price)} {KT} per bit</strong> "
    money += f"({_money(price, best.temperature, kelvin)})"
    share = f"of which <strong>{plus_minus(best.match.efficiency, 100.0)} %</strong> is learning and the rest is lost"
    return f"{where}{who}{money}, {share}. {_beside(comparison.curves)}"


def _name(curve: Matched) -> str:
    condition = escape(curve.condition).replace(" = ", "\u00a0=\u00a0")
    return f"<strong><bdi>{escape(curve.match.rule)}</bdi></strong> (<bdi>{condition}</bdi>)"


def _money(price: Estimate, temperature: float, kelvin: float) -> str:
    joule = power(in_joules(price, temperature, kelvin).value).replace(" ", NARROW)
    return f"{joule}{NARROW}J with <i>T</i><sub>0</sub> = {kelvin:g} K, or {in_atp(price, temperature).value:.2g} ATP"


def _beside(curves: Sequence[Matched]) -> str:
    best = curves[0]
    close = [c for c in curves[1:] if _apart(best, c) < HOLDS_SIGMAS]
    worst = curves[-1]
    told = []
    if close:
        names = [_name(c) for c in close[:3]] + [f"{len(close) - 3} more"] * (len(close) > 3)
        told.append(f"within {HOLDS_SIGMAS:g} standard errors it cannot be told apart from {listed(names)}")
    if worst is not best and worst not in close:
        ratio = worst.price.value / best.price.value
        told.append(
            f"the dearest, {_name(worst)}, pays {worst.price.value:.3g} {KT} per bit, {ratio:.3g} times as much"
        )
    if not told:
        return _least(best.price)
    return f"{told[0][0].upper()}{'; '.join(told)[1:]}."


def _least(price: Estimate) -> str:
    times = price.value / log(2.0)
    return (
        f"That is {BOUND[price.side]}{times:.3g} times the least that any bit costs, {KT} ln{NARROW}2 = "
        f"{log(2.0):.3g} {KT}."
    )


def _apart(a: Matched, b: Matched) -> float:
    error = hypot(a.price.stderr, b.price.stderr)
    return abs(b.price.value - a.price.value) / error if error > 0.0 else float("inf")


def _unmatched(runs: Sequence[Run], kelvin: float) -> str:
    found = priced(runs)
    if not found:
        return f"Nothing was learned that counts against the cost, so that no bit has a price. {_plain_costs(runs)}"
    low, best = found[0]
    text = f"<strong><bdi>{escape(best.rule)}</bdi></strong> (<bdi>{escape(best.condition)}</bdi>, "
    text += f"rate {best.learning_rate:g}) learns "
    text += f"{plus_minus(best.estimates['learned'])} nat and pays {BOUND[low.side]}<strong>{plus_minus(low)} {KT} "
    text += "per bit</strong> "
    text += f"({_money(low, best.temperature, kelvin)}); "
    text += f"<strong>{plus_minus(best.estimates['efficiency_marginal'], 100.0)} %</strong> of that is learning. "
    every = sum(run.price() is not None for run in runs)
    if every == ONCE:
        return text + _least(low)
    if len(found) == ONCE:
        text += "It is the only run whose price is known to a third; others have not learned the same, so that this is "
    elif len(found) < every:
        text += f"It is the cheapest of {len(found)} runs whose price is known to a third, but they have not learned "
        text += "the same, so that this is "
    else:
        text += f"It is the cheapest of {every} runs, but they have not learned the same, so that this is "
    return text + (
        f"no comparison of rules: a ladder of at least {FEWEST} learning rates per rule, with random labels, makes one."
    )


def _plain_costs(runs: Sequence[Run]) -> str:
    """What the runs cost and how well they answer, where no bit has a price."""
    costs = [run.estimates["cost"] for run in runs if "cost" in run.estimates]
    if not costs:
        return "No cost is known either."
    low, high = (pick(costs, key=lambda cost: cost.value) for pick in (min, max))
    text = f"The cost is {BOUND[low.side]}{plus_minus(low)} nat"
    if len(costs) > ONCE:
        text = f"The cost lies between {plus_minus(low)} and {plus_minus(high)} nat"
    errors = [run.estimates["error"] for run in runs if "error" in run.estimates]
    if errors:
        best = min(errors, key=lambda error: error.value)
        which = "the best run" if len(errors) > ONCE else "the neuron"
        text += f"; {which} errs on {plus_minus(best, 100.0)} % of the patterns that it was shown"
    return text + "."


def law(runs: Sequence[Run]) -> str:
    """What the runs say of the second law of learning."""
    counts = Counter(run.verdict for run in runs)
    aside = counts.pop("not covered", 0)
    covered = sum(counts.values())
    name = "The second law of learning, <em>learned ≤ cost</em>,"
    if covered == 0:
        return f"{name} covers none of these runs."
    holds = counts["holds"] + counts["holds, saturated"]
    if holds == covered:
        text = f"{name} {_all_hold(covered)}"
    else:
        parts = [f"holds in {holds} of the {_count(covered, 'run')} it covers"]
        if counts["inconclusive"]:
            parts.append(f"is left open by {counts['inconclusive']}")
        if counts["violated"]:
            parts.append(f'<strong class="bad">is violated in {counts["violated"]}</strong>')
        text = f"{name} {listed(parts)}"
    fixed = sum(run.verdict == "not covered" and run.labelling == "true" for run in runs)
    for count, which in ((fixed, "on one fixed set of labels"), (aside - fixed, "with a force that remembers")):
        if count:
            text += f"; {_count(count, 'run')} {which} {'is' if count == ONCE else 'are'} not covered by it"
    return text + "."


def _all_hold(covered: int) -> str:
    if covered == ONCE:
        return "holds in the one run it covers"
    return "holds in both runs it covers" if covered == TWICE else f"holds in all {covered} runs it covers"


def listed(names: Sequence[str]) -> str:
    """The names with commas, and "and" before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == ONCE else f"{number} {noun}s"


def missing(unfinished: int, finished: int, reasons: Sequence[str] = ()) -> str:
    """How much of the study is not there yet, and what failed for which reasons; empty where it is whole."""
    total = unfinished + finished + len(reasons)
    told = []
    if unfinished:
        verb = "is" if unfinished == ONCE else "are"
        told.append(
            f"{unfinished} of {_count(total, 'run')} {verb} missing: this report shows the {finished} that "
            "are finished. Running the study again into the same directory adds the rest and repeats nothing."
        )
    if reasons:
        first = "" if len(reasons) == ONCE else ", the first of them"
        told.append(f"{len(reasons)} of {_count(total, 'run')} failed{first}: {reasons[0]}")
    return " ".join(told)


def unresolved(runs: Sequence[Run]) -> str:
    """Which terms stand together in "unresolved", and for which rules."""
    rules: dict[str, list[str]] = {}
    for run in runs:
        if run.merged and run.rule not in rules.setdefault(run.merged, []):
            rules[run.merged].append(run.rule)
    parts = [f"{merged} ({', '.join(names)})" for merged, names in rules.items()]
    return f"Unresolved is the sum of terms not known apart: {'; '.join(parts)}. " if parts else ""


def chosen(runs: Sequence[Run], information: float) -> str:
    """Which runs the bars show."""
    if not information > 0.0:
        return "Of every curve the bars show the run that learned most; they have not learned the same."
    learned = [run.estimates["learned"].value for run in runs]
    return (
        f"Bars show real runs, not interpolations: of every curve the one whose learned information is nearest (in "
        f"ratio) to the matched {information:.3g} nat; they lie between {min(learned):.3g} and {max(learned):.3g} nat."
    )
