"""A synapse, spike by spike: input and output spikes, a block of lanes at a time; a lane is a replica.

Input spikes are a Poisson train of rate r. Output spikes have the rate r_0 + z(t); an input spike adds c w / tau_s to
z, which decays with tau_s: c w output spikes in the mean. x and y are what input and output spikes have left behind:

    input    w -= f_-(w) y,  x += 1,  z += c w / tau_s        dx/dt = -x / tau_+
    output   w += f_+(w) x,  y += 1                           dy/dt = -y / tau_-

so that every pair of an input and an output spike counts once. Between two spikes no rate grows: candidates are drawn
at the rate r + r_0 + z just after the last one, and an output spike is taken with the chance that z has left it. This
is exact, with no step in time (Ogata, IEEE Trans. Inf. Theory 27, 23 (1981)).
The number of a candidate is the step of its random numbers.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .flags import compile_kernel
from .random import LOW, U28, U32, WAITING, philox, uniform
from .scalar import exp, log


@numba.njit(error_model="numpy", nogil=True)
def _power(base, exponent):
    """base^exponent, base >= 0; 1 where the exponent is 0."""
    if exponent == 0.0:
        return 1.0
    if exponent == 1.0:
        return base
    return exp(exponent * log(base)) if base > 0.0 else 0.0


def _spike(model, frozen, until, most, first, key0, key1, now, drawn, traces, w, moved):
    """Spikes of one block up to time ``until``, at most ``most`` candidates a lane.

    model: r, r_0, c, tau_+, tau_-, tau_s, size and exponent of f_+ and of f_-, the highest weight. traces: x, y, z
    (3, lane). now: the time of each lane, drawn: its candidates so far; moved: the sum of all changes of its weight,
    which stays where it is if ``frozen``.
    """
    r, rest, feedback, tau_plus, tau_minus, tau_s = model[0], model[1], model[2], model[3], model[4], model[5]
    plus, up, minus, down, high = model[6], model[7], model[8], model[9], model[10]
    c3 = np.uint64(WAITING) << U28
    for lane in range(w.shape[0]):
        x, y, z, t = traces[0, lane], traces[1, lane], traces[2, lane], now[lane]
        for _ in range(most):
            if t >= until:
                break
            drawn[lane] += 1
            step = np.uint64(drawn[lane])
            x0, x1, x2, x3 = philox(step & LOW, step >> U32, np.uint64(first + lane), c3, key0, key1)
            bound = r + rest + z
            wait = -log(uniform(x0, x1)) / bound
            spikes = t + wait < until
            wait = wait if spikes else until - t
            t = t + wait if spikes else until
            x *= exp(-wait / tau_plus)
            y *= exp(-wait / tau_minus)
            z *= exp(-wait / tau_s)
            if not spikes:
                break
            which = uniform(x2, x3) * bound
            change = 0.0
            if which <= r:
                change = -minus * _power(w[lane], down) * y
                x += 1.0
            elif which <= r + rest + z:
                change = plus * _power(1.0 - w[lane], up) * x
                y += 1.0
            moved[lane] += change
            if not frozen:
                w[lane] = min(max(w[lane] + change, 0.0), high)
            if which <= r:
                z += feedback * w[lane] / tau_s
        traces[0, lane], traces[1, lane], traces[2, lane], now[lane] = x, y, z, t


_vector, _matrix = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
_counts = types.Array(types.int64, 1, "C")
_whole, _real, _word = types.int64, types.float64, types.uint64
spike = compile_kernel(
    _spike,
    types.void(
        _vector, types.boolean, _real, _whole, _whole, _word, _word, _vector, _counts, _matrix, _vector, _vector
    ),
)
