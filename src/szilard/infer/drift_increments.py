"""Recorded trajectories cut into increments, in groups whose scatter gives the errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.numbers import real_numbers
from ..data.recording import Recording
from ..errors import InputError
from ..estimate import ENOUGH
from .short_time import displacement
from .units import refuse_extremes

Array = NDArray[np.float64]
GROUPS = 200
LAGS = (1, 2, 4)


@dataclass(frozen=True)
class Recorded:
    """states (replica, time, dim) with NaN where nothing was seen; changes and lengths of single steps; period (dim,).

    A coordinate with a period is unwrapped: its steps are taken the short way around.
    """

    states: Array
    changes: Array
    lengths: Array
    period: Array

    @classmethod
    def of(
        cls, states: Recording | ArrayLike, times: ArrayLike | None = None, period: ArrayLike | None = None
    ) -> Recorded:
        """Raises InputError for shapes that do not fit, infinities, times that do not increase, or nothing to see."""
        if isinstance(states, Recording):
            if states.discrete:
                fix = "use entropy_production_from_currents or ..._from_words"
                raise InputError("states", "discrete states", "only coordinates drift", fix)
            for name, value in (("times", times), ("period", period)):
                if value is not None:
                    raise InputError(name, value, "the recording has its own", "leave it out")
            w, t, L = states.states, states.times, states.period
        else:
            w = _states(states)
            t, L = _times(times, w.shape[1]), _period(period, w.shape[2])
        refuse_extremes(w, np.diff(t))
        changes = displacement(w[:, :-1], w[:, 1:], L)
        if np.isnan(changes).any(axis=2).all():
            rule = "two neighbouring times must have been seen somewhere"
            raise InputError("states", "only gaps", rule, "check the readings")
        return cls(w, changes, np.diff(t), L)

    @property
    def dim(self) -> int:
        """How many coordinates there are."""
        return int(self.states.shape[2])

    def every(self, lag: int, hops: int = 1) -> tuple[Array, Array, Array]:
        """Starts (replica, time, dim), changes (hop, replica, time, dim), lengths (time,) of the first hop.

        A hop is ``lag`` steps; hops follow one another. NaN across a gap.
        """
        count = self.lengths.size - lag * hops + 1
        if count < 1:
            rule = f"needs at least {lag * hops} steps in time"
            raise InputError("states", self.states.shape, rule, "record longer trajectories")
        parts = np.stack([self.changes[:, i : i + count] for i in range(lag * hops)])
        changes = parts.reshape(hops, lag, *parts.shape[1:]).sum(axis=1)
        lengths = np.sum([self.lengths[i : i + count] for i in range(lag)], axis=0)
        return self.states[:, :count], changes, lengths

    def groups(self, lag: int, hops: int = 1) -> Iterator[tuple[Array, Array, Array]]:
        """Starts (increment, dim), changes (hop, increment, dim) and lengths (increment,) of each group, without gaps.

        Whole replicas where there are many, else blocks of time. Errors of a drift are those of a sum of noises that
        know nothing of each other, so that blocks may be shorter than the memory of the states.
        """
        starts, changes, lengths = self.every(lag, hops)
        replicas, steps, _ = starts.shape
        rows = np.array_split(np.arange(replicas), min(GROUPS, replicas))
        blocks = min(-(-GROUPS // replicas), max(1, self.lengths.size // LAGS[-1]))
        columns = np.array_split(np.arange(steps), blocks)
        for r in rows:
            for c in columns:
                w, hop = starts[r[0] : r[-1] + 1, c[0] : c[-1] + 1], changes[:, r[0] : r[-1] + 1, c[0] : c[-1] + 1]
                seen = np.isfinite(w).all(axis=2) & np.isfinite(hop).all(axis=(0, 3))
                yield w[seen], hop[:, seen], np.broadcast_to(lengths[c], seen.shape)[seen]

    def spacing(self) -> float:
        """The step in time; raises InputError where it is not always the same."""
        dt = float(self.lengths.mean())
        if np.any(np.abs(self.lengths - dt) > 1e-6 * dt):
            got = f"steps from {self.lengths.min():g} to {self.lengths.max():g}"
            fix = "put gaps (NaN) on an even grid, or use drift_diffusion"
            raise InputError("times", got, "must be evenly spaced here", fix)
        return dt


@dataclass(frozen=True)
class Jackknifed:
    """value (k,) = statistic(all), and what each group adds to it: influence (group, k)."""

    value: Array
    influence: Array

    @property
    def groups(self) -> int:
        """How many groups the errors come from: those that hold anything."""
        return int(np.sum(np.any(self.influence != 0.0, axis=1)))

    @property
    def covariance(self) -> Array:
        """The covariance of the value: (k, k)."""
        n = self.influence.shape[0]
        return np.asarray(self.influence.T @ self.influence / (n * (n - 1)))

    @property
    def stderr(self) -> Array:
        """The standard error of every number: (k,)."""
        n = self.influence.shape[0]
        return np.asarray(np.sqrt(np.sum(self.influence**2, axis=0) / (n * (n - 1))))

    def through(self, function: Callable[[Array], Array]) -> Jackknifed:
        """function(value), errors carried by its slopes: central differences a hundredth of an error apart."""
        found = function(self.value)
        slopes = np.zeros((self.value.size, found.size))
        for i, h in enumerate(0.01 * self.stderr):
            if h > 0.0:
                step = np.where(np.arange(self.value.size) == i, h, 0.0)
                slopes[i] = (function(self.value + step) - function(self.value - step)) / (2.0 * h)
        return Jackknifed(found, self.influence @ slopes)

    def combined(self, other: Jackknifed, a: Array | float, b: Array | float) -> Jackknifed:
        """a self + b other, of the same groups."""
        return Jackknifed(a * self.value + b * other.value, a * self.influence + b * other.influence)


def jackknife(sums: Array, statistic: Callable[[Array], Array]) -> Jackknifed:
    """statistic of sums (group, ...) over all groups, with the influence of leaving each out.

    Raises InputError for fewer than two groups.
    """
    n = sums.shape[0]
    if n < 2:
        raise InputError("states", f"{n} group of increments", "at least two are needed", "record more")
    total = sums.sum(axis=0)
    left = np.array([statistic(total - part) for part in sums])
    return Jackknifed(statistic(total), (n - 1) * (left.mean(axis=0) - left))


def few(groups: int) -> str:
    """A warning where too few groups stand behind an error."""
    return f"only {groups} groups of increments" if groups < ENOUGH else ""


def _states(given: object) -> Array:
    w = real_numbers("states", given, "must be a Recording or an array of numbers", "NaN for gaps")
    if w.ndim == 2:
        w = w[:, :, None]
    if w.ndim != 3 or w.size == 0 or w.shape[1] < 2:
        rule = "must be (replica, time, dim), or (replica, time) of one coordinate, with two times at least"
        raise InputError("states", w.shape, rule, "states[None] for one trajectory")
    if np.any(np.isinf(w)):
        raise InputError("states", "infinity", "must be finite, or NaN in a gap", "check the readings")
    return w


def _times(given: object, steps: int) -> Array:
    if given is None:
        raise InputError("times", None, "an array of states needs its times", "give the step in time, or a Recording")
    t = real_numbers("times", given, "must be numbers", "the step in time, or every time")
    if t.ndim == 0:
        with np.errstate(over="ignore", invalid="ignore"):
            t = t * np.arange(steps)
    if t.shape != (steps,) or not np.all(np.isfinite(t)) or np.any(np.diff(t) <= 0.0):
        rule = f"must be a step > 0 or {steps} finite times that increase"
        raise InputError("times", t.tolist() if t.size < 5 else t.shape, rule, "sort them; gaps are NaN in states")
    return t


def _period(given: object, dim: int) -> Array:
    rule, fix = f"must be numbers > 0, one or ({dim},)", "inf for a coordinate that has none"
    L = np.array(np.inf) if given is None else real_numbers("period", given, rule, fix)
    if L.shape not in ((), (dim,)) or not np.all(L > 0.0):
        raise InputError("period", given, rule, fix)
    return np.asarray(np.broadcast_to(L, dim))
