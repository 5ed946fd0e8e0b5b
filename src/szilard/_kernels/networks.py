"""A layered network with one output field A(w, xi), and synapses that learn by it: see ``learning`` for the steps.

A lane is a replica; weights are (weight, lane), fields (pattern, lane), ``inputs`` = xi / sqrt(N). Hidden units are
numbered through all layers: ``values`` g(h) and ``slopes`` g'(h) are (unit, pattern, lane). The weights of each unit
stand together, its bias after them, unit after unit and layer after layer.

    h_j = scale sum_i w_ji g(h_i) + b_j,   scale = 1 in the first layer (sqrt(K) for receptive fields of N/K inputs),
                                           else 1/sqrt(width of the layer below).

widths = (inputs, hidden layers .., 1). form = (activation, biases, tree, learned): whether units have biases,
whether the first layer's units see separate inputs, and whether the last layer's weights are learned (else they are
1). Every sum runs in a fixed order within a lane, so that neither lanes nor blocks can change a bit.
"""

from __future__ import annotations

from math import pi, sqrt

import numba
import numpy as np
from numba import types

from .copying import copy_rows
from .flags import NO, compile_kernel, inline
from .learning import (
    HAS_LOSS,
    LOSS,
    RULE,
    SLIDES,
    THRESHOLD,
    USES_OUTPUT,
    _linear_loss,
    _midpoint,
    _move,
    _outputs_of,
    _settle,
    _slide,
    fields_of,
    show_pattern,
)
from .scalar import exp, tanh

ERF, TANH = range(2)
ROOT_HALF = 1.0 / sqrt(2.0)
SLOPE = sqrt(2.0 / pi)
NEAR = 0.46875


@inline
def erf_with_gauss(x):
    """erf x by Cody's rational functions (Math. Comp. 23, 631 (1969)), to 2e-16, and e^{-x^2}."""
    y = abs(x)
    z = x * x
    top = (((1.85777706184603153e-1 * z + 3.16112374387056560e0) * z + 1.13864154151050156e2) * z
           + 3.77485237685302021e2) * z + 3.20937758913846947e3  # fmt: skip
    low = (((z + 2.36012909523441209e1) * z + 2.44024637934444173e2) * z + 1.28261652607737228e3) * z
    near = x * top / (low + 2.84423683343917062e3)
    above = ((((2.15311535474403846e-8 * y + 5.64188496988670089e-1) * y + 8.88314979438837594e0) * y
              + 6.61191906371416295e1) * y + 2.98635138197400131e2) * y + 8.81952221241769090e2  # fmt: skip
    above = ((above * y + 1.71204761263407058e3) * y + 2.05107837782607147e3) * y + 1.23033935479799725e3
    below = ((((y + 1.57449261107098347e1) * y + 1.17693950891312499e2) * y + 5.37181101862009858e2) * y
             + 1.62138957456669019e3) * y + 3.29079923573345963e3  # fmt: skip
    below = ((below * y + 4.36261909014324716e3) * y + 3.43936767414372164e3) * y + 1.23033935480374942e3
    gauss = exp(-z)
    far = 1.0 - gauss * above / below
    far = 1.0 if y > 6.0 else far
    far = -far if x < 0.0 else far
    return near if y <= NEAR else far, gauss


@numba.njit(error_model="numpy", nogil=True)
def _activate(activation, values, slopes):
    """h -> g(h) in place, and g'(h): erf(h / sqrt 2) or tanh h."""
    for mu in range(values.shape[0]):
        row, slope = values[mu], slopes[mu]
        if activation == ERF:
            for lane in range(row.shape[0]):
                g, gauss = erf_with_gauss(ROOT_HALF * row[lane])
                row[lane] = g
                slope[lane] = SLOPE * gauss
        else:
            for lane in range(row.shape[0]):
                g = tanh(row[lane])
                row[lane] = g
                slope[lane] = 1.0 - g * g


@numba.njit(error_model="numpy", nogil=True)
def _scale(rows, by):
    if by != 1.0:
        for i in range(rows.shape[0]):
            for lane in range(rows.shape[1]):
                rows[i, lane] *= by


