"""What a process can dissipate at most: by its traffic, by how its force varies, or by what samples certify."""

from __future__ import annotations

from dataclasses import replace
from math import tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import Estimate, Sampled, finite, numbers
from .certified import DERIVED, per_coordinate
from .given import BLIND, Amount, Known, compared, estimated, in_range, known, positive, scaled

Array = NDArray[np.float64]
TRAFFIC = (
    "Markov jumps in continuous time, each with its reverse",
    "local detailed balance in every channel, edges counted per channel",
    "largest_force is the largest |ln(k p / k' p')| of any edge and channel, at any time on the way",
    "the activity counts the jumps of all edges",
    BLIND,
)
VARIATION = (
    "the force does not depend on the weight (additive), given what is to be learned",
    "harmonic weights, each in a bath of its own at one temperature",
    "the weights start in equilibrium without the force",
    "total_variation counts every change of the force, the first one from zero included",
    "entropy_production is the dissipation: conditional on what is to be learned, not the cost dS + Q/T",
)


@in_range
def cost_ceiling(
    entropy_production: Amount,
    ceiling: Estimate | None = None,
    *,
    activity: Amount | None = None,
    largest_force: float | None = None,
    total_variation: ArrayLike | None = None,
    temperature: float | None = None,
    stiffness: ArrayLike | None = None,
) -> BoundCheck:
    r"""Sigma <= ceiling, one of:  F tanh(F/2) K  |  sum_n V_n^2/(2 k_n T)  |  what ``certified_ceiling`` found.

    entropy_production: Sigma in nats (or nats per time, with an activity or ceiling per time): a number known exactly,
    an Estimate, a Sampled, or samples (replica,). Give exactly one ceiling:

    activity and largest_force: jumps, see ``traffic_ceiling``. If Sigma and the activity are samples of the same
    replicas their correlation is kept. total_variation, temperature and stiffness: additive learning forces, see
    ``variation_ceiling``; total_variation (replica, weight) is paired with Sigma (replica,). ceiling: an Estimate, as
    from ``certified_ceiling``, whose errors are taken as independent of those of Sigma.
    Raises InputError for none or several ceilings, and for NaN, infinities, empty or negative input.

    All three are derived here.

    >>> cost_ceiling(1.0, activity=2.0, largest_force=1.5).verdict  # 1.5 tanh(0.75) 2 = 1.905...
    'holds'
    >>> cost_ceiling(2.0, total_variation=2.0, temperature=1.0, stiffness=1.0).verdict  # a quench: V^2/2
    'holds, saturated'
    """
    kinds = (ceiling is not None, activity is not None, total_variation is not None)
    if sum(kinds) != 1:
        got = f"{sum(kinds)} of ceiling, activity, total_variation"
        raise InputError("ceiling", got, "exactly one ceiling is checked at a time", "give one of the three")
    for name, value, needed in (
        ("largest_force", largest_force, kinds[1]),
        ("temperature", temperature, kinds[2]),
        ("stiffness", stiffness, kinds[2]),
    ):
        if (value is not None) != needed:
            rule = "is needed with this ceiling" if needed else "has no part in this ceiling"
            raise InputError(name, value, rule, f"{'give' if needed else 'leave out'} {name}")
    sigma = known(entropy_production, "entropy_production")
    if ceiling is not None:
        # the ceiling itself is estimated without bias; only as a statement about Sigma is it one-sided
        larger: Known = replace(_estimate("ceiling", ceiling), side="two-sided")
        law, assumptions = "certified ceiling", ceiling.assumptions
    elif activity is not None:
        larger = _traffic(activity, largest_force)
        law, assumptions = "F tanh(F/2) K", TRAFFIC
    else:
        assert total_variation is not None and temperature is not None and stiffness is not None
        larger = _variation(total_variation, temperature, stiffness)
        law, assumptions = "sum V^2/(2 k T)", VARIATION
    reference = DERIVED if ceiling is None else ceiling.reference
    return compared(f"dissipation <= {law}", sigma, larger, assumptions, reference)


@in_range
def traffic_ceiling(activity: Amount, largest_force: float) -> Estimate:
    r"""Sigma = sum_e K_e F_e tanh(F_e/2) <= F_max tanh(F_max/2) sum_e K_e,  F_e = ln(k_ts p_s / k_st p_t).

    For every edge and channel J_e = K_e tanh(F_e/2), K_e the jumps both ways, so that J_e F_e is what the edge
    produces. True at any instant for any p, and for a time span with the largest force met on the way.
    activity: the jumps of all edges, counted both ways, in a time span or per time: a number, an Estimate, a Sampled or
    samples (replica,). largest_force: max |F_e| >= 0, in nats. The result is in nats (per time, if the activity is).
    Raises InputError for NaN, infinities, empty or negative input.

    Derived here from J = K tanh(F/2).

    >>> traffic_ceiling(2.0, 1.5)
    <= 1.905... (exact)
    """
    return _upper(_traffic(activity, largest_force), TRAFFIC)


