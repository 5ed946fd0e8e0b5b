"""Closed forms beside the simulation: they agree within 4 sigma, and are absent where none holds."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.explorer.choice import Choice
from szilard.explorer.closed_forms import exact_curves, exact_density
from szilard.explorer.frames import scene_by_scene
from szilard.explorer.live_source import Source

CHOICE = Choice(learning_rate=2.5, inputs=3, patterns=2, ramp=3.0, duration=7.0, temperature=0.6, seed=11)


@pytest.mark.parametrize("choice", [CHOICE, CHOICE.changed(ramp=0.0), CHOICE.changed(ramp=20.0, readout="sign")])
def test_every_curve_agrees_with_the_simulation(choice: Choice) -> None:
    scene = next(scene_by_scene(Source().settings(choice, 16000)))
    known = exact_curves(scene.settings, scene.times)
    assert known is not None
    for index in (12, 18, 24):
        frame = scene.frames[index]
        for name in ("heat", "work", "learned", "cost"):
            found, expected = getattr(frame, name), float(getattr(known, name)[index])
            assert 0.0 < found.stderr < 0.02 * known.cost[-1]
            assert abs(found.value - expected) < 4.0 * found.stderr, (name, index)
        # A staircase of n steps against the ramp: the mean differs by (dt/tau)^2/24 of itself.
        assert frame.entropy.value == pytest.approx(known.entropy[index], rel=1e-3)
    assert known.efficiency == pytest.approx(known.learned[-1] / known.cost[-1], rel=1e-14)
    assert known.efficiency <= 1.0
    assert known.limit <= known.ceiling


def test_one_weight_is_the_smallest_learner_of_goldt_and_seifert() -> None:
    choice = CHOICE.changed(inputs=1, patterns=1, ramp=0.0, duration=60.0)
    settings = Source().settings(choice, 200)
    known = exact_curves(settings, np.array([0.0, 30.0, 60.0]))
    law = sz.theory.single_synapse(2.5, 0.0, temperature=0.6)
    assert known is not None
    assert known.heat[-1] == pytest.approx(law.heat, rel=1e-9)
    assert known.learned[-1] == pytest.approx(law.information, rel=1e-9)
    assert known.efficiency == pytest.approx(law.efficiency, rel=1e-9)


def test_the_density_is_normalised_and_has_the_exact_mean_and_variance() -> None:
    settings = Source().settings(CHOICE.changed(patterns=4, inputs=5), 200)
    at = np.linspace(-12.0, 12.0, 4001)
    found = exact_density(settings, settings.duration, at)
    assert found is not None
    width = at[1] - at[0]
    assert found.sum(axis=1) * width == pytest.approx([1.0, 1.0], rel=1e-10)
    a = float(sz.theory.additive_heat([0.0, 3.0], [0.0, 1.0], duration=7.0, staircase=settings.dt).response) * 2.5
    step = a / np.sqrt(5.0)
    assert found @ at * width == pytest.approx([-step, step], rel=1e-9)
    assert found[1] @ (at - step) ** 2 * width == pytest.approx(0.6 + 3.0 * step**2, rel=1e-9)


def test_the_density_is_that_of_the_simulated_weights() -> None:
    scene = next(scene_by_scene(Source().settings(CHOICE, 8000)))
    for index in (0, 8, 24):
        frame, edges = scene.frames[index], scene.edges
        fine = np.linspace(edges[0], edges[-1], 44 * 20 + 1)
        known = exact_density(scene.settings, frame.time, fine)
        assert known is not None
        shares = 0.5 * (known[:, 1:] + known[:, :-1]) * (fine[1] - fine[0])
        expected = shares.reshape(2, 44, 20).sum(axis=2) * 4000.0  # about 4000 replicas of each label
        found = frame.density * (edges[1] - edges[0]) * 4000.0
        full = expected > 20.0
        chi2 = float(np.sum((found - expected)[full] ** 2 / expected[full]))
        # chi^2 of n has the mean n and the variance 2 n; 4 sigma, and 5 % for counts that are not quite 4000.
        assert chi2 < 1.05 * full.sum() + 4.0 * np.sqrt(2.0 * full.sum())


@pytest.mark.parametrize(
    "choice", [Choice(rule="perceptron"), Choice(rule="hebbian_decay"), Choice(feedback=0.5)], ids=lambda c: c.rule
)
def test_without_a_closed_form_nothing_is_shown(choice: Choice) -> None:
    settings = Source().settings(choice, 200)
    assert exact_curves(settings, np.array([0.0, settings.duration])) is None
    assert exact_density(settings, settings.duration, np.linspace(-3.0, 3.0, 7)) is None


def test_at_time_zero_a_weight_is_at_rest_whatever_the_rule() -> None:
    settings = Source().settings(Choice(rule="perceptron", temperature=2.0), 200)
    found = exact_density(settings, 0.0, np.array([0.0, 1.0]))
    assert found is not None
    assert found[0] == pytest.approx(np.exp([0.0, -0.25]) / np.sqrt(4.0 * np.pi), rel=1e-14)
