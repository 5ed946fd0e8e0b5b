"""A weight and a jumping label, a block of lanes at a time; a lane is a replica.

A step of length h is split: the weight relaxes for h/2 at fixed label, the label for h at fixed weight, the weight for
h/2 again. With e = (nu s_T + g sigma)/k, z ~ N(0, 1) and u uniform in (0, 1]:

    weight   w' = e + (w - e) decay + root z,  decay = e^{-mu k h/2},  root^2 = (1 - decay^2) T/k
    label    sigma' = -sigma  if  u <= (1 - e^{-R h}) / (1 + e^{sigma a w/T_l}),  R = 2 gamma cosh(a w / 2 T_l)

Each part is the exact transition of its own dynamics, which obeys P(x -> x')/P(x' -> x) = e^{Q/T} with its own bath,
and the order of the parts is the same seen backwards: fluctuation theorems hold at any h.
Columns of the books: heat of the weight, heat of the label, work, gross (the sum of absolute amounts).
Strang, SIAM J. Numer. Anal. 5, 506 (1968), for the order of the parts.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .flags import compile_kernel
from .random import CHOICE, LOW, NOISE, U28, U32, ZERO, fill_normals, philox, uniform
from .scalar import exp


@numba.njit(error_model="numpy", nogil=True)
def _relax_weight(model, decay, root, z, w, label, books):
    stiffness, pull, feedback, without_energy = model[0], model[1], model[2], model[3]
    for lane in range(w.shape[0]):
        force = pull + feedback * label[lane]
        rest = force / stiffness
        before = w[lane]
        after = rest + (before - rest) * decay + root * z[lane]
        heat = (after - before) * (force - 0.5 * stiffness * (before + after))
        work = without_energy * label[lane] * (after - before)
        w[lane] = after
        books[0, lane] += heat
        books[2, lane] += work
        books[3, lane] += abs(heat) + abs(work)


@numba.njit(error_model="numpy", nogil=True)
def _relax_label(model, h, step, first, key0, key1, w, label, books):
    field, warm, flip_rate = model[4], model[5], model[6]
    c0, c1, c3 = np.uint64(step) & LOW, np.uint64(step) >> U32, np.uint64(CHOICE) << U28
    for lane in range(w.shape[0]):
        x0, x1, _, _ = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
        tilt = exp(0.5 * field * w[lane] * label[lane] / warm)
        rate = flip_rate * (tilt + 1.0 / tilt)
        flips = uniform(x0, x1) * (1.0 + tilt * tilt) <= 1.0 - exp(-rate * h)
        heat = -field * w[lane] * label[lane] if flips else 0.0
        label[lane] = -label[lane] if flips else label[lane]
        books[1, lane] += heat
        books[3, lane] += abs(heat)


def _advance(model, h, steps, done, first, key0, key1, w, label, books):
    """Steps done + 1 .. done + steps of one block; model: k, nu s_T, g, g - a/2, a, T_l, gamma, mu, T."""
    decay = np.exp(-0.5 * model[7] * model[0] * h)
    root = np.sqrt(-np.expm1(-model[7] * model[0] * h) * model[8] / model[0])
    before, after = np.empty(w.shape[0]), np.empty(w.shape[0])
    for step in range(done + 1, done + steps + 1):
        fill_normals(NOISE, ZERO, step, first, key0, key1, before, after)
        _relax_weight(model, decay, root, before, w, label, books)
        _relax_label(model, h, step, first, key0, key1, w, label, books)
        _relax_weight(model, decay, root, after, w, label, books)


_vector, _matrix = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
_whole, _real, _word = types.int64, types.float64, types.uint64
advance = compile_kernel(
    _advance,
    types.void(_vector, _real, _whole, _whole, _whole, _word, _word, _vector, _vector, _matrix),
)
