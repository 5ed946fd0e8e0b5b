"""What a scene found: who pays what, where the difference lies, who is on the front, and every law's verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ...check import BoundCheck
from ...estimate import SIDES, Estimate
from ...ledger import FIRST_LAW
from ..part import Entry, Finding, Picture, Table, Variable
from .fair_figure import drawn_scene
from .fair_rows import LOST, Alike, FairRow, at_best, at_error, at_information
from .fair_text import gist, told_scene
from .fair_trials import Trial, condition_of, contenders_of, title_of
from .fronts import not_dominated

LEARNED = {"random": "learned (nat)", "teacher": "teacher known (nat)", "true": "known of a new one (nat)"}
WRONG = {"random": "error", "teacher": "error on new ones", "true": "error on new ones"}
COUNTED = {
    "random": "labels are independent and fair: what counts is the sum of their informations",
    "teacher": "labels come from a random teacher: what counts is the information of the weights on the teacher, from "
    "below; rules are compared at one error on patterns never shown",
    "true": "one fixed set of labels carries no entropy and bounds nothing: rules are compared at one error on "
    "patterns never shown, and their cost is that of moving the weights",
}
QUANTITIES = ("learned", "fresh_information", "error", "held_out_error", "cost", "cost_joint", *LOST)


def concluded(trials: Sequence[Trial], title: str, information: float | None, error: float | None) -> Finding:
    r"""The finding of a scene from its runs: sum_n [DS(w_n) + Q_n/T] at equal information, equal error, equal time.

    information (nat), error: at which rules are compared; None: at 0.9 of the way that all of them get.
    """
    labelling = str(trials[0].at["labelling"])
    contenders = contenders_of(trials)
    alike = [] if labelling == "true" else [at_information(contenders, labelling, information)]
    comparisons = (*alike, at_error(contenders, labelling, error), at_best(contenders))
    main = comparisons[0 if labelling == "random" else len(alike)]
    on_front = front_of(trials)
    checks, broken = tuple(_laws(trials, covered=True)), tuple(_laws(trials, covered=False))
    return Finding(
        text=told_scene(title, contenders, main, trials, on_front, checks),
        assumptions=_assumptions(trials, labelling),
        table=_table(comparisons, labelling),
        picture=Picture(
            partial(drawn_scene, contenders, main, trials, on_front), _caption(main, labelling), (7.2, 6.6)
        ),
        checks=checks,
        broken=broken,
        arrays=_arrays(trials, comparisons, on_front),
        gist=gist(title, main, trials),
    )


def front_of(trials: Sequence[Trial]) -> list[bool]:
    """Which runs no other one beats in gain, cost and time; those that gained nothing are left out."""
    able = [i for i, trial in enumerate(trials) if trial.gained]
    chosen = [trials[i] for i in able]
    best = not_dominated([t.gain for t in chosen], [t.estimates["cost"] for t in chosen], [t.time for t in chosen])
    on_front = {i for i, first in zip(able, best, strict=True) if first}
    return [i in on_front for i in range(len(trials))]


def _laws(trials: Sequence[Trial], covered: bool) -> Iterator[BoundCheck]:
    """The second law of each run, and that it dissipated; once the first law, of the run that keeps it worst."""
    yield from (trial.law for trial in trials if trial.law is not None and trial.covered == covered)
    if not covered:
        return
    for trial in trials:
        if "dissipation" in trial.estimates and trial.estimates["dissipation"].side in ("two-sided", "lower"):
            name = f"0 <= dissipation: {trial.at['rule']} at rate {trial.rate:g}, {condition_of(trial.at)}"
            told = ("entropies are those of the weights given the labels",)
            yield BoundCheck(name, Estimate.exact(0.0), trial.estimates["dissipation"], told)
    worst = max(trial.estimates["first_law_residual"].value for trial in trials)
    name = f"|dE - W + Q| over the summed terms, the worst replica of {len(trials)} runs"
    yield BoundCheck(name, Estimate.exact(worst), Estimate.exact(FIRST_LAW))


def _assumptions(trials: Sequence[Trial], labelling: str) -> tuple[str, ...]:
    readouts = " and ".join(dict.fromkeys(str(trial.at["readout"]) for trial in trials))
    told = [
        f"one neuron that answers by {readouts} readout; patterns fixed, the same for every rule",
        COUNTED[labelling],
        "weights start in equilibrium, overdamped, each with a thermal bath of its own",
        "between the rates that were run numbers are interpolated; the error holds by how much a straight line differs",
    ]
    if any(trial.at["mode"] == "online" for trial in trials):
        told.append(
            "patterns shown one at a time cost heat of the order of 1 over the dwell: batch and online rules are not "
            "to be compared with each other"
        )
    if any(trial.law is not None and not trial.covered for trial in trials):
        told.append("rules that remember earlier weights (BCM's threshold, kicks that read the field) are fed back: "
                    "no law bounds what their weights gain")  # fmt: skip
    return tuple(told)


def _table(comparisons: Sequence[Alike], labelling: str) -> Table:
    heads = (
        "compared at", "shown", "rule", "force", "rate", LEARNED[labelling], WRONG[labelling], "cost (nat)",
        "joint cost (nat)", "efficiency", "joint efficiency", "dissipation (nat)", "redundancy (nat)",
        "interference (nat)", "readout (nat)", "not told apart (nat)",
    )  # fmt: skip
    rows = [
        _entries(comparison, row)
        for comparison in comparisons
        for time in dict.fromkeys(row.contender.time for row in comparison.rows)
        for row in comparison.in_time(time)
    ]
    return Table(heads, tuple(rows))


def _entries(comparison: Alike, row: FairRow) -> tuple[Entry, ...]:
    said = "best" if comparison.level is None else f"{comparison.kind} {comparison.level:.3g}"
    terms: list[Entry] = [row.found.get(name) for name in LOST]
    return (
        said, title_of([row.contender]), row.contender.label, row.contender.force, row.found["learning_rate"],
        row.gain, row.error, row.cost, row.found["cost_joint"], row.efficiency, row.efficiency_joint, *terms,
    )  # fmt: skip


def _caption(main: Alike, labelling: str) -> str:
    at = "" if main.level is None else f"{main.level:.3g} nat learned" if main.kind == "information" else (
        f"an error of {main.level:.3g}{' on patterns never shown' if labelling != 'random' else ''}"
    )  # fmt: skip
    limit = "the line is cost = learned, below it nothing may lie" if labelling != "true" else "no law bounds this gain"
    return (
        f"Above: where the cost goes at {at}; each bar is the whole cost of a rule, in nats above it. Below: the cost "
        "of every run against its gain, a marker for each duration; full points are beaten by no other run in gain, "
        f"cost and time; {limit}."
    )


def _arrays(trials: Sequence[Trial], comparisons: Sequence[Alike], on_front: Sequence[bool]) -> dict[str, Variable]:
    found = {
        "rule": Variable(("run",), [str(t.at["rule"]) for t in trials], about="learning rule"),
        "condition": Variable(
            ("run",), [condition_of(t.at) for t in trials], about="how and how long patterns were shown"
        ),
        "force": Variable(("run",), [t.force for t in trials], about="manipulation or driving"),
        "learning_rate": Variable(("run",), [t.rate for t in trials], about="learning rate"),
        "duration": Variable(("run",), [t.time for t in trials], about="duration of training"),
        "on_front": Variable(("run",), list(on_front), about="beaten by no other run in gain, cost and time"),
    }
    for name in QUANTITIES:
        found |= _numbers(name, "run", [t.estimates.get(name) for t in trials])
    rows = [(c, row) for c in comparisons for row in c.rows]
    kinds = [c.kind if c.level is None else f"{c.kind} {c.level:.6g}" for c, _ in rows]
    found["row_compared_at"] = Variable(("row",), kinds, about="what is equal among the rows")
    found["row_rule"] = Variable(("row",), [row.contender.label for _, row in rows], about="learning rule")
    found["row_condition"] = Variable(
        ("row",), [title_of([row.contender]) for _, row in rows], about="how and how long"
    )
    found["row_duration"] = Variable(("row",), [row.contender.time for _, row in rows], about="duration of training")
    for name in ("learning_rate", *QUANTITIES):
        found |= _numbers(f"row_{name}", "row", [row.found.get(name) for _, row in rows])
    return found


def _numbers(name: str, over: str, estimates: Sequence[Estimate | None]) -> dict[str, Variable]:
    """value, standard error and side of a quantity; NaN and -1 where it is not known."""
    columns = [(np.nan, np.nan) if e is None else (e.value, e.stderr) for e in estimates]
    value, stderr = np.array(columns, dtype=np.float64).reshape(-1, 2).T
    side = np.array([-1 if e is None else SIDES.index(e.side) for e in estimates], dtype=np.int64)
    about = name.removeprefix("row_").replace("_", " ")
    unit = "1" if "error" in about or about == "learning rate" else "nat"
    sides = ", ".join(f"{code} {word}" for code, word in enumerate(SIDES))
    return {
        name: Variable((over,), value, unit, about),
        f"{name}_stderr": Variable((over,), stderr, unit, f"standard error of {about}"),
        f"{name}_side": Variable((over,), side, "1", f"side of {about}: {sides}"),
    }
