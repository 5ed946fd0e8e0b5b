"""A ceiling of what a steady state costs, from samples of it and the forces there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..estimate import Estimate, Sampled, finite, numbers
from .given import in_range
from .trial_functions import TrialFunctions, polynomials, refuse_no_gradient, slopes_of

Array = NDArray[np.float64]
FEWEST = 4
DERIVED = "derived here"
CERTIFIED = (
    "overdamped, with a diffusion that depends on no state",
    "the states are independent samples of the stationary state",
    "the forces are the whole force at these states, mobility and temperature those of each coordinate",
    "every Phi is a single-valued function (periodic on a ring) and p_ss vanishes at any other edge",
)


@in_range
def certified_ceiling(
    states: ArrayLike,
    forces: ArrayLike,
    *,
    mobility: ArrayLike = 1.0,
    temperature: ArrayLike = 1.0,
    functions: TrialFunctions | Sequence[TrialFunctions] | None = None,
    period: ArrayLike | None = None,
) -> Estimate:
    r"""sigma_ss <= sum_n mu_n T_n <(F_n/T_n + d_n Phi)^2>_ss for any function Phi: a ceiling from samples alone.

    With v the local mean velocity, F_n/T_n + d_n Phi = v_n/(mu_n T_n) + d_n(Phi + ln p_ss), and
    <v . d(Phi + ln p_ss)>_ss = 0 by integration by parts: the ceiling is sigma_ss plus a square, which vanishes at
    Phi = -ln p_ss. With unequal temperatures there is no such form with an energy U: d_n U/T_n is the slope of
    no function.

    states, forces: samples of the stationary state (replica, dim) and the whole force there; or (replica, time, dim),
    where replicas are independent and times need not be. mobility, temperature: a number or (dim,). functions: the
    family that Phi is sought in, ``polynomials(degree)`` (default: of degree 2), ``fourier(order, period)`` or a
    function states -> (values (sample, function), slopes (sample, function, dim)); of several, each half takes the one
    that did best on a part of itself. period: of each coordinate, inf where it is none; functions must repeat.
    Phi is fitted by least squares to every other replica and the mean taken over the rest, and the same with the
    halves exchanged: each mean is over samples that its Phi has not seen. The result, in nats per time, is in
    expectation never below sigma_ss ("upper").
    Raises InputError for NaN, infinities, fewer than 4 replicas, shapes that do not fit, mobility or temperature <= 0,
    slopes that are not those of the values, functions that do not repeat.

    Derived here. ``sz.continuous.maintenance_ceiling`` has the best quadratic Phi of a linear process, exactly.

    >>> w = np.random.default_rng(1).normal(size=(1000, 2))
    >>> found = certified_ceiling(w, -w + 0.5 * np.stack([-w[:, 1], w[:, 0]], axis=1))
    >>> found.side, bool(abs(found.value - 0.5) < 4 * found.stderr)  # 2 mobility r^2/k for the swirl r = 0.5
    ('upper', True)
    """
    w, F = _samples("states", states), _samples("forces", forces)
    if F.shape != w.shape:
        raise InputError("forces", F.shape, f"must have the shape of states, {w.shape}", "one force per state")
    if w.shape[0] < FEWEST:
        raise InputError("states", w.shape, f"needs at least {FEWEST} replicas", "one half is fitted, one evaluated")
    dim = w.shape[2]
    mu, T = per_coordinate("mobility", mobility, dim), per_coordinate("temperature", temperature, dim)
    L = np.full(dim, np.inf) if period is None else per_coordinate("period", period, dim, infinite=True)
    families = (
        (polynomials(2),) if functions is None else functions if isinstance(functions, Sequence) else (functions,)
    )
    if not families:
        raise InputError("functions", functions, "at least one family is needed", "polynomials(2), for instance")
    for family in families:
        refuse_no_gradient(family, w[:, 0], L)
    root = np.sqrt(mu * T)
    # |y + X c|^2 summed over coordinates: y = sqrt(D) F/T and the columns of X are sqrt(D) d phi
    y = root * F / T
    chosen = []
    squares = np.empty(w.shape[:2])
    for fitted, seen in ((0, 1), (1, 0)):
        k = _best(families, w[fitted::2], y[fitted::2], root)
        c = _fit(families[k], w[fitted::2], y[fitted::2], root)
        squares[seen::2] = _residual(families[k], w[seen::2], y[seen::2], root, c)
        chosen.append(k)
    found = Sampled.mean(squares.mean(axis=1), side="upper").estimate()
    note = f"families {chosen[0]} and {chosen[1]} of {len(families)} were taken" if len(families) > 1 else ""
    return replace(found, note=note, assumptions=CERTIFIED, reference=DERIVED)


def _fit(family: TrialFunctions, w: Array, y: Array, root: Array) -> Array:
    slopes = slopes_of(family, w.reshape(-1, w.shape[2])) * root
    X = slopes.transpose(0, 2, 1).reshape(-1, slopes.shape[1])
    size = np.sqrt(np.mean(X * X, axis=0))
    size = np.where(size > 0.0, size, 1.0)
    return np.asarray(np.linalg.lstsq(X / size, -y.ravel(), rcond=None)[0] / size)


def _residual(family: TrialFunctions, w: Array, y: Array, root: Array, c: Array) -> Array:
    slopes = slopes_of(family, w.reshape(-1, w.shape[2])) * root
    left = y + np.einsum("sfd,f->sd", slopes, c).reshape(y.shape)
    return np.asarray(np.sum(left * left, axis=2))


def _best(families: Sequence[TrialFunctions], w: Array, y: Array, root: Array) -> int:
    """The family that, fitted to every other replica of these, is best on the rest of these."""
    if len(families) == 1:
        return 0
    scores = []
    for family in families:
        c = _fit(family, w[::2], y[::2], root)
        scores.append(float(np.mean(_residual(family, w[1::2], y[1::2], root, c))))
    return int(np.argmin(scores))


def _samples(name: str, given: ArrayLike) -> Array:
    """(replica, time, dim), time of length 1 where there was none."""
    x = numbers(given, name)
    if x.ndim not in (2, 3):
        raise InputError(name, x.shape, "must be (replica, dim) or (replica, time, dim)", "one row per replica")
    finite(x, name)
    return x if x.ndim == 3 else x[:, None, :]


def per_coordinate(name: str, given: ArrayLike, dim: int, infinite: bool = False) -> Array:
    """Numbers > 0 for every coordinate, from one or from (dim,)."""
    x = numbers(given, name)
    if x.shape not in ((), (dim,)):
        raise InputError(name, x.shape, f"must be a number or have shape ({dim},)", "one per coordinate")
    if np.any(np.isnan(x)) or np.any(x <= 0.0) or (not infinite and not np.all(np.isfinite(x))):
        raise InputError(name, x.tolist(), "must be > 0 and finite", "check its unit")
    return np.broadcast_to(x, (dim,))
