"""A colloid in a double well, on a grid of positions: the memory of an erasure experiment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..discrete import JumpProcess
from ..errors import number
from ._checks import MOST_STATES, Array, Controlled, channel_of, positive, whole


def colloid_double_well(
    barrier: float | Callable[[float], float],
    tilt: Controlled = 0.0,
    *,
    sites: int = 101,
    well: float = 1.0,
    reach: float = 2.0,
    diffusion: float = 1.0,
    temperature: float = 1.0,
) -> JumpProcess:
    r"""U(x) = barrier (x^2/well^2 - 1)^2 - tilt x/well,  k[x +- dx, x] = (D/dx^2) exp[(U(x) - U(x +- dx)) / 2T].

    Diffusion of p(x) with D = diffusion in the force -dU/dx, on the grid np.linspace(-reach well, reach well, sites),
    reflected half a step beyond either end. Boltzmann's distribution over the grid is stationary exactly; rates of
    relaxation and passage times are right to O(dx^2).
    barrier, tilt: in k_B T0, each a number or a function of the control; tilt=None: the control is the tilt. The wells
    lie near +-well, the tilt favours x > 0 where it is > 0. sites: >= 2, odd puts one on the barrier; choose dx so that
    U changes by less than about T from one site to the next in the wells. reach: > 0, in units of well.
    diffusion: length^2/time, mobility times temperature. A bit is erased by lowering the barrier, tilting, and raising
    it again: on average at least T ln 2 of heat.
    Raises InputError for values that are not finite or beyond these.

    Source: Berut et al., Nature 483, 187 (2012), the experiment; Wang, Peskin and Elston, J. Theor. Biol. 221, 491
    (2003), discretised diffusion that keeps detailed balance.

    >>> bit = colloid_double_well(lambda c: 8.0 * (1.0 - c), tilt=lambda c: 4.0 * c)
    >>> bit.energies(control=0.0)[[25, 50, 75]]
    array([0., 8., 0.])
    """
    n, width, far = whole("sites", sites, 2, MOST_STATES), positive("well", well), positive("reach", reach)
    spread, warm = positive("diffusion", diffusion), positive("temperature", temperature)
    position = np.linspace(-far, far, n)
    shape = _Wells((position**2 - 1.0) ** 2, position, barrier, tilt)
    step = float(position[1] - position[0]) * width
    x = np.arange(n - 1)
    channel = channel_of(n, x, x + 1, np.full(n - 1, spread / step**2), temperature=warm)
    fixed = not callable(barrier) and not callable(tilt) and tilt is not None
    return JumpProcess(shape(0.0) if fixed else shape, channel)


@dataclass(frozen=True)
class _Wells:
    """The energies of the sites at a control."""

    hill: Array
    slope: Array
    barrier: float | Callable[[float], float]
    tilt: Controlled

    def __call__(self, control: float) -> Array:
        barrier = self._value("barrier", self.barrier, control)
        return barrier * self.hill - self._value("tilt", self.tilt, control) * self.slope

    def _value(self, field: str, given: Controlled, control: float) -> float:
        if given is None or callable(given):
            return number(f"{field}({control:g})", control if given is None else given(control))
        return number(field, given)
