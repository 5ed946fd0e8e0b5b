"""How a Hopfield network recalls: replicas that start from a cue, and their books."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels import flips as kernels
from .._kernels.random import stream_key
from .._kernels.threads import each_block
from ..errors import InputError, is_number, is_whole
from ..estimate import Estimate, Sampled
from ..ledger import Ledger
from ..markup import table_of_text
from ..request import refuse_request, refuse_size, time_grid
from .couplings import signs
from .mean_field import retrieval_overlap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .associative import Hopfield

Array = NDArray[np.float64]
BLOCK = 16
LIMIT = 2e9


@dataclass(frozen=True, eq=False, repr=False)
class Recall:
    """Replicas of a Hopfield network from a cue on. dE = W - Q in each.

    times: (time,), from 0 to the end. overlaps: (replica, time, pattern). energy, heat (> 0 into the bath), work (> 0
    on the network, of its antisymmetric couplings): (replica, time), in k_B T0, from the start on. states: (replica,
    unit) of +-1 at the end. cues: (replica,), the pattern that each was shown. ledger: the books of the whole run.
    """

    network: Hopfield
    cues: NDArray[np.int64]
    times: Array
    overlaps: Array
    energy: Array
    heat: Array
    work: Array
    states: NDArray[np.int8]
    ledger: Ledger

    @cached_property
    def with_cue(self) -> Array:
        """The overlap with the pattern shown: (replica, time)."""
        each = np.arange(self.cues.size)
        return np.asarray(self.overlaps[each, :, self.cues])

    @property
    def retrieved(self) -> Estimate:
        """<m> with the pattern shown at the end, over replicas; the patterns themselves are given."""
        return Sampled.mean(self.with_cue[:, -1]).estimate()

    @property
    def error(self) -> Estimate:
        """The share of units that are wrong at the end, (1 - m)/2."""
        return Sampled.mean(0.5 * (1.0 - self.with_cue[:, -1])).estimate()

    @property
    def heat_total(self) -> Estimate:
        """<Q> of the whole run, all units, in k_B T0."""
        return self.ledger.mean_heat()

    @cached_property
    def predicted(self) -> float | None:
        """The overlap of mean-field theory at this load and temperature, N -> infinity; None for other couplings."""
        return retrieval_overlap(self.network.load, self.network.temperature) if self.network.hebbian else None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean overlap with the pattern shown and, largest in size, with any other, over time; a mark at every look.

        Where only the start and the end were looked at nothing is known in between, and no line is drawn.
        """
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import MUTED, SERIES

        rows, names = [self.with_cue.mean(axis=0)], ["pattern shown"]
        if self.network.n_patterns > 1:
            others = np.abs(self.overlaps)
            others[np.arange(self.cues.size), :, self.cues] = 0.0
            rows.append(others.max(axis=2).mean(axis=0))
            names.append("nearest other, |m|")
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, np.array(rows), "time", "overlap", names)
            for line, (_, marker) in zip(ax.lines[-len(rows) :], SERIES, strict=False):
                line.set(marker=marker, markersize=3.5, linestyle="-" if self.times.size > 2 else "none")
            if len(rows) > 1:
                ax.legend(labelcolor=MUTED)
        return ax

    def __repr__(self) -> str:
        start = float(self.with_cue[:, 0].mean())
        theory = ""
        if self.predicted is not None:
            state = f"{self.predicted:.4f}" if self.predicted else "without a retrieval state"
            theory = f", mean field {state} for N -> infinity"
        return "\n".join(
            [
                f"Recall of {self.network!r}",
                f"  {self.cues.size} replicas for {self.times[-1]:g}, cues of overlap {start:.3f}",
                f"  overlap {self.retrieved!r}{theory}",
                f"  heat    {self.heat_total!r} k_B T0, work {self.ledger.mean_work()!r}",
                f"  first law to {self.ledger.first_law_residual:.1e}",
            ]
        )

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def recalled(
    network: Hopfield,
    duration: float,
    *,
    replicas: int,
    seed: int,
    cue: int | Literal["each"],
    wrong: float,
    initial: ArrayLike | None,
    times: Sequence[float] | None,
    threads: int | None,
    cell: str,
    block: int = BLOCK,
) -> Recall:
    """See ``Hopfield.recall``; block: how many replicas a thread takes at a time."""
    refuse_request(replicas, seed, threads, LIMIT, cell, "ledger", None)
    if not (is_number(duration) and duration > 0.0):
        raise InputError("duration", duration, "must be a finite number > 0", "1/attempt is a sweep of all units")
    if not (is_number(wrong) and 0.0 <= wrong <= 1.0):
        raise InputError("wrong", wrong, "must be a probability", "0.1 turns a tenth of the cue")
    looks = np.unique(np.concatenate([[0.0], time_grid(times, duration), [float(duration)]]))
    n, p = network.n_units, network.n_patterns
    needed = 8.0 * replicas * (looks.size * (p + kernels.COLUMNS) + n)
    refuse_size("replicas", needed, LIMIT, "look less often, or take fewer replicas")
    cues, keys = _cues(cue, replicas, p), stream_key(seed, cell)
    states = np.empty((replicas, n)) if initial is None else _given(initial, replicas, n)
    seen, books = np.empty((replicas, looks.size, p)), np.empty((replicas, looks.size, kernels.COLUMNS))

    def walk(number: int) -> None:
        part = slice(number * block, min((number + 1) * block, replicas))
        if initial is None:
            kernels.cue(network.patterns, cues[part], float(wrong), part.start, *keys, states[part])
        kernels.walk(
            network.symmetric, network.driving, network.patterns, states[part], float(network.attempt),
            float(network.temperature), looks, part.start, *keys, seen[part], books[part],
        )  # fmt: skip

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        each_block(pool, walk, -(-replicas // block), threading.Event())
    heat, work, gross, energy = (np.ascontiguousarray(books[:, :, i]) for i in range(kernels.COLUMNS))
    scale = gross[:, -1] + np.abs(energy[:, 0]) + np.abs(energy[:, -1])
    change = energy[:, -1] - energy[:, 0]
    ledger = Ledger(heat[:, -1:], work[:, -1], change, np.array([network.temperature]), gross=scale)
    return Recall(network, cues, looks, seen, energy, heat, work, states.astype(np.int8), ledger)


def _cues(cue: Any, replicas: int, patterns: int) -> NDArray[np.int64]:
    if isinstance(cue, str) and cue == "each":
        return np.arange(replicas, dtype=np.int64) % patterns
    if not is_whole(cue, 0) or cue >= patterns:
        raise InputError("cue", cue, f'must be a pattern 0 ... {patterns - 1}, or "each"', "0, for instance")
    return np.full(replicas, int(cue), dtype=np.int64)


def _given(initial: ArrayLike, replicas: int, units: int) -> Array:
    rows = signs(np.atleast_2d(np.asarray(initial)), "initial")
    if rows.shape not in ((1, units), (replicas, units)):
        rule = f"must be ({units},) or ({replicas}, {units})"
        raise InputError("initial", rows.shape, rule, "one state for all, or one for each replica")
    return np.array(np.broadcast_to(rows, (replicas, units)), order="C")
