"""Recorded trajectories: states at times, or every jump, and nothing of what made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_number, is_whole
from ..markup import table_of_fields, table_of_text
from .numbers import real_numbers

Array = NDArray[np.float64]
Index = NDArray[np.int64]
EVEN = 1e-6
"""How far, in units of the mean interval, a time may lie from an even grid: times of seven digits still fit."""
MOST_STATES = 1 << 20


@dataclass(frozen=True, eq=False)
class Jumps:
    """Every jump of every replica: replica, time, source, target, each (jump,), ordered by replica, then by time."""

    replica: Index
    time: Array
    source: Index
    target: Index

    def __len__(self) -> int:
        return int(self.time.size)

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    r"""x_i(t_j), i = replica, j = time: what was seen, without the process, its energies, forces or temperatures.

    states: (replica, time) of whole numbers 0, 1, ... for discrete states, -1 where nothing was seen; or
    (replica, time, dim) of numbers, NaN where nothing was seen; (replica, time) of floating-point numbers is one
    coordinate and kept as (replica, time, 1). times: (time,), increasing, in any unit, which is then
    the unit of every rate. jumps: every jump between the first and the last time (discrete states only), or None where
    the states were sampled. period: (dim,), inf where a coordinate is not periodic; positions may be given wrapped or
    not. names: of the coordinates. source, sha256: the file it was read from, or "".

    Raises InputError for shapes that do not fit, fewer than two times, times that are not finite or not increasing,
    infinite states, states below -1 or beyond 2^20, and jumps that do not follow from each other.

    >>> Recording([[0, 1, 1, 2]], [0.0, 0.5, 1.0, 1.5])
    Recording: 1 replica of 3 discrete states at 4 times from 0 to 1.5, every 0.5
    >>> Recording([[0.3, 0.5, 0.4], [0.1, 0.2, 0.2]], [0.0, 1.0, 2.0])
    Recording: 2 replicas of 1 coordinate at 3 times from 0 to 2, every 1
    """

    states: NDArray[Any]
    times: Array
    jumps: Jumps | None = None
    period: Array = field(default_factory=lambda: np.zeros(0))
    names: tuple[str, ...] = ()
    source: str = ""
    sha256: str = ""

    def __init__(
        self,
        states: ArrayLike,
        times: ArrayLike,
        *,
        jumps: Jumps | None = None,
        period: ArrayLike | None = None,
        names: Sequence[str] = (),
        source: str = "",
        sha256: str = "",
    ) -> None:
        t = _times(times)
        x = _states(states, t.size)
        if jumps is not None:
            jumps = _jumps(jumps, x, t)
        put = object.__setattr__
        put(self, "states", x)
        put(self, "times", t)
        put(self, "jumps", jumps)
        put(self, "period", _period(period, x))
        put(self, "names", _names(names, x))
        put(self, "source", str(source))
        put(self, "sha256", str(sha256))

    @classmethod
    def from_run(cls, run: Any) -> Recording:
        """What an observer of a simulated run sees: every jump or step of its paths, else its states on its times.

        Raises InputError for a run that recorded neither, and for what is no run.

        >>> import szilard as sz
        >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
        >>> run = sz.simulate(ring, "stationary", 10.0, replicas=5, seed=1, record="paths")
        >>> Recording.from_run(run)
        Recording: 5 replicas of 3 discrete states, every one of 100 jumps from 0 to 10
        """
        paths, states, times = (getattr(run, name, None) for name in ("paths", "states", "times"))
        if states is None or times is None:
            raise InputError("run", type(run).__name__, "must be the result of sz.simulate", "pass the run itself")
        process = run.course.process
        if paths is not None and hasattr(paths, "offsets"):
            edges, ends = process.edges, np.array([0.0, run.duration])
            jumps = Jumps(paths.owner, paths.times, edges.source[paths.jump], edges.target[paths.jump])
            return cls(np.stack([run.initial, run.final], axis=1), ends, jumps=jumps)
        if paths is not None:
            return cls(paths.states, paths.times, period=process.period)
        if np.size(times) < 2:
            fix = 'simulate with record="paths", or with two times at least'
            raise InputError("run", f"{np.size(times)} times", "nothing was recorded on the way", fix)
        return cls(states, times, period=getattr(process, "period", None))

    @property
    def discrete(self) -> bool:
        """Whether the states are numbered, not coordinates."""
        return self.states.ndim == 2

    @property
    def replicas(self) -> int:
        """How many trajectories there are."""
        return int(self.states.shape[0])

    @property
    def dim(self) -> int:
        """The number of coordinates; 0 for discrete states."""
        return 0 if self.discrete else int(self.states.shape[2])

    @property
    def n_states(self) -> int:
        """One more than the largest discrete state that was seen; 0 for coordinates."""
        if not self.discrete:
            return 0
        most = int(self.states.max())
        if self.jumps is not None and len(self.jumps):
            most = max(most, int(self.jumps.target.max()))
        return most + 1

    @property
    def duration(self) -> float:
        """The last time minus the first."""
        return float(self.times[-1] - self.times[0])

    @property
    def interval(self) -> float | None:
        """The time between two states, or None where times are not even to a millionth of it."""
        mean = self.duration / (self.times.size - 1)
        grid = self.times[0] + mean * np.arange(self.times.size)
        return mean if np.all(np.abs(self.times - grid) <= EVEN * mean) else None

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where a state was seen, all its coordinates of it: (replica, time)."""
        return np.asarray(self.states >= 0 if self.discrete else ~np.isnan(self.states).any(axis=2))

    def even_interval(self) -> float:
        """The interval; raises InputError where times are not even."""
        if self.interval is None:
            widths = np.diff(self.times)
            got = f"intervals from {widths.min():.6g} to {widths.max():.6g}"
            rule = "must be even: what a step of one length does is compared with its reverse of the same length"
            raise InputError("times", got, rule, "put the states on an even grid, with gaps (NaN or -1) in between")
        return self.interval

    def thinned(self, every: int) -> Recording:
        """Only every so many-th time: the same trajectories, sampled more coarsely; jumps are forgotten."""
        if not is_whole(every, 1) or every > self.times.size - 1:
            rule = f"must be a whole number from 1 to {self.times.size - 1}"
            raise InputError("every", every, rule, "every=2 doubles the interval")
        return self._with(self.states[:, ::every], self.times[::every], None)

    def sampled(self, times: ArrayLike) -> Recording:
        """The states at these times, read off the recorded jumps; raises InputError where there are none."""
        if self.jumps is None:
            raise InputError("jumps", None, "only recorded jumps tell the states in between", "use thinned(every)")
        t, jumps = _times(times), self.jumps
        if t[0] < self.times[0] or t[-1] > self.times[-1]:
            rule = f"must lie within {self.times[0]:g} and {self.times[-1]:g}"
            raise InputError("times", (float(t[0]), float(t[-1])), rule, "drop what lies outside")
        first = np.searchsorted(jumps.replica, np.arange(self.replicas + 1))
        states = np.empty((self.replicas, t.size), np.int64)
        for i in range(self.replicas):
            rows = slice(first[i], first[i + 1])
            visited = np.concatenate([self.states[i, :1], jumps.target[rows]])
            states[i] = visited[np.searchsorted(jumps.time[rows], t, side="right")]
        return self._with(states, t, None)

    def lumped(self, into: ArrayLike) -> Recording:
        """State x shown as into[x]: (state,) of whole numbers; jumps within one lump are not seen.

        >>> Recording([[0, 1, 2]], [0.0, 1.0, 2.0]).lumped([0, 1, 1]).states
        array([[0, 1, 1]])
        """
        if not self.discrete:
            raise InputError(
                "into", "coordinates", "only discrete states are lumped", "use the states of a JumpProcess"
            )
        to = np.asarray(into)
        if to.ndim != 1 or to.dtype.kind not in "iu" or to.size < self.n_states or np.any(to < 0):
            rule = f"must name a whole number >= 0 for each of the {self.n_states} states"
            raise InputError("into", into, rule, "into=[0, 0, 1], for instance")
        jumps = None
        if self.jumps is not None:
            source, target = to[self.jumps.source], to[self.jumps.target]
            kept = source != target
            jumps = Jumps(self.jumps.replica[kept], self.jumps.time[kept], source[kept], target[kept])
        return self._with(np.where(self.states >= 0, to[self.states], -1), self.times, jumps)

    def _with(self, states: NDArray[Any], times: Array, jumps: Jumps | None) -> Recording:
        shared: Any = {"names": self.names, "source": self.source, "sha256": self.sha256}
        period = None if self.discrete else self.period
        return Recording(states, times, jumps=jumps, period=period, **shared)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        kind = f"{self.n_states} discrete states" if self.discrete else f"{self.dim} coordinate{'s' * (self.dim != 1)}"
        span = f"from {self.times[0]:g} to {self.times[-1]:g}"
        head = f"Recording: {self.replicas} replica{'s' * (self.replicas != 1)} of {kind}"
        if self.jumps is not None:
            return f"{head}, every one of {len(self.jumps)} jumps {span}"
        missing = int(np.sum(~self.seen))
        gaps = f", {missing} gap{'s' * (missing != 1)}" if missing else ""
        pace = f"every {self.interval:g}" if self.interval is not None else "at uneven intervals"
        return f"{head} at {self.times.size} times {span}, {pace}{gaps}"


