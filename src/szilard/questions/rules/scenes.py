"""What each rule contributes to the cost: a scene is a small study of one task, its rules compared where it is fair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from math import ceil
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ...check import BoundCheck
from ...errors import InputError
from ...estimate import Estimate
from ...laws import second_law_of_learning
from ...learning.outcome import LearningRun
from ...learning.settings import Settings
from ...learning.tasks import Task
from ...learning.training import settings_for, train
from ...study.axes import named
from ...study.matching import FEWEST
from ...study.spec import Cell, Replicas, Setup, patterns_of, task_at
from ...study.strict import Name, Positive, Whole
from ...study.work import MOST, arguments_of, naming, summary
from ..part import Finding, Part, Piece, Record
from .fair_finding import concluded
from .fair_trials import GAINS, Trial, curve_of

SPEED = 1e8
"""Weight steps per second, about."""
OVERHEAD = 1.0
"""Seconds to divide the cost, about."""


class SceneSettings(Setup):
    """A study's tables task, training and grid with one labelling; times, temperature and the rest as in ``train``.

    seed draws or chooses the patterns, which every run sees; the runs' own noise has the seed of the question.
    information (nat) and error: at which the rules are compared, by default 0.9 of the way that all get.
    """

    title: Name
    replicas: Replicas
    seed: Whole = 1
    information: Positive | None = None
    error: Annotated[float, Field(gt=0.0, lt=0.5)] | None = None


def scene_part(name: str, settings: SceneSettings, time_step: float) -> Part:
    r"""sum_n [DS(w_n) + Q_n/T] of several rules on one task, at equal information, equal error and equal time.

    One piece per run. Rules are compared between the rates of their ladders: at one learned information (random labels,
    or a teacher), at one error (of the patterns shown for random labels, else of patterns never shown), and at one
    duration, each at its most efficient rate; and it is found who is on the front of information, cost and time.
    time_step: factor on every step dt; a kick's step is its dwell and stays. Raises InputError, naming the run, for
    what a study refuses, more than one labelling, no patterns held out where they are needed, or no ladder of three
    rates.

    Goldt and Seifert, PRL 118, 010601 (2017); the division of the cost is derived here.

    >>> grid = [{"rule": ["hebbian", "gibbs"], "learning_rate": [0.5, 1.0, 2.0], "readout": "sign"}]
    >>> task = {"source": "random", "inputs": 4, "patterns": 3}
    >>> scene = SceneSettings.model_validate({"title": "Small", "replicas": 100, "task": task, "grid": grid})
    >>> len(scene_part("small", scene, 1.0).pieces)
    6
    """
    try:
        points, pieces = _pieces(settings, time_step)
    except InputError as error:
        raise InputError(f"scene.{name}.{error.field}", error.got, error.rule, error.fix) from None

    def conclude(records: Any) -> Finding:
        trials = [Trial.of(at, record) for at, record in zip(points, records, strict=True)]
        return concluded(trials, settings.title, settings.information, settings.error)

    return Part(name, settings.title, pieces, conclude)


def _pieces(settings: SceneSettings, time_step: float) -> tuple[list[dict[str, Any]], tuple[Piece, ...]]:
    """The runs' coordinates, each with its step, and their work."""
    _refuse_several_tasks(settings)
    own = patterns_of(settings.task, Path())
    task = task_at(settings.task, settings.points[0], own, settings.seed)
    common = {
        "task": settings.task.model_dump(), "data": "" if own is None else own.sha256, "seed": settings.seed,
        "replicas": settings.replicas,
    }  # fmt: skip
    points, pieces, runs = [], [], list[tuple[str, float]]()
    for point in settings.points:
        planned = _planned(point, task, settings.replicas, time_step)
        at = {**point, "dt": planned.dt}
        work = partial(_work, at, task, settings.replicas)
        points.append(at)
        told = named({**at, "patterns": None, "inputs": None})
        pieces.append(Piece({**common, **told}, work, planned.effort / SPEED + OVERHEAD))
        runs.append((curve_of(at), at["learning_rate"]))
    if len(set(runs)) < len(runs):
        rule = "a run may differ from another by its step alone only through time_step"
        raise InputError("grid.dt", "several steps for one run", rule, "give one dt, or none for the default")
    sizes = Counter(curve for curve, rate in runs if rate > 0.0)
    if max(sizes.values(), default=0) < FEWEST:
        rule = f"rules are compared between the rates of a ladder: at least {FEWEST} learning rates of one rule"
        raise InputError("grid.learning_rate", f"{len(pieces)} runs", rule, "give learning_rate = [0.5, 1.0, 2.0]")
    return points, tuple(pieces)


