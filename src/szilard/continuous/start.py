"""The states in which trajectories start, and what is known of their distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.random import INITIAL, normals, stream_key, words
from ..errors import InputError
from .course import Course
from .density import Density
from .gaussian import Gaussian
from .gaussian_route import initial_gaussian
from .lattice_cells import lattice_of
from .lattice_draw import drawn_states
from .lattice_stages import initial_on, refuse_equilibrium
from .mixture import Mixture

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Start:
    """states: (replica, dim). density: p(w, 0) as a Gaussian, Mixture or Density, or None where only states were given.

    boltzmann: p(w, 0) is e^{-U/T} at the initial control. rests: p stays what it is while the control does.
    """

    states: Array
    density: Any
    boltzmann: bool = False
    rests: bool = False


def start_of(course: Course, initial: Any, replicas: int, seed: int, cell: str) -> Start:
    """The start that ``initial`` means: see ``simulate``. Raises InputError where there is none."""
    process = course.process
    if isinstance(initial, str):
        return _named(course, initial, replicas, seed, cell)
    if isinstance(initial, (Gaussian, Mixture, Density)):
        if initial.dim != process.dim:
            rule = f"must have {process.dim} coordinates"
            raise InputError("initial", f"{initial.dim} coordinates", rule, "match the process")
        return Start(_drawn(initial, replicas, seed, cell), initial)
    try:
        states = np.array(initial, dtype=np.float64)
    except (TypeError, ValueError):
        fix = 'sz.Gaussian(mean, covariance), "equilibrium", "stationary" or states'
        raise InputError("initial", initial, "must be a distribution or states", fix) from None
    if states.ndim <= 1 and states.size == process.dim:
        states = np.tile(states.reshape(1, process.dim), (replicas, 1))
    if states.shape != (replicas, process.dim):
        rule = f"must have shape ({replicas}, {process.dim}), or ({process.dim},) for one state"
        raise InputError("initial", states.shape, rule, "one row per replica")
    if not np.all(np.isfinite(states)):
        raise InputError("initial", "NaN or infinity", "every state must be finite", "check where it came from")
    return Start(states, None)


def _named(course: Course, initial: str, replicas: int, seed: int, cell: str) -> Start:
    process, control = course.process, course.controls[0]
    if initial not in ("equilibrium", "stationary"):
        rule = 'must be "equilibrium", "stationary", a distribution or states'
        raise InputError("initial", initial, rule, "name one of them")
    warm, still = process.temperature, not process.driven_at(control)
    rests = initial == "stationary" or still
    boltzmann = initial == "equilibrium" or (still and bool(np.all(warm == warm[0])))
    if process.is_linear:
        known = initial_gaussian(course, initial)
        return Start(_drawn(known, replicas, seed, cell), known, boltzmann, rests)
    if process.dim > 2:
        rule = f"is found on a lattice in 1 or 2 dimensions, not in {process.dim}"
        raise InputError("initial", initial, rule, "give states (replica, dim), those of a long run for instance")
    if initial == "equilibrium":
        refuse_equilibrium(process)
    lattice = lattice_of(process, controls=[] if control is None else [control])
    density = Density.of(lattice, initial_on(initial, process, lattice, control))
    weight = (lambda w: -process.energies(w, control) / warm[0]) if boltzmann else None
    return Start(_drawn(density, replicas, seed, cell, weight), density, boltzmann, rests)


def _drawn(density: Any, replicas: int, seed: int, cell: str, log_weight: Any = None) -> Array:
    if isinstance(density, Density):
        return drawn_states(density, replicas, seed=seed, cell=cell, log_weight=log_weight)
    key = stream_key(seed, cell)
    z = normals(INITIAL, 0, 0, key, (density.dim, replicas))
    if isinstance(density, Gaussian):
        return _placed(density, z)
    share = words(INITIAL, 1, 0, key, replicas) / 2.0**32
    chosen = np.searchsorted(np.cumsum(density.weights)[:-1], share, side="right")
    states = np.empty((replicas, density.dim))
    for i, part in enumerate(density.components):
        states[chosen == i] = _placed(part, z[:, chosen == i])
    return states


def _placed(density: Gaussian, z: Array) -> Array:
    """m + L z, row by row: a product of matrices may depend on the number of threads."""
    root, states = density.root, np.repeat(density.mean[:, None], z.shape[1], axis=1)
    for i in range(density.dim):
        for j in range(i + 1):
            states[i] += root[i, j] * z[j]
    return np.ascontiguousarray(states.T)
