"""The linear process behind recorded trajectories, without a bias from the time between two looks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm, logm, solve_continuous_lyapunov

from ..data.recording import Recording
from ..errors import InputError
from ..markup import table_of_text
from .drift_increments import Jackknifed, Recorded, few, jackknife

Array = NDArray[np.float64]
APART = 4.0
SINGULAR = 1e13


@dataclass(frozen=True, repr=False)
class LinearDrift:
    """dw = (offset - drift_matrix w) dt + sqrt(2 diffusion) dB, in the convention of ``sz.systems.linear``.

    drift_matrix A (dim, dim), in 1/time; offset (dim,), in length/time; diffusion D (dim, dim), in length^2/time; each
    with its standard error of the same shape. measurement: the covariance (dim, dim) of what each look adds, or None.
    groups: of increments behind the errors. trusted: whether two spacings agree; note says what is wrong where not.
    """

    drift_matrix: Array
    drift_matrix_stderr: Array
    offset: Array
    offset_stderr: Array
    diffusion: Array
    diffusion_stderr: Array
    measurement: Array | None
    measurement_stderr: Array | None
    spacing: float
    groups: int
    trusted: bool
    note: str

    @property
    def covariance(self) -> Array:
        """C of the stationary state, A C + C A^T = 2 D; raises InputError where there is none."""
        if np.min(np.linalg.eigvals(self.drift_matrix).real) <= 0.0:
            rule = "every eigenvalue needs a positive real part: nothing holds the fitted process"
            raise InputError("drift_matrix", self.drift_matrix.tolist(), rule, "record longer trajectories")
        return np.asarray(solve_continuous_lyapunov(self.drift_matrix, 2.0 * self.diffusion))

    @property
    def mean(self) -> Array:
        """A^{-1} offset, where the drift vanishes: (dim,)."""
        return np.asarray(np.linalg.solve(self.drift_matrix, self.offset))

    def drift(self, states: ArrayLike) -> Array:
        """offset - A w of states (sample, dim): (sample, dim)."""
        return np.asarray(self.offset - np.asarray(states, dtype=np.float64) @ self.drift_matrix.T)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        doubt = f"; not to be trusted: {self.note}" if not self.trusted else ""
        A, dA = self.drift_matrix.round(4).tolist(), self.drift_matrix_stderr.round(4).tolist()
        D, dD = self.diffusion.round(4).tolist(), self.diffusion_stderr.round(4).tolist()
        return f"LinearDrift: A = {A} +- {dA}, D = {D} +- {dD}{doubt}"


def linear_drift(
    states: Recording | ArrayLike, times: ArrayLike | None = None, *, measurement_noise: bool = False
) -> LinearDrift:
    r"""w(t + dt) = a + B w(t) + noise:  A = -ln(B)/dt,  noise covariance = int_0^dt e^{-As} 2D e^{-A^T s} ds.

    Least squares over all neighbouring looks, turned into drift and diffusion by the exact transition of a linear
    process: no bias of order dt, for any matrix A, unequal temperatures, and paths that are not stationary.
    states: a Recording, which holds its times; or (replica, time, dim); or (replica, time) of one coordinate. NaN marks
    a gap, across which no increment is used. times: the step dt, or the times (time,), evenly spaced.
    measurement_noise: whether every look adds a noise of its own, of any covariance; then B comes from the look before
    (an instrument that shares no noise), and the covariance of that noise is found too. Without it such noise biases A,
    and adds to D its variance over dt.
    Standard errors: a jackknife over 200 groups of replicas (blocks of time where there are fewer replicas).

    Not to be trusted, and said so, where spacings dt and 2 dt disagree by more than 4 standard errors: the process is
    not linear, has a memory, or is seen through noise. What that cannot show: more than half a turn between two looks,
    whose sense no data can tell, and a relaxation much faster than dt, which only makes errors large. A short record
    biases A: one coordinate seen for the time t relaxes too fast by about 4/t.
    Raises InputError for shapes that do not fit, infinities, uneven times, too few increments, a coordinate with a
    period, numbers whose squares are none, or where B has no real
    logarithm: dt is too long for what is to be seen.

    The logarithm: Phillips, Biometrika 46, 67 (1959).

    >>> import szilard as sz
    >>> process = sz.systems.linear([[1.0, 0.8], [-0.4, 1.5]], [0.5, 1.0])
    >>> run = sz.simulate(process, "stationary", 4.0, replicas=2000, seed=1, dt=0.5, record="paths", entropy=False)
    >>> found = linear_drift(run.paths.states, run.paths.times)
    >>> bool(np.all(abs(found.drift_matrix - [[1.0, 0.8], [-0.4, 1.5]]) < 4 * found.drift_matrix_stderr))
    True
    """
    seen = Recorded.of(states, times)
    if np.any(np.isfinite(seen.period)):
        rule = "a linear drift has coordinates without a period"
        raise InputError("states", "a periodic coordinate", rule, "use drift_diffusion")
    dt = seen.spacing()
    seen, size, mean = _standardised(seen)
    fit = _in_units(_fit(seen, 1, dt, measurement_noise), size, mean)
    notes = [few(fit.groups)]
    if seen.lengths.size >= (4 if measurement_noise else 2):
        notes.append(_disagreement(fit, _in_units(_fit(seen, 2, dt, measurement_noise), size, mean)))
    else:
        notes.append("too few times to compare two spacings")
    note = "; ".join(text for text in notes if text)
    value, stderr = _parts(fit.value, seen.dim), _parts(fit.stderr, seen.dim)
    return LinearDrift(
        drift_matrix=value[0],
        drift_matrix_stderr=stderr[0],
        offset=value[1],
        offset_stderr=stderr[1],
        diffusion=value[2],
        diffusion_stderr=stderr[2],
        measurement=value[3] if measurement_noise else None,
        measurement_stderr=stderr[3] if measurement_noise else None,
        spacing=dt,
        groups=fit.groups,
        trusted=not note,
        note=note,
    )


def _standardised(seen: Recorded) -> tuple[Recorded, Array, Array]:
    """The same coordinates of mean 0 and spread 1, so that their units do not matter, and their spread and mean."""
    mean, spread = np.nanmean(seen.states, axis=(0, 1)), np.nanstd(seen.states, axis=(0, 1))
    size = np.where(spread > 0.0, spread, 1.0)
    return replace(seen, states=(seen.states - mean) / size, changes=seen.changes / size), size, mean


def _in_units(fit: Jackknifed, size: Array, mean: Array) -> Jackknifed:
    """A, offset, D and measurement of w from those of z = (w - mean)/size: offset = size offset_z + A mean."""
    n = size.size
    both = np.outer(size, size).ravel()
    turn = np.diag(np.concatenate([np.outer(size, 1.0 / size).ravel(), size, both, both]))
    for i in range(n):
        row = slice(i * n, (i + 1) * n)
        turn[n * n + i, row] = np.diagonal(turn)[row] * mean
    return Jackknifed(turn @ fit.value, fit.influence @ turn.T)


def _fit(seen: Recorded, lag: int, dt: float, noisy: bool) -> Jackknifed:
    """(A, offset, D, measurement) flat, from the moments of v = (1, w(t), w(t + lag)[, w(t + 2 lag)])."""
    n = seen.dim
    sums = np.array([_moments(w, hops) for w, hops, _ in seen.groups(lag, 2 if noisy else 1)])
    needed = 2 * (n + 1)
    if sums[:, 0, 0].sum() < needed:
        raise InputError("states", seen.states.shape, f"needs at least {needed} increments", "record more")
    solve = _instrumented if noisy else _regressed
    fitted = jackknife(sums, lambda M: np.concatenate([part.ravel() for part in solve(M, n)]))
    return fitted.through(lambda flat: _physics(*_parts(flat, n), lag * dt))


def _moments(w: Array, hops: Array) -> Array:
    v = np.concatenate([np.ones((w.shape[0], 1)), w, *(w + np.cumsum(hops, axis=0))], axis=1)
    return np.asarray(v.T @ v)


def _regressed(M: Array, n: int) -> tuple[Array, Array, Array, Array]:
    """B, a and the covariance S of the noise; no measurement noise."""
    G, g = M[: n + 1, : n + 1], M[: n + 1, n + 1 :]
    found = _solved(G, g).T
    S = (M[n + 1 :, n + 1 :] - found @ g) / M[0, 0]
    return found[:, 1:], found[:, 0], S, np.zeros((n, n))


def _instrumented(M: Array, n: int) -> tuple[Array, Array, Array, Array]:
    r"""B, a from <(w'' - a - B w')(1, w)^T> = 0; then R from <r' r^T> = -B R and S = <r r^T> - R - B R B^T.

    r = w' - a - B w and r' = w'' - a - B w' hold the noises x of the looks: r = e + x' - B x, r' = e' + x'' - B x'.
    """
    now = np.arange(n + 1)
    middle, last = np.r_[0, n + 1 : 2 * n + 1], np.arange(2 * n + 1, 3 * n + 1)
    found = _solved(M[np.ix_(now, middle)], M[np.ix_(now, last)]).T
    a, B = found[:, 0], found[:, 1:]
    one, zero = np.eye(n), np.zeros((n, n))
    r = np.concatenate([-a[:, None], -B, one, zero], axis=1)
    after = np.concatenate([-a[:, None], zero, -B, one], axis=1)
    R = -_solved(B, after @ M @ r.T / M[0, 0])
    R = 0.5 * (R + R.T)
    return B, a, r @ M @ r.T / M[0, 0] - R - B @ R @ B.T, R


def _solved(G: Array, g: Array) -> Array:
    size = np.sqrt(np.sum(G * G, axis=1))
    if np.all(size > 0.0) and np.linalg.cond(G / size[:, None]) < SINGULAR:
        return np.asarray(np.linalg.solve(G, g))
    rule = "the coordinates do not vary independently of each other"
    raise InputError("states", "a singular covariance", rule, "leave out what is constant or redundant")


def _physics(B: Array, a: Array, S: Array, R: Array, dt: float) -> Array:
    """A, offset, D and R, flat."""
    n = a.size
    eigen = np.linalg.eigvals(B)
    if np.any((np.abs(eigen.imag) < 1e-12) & (eigen.real <= 0.0)):
        rule = f"w({dt:g} later) = a + B w must have a B with a real logarithm; its eigenvalues are {eigen.round(3)}"
        raise InputError("times", dt, rule, "look more often, or record more: B is lost in its error")
    A = -np.real(logm(B)) / dt
    one = np.eye(n)
    b = np.linalg.solve(_integral(-A, dt), a)
    D = 0.5 * np.linalg.solve(_integral(-np.kron(A, one) - np.kron(one, A), dt), S.ravel()).reshape(n, n)
    return np.concatenate([A.ravel(), b, D.ravel(), R.ravel()])


def _integral(L: Array, t: float) -> Array:
    """int_0^t e^{L s} ds, of a singular L too."""
    n = L.shape[0]
    block = np.zeros((2 * n, 2 * n))
    block[:n, :n], block[:n, n:] = L, np.eye(n)
    return np.asarray(expm(block * t)[:n, n:])


def _parts(flat: Array, n: int) -> tuple[Array, Array, Array, Array]:
    """A matrix, a vector and two matrices, from one flat array."""
    A, b, D, R = np.split(flat, [n * n, n * n + n, 2 * n * n + n])
    return A.reshape(n, n), b, D.reshape(n, n), R.reshape(n, n)


def _disagreement(once: Jackknifed, twice: Jackknifed) -> str:
    """A sentence where A, offset, D or measurement from dt and 2 dt differ by more than their errors allow."""
    apart = twice.combined(once, 1.0, -1.0)
    z = np.abs(apart.value) / np.where(apart.stderr > 0.0, apart.stderr, np.inf)
    if np.max(z) <= APART:
        return ""
    return f"dt and 2 dt disagree by {np.max(z):.1f} standard errors: not linear, a memory, or noise of measurement"
