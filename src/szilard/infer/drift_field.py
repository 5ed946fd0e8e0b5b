"""Drift and diffusion of a process that is not linear, from the increments of its recorded trajectories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..laws.trial_functions import TrialFunctions, fourier, polynomials
from ..markup import table_of_text
from .drift_bins import BinnedDrift
from .drift_increments import LAGS, Jackknifed, Recorded, few, jackknife
from .units import LARGEST

Array = NDArray[np.float64]
MUCH, SHOWS = 1.2, 2.0
FEWEST, FEWEST_GROUPS = 100, 10
MOST_BINS = 100_000


@dataclass(frozen=True, repr=False)
class DriftDiffusion:
    """dw = f(w) dt + sqrt(2 D) dB,  f = sum_f coefficients[f] phi_f(w), the constant first.

    coefficients (1 + function, dim), in length/time over the unit of their function; diffusion D (dim, dim), in
    length^2/time; each with its standard error. bias: what is left of the spacing in the coefficients (same shape), as
    far as three spacings tell, diffusion_bias that in D. trusted: whether all of it is small beside the errors; note
    says what is wrong where not. groups: of increments behind the errors.
    """

    functions: TrialFunctions
    coefficients: Array
    coefficients_stderr: Array
    coefficients_covariance: Array
    diffusion: Array
    diffusion_stderr: Array
    bias: Array
    diffusion_bias: Array
    spacing: float
    groups: int
    trusted: bool
    note: str

    def drift(self, states: ArrayLike) -> Array:
        """f at states (sample, dim): (sample, dim)."""
        return np.asarray(_values(self.functions, np.asarray(states, dtype=np.float64)) @ self.coefficients)

    def drift_stderr(self, states: ArrayLike) -> Array:
        """The standard error of f at states (sample, dim), were f of this form: (sample, dim)."""
        phi = _values(self.functions, np.asarray(states, dtype=np.float64))
        k, dim = self.coefficients.shape
        covariance = self.coefficients_covariance.reshape(k, dim, k, dim)
        return np.asarray(np.sqrt(np.einsum("sf,fdgd,sg->sd", phi, covariance, phi)))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        doubt = f"; not to be trusted: {self.note}" if not self.trusted else ""
        D, dD = self.diffusion.round(4).tolist(), self.diffusion_stderr.round(4).tolist()
        return f"DriftDiffusion: {self.coefficients.shape[0]} functions, D = {D} +- {dD}{doubt}"


def drift_diffusion(
    states: Recording | ArrayLike,
    times: ArrayLike | None = None,
    *,
    functions: TrialFunctions | None = None,
    period: ArrayLike | None = None,
    extrapolate: bool = True,
) -> DriftDiffusion:
    r"""f(w) = lim <dw | w>/dt,  D = lim <(dw - f dt)(dw - f dt)^T>/(2 dt): least squares over all increments.

    Minimises sum |dw - f(w) dt|^2/dt over f = sum_f c_f phi_f. Both limits are approached with an error of order dt;
    ``extrapolate`` removes it by what 2 dt adds to it, and leaves one of order dt^2; the scatter grows about twofold.
    states: a Recording, which holds its times and period; or (replica, time, dim); or (replica, time) of one
    coordinate. NaN marks a gap, across which no increment is used. times: the step dt, or the times (time,), uneven
    ones too. functions: phi beside the constant,
    ``sz.laws.polynomials(degree)``, ``sz.laws.fourier(order, period)`` or a function as there; default: linear, or the
    first three harmonics where every coordinate has a period. period: of each coordinate, inf where it has none; steps
    are taken the short way around. f is Ito's drift; where D is one constant it is mobility times force.
    Standard errors: a jackknife over 200 groups of replicas (blocks of time where there are fewer replicas).

    Not to be trusted, and said so, where dt, 2 dt and 4 dt show that more than 1.2 standard errors are left of the
    spacing: dt is not short beside the relaxation, or every look adds a noise of its own (which adds its variance/dt to
    D and is not removed: ``linear_drift`` can). An f outside the family is not noticed.
    Raises InputError for shapes that do not fit, infinities, times that do not increase, too few increments, and
    numbers whose squares are none.

    Friedrich, Peinke, Sahimi and Tabar, Phys. Rep. 506, 87 (2011).

    >>> import szilard as sz
    >>> trap = sz.systems.moved_trap(2.0)
    >>> run = sz.simulate(
    ...     trap,
    ...     "equilibrium",
    ...     1.0,
    ...     protocol=sz.Protocol([0], [0]),
    ...     replicas=2000,
    ...     seed=1,
    ...     dt=0.02,
    ...     record="paths",
    ...     entropy=False,
    ... )
    >>> found = drift_diffusion(run.paths.states, run.paths.times)
    >>> bool(abs(found.coefficients[1, 0] + 2.0) < 4 * found.coefficients_stderr[1, 0])
    True
    """
    seen = Recorded.of(states, times, period)
    family = functions if functions is not None else _default(seen.period)
    if not callable(family):
        rule = "must be a function of states that gives values and slopes"
        raise InputError("functions", family, rule, "sz.laws.polynomials(2), for instance")
    n = seen.dim
    k = _values(family, seen.states[np.isfinite(seen.states).all(axis=2)][:1]).shape[1]
    fits = [_regressed(seen, lag, family, k) for lag in LAGS if lag <= seen.lengths.size]
    found, bias, note = _extrapolated(fits, extrapolate)
    notes = [few(found.groups), note]
    if np.any(_left(found, bias)):
        notes.append("more than 1.2 standard errors of the spacing are left: dt is too long, or looks are noisy")
    said = "; ".join(text for text in notes if text)
    C, D = found.value[: k * n].reshape(k, n), found.value[k * n :].reshape(n, n)
    dC, dD = found.stderr[: k * n].reshape(k, n), found.stderr[k * n :].reshape(n, n)
    return DriftDiffusion(
        functions=family,
        coefficients=C,
        coefficients_stderr=dC,
        coefficients_covariance=found.covariance[: k * n, : k * n],
        diffusion=D,
        diffusion_stderr=dD,
        bias=bias.value[: k * n].reshape(k, n),
        diffusion_bias=bias.value[k * n :].reshape(n, n),
        spacing=float(seen.lengths.mean()),
        groups=found.groups,
        trusted=not said,
        note=said,
    )


def binned_drift(
    states: Recording | ArrayLike,
    times: ArrayLike | None = None,
    *,
    bins: int | ArrayLike = 20,
    period: float | None = None,
    extrapolate: bool = True,
) -> BinnedDrift:
    r"""f = lim <dw | w in bin>/dt,  D = lim <(dw - f dt)^2 | w in bin>/(2 dt): one coordinate, no form assumed.

    Where D varies with w this shows it. bins: how many of equal width between the extremes (or around the ring), or
    their edges; those with fewer than 100 increments, or from fewer than 10 groups, are left out. The other arguments,
    the error of order dt, what ``extrapolate`` does about it and the warnings: as in ``drift_diffusion``, bin by bin.
    In wide bins D holds the spread of f too, of order dt. Raises InputError as there, for more than one coordinate, and
    where no bin is left.

    Siegert, Friedrich and Peinke, Phys. Lett. A 243, 275 (1998).

    >>> import szilard as sz
    >>> run = sz.simulate(
    ...     sz.systems.double_well(2.0),
    ...     "equilibrium",
    ...     1.0,
    ...     replicas=2000,
    ...     seed=1,
    ...     dt=0.01,
    ...     record="paths",
    ...     entropy=False,
    ... )
    >>> binned_drift(run.paths.states, run.paths.times, bins=10)
    BinnedDrift: ... bins, ... to be trusted...
      from  to  increments  drift  D
      ...
    """
    seen = Recorded.of(states, times, period)
    if seen.dim != 1:
        raise InputError("states", seen.states.shape, "must be one coordinate", "drift_diffusion for several")
    x = seen.states[np.isfinite(seen.states)]
    turn = float(seen.period[0]) if np.isfinite(seen.period[0]) else None
    low, high = (float(x.min()), float(x.max())) if turn is None else (0.0, turn)
    edges = _edges(bins, low, high)
    sums = [_bin_sums(seen, lag, edges, turn) for lag in LAGS if lag <= seen.lengths.size]
    kept = np.all([_enough(part) for part in sums], axis=0)
    if not kept.any():
        rule = f"no bin holds {FEWEST} increments from {FEWEST_GROUPS} groups"
        raise InputError("bins", edges.size - 1, rule, "take fewer bins, or record more")
    fits = [(jackknife(part[:, :, kept], _bin_fit), _bin_spacing(part[:, :, kept])) for part in sums]
    found, bias, note = _extrapolated(fits, extrapolate)
    m = int(kept.sum())
    trusted = np.asarray(~_left(found, bias).reshape(2, m).any(axis=0) & (note == ""))
    notes = [note, "" if trusted.all() or note else "elsewhere dt is too long, or looks are noisy"]
    total = sums[0][:, :, kept].sum(axis=0)
    return BinnedDrift(
        low=edges[:-1][kept],
        high=edges[1:][kept],
        position=total[4] / total[0],
        drift=found.value[:m],
        drift_stderr=found.stderr[:m],
        diffusion=found.value[m:],
        diffusion_stderr=found.stderr[m:],
        bias=bias.value[:m],
        diffusion_bias=bias.value[m:],
        counts=total[0].astype(np.int64),
        trusted=trusted,
        note="; ".join(text for text in notes if text),
    )


Fit = tuple[Jackknifed, Array]
"""What was found, and the effective spacing in time of each number."""


def _regressed(seen: Recorded, lag: int, family: TrialFunctions, k: int) -> Fit:
    """c = G^{-1} g and D = (sum dw dw^T/dt - g^T G^{-1} g)/(2 (m - k)) with G = sum phi phi^T dt, g = sum phi dw^T.

    All of it is in M = sum u u^T, u = (phi sqrt(dt), dw/sqrt(dt)); beside it m, sum dt and sum dt^2.
    """
    n = seen.dim
    sums = []
    spans = np.zeros(3)
    for w, hops, dt in seen.groups(lag):
        root = np.sqrt(dt)[:, None]
        u = np.concatenate([_values(family, w) * root, hops[0] / root], axis=1)
        block = np.zeros((k + n + 1, k + n + 1))
        block[:-1, :-1], block[-1, -1] = u.T @ u, dt.size
        sums.append(block)
        spans += dt.size, dt.sum(), np.sum(dt * dt)
    if spans[0] < 2 * (k + 1):
        raise InputError("states", int(spans[0]), f"needs at least {2 * (k + 1)} increments", "record more")

    def statistic(M: Array) -> Array:
        size = np.sqrt(np.diagonal(M)[:k])
        size = np.where(size > 0.0, size, 1.0)
        g = M[:k, k:-1]
        try:
            c = np.linalg.solve(M[:k, :k] / np.outer(size, size), g / size[:, None]) / size[:, None]
        except np.linalg.LinAlgError:
            rule = "the functions are not independent of each other on these states"
            raise InputError("functions", k, rule, "take fewer of them") from None
        D = 0.5 * (M[k:-1, k:-1] - g.T @ c) / max(M[-1, -1] - k, 1.0)
        return np.concatenate([c.ravel(), D.ravel()])

    found = jackknife(np.array(sums), statistic)
    spacing = np.concatenate([np.full(k * n, spans[2] / spans[1]), np.full(n * n, spans[1] / spans[0])])
    return found, spacing


def _extrapolated(fits: list[Fit], extrapolate: bool) -> tuple[Jackknifed, Jackknifed, str]:
    """The result, the bias left in it, and a warning where it cannot be known.

    e(dt) = e + b dt + c dt^2: R = (r e(dt) - e(r dt))/(r - 1) = e - c r dt^2, so that R(dt) - R(r dt) shows c.
    """
    if not extrapolate:
        if len(fits) < 2:
            return fits[0][0], _unknown(fits[0][0]), "too few times to compare two spacings"
        return fits[0][0], fits[1][0].combined(fits[0][0], 1.0, -1.0), ""
    if len(fits) < 2:
        raise InputError("states", "one step in time", "two spacings are compared", "extrapolate=False")
    pairs = []
    for (fine, short), (coarse, long) in zip(fits, fits[1:], strict=False):
        r = long / short
        pairs.append((fine.combined(coarse, r / (r - 1.0), -1.0 / (r - 1.0)), r))
    (best, r), rest = pairs[0], pairs[1:]
    if not rest:
        return best, _unknown(best), "too few times to compare three spacings"
    return best, rest[0][0].combined(best, 1.0 / (r**2 - 1.0), -1.0 / (r**2 - 1.0)), ""


def _unknown(found: Jackknifed) -> Jackknifed:
    return Jackknifed(np.zeros_like(found.value), np.zeros_like(found.influence))


def _left(found: Jackknifed, bias: Jackknifed) -> NDArray[np.bool_]:
    """Where the bias shows, by two of its errors, and is more than 1.2 standard errors of the result.

    Of the diffusion it scatters by 0.4 of them, of the drift by less. It is known to its leading order only, and where
    it matters the next orders make two or three times as much.
    """
    return np.asarray(np.abs(bias.value) > np.maximum(MUCH * found.stderr, SHOWS * bias.stderr))


def _bin_sums(seen: Recorded, lag: int, edges: Array, turn: float | None) -> Array:
    """m, sum dt, sum dw, sum dw^2/dt, sum w and sum dt^2 in every bin: (group, 6, bin)."""
    parts = []
    for w, hops, dt in seen.groups(lag):
        x, dw = w[:, 0], hops[0, :, 0]
        x = x if turn is None else np.mod(x, turn)
        place = np.searchsorted(edges, x, side="right") - 1
        place[x == edges[-1]] = edges.size - 2
        inside = (place >= 0) & (place < edges.size - 1)
        rows = (np.ones_like(x), dt, dw, dw * dw / dt, x, dt * dt)
        parts.append([np.bincount(place[inside], row[inside], edges.size - 1) for row in rows])
    return np.array(parts)


def _enough(sums: Array) -> NDArray[np.bool_]:
    counts = sums[:, 0]
    return np.asarray((counts.sum(axis=0) >= FEWEST) & ((counts > 0).sum(axis=0) >= FEWEST_GROUPS))


def _bin_fit(total: Array) -> Array:
    m, dt, dw, square = total[:4]
    return np.concatenate([dw / dt, 0.5 * (square - dw * dw / dt) / np.maximum(m - 1.0, 1.0)])


def _bin_spacing(sums: Array) -> Array:
    m, dt, _, _, _, square = sums.sum(axis=0)
    return np.concatenate([square / dt, dt / m])


def _edges(bins: int | ArrayLike, low: float, high: float) -> Array:
    if is_whole(bins, 1) and int(bins) <= MOST_BINS:
        if not low < high:
            raise InputError("states", f"{low:g} everywhere", "must vary to be binned", "check the readings")
        return np.linspace(low, high, int(bins) + 1)
    try:
        edges = np.asarray(bins)
    except ValueError:
        edges = np.zeros(0)
    good = edges.dtype.kind in "iuf" and edges.ndim == 1 and edges.size >= 2
    if not good or not np.all(np.isfinite(edges)) or np.any(np.diff(edges) <= 0.0):
        rule = f"must be a whole number from 1 to {MOST_BINS} or edges that increase"
        raise InputError("bins", bins, rule, "bins=20")
    return edges.astype(np.float64)


def _default(period: Array) -> TrialFunctions:
    ring = np.isfinite(period)
    if ring.all():
        return fourier(3, period)
    if ring.any():
        rule = "some coordinates have a period and some have none: no family stands by default"
        raise InputError("functions", None, rule, "give functions(states) -> (values, slopes)")
    return polynomials(1)


def _values(family: TrialFunctions, w: Array) -> Array:
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.asarray(family(w)[0], dtype=np.float64)
    except (TypeError, ValueError, LookupError) as error:
        if isinstance(error, InputError):
            raise
        rule = "must give values (sample, function) and their slopes, numbers both"
        raise InputError(
            "functions", f"{type(error).__name__}: {error}", rule, "polynomials(2), for instance"
        ) from None
    good = values.ndim == 2 and values.shape[0] == w.shape[0] and bool(np.all(np.isfinite(values)))
    if not good or np.abs(values).max(initial=0.0) > LARGEST**2:
        rule = f"values must be finite, of shape ({w.shape[0]}, function), with squares that are numbers"
        raise InputError("functions", values.shape, rule, "polynomials(2), for instance, of states of size one")
    return np.concatenate([np.ones((w.shape[0], 1)), values], axis=1)
