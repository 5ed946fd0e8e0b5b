"""Products of a matrix with columns of lanes, four terms at a time in a fixed order."""

from __future__ import annotations

import numba


@numba.njit(error_model="numpy", nogil=True)
def add_products(matrix, columns, rows):  # type: ignore[no-untyped-def]
    """rows[i] += sum_j matrix[i, j] columns[j] for every lane."""
    n = matrix.shape[1]
    whole = n - n % 4
    for i in range(matrix.shape[0]):
        row = rows[i]
        for j in range(0, whole, 4):
            a, b, c, d = matrix[i, j], matrix[i, j + 1], matrix[i, j + 2], matrix[i, j + 3]
            for lane in range(row.shape[0]):
                row[lane] += (a * columns[j, lane] + b * columns[j + 1, lane]) + (
                    c * columns[j + 2, lane] + d * columns[j + 3, lane]
                )
        for j in range(whole, n):
            a = matrix[i, j]
            for lane in range(row.shape[0]):
                row[lane] += a * columns[j, lane]


@numba.njit(error_model="numpy", nogil=True)
def add_collected(matrix, columns, j, row):  # type: ignore[no-untyped-def]
    """row += sum_i matrix[i, j] columns[i] for every lane."""
    n = matrix.shape[0]
    whole = n - n % 4
    for i in range(0, whole, 4):
        a, b, c, d = matrix[i, j], matrix[i + 1, j], matrix[i + 2, j], matrix[i + 3, j]
        for lane in range(row.shape[0]):
            row[lane] += (a * columns[i, lane] + b * columns[i + 1, lane]) + (
                c * columns[i + 2, lane] + d * columns[i + 3, lane]
            )
    for i in range(whole, n):
        a = matrix[i, j]
        for lane in range(row.shape[0]):
            row[lane] += a * columns[i, lane]
