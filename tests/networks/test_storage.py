"""The price of storing patterns: a row of couplings as a trained neuron, and the limit of many units."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.learning.tasks import storage_task
from szilard.networks.associative import hopfield
from szilard.networks.couplings import random_patterns
from szilard.networks.storing import storage_price
from tests.statistics import assert_agrees

XI = random_patterns(4, 9, seed=2)
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 0.6}


def test_training_a_row_costs_what_the_exact_theory_says() -> None:
    """Cost and information of unit 3, with the ramp of the same duration; the staircase's heat errs by (dt/tau)^2."""
    task = storage_task(XI, unit=3)
    np.testing.assert_array_equal(task.inputs, np.delete(XI, 3, axis=1))
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=2.5, duration=12.0, dt=0.05, replicas=20000, seed=4,
        schedule=sz.ramp(8.0), **BATH,
    )  # fmt: skip
    exact = sz.theory.hebbian_finite(task.inputs, 2.5, 8.0, duration=12.0, **BATH)
    assert_agrees(run.cost, exact.cost, relative=0.02)
    assert_agrees(run.information, float(exact.information.sum()), relative=0.02)
    law = run.second_law()
    assert law is not None and law.verdict == "holds"


def test_trained_rows_are_hebbs_couplings_with_thermal_noise() -> None:
    """k w / (nu sqrt N) - (1/N) sum_mu xi_i xi_j has mean 0 and variance k T / (nu^2 N): the noise of the price."""
    nu, task = 3.0, storage_task(XI, unit=0)
    run = sz.train(task, sz.rules.hebbian, learning_rate=nu, duration=12.0, dt=0.1, replicas=20000, seed=4, **BATH)
    n = task.n_inputs
    row = BATH["stiffness"] * run.weights / (nu * sqrt(n))
    apart = sqrt(n) * (row - run.labels.astype(float) @ task.inputs / n)
    noise = storage_price(4 / 8, nu, **BATH).coupling_noise
    assert abs(apart.mean(axis=0)).max() < 4.5 * noise / sqrt(20000)
    assert apart.var() == pytest.approx(noise**2, rel=4.0 * sqrt(2.0 / apart.size))


def test_price_is_the_limit_of_a_row() -> None:
    """N = 1500 units: the exact theory of given patterns is within 1/sqrt(N P) of the limit, self-averaging."""
    load, nu = 0.2, 2.0
    xi = random_patterns(300, 1501, seed=5)
    row = sz.theory.hebbian_finite(storage_task(xi).inputs, nu, 20.0, "sign", **BATH)
    price = storage_price(load, nu, 20.0, **BATH)
    assert row.cost / 1500 == pytest.approx(price.cost, rel=0.01)  # 1/sqrt(N P) = 0.0015, times a factor of order 1
    assert row.information.mean() == pytest.approx(price.information_per_bit, rel=0.01)
    assert price.cost_per_bit == pytest.approx(price.cost / load, rel=1e-14)
    assert price.heat_per_bit == pytest.approx(price.heat / load, rel=1e-14)
    assert price.efficiency == pytest.approx(price.information_per_bit / price.cost_per_bit, rel=1e-14)


def test_noisy_couplings_keep_what_the_price_says() -> None:
    """One parallel sweep from error-free cues: m = erf[1/sqrt(2 (load + noise^2))], over P N = 4e5 bits.

    Bits of one unit share its couplings, so that the error is taken over units; corrections are O(1/N) = 7e-4.
    """
    n, price = 1500, storage_price(0.18, 2.2, **BATH)
    xi = random_patterns(270, n, seed=7)
    network = hopfield(xi, noise=price.coupling_noise, reciprocal=False, seed=3)
    kept = (np.sign(xi @ network.couplings.T) * xi).mean(axis=0)
    assert abs(kept.mean() - price.overlap) < 4.0 * kept.std() / sqrt(n) + 1.0 / n
    assert kept.std() / sqrt(n) < 0.002
    assert not network.reciprocal


def test_prices_order_as_they_must() -> None:
    """Landauer: no bit is told for less than it costs; haste costs heat; one bit at a low load is almost all told."""
    for load, force, tau in ((0.1, 4.0, np.inf), (0.05, 6.0, 50.0), (0.14, 1.0, 0.0)):
        price = storage_price(load, force, tau)
        assert 0.0 < price.information_per_bit < price.cost_per_bit
        assert price.information_per_bit < log(2.0)
        assert 0.0 < price.efficiency < 2.0 / np.pi
    assert storage_price(0.1, 4.0, 1.0).heat > storage_price(0.1, 4.0, 10.0).heat > storage_price(0.1, 4.0).heat == 0.0
    assert storage_price(0.02, 20.0).information_per_bit > 0.999 * log(2.0)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("patterns", lambda: storage_task([[1], [1]])),
        ("patterns", lambda: storage_task([[1, 2]])),
        ("unit", lambda: storage_task(XI, unit=9)),
        ("unit", lambda: storage_task(XI, unit=-1)),
        ("force", lambda: storage_price(0.1, 0.0)),
        ("force", lambda: storage_price(0.1, -2.0)),
        ("force", lambda: storage_price(0.1, 1e200)),
        ("load", lambda: storage_price(-1, 2.0)),
        ("tau", lambda: storage_price(0.1, 2.0, -1.0)),
        ("load", lambda: storage_price(0.0, 1.0)),
        ("readout", lambda: storage_price(0.1, 1.0, readout="loud")),  # type: ignore[arg-type]
    ],
)
def test_bad_input(field: str, wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(sz.InputError) as raised:
        wrong()
    assert raised.value.field == field
