r"""Uncertainty relations: what a precise current or a precise count costs in entropy or in jumps.

All bound <J>^2 / Var J. Those of Cramer and Rao: let the rates depend on theta so that every mean current is that of
the process run (1 + theta) times as long and as slowly; then (d<J>/dtheta)^2 <= Var J x (Fisher information), and
the information is at most Sigma / 2, or exactly the mean number of jumps where all rates are multiplied by 1 + theta.
"""

from __future__ import annotations

from dataclasses import replace
from math import asinh, inf, isfinite, log1p, sqrt
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from ..check import BoundCheck
from ..errors import InputError, is_whole, number
from ..estimate import OPPOSITE, Estimate, Sampled, numbers
from .given import (
    BLIND,
    Amount,
    Known,
    alike,
    beside,
    compared,
    estimated,
    in_range,
    known,
    mapped,
    per_replica,
    positive,
    scaled,
)

Form = Literal["steady", "theorem", "discrete time"]
CURRENT = "the current changes sign when time is reversed"
WHOLE = "all entropy production is counted, also that of states or cycles that are not seen"
EVEN = "Markov jumps or overdamped diffusion in continuous time, even under time reversal"
STEADY = "stationary from the start, with nothing driven in time"


@runtime_checkable
class Moments(Protocol):
    """Exact moments of a current, such as ``sz.discrete.current_noise`` or one of ``sz.discrete.fluctuations``."""

    @property
    def mean(self) -> float | np.ndarray: ...
    @property
    def variance(self) -> float | np.ndarray: ...


@in_range
def uncertainty_relation(
    current: ArrayLike | Moments,
    entropy_production: Amount,
    *,
    form: Form = "steady",
    steps: int | None = None,
) -> BoundCheck:
    r"""2 <J>^2 / Var J <= Sigma: a precise current dissipates.

    current: (replica,) integrated over the duration, or exact moments: an object with ``mean`` and ``variance``.
    entropy_production: Sigma over the same duration, in nats: (replica,) of the SAME replicas, an Estimate or an exact
    number. With the mean rates of J, Var J and Sigma it is the relation of long times.
    Let x = <J>^2 / Var J. form:
    "steady": 2 x <= Sigma.
    "theorem": 2 r asinh(r) / sqrt(1 + r^2) <= Sigma, r = sqrt(x). This is Var J / <J>^2 >= csch^2[g(Sigma / 2)], g the
    inverse of x tanh x, solved for Sigma. It follows from P(Sigma, J) = e^Sigma P(-Sigma, -J) alone, also under
    driving; then Sigma is what obeys that theorem: W / T for a cycle that starts in equilibrium.
    "discrete time": n ln(1 + 2 x / n) <= Sigma for a chain of n = ``steps`` steps. It is proved for many steps and for
    one (from "theorem"); in between a search over chains of 3 and 4 states found no exception.

    The estimate of x is freed of its bias 1/n, and its error is that of mean and variance together; its effective
    size is n^2 / sum z^4, z the current in standard deviations: what is seen of the rarest events that matter.
    Raises InputError for a current that does not vary, wrong shapes, NaN, or steps without "discrete time".

    Barato and Seifert, PRL 114, 158101 (2015); Gingrich et al., PRL 116, 120601 (2016); Horowitz and Gingrich, PRE 96,
    020103 (2017), finite times. Timpanaro et al., PRL 123, 090604 (2019); Hasegawa and Van Vu, PRL 123, 110602 (2019).
    Proesmans and Van den Broeck, EPL 119, 20001 (2017).

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    >>> noise = sz.discrete.current_noise(ring)
    >>> found = uncertainty_relation(noise, sz.entropy_production_rate(ring))
    >>> found.verdict, round(2 / found.tightness, 6)
    ('holds', 2.162175)
    """
    if not isinstance(form, str) or form not in ("steady", "theorem", "discrete time"):
        raise InputError("form", form, 'must be "steady", "theorem" or "discrete time"', "name one of them")
    if (steps is not None) != (form == "discrete time") or (steps is not None and not is_whole(steps, 1)):
        rule = 'must be a whole number >= 1 for form="discrete time", and nothing else'
        raise InputError("steps", steps, rule, "give the number of steps of the chain")
    x, ess = _precision(current, None)
    sigma = known(entropy_production, "entropy_production")
    if form == "steady":
        reference = "Horowitz and Gingrich, PRE 96, 020103 (2017)"
        return compared(
            "2 <J>^2 / Var J <= Sigma", scaled(x, 2.0), sigma, (EVEN, STEADY, CURRENT, WHOLE, BLIND), reference, ess
        )
    if form == "theorem":
        same = "forward and reversed ensembles coincide: a steady state, or a protocol that is its own mirror image"
        exact = "Sigma is the logarithm of the ratio of the probabilities of a path forward and backward"
        reference = "Timpanaro, Guarnieri, Goold and Landi, PRL 123, 090604 (2019)"
        return compared(
            "2 r asinh(r) / sqrt(1 + r^2) <= Sigma, r = <J> / sd J",
            mapped(x, *_from_theorem(x.value)), sigma, (same, exact, CURRENT, WHOLE, BLIND), reference, ess,
        )  # fmt: skip
    assert steps is not None
    chain = "a Markov chain in discrete time, even under time reversal, stationary from the start"
    per_step = 2.0 * x.value / steps
    smaller = mapped(x, steps * log1p(per_step), 2.0 / (1.0 + per_step))
    reference = "Proesmans and Van den Broeck, EPL 119, 20001 (2017)"
    return compared(
        "n ln(1 + 2 <J>^2 / (n Var J)) <= Sigma", smaller, sigma, (chain, CURRENT, WHOLE, BLIND), reference, ess
    )


