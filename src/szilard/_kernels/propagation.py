"""Linear algebra of rate matrices: elimination without subtraction, power series without sign changes.

A matrix z - L with rates k[x, x'] >= 0 off the diagonal of L is kept as those rates and its column sums c, never by its
diagonal. Eliminating state m gives k'[a, b] = k[a, m] k[m, b] / d_m + k[a, b] and c'_b = c_b + c_m k[m, b] / d_m with
d_m = c_m + sum_a k[a, m]: for real z >= 0 nothing is ever subtracted, so that every entry keeps its relative accuracy
however stiff the rates are. z = 0 is the algorithm of Grassmann, Taksar and Heyman, Oper. Res. 33, 1107 (1985); for
z > 0 see Alfa, Xue and Ye, Math. Comp. 71, 217 (2002). Sparse and left-looking; row and column patterns are the same.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types

from .flags import compile_kernel


def _elimination_tree(begin, neighbour, parent):
    """The states that elimination joins to each later one: parent (n,), and the number of entries below each column."""
    n = begin.shape[0] - 1
    ancestor, mark = np.full(n, -1), np.full(n, -1)
    count = np.zeros(n + 1, np.int64)
    for i in range(n):
        parent[i] = -1
        for p in range(begin[i], begin[i + 1]):
            k = neighbour[p]
            while k != -1 and k < i:
                above = ancestor[k]
                ancestor[k] = i
                if above == -1:
                    parent[k] = i
                k = above
    for i in range(n):
        mark[i] = i
        for p in range(begin[i], begin[i + 1]):
            k = neighbour[p]
            while k < i and mark[k] != i:
                mark[k] = i
                count[k + 1] += 1
                k = parent[k]
    return count


def _fill(begin, neighbour, parent, first, later):
    """later[first[m] : first[m + 1]]: the states after m, ascending, that its elimination touches."""
    n = begin.shape[0] - 1
    mark = np.full(n, -1)
    place = first[:n].copy()
    for i in range(n):
        mark[i] = i
        for p in range(begin[i], begin[i + 1]):
            k = neighbour[p]
            while k < i and mark[k] != i:
                mark[k] = i
                later[place[k]] = i
                place[k] += 1
                k = parent[k]


def _eliminate(first, later, out, into, column, pivot):
    """In place: out[p] from the rate m -> later[p] to its share of the pivot, into[p] the rate later[p] -> m.

    column (n,): sums of the columns, in and changed; pivot (n,): d.
    """
    n = first.shape[0] - 1
    head, link = np.full(n, -1), np.full(n, -1)
    at = first[:n].copy()
    work_out, work_in = np.zeros(n, out.dtype), np.zeros(n, out.dtype)
    for j in range(n):
        for p in range(first[j], first[j + 1]):
            work_out[later[p]] = out[p]
            work_in[later[p]] = into[p]
        m = head[j]
        while m != -1:
            following = link[m]
            q = at[m]
            a, b = into[q], out[q]
            column[j] += column[m] * (a / pivot[m])
            for p in range(q + 1, first[m + 1]):
                x = later[p]
                work_out[x] += out[p] * a
                work_in[x] += b * into[p]
            at[m] = q + 1
            if q + 1 < first[m + 1]:
                x = later[q + 1]
                link[m] = head[x]
                head[x] = m
            m = following
        d = column[j]
        for p in range(first[j], first[j + 1]):
            d += work_out[later[p]]
        pivot[j] = d
        for p in range(first[j], first[j + 1]):
            x = later[p]
            out[p] = work_out[x] / d
            into[p] = work_in[x]
            work_out[x] = 0.0
            work_in[x] = 0.0
        if first[j] < first[j + 1]:
            x = later[first[j]]
            link[j] = head[x]
            head[x] = j


def _solve(first, later, out, into, pivot, b):
    """b (n,) becomes (z - L)^-1 b, in the order of elimination."""
    n = first.shape[0] - 1
    for j in range(n):
        value = b[j]
        if value != 0.0:
            for p in range(first[j], first[j + 1]):
                b[later[p]] += out[p] * value
    for j in range(n - 1, -1, -1):
        total = b[j]
        for p in range(first[j], first[j + 1]):
            total += into[p] * b[later[p]]
        b[j] = total / pivot[j]


def _balance(first, later, into, pivot, p, power):
    """L pi = 0 with pi = p 2^power, 1/2 <= p < 1, each connected part to a scale of its own."""
    n = first.shape[0] - 1
    for j in range(n - 1, -1, -1):
        if first[j] == first[j + 1]:
            p[j], power[j] = 0.5, 1
            continue
        top = power[later[first[j]]]
        for q in range(first[j], first[j + 1]):
            top = max(top, power[later[q]])
        total = 0.0
        for q in range(first[j], first[j + 1]):
            total += (into[q] / pivot[j]) * math.ldexp(p[later[q]], power[later[q]] - top)
        p[j], shift = math.frexp(total)
        power[j] = top + shift


def _net_flow(source, target, forth, back, v, y, lost):
    """y (n,) = L v, pair by pair: what one state loses, to the last bit, the other gains.

    Sums are compensated (Neumaier): fast currents that cancel in a state leave nothing behind. lost (n,): zeros.
    """
    for i in range(source.shape[0]):
        s, t = source[i], target[i]
        flow = forth[i] * v[s] - back[i] * v[t]
        for x, f in ((s, -flow), (t, flow)):
            old = y[x]
            new = old + f
            part = new - old
            lost[x] += (old - (new - part)) + (f - part)
            y[x] = new
    for x in range(y.shape[0]):
        y[x] += lost[x]


def _gain(source, target, rate, v, y):
    """y[target] += rate v[source]."""
    for i in range(source.shape[0]):
        y[target[i]] += rate[i] * v[source[i]]


def _series(begin, source, step, diagonal, rest, weight, tail, v, total, integral):
    """total (m, n) = sum_k weight[k] M^k v and integral = sum_k tail[k] M^k v.

    M acts on v (m, n) as a polynomial in a parameter s, cut after s^(m - 1): M = sum_i s^i M_i. step (m, entry): M_i
    off the diagonal by rows; diagonal (m, n); rest (n,): what rounding has taken from the diagonal of M_0.
    """
    m, n = v.shape
    now, after = v.copy(), np.empty_like(v)
    for k in range(weight.shape[0]):
        w, u = weight[k], tail[k]
        if w != 0.0:
            for j in range(m):
                for x in range(n):
                    total[j, x] += w * now[j, x]
        if u != 0.0:
            for j in range(m):
                for x in range(n):
                    integral[j, x] += u * now[j, x]
        if k + 1 == weight.shape[0]:
            break
        for j in range(m):
            for x in range(n):
                value = rest[x] * now[j, x]
                for i in range(j + 1):
                    for p in range(begin[x], begin[x + 1]):
                        value += step[i, p] * now[j - i, source[p]]
                    value += diagonal[i, x] * now[j - i, x]
                after[j, x] = value
        now, after = after, now


_f, _c, _i = types.float64, types.complex128, types.int64
_fs, _cs, _is = types.Array(_f, 1, "C"), types.Array(_c, 1, "C"), types.Array(_i, 1, "C")
_ff = types.Array(_f, 2, "C")
elimination_tree = compile_kernel(_elimination_tree, _is(_is, _is, _is))
fill = compile_kernel(_fill, types.void(_is, _is, _is, _is, _is))
eliminate = compile_kernel(_eliminate, types.void(_is, _is, _fs, _fs, _fs, _fs))
eliminate_complex = compile_kernel(_eliminate, types.void(_is, _is, _cs, _cs, _cs, _cs), b"complex")
solve = compile_kernel(_solve, types.void(_is, _is, _fs, _fs, _fs, _fs))
solve_complex = compile_kernel(_solve, types.void(_is, _is, _cs, _cs, _cs, _cs), b"complex")
balance = compile_kernel(_balance, types.void(_is, _is, _fs, _fs, _fs, _is))
net_flow = compile_kernel(_net_flow, types.void(_is, _is, _fs, _fs, _fs, _fs, _fs))
gain = compile_kernel(_gain, types.void(_is, _is, _fs, _fs, _fs))
gain_complex = compile_kernel(_gain, types.void(_is, _is, _fs, _cs, _cs), b"complex")
series = compile_kernel(_series, types.void(_is, _is, _ff, _ff, _fs, _fs, _fs, _ff, _ff, _ff))
