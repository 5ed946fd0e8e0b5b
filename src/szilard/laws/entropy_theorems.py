"""Fluctuation theorems for entropy production and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import ROUNDING, BoundCheck
from ..errors import InputError, is_whole, number
from ..estimate import ENOUGH, Estimate, exponential_average
from ..markup import table_of_fields
from .given import BLIND, in_range, per_replica
from .unseen import SEEN, beyond, limited

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SEIFERT = "Seifert, PRL 95, 040602 (2005)"
HATANO_SASA = "Hatano and Sasa, PRL 86, 3463 (2001)"
SPECK_SEIFERT = "Speck and Seifert, J. Phys. A 38, L581 (2005)"
GALLAVOTTI_COHEN = "Gallavotti and Cohen, PRL 74, 2694 (1995); Lebowitz and Spohn, J. Stat. Phys. 95, 333 (1999)"
MARKOV = "Markovian, every reservoir in detailed balance, every state even under time reversal"
EXACT_LAW = "the entropy of the system is -ln of the density that the replicas really have, at the start and at the end"
BACK = "every jump can be undone, and where the process can end it may also start"
STEPS = "the dynamics sampled is that of the books: no error of the time step"
FINEST = 24


@in_range
def integral_fluctuation_theorem(entropy_production: ArrayLike, reverse: ArrayLike | None = None) -> BoundCheck:
    r"""<e^{-S}> = 1, with S = ln p_0(x_0) / p_t(x_t) + sum_r Q_r / T_r, from any start and under any driving.

    entropy_production: (replica,), in nats, as ``run.ledger.entropy_production``. ``ess`` as in
    ``estimate.exponential_average``. From a start that leaves states empty which are occupied later the average is
    below 1, by the probability that the reverse process ends in those: Murashita, Funo and Ueda, PRE 90, 042110 (2014).
    reverse: (replica,), S of the reversed process, as ``run.backward().entropy_production``, if it is known: the share
    of -S beyond all of ``entropy_production`` is the part of the average of which the sample shows nothing, and lowers
    ``ess``. Without it that nothing was missed is an assumption.
    Raises InputError unless it is a finite array of one dimension.

    Seifert, PRL 95, 040602 (2005).

    >>> integral_fluctuation_theorem([1.0] * 731 + [-1.0] * 269).verdict
    'holds'
    """
    S = per_replica(entropy_production, "entropy_production")
    missed = 0.0 if reverse is None else beyond(S, reverse)
    conditions = (MARKOV, EXACT_LAW, BACK, BLIND, STEPS, *((SEEN,) if reverse is None else ()))
    return _is_one("<e^{-S}> = 1", S, conditions, SEIFERT, missed)


@in_range
def hatano_sasa(excess: ArrayLike, *, missed: float = 0.0) -> BoundCheck:
    r"""<e^{-Y}> = 1, with Y = int dlambda/dt d_lambda phi(x, lambda) dt and phi = -ln p_ss(x; lambda).

    excess: (replica,), Y in nats: what moving the control does to phi at the state occupied; a jump of the control adds
    phi(x; after) - phi(x; before). Where detailed balance holds, Y = (W - dF) / T and this is Jarzynski's equality.
    ``ess`` as in ``estimate.exponential_average``. missed: a part of the average that the sample is known not to show,
    such as states in which none of the replicas started; it lowers ``ess``.
    Raises InputError unless it is a finite array of one dimension.

    Hatano and Sasa, PRL 86, 3463 (2001).

    >>> hatano_sasa([1.0] * 731 + [-1.0] * 269).verdict
    'holds'
    """
    start = "every replica starts in the stationary state of the first control"
    stationary = "phi is -ln of the stationary density of the very dynamics sampled, at each control"
    conditions = ("Markovian", start, stationary, BLIND, STEPS, SEEN)
    return _is_one("<e^{-Y}> = 1", per_replica(excess, "excess"), conditions, HATANO_SASA, _share(missed))


@in_range
def housekeeping_theorem(housekeeping: ArrayLike, *, missed: float = 0.0) -> BoundCheck:
    r"""<e^{-S_hk}> = 1, S_hk = sum over jumps x' -> x of ln [k_{xx'} p_ss(x') / (k_{x'x} p_ss(x))].

    housekeeping: (replica,), in nats, with rates and p_ss at the control of that time; for a Langevin process
    int nu_ss(x) . (mu T)^{-1} . o dx, with nu_ss the stationary local mean velocity. The equality holds from any start
    and under any driving, and S_hk = 0 on every path where detailed balance holds. ``ess`` as in
    ``estimate.exponential_average``. missed: a part of the average that the sample is known not to show, such as jumps
    too rare to have been seen; it lowers ``ess``.
    Raises InputError unless it is a finite array of one dimension.

    Speck and Seifert, J. Phys. A 38, L581 (2005).

    >>> housekeeping_theorem([1.0] * 731 + [-1.0] * 269).verdict
    'holds'
    """
    stationary = "p_ss is the stationary density of the very dynamics sampled, at each control"
    even = "no state changes sign under time reversal"
    conditions, samples = (MARKOV, stationary, even, STEPS, SEEN), per_replica(housekeeping, "housekeeping")
    return _is_one("<e^{-S_hk}> = 1", samples, conditions, SPECK_SEIFERT, _share(missed))


@in_range
def gallavotti_cohen(entropy_production: ArrayLike, *, s: float = 0.25) -> BoundCheck:
    r"""<e^{-s S}> = <e^{-(1 - s) S}> in a steady state, hence lambda(s) = lambda(1 - s) for their rates of growth.

    entropy_production: (replica,), S in nats of runs that start in the stationary state, the change of -ln p_ss
    included; then the symmetry holds after any time. s: any number but 1/2; at s = 0 it is <e^{-S}> = 1. The error is
    that of the difference, from the same replicas. Runs whose mirror images have S below all that were seen tell what
    the larger average misses, and lower ``ess``. For the heat alone, or the work of a force, the symmetry holds only
    for long times and bounded energies: of a particle at rest in a harmonic trap <e^{-sQ/T}> is even in s instead
    (for a dragged one: van Zon and Cohen, PRL 91, 110601 (2003)).
    Raises InputError unless it is a finite array of one dimension and s finite and not 1/2.

    Gallavotti and Cohen, PRL 74, 2694 (1995); Lebowitz and Spohn, J. Stat. Phys. 95, 333 (1999).

    >>> gallavotti_cohen([1.0] * 731 + [-1.0] * 269).verdict
    'holds'
    """
    x, s = per_replica(entropy_production, "entropy_production"), number("s", s)
    if s == 0.5:
        raise InputError("s", s, "must not be 1/2, where both sides are the same", "take 0.25")
    one, other = exponential_average(s * x), exponential_average((1.0 - s) * x)
    difference = np.exp(-s * x) - np.exp(-(1.0 - s) * x)
    stderr = float(np.std(difference, ddof=1)) / sqrt(x.size) if x.size > 1 else float("inf")
    # a steady state is its own reverse: paths with S below all seen owe to <e^{-rS}> what their mirror images show
    r = max(s, 1.0 - s)
    with np.errstate(over="ignore"):
        missed = float(np.mean(np.where(x > -x.min(), np.exp((r - 1.0) * x), 0.0)))
    one, other = (limited(e, missed, stderr) if q == r else e for e, q in ((one, s), (other, 1.0 - s)))
    steady = "a steady state under a control that is held, and every replica starts in it"
    name = f"<e^({-s:g} S)> = <e^({s - 1.0:g} S)>"
    return BoundCheck(name, one, other, (steady, MARKOV, EXACT_LAW, BACK, STEPS), GALLAVOTTI_COHEN, stderr, "=")


@dataclass(frozen=True)
class DetailedTheorem:
    r"""P_reverse(-S in B) = <e^{-S}; S in B>_forward, bin by bin.

    edges: (bin + 1,), the upper one belonging to its bin; measured: <e^{-S}; S in B> of the forward runs; expected:
    P(-S in B) of the reverse runs; covariance: (bin, bin), of the differences.
    """

    edges: Array
    measured: tuple[Estimate, ...]
    expected: tuple[Estimate, ...]
    covariance: Array

    @property
    def differences(self) -> Array:
        """measured - expected: (bin,)."""
        return np.array([a.value - b.value for a, b in zip(self.measured, self.expected, strict=True)])

    @property
    def chi_square(self) -> float:
        """d^T C^{-1} d of the differences, over the directions in which they fluctuate."""
        variances, along = self._directions
        return float(np.sum(along**2 / variances))

    @property
    def degrees(self) -> int:
        """How many such directions there are: the rank of C."""
        return int(self._directions[0].size)

    @property
    def _directions(self) -> tuple[Array, Array]:
        variances, vectors = np.linalg.eigh(self.covariance)
        rounding = ROUNDING * max(e.value for e in (*self.measured, *self.expected))
        kept = variances > max(1e-9 * variances[-1], rounding**2)
        return variances[kept], (vectors.T @ self.differences)[kept]

    @property
    def check(self) -> BoundCheck:
        """(chi^2 / k)^{1/3} = 1 - 2 / (9 k) +- sqrt(2 / (9 k)), close to Gaussian for any k degrees of freedom."""
        k, name = self.degrees, "P_reverse(-S in B) = <e^{-S}; S in B>"
        reversal = "the reverse runs start from the final distribution and undergo the control backwards"
        books = "their S is ln of their own start over the forward runs' start at where they end, and heat / T"
        assumptions = (reversal, books, MARKOV, EXACT_LAW, BACK, STEPS)
        if k == 0:
            worst = int(np.argmax(np.abs(self.differences)))
            one, other = self.measured[worst], self.expected[worst]
            return BoundCheck(name, one, other, assumptions, SEIFERT, relation="=")
        ess = min(e.ess for e in (*self.measured, *self.expected) if e.ess is not None)
        n, variance = self.measured[0].n + self.expected[0].n, 2.0 / (9.0 * k)
        found = Estimate((self.chi_square / k) ** (1.0 / 3.0), sqrt(variance), n, ess, note=f"(chi^2 / {k})^(1/3)")
        return BoundCheck(name, found, Estimate.exact(1.0 - variance), assumptions, SEIFERT, relation="=")

    def plot(self, ax: Axes | None = None) -> Axes:
        """measured / expected of every bin with two standard errors, and the line 1; on the Axes or new ones."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.theory_lines import beside_theory

        expected = np.array([e.value for e in self.expected])
        ratio, error = 1.0 + self.differences / expected, np.sqrt(np.diag(self.covariance)) / expected
        bins = np.arange(1, expected.size + 1)
        with house_style():
            ax = axes_or_new(ax)
            beside_theory(ax, [("counted", bins, ratio, error, [0.5, bins.size + 0.5], [1.0, 1.0])])
            ax.set(xlabel="bin, from the lowest S", ylabel=r"$\langle e^{-S}; B\rangle\,/\,P_R(-S \in B)$")
        return ax

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@in_range
def detailed_fluctuation_theorem(
    forward: ArrayLike,
    reverse: ArrayLike | None = None,
    *,
    steady: bool = False,
    bins: int | ArrayLike = FINEST,
) -> BoundCheck:
    r"""P_reverse(-S in B) = <e^{-S}; S in B>_forward for every set B of values, or P(S) / P_reverse(-S) = e^S.

    forward: (replica,), S = ln p_0(x_0) / p_t(x_t) + sum_r Q_r / T_r of runs from p_0 to p_t, in nats. reverse:
    (replica,), of runs y that start from p_t under the control run backwards, S = ln p_t(y_0) / p_0(y_t) +
    sum_r Q_r / T_r with the SAME two densities; not what a run that solves its own p(y, t) books. steady=True: in a
    steady state the forward runs are their own reverse; every other one is compared with the rest.
    bins: how many at most, or their edges. Bins with fewer than 100 samples of either kind are merged, and values below
    those of the hundredth forward run left out: there e^{-S} is large and its paths too rare to be seen.

    All bins become one number: chi^2 of the differences, with their covariance, has k degrees of freedom, and
    (chi^2 / k)^{1/3} is Gaussian with mean 1 - 2 / (9 k) and variance 2 / (9 k) to good accuracy (Wilson and Hilferty,
    PNAS 17, 684 (1931)). The bins themselves: ``detailed_fluctuation_table``.
    Raises InputError unless both are finite arrays of one dimension, or for bins that are none.

    Seifert, PRL 95, 040602 (2005); Crooks, PRE 60, 2721 (1999).

    >>> detailed_fluctuation_theorem([0.0] * 200, [0.0] * 200).verdict
    'holds'
    """
    return detailed_fluctuation_table(forward, reverse, steady=steady, bins=bins).check


