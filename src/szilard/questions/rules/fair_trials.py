"""Finished runs of a scene, sorted into contenders: one rule under one condition, at several rates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import Any

import numpy as np

from ...check import BoundCheck
from ...estimate import Estimate, joined_side
from ...study.axes import AXES
from ...study.matching import FEWEST, Ladder
from ..part import Record

GAINS = {"random": "learned", "teacher": "learned", "true": "fresh_information"}
"""What is gained, by labelling: what the bound counts, or the information on one label never shown."""
ERRORS = {"random": "error", "teacher": "held_out_error", "true": "held_out_error"}
TERMS = ("dissipation", "redundancy", "interference", "readout_loss")
OTHERS = (
    "readout", "order", "temperature", "stiffness", "mobility", "parameter", "feedback", "answer_rate", "answer_gain",
    "network",
)  # fmt: skip
"""What may tell contenders apart besides rule, schedule and showing."""
SURE = 4.0
"""Standard errors from which on something was learned."""


@dataclass(frozen=True)
class Trial:
    """One run: where in the grid, its numbers, and the second law held against it; covered: its assumptions are met."""

    at: Mapping[str, Any]
    estimates: Mapping[str, Estimate]
    force: str
    law: BoundCheck | None
    covered: bool

    @classmethod
    def of(cls, at: Mapping[str, Any], record: Record) -> Trial:
        """A finished piece."""
        law = None
        if record["law"]:
            smaller, larger = _estimates(record, "law_")
            told = f"{record['law']}: {at['rule']} at rate {at['learning_rate']:g}, {condition_of(at)}"
            assumptions, spread = tuple(record["law_assumptions"]), record["law_slack_stderr"]
            law = BoundCheck(told, smaller, larger, assumptions, record["law_reference"], spread)
        estimates = dict(zip(record["quantity"], _estimates(record), strict=True))
        return cls(at, estimates, record["force"], law, record["law_covered"])

    @property
    def rate(self) -> float:
        """The learning rate."""
        return float(self.at["learning_rate"])

    @property
    def time(self) -> float:
        """The duration."""
        return float(self.at["duration"])

    @property
    def gain(self) -> Estimate:
        """What is gained, in nats."""
        return self.estimates[GAINS[self.at["labelling"]]]

    @property
    def gained(self) -> bool:
        """Whether that is anything, beyond 4 standard errors."""
        return self.gain.value > SURE * self.gain.stderr

    @property
    def yielded(self) -> float:
        """Gain per cost; nothing where the cost is not > 0."""
        cost = self.estimates["cost"].value
        return self.gain.value / cost if cost > 0.0 else -float("inf")


def _estimates(record: Record, prefix: str = "") -> list[Estimate]:
    columns = (record[f"{prefix}{name}"] for name in ("value", "stderr", "n", "side"))
    return [Estimate(v, e, n, float(n) if n else None, side) for v, e, n, side in zip(*columns, strict=True)]


def curve_of(at: Mapping[str, Any]) -> str:
    """What runs of one ladder have in common: all but the rate, and the step that follows from it."""
    return json.dumps({name: at[name] for name in AXES if name not in ("learning_rate", "dt")})


def rule_of(trial: Trial) -> str:
    """The rule's name in words, and that it learned online where it did."""
    name = str(trial.at["rule"]).replace("_", " ")
    return name if trial.at["mode"] == "batch" else f"{name} online"


def condition_of(at: Mapping[str, Any]) -> str:
    """When and how the patterns were shown, in words."""
    kind, _, over = at["schedule"].partition(":")
    shown = "at once" if kind == "quench" else f"{kind} {over}"
    return f"{shown}, time {at['duration']:g}{_online(at)}"


def _online(at: Mapping[str, Any]) -> str:
    return "" if at["mode"] == "batch" else f", online {at['online']} of {at['dwell']:g}"


