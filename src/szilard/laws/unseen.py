"""What a sample cannot contain, and what that leaves of its worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..estimate import ENOUGH, Estimate, numbers

SEEN = "no kind of path that none of the replicas took carries a share of the average"


def beyond(forward: ArrayLike, reverse: ArrayLike) -> float:
    r"""P_reverse(-x < min of forward): by the detailed theorem that part of <e^{-x}> of which forward shows nothing.

    Both (sample,), of any two sizes. Reverse values that are infinite, where no forward path can start, do not count:
    they are missing from the average, not from the sample. Raises InputError for an empty array or NaN.
    """
    x, back = numbers(forward, "forward"), numbers(reverse, "reverse")
    if back.ndim != 1 or back.size == 0 or np.any(np.isnan(back)):
        rule = "must be one number per reverse replica"
        raise InputError("reverse", f"shape {back.shape}", rule, "run.backward().entropy_production, for instance")
    return float(np.mean(np.isfinite(back) & (-back < x.min())))


def limited(measured: Estimate, missed: float, stderr: float | None = None) -> Estimate:
    """ess at most 100 [stderr / (2 missed)]^2: trusted where what is missed is at most half of the standard error."""
    if missed <= 0.0:
        return measured
    most = ENOUGH * ((measured.stderr if stderr is None else stderr) / (2.0 * missed)) ** 2
    return replace(measured, ess=most if measured.ess is None else min(most, measured.ess))