@in_range
def entropy_from_traffic(traffic: ArrayLike, force: ArrayLike) -> float:
    r"""Sigma = sum_e K_e F_e tanh(F_e/2), in nats per time: what every edge produces, by its traffic and its force.

    traffic: K (edge,) >= 0, jumps per time both ways; force: F (edge,), in nats, of either sign. One entry per edge and
    channel, as in ``sz.discrete.edge_currents``. Raises InputError for NaN, infinities, empty input, K < 0, or shapes
    that differ.

    >>> round(entropy_from_traffic([2.0, 1.0], [1.5, -1.5]), 9)
    2.858170286
    """
    K, F = _magnitudes("traffic", traffic), numbers(force, "force")
    finite(F, "force")
    if K.ndim != 1 or K.shape != F.shape:
        got = f"{K.shape} and {F.shape}"
        raise InputError("traffic, force", got, "both must have the shape (edge,)", "one entry per edge and channel")
    return float(np.sum(K * F * np.tanh(0.5 * F)))


@in_range
def variation_ceiling(total_variation: ArrayLike, *, temperature: float, stiffness: ArrayLike = 1.0) -> Estimate:
    r"""Sigma_c = (1/2T) sum_n (1/k_n) iint df_n df_n' e^{-mu_n k_n |t - t'|} <= sum_n V_n^2/(2 k_n T), V = int |df|.

    An additive force f_n(t) on harmonic weights. The kernel is at most 1, and is 1 for one sudden change: among
    monotone schedules the quench costs most. True for any mobility and at any time, with the variation until then:
    what is dissipated only grows.
    total_variation: V of each weight, >= 0, in k_B T0 per length, the first change from zero counted: a number,
    (weight,), or (replica, weight) where every replica has labels of its own, which is averaged over. temperature: T.
    stiffness: k, a number or (weight,). The result is in nats, over all weights.
    It bounds the dissipation, not the cost dS + Q/T, and no force that looks at the weight.
    Raises InputError for NaN, infinities, empty or negative input, T <= 0, k <= 0 or shapes that do not fit.

    Derived here.

    >>> variation_ceiling([1.0, 2.0], temperature=0.5, stiffness=2.0)
    <= 2.5 (exact)
    """
    return _upper(_variation(total_variation, temperature, stiffness), VARIATION)


def _traffic(activity: Amount, largest_force: float | None) -> Known:
    F, K = number("largest_force", largest_force), known(activity, "activity")
    if F < 0.0:
        raise InputError("largest_force", F, "must be >= 0: it is a magnitude", "np.abs(force).max()")
    if K.value < 0.0:
        raise InputError("activity", K.value, "must be >= 0: it counts jumps", "count all jumps, both ways")
    return scaled(K, F * tanh(0.5 * F))


def _variation(total_variation: ArrayLike, temperature: float, stiffness: ArrayLike) -> Known:
    V, T = _magnitudes("total_variation", total_variation), positive(temperature, "temperature")
    if V.ndim > 2:
        raise InputError("total_variation", V.shape, "must be (weight,) or (replica, weight)", "sum over time first")
    k = per_coordinate("stiffness", stiffness, V.shape[-1] if V.ndim else 1)
    bound = np.sum(np.atleast_1d(V) ** 2 / (2.0 * k * T), axis=-1)
    return Sampled.mean(bound) if V.ndim == 2 else Estimate.exact(float(bound))


def _estimate(name: str, given: Estimate) -> Estimate:
    if not isinstance(given, Estimate):
        raise InputError(name, given, "must be an Estimate", "sz.laws.certified_ceiling(...), or Estimate.exact(...)")
    return given


def _upper(found: Known, assumptions: tuple[str, ...]) -> Estimate:
    return replace(estimated(found), side="upper", assumptions=assumptions, reference=DERIVED)


def _magnitudes(name: str, given: ArrayLike) -> Array:
    """Finite numbers >= 0."""
    x = numbers(given, name)
    if np.any(finite(x, name) < 0.0):
        raise InputError(name, float(x.min()), "must be >= 0", "it counts absolute amounts")
    return x
