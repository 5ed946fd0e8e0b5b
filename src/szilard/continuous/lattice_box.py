"""Where the states of a process are: the box a lattice covers, and how deep below the top of its wells a state lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_lyapunov

from ..errors import InputError
from .process import Langevin
from .transition import drift_of

Array = NDArray[np.float64]
Box = tuple[tuple[float, float], ...]
DEPTH = 40.0
"""A box reaches to where the density has fallen by e^-40."""
CUT = 50.0
"""Cells where it has fallen by more than e^-50 are no states."""
POINTS = {1: 2001, 2: 121}
FARTHEST = 1e7


def box_of(process: Langevin, controls: Sequence[float | None], others: Sequence[Box] = ()) -> Box:
    r"""{w: U(w, lambda) - min U < 40 max T for one of the controls}, as (low, high) per coordinate; a period as it is.

    A linear process is confined by its stationary Gaussian instead: m_i -+ sqrt(80 C_ii). others: boxes to be covered
    as well. Raises InputError where nothing confines the process: then the box has to be given.

    >>> trap = Langevin(potential=lambda w: 0.5 * w[:, 0] ** 2, dim=1)
    >>> box_of(trap, [None])[0][1] > 8.9
    True
    """
    found = [*(_linear_box(process, c) if process.is_linear else _confined(process, c) for c in controls), *others]
    box = []
    for i, period in enumerate(process.period.tolist()):
        if np.isfinite(period):
            box.append((0.0, period))
        else:
            box.append((min(b[i][0] for b in found), max(b[i][1] for b in found)))
    return tuple(box)


def checked_box(process: Langevin, given: Any) -> Box:
    """The box as ((low, high), ...); raises InputError unless low < high, one pair per coordinate, whole periods."""
    try:
        box = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        box = np.array(np.nan)
    box = box[None] if box.shape == (2,) and process.dim == 1 else box
    fix = "box=((low, high),)" if process.dim == 1 else "box=((low, high), (low, high))"
    if box.shape != (process.dim, 2) or not np.all(np.isfinite(box)) or np.any(box[:, 0] >= box[:, 1]):
        raise InputError("box", given, f"must be {process.dim} pairs low < high of finite numbers", fix)
    for (low, high), period in zip(box.tolist(), process.period.tolist(), strict=True):
        if np.isfinite(period) and abs(high - low - period) > 1e-12 * period:
            raise InputError("box", given, f"must span the period {period:g} of a periodic coordinate", fix)
    return tuple((low, high) for low, high in box.tolist())


def depths(process: Langevin, w: Array, control: float | None) -> Array:
    """How far the stationary density has fallen, in nats, by its potential or its Gaussian: (point,); inf if never."""
    if process.is_linear:
        m, C = _stationary(process, control)
        return np.asarray(0.5 * np.einsum("ij,ij->i", np.linalg.solve(C, (w - m).T).T, w - m))
    U = _energies(process, w, control)
    if process.driven_at(control) or not process.has_potential:
        return np.where(np.isfinite(U), 0.0, np.inf)
    return np.asarray((U - U.min()) / process.temperature.max())


def _stationary(process: Langevin, control: float | None) -> tuple[Array, Array]:
    A, b, D = drift_of(process, control)
    if np.linalg.eigvals(A).real.min() <= 0.0:
        raise InputError("process", process, "is a linear system that nothing confines", _fix(process))
    return np.linalg.solve(A, b), np.asarray(solve_continuous_lyapunov(A, 2.0 * D))


def _linear_box(process: Langevin, control: float | None) -> Box:
    m, C = _stationary(process, control)
    reach = np.sqrt(2.0 * DEPTH * np.diag(C))
    return tuple(zip((m - reach).tolist(), (m + reach).tolist(), strict=True))


def _confined(process: Langevin, control: float | None) -> Box:
    free = ~np.isfinite(process.period)
    box = np.where(free[:, None], np.array([-4.0, 4.0]), np.stack([np.zeros(process.dim), process.period], axis=1))
    if not free.any():
        return _pairs(box)
    if not process.has_potential:
        raise InputError("box", None, "a process without potential may go anywhere", _fix(process))
    far = 1.0
    while not _closed(process, box, free, control):
        box[free] *= 2.0
        if far > FARTHEST:
            raise InputError("box", None, "the potential confines the process nowhere", _fix(process))
        far *= 2.0
    box[free] *= 4.0  # a deeper well may lie a little farther out
    for _ in range(12):
        narrower = _shrunk(process, box, free, control)
        done = np.all(np.diff(narrower) > 0.9 * np.diff(box))
        box = narrower
        if done:
            break
    return _pairs(box)


def _sampled(process: Langevin, box: Array, control: float | None) -> tuple[list[Array], Array]:
    axes = [np.linspace(low, high, POINTS[process.dim]) for low, high in box]
    w = np.stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")], axis=1)
    U = _energies(process, w, control).reshape([x.size for x in axes])
    return axes, (U - U.min()) / process.temperature.max()


def _closed(process: Langevin, box: Array, free: NDArray[np.bool_], control: float | None) -> bool:
    _, depth = _sampled(process, box, control)
    rims = [np.take(depth, (0, -1), axis=i) for i in np.flatnonzero(free)]
    return bool(np.isfinite(depth).any() and all(rim.min() > DEPTH for rim in rims))


def _shrunk(process: Langevin, box: Array, free: NDArray[np.bool_], control: float | None) -> Array:
    axes, depth = _sampled(process, box, control)
    found = box.copy()
    for i in np.flatnonzero(free):
        others = tuple(j for j in range(depth.ndim) if j != i)
        inside = np.flatnonzero((depth < DEPTH).any(axis=others))
        x = axes[i]
        found[i] = x[max(0, inside[0] - 1)], x[min(x.size - 1, inside[-1] + 1)]
    return found


def _energies(process: Langevin, w: Array, control: float | None) -> Array:
    U = process.energies(w, control)
    return np.where(np.isfinite(U), U, np.inf)


def _pairs(box: Array) -> Box:
    return tuple((low, high) for low, high in box.tolist())


def _fix(process: Langevin) -> str:
    return "give box=" + "((low, high),)" * (process.dim == 1) + "((low, high), (low, high))" * (process.dim == 2)
