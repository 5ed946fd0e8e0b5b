"""Two-state units that flip one at a time in continuous time, each lane (replica) on its own: a Hopfield network.

    h_i = sum_j J_ij s_j,   unit i is tried at rate a and flips with probability 1 / (1 + e^{-q/T}),   q = -2 s_i h_i

J = S + A, symmetric and antisymmetric: S has the energy E = -s S s / 2, A drives: a flip takes the work -2 s_i (A s)_i
from an agent and gives the heat q to the bath, dE = work - q. Candidate number n of a trajectory uses the four words
of counter n: 52 bits whether it flips, 32 which unit it is, 32 how long it took. Fields are kept up to date, one row
of J for every flip.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .copying import copy_row
from .flags import compile_kernel
from .random import INITIAL, LOW, U28, U32, WAITING, philox, uniform
from .scalar import exp, log

HEAT, WORK, GROSS, ENERGY = range(4)
COLUMNS = 4


@numba.njit(error_model="numpy", nogil=True)
def _field_of(row, state):
    """sum_j row_j s_j, in four partial sums."""
    n = state.shape[0]
    whole = n - n % 4
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for j in range(0, whole, 4):
        a += row[j] * state[j]
        b += row[j + 1] * state[j + 1]
        c += row[j + 2] * state[j + 2]
        d += row[j + 3] * state[j + 3]
    for j in range(whole, n):
        a += row[j] * state[j]
    return (a + b) + (c + d)


@numba.njit(error_model="numpy", nogil=True)
def _look(patterns, state, fields, book, seen, row):
    """Overlaps and books; the energy is -s h / 2, h the fields of S."""
    energy = -0.5 * _field_of(fields, state)
    for mu in range(patterns.shape[0]):
        seen[mu] = _field_of(patterns[mu], state) / state.shape[0]
    copy_row(book, row)
    row[ENERGY] = energy


def _walk(symmetric, driving, patterns, states, attempt, temperature, times, first, key0, key1, seen, books):
    """seen[lane, time, pattern] overlaps, books[lane, time]; times[0] is the start. states change."""
    n = symmetric.shape[0]
    driven = driving.shape[0] > 0
    fields, pushes, book = np.empty(n), np.zeros(n), np.empty(COLUMNS)
    for lane in range(states.shape[0]):
        state = states[lane]
        book[:] = 0.0
        for i in range(n):
            fields[i] = _field_of(symmetric[i], state)
            if driven:
                pushes[i] = _field_of(driving[i], state)
        _look(patterns, state, fields, book, seen[lane, 0], books[lane, 0])
        time, look, count = 0.0, 1, np.uint64(0)
        while look < times.shape[0]:
            x0, x1, x2, x3 = philox(count & LOW, count >> U32, np.uint64(first + lane), np.uint64(WAITING) << U28,
                                    key0, key1)  # fmt: skip
            count += np.uint64(1)
            time -= log((np.float64(x3) + 1.0) * 2.0**-32) / (n * attempt)
            while look < times.shape[0] and time > times[look]:
                if look == times.shape[0] - 1:  # the last energy anew, which the first law is held against
                    for i in range(n):
                        fields[i] = _field_of(symmetric[i], state)
                _look(patterns, state, fields, book, seen[lane, look], books[lane, look])
                look += 1
            if look == times.shape[0]:
                break
            chosen = np.int64((x2 * np.uint64(n)) >> U32)
            s = state[chosen]
            heat, work = -2.0 * s * (fields[chosen] + pushes[chosen]), -2.0 * s * pushes[chosen]
            if uniform(x0, x1) * (1.0 + exp(-heat / temperature)) > 1.0:
                continue
            state[chosen] = -s
            book[HEAT] += heat
            book[WORK] += work
            book[GROSS] += abs(heat) + abs(work)
            row = symmetric[chosen]
            for j in range(n):
                fields[j] -= 2.0 * s * row[j]
            if driven:
                row = driving[chosen]
                for j in range(n):
                    pushes[j] += 2.0 * s * row[j]


def _cue(patterns, wanted, wrong, first, key0, key1, states):
    """states[lane] = pattern wanted[lane], each unit turned with probability ``wrong``."""
    for lane in range(states.shape[0]):
        for i in range(states.shape[1]):
            x0, x1, _, _ = philox(np.uint64(0), np.uint64(0), np.uint64(first + lane),
                                  (np.uint64(INITIAL) << U28) | np.uint64(i), key0, key1)  # fmt: skip
            s = patterns[wanted[lane], i]
            states[lane, i] = -s if uniform(x0, x1) <= wrong else s


_rows = types.Array(types.float64, 2, "C", readonly=True)
_states = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C", readonly=True)
_whole = types.Array(types.int64, 1, "C", readonly=True)
_cube = types.Array(types.float64, 3, "C")
_drawing = (types.int64, types.uint64, types.uint64)

walk = compile_kernel(
    _walk, types.void(_rows, _rows, _rows, _states, types.float64, types.float64, _vector, *_drawing, _cube, _cube)
)
cue = compile_kernel(_cue, types.void(_rows, _whole, types.float64, *_drawing, _states))
