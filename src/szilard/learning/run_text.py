"""What a training run says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError
from .reach import stretches_of

if TYPE_CHECKING:
    from .outcome import LearningRun

COARSE = 1.1
"""dt over the step that the rule asks for, above which the run says so."""
PLACE = {"line": " along one line", "span": " in the patterns' span", "steps": ""}
"""What the steps of dt move."""
JUMPS = "heat and cost are biased: the force jumps and its rule has no loss, so that heat is summed at midpoints"


def told(run: LearningRun) -> str:
    """The lines of ``repr``: what was asked for, what was learned, what it cost, and what to beware of."""
    s = run.settings
    engine = "compiled" if run.compiled else "NumPy"
    named = s.learner.name if s.network is None else f"{s.learner.name} in {s.network!r}"
    lines = [
        f"LearningRun: {named} on {s.task!r}, {s.replicas} replicas, {engine}, {run.seconds:.2f} s",
        f"  learning_rate {s.learning_rate:g}, {s.mode}, duration {s.duration:g} in {_taken(run)}{PLACE[run.path]}, "
        f"T = {s.temperature:g}, k = {s.stiffness:g}, mu = {s.mobility:g}, {s.readout} readout",
        f"  force      {run.classification}",
        "  learned    nothing that counts: fixed labels carry no information"
        if s.task.labelling == "true"
        else f"  learned    {run.information!r} nats",
        f"  heat       {run.heat!r} k_B T0",
        *([] if run.answers is None else [f"  answers    {run.answers_heat!r} k_B T0 into their bath"]),
        *_paid(run),
        f"  error      {run.error!r}",
        *([] if run.acceptance is None else [f"  moves      {100 * run.acceptance:.0f} % accepted"]),
        *_warning(run),
        f"  first law to {run.ledger.first_law_residual:.1e}",
    ]
    return "\n".join(lines)


def _taken(run: LearningRun) -> str:
    s = run.settings
    moves = stretches_of(s).size - 1 if run.path == "line" and s.mode == "batch" else s.steps
    word = "step" if moves == s.steps else "move"
    return f"{moves} {word}{'s' * (moves != 1)}"


def _paid(run: LearningRun) -> list[str]:
    try:
        free = "; no law bounds it: the force remembers earlier weights" if run.remembers else ""
        paid = [
            f"  entropy    {run.entropy!r} nats, by {run.entropy_method}",
            f"  cost       {run.cost!r} nats",
        ]
        if run.settings.task.labelling == "true":
            return paid
        return [*paid, f"  efficiency {run.efficiency_marginal!r} marginal, {run.efficiency_joint!r} joint{free}"]
    except InputError as error:  # too few replicas for an entropy
        return [f"  cost       not known: {error}"]


def _warning(run: LearningRun) -> list[str]:
    s = run.settings
    jumps = [f"  beware     {JUMPS}"] if s.jumps else []
    if s.coarseness <= COARSE:
        return jumps
    return [
        *jumps,
        f"  time step  dt = {s.dt:g} is {s.coarseness:.1f} times what this rule asks for ({s.finest_dt:.2g}): "
        "numbers carry a bias of order dt",
    ]
