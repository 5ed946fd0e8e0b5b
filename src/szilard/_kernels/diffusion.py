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

from .copying import copy_row, copy_rows
from .flags import compile_kernel
from .random import CHOICE, LOW, NOISE, U28, U32, ZERO, fill_normals, philox, uniform
from .scalar import log
from .vectors import choose, eight_lanes, load, one_lane, spread, store

EULER, HEUN, EXACT, METROPOLIS, SWEEP = range(5)
LANES = 256
"""The most trajectories that are advanced together."""
WORK, GROSS, ACCEPTED, ENERGY = range(4)
"""Columns after those of the heat."""

_matrix, _vector = types.Array(types.float64, 2, "C"), types.Array(types.float64, 1, "C")
_cube, _indices = types.Array(types.float64, 3, "C"), types.Array(types.int64, 1, "C")
bare = numba.njit(error_model="numpy", nogil=True, _nrt=False)
"""For functions that make no arrays: the references to those that they are given are not counted again and again."""
RESPONSE = types.FunctionType(types.void(_matrix, types.float64, _vector, _vector, _matrix, _matrix))
"""respond(w, control, parameters, energy, slope, push): U, -dU/dw and f of every lane."""


def _linear_response(w, control, parameters, energy, slope, push):
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


@bare
def _draw(method, step, first, key0, key1, z, chance, spare, fresh):
    """z (coordinate, lane) ~ N(0, 1), and chance = ln u for every choice that the method makes.

    Normal numbers come in pairs: one coordinate alone uses a pair in two steps, the second kept in ``spare`` unless
    this is a ``fresh`` start.
    """
    n = z.shape[0]
    if n == 1:
        if fresh or step % 2 == 0:
            fill_normals(NOISE, ZERO, step // 2, first, key0, key1, z[0], spare)
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


@bare
def _step_lanes(like, width, low, high, h, media, w, slope, push, z, v):
    """v: the step of euler, for lanes low .. high."""
    mobility, temperature, _ = media
    for i in range(w.shape[0]):
        drift, kick = mobility[i] * h, np.sqrt(2.0 * mobility[i] * temperature[i] * h)
        for lane in range(low, high, width):
            force = load(like, slope, (i, lane)) + load(like, push, (i, lane))
            x, noise = load(like, w, (i, lane)), load(like, z, (i, lane))
            store(x + drift * force + kick * noise, v, (i, lane))


@bare
def _carry_lanes(like, width, low, high, law, w, z, v):
    """v = shift + sum_j (decay_ij w_j + root_ij z_j), root lower triangular, for lanes low .. high."""
    n = w.shape[0]
    for lane in range(low, high, width):
        for i in range(n):
            x = spread(like, law[n * n + i])
            for j in range(i + 1):
                decay, root = law[i * n + j], law[n * n + n + i * n + j]
                x = x + (decay * load(like, w, (j, lane)) + root * load(like, z, (j, lane)))
            for j in range(i + 1, n):
                x = x + law[i * n + j] * load(like, w, (j, lane))
            store(x, v, (i, lane))


@bare
def _propose(method, only, h, media, law, w, slope, push, z, v):
    """v: the step of euler (of coordinate ``only`` alone, if it is not -1), or of the exact transition."""
    lanes = w.shape[1]
    whole = lanes - lanes % 8
    if method == EXACT:
        _carry_lanes(eight_lanes(), 8, 0, whole, law, w, z, v)
        _carry_lanes(one_lane(), 1, whole, lanes, law, w, z, v)
    elif only < 0:
        _step_lanes(eight_lanes(), 8, 0, whole, h, media, w, slope, push, z, v)
        _step_lanes(one_lane(), 1, whole, lanes, h, media, w, slope, push, z, v)
    else:
        for i in range(w.shape[0]):
            for lane in range(lanes):
                v[i, lane] = w[i, lane]
        drift, kick = media[0][only] * h, np.sqrt(2.0 * media[0][only] * media[1][only] * h)
        for lane in range(lanes):
            v[only, lane] = w[only, lane] + drift * (slope[only, lane] + push[only, lane]) + kick * z[only, lane]


@bare
def _correct_lanes(like, width, low, high, h, media, slope, push, new_slope, new_push, v):
    """Heun: half of the force at w is replaced by that at v, for lanes low .. high."""
    for i in range(v.shape[0]):
        drift = 0.5 * media[0][i] * h
        for lane in range(low, high, width):
            gain = load(like, new_slope, (i, lane)) + load(like, new_push, (i, lane))
            gain = gain - (load(like, slope, (i, lane)) + load(like, push, (i, lane)))
            store(load(like, v, (i, lane)) + drift * gain, v, (i, lane))


@bare
def _correct(h, media, slope, push, new_slope, new_push, v):
    lanes = v.shape[1]
    whole = lanes - lanes % 8
    _correct_lanes(eight_lanes(), 8, 0, whole, h, media, slope, push, new_slope, new_push, v)
    _correct_lanes(one_lane(), 1, whole, lanes, h, media, slope, push, new_slope, new_push, v)


@bare
def _decide(only, h, media, chance, z, old, new, scratch):
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


@bare
def _keep(accepted, new, old):
    for lane in range(new.shape[0]):
        new[lane] = new[lane] if accepted[lane] > 0.0 else old[lane]


@bare
def _book_lanes(like, width, low, high, bath, moves, old, new, books):
    """Book the step w -> v for lanes low .. high: Q = U(w) - U(v) + the force's work, by Stratonovich's trapezoid.

    bath: whose heat it is, -1 where it is told elsewhere. moves: what a step counts for.
    """
    w, energy, _, push = old
    v, new_energy, _, new_push = new
    baths, one = books.shape[0] - 4, spread(like, 1.0)
    for lane in range(low, high, width):
        given, moved, gross = like, like, load(like, books, (baths + GROSS, lane))
        for i in range(w.shape[0]):
            way = load(like, v, (i, lane)) - load(like, w, (i, lane))
            done = 0.5 * (load(like, push, (i, lane)) + load(like, new_push, (i, lane))) * way
            given, gross, moved = given + done, gross + abs(done), choose(way, one, moved)
        U, V = load(like, energy, lane), load(like, new_energy, lane)
        if bath >= 0:
            store(load(like, books, (bath, lane)) + ((U - V) + given), books, (bath, lane))
        store(load(like, books, (baths + WORK, lane)) + given, books, (baths + WORK, lane))
        store(gross + (abs(U) + abs(V)), books, (baths + GROSS, lane))
        taken = load(like, books, (baths + ACCEPTED, lane)) + moves * moved
        store(taken, books, (baths + ACCEPTED, lane))
        store(V, books, (baths + ENERGY, lane))


@bare
def _settle(only, bath, old, new, books, scratch):
    """Book the step w -> v, of all coordinates or of one."""
    n, lanes = old[0].shape
    whole, moves, one_bath = lanes - lanes % 8, 1.0 if only < 0 else 0.5 / n, bath[max(only, 0)]
    if books.shape[0] > 5 and only < 0:
        _share(bath, old, new, books, scratch)
        one_bath = -1
    _book_lanes(eight_lanes(), 8, 0, whole, one_bath, moves, old, new, books)
    _book_lanes(one_lane(), 1, whole, lanes, one_bath, moves, old, new, books)


@numba.njit(error_model="numpy", nogil=True)
def _take(old, new):
    """The step is taken: what is new becomes old."""
    copy_rows(new[0], old[0])
    copy_row(new[1], old[1])
    copy_rows(new[2], old[2])
    copy_rows(new[3], old[3])


@bare
def _share(bath, old, new, books, scratch):
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


@bare
def _finish(method, only, h, media, chance, z, old, new, books, scratch):
    """Accept or refuse the step, where the method asks; book what was done."""
    if method in (METROPOLIS, SWEEP):
        _decide(only, h, media, chance[max(only, 0)], z, old, new, scratch)
    _settle(only, media[2], old, new, books, scratch)


@bare
def _switch(energy, new_energy, books):
    """Work of a change of the control at fixed state."""
    baths = books.shape[0] - 4
    for lane in range(energy.shape[0]):
        rise = new_energy[lane] - energy[lane]
        books[baths + WORK, lane] += rise
        books[baths + GROSS, lane] += abs(energy[lane]) + abs(new_energy[lane])
        books[baths + ENERGY, lane] = new_energy[lane]
        energy[lane] = new_energy[lane]


@bare
def _record(record, place, begin, rows):
    for i in range(rows.shape[0]):
        for lane in range(rows.shape[1]):
            record[place, i, begin + lane] = rows[i, lane]


@bare
def _look(look, place, begin, w, energy, new_energy, books):
    """What stands at a time asked for, the control moved to where it is then; the trajectory knows nothing of it."""
    baths, lanes = books.shape[0] - 4, energy.shape[0]
    _record(look[0], place, begin, w)
    _record(look[1], place, begin, books)
    for lane in range(lanes):
        look[1][place, baths + WORK, begin + lane] += new_energy[lane] - energy[lane]
        look[1][place, baths + ENERGY, begin + lane] = new_energy[lane]


def coordinate(method: int, half: int, turn: int, n: int) -> int:
    """Which coordinate moves: all (-1), or one after the other, upwards in the first half, then downwards."""
    if method != SWEEP:
        return -1
    return turn if half == 0 else n - 1 - turn


_coordinate = numba.njit(error_model="numpy", nogil=True)(coordinate)


@bare
def _walk(respond, method, plan, media, stream, begin, old, new, noise, scratch, books, look, path):
    """All steps of a plan for some lanes, the first of which is number ``begin`` of the block.

    old: state, energy, slope and push where each lane stands; new: room for those where it goes. A step taken changes
    the two for each other: whether they are changed at the end.
    """
    control, length, parameters, law, number, looked = plan
    first, key0, key1 = stream
    w, energy, slope, push = old
    v, new_energy, new_slope, new_push = new
    z, chance, spare = noise
    n, fresh, changed = w.shape[0], True, False
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
                    old, new, changed = new, old, not changed
                    w, energy, slope, push = old
                    v, new_energy, new_slope, new_push = new
            if path.shape[0]:
                _record(path, walked, begin, w)
                walked += 1
    return changed


@numba.njit(error_model="numpy", nogil=True)
def _room(n, lanes):
    """State, energy, slope and push of some lanes."""
    return np.empty((n, lanes)), np.empty(lanes), np.empty((n, lanes)), np.empty((n, lanes))


def _advance(respond, method, plan, media, stream, w, books, look, path):
    """All steps of a plan for one block; look: states and books at the times asked for; path: w after every step.

    plan: control, length, parameters and law (one row, or one per step), number and look of every entry; entry 0 is
    the state of affairs before the first. stream: number of the block's first replica, and the key. A few lanes at a
    time go through all steps, so that what they need stays in the first cache.
    """
    n = w.shape[0]
    for begin in range(0, w.shape[1], LANES):
        end = min(begin + LANES, w.shape[1])
        old, new, booked = _room(n, end - begin), _room(n, end - begin), np.empty((books.shape[0], end - begin))
        noise = np.empty((n, end - begin)), np.empty((n, end - begin)), np.empty(end - begin)
        copy_rows(w[:, begin:end], old[0])
        copy_rows(books[:, begin:end], booked)
        scratch = np.empty((4, end - begin))
        changed = _walk(respond, method, plan, media, stream, begin, old, new, noise, scratch, booked, look, path)
        copy_rows(new[0] if changed else old[0], w[:, begin:end])
        copy_rows(booked, books[:, begin:end])


def _begin_step(method, number, first, key0, key1, z, chance, spare):
    _draw(method, number, first, key0, key1, z, chance, spare, True)


def _make_proposal(method, only, h, media, law, w, slope, push, z, v):
    _propose(method, only, h, media, law, w, slope, push, z, v)


def _make_correction(h, media, slope, push, new_slope, new_push, v):
    _correct(h, media, slope, push, new_slope, new_push, v)


def _finish_step(method, only, h, media, chance, z, old, new, books, scratch):
    _finish(method, only, h, media, chance, z, old, new, books, scratch)
    _take(old, new)


def _look_at(look, place, w, energy, new_energy, books):
    _look(look, place, 0, w, energy, new_energy, books)


def _switch_control(energy, new_energy, books):
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
