"""All trajectories of a run: where each stands and what it has booked, advanced in blocks through chunks of steps."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import diffusion as kernel
from .._kernels.random import stream_key
from .._kernels.threads import each_block
from ..errors import InputError
from ..progress import Progress
from .plain import advance_plain
from .process import Langevin
from .stability import EXPLICIT, refuse_unstable, relaxation_rates
from .steps import Laws, Method, Steps

Array = NDArray[np.float64]
BLOCK = 4096
"""Trajectories of one call: many enough to hide its cost, few enough to share among threads."""
WORK = 1 << 22
"""Moves of a coordinate between two looks at Ctrl-C and the progress bar."""
TABLE = 1 << 22
"""Numbers in the tables of a chunk of steps."""
PAUSE = 0.1
"""Seconds between two calls of progress."""
FAR = 1e100
CHECKED = 64
"""Trajectories that are looked at between chunks of steps: the first block has as many for any number of threads."""
PARTS = 16
"""The least number of chunks."""


class Ensemble:
    """State and books of every replica; columns of the books: heat per reservoir, work, gross, accepted, energy.

    steps: the plan. start: (replica, dim). looks: number of times asked for. path: whether every state is kept.
    """

    def __init__(
        self, process: Langevin, steps: Steps, method: Method, start: Array, looks: int, *, seed: int, cell: str,
        path: bool, threads: int | None,
    ) -> None:  # fmt: skip
        self.process, self.steps, self.method = process, steps, method
        self.seed, self.key = seed, stream_key(seed, cell)
        self.threads = threads or os.cpu_count() or 1
        self.compiled = process.response is not None
        share = -(-start.shape[0] // (self.threads * kernel.LANES)) * kernel.LANES
        lanes = min(BLOCK, share) if self.compiled else BLOCK
        cuts = range(0, start.shape[0], lanes)
        columns = process.temperatures.size + 4
        self.first = list(cuts)
        self.w = [start[i : i + lanes].T.copy(order="C") for i in cuts]
        self.books = [np.zeros((columns, w.shape[1])) for w in self.w]
        self.look_w = [np.empty((looks, *w.shape)) for w in self.w]
        self.look_books = [np.empty((looks, columns, w.shape[1])) for w in self.w]
        self.path = np.empty((start.shape[0], steps.count + 1, process.dim)) if path else None
        if self.path is not None:
            self.path[:, 0] = start
        self.laws = Laws(process)
        self._telling, self._told, self._done = threading.Lock(), time.monotonic(), 0

    def run(self, progress: Progress) -> None:
        """Every trajectory from the start to the end."""
        halt, entries = threading.Event(), self.steps.control.size
        size = self._chunk()
        total = len(self.w) * -(-(entries - 1) // size)
        workers = self.threads if self.compiled else 1
        with ThreadPoolExecutor(workers) as pool:
            for low in range(0, entries - 1, size):
                rows = slice(low, min(low + size + 1, entries))
                plan = self._plan(rows)

                def work(block: int, plan: tuple[Any, ...] = plan, low: int = low) -> None:
                    if not halt.is_set():
                        self._advance(block, plan, low)
                        self._tell(progress, total)

                each_block(pool, work, len(self.w), halt)
                self._refuse_unstable(plan)

    def _refuse_unstable(self, plan: tuple[Any, ...]) -> None:
        """Look at some trajectories where they have come to: the steps may be too long for what they meet there."""
        if self.method in EXPLICIT:
            control, longest = float(plan[0][-1]) if self.process.controlled else None, float(plan[1].max())
            rates = relaxation_rates(self.process, self.w[0][:, :CHECKED].T.copy(), control, longest or None)
            refuse_unstable(rates, longest, self.method)

    def states(self) -> Array:
        """(replica, dim)."""
        return np.concatenate(self.w, axis=1).T.copy()

    def sums(self) -> Array:
        """The books: (replica, column)."""
        return np.concatenate(self.books, axis=1).T.copy()

    def looked(self) -> tuple[Array, Array]:
        """States (replica, time, dim) and books (replica, time, column) at the times asked for."""
        states, books = np.concatenate(self.look_w, axis=2), np.concatenate(self.look_books, axis=2)
        return states.transpose(2, 0, 1).copy(), books.transpose(2, 0, 1).copy()

    def _chunk(self) -> int:
        n = self.process.dim
        size = max(1, WORK // (BLOCK * n))
        if self.method == "exact" or self.process.is_linear:
            size = min(size, max(1, TABLE // (4 * n * n + 3 * n + 1)))
        if self.path is not None:
            size = min(size, TABLE // (n * BLOCK))
        return max(1, min(size, -(-self.steps.control.size // PARTS)))

    def _plan(self, rows: slice) -> tuple[Any, ...]:
        """control, length, parameters, law, number and look of the entries, the one before them first."""
        s, process = self.steps, self.process
        control, length = s.control[rows].copy(), s.length[rows]
        real = rows.start
        while s.look[real] >= 0:
            real -= 1
        control[0] = s.control[real]
        parameters = np.array([process.parameters or (0.0,)])
        law = np.zeros((1, 1))
        if process.is_linear:
            if process.controlled:
                packed = {c: process.linear_at(c).packed() for c in dict.fromkeys(control.tolist())}
                parameters = np.stack([packed[c] for c in control.tolist()])
            else:
                parameters = process.linear_at().packed()[None]
        if self.method == "exact":
            law = self._laws(control, length)
        return control, length, parameters, law, s.number[rows], s.look[rows]

    def _laws(self, control: Array, length: Array) -> Array:
        pairs = list(zip(control.tolist(), length.tolist(), strict=True))
        moving = {pair for pair in pairs if pair[1] > 0.0}
        rows = {pair: self._law(*pair) for pair in moving}
        if len(rows) == 1:
            return next(iter(rows.values()))[None]
        n = self.process.dim
        still = np.zeros(2 * n * n + n)
        return np.stack([rows.get(pair, still) for pair in pairs])

    def _law(self, control: float, length: float) -> Array:
        decay, shift, C = self.laws(control, length)
        return np.concatenate([decay.ravel(), shift, np.linalg.cholesky(C).ravel()])

    def _advance(self, block: int, plan: tuple[Any, ...], low: int) -> None:
        process, w = self.process, self.w[block]
        media = (np.array(_diagonal(process.mobility)), np.array(process.temperature), process.bath)
        kinds = {"euler": kernel.EULER, "heun": kernel.HEUN, "exact": kernel.EXACT, "metropolis": kernel.METROPOLIS}
        method = kinds[self.method]
        if method == kernel.METROPOLIS and np.any(process.temperature != process.temperature[0]):
            method = kernel.SWEEP
        moves = int(np.count_nonzero(plan[1][1:])) if self.path is not None else 0
        path = np.empty((moves, *w.shape))
        advance, respond = (kernel.advance, process.response) if self.compiled else (advance_plain, process)
        look = (self.look_w[block], self.look_books[block])
        books = self.books[block]
        if low == 0:
            self._begin(w, plan, books)
        advance(respond, method, plan, media, (self.first[block], *self.key), w, books, look, path)
        if not np.all(np.abs(w) < FAR):
            if self.method == "exact":
                rule = "the system is not bound: a trajectory left every bound"
                raise InputError("duration", float(self.steps.ends[-1]), rule, "a shorter time")
            rule = f"a trajectory left every bound by step {int(plan[4][-1])}: the steps are too long for this force"
            fix = 'a smaller dt, or method="metropolis", which is stable at any dt'
            raise InputError("dt", float(plan[1].max()), rule, fix)
        if self.path is not None:
            begin = int(plan[4][1]) + 1
            rows = slice(self.first[block], self.first[block] + w.shape[1])
            self.path[rows, begin : begin + moves] = path.transpose(2, 0, 1)

    def _begin(self, w: Array, plan: tuple[Any, ...], books: Array) -> None:
        """The energy before anything has moved."""
        control = float(plan[0][0]) if self.process.controlled else None
        books[-1] = self.process.energies(np.ascontiguousarray(w.T), control)

    def _tell(self, progress: Progress, total: int) -> None:
        """Call progress now and then, from one thread at a time."""
        with self._telling:
            self._done += 1
            if time.monotonic() < self._told + PAUSE:
                return
            self._told = time.monotonic()
            progress(self._done / total)


def _diagonal(mobility: Array) -> Array:
    return mobility if mobility.ndim == 1 else np.diag(mobility).copy()
