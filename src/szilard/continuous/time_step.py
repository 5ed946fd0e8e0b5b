"""The time step: as given if it is stable, else one that resolves the forces that are met on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_number
from .course import Course
from .ensemble import Ensemble
from .stability import EXPLICIT, Rates, refuse_unstable, relaxation_rates
from .steps import Method, steps_of

Array = NDArray[np.float64]
RESOLUTION = {"exact": 0.05, "heun": 0.05, "euler": 0.01, "metropolis": 0.01}
"""Default step in units of the relaxation time of nine states in ten, by the order of the method."""
TRAPEZOID = 0.005
"""The same where heat is Stratonovich's trapezoid, whose mean is off by the order of the step."""
LIMIT = 0.5
"""The same, of the fastest state."""
CONTROLS, LOOKS, ROUNDS = 64, 16, 10
KEPT = 0.7


def time_step(course: Course, method: Method, dt: float | None, states: Array, seed: int, cell: str) -> float:
    """The longest step. None: found by a pilot run of the few ``states``, until the forces that it met are resolved.

    Raises InputError where dt is no positive number, is beyond the stability of the method at these states and at any
    control that occurs, or where no step is found.
    """
    if dt is not None and not (is_number(dt) and dt > 0.0):
        raise InputError("dt", dt, "must be finite and > 0", "a time step, e.g. 0.01")
    if course.duration == 0.0:
        return 1.0
    if dt is None:
        return _resolving(course, method, states, seed, cell)
    if method in EXPLICIT:
        for control in course.occurring(CONTROLS):
            refuse_unstable(relaxation_rates(course.process, states, control, dt), float(dt), method)
    return float(dt)


def _resolving(course: Course, method: Method, states: Array, seed: int, cell: str) -> float:
    process = course.process
    plain = not process.driven_at(course.controls[0]) and process.temperatures.size == 1
    if method == "exact" and plain and not process.controlled:
        return course.duration
    share = RESOLUTION[method] if plain else TRAPEZOID
    seen = [relaxation_rates(process, states, control, None) for control in course.occurring(CONTROLS)]
    dt = min(course.duration / 50.0, *(_resolved(rates, share) for rates in seen))
    if process.is_linear:
        return dt
    for _ in range(ROUNDS):
        wanted = _pilot(course, method, dt, states, seed, cell, share)
        if wanted >= KEPT * dt:
            return dt
        dt = max(wanted, dt / 16.0)
    rule = f"no step was found that resolves the forces on the way, down to {dt:.2g}"
    raise InputError("dt", None, rule, 'give dt, or take method="metropolis", which is stable at any dt')


def _resolved(rates: Rates, share: float) -> float:
    fastest = np.abs(rates).max(axis=1)
    typical, top = float(np.quantile(fastest, 0.9)), float(fastest.max())
    return min(share / typical if typical > 0.0 else np.inf, LIMIT / top if top > 0.0 else np.inf)


def _pilot(course: Course, method: Method, dt: float, states: Array, seed: int, cell: str, share: float) -> float:
    """The step that would resolve the forces met in steps of dt; a quarter of dt where these leave every bound."""
    process, grid = course.process, np.linspace(0.0, course.duration, LOOKS + 1)[1:]
    few = Ensemble(process, steps_of(course, dt, grid), method, states, LOOKS, seed=seed, cell=cell, path=False,
                   threads=1)  # fmt: skip
    try:
        few.run(lambda done: None)
    except InputError:
        return 0.25 * dt
    found = few.looked()[0]
    met = (relaxation_rates(process, found[:, i], course.at(float(t)), dt) for i, t in enumerate(grid))
    return min(_resolved(rates, share) for rates in met)
