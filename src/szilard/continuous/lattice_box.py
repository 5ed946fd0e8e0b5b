"""Where the states of a process are: the box a lattice covers, and how deep below the top of its wells a state lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    found = [*(_linear_box(process, c) if process.is_linear else _wells(process, c) for c in controls), *others]
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
    return np.linalg.solve(A, b).astype(np.float64), np.asarray(solve_continuous_lyapunov(A, 2.0 * D))


def _linear_box(process: Langevin, control: float | None) -> Box:
    m, C = _stationary(process, control)
    reach = np.sqrt(2.0 * DEPTH * np.diag(C))
    return tuple(zip((m - reach).tolist(), (m + reach).tolist(), strict=True))


def confined(process: Langevin, depth: Callable[[Array], Array]) -> Box:
    """{w: depth(w) - min depth < 40} as a box, depth(w) in nats of points (point, dim), inf where nothing can be."""
    free = ~np.isfinite(process.period)
    box = np.where(free[:, None], np.array([-4.0, 4.0]), np.stack([np.zeros(process.dim), process.period], axis=1))
    if free.any():
        far = 1.0
        while not _closed(depth, box, free):
            box[free] *= 2.0
            if far > FARTHEST:
                raise InputError("box", None, "what has to fit into it is confined nowhere", _fix(process))
            far *= 2.0
        box[free] *= 4.0  # a deeper well may lie a little farther out
        for _ in range(12):
            before, box = box, _shrunk(depth, box, free)
            if np.all(np.diff(box) > 0.9 * np.diff(before)):
                break
    return tuple((low, high) for low, high in box.tolist())


def _wells(process: Langevin, control: float | None) -> Box:
    if not process.has_potential and not np.all(np.isfinite(process.period)):
        raise InputError("box", None, "a process without potential may go anywhere", _fix(process))
    return confined(process, lambda w: _energies(process, w, control) / process.temperature.max())


def _sampled(depth: Callable[[Array], Array], box: Array) -> tuple[list[Array], Array]:
    share = np.linspace(0.0, 1.0, POINTS[box.shape[0]])
    axes: list[Array] = [low + (high - low) * share for low, high in box]
    w = np.stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")], axis=1)
    found = depth(w).reshape([x.size for x in axes])
    lowest = float(found.min())
    return axes, found - lowest if np.isfinite(lowest) else found


def _closed(depth: Callable[[Array], Array], box: Array, free: NDArray[np.bool_]) -> bool:
    _, fallen = _sampled(depth, box)
    rims = [np.take(fallen, (0, -1), axis=i) for i in np.flatnonzero(free)]
    return bool(np.isfinite(fallen).any() and all(rim.min() > DEPTH for rim in rims))


def _shrunk(depth: Callable[[Array], Array], box: Array, free: NDArray[np.bool_]) -> Array:
    axes, fallen = _sampled(depth, box)
    found = box.copy()
    for i in np.flatnonzero(free):
        others = tuple(j for j in range(fallen.ndim) if j != i)
        inside = np.flatnonzero((fallen < DEPTH).any(axis=others))
        x = axes[i]
        found[i] = x[max(0, inside[0] - 1)], x[min(x.size - 1, inside[-1] + 1)]
    return found


def _energies(process: Langevin, w: Array, control: float | None) -> Array:
    U = process.energies(w, control)
    return np.where(np.isfinite(U), U, np.inf)


def _fix(process: Langevin) -> str:
    return f"give box=({', '.join(['(low, high)'] * process.dim)}{',' * (process.dim == 1)}); its walls reflect"
