"""Trajectories of label feedback, with the heat of the weight and of the label booked apart."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from .._kernels.feedback import advance
from .._kernels.random import INITIAL, normals, stream_key
from .._kernels.threads import each_block
from ..errors import InputError, is_whole, number
from ..estimate import Estimate, Sampled
from ..ledger import Ledger
from ..markup import table_of_text
from .feedback import LABELS, RESERVOIRS, LabelFeedback
from .feedback_exact import feedback_stationary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
LANES = 256
"""Trajectories of one call: their state fits into the first cache."""
BUDGET = 1 << 21
"""Steps between two looks at Ctrl-C."""
FINER = 16
"""Points of the table that inverts the stationary distribution, per point of its density."""
WORK, GROSS = 2, 3
"""Columns of the books after the heat of weight and label."""


@dataclass(frozen=True, repr=False)
class FeedbackRun:
    """Trajectories of label feedback: (replica,) first everywhere.

    times: (time,), starting at 0 and ending with the duration; weights, labels: (replica, time). books: (replica, time,
    4), heat of weight and label, > 0 into the bath, work, > 0 on the system, and the sum of absolute amounts, each from
    time 0 on, in k_B T0. ledger: heat (replica, reservoir) of the whole run, weight first, dE = W - Q checked.
    dt: the longest step; seed, cell: what the random numbers are a function of.
    """

    process: LabelFeedback
    times: Array
    weights: Array
    labels: Array
    books: Array
    ledger: Ledger
    dt: float
    seed: int
    cell: str

    def ledger_at(self, look: int) -> Ledger:
        """The books from time 0 to times[look], with dE from the states."""
        books = self.books[:, look]
        energy = [self.process.energies(self.weights[:, t], self.labels[:, t]) for t in (0, look)]
        return Ledger(
            books[:, :WORK], books[:, WORK], energy[1] - energy[0], self.process.temperatures, gross=books[:, GROSS]
        )

    def heat_rates(self, start: float = 0.0) -> tuple[Estimate, Estimate]:
        """<Q(end) - Q(start)> / (end - start), heat per time into the bath of the weight and of the label.

        start: one of the times asked for, after which the state is stationary; standard errors over replicas.
        Raises InputError where it is none of them, or the last.

        >>> process = LabelFeedback(push=0.0, feedback=1.5, field=0.0, flip_rate=0.4)
        >>> run = sample_feedback(process, 20.0, replicas=2000, seed=1, dt=0.05, times=[10.0])
        >>> abs(run.heat_rates(10.0)[0].value - 1.0) < 0.05
        True
        """
        found = np.flatnonzero(self.times[:-1] == start)
        if found.size == 0:
            rule = f"must be one of the times before the last: {', '.join(f'{t:g}' for t in self.times[:-1])}"
            raise InputError("start", start, rule, "pass it in times=[...] of sample_feedback")
        rates = (self.books[:, -1, :WORK] - self.books[:, found[0], :WORK]) / (self.times[-1] - start)
        weight, label = (Sampled.mean(rate).estimate() for rate in rates.T)
        return weight, label

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean heat into either bath and mean work against time; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        names = [f"heat {name}" for name in RESERVOIRS] + ["work"]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, self.books[:, :, : WORK + 1].mean(axis=0).T, "time", "k_B T0", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        heat = ", ".join(
            f"{n} {Sampled.mean(q).estimate()!r}" for n, q in zip(RESERVOIRS, self.ledger.heat.T, strict=True)
        )
        return (
            f"FeedbackRun of {self.weights.shape[0]} trajectories for {self.times[-1]:g}, steps of {self.dt:g}: "
            f"heat ({heat}), work {self.ledger.mean_work()!r}, first law to {self.ledger.first_law_residual:.1e}; "
            f"{self.process!r}"
        )


def sample_feedback(
    process: LabelFeedback,
    duration: float,
    *,
    replicas: int,
    seed: int,
    dt: float,
    initial: str | tuple[ArrayLike, ArrayLike] = "independent",
    times: ArrayLike | None = None,
    threads: int | None = None,
    cell: str = "",
) -> FeedbackRun:
    r"""Q_w = sum [U(w, sigma) - U(w', sigma)],  Q_sigma = sum a w (sigma' - sigma)/2,  W = (g - a/2) sum sigma dw.

    U = k w^2/2 - (nu s_T + g sigma) w, of which the energy E explains all but (g - a/2) sigma w: that is work. A step
    moves the weight for dt/2 at fixed label, the label for dt at fixed weight and the weight for dt/2, each exactly.
    Fluctuation theorems hold at any dt; means err by dt^2 (Strang), by some 1e-3 at a twentieth of the shortest of
    1/(mu k) and 1/gamma. Between two times asked for, all steps are of one
    length <= dt: other times are other random numbers.

    initial: "independent" (w ~ N(0, T/k), sigma = +-1 at even odds, as before any learning) | "stationary" (drawn from
    the exact density) | (weights, labels), each (replica,) or a number. times: looks on the way; 0 and the duration are
    added. threads: None takes all cores; the bits do not depend on it.

    Raises InputError for values out of range or shapes that do not fit.

    >>> process = LabelFeedback(push=1.0, feedback=0.5, field=1.0, flip_rate=1.0)
    >>> run = sample_feedback(process, 2.0, replicas=100, seed=1, dt=0.1)
    >>> run.ledger.first_law_residual < 1e-12, bool(abs(run.ledger.work).max() == 0.0)
    (True, True)
    """
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.LabelFeedback(push=1.0, ...)")
    for name, given, least in (
        ("replicas", replicas, 1),
        ("seed", seed, 0),
        ("threads", 1 if threads is None else threads, 1),
    ):
        if not is_whole(given, least):
            raise InputError(name, given, f"must be a whole number >= {least}", "give a count")
    step = number("dt", dt)
    if not step > 0.0:
        raise InputError("dt", step, "must be > 0", "a tenth of the shortest time, e.g. of 1 / (mobility stiffness)")
    looks, key = _looks(duration, times), stream_key(seed, cell)
    w, labels = _start(process, initial, replicas, key)
    weights, sigmas = np.empty((2, replicas, looks.size))
    books = np.zeros((replicas, looks.size, GROSS + 1))
    model = _model(process)
    counts = [ceil(gap / step * (1.0 - 1e-12)) for gap in np.diff(looks)]
    halt = threading.Event()

    def work(block: int) -> None:
        rows = slice(block * LANES, (block + 1) * LANES)
        x, s = w[rows].copy(), labels[rows].copy()
        kept, done = np.zeros((GROSS + 1, x.size)), 0
        weights[rows, 0], sigmas[rows, 0] = x, s
        for look, count in enumerate(counts, start=1):
            h, end = (looks[look] - looks[look - 1]) / count, done + count
            while done < end and not halt.is_set():
                some = min(end - done, max(1, BUDGET // x.size))
                advance(model, h, some, done, rows.start, *key, x, s, kept)
                done += some
            weights[rows, look], sigmas[rows, look], books[rows, look] = x, s, kept.T

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        each_block(pool, work, -(-replicas // LANES), halt)
    energies = [process.energies(weights[:, t], sigmas[:, t]) for t in (0, -1)]
    ledger = Ledger(
        books[:, -1, :WORK], books[:, -1, WORK], energies[1] - energies[0], process.temperatures,
        gross=books[:, -1, GROSS],
    )  # fmt: skip
    longest = max(gap / count for gap, count in zip(np.diff(looks), counts, strict=True))
    return FeedbackRun(process, looks, weights, sigmas, books, ledger, float(longest), int(seed), cell)


def _model(p: LabelFeedback) -> Array:
    """k, nu s_T, g, g - a/2, a, T_l, gamma, mu, T, as the kernel reads them."""
    forces = [p.stiffness, p.push * p.label, p.feedback, p.feedback - 0.5 * p.field, p.field]
    return np.array([*forces, p.temperatures[1], p.flip_rate, p.mobility, p.temperature])


def _looks(duration: float, times: ArrayLike | None) -> Array:
    end = number("duration", duration)
    if not end > 0.0:
        raise InputError("duration", end, "must be > 0", "give the length of a run")
    try:
        asked = np.zeros(0) if times is None else np.atleast_1d(np.asarray(times, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError("times", times, "must be numbers", "give the times of interest") from None
    if asked.ndim != 1 or not np.all(np.isfinite(asked)) or np.any(asked < 0.0) or np.any(asked > end):
        raise InputError("times", times, f"must be one list of times in [0, {end:g}]", "leave out what lies outside")
    return np.unique(np.concatenate([[0.0], asked, [end]]))


def _start(
    process: LabelFeedback, initial: Any, replicas: int, key: tuple[np.uint64, np.uint64]
) -> tuple[Array, Array]:
    """Weights and labels of every replica at time 0."""
    z = normals(INITIAL, 0, 0, key, (2, replicas))
    if isinstance(initial, str):
        if initial == "independent":
            return process.width * z[0], np.where(z[1] > 0.0, 1.0, -1.0)
        if initial == "stationary":
            return _stationary(process, z)
        raise InputError("initial", initial, 'must be "independent", "stationary" or (weights, labels)', "name one")
    if not isinstance(initial, tuple) or len(initial) != 2:
        raise InputError("initial", initial, "must be a pair (weights, labels)", "(np.zeros(100), np.ones(100))")
    found = []
    for name, given in zip(("weights", "labels"), initial, strict=True):
        try:
            values = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            values = np.array(np.nan)
        if values.shape not in ((), (replicas,)) or not np.all(np.isfinite(values)):
            rule = f"must be a finite number or {replicas} of them"
            raise InputError(f"initial {name}", given, rule, "one per replica")
        found.append(np.broadcast_to(values, replicas).copy())
    if not np.all(np.abs(found[1]) == 1.0):
        raise InputError("initial labels", found[1], "must be +1 or -1", "give the label of every replica")
    return found[0], found[1]


def _stationary(process: LabelFeedback, z: Array) -> tuple[Array, Array]:
    """The label from its probability, then the weight where the integral of its density is a uniform number."""
    rates = feedback_stationary(process)
    ends = rates.points.weights[[0, -1]]
    fine: Array = np.linspace(ends[0], ends[1], FINER * rates.points.points)
    labels = np.where(ndtr(z[1]) < 0.5 * (1.0 + rates.mean_label), 1.0, -1.0)
    w = np.empty(labels.size)
    for label, density in zip(LABELS, rates.density(fine).T, strict=True):
        mine = labels == label
        below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
        w[mine] = np.interp(ndtr(z[0][mine]) * below[-1], below, fine)
    return w, labels
