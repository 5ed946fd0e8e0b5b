"""Numbers from one array to another, in plain loops: an assignment would have Numba compile its messages too."""

from __future__ import annotations

import numba


@numba.njit(error_model="numpy", nogil=True)
def copy_row(source, to):
    for i in range(to.shape[0]):
        to[i] = source[i]


@numba.njit(error_model="numpy", nogil=True)
def copy_rows(source, to):
    for i in range(to.shape[0]):
        for j in range(to.shape[1]):
            to[i, j] = source[i, j]
