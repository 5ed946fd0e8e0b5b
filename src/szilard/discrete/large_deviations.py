"""How rare an atypical flow is over long times: the tilted generator, its driven process, the rate function."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..markup import table_of_text
from ._tilted import Tilted
from .currents import Observable
from .process import JumpProcess

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
ROUNDS = 100


@dataclass(frozen=True, repr=False)
class Scgf:
    """lambda(s) with its derivatives, all of the shape of s, in 1/time.

    slope: lambda'(s) = -<X>/t in the driven process, curvature: lambda''(s) = Var(X)/t there. error: half the
    distance of two certain bounds of lambda (Collatz and Wielandt), rounding included.
    """

    s: Array
    values: Array
    slope: Array
    curvature: Array
    error: Array

    def plot(self, ax: Axes | None = None) -> Axes:
        """lambda against s; circles are lambda(1 - s) where 1 - s is among the s too (Gallavotti and Cohen)."""
        from ..plotting import axes_or_new, house_style, mirrored

        s, values = self.s.ravel(), self.values.ravel()
        away = np.abs(s[None, :] - (1.0 - s[:, None]))
        reflected = values[away.argmin(axis=1)] if np.all(away.min(axis=1) < 1e-9) else None
        with house_style():
            ax = axes_or_new(ax)
            mirrored(ax, s, values, reflected)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if self.s.size == 1:
            return f"Scgf: lambda({self.s.item():g}) = {self.values.item():.9g} +- {self.error.item():.1g}"
        low, high = float(self.s.min(initial=inf)), float(self.s.max(initial=-inf))
        return f"Scgf: {self.s.size} values for s from {low:g} to {high:g}, error <= {self.error.max(initial=0.0):.1g}"


@dataclass(frozen=True, repr=False)
class RateFunction:
    """I(j) of the shape of ``values``, in 1/time; tilt: the s at which j is typical, -lambda'(s) = j."""

    values: Array
    rate: Array
    tilt: Array

    def plot(self, ax: Axes | None = None) -> Axes:
        """I against j; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        order = np.argsort(self.values.ravel())
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.values.ravel()[order], self.rate.ravel()[order], "flow per time $j$", "$I(j)$ (1/time)")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        if self.values.size == 1:
            return f"RateFunction: I({self.values.item():g}) = {self.rate.item():.9g}"
        low, high = float(self.values.min(initial=inf)), float(self.values.max(initial=-inf))
        return f"RateFunction: {self.values.size} values for j from {low:g} to {high:g}"


def scgf(process: JumpProcess, s: ArrayLike, *, control: float | None = None, observable: Observable = None) -> Scgf:
    r"""lambda(s) = lim_(t -> inf) (1/t) ln <exp(-s X_t)>,  X_t = sum of d over the jumps until t.

    The largest eigenvalue of M[x, x'] = sum_channels k[x, x'] e^(-s d) - delta_xx' (rate out of x). Of X the entropy
    flow (d = q/T, the default) Gallavotti and Cohen's symmetry holds: lambda(s) = lambda(1 - s).
    s: a number or an array of any shape. observable: see ``jump_observable``. The result's ``values`` are in
    1/time. Noda's iteration, in the logarithms of the left eigenvector and continued in s from 0, so that no
    power overflows before lambda does.
    Raises InputError if s is not finite, if lambda or a tilted rate is beyond floating point, or if the process
    falls apart into several parts.

    Lebowitz and Spohn, J. Stat. Phys. 95, 333 (1999); Noda, Numer. Math. 17, 382 (1971).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> pair = JumpProcess([0.0, 0.0], Channel([[0, 2], [2, 0]]))
    >>> float(scgf(pair, [0.0, 1.0], observable="activity").values[1])  # 2 (1/e - 1)
    -1.2642411176571153
    """
    tilts = numbers(s, "s")
    found = np.empty((4, tilts.size))
    for side in (tilts.ravel() >= 0.0, tilts.ravel() < 0.0):
        if not side.any():
            continue
        tilted = Tilted(process, control, observable)
        for i in sorted(np.flatnonzero(side), key=lambda i: abs(tilts.flat[i])):
            tilted.move(float(tilts.flat[i]))
            found[:, i] = tilted.value, -tilted.mean, tilted.variance, tilted.error
    value, slope, curvature, error = found.reshape(4, *tilts.shape)
    return Scgf(tilts, value, slope, curvature, error)


def driven_rates(
    process: JumpProcess, s: float, *, control: float | None = None, observable: Observable = None
) -> Array:
    r"""k~[x, x'] = l_x k[x, x'] e^(-s d) / l_x' per jump, with l M(s) = lambda(s) l: (jump,), as process.edges.

    The driven process shows as typical what ``process`` shows as rare: its mean of d per time is -lambda'(s).
    ``process.generator_of(rates)`` is its generator. It need not obey local detailed balance with the same heat.
    Raises InputError as ``scgf`` does.

    Chetrite and Touchette, Ann. Henri Poincare 16, 2005 (2015).
    """
    tilted = Tilted(process, control, observable)
    tilt = numbers(s, "s")
    if tilt.ndim:
        raise InputError("s", tilt.shape, "must be one number", "call it once per s")
    tilted.move(float(tilt))
    return tilted.rates


def rate_function(
    process: JumpProcess, values: ArrayLike, *, control: float | None = None, observable: Observable = None
) -> RateFunction:
    r"""I(j) = sup_s [-s j - lambda(s)] = -lim (1/t) ln P(X_t / t = j).

    -lambda'(s) = j is solved by Newton's steps with the exact slope and curvature of lambda; where the slope jumps to
    rounding (a dynamical phase transition of many states), I is the straight line between both its ends.
    values: j, a number or an array of any shape, in the unit of the observable per time. I is infinite for j < 0 if no
    jump counts negatively (for j > 0 if none counts positively), and everywhere but at the mean if every cycle counts
    zero.
    Raises InputError as ``scgf`` does, and for a j that no tilt within floating point makes typical.

    Touchette, Phys. Rep. 478, 1 (2009).

    >>> from szilard.discrete import Channel, JumpProcess
    >>> pair = JumpProcess([0.0, 0.0], Channel([[0, 1], [1, 0]]))
    >>> float(rate_function(pair, 2.0, observable="activity").rate.round(9))  # 2 ln 2 - 1
    0.386294361
    """
    wanted = numbers(values, "values")
    rate, tilt = np.empty(wanted.size), np.empty(wanted.size)
    start = Tilted(process, control, observable)
    centre = start.mean
    for side in (wanted.ravel() >= centre, wanted.ravel() < centre):
        if not side.any():
            continue
        tilted = Tilted(process, control, observable)
        for i in sorted(np.flatnonzero(side), key=lambda i: abs(wanted.flat[i] - centre)):
            j = float(wanted.flat[i])
            rate[i], tilt[i] = _legendre(tilted, j) if start.reaches(j) else (inf, np.copysign(inf, centre - j))
    return RateFunction(wanted, rate.reshape(wanted.shape), tilt.reshape(wanted.shape))


def _legendre(tilted: Tilted, j: float) -> tuple[float, float]:
    """I(j) and its s: Newton's steps between the nearest tilts on both sides of j, at most doubled until there are."""
    if tilted.frozen:
        return 0.0, 0.0
    low, high, most = -inf, inf, 2.0 / tilted.spread
    for _ in range(ROUNDS):
        if tilted.mean >= j:
            low = tilted.s
        if tilted.mean <= j:
            high = tilted.s
        step = (tilted.mean - j) / tilted.variance if tilted.variance > 0.0 else inf * np.sign(tilted.mean - j)
        met = isfinite(high - low) and high - low <= 8 * EPS * max(abs(low), abs(high))
        if met or abs(step) * tilted.spread <= 1e-9:
            step = 0.0 if met else step
            return -tilted.s * j - tilted.value + 0.5 * step * (tilted.mean - j), tilted.s
        there = tilted.s + min(max(step, -most), most)
        if not low < there < high:
            there = 0.5 * (low + high)
        tilted.move(there)
        most *= 2.0
    rule = f"no tilt makes it typical: s = {tilted.s:.3g} gives {tilted.mean:.6g}"
    raise InputError("values", j, rule, "stay inside what the jumps can reach")


def numbers(values: ArrayLike, name: str) -> Array:
    """The values as an array of finite numbers."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(name, values, "must be a number or numbers", "give real numbers") from None
    if not np.all(np.isfinite(found)):
        raise InputError(name, found[~np.isfinite(found)][0], "must be finite", "remove NaN and infinity")
    return found
