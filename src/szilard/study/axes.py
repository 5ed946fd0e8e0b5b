"""The parameters of a run: what each may be in a study file, and what it is where the file is silent."""

from __future__ import annotations

from math import exp, log
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import Field, model_validator

from .strict import Name, Positive, Rate, Strict, Whole

Finite = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=10**6)]
Labelling = Literal["random", "teacher", "true"]
DIGITS = 6
"""Of a number that a design draws, so that it can be read and written again."""


class Range(Strict):
    """Where a design draws a parameter: low < high, evenly in the number or in its logarithm."""

    low: Finite
    high: Finite
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _rises(self) -> Range:
        if not self.low < self.high:
            raise ValueError("must have low < high")
        if self.scale == "log" and not self.low > 0.0:
            raise ValueError('must have low > 0 for scale = "log"')
        return self

    def at(self, share: float) -> float:
        """The number below which this share of all draws lies, to six digits."""
        if self.scale == "log":
            value = exp(log(self.low) + share * (log(self.high) - log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return float(f"{min(max(value, self.low), self.high):.{DIGITS}g}")


T = TypeVar("T")
Some: TypeAlias = T | list[T] | None
Spread: TypeAlias = T | list[T] | Range | None


class Axes(Strict):
    """One run's parameters; each may be a list, and a grid is their product. Ranges belong to designs."""

    labelling: Some[Labelling] = None
    rule: Some[Name] = None
    learning_rate: Spread[Rate] = None
    schedule: Some[Name] = None
    duration: Spread[Positive] = None
    dt: Spread[Positive] = None
    readout: Some[Literal["thermal", "sign"]] = None
    mode: Some[Literal["batch", "online"]] = None
    dwell: Spread[Positive] = None
    order: Some[Literal["fixed", "random"]] = None
    online: Some[Literal["flow", "kick"]] = None
    temperature: Spread[Positive] = None
    stiffness: Spread[Positive] = None
    mobility: Spread[Positive] = None
    ramp: Spread[Rate] = None
    parameter: Spread[Finite] = None
    feedback: Spread[Finite] = None
    answer_rate: Spread[Positive] = None
    answer_gain: Spread[Finite] = None
    network: Some[Name] = None
    patterns: Spread[Count] = None
    inputs: Spread[Count] = None
    drawing: Spread[Whole] = None


AXES = tuple(Axes.model_fields)
WHOLE = ("patterns", "inputs", "drawing")
DEFAULTS: dict[str, Any] = {
    "labelling": "random",
    "rule": "hebbian",
    "learning_rate": 1.0,
    "schedule": "quench",
    "duration": 8.0,
    "dt": None,
    "readout": "thermal",
    "mode": "batch",
    "dwell": None,
    "order": "fixed",
    "online": "flow",
    "temperature": 1.0,
    "stiffness": 1.0,
    "mobility": 1.0,
    "ramp": None,
    "parameter": None,
    "feedback": 0.0,
    "answer_rate": None,
    "answer_gain": 1.0,
    "network": "perceptron",
    "patterns": None,
    "inputs": None,
    "drawing": 0,
}
"""Where a file is silent; patterns and inputs: as the table [task] says."""
ALWAYS_NAMED = AXES[: AXES.index("ramp")]
"""The parameters that a run's key always holds; others only where they are not as by default, so that one more
parameter leaves the keys of finished runs as they are."""


def named(point: dict[str, Any]) -> dict[str, Any]:
    """What of a run's coordinates its key is made of; a ramp stands in the schedule."""
    return {
        name: value
        for name, value in point.items()
        if name in ALWAYS_NAMED or (name != "ramp" and value != DEFAULTS[name])
    }