@numba.njit(error_model="numpy", nogil=True)
def _see(inputs, shown, weights, begin, end, place, fields):
    """fields = inputs begin .. end times the weights from ``place`` on; ``shown``: one pattern of each lane's own."""
    if shown.shape[0] == 0:
        fields_of(inputs[:, begin:end], weights[place : place + end - begin], fields)
        return
    row = fields[0]
    row[:] = 0.0
    for n in range(begin, end):
        for lane in range(row.shape[0]):
            row[lane] += shown[n, lane] * weights[place + n - begin, lane]


@numba.njit(error_model="numpy", nogil=True)
def _pull_on_seen(inputs, shown, deltas, begin, end, place, pull):
    """pull = sum_mu deltas_mu inputs_mu for the weights from ``place`` on."""
    rows = pull[place : place + end - begin]
    if shown.shape[0] == 0:
        fields_of(inputs[:, begin:end].T, deltas, rows)
        return
    for n in range(begin, end):
        for lane in range(rows.shape[1]):
            rows[n - begin, lane] = shown[n, lane] * deltas[0, lane]


@numba.njit(error_model="numpy", nogil=True)
def _add_product(weight, values, fields):
    """fields += w g(h), one weight per lane."""
    for mu in range(fields.shape[0]):
        for lane in range(fields.shape[1]):
            fields[mu, lane] += weight[lane] * values[mu, lane]


@numba.njit(error_model="numpy", nogil=True)
def _forward(inputs, shown, widths, form, weights, values, slopes, fields):
    """fields = A of every pattern; values, slopes = g, g' of every hidden unit."""
    layers = widths.shape[0] - 1
    biases, tree, learned = form[1] != 0, form[2] != 0, form[3] != 0
    place, unit, under = 0, 0, 0
    for layer in range(1, layers + 1):
        below, output = widths[layer - 1], layer == layers
        for j in range(widths[layer]):
            row = fields if output else values[unit + j]
            if layer == 1:
                seen = below // widths[1] if tree else below
                begin = j * seen if tree else 0
                _see(inputs, shown, weights, begin, begin + seen, place, row)
                place += seen
                _scale(row, np.sqrt(1.0 * widths[1]) if tree else 1.0)
            else:
                row[:, :] = 0.0
                for i in range(below):
                    if output and not learned:
                        row += values[under + i]
                    else:
                        _add_product(weights[place], values[under + i], row)
                        place += 1
                _scale(row, 1.0 / np.sqrt(1.0 * below))
            if biases and (learned or not output):
                row += weights[place]
                place += 1
            if not output:
                _activate(form[0], row, slopes[unit + j])
        under = unit
        unit += widths[layer]


@numba.njit(error_model="numpy", nogil=True)
def _backward(inputs, shown, widths, form, weights, values, slopes, amplitudes, back, pull):
    """pull = sum_mu amplitude_mu dA_mu/dw; slopes become dA/dh times the amplitude, layer by layer from the output."""
    layers = widths.shape[0] - 1
    biases, tree, learned = form[1] != 0, form[2] != 0, form[3] != 0
    place, unit = weights.shape[0], 0
    for layer in range(1, layers):
        unit += widths[layer]
    for layer in range(layers, 0, -1):
        below, output = widths[layer - 1], layer == layers
        fixed = output and not learned and layer > 1
        seen = below // widths[1] if tree and layer == 1 else below
        stride = 0 if fixed else seen + (1 if biases else 0)
        place -= stride * widths[layer]
        under = unit - below
        scale = 1.0 / np.sqrt(1.0 * below)
        for j in range(widths[layer]):
            deltas, at = amplitudes if output else slopes[unit + j], place + j * stride
            if layer == 1:
                begin = j * seen if tree else 0
                _pull_on_seen(inputs, shown, deltas, begin, begin + seen, at, pull)
                _scale(pull[at : at + seen], np.sqrt(1.0 * widths[1]) if tree else 1.0)
            elif not fixed:
                for i in range(below):
                    pull[at + i, :] = 0.0
                    for mu in range(deltas.shape[0]):
                        for lane in range(deltas.shape[1]):
                            pull[at + i, lane] += deltas[mu, lane] * values[under + i, mu, lane]
                _scale(pull[at : at + below], scale)
            if stride > seen:
                pull[at + seen, :] = 0.0
                for mu in range(deltas.shape[0]):
                    for lane in range(deltas.shape[1]):
                        pull[at + seen, lane] += deltas[mu, lane]
        if layer > 1:
            for i in range(below):
                back[:, :] = 0.0
                for j in range(widths[layer]):
                    deltas = amplitudes if output else slopes[unit + j]
                    if fixed:
                        back += deltas
                    else:
                        _add_product(weights[place + j * stride + i], deltas, back)
                for mu in range(back.shape[0]):
                    for lane in range(back.shape[1]):
                        slopes[under + i, mu, lane] *= scale * back[mu, lane]
            unit -= widths[layer - 1]