@in_range
def detailed_fluctuation_table(
    forward: ArrayLike,
    reverse: ArrayLike | None = None,
    *,
    steady: bool = False,
    bins: int | ArrayLike = FINEST,
) -> DetailedTheorem:
    r"""P_reverse(-S in B) and <e^{-S}; S in B>_forward in bins B: the arguments of ``detailed_fluctuation_theorem``.

    Raises InputError as that function does.

    >>> table = detailed_fluctuation_table([1.0] * 731 + [-1.0] * 269, [1.0] * 731 + [-1.0] * 269)
    >>> [round(e.value, 3) for e in table.measured], [e.value for e in table.expected]
    ([0.731, 0.269], [0.731, 0.269])
    """
    s = per_replica(forward, "forward")
    if not isinstance(steady, bool | np.bool_):
        raise InputError("steady", steady, "must be True or False", "leave it out")
    if steady == (reverse is not None):
        rule = "give the reverse runs, or steady=True without them"
        raise InputError("reverse", "both" if steady else None, rule, "outside a steady state, simulate the reverse")
    if reverse is None:
        s, mirrored = s[::2], -s[1::2]
        if mirrored.size == 0:
            raise InputError("forward", f"{s.size} sample", "is split into two halves", "give two runs or more")
    else:
        mirrored = -per_replica(reverse, "reverse")
    if np.min(s) < -700.0:
        raise InputError("forward", float(np.min(s)), "e^-S overflows below -700", "check the units: S is in nats")
    edges = _edges(s, mirrored, bins)
    w, size = np.exp(-s), edges.size - 1
    here, there = np.searchsorted(edges, s), np.searchsorted(edges, mirrored)
    first, second = (np.bincount(here, w**power, size + 2)[1:-1] for power in (1, 2))
    counts = np.bincount(there, minlength=size + 2)[1:-1]
    kish = np.divide(first**2, second, out=np.zeros(size), where=second > 0.0)
    mean, share = first / s.size, counts / mirrored.size
    of_forward = (np.diag(second / s.size) - np.outer(mean, mean)) / max(s.size - 1, 1)
    of_reverse = (np.diag(share) - np.outer(share, share)) / max(mirrored.size - 1, 1)
    measured = _estimates(mean, of_forward, s.size, kish)
    return DetailedTheorem(
        edges, measured, _estimates(share, of_reverse, mirrored.size, counts), of_forward + of_reverse
    )


