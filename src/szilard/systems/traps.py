"""A harmonic trap that is moved, stiffened or turned into a vortex: work with closed forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..continuous import Langevin, Linear
from ..errors import InputError
from ._checks import positive


def moved_trap(stiffness: float = 1.0, *, mobility: float = 1.0, temperature: float = 1.0) -> Langevin:
    r"""U(w, lambda) = k (w - lambda)^2 / 2: the control is where the trap stands. dF = 0 and var W = 2T <W>.

    The work from equilibrium is Gaussian. Pulled at the speed v for the time tau, with r = mobility k:
    <W> = (v^2/mobility) [tau - (1 - e^{-r tau})/r], at any temperature. The least mean work that brings the trap to
    lambda_f in the time tau is k lambda_f^2/(r tau + 2), with a jump at either end.
    stiffness: k > 0, in k_B T0 per length squared; mobility > 0, in length^2/(time k_B T0); temperature > 0, in T0.
    Raises InputError for values that are not finite or beyond these.

    Source: van Zon and Cohen, PRE 67, 046102 (2003), the pulled trap; Schmiedl and Seifert, PRL 98, 108301 (2007), the
    least work.

    >>> trap = moved_trap(2.0, temperature=0.5)
    >>> trap
    moved trap: 1 coordinate, T = 0.5, mobility 1, linear, manipulated
    >>> trap.energies(np.array([[1.0]]), control=4.0)
    array([9.])
    """
    k = positive("stiffness", stiffness)
    mu, warm = positive("mobility", mobility), positive("temperature", temperature)
    return Langevin(linear=_Moved(k), dim=1, mobility=mu, temperature=warm, name="moved trap")


def stiffened_trap(*, mobility: float = 1.0, temperature: float = 1.0) -> Langevin:
    r"""U(w, lambda) = lambda w^2 / 2: the control is the stiffness. dF = (T/2) ln(lambda_1/lambda_0).

    A distribution that starts Gaussian stays so: dS/dt = 2 mobility (T - lambda S) for its variance S, and the mean
    power is (dlambda/dt) <w^2>/2. A sudden change from equilibrium at lambda_0 costs
    <W> = T (lambda_1 - lambda_0)/(2 lambda_0), and <e^{-W/T}> = sqrt(lambda_0/lambda_1) for any protocol.
    mobility > 0, in length^2/(time k_B T0); temperature > 0, in T0.
    Raises InputError for values that are not finite or beyond these, and for a control <= 0.

    Source: Schmiedl and Seifert, PRL 98, 108301 (2007).

    >>> stiffened_trap(temperature=2.0).forces(np.array([[0.5]]), control=3.0)
    array([[-1.5]])
    """
    mu, warm = positive("mobility", mobility), positive("temperature", temperature)
    return Langevin(linear=_stiffness, dim=1, mobility=mu, temperature=warm, name="stiffened trap")


@dataclass(frozen=True)
class _Moved:
    """The force of the trap that stands at the control."""

    stiffness: float

    def __call__(self, control: float) -> Linear:
        k = self.stiffness
        return Linear(np.array([[k]]), np.array([k * control]), 0.5 * k * control**2)


def _stiffness(control: float) -> Linear:
    if not control > 0.0:
        fix = "a trap of stiffness 0 or less holds nothing: keep the protocol above 0"
        raise InputError("control", control, "must be > 0: it is the stiffness", fix)
    return Linear(np.array([[control]]), np.zeros(1))