def _refuse_several_tasks(settings: SceneSettings) -> None:
    for name in ("patterns", "inputs", "drawing"):
        if {point[name] for point in settings.points} != {getattr(settings.task, name, 0)}:
            rule = "a scene has one task, the one of its table task"
            raise InputError(f"grid.{name}", "other patterns", rule, "make a scene of each")
    found = list(dict.fromkeys(point["labelling"] for point in settings.points))
    if len(found) != 1:
        rule = "a scene has one labelling: what is learned of others is no quantity to compare"
        raise InputError("grid.labelling", ", ".join(found), rule, "make a scene of each")
    if found[0] != "random" and settings.task.held_out < 1:
        rule = "rules are compared by their error on patterns never shown"
        raise InputError("task.held_out", settings.task.held_out, rule, "give held_out = 100")
    assert found[0] in GAINS


def _planned(point: Mapping[str, Any], task: Task, replicas: int, time_step: float) -> Settings:
    """The checked settings of a run, its step shortened to a whole part of its time."""
    cell = Cell(dict(point), "")
    with naming(cell):
        arguments = {**arguments_of(point, task), "replicas": replicas, "seed": 0}
        planned = settings_for(**arguments)
        if not (planned.mode == "online" and planned.online == "kick"):
            span = planned.duration if planned.dwell is None else planned.dwell
            planned = settings_for(**{**arguments, "dt": span / ceil(span / (time_step * planned.dt) - 1e-9)})
        if not planned.effort < MOST:
            rule = f"replicas x steps x weights = {planned.effort:.2g} would never end"
            raise InputError("duration", planned.duration, rule, "shorten it, or lengthen dt")
    return planned


def _work(at: Mapping[str, Any], task: Task, replicas: int, seed: int, threads: int | None) -> Record:
    with naming(Cell(dict(at), "")):
        run = train(**arguments_of(at, task), replicas=replicas, seed=seed, threads=threads)
        row = summary(run)
        law, covered = _second_law(run)
    names = list(row.estimates)
    found = [row.estimates[name] for name in names]
    return {
        "quantity": names,
        **_columns(found),
        "verdict": row.verdict,
        "force": row.notes["force"],
        "merged": row.notes["merged"],
        "law": law.name if law is not None else "",
        "law_covered": covered,
        "law_assumptions": list(law.assumptions) if law is not None else [],
        "law_reference": law.reference if law is not None else "",
        "law_slack_stderr": law.slack_stderr if law is not None else float("nan"),
        **{f"law_{k}": v for k, v in _columns([law.smaller, law.larger] if law is not None else []).items()},
    }


def _columns(estimates: list[Estimate]) -> dict[str, list[Any]]:
    return {
        "value": [e.value for e in estimates],
        "stderr": [e.stderr for e in estimates],
        "side": [e.side for e in estimates],
        "n": [e.n for e in estimates],
    }


def _second_law(run: LearningRun) -> tuple[BoundCheck | None, bool]:
    """The second law of learning of a run, and whether its assumptions are met."""
    law = run.second_law()
    if law is not None:
        return law, True
    labelling = run.settings.task.labelling
    if labelling == "true":
        return None, False
    if labelling == "random":
        return second_law_of_learning(run.learned, run.marginal_cost, labels="random"), False
    return second_law_of_learning(run.learned, run.marginal_cost, labels="teacher", quantity="teacher"), False