def _estimates(values: Array, covariance: Array, n: int, worth: NDArray[Any]) -> tuple[Estimate, ...]:
    errors = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    return tuple(Estimate(float(v), float(e), n, float(k)) for v, e, k in zip(values, errors, worth, strict=True))


def _edges(s: Array, mirrored: Array, bins: int | ArrayLike) -> Array:
    """The edges given, or ones that leave 100 samples of either kind in every bin."""
    if not is_whole(bins, 1):
        inside = per_replica(bins, "bins")
        if inside.size < 2 or np.any(np.diff(inside) <= 0.0):
            raise InputError("bins", bins, "must be two or more edges that increase", "or give the number of bins")
        return inside
    pooled = np.sort(np.concatenate([s, mirrored]))
    after = np.flatnonzero(np.diff(pooled) > 1e-9 * (1.0 + float(np.max(np.abs(pooled)))))
    possible = 0.5 * (pooled[after] + pooled[after + 1])
    # Below the hundredth forward sample may lie paths too rare to be seen, which the reverse runs do see.
    lowest = np.sort(s)[min(int(ENOUGH), s.size) - 1]
    rare = possible[possible < lowest]
    wanted = np.quantile(pooled, np.linspace(0.0, 1.0, int(bins) + 1)[1:-1])
    edges = [float(rare[-1]) if rare.size else -np.inf]
    for edge in (
        np.unique(possible[np.searchsorted(possible, wanted).clip(max=possible.size - 1)]) if after.size else []
    ):
        if edge > edges[-1] and _enough(s, mirrored, edges[-1], edge):
            edges.append(float(edge))
    while len(edges) > 1 and not _enough(s, mirrored, edges[-1], np.inf):
        edges.pop()
    return np.array([*edges, np.inf])


def _enough(s: Array, mirrored: Array, low: float, high: float) -> bool:
    w = np.exp(-s[(s > low) & (s <= high)])
    count = int(np.sum((mirrored > low) & (mirrored <= high)))
    return count >= ENOUGH and w.size > 0 and float(np.sum(w)) ** 2 >= ENOUGH * float(np.sum(w * w))


def _share(missed: float) -> float:
    share = number("missed", missed)
    if not 0.0 <= share:
        raise InputError("missed", missed, "must be >= 0", "give the part of the average, 0.01 for instance")
    return share


def _is_one(name: str, samples: Array, assumptions: tuple[str, ...], reference: str, missed: float) -> BoundCheck:
    measured = limited(exponential_average(samples), missed)
    return BoundCheck(name, measured, Estimate.exact(1.0), assumptions, reference, relation="=")
