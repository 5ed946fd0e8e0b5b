"""Free energies from the work of driven processes, and the second law for work."""

from __future__ import annotations

from math import exp, hypot, log, sqrt
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from ..check import BoundCheck
from ..errors import number
from ..estimate import UNSEEN, Estimate, exponential_average
from .given import BLIND, alike, in_range, known, per_replica, positive
from .unseen import SEEN, beyond, limited

Array = NDArray[np.float64]
OVERLAP_WORTH = 7.0
WIDEST = 2000
"""Steps of the root finder, enough for any range of floating point."""
JARZYNSKI = "Jarzynski, PRL 78, 2690 (1997)"
CROOKS = "Crooks, PRE 60, 2721 (1999); Bennett, J. Comput. Phys. 22, 245 (1976); Shirts et al., PRL 91, 140601 (2003)"
START = "every replica starts in equilibrium at the first value of the control"
BATH = "one bath, whose temperature is the one given, and whose noise obeys detailed balance at every control"
REACH = "what the reversed process can reach the forward one can too: no state is forbidden at the start and not later"
STEPS = "the work is that of the dynamics sampled: no error of the time step"
REVERSED = "the reverse runs start in equilibrium at the last control and undergo the control backwards"


@overload
def jarzynski(work: ArrayLike, *, temperature: float, reverse: ArrayLike | None = None) -> Estimate: ...
@overload
def jarzynski(
    work: ArrayLike, *, temperature: float, free_energy_change: float | Estimate, reverse: ArrayLike | None = None
) -> BoundCheck: ...
@in_range
def jarzynski(
    work: ArrayLike,
    *,
    temperature: float,
    free_energy_change: float | Estimate | None = None,
    reverse: ArrayLike | None = None,
) -> Estimate | BoundCheck:
    r"""<e^{-W/T}> = e^{-dF/T}: the free energy change from the work of replicas, or the check of a given one.

    work: (replica,), > 0 on the system; temperature: that of the bath; both in k_B T0. Without ``free_energy_change``:
    an Estimate of dF = -T ln <e^{-W/T}>, with the standard error of the delta method. With it: whether
    <e^{-(W - dF)/T}> = 1. ``ess`` as in ``estimate.exponential_average``: below 100 the rare paths that the average
    lives on were not seen, and the verdict is inconclusive. The bias of a finite sample is upwards: the logarithm is
    concave, so that the mean estimate lies above dF, by T var(e^{-W/T}) / (2 n <e^{-W/T}>^2) for large n.
    reverse: (replica,), work on the system in the reversed process, if it is known. The share of it beyond all of
    ``work`` is the part of the average that ``work`` says nothing of, and lowers ``ess``. Without it that nothing was
    missed is an assumption: of paths so rare that none was taken the work is not known. ``crooks`` makes more of it.

    Raises InputError unless work is a finite array of one dimension, the temperature > 0 and dF finite.

    Jarzynski, PRL 78, 2690 (1997).

    >>> jarzynski([0.5, 0.5], temperature=2.0).value
    0.5
    """
    w, t = per_replica(work, "work"), positive(temperature, "temperature")
    assumptions = (START, BATH, REACH, BLIND, STEPS, *((SEEN,) if reverse is None else ()))
    missed = 0.0 if reverse is None else beyond(w, per_replica(reverse, "reverse"))
    if free_energy_change is None:
        shift = float(np.min(w))
        mean = exponential_average((w - shift) / t)
        mean = limited(mean, missed * mean.value)
        value, stderr = shift - t * log(mean.value), t * mean.stderr / mean.value
        return Estimate(value, stderr, mean.n, mean.ess, assumptions=assumptions, reference=JARZYNSKI)
    given = _free_energy(free_energy_change)
    mean = limited(exponential_average((w - given.value) / t), missed)
    stderr = hypot(mean.stderr, mean.value * given.stderr / t)
    ess = mean.ess if given.ess is None or mean.ess is None else min(mean.ess, given.ess)
    measured = Estimate(mean.value, stderr, mean.n, ess, given.side)
    return BoundCheck("<e^{-(W - dF)/T}> = 1", measured, Estimate.exact(1.0), assumptions, JARZYNSKI, relation="=")


@in_range
def second_law_of_work(work: ArrayLike, *, temperature: float, free_energy_change: float | Estimate) -> BoundCheck:
    r"""dF <= <W>: on average no process takes less work than the free energy that it stores.

    work: (replica,), > 0 on the system; free_energy_change: exact, or an Estimate from other replicas; all in k_B T0.
    The check is in units of the temperature: dF / T <= <W> / T.
    Raises InputError unless work is a finite array of one dimension, the temperature > 0 and dF finite.

    Jarzynski, PRL 78, 2690 (1997), by Jensen's inequality.

    >>> second_law_of_work([1.0, 3.0] * 100, temperature=2.0, free_energy_change=0.5).verdict
    'holds'
    """
    w, t = per_replica(work, "work"), positive(temperature, "temperature")
    given = _free_energy(free_energy_change)
    stored = Estimate(given.value / t, given.stderr / t, given.n, given.ess, given.side, given.note)
    mean = known(w / t, "work")
    spent = mean if isinstance(mean, Estimate) else mean.estimate()
    return BoundCheck("dF / T <= <W> / T", stored, spent, (START, BATH, BLIND, STEPS), JARZYNSKI)


