"""What a page sends is judged: numbers are brought into their limits, words must be known."""

from __future__ import annotations

import pytest

import szilard as sz
from szilard.explorer.choice import LIMITS, RULES, Choice, chosen, limits_for


def test_numbers_are_brought_into_their_limits() -> None:
    found = chosen({"learning_rate": 1e9, "inputs": -3, "patterns": 2.6, "duration": 0.0, "feedback": -50})
    assert (found.learning_rate, found.inputs, found.patterns, found.duration, found.feedback) == (
        10.0,
        1,
        3,
        0.5,
        -2.0,
    )
    assert isinstance(found.patterns, int)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "3", None, True, [1.0], {"a": 1}])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(sz.InputError, match="finite number"):
        chosen({"temperature": value})


@pytest.mark.parametrize("value", ["__import__('os')", "", None, 3, ["hebbian"], "Hebbian"])
def test_a_rule_that_is_not_offered_is_refused(value: object) -> None:
    with pytest.raises(sz.InputError, match="rule"):
        chosen({"rule": value})


def test_an_unknown_control_is_refused() -> None:
    with pytest.raises(sz.InputError, match="control"):
        chosen({"replicas": 10**9})


def test_every_rule_is_shipped_and_every_default_is_allowed() -> None:
    assert set(RULES) <= set(sz.rules.SHIPPED)
    start = Choice()
    assert chosen({name: getattr(start, name) for name in LIMITS}) == start


def test_limits_widen_for_the_run_of_a_study_and_for_no_other() -> None:
    wide = limits_for(Choice(learning_rate=50.0, inputs=64))
    assert wide["learning_rate"].high == 50.0
    assert wide["inputs"].high == 64
    assert wide["patterns"] == LIMITS["patterns"]
    assert chosen({"learning_rate": 80.0}, wide).learning_rate == 50.0
