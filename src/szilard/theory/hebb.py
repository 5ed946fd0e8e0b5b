"""The Hebbian neuron in the limit of many synapses and many patterns, and the ceiling of its efficiency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, exp, inf, log, log1p, nan, pi, sqrt
from typing import Literal

from ..markup import table_of_fields
from ._channels import binary_information, thermal_contrast, thermal_slope
from ._checks import bounded, elapsed, known_readout, not_negative, positive, span
from .forcing import ramp_books


@dataclass(frozen=True)
class Hebbian:
    r"""A Hebbian neuron, N and P -> infinity at alpha = P/N; information and entropy in nats.

    information: I(sigma_T^mu : sigma^mu) per pattern. correct: P(sigma^mu = sigma_T^mu).
    entropy: Delta S(w_n) per weight. heat: Q > 0 into the bath, work: W > 0 on the weight, per weight.
    dissipation: conditional entropy production Q/T per weight. cost: entropy + Q/T per weight.
    efficiency: alpha information/cost, the marginal one (sum over weights of one-weight entropies); NaN where
    the cost is 0.
    """

    information: float
    entropy: float
    heat: float
    work: float
    dissipation: float
    cost: float
    efficiency: float
    correct: float

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def hebbian(
    nu: float,
    alpha: float,
    tau: float = inf,
    readout: Literal["thermal", "sign"] = "thermal",
    *,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    duration: float | None = None,
) -> Hebbian:
    r"""eta = alpha I/(Delta S + Q/T), Delta S = ln(1 + k alpha a^2/T)/2, Q = alpha nu^2 q/k, per weight.

    Force f_n = nu s(t) N^{-1/2} sum_mu xi_n^mu sigma_T^mu, s = min(t/tau, 1), iid labels, inputs with
    |xi|^2 = N. The weights start in N(0, T/k); a = nu y(t)/k is the mean response to a unit field. A
    stability is Gaussian, Delta ~ N(a, T/k + alpha a^2), and I = ln 2 - h(p) with

        p = E[1/(1 + exp(-Delta/T))]  ("thermal")   or   p = P(Delta > 0)  ("sign").

    q = (e^{-x} + x - 1)/x^2 at x = mu k tau for t -> infinity. nu >= 0 is a force; alpha = P/N > 0; tau = inf
    (default) is quasi-static, 0 the quench; duration: None is t -> infinity, a number the exact state at
    that time. Heat > 0 into the bath, energies in k_B T0. Only nu^2/(kT), kT (thermal readout), alpha and
    mu k times the times matter. No term cancels: relative accuracy 1e-12 also for nu -> 0 and
    alpha -> infinity.

    Raises InputError: NaN, nu < 0, alpha <= 0, tau < 0, other parameters <= 0, unknown readout, a finite
    duration with tau = inf. Source: Goldt & Seifert, PRL 118, 010601 (2017), Eqs. 20-22. Their preprint
    prints ln(1 + alpha nu^2) for Delta S; a Gaussian weight has half of that, which is what stands here.

    >>> slow = hebbian(1.0, 1.0)
    >>> round(slow.information, 6), round(slow.entropy, 6), round(slow.efficiency, 6)
    (0.062608, 0.346574, 0.180647)
    >>> round(hebbian(1e-6, 1.0).efficiency, 6), round(hebbian(1e-6, 1.0, readout="sign").efficiency, 6)
    (0.170769, 0.63662)
    """
    force, load = not_negative("nu", nu), positive("alpha", alpha)
    warm, k = positive("temperature", temperature), positive("stiffness", stiffness)
    rate, kind, ramp = positive("mobility", mobility) * k, known_readout(readout), span("tau", tau)
    y, q, w = (float(x) for x in ramp_books(rate * ramp, rate * elapsed(duration, ramp)))
    gain = 1.0 / sqrt(k * warm)
    amplitude = force * y * gain
    crosstalk = bounded("nu", force, load * amplitude * amplitude)
    spread = sqrt(1.0 + crosstalk)
    if kind == "sign":
        contrast = erf(amplitude / spread / sqrt(2.0))
    else:
        contrast = thermal_contrast(amplitude * gain, spread * gain)
    information, entropy = float(binary_information(contrast)), 0.5 * log1p(crosstalk)
    energy = bounded("nu", force, load * force * force / k)
    heat = energy * q
    cost = entropy + heat / warm
    return Hebbian(
        information=information,
        entropy=entropy,
        heat=heat,
        work=energy * w,
        dissipation=heat / warm,
        cost=cost,
        efficiency=load * information / cost if cost > 0.0 else nan,
        correct=0.5 * (1.0 + contrast),
    )


def hebbian_weak_efficiency(
    load: float,
    readout: Literal["thermal", "sign"] = "thermal",
    temperature: float = 1.0,
    stiffness: float = 1.0,
) -> float:
    r"""eta_0(x) = x G^2 / (kT ln(1 + x)), G = E[1/(1 + cosh(S z))], S^2 = (1 + x)/(kT): nu -> 0 at fixed x.

    The quasi-static efficiency of the Hebbian neuron for nu -> 0, alpha -> infinity at load
    x = alpha nu^2/(kT) >= 0 (a pure number; x -> 0 is the limit of weak learning). Sign readout:
    2 x/(pi (1 + x) ln(1 + x)), whatever kT. A pure number. Raises InputError on NaN, load < 0, temperature or
    stiffness <= 0, unknown readout.

    >>> round(hebbian_weak_efficiency(0.0), 6), round(hebbian_weak_efficiency(0.0, "sign"), 6)
    (0.170769, 0.63662)
    """
    x, kind = not_negative("load", load), known_readout(readout)
    kt = positive("temperature", temperature) * positive("stiffness", stiffness)
    per_entropy = x / log1p(x) if x > 0.0 else 1.0
    if kind == "sign":
        return 2.0 / (pi * (1.0 + x)) * per_entropy
    return per_entropy / kt * thermal_slope(sqrt((1.0 + x) / kt)) ** 2


def hebbian_ceiling(
    readout: Literal["thermal", "sign"] = "thermal",
    temperature: float = 1.0,
    stiffness: float = 1.0,
) -> float:
    r"""sup eta over nu, alpha, tau = max over x of eta_0(x): the best efficiency of any Hebbian neuron.

    N, P -> infinity, iid labels, |xi|^2 = N. Heat only lowers eta, so the supremum is quasi-static; at fixed
    load x = alpha nu^2/(kT) it is approached for nu -> 0 (found numerically, not proven), which leaves the
    maximum of ``hebbian_weak_efficiency`` over x. It depends on temperature and stiffness through kT alone,
    and for sign readout not at all (2/pi). At small kT the maximum sits at x = 0. Returns a pure
    number, accurate to 1e-12. Raises InputError on temperature or stiffness <= 0, unknown readout.

    >>> round(hebbian_ceiling("thermal"), 6), round(hebbian_ceiling("sign"), 6)
    (0.198584, 0.63662)
    """
    weak = hebbian_weak_efficiency(0.0, readout, temperature, stiffness)
    kt = positive("temperature", temperature) * positive("stiffness", stiffness)
    if readout == "sign":
        return weak

    def at(log_load: float) -> float:
        return hebbian_weak_efficiency(exp(log_load), readout, temperature, stiffness)

    step, low, high = 0.25, -9.0, max(0.0, log(kt)) + 9.0
    grid = [low + step * i for i in range(int((high - low) / step) + 1)]
    best = max(grid, key=at)
    return max(weak, at(_peak(at, best - step, best + step)))


def _peak(function: Callable[[float], float], left: float, right: float) -> float:
    """Golden-section search for the maximum of a function with one peak in (left, right)."""
    ratio = 0.5 * (sqrt(5.0) - 1.0)
    a, b = right - ratio * (right - left), left + ratio * (right - left)
    at_a, at_b = function(a), function(b)
    while right - left > 1e-8:
        if at_a < at_b:
            left, a, at_a = a, b, at_b
            b = left + ratio * (right - left)
            at_b = function(b)
        else:
            right, b, at_b = b, a, at_a
            a = right - ratio * (right - left)
            at_a = function(a)
    return 0.5 * (left + right)
