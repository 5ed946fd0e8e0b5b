"""Whether a recording looks stationary: the first half against the second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from .groups import ENOUGH_REPLICAS

Array = NDArray[np.float64]
SIGMAS = 5.0
BLOCKS = 100
NOT_STATIONARY = "the recording is not stationary: its first half differs from its second"


def moved_sigmas(recording: Recording) -> float:
    """The largest difference between the halves, in standard errors, of any occupation, mean or second moment.

    The error is that of replicas; of the blocks of a half in time where there are too few of those. 0 where there is
    nothing to compare.
    """
    marks, weight = _occupied(recording) if recording.discrete else _moments(recording)
    half = marks.shape[1] // 2
    if recording.replicas >= ENOUGH_REPLICAS // 4:
        first, second = (_mean(marks[:, s], weight[:, s]) for s in (slice(0, half), slice(-half, None)))
        d = second - first
        return _largest(d.mean(axis=0), d.std(axis=0, ddof=1) / np.sqrt(d.shape[0]))
    pieces = []
    for s in (slice(0, half), slice(-half, None)):
        size = max(1, half // max(1, BLOCKS // recording.replicas))
        blocks = [_mean(marks[:, s][:, i : i + size], weight[:, s][:, i : i + size]) for i in range(0, half, size)]
        pieces.append(np.concatenate(blocks))
    first, second = pieces
    if min(first.shape[0], second.shape[0]) < BLOCKS // 10:
        return 0.0
    error = np.hypot(*(_error_of_blocks(p) for p in pieces))
    return _largest(second.mean(axis=0) - first.mean(axis=0), error)


def _largest(difference: Array, error: Array) -> float:
    steady = error <= 1e-12 * np.abs(difference).max(initial=0.0)
    return float(np.max(np.abs(difference) / np.where(steady, np.inf, error), initial=0.0))


def _error_of_blocks(blocks: Array) -> Array:
    """The standard error of their mean, wider where neighbours are correlated."""
    d = blocks - blocks.mean(axis=0)
    square = np.sum(d * d, axis=0)
    next_one = np.sum(d[:-1] * d[1:], axis=0)
    return np.asarray(np.sqrt((square + 2.0 * np.maximum(next_one, 0.0)) / (len(d) * (len(d) - 1))))


def _mean(marks: Array, weight: Array) -> Array:
    """(replica, mark): the mean over the times of each replica."""
    total = np.maximum(weight.sum(axis=1), 1e-300)
    return np.asarray((marks * weight[:, :, None]).sum(axis=1) / total[:, None])


def _occupied(recording: Recording) -> tuple[Array, Array]:
    """1 in the state that is occupied, at the times recorded or at 64 times between jumps; at most 64 states."""
    if recording.jumps is not None:
        recording = recording.sampled(np.linspace(recording.times[0], recording.times[-1], 64))
    common = np.argsort(-np.bincount(recording.states[recording.seen]))[:64]
    marks = (recording.states[:, :, None] == common).astype(np.float64)
    return marks, recording.seen.astype(np.float64)


def _moments(recording: Recording) -> tuple[Array, Array]:
    """x and x^2 of every coordinate, cosine and sine of a periodic one."""
    x, finite = recording.states, np.isfinite(recording.period)
    angle = 2.0 * np.pi * x / np.where(finite, recording.period, 1.0)
    centred = x - np.nanmean(x, axis=(0, 1))
    marks = np.concatenate([np.where(finite, np.cos(angle), centred), np.where(finite, np.sin(angle), centred**2)], 2)
    return np.nan_to_num(marks), recording.seen.astype(np.float64)
