"""Pictures become better while nobody moves anything, and what would take minutes is refused."""

from __future__ import annotations

import pytest

import szilard as sz
from szilard.explorer.choice import Choice
from szilard.explorer.live_source import Source
from szilard.explorer.replica_stages import STAGES, improving


def test_errors_shrink_from_stage_to_stage() -> None:
    errors: dict[int, float] = {}
    last = None
    for scene, _, busy in improving(Source(), Choice(duration=0.5, inputs=1, patterns=1), lambda: False):
        errors[scene.settings.replicas] = scene.frames[-1].heat.stderr
        last = scene, busy
    assert list(errors) == list(STAGES)
    assert last is not None
    assert last[0].whole
    assert not last[1]
    # Standard errors themselves are known to about (2 n)^-1/2 of their value, heavier tails a little less.
    assert errors[1000] / errors[4000] == pytest.approx(2.0, rel=0.15)
    assert errors[4000] / errors[16000] == pytest.approx(2.0, rel=0.1)


def test_what_would_take_minutes_is_refused() -> None:
    slow = Choice(rule="perceptron", learning_rate=10.0, inputs=40, patterns=40, duration=60.0, temperature=0.1)
    with pytest.raises(sz.InputError, match="too much for a page"):
        next(improving(Source(), slow, lambda: False))


def test_the_first_picture_is_published_before_its_budgets() -> None:
    first, _, busy = next(improving(Source(), Choice(), lambda: False))
    assert busy
    assert not first.whole