@numba.njit(error_model="numpy", nogil=True)
def _respond(
    rule, inputs, shown, widths, form, labels, weights, threshold, follow, parameters, temperature, flags, values,
    slopes, fields, outputs, amplitudes, back, force, loss,
):  # fmt: skip
    """force = sum_mu amplitude dA_mu/dw, loss = sum_mu loss, at the weights given; a threshold follows them first."""
    _forward(inputs, shown, widths, form, weights, values, slopes, fields)
    if flags & SLIDES:
        _slide(fields, follow, threshold)
    if flags & USES_OUTPUT:
        _outputs_of(fields, threshold, parameters, temperature, flags, outputs)
    rule(fields, labels, outputs, weights[0], parameters, amplitudes, loss)
    _backward(inputs, shown, widths, form, weights, values, slopes, amplitudes, back, force)


def _advance_batch(
    rule, widths, form, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books,
):  # fmt: skip
    """Batch learning through len(factors) steps; ``last`` is the factor s before the first of them."""
    patterns, lanes = labels.shape
    units, n_weights = np.sum(widths[1:-1]), weights.shape[0]
    values, slopes = np.empty((units, patterns, lanes)), np.empty((units, patterns, lanes))
    fields, outputs = np.empty((patterns, lanes)), np.zeros((patterns, lanes))
    amplitudes, back = np.zeros((patterns, lanes)), np.empty((patterns, lanes))
    force, shown = np.empty((n_weights, lanes)), np.empty((0, lanes))
    keep = not flags & HAS_LOSS
    before, moved = np.empty((n_weights if keep else 1, lanes)), np.empty((n_weights if keep else 1, lanes))
    even, odd, fall, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    free = np.empty((0, lanes))
    heat, work = np.empty(lanes), np.empty(lanes)
    loss, new_loss = np.zeros(lanes), np.zeros(lanes)
    threshold, rate = books[THRESHOLD], law[4]
    _respond(rule, inputs, shown, widths, form, labels, weights, threshold, 0.0, parameters, temperature, flags,
             values, slopes, fields, outputs, amplitudes, back, force, loss)  # fmt: skip
    for i in range(factors.shape[0]):
        s = factors[i]
        amount = strength * s
        for lane in range(lanes):
            work[lane] = strength * (s - last) * loss[lane] if flags & HAS_LOSS else 0.0
        last = s
        if keep:
            copy_rows(force, before)
        _move(weights, force, amount, law, first_step + i, first, key0, key1, even, odd, fall, pull, moved, keep, NO,
              free)  # fmt: skip
        _respond(rule, inputs, shown, widths, form, labels, weights, threshold, rate, parameters, temperature, flags,
                 values, slopes, fields, outputs, amplitudes, back, force, new_loss)  # fmt: skip
        if keep:
            _midpoint(force, before, amount, moved, pull)
        _settle(keep, amount, fall, pull, loss, new_loss, heat, work, books)
    for lane in range(lanes):
        books[LOSS, lane] = loss[lane] if flags & HAS_LOSS else 0.0


