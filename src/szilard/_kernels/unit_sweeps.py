"""Block Gibbs sampling of a restricted Boltzmann machine, E(v, h) = -v W h - a v - b h, while W, a, b change.

A lane is a replica; states are (unit, lane) of 0 and 1, weights (visible, hidden), a path of them (step, visible,
hidden). One sweep draws the visible units given the hidden ones, then the hidden ones given the visible; its mirror
image in time does it the other way round. A unit with field x = -dE/ds is on with probability 1 / (1 + e^{-x/T}); the
heat of a layer is the fall of the energy, sum_i (s'_i - s_i) x_i. A change of W, a, b at a fixed state is work.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .flags import compile_kernel
from .random import LOW, U28, U32, philox, uniform
from .scalar import exp, log
from .sums import add_products

HEAT_VISIBLE, HEAT_HIDDEN, WORK, GROSS, ENERGY = range(5)
ROWS = 5

_matrix = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C")
_path, _rows, _row = (types.Array(types.float64, n, "C", readonly=True) for n in (3, 2, 1))


@numba.njit(error_model="numpy", nogil=True)
def _visible_fields(weights, bias, hidden, fields):
    """x_i = a_i + sum_j W_ij h_j."""
    for i in range(weights.shape[0]):
        fields[i] = bias[i]
    add_products(weights, hidden, fields)


@numba.njit(error_model="numpy", nogil=True)
def _hidden_fields(weights, bias, visible, fields):
    """x_j = b_j + sum_i W_ij v_i."""
    for j in range(weights.shape[1]):
        fields[j] = bias[j]
    add_products(weights.T, visible, fields)


@numba.njit(error_model="numpy", nogil=True)
def _draw(fields, temperature, stream, step, first, key0, key1, even, odd, state, heat, gross):
    """Each unit on with probability 1 / (1 + e^{-x/T}); adds the heat sum (s' - s) x and the absolute terms."""
    c0, c1 = np.uint64(step) & LOW, np.uint64(step) >> U32
    units = fields.shape[0]
    for pair in range((units + 1) // 2):
        c3 = (np.uint64(stream) << U28) | np.uint64(pair)
        for lane in range(fields.shape[1]):
            x0, x1, x2, x3 = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
            even[lane], odd[lane] = uniform(x0, x1), uniform(x2, x3)
        for i in range(2 * pair, min(2 * pair + 2, units)):
            row, on, drawn = fields[i], state[i], odd if i % 2 else even
            for lane in range(row.shape[0]):
                new = 1.0 if drawn[lane] * (1.0 + exp(-row[lane] / temperature)) <= 1.0 else 0.0
                released = (new - on[lane]) * row[lane]
                heat[lane] += released
                gross[lane] += abs(released)
                on[lane] = new


@numba.njit(error_model="numpy", nogil=True)
def _energy(bias, state, other, fields, energy):
    """E = -sum_j bias_j s_j - sum_i t_i x_i, x the fields on the other layer's units t."""
    energy[:] = 0.0
    for j in range(state.shape[0]):
        for lane in range(energy.shape[0]):
            energy[lane] -= bias[j] * state[j, lane]
    for i in range(other.shape[0]):
        for lane in range(energy.shape[0]):
            energy[lane] -= other[i, lane] * fields[i, lane]


@numba.njit(error_model="numpy", nogil=True)
def _free_energy(bias, visible, fields, temperature, free):
    """F(v) = -a v - T sum_j ln(1 + e^{x_j/T}): the hidden units summed out."""
    free[:] = 0.0
    for i in range(visible.shape[0]):
        for lane in range(free.shape[0]):
            free[lane] -= bias[i] * visible[i, lane]
    for j in range(fields.shape[0]):
        for lane in range(free.shape[0]):
            x = fields[j, lane]
            free[lane] -= max(x, 0.0) + temperature * log(1.0 + exp(-abs(x) / temperature))


@numba.njit(error_model="numpy", nogil=True)
def _book_work(books, energy):
    """The energy has changed at a fixed state: work."""
    for lane in range(energy.shape[0]):
        done = energy[lane] - books[ENERGY, lane]
        books[WORK, lane] += done
        books[GROSS, lane] += abs(done)
        books[ENERGY, lane] = energy[lane]


def _measure_energy(weights, visible_bias, hidden_bias, visible, hidden, energy):
    fields = np.empty_like(visible)
    _visible_fields(weights, visible_bias, hidden, fields)
    _energy(hidden_bias, hidden, visible, fields, energy)


def _draw_hidden(weights, hidden_bias, temperature, visible, stream, step, first, key0, key1, hidden):
    """h ~ p(h | v), with no books."""
    lanes = hidden.shape[1]
    fields, even, odd = np.empty_like(hidden), np.empty(lanes), np.empty(lanes)
    heat, gross = np.zeros(lanes), np.zeros(lanes)
    hidden[:, :] = 0.0
    _hidden_fields(weights, hidden_bias, visible, fields)
    _draw(fields, temperature, stream, step, first, key0, key1, even, odd, hidden, heat, gross)


def _advance(
    weights, visible_bias, hidden_bias, temperature, sweeps, mirrored, stream,
    first_step, first, key0, key1, visible, hidden, books,
):  # fmt: skip
    """Along the path theta_0 .. theta_n (step, ...), from a state at theta_0 whose energy is books[ENERGY].

    Forward: each change to theta_t, then sweeps (visible, hidden) at theta_t. Mirrored: sweeps (hidden, visible) at
    theta_t, then the change to theta_{t+1}. The random numbers of the layer drawn first in sweep s of step t are those
    of 2 (sweeps t + s), of the other one more.
    """
    lanes = visible.shape[1]
    on_visible, on_hidden = np.empty_like(visible), np.empty_like(hidden)
    energy, even, odd = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    gross, heat_visible, heat_hidden = books[GROSS], books[HEAT_VISIBLE], books[HEAT_HIDDEN]
    for t in range(weights.shape[0] - 1):
        at = t if mirrored else t + 1
        w, a, b = weights[at], visible_bias[at], hidden_bias[at]
        if not mirrored:
            _visible_fields(w, a, hidden, on_visible)
            _energy(b, hidden, visible, on_visible, energy)
            _book_work(books, energy)
        for s in range(sweeps):
            step = 2 * ((first_step + t) * sweeps + s)
            if mirrored:
                _hidden_fields(w, b, visible, on_hidden)
                _draw(on_hidden, temperature, stream, step, first, key0, key1, even, odd, hidden, heat_hidden, gross)
                step += 1
            if mirrored or s > 0:
                _visible_fields(w, a, hidden, on_visible)
            _draw(on_visible, temperature, stream, step, first, key0, key1, even, odd, visible, heat_visible, gross)
            if not mirrored:
                _hidden_fields(w, b, visible, on_hidden)
                step += 1
                _draw(on_hidden, temperature, stream, step, first, key0, key1, even, odd, hidden, heat_hidden, gross)
        if mirrored:
            _energy(b, hidden, visible, on_visible, books[ENERGY])
            _visible_fields(weights[t + 1], visible_bias[t + 1], hidden, on_visible)
            _energy(hidden_bias[t + 1], hidden, visible, on_visible, energy)
            _book_work(books, energy)
        else:
            _energy(a, visible, hidden, on_hidden, books[ENERGY])


def _advance_summed(
    weights, visible_bias, hidden_bias, temperature, sweeps, mirrored, stream,
    first_step, first, key0, key1, visible, hidden, books,
):  # fmt: skip
    """The same with the hidden units summed out: the energy is F(v), and its fall in a sweep is heat.

    A sweep draws the hidden units, then the visible ones, at one theta: seen on v alone it is reversible, and the same
    forward and mirrored. The heat of both layers stands in the row of the visible one.
    """
    lanes = visible.shape[1]
    on_visible, on_hidden = np.empty_like(visible), np.empty_like(hidden)
    energy, even, odd = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    unused, gross = np.zeros(lanes), np.zeros(lanes)
    for t in range(weights.shape[0] - 1):
        at = t if mirrored else t + 1
        w, a, b = weights[at], visible_bias[at], hidden_bias[at]
        _hidden_fields(w, b, visible, on_hidden)
        if not mirrored:
            _free_energy(a, visible, on_hidden, temperature, energy)
            _book_work(books, energy)
        for s in range(sweeps):
            step = 2 * ((first_step + t) * sweeps + s)
            _draw(on_hidden, temperature, stream, step, first, key0, key1, even, odd, hidden, unused, gross)
            _visible_fields(w, a, hidden, on_visible)
            _draw(on_visible, temperature, stream, step + 1, first, key0, key1, even, odd, visible, unused, gross)
            _hidden_fields(w, b, visible, on_hidden)
        _free_energy(a, visible, on_hidden, temperature, energy)
        for lane in range(lanes):
            fall = books[ENERGY, lane] - energy[lane]
            books[HEAT_VISIBLE, lane] += fall
            books[GROSS, lane] += abs(fall)
            books[ENERGY, lane] = energy[lane]
        if mirrored:
            _hidden_fields(weights[t + 1], hidden_bias[t + 1], visible, on_hidden)
            _free_energy(visible_bias[t + 1], visible, on_hidden, temperature, energy)
            _book_work(books, energy)


def _measure_free_energy(weights, visible_bias, hidden_bias, temperature, visible, free):
    fields = np.empty((weights.shape[1], visible.shape[1]))
    _hidden_fields(weights, hidden_bias, visible, fields)
    _free_energy(visible_bias, visible, fields, temperature, free)


def _hidden_means(weights, hidden_bias, temperature, visible, means):
    """<h_j>_v = 1 / (1 + e^{-x_j/T})."""
    _hidden_fields(weights, hidden_bias, visible, means)
    for j in range(means.shape[0]):
        for lane in range(means.shape[1]):
            means[j, lane] = 1.0 / (1.0 + exp(-means[j, lane] / temperature))


def _correlate(visible, means, out, visible_mean, hidden_mean):
    """Means over lanes of v_i m_j, v_i and m_j, summed in the order of the lanes."""
    lanes = visible.shape[1]
    for i in range(visible.shape[0]):
        total = 0.0
        for lane in range(lanes):
            total += visible[i, lane]
        visible_mean[i] = total / lanes
    for j in range(means.shape[0]):
        total = 0.0
        for lane in range(lanes):
            total += means[j, lane]
        hidden_mean[j] = total / lanes
    for i in range(visible.shape[0]):
        for j in range(means.shape[0]):
            total = 0.0
            for lane in range(lanes):
                total += visible[i, lane] * means[j, lane]
            out[i, j] = total / lanes


def _fill_uniforms(stream, step, first, key0, key1, out):
    """(unit, lane) numbers in (0, 1], two to a counter as in the sweeps."""
    for unit in range(out.shape[0]):
        c3 = (np.uint64(stream) << U28) | np.uint64(unit // 2)
        for lane in range(out.shape[1]):
            x0, x1, x2, x3 = philox(np.uint64(step) & LOW, np.uint64(step) >> U32, np.uint64(first + lane), c3, key0,
                                    key1)  # fmt: skip
            out[unit, lane] = uniform(x2, x3) if unit % 2 else uniform(x0, x1)


_drawing = (types.int64, types.int64, types.int64, types.uint64, types.uint64)

_along = types.void(_path, _rows, _rows, types.float64, types.int64, types.boolean, *_drawing, _matrix, _matrix,
                    _matrix)  # fmt: skip

advance = compile_kernel(_advance, _along)
advance_summed = compile_kernel(_advance_summed, _along)
measure_energy = compile_kernel(_measure_energy, types.void(_rows, _row, _row, _matrix, _matrix, _vector))
measure_free_energy = compile_kernel(
    _measure_free_energy, types.void(_rows, _row, _row, types.float64, _matrix, _vector)
)
draw_hidden = compile_kernel(_draw_hidden, types.void(_rows, _row, types.float64, _matrix, *_drawing, _matrix))
hidden_means = compile_kernel(_hidden_means, types.void(_rows, _row, types.float64, _matrix, _matrix))
correlate = compile_kernel(_correlate, types.void(_matrix, _matrix, _matrix, _vector, _vector))
fill_uniforms = compile_kernel(_fill_uniforms, types.void(*_drawing, _matrix))
