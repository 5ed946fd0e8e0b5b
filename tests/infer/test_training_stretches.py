"""Trainings recorded in several stretches, and with weights that never move: nothing unrecorded is booked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard.infer.training_estimates import mean_of_ledgers
from szilard.infer.training_recording import TrainingRecording, training_ledger
from szilard.infer.training_result import TrainingLedger
from szilard.infer.training_steps import BLOCK, COLUMNS, Rows, Training
from szilard.infer.training_sums import change_of_loss
from szilard.reporting.training_page import page_of_training
from szilard.reporting.training_prose import answer
from tests.infer.sgd import Bowl
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
N, CALLS, RATE = 30, 120, 0.05
BOWL = Bowl(np.linspace(0.5, 2.0, N), np.full(N, 2.0), RATE)
FREE = Bowl(np.zeros(N), np.full(N, 2.0), RATE)
WARM = RATE * 2.0 / 2.0
STARTS = (np.linspace(2.0, 4.0, N), np.full(N, 8.0))


def stretched(
    path: Path, model: Bowl, starts: tuple[Array, ...], calls: int, *, seed: int, parts: int = 4, push: float = 0.0
) -> TrainingLedger:
    """One recording of descents that begin elsewhere each; push: a constant force on every weight."""
    draw = np.random.Generator(np.random.Philox(seed))
    for start in starts:
        w = start.copy()
        with TrainingRecording(path, learning_rate=RATE, every=10**6, resume=True) as recording:
            for _ in range(calls):
                noise = np.sqrt(parts * model.noise) * draw.normal(size=(parts, N))
                shards = model.gradient(w) - push + noise
                loss = model.loss(w) - push * float(w.sum())
                recording.step(w, loss, shards[0] if parts == 1 else None, parts=shards if parts > 1 else None)
                w = w - RATE * shards.mean(axis=0)
    return training_ledger(path)


@cache
def falls(parts: int) -> tuple[TrainingLedger, ...]:
    """Two falls each; in between the weights are lifted from near the ground to 8."""
    with TemporaryDirectory() as place:
        return tuple(stretched(Path(place) / f"{s}", BOWL, STARTS, CALLS, seed=s, parts=parts) for s in range(16))


def test_heat_is_that_of_the_stretches() -> None:
    """The loss rose by about as much in between as it fell: from end to end there is nothing to see."""
    exact = sum(float(BOWL.heats(start, CALLS - 1).sum()) for start in STARTS)
    found = mean_of_ledgers(falls(4))
    for name in ("heat_from_loss", "heat_along_path"):
        assert found[name].side == "two-sided"
        assert_agrees(found[name], exact)
    assert_agrees(found["entropy_flow_from_loss"], exact / WARM)
    assert found["entropy_flow_from_loss"].side == found["work"].side == "two-sided"
    assert abs(found["work"].value) < 4.0 * found["work"].stderr < 0.05 * exact


def test_the_balance_of_energy_holds_over_breaks() -> None:
    found = mean_of_ledgers(falls(1))
    assert_agrees(found["temperature_from_balance"], WARM, relative=0.02)
    assert found["work"].side == "lower"


def test_a_break_is_told() -> None:
    run = falls(4)[0]
    assert run["straightness"].side == "none" and run["displacement"].note
    assert any("taken up again 1 times" in problem for problem in run.problems)
    assert "in part unrecorded" in answer(run)
    assert [(s.start, s.stop) for s in run.training.stretches] == [(0, CALLS), (CALLS, 2 * CALLS)]


@pytest.mark.parametrize("stretches", [2, 12])
def test_what_moved_while_away_produced_nothing(tmp_path: Path, stretches: int) -> None:
    """Free diffusion is at rest: it produces nothing, wherever it is put in between.

    Of J stretches (sum_j sqrt(x_j+))^2 / J, x_j of mean 0 and variance 8, is by chance 1.13 + 0.48 (J - 1).
    """
    starts = tuple(np.full(N, 8.0 * j) for j in range(stretches))
    runs = [stretched(tmp_path / f"{s}", FREE, starts, 240 // stretches, seed=s) for s in range(12)]
    found = [run["least_entropy_production"] for run in runs]
    values = [e.value for e in found]
    assert all(e.value <= 2.0 * e.stderr < 20.0 * stretches for e in found)
    error = np.std(values, ddof=1) / np.sqrt(12)
    assert np.mean(values) - 1.13 - 0.48 * (stretches - 1) < 4.0 * error < 4.0 * stretches


def test_least_entropy_production_of_two_stretches_is_that_of_their_way(tmp_path: Path) -> None:
    """A push f: d_j = f t_j sqrt(N) beside the noise, N f^2 t / (T sqrt(N)) in all."""
    starts, push = (np.zeros(N), np.full(N, -50.0)), 1.5
    runs = tuple(stretched(tmp_path / f"{s}", FREE, starts, CALLS, seed=s, push=push) for s in range(12))
    found = mean_of_ledgers(runs)["least_entropy_production"]
    t = 2 * (CALLS - 1) * RATE
    assert_agrees(found, N * push**2 * t / (WARM * np.sqrt(N)), relative=0.05)
    spread = float(np.std([run["least_entropy_production"].value for run in runs], ddof=1))
    assert 0.3 < spread / runs[0]["least_entropy_production"].stderr < 1.7  # 12 values: 1 +- 0.21, and a bound


def test_the_loss_of_short_stretches() -> None:
    """Calls of 0, 1 and 3 steps: the change is from the first call to the last, and a lone call changes nothing."""
    loss = np.array([5.0, 9.0, 7.0, 20.0, 19.0, 17.0, 14.0])
    rows = np.full((7, len(COLUMNS)), np.nan)
    rows[:, 0] = loss
    rows[[2, 4, 5, 6], COLUMNS.index("step2")] = 1.0
    training = Training(rows, np.zeros((5, 1)), 1, 1, False)
    third = 14.0 - 3 * 17.0 + 3 * 19.0 - 20.0
    change, error = change_of_loss(training)
    assert change == (7.0 - 9.0) + (14.0 - 20.0)
    assert error == pytest.approx(np.sqrt(4.0 * third**2 / 20.0)) if third else error == 0.0
    assert change_of_loss(Training(rows[:3], np.zeros((5, 1)), 1, 1, False)) == (-2.0, np.inf)


class Parameter:
    """An array with a gradient, or none."""

    def __init__(self, values: Array, grad: Array | None) -> None:
        self.values, self.grad, self.shape = values, grad, values.shape

    def __array__(self, dtype: object = None, copy: object = None) -> Array:
        return self.values


def beside(frozen: int, how: str) -> TrainingLedger:
    """Fifty weights, and some that never move; how: without .grad, or with zeros for gradients."""
    draw, w = np.random.default_rng(7), np.full(50, 4.0)
    stiffness = np.linspace(0.5, 1.5, 50)
    recording, rest = TrainingRecording(learning_rate=RATE), np.full(frozen, 3.0)
    for _ in range(400):
        shards = stiffness * w + 2.0 * draw.normal(size=(2, 50))
        loss, g = 0.5 * float(np.sum(stiffness * w**2)), shards.mean(axis=0)
        if how == "none":
            recording.step([Parameter(w, g), *([Parameter(rest, None)] * bool(frozen))], loss)
        elif how == "parts":
            recording.step([w, rest], loss, parts=[[part, 0.0 * rest] for part in shards])
        else:
            recording.step([w, rest], loss, [g, 0.0 * rest])
        w = w - RATE * g
    return recording.ledger()


@pytest.mark.parametrize("how", ["none", "zero", "parts"])
def test_weights_that_never_move_count_for_nothing(how: str) -> None:
    alone, shared = beside(0, how), beside(450, how)
    assert shared.amounts.keys() == alone.amounts.keys()
    for name, e in alone.amounts.items():
        assert shared[name].value == pytest.approx(e.value, rel=1e-9)
        assert shared[name].stderr == pytest.approx(e.stderr, rel=1e-9)
        assert shared[name].side == e.side
    assert shared.spectrum.size == 50 and shared.problems == alone.problems
    assert "the 50 of 500 weights that ever moved" in repr(shared) and "of 50 weights;" in repr(alone)


def test_weights_that_seldom_move_count() -> None:
    """Gradients as of an embedding: three in ten calls, C_n = 0.3 times 2, and T = eta C_n / 2."""
    draw, w = np.random.default_rng(9), np.zeros(400)
    recording = TrainingRecording(learning_rate=RATE)
    for _ in range(300):
        shards = (draw.random(400) < 0.3) * np.sqrt(4.0) * draw.normal(size=(2, 400))
        recording.step(w, 0.0, parts=list(shards))
        w = w - RATE * shards.mean(axis=0)
    run = recording.ledger()
    assert run.training.trained == 400
    assert_agrees(run["temperature"], RATE * 0.3 * 2.0 / 2.0, relative=0.02)


def test_weights_that_moved_are_known_over_breaks(tmp_path: Path) -> None:
    """Halves trained one after the other, a third part only while nobody looked."""
    draw, w = np.random.default_rng(4), np.zeros(31)
    for part in (slice(0, 10), slice(10, 20)):
        with TrainingRecording(tmp_path, learning_rate=RATE, every=7, resume=True) as recording:
            for _ in range(30):
                g = np.zeros(31)
                g[part] = draw.normal(size=10)
                recording.step(w, 0.0, g)
                w = w - RATE * g
        w[20:25] += 1.0
    run = training_ledger(tmp_path)
    assert run.training.trained == 20 and run.spectrum.size == 20
    assert run.training.trained == int(np.count_nonzero(run.training.sums[4]))
    assert "the 20 of 31 weights that ever moved" in page_of_training(tmp_path)


def test_a_training_that_does_not_move_has_no_temperature() -> None:
    for g, off in ((np.zeros(4), 0.0), (np.ones(4), np.inf)):
        recording = TrainingRecording(learning_rate=RATE)
        for _ in range(40):
            recording.step(np.ones(4), 1.0, g)
        run = recording.ledger()
        assert run.problems == ("no weight ever moved",) and "temperature" not in run
        assert run.mismatch == off
        assert "no weight ever moved" in answer(run)


@pytest.mark.parametrize("kept", [0, 3, BLOCK])
def test_rows_grow_in_order(kept: int) -> None:
    whole = np.arange(2.0 * (kept + 2 * BLOCK + 5)).reshape(-1, 2)
    rows = Rows(whole[:kept])
    for k, row in enumerate(whole[kept:], start=kept):
        if k in (kept, kept + 1, BLOCK, BLOCK + 1, 2 * BLOCK):
            assert np.array_equal(rows.since(max(0, k - 2)), whole[max(0, k - 2) : k])
        rows.append(row)
    assert len(rows) == whole.shape[0]
    for first in (0, 1, kept, BLOCK - 1, BLOCK, 2 * BLOCK + 1, whole.shape[0]):
        assert np.array_equal(rows.since(first), whole[first:])
