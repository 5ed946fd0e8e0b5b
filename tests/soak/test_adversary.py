"""The adversary at its default size and another seed, and its opponents against the library and a simulation."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import numpy as np
import pytest

import szilard as sz
from szilard.estimate import Sampled
from szilard.information import learned_information
from szilard.questions.limit.adversary import AdversarySettings, adversary_part
from szilard.questions.limit.opponents import size_of
from szilard.questions.limit.opponents_feedback import hunt_feedback
from szilard.questions.limit.opponents_markov import MarkovSpace
from szilard.questions.limit.opponents_synaptic import Schedule, SynapticLearner
from szilard.questions.part import Finding
from tests.questions.test_adversary import EXACT, by_the_library
from tests.statistics import assert_agrees

pytestmark = pytest.mark.soak


def answered(settings: AdversarySettings, seed: int, time_step: float = 1.0) -> Finding:
    part = adversary_part(settings, time_step)
    records = []
    for piece in part.pieces:
        name = json.dumps([seed, dict(piece.coordinates)], sort_keys=True).encode()
        records.append(piece.work(int.from_bytes(hashlib.sha256(name).digest()[:4], "big") >> 1, None))
    return part.conclude(json.loads(json.dumps(records)))


QUICK = AdversarySettings(
    sizes=[[1, 1], [2, 2]], online_sizes=[], states=[2, 3], restarts=1, synaptic_evaluations=400,
    markov_evaluations=2000, feedback_evaluations=24,
)  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "seed", "time_step"),
    [(AdversarySettings(), 20, 1.0), (QUICK, 21, 1.0), (QUICK, 22, 0.5), (QUICK, 23, 1.0)],
    ids=["default", "quick", "quick, half the step", "quick, other seed"],
)
def test_the_verdicts_do_not_depend_on_seed_or_size(settings: AdversarySettings, seed: int, time_step: float) -> None:
    finding = answered(settings, seed, time_step)
    assert {c.verdict for c in finding.checks} <= {"holds", "holds, saturated"}
    assert {c.verdict for c in finding.broken} == {"violated"}
    assert "VIOLATION" not in finding.text
    assert "MISSES" not in finding.text
    assert " deeper than the Q/T = −0.0453609" in finding.text
    assert "not deeper" not in finding.text


def test_every_kind_of_learner_comes_close() -> None:
    """2/pi is the ceiling of one synapse with two labels: each is read through the noise of the other."""
    finding = answered(AdversarySettings(states=[2, 3], online_sizes=[]), 5)
    ratio = {row[0]: row[7] for row in finding.table.rows if row[1] == "dS + Q/T" and isinstance(row[7], sz.Estimate)}
    assert 0.999 < ratio["1 synapse, 1 pattern"].value < 1.0
    assert 0.999 < ratio["2 synapses, 2 patterns, batch"].value < 1.0
    assert 0.63 < ratio["1 synapse, 2 patterns, batch"].value < 2.0 / np.pi
    assert 0.95 < ratio["Markov, 2 states"].value < 1.0


@pytest.mark.parametrize("seed", range(6))
def test_feedback_cools_more_than_at_the_known_point(seed: int) -> None:
    record = hunt_feedback(24, seed)
    assert record["heat"] <= -0.0453609
    assert record["slack"] > 0.0


@pytest.mark.parametrize("longest", [1e-1, 1e5])
def test_many_markov_learners_against_the_library(longest: float) -> None:
    rng = np.random.default_rng(8)
    for states, labels, informed in ((2, 3, True), (4, 2, False), (5, 2, True)):
        space = MarkovSpace(states, labels, 4, 3, longest, informed)
        learners = space.learners(rng.random((5, size_of(space.shapes))))
        books = learners.books()
        for i in range(5):
            mine = [float(x[i]) for x in (books.information, books.knowledge, books.entropy, books.heat)]
            theirs = by_the_library(learners, i)
            assert mine == pytest.approx(theirs, rel=0, abs=EXACT * (1.0 + float(books.booked[i])))


@pytest.mark.parametrize("mode", ["batch", "online"])
def test_a_synaptic_learner_is_what_training_simulates(mode: Literal["batch", "online"]) -> None:
    """Heat and answers with unequal patterns: in batch under a schedule that turns back, online pattern by pattern."""
    raw = np.array([[1.2, -0.6, 1.1], [-0.4, 1.5, 0.8]])
    inputs = raw * np.sqrt(3.0 / np.sum(raw**2, axis=1, keepdims=True))
    bath: dict[str, Any] = {"temperature": 0.8, "stiffness": 1.5, "mobility": 0.7}
    turning = sz.Protocol([0.0, 1.0, 1.6, 2.4], [0.0, 1.0, -0.3, 0.9])
    schedules: tuple[Schedule, ...] = ((list(turning.times), list(turning.values), "linear"),) * 2
    settings: dict[str, Any] = {"schedule": turning, "learning_rate": 1.7}
    if mode == "online":
        shown = [0.0, 0.6, 1.2, 1.8]
        schedules = (shown, [1.0, 0.0, 1.0, 0.0], "constant"), (shown, [0.0, 1.0, 0.0, 1.0], "constant")
        settings = {"dwell": 0.6, "learning_rate": 0.6 * 1.7}
    exact = SynapticLearner(inputs, 1.7, schedules, duration=2.4, gain=1.0 / 0.8, **bath).books()
    run = sz.train(
        sz.tasks.random_labels(3, 2, inputs=inputs), sz.rules.hebbian, duration=2.4, dt=0.01, replicas=200_000, seed=4,
        mode=mode, **settings, **bath,
    )  # fmt: skip
    heat = Sampled.mean(run.ledger.heat.sum(axis=1) / 0.8).estimate()
    assert_agrees(heat, float(exact.heat[0]), relative=0.02)
    assert_agrees(learned_information(run.correct).estimate(), float(exact.information[0]), relative=0.05)
