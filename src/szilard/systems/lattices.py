"""Sites of a rectangular lattice in any number of dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..discrete import JumpProcess
from ..discrete.channel import Kinetics
from ..errors import InputError
from ._checks import MOST_STATES, Array, channel_of, numbers, positive, whole


def lattice(
    shape: int | Sequence[int],
    energy: ArrayLike | Callable[..., ArrayLike] = 0.0,
    *,
    force: ArrayLike = 0.0,
    periodic: bool | Sequence[bool] = False,
    attempt: ArrayLike = 1.0,
    temperature: float = 1.0,
    kinetics: Kinetics = "symmetric",
) -> JumpProcess:
    r"""Jumps between nearest neighbours; drive = force[d] on each step along the axis d, -force[d] against it.

    On a periodic axis of length L the force gives the affinity L force[d] to each turn; on equal energies the
    stationary state is uniform and the mean step rate along the axis 2 attempt sinh(force[d]/2T) (symmetric
    kinetics). On an axis that is not periodic a force is the same as a slope of the energy.
    shape: sites per axis, >= 1, >= 3 on a periodic axis (two sites would be joined by two different jumps); state x is
    the site np.unravel_index(x, shape), the last axis fastest. energy: a number, an array of this shape, or a function
    of the coordinates that takes one integer array per axis. force, periodic, attempt: one for all axes or one per
    axis; attempt >= 0 in 1/time. A million sites in three dimensions take five seconds and 1.5 GB.
    For energies that follow a control: JumpProcess(energy_of_control, lattice(shape, ...).channels).
    Raises InputError for shapes that do not fit, values that are not finite, temperature <= 0.

    Source: Derrida, J. Stat. Phys. 31, 433 (1983), in one dimension.

    >>> lattice((20, 30), lambda x, y: 0.1 * x, force=(0.0, 0.5), periodic=(False, True))
    JumpProcess: 600 states, 1 reservoir (bath, T = 1, symmetric, 1170 pairs), driven
    """
    sides = _sides(shape)
    turns = _per_axis(periodic, len(sides))
    push = numbers("force", force, (len(sides),))
    tries = numbers("attempt", attempt, (len(sides),), least=0.0)
    sites = np.arange(int(np.prod(sides))).reshape(sides)
    source, target, rates, drive = [], [], [], []
    for axis, side in enumerate(sides):
        if turns[axis] and side < 3:
            rule = "a periodic axis has at least 3 sites"
            raise InputError(f"shape[{axis}]", side, rule, f"make it longer, or periodic[{axis}] False")
        if tries[axis] == 0.0:
            continue
        start, end = (sites, np.roll(sites, -1, axis)) if turns[axis] else _neighbours(sites, axis)
        source.append(start.ravel())
        target.append(end.ravel())
        rates.append(np.full(start.size, tries[axis]))
        drive.append(np.full(start.size, push[axis]))
    joined = [np.concatenate(parts) if parts else np.zeros(0) for parts in (source, target, rates, drive)]
    warm = positive("temperature", temperature)
    channel = channel_of(
        sites.size, joined[0].astype(np.int64), joined[1].astype(np.int64), joined[2], joined[3],
        temperature=warm, kinetics=kinetics,
    )  # fmt: skip
    return JumpProcess(_heights(energy, sides).ravel(), channel)


def _sides(shape: int | Sequence[int]) -> tuple[int, ...]:
    given: tuple[Any, ...] = tuple(shape) if isinstance(shape, (tuple, list, np.ndarray)) else (shape,)
    if not given:
        raise InputError("shape", shape, "must have at least one axis", "shape=(20, 30), for instance")
    sides = tuple(whole(f"shape[{axis}]", side, 1) for axis, side in enumerate(given))
    total = 1
    for side in sides:
        total *= side
    if total > MOST_STATES:
        raise InputError("shape", sides, f"must have at most {MOST_STATES:.0e} sites", "make it smaller")
    return sides


def _per_axis(periodic: bool | Sequence[bool], axes: int) -> NDArray[np.bool_]:
    found = np.asarray(periodic)
    if found.dtype != np.bool_ or found.shape not in ((), (axes,)):
        rule = f"must be True, False or one of them for each of the {axes} axes"
        raise InputError("periodic", periodic, rule, "periodic=(True, False), for instance")
    return np.array(np.broadcast_to(found, (axes,)))


def _neighbours(sites: NDArray[np.int64], axis: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All sites but the last along an axis, and the next of each."""
    moved = np.moveaxis(sites, axis, 0)
    return moved[:-1], moved[1:]


def _heights(energy: ArrayLike | Callable[..., ArrayLike], sides: tuple[int, ...]) -> Array:
    values = energy(*np.indices(sides)) if callable(energy) else energy
    return numbers("energy", values, sides)
