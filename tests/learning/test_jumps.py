"""A run says where its heat rests on midpoints of a force that jumps, and only there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

import szilard as sz


def jumping(field: float, label: float, output: float, weight: float, parameters: Sequence[float]) -> float:
    return label if label * field < parameters[0] else 0.0


def steep(field: float, label: float, output: float, weight: float, parameters: Sequence[float]) -> float:
    return label * (1.0 - math.tanh(40.0 * label * field))


def hinge(field: float, label: float, output: float, weight: float, parameters: Sequence[float]) -> float:
    return max(0.0, parameters[0] - label * field)


def trained(rule: Any, **settings: Any) -> str:
    task = sz.tasks.random_labels(3, 2, seed=1)
    return repr(
        sz.train(task, rule, learning_rate=0.7, duration=0.5, replicas=200, seed=2, temperature=0.8, **settings)
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (sz.Rule("jumps", jumping, parameters=(0.4,)), True),
        (sz.Rule("jumps, with its loss", jumping, hinge, parameters=(0.4,)), False),
        (sz.Rule("steep", steep), False),
        (sz.rules.perceptron, False),
        (sz.rules.oja, False),
        (sz.rules.hebbian, False),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_jump_without_a_loss_is_told(rule: Any, says: bool) -> None:
    assert ("heat and cost are biased" in trained(rule)) == says


def test_a_kick_has_no_midpoints() -> None:
    kicked = {"mode": "online", "online": "kick", "dwell": 0.1}
    assert "biased" not in trained(sz.Rule("jumps", jumping, parameters=(0.4,)), **kicked)
