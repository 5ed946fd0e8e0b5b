"""Many trajectories of a jump process in lockstep: lanes are trajectories, a lane that ends takes the next one.

A trajectory in state x waits an exponential time of mean 1 / bound[x], bound[x] >= its total rate, then a jump e out
of x is chosen by Walker's alias method with weight bound_e >= k_e, and made with probability k_e(t) / bound_e
(thinning; the bounds are certain because rates are monotone between two nodes). Where nothing moves bound = rate and
every candidate is a jump. Candidate number i of a trajectory uses the random words of counter i, so that neither
lanes, blocks nor threads can change a bit. Waiting times and choices have 52 random bits; where energies move the
choice has 38, so that a jump of less than 1e-11 of its state's rate comes a little too often there.

Columns of the books: heat of each reservoir, work, gross (the sum of absolute amounts), currents. Work is the drive of
every jump and the rise of the energy of the occupied state.
Walker, ACM Trans. Math. Softw. 3, 253 (1977); Lewis and Shedler, Nav. Res. Logist. Q. 26, 403 (1979).
"""

from __future__ import annotations

import numpy as np
from numba import from_dtype, types

from .flags import compile_kernel, inline
from .random import INITIAL, LOW, U12, U28, U32, WAITING, philox, uniform
from .scalar import ONE_BITS, U63, exp, from_bits, log, to_bits

ONE = np.uint64(1)
U6, U14, U20, U26 = (np.uint64(n) for n in (6, 14, 20, 26))

LONG = (1 << 16) - 1
"""After so many candidates the books since then are added to those before: long sums keep their digits."""
PART = 256
"""Initial states drawn together."""
JUMP = np.dtype([("target", np.int32), ("channel", np.int32), ("drive", np.float64)], align=True)
"""What a jump does: one record each, so that a large system misses the cache once."""
SLOT = np.dtype([("keep", np.float64), ("step", np.int64)], align=True)
"""A slot of Walker's table: jump e with probability keep, else jump e + step (a sum: no processor can guess it)."""
THINNING = np.dtype([(name, np.float64) for name in ("shift", "tilt", "logistic", "norm")], align=True)
"""k_e(t) / bound_e = norm / (logistic + e^y), y = shift + tilt (t - start)."""
LOW12, LOW26 = np.uint64((1 << 12) - 1), np.uint64((1 << 26) - 1)


@inline
def _fraction(bits38):
    """A number in [0, 1) from 38 random bits."""
    return from_bits((bits38 << U14) | ONE_BITS) - 1.0


def _alias(begin, weight, slots):
    """Tables of Walker and Vose, one per state."""
    widest = 1
    for x in range(begin.shape[0] - 1):
        widest = max(widest, begin[x + 1] - begin[x])
    scaled, small, large = np.empty(widest), np.empty(widest, np.int64), np.empty(widest, np.int64)
    for x in range(begin.shape[0] - 1):
        first, degree = begin[x], begin[x + 1] - begin[x]
        total = 0.0
        for i in range(degree):
            total += weight[first + i]
        smalls, larges = 0, 0
        for i in range(degree):
            scaled[i] = weight[first + i] * degree / total
            if scaled[i] < 1.0:
                small[smalls] = i
                smalls += 1
            else:
                large[larges] = i
                larges += 1
        while smalls and larges:
            smalls -= 1
            i, j = small[smalls], large[larges - 1]
            slots[first + i].keep, slots[first + i].step = scaled[i], j - i
            scaled[j] -= 1.0 - scaled[i]
            if scaled[j] < 1.0:
                larges -= 1
                small[smalls] = j
                smalls += 1
        for k in range(smalls):
            slots[first + small[k]].keep, slots[first + small[k]].step = 1.0, 0
        for k in range(larges):
            slots[first + large[k]].keep, slots[first + large[k]].step = 1.0, 0


def _draw_states(cumulative, first, key0, key1, states):
    """states[i] = the first x with u < cumulative[x], u uniform in [0, 1) of trajectory first + i."""
    zero, total = np.uint64(0), cumulative[cumulative.shape[0] - 1]
    key0, key1, part = key0 & LOW, key1 & LOW, np.empty(min(PART, states.shape[0]))
    for begin in range(0, states.shape[0], PART):
        many = min(PART, states.shape[0] - begin)
        for j in range(many):
            x0, x1, _, _ = philox(zero, zero, np.uint64(first + begin + j) & LOW, np.uint64(INITIAL) << U28, key0, key1)
            part[j] = (1.0 - uniform(x0, x1)) * total
        for j in range(many):
            low, high = 0, cumulative.shape[0] - 1
            while low < high:
                middle = (low + high) // 2
                if part[j] < cumulative[middle]:
                    high = middle
                else:
                    low = middle + 1
            states[begin + j] = low


