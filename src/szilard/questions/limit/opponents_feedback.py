"""The search where the neuron's own answer acts back on its weight: how far can it cool the weight's bath?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import qmc

from ...continuous import LabelFeedback, feedback_stationary
from ...errors import InputError
from .opponents import between

Array = NDArray[np.float64]
WEAKEST_FIELD, STRONGEST_FIELD = 0.2, 4.0
WEAKEST_PUSH, STRONGEST_PUSH = 0.5, 2.0
SLOWEST_FLIPS, QUICKEST_FLIPS = 0.1, 10.0
SPREAD, REACH = 1.0 / 3.0, 0.25
"""Share of all evaluations that are spread over the cube, and the first reach of the climb from the best of them."""


def feedback_at(point: Array) -> LabelFeedback:
    """push, share g/a, field a and flip rate of a point (4,) of the unit cube; k = mu = T = 1."""
    field = float(between(point[2], WEAKEST_FIELD, STRONGEST_FIELD))
    return LabelFeedback(
        push=WEAKEST_PUSH + (STRONGEST_PUSH - WEAKEST_PUSH) * float(point[0]),
        feedback=field * float(point[1]),
        field=field,
        flip_rate=float(between(point[3], SLOWEST_FLIPS, QUICKEST_FLIPS)),
    )


def hunt_feedback(evaluations: int, seed: int) -> Mapping[str, Any]:
    r"""The record of a search for Qdot_w < 0, the stationary heat per time into the weight's bath.

    The state is stationary: I and S(w) stay, so that Delta S + Q/T falls without end where Qdot_w < 0, below any I.
    Every state whose Qdot_w is below zero by more than twice its error is counted. A third of all is spread over the
    cube (seed), the rest climbs from the best without gradients.
    """
    heats: list[float] = []
    errors: list[float] = []
    points: list[Array] = []

    def height(given: Array) -> float:
        point = np.clip(given, 0.0, 1.0)
        try:
            rates = feedback_stationary(feedback_at(point))
            found = float(rates.heat[0]), rates.error
        except InputError:  # too steep to be solved surely: no evidence either way
            found = float("nan"), float("nan")
        heats.append(found[0])
        errors.append(found[1])
        points.append(point)
        return found[0] if np.isfinite(found[0]) else 1e3

    spread = max(4, round(SPREAD * evaluations))
    start = qmc.LatinHypercube(4, rng=np.random.default_rng(seed)).random(spread)
    first = start[int(np.argmin([height(point) for point in start]))]
    options = {"maxfev": evaluations - spread, "initial_tr_radius": REACH}
    minimize(height, first, method="COBYQA", bounds=[(0.0, 1.0)] * 4, options=options)
    heat, error = np.array(heats), np.array(errors)
    broken = heat < -2.0 * error
    course = np.fmin.accumulate(heat)
    return {
        "evaluations": heat.size,
        "lost": int(np.isnan(heat).sum()),
        "violations": int(broken.sum()),
        "first": int(np.argmax(broken)) + 1 if broken.any() else 0,
        "steps": (np.arange(heat.size) + 1).tolist(),
        "heats": course.tolist(),
        **feedback_rates(feedback_at(points[int(np.nanargmin(heat))])),
    }


def feedback_rates(process: LabelFeedback) -> Mapping[str, Any]:
    """Heat and flow of information of the weight per time, with their error, and where."""
    rates = feedback_stationary(process)
    return {
        "heat": float(rates.heat[0] / process.temperature),
        "flow": float(rates.information_flow[0]),
        "slack": rates.slack_weight,
        "error": rates.error,
        "push": process.push,
        "feedback": process.feedback,
        "field": process.field,
        "flip_rate": process.flip_rate,
    }
