"""Random numbers: Philox as published, normals as they should be, streams that never meet."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri

from szilard._kernels import learning as kernels
from szilard._kernels.random import (
    CHOICE,
    INITIAL,
    INPUTS,
    LABELS,
    NOISE,
    TEACHER,
    WAITING,
    normals,
    philox,
    stream_key,
    words,
)
from tests.statistics import z_of_exact_spread

STREAMS = (INITIAL, INPUTS, LABELS, NOISE, WAITING, CHOICE, TEACHER)
ONES = 0xFFFFFFFF
PI = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0)


@pytest.mark.parametrize(
    ("counter_and_key", "answer"),
    [
        ((0,) * 6, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (PI, (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ],
)
def test_philox_gives_the_published_answers(counter_and_key: tuple[int, ...], answer: tuple[int, ...]) -> None:
    """The known-answer vectors of philox4x32-10 in Random123 (kat_vectors)."""
    assert tuple(int(x) for x in philox(*(np.uint64(c) for c in counter_and_key))) == answer


def test_key_is_the_start_of_sha256() -> None:
    digest = hashlib.sha256(b"7\nnu=1").digest()
    high, low = (int(word) for word in stream_key(7, "nu=1"))
    assert (high << 32) | low == int.from_bytes(digest[:8], "big")
    assert stream_key(7, "nu=1") != stream_key(7, "nu=2") != stream_key(8, "nu=2")


def sample(steps: int, shape: tuple[int, int], stream: int = NOISE, seed: int = 11) -> NDArray[np.float64]:
    """(step, draw, trajectory)."""
    return np.stack([normals(stream, step, 0, stream_key(seed), shape) for step in range(steps)])


def assert_standard_normal(x: NDArray[np.float64]) -> None:
    flat = x.ravel()
    # var(x^n) = m_2n - m_n^2 with the moments 1, 3, 15, 105, 945, 10395 of a standard normal
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10395 - 225)):
        assert abs(z_of_exact_spread(flat**power, mean, variance)) < 4, power
    for axis in range(3):  # the next step, the next draw (the two halves of a pair), the next trajectory
        ahead, behind = np.moveaxis(x, axis, 0)[1:], np.moveaxis(x, axis, 0)[:-1]
        assert abs(z_of_exact_spread(ahead * behind, 0, 1)) < 4, axis
        assert abs(z_of_exact_spread((ahead**2 - 1) * (behind**2 - 1), 0, 4)) < 4, axis
    bins = 200
    counts = np.bincount(np.searchsorted(ndtri(np.arange(1, bins) / bins), flat), minlength=bins)
    expected = flat.size / bins
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    assert abs(chi2 - (bins - 1)) < 4 * np.sqrt(2 * (bins - 1))


def test_normals_are_standard_and_independent() -> None:
    assert_standard_normal(sample(40, (10, 5000)))


@pytest.mark.soak
def test_many_normals_are_standard_and_independent() -> None:
    for seed in range(20):
        assert_standard_normal(sample(100, (10, 5000), seed=seed))


def test_number_depends_on_its_own_counter_alone() -> None:
    """Whatever block it is drawn in."""
    key = stream_key(3)
    whole = normals(NOISE, 9, 0, key, (5, 64))
    np.testing.assert_array_equal(normals(NOISE, 9, 17, key, (3, 10)), whole[:3, 17:27])
    np.testing.assert_array_equal(words(CHOICE, 4, 5, key, 3), words(CHOICE, 4, 0, key, 8)[5:])


def test_no_number_comes_twice() -> None:
    """28 000 doubles of some 50 random bits: a repetition by chance has probability 4e-7."""
    drawn = [
        normals(stream, step, first, stream_key(seed, cell), (10, 50))
        for stream in STREAMS
        for step in (0, 1, 1 << 32, (1 << 32) + 1)
        for first in (0, 50)
        for seed, cell in ((1, ""), (1, "other"))
    ]
    flat = np.stack(drawn).ravel()
    assert np.unique(flat).size == flat.size


def test_streams_are_uncorrelated() -> None:
    drawn = np.stack([sample(2, (4, 5000), stream).ravel() for stream in STREAMS])
    for i in range(len(STREAMS)):
        for j in range(i):
            assert abs(z_of_exact_spread(drawn[i] * drawn[j], 0, 1)) < 4, (i, j)


def test_words_are_uniform() -> None:
    drawn = np.concatenate([words(CHOICE, step, 0, stream_key(5), 5000) for step in range(20)])
    assert drawn.min() >= 0 and drawn.max() < 1 << 32
    counts = np.bincount((drawn * 100) >> 32, minlength=100)
    assert abs(((counts - 1000.0) ** 2 / 1000).sum() - 99) < 4 * np.sqrt(2 * 99)


def labels(patterns: int, lanes: int, first: int = 0, seed: int = 2) -> NDArray[np.float64]:
    out = np.zeros((patterns, lanes))
    kernels.draw_labels(out, LABELS, first, *stream_key(seed))
    return out


def test_labels_are_fair_and_independent() -> None:
    """300 patterns: more than the 128 bits of one counter."""
    y = labels(300, 2000)
    assert set(np.unique(y)) == {-1.0, 1.0}
    assert abs(z_of_exact_spread(y, 0, 1)) < 4
    overlap = (y @ y.T / np.sqrt(2000))[np.triu_indices(300, 1)]  # N(0, 1) for each of the pairs
    assert abs(z_of_exact_spread(overlap**2, 1, 2)) < 4
    assert np.abs(overlap).max() < 6  # 44 850 pairs: chance 9e-5
    per_pattern = y.sum(axis=1) / np.sqrt(2000)
    assert abs(z_of_exact_spread(per_pattern**2, 1, 2)) < 4


def test_labels_do_not_depend_on_the_block() -> None:
    np.testing.assert_array_equal(labels(130, 7, first=20), labels(130, 64)[:, 20:27])
