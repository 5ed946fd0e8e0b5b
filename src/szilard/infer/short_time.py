"""Entropy production per time from the most precise current: the thermodynamic uncertainty relation of short times."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..estimate import Estimate, Side
from .groups import Found, Groups, groups_of, statistic_of
from .jump_currents import refuse_empty, settled, transitions
from .pairs import quadratic
from .stillness import NOT_STATIONARY, SIGMAS, moved_sigmas
from .units import refuse_extremes

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Fields = Callable[[Array], Array]
Basis = Literal["auto", "polynomial", "fourier", "gaussians"]
REFERENCE = (
    "Manikandan, Gupta and Krishnamurthy, PRL 124, 120603 (2020); Otsubo et al., PRE 101, 062106 (2020); "
    "finite intervals: Timpanaro et al., PRL 123, 090604 (2019)"
)
CONDITIONS = (
    "stationary",
    "overdamped, even under time reversal",
    "pieces of the recording are independent of each other",
)
EXTRAPOLATED = "what the extrapolation leaves is of second order in the interval"
SLICE = 1 << 16
COARSE = 0.2
BASES = 'must be "auto", "polynomial", "fourier", "gaussians" or a function'
FIRM = 3.0
LITTLE = 2.0
NO_BOUND = "extrapolated over an interval too long: higher orders count, and the value may exceed the truth"
SINGULAR = 1e-10
MOST_CURRENTS = 400


def entropy_production_from_short_times(
    recording: Recording,
    *,
    basis: Basis | Fields = "auto",
    order: int = 2,
    every: int = 1,
    extrapolate: bool = False,
) -> Estimate:
    r"""sigma dt >= 2 sqrt(q/(1 + q)) asinh sqrt(q) = 2q - 4q^2/3 + ...,  q = <J>^2/Var J, the largest over currents J.

    J = sum_ia c_ia phi_a(x) o dx_i in one interval dt, x in its middle (Stratonovich); in the best combination q is
    <J>^T Cov^-1 <J>, found on one half of the pieces of the recording and evaluated on the other, and the other way
    round: so that a basis of many functions is no reason for a value too large. As dt -> 0 it is the bound
    2 <J>^2/(Var J dt), attained by the basis that holds the true thermodynamic force; at any dt it follows from the
    fluctuation theorem alone, and stays a bound, also with noise in the measurement or with coordinates left out.
    basis: phi_a, "polynomial" of at most this ``order``, "fourier" harmonics up to it (for periodic coordinates; "auto"
    takes either), "gaussians" (``order`` per coordinate, at the quantiles), or a function of states (n, dim) to
    (n, functions). every: intervals are taken of so many times at a distance. extrapolate: 2 s(dt) - s(2 dt), which
    takes off the first order of dt. What is left is of second order, of either sign: the value is called "lower" where
    4 dt shows that it is below two errors, and "none", with a note, where it is not or the note below stands.
    Discrete states: (1/t) sum_{x<y} 2 (n_xy - n_yx)^2/(n_xy + n_yx), the same optimum for transitions.
    The note says where a doubled interval changes the result by more than a fifth: then the interval is too long for
    the bound to be near the truth.
    Raises InputError for uneven times, unknown bases, more than 400 currents, too few pieces.

    Manikandan, Gupta and Krishnamurthy, PRL 124, 120603 (2020); Otsubo, Ito, Dechant and Sagawa, PRE 101, 062106
    (2020); Van Vu, Vo and Hasegawa, PRE 101, 042138 (2020). At finite dt: Timpanaro, Guarnieri, Goold and Landi, PRL
    123, 090604 (2019).

    >>> import szilard as sz
    >>> trap = sz.systems.rotating_trap(1.0, 1.5)  # sigma = 2 (1.5)^2 / 1
    >>> run = sz.simulate(trap, "stationary", 5.0, replicas=200, seed=1, times=np.arange(0.0, 5.0, 0.02))
    >>> found = entropy_production_from_short_times(Recording.from_run(run), extrapolate=True)
    >>> found.side, abs(found.value - 4.5) < 4 * found.stderr
    ('lower', True)
    """
    if not isinstance(recording, Recording):
        fix = "Recording.from_run(run), or sz.data.read_recording(path)"
        raise InputError("recording", type(recording).__name__, "must be a Recording", fix)
    if not is_whole(order, 1):
        raise InputError("order", order, "must be a whole number >= 1", "order=2, for instance")
    longest = (recording.times.size - 1) // (2 if extrapolate else 1)
    if recording.jumps is None and not (is_whole(every, 1) and every <= longest):
        raise InputError("every", every, f"must be a whole number from 1 to {longest}", "every=1 takes every time")
    if recording.discrete:
        return _of_transitions(recording, every, extrapolate)
    dt = recording.even_interval()
    refuse_extremes(recording.states, np.diff(recording.times))
    groups = groups_of(recording)
    fields = _fields(recording, basis, int(order))
    near = _moments(recording, groups, fields, every)
    refuse_empty(near[:, 0])
    held = near[:, 0] > 0.0 if groups.blocks == 1 else np.ones(groups.count, bool)  # replicas without a step are none

    def over(interval: int) -> Array | None:
        return _moments(recording, groups, fields, interval)[held] if interval < recording.times.size else None

    near, far = near[held], over(2 * every)
    found = _crossed(near, far if extrapolate else None, dt * every, groups.blocks)
    notes = []
    near_it = True
    if far is not None and far[:, 0].sum() > 0.0:
        fall = _crossed(near, far, dt * every, groups.blocks)
        once = _crossed(near, None, dt * every, groups.blocks) if extrapolate else found
        change = once.value - fall.value  # s(2 dt) - s(dt)
        firm = abs(change) > FIRM * np.hypot(fall.stderr, once.stderr) or abs(change) > FIRM * fall.stderr
        if firm and abs(change) > COARSE * abs(once.value):
            notes.append(f"twice the interval changes the bound by {change / once.value:+.0%}: too long to be near it")
            near_it = False
    if extrapolate:
        near_it &= _leaves_little(found, far, over(4 * every), dt * every, groups.blocks)
        if not near_it:
            notes.append(NO_BOUND)
    conditions = CONDITIONS + (EXTRAPOLATED,) * extrapolate
    still = moved_sigmas(recording) <= SIGMAS
    if not still:
        notes.append(NOT_STATIONARY)
    side: Side = "lower" if still and (near_it or not extrapolate) else "none"
    return settled(recording, found, float(near[:, 0].sum()), side, notes, conditions, REFERENCE)


def _leaves_little(found: Found, far: Array | None, further: Array | None, dt: float, chained: int) -> bool:
    """Whether R = 2 s(dt) - s(2 dt) = sigma + c dt^2 changes by less than 2 errors where c dt^2 is removed as well.

    c dt^2 = (R(2 dt) - R(dt))/3 to leading order.
    """
    if far is None or further is None or not further[:, 0].sum() > 0.0:
        return False
    twice = _crossed(far, further, 2.0 * dt, chained)
    return bool(abs(twice.value - found.value) / 3.0 <= LITTLE * found.stderr)


def _of_transitions(recording: Recording, every: int, extrapolate: bool) -> Estimate:
    if recording.jumps is not None and (every != 1 or extrapolate):
        got = f"every={every}, extrapolate={extrapolate}"
        raise InputError("recording", got, "recorded jumps have no interval", "use recording.sampled(times)")
    if extrapolate:
        raise InputError("extrapolate", True, "is for coordinates", "compare the values of several ``every``")
    seen = recording if recording.jumps is not None or every == 1 else recording.thinned(every)
    groups = groups_of(seen)
    pairs = transitions(seen, groups)
    found = pairs.per_time(quadratic, groups.blocks)
    still = moved_sigmas(seen) <= SIGMAS
    known = still or seen.jumps is not None
    return settled(
        seen, found, pairs.events, "lower" if known else "none", [NOT_STATIONARY] * (not still),
        CONDITIONS if seen.jumps is None else CONDITIONS[1:], REFERENCE,
    )  # fmt: skip


def at_least(q: Array) -> Array:
    r"""2 sqrt(q/(1 + q)) asinh sqrt(q): the least entropy production of one interval in which <J>^2 / Var J = q.

    Var J/<J>^2 >= csch^2(g), g tanh g = s/2, solved for s; the derivation needs P(-s)/P(s) = e^{-s} and J odd only.
    """
    q = np.maximum(q, 0.0)
    return np.asarray(2.0 * np.sqrt(q / (1.0 + q)) * np.arcsinh(np.sqrt(q)))


def _crossed(near: Array, far: Array | None, dt: float, chained: int) -> Found:
    """The mean of two estimates: each half's best current, evaluated on the other half."""
    half = np.arange(near.shape[0]) % 2 == 0
    parts = []
    for fit, use in ((half, ~half), (~half, half)):
        sums = [_projected(m[use], _best(m[fit].sum(axis=0))) for m in ([near] if far is None else [near, far])]

        def rate(s: Array) -> Array:
            found = _rate(s[:, :3], dt)
            return found if far is None else 2.0 * found - _rate(s[:, 3:], 2.0 * dt)

        parts.append(statistic_of(np.concatenate(sums, axis=1), rate, 1 if chained == 1 else -(-chained // 2)))
    a, b = parts
    return Found(0.5 * (a.value + b.value), 0.5 * float(np.hypot(a.stderr, b.stderr)), a.ess + b.ess)


def _rate(sums: Array, dt: float) -> Array:
    """at_least(<J>^2 / Var J) / dt from the sums of 1, J and J^2."""
    n, first, second = sums.T
    mean = first / n
    return at_least(mean**2 / np.maximum(second / n - mean**2, 1e-300)) / dt


def _best(moments: Array) -> Array:
    """c = Cov^-1 <J>, in the directions in which the currents vary at all."""
    n, mean, square = _unpacked(moments)
    mean, square = mean / n, square / n
    scale = 1.0 / np.sqrt(np.maximum(np.diag(square), 1e-300))
    covariance = (square - np.outer(mean, mean)) * np.outer(scale, scale)
    value, vector = np.linalg.eigh(covariance)
    kept = value > SINGULAR * value[-1]
    along = vector[:, kept]
    return np.asarray(scale * (along @ ((along.T @ (scale * mean)) / value[kept])))


def _projected(moments: Array, c: Array) -> Array:
    """Sums of 1, J and J^2 in every piece for J = c . j."""
    n = c.size
    squares = moments[:, 1 + n :].reshape(-1, n, n)
    return np.stack([moments[:, 0], moments[:, 1 : 1 + n] @ c, (squares @ c) @ c], axis=1)


def _unpacked(moments: Array) -> tuple[float, Array, Array]:
    n = int((4 * moments.size - 3) ** 0.5 - 1) // 2  # 1 + n + n^2 numbers
    return float(moments[0]), moments[1 : 1 + n], moments[1 + n :].reshape(n, n)


def _moments(recording: Recording, groups: Groups, fields: Fields, every: int) -> Array:
    """Sums of 1, j and j j^T over the intervals of every piece, j = phi_a(x) o dx_i: (piece, 1 + n + n^2)."""
    x, seen = recording.states, recording.seen
    row, column = np.nonzero(seen[:, :-every] & seen[:, every:])
    piece = groups.of(row, recording.times[column])
    order = np.argsort(piece, kind="stable")
    row, column, piece = row[order], column[order], piece[order]
    edges = np.searchsorted(piece, np.arange(groups.count + 1))
    n = fields(x[seen][:1]).shape[1] * recording.dim
    found = np.zeros((groups.count, 1 + n + n * n))
    for g in range(groups.count):
        for low in range(edges[g], edges[g + 1], SLICE):
            rows = slice(low, min(low + SLICE, edges[g + 1]))
            start = x[row[rows], column[rows]]
            step = displacement(start, x[row[rows], column[rows] + every], recording.period)
            phi = fields(start + 0.5 * step)
            j = (phi[:, :, None] * step[:, None, :]).reshape(len(step), -1)
            found[g] += np.concatenate([[float(len(j))], j.sum(axis=0), (j.T @ j).ravel()])
    return found


def displacement(start: Array, end: Array, period: Array) -> Array:
    """end - start, the shorter way round where a coordinate is periodic."""
    step = end - start
    around = np.isfinite(period)
    turns = np.round(step / np.where(around, period, 1.0))
    return np.asarray(step - np.where(around, turns * np.where(around, period, 0.0), 0.0))


def _fields(recording: Recording, basis: Basis | Fields, order: int) -> Fields:
    """The functions phi_a(x): (n, dim) -> (n, functions), of coordinates shifted and scaled to mean 0 and spread 1."""
    x = recording.states[recording.seen]
    around = np.isfinite(recording.period)
    centre = np.where(around, 0.0, x.mean(axis=0))
    spread = np.where(around, recording.period / (2.0 * np.pi), np.where(x.std(axis=0) > 0.0, x.std(axis=0), 1.0))
    if callable(basis):
        return _given(basis, x[: min(7, len(x))], recording.dim)
    if not isinstance(basis, str):
        raise InputError("basis", type(basis).__name__, BASES, "name one of them")
    if basis == "auto":
        basis = "fourier" if around.any() else "polynomial"
    if basis == "polynomial":
        powers = [p for k in range(order + 1) for p in combinations_with_replacement(range(recording.dim), k)]
        _refuse_many(len(powers) * recording.dim)

        def polynomial(w: Array) -> Array:
            z = (w - centre) / spread
            return np.stack([np.prod(z[:, p], axis=1) if p else np.ones(len(z)) for p in powers], axis=1)

        if around.any():
            raise InputError("basis", basis, "must repeat itself with a periodic coordinate", 'basis="fourier"')
        return polynomial
    if basis == "fourier":
        return _products(recording.dim, order, around, centre, spread)
    if basis == "gaussians":
        if around.any():
            raise InputError("basis", basis, "must repeat itself with a periodic coordinate", 'basis="fourier"')
        return _gaussians((x - centre) / spread, order, centre, spread)
    raise InputError("basis", basis, BASES, "name one of them")


def _products(dim: int, order: int, around: NDArray[np.bool_], centre: Array, spread: Array) -> Fields:
    """Products over coordinates of 1, cos z, sin z, ... up to this order; of 1, z for a coordinate without period."""
    sizes = [2 * order + 1 if a else 2 for a in around]
    _refuse_many(int(np.prod(sizes)) * dim)

    def products(w: Array) -> Array:
        z = (w - centre) / spread
        found = np.ones((len(z), 1))
        for i, a in enumerate(around):
            waves = [f(k * z[:, i]) for k in range(1, order + 1) for f in (np.cos, np.sin)] if a else [z[:, i]]
            factors = np.stack([np.ones(len(z)), *waves], axis=1)
            found = (found[:, :, None] * factors[:, None, :]).reshape(len(z), -1)
        return found

    return products


def _gaussians(z: Array, order: int, centre: Array, spread: Array) -> Fields:
    dim = z.shape[1]
    _refuse_many((order**dim + 1) * dim)
    levels = (np.arange(order) + 0.5) / order
    places = np.stack(np.meshgrid(*np.quantile(z, levels, axis=0).T, indexing="ij"), axis=-1).reshape(-1, dim)
    width = 2.0 / order**0.5

    def gaussians(w: Array) -> Array:
        apart = ((w - centre) / spread)[:, None, :] - places
        bumps = np.exp(-0.5 * np.sum((apart / width) ** 2, axis=2))
        return np.concatenate([np.ones((len(w), 1)), bumps], axis=1)

    return gaussians


def _given(basis: Fields, probe: Array, dim: int) -> Fields:
    def checked(w: Array) -> Array:
        found = np.asarray(basis(w), dtype=np.float64)
        if found.ndim != 2 or found.shape[0] != len(w) or not np.all(np.isfinite(found)):
            rule = f"must give finite numbers of shape (n, functions) for states (n, {dim})"
            raise InputError("basis", f"shape {found.shape}", rule, "np.stack([...], axis=1)")
        return found

    _refuse_many(checked(probe).shape[1] * dim)
    return checked


def _refuse_many(currents: int) -> None:
    if currents > MOST_CURRENTS:
        rule = f"at most {MOST_CURRENTS} currents are combined"
        raise InputError("order", f"{currents} currents", rule, "lower the order")
