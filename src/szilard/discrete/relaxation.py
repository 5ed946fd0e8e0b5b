"""How a process forgets where it started: the spectrum of its generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigvals, eigvalsh
from scipy.sparse.linalg import LinearOperator, eigs, eigsh

from ..errors import InputError, is_whole
from ..markup import table_of_text
from ._killed import Killed
from .cycles import detailed_balance
from .elimination import Elimination
from .process import JumpProcess, jump_process
from .steady import stationary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
DENSE = 600
LARGEST = 2000
STIFF = 1e4
TINY = 1e-250


@dataclass(frozen=True, repr=False)
class RelaxationSpectrum:
    """Eigenvalues of minus the generator, in 1/time.

    eigenvalues: complex, (1 + mode,), by ascending real part; the first is 0 and belongs to the stationary state.
    reversible: detailed balance holds, all are real. contraction: the slowest rate at which chi^2(p | stationary)
    must shrink, e^(-2 contraction t); it is the gap where detailed balance holds, and at most the gap elsewhere.
    rarest: the smallest stationary probability.
    """

    eigenvalues: Complex
    reversible: bool
    contraction: float
    rarest: float

    @property
    def times(self) -> Array:
        """1 / Re lambda of every mode that decays, in time: (mode,), longest first."""
        return np.asarray(1.0 / self.eigenvalues[1:].real)

    @property
    def coherence(self) -> Array:
        """|Im lambda| / Re lambda of every mode: 2 pi times the oscillations within its relaxation time, (mode,).

        Barato and Seifert, Phys. Rev. E 95, 062409 (2017).
        """
        return np.asarray(np.abs(self.eigenvalues[1:].imag) / self.eigenvalues[1:].real)

    @property
    def gap(self) -> float:
        """The smallest Re lambda > 0: the rate of the last approach, infinite for one state."""
        return float(self.eigenvalues[1].real) if self.eigenvalues.size > 1 else float("inf")

    def distance(self, times: ArrayLike) -> Array:
        r"""A bound of (1/2) sum |p_x(t) - pi_x| from every start: (1/2) sqrt(1/min pi - 1) e^(-contraction t), <= 1.

        times >= 0, any shape. Diaconis and Stroock, Ann. Appl. Probab. 1, 36 (1991); without detailed balance Fill,
        ibid., 62.
        """
        t = np.asarray(times, dtype=np.float64)
        if not np.all(t >= 0.0):
            raise InputError("times", times, "must be >= 0", "count from the start")
        if self.rarest == 1.0:
            return np.zeros(t.shape)
        start = 0.5 * (np.log1p(-self.rarest) - np.log(self.rarest)) - np.log(2.0) if self.rarest > 0.0 else np.inf
        with np.errstate(over="ignore"):
            return np.minimum(1.0, np.exp(start - self.contraction * t))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Re lambda and Im lambda of every mode, the gap dotted; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, SERIES, dress, points

        colour, marker = SERIES[0]
        with house_style():
            ax = axes_or_new(ax)
            modes = self.eigenvalues
            ax.plot(modes.real, modes.imag, linestyle="none", marker=marker, color=colour, markersize=points(4.6))
            if np.isfinite(self.gap):
                ax.axvline(self.gap, color=MUTED, linewidth=points(0.8), linestyle=":")
            ax.set(xlabel=r"Re $\lambda$, rate of decay (1/time)", ylabel=r"Im $\lambda$, rate of turning (1/time)")
            dress(ax)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        n = self.eigenvalues.size - 1
        kind = "reversible" if self.reversible else "driven"
        slowest = f", longest time {self.times[0]:.6g}" if n else ""
        return f"RelaxationSpectrum: {n} mode{'s' * (n != 1)}, {kind}{slowest}"


def relaxation_spectrum(
    process: JumpProcess, control: float | None = None, count: int | None = None
) -> RelaxationSpectrum:
    r"""L r = -lambda r,  p(t) - pi = sum_i c_i e^(-lambda_i t) r_i.

    count: how many modes that decay, of least |lambda|; None for all, up to 2000 states. Fast modes are taken from
    the generator, slow ones from its group inverse, where they are the largest: both keep their relative accuracy
    in stiff processes. With detailed balance both matrices are made symmetric; above 600 states, if a count is
    given, the inverse is a sparse elimination inside Arnoldi's or Lanczos' method.
    Raises InputError for a count that does not fit, for more than 2000 states without one, and where the process
    falls apart.

    van Kampen, Stochastic Processes in Physics and Chemistry, chapter V; Lehoucq, Sorensen and Yang, ARPACK (1998).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> relaxation_spectrum(JumpProcess([0.0, 0.0], Channel([[0, 2], [2, 0]]))).times
    array([0.25])
    """
    p = stationary(process, control)
    n = process.n_states
    if count is not None and not (is_whole(count, 1) and count < n):
        raise InputError("count", count, f"must be an integer from 1 to {n - 1}", "leave it out for all modes")
    if count is None and n > LARGEST:
        fix = "give count=10 or so for the slowest modes"
        raise InputError("count", None, f"{n} states have too many modes to find all", fix)
    rates = jump_process(process).jump_rates(process.energies(control))
    if n == 1:
        return RelaxationSpectrum(np.zeros(1, dtype=complex), True, float("inf"), 1.0)
    reversible = bool(detailed_balance(process, control))
    few = None if count is None or n <= DENSE else count
    g = Elimination(process)
    found = _decaying(g, g.entries(rates), p, few, reversible)
    contraction = float(found[0].real)
    if not reversible:
        contraction = _contraction(process, g, rates, p, few)
    values = np.concatenate([[0.0], found if count is None else found[:count]])
    return RelaxationSpectrum(values, reversible, contraction, float(p.min()))


def _contraction(process: JumpProcess, g: Elimination, rates: Array, p: Array, few: int | None) -> float:
    """The gap of (L + L*)/2, L* the reversal of L in time; 0 where a probability underflows."""
    if not p.min() > TINY:
        return 0.0
    e = process.edges
    flow = rates * p[e.source]
    fair = 0.5 * (flow + flow[e.reverse]) / p[e.source]
    return float(_decaying(g, g.entries(fair), p, few and 1, True)[0].real)


def _decaying(g: Elimination, entries: Array, p: Array, few: int | None, symmetric: bool) -> Complex:
    """The eigenvalues of minus the generator but 0, by ascending real part."""
    killed = Killed(g, entries, np.zeros(p.size), np.arange(p.size) == np.argmax(p))
    if few is not None and few < p.size - 2:
        found = _sparse_slow(killed, p, few, symmetric)
    else:
        found = _all(killed, entries, p, symmetric)
    found = found.astype(np.complex128)
    return np.asarray(found[np.lexsort((found.imag, found.real))])


def _all(killed: Killed, entries: Array, p: Array, symmetric: bool) -> NDArray[Any]:
    n, g = p.size, killed.elimination
    k = np.zeros((n, n))
    k[g.target, g.source] = entries
    out = k.sum(axis=0)
    inverse = killed.backward(np.diag(killed.free.astype(np.float64)))
    if symmetric:
        k, inverse, root = np.sqrt(k * k.T), np.sqrt(inverse * inverse.T), np.sqrt(p)
        inverse -= np.outer(root, root @ inverse)
        inverse -= np.outer(inverse @ root, root)
    else:
        inverse -= np.outer(np.ones(n), p @ inverse)
        inverse -= np.outer(inverse.sum(axis=1), p)
    k[np.arange(n), np.arange(n)] = -out
    spectrum = eigvalsh if symmetric else eigvals
    fast, slow = spectrum(-k), spectrum(inverse)
    fast = fast[np.argsort(np.abs(fast), kind="stable")][1:]
    slow = 1.0 / slow[np.argsort(-np.abs(slow), kind="stable")][:-1]
    middle = np.sqrt(np.abs(slow[0])) * np.sqrt(np.abs(fast[-1]))
    if np.abs(fast[-1]) < STIFF * np.abs(slow[0]):
        return np.asarray(fast)
    taken = int(np.searchsorted(np.abs(slow), middle))
    return np.concatenate([slow[:taken], fast[taken:]])


def _sparse_slow(killed: Killed, p: Array, few: int, symmetric: bool) -> NDArray[Any]:
    n = p.size
    plain = symmetric and p.min() > TINY
    root = np.sqrt(p) if plain else np.ones(n)
    left, right = (root, root) if plain else (p, np.ones(n))

    def inverse(x: Array) -> Array:
        x = np.ravel(x)
        y = root * killed.backward((x - right * (left @ x)) / root)
        return np.asarray(y - right * (left @ y))

    operator = LinearOperator((n, n), matvec=inverse, dtype=np.float64)
    start = 1.0 + np.cos(np.arange(n))
    if plain:
        return np.asarray(1.0 / eigsh(operator, few, which="LM", v0=start, return_eigenvectors=False))
    found = eigs(operator, few, which="LM", v0=start, return_eigenvectors=False)
    return np.asarray(1.0 / (found.real if symmetric else found))
