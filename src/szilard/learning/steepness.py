"""How steeply a rule changes with its field over the width that the weights move in one step."""

from __future__ import annotations

from functools import lru_cache
from math import copysign, tanh

import numpy as np
from numpy.typing import NDArray

from .rule import Rule

Array = NDArray[np.float64]
CELLS = 1200
SUSPECTS = 4
"""How many of the steepest cells are looked into."""
HALVINGS = 40


def steepest_slope(rule: Rule, width: float, reach: float, temperature: float) -> float:
    """max |F(A + width, ..) - F(A, ..)| / width over |A| <= reach, with the mean answer tanh(A/2T) as a function of A.

    temperature 0: the answer is the sign of A. A jump of the amplitude counts as its height over the width, a slope
    that is resolved as itself.
    """
    if not width > 0.0:
        return 0.0
    fields, tables = _table(rule, reach, temperature)
    steps = min(max(1, round(width * CELLS / (2.0 * reach))), CELLS)
    change = np.abs(tables[:, steps:] - tables[:, :-steps])
    rows, cells = np.unravel_index(np.argsort(change, axis=None)[-SUSPECTS:], change.shape)
    cases = _cases(rule)
    return max(
        _within(rule, cases[row], float(fields[cell]), float(fields[cell + steps]), width, temperature)
        for row, cell in zip(rows, cells, strict=True)
    )


@lru_cache(maxsize=64)
def _table(rule: Rule, reach: float, temperature: float) -> tuple[Array, Array]:
    """Fields (field,), and the amplitude at them for both labels and some weights: (case, field)."""
    fields = np.linspace(-reach, reach, CELLS + 1)
    return fields, np.array([[_at(rule, a, case, temperature) for a in fields] for case in _cases(rule)])


def _cases(rule: Rule) -> list[tuple[float, float]]:
    weights = (-1.0, 0.0, 1.0) if rule.uses_weight else (0.0,)
    return [(label, weight) for label in (-1.0, 1.0) for weight in weights]


def _at(rule: Rule, field: float, case: tuple[float, float], temperature: float) -> float:
    label, weight = case
    answer = tanh(0.5 * field / temperature) if temperature > 0.0 else copysign(1.0, field)
    try:
        found = float(rule.amplitude(field, label, answer, weight, rule.parameters))
    except OverflowError:
        return 0.0
    return found if np.isfinite(found) else 0.0


def _within(rule: Rule, case: tuple[float, float], low: float, high: float, width: float, temperature: float) -> float:
    """|change of F| / width over just this width, around the steepest place between two fields."""
    first, last = _at(rule, low, case, temperature), _at(rule, high, case, temperature)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        between = _at(rule, middle, case, temperature)
        if abs(between - first) > abs(last - between):
            high, last = middle, between
        else:
            low, first = middle, between
        if high - low < 0.1 * width:
            break
    middle = 0.5 * (low + high)
    ends = (_at(rule, middle + side * width, case, temperature) for side in (-0.5, 0.5))
    return abs(next(ends) - next(ends)) / width