def _advance_online(
    rule, widths, form, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books, substeps, frozen, order,
):  # fmt: skip
    """Online learning: a new pattern every ``substeps`` steps, its force followed or frozen while shown.

    order: the pattern shown in each turn; empty = drawn anew per replica from its own stream.
    """
    lanes = labels.shape[1]
    units, n_weights = np.sum(widths[1:-1]), weights.shape[0]
    values, slopes = np.empty((units, 1, lanes)), np.empty((units, 1, lanes))
    shown, label = np.empty((inputs.shape[1], lanes)), np.empty((1, lanes))
    fields, outputs, amplitudes, back = (np.empty((1, lanes)), np.zeros((1, lanes)), np.zeros((1, lanes)),
                                         np.empty((1, lanes)))  # fmt: skip
    force = np.empty((n_weights, lanes))
    keep = not (flags & HAS_LOSS or frozen)
    before, moved = np.empty((n_weights if keep else 1, lanes)), np.empty((n_weights if keep else 1, lanes))
    even, odd, fall, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    free = np.empty((0, lanes))
    heat, work, new_loss = np.empty(lanes), np.empty(lanes), np.zeros(lanes)
    loss = books[LOSS].copy()
    threshold, rate = books[THRESHOLD], law[4]
    for i in range(factors.shape[0]):
        step = first_step + i
        s = factors[i]
        amount = strength * s
        if i == 0 or step % substeps == 0:
            turn = step // substeps
            show_pattern(inputs, labels, order, turn, first, key0, key1, shown, label)
            _respond(rule, inputs, shown, widths, form, label, weights, threshold, 0.0, parameters, temperature, flags,
                     values, slopes, fields, outputs, amplitudes, back, force, new_loss)  # fmt: skip
            if frozen:
                _linear_loss(force, weights, new_loss)
        if keep:
            work[:] = 0.0
            copy_rows(force, before)
        else:
            for lane in range(lanes):
                work[lane] = strength * (s * new_loss[lane] - last * loss[lane])
                loss[lane] = new_loss[lane]
        last = s
        _move(weights, force, amount, law, step, first, key0, key1, even, odd, fall, pull, moved, keep, NO,
              free)  # fmt: skip
        if frozen:
            if flags & SLIDES:
                _slide(fields, rate, threshold)
            _linear_loss(force, weights, new_loss)
        else:
            _respond(rule, inputs, shown, widths, form, label, weights, threshold, rate, parameters, temperature, flags,
                     values, slopes, fields, outputs, amplitudes, back, force, new_loss)  # fmt: skip
        if keep:
            _midpoint(force, before, amount, moved, pull)
        _settle(keep, amount, fall, pull, loss, new_loss, heat, work, books)
    for lane in range(lanes):
        books[LOSS, lane] = 0.0 if keep else loss[lane]


def _measure(inputs, shown, widths, form, weights, fields):
    """fields = A alone."""
    units, (patterns, lanes) = np.sum(widths[1:-1]), fields.shape
    values, slopes = np.empty((units, patterns, lanes)), np.empty((units, patterns, lanes))
    _forward(inputs, shown, widths, form, weights, values, slopes, fields)


def _pull_of(inputs, shown, widths, form, weights, amplitudes, pull):
    """pull = sum_mu amplitude_mu dA_mu/dw."""
    units, (patterns, lanes) = np.sum(widths[1:-1]), amplitudes.shape
    values, slopes = np.empty((units, patterns, lanes)), np.empty((units, patterns, lanes))
    fields, back = np.empty((patterns, lanes)), np.empty((patterns, lanes))
    _forward(inputs, shown, widths, form, weights, values, slopes, fields)
    _backward(inputs, shown, widths, form, weights, values, slopes, amplitudes, back, pull)


_matrix = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C")
_whole = types.Array(types.int64, 1, "C")
_layout = (_matrix, _matrix, _whole, _whole)
_common = (RULE, _whole, _whole, _matrix, _matrix, _matrix, _vector, _vector, types.float64, types.float64, _vector,
           types.float64, types.int64, types.int64, types.int64, types.uint64, types.uint64, _matrix)  # fmt: skip

measure = compile_kernel(_measure, types.void(*_layout, _matrix, _matrix))
pull_of = compile_kernel(_pull_of, types.void(*_layout, _matrix, _matrix, _matrix))
advance_batch = compile_kernel(_advance_batch, types.void(*_common))
advance_online = compile_kernel(_advance_online, types.void(*_common, types.int64, types.boolean, _whole))
