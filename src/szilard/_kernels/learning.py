"""Synapses under a learning rule: dw = mu (-k w + c s(t) g) dt + sqrt(2 mu T) dW, a block of lanes at a time.

A lane is a replica; arrays are (weight, lane) and (pattern, lane). ``inputs`` are xi / sqrt(N), so that the
fields are A = inputs w and the force direction is g_n = sum_mu inputs_mu,n amplitude(A_mu, ...).
With the force held during a step the weight moves by the exact Ornstein-Uhlenbeck law

    w' = decay w + push c s g + kick z,   decay = e^{-x}, push = (1 - e^{-x})/k, kick^2 = (T/k)(1 - e^{-2x}),

x = mu k dt. A rule that leaks adds -w_n sum_mu leak(A_mu, ...) / N to g_n. What it reads as ``output`` is the mean
answer of the neuron, a threshold that follows <A^2> (one per lane, books[THRESHOLD]), or the fields one pattern later
and earlier, parameters[0] A_{mu+1} - parameters[1] A_{mu-1}.
A force that acts along one line only, the pattern shown or the fixed force of an additive rule, leaves all beside that
line free: there one move covers the whole time, x = mu k time, with the same law.
Heat is booked per step: with a loss, as the fall of E = k w^2/2 + c s loss at fixed s; else by Stratonovich's
midpoint. A change of s or of the shown pattern is booked as work at fixed w.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .copying import copy_rows
from .flags import NO, YES, compile_kernel
from .random import BESIDE, CHOICE, LOW, NOISE, U28, U32, ZERO, fill_in_turn, fill_normals, philox
from .scalar import tanh
from .sums import add_lower, add_products, add_upper

HEAT, WORK, GROSS, LOSS, THRESHOLD, ANSWER_HEAT, JUMPS, REFUSED = range(8)
ROWS, ROWS_WITH_ANSWERS = 5, 8
ACCEPTED = THRESHOLD
"""A metropolised rule has a loss and no threshold: the row counts the share of moves accepted, step by step."""
USES_OUTPUT, USES_WEIGHT, ADDITIVE, HAS_LOSS, SIGN_OUTPUT, LEAKS, SLIDES, LAGGED, TRIANGULAR = (
    1,
    2,
    4,
    8,
    16,
    32,
    64,
    128,
    256,
)

_matrix = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C")
RULE = types.FunctionType(types.void(_matrix, _matrix, _matrix, _vector, _vector, _matrix, _vector))


@numba.njit(error_model="numpy", nogil=True)
def fields_of(inputs, weights, fields):
    """A = inputs w for every lane, four weights at a time in a fixed order."""
    fields[:] = 0.0
    add_products(inputs, weights, fields)


@numba.njit(error_model="numpy", nogil=True)
def show_pattern(inputs, labels, order, turn, first, key0, key1, shown, label):
    """The pattern of this turn and its label, for every lane: that of the order, or drawn anew per replica."""
    for lane in range(labels.shape[1]):
        if order.shape[0]:
            mu = order[turn % order.shape[0]]
        else:
            x0, _, _, _ = philox(np.uint64(turn) & LOW, np.uint64(turn) >> U32, np.uint64(first + lane),
                                 np.uint64(CHOICE) << U28, key0, key1)  # fmt: skip
            mu = np.int64((x0 * np.uint64(labels.shape[0])) >> U32)
        label[0, lane] = labels[mu, lane]
        for n in range(inputs.shape[1]):
            shown[n, lane] = inputs[mu, n]


@numba.njit(error_model="numpy", nogil=True)
def _outputs_of(fields, threshold, parameters, temperature, flags, outputs):
    """What the rule reads as output: a threshold, neighbouring fields, or the answer tanh(A / 2T), or sign A."""
    patterns = fields.shape[0]
    for mu in range(patterns):
        later, earlier = (mu + 1) % patterns, (mu + patterns - 1) % patterns
        for lane in range(fields.shape[1]):
            a = fields[mu, lane]
            if flags & SLIDES:
                outputs[mu, lane] = threshold[lane]
            elif flags & LAGGED:
                outputs[mu, lane] = parameters[0] * fields[later, lane] - parameters[1] * fields[earlier, lane]
            elif flags & SIGN_OUTPUT:
                outputs[mu, lane] = 1.0 if a > 0.0 else -1.0
            else:
                outputs[mu, lane] = tanh(a / (2.0 * temperature))


@numba.njit(error_model="numpy", nogil=True)
def _leak(flags, weight, leak, n_weights, force):
    """force -= w_n sum_mu leak / N: what the rule left in the place of the loss."""
    if flags & LEAKS:
        for lane in range(weight.shape[0]):
            force[lane] -= weight[lane] * leak[lane] / n_weights


@numba.njit(error_model="numpy", nogil=True)
def _slide(fields, rate, threshold):
    """threshold += rate (<A^2> - threshold), the mean over the patterns shown."""
    patterns = fields.shape[0]
    for lane in range(threshold.shape[0]):
        square = 0.0
        for mu in range(patterns):
            square += fields[mu, lane] * fields[mu, lane]
        threshold[lane] += rate * (square / patterns - threshold[lane])


@numba.njit(error_model="numpy", nogil=True)
def _respond_batch(
    rule, inputs, turned, labels, weights, threshold, follow, parameters, temperature, flags, fields, outputs,
    amplitudes, force, loss,
):  # fmt: skip
    """force = sum over all patterns, loss = their sum, at the weights given; a threshold follows them first.

    TRIANGULAR: inputs are zero above their diagonal; then no rule reads single weights.
    """
    if flags & TRIANGULAR:
        fields[:] = 0.0
        add_lower(inputs, weights, fields)
    else:
        fields_of(inputs, weights, fields)
    if flags & SLIDES:
        _slide(fields, follow, threshold)
    if flags & USES_OUTPUT:
        _outputs_of(fields, threshold, parameters, temperature, flags, outputs)
    n_weights = weights.shape[0]
    if not flags & USES_WEIGHT:
        rule(fields, labels, outputs, weights[0], parameters, amplitudes, loss)
        if flags & TRIANGULAR:
            force[:] = 0.0
            add_upper(turned, amplitudes, force)
        else:
            fields_of(turned, amplitudes, force)
    for n in range(n_weights):
        if flags & USES_WEIGHT:
            rule(fields, labels, outputs, weights[n], parameters, amplitudes, loss)
            fields_of(turned[n : n + 1], amplitudes, force[n : n + 1])
        _leak(flags, weights[n], loss, n_weights, force[n])


@numba.njit(error_model="numpy", nogil=True)
def _respond_shown(
    rule, shown, labels, weights, threshold, follow, parameters, temperature, flags, fields, outputs, amplitudes,
    force, loss,
):  # fmt: skip
    """The same for the one pattern that each lane is shown: shown[n, lane], labels[0, lane]."""
    field = fields[0]
    field[:] = 0.0
    for n in range(weights.shape[0]):
        for lane in range(field.shape[0]):
            field[lane] += shown[n, lane] * weights[n, lane]
    if flags & SLIDES:
        _slide(fields, follow, threshold)
    if flags & USES_OUTPUT:
        _outputs_of(fields, threshold, parameters, temperature, flags, outputs)
    if not flags & USES_WEIGHT:
        rule(fields, labels, outputs, weights[0], parameters, amplitudes, loss)
    for n in range(weights.shape[0]):
        if flags & USES_WEIGHT:
            rule(fields, labels, outputs, weights[n], parameters, amplitudes, loss)
        for lane in range(field.shape[0]):
            force[n, lane] = shown[n, lane] * amplitudes[0, lane]
        _leak(flags, weights[n], loss, weights.shape[0], force[n])


@numba.njit(error_model="numpy", nogil=True)
def _move(weights, force, amount, law, step, first, key0, key1, even, odd, fall, pull, moved, keep, alone, free):
    """One step; fall = k/2 sum (w^2 - w'^2), pull = amount sum g (w' - w); moved = w' - w if asked.

    alone: there is one coordinate, whose steps share their pairs of random numbers; even and odd are kept for it.
    free: weights that get the same noise and no force; may have no rows.
    """
    decay, push, kick, stiffness = law[0], law[1] * amount, law[2], law[3]
    fall[:] = 0.0
    pull[:] = 0.0
    n_weights = weights.shape[0]
    for pair in range((n_weights + 1) // 2):
        if not alone:
            fill_normals(NOISE, pair, step, first, key0, key1, even, odd)
        for half in range(2):
            n = 2 * pair + half
            if n == n_weights:
                break
            noise = odd if half or (alone and step % 2) else even
            w_row, f_row = weights[n], force[n]
            for lane in range(w_row.shape[0]):
                w, g = w_row[lane], f_row[lane]
                v = decay * w + push * g + kick * noise[lane]
                fall[lane] += 0.5 * stiffness * (w - v) * (w + v)
                pull[lane] += amount * g * (v - w)
                w_row[lane] = v
                if keep:
                    moved[n, lane] = v - w
            if free.shape[0]:
                row = free[n]
                for lane in range(row.shape[0]):
                    row[lane] = decay * row[lane] + kick * noise[lane]


@numba.njit(error_model="numpy", nogil=True)
def _linear_loss(force, weights, loss):
    """loss = -g w of a force that does not depend on the weights."""
    loss[:] = 0.0
    for n in range(weights.shape[0]):
        for lane in range(loss.shape[0]):
            loss[lane] -= force[n, lane] * weights[n, lane]


@numba.njit(error_model="numpy", nogil=True)
def _settle(keep, amount, fall, pull, loss, new_loss, heat, work, books):
    """Heat of one step: k/2 sum (w^2 - w'^2) plus the fall of the loss, or plus the force's own work."""
    for lane in range(heat.shape[0]):
        if keep:
            work[lane] += pull[lane]
            heat[lane] = fall[lane] + pull[lane]
        else:
            heat[lane] = fall[lane] + amount * (loss[lane] - new_loss[lane])
            loss[lane] = new_loss[lane]
        books[HEAT, lane] += heat[lane]
        books[WORK, lane] += work[lane]
        books[GROSS, lane] += abs(heat[lane]) + abs(work[lane])


@numba.njit(error_model="numpy", nogil=True)
def _midpoint(force, before, amount, moved, pull):
    """pull = amount sum (g(w) + g(w'))/2 (w' - w): Stratonovich's work of a force with no loss."""
    pull[:] = 0.0
    for n in range(force.shape[0]):
        for lane in range(pull.shape[0]):
            pull[lane] += 0.5 * amount * (force[n, lane] + before[n, lane]) * moved[n, lane]


def _advance_batch(
    rule, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books, free,
):  # fmt: skip
    """Batch learning through len(factors) steps; ``last`` is the factor s before the first of them, ``free`` a twin."""
    patterns, lanes = labels.shape
    n_weights = weights.shape[0]
    turned = np.ascontiguousarray(inputs.T)
    fields = np.empty((patterns, lanes))
    outputs = np.zeros((patterns, lanes))
    amplitudes = np.zeros((patterns, lanes))
    force = np.empty((n_weights, lanes))
    keep = not flags & HAS_LOSS
    before = np.empty((n_weights if keep else 1, lanes))
    moved = np.empty((n_weights if keep else 1, lanes))
    even, odd, fall, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    heat, work = np.empty(lanes), np.empty(lanes)
    loss, new_loss = np.zeros(lanes), np.zeros(lanes)
    threshold, rate = books[THRESHOLD], law[4]
    _respond_batch(rule, inputs, turned, labels, weights, threshold, 0.0, parameters, temperature, flags, fields,
                   outputs, amplitudes, force, loss)  # fmt: skip
    additive = (flags & ADDITIVE) and (flags & HAS_LOSS)
    if additive:
        _linear_loss(force, weights, loss)
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
        if additive:
            _linear_loss(force, weights, new_loss)
        else:
            _respond_batch(rule, inputs, turned, labels, weights, threshold, rate, parameters, temperature, flags,
                           fields, outputs, amplitudes, force, new_loss)  # fmt: skip
        if keep:
            _midpoint(force, before, amount, moved, pull)
        _settle(keep, amount, fall, pull, loss, new_loss, heat, work, books)
    for lane in range(lanes):
        books[LOSS, lane] = loss[lane] if flags & HAS_LOSS else 0.0


def _advance_held(
    force, along, factors, last, strength, laws, first_stretch, first, key0, key1, books,
):  # fmt: skip
    """Batch learning of an additive rule, on the line of its force: (1, lane). One move for each factor s, by its law.

    laws: (stretch, 5), each of the time its factor lasts. ``last`` as in ``_advance_batch``.
    """
    lanes = along.shape[1]
    moved, free = np.empty((1, lanes)), np.empty((0, lanes))
    even, odd, fall, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    heat, work, loss, new_loss = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    _linear_loss(force, along, loss)
    for i in range(factors.shape[0]):
        stretch, s, law = first_stretch + i, factors[i], laws[i]
        for lane in range(lanes):
            work[lane] = strength * (s - last) * loss[lane]
        last = s
        fill_in_turn(NOISE, stretch, first, key0, key1, i == 0, even, odd)
        _move(along, force, strength * s, law, stretch, first, key0, key1, even, odd, fall, pull, moved, NO, YES,
              free)  # fmt: skip
        _linear_loss(force, along, new_loss)
        _settle(NO, strength * s, fall, pull, loss, new_loss, heat, work, books)
    for lane in range(lanes):
        books[LOSS, lane] = loss[lane]


@numba.njit(error_model="numpy", nogil=True)
def _onto(shown, weights, size, along):
    """size = |x|, along = x w / |x|, (1, lane): where each lane stands on the line of its own x, (weight, lane)."""
    size[:] = 0.0
    along[:] = 0.0
    for n in range(weights.shape[0]):
        for lane in range(weights.shape[1]):
            size[0, lane] += shown[n, lane] * shown[n, lane]
            along[0, lane] += shown[n, lane] * weights[n, lane]
    for lane in range(weights.shape[1]):
        size[0, lane] = np.sqrt(size[0, lane])
        along[0, lane] = along[0, lane] / size[0, lane] if size[0, lane] > 0.0 else 0.0


@numba.njit(error_model="numpy", nogil=True)
def _leave(shown, size, began, along, weights, law, step, first, key0, key1, even, odd, shift, books):
    """All weights after a showing that ended before ``step``: where ``along`` says on its line, free beside it.

    v = decay w + kick z and w' = v + (along - x v / |x|) x / |x|; law: of the whole showing. Heat beside the line, the
    fall of k w^2/2 there: that of all weights without that on the line, which its steps have booked.
    """
    decay, kick, stiffness = law[0], law[2], law[3]
    n_weights, lanes = weights.shape
    fall = np.empty(lanes)
    for lane in range(lanes):
        a, b = began[0, lane], along[0, lane]
        fall[lane] = -(a - b) * (a + b)
        shift[lane] = 0.0
    for pair in range((n_weights + 1) // 2):
        fill_normals(BESIDE, pair, step, first, key0, key1, even, odd)
        for half in range(min(2, n_weights - 2 * pair)):
            noise = odd if half else even
            w_row, x_row = weights[2 * pair + half], shown[2 * pair + half]
            for lane in range(lanes):
                v = decay * w_row[lane] + kick * noise[lane]
                fall[lane] += w_row[lane] * w_row[lane]
                shift[lane] += x_row[lane] * v
                w_row[lane] = v
    for lane in range(lanes):
        length = size[0, lane]
        shift[lane] = (along[0, lane] - shift[lane] / length) / length if length > 0.0 else 0.0
    for n in range(n_weights):
        w_row, x_row = weights[n], shown[n]
        for lane in range(lanes):
            v = w_row[lane] + shift[lane] * x_row[lane]
            fall[lane] -= v * v
            w_row[lane] = v
    for lane in range(lanes):
        heat = 0.5 * stiffness * fall[lane]
        books[HEAT, lane] += heat
        books[GROSS, lane] += abs(heat)


def _place(line, along, weights):
    """Weights put to where ``along`` (1, lane) says on the line of every lane, (weight, lane), and left beside it."""
    size, now = np.empty(along.shape), np.empty(along.shape)
    _onto(line, weights, size, now)
    for n in range(weights.shape[0]):
        for lane in range(weights.shape[1]):
            if size[0, lane] > 0.0:
                weights[n, lane] += (along[0, lane] - now[0, lane]) * (line[n, lane] / size[0, lane])


def _project(line, weights, size, along):
    _onto(line, weights, size, along)


def _end_showing(
    inputs, labels, weights, law, order, turn, step, first, key0, key1, books, along,
):  # fmt: skip
    """``_leave`` for replicas that are looked at while a pattern is shown; law: of the time since its showing began."""
    n_weights, lanes = weights.shape
    shown, label = np.empty((n_weights, lanes)), np.empty((1, lanes))
    size, began = np.empty((1, lanes)), np.empty((1, lanes))
    even, odd, shift = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    show_pattern(inputs, labels, order, turn, first, key0, key1, shown, label)
    _onto(shown, weights, size, began)
    _leave(shown, size, began, along, weights, law, step, first, key0, key1, even, odd, shift, books)


def _advance_online(
    rule, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books, substeps, frozen, order, on_line, along, whole,
):  # fmt: skip
    """Online learning: a new pattern every ``substeps`` steps, its force followed or frozen while shown.

    order: the pattern shown in each turn; empty = drawn anew per replica from its own stream.
    on_line: steps move ``along`` (1, lane), the place on the line of the pattern shown, and the weights follow when its
    showing ends, with ``whole``, the law of that time; else steps move the weights.
    books[LOSS] carries the loss of the pattern shown, across calls.
    """
    lanes = labels.shape[1]
    shown = np.empty((weights.shape[0], lanes))
    size, began, shift = np.empty((1, lanes)), np.empty((1, lanes)), np.empty(lanes)
    state, pushed = (along, size) if on_line else (weights, shown)
    n_weights = state.shape[0]
    label, fields, outputs = np.empty((1, lanes)), np.empty((1, lanes)), np.zeros((1, lanes))
    amplitudes = np.zeros((1, lanes))
    force = np.empty((n_weights, lanes))
    keep = not (flags & HAS_LOSS or frozen)
    before = np.empty((n_weights if keep else 1, lanes))
    moved = np.empty((n_weights if keep else 1, lanes))
    even, odd, fall, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    heat, work, new_loss = np.empty(lanes), np.empty(lanes), np.zeros(lanes)
    loss, free = books[LOSS].copy(), np.empty((0, lanes))
    threshold, rate = books[THRESHOLD], law[4]
    for i in range(factors.shape[0]):
        step = first_step + i
        s = factors[i]
        amount = strength * s
        if i == 0 or step % substeps == 0:
            turn = step // substeps
            show_pattern(inputs, labels, order, turn, first, key0, key1, shown, label)
            if on_line:
                _onto(shown, weights, size, began)
                if step % substeps == 0:
                    copy_rows(began, along)
            _respond_shown(rule, pushed, label, state, threshold, 0.0, parameters, temperature, flags, fields,
                           outputs, amplitudes, force, new_loss)  # fmt: skip
            if frozen:
                _linear_loss(force, state, new_loss)
        if keep:
            work[:] = 0.0
            copy_rows(force, before)
        else:
            for lane in range(lanes):
                work[lane] = strength * (s * new_loss[lane] - last * loss[lane])
                loss[lane] = new_loss[lane]
        last = s
        if on_line:
            fill_in_turn(NOISE, step, first, key0, key1, i == 0, even, odd)
        _move(state, force, amount, law, step, first, key0, key1, even, odd, fall, pull, moved, keep, on_line, free)
        if frozen:
            if flags & SLIDES:
                _slide(fields, rate, threshold)
            _linear_loss(force, state, new_loss)
        else:
            _respond_shown(rule, pushed, label, state, threshold, rate, parameters, temperature, flags, fields,
                           outputs, amplitudes, force, new_loss)  # fmt: skip
        if keep:
            _midpoint(force, before, amount, moved, pull)
        _settle(keep, amount, fall, pull, loss, new_loss, heat, work, books)
        if on_line and (step + 1) % substeps == 0:
            _leave(shown, size, began, along, weights, whole, step + 1, first, key0, key1, fall, pull, shift, books)
    for lane in range(lanes):
        books[LOSS, lane] = 0.0 if keep else loss[lane]


def _prepare(weights, deviation, stream, first, key0, key1):
    """weights ~ N(0, deviation^2), independent: equilibrium in the harmonic potential."""
    lanes = weights.shape[1]
    even, odd = np.empty(lanes), np.empty(lanes)
    for pair in range((weights.shape[0] + 1) // 2):
        fill_normals(stream, pair, ZERO, first, key0, key1, even, odd)
        for lane in range(lanes):
            weights[2 * pair, lane] = deviation * even[lane]
            if 2 * pair + 1 < weights.shape[0]:
                weights[2 * pair + 1, lane] = deviation * odd[lane]


def _draw_labels(labels, stream, first, key0, key1):
    """labels = +-1, independent and equiprobable: one random bit each."""
    for mu in range(labels.shape[0]):
        for lane in range(labels.shape[1]):
            words = philox(np.uint64(0), np.uint64(0), np.uint64(first + lane),
                           (np.uint64(stream) << U28) | np.uint64(mu // 128), key0, key1)  # fmt: skip
            word = words[0]
            if (mu // 32) % 4 == 1:
                word = words[1]
            elif (mu // 32) % 4 == 2:
                word = words[2]
            elif (mu // 32) % 4 == 3:
                word = words[3]
            bit = (word >> np.uint64(mu % 32)) & np.uint64(1)
            labels[mu, lane] = 1.0 if bit else -1.0


def _measure_fields(inputs, weights, fields):
    fields_of(inputs, weights, fields)


_common = (RULE, _matrix, _matrix, _matrix, _vector, _vector, types.float64, types.float64, _vector,
           types.float64, types.int64, types.int64, types.int64, types.uint64, types.uint64, _matrix)  # fmt: skip
_order = types.Array(types.int64, 1, "C")
_drawing = (types.int64, types.int64, types.uint64, types.uint64)

advance_batch = compile_kernel(_advance_batch, types.void(*_common, _matrix))
advance_online = compile_kernel(
    _advance_online,
    types.void(*_common, types.int64, types.boolean, _order, types.boolean, _matrix, _vector),
)
advance_held = compile_kernel(
    _advance_held,
    types.void(_matrix, _matrix, _vector, types.float64, types.float64, _matrix, *_drawing, _matrix),
)
end_showing = compile_kernel(
    _end_showing,
    types.void(_matrix, _matrix, _matrix, _vector, _order, types.int64, *_drawing, _matrix, _matrix),
)
prepare = compile_kernel(_prepare, types.void(_matrix, types.float64, *_drawing))
draw_labels = compile_kernel(_draw_labels, types.void(_matrix, *_drawing))
measure_fields = compile_kernel(_measure_fields, types.void(_matrix, _matrix, _matrix))
project = compile_kernel(_project, types.void(_matrix, _matrix, _matrix, _matrix))
place = compile_kernel(_place, types.void(_matrix, _matrix, _matrix))
