"""Products of a matrix with columns of lanes: their values, and one order of additions whatever the shapes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from szilard._kernels.sums import TERMS, add_lower, add_products, add_upper

Array = NDArray[np.float64]
SHAPES = ((1, 1, 1), (1, 5, 9), (3, 2, 8), (4, 4, 7), (5, 11, 67), (9, TERMS + 7, 12))


def case(rows: int, terms: int, lanes: int) -> tuple[Array, Array, Array]:
    """Matrix, columns and rows that hold something already; terms of very different sizes, so that order shows."""
    rng = np.random.default_rng([rows, terms, lanes])
    sizes = 10.0 ** rng.integers(-6, 7, (terms, 1))
    return rng.normal(size=(rows, terms)), sizes * rng.normal(size=(terms, lanes)), rng.normal(size=(rows, lanes))


def in_order(matrix: Array, columns: Array, rows: Array) -> Array:
    """Four terms at a time, (a + b) + (c + d), then added; the rest one by one."""
    out = rows.copy()
    whole = matrix.shape[1] - matrix.shape[1] % 4
    for i in range(matrix.shape[0]):
        terms = [matrix[i, j] * columns[j] for j in range(matrix.shape[1])]
        for j in range(0, whole, 4):
            out[i] = out[i] + ((terms[j] + terms[j + 1]) + (terms[j + 2] + terms[j + 3]))
        for term in terms[whole:]:
            out[i] = out[i] + term
    return out


def added(function: Any, matrix: Array, columns: Array, rows: Array) -> Array:
    out = rows.copy()
    function(matrix, columns, out)
    return out


@pytest.mark.parametrize(("rows", "terms", "lanes"), SHAPES)
def test_the_order_of_additions_is_fixed_for_any_shape(rows: int, terms: int, lanes: int) -> None:
    matrix, columns, held = case(rows, terms, lanes)
    found = added(add_products, matrix, columns, held)
    np.testing.assert_array_equal(found, in_order(matrix, columns, held))
    back = np.ascontiguousarray(matrix.T)
    np.testing.assert_array_equal(added(add_products, back.T, columns, held), found)  # the transpose as a view
    np.testing.assert_array_equal(added(add_products, matrix, columns[:, -1:].copy(), held[:, -1:]), found[:, -1:])
    np.testing.assert_array_equal(added(add_products, matrix[-1:].copy(), columns, held[-1:]), found[-1:])


def test_products_are_those_of_exact_arithmetic() -> None:
    """Within n + 1 roundings of the sum of sizes, half an ulp each, n terms: nothing is left out or added twice."""
    matrix, columns, held = case(6, 23, 11)
    found = added(add_products, matrix, columns, held)
    for i, lane in ((0, 0), (3, 7), (5, 10)):
        terms = [Fraction(a) * Fraction(b) for a, b in zip(matrix[i].tolist(), columns[:, lane].tolist(), strict=True)]
        exact, size = sum(terms, Fraction(held[i, lane])), sum(map(abs, terms), Fraction(abs(held[i, lane])))
        assert abs(Fraction(found[i, lane]) - exact) <= (len(terms) + 1) * Fraction(2) ** -53 * size


@pytest.mark.parametrize("n", [1, 3, 4, 5, 10, 23, TERMS + 6])
@pytest.mark.parametrize("lanes", [1, 19])
def test_a_triangle_has_the_bits_of_the_full_product(n: int, lanes: int) -> None:
    matrix, columns, held = case(n, n, lanes)
    lower, upper = np.tril(matrix), np.triu(matrix)
    np.testing.assert_array_equal(added(add_lower, lower, columns, held), added(add_products, lower, columns, held))
    np.testing.assert_array_equal(added(add_upper, upper, columns, held), added(add_products, upper, columns, held))


def test_a_triangle_reads_nothing_beyond_its_band() -> None:
    """Eleven groups of four: what stands beyond the group of the diagonal counts for nothing, even if it is NaN."""
    matrix, columns, held = case(44, 44, 8)
    group = np.arange(44) // 4
    above, below = group[None, :] > group[:, None], group[None, :] < group[:, None]
    expected = added(add_products, np.where(above, 0.0, matrix), columns, held)
    np.testing.assert_array_equal(added(add_lower, np.where(above, np.nan, matrix), columns, held), expected)
    expected = added(add_products, np.where(below, 0.0, matrix), columns, held)
    np.testing.assert_array_equal(added(add_upper, np.where(below, np.nan, matrix), columns, held), expected)


def test_rows_of_a_larger_array_are_left_alone() -> None:
    matrix, columns, _ = case(5, 9, 13)
    whole = np.full((9, 13), 3.0)

    @numba.njit
    def add_to_some(matrix, columns, rows):  # type: ignore[no-untyped-def]
        add_products(matrix, columns, rows[2:7])

    add_to_some(matrix, columns, whole)
    np.testing.assert_array_equal(whole[2:7], in_order(matrix, columns, np.full((5, 13), 3.0)))
    np.testing.assert_array_equal(np.delete(whole, range(2, 7), axis=0), 3.0)
