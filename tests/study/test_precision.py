"""Replicas until an error: how many are taken, that the mean stays unbiased, and what a budget does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Estimate
from szilard.study import Study, run_study
from szilard.study.precision import Precision, scouted
from szilard.study.record import Finished
from szilard.study.work import worked
from tests.study.tiny import TINY, changed

Array = NDArray[np.float64]
PRECISE = changed(
    TINY,
    ("replicas = 200\n", ""),
    ("[task]", "[precision]\nrelative_error = 0.05\nblock = 200\nat_most = 40000\n\n[task]"),
    ("[0.5, 2.0]", "[2.0, 8.0]"),
)


def asked(**keys: object) -> Precision:
    return Precision.model_validate({"relative_error": 0.05, "block": 200, "at_most": 100_000, **keys})


def sampler(draw: Callable[[int], Array]) -> Callable[[int, int], Estimate]:
    def scout(replicas: int, number: int) -> Estimate:
        del number
        values = draw(replicas)
        return Estimate(float(values.mean()), float(values.std(ddof=1) / replicas**0.5), replicas)

    return scout


def test_as_many_as_the_scatter_asks_for() -> None:
    """sigma = 2, mean = 1, 5 %: n = (2/.05)^2 = 1600, times (1 + 2 delta)^2 = 1.9 of 200 scouts with delta = .14 + .05.

    And <1/mean^2> of the scouts is 1 + 3 .14^2.
    """
    rng = np.random.default_rng(2)
    takes = [scouted(asked(), sampler(lambda n: rng.normal(1.0, 2.0, n))).replicas for _ in range(200)]
    assert 1600 <= np.mean(takes) < 1.9 * 1.06 * 1.1 * 1600
    assert np.mean(np.array(takes) >= 1600) > 0.95
    assert all(take % 200 == 0 for take in takes)


def test_scouts_cost_little_where_much_is_asked() -> None:
    rng = np.random.default_rng(3)
    found = scouted(asked(relative_error=0.01), sampler(lambda n: rng.normal(1.0, 2.0, n)))
    assert 40_000 < found.replicas < 70_000
    assert found.scouts < 0.3 * found.replicas


def test_the_mean_is_unbiased_where_stopping_at_will_is_not() -> None:
    """Of skewed samples, 40 % relative error, 4000 times: the mean of those that stop when they look is far too low."""
    rng = np.random.default_rng(4)

    def draw(n: int) -> Array:
        return rng.lognormal(0.0, 1.5, n)

    truth = float(np.exp(1.5**2 / 2.0))
    rule = asked(relative_error=0.12, block=200, at_most=100_000)
    fresh, stopped = [], []
    for _ in range(1500):
        fresh.append(draw(scouted(rule, sampler(draw)).replicas).mean())
        seen = draw(200)
        while seen.std(ddof=1) / seen.size**0.5 > 0.12 * seen.mean():
            seen = np.concatenate([seen, draw(200)])
        stopped.append(seen.mean())
    errors = [np.std(x) / len(x) ** 0.5 for x in (fresh, stopped)]
    assert abs(np.mean(fresh) - truth) < 4.0 * errors[0]
    assert np.mean(stopped) - truth < -8.0 * errors[1]


@pytest.mark.parametrize("stderr", [1.0, float("inf")])
def test_a_budget_that_falls_short(stderr: float) -> None:
    """A mean of zero never has a small relative error; scouts take at most a quarter of the budget all the same."""

    def scout(replicas: int, number: int) -> Estimate:
        del number
        return Estimate(0.0, stderr / replicas**0.5)

    found = scouted(asked(at_most=5000), scout)
    assert 5000 - 200 < found.scouts + found.replicas <= 5000
    assert found.scouts <= 0.25 * 5000


def test_an_error_of_nothing_is_refused(tmp_path: Path) -> None:
    text = changed(PRECISE, ("relative_error", 'quantity = "held_out_error"\nrelative_error'))
    with pytest.raises(InputError, match="needs patterns that were never shown"):
        run_study(Study(text), tmp_path)


def test_an_absolute_error() -> None:
    rng = np.random.default_rng(5)
    rule = asked(relative_error=None, absolute_error=0.1)
    takes = [scouted(rule, sampler(lambda n: rng.normal(0.0, 2.0, n))).replicas for _ in range(100)]
    assert 400 <= np.mean(takes) < 700


def test_a_run_reaches_its_error(tmp_path: Path) -> None:
    results = run_study(Study(changed(PRECISE, ("0.05\nblock", "0.01\nblock"))), tmp_path)
    assert np.all(results.cost_stderr.values <= 0.01 * abs(results.cost.values))
    assert len(set(results.replicas.values)) > 1, "every run takes what it needs"
    assert np.all(results.error_reached.values == 1)
    assert results.attrs["replicas"] == 0
    assert "relative_error" in results.attrs["precision"]


def test_the_run_is_an_ordinary_one(tmp_path: Path) -> None:
    """Of the number that was found, with noise of its own: the scouts are not in it."""
    study = Study(PRECISE)
    cell = study.cells[0]
    record = worked(study, cell)
    assert isinstance(record, Finished)
    run = sz.train(
        study.task(cell.coordinates), sz.rules.hebbian, learning_rate=2.0, duration=1.0, dt=0.05, seed=5,
        replicas=record.notes["replicas"], readout="sign", cell=cell.key,
    )  # fmt: skip
    assert record.estimates["cost"].value == run.cost.value
    assert worked(study, cell, threads=1).estimates == record.estimates  # type: ignore[union-attr]


def test_an_error_that_is_missed_is_told(tmp_path: Path) -> None:
    results = run_study(
        Study(changed(PRECISE, ("at_most = 40000", "at_most = 600"), ("0.05\nblock", "0.001\nblock"))), tmp_path
    )
    assert np.all(results.error_reached.values == 0)
    assert np.all(results.replicas.values + results.scouts.values <= 600)


def test_another_precision_is_another_study(tmp_path: Path) -> None:
    keys = {cell.key for cell in Study(PRECISE).cells}
    other = {cell.key for cell in Study(changed(PRECISE, ("0.05\nblock", "0.04\nblock"))).cells}
    assert not keys & other


@pytest.mark.parametrize(
    "old, new, rule",
    [
        ("relative_error = 0.05", "", "must have relative_error or absolute_error"),
        ("relative_error = 0.05", "relative_error = -0.05", "greater than 0"),
        ("relative_error = 0.05", 'relative_error = 0.05\nquantity = "luck"', "must be 'learned'"),
        ("at_most = 40000", "at_most = 300", "at_most must be two blocks or more"),
        ("seed = 5", "seed = 5\nreplicas = 100", "how small an error"),
        ("block = 200", "blocks = 200", "is not a key"),
    ],
)
def test_refused(old: str, new: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        Study(changed(PRECISE, (old, new)))
