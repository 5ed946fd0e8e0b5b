"""Synapses that learn from labels and from the neuron's own answers, which jump: a block of lanes at a time.

    dw_n = mu (-k w_n + f_n) dt + sqrt(2 mu T) dW_n,
    f_n = s(t) sum_mu x_mu,n [c F(A_mu, label_mu) + g F(A_mu, answer_mu)],   A = x w, x = xi / sqrt(N),
    answer_mu -> -answer_mu  at rate  gamma e^{-answer_mu a A_mu / 2T}.

A step of length h is split: weights for h/2 at fixed answers, answers for h at fixed weights, weights for h/2 again.
With u uniform in (0, 1] and tilt = e^{answer a A / 2T}, the answers' own transition is exact:

    answer' = -answer  if  u (1 + tilt^2) <= 1 - e^{-gamma h (tilt + 1/tilt)}.

Weights move by the Ornstein-Uhlenbeck law of ``_kernels.learning`` with the force held for h/2, which is exact where it
does not depend on the weights. Where it does and has a loss, the move is accepted with probability

    min(1, e^{-Delta E/T} q(w' -> w)/q(w -> w')),   q the density of the move with the force held.

Then each part obeys P(x -> x')/P(x' -> x) = e^{Q/T}, their order is the same seen backwards, and fluctuation theorems
hold at any h. A force without a loss is held and its heat Stratonovich's: theorems hold as h -> 0.

The energy is E = k w^2/2 + s [c sum loss(A, label) + g sum loss(A, answer)] with a loss, else k w^2/2. A jump warms the
answers' bath by a A (answer' - answer)/2, whatever the energy; what that and the jump of E leave is work, 0 for Hebb's
rule at s g = a/2. A rule reads the answer itself as ``output``, not its mean.
Strang, SIAM J. Numer. Anal. 5, 506 (1968), for the order of the parts; Roberts and Tweedie, Bernoulli 2, 341 (1996),
for Langevin moves that are accepted or refused.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from .copying import copy_row, copy_rows
from .flags import compile_kernel
from .learning import (
    ADDITIVE,
    ANSWER_HEAT,
    GROSS,
    HAS_LOSS,
    HEAT,
    JUMPS,
    LEAKS,
    LOSS,
    REFUSED,
    RULE,
    USES_WEIGHT,
    WORK,
    fields_of,
)
from .random import CHOICE, INITIAL, LOW, MAX_DRAWS, NOISE, U28, U32, fill_normals, philox, uniform
from .scalar import exp

VERDICT = MAX_DRAWS - 1
"""The draw of the stream CHOICE that decides on both moves of a step; answers take draws from 0 on."""
ANSWERS_STEP = 1
"""The step of the stream INITIAL that first answers are drawn in; weights take step 0."""


@numba.njit(error_model="numpy", nogil=True)
def _fill_uniforms(stream, draw, step, first, key0, key1, even, odd):
    """even[l], odd[l] uniform in (0, 1]: patterns 2 draw and 2 draw + 1 of this step for replicas first + l."""
    c0, c1 = np.uint64(step) & LOW, np.uint64(step) >> U32
    c3 = (np.uint64(stream) << U28) | np.uint64(draw)
    for lane in range(even.shape[0]):
        x0, x1, x2, x3 = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
        even[lane], odd[lane] = uniform(x0, x1), uniform(x2, x3)


@numba.njit(error_model="numpy", nogil=True)
def _mix(c, a, g, b, out):
    """out = c a + g b, (pattern, lane)."""
    for mu in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[mu, lane] = c * a[mu, lane] + g * b[mu, lane]


@numba.njit(error_model="numpy", nogil=True)
def _pushed(
    rule, turned, labels, answers, weights, parameters, flags, c, g, fields, told, said, both, own, force, loss
):
    """force = sum_mu x [c F(label) + g F(answer)] and loss = c loss(label) + g loss(answer), at s = 1.

    told, said: both amplitudes, at the last weight where the rule reads the weight.
    """
    n_weights, lanes = weights.shape
    for n in range(n_weights):
        if n == 0 or flags & USES_WEIGHT:
            rule(fields, labels, answers, weights[n], parameters, told, loss)
            rule(fields, answers, answers, weights[n], parameters, said, own)
            for lane in range(lanes):
                loss[lane] = c * loss[lane] + g * own[lane]
            _mix(c, told, g, said, both)
        if flags & USES_WEIGHT:
            fields_of(turned[n : n + 1], both, force[n : n + 1])
        elif n == 0:
            fields_of(turned, both, force)
        if flags & LEAKS:
            for lane in range(lanes):
                force[n, lane] -= weights[n, lane] * loss[lane] / n_weights


@numba.njit(error_model="numpy", nogil=True)
def _move(weights, force, s, law, half_step, first, key0, key1, even, odd, old, heat):
    """Half a step at fixed answers; old = w and heat = k/2 sum (w^2 - w'^2), the force's own part to come."""
    decay, push, kick, stiffness = law[0], law[1] * s, law[2], law[3]
    heat[:] = 0.0
    for pair in range((weights.shape[0] + 1) // 2):
        fill_normals(NOISE, pair, half_step, first, key0, key1, even, odd)
        for half in range(min(2, weights.shape[0] - 2 * pair)):
            n = 2 * pair + half
            noise = odd if half else even
            for lane in range(weights.shape[1]):
                w = weights[n, lane]
                v = decay * w + push * force[n, lane] + kick * noise[lane]
                heat[lane] += 0.5 * stiffness * (w - v) * (w + v)
                old[n, lane] = w
                weights[n, lane] = v


@numba.njit(error_model="numpy", nogil=True)
def _jump(answers, fields, gain, temperature, paced, step, first, key0, key1, even, odd, books, heat):
    """Each answer through one step at fixed weights; paced = gamma h; heat = sum a A (answer' - answer)/2."""
    heat[:] = 0.0
    for mu in range(answers.shape[0]):
        if mu % 2 == 0:
            _fill_uniforms(CHOICE, mu // 2, step, first, key0, key1, even, odd)
        row, field, u = answers[mu], fields[mu], odd if mu % 2 else even
        for lane in range(row.shape[0]):
            pull = gain * field[lane] * row[lane]
            tilt = exp(0.5 * pull / temperature)
            turned = u[lane] * (1.0 + tilt * tilt) <= 1.0 - exp(-paced * (tilt + 1.0 / tilt))
            row[lane] = -row[lane] if turned else row[lane]
            heat[lane] -= pull if turned else 0.0
            books[GROSS, lane] += abs(pull) if turned else 0.0
            books[JUMPS, lane] += 1.0 if turned else 0.0


@numba.njit(error_model="numpy", nogil=True)
def _judge(weights, force, old, before, s, law, temperature, u, loss, new_loss, heat, gap, books):
    """Weights go back where u > e^{gap/T}: gap/T = ln[q(w' -> w)/q(w -> w')] - Delta E/T. The number sent back.

    Of the Gaussians q only what the force adds is left: with d = decay, G = s force,
    gap = s (loss - loss') + sum [G' (w - d w') - G (w' - d w)]/(1 + d) + (1 - d)/(2 k (1 + d)) sum (G^2 - G'^2).
    """
    decay, stiffness = law[0], law[3]
    over = 1.0 / (1.0 + decay)
    square = 0.5 * (1.0 - decay) * over / stiffness
    for lane in range(gap.shape[0]):
        gap[lane] = s * (loss[lane] - new_loss[lane])
    for n in range(weights.shape[0]):
        for lane in range(gap.shape[0]):
            w, v, g, h = old[n, lane], weights[n, lane], s * before[n, lane], s * force[n, lane]
            gap[lane] += over * (h * (w - decay * v) - g * (v - decay * w)) + square * (g - h) * (g + h)
    back = 0
    for lane in range(gap.shape[0]):
        if not u[lane] <= exp(min(gap[lane], 0.0) / temperature):
            back += 1
            heat[lane] = 0.0
            books[REFUSED, lane] += 1.0
            for n in range(weights.shape[0]):
                weights[n, lane] = old[n, lane]
    return back


@numba.njit(error_model="numpy", nogil=True)
def _book(row, amount, books):
    for lane in range(amount.shape[0]):
        books[row, lane] += amount[lane]
        books[GROSS, lane] += abs(amount[lane])


def _advance_answers(
    rule, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books, answers, feedback, paced, gain,
):  # fmt: skip
    """Batch learning through len(factors) steps; ``last`` is the factor s before the first of them.

    law: of half a step. answers: (pattern, lane) of +-1, the state, changed in place. paced: gamma h. gain: a.
    books[LOSS]: c loss(label) + g loss(answer) at the end.
    """
    patterns, lanes = labels.shape
    n_weights = weights.shape[0]
    turned = np.ascontiguousarray(inputs.T)
    fields, told = np.empty((patterns, lanes)), np.empty((patterns, lanes))
    said, both = np.empty((patterns, lanes)), np.empty((patterns, lanes))
    force, before, old = np.empty((n_weights, lanes)), np.empty((n_weights, lanes)), np.empty((n_weights, lanes))
    verdicts, gap = np.empty((2, lanes)), np.empty(lanes)
    even, odd, own = np.empty(lanes), np.empty(lanes), np.zeros(lanes)
    heat, work, loss, new_loss = np.empty(lanes), np.empty(lanes), np.zeros(lanes), np.zeros(lanes)
    has_loss, additive = flags & HAS_LOSS, flags & ADDITIVE
    fields_of(inputs, weights, fields)
    _pushed(rule, turned, labels, answers, weights, parameters, flags, strength, feedback, fields, told, said, both,
            own, force, loss)  # fmt: skip
    for i in range(factors.shape[0]):
        step, s = first_step + i, factors[i]
        if has_loss:
            for lane in range(lanes):
                work[lane] = (s - last) * loss[lane]
            _book(WORK, work, books)
        last = s
        _fill_uniforms(CHOICE, VERDICT, step, first, key0, key1, verdicts[0], verdicts[1])
        for half in range(2):
            copy_rows(force, before)
            _move(weights, force, s, law, 2 * step + half, first, key0, key1, even, odd, old, heat)
            fields_of(inputs, weights, fields)
            _pushed(rule, turned, labels, answers, weights, parameters, flags, strength, feedback, fields, told, said,
                    both, own, force, new_loss)  # fmt: skip
            if has_loss:
                if not additive and _judge(weights, force, old, before, s, law, temperature, verdicts[half], loss,
                                           new_loss, heat, gap, books):  # fmt: skip
                    fields_of(inputs, weights, fields)
                    _pushed(rule, turned, labels, answers, weights, parameters, flags, strength, feedback, fields, told,
                            said, both, own, force, new_loss)  # fmt: skip
                for lane in range(lanes):
                    heat[lane] += s * (loss[lane] - new_loss[lane])
                    loss[lane] = new_loss[lane]
            else:
                work[:] = 0.0
                for n in range(n_weights):
                    for lane in range(lanes):
                        work[lane] += 0.5 * s * (force[n, lane] + before[n, lane]) * (weights[n, lane] - old[n, lane])
                for lane in range(lanes):
                    heat[lane] += work[lane]
                _book(WORK, work, books)
            _book(HEAT, heat, books)
            if half == 0:
                for lane in range(lanes):
                    new_loss[lane] = own[lane]
                _jump(answers, fields, gain, temperature, paced, step, first, key0, key1, even, odd, books, work)
                for lane in range(lanes):
                    books[ANSWER_HEAT, lane] += work[lane]
                if has_loss:
                    rule(fields, answers, answers, weights[0], parameters, said, own)
                    for lane in range(lanes):
                        raised = feedback * (own[lane] - new_loss[lane])
                        work[lane] += s * raised
                        loss[lane] += raised
                    _mix(strength, told, feedback, said, both)
                    fields_of(turned, both, force)
                else:
                    _pushed(rule, turned, labels, answers, weights, parameters, flags, strength, feedback, fields, told,
                            said, both, own, force, new_loss)  # fmt: skip
                _book(WORK, work, books)
    for lane in range(lanes):
        books[LOSS, lane] = loss[lane] if has_loss else 0.0


def _prepare_answers(fields, gain, temperature, first, key0, key1, answers):
    """answers = +1 with probability 1/(1 + e^{-a A / T}): their equilibrium at the weights given."""
    even, odd = np.empty(fields.shape[1]), np.empty(fields.shape[1])
    for mu in range(fields.shape[0]):
        if mu % 2 == 0:
            _fill_uniforms(INITIAL, mu // 2, ANSWERS_STEP, first, key0, key1, even, odd)
        u = odd if mu % 2 else even
        for lane in range(fields.shape[1]):
            answers[mu, lane] = 1.0 if u[lane] * (1.0 + exp(-gain * fields[mu, lane] / temperature)) <= 1.0 else -1.0


def _write_uniforms(draw, step, first, key0, key1, out):
    even, odd = np.empty(out.shape[1]), np.empty(out.shape[1])
    for pair in range((out.shape[0] + 1) // 2):
        _fill_uniforms(CHOICE, draw + pair, step, first, key0, key1, even, odd)
        copy_row(even, out[2 * pair])
        if 2 * pair + 1 < out.shape[0]:
            copy_row(odd, out[2 * pair + 1])


_matrix, _vector = types.Array(types.float64, 2, "C"), types.Array(types.float64, 1, "C")
_real, _whole, _word = types.float64, types.int64, types.uint64
advance_answers = compile_kernel(
    _advance_answers,
    types.void(
        RULE, _matrix, _matrix, _matrix, _vector, _vector, _real, _real, _vector, _real, _whole,
        _whole, _whole, _word, _word, _matrix, _matrix, _real, _real, _real,
    ),
)  # fmt: skip
prepare_answers = compile_kernel(_prepare_answers, types.void(_matrix, _real, _real, _whole, _word, _word, _matrix))
_uniforms = compile_kernel(_write_uniforms, types.void(_whole, _whole, _whole, _word, _word, _matrix))


def choices(
    draw: int, step: int, first: int, key: tuple[np.uint64, np.uint64], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """The u in (0, 1] that decide in one step, (decision, lane): draw 0, on every answer; VERDICT, on both moves."""
    out = np.empty(shape)
    _uniforms(draw, step, first, key[0], key[1], out)
    return out
