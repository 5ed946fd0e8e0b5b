"""One run of a study, from its coordinates to the numbers that are kept, or to the reason why there are none."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..errors import InputError
from ..estimate import Estimate
from ..learning import rules
from ..learning.decomposition import budget
from ..learning.outcome import LearningRun
from ..learning.rule import Rule
from ..learning.settings import Settings
from ..learning.tasks import Task
from ..learning.training import settings_for, train
from ..networks.feedforward import FeedForward, committee, multilayer
from .precision import scouted
from .record import Failed, Finished
from .spec import Cell, Study

MOST = 1e18
"""Weight steps of one run that no machine does."""
TOLD = 2000
"""Characters of a failure's reason that are kept."""


def worked(
    study: Study, cell: Cell, threads: int | None = None, progress: Callable[[float], None] | None = None
) -> Finished | Failed:
    """Train one run. What goes wrong in it is its record too; only an interruption ends more than the run."""
    started = time.perf_counter()
    try:
        with naming(cell):
            run, notes = _trained(study, cell, threads, progress)
            found = summary(run)
    except Exception as error:  # whatever it is, it is this run's reason and not the end of the others
        told = error if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        where = "" if isinstance(error, InputError) else traceback.format_exc(limit=-4)[-TOLD:]
        return Failed(cell.key, cell.coordinates, str(told)[:TOLD], where)
    notes |= dict(found.notes) | {"seconds": round(time.perf_counter() - started, 4)}
    return Finished(cell.key, cell.coordinates, found.estimates, found.verdict, notes)


def _trained(
    study: Study, cell: Cell, threads: int | None, progress: Callable[[float], None] | None
) -> tuple[LearningRun, dict[str, Any]]:
    arguments = {
        **arguments_of(cell.coordinates, study.task(cell.coordinates)),
        "seed": study.file.seed,
        "threads": threads,
    }
    precision = study.file.precision
    if precision is None:
        replicas = study.most_replicas
        return train(**arguments, replicas=replicas, cell=cell.key, progress=progress), {"replicas": replicas}

    def measured(run: LearningRun) -> Estimate:
        found = summary(run).estimates.get(precision.quantity)
        if found is None:
            rule = "is not defined for this run"
            raise InputError("precision.quantity", precision.quantity, rule, "name another, or give replicas")
        return found

    def scout(replicas: int, number: int) -> Estimate:
        return measured(train(**arguments, replicas=replicas, cell=f"{cell.key}/scouts {number}"))

    found = scouted(precision, scout)
    run = train(**arguments, replicas=found.replicas, cell=cell.key, progress=progress)
    taken = measured(run)
    reached = taken.stderr <= precision.target(taken.value)
    return run, {"replicas": found.replicas, "scouts": found.scouts, "error reached": reached}


def planned(study: Study, cell: Cell, replicas: int | None = None) -> Settings:
    """The checked settings of a run with all its defaults filled in; InputError, naming the run, for bad ones."""
    with naming(cell):
        replicas = study.most_replicas if replicas is None else replicas
        arguments = arguments_of(cell.coordinates, study.task(cell.coordinates))
        found = settings_for(**arguments, replicas=replicas, seed=study.file.seed, cell=cell.key)
        precision = study.file.precision
        if precision is not None and precision.quantity == "held_out_error" and found.task.held_out_inputs is None:
            rule = "needs patterns that were never shown"
            raise InputError(
                "precision.quantity", "held_out_error", rule, "give held_out, and a teacher or true labels"
            )
        if not found.effort < MOST:
            rule = f"replicas x steps x weights = {found.effort:.2g} would never end"
            raise InputError("duration", cell.coordinates["duration"], rule, "shorten it, or lengthen dt")
        return found


@contextmanager
def naming(cell: Cell) -> Iterator[None]:
    """Errors say which run they are about."""
    of = f"of rule = {cell.coordinates['rule']}, learning_rate = {cell.coordinates['learning_rate']:g}"
    try:
        yield
    except InputError as error:
        raise InputError(f"{error.field} {of}", error.got, error.rule, error.fix) from None
    except OverflowError:
        got = f"duration = {cell.coordinates['duration']:g}, dt = {cell.coordinates['dt']}"
        raise InputError(f"duration {of}", got, "asks for too many steps to count", "shorten it") from None


OF_THE_TASK = ("labelling", "patterns", "inputs", "drawing", "ramp", "parameter")
"""Coordinates that ``train`` is not told: of the task, in the schedule, in the rule."""


def arguments_of(coordinates: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """What ``train`` is told of a run at these coordinates, besides replicas and seed."""
    others = {name: value for name, value in coordinates.items() if name not in OF_THE_TASK}
    rule = _rule(coordinates["rule"], coordinates["parameter"])
    return {"task": task, **others, "rule": rule, "network": _network(coordinates["network"])}


def _rule(name: str, parameter: float | None) -> Any:
    rule = rules.SHIPPED[name]
    if parameter is None:
        return rule
    if not isinstance(rule, Rule) or len(rule.parameters) != 1:
        own = ", ".join(n for n, r in rules.SHIPPED.items() if isinstance(r, Rule) and len(r.parameters) == 1)
        raise InputError("parameter", parameter, f"is of rules that have one: {own}", "drop it, or name one of these")
    return rule.tuned(parameter)


@lru_cache(maxsize=64)
def _network(name: str) -> FeedForward | None:
    """ "perceptron", "committee:3", "tree:3" (each unit sees a part of the inputs) or "multilayer:8,4"."""
    kind, _, widths = name.partition(":")
    try:
        hidden = tuple(int(width) for width in widths.split(",")) if widths else ()
        if kind == "perceptron" and not hidden:
            return None
        if kind in ("committee", "tree") and len(hidden) == 1:
            return committee(hidden[0], tree=kind == "tree")
        if kind == "multilayer" and hidden:
            return multilayer(hidden)
    except ValueError:
        pass
    rule = 'must be "perceptron", "committee:UNITS", "tree:UNITS" or "multilayer:WIDTH,WIDTH.."'
    raise InputError("network", name, rule, 'for instance "committee:3"')


@dataclass(frozen=True)
class Summary:
    """The numbers of a run that a study keeps, the verdict on its second law, and what else is noted."""

    estimates: Mapping[str, Estimate]
    verdict: str
    notes: Mapping[str, Any]


def summary(run: LearningRun) -> Summary:
    """What a study keeps of a run."""
    parts = budget(run)
    check = run.second_law()
    estimates: dict[str, Estimate | None] = {
        "learned": run.information,
        "heat": run.heat,
        "work": run.work,
        "entropy": run.entropy,
        "cost": run.cost,
        "cost_joint": run.joint_cost.estimate(),
        "efficiency_marginal": run.efficiency_marginal,
        "efficiency_joint": run.efficiency_joint,
        "error": run.error,
        "held_out_error": run.held_out_error,
        "fresh_information": run.fresh_information,
        "dissipation": parts.dissipation,
        "redundancy": parts.redundancy,
        "interference": parts.interference,
        "readout_loss": parts.readout,
        "unresolved": parts.unresolved,
        "margin": Estimate.exact(check.margin) if check is not None else None,
        "first_law_residual": Estimate.exact(run.ledger.first_law_residual),
    }
    verdict = check.verdict if check is not None else "not covered"
    notes = {"merged": list(parts.merged), "force": run.classification.kind}
    return Summary({name: found for name, found in estimates.items() if found is not None}, verdict, notes)
