"""The entropy of the system along trajectories: -ln p(w, t) where p is known or can be solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .course import Course
from .gaussian import Gaussian
from .mixture import Mixture
from .process import Langevin
from .start import Start
from .steps import Laws, Steps

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Surprises:
    """changes: ds, (time + 1, replica). before, after: densities at the start and at the end, with a log_density."""

    changes: Array
    before: Any
    after: Any


@dataclass(frozen=True)
class Boltzmann:
    """p = e^{(F - U) / T} at a control held, one temperature; F = 0 leaves it without its norm."""

    process: Langevin
    control: float | None
    free_energy: float = 0.0

    def log_density(self, w: Array) -> Array:
        """ln p of states (replica, dim): (replica,)."""
        energy, warm = self.process.energies(w, self.control), float(self.process.temperature[0])
        return np.asarray((self.free_energy - energy) / warm)


def surprises(
    course: Course, steps: Steps, start: Start, states: list[Array], grid: Array, solve: bool
) -> Surprises | None:
    """ds = -ln p(w_t, t) + ln p(w_0, 0) at every time asked for and at the end, or None where p is not known.

    states: (replica, dim) at each. Linear systems follow the staircase of the control, as the trajectories do.
    solve: on a lattice, where there is no closed form. Raises InputError where that is not possible.
    """
    process = course.process
    still = len(set(course.controls)) == 1
    first = start.density
    if start.rests and still and start.boltzmann:
        first = Boltzmann(process, course.controls[0])
        known: list[Any] = [first] * len(states)
    elif start.density is None:
        return None
    elif start.rests and still:
        known = [start.density] * len(states)
    elif process.is_linear and isinstance(start.density, Gaussian):
        known = _followed(course, steps, start.density)
    elif process.is_linear and isinstance(start.density, Mixture):
        parts = zip(*(_followed(course, steps, part) for part in start.density.components), strict=True)
        known = [Mixture(start.density.weights, part) for part in parts]
    elif solve:
        from .lattice_route import lattice_propagate

        solved = lattice_propagate(course, start.density, [0.0, *grid, course.duration])
        known = [solved.at(i + 1) for i in range(len(states))]
        first = solved.at(0)
    else:
        return None
    before = first.log_density(start.states)
    changes = np.stack([before - p.log_density(w) for p, w in zip(known, states, strict=True)])
    return Surprises(changes, first, known[-1])


def refuse_unsolvable(course: Course, start: Start) -> None:
    """Raise InputError where the density cannot be solved although that was asked for."""
    process = course.process
    if start.density is None:
        rule = "states that were given have no density, and so no entropy"
        raise InputError("entropy", True, rule, "start from a Gaussian, a Mixture or a Density, or leave entropy out")
    if process.dim > 2 and not process.is_linear and not (start.rests and len(set(course.controls)) == 1):
        rule = f"the density is solved in 1 or 2 dimensions, not in {process.dim}"
        raise InputError("entropy", True, rule, "leave entropy out")


def _followed(course: Course, steps: Steps, density: Gaussian) -> list[Gaussian]:
    """p at the times asked for and at the end; steps under one control are taken together."""
    laws, found = Laws(course.process), []
    m, C = np.array(density.mean), np.array(density.covariance)
    held, waited = 0.0, 0.0

    def advanced() -> None:
        nonlocal m, C, waited
        if waited > 0.0:
            decay, shift, spread = laws(held, waited)
            m, C, waited = decay @ m + shift, decay @ C @ decay.T + spread, 0.0

    entries = zip(steps.control.tolist(), steps.length.tolist(), steps.look.tolist(), strict=True)
    for control, length, look in entries:
        if look >= 0 or control != held:
            advanced()
        if look >= 0:
            found.append(Gaussian(m, 0.5 * (C + C.T)))
        else:
            held, waited = control, waited + length
    advanced()
    return [*found, Gaussian(m, 0.5 * (C + C.T))]
