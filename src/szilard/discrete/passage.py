"""When a process first reaches certain states, and which of two sets it reaches first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import expm
from scipy.sparse.linalg import expm_multiply

from ..errors import InputError
from ..markup import table_of_text
from ._killed import Killed
from .elimination import Elimination
from .process import Index, JumpProcess, jump_process
from .steady import probabilities

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
DENSE = 300
WORK = 1e11


@dataclass(frozen=True, repr=False)
class FirstPassage:
    """The time T until one of ``targets`` is first reached, from every state.

    mean, variance: (n,), in time and time^2; 0 on a target, infinite where no target can be reached.
    """

    targets: Index
    mean: Array
    variance: Array
    _process: JumpProcess = field(repr=False)
    _rates: Array = field(repr=False)
    _free: Index = field(repr=False)

    @property
    def second_moment(self) -> Array:
        """<T^2>: (n,)."""
        return self.variance + self.mean**2

    def survival(self, times: ArrayLike, initial: ArrayLike | None = None) -> Array:
        """P(T > t): (time, n) from every state, or (time,) from the distribution ``initial``.

        times: one-dimensional, >= 0, in any order. Above 300 states the work grows with the number of jumps: raises
        InputError where the fastest state's jumps in the longest time, times the pairs, exceed 10^11.
        """
        return self._at(times, initial, np.ones(self._free.size), 1.0)

    def density(self, times: ArrayLike, initial: ArrayLike | None = None) -> Array:
        """-d/dt P(T > t), in 1/time, for t > 0: of the shape of ``survival``."""
        e, target = self._process.edges, np.zeros(self.mean.size, dtype=bool)
        target[self.targets] = True
        arrives = np.bincount(e.source, weights=np.where(target[e.target], self._rates, 0.0), minlength=target.size)
        return self._at(times, initial, arrives[self._free].astype(np.float64), 0.0)

    @property
    def _inside(self) -> Any:
        """The generator's transpose among the states that are still on their way."""
        return sparse.csr_array(self._process.generator_of(self._rates).T)[self._free][:, self._free]

    def _at(self, times: ArrayLike, initial: ArrayLike | None, start: Array, elsewhere: float) -> Array:
        t = np.asarray(times, dtype=np.float64)
        if t.ndim != 1 or not np.all((t >= 0.0) & np.isfinite(t)):
            raise InputError("times", times, "must be one-dimensional, finite and >= 0", "for instance [0.0, 1.0]")
        n = self.mean.size
        found = np.full((t.size, n), elsewhere)
        found[:, self.targets] = 0.0
        matrix = self._inside
        jumps = -matrix.diagonal().min(initial=0.0) * t.max(initial=0.0)
        small = self._free.size <= DENSE
        if not small and jumps * matrix.nnz > WORK:
            rule = f"holds {jumps:.3g} jumps of the fastest state, too many to be followed one by one"
            raise InputError("times", float(t.max()), rule, "ask for mean and variance instead")
        matrix = matrix.toarray() if small else matrix
        now, then, step, last = 0.0, start, np.eye(0), -1.0
        for i in np.argsort(t, kind="stable"):
            ahead = t[i] - now
            if ahead > 0.0 and self._free.size:
                if small:
                    step = step if ahead == last else np.maximum(expm(ahead * matrix), 0.0)
                    last, then = ahead, step @ then
                else:
                    then = np.maximum(expm_multiply(ahead * matrix, then), 0.0)
            now = t[i]
            found[i, self._free] = then
        return found if initial is None else np.asarray(found @ probabilities(self._process, initial, "initial"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """P(T > t) from every state that is no target, up to three times the longest mean; on the Axes or new ones."""
        from ..plotting import axes_or_new, house_style, lines

        away = np.flatnonzero(self.mean > 0.0)
        times = np.linspace(0.0, 3.0 * float(self.mean[np.isfinite(self.mean)].max()) or 1.0, 121)
        with house_style():
            ax = axes_or_new(ax)
            names = [f"from {x}" for x in away]
            lines(ax, times, self.survival(times)[:, away].T, "time", "probability not to be there yet", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n, m = self.mean.size, self.targets.size
        lost = int(np.isinf(self.mean).sum())
        longest = float(self.mean[np.isfinite(self.mean)].max())
        text = f"FirstPassage: {n} states to {m} target{'s' * (m != 1)}, longest mean {longest:.6g}"
        return text + (f", {lost} never arrive" if lost else "")


def first_passage(process: JumpProcess, targets: int | ArrayLike, control: float | None = None) -> FirstPassage:
    r"""sum_t k_ts (tau_s - tau_t) = 1,  sum_t k_ts (v_s - v_t) = sum_t k_ts (tau_s - tau_t)^2,  tau = v = 0 on targets.

    tau is the mean and v the variance of the time to the first of ``targets`` (state numbers, or one boolean per
    state); the second equation has sources >= 0, so that no variance is a difference of large moments. The
    elimination subtracts nothing: means keep their relative accuracy, however stiff the rates or high the barriers.
    States that no jumps join to a target never arrive: mean and variance are infinite.
    Raises InputError if there is no target, or one that is no state.

    van Kampen, Stochastic Processes in Physics and Chemistry, chapter XII; Grassmann, Taksar and Heyman, Oper. Res.
    33, 1107 (1985).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> passage = first_passage(JumpProcess([0.0, 0.0], Channel([[0, 2], [2, 0]])), 1)
    >>> passage.mean, passage.variance
    (array([0.5, 0. ]), array([0.25, 0.  ]))
    """
    at = _states(targets, jump_process(process).n_states, "targets")
    rates = process.jump_rates(process.energies(control))
    e, parts = process.edges, process.components()
    reached = np.isin(parts, parts[at])
    ground = ~reached
    ground[at] = True
    g = Elimination(process)
    entries = g.entries(rates)
    killed = Killed(g, entries, np.zeros(process.n_states), ground)
    mean = killed.backward(np.ones(process.n_states))
    spread = np.bincount(e.source, weights=rates * (mean[e.source] - mean[e.target]) ** 2, minlength=mean.size)
    variance = killed.backward(spread.astype(np.float64))
    mean[~reached] = variance[~reached] = np.inf
    return FirstPassage(at, mean, variance, process, rates, np.flatnonzero(killed.free))


def committor(process: JumpProcess, a: int | ArrayLike, b: int | ArrayLike, control: float | None = None) -> Array:
    r"""sum_t k_ts (q_s - q_t) = 0,  q = 0 on a and 1 on b: the probability to reach b before a, (n,).

    a, b: state numbers, or one boolean per state. Raises InputError if one is empty, if they overlap, or if a state
    reaches neither.

    Metzner, Schuette and Vanden-Eijnden, Multiscale Model. Simul. 7, 1192 (2009).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> committor(JumpProcess(np.zeros(3), Channel([[0, 1, 0], [1, 0, 3], [0, 3, 0]])), 0, 2)
    array([0.  , 0.75, 1.  ])
    """
    n = jump_process(process).n_states
    first, second = _states(a, n, "a"), _states(b, n, "b")
    both = np.intersect1d(first, second)
    if both.size:
        raise InputError("b", _listed(both), "belongs to a as well", "give two sets without a common state")
    parts = process.components()
    lost = np.flatnonzero(~np.isin(parts, parts[np.concatenate([first, second])]))
    if lost.size:
        fix = "leave them out of the process, or count them to one side"
        raise InputError("process", _listed(lost), "states reach neither a nor b", fix)
    e, rates = process.edges, process.jump_rates(process.energies(control))
    q = np.zeros(n)
    q[second] = 1.0
    ground = q > 0.0
    ground[first] = True
    g = Elimination(process)
    into = np.bincount(e.source, weights=rates * q[e.target], minlength=q.size).astype(np.float64)
    inside = Killed(g, g.entries(rates), np.zeros(q.size), ground).backward(into)
    return np.where(ground, q, np.minimum(inside, 1.0))


def _states(given: int | ArrayLike, n: int, name: str) -> Index:
    """The state numbers of a set, sorted."""
    found = np.atleast_1d(np.asarray(given))
    if found.dtype == bool and found.shape == (n,):
        found = np.flatnonzero(found)
    if found.size == 0:
        raise InputError(name, given, "must hold at least one state", "give a state number or several")
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise InputError(name, given, f"must be state numbers, or {n} truth values", "give integers")
    wrong = found[(found < 0) | (found >= n)]
    if wrong.size:
        raise InputError(name, int(wrong[0]), f"must lie in 0..{n - 1}", "states are counted from 0")
    return np.unique(found).astype(np.int64)


def _listed(states: Index) -> str:
    return ", ".join(map(str, states[:8])) + (", ..." if states.size > 8 else "")
