"""A synapse whose answers come back as labels, and what it exchanges where they flip infinitely fast."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from scipy.optimize import minimize_scalar

from ...continuous import LabelFeedback
from ...learning.rules import fast_label_heat
from ...study.strict import Positive, Strict

Number = Annotated[float, Field(allow_inf_nan=False)]


class FeedbackSystem(Strict):
    """A synapse and the label it puts out: the true label's push nu, the field a, one bath."""

    push: Number = 1.0
    field: Positive = 3.0
    temperature: Positive = 1.0
    stiffness: Positive = 1.0
    mobility: Positive = 1.0


def process_at(system: FeedbackSystem, share: float, rate: float) -> LabelFeedback:
    """The system with feedback g = share * a and answers that flip at this rate."""
    return LabelFeedback(
        push=system.push, feedback=share * system.field, field=system.field, flip_rate=rate,
        temperature=system.temperature, stiffness=system.stiffness, mobility=system.mobility,
    )  # fmt: skip


def fast_heat_rate(system: FeedbackSystem, share: float) -> float:
    r"""Q_w -> mu g (g - a/2) <1 - m^2>,  m = tanh(a w / 2T),  gamma -> infinity, in k_B T0 per time, > 0 into the bath.

    >>> round(fast_heat_rate(FeedbackSystem(), 0.25), 4)
    -0.0967
    """
    return float(fast_label_heat(process_at(system, share, 1.0))[0])


def deepest_cooling(system: FeedbackSystem) -> tuple[float, float]:
    """(g/a, heat per time) where infinitely fast answers cool the weight's bath most."""
    found = minimize_scalar(lambda s: fast_heat_rate(system, s), bounds=(0.0, 0.5), method="bounded")
    return float(found.x), float(found.fun)
