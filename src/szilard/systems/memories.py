"""A bit that can be erased along one control: barrier down, tilt, barrier up, tilt back."""

from __future__ import annotations

import math

from ..continuous import Langevin
from ..errors import number
from ._checks import positive

Parameters = tuple[float, ...]
State = tuple[float, ...]


def bit_memory(
    barrier: float,
    tilt: float,
    *,
    well: float = 1.0,
    mobility: float = 1.0,
    temperature: float = 1.0,
) -> Langevin:
    r"""U(w, lambda) = barrier [(x^2 - 1)^2 + 2 sin^2(pi lambda) x^2] - tilt sin^2(pi lambda^2) x,  x = w/well.

    The control runs from 0 to 1. At both ends U is the untilted double well of height ``barrier``, so the cycle is
    closed. In between a second trap lowers the barrier to barrier cos^4(pi lambda), none at 1/2; the tilt
    comes later, is full at lambda = 1/sqrt(2) while the barrier rises again, and is gone at 1. A bit that was 0
    or 1 with equal probability ends at w > 0 (tilt > 0) or w < 0 (tilt < 0).
    Erased from equilibrium in any time: <W> >= T [ln 2 - h(e)], h(e) = -e ln e - (1 - e) ln(1 - e) for the share e of
    bits that end on the wrong side. In the time tau, <W> lies above the bound by a term in 1/tau once tau is long
    against the relaxation within a well, well^2/(8 mobility barrier), and short against hops over the full barrier.
    barrier > 0 and tilt (of either sign) in k_B T0; 10 T and 10 T leave less than one bit in 100 on the wrong side
    for times from 0.5 to 30 well^2/(mobility T). well > 0, a length; mobility > 0, in
    length^2/(time k_B T0); temperature > 0, in T0. Controls beyond [0, 1] are allowed.
    Raises InputError for values that are not finite or beyond these.

    Source: Landauer, IBM J. Res. Dev. 5, 183 (1961); Berut et al., Nature 483, 187 (2012), and Jun, Gavrilov and
    Bechhoefer, PRL 113, 190601 (2014), the experiments. The two functions of lambda are a choice of this library.

    >>> import numpy as np
    >>> bit = bit_memory(10.0, 10.0)
    >>> [bit.energies(np.array([[-1.0], [0.0], [1.0]]), c).round(6).tolist() for c in (0.0, 1.0)]
    [[0.0, 10.0, 0.0], [0.0, 10.0, 0.0]]
    """
    return Langevin(
        potential=_energy,
        gradient=_gradient,
        dim=1,
        mobility=positive("mobility", mobility),
        temperature=positive("temperature", temperature),
        compiled=True,
        parameters=(positive("barrier", barrier), number("tilt", tilt), positive("well", well)),
        name="bit memory",
    )


def _energy(w: State, control: float, parameters: Parameters) -> float:
    barrier, tilt, well = parameters
    x = w[0] / well
    lowering, slope = math.sin(math.pi * control) ** 2, math.sin(math.pi * control * control) ** 2
    return barrier * ((x * x - 1.0) ** 2 + 2.0 * lowering * x * x) - tilt * slope * x


def _gradient(w: State, control: float, parameters: Parameters) -> float:
    barrier, tilt, well = parameters
    x = w[0] / well
    lowering, slope = math.sin(math.pi * control) ** 2, math.sin(math.pi * control * control) ** 2
    return (4.0 * barrier * x * (x * x - 1.0 + lowering) - tilt * slope) / well
