"""One synapse that learns one label: exact cost and information of Goldt and Seifert's smallest learner."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, nan, sqrt
from typing import Literal

from ..markup import table_of_fields
from ._channels import binary_information, label_information, thermal_contrast
from ._checks import bounded, elapsed, known_readout, not_negative, positive, span
from .forcing import ramp_books


@dataclass(frozen=True)
class SingleSynapse:
    r"""Exact means of one synapse (N = P = 1), entropies and information in nats, energies in k_B T0.

    information: I(sigma_T : sigma). correct: P(sigma = sigma_T). entropy: Delta S(w) = I(w : sigma_T).
    heat: Q > 0 into the bath. work: W > 0 on the weight, from before the force is switched on.
    dissipation: conditional entropy production Q/T. cost: entropy + Q/T.
    efficiency: information/cost, never above 1; NaN where the cost is 0.
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


def single_synapse(
    nu: float,
    tau: float,
    *,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    readout: Literal["thermal", "sign"] = "thermal",
    duration: float | None = None,
) -> SingleSynapse:
    r"""I(sigma_T : sigma) <= Delta S(w) + Q/T for dw = mu (-k w + nu s(t) sigma_T) dt + sqrt(2 mu T) dW.

    s(t) = min(t/tau, 1): tau = 0 is the quench, tau = inf the quasi-static ramp. The weight starts in
    N(0, T/k); given the label it stays Gaussian with variance T/k and mean a sigma_T, a = nu y(t)/k, so

        Delta S(w) = E - E_z ln cosh(E + sqrt(E) z),  E = k a^2/T,
        Q = (nu^2/k) (e^{-x} + x - 1)/x^2,  x = mu k tau  (t -> infinity; -> nu^2/2k for the quench),
        W = Delta E + Q with E(w, t) = k w^2/2 - nu s(t) sigma_T w
            (W -> -nu^2/2k if quasi-static, 0 for the quench).

    nu: learning rate >= 0, a force; tau, duration: times. readout: "thermal", the label is drawn with
    P(sigma = sigma_T | w) = 1/(1 + exp(-Delta/T)), Delta = sigma_T w, or "sign", sigma = sign(w).
    duration: None is t -> infinity after the ramp; a number gives the exact state at that time, also
    before the ramp ends. Only nu^2/(kT), kT (thermal readout) and mu k times the times matter.
    Heat > 0 into the bath; absolute and relative accuracy better than 1e-10 throughout.

    Raises InputError: NaN, nu < 0, tau < 0, temperature, stiffness or mobility <= 0, unknown readout, a
    finite duration with tau = inf. Source: Goldt & Seifert, PRL 118, 010601 (2017), Eqs. 10, 11, 13.

    >>> toy = single_synapse(8.0, 1e5)
    >>> round(toy.entropy, 4), round(toy.heat, 4), round(toy.information, 4), round(toy.efficiency, 3)
    (0.6931, 0.0006, 0.6885, 0.992)
    >>> round(single_synapse(8.0, 1e-6).efficiency, 3)
    0.021
    """
    force, ramp = not_negative("nu", nu), span("tau", tau)
    warm, k = positive("temperature", temperature), positive("stiffness", stiffness)
    rate, kind = positive("mobility", mobility) * k, known_readout(readout)
    y, q, w = (float(x) for x in ramp_books(rate * ramp, rate * elapsed(duration, ramp)))
    gain = 1.0 / sqrt(k * warm)
    amplitude = force * y * gain
    contrast = erf(amplitude / sqrt(2.0)) if kind == "sign" else thermal_contrast(amplitude * gain, gain)
    information, entropy = float(binary_information(contrast)), label_information(amplitude)
    energy = bounded("nu", force, force * force / k)
    heat = energy * q
    cost = entropy + heat / warm
    return SingleSynapse(
        information=information,
        entropy=entropy,
        heat=heat,
        work=energy * w,
        dissipation=heat / warm,
        cost=cost,
        efficiency=information / cost if cost > 0.0 else nan,
        correct=0.5 * (1.0 + contrast),
    )
