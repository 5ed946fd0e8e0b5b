"""The double well as a continuous potential: a bit, its barrier and its tilt."""

from __future__ import annotations

from ..continuous import Langevin
from ..errors import InputError, number
from ._checks import positive

Parameters = tuple[float, ...]
State = tuple[float, ...]


def double_well(
    barrier: float | None,
    tilt: float | None = 0.0,
    *,
    well: float = 1.0,
    mobility: float = 1.0,
    temperature: float = 1.0,
) -> Langevin:
    r"""U(w) = barrier (w^2/well^2 - 1)^2 - tilt w/well: wells near +-well, the tilt favours w > 0 where it is > 0.

    The potential of ``colloid_double_well``, with continuous states. Over a high barrier without tilt, the rate from
    one well into the other is Kramers' mobility sqrt(U''(well) |U''(0)|)/(2 pi) e^{-barrier/T} =
    (2 sqrt(2)/pi) mobility (barrier/well^2) e^{-barrier/T}, up to corrections of the order T/barrier.
    barrier, tilt: in k_B T0; one of them may be None: it is the control then. barrier > 0, a controlled one included
    wherever the state is to stay near (at 0 only the tilt remains, below 0 nothing is bound). well > 0, a length;
    mobility > 0, in length^2/(time k_B T0); temperature > 0, in T0.
    Raises InputError for values that are not finite or beyond these, and where both are None.

    Source: Kramers, Physica 7, 284 (1940), the rate.

    >>> import numpy as np
    >>> double_well(8.0, 0.5).energies(np.array([[-1.0], [0.0], [1.0]]))
    array([ 0.5,  8. , -0.5])
    >>> double_well(8.0, None)
    double well: 1 coordinate, T = 1, mobility 1, potential, manipulated
    """
    width = positive("well", well)
    if barrier is None and tilt is None:
        fix = "give one number, or use systems.bit_memory, which moves both along one control"
        raise InputError("tilt", None, "cannot be the control: the barrier is", fix)
    if barrier is None:
        given: Parameters = (number("tilt", tilt), width)
        return _one_coordinate("double well", _lowered, _lowered_gradient, given, mobility, temperature)
    height = positive("barrier", barrier)
    if tilt is None:
        return _one_coordinate("double well", _tilted, _tilted_gradient, (height, width), mobility, temperature)
    given = (height, number("tilt", tilt), width)
    return _one_coordinate("double well", _fixed, _fixed_gradient, given, mobility, temperature)


def _one_coordinate(
    name: str, potential: object, gradient: object, given: Parameters, mobility: float, temperature: float
) -> Langevin:
    return Langevin(
        potential=potential,  # type: ignore[arg-type]
        gradient=gradient,  # type: ignore[arg-type]
        dim=1,
        mobility=positive("mobility", mobility),
        temperature=positive("temperature", temperature),
        compiled=True,
        parameters=given,
        name=name,
    )


def _fixed(w: State, control: float, parameters: Parameters) -> float:
    barrier, tilt, well = parameters
    x = w[0] / well
    return barrier * (x * x - 1.0) ** 2 - tilt * x


def _fixed_gradient(w: State, control: float, parameters: Parameters) -> float:
    barrier, tilt, well = parameters
    x = w[0] / well
    return (4.0 * barrier * x * (x * x - 1.0) - tilt) / well


def _tilted(w: State, control: float, parameters: Parameters) -> float:
    barrier, well = parameters
    x = w[0] / well
    return barrier * (x * x - 1.0) ** 2 - control * x


def _tilted_gradient(w: State, control: float, parameters: Parameters) -> float:
    barrier, well = parameters
    x = w[0] / well
    return (4.0 * barrier * x * (x * x - 1.0) - control) / well


def _lowered(w: State, control: float, parameters: Parameters) -> float:
    tilt, well = parameters
    x = w[0] / well
    return control * (x * x - 1.0) ** 2 - tilt * x


def _lowered_gradient(w: State, control: float, parameters: Parameters) -> float:
    tilt, well = parameters
    x = w[0] / well
    return (4.0 * control * x * (x * x - 1.0) - tilt) / well
