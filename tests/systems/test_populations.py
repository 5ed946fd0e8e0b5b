"""Births and deaths: the product formula, Poisson at every time, rates that come back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import poisson

from szilard.errors import InputError
from szilard.systems import birth_death, immigration_death
from tests.systems.books import assert_local_balance, assert_stationary


def test_rates_come_back_and_the_product_formula_is_stationary() -> None:
    rng = np.random.default_rng(4)
    up, down = np.exp(rng.normal(size=(2, 9)))
    process = birth_death(up, down, 10, temperature=0.6)
    assert_local_balance(process)
    L = process.generator().toarray()
    np.testing.assert_allclose(np.diag(L, -1), up, rtol=1e-14)
    np.testing.assert_allclose(np.diag(L, 1), down, rtol=1e-14)
    p = np.cumprod(np.concatenate([[1.0], up / down]))
    assert_stationary(process, p)
    np.testing.assert_allclose(process.energies(), -0.6 * np.log(p), atol=1e-14)
    assert not process.driven


def test_functions_are_of_the_state_that_the_jump_leaves() -> None:
    L = birth_death(lambda x: 10.0 + x, lambda x: 100.0 * x, 5).generator().toarray()
    np.testing.assert_allclose(np.diag(L, -1), [10, 11, 12, 13], rtol=1e-14)
    np.testing.assert_allclose(np.diag(L, 1), [100, 200, 300, 400], rtol=1e-14)


@pytest.mark.parametrize("time", [0.3, 2.0, 30.0])
def test_immigration_and_death_are_poisson_at_every_time(time: float) -> None:
    """From none: mean (k/d)(1 - e^{-dt}); 60 states hold all but 2e-25 of a Poisson law of mean 8."""
    p0 = np.eye(60)[0]
    p = expm(immigration_death(4.0, 0.5, 60).generator().toarray() * time) @ p0
    np.testing.assert_allclose(p, poisson.pmf(np.arange(60), 8.0 * (1 - np.exp(-0.5 * time))), atol=1e-14)


def test_a_large_population_keeps_its_rates() -> None:
    """1e5 states: energies up to 1e5 ln 1e5 are rounded at 1e-16 of themselves, and so are the logarithms of rates."""
    size = 100_000
    process = birth_death(5e4, lambda x: 1.0 * x, size)
    L = process.generator()
    np.testing.assert_allclose(
        L.diagonal(1), np.arange(1, size), rtol=2.3e-16 * np.abs(process.energies()).max() + 1e-14
    )
    assert birth_death(1.0, 1.0, 1).generator().toarray().tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("size", lambda: birth_death(1.0, 1.0, 0)),
        ("birth of x = 2", lambda: birth_death([1.0, 1.0, 0.0], 1.0, 4)),
        ("death of x = 2", lambda: birth_death(1.0, lambda x: x - 2.0 * (x == 2), 4)),
        ("birth", lambda: birth_death([1.0, 1.0], 1.0, 4)),
        ("death[1]", lambda: birth_death(1.0, [1.0, np.nan, 1.0], 4)),
        ("temperature", lambda: birth_death(1.0, 1.0, 4, temperature=0.0)),
        ("immigration", lambda: immigration_death(0.0, 1.0, 4)),
        ("death", lambda: immigration_death(1.0, np.nan, 4)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
