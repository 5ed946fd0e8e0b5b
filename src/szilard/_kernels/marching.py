"""Sums of powers of a matrix times a vector, for one vector and many states.

Entries at equal distance from the diagonal in nearly every row (lattices, rings, chains) are kept as vectors of their
own, without indices; rows that have others are made entry by entry. Both add in the order of the sources, so that the
bits are those of ``propagation.series``.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .copying import copy_row
from .flags import KERNEL, compile_kernel

BLOCK = 2048
"""States that stay in the innermost cache while their row is made and added up."""
ONE = np.uint64(1)


@numba.njit(**KERNEL)
def _first(y, a, x, b, u, c, w):
    for i in range(y.shape[0]):
        y[i] = (a[i] * x[i] + b[i] * u[i]) + c[i] * w[i]


@numba.njit(**KERNEL)
def _next(y, b, u, c, w):
    for i in range(y.shape[0]):
        y[i] = (y[i] + b[i] * u[i]) + c[i] * w[i]


@numba.njit(**KERNEL)
def _once(y, a, x):
    for i in range(y.shape[0]):
        y[i] += a[i] * x[i]


@numba.njit(**KERNEL)
def _add(total, weight, x):
    for i in range(total.shape[0]):
        total[i] += weight * x[i]


@numba.njit(**KERNEL)
def _add_two(total, weight, x, further, y):
    for i in range(total.shape[0]):
        total[i] = (total[i] + weight * x[i]) + further * y[i]


@numba.njit(**KERNEL)
def _by_entries(row, begin, source, entry, rest, diagonal, x, y, q, high):
    """Rows row[q], row[q + 1], ... below ``high``; returns where it has stopped."""
    p, stop, rows = begin[q], np.uint64(high), np.uint64(row.shape[0])
    while q < rows and row[q] < stop:
        r = row[q]
        value = rest[r] * x[r]
        end = begin[q + ONE]
        while p < end:
            value += entry[p] * x[source[p]]
            p += ONE
        y[r] = value + diagonal[r] * x[r]
        q += ONE
    return q


def _march(offset, band, row, begin, source, entry, rest, diagonal, weight, tail, v, total, integral):
    """total (n,) += sum_k weight[k] M^k v, integral (n,) += sum_k tail[k] M^k v.

    M[x, x + offset[j]] = band[j, x] (an even number of bands); rows ``row`` are instead given by entry[begin[q] :
    begin[q + 1]] from source; diagonal (n,) and rest (n,) as in ``propagation.series``.
    """
    n = v.shape[0]
    margin = 0
    for j in range(offset.shape[0]):
        margin = max(margin, abs(offset[j]))
    now, after = np.zeros(n + 2 * margin), np.zeros(n + 2 * margin)
    copy_row(v, now[margin : margin + n])
    last = weight.shape[0] - 1
    for k in range(last + 1):
        w, u, z = weight[k], tail[k], (weight[k + 1] if k < last else 0.0)
        q = np.uint64(0)
        for low in range(0, n, BLOCK):
            high = min(n, low + BLOCK)
            a, b = low + margin, high + margin
            x, y = now[a:b], after[a:b]
            if u != 0.0:
                _add(integral[low:high], u, x)
            if k == last:
                if k % 2 == 0:
                    _add(total[low:high], w, x)
                continue
            for j in range(0, offset.shape[0], 2):
                c, d = offset[j], offset[j + 1]
                left, right = now[a + c : b + c], now[a + d : b + d]
                if j == 0:
                    _first(y, rest[low:high], x, band[0, low:high], left, band[1, low:high], right)
                else:
                    _next(y, band[j, low:high], left, band[j + 1, low:high], right)
            if offset.shape[0] > 0:
                _once(y, diagonal[low:high], x)
            q = _by_entries(
                row, begin, source, entry, rest, diagonal, now[margin : margin + n], after[margin : margin + n], q, high
            )
            if k % 2 == 0 and (w != 0.0 or z != 0.0):
                _add_two(total[low:high], w, x, z, y)
        now, after = after, now


_f, _u = types.float64, types.uint64
_fs, _us, _is = types.Array(_f, 1, "C"), types.Array(_u, 1, "C"), types.Array(types.int64, 1, "C")
_short, _ff = types.Array(types.uint32, 1, "C"), types.Array(_f, 2, "C")
march = compile_kernel(_march, types.void(_is, _ff, _us, _us, _short, _fs, _fs, _fs, _fs, _fs, _fs, _fs, _fs))
