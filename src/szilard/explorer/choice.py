"""What the controls of the page may be set to; whatever a page sends is judged again here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from numbers import Real

from ..errors import InputError

RULES = ("hebbian", "perceptron", "adatron", "gradient", "hebbian_decay")
READOUTS = ("thermal", "sign")


@dataclass(frozen=True)
class Limits:
    """low <= value <= high in steps; ``whole``: an integer."""

    low: float
    high: float
    step: float
    whole: bool = False

    def held(self, name: str, value: object) -> float:
        """The value brought into the limits; raises InputError for anything but a finite number."""
        if not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value):
            raise InputError(name, value, "must be a finite number", f"{self.low:g} to {self.high:g}")
        inside = min(max(float(value), self.low), self.high)
        return round(inside) if self.whole else inside

    def reaching(self, value: float) -> Limits:
        """Wide enough for the value too."""
        return replace(self, low=min(self.low, value), high=max(self.high, value))


LIMITS: Mapping[str, Limits] = {
    "learning_rate": Limits(0.0, 10.0, 0.1),
    "inputs": Limits(1, 40, 1, whole=True),
    "patterns": Limits(1, 40, 1, whole=True),
    "ramp": Limits(0.0, 40.0, 0.5),
    "duration": Limits(0.5, 60.0, 0.5),
    "temperature": Limits(0.1, 4.0, 0.1),
    "feedback": Limits(-2.0, 4.0, 0.1),
    "seed": Limits(0, 9999, 1, whole=True),
}


@dataclass(frozen=True)
class Choice:
    """f = c s(t) x rule, c = learning_rate, s(t) = min(t/ramp, 1): one position of all controls.

    ramp: 0 switches the force on at once; ramp and duration are times. feedback: g, the strength of the neuron's own
    answers in the rule. seed: of the noise and, where inputs are random, of the inputs.
    """

    rule: str = "hebbian"
    readout: str = "thermal"
    learning_rate: float = 2.0
    inputs: int = 3
    patterns: int = 2
    ramp: float = 4.0
    duration: float = 10.0
    temperature: float = 1.0
    feedback: float = 0.0
    seed: int = 1

    def changed(self, **values: object) -> Choice:
        """The same but for some values, which are not judged."""
        return Choice(**{**asdict(self), **values})


def chosen(
    values: Mapping[str, object], limits: Mapping[str, Limits] = LIMITS, rules: tuple[str, ...] = RULES
) -> Choice:
    """The choice that the values of the controls make: numbers brought into their limits, words only known ones.

    A control that is not named stays at its default. Raises InputError for an unknown control, a word that is not
    offered, or what is no finite number.

    >>> chosen({"learning_rate": 1e6, "rule": "perceptron"}).learning_rate
    10.0
    """
    words = {"rule": rules, "readout": READOUTS}
    found: dict[str, object] = {}
    for name, value in values.items():
        if name in words:
            if not isinstance(value, str) or value not in words[name]:
                raise InputError(name, value, f"must be one of {', '.join(words[name])}", "choose one")
            found[name] = value
        elif name in limits:
            found[name] = limits[name].held(name, value)
        else:
            raise InputError("control", name, f"must be one of {', '.join(f.name for f in fields(Choice))}", "name one")
    return Choice().changed(**found)


def limits_for(choice: Choice) -> Mapping[str, Limits]:
    """The usual limits, each wide enough for this choice."""
    return {name: limit.reaching(getattr(choice, name)) for name, limit in LIMITS.items()}
