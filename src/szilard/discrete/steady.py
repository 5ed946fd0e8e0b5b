"""The stationary state of a jump process, what it costs to keep, and how fast it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import splu

from ..errors import InputError
from ..markup import table_of_text
from .course import Piece
from .elimination import Elimination
from .evolution import Evolution, Method
from .process import JumpProcess, jump_process

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
REFINEMENTS = 4


def stationary(
    process: JumpProcess, control: float | None = None, *, method: Literal["gth", "lu"] | None = None
) -> Array:
    r"""sum_x' [k[x, x'] pi_x' - k[x', x] pi_x] = 0,  sum_x pi_x = 1: (n,).

    method "gth" (chosen where None is given): sparse elimination without subtraction, so that every pi_x has a small
    RELATIVE error (some n times rounding), the rarest too, however stiff the rates are. "lu": general sparse
    factorisation of the balance with one state left out, refined; its error is absolute, and it serves as a check.
    A control is needed where the energy is a function of one. A probability below 1e-308 comes out as zero.
    2-d lattices of 1e3 / 1e5 / 1e6 states take about 0.004 / 0.7 / 26 s.

    Raises InputError if no jump joins some parts of the process (each then has a stationary state of its own), for a
    missing control, or an unknown method.

    Grassmann, Taksar and Heyman, Oper. Res. 33, 1107 (1985).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> stationary(JumpProcess([0.0, np.log(4.0)], Channel([[0, 3], [3, 0]])))
    array([0.8, 0.2])
    """
    if method not in (None, "gth", "lu"):
        raise InputError("method", method, 'must be "gth" or "lu"', "leave it out to have one chosen")
    energy = jump_process(process).energies(control)
    if method == "lu":
        _whole(process)
        return _by_factors(process, energy)
    return stationary_at(process, energy)


def stationary_at(process: JumpProcess, energy: Array) -> Array:
    """The stationary state at these energies: (n,); raises InputError where there are several."""
    _whole(process)
    p = np.exp(log_stationary(process, energy))
    return np.asarray(p / p.sum())


def log_stationary(process: JumpProcess, energy: Array, elimination: Elimination | None = None) -> Array:
    """ln pi at these energies: (n,); of parts that no jump joins, each to a scale of its own.

    Boltzmann's -energy / T where no agent drives and all temperatures are equal.
    """
    t = process.temperatures
    if not process.driven and np.all(t == t[0]):
        logs = -energy / t[0]
    else:
        g = elimination or Elimination(process)
        logs = g.balance(g.entries(process.jump_rates(energy)))
    logs = logs - logs.max()
    return np.asarray(logs - np.log(np.sum(np.exp(logs))))


def entropy_production_rate(process: JumpProcess, p: ArrayLike | None = None, control: float | None = None) -> float:
    r"""sigma = sum_{pairs, channels} (k p_x' - k~ p_x) ln[k p_x' / (k~ p_x)] >= 0, in nats per time.

    k is the rate x' -> x of one channel, k~ its reverse: channels are told apart, since each has a bath of its own.
    It is d(system entropy)/dt + sum_r (heat per time into r) / T_r, zero in equilibrium only. p: (n,) probabilities;
    None: the stationary ones, of which those below 1e-308 are left out. Infinite where a jump joins a state of
    probability zero to one that is occupied.
    Raises InputError if p is no probability or a control is missing.

    Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> two = JumpProcess([0.0, np.log(4.0)], Channel([[0, 3], [3, 0]]))
    >>> entropy_production_rate(two), round(entropy_production_rate(two, [0.5, 0.5]), 11)
    (0.0, 3.11916231252)
    """
    energy = jump_process(process).energies(control)
    if p is None:
        _whole(process)
        logs = log_stationary(process, energy)
    else:
        with np.errstate(divide="ignore"):
            logs = np.log(probabilities(process, p, "p"))
    e, k = process.edges, process.jump_rates(energy)
    empty = np.isneginf(logs)
    if p is not None and np.any(empty[e.source] != empty[e.target]):
        return float("inf")
    once = (e.source < e.target) & ~(empty[e.source] | empty[e.target])
    s, t = e.source[once], e.target[once]
    force = process.jump_heat(energy)[once] / process.temperatures[e.channel[once]] + logs[s] - logs[t]
    back = k[e.reverse[once]] * np.exp(logs[t])
    large = np.abs(force) > 1.0
    current = np.where(large, k[once] * np.exp(logs[s]) - back, back * np.expm1(np.where(large, 0.0, force)))
    return float(np.sum(current * force))


@dataclass(frozen=True, repr=False)
class Convergence:
    """times (time,), distance (time, initial state), worst (time,) = its maximum over initial states."""

    times: Array
    distance: Array
    worst: Array

    def plot(self, ax: Axes | None = None) -> Axes:
        """The distance from every initial state against time, on a logarithmic axis."""
        from ..plotting import axes_or_new, house_style, lines

        names = [f"from state {x}" for x in range(self.distance.shape[1])]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, self.distance.T, "time", "distance to the stationary state", names)
            ax.set_yscale("log", nonpositive="clip")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"Convergence of {self.distance.shape[1]} initial states: worst distance {self.worst[0]:.6g} at "
            f"t = {self.times[0]:g}, {self.worst[-1]:.6g} at t = {self.times[-1]:g}"
        )


def convergence(
    process: JumpProcess, times: ArrayLike, control: float | None = None, *, method: Method | None = None
) -> Convergence:
    r"""d_x0(t) = 1/2 sum_x |p(x, t | x0) - pi_x|, the distance in total variation, from every initial state.

    times: (time,), >= 0, not decreasing. worst = max_x0 d_x0 never grows, and t_mix(1/4) is where it falls below 1/4.
    The cost is n times that of one solution. Distances below 1e-12 are rounding.
    Raises InputError for times that do not fit, parts that no jump joins, or a missing control.

    Levin, Peres and Wilmer, Markov Chains and Mixing Times (2009), chapter 4.

    >>> from szilard.discrete import Channel, JumpProcess
    >>> two = JumpProcess([0.0, 0.0], Channel([[0, 1], [1, 0]]))
    >>> convergence(two, [0.0, np.log(2.0)]).worst.round(12)
    array([0.5  , 0.125])
    """
    _whole(process)
    t, energy = ordered(times), jump_process(process).energies(control)
    pi, engine = np.exp(log_stationary(process, energy)), Evolution(process, None, method)
    n = process.n_states
    distance = np.empty((t.size, n))
    v = [np.eye(1, n, x) for x in range(n)]
    now = 0.0
    for i, time in enumerate(t):
        for x in range(n):
            if time > now:
                v[x], _ = engine.advance(Piece(now, float(time), energy, energy), v[x])
            distance[i, x] = 0.5 * np.sum(np.abs(v[x][0] - pi))
        now = float(time)
    return Convergence(t, distance, distance.max(axis=1))


def ordered(times: ArrayLike) -> Array:
    """The times as a flat array; raises InputError unless finite, >= 0 and not decreasing."""
    try:
        t = np.atleast_1d(np.array(times, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError("times", times, "must be numbers", "give the times of interest") from None
    if t.ndim != 1 or t.size == 0 or not np.all(np.isfinite(t)) or t[0] < 0.0 or np.any(np.diff(t) < 0.0):
        rule = "must be one list of finite times >= 0 that do not decrease, at least one"
        raise InputError("times", times, rule, "sort them; time starts at 0")
    return t


def probabilities(process: JumpProcess, given: ArrayLike, name: str) -> Array:
    """The probabilities as an array (n,) of sum 1; raises InputError unless >= 0 and of sum 1 to 1e-9."""
    n = process.n_states
    try:
        p = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(name, given, f"must be {n} numbers", "one probability per state") from None
    if p.shape != (n,):
        raise InputError(name, p.shape, f"must have shape ({n},)", "one probability per state")
    if not np.all(np.isfinite(p)) or np.any(p < 0.0):
        raise InputError(name, given, "must be finite and >= 0", "give probabilities")
    if abs(float(p.sum()) - 1.0) > 1e-9:
        raise InputError(name, float(p.sum()), "must add up to 1", "divide them by their sum")
    return np.asarray(p / p.sum())


def _whole(process: JumpProcess) -> None:
    part = jump_process(process).components()
    parts = int(part.max()) + 1
    if parts > 1:
        some = [[int(x) for x in np.flatnonzero(part == i)[:4]] for i in range(min(parts, 3))]
        shown = "; ".join(", ".join(map(str, s)) + (", ..." if len(s) == 4 else "") for s in some)
        rule = "no jump joins the parts, so that each has a stationary state of its own"
        fix = "give an attempt rate between them, or make a process of each part"
        raise InputError("process", f"{parts} parts: states {shown}{'; ...' if parts > 3 else ''}", rule, fix)


def _by_factors(process: JumpProcess, energy: Array) -> Array:
    n, k = process.n_states, process.jump_rates(energy)
    L = process.generator_of(k)
    left_out = int(np.argmin(energy))
    kept = np.delete(np.arange(n), left_out)
    if kept.size == 0:
        return np.ones(1)
    M = -L[kept][:, kept].tocsc()
    lu = splu(M, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    p = np.ones(n)
    p[kept] = lu.solve(L[kept][:, [left_out]].toarray().ravel())
    for _ in range(REFINEMENTS):
        p[kept] += lu.solve((L @ p)[kept])
    p = np.maximum(p, 0.0)
    return np.asarray(p / p.sum())
