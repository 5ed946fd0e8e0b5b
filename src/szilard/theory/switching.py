"""The heat of a weight whose force is switched again and again, as by samples that are shown one after the other."""

from __future__ import annotations

from math import expm1, tanh
from typing import Literal

from ..errors import InputError
from ._checks import bounded, not_negative, positive

Pattern = Literal["random", "alternating", "telegraph"]


def switching_heat_rate(
    amplitude: float,
    dwell: float,
    *,
    pattern: Pattern = "random",
    stiffness: float = 1.0,
    mobility: float = 1.0,
) -> float:
    r"""a^2 (1 - e^{-x})/(k d),   2 a^2 tanh(x/2)/(k d)   or   2 mu a^2/(2 + x),   x = mu k d.

    The three are for the patterns "random", "alternating" and "telegraph". Heat into the bath per unit time (energies
    in k_B T0), in the steady state, of one weight in k w^2/2 at mobility mu under a force +-a: drawn anew, fair and
    independent, after every ``dwell`` d; turned over after every d; or turned over at random moments, on average after
    d (rate r = 1/d: mu a^2 2r/(mu k + 2r)). A force drawn anew that has mean 0 and mean square a^2 costs the same. Each
    is the mean of f dw/dt, the work of the force, whatever the temperature, and goes to its largest value mu a^2 as d
    -> 0. A sample that must move a weight by a given impulse mu a d therefore costs the more the shorter it is shown.
    amplitude >= 0, dwell, stiffness and mobility > 0. Raises InputError else, or for an unknown pattern.

    >>> [round(switching_heat_rate(1.3, 0.5, pattern=p), 6) for p in ("random", "alternating", "telegraph")]
    [1.329926, 1.65565, 1.352]
    """
    force, time = not_negative("amplitude", amplitude), positive("dwell", dwell)
    k, mu = positive("stiffness", stiffness), positive("mobility", mobility)
    most = bounded("amplitude", force, mu * force * force)
    x = bounded("dwell", time, mu * k * time)
    if pattern == "random":
        return most * (-expm1(-x) / x if x > 0.0 else 1.0)
    if pattern == "alternating":
        return most * (tanh(0.5 * x) / (0.5 * x) if x > 0.0 else 1.0)
    if pattern == "telegraph":
        return most * 2.0 / (2.0 + x)
    raise InputError("pattern", pattern, 'must be "random", "alternating" or "telegraph"', "name one of them")
