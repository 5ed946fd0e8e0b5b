"""Whatever a user may mistype ends in one error that names the field, the rule and the way out."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.learning import settings as settings_module
from tests.learning import cases

TASK = sz.tasks.random_labels(2, 3, seed=1)
GOOD: dict[str, Any] = {"learning_rate": 1.0, "duration": 1.0, "dt": 0.1, "replicas": 10, "seed": 1}
NAN, INF = float("nan"), float("inf")
NUMBERS = ("learning_rate", "duration", "dt", "temperature", "stiffness", "mobility")
KICK: dict[str, Any] = {"mode": "online", "online": "kick"}


def refusal(field: str, function: Any, *args: Any, **kwargs: Any) -> sz.InputError:
    with pytest.raises(sz.InputError) as caught:
        function(*args, **kwargs)
    assert caught.value.field == field
    assert caught.value.rule and caught.value.fix
    assert all(part in str(caught.value) for part in (field, caught.value.rule, "Fix: "))
    return caught.value


def train_refuses(field: str, **changes: Any) -> sz.InputError:
    task, rule = changes.pop("task", TASK), changes.pop("rule", sz.rules.perceptron)
    return refusal(field, sz.train, task, rule, **(GOOD | changes))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [NAN, INF, -1.0, "1", 1j, [1.0]], ids=str)
def test_numbers(name: str, value: Any) -> None:
    train_refuses(name, **{name: value})


@pytest.mark.parametrize("name", NUMBERS[1:])
def test_positive_numbers(name: str) -> None:
    train_refuses(name, **{name: 0.0})


def test_zero_temperature_has_no_thermodynamics() -> None:
    assert "no thermodynamics" in str(train_refuses("temperature", temperature=0.0))


@pytest.mark.parametrize("value", [-1, 1.5, "5", None, True], ids=str)
@pytest.mark.parametrize("name", ["replicas", "seed"])
def test_counts(name: str, value: Any) -> None:
    train_refuses(name, **{name: value})


@pytest.mark.parametrize("name", ["mode", "order", "online", "readout"])
@pytest.mark.parametrize("value", ["sideways", None, 3])
def test_names(name: str, value: Any) -> None:
    assert "one of" in str(train_refuses(name, **{name: value}))


@pytest.mark.parametrize("value", ["slow", "ramp:", "ramp:x", None, 3.0, [0, 1], len])
def test_schedules(value: Any) -> None:
    train_refuses("schedule", schedule=value)


@pytest.mark.parametrize("value", [NAN, INF, -1.0, 0.0, "x", None])
def test_online_needs_a_dwell(value: Any) -> None:
    train_refuses("dwell", mode="online", dwell=value)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("dwell", {"dwell": 0.1}),
        ("dt", {"mode": "online", "dwell": 0.25}),
        ("dt", KICK | {"dwell": 0.2}),
        ("dt", {"dt": 0.3}),
        ("dt", {"dt": 2.0}),
        ("dt", {"dt": 2.5, "duration": 5.0}),
        ("dt", {"rule": sz.rules.adatron, "learning_rate": 1e3}),
        ("dt", {"rule": sz.rules.adatron, "learning_rate": 1.0, "schedule": sz.Protocol((0, 1), (0, 99))}),
        ("dt", {"rule": sz.rules.adatron, "mode": "online", "dwell": 0.1, "learning_rate": 5.0}),
        ("times", {"times": [NAN]}),
        ("times", {"times": [INF]}),
        ("times", {"times": ["x"]}),
        ("times", {"times": 0.5}),
        ("times", {"times": [0.0]}),
        ("times", {"times": [0.15]}),
        ("times", {"times": [2.0]}),
        ("times", {"times": [0.5, 0.2]}),
        ("times", {"times": [0.5, 0.5]}),
        ("threads", {"threads": 0}),
        ("threads", {"threads": 1.5}),
        ("lanes", {"lanes": 0}),
        ("lanes", {"lanes": "x"}),
        ("task", {"task": None}),
        ("task", {"task": np.eye(2)}),
        ("rule", {"rule": "hebbian"}),
    ],
    ids=lambda given: re.sub(r" at 0x[0-9a-f]+", "", str(given)),  # where a function lies in memory is no name
)
def test_settings_that_do_not_fit(field: str, changes: dict[str, Any]) -> None:
    train_refuses(field, **changes)


def test_stability_limit_is_where_the_step_becomes_unstable() -> None:
    """AdaTron on one pattern: curvature k + c; w' = (1 - mu k dt - mu c dt) w to first order, stable below 2."""
    one = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
    error = train_refuses("dt", task=one, rule=sz.rules.adatron, learning_rate=20.0, duration=1.0, dt=0.1)
    assert "0.09524" in error.rule  # 2 / (1 + 20)
    sz.train(one, sz.rules.adatron, **(GOOD | {"learning_rate": 20.0, "dt": 1 / 11}))
    sz.train(one, sz.rules.hebbian, **(GOOD | {"dt": 1.0, "learning_rate": 1e3}))  # additive steps are exact