@in_range
def kinetic_uncertainty_relation(
    current: ArrayLike | Moments,
    activity: Amount,
    *,
    response: Amount | None = None,
) -> BoundCheck:
    r"""R^2 / Var J <= A, R = (tau d_tau - v d_v) <J>: a precise count needs many jumps.

    current: any sum over jumps, (replica,) or exact moments; it need not change sign with time, so that a number of
    jumps will do. activity: A, the mean number of jumps in the duration tau: (replica,) of the same replicas (a run's
    ``activity``), an Estimate or an exact number (``energetics(...).activity``).
    response: R, see ``driven_uncertainty_relation``. Without one R = <J>, right in a steady state, where <J> grows as
    tau. In a relaxation under fixed rates R = tau d<J>/dtau, with any initial state.
    Raises InputError for a current that does not vary, wrong shapes, NaN or activity < 0.

    Di Terlizzi and Baiesi, J. Phys. A 52, 02LT03 (2019); Garrahan, PRE 95, 032134 (2017), counts in a steady state.

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    >>> jumps = sz.discrete.current_noise(ring, "activity")
    >>> kinetic_uncertainty_relation(jumps, float(jumps.mean)).verdict
    'holds'
    """
    jumps = known(activity, "activity")
    if jumps.value < 0.0:
        raise InputError("activity", jumps.value, "must be >= 0", "give the mean number of jumps")
    x, ess = _precision(current, response)
    what = STEADY if response is None else "R is the response of <J> to a slower and longer run from the same start"
    return compared(
        "R^2 / Var J <= activity",
        x, jumps,
        ("Markov jumps in continuous time: every jump is counted as activity, seen or not", what, BLIND),
        "Di Terlizzi and Baiesi, J. Phys. A 52, 02LT03 (2019)", ess,
    )  # fmt: skip


