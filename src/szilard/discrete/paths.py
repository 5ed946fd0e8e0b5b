"""Every jump of every trajectory, the same seen backwards in time, and how probable each way is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from ..markup import table_of_text
from .course import Course, Piece

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Index = NDArray[np.int64]
SLICE = 1 << 20


@dataclass(frozen=True)
class Path:
    """One trajectory: in states[i] from times[i] to times[i + 1]; jump i leads to states[i + 1].

    times: (jump + 2,), the start and the end included; states: (jump + 1,); channel, heat (into that channel's
    reservoir, in k_B T0): (jump,).
    """

    times: Array
    states: Index
    channel: Index
    heat: Array

    def at(self, times: NDArray[np.float64]) -> Index:
        """The state at each of these times, after the jump if there is one at that time."""
        return np.asarray(self.states[np.searchsorted(self.times[1:-1], times, side="right")])


@dataclass(frozen=True, repr=False)
class Paths:
    """Jumps of all trajectories in flat arrays: those of replica i are offsets[i] .. offsets[i + 1] - 1.

    initial: (replica,) states; times: (jump,); jump: (jump,), the entry of ``course.process.edges``; heat: (jump,),
    into the reservoir of the jump, in k_B T0. ``paths[i]`` is the trajectory of replica i.
    """

    course: Course
    initial: Index
    offsets: Index
    times: Array
    jump: Index
    heat: Array

    def __len__(self) -> int:
        return int(self.initial.size)

    def __getitem__(self, replica: int) -> Path:
        i = range(len(self))[replica]
        edges, rows = self.course.process.edges, slice(self.offsets[i], self.offsets[i + 1])
        jump = self.jump[rows]
        return Path(
            times=np.concatenate([[0.0], self.times[rows], [self.course.duration]]),
            states=np.concatenate([[self.initial[i]], edges.target[jump]]),
            channel=edges.channel[jump],
            heat=self.heat[rows],
        )

    @cached_property
    def owner(self) -> Index:
        """The replica of every jump: (jump,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @cached_property
    def final(self) -> Index:
        """The last state of every replica: (replica,)."""
        states = self.initial.copy()
        moved = np.diff(self.offsets) > 0
        states[moved] = self.course.process.edges.target[self.jump[self.offsets[1:][moved] - 1]]
        return states

    def reversed(self) -> Paths:
        """x~(t) = x(duration - t) under the control run backwards: the same film, shown from its end.

        Every jump is made by its reverse, in the same channel, and gives back its heat.
        """
        order = np.lexsort((-np.arange(self.owner.size), self.owner))
        return Paths(
            course=self.course.reversed(),
            initial=self.final,
            offsets=self.offsets,
            times=self.course.duration - self.times[order],
            jump=self.course.process.edges.reverse[self.jump[order]],
            heat=-self.heat[order],
        )

    @cached_property
    def log_probability(self) -> Array:
        r"""ln P[x | x_0] = sum over jumps of ln k(t_i) - int_0^tau (rate out of x_t) dt: (replica,).

        A density: each jump counts 1/time. Onsager and Machlup, Phys. Rev. 91, 1505 (1953), for jump processes
        as in Seifert, Rep. Prog. Phys. 75, 126001 (2012).
        """
        process = self.course.process
        total = np.zeros(len(self))
        stays = np.append(self.times, np.full(len(self), np.inf))
        owner = np.append(self.owner, np.arange(len(self)))
        order = np.lexsort((stays, owner))
        stays, owner = stays[order], owner[order]
        states = np.append(process.edges.source[self.jump], self.final)[order]
        begins = np.where(np.append(True, owner[1:] != owner[:-1]), 0.0, np.append(0.0, stays[:-1]))
        for piece in self.course.pieces():
            last = piece.end >= self.course.duration
            here = (self.times >= piece.start) & ((self.times < piece.end) | last)
            total += np.bincount(self.owner[here], self._log_rates(piece, here), len(self))
            inside = (stays > piece.start) & (begins < piece.end)
            start, end = np.maximum(begins[inside], piece.start), np.minimum(stays[inside], piece.end)
            stayed = _escapes(self.course, piece, states[inside], start, end)
            total -= np.bincount(owner[inside], stayed, len(self))
        return total

    def _log_rates(self, piece: Piece, here: NDArray[np.bool_]) -> Array:
        """ln k of the jumps of one piece at their times."""
        process, jump = self.course.process, self.jump[here]
        x, y = process.exponents(piece.before)[jump], process.exponents(piece.after)[jump]
        x = x + (y - x) * (self.times[here] - piece.start) / (piece.end - piece.start)
        logistic = process.logistic[process.edges.channel[jump]]
        return np.asarray(np.log(process.edges.attempt[jump]) + np.where(logistic, log_expit(x), x))

    def plot(self, ax: Axes | None = None, replica: int = 0) -> Axes:
        """One trajectory over its energy levels, which move with the control; arrows are jumps."""
        from ..plotting import axes_or_new, house_style, level_trajectory

        path = self[replica]
        with house_style():
            ax = axes_or_new(ax)
            level_trajectory(ax, *self.course.outline(), path.times, path.states)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"Paths: {len(self)} trajectories, {self.times.size} jumps in {self.course.duration:g}"


def _escapes(course: Course, piece: Piece, states: Index, start: Array, end: Array) -> Array:
    """int sum_e k_e(t) dt over the stays [start, end] in these states, within one piece: exact.

    With y the exponent, linear in time: int e^y dt = (e^y1 - e^y0) / y', and int 1/(1 + e^-y) dt is the change of
    ln(1 + e^y), over y'.
    """
    process, e = course.process, course.process.edges
    found = np.zeros(states.size)
    degree = np.diff(e.first)
    if piece.constant:
        rates = process.jump_rates(piece.before)
        return np.asarray(np.bincount(e.source, rates, process.n_states)[states] * (end - start))
    x, y = process.exponents(piece.before), process.exponents(piece.after)
    tilt = (y - x) / (piece.end - piece.start)
    logistic = process.logistic[e.channel]
    step = max(1, SLICE // max(1, int(degree.max(initial=1))))
    for low in range(0, states.size, step):
        rows = slice(low, low + step)
        many = degree[states[rows]]
        stay = np.repeat(np.arange(many.size), many)
        jump = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + e.first[states[rows]][stay]
        y0 = x[jump] + tilt[jump] * (start[rows][stay] - piece.start)
        rise = tilt[jump] * (end[rows] - start[rows])[stay]
        time = (end[rows] - start[rows])[stay]
        bath = logistic[jump]
        mean = np.where(bath, _mean_expit(y0, rise), np.exp(np.where(bath, 0.0, y0)) * _mean_exp(rise))
        found[rows] = np.bincount(stay, e.attempt[jump] * mean * time, many.size)
    return found


def _mean_exp(rise: Array) -> Array:
    """(e^r - 1) / r."""
    small = np.abs(rise) < 1e-8
    return np.where(small, 1.0 + 0.5 * rise, np.expm1(rise) / np.where(small, 1.0, rise))


def _mean_expit(low: Array, rise: Array) -> Array:
    """[ln(1 + e^(y + r)) - ln(1 + e^y)] / r, the mean of s = 1 / (1 + e^-y) between y and y + r."""
    small = np.abs(rise) < 1e-3
    s = expit(low + 0.5 * rise)
    middle = s + s * (1.0 - s) * (1.0 - 2.0 * s) * rise * rise / 24.0
    change = np.logaddexp(0.0, low + rise) - np.logaddexp(0.0, low)
    return np.where(small, middle, change / np.where(small, 1.0, rise))
