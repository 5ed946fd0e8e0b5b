"""The entropy production of every replica in two: what keeps the stationary state, and what is off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..discrete.split import Split
from ..errors import InputError
from .backward import free_energy_change
from .exact import stationary

if TYPE_CHECKING:
    from .run import Run

Array = NDArray[np.float64]


def entropy_split(run: Run) -> Split:
    """The split of a run: see ``Run.split``."""
    process, controls = run.course.process, run.course.controls
    held = set(run.plan.control.tolist()) | set(controls) if process.controlled else {None}
    flow, still = run.ledger.entropy_flow, len(held) == 1
    warm = process.temperature
    if np.all(warm == warm[0]) and not any(process.driven_at(c) for c in held):
        shift = free_energy_change(process, controls[0], controls[-1])
        change = (run.ledger.energy_change - shift) / warm[0]
        excess = flow
    elif process.is_linear or (process.dim == 1 and still):
        known = {c: stationary(process, c) for c in dict.fromkeys((*controls, *held))}
        change = known[controls[0]].log_density(run.initial) - known[controls[-1]].log_density(run.final)
        excess = (np.zeros_like(flow) if still else _moved(run, known)) - change
    else:
        rule = "the stationary state of a driven process, not linear, is not known at every control and place"
        fix = "a linear process, one coordinate at a control held, or no driving at one temperature"
        raise InputError("process", process, rule, fix)
    surprise = run.ledger.conditional_entropy_change
    return Split(
        housekeeping=flow - excess,
        excess=excess,
        hatano_sasa=excess + change,
        nonadiabatic=None if surprise is None else surprise + excess,
    )


def _moved(run: Run, known: dict[float | None, Any]) -> Array:
    """Y = sum over changes of the control of -ln pi(w; lambda') + ln pi(w; lambda), at the place of the moment."""
    if run.paths is None:
        rule = "the split needs the places where the control changes: the process is driven while it is moved"
        raise InputError("paths", None, rule, 'simulate with record="paths"')
    plan, real = run.plan, run.plan.look < 0
    control, number = plan.control[real].tolist(), plan.number[real]
    bowls = {c: _Bowl(p.mean, p.precision, p.entropy) for c, p in known.items()}
    total = np.zeros(run.initial.shape[0])
    for i in range(1, len(control)):
        if control[i] != control[i - 1]:
            w = run.paths.states[:, number[i]]
            total += bowls[control[i]].at(w) - bowls[control[i - 1]].at(w)
    return total


@dataclass(frozen=True)
class _Bowl:
    """-ln p = (w - m).C^{-1}(w - m)/2 + S - dim/2 of a Gaussian of entropy S, without a product of large matrices.

    Threads that wait for each other in one would take a hundred times as long as the sum itself.
    """

    mean: Array
    precision: Array
    entropy: float

    def at(self, w: Array) -> Array:
        d = w - self.mean
        return np.asarray(0.5 * np.einsum("ni,ij,nj->n", d, self.precision, d) + self.entropy - 0.5 * d.shape[1])
