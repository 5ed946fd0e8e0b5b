"""Frames are what ``train`` and ``budget`` give, bit by bit, and stop when nobody waits for them."""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.explorer.choice import Choice
from szilard.explorer.frames import (
    FRAMES,
    Scene,
    SupersededError,
    coarse_to_fine,
    direction,
    scene_by_scene,
    stops,
    walked,
)
from szilard.explorer.live_source import Source, as_python

CASES = {
    "hebbian": Choice(learning_rate=1.3, inputs=4, patterns=3, ramp=2.5, duration=6.0, temperature=0.7, seed=5),
    "perceptron": Choice(rule="perceptron", learning_rate=2.2, inputs=3, patterns=2, ramp=0.0, duration=5.0, seed=2),
    "feedback": Choice(learning_rate=1.0, inputs=2, patterns=2, feedback=0.6, duration=4.0, temperature=1.4, seed=3),
    "one weight": Choice(rule="adatron", learning_rate=3.0, inputs=1, patterns=2, ramp=1.0, duration=4.0, seed=4),
}
REPLICAS = 300


def whole(choice: Choice, replicas: int = REPLICAS) -> Scene:
    return list(scene_by_scene(Source().settings(choice, replicas), every=False))[-1]


def trained(choice: Choice, **more: object) -> sz.LearningRun:
    c = choice
    told = {
        "learning_rate": c.learning_rate, "duration": c.duration, "temperature": c.temperature, "seed": c.seed,
        "feedback": c.feedback, "readout": c.readout, "schedule": f"ramp:{c.ramp!r}" if c.ramp else "quench",
    }  # fmt: skip
    task = sz.tasks.random_labels(c.inputs, c.patterns, seed=c.seed)
    return sz.train(task, sz.rules.SHIPPED[c.rule], **{**told, "replicas": REPLICAS, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CASES)
def test_the_last_frame_is_what_train_gives_bit_by_bit(name: str) -> None:
    scene, run = whole(CASES[name]), trained(CASES[name])
    last = scene.frames[-1]
    assert np.array_equal(scene.final.weights, run.weights)
    assert last.heat == run.heat
    assert last.work == run.work
    assert last.entropy == run.entropy
    assert last.cost == run.cost
    assert last.learned == run.information
    assert last.budget == sz.budget(run)
    assert scene.law == run.second_law()


@pytest.mark.parametrize("name", ["hebbian", "perceptron"])
def test_a_frame_on_the_way_is_a_shorter_run_of_the_same_noise(name: str) -> None:
    choice = CASES[name]
    scene = whole(choice)
    middle = scene.frames[16]
    run = trained(choice, duration=middle.time, dt=scene.settings.dt)
    assert middle.heat == run.heat
    assert middle.cost == run.cost
    assert middle.budget == sz.budget(run)


def test_frames_on_the_way_are_the_snapshots_of_train() -> None:
    choice = CASES["hebbian"]
    scene = whole(choice)
    times = [frame.time for frame in scene.frames[1:]]
    seen = trained(choice, times=times, dt=scene.settings.dt).snapshots
    assert [frame.heat for frame in scene.frames[1:]] == [snapshot.heat for snapshot in seen]
    assert [frame.work for frame in scene.frames[1:]] == [snapshot.work for snapshot in seen]
    assert [frame.learned for frame in scene.frames[1:]] == [snapshot.information for snapshot in seen]


def test_densities_are_normalised_and_begin_at_rest() -> None:
    choice = CASES["hebbian"].changed(inputs=1, patterns=1, learning_rate=4.0)
    scene = whole(choice, 4000)
    width = scene.edges[1] - scene.edges[0]
    at = 0.5 * (scene.edges[1:] + scene.edges[:-1])
    for frame in scene.frames:
        assert np.allclose(frame.density.sum(axis=1) * width, 1.0, rtol=1e-12)
    first, last = (frame.density @ at * width for frame in (scene.frames[0], scene.frames[-1]))
    assert scene.final.gains is not None
    expected = float(scene.final.gains[0])  # N = P = 1: the mean weight is a sigma
    sigma = np.sqrt(choice.temperature / 2000.0)  # T/k = 0.7 over about 2000 replicas of each label
    # Binning moves a mean by less than a sixth of a sigma here: width^2 p'/12 summed over bins nearly cancels.
    assert np.all(np.abs(first) < 4.0 * sigma)
    assert np.all(np.abs(last - np.array([-expected, expected])) < 4.5 * sigma)


def test_the_label_pushes_to_the_right_whatever_the_input() -> None:
    signs = set()
    for seed in range(6):
        settings = Source().settings(CASES["hebbian"].changed(seed=seed, inputs=1, patterns=1), 300)
        sign = direction(settings)
        signs.add(sign)
        assert sign * settings.task.inputs[0, 0] == 1.0
    assert signs == {-1.0, 1.0}


def test_budgets_come_one_by_one_the_last_first() -> None:
    every = list(scene_by_scene(Source().settings(CASES["hebbian"], 200)))
    assert len(every) == FRAMES + 1
    assert [sum(f.budget is None for f in scene.frames) for scene in every] == list(range(FRAMES, -1, -1))
    assert every[1].frames[-1].budget is not None
    assert every[-1].whole
    assert sorted(coarse_to_fine(24)) == list(range(24))
    assert coarse_to_fine(1) == [0]


def test_stops_are_distinct_steps_that_end_at_the_end() -> None:
    short = Source().settings(Choice(duration=0.5, ramp=0.0, temperature=4.0), 200)
    found = stops(short)
    assert found == sorted(set(found))
    assert found[-1] == short.steps


def test_stale_work_ends() -> None:
    settings = Source().settings(CASES["hebbian"], 200)
    with pytest.raises(SupersededError):
        list(walked(settings, stops(settings), lambda: True))
    asked = iter([False] * 60 + [True] * 10**6)
    with pytest.raises(SupersededError):
        list(scene_by_scene(settings, lambda: next(asked)))


def test_the_lines_in_python_give_the_same_run() -> None:
    choice = CASES["perceptron"]
    room: dict[str, object] = {}
    code = as_python(choice, Source().settings(choice, REPLICAS))
    exec(code.rpartition("print(")[0], room)
    run = room["run"]
    assert isinstance(run, sz.LearningRun)
    assert run.heat == whole(choice).frames[-1].heat
