"""Contenders side by side where it is fair: at one information, at one error, at their best in one time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot

from ...estimate import Estimate
from ...study.matching import common_level, ratio
from .fair_trials import ERRORS, GAINS, TERMS, Contender, total

CHANCE = 0.5
"""The error of a neuron that knows nothing."""
LOST = (*TERMS, "unresolved")
SHOWN = ("learned", "error", "held_out_error", "fresh_information", "cost", "cost_joint", *LOST)


@dataclass(frozen=True)
class FairRow:
    """A contender's numbers at one rate: of a run, or between the runs of its ladder."""

    contender: Contender
    found: Mapping[str, Estimate]

    @property
    def cost(self) -> Estimate:
        """sum_n [DS(w_n) + Q_n/T] in nats."""
        return self.found["cost"]

    @property
    def gain(self) -> Estimate:
        """What was gained, in nats."""
        return self.found[GAINS[self._labelling]]

    @property
    def error(self) -> Estimate:
        """The error by which this labelling is compared."""
        return self.found[ERRORS[self._labelling]]

    @property
    def efficiency(self) -> Estimate | None:
        """learned / cost; None where nothing that was learned counts against the cost."""
        return self._of_cost("cost", "efficiency_marginal")

    @property
    def efficiency_joint(self) -> Estimate | None:
        """learned / joint cost."""
        return self._of_cost("cost_joint", "efficiency_joint")

    @property
    def lost(self) -> Estimate:
        """All that is neither learned nor dissipated: redundancy + interference + readout."""
        return total([self.found[name] for name in LOST[1:] if name in self.found])

    @property
    def _labelling(self) -> str:
        return str(self.contender.trials[0].at["labelling"])

    def _of_cost(self, cost: str, known: str) -> Estimate | None:
        if self._labelling == "true":
            return None
        if known in self.found:
            return self.found[known]
        return ratio(self.found["learned"], self.found[cost]) if self.found[cost].value > 0.0 else None


@dataclass(frozen=True)
class Alike:
    """Rows of all times at one level of one quantity; missing: who does not reach it between the rates that were run.

    level: None where each row is the best run of its contender.
    """

    kind: str
    level: float | None
    rows: tuple[FairRow, ...]
    missing: tuple[Contender, ...] = ()

    def in_time(self, time: float) -> tuple[FairRow, ...]:
        """The rows of one duration, the cheapest first."""
        return tuple(sorted((r for r in self.rows if r.contender.time == time), key=lambda row: row.cost.value))


def at_information(contenders: Sequence[Contender], labelling: str, level: float | None) -> Alike:
    """Everyone at one gain; by default 0.9 of the smallest of the largest gains."""
    name = GAINS[labelling]
    able = _able(contenders)
    if level is None and able:
        level = _round(common_level([max(trial.gain.value for trial in contender.trials) for contender in able]))
    return _compared("information", able, name, level, falling=False)


def at_error(contenders: Sequence[Contender], labelling: str, level: float | None) -> Alike:
    """Everyone at one error; by default 0.9 of the shortest way from chance that one of them gets."""
    name = ERRORS[labelling]
    able = _able(contenders)
    if level is None and able:
        tops = [CHANCE - min(trial.estimates[name].value for trial in contender.trials) for contender in able]
        level = CHANCE - _round(common_level(tops))
    return _compared("error", able, name, level, falling=True)


def at_best(contenders: Sequence[Contender]) -> Alike:
    """Everyone at the run of the highest gain per cost; who gained nothing, at the cheapest."""
    rows = [FairRow(contender, contender.best.estimates) for contender in contenders]
    rates = [Estimate.exact(contender.best.rate) for contender in contenders]
    found = [replace(row, found={**row.found, "learning_rate": rate}) for row, rate in zip(rows, rates, strict=True)]
    return Alike("time", None, tuple(found))


def _round(level: float) -> float:
    """Two digits, which are easier to quote."""
    return float(f"{level:.2g}")


def _able(contenders: Sequence[Contender]) -> list[Contender]:
    return [contender for contender in contenders if contender.learns and contender.ladder is not None]


def _compared(kind: str, able: Sequence[Contender], name: str, level: float | None, falling: bool) -> Alike:
    rows, missing = [], []
    for contender in able:
        ladder = contender.ladder
        assert ladder is not None
        assert level is not None
        found = ladder.at(name, level, [q for q in SHOWN if q in ladder.quantities], falling)
        if found:
            rows.append(FairRow(contender, _closed({**found, name: Estimate.exact(level, ladder.side(name))})))
        else:
            missing.append(contender)
    return Alike(kind, level, tuple(rows), tuple(missing))


def _closed(found: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Terms that add up to the cost: what interpolation leaves open is shared out by size, and counts as an error."""
    names = [name for name in LOST if name in found]
    open_ = found["cost"].value - found["learned"].value - sum(found[name].value for name in names)
    size = sum(abs(found[name].value) for name in names)
    closed = dict(found)
    for name in names:
        term = found[name]
        share = open_ * (abs(term.value) / size if size > 0.0 else 1.0 / len(names))
        closed[name] = replace(term, value=term.value + share, stderr=hypot(term.stderr, share))
    return closed
