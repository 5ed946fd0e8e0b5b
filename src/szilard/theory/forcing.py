r"""Exact mean heat of an additive force f s(t) on a harmonic weight.

dw = mu (-k w + f s(t)) dt + sqrt(2 mu T) dW from equilibrium. In the time x = mu k t the mean is
<w> = (f/k) y with y' = s - y, and the books are (f^2/k) times pure numbers of the schedule:

    Q = (f^2/k) int (s - y)^2 dx  (into the bath),   W = -(f^2/k) int y ds  (on the weight),
    E = k w^2/2 - f s w,   dE = W - Q.

The noise adds nothing to the mean: the variance stays T/k, so Q/T is the conditional entropy production.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, factorial, inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..markup import table_of_fields
from ._checks import not_negative, number, positive, span

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AdditiveHeat:
    r"""Exact means for one weight under the force f s(t), from before the force until ``duration``.

    heat: Q > 0 into the bath; work: W > 0 on the weight; energy_change: W - Q (all in k_B T0).
    dissipation: Q/T in nats, the conditional entropy production. response: k <w>/f, a pure number.
    """

    heat: float
    work: float
    energy_change: float
    dissipation: float
    response: float

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def ramp_heat(
    amplitude_squared: ArrayLike,
    tau: ArrayLike,
    duration: ArrayLike = inf,
    *,
    stiffness: float = 1.0,
    mobility: float = 1.0,
) -> Array:
    r"""Q = (f^2/k) (e^{-x} + x - 1)/x^2 for t -> infinity, x = mu k tau, after a linear ramp of length tau.

    Mean heat into the bath (> 0, in k_B T0) until ``duration``, also while the ramp still rises:
    with r = mu k min(duration, tau), Q = (f^2/k) { [r - 3/2 + 2 e^{-r} - e^{-2r}/2]/x^2
    + [(1 - e^{-r})/x]^2 (1 - e^{-2 mu k (duration - tau)})/2 }, the last term after the ramp only.

    amplitude_squared: mean of f^2 over the labels (force squared); tau: 0 is the quench, inf costs nothing;
    duration: inf means t -> infinity. The three broadcast; the result has their common shape.
    Relative accuracy about 1e-15 for any tau. Raises InputError on NaN, negative input or stiffness,
    mobility <= 0. Source: Goldt & Seifert, PRL 118, 010601 (2017), Eq. 13, for k = mu = T = 1, t -> infinity.

    >>> float(ramp_heat(64.0, 0.0)), round(float(ramp_heat(4.0, 0.7)), 9)
    (32.0, 1.60477799)
    """
    k, rate = positive("stiffness", stiffness), positive("mobility", mobility) * stiffness
    square = _array("amplitude_squared", amplitude_squared)
    if not np.all(np.isfinite(square)):
        raise InputError("amplitude_squared", square, "must be finite", "give the mean of f^2")
    ramp, end = _array("tau", tau), _array("duration", duration)
    return np.asarray(square / k * ramp_books(rate * ramp, rate * end)[1])


def ramp_books(ramp: ArrayLike, end: ArrayLike) -> tuple[Array, Array, Array]:
    """(y, Q k/f^2, W k/f^2) at the time ``end`` for s = min(x/ramp, 1), both in units of 1/(mu k)."""
    ramp, end = np.broadcast_arrays(np.asarray(ramp, dtype=np.float64), np.asarray(end, dtype=np.float64))
    still = (ramp == inf) & (end == inf)  # quasi-static: the limits are put in at the end
    rise = np.where(still, 1.0, np.minimum(ramp, end))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(end >= ramp, 1.0, rise / ramp)
        hold = np.where(end > ramp, end - np.where(end > ramp, ramp, 0.0), 0.0)
    first, second, third, cube = _phi(rise)
    y = share * rise * second * np.exp(-hold) - share * np.expm1(-hold)
    heat = share**2 * (rise * cube - 0.5 * first**2 * np.expm1(-2.0 * hold))
    work = 0.0 - share**2 * rise * third
    return np.where(still, 1.0, y), np.where(still, 0.0, heat), np.where(still, -0.5, work)


def additive_heat(
    times: Sequence[float],
    values: Sequence[float],
    kind: Literal["linear", "constant"] = "linear",
    *,
    duration: float | None = None,
    amplitude_squared: float = 1.0,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    staircase: float | None = None,
) -> AdditiveHeat:
    r"""Q = mu int_0^t (f s - k m)^2 dt,  dm/dt = mu (f s - k m), exactly, for any schedule s(t) of pieces.

    times, values: nodes of s, straight lines between them ("linear") or steps held from each node on
    ("constant"). Equal times make a jump (the later value holds there). Before time 0 the force is off, so
    the first value is reached by a jump at time 0 and holds until the first node; the last value is held.
    duration: time at which the books are closed (a jump at that very time is included); None: t -> infinity.
    amplitude_squared: mean of f^2. staircase: length of a sampler's step. The schedule is then held, during
    each step, at its value in the middle of the step, and the result is the exact mean of that staircase: the
    bias of such a sampler is predicted without sampling. Heat > 0 into the bath, work > 0 on the weight,
    energies in k_B T0, dissipation in nats.

    Raises InputError on NaN, decreasing or negative times, unequal lengths, unknown kind, parameters <= 0,
    or a staircase whose step does not divide a finite duration.

    >>> quench = additive_heat([0.0], [1.0], amplitude_squared=4.0)
    >>> quench.heat, quench.work
    (2.0, 0.0)
    >>> round(additive_heat([0, 0.7], [0, 1], amplitude_squared=4.0).heat, 9)
    1.60477799
    """
    k, warm = positive("stiffness", stiffness), positive("temperature", temperature)
    rate = positive("mobility", mobility) * k
    square = not_negative("amplitude_squared", amplitude_squared)
    end = inf if duration is None else span("duration", duration)
    t, v = _schedule(times, values, kind)
    if staircase is not None:
        t, v = _stairs(t, v, kind, end, positive("staircase", staircase))
        kind = "constant"
    length, rise = _pieces(t, v, kind, end)
    y, heat, work = _walk(rate * length, rise)
    scale = square / k
    heat, work = scale * heat, scale * work
    return AdditiveHeat(heat, work, work - heat, heat / warm, y)


def _walk(length: Array, rise: Array) -> tuple[float, float, float]:
    """(y, Q k/f^2, W k/f^2) after the pieces: rise in s during each length (length 0: a jump)."""
    first, second, third, cube = _phi(np.where(length < inf, length, 1.0))
    y = s = u = heat = work = 0.0
    for x, up, f1, f2, f3, f4 in np.stack([length, rise, first, second, third, cube], axis=1).tolist():
        if x == 0.0:
            work -= y * up
            u += up
        elif x == inf:
            heat += 0.5 * u * u
            y, u = s, 0.0
        else:
            gone, left = x * f1, exp(-x)
            heat += 0.5 * u * u * gone * (2.0 - gone) + u * up * f1 * gone + up * up * x * f4
            work -= up * (y * f1 + s * x * f2 + up * x * f3)
            y = y * left + s * gone + up * x * f2
            u = u * left + up * f1
        s += up
    return y, heat, work


def _pieces(t: Array, v: Array, kind: str, end: float) -> tuple[Array, Array]:
    """Lengths and rises of the pieces until ``end``: the jump from 0, the nodes, the hold after the last."""
    gaps, steps = np.diff(t), np.diff(v)
    cut = np.minimum(t, end)
    kept = np.diff(cut)
    if kind == "linear":
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(gaps > 0.0, kept / gaps, t[1:] <= end)
        length, rise = kept, part * steps
    else:
        length = np.stack([kept, np.zeros_like(kept)], axis=1).ravel()
        rise = np.stack([np.zeros_like(steps), np.where(t[1:] <= end, steps, 0.0)], axis=1).ravel()
    last = end - cut[-1]
    head_length, head_rise = [0.0, cut[0]], [v[0], 0.0]
    return np.concatenate([head_length, length, [last]]), np.concatenate([head_rise, rise, [0.0]])


def _stairs(t: Array, v: Array, kind: str, end: float, step: float) -> tuple[Array, Array]:
    """The schedule held at its value in the middle of every step."""
    steps = end / step
    n = round(steps) if steps < 1e9 else 0
    if n < 1 or abs(steps - n) > 1e-6:
        rule = "must divide a finite duration into fewer than 1e9 whole steps"
        raise InputError("staircase", step, rule, f"give duration and the sampler's step (duration {end})")
    middle = (np.arange(n) + 0.5) * (end / n)
    right = np.searchsorted(t, middle, side="right")
    before, after = np.maximum(right - 1, 0), np.minimum(right, t.size - 1)
    held = v[before]
    if kind == "linear":
        width = t[after] - t[before]
        share = np.where(width > 0.0, (middle - t[before]) / np.where(width > 0.0, width, 1.0), 0.0)
        held = held + np.clip(share, 0.0, 1.0) * (v[after] - v[before])
    return np.arange(n, dtype=np.float64) * (end / n), held


def _schedule(times: Sequence[float], values: Sequence[float], kind: str) -> tuple[Array, Array]:
    t, v = _array("times", times), np.asarray([number("values", x) for x in values])
    if t.ndim != 1 or t.size == 0 or t.shape != v.shape:
        got = f"{t.shape} times, {v.shape} values"
        raise InputError("times", got, "must be a list as long as values", "give one value per time")
    if not (np.all(np.isfinite(t)) and np.all(np.isfinite(v))):
        raise InputError("times", times, "times and values must be finite", "remove infinity")
    if np.any(np.diff(t) < 0.0):
        raise InputError("times", times, "must not decrease", "sort the nodes")
    if kind not in ("linear", "constant"):
        raise InputError("kind", kind, 'must be "linear" or "constant"', "name one of them")
    return t, v


def _array(field: str, value: ArrayLike) -> Array:
    """Numbers >= 0 (infinity allowed) as an array."""
    try:
        result = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(field, value, "must be numbers", "give real numbers") from None
    if not np.all(result >= 0.0):
        raise InputError(field, value, "must be >= 0 and not NaN", "give numbers that are not negative")
    return result


def _phi(x: Array) -> tuple[Array, Array, Array, Array]:
    r"""Pieces of a relaxation of length x >= 0, without cancellation as x -> 0.

    (1 - e^{-x})/x,  (x - 1 + e^{-x})/x^2,  (x^2/2 - x + 1 - e^{-x})/x^3,  int_0^x (1 - e^{-r})^2 dr / x^3.
    """
    small, big = np.minimum(x, 1.0), np.maximum(x, 1.0)
    gone = -np.expm1(-big)
    first = gone / big
    second = (1.0 - first) / big
    third = (0.5 - second) / big
    cube = (1.0 - first - 0.5 * first * gone) / big / big
    tiny = x < 1.0
    return (
        np.where(tiny, _taylor(small, FIRST), first),
        np.where(tiny, _taylor(small, SECOND), second),
        np.where(tiny, _taylor(small, THIRD), third),
        np.where(tiny, _taylor(small, CUBE), cube),
    )


def _taylor(x: Array, coefficients: Sequence[float]) -> Array:
    total = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


TERMS = range(28)
FIRST = [(-1) ** j / factorial(j + 1) for j in TERMS]
SECOND = [(-1) ** j / factorial(j + 2) for j in TERMS]
THIRD = [(-1) ** j / factorial(j + 3) for j in TERMS]
CUBE = [(-1) ** j * (2 ** (j + 2) - 2) / factorial(j + 3) for j in TERMS]
