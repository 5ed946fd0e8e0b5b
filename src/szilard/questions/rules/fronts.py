"""Who is on the front: the runs that no other one beats in information, cost and time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...estimate import Estimate

SIGMAS = 2.0


def not_dominated(gains: Sequence[Estimate], costs: Sequence[Estimate], times: Sequence[float]) -> NDArray[np.bool_]:
    r"""Run i is beaten by j if gain_j >= gain_i, cost_j <= cost_i, time_j <= time_i, and surely so in one of the first.

    Surely: by more than 2 standard errors of the difference, the runs being independent. What is only better within the
    errors beats nothing, so that the front is rather too wide than too narrow. A gain and a cost that are both only
    equal within the errors are not told apart by the time alone. Returns (run,): True on the front.
    Raises nothing: an empty sequence has an empty front.

    >>> e = lambda value: Estimate(value, 0.01, 1000)
    >>> not_dominated([e(1.0), e(1.0), e(1.5)], [e(2.0), e(3.0), e(2.5)], [8.0, 8.0, 8.0]).tolist()
    [True, False, True]
    """
    gain, gain_error = _columns(gains)
    cost, cost_error = _columns(costs)
    time = np.asarray(times, dtype=np.float64)
    more, less = gain[:, None] - gain[None, :], cost[None, :] - cost[:, None]
    in_time = time[:, None] <= time[None, :]
    surely = more > SIGMAS * np.hypot(gain_error[:, None], gain_error[None, :])
    surely |= less > SIGMAS * np.hypot(cost_error[:, None], cost_error[None, :])
    beats = (more >= 0.0) & (less >= 0.0) & in_time & surely
    return np.asarray(~beats.any(axis=0))


def _columns(estimates: Sequence[Estimate]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    found = np.array([(e.value, e.stderr) for e in estimates], dtype=np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