@overload
def crooks(forward: ArrayLike, reverse: ArrayLike, *, temperature: float) -> Estimate: ...
@overload
def crooks(
    forward: ArrayLike, reverse: ArrayLike, *, temperature: float, free_energy_change: float | Estimate
) -> BoundCheck: ...
@in_range
def crooks(
    forward: ArrayLike, reverse: ArrayLike, *, temperature: float, free_energy_change: float | Estimate | None = None
) -> Estimate | BoundCheck:
    r"""P_F(W) / P_R(-W) = e^{(W - dF)/T}: dF by Bennett's acceptance ratio, or the check of a given one.

    dF solves sum_F f(M + (W - dF)/T) = sum_R f(-M + (W + dF)/T), with f(x) = 1 / (1 + e^x) and M = ln n_F / n_R: of
    all estimates from the two samples the one of least variance. forward, reverse: (replica,), of any two sizes, each
    the work done ON the system in its own process, in k_B T0. The error is the asymptotic one,
    (s/T)^2 = sum over both of [<f^2> / <f>^2 - 1] / n + (3 / n)^2, the last for paths so rare that none was taken
    (see ``estimate.exponential_average``).
    ess = 7 K, at most n_F + n_R, where K is either sum, the number of samples in the overlap of W and -W: a count whose
    skewness makes an interval of 1.96 s miss by 1 / (4 K) more than it should (see ``estimate.exponential_average``),
    0.018 where ess = 100. Found for Gaussian work with <e^{-W/T}> = 1 and 10^3 or 10^4 of each: 0.94 to 0.96 of the
    95 % intervals cover for deviations up to 4 T and 6 T, and 0.97 at T / 2 with 10^3, where the last term tells; at
    5 T and 6 T with 10^3 none is trusted.

    Raises InputError unless both are finite arrays of one dimension, the temperature > 0 and dF finite.

    Crooks, PRE 60, 2721 (1999); Bennett, J. Comput. Phys. 22, 245 (1976); error: Shirts, Bair, Hooker and Pande,
    PRL 91, 140601 (2003).

    >>> crooks([2.0, 2.0], [-2.0, -2.0, -2.0], temperature=1.5).value
    2.0
    """
    w_f, w_r = per_replica(forward, "forward"), per_replica(reverse, "reverse")
    t = positive(temperature, "temperature")
    assumptions = (START, REVERSED, BATH, BLIND, STEPS)
    found = _acceptance_ratio(w_f / t, w_r / t)
    value, stderr = t * found.value, t * found.stderr
    measured = Estimate(value, stderr, found.n, found.ess, assumptions=assumptions, reference=CROOKS)
    if free_energy_change is None:
        return measured
    given = _free_energy(free_energy_change)
    return BoundCheck("dF of both directions = dF", measured, given, assumptions, CROOKS, relation="=")


def _acceptance_ratio(forward: Array, reverse: Array) -> Estimate:
    """dF / T of works in units of T."""
    n_f, n_r = forward.size, reverse.size
    m = log(n_f / n_r)

    def accepted(d: float) -> tuple[Array, Array]:
        return -np.logaddexp(0.0, m + forward - d), -np.logaddexp(0.0, -m + reverse + d)

    def difference(d: float) -> float:
        f, r = accepted(d)
        return float(np.logaddexp.reduce(f) - np.logaddexp.reduce(r))

    # Beyond, all of one sum exceeds 1/2 and all of the other is below e^{-|M| - 1}: the difference has its sign.
    reach = abs(m) + 1.0
    low = min(float(forward.min()), -float(reverse.max())) - reach
    high = max(float(forward.max()), -float(reverse.min())) + reach
    d = float(brentq(difference, low, high, xtol=1e-13, rtol=1e-14, maxiter=WIDEST))
    f, r = accepted(d)
    stderr = sqrt(_spread(f) + _spread(r)) if min(n_f, n_r) > 1 else float("inf")
    overlap = 0.0 if alike(forward) and alike(reverse) else exp(float(np.logaddexp.reduce(f)))
    return Estimate(d, stderr, n_f + n_r, min(OVERLAP_WORTH * overlap, float(n_f + n_r)))


def _spread(logs: Array) -> float:
    """[<f^2> / <f>^2 - 1] / n + (3 / n)^2."""
    f = np.exp(logs - logs.max())
    return float(np.var(f) / np.mean(f) ** 2 / f.size + (UNSEEN / f.size) ** 2)


def _free_energy(value: float | Estimate) -> Estimate:
    """As an estimate; a plain number is exact."""
    if isinstance(value, Estimate):
        number("free_energy_change", value.value)
        return value
    return Estimate.exact(number("free_energy_change", value))