def _advance(process, piece, stream, limits, replicas, look, path):
    """Advance the trajectories of a block through one piece, or until the budget of candidates is spent: what is left.

    A trajectory is done when its clock stands at the end of the piece, in which the energies are the straight lines
    energy + slope (t - start). ``grid`` holds the times at which state, heat and work are written on the way;
    ``recording`` writes time, jump and heat of every jump from place[trajectory] on. Tables per jump have one slot
    more than there are jumps: states that have none read it.

    All lanes take every stage, so that no processor has to guess: made is 1 where the candidate is a jump and 0 where
    it is not, and multiplies what the jump would do (all of it finite, since no candidate lies beyond the end).
    """
    begin, edges, current = process
    moving, start, end, energy, slope, wait, slots, thinning = piece
    first, key0, key1 = stream
    lanes, budget = limits
    clock, since, state, draws, jumps, recent, books = replicas
    grid, grid_state, grid_books = look
    recording, place, path_time, path_jump, path_heat = path
    count, columns, flows = state.shape[0], books.shape[1], current.shape[1]
    work = columns - flows - 2
    gross = work + 1
    lane_id, lane_x, lane_g = np.empty(lanes, np.int64), np.empty(lanes, np.uint64), np.empty(lanes, np.int64)
    lane_n, lane_jumps = np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    lane_t, lane_last, lane_next = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    lane_books = np.zeros((columns, lanes))
    waiting, choice, accept, exponent = np.empty(lanes), np.empty(lanes), np.empty(lanes), np.empty(lanes)
    later, made, heat = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    chosen, holes = np.empty(lanes, np.uint64), np.empty(lanes, np.int64)
    key0, key1, waits = key0 & LOW, key1 & LOW, np.uint64(WAITING) << U28
    at_start = np.searchsorted(grid, start)
    following, active = 0, 0
    while True:
        while active < lanes and following < count:
            i = following
            following += 1
            if clock[i] < end:
                g = at_start if clock[i] == start else np.searchsorted(grid, clock[i])
                lane_id[active], lane_x[active], lane_n[active], lane_jumps[active] = i, state[i], draws[i], jumps[i]
                lane_t[active], lane_last[active] = clock[i], since[i]
                lane_g[active], lane_next[active] = g, grid[g] if g < grid.shape[0] else np.inf
                for k in range(columns):
                    lane_books[k, active] = recent[i, k]
                active += 1
        if active == 0 or budget <= 0:
            break
        budget -= active
        if moving:
            for l in range(active):
                n = np.uint64(lane_n[l])
                x0, x1, x2, x3 = philox(n & LOW, n >> U32, np.uint64(first + lane_id[l]) & LOW, waits, key0, key1)
                waiting[l] = 2.0 - from_bits((x0 << U20) | (x1 >> U12) | ONE_BITS)
                choice[l] = _fraction((x2 << U6) | (x3 >> U26))
                accept[l] = _fraction(((x3 & LOW26) << U12) | (x1 & LOW12))
        else:
            for l in range(active):
                n = np.uint64(lane_n[l])
                x0, x1, x2, x3 = philox(n & LOW, n >> U32, np.uint64(first + lane_id[l]) & LOW, waits, key0, key1)
                waiting[l] = uniform(x0, x1)
                choice[l] = 1.0 - uniform(x2, x3)
        for l in range(active):
            waiting[l] = -log(waiting[l])
        for l in range(active):
            x = lane_x[l]
            later[l] = lane_t[l] + waiting[l] * wait[x]
            spot = choice[l] * (begin[x + ONE] - begin[x])
            slot = np.int64(spot)
            e = np.uint64(begin[x] + slot)
            chosen[l] = e + (to_bits(slots[e].keep - (spot - slot)) >> U63) * np.uint64(slots[e].step)
        for l in range(active):
            made[l] = 1.0 if later[l] < end else 0.0
            later[l] = min(later[l], end)
        if moving:
            for l in range(active):
                e = chosen[l]
                exponent[l] = thinning[e].shift + thinning[e].tilt * (later[l] - start)
            for l in range(active):
                exponent[l] = exp(exponent[l])
            for l in range(active):
                e = chosen[l]
                made[l] *= 1.0 if accept[l] * (thinning[e].logistic + exponent[l]) < thinning[e].norm else 0.0
        if grid.shape[0]:
            for l in range(active):
                while lane_next[l] < later[l]:
                    i, g, x = lane_id[l], lane_g[l], lane_x[l]
                    grid_state[i, g] = x
                    for k in range(gross):
                        grid_books[i, g, k] = books[i, k] + lane_books[k, l]
                    grid_books[i, g, work] += slope[x] * (lane_next[l] - lane_last[l])
                    lane_g[l] = g + 1
                    lane_next[l] = grid[g + 1] if g + 1 < grid.shape[0] else np.inf
        for l in range(active):
            x, e = lane_x[l], chosen[l]
            y, drive = np.uint64(edges[e].target), edges[e].drive
            heat[l] = made[l] * (energy[x] - energy[y] + drive)
            lane_books[work, l] += made[l] * drive
            lane_books[gross, l] += made[l] * abs(drive)
        if moving:
            for l in range(active):
                x, y, t = lane_x[l], np.uint64(edges[chosen[l]].target), later[l]
                heat[l] += made[l] * ((slope[x] - slope[y]) * (t - start))
                rise = made[l] * (slope[x] * (t - lane_last[l]))
                lane_books[work, l] += rise
                lane_books[gross, l] += abs(rise)
                lane_last[l] = t if made[l] > 0.0 else lane_last[l]
        if work == 1:
            for l in range(active):
                lane_books[0, l] += heat[l]
        else:
            for l in range(active):
                lane_books[edges[chosen[l]].channel, l] += heat[l]
        for k in range(flows):
            for l in range(active):
                lane_books[gross + 1 + k, l] += made[l] * current[chosen[l], k]
        if recording:
            for l in range(active):
                if made[l] > 0.0:
                    p = place[lane_id[l]] + lane_jumps[l]
                    path_time[p], path_jump[p], path_heat[p] = later[l], chosen[l], heat[l]
        ended = 0
        for l in range(active):
            lane_books[gross, l] += abs(heat[l])
            step = np.int64(made[l])
            lane_x[l] += np.uint64(step) * (np.uint64(edges[chosen[l]].target) - lane_x[l])
            lane_jumps[l] += step
            lane_n[l] += 1
            lane_t[l] = later[l]
            holes[ended] = l
            ended += 1 if later[l] >= end else 0
            if lane_n[l] & LONG == 0:
                for k in range(columns):
                    books[lane_id[l], k] += lane_books[k, l]
                    lane_books[k, l] = 0.0
        for h in range(ended):
            l, x, i = holes[h], lane_x[holes[h]], lane_id[holes[h]]
            rise = slope[x] * (end - lane_last[l])
            lane_books[work, l] += rise
            lane_books[gross, l] += abs(rise)
            clock[i], since[i], state[i], draws[i], jumps[i] = end, end, x, lane_n[l], lane_jumps[l]
            for k in range(columns):
                recent[i, k] = lane_books[k, l]
        for h in range(ended - 1, -1, -1):
            active -= 1
            l = holes[h]
            lane_id[l], lane_x[l], lane_n[l] = lane_id[active], lane_x[active], lane_n[active]
            lane_jumps[l], lane_t[l], lane_last[l] = lane_jumps[active], lane_t[active], lane_last[active]
            lane_g[l], lane_next[l] = lane_g[active], lane_next[active]
            for k in range(columns):
                lane_books[k, l] = lane_books[k, active]
    for l in range(active):
        i = lane_id[l]
        clock[i], since[i], state[i], draws[i], jumps[i] = lane_t[l], lane_last[l], lane_x[l], lane_n[l], lane_jumps[l]
        for k in range(columns):
            recent[i, k] = lane_books[k, l]
    return active + count - following


_reals, _table, _cube = (types.Array(types.float64, axes, "C") for axes in (1, 2, 3))
_fixed = types.Array(types.float64, 1, "C", readonly=True)
_indices, _states = types.Array(types.int64, 1, "C"), types.Array(types.int64, 2, "C")
_edges, _slots, _thinning = (types.Array(from_dtype(record), 1, "C") for record in (JUMP, SLOT, THINNING))
_whole, _real, _word, _flag = types.int64, types.float64, types.uint64, types.boolean
alias = compile_kernel(_alias, types.void(_indices, _reals, _slots))
draw_states = compile_kernel(_draw_states, types.void(_reals, _whole, _word, _word, _indices))
advance = compile_kernel(
    _advance,
    _whole(
        types.Tuple((_indices, _edges, _table)),
        types.Tuple((_flag, _real, _real, _fixed, _reals, _reals, _slots, _thinning)),
        types.Tuple((_whole, _word, _word)),
        types.UniTuple(_whole, 2),
        types.Tuple((_reals, _reals, _indices, _indices, _indices, _table, _table)),
        types.Tuple((_reals, _states, _cube)),
        types.Tuple((_flag, _indices, _reals, _indices, _reals)),
    ),
)
