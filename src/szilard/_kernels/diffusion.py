"""Overdamped Langevin dynamics, a block of lanes at a time; a lane is a replica, arrays are (coordinate, lane).

A step of length h holds the control lambda. With F = -dU/dw + f at fixed lambda and z ~ N(0, 1):

    euler        w' = w + mu h F(w) + sqrt(2 mu T h) z
    heun         w' = w + mu h [F(w) + F(v)]/2 + sqrt(2 mu T h) z,  v the step of euler
    exact        w' = decay w + shift + root z, the transition of a linear force
    metropolis   v of euler, accepted with probability min(1, e^{Q/T} q(v -> w)/q(w -> v)), q its density
    sweep        the same for one coordinate at a time, each with its own temperature: half a step upwards through all,
                 half a step downwards, so that a step is its own mirror image

Books of a step: Q = U(w) - U(w') + [f(w) + f(w')].(w' - w)/2 into the bath, W = [f(w) + f(w')].(w' - w)/2; a change of
lambda before it is work at fixed w. Both f and the way are the same seen backwards, so that a metropolised step obeys
P(w -> w')/P(w' -> w) = e^{Q/T} exactly. With several baths the heat of coordinate i is Stratonovich's F_i o dw_i; what
the trapezoid misses of the fall of U is shared in proportion to |change of slope x way|.
Columns of the books: heat of each reservoir, work, gross (the sum of absolute amounts), accepted steps, energy.
Roberts and Tweedie, Bernoulli 2, 341 (1996), for the metropolised step.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from .flags import compile_kernel
from .random import CHOICE, LOW, NOISE, U28, U32, fill_normals, philox, uniform
from .scalar import log

EULER, HEUN, EXACT, METROPOLIS, SWEEP = range(5)
LANES = 128
"""Trajectories that are advanced together."""
WORK, GROSS, ACCEPTED, ENERGY = range(4)
"""Columns after those of the heat."""

_matrix, _vector = types.Array(types.float64, 2, "C"), types.Array(types.float64, 1, "C")
_cube, _indices = types.Array(types.float64, 3, "C"), types.Array(types.int64, 1, "C")
RESPONSE = types.FunctionType(types.void(_matrix, types.float64, _vector, _vector, _matrix, _matrix))
"""respond(w, control, parameters, energy, slope, push): U, -dU/dw and f of every lane."""


def _linear_response(w, control, parameters, energy, slope, push):  # type: ignore[no-untyped-def]
    """U = w.H w/2 - h.w + c, -dU/dw = h - H w, f = g + G w from the packed numbers H, h, c, G, g."""
    n = w.shape[0]
    pull, swirl = n * n, n * n + n + 1
    energy[:] = parameters[pull + n]
    for i in range(n):
        for lane in range(w.shape[1]):
            slope[i, lane] = 0.0
            push[i, lane] = parameters[swirl + n * n + i]
        for j in range(n):
            H, G = parameters[i * n + j], parameters[swirl + i * n + j]
            if H != 0.0:
                for lane in range(w.shape[1]):
                    slope[i, lane] -= H * w[j, lane]
            if G != 0.0:
                for lane in range(w.shape[1]):
                    push[i, lane] += G * w[j, lane]
        for lane in range(w.shape[1]):
            energy[lane] -= w[i, lane] * (0.5 * slope[i, lane] + parameters[pull + i])
            slope[i, lane] += parameters[pull + i]


@numba.njit(error_model="numpy", nogil=True)
def _draw(method, step, first, key0, key1, z, chance, spare, fresh):  # type: ignore[no-untyped-def]
    """z (coordinate, lane) ~ N(0, 1), and chance = ln u for every choice that the method makes.

    Normal numbers come in pairs: one coordinate alone uses a pair in two steps, the second kept in ``spare`` unless
    this is a ``fresh`` start.
    """
    n = z.shape[0]
    if n == 1:
        if fresh or step % 2 == 0:
            fill_normals(NOISE, 0, step // 2, first, key0, key1, z[0], spare)
        if step % 2 == 1:
            for lane in range(z.shape[1]):
                z[0, lane] = spare[lane]
    else:
        for pair in range((n + 1) // 2):
            other = z[2 * pair + 1] if 2 * pair + 1 < n else spare
            fill_normals(NOISE, pair, step, first, key0, key1, z[2 * pair], other)
    choices = n if method == SWEEP else 1 if method == METROPOLIS else 0
    for i in range(choices):
        row = chance[i]
        for lane in range(row.shape[0]):
            x0, x1, _, _ = philox(np.uint64(step) & LOW, np.uint64(step) >> U32, np.uint64(first + lane),
                                  (np.uint64(CHOICE) << U28) | np.uint64(i), key0, key1)  # fmt: skip
            row[lane] = log(uniform(x0, x1))


@numba.njit(error_model="numpy", nogil=True)
def _propose(method, only, h, media, law, w, slope, push, z, v):  # type: ignore[no-untyped-def]
    """v: the step of euler (of coordinate ``only`` alone, if it is not -1), or of the exact transition."""
    mobility, temperature, _ = media
    n = w.shape[0]
    for i in range(n):
        if method == EXACT:
            for lane in range(w.shape[1]):
                v[i, lane] = law[n * n + i]
            for j in range(n):
                decay, root = law[i * n + j], law[n * n + n + i * n + j]
                for lane in range(w.shape[1]):
                    v[i, lane] += decay * w[j, lane] + root * z[j, lane]
        elif only < 0 or only == i:
            drift, kick = mobility[i] * h, np.sqrt(2.0 * mobility[i] * temperature[i] * h)
            for lane in range(w.shape[1]):
                v[i, lane] = w[i, lane] + drift * (slope[i, lane] + push[i, lane]) + kick * z[i, lane]
        else:
            for lane in range(w.shape[1]):
                v[i, lane] = w[i, lane]


@numba.njit(error_model="numpy", nogil=True)
def _correct(h, media, slope, push, new_slope, new_push, v):  # type: ignore[no-untyped-def]
    """Heun: half of the force at w is replaced by that at v."""
    for i in range(v.shape[0]):
        drift = 0.5 * media[0][i] * h
        for lane in range(v.shape[1]):
            gain = (new_slope[i, lane] + new_push[i, lane]) - (slope[i, lane] + push[i, lane])
            v[i, lane] += drift * gain


@numba.njit(error_model="numpy", nogil=True)
def _decide(only, h, media, chance, z, old, new, scratch):  # type: ignore[no-untyped-def]
    """Metropolis: ln u < Q/T + ln q(v -> w) - ln q(w -> v), else all stays."""
    mobility, temperature, _ = media
    w, energy, slope, push = old
    v, new_energy, new_slope, new_push = new
    low, high = (0, w.shape[0]) if only < 0 else (only, only + 1)
    warm = temperature[low]
    heat, balance = scratch[0], scratch[1]
    for lane in range(heat.shape[0]):
        heat[lane] = energy[lane] - new_energy[lane]
        balance[lane] = 0.0
    for i in range(low, high):
        spread = 4.0 * mobility[i] * warm * h
        for lane in range(heat.shape[0]):
            way = v[i, lane] - w[i, lane]
            back = way + mobility[i] * h * (new_slope[i, lane] + new_push[i, lane])
            heat[lane] += 0.5 * (push[i, lane] + new_push[i, lane]) * way
            balance[lane] += 0.5 * z[i, lane] * z[i, lane] - back * back / spread
    for lane in range(heat.shape[0]):
        heat[lane] = 1.0 if chance[lane] < heat[lane] / warm + balance[lane] else 0.0
        new_energy[lane] = new_energy[lane] if heat[lane] > 0.0 else energy[lane]
    for i in range(w.shape[0]):
        _keep(heat, v[i], w[i])
        _keep(heat, new_slope[i], slope[i])
        _keep(heat, new_push[i], push[i])


@numba.njit(error_model="numpy", nogil=True)
def _keep(accepted, new, old):  # type: ignore[no-untyped-def]
    for lane in range(new.shape[0]):
        new[lane] = new[lane] if accepted[lane] > 0.0 else old[lane]


@numba.njit(error_model="numpy", nogil=True)
def _settle(only, bath, old, new, books, scratch):  # type: ignore[no-untyped-def]
    """Book the step w -> v, of all coordinates or of one, and take it.

    Loops of few rows each: more of them at once, and the compiler no longer sees that they do not overlap.
    """
    w, energy, slope, push = old
    v, new_energy, new_slope, new_push = new
    n, baths = w.shape[0], books.shape[0] - 4
    given, moved, gross = scratch[0], scratch[1], books[baths + GROSS]
    for lane in range(given.shape[0]):
        given[lane] = 0.0
        moved[lane] = 0.0
    for i in range(n):
        _push_work(push[i], new_push[i], w[i], v[i], given, gross)
        _note_motion(w[i], v[i], moved)
    if baths > 1 and only < 0:
        _share(bath, old, new, books, scratch)
    else:
        _fall(energy, new_energy, given, books[bath[max(only, 0)]])
    _add(1.0, given, books[baths + WORK])
    _add(1.0 if only < 0 else 0.5 / n, moved, books[baths + ACCEPTED])
    _gross(energy, new_energy, gross)
    _copy(new_energy, books[baths + ENERGY])
    _copy(new_energy, energy)
    for i in range(n):
        _copy(v[i], w[i])
        _copy(new_slope[i], slope[i])
        _copy(new_push[i], push[i])


@numba.njit(error_model="numpy", nogil=True)
def _copy(source, target):  # type: ignore[no-untyped-def]
    for lane in range(target.shape[0]):
        target[lane] = source[lane]


@numba.njit(error_model="numpy", nogil=True)
def _push_work(push, new_push, w, v, given, gross):  # type: ignore[no-untyped-def]
    """The force's work, by Stratonovich's trapezoid."""
    for lane in range(given.shape[0]):
        given[lane] += 0.5 * (push[lane] + new_push[lane]) * (v[lane] - w[lane])
    for lane in range(given.shape[0]):
        gross[lane] += abs(0.5 * (push[lane] + new_push[lane]) * (v[lane] - w[lane]))


@numba.njit(error_model="numpy", nogil=True)
def _note_motion(w, v, moved):  # type: ignore[no-untyped-def]
    for lane in range(moved.shape[0]):
        moved[lane] = 1.0 if v[lane] != w[lane] else moved[lane]


@numba.njit(error_model="numpy", nogil=True)
def _fall(energy, new_energy, given, heat):  # type: ignore[no-untyped-def]
    """Q = U(w) - U(w') + the force's work."""
    for lane in range(heat.shape[0]):
        heat[lane] += (energy[lane] - new_energy[lane]) + given[lane]


@numba.njit(error_model="numpy", nogil=True)
def _gross(energy, new_energy, gross):  # type: ignore[no-untyped-def]
    for lane in range(gross.shape[0]):
        gross[lane] += abs(energy[lane]) + abs(new_energy[lane])


@numba.njit(error_model="numpy", nogil=True)
def _add(weight, amount, book):  # type: ignore[no-untyped-def]
    for lane in range(book.shape[0]):
        book[lane] += weight * amount[lane]


@numba.njit(error_model="numpy", nogil=True)
def _share(bath, old, new, books, scratch):  # type: ignore[no-untyped-def]
    """Heat of each coordinate, F_i o dw_i, and its share in what the trapezoid misses of the fall of U."""
    w, energy, slope, push = old
    v, new_energy, new_slope, new_push = new
    n, lanes = w.shape
    missed, change = scratch[2], scratch[3]
    for lane in range(lanes):
        missed[lane] = energy[lane] - new_energy[lane]
        change[lane] = 0.0
    for i in range(n):
        for lane in range(lanes):
            way = v[i, lane] - w[i, lane]
            lost = 0.5 * (slope[i, lane] + new_slope[i, lane]) * way
            books[bath[i], lane] += lost + 0.5 * (push[i, lane] + new_push[i, lane]) * way
            missed[lane] -= lost
            change[lane] += abs((new_slope[i, lane] - slope[i, lane]) * way)
    for i in range(n):
        for lane in range(lanes):
            turned = abs((new_slope[i, lane] - slope[i, lane]) * (v[i, lane] - w[i, lane]))
            books[bath[i], lane] += missed[lane] * (turned / change[lane] if change[lane] > 0.0 else 1.0 / n)


@numba.njit(error_model="numpy", nogil=True)
def _finish(method, only, h, media, chance, z, old, new, books, scratch):  # type: ignore[no-untyped-def]
    """Accept or refuse the step, where the method asks; book what was done."""
    if method in (METROPOLIS, SWEEP):
        _decide(only, h, media, chance[max(only, 0)], z, old, new, scratch)
    _settle(only, media[2], old, new, books, scratch)


@numba.njit(error_model="numpy", nogil=True)
def _switch(energy, new_energy, books):  # type: ignore[no-untyped-def]
    """Work of a change of the control at fixed state."""
    baths = books.shape[0] - 4
    for lane in range(energy.shape[0]):
        rise = new_energy[lane] - energy[lane]
        books[baths + WORK, lane] += rise
        books[baths + GROSS, lane] += abs(energy[lane]) + abs(new_energy[lane])
        books[baths + ENERGY, lane] = new_energy[lane]
        energy[lane] = new_energy[lane]


@numba.njit(error_model="numpy", nogil=True)
def _look(look, place, begin, w, energy, new_energy, books):  # type: ignore[no-untyped-def]
    """What stands at a time asked for, the control moved to where it is then; the trajectory knows nothing of it."""
    baths, lanes = books.shape[0] - 4, energy.shape[0]
    look[0][place, :, begin : begin + lanes] = w
    look[1][place, :, begin : begin + lanes] = books
    for lane in range(lanes):
        look[1][place, baths + WORK, begin + lane] += new_energy[lane] - energy[lane]
        look[1][place, baths + ENERGY, begin + lane] = new_energy[lane]


def coordinate(method: int, half: int, turn: int, n: int) -> int:
    """Which coordinate moves: all (-1), or one after the other, upwards in the first half, then downwards."""
    if method != SWEEP:
        return -1
    return turn if half == 0 else n - 1 - turn


_coordinate = numba.njit(error_model="numpy", nogil=True)(coordinate)


@numba.njit(error_model="numpy", nogil=True)
def _walk(respond, method, plan, media, stream, begin, w, books, look, path):  # type: ignore[no-untyped-def]
    """All steps of a plan for some lanes, the first of which is number ``begin`` of the block."""
    control, length, parameters, law, number, looked = plan
    first, key0, key1 = stream
    n, lanes = w.shape
    z, v, chance = np.empty((n, lanes)), np.empty((n, lanes)), np.empty((n, lanes))
    spare, scratch, fresh = np.empty(lanes), np.empty((4, lanes)), True
    energy, new_energy = np.empty(lanes), np.empty(lanes)
    slope, push = np.empty((n, lanes)), np.empty((n, lanes))
    new_slope, new_push = np.empty((n, lanes)), np.empty((n, lanes))
    old, new = (w, energy, slope, push), (v, new_energy, new_slope, new_push)
    respond(w, control[0], parameters[0], energy, slope, push)
    turns, halves = (n, 2) if method == SWEEP else (1, 1)
    last, walked = control[0], 0
    for s in range(1, control.shape[0]):
        given = parameters[min(s, parameters.shape[0] - 1)]
        if looked[s] >= 0:
            respond(w, control[s], given, new_energy, new_slope, new_push)
            _look(look, looked[s], begin, w, energy, new_energy, books)
            continue
        if control[s] != last:
            respond(w, control[s], given, new_energy, slope, push)
            _switch(energy, new_energy, books)
            last = control[s]
        h = length[s]
        if h > 0.0:
            h /= halves
            for half in range(halves):
                _draw(method, halves * number[s] + half, first + begin, key0, key1, z, chance, spare, fresh)
                fresh = False
                for turn in range(turns):
                    only = _coordinate(method, half, turn, n)
                    _propose(method, only, h, media, law[min(s, law.shape[0] - 1)], w, slope, push, z, v)
                    respond(v, control[s], given, new_energy, new_slope, new_push)
                    if method == HEUN:
                        _correct(h, media, slope, push, new_slope, new_push, v)
                        respond(v, control[s], given, new_energy, new_slope, new_push)
                    _finish(method, only, h, media, chance, z, old, new, books, scratch)
            if path.shape[0]:
                path[walked, :, begin : begin + lanes] = w
                walked += 1


def _advance(respond, method, plan, media, stream, w, books, look, path):  # type: ignore[no-untyped-def]
    """All steps of a plan for one block; look: states and books at the times asked for; path: w after every step.

    plan: control, length, parameters and law (one row, or one per step), number and look of every entry; entry 0 is
    the state of affairs before the first. stream: number of the block's first replica, and the key. A few lanes at a
    time go through all steps, so that what they need stays in the first cache.
    """
    for begin in range(0, w.shape[1], LANES):
        lanes = min(LANES, w.shape[1] - begin)
        some, booked = np.empty((w.shape[0], lanes)), np.empty((books.shape[0], lanes))
        some[:, :] = w[:, begin : begin + lanes]
        booked[:, :] = books[:, begin : begin + lanes]
        _walk(respond, method, plan, media, stream, begin, some, booked, look, path)
        w[:, begin : begin + lanes] = some
        books[:, begin : begin + lanes] = booked


def _begin_step(method, number, first, key0, key1, z, chance, spare):  # type: ignore[no-untyped-def]
    _draw(method, number, first, key0, key1, z, chance, spare, True)


def _make_proposal(method, only, h, media, law, w, slope, push, z, v):  # type: ignore[no-untyped-def]
    _propose(method, only, h, media, law, w, slope, push, z, v)


def _make_correction(h, media, slope, push, new_slope, new_push, v):  # type: ignore[no-untyped-def]
    _correct(h, media, slope, push, new_slope, new_push, v)


def _finish_step(method, only, h, media, chance, z, old, new, books, scratch):  # type: ignore[no-untyped-def]
    _finish(method, only, h, media, chance, z, old, new, books, scratch)


def _look_at(look, place, w, energy, new_energy, books):  # type: ignore[no-untyped-def]
    _look(look, place, 0, w, energy, new_energy, books)


def _switch_control(energy, new_energy, books):  # type: ignore[no-untyped-def]
    _switch(energy, new_energy, books)


_whole, _real, _word = types.int64, types.float64, types.uint64
_media = types.Tuple((_vector, _vector, _indices))
_state = types.Tuple((_matrix, _vector, _matrix, _matrix))
_plan = types.Tuple((_vector, _vector, _matrix, _matrix, _indices, _indices))
linear_response = compile_kernel(_linear_response, RESPONSE.signature)
advance = compile_kernel(
    _advance,
    types.void(RESPONSE, _whole, _plan, _media, types.Tuple((_whole, _word, _word)), _matrix, _matrix,
               types.UniTuple(_cube, 2), _cube),
)  # fmt: skip
begin_step = compile_kernel(_begin_step, types.void(_whole, _whole, _whole, _word, _word, _matrix, _matrix, _vector))
make_proposal = compile_kernel(
    _make_proposal, types.void(_whole, _whole, _real, _media, _vector, _matrix, _matrix, _matrix, _matrix, _matrix)
)
make_correction = compile_kernel(
    _make_correction, types.void(_real, _media, _matrix, _matrix, _matrix, _matrix, _matrix)
)
finish_step = compile_kernel(
    _finish_step, types.void(_whole, _whole, _real, _media, _matrix, _matrix, _state, _state, _matrix, _matrix)
)
look_at = compile_kernel(_look_at, types.void(types.UniTuple(_cube, 2), _whole, _matrix, _vector, _vector, _matrix))
switch_control = compile_kernel(_switch_control, types.void(_vector, _vector, _matrix))
