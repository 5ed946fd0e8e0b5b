"""Landauer's bound: what it costs to forget, slowly or in a given time."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, exp, isfinite, log, log1p, sin, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ..check import BoundCheck
from ..errors import InputError, is_whole, number
from ..markup import table_of_text
from ..protocol import Protocol
from .given import BLIND, Amount, compared, in_range, known, plus, positive, scaled

Array = NDArray[np.float64]
ONE_BIT = -log(2.0)
FASTEST = 18.0
"""ln c nearest to the shortest time: rate (tau - shortest) = O(1/c^2) is at the rounding of rate tau there."""
FINE = 50


@in_range
def landauer(
    work: Amount,
    *,
    temperature: float,
    entropy_change: Amount = ONE_BIT,
    energy_change: Amount = 0.0,
    coefficient: float | None = None,
    diffusion: float | None = None,
    duration: float | None = None,
) -> BoundCheck:
    r"""dE - T dS + T C / (D tau) <= <W>: T ln 2 <= <W> for one fair bit in two equal halves, erased slowly.

    work: W on the memory, (replica,), an estimate or a number, in k_B T0. For the heat instead, Q = W - dE, leave
    ``energy_change`` at 0. temperature: T > 0. entropy_change: dS of the memory in nats, -ln 2 for a fair bit of two
    equal halves; it counts all states of the memory, within the halves too, as ``system_entropy_change`` of
    ``energetics`` does. For a bit that ends wrong with probability e, h(e) - ln 2, h(e) = -e ln e - (1 - e) ln(1 - e).
    energy_change: dE of the memory. Samples are of the same replicas, and their correlation is kept.
    coefficient: C, a length squared, with ``diffusion`` D = mobility x T and ``duration`` tau: the further cost of
    erasing an overdamped memory in that time. C is the square of the Wasserstein distance from the first to the last
    density (1/3 for a box [-1, 1] brought to its lower half), see ``sz.continuous.bit_erasure``. All three or none.
    Raises InputError for NaN, wrong shapes, temperature <= 0, or a part of the three.

    Landauer, IBM J. Res. Dev. 5, 183 (1961); Esposito and Van den Broeck, EPL 95, 40004 (2011), with dE and dS.
    In finite time: Proesmans, Ehrich and Bechhoefer, PRL 125, 100602 (2020).

    >>> landauer(1.2, temperature=1.5).smaller.value.__round__(6)
    1.039721
    >>> landauer(0.9, temperature=1.0, coefficient=1 / 3, diffusion=1.0, duration=2.0).slack.__round__(6)
    0.040186
    """
    T = positive(temperature, "temperature")
    floor = plus(known(energy_change, "energy_change"), scaled(known(entropy_change, "entropy_change"), -T))
    assumptions = [
        "one heat bath at T, and nothing else that takes up entropy",
        "dS is that of the whole memory, given what else is known about it (a correlated bit may cost less)",
        "dS and dE are those of the states in which the memory really starts and ends",
        BLIND,
    ]
    name, reference = "dE - T dS <= W", "Landauer, IBM J. Res. Dev. 5, 183 (1961)"
    if coefficient is not None and diffusion is not None and duration is not None:
        square = number("coefficient", coefficient)
        if square < 0.0:
            raise InputError("coefficient", square, "must be >= 0", "it is a length squared")
        D, tau = positive(diffusion, "diffusion"), positive(duration, "duration")
        floor = plus(floor, known(T * square / (D * tau), "coefficient"))
        assumptions.append("overdamped diffusion with constant D; C belongs to the first and last densities")
        name, reference = "dE - T dS + T C / (D tau) <= W", "Proesmans et al., PRL 125, 100602 (2020)"
    elif not (coefficient is None and diffusion is None and duration is None):
        given = {"coefficient": coefficient, "diffusion": diffusion, "duration": duration}
        raise InputError("coefficient, diffusion, duration", given, "all three or none", "give what is missing")
    return compared(name, floor, known(work, "work"), tuple(assumptions), reference)


@dataclass(frozen=True)
class TwoLevelErasure:
    """The least work to erase a bit of two levels in a given time, and the protocol of the gap that attains it.

    work: in k_B T0. landauer: T [ln 2 - h(error)], its limit for long times. shortest: ln(1 / (2 error)) / rate, the
    time below which no protocol does it. protocol: the gap in time, the control of ``sz.systems.two_level()`` started
    in "equilibrium" at gap 0; it jumps from 0 at once and back to 0 at the end. probabilities: p of the upper level at
    the nodes in between.
    """

    work: float
    landauer: float
    shortest: float
    protocol: Protocol
    probabilities: Array

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        duration = self.protocol.duration
        return f"TwoLevelErasure in the time {duration:g}: work {self.work:.9g}, {self.landauer:.9g} without haste"


@in_range
def two_level_erasure(
    error: float, duration: float, *, rate: float = 1.0, temperature: float = 1.0, pieces: int = 400
) -> TwoLevelErasure:
    r"""W = T int_error^{1/2} ln[(1 - f) / f] dp,  p - f = c sqrt(f (1 - f)),  rate tau = int_error^{1/2} dp / (p - f).

    Two levels in a heat bath: dp/dt = rate (f - p), f = 1 / (1 + e^{gap/T}), p that of the upper level, from 1/2 to
    ``error`` in the time tau = ``duration``. The gap is 0 before and after, so that W = -int gap dp is all heat. Since
    f > 0, p falls more slowly than e^{-rate t}: tau > ln(1 / (2 error)) / rate, ln 50 / rate for one error in 100.
    The integrand does not depend on time, so that (dp/dt)^2 / (f (1 - f)) is constant on the best way; it sets c, and
    the duration sets it. With f = sin^2 phi and p = sin^2 phi + (c/2) sin 2 phi, from phi_0 (p = error) to phi_1 (1/2),

        rate tau = [2 phi / c + ln sin 2 phi],    W / T = [2 c phi - 2 p ln tan phi - 2 ln cos phi].

    For long times W = T [ln 2 - h(error)] + T Lambda^2 / (rate tau), Lambda = int dp / sqrt(p (1 - p)); towards the
    shortest time it grows as (1 - 2 error) T ln c, without bound.
    error: between 0 and 1/2. duration, rate (1/time) and temperature > 0. pieces: of the protocol, of about the same
    duration each, >= 1. Raises InputError beyond these, and for a duration that is too short.

    Diana, Bagci and Esposito, PRE 87, 012111 (2013).

    >>> two_level_erasure(0.01, 5.0)
    TwoLevelErasure in the time 5: work 1.34121814, 0.637145646 without haste
    """
    e, tau = number("error", error), positive(duration, "duration")
    gamma, T = positive(rate, "rate"), positive(temperature, "temperature")
    if not 0.0 < e < 0.5:
        raise InputError("error", error, "must lie between 0 and 1/2", "give the share of bits that end wrong")
    if not is_whole(pieces, 1):
        raise InputError("pieces", pieces, "must be a whole number >= 1", "400, for instance")
    shortest = -log(2.0 * e) / gamma
    rule = f"must exceed ln(1 / (2 error)) / rate = {shortest:.9g}, where the work has no bound"
    too_short = InputError("duration", tau, rule, "allow more time, a larger error or a larger rate")
    if not tau > shortest:
        raise too_short
    if not isfinite(gamma * tau):
        raise InputError("duration", tau, "rate x duration must be finite", "without haste the work is T [ln 2 - h]")

    def late(log_c: float) -> float:
        low, high = _angle(e, exp(log_c)), _angle(0.5, exp(log_c))
        return 2.0 * (high - low) * exp(-log_c) + log(sin(2.0 * high) / sin(2.0 * low)) - gamma * tau

    slow, fast = -log(gamma * tau) - 5.0, FASTEST
    if not late(fast) < 0.0:
        raise too_short
    c = exp(float(brentq(late, slow, fast, xtol=1e-14)))
    phi = np.geomspace(_angle(0.5, c), _angle(e, c), FINE * pieces + 1)
    p = np.sin(phi) ** 2 + 0.5 * c * np.sin(2.0 * phi)
    paid = 2.0 * c * phi - 2.0 * p * np.log(np.tan(phi)) - 2.0 * np.log(np.cos(phi))
    time = (2.0 * (phi[0] - phi) / c + np.log(np.sin(2.0 * phi[0]) / np.sin(2.0 * phi))) / gamma
    chosen = np.unique(np.searchsorted(time, np.linspace(0.0, time[-1], pieces + 1)))
    gaps = -2.0 * T * np.log(np.tan(phi[chosen]))
    times = np.minimum(time[chosen] * (tau / time[-1]), tau)
    entropy = -e * log(e) - (1.0 - e) * log1p(-e)
    return TwoLevelErasure(
        T * float(paid[0] - paid[-1]),
        T * (log(2.0) - entropy),
        shortest,
        Protocol([0.0, *times, tau], [0.0, *gaps, 0.0]),
        p[chosen],
    )


def _angle(p: float, c: float) -> float:
    """phi of the smaller root f = sin^2 phi of (p - f)^2 = c^2 f (1 - f), without cancellation."""
    k = c * c
    return asin(p * sqrt(2.0 / (2.0 * p + k + sqrt(k * k + 4.0 * k * p * (1.0 - p)))))
