"""Orthogonal bases: sums in a fixed order, so that their bits depend on no library and no number of threads."""

from __future__ import annotations

import numpy as np
from numba import types

from .flags import compile_kernel

LANES = 32
"""Partial sums of a scalar product."""
BLOCK = 512
"""Entries that stay in the innermost cache while all vectors are added up."""


def _orthogonalise(basis, w, column):
    """w (n,) loses its part along every row of basis (m, n), twice against rounding; column[j] gains the parts."""
    m, n = basis.shape
    part = np.empty(LANES)
    whole = n - n % LANES
    for _ in range(2):
        for j in range(m):
            part[:] = 0.0
            for x in range(0, whole, LANES):
                for i in range(LANES):
                    part[i] += basis[j, x + i] * w[x + i]
            total = 0.0
            for i in range(LANES):
                total += part[i]
            for x in range(whole, n):
                total += basis[j, x] * w[x]
            column[j] += total
            for x in range(n):
                w[x] -= total * basis[j, x]


def _combine(basis, weights, found):
    """found (k, n) += weights (k, m) basis[:m]."""
    n = basis.shape[1]
    for begin in range(0, n, BLOCK):
        end = min(n, begin + BLOCK)
        for k in range(weights.shape[0]):
            for j in range(weights.shape[1]):
                share = weights[k, j]
                for x in range(begin, end):
                    found[k, x] += share * basis[j, x]


_fs, _ff = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
orthogonalise = compile_kernel(_orthogonalise, types.void(_ff, _fs, _fs))
combine = compile_kernel(_combine, types.void(_ff, _ff, _ff))
