"""Speed limits: what a distribution that moves far within a given time must dissipate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import BoundCheck
from ..errors import InputError
from ..estimate import Sampled
from .given import BLIND, Amount, Known, compared, in_range, known, mapped, per_replica, plus, positive, scaled

Array = NDArray[np.float64]
FARTHEST = 2.0 + 1e-9
"""How far two distributions over states can be apart, to rounding."""


@in_range
def speed_limit(
    distance: float | Known,
    duration: float,
    entropy_production: Amount,
    *,
    activity: Amount | None = None,
    diffusion: float | None = None,
) -> BoundCheck:
    r"""L^2 / (2 A tau) <= Sigma for jumps, W_2^2 / (D tau) <= Sigma for diffusion: fast is dissipative.

    As a bound on time, L^2 / (2 A Sigma) <= tau and W_2^2 / (D Sigma) <= tau: the shortest time is ``tightness`` times
    the duration. Both forms have the same verdict; the error of Sigma enters this one linearly.
    distance: for jumps L = sum_x |p_x(tau) - p_x(0)|, at most 2; for diffusion W_2, a length: the Wasserstein distance
    of the two densities (``wasserstein_distance`` of samples on a line, ``distance`` of what
    ``sz.continuous.optimal_transport`` gives). A number or an estimate, >= 0. duration: tau > 0.
    entropy_production: Sigma over it, total, in nats: (replica,), an estimate or a number.
    activity: A, jumps per time averaged over the duration: (replica,) as ``run.activity / run.duration``, an estimate
    or a number as ``energetics(...).activity / duration``. diffusion: D = mobility x temperature > 0, the same for
    every coordinate; of unequal ones take diffusion = 1 and the distance in the coordinates w_i / sqrt(D_i).
    Samples are of the same replicas, and their correlation is kept.
    Give one of ``activity`` and ``diffusion``. Raises InputError for both or none, NaN, wrong shapes, distance < 0
    (or > 2 for jumps), duration, activity or diffusion <= 0.

    Jumps: |dp|/dt summed is at most sqrt(2 sigma(t) A(t)). Shiraishi, Funo and Saito, PRL 121, 070601 (2018).
    Diffusion: Benamou and Brenier, Numer. Math. 84, 375 (2000); Aurell, Gawedzki, Mejia-Monasterio, Mohayaee and
    Muratore-Ginanneschi, J. Stat. Phys. 147, 487 (2012); attained by optimal transport.

    >>> speed_limit(1.5811388300841898, 2.0, 1.25, diffusion=1.0).verdict  # N(0, 1) -> N(1.5, 0.25)
    'holds, saturated'
    >>> print(speed_limit(1.2, 0.5, 3.0, activity=2.0))
    L^2 / (2 A tau) <= Sigma: holds (0.72 (exact) against 3 (exact), +inf sigma)
    """
    if (activity is None) == (diffusion is None):
        rule = "exactly one of activity (jumps) and diffusion must be given"
        raise InputError("activity, diffusion", "both or none", rule, "name the dynamics by its own one")
    tau, sigma = positive(duration, "duration"), known(entropy_production, "entropy_production")
    square = _square(distance, "distance")
    whole = "all entropy production is counted, heat and change of entropy, also of what is not seen"
    if diffusion is not None:
        assumptions = (
            "overdamped diffusion with one constant D for all coordinates",
            whole,
            "the distance is that of the densities at the beginning and the end, in all coordinates that move",
            BLIND,
        )
        reference = "Benamou and Brenier, Numer. Math. 84, 375 (2000); Aurell et al., J. Stat. Phys. 147, 487 (2012)"
        smaller = scaled(square, 1.0 / (positive(diffusion, "diffusion") * tau))
        return compared("W2^2 / (D tau) <= Sigma", smaller, sigma, assumptions, reference)
    assert activity is not None
    if known(distance, "distance").value > FARTHEST:
        raise InputError("distance", known(distance, "distance").value, "must be at most 2", "L = sum_x |p_x - p_x(0)|")
    jumps = known(activity, "activity")
    if not jumps.value > 0.0:
        raise InputError("activity", jumps.value, "must be > 0", "nothing jumps: take a longer run")
    assumptions = (
        "Markov jumps with local detailed balance in every reservoir",
        whole,
        "every jump is counted as activity, seen or not",
        BLIND,
    )
    # ln x = 2 ln L - ln A - ln(2 tau), to first order in the errors of both
    x = square.value / (2.0 * jumps.value * tau)
    by_square, by_jumps = 1.0 / (2.0 * jumps.value * tau), -x / jumps.value
    smaller = plus(mapped(square, x, by_square), mapped(jumps, 0.0, by_jumps))
    reference = "Shiraishi, Funo and Saito, PRL 121, 070601 (2018)"
    return compared("L^2 / (2 A tau) <= Sigma", smaller, sigma, assumptions, reference)


@in_range
def slow_driving_limit(
    length: float | Known,
    duration: float,
    work: Amount,
    free_energy_change: float | Known = 0.0,
) -> BoundCheck:
    r"""L^2 / tau <= <W> - dF, L = int sqrt(zeta) |dlambda|: the thermodynamic length of a slow protocol.

    length: L >= 0, in sqrt(energy x time), e.g. ``sz.continuous.thermodynamic_length``. duration: tau > 0. work:
    (replica,), an estimate or a number, in k_B T0; free_energy_change: dF between the ends.
    To leading order in 1/tau only. A protocol may pay less at any finite tau, because the state need not arrive: the
    best one for a trap moved by l pays l^2 / (mu tau + 2 / k), less than l^2 / (mu tau), and a quench k l^2 / 2.
    For densities known at both ends ``speed_limit`` holds at any speed.
    Raises InputError for NaN, wrong shapes, length < 0 or duration <= 0.

    Sivak and Crooks, PRL 108, 190602 (2012); Crooks, PRL 99, 100602 (2007).

    >>> slow_driving_limit(0.5, 100.0, 0.7, 0.69).verdict
    'holds'
    """
    square = _square(length, "length")
    smaller = scaled(square, 1.0 / positive(duration, "duration"))
    larger = plus(known(work, "work"), scaled(known(free_energy_change, "free_energy_change"), -1.0))
    assumptions = (
        "slow: the duration is long against every relaxation time, and the bound is read to leading order in 1/tau",
        "equilibrium at the start, one temperature, no force without a potential",
        "the length is that of the way the control takes",
        BLIND,
    )
    return compared("L^2 / tau <= W - dF", smaller, larger, assumptions, "Sivak and Crooks, PRL 108, 190602 (2012)")


@in_range
def wasserstein_distance(start: ArrayLike, stop: ArrayLike) -> Sampled:
    r"""W_2^2 = int_0^1 [F^-1(u) - G^-1(u)]^2 du: of two equally large samples on a line, the sorted ones are paired.

    start, stop: (replica,), the same replicas at the beginning and at the end, in units of length. What a replica at x
    that ends at y adds to W_2^2 is f(x) + g(y), the Kantorovich potentials: f' = 2 (x - partner of x), g' = 2 (y -
    partner of y). The square of the samples' distance is on average not below that of the densities (it is convex), so
    that its side is "upper" and a bound that it breaks is not called violated; between densities that differ the
    excess falls as 1/n, between equal ones it is all there is.
    Raises InputError for NaN, different sizes or fewer than 2 values.

    Del Barrio and Loubes, Ann. Probab. 47, 926 (2019), for the error.

    >>> wasserstein_distance([0.0, 1.0, 2.0], [5.0, 3.0, 4.0]).value
    3.0
    """
    x, y = per_replica(start, "start"), per_replica(stop, "stop")
    if x.size != y.size or x.size < 2:
        rule = "start and stop must hold the same replicas, at least 2"
        raise InputError("stop", f"{y.size} values beside {x.size}", rule, "give both states of every replica")
    place_x, place_y = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    a, b = x[place_x], y[place_y]
    distance = float(np.sqrt(np.mean((a - b) ** 2)))
    influence = np.zeros(x.size)
    influence[place_x] += _potential(a, b)
    influence[place_y] += _potential(b, a)
    scale = 0.5 / distance if distance > 0.0 else 0.0
    return Sampled(distance, scale * influence, "upper")


def _potential(a: Array, b: Array) -> Array:
    """f(a) with f' = 2 (a - b) along sorted places, its mean taken off."""
    slope = 2.0 * (a - b)
    f = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(a))])
    return np.asarray(f - f.mean())


def _square(size: float | Known, name: str) -> Known:
    x = known(size, name)
    if x.value < 0.0:
        raise InputError(name, x.value, "must be >= 0", "give its size")
    return mapped(x, x.value**2, 2.0 * x.value)