@in_range
def driven_uncertainty_relation(
    current: ArrayLike | Moments,
    entropy_production: Amount,
    response: Amount,
) -> BoundCheck:
    r"""2 R^2 / Var J <= Sigma, R = (tau d_tau - v d_v) <J>, under any protocol lambda(v t) and from any start.

    R is how <J> changes when the run is made 1 + h times as long and the protocol as much slower, per h, from the same
    initial distribution: [<J>(tau (1 + h), v / (1 + h)) - <J>(tau, v)] / h for h -> 0. In a steady state R = <J>; in a
    relaxation R = tau d<J>/dtau. J is a sum over jumps (or int g o dx) with weights that may follow the protocol, or
    the work.
    current: (replica,) or exact moments. entropy_production: Sigma, as in ``uncertainty_relation``. response: R, exact,
    an Estimate, or (replica,) differences of the same replicas' noise.
    Raises InputError for a current that does not vary, wrong shapes or NaN.

    Koyuk and Seifert, PRL 125, 260604 (2020); Dechant and Sasa, J. Stat. Mech. 063209 (2018).

    >>> driven_uncertainty_relation([1.0, 2.0, 3.0, 2.0], 5.0, 0.5).smaller.value
    0.75
    """
    x, ess = _precision(current, response)
    same = "R is the response of <J> to a slower protocol and a longer run from the same initial distribution"
    return compared(
        "2 R^2 / Var J <= Sigma",
        scaled(x, 2.0), known(entropy_production, "entropy_production"), (EVEN, same, CURRENT, WHOLE, BLIND),
        "Koyuk and Seifert, PRL 125, 260604 (2020)", ess,
    )  # fmt: skip


def _precision(current: ArrayLike | Moments, response: Amount | None) -> tuple[Known, float | None]:
    r"""x = R^2 / Var J without bias to 1/n, and its effective size; R = <J> where no response is given.

    Of R = r + e and V = v + u: x = r^2/v, dx = 2 r e/v - r^2 u/v^2; <R^2> = r^2 + <e^2>, and 2 <e^2>^2 is the variance
    of e^2, which is all there is where r = 0.
    """
    ess = None
    if isinstance(current, Moments):
        mean, variance = number("current.mean", _plain(current.mean)), positive(_plain(current.variance), "variance")
        r = known(mean if response is None else response, "response")
        spread = np.zeros(r.influence.size if isinstance(r, Sampled) else 0)
    else:
        j = per_replica(current, "current")
        away = j - j.mean()
        n, variance = j.size, float(away @ away) / max(j.size - 1, 1)
        if alike(j):
            rule = "must vary between replicas: without variance there is no precision"
            raise InputError("current", f"{n} equal values", rule, "take a longer run or more replicas")
        r = Sampled.mean(j) if response is None else known(response, "response")
        r = r if isinstance(r, Sampled) else beside(r, n)
        if r.influence.size != n:
            raise InputError("response", r.influence.size, f"must be of the same {n} replicas", "pass one run's arrays")
        spread = away**2 - variance
        ess = n * float(np.mean(away**2)) ** 2 / float(np.mean(away**4))
    side = r.side if r.value >= 0.0 else OPPOSITE[r.side]
    error = estimated(r).stderr ** 2
    value = (r.value**2 - (error if isfinite(error) else 0.0)) / variance
    slope, second = 2.0 * r.value / variance, 2.0 * (error / variance) ** 2
    if isinstance(r, Estimate):
        stderr = sqrt(slope**2 * error + second) if isfinite(error) else inf
        return replace(r, value=value, stderr=stderr, side=side), ess
    influence = slope * r.influence - (r.value / variance) ** 2 * spread
    return Sampled(value, influence, side, slope**2 * r.unseen + second if isfinite(error) else inf), ess


def _plain(value: float | np.ndarray) -> float:
    if numbers(value, "current").ndim != 0:
        raise InputError("current", np.shape(value), "must be one current", "take its mean and variance alone")
    return float(np.asarray(value).item())


def _from_theorem(x: float) -> tuple[float, float]:
    """h(x) = 2 r asinh(r) / sqrt(1 + r^2), r = sqrt(x), and its slope; 2 x where x <= 0 by an error of the sample."""
    if x <= 0.0:
        return 2.0 * x, 2.0
    r = sqrt(x)
    return 2.0 * r * asinh(r) / sqrt(1.0 + x), asinh(r) / r / (1.0 + x) ** 1.5 + 1.0 / (1.0 + x)
