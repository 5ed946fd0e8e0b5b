"""Entropy production per time of a linear system, fitted to the correlations of recorded coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..estimate import Estimate, Side
from .groups import Groups, groups_of, statistic_of
from .jump_currents import refuse_empty, settled
from .stillness import NOT_STATIONARY, SIGMAS, moved_sigmas

Array = NDArray[np.float64]
REFERENCE = "Risken, The Fokker-Planck Equation (1989); Weiss, Tellus A 55, 208 (2003), of the fit"
CONDITIONS = (
    "stationary",
    "the drift is linear, the diffusion constant, the noise white",
    "every coordinate was seen, without noise of the measurement",
    "overdamped, even under time reversal",
    "pieces of the recording are independent of each other",
)
NOT_GAUSSIAN = "the states are not Gaussian, as those of a linear system are"
NOT_MARKOV = "two intervals are not one after the other: coordinates are hidden, measured with noise, or not linear"
NO_DRIFT = "the correlations are those of no linear drift: the interval is too long, or noise hides them"
ONE = "a single coordinate without a period carries no steady current: the zero says nothing"
FOUND = 0.01
"""The relative excess of <|z|^4> from which on a firm deviation from a Gaussian matters."""
MOST_DIM = 12


def entropy_production_from_linear_fit(recording: Recording, *, every: int = 1) -> Estimate:
    r"""sigma = tr(A^T D^-1 A C) - tr A,  e^{-A dt} = C_dt C^-1,  2D = A C + C A^T, with C_dt = <x(t + dt) x(t)^T>.

    For dx = -A (x - m) dt + sqrt(2D) dB in its steady state, at any interval dt at which correlations are left: no
    order of dt is lost. Unequal temperatures are in D. The bias of sampling is taken off by the jackknife. Of a single
    coordinate the lower bound zero is all that can be said.
    It is no bound: where the system is not linear the number means nothing. ``side`` is "none" where the recording
    shows that: states that are not Gaussian, correlations over 2 dt that do not follow from those over dt (hidden
    coordinates, noise of the measurement), a recording that is not stationary, or correlations of no drift.
    Raises InputError for discrete states, periodic coordinates, uneven times, more than 12 coordinates, too few pieces.

    Weiss, Tellus A 55, 208 (2003); Risken, The Fokker-Planck Equation (1989).

    >>> import szilard as sz
    >>> gyrator = sz.systems.gyrator(1.0, 0.5, (1.0, 3.0))
    >>> run = sz.simulate(gyrator, "stationary", 40.0, replicas=300, seed=1, times=np.arange(0.0, 40.0, 0.2))
    >>> found = entropy_production_from_linear_fit(Recording.from_run(run))
    >>> abs(found.value - sz.entropy_production_rate(gyrator)) < 4 * found.stderr
    True
    """
    _refuse(recording, every)
    if recording.dim == 1:
        n = recording.replicas
        return Estimate(0.0, 0.0, n, None, "lower", ONE, CONDITIONS[3:4], REFERENCE)
    d, dt = recording.dim, recording.even_interval() * every
    groups = groups_of(recording)
    sums = _sums(recording, groups, every)
    refuse_empty(sums[:, 0])
    notes = []
    found = statistic_of(sums, lambda s: _rate(s, d, dt), groups.blocks)
    if not np.isfinite(found.stderr):
        value = found.value if np.isfinite(found.value) else 0.0
        return Estimate(value, float("inf"), recording.replicas, 0.0, "none", NO_DRIFT, CONDITIONS, REFERENCE)
    excess = statistic_of(sums, lambda s: _excess(s, d), groups.blocks)
    if abs(excess.value) > max(SIGMAS * excess.stderr, FOUND):
        notes.append(NOT_GAUSSIAN)
    for k in range(d * d):
        off = statistic_of(sums, lambda s, k=k: _off_markov(s, d)[:, k], groups.blocks)  # type: ignore[misc]
        if abs(off.value) > SIGMAS * off.stderr:
            notes.append(NOT_MARKOV)
            break
    if moved_sigmas(recording) > SIGMAS:
        notes.append(NOT_STATIONARY)
    side: Side = "none" if notes else "two-sided"
    return settled(recording, found, float(sums[:, 0].sum()), side, notes, CONDITIONS, REFERENCE)


def _refuse(recording: Recording, every: int) -> None:
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


def _sums(recording: Recording, groups: Groups, every: int) -> Array:
    """Per piece, of x, y, z = x(t), x(t + dt), x(t + 2 dt): sums of 1, x, y, z, and of products of two; of |x|^4."""
    x = recording.states - np.nanmean(recording.states, axis=(0, 1))
    x = x / np.nanstd(x)
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


def _rate(sums: Array, d: int, dt: float) -> Array:
    equal, one, _ = _covariances(sums, d)
    return rate_of(equal, one, dt)


def rate_of(equal: Array, one: Array, dt: float) -> Array:
    """tr(A^T D^-1 A C) - tr A of every C = equal and C_dt = one, (many, dim, dim); NaN where they are of no drift."""
    d = equal.shape[1]
    step = one @ np.linalg.inv(equal)
    value, vector = np.linalg.eig(step)
    wrong = np.any((np.abs(value.imag) < 1e-12) & (value.real <= 0.0) | (np.abs(value) >= 1.0), axis=1)
    value = np.where(wrong[:, None], 0.5, value)
    A = -((vector * np.log(value)[:, None, :]) @ np.linalg.inv(vector)).real / dt
    twice_D = A @ equal + equal @ A.transpose(0, 2, 1)
    wrong |= np.linalg.eigvalsh(twice_D)[:, 0] <= 0.0
    twice_D[wrong] = np.eye(d)
    work = np.einsum("gij,gji->g", A.transpose(0, 2, 1) @ np.linalg.inv(0.5 * twice_D) @ A, equal)
    return np.where(wrong, np.nan, work - np.trace(A, axis1=1, axis2=2))


def _excess(sums: Array, d: int) -> Array:
    """<(x C^-1 x)^2>/(d (d + 2)) - 1, zero for a Gaussian (Mardia)."""
    equal, _, _ = _covariances(sums, d)
    inverse = np.linalg.inv(equal).reshape(len(sums), -1)
    fourth = (sums[:, -(d**4) :] / sums[:, :1]).reshape(-1, d * d, d * d)
    return np.asarray(np.einsum("ga,gab,gb->g", inverse, fourth, inverse) / (d * (d + 2.0)) - 1.0)


def _off_markov(sums: Array, d: int) -> Array:
    """C_2dt - C_dt C^-1 C_dt, zero where the coordinates alone are Markov and linear: (row, dim^2)."""
    equal, one, two = _covariances(sums, d)
    return np.asarray((two - one @ np.linalg.inv(equal) @ one).reshape(len(sums), -1))
