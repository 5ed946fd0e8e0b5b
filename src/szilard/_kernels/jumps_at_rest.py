"""Jumps at rates that stay: every candidate is a jump, and its heat is a difference of two numbers that stay too.

The same trajectories as `jumps.advance`, bit for bit, from tables that miss the cache once a jump: a slot of Walker's
table knows both of its jumps. A lane keeps the row of its state (mean waiting time, ways out, energy) beside it, so
that all but one short loop runs over neighbours in memory and a compiler can make vectors of it. Random numbers and
logarithms are loops of their own: in one loop the processor would wait for the long chain of one before it starts the
next. A trajectory whose waiting time passes the end leaves before anything is booked.
"""

from __future__ import annotations

import numpy as np
from numba import from_dtype, types

from .flags import compile_kernel, inline
from .jumps import JUMP, LONG, SLOT
from .random import LOW, U28, U32, WAITING, philox, uniform
from .scalar import U63, log, to_bits

STATE = np.dtype([("wait", np.float64), ("ways", np.float64), ("place", np.uint64), ("energy", np.float64)], align=True)
"""A state x: mean waiting time, number of ways out, (its first slot) << 32 | x, energy."""
WAY = np.dtype([("keep", np.float64), ("drive", np.float64, 2), ("target", np.uint32, 2)], align=True)
"""A slot with both of its jumps: the first with probability keep, else the second. Half a line of the cache."""
NEVER_DUE = 1 << 62


@inline
def _add_up(books, i, lane_books, l):
    """The books since the last time are added to those before."""
    for k in range(lane_books.shape[0]):
        books[i, k] += lane_books[k, l]
        lane_books[k, l] = 0.0


