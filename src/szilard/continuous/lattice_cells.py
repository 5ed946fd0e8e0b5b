"""Cells in one or two dimensions, between which a diffusing particle jumps: a Langevin process as a JumpProcess."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..discrete import Channel, JumpProcess
from ..errors import InputError, is_whole
from ..markup import table_of_text
from .lattice_box import CUT, Box, box_of, checked_box, confined, depths
from .process import Langevin, control_of, langevin

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Other = Callable[[Array], Array]
CELLS = {1: (400,), 2: (96, 96)}
FEWEST, MOST = 8, 1_000_000
"""Cells per coordinate at least, and in all at most: a million take 40 s and 2 GB for a stationary state."""
STEEP = 300.0
"""Exponents beyond which an attempt rate is not made smaller still: nobody climbs there."""
NODES, WEIGHTS = (0.5 - 0.15**0.5, 0.5, 0.5 + 0.15**0.5), (5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0)
"""Gauss and Legendre's three points on [0, 1]."""


@dataclass(frozen=True, eq=False, repr=False)
class Lattice:
    """Cells of one volume; state s of ``process`` is the cell number states[s] (C order).

    edges: per coordinate, (cells + 1,). wraps: per coordinate, whether its last cell is next to its first.
    """

    process: JumpProcess
    edges: tuple[Array, ...]
    wraps: tuple[bool, ...]
    states: Index

    @property
    def dim(self) -> int:
        """The number of coordinates."""
        return len(self.edges)

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells per coordinate."""
        return tuple(x.size - 1 for x in self.edges)

    @property
    def centres(self) -> tuple[Array, ...]:
        """The middle of the cells, per coordinate."""
        return tuple(0.5 * (x[1:] + x[:-1]) for x in self.edges)

    @property
    def spacing(self) -> Array:
        """h, the width of a cell: (dim,)."""
        return np.array([(x[-1] - x[0]) / (x.size - 1) for x in self.edges])

    @property
    def volume(self) -> float:
        """The volume of a cell."""
        return float(np.prod(self.spacing))

    @property
    def box(self) -> Box:
        """(low, high) per coordinate."""
        return tuple((float(x[0]), float(x[-1])) for x in self.edges)

    @property
    def points(self) -> Array:
        """The centres of the states: (state, dim)."""
        at = np.unravel_index(self.states, self.shape)
        return np.stack([x[i] for x, i in zip(self.centres, at, strict=True)], axis=1)

    def spread(self, values: Array) -> Array:
        """Values per state over all cells, zero in cells that are no states: ``shape``."""
        found = np.zeros(prod(self.shape))
        found[self.states] = values
        return found.reshape(self.shape)

    def same_cells(self, other: Lattice) -> bool:
        """Whether both have the same cells and states."""
        return (
            self.shape == other.shape
            and self.box == other.box
            and self.wraps == other.wraps
            and np.array_equal(self.states, other.states)
        )

    def held(self, process: Langevin, control: float | None = None) -> Lattice:
        """The same cells with the jumps of a process at one control."""
        return Lattice(_held(self, process, control), self.edges, self.wraps, self.states)

    def moved(self, process: Langevin, control: float) -> Lattice:
        """The same cells with energies that follow the control, the force that none explains as at this control."""
        return Lattice(_moved(self, process, control), self.edges, self.wraps, self.states)

    def faces(self) -> list[tuple[Index, Index]]:
        """Per coordinate the pairs (lower state, its neighbour in the direction of the coordinate)."""
        number = np.full(prod(self.shape), -1)
        number[self.states] = np.arange(self.states.size)
        number = number.reshape(self.shape)
        found = []
        for i, wraps in enumerate(self.wraps):
            n = self.shape[i]
            low = np.take(number, np.arange(n if wraps else n - 1), axis=i).ravel()
            high = np.take(number, np.arange(1, n + 1 if wraps else n) % n, axis=i).ravel()
            both = (low >= 0) & (high >= 0)
            found.append((low[both], high[both]))
        return found

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        sides = " x ".join(str(n) for n in self.shape)
        ends = zip(self.box, self.wraps, strict=True)
        spans = " x ".join(f"[{low:g}, {high:g}{')' if wraps else ']'}" for (low, high), wraps in ends)
        return f"Lattice: {sides} cells on {spans}, {self.states.size} states"


DEEP, MATTERS = 1.5, 10.0
"""A well between two cells that they may miss, and how far above the lowest energy it still counts, in T."""


def lattice_of(
    process: Langevin,
    *,
    box: Any = None,
    cells: int | Sequence[int] | None = None,
    controls: Sequence[float] = (),
    others: Sequence[Other] = (),
    nudge: float = 0.0,
) -> Lattice:
    r"""k[x +- h e_i, x] = (D_i / h^2) a e^{q/2T_i},  q = U(x) - U(x +- h e_i) +- int f_i dx: local detailed balance.

    a = 1 where the potential follows a control that moves; else 1/a is the mean of e^{(V - V_x/2 - V_y/2)/T_i} from
    centre to centre by Simpson's rule, V = U - int f_i: this makes the currents of a line or ring exact to O(h^4).
    One channel per reservoir; the walls of the box reflect, and periodic coordinates wrap around. Positivity, the first
    law and detailed balance hold exactly, all else to O(h^2).

    box: ((low, high), ...); None: to where U or the stationary Gaussian of a linear process has fallen by 40 T (see
    ``box_of``), and in it cells fallen by more than 50 T are no states. cells: per coordinate, 400 or 96 x 96.
    controls: those that occur, where the process follows a control; with one, its jumps are those at this control, with
    several the energy is a function of the control (a force that follows it too is that at the first).
    others: what has to fit into the box as well: log densities of points (point, dim), not normalised, -inf allowed.
    nudge: by which part of their width the cells of a box that was found are moved.

    Raises InputError for dim > 2, a mobility matrix that is not diagonal, a box that does not fit or cannot be found,
    or more than a million cells.

    Scharfetter and Gummel, IEEE Trans. Electron Devices 16, 64 (1969).

    >>> lattice_of(Langevin(potential=lambda w: 1.0 - np.cos(w[:, 0]), dim=1, period=2 * np.pi), cells=64)
    Lattice: 64 cells on [0, 6.28319), 64 states
    """
    langevin(process)
    held = [control_of(process, c) for c in controls] or [control_of(process, None)]
    shape = _shape(process, cells)
    if process.mobility.ndim > 1:
        fix = "turn the coordinates to its main axes, or use the exact solution of linear systems"
        raise InputError("mobility", process.mobility.tolist(), "a lattice needs one per coordinate", fix)
    given = box is not None
    reach = [] if given else [confined(process, partial(_negative, log)) for log in others]
    span = checked_box(process, box) if given else box_of(process, held, reach)
    moved = [0.0 if given else nudge * (high - low) / n for (low, high), n in zip(span, shape, strict=True)]
    edges = tuple(np.linspace(a + s, b + s, n + 1) for (a, b), s, n in zip(span, moved, shape, strict=True))
    wraps = tuple(bool(x) for x in np.isfinite(process.period))
    blank = Lattice(JumpProcess([0.0], Channel([[0.0]])), edges, wraps, np.arange(prod(shape)))
    deep = np.min([depths(process, blank.points, c) for c in held], axis=0) if not (given and process.is_linear) else 0
    usable = np.broadcast_to(np.isfinite(deep), blank.states.shape)
    for other in others:
        log = other(blank.points)
        deep = np.minimum(deep, log.max() - log)
    kept = usable if given else usable & (np.asarray(deep) <= CUT)
    if not _joined(blank, kept):
        kept = usable
    if not np.any(kept):
        raise InputError("box", box, "the potential is finite nowhere in it", "move the box")
    found = Lattice(blank.process, edges, wraps, np.flatnonzero(kept))
    first = held[0]
    return found.held(process, first) if first is None or len(set(held)) == 1 else found.moved(process, first)


def _shape(process: Langevin, cells: Any) -> tuple[int, ...]:
    if process.dim not in CELLS:
        fix = "sz.simulate for more coordinates, or the exact solution of linear systems"
        raise InputError("dim", process.dim, "a lattice has 1 or 2 dimensions", fix)
    given = CELLS[process.dim] if cells is None else (cells,) * process.dim if np.ndim(cells) == 0 else tuple(cells)
    if len(given) != process.dim or not all(is_whole(n, FEWEST) for n in given):
        raise InputError("cells", cells, f"must be whole numbers >= {FEWEST}, one per coordinate", "cells=96")
    if prod(int(n) for n in given) > MOST:
        raise InputError("cells", cells, f"more than {MOST} cells take too much memory", "take fewer")
    return tuple(int(n) for n in given)


def _negative(log: Other, w: Array) -> Array:
    return np.asarray(-log(w))


def _joined(lattice: Lattice, kept: NDArray[np.bool_]) -> bool:
    part = Lattice(lattice.process, lattice.edges, lattice.wraps, np.flatnonzero(kept))
    n = part.states.size
    if n == 0:
        return False
    low, high = (np.concatenate(ends) for ends in zip(*part.faces(), strict=True))
    graph = sparse.coo_array((np.ones(low.size), (low, high)), shape=(n, n))
    return int(connected_components(sparse.csr_array(graph), directed=False)[0]) == 1


def _held(lattice: Lattice, process: Langevin, control: float | None) -> JumpProcess:
    w = lattice.points
    U = process.energies(w, control)
    drives, attempts = [], []
    for i, (low, high) in enumerate(lattice.faces()):
        start, middle, h = w[low], w[low].copy(), lattice.spacing[i]
        middle[:, i] += 0.5 * h
        first, second = (_push(process, x, i, 0.5 * h, control) for x in (start, middle))
        T = process.temperature[i]
        rise = (U[high] - first - second - U[low]) / T
        bump = (process.energies(middle, control) - first - U[low]) / T - 0.5 * rise
        # e^(rise/2) and e^-(rise/2) at the ends, e^bump in the middle
        _refuse_hidden_wells(w[low], i, bump * T, U[low], U.min(), float(T), lattice.shape)
        mean = (np.cosh(np.clip(0.5 * rise, -STEEP, STEEP)) + 2.0 * np.exp(np.minimum(bump, STEEP))) / 3.0
        attempts.append(process.diffusion[i] / h**2 / mean)
        drives.append(first + second)
    return JumpProcess(U, _channels(lattice, process, attempts, drives))


def _refuse_hidden_wells(
    w: Array, i: int, bump: Array, U: Array, lowest: float, T: float, shape: tuple[int, ...]
) -> None:
    """Raise InputError where the energy between two cells is far below both, where it matters: they miss a well."""
    hidden = (bump < -DEEP * T) & (U + bump < lowest + MATTERS * T)
    if np.any(hidden):
        k = int(np.flatnonzero(hidden)[np.argmin(bump[hidden])])
        rule = f"miss a well: between two, near w = {w[k].tolist()}, the energy is {-bump[k] / T:.2g} T lower"
        fix = f"cells={4 * shape[i]} or more, or a box around what matters"
        raise InputError("cells", " x ".join(map(str, shape)), rule, fix)


def _moved(lattice: Lattice, process: Langevin, control: float) -> JumpProcess:
    w = lattice.points
    drives, attempts = [], []
    for i, (low, _) in enumerate(lattice.faces()):
        h = lattice.spacing[i]
        drives.append(_push(process, w[low], i, h, control))
        attempts.append(np.full(low.size, process.diffusion[i] / h**2))
    return JumpProcess(lambda at: process.energies(w, at), _channels(lattice, process, attempts, drives))


def _push(process: Langevin, w: Array, i: int, length: float, control: float | None) -> Array:
    """int f_i dx_i from w over a length in the direction i: (point,)."""
    total = np.zeros(w.shape[0])
    if not process.driven_at(control):
        return total
    for share, weight in zip(NODES, WEIGHTS, strict=True):
        x = w.copy()
        x[:, i] += share * length
        total += weight * length * process.pushes(x, control)[:, i]
    return total


def _channels(lattice: Lattice, process: Langevin, attempts: list[Array], drives: list[Array]) -> list[Channel]:
    n, faces = lattice.states.size, lattice.faces()
    found = []
    for r, name in enumerate(process.reservoirs):
        mine = np.flatnonzero(process.bath == r)
        low, high = (np.concatenate([faces[i][end] for i in mine]) for end in (0, 1))
        tries, given = (np.concatenate([values[i] for i in mine]) for values in (attempts, drives))
        places = (np.concatenate([high, low]), np.concatenate([low, high]))
        attempt = sparse.coo_array((np.concatenate([tries, tries]), places), shape=(n, n))
        drive = sparse.coo_array((np.concatenate([given, -given]), places), shape=(n, n)) if np.any(given) else None
        found.append(Channel(attempt, drive, temperature=float(process.temperatures[r]), name=name))
    return found
