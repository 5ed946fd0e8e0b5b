"""Arrays of real numbers, or a refusal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

RULE = "must be an array of real numbers"


def real_numbers(field: str, given: object, rule: str = RULE, fix: str = "check the readings") -> NDArray[np.float64]:
    """given as numbers, NaN and infinities too; InputError for texts, mappings, complex numbers and ragged rows."""
    try:
        raw = np.asarray(given)
    except ValueError:
        raise InputError(field, "rows of several lengths", rule, fix) from None
    if raw.dtype.kind not in "biuf":
        raise InputError(field, f"{type(given).__name__} of {raw.dtype}", rule, fix)
    return raw.astype(np.float64)