def _advance_at_rest(process, piece, stream, limits, replicas, look, path):
    """`jumps.advance` for a piece in which nothing moves; ``driven``: some jump has a drive."""
    _, edges, current = process
    start, end, driven, states, ways, slots = piece
    first, key0, key1 = stream
    lanes, budget = limits
    clock, since, state, draws, jumps, recent, books = replicas
    grid, grid_state, grid_books = look
    recording, place, path_time, path_jump, path_heat = path
    count, columns, flows = state.shape[0], books.shape[1], current.shape[1]
    work = columns - flows - 2
    gross = work + 1
    named = work > 1 or flows > 0 or recording
    key0, key1, waits = key0 & LOW, key1 & LOW, np.uint64(WAITING) << U28
    lane_id, lane_n, lane_refused = np.empty(lanes, np.int64), np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    lane_g, lane_next, lane_t = np.empty(lanes, np.int64), np.empty(lanes), np.empty(lanes)
    lane_wait, lane_ways, lane_place = np.empty(lanes), np.empty(lanes), np.empty(lanes, np.uint64)
    lane_energy, lane_books = np.empty(lanes), np.zeros((columns, lanes))
    waiting, choice, over = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    slot, jump = np.empty(lanes, np.uint64), np.empty(lanes, np.uint64)
    energy, drive, heat = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    at_start = np.searchsorted(grid, start)
    following, active, step, due = 0, 0, 0, NEVER_DUE
    while True:
        while active < lanes and following < count:
            i = following
            following += 1
            if clock[i] < end:
                g, x = at_start if clock[i] == start else np.searchsorted(grid, clock[i]), state[i]
                lane_id[active], lane_n[active], lane_refused[active] = i, draws[i] - step, draws[i] - jumps[i]
                lane_t[active], lane_g[active], lane_next[active] = (
                    clock[i],
                    g,
                    grid[g] if g < grid.shape[0] else np.inf,
                )
                lane_wait[active], lane_ways[active] = states[x].wait, states[x].ways
                lane_place[active], lane_energy[active] = states[x].place, states[x].energy
                for k in range(columns):
                    lane_books[k, active] = recent[i, k]
                due = min(due, step + (LONG + 1) - (draws[i] & LONG))
                active += 1
        if active == 0 or budget <= 0:
            break
        budget -= active
        for l in range(active):
            n = np.uint64(lane_n[l] + step)
            x0, x1, x2, x3 = philox(n & LOW, n >> U32, np.uint64(first + lane_id[l]) & LOW, waits, key0, key1)
            waiting[l] = uniform(x0, x1)
            choice[l] = 1.0 - uniform(x2, x3)
        for l in range(active):
            waiting[l] = -log(waiting[l])
        step += 1
        ended = 0
        for l in range(active):
            lane_t[l] += waiting[l] * lane_wait[l]
            ended += 1 if lane_t[l] >= end else 0
            spot = choice[l] * lane_ways[l]
            whole = np.int64(spot)
            slot[l] = (lane_place[l] >> U32) + np.uint64(whole)
            over[l] = spot - whole
        if grid.shape[0]:
            for l in range(active):
                while lane_next[l] < min(lane_t[l], end):
                    i, g = lane_id[l], lane_g[l]
                    grid_state[i, g] = lane_place[l] & LOW
                    for k in range(gross):
                        grid_books[i, g, k] = books[i, k] + lane_books[k, l]
                    lane_g[l] = g + 1
                    lane_next[l] = grid[g + 1] if g + 1 < grid.shape[0] else np.inf
        if ended:
            for l in range(active - 1, -1, -1):
                if lane_t[l] >= end:
                    i, n = lane_id[l], lane_n[l] + step
                    clock[i], since[i], state[i], draws[i] = end, end, lane_place[l] & LOW, n
                    jumps[i] = n - 1 - lane_refused[l]
                    if n & LONG == 0:
                        _add_up(books, i, lane_books, l)
                    active -= 1
                    for k in range(columns):
                        recent[i, k] = lane_books[k, l]
                        lane_books[k, l] = lane_books[k, active]
                    lane_id[l], lane_n[l], lane_refused[l] = lane_id[active], lane_n[active], lane_refused[active]
                    lane_t[l], lane_g[l], lane_next[l] = lane_t[active], lane_g[active], lane_next[active]
                    lane_place[l], lane_energy[l] = lane_place[active], lane_energy[active]
                    slot[l], over[l] = slot[active], over[active]
        for l in range(active):
            over[l] = ways[slot[l]].keep - over[l]
        if named:
            for l in range(active):
                e = slot[l]
                jump[l] = e + (to_bits(over[l]) >> U63) * np.uint64(slots[e].step)
        for l in range(active):
            e = slot[l]
            side = to_bits(over[l]) >> U63
            drive[l] = ways[e].drive[side]
            y = np.uint64(ways[e].target[side])
            lane_wait[l] = states[y].wait
            lane_ways[l] = states[y].ways
            lane_place[l] = states[y].place
            energy[l] = states[y].energy
        for l in range(active):
            heat[l] = lane_energy[l] - energy[l] + drive[l]
            lane_energy[l] = energy[l]
        if work == 1:
            for l in range(active):
                lane_books[0, l] += heat[l]
        else:
            for l in range(active):
                lane_books[edges[jump[l]].channel, l] += heat[l]
        if driven:
            for l in range(active):
                lane_books[work, l] += drive[l]
                lane_books[gross, l] += abs(drive[l])
        for l in range(active):
            lane_books[gross, l] += abs(heat[l])
        for k in range(flows):
            for l in range(active):
                lane_books[gross + 1 + k, l] += current[jump[l], k]
        if recording:
            for l in range(active):
                p = place[lane_id[l]] + (lane_n[l] + step - 1 - lane_refused[l])
                path_time[p], path_jump[p], path_heat[p] = lane_t[l], jump[l], heat[l]
        if step >= due:
            due = NEVER_DUE
            for l in range(active):
                n = lane_n[l] + step
                if n & LONG == 0:
                    _add_up(books, lane_id[l], lane_books, l)
                due = min(due, step + (LONG + 1) - (n & LONG))
    for l in range(active):
        i, n = lane_id[l], lane_n[l] + step
        clock[i], state[i], draws[i], jumps[i] = lane_t[l], lane_place[l] & LOW, n, n - lane_refused[l]
        for k in range(columns):
            recent[i, k] = lane_books[k, l]
    return active + count - following


_reals, _table, _cube = (types.Array(types.float64, axes, "C") for axes in (1, 2, 3))
_indices, _grid_states = types.Array(types.int64, 1, "C"), types.Array(types.int64, 2, "C")
_edges, _slots, _states, _ways = (types.Array(from_dtype(record), 1, "C") for record in (JUMP, SLOT, STATE, WAY))
_whole, _real, _word, _flag = types.int64, types.float64, types.uint64, types.boolean
advance_at_rest = compile_kernel(
    _advance_at_rest,
    _whole(
        types.Tuple((_indices, _edges, _table)),
        types.Tuple((_real, _real, _flag, _states, _ways, _slots)),
        types.Tuple((_whole, _word, _word)),
        types.UniTuple(_whole, 2),
        types.Tuple((_reals, _reals, _indices, _indices, _indices, _table, _table)),
        types.Tuple((_reals, _grid_states, _cube)),
        types.Tuple((_flag, _indices, _reals, _indices, _reals)),
    ),
)
