"""What the page says: numbers as they are, sides shown, nothing of foreign origin as markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import szilard as sz
from szilard.check import BoundCheck
from szilard.estimate import Estimate
from szilard.explorer.choice import Choice
from szilard.explorer.closed_forms import exact_curves
from szilard.explorer.frames import Scene, scene_by_scene
from szilard.explorer.live_source import Source
from szilard.explorer.page_words import apart, budget_table, efficiency_text, law_text, state_text, stored_beside_live

EVIL = "<script>alert(1)</script>"


def scene_of(choice: Choice) -> Scene:
    return list(scene_by_scene(Source().settings(choice, 200), every=False))[-1]


@pytest.fixture(scope="module")
def hebbian() -> Scene:
    return scene_of(Choice(learning_rate=1.5, temperature=0.8, duration=4.0, seed=3))


def test_the_table_holds_every_term_as_the_library_gives_it(hebbian: Scene) -> None:
    known = exact_curves(hebbian.settings, hebbian.times)
    text = budget_table(hebbian, 24, known)
    found = {name: float(value) for name, value in re.findall(r'data-of="(\w+)" data-v="([^"]+)"', text)}
    parts = sz.budget(hebbian.final)
    expected = {name: term.value for name, term in parts.terms().items()}
    expected |= {name: getattr(hebbian.final, name).value for name in ("cost", "heat", "work", "entropy")}
    assert found == expected
    assert sum(expected[name] for name in parts.terms()) == pytest.approx(expected["cost"], rel=1e-12)


def test_terms_that_cannot_be_told_apart_stand_together() -> None:
    text = budget_table(scene_of(Choice(rule="hebbian_decay", duration=2.0)), 24, None)
    assert "unresolved" in text
    assert "dissipation + redundancy + interference + readout, together" in text
    assert 'class="s redundancy"' not in text


def test_sides_are_shown(hebbian: Scene) -> None:
    frames = list(hebbian.frames)
    frames[-1] = replace(frames[-1], cost=Estimate(2.0, 0.1, 200, side="upper"))
    assert "≤2.00(10)" in budget_table(replace(hebbian, frames=tuple(frames)), 24, None)


def test_a_budget_that_is_not_made_yet_is_not_invented(hebbian: Scene) -> None:
    frames = list(hebbian.frames)
    frames[5] = replace(frames[5], budget=None)
    text = budget_table(replace(hebbian, frames=tuple(frames)), 5, None)
    assert "is being computed" in text
    assert 'data-of="dissipation"' not in text


def test_the_verdict_stands_with_both_sides_and_its_assumptions(hebbian: Scene) -> None:
    law = hebbian.law
    assert law is not None
    text = law_text(law, hebbian.final)
    assert f'<b class="verdict {law.verdict}">{law.verdict}</b>' in text
    for line in law.assumptions:
        assert line in text
    evil = BoundCheck(EVIL, law.smaller, law.larger, (EVIL,))
    assert EVIL not in law_text(evil, hebbian.final)
    assert "No bound is claimed" in law_text(None, hebbian.final)


def test_without_a_closed_form_the_text_says_so(hebbian: Scene) -> None:
    known = exact_curves(hebbian.settings, hebbian.times)
    assert known is not None
    assert f"exact {known.efficiency:.4f}" in efficiency_text(hebbian, known)
    assert "no closed form" in efficiency_text(hebbian, None)
    assert "200" in state_text(hebbian, 0.1, busy=False)


def test_differences_are_in_standard_errors_only_between_equals() -> None:
    a, b = Estimate(1.0, 0.3, 100), Estimate(0.5, 0.4, 100)
    assert apart(a, b) == "−1.0"
    assert apart(Estimate.exact(1.0), Estimate.exact(1.0)) == "equal"
    assert apart(a, Estimate(0.5, 0.4, 100, side="upper")) == "an estimate and at most"
    text = stored_beside_live({"cost": a, EVIL: a, "margin": a}, {"cost": b, EVIL: b, "margin": b})
    assert EVIL not in text
    assert "margin" not in text
    assert 'data-v="1.0"' in text
    assert 'data-v="0.5"' in text
