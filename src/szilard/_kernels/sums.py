"""Products of a matrix with columns of lanes; each sum in a fixed order, four terms at a time.

    rows_i += (m_i0 c_0 + m_i1 c_1) + (m_i2 c_2 + m_i3 c_3), then the next four, .., then the rest one by one.

Four rows and eight lanes at a time keep their sums in registers. The order is the same for any number of rows and
lanes, and for a triangular matrix, of which the groups of four that hold zeros only are left out.
"""

from __future__ import annotations

import numba
import numpy as np

from .vectors import eight_lanes, load, one_lane, store

FULL, LOWER, UPPER = (np.int64(n) for n in range(3))
TERMS = 256
"""Columns that are passed over together, so that they stay in the second cache; a multiple of four."""


@numba.njit(error_model="numpy", nogil=True)
def _add_terms(like, width, low, high, matrix, columns, rows, i, begin, end):
    """rows i .. i + 3 += matrix columns over terms begin .. end, for lanes low .. high, ``width`` at a time.

    Where there are fewer rows the last one is repeated: all that is loaded is loaded before anything is stored.
    """
    last = rows.shape[0] - 1
    k, m, n = min(i + 1, last), min(i + 2, last), min(i + 3, last)
    whole = end - (end - begin) % 4
    for lane in range(low, high, width):
        r, s = load(like, rows, (i, lane)), load(like, rows, (k, lane))
        t, u = load(like, rows, (m, lane)), load(like, rows, (n, lane))
        for j in range(begin, whole, 4):
            a, b = load(like, columns, (j, lane)), load(like, columns, (j + 1, lane))
            c, d = load(like, columns, (j + 2, lane)), load(like, columns, (j + 3, lane))
            r = r + ((matrix[i, j] * a + matrix[i, j + 1] * b) + (matrix[i, j + 2] * c + matrix[i, j + 3] * d))
            s = s + ((matrix[k, j] * a + matrix[k, j + 1] * b) + (matrix[k, j + 2] * c + matrix[k, j + 3] * d))
            t = t + ((matrix[m, j] * a + matrix[m, j + 1] * b) + (matrix[m, j + 2] * c + matrix[m, j + 3] * d))
            u = u + ((matrix[n, j] * a + matrix[n, j + 1] * b) + (matrix[n, j + 2] * c + matrix[n, j + 3] * d))
        for j in range(whole, end):
            a = load(like, columns, (j, lane))
            r, s, t, u = r + matrix[i, j] * a, s + matrix[k, j] * a, t + matrix[m, j] * a, u + matrix[n, j] * a
        store(r, rows, (i, lane))
        store(s, rows, (k, lane))
        store(t, rows, (m, lane))
        store(u, rows, (n, lane))


@numba.njit(error_model="numpy", nogil=True)
def _add_few(matrix, columns, rows):
    """The same for fewer than four terms, which no registers need to gather."""
    for i in range(rows.shape[0]):
        for j in range(columns.shape[0]):
            a = matrix[i, j]
            for lane in range(columns.shape[1]):
                rows[i, lane] += a * columns[j, lane]


@numba.njit(error_model="numpy", nogil=True)
def _add(matrix, columns, rows, triangle):
    """rows[i] += sum_j matrix[i, j] columns[j]; of a triangle, only the terms up to the diagonal, or from it on."""
    terms, lanes = columns.shape
    if terms < 4:
        _add_few(matrix, columns, rows)
        return
    whole = lanes - lanes % 8
    for start in range(0, terms, TERMS):
        for i in range(0, rows.shape[0], 4):
            begin = max(start, i) if triangle == UPPER else start
            end = min(start + TERMS, terms, i + 4) if triangle == LOWER else min(start + TERMS, terms)
            if begin < end:
                _add_terms(eight_lanes(), 8, 0, whole, matrix, columns, rows, i, begin, end)
                _add_terms(one_lane(), 1, whole, lanes, matrix, columns, rows, i, begin, end)


@numba.njit(error_model="numpy", nogil=True)
def add_products(matrix, columns, rows):
    """rows[i] += sum_j matrix[i, j] columns[j] for every lane; a transpose may be given as a view."""
    _add(matrix, columns, rows, FULL)


@numba.njit(error_model="numpy", nogil=True)
def add_lower(matrix, columns, rows):
    """rows[i] += sum_{j <= i} matrix[i, j] columns[j]: the matrix is zero above its diagonal."""
    _add(matrix, columns, rows, LOWER)


@numba.njit(error_model="numpy", nogil=True)
def add_upper(matrix, columns, rows):
    """rows[i] += sum_{j >= i} matrix[i, j] columns[j]: the matrix is zero below its diagonal."""
    _add(matrix, columns, rows, UPPER)
