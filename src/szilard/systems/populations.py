"""Copy numbers of one species that change by one at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..discrete import JumpProcess
from ..errors import InputError
from ._checks import MOST_STATES, Array, channel_of, numbers, positive, whole

Rate = ArrayLike | Callable[[NDArray[np.int64]], ArrayLike]


def birth_death(birth: Rate, death: Rate, size: int, *, temperature: float = 1.0) -> JumpProcess:
    r"""k[x + 1, x] = birth(x),  k[x, x + 1] = death(x + 1),  x = 0 ... size - 1.

    Stationary p_{x+1}/p_x = birth(x)/death(x + 1), with no current: the energy of state x is the FREE energy
    T sum_{y<x} ln[death(y + 1)/birth(y)], zero at x = 0, and there is no drive. The heat of a jump is the T ln of its
    rates' ratio: where x counts molecules it holds T times the change of the entropy -ln x! of equal molecules.
    birth: of x = 0 ... size - 2, death: of x = 1 ... size - 1; each a number, an array (size - 1,) or a function of the
    array of these x; > 0, in 1/time. size: 1 ... 1e7 states. The last state has no birth: the population is held below
    size; it stands for an unbounded one as long as hardly any probability reaches x = size - 1.
    Raises InputError: a rate that is not finite or not > 0 (one-way jumps would release infinite heat), wrong shapes.

    Source: Gardiner, Stochastic Methods, section on birth-death processes; van Kampen, Stochastic Processes in Physics
    and Chemistry, chapter VI.

    >>> queue = birth_death(2.0, lambda x: np.minimum(x, 3), 50)
    >>> queue.generator().toarray()[:3, :3]
    array([[-2., 1., 0.], [ 2., -3., 2.], [ 0., 2., -4.]])
    """
    n, warm = whole("size", size, 1, MOST_STATES), positive("temperature", temperature)
    x = np.arange(n - 1)
    up, down = _rates("birth", birth, x), _rates("death", death, x + 1)
    heat = warm * (np.log(up) - np.log(down))
    channel = channel_of(n, x, x + 1, np.sqrt(up) * np.sqrt(down), temperature=warm)
    return JumpProcess(-np.concatenate([[0.0], np.cumsum(heat)]), channel)


def immigration_death(immigration: float, death: float, size: int, *, temperature: float = 1.0) -> JumpProcess:
    r"""k[x + 1, x] = immigration,  k[x, x + 1] = death (x + 1): each molecule lives for 1/death on average.

    From x = 0 the copy number at time t is Poisson with mean (immigration/death)(1 - e^{-death t}), as long as that is
    well below ``size``. immigration, death: > 0, in 1/time. Energies, size and errors: see ``birth_death``.

    Source: van Kampen, Stochastic Processes in Physics and Chemistry, chapter VI.

    >>> immigration_death(4.0, 0.5, 40)
    JumpProcess: 40 states, 1 reservoir (bath, T = 1, symmetric, 39 pairs), not driven
    """
    source, loss = positive("immigration", immigration), positive("death", death)
    return birth_death(source, partial(np.multiply, loss), size, temperature=temperature)


def _rates(field: str, given: Rate, x: NDArray[np.int64]) -> Array:
    values = numbers(field, given(x) if callable(given) else given, x.shape)
    if not np.all(values > 0.0):
        i = int(np.flatnonzero(~(values > 0.0))[0])
        rule = "must be > 0: a jump whose reverse has rate 0 would release infinite heat"
        raise InputError(f"{field} of x = {int(x[i])}", float(values[i]), rule, "give every rate, however small")
    return values
