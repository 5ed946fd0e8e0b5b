"""Run every cell of a study that is not yet in its store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..estimate import Estimate
from ..learning import rules
from ..learning.decomposition import budget
from ..learning.outcome import LearningRun
from ..learning.tasks import Task
from ..learning.training import settings_for, train
from .spec import Cell, Study
from .store import Row, load, only_writer, row_of

if TYPE_CHECKING:
    import xarray

Watch = Callable[[int, int, float], None]
"""watch(finished runs, all runs, share of all the work that is done)."""
MOST = 1e18
"""Weight steps of one run that no machine does."""


def run_study(
    study: Study, out: str | Path, *, threads: int | None = None, watch: Watch | None = None
) -> xarray.Dataset:
    """Train every run of the study and keep each as soon as it is finished; what is there already is not repeated.

    The result does not depend on the number of threads, on interruption or on the order of runs. Every
    run's settings are checked before the first one starts. Returns what ``load(out)`` returns.
    Raises InputError for bad settings or a directory that holds something else.
    """
    effort: dict[str, float] = {}
    ready: dict[str, Task] = {}
    for cell in study.cells:
        labelling = cell.coordinates["labelling"]
        if labelling not in ready:
            ready[labelling] = study.task(labelling)
        with naming(cell):
            effort[cell.key] = settings_for(**_arguments(study, cell, ready[labelling])).effort
            if not effort[cell.key] < MOST:
                rule = f"replicas x steps x weights = {effort[cell.key]:.2g} would never end"
                raise InputError("duration", cell.coordinates["duration"], rule, "shorten it, or lengthen dt")
    with only_writer(study, out) as store:
        waiting = [cell for cell in study.cells if not store.finished(cell.key)]
        total = sum(effort.values())
        spent = total - sum(effort[cell.key] for cell in waiting)
        for number, cell in enumerate(waiting, len(study.cells) - len(waiting)):

            def progress(fraction: float, number: int = number, spent: float = spent, key: str = cell.key) -> None:
                if watch is not None:
                    watch(number, len(study.cells), (spent + fraction * effort[key]) / total)

            progress(0.0)
            with naming(cell):
                run = train(
                    **_arguments(study, cell, ready[cell.coordinates["labelling"]]),
                    threads=threads,
                    progress=progress,
                )
                row = summary(run)
            store.write(cell.key, cell.coordinates, row)
            spent += effort[cell.key]
        if watch is not None:
            watch(len(study.cells), len(study.cells), 1.0)
    return load(out)


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


def _arguments(study: Study, cell: Cell, task: Task) -> dict[str, Any]:
    return {
        **arguments_of(cell.coordinates, task),
        "replicas": study.file.replicas,
        "seed": study.file.seed,
        "cell": cell.key,
    }


def arguments_of(coordinates: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """What ``train`` is told of a run at these coordinates, besides replicas and seed."""
    others = {name: value for name, value in coordinates.items() if name != "labelling"}
    return {"task": task, **others, "rule": rules.SHIPPED[coordinates["rule"]]}


def summary(run: LearningRun) -> Row:
    """The numbers of a run that a study keeps."""
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
    notes = {"merged": list(parts.merged), "seconds": round(run.seconds, 3), "force": run.classification.kind}
    return row_of(estimates, verdict, notes)
