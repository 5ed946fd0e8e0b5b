"""Recorded numbers must leave room for their squares and fourth powers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Array = NDArray[np.float64]
LARGEST, SMALLEST = 1e60, 1e-60


def refuse_extremes(states: Array, lengths: Array) -> None:
    """Raise InputError where states (NaN in gaps) or steps in time are beyond 1e60 or, not being zero, below 1e-60."""
    most = float(np.nanmax(np.abs(states), initial=0.0))
    if most > LARGEST or 0.0 < most < SMALLEST:
        rule = f"the largest must lie between {SMALLEST:g} and {LARGEST:g}: squares must stay numbers"
        raise InputError("states", most, rule, "give them in a unit of their own size")
    for length in (float(lengths.min()), float(lengths.max())):
        if not SMALLEST <= length <= LARGEST:
            rule = f"steps in time must lie between {SMALLEST:g} and {LARGEST:g}"
            raise InputError("times", length, rule, "give them in a unit of their own size")
