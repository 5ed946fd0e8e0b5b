"""|xi|^2 = N for every pattern, whatever the scale of the data; patterns without direction are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from szilard.data import digit_images, standardise
from szilard.errors import InputError


@pytest.mark.parametrize("centre", [True, False])
def test_digits_lie_on_the_sphere(centre: bool) -> None:
    images, _ = digit_images()
    xi = standardise(images, centre=centre)
    np.testing.assert_allclose((xi**2).sum(axis=1), 64.0, rtol=1e-14)
    assert np.all(xi[:, images.std(axis=0) == 0] == 0)
    x = images - images.mean(axis=0) if centre else images
    np.testing.assert_allclose(xi, x * 8 / np.linalg.norm(x, axis=1, keepdims=True), rtol=0, atol=1e-13)


def test_input_is_left_as_it_was() -> None:
    x = np.array([[1.0, 2.0], [3.0, 5.0]])
    standardise(x)
    assert x.tolist() == [[1.0, 2.0], [3.0, 5.0]]


@given(st.integers(0, 2**32 - 1), st.floats(-300, 300), st.booleans())
@settings(max_examples=100)
def test_scale_of_the_data_is_immaterial(seed: int, power: float, centre: bool) -> None:
    x = np.random.default_rng(seed).normal(size=(5, 7))
    xi = standardise(x * 10.0**power, centre=centre)
    np.testing.assert_allclose(xi, standardise(x, centre=centre), rtol=1e-9)
    np.testing.assert_allclose((xi**2).sum(axis=1), 7.0, rtol=1e-13)


def test_extremes_neither_overflow_nor_vanish() -> None:
    top = np.finfo(np.float64).max
    assert standardise([[top, top], [-top, top]]).tolist() == [[2**0.5, 0.0], [-(2**0.5), 0.0]]
    assert standardise([[5e-324, 0.0], [0.0, 5e-324]], centre=False).tolist() == [[2**0.5, 0], [0, 2**0.5]]


def test_constant_inputs_become_exactly_zero() -> None:
    x = np.full((7, 3), 0.1)
    x[:, 0] = np.arange(7) ** 2
    assert np.all(standardise(x)[:, 1:] == 0)


@pytest.mark.parametrize(
    ("x", "row"),
    [
        ([[0.1, 0.7]] * 3, 0),
        ([[0.1], [0.2], [0.3]], 1),
        ([[0.0, 0.0], [0.0, 0.0]], 0),
        ([[3.0, 4.0]], 0),
        (np.vstack([np.random.default_rng(1).normal(size=(999, 4)), np.zeros((1, 4))]), 999),
    ],
)
def test_a_pattern_equal_to_the_mean_is_named(x: Any, row: int) -> None:
    x = np.asarray(x)
    if row == 999:
        x = np.vstack([x[:-1], -x[:-1], x[-1:]])
        row = 1998
    with pytest.raises(InputError, match=f"row {row}: got a pattern equal to the mean"):
        standardise(x + 0.1 if row == 1998 else x)


def test_an_uncentred_pattern_of_zeros_is_named() -> None:
    with pytest.raises(InputError, match="row 1: got a pattern of zeros"):
        standardise([[1.0, 2.0], [0.0, 0.0]], centre=False)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, 2.0], "shape"),
        ([[[1.0]]], "shape"),
        (np.empty((0, 3)), "shape"),
        (np.empty((3, 0)), "shape"),
        ([[1.0], [1.0, 2.0]], "array of numbers"),
        ([[1.0, np.nan]], r"inputs\[0, 1\]: got nan"),
        ([[np.inf, 0.0]], "finite"),
        ([[1j, 0.0]], "real"),
        ([["a", "b"]], "real"),
        ([[None, 1]], "real"),
        ([[10**400, 1]], "real"),
        (np.array([["2020-01-01"]], "M8[D]"), "real"),
    ],
)
def test_anything_else_is_refused(x: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        standardise(x)


def test_booleans_and_integers_are_numbers() -> None:
    assert standardise([[True, False], [False, True]]).tolist() == standardise([[1, 0], [0, 1]]).tolist()
