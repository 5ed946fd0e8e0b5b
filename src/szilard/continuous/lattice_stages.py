"""A course on a lattice, stage by stage: held, moved, or in steps where a force follows the control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..discrete import JumpProcess
from ..errors import InputError
from ..protocol import Protocol
from .course import Course
from .density import Density
from .gaussian import Gaussian
from .lattice_cells import Lattice, lattice_of
from .mixture import Mixture
from .process import Langevin

Array = NDArray[np.float64]
BEND = 0.04
"""How far, in the lowest T, a line through the energies of two nodes may miss those in between."""
PROBES = (0.5, 0.2113, 0.8137)
PIECES = 4000
BETWEEN = 5
"""Controls of a moving piece at which the box is looked for."""
WALL = 1e-9
"""Density at the wall of a box that was found, relative to its maximum, above which the box is too small."""


@dataclass(frozen=True)
class Stage:
    """From start to end with one JumpProcess; energies (state,) at both ends; protocol: of its own time, or None."""

    start: float
    end: float
    process: JumpProcess
    first: Array
    last: Array
    protocol: Protocol | None


def controls_of(course: Course) -> list[float]:
    """Controls that stand for all that occur."""
    found = [c for c in course.controls if c is not None]
    for _, _, a, b in course.pieces():
        if a is not None and b is not None and a != b:
            found += np.linspace(a, b, BETWEEN).tolist()
    return list(dict.fromkeys(found))


def lattice_for(course: Course, initial: Any, box: Any, cells: Any, nudge: float = 0.0) -> Lattice:
    """The lattice for all controls of a course and its initial state, with jumps as at its first control."""
    others = reach_of(initial, course.process)
    found = lattice_of(course.process, box=box, cells=cells, controls=controls_of(course), others=others, nudge=nudge)
    return found.held(course.process, course.controls[0])


def reach_of(initial: Any, process: Langevin) -> list[Callable[[Array], Array]]:
    """The log density that a lattice for this initial state has to cover."""
    if isinstance(initial, Gaussian | Mixture | Density):
        if initial.dim != process.dim:
            rule = f"must have {process.dim}, as the process"
            raise InputError("initial", f"{initial.dim} coordinates", rule, "match them")
        return [initial.log_density]
    if not callable(initial):
        return []

    def log_density(w: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(_density_at(initial, w)))

    return [log_density]


def stages(course: Course, lattice: Lattice, parts: int, share: int) -> Iterator[Stage]:
    """The stages in order. A moving force: ``parts`` steps at the control in their middle; a moving energy: ``share``
    times as many nodes as it takes to be straight in between."""
    process = course.process
    pushed = _pushes(process, lattice, controls_of(course))
    for start, end, a, b in course.pieces():
        if a is None or b is None or a == b:
            jumps = lattice.held(process, a).process
            energy = jumps.energies()
            yield Stage(start, end, jumps, energy, energy, None)
        elif pushed:
            times = np.linspace(start, end, parts + 1)
            for k in range(parts):
                control = a + (k + 0.5) / parts * (b - a)
                jumps = lattice.held(process, control).process
                energy = jumps.energies()
                yield Stage(float(times[k]), float(times[k + 1]), jumps, energy, energy, None)
        else:
            jumps = lattice.moved(process, a).process
            pieces = share * straight(jumps, a, b) if _bend(jumps, a, b, 1) > 0.0 else 1
            times, controls = np.linspace(0.0, end - start, pieces + 1), np.linspace(a, b, pieces + 1)
            protocol = Protocol(times.tolist(), controls.tolist())
            yield Stage(start, end, jumps, jumps.energies(a), jumps.energies(b), protocol)


def straight(process: JumpProcess, a: float, b: float) -> int:
    """Into how many pieces a change of the control is cut so that the energies bend by 0.04 T at most in each."""
    pieces = 1
    while (bend := _bend(process, a, b, pieces)) > BEND:
        pieces = max(pieces + 1, ceil(pieces * sqrt(bend / BEND)))
        if pieces > PIECES:
            rule = f"bends the energies so much that more than {PIECES} pieces are needed"
            raise InputError("protocol", f"{a:g} -> {b:g}", rule, "give a smaller box, or a smaller change")
    return pieces


def _bend(process: JumpProcess, a: float, b: float, pieces: int) -> float:
    found, nodes, T = 0.0, np.linspace(a, b, pieces + 1).tolist(), float(process.temperatures.min())
    after = process.energies(nodes[0])
    for x, y in zip(nodes, nodes[1:], strict=False):
        before, after = after, process.energies(y)
        for share in PROBES:
            off = process.energies(x + share * (y - x)) - (before + share * (after - before))
            size = float(np.max(np.abs(off))) / T
            # straight to rounding of the energies
            if size > 1e-12 * (1.0 + float(np.max(np.abs(before))) / T):
                found = max(found, size)
    return found


def _pushes(process: Langevin, lattice: Lattice, controls: list[float]) -> bool:
    """Whether the force that no energy explains moves with the control."""
    if not process.force_controlled or len(controls) < 2:
        return False
    if not process.is_linear:
        return True
    w = lattice.points[:: max(1, lattice.states.size // 16)]
    first = process.pushes(w, controls[0])
    return any(bool(np.any(process.pushes(w, c) != first)) for c in controls[1:])


def initial_on(initial: Any, process: Langevin, lattice: Lattice, control: float | None) -> Array:
    """Probabilities (state,) of "equilibrium", "stationary", a Gaussian, Mixture, Density or function of points."""
    from ..discrete.propagation import initial_probabilities

    if isinstance(initial, str):
        if initial not in ("equilibrium", "stationary"):
            rule = 'must be "equilibrium", "stationary" or a distribution of states'
            raise InputError("initial", initial, rule, "name one of them, or sz.Gaussian(mean, covariance)")
        if initial == "equilibrium":
            refuse_equilibrium(process)
        jumps = lattice.held(process, control).process
        return initial_probabilities(jumps, initial, jumps.energies())
    w = lattice.points
    if isinstance(initial, Density):
        if initial.lattice.same_cells(lattice):
            return initial.probabilities
        p = np.exp(initial.log_density(w))
    elif isinstance(initial, Gaussian | Mixture):
        mixed = Mixture([1.0], [initial]) if isinstance(initial, Gaussian) else initial
        parts = zip(mixed.weights, mixed.components, strict=True)
        p = np.sum([share * _images(part, lattice, w) for share, part in parts], axis=0)
        if abs(float(p.sum()) * lattice.volume - 1.0) > 1e-3:
            rule = f"must fit into the box {lattice.box} and span some cells of width {lattice.spacing.tolist()}"
            raise InputError("initial", initial, rule, "give box= or more cells=")
    elif callable(initial):
        p = _density_at(initial, w)
        if not np.any(p > 0.0):
            raise InputError("initial", "a function", "is zero in the whole box", "give box= and cells= that see it")
    else:
        rule = 'must be "equilibrium", "stationary", a Gaussian, a Mixture, a Density or a function of states'
        raise InputError("initial", initial, rule, "sz.Gaussian(mean, covariance), for instance")
    return np.asarray(p / p.sum())


def refuse_equilibrium(process: Langevin) -> None:
    """Raise InputError unless e^{-U/T} means something: one temperature, and a potential."""
    if np.any(process.temperature != process.temperature[0]):
        rule = f"baths of temperatures {', '.join(f'{t:g}' for t in process.temperatures)} have no common equilibrium"
        raise InputError("initial", "equilibrium", rule, 'initial="stationary", or a distribution')
    if not process.has_potential:
        raise InputError("initial", "equilibrium", "there is no potential", 'initial="stationary", or a distribution')


def _density_at(initial: Callable[[Array], Any], w: Array) -> Array:
    p = np.array(initial(w), dtype=np.float64)
    if p.shape != w.shape[:1] or not np.all(np.isfinite(p)) or np.any(p < 0.0):
        rule = f"must give {w.shape[0]} densities >= 0 for states of shape {w.shape}"
        raise InputError("initial", "a function", rule, "def initial(w): ... of states (replica, dim)")
    return p


def _images(g: Gaussian, lattice: Lattice, w: Array) -> Array:
    """The Gaussian at the points, with its images where coordinates wrap around."""
    shifts = []
    for i, ((low, high), wraps) in enumerate(zip(lattice.box, lattice.wraps, strict=True)):
        reach = 9.0 * sqrt(float(g.covariance[i, i]))
        near, far = (ceil((x - low) / (high - low)) for x in (g.mean[i] - reach, g.mean[i] + reach))
        shifts.append(np.arange(near - 1, far + 1) * (high - low) if wraps else np.zeros(1))
    total = np.zeros(w.shape[0])
    for shift in np.stack(np.meshgrid(*shifts, indexing="ij"), axis=-1).reshape(-1, lattice.dim):
        total += np.exp(g.log_density(w + shift))
    return total


def beyond_wall(lattice: Lattice, probabilities: Array, box: Any) -> float:
    """The density at the walls of a box that was found, relative to its maximum: 0 where the box was given.

    Raises InputError where the box is too small.
    """
    if box is not None:
        return 0.0
    values = lattice.spread(probabilities)
    rims = [np.take(values, (0, -1), axis=i).max() for i, wraps in enumerate(lattice.wraps) if not wraps]
    rim = float(max(rims, default=0.0) / values.max())
    if rim > WALL:
        found = ", ".join(f"({low:.4g}, {high:.4g})" for low, high in lattice.box)
        rule = f"the density reaches the walls of the box found, {found}"
        raise InputError("box", None, rule, "give a larger box=")
    return rim
