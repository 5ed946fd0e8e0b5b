"""Why steps of synapses are those of no law with b > 0: a random walk, white noise, or too few steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .drift_increments import jackknife
from .synapse_law import Coordinate
from .synapse_moments import Law, line_of

Array = NDArray[np.float64]
SIGMAS = 2.0


def no_law(groups: Array, law: Law, dt: float, coordinate: Coordinate) -> InputError:
    """What to say of sums (group, 4, 3, 6) that no law has: which cause shows, and what to do.

    The slope B = e^{-b dt} of a look on the one before is 1 in a random walk and 0 in white noise, to 2 errors. With
    noise of the looks it is found through a third look, and white noise leaves it unknown: so neighbours are asked too.
    """
    kinds = (0, 1) if law.noisy else (0,)
    steps = f"{groups[:, kinds[-1], 0, 0].sum():.0f} steps"
    for B, error in (_slope(groups, kind) for kind in kinds):
        if B <= SIGMAS * error:
            got = f"{steps}, e^(-b dt) = {B:.2g} +- {error:.1g}"
            rule = "hardly any correlation of looks is seen, as in white noise: drift and diffusion cannot be told"
            return InputError("recording", got, rule, "look at shorter intervals")
    if B + SIGMAS * error >= 1.0:
        got = f"{steps}, b = {-np.log(B) / dt:.2g} +- {error / B / dt:.1g}"
        rule = "no relaxation is seen within the record: nothing pulls back, as in a random walk, where b = 0"
        y = "recording" if coordinate == "size" else "np.log(recording.states), recording.times"
        return InputError("recording", got, rule, f"record longer, or find D alone: sz.infer.drift_diffusion({y})")
    rule = "too few steps for this law, or a spread that no such law has"
    fixes = ["record more"]
    fixes += ['fit with diffusion="constant"'] * (law.degree > 0) + ["fit without measurement noise"] * law.noisy
    return InputError("recording", steps, rule, ", or ".join(fixes))


def faint(rate: float, error: float, dt: float) -> list[str]:
    """Notes on a fitted b or e^{-b dt} that is within 2 of its errors of zero."""
    notes = []
    if rate < SIGMAS * error:
        notes.append("no relaxation is seen: b is within 2 errors of 0, as in a random walk, and m is not known")
    if SIGMAS * dt * error > 1.0:
        notes.append("hardly any correlation of looks is seen: e^(-b dt) is within 2 errors of 0, as in white noise")
    return notes


def _slope(groups: Array, kind: int) -> tuple[float, float]:
    found = jackknife(groups[:, kind], lambda M: np.array([line_of(M)[1]]))
    return float(found.value[0]), float(found.stderr[0])