def as_states(raw: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers (replica, time) as they are; all else as coordinates (replica, time, dim)."""
    if raw.ndim == 2 and raw.dtype.kind in "iu":
        return raw.astype(np.int64)
    found = raw.astype(np.float64)
    return found if found.ndim == 3 else found[:, :, None]


def _times(times: ArrayLike) -> Array:
    t = real_numbers("times", times, "must be numbers", "one time per state")
    if t.ndim != 1 or t.size < 2:
        fix = "give them; sizes that were looked at once need no times: sz.infer.fit_sizes(sizes, seed=1)"
        raise InputError("times", f"shape {t.shape}", "must have shape (time,) with two times at least", fix)
    if not np.all(np.isfinite(t)):
        bad = int(np.flatnonzero(~np.isfinite(t))[0])
        raise InputError(f"times[{bad}]", float(t[bad]), "must be finite", "drop the time and its states")
    back = np.flatnonzero(np.diff(t) <= 0.0)
    if back.size:
        i = int(back[0])
        got = f"{t[i]:g} before {t[i + 1]:g}"
        raise InputError(f"times[{i + 1}]", got, "must increase", "sort by time, and keep each time once")
    t.flags.writeable = False
    return t


def _states(states: ArrayLike, times: int) -> NDArray[Any]:
    try:
        raw = np.asarray(states)
    except ValueError:
        raise InputError("states", "lists of several lengths", "must be one array", "fill gaps by NaN or -1") from None
    discrete = raw.dtype.kind in "iu" and raw.ndim == 2
    if raw.dtype.kind == "f" and raw.ndim == 2:
        raw = raw[:, :, None]
    if not discrete and not (raw.dtype.kind in "iuf" and raw.ndim == 3):
        got = f"dtype {raw.dtype}, shape {raw.shape}"
        rule = "must be whole numbers (replica, time), or real numbers (replica, time) or (replica, time, dim)"
        raise InputError("states", got, rule, "give numbers, states[None] for one trajectory")
    if 0 in raw.shape or raw.shape[1] != times:
        rule = f"must hold at least one replica, with {times} times each"
        raise InputError("states", f"shape {raw.shape}", rule, "give one state per time")
    x: NDArray[Any] = raw.astype(np.int64 if discrete else np.float64)
    wrong = (x < -1) | (x >= MOST_STATES) if discrete else np.isinf(x)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        rule = f"must be 0 .. {MOST_STATES - 1}, or -1 for a gap" if discrete else "must be finite, or NaN for a gap"
        raise InputError(f"states{list(at)}", x[at], rule, "number the states from 0, correct or drop the value")
    if not np.any(x >= 0 if discrete else ~np.isnan(x)):
        raise InputError("states", "gaps only", "must hold at least one state", "check what was read")
    x.flags.writeable = False
    return x


def _period(period: ArrayLike | None, x: NDArray[Any]) -> Array:
    if x.ndim == 2:
        if period is not None:
            raise InputError("period", period, "belongs to coordinates", "leave it out")
        return np.zeros(0)
    rule = f"must be a number > 0 or one for each of {x.shape[2]} coordinates, inf where there is none"
    found = real_numbers("period", np.inf if period is None else period, rule, "2 * np.pi for an angle")
    if found.shape not in ((), x.shape[2:]) or not np.all(found > 0.0):
        raise InputError("period", period, rule, "2 * np.pi for an angle")
    return np.broadcast_to(found, x.shape[2:]).copy()


def _names(names: Sequence[str], x: NDArray[Any]) -> tuple[str, ...]:
    if not isinstance(names, (list, tuple)):
        raise InputError("names", names, "must be a list of texts", "leave them out")
    found = tuple(str(name) for name in names)
    if found and (x.ndim == 2 or len(found) != x.shape[2]):
        rule = "must be one for each coordinate"
        raise InputError("names", found, rule, "leave them out")
    return found


def _jumps(given: Jumps, x: NDArray[Any], t: Array) -> Jumps:
    fix = "give each jump's replica, time, source and target, ordered by replica, then by time"
    if x.ndim != 2 or np.any(x[:, [0, -1]] < 0):
        raise InputError("jumps", "no first or last state", "need the discrete states at either end", fix)
    try:
        replica, source, target = (np.array(v, np.int64) for v in (given.replica, given.source, given.target))
        time = np.array(given.time, np.float64)
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise InputError("jumps", "no numbers", "must be arrays of numbers", fix) from None
    if time.ndim != 1 or not replica.shape == source.shape == target.shape == time.shape:
        raise InputError("jumps", f"{time.shape} times", "must be four arrays of one length", fix)
    if not is_number(float(time.sum())) or np.any((time < t[0]) | (time > t[-1])):
        raise InputError("jumps", "a time outside", f"times must lie within {t[0]:g} and {t[-1]:g}", fix)
    if np.any((replica < 0) | (replica >= x.shape[0])) or np.any(np.diff(replica) < 0):
        raise InputError("jumps", "replicas out of order", f"must be ordered, within 0 .. {x.shape[0] - 1}", fix)
    same = np.diff(replica) == 0
    if np.any((np.diff(time) < 0.0) & same):
        raise InputError("jumps", "a time before the last", "times of one replica must not decrease", fix)
    counts = np.bincount(replica, minlength=x.shape[0])
    last = np.cumsum(counts) - 1
    moved = counts > 0
    begins = np.where(moved, source[np.minimum(last - counts + 1, time.size - 1)] if time.size else x[:, 0], x[:, 0])
    ends = np.where(moved, target[last] if time.size else x[:, 0], x[:, 0])
    broken = np.any((source[1:] != target[:-1]) & same) or np.any(source == target) or np.any(target >= MOST_STATES)
    if broken or np.any(begins != x[:, 0]) or np.any(ends != x[:, -1]):
        raise InputError("jumps", "a broken chain", "every jump must leave the state that the last one reached", fix)
    for made in (replica, time, source, target):
        made.flags.writeable = False
    return Jumps(replica, time, source, target)
