"""Metropolised synapses: an exact move of the free weights, accepted by what it does to the loss.

E(w; s) = k w^2/2 + c s sum_mu loss(A_mu, sigma_mu), A = inputs w; arrays are (weight, lane) and (pattern, lane). In a
step two weights after the other are offered the Ornstein-Uhlenbeck move of k w^2/2 alone,

    w' = decay w + kick z,   accepted with probability min(1, e^{-c s [loss(w') - loss(w)] / T}),

which is reversible with respect to e^{-E/T} for any dt and any loss, steps included. Pairs take turns upwards in even
steps and downwards in odd ones, so that two steps together are reversible too. A change of s is work at fixed w before
the step; heat is the fall of E in the moves that were accepted.

Hastings, Biometrika 57, 97 (1970); Neal, "Regression and classification using Gaussian process priors",
Bayesian Statistics 6, 475 (1999), for the proposal.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from .copying import copy_rows
from .flags import compile_kernel
from .learning import ACCEPTED, GROSS, HEAT, LOSS, RULE, WORK, fields_of
from .random import CHOICE, LOW, NOISE, U28, U32, fill_normals, philox, uniform
from .scalar import exp


@numba.njit(error_model="numpy", nogil=True)
def _offer(inputs, weights, fields, law, pair, even, odd, offered, fall, new_fields):
    """offered = decay w + kick z for two weights, the fields there, and fall = k/2 sum (w^2 - w'^2)."""
    decay, kick, stiffness = law[0], law[2], law[3]
    lanes, patterns = weights.shape[1], inputs.shape[0]
    copy_rows(fields, new_fields)
    fall[:] = 0.0
    for half in range(min(2, weights.shape[0] - 2 * pair)):
        n = 2 * pair + half
        noise = odd if half else even
        for lane in range(lanes):
            w = weights[n, lane]
            v = decay * w + kick * noise[lane]
            offered[half, lane] = v
            fall[lane] += 0.5 * stiffness * (w - v) * (w + v)
        for mu in range(patterns):
            x = inputs[mu, n]
            for lane in range(lanes):
                new_fields[mu, lane] += x * (offered[half, lane] - weights[n, lane])


@numba.njit(error_model="numpy", nogil=True)
def _decide(rise, temperature, step, pair, first, key0, key1, taken):
    """taken = u <= e^{-rise / T}, u in (0, 1]: a downhill move is always taken."""
    c0, c1, c3 = np.uint64(step) & LOW, np.uint64(step) >> U32, (np.uint64(CHOICE) << U28) | np.uint64(pair)
    for lane in range(rise.shape[0]):
        taken[lane] = True
        if rise[lane] > 0.0:
            x0, x1, _, _ = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
            taken[lane] = uniform(x0, x1) <= exp(-rise[lane] / temperature)


@numba.njit(error_model="numpy", nogil=True)
def _accept(taken, pair, offered, fall, rise, new_loss, new_fields, weights, fields, loss, heat, share):
    """What was taken becomes the state; its fall of E is heat."""
    for lane in range(taken.shape[0]):
        if taken[lane]:
            heat[lane] += fall[lane] - rise[lane]
            loss[lane] = new_loss[lane]
            share[lane] += 1.0
    for half in range(min(2, weights.shape[0] - 2 * pair)):
        for lane in range(taken.shape[0]):
            if taken[lane]:
                weights[2 * pair + half, lane] = offered[half, lane]
    for mu in range(fields.shape[0]):
        for lane in range(taken.shape[0]):
            if taken[lane]:
                fields[mu, lane] = new_fields[mu, lane]


def _advance_metropolis(
    rule, inputs, labels, weights, parameters, factors, last, strength, law, temperature, flags,
    first_step, first, key0, key1, books,
):  # fmt: skip
    """Batch learning through len(factors) steps; ``last`` is the factor s before the first of them.

    Fields are taken anew in each step, so that rounding depends neither on the lanes nor on where a run is cut.
    """
    patterns, lanes = labels.shape
    pairs = (weights.shape[0] + 1) // 2
    fields, new_fields = np.empty((patterns, lanes)), np.empty((patterns, lanes))
    outputs, amplitudes = np.zeros((patterns, lanes)), np.empty((patterns, lanes))
    offered, even, odd = np.empty((2, lanes)), np.empty(lanes), np.empty(lanes)
    fall, rise, heat, share = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    loss, new_loss, taken = np.zeros(lanes), np.zeros(lanes), np.empty(lanes, dtype=np.bool_)
    for i in range(factors.shape[0]):
        step, s = first_step + i, factors[i]
        fields_of(inputs, weights, fields)
        rule(fields, labels, outputs, weights[0], parameters, amplitudes, loss)
        for lane in range(lanes):
            work = strength * (s - last) * loss[lane]
            books[WORK, lane] += work
            books[GROSS, lane] += abs(work)
        last = s
        heat[:] = 0.0
        share[:] = 0.0
        for turn in range(pairs):
            pair = turn if step % 2 == 0 else pairs - 1 - turn
            fill_normals(NOISE, pair, step, first, key0, key1, even, odd)
            _offer(inputs, weights, fields, law, pair, even, odd, offered, fall, new_fields)
            rule(new_fields, labels, outputs, weights[0], parameters, amplitudes, new_loss)
            for lane in range(lanes):
                rise[lane] = strength * s * (new_loss[lane] - loss[lane])
            _decide(rise, temperature, step, pair, first, key0, key1, taken)
            _accept(taken, pair, offered, fall, rise, new_loss, new_fields, weights, fields, loss, heat, share)
        for lane in range(lanes):
            books[HEAT, lane] += heat[lane]
            books[GROSS, lane] += abs(heat[lane])
            books[ACCEPTED, lane] += share[lane] / pairs
    for lane in range(lanes):
        books[LOSS, lane] = loss[lane]


def _write_uniforms(step, pair, first, key0, key1, out):
    c0, c1, c3 = np.uint64(step) & LOW, np.uint64(step) >> U32, (np.uint64(CHOICE) << U28) | np.uint64(pair)
    for lane in range(out.shape[0]):
        x0, x1, _, _ = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
        out[lane] = uniform(x0, x1)


_matrix = types.Array(types.float64, 2, "C")
_vector = types.Array(types.float64, 1, "C")
advance_metropolis = compile_kernel(
    _advance_metropolis,
    types.void(RULE, _matrix, _matrix, _matrix, _vector, _vector, types.float64, types.float64, _vector,
               types.float64, types.int64, types.int64, types.int64, types.uint64, types.uint64, _matrix),
)  # fmt: skip
_uniforms = compile_kernel(
    _write_uniforms, types.void(types.int64, types.int64, types.int64, types.uint64, types.uint64, _vector)
)


def acceptance_uniforms(
    step: int, pair: int, first: int, key: tuple[np.uint64, np.uint64], count: int
) -> NDArray[np.float64]:
    """The u in (0, 1] that decides on one pair of weights in one step, for ``count`` lanes from ``first`` on."""
    out = np.empty(count)
    _uniforms(step, pair, first, key[0], key[1], out)
    return out
