"""Entropy production per time of a linear system, fitted to the correlations of recorded coordinates."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..estimate import Estimate, Side
from .groups import Found, Groups, groups_of, statistic_of
from .jump_currents import refuse_empty, settled
from .stillness import NOT_STATIONARY, SIGMAS, moved_sigmas
from .units import refuse_extremes

Array = NDArray[np.float64]
REFERENCE = "Risken, The Fokker-Planck Equation (1989); Weiss, Tellus A 55, 208 (2003), of the fit"
CONDITIONS = (
    "stationary",
    "the states at two times are Gaussian together, as those of linear drift and constant diffusion",
    "overdamped, even under time reversal",
    "pieces of the recording are independent of each other",
)
COMPLETE = "every coordinate was seen, without noise of the measurement"
NOT_GAUSSIAN = "the states are not Gaussian, as those of a linear system are"
NOT_MARKOV = "two intervals are not one after the other: coordinates are hidden, measured with noise, or not linear"
REDUNDANT = "must vary independently of each other: one is constant, or follows from the others"
NO_DRIFT = "the correlations are those of no linear drift: the interval is too long, or noise hides them"
ONE = "a single coordinate without a period carries no steady current: the zero says nothing"
FOUND = 0.01
"""The relative excess of <|z|^4> from which on a firm deviation from a Gaussian matters."""
MOST_DIM = 12
SINGULAR = 1e-13


def entropy_production_from_linear_fit(recording: Recording, *, every: int = 1, complete: bool = False) -> Estimate:
    r"""sigma >= (1/2dt) [tr(S' S^-1) - 2 dim], S the covariance of (x(t), x(t + dt)), S' that of (x(t + dt), x(t)).

    Of a linear system that is how far two looks differ from the same in reverse order (Kullback and Leibler), per time:
    no more than what the whole path of all coordinates tells, so that it stays a lower bound at any dt, with
    coordinates left out, and with a noise that each look adds.
    complete=True says that every coordinate was seen, without noise of the measurement. Then dx = -A (x - m) dt +
    sqrt(2D) dB is fitted, e^{-A dt} = C_dt C^-1, 2D = A C + C A^T with C_dt = <x(t + dt) x(t)^T>, and
    sigma = tr(A^T D^-1 A C) - tr A is an estimate, "two-sided", at any dt at which correlations are left. With hidden
    coordinates it would be wrong, and their recording alone need not show it.

    Unequal temperatures are in D. The bias of sampling is taken off by the jackknife; the error is the bootstrap's, of
    the square root of the value: one that came out small by chance has not a small error.
    Of a single coordinate the lower bound zero is all that can be said.
    ``side`` is "none" where the recording shows that the conditions fail: states that are not Gaussian, or not
    stationary; with complete=True also correlations over 2 dt that do not follow from those over dt (hidden
    coordinates, noise of the measurement), or correlations of no drift.
    Raises InputError for discrete states, periodic coordinates, uneven times, more than 12 coordinates, coordinates
    that are constant or follow from the others, too few pieces, and numbers whose squares are none.

    Weiss, Tellus A 55, 208 (2003); Risken, The Fokker-Planck Equation (1989); two looks: Kawai, Parrondo and Van den
    Broeck, PRL 98, 080602 (2007).

    >>> import szilard as sz
    >>> gyrator = sz.systems.gyrator(1.0, 0.5, (1.0, 3.0))
    >>> run = sz.simulate(gyrator, "stationary", 40.0, replicas=300, seed=1, times=np.arange(0.0, 40.0, 0.2))
    >>> found = entropy_production_from_linear_fit(Recording.from_run(run), complete=True)
    >>> abs(found.value - sz.entropy_production_rate(gyrator)) < 4 * found.stderr
    True
    """
    _refuse(recording, every, complete)
    if recording.dim == 1:
        n = recording.replicas
        return Estimate(0.0, 0.0, n, None, "lower", ONE, CONDITIONS[2:3], REFERENCE)
    d, dt = recording.dim, recording.even_interval() * every
    refuse_extremes(recording.states, np.diff(recording.times))
    groups = groups_of(recording)
    sums = _sums(recording, groups, every)
    refuse_empty(sums[:, 0])
    sums = sums[sums[:, 0] > 0.0] if groups.blocks == 1 else sums
    _refuse_redundant(sums, d)
    conditions = CONDITIONS + (COMPLETE,) * complete
    notes = []
    found = statistic_of(sums, lambda s: (_rate if complete else _of_two_looks)(s, d), groups.blocks)
    found = Found(found.value / dt, found.stderr / dt, found.ess)
    if not np.isfinite(found.stderr):
        value = found.value if np.isfinite(found.value) else 0.0
        return Estimate(value, float("inf"), recording.replicas, 0.0, "none", NO_DRIFT, conditions, REFERENCE)
    excess = statistic_of(sums, lambda s: _excess(s, d), groups.blocks)
    if abs(excess.value) > max(SIGMAS * excess.stderr, FOUND):
        notes.append(NOT_GAUSSIAN)
    for k in range(d * d if complete else 0):
        off = statistic_of(sums, partial(_off_markov, d, k), groups.blocks)
        if abs(off.value) > SIGMAS * off.stderr:
            notes.append(NOT_MARKOV)
            break
    if moved_sigmas(recording) > SIGMAS:
        notes.append(NOT_STATIONARY)
    side: Side = "none" if notes else "two-sided" if complete else "lower"
    return settled(recording, _of_the_root(found), float(sums[:, 0].sum()), side, notes, conditions, REFERENCE)


def _of_the_root(found: Found) -> Found:
    """The error that lets value + 4 errors be (root + 4 r)^2: stderr + 4 r^2, r = stderr/(2 root) that of the root.

    The value is a square of what is normal: where chance makes it small, it makes its own error small as well.
    """
    r = 0.5 * found.stderr / max(found.value, found.stderr, 1e-300) ** 0.5
    return Found(found.value, found.stderr + 4.0 * r * r, found.ess)


def _refuse(recording: Recording, every: int, complete: bool) -> None:
    if not isinstance(recording, Recording):
        fix = "Recording.from_run(run), or sz.data.read_recording(path)"
        raise InputError("recording", type(recording).__name__, "must be a Recording", fix)
    if recording.discrete or np.any(np.isfinite(recording.period)):
        got = "discrete states" if recording.discrete else "a periodic coordinate"
        rule = "a linear system has coordinates without a period"
        raise InputError("recording", got, rule, "use entropy_production_from_short_times or ..._from_currents")
    if recording.dim > MOST_DIM:
        raise InputError("recording", f"{recording.dim} coordinates", f"at most {MOST_DIM}", "choose some of them")
    most = (recording.times.size - 1) // 2
    if not is_whole(every, 1) or every > most:
        raise InputError("every", every, f"must be a whole number from 1 to {most}", "every=1 takes every time")
    if not isinstance(complete, (bool, np.bool_)):
        raise InputError("complete", complete, "must be True or False", "True if every coordinate was seen")


def _refuse_redundant(sums: Array, d: int) -> None:
    """Raise InputError where the coordinates of all pieces together are linearly dependent."""
    equal = _covariances(sums.sum(axis=0)[None], d)[0][0]
    size = np.sqrt(np.maximum(np.diag(equal), 0.0))
    correlation = equal / np.outer(size, size) if np.all(size > 0.0) else np.zeros((d, d))
    if np.linalg.eigvalsh(correlation)[0] <= SINGULAR:
        raise InputError("recording", f"{d} coordinates", REDUNDANT, "leave out what is constant or redundant")


def _sums(recording: Recording, groups: Groups, every: int) -> Array:
    """Per piece, of x, y, z = x(t), x(t + dt), x(t + 2 dt): sums of 1, x, y, z, and of products of two; of |x|^4."""
    x = recording.states - np.nanmean(recording.states, axis=(0, 1))
    size = np.nanstd(x, axis=(0, 1))
    x = x / np.where(size > 0.0, size, 1.0)
    seen = recording.seen
    row, column = np.nonzero(seen[:, : -2 * every] & seen[:, every:-every] & seen[:, 2 * every :])
    piece = groups.of(row, recording.times[column])
    triple = np.concatenate([x[row, column + i * every] for i in (0, 1, 2)], axis=1)
    d = recording.dim
    fourth = _symmetric(triple[:, :d])
    order = np.argsort(piece, kind="stable")
    edges = np.searchsorted(piece[order], np.arange(groups.count + 1))
    found = []
    for g in range(groups.count):
        rows = order[edges[g] : edges[g + 1]]
        t, f = triple[rows], fourth[rows]
        found.append(np.concatenate([[float(len(t))], t.sum(0), (t.T @ t).ravel(), (f.T @ f).ravel()]))
    return np.array(found)


def _symmetric(x: Array) -> Array:
    """The products x_i x_j, all of them: (n, dim^2)."""
    return np.asarray((x[:, :, None] * x[:, None, :]).reshape(len(x), -1))


def _covariances(sums: Array, d: int) -> tuple[Array, Array, Array]:
    """<x x^T>, <y x^T> and <z x^T> about the mean, the first and the second averaged over what is stationary."""
    n = sums[:, 0][:, None]
    mean = (sums[:, 1 : 1 + 3 * d] / n).reshape(-1, 3, d)
    square = (sums[:, 1 + 3 * d : 1 + 3 * d + 9 * d * d] / n).reshape(-1, 3, d, 3, d)
    square = square - mean[:, :, :, None, None] * mean[:, None, None, :, :]
    equal = np.mean([square[:, i, :, i, :] for i in (0, 1, 2)], axis=0)
    one = 0.5 * (square[:, 1, :, 0, :] + square[:, 2, :, 1, :])
    return equal, one, square[:, 2, :, 0, :]


def _rate(sums: Array, d: int) -> Array:
    equal, one, _ = _covariances(sums, d)
    return rate_of(equal, one, 1.0)


def _of_two_looks(sums: Array, d: int) -> Array:
    equal, one, _ = _covariances(sums, d)
    return two_looks(equal, one)


def two_looks(equal: Array, one: Array) -> Array:
    """(1/2)[tr(S' S^-1) - 2 dim] of every C = equal and C_dt = one, (many, dim, dim)."""
    there = np.block([[equal, one.transpose(0, 2, 1)], [one, equal]])
    back = np.block([[equal, one], [one.transpose(0, 2, 1), equal]])
    return np.asarray(0.5 * np.einsum("gij,gji->g", back, inverse_of(there)) - equal.shape[1])


def rate_of(equal: Array, one: Array, dt: float) -> Array:
    """tr(A^T D^-1 A C) - tr A of every C = equal and C_dt = one, (many, dim, dim); NaN where they are of no drift."""
    d = equal.shape[1]
    step = one @ inverse_of(equal)
    wrong = ~np.isfinite(step).all(axis=(1, 2))
    step[wrong] = 0.5 * np.eye(d)
    value, vector = np.linalg.eig(step)
    wrong |= np.any((np.abs(value.imag) < 1e-12) & (value.real <= 0.0) | (np.abs(value) >= 1.0), axis=1)
    value = np.where(wrong[:, None], 0.5, value)
    A = -((vector * np.log(value)[:, None, :]) @ inverse_of(vector)).real / dt
    twice_D = A @ equal + equal @ A.transpose(0, 2, 1)
    wrong |= ~np.isfinite(twice_D).all(axis=(1, 2))
    twice_D[wrong] = np.eye(d)
    wrong |= np.linalg.eigvalsh(twice_D)[:, 0] <= 0.0
    twice_D[wrong] = np.eye(d)
    work = np.einsum("gij,gji->g", A.transpose(0, 2, 1) @ np.linalg.inv(0.5 * twice_D) @ A, equal)
    return np.where(wrong, np.nan, work - np.trace(A, axis1=1, axis2=2))


def inverse_of(matrices: NDArray[Any]) -> NDArray[Any]:
    """The inverse of every matrix (many, dim, dim); NaN where there is none."""
    good = np.isfinite(matrices).all(axis=(1, 2))
    kept = np.where(good[:, None, None], matrices, np.eye(matrices.shape[1]))
    good &= np.linalg.cond(kept) < 1.0 / SINGULAR
    kept[~good] = np.eye(matrices.shape[1])
    return np.where(good[:, None, None], np.linalg.inv(kept), np.nan)


def _excess(sums: Array, d: int) -> Array:
    """<(x C^-1 x)^2>/(d (d + 2)) - 1, zero for a Gaussian (Mardia)."""
    equal, _, _ = _covariances(sums, d)
    inverse = inverse_of(equal).reshape(len(sums), -1)
    fourth = (sums[:, -(d**4) :] / sums[:, :1]).reshape(-1, d * d, d * d)
    return np.asarray(np.einsum("ga,gab,gb->g", inverse, fourth, inverse) / (d * (d + 2.0)) - 1.0)


def _off_markov(d: int, entry: int, sums: Array) -> Array:
    """One entry of C_2dt - C_dt C^-1 C_dt, zero where the coordinates alone are Markov and linear: (row,)."""
    equal, one, two = _covariances(sums, d)
    return np.asarray((two - one @ inverse_of(equal) @ one).reshape(len(sums), -1)[:, entry])