@dataclass(frozen=True)
class Contender:
    """One rule under one condition: its runs by rate; label: its name among those that take the same time."""

    trials: tuple[Trial, ...]
    label: str

    @property
    def rule(self) -> str:
        """The rule's name."""
        return str(self.trials[0].at["rule"])

    @property
    def time(self) -> float:
        """The duration."""
        return self.trials[0].time

    @property
    def force(self) -> str:
        """Manipulation or driving: what it is at any rate."""
        return max((trial.force for trial in self.trials), key=lambda force: force == "driving")

    @property
    def learns(self) -> bool:
        """Whether any of its runs gained anything."""
        return any(trial.gained for trial in self.trials)

    @cached_property
    def ladder(self) -> Ladder | None:
        """Its runs as a ladder, terms that are not known apart everywhere together; None below three rates > 0."""
        trials = [trial for trial in self.trials if trial.rate > 0.0]
        if len(trials) < FEWEST:
            return None
        rows = [_merged(trial.estimates, self.apart) for trial in trials]
        names = set.intersection(*(set(row) for row in rows))
        return Ladder(np.array([t.rate for t in trials]), {name: [row[name] for row in rows] for name in sorted(names)})

    @property
    def apart(self) -> tuple[str, ...]:
        """The terms of the cost that are known on their own at every rate."""
        return tuple(name for name in TERMS if all(name in trial.estimates for trial in self.trials if trial.rate > 0))

    @property
    def best(self) -> Trial:
        """The run of the highest gain per cost among those that gained; the cheapest where none did."""
        gained = [trial for trial in self.trials if trial.gained]
        if gained:
            return max(gained, key=lambda trial: trial.yielded)
        return min(self.trials, key=lambda trial: trial.estimates["cost"].value)


def _merged(estimates: Mapping[str, Estimate], apart: Sequence[str]) -> dict[str, Estimate]:
    """The same numbers with the terms that are not ``apart`` added to the unresolved ones."""
    gone = [name for name in TERMS if name in estimates and name not in apart]
    kept = {name: value for name, value in estimates.items() if name not in gone}
    if gone:
        rest = [estimates["unresolved"]] if "unresolved" in estimates else []
        kept["unresolved"] = total([*rest, *(estimates[name] for name in gone)])
    return kept


def total(estimates: Sequence[Estimate]) -> Estimate:
    """Their sum, the errors in squares; its side is what the sides allow."""
    found = Estimate.exact(0.0)
    for each in estimates:
        side = joined_side(found.side, each.side)
        found = Estimate(found.value + each.value, hypot(found.stderr, each.stderr), side=side)
    return found


def contenders_of(trials: Sequence[Trial]) -> tuple[Contender, ...]:
    """Every rule under every condition, the quickest first; of runs that differ in the rate only, by rate."""
    curves: dict[str, list[Trial]] = {}
    for trial in trials:
        curves.setdefault(curve_of(trial.at), []).append(trial)
    first = [curve[0].at for curve in curves.values()]
    found = [
        Contender(tuple(sorted(curve, key=lambda trial: trial.rate)), _label(curve[0].at, first))
        for curve in curves.values()
    ]
    return tuple(sorted(found, key=lambda contender: contender.time))


def _label(at: Mapping[str, Any], every: Sequence[Mapping[str, Any]]) -> str:
    """The rule, and how it differs from others that take the same time."""
    beside = [other for other in every if other["duration"] == at["duration"]]
    text = at["rule"].replace("_", " ")
    if len({other["schedule"] for other in beside}) > 1:
        text += f", {condition_of({**at, 'mode': 'batch'}).partition(',')[0]}"
    text += _online(at)
    for name in OTHERS:
        if len({other[name] for other in beside}) > 1 and at[name] is not None:
            text += f", {name.replace('_', ' ')} {at[name]}"
    return str(text)


def title_of(contenders: Sequence[Contender]) -> str:
    """When the patterns were shown, of contenders that take the same time."""
    titles = {condition_of({**contender.trials[0].at, "mode": "batch"}) for contender in contenders}
    return titles.pop() if len(titles) == 1 else f"time {contenders[0].time:g}"
