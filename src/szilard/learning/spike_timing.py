"""Plasticity that depends on the timing of spikes: what pairs of spikes do to one synapse, as drift and diffusion."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, number
from ..markup import table_of_fields
from .synapse_model import Plasticity

Array = NDArray[np.float64]
Kind = Literal["additive", "multiplicative", "soft", "mixed"]
KINDS = ("additive", "multiplicative", "soft", "mixed")
"""Exponents of 1 - w in f_+ and of w in f_-: 0 and 0, 1 and 1, ``exponent`` both, 0 and 1."""


@dataclass(frozen=True, kw_only=True)
class SpikeTiming:
    r"""w += f_+(w) e^{-s/tau_+} for an output spike s > 0 after an input spike, w -= f_-(w) e^{-s/tau_-} for one before

    Every pair counts. f_+ = step (1 - w)^m, f_- = step ratio w^n. kind: "additive" m = n = 0, "multiplicative"
    m = n = 1, "soft" m = n = exponent, all on 0 <= w <= 1 with bounds that nothing crosses; "mixed" m = 0, n = 1 on
    w >= 0. w has no unit, and times are in the unit of 1/rate (seconds and Hz).

    The input is a Poisson train of rate pre_rate = r. The output is Poisson of rate rest_rate + z(t), where all other
    inputs stand in rest_rate = r_0, and every spike of this input adds (c w / tau_s) e^{-s/tau_s} to z: c w output
    spikes in the mean. feedback: c >= 0, how much of the output this one synapse drives; about one over the number of
    inputs it takes to make a spike. potentiation_time: tau_+, depression_time: tau_-, response_time: tau_s.

    Raises InputError for values that are not finite, or not > 0 (feedback: >= 0; exponent: in [0, 1]).

    Kempter, Gerstner and van Hemmen, Phys. Rev. E 59, 4498 (1999), for drift from Poisson spikes and for the linear
    Poisson neuron; van Rossum, Bi and Turrigiano, J. Neurosci. 20, 8812 (2000), "mixed"; Rubin, Lee and Sompolinsky,
    PRL 86, 364 (2001), "additive" and "multiplicative"; Gutig, Aharonov, Rotter and Sompolinsky, J. Neurosci. 23, 3697
    (2003), "soft".

    >>> rule = SpikeTiming(kind="additive", pre_rate=20.0, rest_rate=20.0, feedback=0.1, step=0.005)
    >>> rule.drift([0.0, 1.0]).round(6)  # weak synapses shrink, strong ones grow
    array([-0.002 ,  0.0058])
    """

    kind: Kind
    pre_rate: float
    rest_rate: float
    feedback: float
    step: float
    ratio: float = 1.05
    exponent: float = 0.5
    potentiation_time: float = 0.02
    depression_time: float = 0.02
    response_time: float = 0.005

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise InputError("kind", self.kind, f"must be one of {', '.join(KINDS)}", 'kind="additive"')
        for name in (f.name for f in fields(self)[1:]):
            value = number(name, getattr(self, name))
            if name == "exponent" and not 0.0 <= value <= 1.0:
                raise InputError(name, value, "must be in [0, 1]", "0 is additive, 1 multiplicative")
            if value < 0.0 or (value == 0.0 and name not in ("feedback", "exponent")):
                rule = "must be >= 0" if name == "feedback" else "must be > 0"
                raise InputError(name, value, rule, "rates in Hz, times in seconds, steps without unit")
            object.__setattr__(self, name, value)

    @property
    def exponents(self) -> tuple[float, float]:
        """m of 1 - w in f_+ and n of w in f_-."""
        soft = self.exponent
        return {"additive": (0.0, 0.0), "multiplicative": (1.0, 1.0), "soft": (soft, soft), "mixed": (0.0, 1.0)}[
            self.kind
        ]

    @property
    def high(self) -> float:
        """The highest weight."""
        return float("inf") if self.kind == "mixed" else 1.0

    def potentiation(self, weights: ArrayLike) -> Array:
        """f_+(w), of the shape of the weights."""
        w = np.asarray(weights, dtype=np.float64)
        up = self.exponents[0]
        return self.step * (1.0 - w) ** up if up else np.full_like(w, self.step)

    def depression(self, weights: ArrayLike) -> Array:
        """f_-(w), of the shape of the weights."""
        w = np.asarray(weights, dtype=np.float64)
        return np.asarray(self.step * self.ratio * w ** self.exponents[1])

    def output_rate(self, weights: ArrayLike) -> Array:
        """r_0 + c w r, in output spikes per time."""
        return np.asarray(self.rest_rate + self.feedback * self.pre_rate * np.asarray(weights, dtype=np.float64))

    def drift(self, weights: ArrayLike) -> Array:
        r"""A = r (r_0 + c w r) (f_+ tau_+ - f_- tau_-) + r c w f_+ tau_+ / (tau_+ + tau_s), in 1/time.

        Pairs by chance, and those of an input spike with the output spikes that it made; exact at a weight held.
        """
        w = np.asarray(weights, dtype=np.float64)
        plus, minus, caused = self.potentiation(w), self.depression(w), self.feedback * w
        chance = plus * self.potentiation_time - minus * self.depression_time
        reached = self.potentiation_time / (self.potentiation_time + self.response_time)
        return np.asarray(self.pre_rate * (self.output_rate(w) * chance + caused * plus * reached))

    def diffusion(self, weights: ArrayLike) -> Array:
        r"""2 D = lim var(change of w) / time at a weight held, in 1/time, q = c w, R = r_0 + q r.

        With K the change by one pair, k = int K ds = f_+ tau_+ - f_- tau_-, and s, s' the delays of output spikes
        that an input spike makes (exponential, tau_s):

        2 D = r R int K^2 + R r^2 k^2 + r (R k + q r k + q <K(s)>)^2 + r q <K(s)^2> + 2 r^2 q k <K(s)>
        + r^2 q^2 int [L(u)^2 + L(u) L(-u)] du,  L(u) = <K(u + s)>.

        Exact for these spikes: pairs share spikes, so that the changes are correlated. The second moment of single
        changes times their rate, often taken in its place, has (f_+ tau_+)^2 and (f_- tau_-)^2 where k^2 stands here,
        and is far too large where the two nearly cancel.

        Derived here, by the chaos expansion of a sum over pairs of a Poisson process (Last and Penrose, Probab. Theory
        Relat. Fields 150, 663 (2011)).
        """
        w = np.asarray(weights, dtype=np.float64)
        plus, minus, q = self.potentiation(w), self.depression(w), self.feedback * w
        r, R = self.pre_rate, self.output_rate(w)
        up, down, s = self.potentiation_time, self.depression_time, self.response_time
        k = plus * up - minus * down
        square = 0.5 * (plus**2 * up + minus**2 * down)
        near = up / (up + s)
        once, twice = plus * near, plus**2 * up / (up + 2.0 * s)
        smeared = 0.5 * (plus * up) ** 2 / (up + s) + 0.5 * (minus * down) ** 2 / (down + s)
        smeared -= plus * minus * s * up * down / ((up + s) * (down + s))
        mirrored = 2.0 * s * plus**2 * near**3 - 2.0 * plus * minus * up * down / (up + down) * near**2
        single = r * (R * k + q * r * k + q * once) ** 2 + R * r**2 * k**2 + r * q * (twice + 2.0 * r * k * once)
        return np.asarray(0.5 * (single + r * R * square + (r * q) ** 2 * (smeared + mirrored)))

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def stdp_synapse(rule: SpikeTiming) -> Plasticity:
    r"""dw = A(w) dt + sqrt(2 D(w)) dB on [0, 1] (or w >= 0), bounds reflecting: the limit of small steps of a rule.

    A and D are those of ``SpikeTiming``. Within a peak the density differs from that of the spikes by the order of
    ``step``, at bounds too: whether the noise is Ito's is itself a difference of this order. How much of the density
    is in either of two peaks far apart rests on an exponent of the order of 1/step, so that this share may stay wrong
    by a factor however small the steps. The noise comes from spikes, not from a bath: D != mu T, and what entropy
    production it shows is apparent.
    Raises InputError for anything but a SpikeTiming.

    >>> rule = SpikeTiming(kind="multiplicative", pre_rate=20.0, rest_rate=20.0, feedback=0.1, step=0.005)
    >>> stdp_synapse(rule).stationary().bimodal
    False
    """
    if not isinstance(rule, SpikeTiming):
        raise InputError("rule", rule, "must be a SpikeTiming", 'SpikeTiming(kind="additive", pre_rate=20.0, ...)')
    return Plasticity(
        rule.drift, rule.diffusion, 0.0, rule.high, name=f"{rule.kind} STDP", parameters=asdict(rule), finest=rule.step
    )
