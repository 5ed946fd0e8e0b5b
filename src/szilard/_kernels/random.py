"""Philox4x32-10: a random number is a pure function of (seed, cell, step, trajectory, stream, draw).

key     = first 64 bits of SHA-256(seed, cell)
counter = (step low, step high, trajectory, stream << 28 | draw)

so that no order of evaluation, number of threads or interruption can change it.
Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from .copying import copy_row
from .flags import compile_kernel, inline
from .scalar import ONE_BITS, from_bits, log, sincos, to_bits

_STREAMS: Any = [np.int64(n) for n in range(9)]  # a literal would have Numba compile for each of them anew
INITIAL, INPUTS, LABELS, NOISE, WAITING, CHOICE, TEACHER, BESIDE, FREE = _STREAMS
ZERO = np.int64(0)
MAX_DRAWS = 1 << 28

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
U12, U28, U32 = (np.uint64(n) for n in (12, 28, 32))


def stream_key(seed: int, cell: str = "") -> tuple[np.uint64, np.uint64]:
    """The two 32-bit words of the key: the first 64 bits of SHA-256 of seed and cell."""
    digest = hashlib.sha256(f"{seed}\n{cell}".encode()).digest()
    return np.uint64(int.from_bytes(digest[:4], "big")), np.uint64(int.from_bytes(digest[4:8], "big"))


@inline
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds on four 32-bit words, each held in a 64-bit integer."""
    for _ in range(10):
        p0 = c0 * M0
        p1 = c2 * M1
        c0 = (p1 >> U32) ^ c1 ^ k0
        c1 = p1 & LOW
        c2 = (p0 >> U32) ^ c3 ^ k1
        c3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@inline
def _uniform(bits):
    """A number in (0, 1] from 52 of 64 random bits."""
    return 2.0 - from_bits((bits >> U12) | ONE_BITS)


@inline
def uniform(high, low):
    """The same from two words of 32."""
    return _uniform((high << U32) | low)


@numba.njit(error_model="numpy", nogil=True)
def fill_normals(stream, draw, step, first, key0, key1, even, odd):
    """even[l], odd[l] ~ N(0, 1): numbers 2 draw and 2 draw + 1 of this step for trajectories first + l.

    By Box and Muller, sqrt(-2 ln u) (cos, sin)(2 pi v); three short loops, so that the processor has several turns of
    each under way at once.
    """
    c0 = np.uint64(step) & LOW
    c1 = np.uint64(step) >> U32
    c3 = (np.uint64(stream) << U28) | np.uint64(draw)
    for lane in range(even.shape[0]):
        x0, x1, x2, x3 = philox(c0, c1, np.uint64(first + lane), c3, key0, key1)
        even[lane], odd[lane] = from_bits((x0 << U32) | x1), from_bits((x2 << U32) | x3)
    for lane in range(even.shape[0]):
        even[lane] = np.sqrt(-2.0 * log(_uniform(to_bits(even[lane]))))
    for lane in range(even.shape[0]):
        bits, radius = to_bits(odd[lane]), even[lane]
        sine, cosine = sincos(_uniform(bits) - 0.5, bits & np.uint64(3))
        even[lane], odd[lane] = radius * cosine, radius * sine


@inline
def fill_in_turn(stream, step, first, key0, key1, renew, even, odd):
    """One N(0, 1) number of every step and trajectory: even[l] of even steps, odd[l] of odd ones, drawn together."""
    if renew or step % 2 == 0:
        fill_normals(stream, ZERO, step // 2, first, key0, key1, even, odd)


def _write_normals(stream, step, first, key0, key1, out):
    even, odd = np.empty(out.shape[1]), np.empty(out.shape[1])
    for draw in range((out.shape[0] + 1) // 2):
        fill_normals(stream, draw, step, first, key0, key1, even, odd)
        copy_row(even, out[2 * draw])
        if 2 * draw + 1 < out.shape[0]:
            copy_row(odd, out[2 * draw + 1])


def _write_words(stream, step, first, key0, key1, out):
    for lane in range(out.shape[0]):
        word, _, _, _ = philox(np.uint64(step) & LOW, np.uint64(step) >> U32, np.uint64(first + lane),
                               np.uint64(stream) << U28, key0, key1)  # fmt: skip
        out[lane] = np.int64(word)


_drawn = (types.int64, types.int64, types.int64, types.uint64, types.uint64)
_normals = compile_kernel(_write_normals, types.void(*_drawn, types.Array(types.float64, 2, "C")))
_words = compile_kernel(_write_words, types.void(*_drawn, types.Array(types.int64, 1, "C")))


def normals(
    stream: int, step: int, first: int, key: tuple[np.uint64, np.uint64], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """N(0, 1) numbers of one step, shape (draw, trajectory), trajectories from ``first`` on."""
    out = np.empty(shape)
    _normals(stream, step, first, key[0], key[1], out)
    return out


def words(stream: int, step: int, first: int, key: tuple[np.uint64, np.uint64], count: int) -> NDArray[np.int64]:
    """The first 32-bit word of one step for ``count`` trajectories from ``first`` on."""
    out = np.empty(count, dtype=np.int64)
    _words(stream, step, first, key[0], key[1], out)
    return out
