"""All trajectories of a run: where each stands and what it has booked, advanced in blocks by the kernel."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from .._kernels.jumps import JUMP, advance, draw_states
from .._kernels.jumps_at_rest import advance_at_rest
from .._kernels.random import stream_key
from .._kernels.threads import each_block
from ..errors import InputError
from ..progress import Progress
from .course import Course
from .process import JumpProcess
from .thinning import Tables, stages, tables_of

Array = NDArray[np.float64]
Index = NDArray[np.int64]

LANES = 256
"""Trajectories that a kernel advances together: their state fits into the first cache."""
BLOCK = 4096
"""Trajectories of one call: many enough to hide its cost, few enough to share among threads."""
BUDGET = 1 << 22
"""Candidates between two looks at Ctrl-C and the progress bar."""
PAUSE = 0.1
"""Seconds between two calls of progress."""
ENDLESS, MANY = 1e12, 1e8
"""Candidates beyond which a run is not worth waiting for (hours), and after how many that is extrapolated."""
AT_ONCE = 1 << 28
"""Bytes of tables that are made before the trajectories are advanced through them."""


class Ensemble:
    """Clock, state and books of every replica; columns of the books: heat per reservoir, work, gross, currents.

    current: (edge, current), what each jump counts. grid: times at which states, heat and work are written on the way.
    """

    def __init__(
        self, course: Course, initial: Index, current: Array, grid: Array, *, seed: int, cell: str, threads: int | None
    ) -> None:
        process, replicas = course.process, initial.size
        e, n_heat = process.edges, process.temperatures.size
        self.course = course
        self.process = process
        self.initial = initial
        self.seed, self.cell = seed, cell
        self.key = stream_key(seed, cell)
        self.threads = threads or os.cpu_count() or 1
        self.block = max(1, min(BLOCK, -(-replicas // self.threads)))
        edges = np.zeros(e.source.size + 1, dtype=JUMP)
        edges["target"][:-1], edges["channel"][:-1], edges["drive"][:-1] = e.target, e.channel, e.drive
        self.static = (e.first, edges, np.concatenate([current, np.zeros((1, current.shape[1]))]))
        self.counted = current
        self.columns = n_heat + 2 + current.shape[1]
        self.grid = grid
        self.grid_states = np.empty((replicas, grid.size), dtype=np.int64)
        self.grid_books = np.empty((replicas, grid.size, n_heat + 1))
        self.telling, self.told = threading.Lock(), time.monotonic()
        self._begin()

    def _begin(self) -> None:
        replicas = self.initial.size
        self.clock, self.since = np.zeros(replicas), np.zeros(replicas)
        self.states, self.draws = self.initial.copy(), np.zeros(replicas, dtype=np.int64)
        self.jumps = np.zeros(replicas, dtype=np.int64)
        self.recent, self.books = np.zeros((replicas, self.columns)), np.zeros((replicas, self.columns))

    def run(self, progress: Progress) -> None:
        """Every trajectory from its initial state to the end of the course, without a record of its jumps."""
        nothing = np.zeros(0, dtype=np.int64)
        self._run((False, nothing, np.zeros(0), nothing, np.zeros(0)), progress)

    def record(self, progress: Progress) -> tuple[Index, Array, Index, Array]:
        """The same trajectories once more, now with (offsets, times, jumps, heat) of all their jumps."""
        offsets = np.concatenate([[0], np.cumsum(self.jumps)])
        times, heat = np.empty(offsets[-1]), np.empty(offsets[-1])
        edges = np.empty(offsets[-1], dtype=np.int64)
        self._run((True, offsets[:-1].copy(), times, edges, heat), progress)
        return offsets, times, edges, heat

    def _run(self, path: tuple[bool, Index, Array, Index, Array], progress: Progress) -> None:
        self._begin()
        halt, energy = threading.Event(), self.course.initial_energy
        blocks = -(-self.initial.size // self.block)
        with ThreadPoolExecutor(self.threads) as pool:
            for batch in _batches(self.process, self.course):

                def work(block: int, batch: list[Tables] = batch, energy: Array = energy) -> None:
                    self._advance(block, batch, energy, path, halt, progress)

                each_block(pool, work, blocks, halt)
                energy = batch[-1].piece.after
        self.books += self.recent
        self._switch(slice(None), energy, self.course.final_energy)
        self._fill_grid()

    def _advance(
        self, block: int, batch: list[Tables], energy: Array, path: tuple[bool, Index, Array, Index, Array],
        halt: threading.Event, progress: Progress,
    ) -> None:  # fmt: skip
        first = block * self.block
        rows = slice(first, first + self.block)
        record, places, *pages = path
        standing = (self.clock, self.since, self.states, self.draws, self.jumps, self.recent, self.books)
        replicas = tuple(array[rows] for array in standing)
        look = (self.grid, self.grid_states[rows], self.grid_books[rows])
        for tables in batch:
            self._switch(rows, energy, tables.piece.before)
            left, energy = 1, tables.piece.after
            kernel, piece = advance, tables.as_arguments()
            if tables.at_rest:
                kernel, piece = advance_at_rest, tables.as_arguments_at_rest()
            while left and not halt.is_set():
                left = kernel(
                    self.static, piece, (first, *self.key), (LANES, BUDGET), replicas, look,
                    (record, places[rows], *pages),
                )  # fmt: skip
                self._tell(progress)

    def _tell(self, progress: Progress) -> None:
        """Call progress now and then, from one thread at a time; stop a run that would never end."""
        with self.telling:
            if time.monotonic() < self.told + PAUSE:
                return
            self.told = time.monotonic()
            share, draws = float(np.mean(self.clock)) / self.course.duration, float(self.draws.sum())
            if draws > MANY and draws > ENDLESS * share:
                rule = f"{draws:.2g} jumps were tried for {share:.2g} of it: more than {ENDLESS:.0e} in all"
                fix = "ask for less, or use propagate and energetics, which stiffness does not slow"
                raise InputError("duration x replicas", self.course.duration * self.clock.size, rule, fix)
            progress(share)

    def _switch(self, rows: slice, before: Array, after: Array) -> None:
        """Work of a sudden change of the energies: that of the occupied state."""
        if before is after:
            return
        rise, work = (after - before)[self.states[rows]], self.process.temperatures.size
        self.books[rows, work] += rise
        self.books[rows, work + 1] += np.abs(rise)

    def _fill_grid(self) -> None:
        """What stands at the end of the course, for the times that the kernel did not reach: those at the end."""
        late = self.grid >= self.course.duration
        self.grid_states[:, late] = self.states[:, None]
        self.grid_books[:, late] = self.books[:, None, : self.grid_books.shape[2]]


def drawn(probabilities: Array, replicas: int, *, seed: int, cell: str) -> Index:
    """One state per replica from a distribution (n,)."""
    states = np.empty(replicas, dtype=np.int64)
    draw_states(np.cumsum(probabilities), 0, *stream_key(seed, cell), states)
    return states


def _batches(process: JumpProcess, course: Course) -> Iterator[list[Tables]]:
    batch: list[Tables] = []
    size = 0
    for piece in stages(process, course):
        tables = tables_of(process, piece)
        batch.append(tables)
        size += tables.nbytes
        if size > AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