def test_fixes_that_are_offered_work() -> None:
    sz.train(TASK, sz.rules.perceptron, **(GOOD | {"dt": 1 / 3}))
    assert "0.333333" in train_refuses("dt", dt=0.3).fix
    assert "instance 0.1." in str(train_refuses("times", times=[0.15]))
    assert sz.train(TASK, sz.rules.perceptron, **(GOOD | {"replicas": 50}), times=[0.1]).snapshots[0].time == 0.1


def test_weights_that_diverge_are_not_booked() -> None:
    def run_away(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
        return weight * weight * weight * 1e6

    rule = sz.Rule("run away", run_away)
    train_refuses("dt", rule=rule, duration=10.0)


@pytest.mark.parametrize("replicas", [10**9, 10**12])
def test_too_much_memory_is_refused_before_it_is_taken(replicas: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "available_memory", lambda: 1 << 30)
    error = train_refuses("replicas", replicas=replicas)
    assert "GiB" in error.rule
    fits = int(error.fix.split("about ")[1].split(" ")[0])
    assert 2 <= fits < replicas
    settings = sz.train(TASK, sz.rules.hebbian, **GOOD).settings
    assert dataclasses.replace(settings, replicas=fits).bytes_needed < 1 << 30


def test_a_network_too_large_for_two_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every lane at work keeps units and slopes of all patterns: 16 bytes each, beside what a neuron takes."""
    monkeypatch.setattr(settings_module, "available_memory", lambda: 1 << 30)
    error = train_refuses("replicas", replicas=2, network=sz.networks.committee(5_000_000))
    assert error.fix == "fewer inputs, patterns or hidden units"


def test_tasks() -> None:
    make = sz.tasks.random_labels
    for n, p in ((0, 1), (1.5, 1), ("a", 1), (True, 1)):
        refusal("n_inputs", make, n, p, seed=1)
    refusal("n_patterns", make, 1, 0, seed=1)
    for seed in (None, -1, 1.5, "a"):
        refusal("seed", make, 2, 2, seed=seed)
    for inputs in ([[1.0, 1.0]], [[1.0, NAN], [1.0, 1.0]], [["a", "b"]], [[1.0, 1.0], [1.0]]):
        refusal("inputs", make, 2, 2, inputs=inputs)
    refusal("inputs[1]", make, 2, 2, inputs=[[1.0, 1.0], [1.0, 2.0]])
    for held_out in (-1, 1.5):
        refusal("held_out", sz.tasks.teacher_student, 2, 2, held_out=held_out, seed=1)


def test_data() -> None:
    x, y, make = cases.on_sphere(6, 3, 1), [0, 1, 0, 1, 0, 1], sz.tasks.from_data
    for labels in ([1] * 6, [1, 2, 3, 1, 2, 3], [1, 2], None, [1, 2, NAN, 1, 2, 1]):
        refusal("labels", make, x, labels)
    for more in ({"patterns": 7}, {"patterns": 0}, {"held_out": -1}, {"held_out": 6}, {"patterns": 4, "held_out": 3}):
        refusal("patterns", make, x, y, **more)
    refusal("labelling", make, x, y, labelling="guessed")
    refusal("inputs", make, [["a"]], [0])
    refusal("inputs[0, 0]", make, x * NAN, y)
    words = make(x, ["no", "yes", "no", "yes", "no", "yes"])
    assert words.labels is not None and sorted(words.labels) == [-1.0] * 3 + [1.0] * 3
    for a, b in ((3, 3), (3, 10), (-1, 3), ("a", 8)):
        refusal("classes", sz.tasks.digits, a, b, patterns=5)
    refusal("patterns", sz.tasks.digits, 3, 8, patterns=100_000)


def test_task_by_hand() -> None:
    ones = np.ones((2, 2))
    refusal("labelling", sz.Task, "t", ones, "guessed")
    refusal("inputs", sz.Task, "t", np.ones(2))
    refusal("labels", sz.Task, "t", ones, "true")
    refusal("labels", sz.Task, "t", ones, "true", np.array([1.0, 2.0]))
    refusal("held_out_inputs", sz.Task, "t", ones, "random", None, np.ones((2, 3)))
    refusal("held_out_labels", sz.Task, "t", ones, "true", np.array([1.0, -1.0]), ones)


def test_labels_follow_their_patterns_through_the_shuffle() -> None:
    """Each shown and held-out pattern keeps its own label; the two sets share none."""
    x = cases.on_sphere(40, 3, 2)
    y = np.where(x[:, 0] > 0, "up", "down")
    task = sz.tasks.from_data(x, y, patterns=25, held_out=15, seed=4)
    centred = x - x.mean(axis=0)
    for inputs, labels in ((task.inputs, task.labels), (task.held_out_inputs, task.held_out_labels)):
        assert inputs is not None and labels is not None
        direction = inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
        own = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        match = np.argmax(direction @ own.T, axis=1)
        np.testing.assert_array_equal(labels, np.where(y[match] == "up", 1.0, -1.0))
    assert len(np.unique(np.concatenate([task.inputs, task.held_out_inputs]), axis=0)) == 40
