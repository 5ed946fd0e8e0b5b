"""A particle on a ring of hills that a constant force drives around."""

from __future__ import annotations

import math
from math import pi

import numpy as np
from scipy.integrate import quad
from scipy.special import i0e

from ..continuous import Langevin
from ..errors import InputError, number
from ._checks import not_negative, positive

Parameters = tuple[float, ...]
State = tuple[float, ...]


def tilted_ring(
    amplitude: float | None,
    tilt: float | None,
    *,
    period: float = 2.0 * pi,
    mobility: float = 1.0,
    temperature: float = 1.0,
) -> Langevin:
    r"""U(w) = amplitude cos(2 pi w/L), f(w) = tilt, with period L: no energy explains a force that never ends.

    In the steady state the particle goes around at the mean velocity v = ``tilted_ring_velocity``, the work and the
    heat per time are tilt v, and the entropy production per time is sigma = tilt v/T.
    amplitude: >= 0, in k_B T0, half of what lies between valley and hill. tilt: in k_B T0 per length, of either sign;
    tilt L is given per turn, and 0 leaves the force out. One of the two may be None: it is the control then.
    period > 0, a length; mobility > 0, in length^2/(time k_B T0); temperature > 0, in T0.
    Raises InputError for values that are not finite or beyond these, and where both are None.

    Source: Stratonovich, Topics in the Theory of Random Noise II (1967); Risken, The Fokker-Planck Equation (1989),
    chapter 11.

    >>> tilted_ring(2.0, 0.7, temperature=0.5)
    tilted ring: 1 coordinate, T = 0.5, mobility 1, potential, driven
    """
    if amplitude is None and tilt is None:
        raise InputError("tilt", None, "cannot be the control: the amplitude is", "give one of them a number")
    L, mu, warm = positive("period", period), positive("mobility", mobility), positive("temperature", temperature)
    potential, gradient, force = _hills, _hills_gradient, _constant
    if amplitude is None:
        potential, gradient = _raised, _raised_gradient
        given: Parameters = (2.0 * pi / L, number("tilt", tilt))
    elif tilt is None:
        force, given = _followed, (2.0 * pi / L, 0.0, not_negative("amplitude", amplitude))
    else:
        given = (2.0 * pi / L, number("tilt", tilt), not_negative("amplitude", amplitude))
    return Langevin(
        None if tilt == 0.0 else force,
        potential,
        dim=1,
        mobility=mu,
        temperature=warm,
        gradient=gradient,
        compiled=True,
        parameters=given,
        period=L,
        name="tilted ring",
    )


def tilted_ring_velocity(
    amplitude: float, tilt: float, *, period: float = 2.0 * pi, mobility: float = 1.0, temperature: float = 1.0
) -> float:
    r"""v = mobility T (1 - e^{-tilt L/T}) / int_0^L dy e^{-tilt y/T} I_0[2 (amplitude/T) sin(pi y/L)].

    The steady mean velocity on the ``tilted_ring``, > 0 along the tilt; mobility tilt without hills, and
    mobility tilt / I_0(amplitude/T)^2 for a weak tilt. Stratonovich's double integral of exp[(V(x) - V(x - y))/T] over
    one period, V = U - tilt x, in which the integral over x gives the modified Bessel function. By quadrature, to a
    relative 1e-10. Arguments, units and errors as for ``tilted_ring``.

    Source: Stratonovich, Topics in the Theory of Random Noise II (1967).

    >>> round(tilted_ring_velocity(0.0, 0.7, mobility=2.0), 9)
    1.4
    """
    a, F = not_negative("amplitude", amplitude), number("tilt", tilt)
    L, mu, T = positive("period", period), positive("mobility", mobility), positive("temperature", temperature)
    push, hill = abs(F) * L / T, 2.0 * a / T
    if push == 0.0:
        return 0.0

    def exponent(s: float) -> float:
        return hill * math.sin(pi * s) - push * s

    # the exponent is concave in s = y/L: its top is where the slope vanishes, or at the start
    top = math.acos(push / (pi * hill)) / pi if push < pi * hill else 0.0
    most = exponent(top)
    widths = np.multiply.outer([1.0, 4.0, 16.0, 64.0], [1.0 / (1.0 + push), 1.0 / (1.0 + pi * math.sqrt(hill))]).ravel()
    marks = [s for s in sorted({top, *(top - widths).tolist(), *(top + widths).tolist()}) if 0.0 < s < 1.0]

    def integrand(s: float) -> float:
        return math.exp(exponent(s) - most) * float(i0e(hill * math.sin(pi * s)))

    integral = quad(integrand, 0.0, 1.0, points=marks or None, epsabs=0.0, epsrel=1e-11, limit=500)[0]
    speed = mu * T / L * -math.expm1(-push) / integral * math.exp(-most)
    return float(np.copysign(speed, F))


def _hills(w: State, control: float, parameters: Parameters) -> float:
    return parameters[2] * math.cos(parameters[0] * w[0])


def _hills_gradient(w: State, control: float, parameters: Parameters) -> float:
    return -parameters[2] * parameters[0] * math.sin(parameters[0] * w[0])


def _raised(w: State, control: float, parameters: Parameters) -> float:
    return control * math.cos(parameters[0] * w[0])


def _raised_gradient(w: State, control: float, parameters: Parameters) -> float:
    return -control * parameters[0] * math.sin(parameters[0] * w[0])


def _constant(w: State, control: float, parameters: Parameters) -> float:
    return parameters[1]


def _followed(w: State, control: float, parameters: Parameters) -> float:
    return control
