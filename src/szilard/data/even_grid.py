"""Times that an even grid holds, once missing times are filled in or the rounding of the clock is undone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recording import EVEN

Array = NDArray[np.float64]
MOST = 20
"""How many times as many times the grid may have as the file."""
COARSEST = 0.2
"""The largest rounding that is undone, in units of the step: beyond it, uneven times could pass for rounded ones."""
CHANCE = 1e-3
"""How often uneven times may pass for rounded ones: each but two lies within rounding of a grid at unit / dt."""
_DECIMALS = 10
_EXACT = 2.0**50
_SEARCH = 60


def on_even_grid(states: NDArray[Any], times: Array, max_bytes: int) -> tuple[NDArray[Any], Array] | None:
    """The states on t_0 + k dt, k = 0, 1, ..., with gaps where a time is missing; None to leave all as it is.

    dt is the smallest step. Each time must lie within dt / 10^6 of the grid or, where all times are rounded to the same
    decimal or to single precision, within less than half of the last digit; that digit may be a fifth of dt at most.
    Times stay as they are, too, if they are so few that rounding tells little (CHANCE), or if the grid would take more
    than MOST times as many times, or more than max_bytes.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        k = _multiples(times)
    if k is None:
        return None
    count = int(k[-1]) + 1
    step = (times[-1] - times[0]) / k[-1]
    exact = bool(np.all(np.abs(times - times[0] - step * k) <= EVEN * step))
    if exact and count == times.size:
        return None
    if 8 * states.size // times.size * count > max_bytes:
        return None
    if exact:
        grid = np.interp(np.arange(count), k, times)
    elif _rounded(times, k, step):
        grid = np.linspace(times[0], times[-1], count)
    else:
        return None
    shape = (states.shape[0], count, *states.shape[2:])
    filled = np.full(shape, -1 if states.ndim == 2 else np.nan, states.dtype)
    filled[:, k] = states
    return filled, grid


def _multiples(times: Array) -> NDArray[np.int64] | None:
    """How many steps each time lies after the first; ever longer gaps refine the step that counts them."""
    gaps, most = np.diff(times), MOST * times.size
    step = gaps.min()
    if not (times[-1] - times[0]) / step < 2 * most:
        return None
    reach = 1.5 * step
    while True:
        near = gaps < reach
        step = gaps[near].sum() / np.rint(gaps[near] / step).sum()
        if near.all():
            break
        reach *= 2.0
    steps = np.rint(gaps / step)
    if steps.min() < 1.0 or steps.sum() >= most:
        return None
    return np.concatenate([[0.0], np.cumsum(steps)]).astype(np.int64)


def _rounded(times: Array, k: NDArray[np.int64], step: float) -> bool:
    unit = _last_digit(times)
    fine = 0.0 < unit <= COARSEST * step and (unit / step) ** (times.size - 2) <= CHANCE
    return fine and _within(times, k, unit)


def _last_digit(times: Array) -> float:
    """The value of the last digit that the times show; 0 where they show no rounding."""
    largest, unit = float(np.abs(times).max()), 0.0
    for decimals in range(_DECIMALS):
        scaled = times * 10.0**decimals
        if largest * 10.0**decimals >= _EXACT:
            break
        if np.all(np.abs(scaled - np.rint(scaled)) <= 2.0 * np.spacing(np.abs(scaled))):
            unit = 10.0**-decimals
            break
    with np.errstate(over="ignore"):
        short = times.astype(np.float32)
    if np.array_equal(short, times) or np.array_equal(short.astype(str).astype(np.float64), times):
        unit = max(unit, largest * float(np.finfo(np.float32).eps))
    return unit


def _within(times: Array, k: NDArray[np.int64], unit: float) -> bool:
    """Whether an even grid of some origin and step lies within less than unit / 2 of all times.

    At unit / 2 itself, as for days 0, 7, 13, 21, a visit that was a day early would pass for a rounded one.

    The spread max(t - k dt) - min(t - k dt) is convex in dt: each turn of the search drops a third of the range.
    """
    span, allowed = times[-1] - times[0], unit * (1.0 - EVEN)
    low, high = (span - unit) / k[-1], (span + unit) / k[-1]
    for _ in range(_SEARCH):
        steps = (2.0 * low + high) / 3.0, (low + 2.0 * high) / 3.0
        first, second = (float(np.ptp(times - times[0] - k * step)) for step in steps)
        if min(first, second) <= allowed:
            return True
        low, high = (low, steps[1]) if first < second else (steps[0], high)
    return False
