"""The states in which trajectories start, and what is known of their distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.random import INITIAL, normals, stream_key
from ..errors import InputError
from .course import Course
from .gaussian import Gaussian
from .mixture import Mixture
from .process import Langevin

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
    from .density import Density

    process, control = course.process, course.controls[0]
    if isinstance(initial, str):
        return _named(process, initial, control, replicas, seed, cell)
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


def boltzmann_gaussian(process: Langevin, control: float | None) -> Gaussian:
    """e^{-U/T} of a linear system: N(H^{-1} h, T H^{-1}); raises InputError where U confines nothing."""
    at = process.linear_at(control)
    try:
        np.linalg.cholesky(at.hessian)
    except np.linalg.LinAlgError:
        rule = "the potential does not confine every coordinate: e^{-U/T} cannot be normalised"
        raise InputError("initial", "equilibrium", rule, "start from a Gaussian or from states") from None
    inverse = np.linalg.inv(at.hessian)
    return Gaussian(inverse @ at.pull, process.temperature[0] * 0.5 * (inverse + inverse.T))


def refuse_equilibrium(process: Langevin, control: float | None) -> None:
    """Raise InputError unless e^{-U/T} is the equilibrium of this process, or of its energies alone."""
    if np.any(process.temperature != process.temperature[0]):
        rule = f"baths of temperatures {', '.join(f'{t:g}' for t in process.temperatures)} have no common equilibrium"
        raise InputError("initial", "equilibrium", rule, 'initial="stationary", or a distribution')
    if not process.has_potential:
        raise InputError("initial", "equilibrium", "there is no potential", 'initial="stationary", or a distribution')


def _named(process: Langevin, initial: str, control: float | None, replicas: int, seed: int, cell: str) -> Start:
    from .gaussian_route import gaussian_stationary
    from .lattice_route import lattice_equilibrium, lattice_stationary

    if initial not in ("equilibrium", "stationary"):
        rule = 'must be "equilibrium", "stationary", a distribution or states'
        raise InputError("initial", initial, rule, "name one of them")
    if initial == "equilibrium":
        refuse_equilibrium(process, control)
    rests = initial == "stationary" or not process.driven_at(control)
    boltzmann = process.has_potential and not process.driven_at(control)
    boltzmann = initial == "equilibrium" or (boltzmann and process.temperatures.size == 1)
    if process.is_linear:
        known = (boltzmann_gaussian if initial == "equilibrium" else gaussian_stationary)(process, control)
        return Start(_drawn(known, replicas, seed, cell), known, boltzmann, rests)
    if process.dim > 2:
        rule = f"is found on a lattice in 1 or 2 dimensions, not in {process.dim}"
        raise InputError("initial", initial, rule, "give states (replica, dim), those of a long run for instance")
    if boltzmann:
        density, weight = lattice_equilibrium(process, control), lambda w: -process.energies(w, control)
        warm = float(process.temperature[0])
        states = _drawn(density, replicas, seed, cell, lambda w: weight(w) / warm)
    else:
        density = lattice_stationary(process, control)
        states = _drawn(density, replicas, seed, cell)
    return Start(states, density, boltzmann, rests)


def _drawn(density: Any, replicas: int, seed: int, cell: str, log_weight: Any = None) -> Array:
    from .density import Density
    from .lattice_draw import drawn_states

    if isinstance(density, Density):
        return drawn_states(density, replicas, seed=seed, cell=cell, log_weight=log_weight)
    if isinstance(density, Mixture):
        return density.drawn(replicas, seed=seed, cell=cell)
    z = normals(INITIAL, 0, 0, stream_key(seed, cell), (density.dim, replicas))
    states = np.repeat(density.mean[:, None], replicas, axis=1)
    for i in range(density.dim):  # row by row: a product of matrices may depend on the number of threads
        for j in range(i + 1):
            states[i] += density.root[i, j] * z[j]
    return np.ascontiguousarray(states.T)
