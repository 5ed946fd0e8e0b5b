"""A scene's finding in words; every number in it is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import hypot

from ...check import BoundCheck
from ...estimate import Estimate
from ...reporting.numbers import plus_minus
from ...reporting.prose import listed
from ...study.matching import ratio
from .fair_rows import Alike, FairRow
from .fair_trials import SURE, Contender, Trial, condition_of, rule_of, title_of

APART = 2.0
"""Standard errors from which on a difference is told."""
REST = {
    "random": "redundancy, interference and readout together",
    "teacher": "redundancy, interference, readout and what a lower bound of the information leaves out",
    "true": "redundancy",
}
"""What a cost holds beside what is learned and dissipated; of one fixed set of labels weights know nothing."""
BLIND = ("oja", "bcm", "stdp")
"""Rules that never see a label."""
MARKS = {"two-sided": "", "upper": "at most ", "lower": "at least ", "none": "about "}


def told_scene(
    title: str,
    contenders: Sequence[Contender],
    main: Alike,
    trials: Sequence[Trial],
    on_front: Sequence[bool],
    checks: Sequence[BoundCheck],
) -> str:
    """Who pays how much of the cheapest for the same, time by time; where the difference lies; who is on the front."""
    sentences = [f"{title}: {_compared_at(main)}.", *_times(main)]
    if len(main.rows) < 2:
        sentences = [f"{title}: inconclusive, fewer than two rules reach a common level between their rates."]
    sentences += _missing(main, contenders)
    sentences += _most_efficient(trials)
    sentences += _front(trials, on_front)
    sentences += _blind(contenders)
    sentences += _forces(contenders)
    violated = [check.name for check in checks if check.verdict == "violated"]
    if violated:
        sentences.append(f"VIOLATED although the assumptions are met: {'; '.join(violated)}.")
    return " ".join(sentences)


def gist(title: str, main: Alike, trials: Sequence[Trial]) -> str:
    """Who pays least and most at the common level, what the difference consists of, and whether the law held."""
    told = [_extremes(main.in_time(time)) for time in dict.fromkeys(row.contender.time for row in main.rows)]
    laws = [trial.law for trial in trials if trial.law is not None and trial.covered]
    held = sum(law.verdict.startswith("holds") for law in laws)
    second = (
        f"The second law holds in {held} of the {len(laws)} runs that it covers."
        if laws
        else "One fixed set of labels carries no entropy, and no second law bounds what is learned of it."
    )
    return f"{title}, {_compared_at(main)}: {'; '.join(told)}. {second}"


def _extremes(rows: Sequence[FairRow]) -> str:
    first, last = rows[0], rows[-1]
    shown = title_of([row.contender for row in rows])
    text = f"{shown}, {first.contender.label} costs least, {plus_minus(first.cost)} nat"
    text += _share(first, " of it learned")
    if len(rows) < 2:
        return text
    text += f", and {last.contender.label} {plus_minus(ratio(last.cost, first.cost))} times as much"
    cost = minus(last.cost, first.cost)
    known = all("dissipation" in r.found and r.found["dissipation"].side == "two-sided" for r in (first, last))
    if known and cost.value > APART * cost.stderr:
        haste = minus(last.found["dissipation"], first.found["dissipation"])
        text += f" ({100.0 * haste.value / cost.value:.0f} % of the difference is dissipation)"
    return text


def _compared_at(main: Alike) -> str:
    if main.level is None:
        return "no level is common to the rules"
    if main.kind == "information":
        return f"all rules compared at {main.level:.3g} nat learned"
    return f"all rules compared at an error of {main.level:.3g}"


def _times(main: Alike) -> Iterator[str]:
    for time in dict.fromkeys(row.contender.time for row in main.rows):
        rows = main.in_time(time)
        first = rows[0]
        text = f"{_capital(title_of([row.contender for row in rows]))}: {first.contender.label} costs "
        text += f"{plus_minus(first.cost)} nat" + _share(first, " of it learned")
        others = [f"{row.contender.label} {plus_minus(ratio(row.cost, first.cost))}{_share(row)}" for row in rows[1:]]
        if others:
            text += f"; times as much cost {listed(others)}"
        yield text + "."
        yield from _difference(rows)


def _share(row: FairRow, of: str = "") -> str:
    efficiency = row.efficiency
    if efficiency is None:
        return ""
    return f" ({MARKS[efficiency.side]}{plus_minus(efficiency, 100.0)} %{of})"


def _difference(rows: Sequence[FairRow]) -> Iterator[str]:
    """What the dearest in batch, and the dearest online, pay beyond the cheapest, where the dissipation is known."""
    known = [row for row in rows if "dissipation" in row.found and row.found["dissipation"].side == "two-sided"]
    for mode in ("batch", "online"):
        shown = [row for row in known[1:] if row.contender.trials[0].at["mode"] == mode]
        if shown:
            yield _apart(known[0], shown[-1])


def _apart(low: FairRow, high: FairRow) -> str:
    cost, lost = minus(high.cost, low.cost), minus(high.lost, low.lost)
    haste = minus(high.found["dissipation"], low.found["dissipation"])
    learned = minus(high.found["learned"], low.found["learned"])
    names = f"{high.contender.label} costs more than {low.contender.label}"
    if cost.value <= APART * cost.stderr:
        return f"That {names} is not sure: {plus_minus(cost)} nat."
    more = f", {plus_minus(learned)} learned" if abs(learned.value) > APART * learned.stderr else ""
    return (
        f"Of the {plus_minus(cost)} nat by which {names}, {plus_minus(haste)} are dissipation, {plus_minus(lost)} "
        f"{REST[str(low.contender.trials[0].at['labelling'])]}{more}."
    )


def minus(a: Estimate, b: Estimate) -> Estimate:
    """a - b of independent estimates; the side is not told."""
    return Estimate(a.value - b.value, hypot(a.stderr, b.stderr))


def _missing(main: Alike, contenders: Sequence[Contender]) -> Iterator[str]:
    short = [c for c in contenders if c.learns and c.ladder is None]
    if main.missing:
        names = listed([f"{c.label} ({title_of([c])})" for c in main.missing])
        yield f"Not compared, as the level is not between their rates: {names}."
    if short:
        yield f"Not compared, with fewer than three rates: {listed([f'{c.label} ({title_of([c])})' for c in short])}."


def _most_efficient(trials: Sequence[Trial]) -> Iterator[str]:
    """The run with the largest share of its joint cost learned, where what is learned counts against the cost."""
    able = [t for t in trials if t.gained and t.at["labelling"] != "true" and "efficiency_joint" in t.estimates]
    if able:
        best = max(able, key=lambda trial: trial.estimates["efficiency_joint"].value)
        share = best.estimates["efficiency_joint"]
        yield (
            f"The largest share of a joint cost that is learned, of {len(able)} runs, is "
            f"{MARKS[share.side]}{plus_minus(share, 100.0)} %: {rule_of(best)} at rate {best.rate:g} "
            f"({condition_of(best.at)})."
        )


def _front(trials: Sequence[Trial], on_front: Sequence[bool]) -> Iterator[str]:
    """Counted only as far as every rule reaches: beyond it the front depends on where the ladders end."""
    tops: dict[str, float] = {}
    for trial in trials:
        if trial.gained:
            tops[rule_of(trial)] = max(tops.get(rule_of(trial), 0.0), trial.gain.value)
    if not tops:
        return
    reach = min(tops.values())
    seen = [trial.gained and trial.gain.value <= reach for trial in trials]
    able = Counter(rule_of(trial) for trial, inside in zip(trials, seen, strict=True) if inside)
    first = Counter(rule_of(t) for t, inside, ahead in zip(trials, seen, on_front, strict=True) if inside and ahead)
    if not first:
        return
    counts = [f"{name} {count} of {able[name]}" for name, count in first.most_common()]
    yield f"Up to the {reach:.2g} nat that all rules gain, beaten by no run in gain, cost and time: {listed(counts)}."
    never = [name for name in able if name not in first]
    if never:
        yield f"Always beaten there: {listed(never)}."


def _blind(contenders: Sequence[Contender]) -> Iterator[str]:
    blind = [contender for contender in contenders if not contender.learns]
    if not blind:
        return
    dearest = max((trial for c in blind for trial in c.trials), key=lambda trial: trial.estimates["cost"].value)
    rules = list(dict.fromkeys(contender.rule for contender in blind))
    unseen = ", which never see a label" if all(rule in BLIND for rule in rules) else ""
    names = listed([rule.replace("_", " ") for rule in rules])
    yield (
        f"Nothing of the labels, to {SURE:g} standard errors, is known after {names}{unseen}, for up to "
        f"{plus_minus(dearest.estimates['cost'])} nat."
    )


def _forces(contenders: Sequence[Contender]) -> Iterator[str]:
    driving = _rules_of(contenders, "driving")
    manipulating = [name for name in _rules_of(contenders, "manipulation") if name not in driving]
    if driving:
        others = f"; manipulation: {listed(manipulating)}" if manipulating else ""
        yield f"Driving, as no energy explains their forces: {listed(driving)}{others}."
    else:
        yield "All of them manipulate: an energy explains every force."


def _rules_of(contenders: Sequence[Contender], force: str) -> list[str]:
    return list(dict.fromkeys(c.rule.replace("_", " ") for c in contenders if c.force == force))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
