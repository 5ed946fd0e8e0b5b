"""The areas of the budget over time: they add up to the cost, and step where a term begins to be known."""

from __future__ import annotations

import numpy as np
import pytest

from szilard.explorer.choice import Choice
from szilard.explorer.figures import stacked
from szilard.explorer.frames import scene_by_scene
from szilard.explorer.live_source import Source
from szilard.learning.decomposition import TERMS


@pytest.mark.parametrize("rule", ["hebbian", "perceptron"])
def test_areas_add_up_to_the_cost_and_step_together(rule: str) -> None:
    choice = Choice(rule=rule, ramp=0.0, duration=6.0, temperature=0.8)
    *_, scene = scene_by_scene(Source().settings(choice, 300))
    areas = stacked(scene, len(scene.frames) - 1)
    heights = {name: areas[f"{name}_high"] - areas[f"{name}_low"] for name in TERMS}
    frames = [frame for frame in scene.frames if frame.budget is not None]
    cost = {frame.time: frame.budget.cost.value for frame in frames if frame.budget is not None}
    total = np.sum(list(heights.values()), axis=0)
    np.testing.assert_allclose(total, [cost[t] for t in areas["t"]], rtol=1e-12, atol=1e-12)
    known = [tuple(getattr(f.budget, name) is not None for name in TERMS[:5]) for f in frames]
    steps = sum(a != b for a, b in zip(known, known[1:], strict=False))
    assert len(areas["t"]) == len(frames) + steps
    assert (steps > 0) == (rule == "perceptron")
    at = np.flatnonzero(np.diff(areas["t"]) == 0.0)
    np.testing.assert_array_equal(heights["learned"][at], heights["learned"][at + 1])
    assert not heights["dissipation"][at].any()
    assert np.count_nonzero(heights["dissipation"][at + 1]) == (rule == "perceptron")
