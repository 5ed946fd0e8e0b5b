"""Which share of a quantity's variance each axis of a Saltelli design explains, alone and with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, is_whole
from ..estimate import Estimate, Side
from ..markup import table
from .plain_table import text_table
from .result_columns import axes_of, column_of, entry_of, joined, points_of

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
RESAMPLES, BLOCK = 1000, 50
SEED = 1
FEWEST = 16
"""Base points below which a bootstrap tells nothing."""
NOISIEST = 0.5
"""The share of noise in the variance beyond which no index is worth giving."""
GRAIN = 2.0**-30
"""The distance of neighbouring numbers of a Sobol sequence."""


@dataclass(frozen=True)
class SobolIndex:
    """One axis: first-order and total index."""

    axis: str
    first: Estimate
    total: Estimate


@dataclass(frozen=True, repr=False)
class SobolIndices:
    """The indices of every axis, in the design's order; iterate over them.

    interactions: 1 - sum of first-order indices. noise: the share of the values' variance that is their noise, which
    the indices are freed of. base: the base points used, of ``planned``.
    """

    quantity: str
    indices: tuple[SobolIndex, ...]
    interactions: Estimate
    noise: Estimate
    base: int
    planned: int

    def __iter__(self) -> Iterator[SobolIndex]:
        return iter(self.indices)

    def __len__(self) -> int:
        return len(self.indices)

    def plot(self, ax: Axes | None = None) -> Axes:
        """First-order and total index of each axis with two standard errors, the largest total on top."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.ranking import ranked_points

        rows = sorted(self.indices, key=lambda row: -row.total.value)
        series = [
            (label, np.array([e.value for e in each]), np.array([e.stderr for e in each]))
            for label, each in (("alone", [r.first for r in rows]), ("with the others", [r.total for r in rows]))
        ]
        with house_style():
            ax = axes_or_new(ax, (5.0, 1.4 + 0.3 * len(rows)))
            ranked_points(ax, [row.axis for row in rows], series, f"share of the variance of {self.quantity}")
        return ax

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = [[row.axis, _shown(row.first), _shown(row.total)] for row in self.indices]
        return ["axis", "alone", "with the others"], [*rows, ["interactions", "", _shown(self.interactions)]]

    def __repr__(self) -> str:
        return f"{self._title()}\n{text_table(*self._cells())}"

    def _repr_html_(self) -> str:
        heads, rows = self._cells()
        return table(self._title(), rows, heads)

    def _title(self) -> str:
        used = f"{self.base} base points" if self.base == self.planned else f"{self.base} of {self.planned} base points"
        return f"{self.quantity}: shares of the variance, {used}; {_shown(self.noise)} of it was noise"


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} +- {estimate.stderr:.3f}"


def saltelli_points(dimensions: int, base: int, seed: int) -> Array:
    r"""A_i, A_i with column j of B_i for every j, B_i:  (point, dimension) in (0, 1), base (dimensions + 2) points.

    (A, B) is a scrambled Sobol sequence of 2 dimensions columns (SALib's). base: a power of 2. The points of a smaller
    base are the first ones of a larger base with the same seed. Raises InputError for anything else, or if SALib is
    missing.

    A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010).

    >>> saltelli_points(2, 16, seed=1).shape
    (64, 2)
    """
    if not is_whole(dimensions, 1):
        raise InputError("dimensions", dimensions, "must be a whole number >= 1", "one for each axis that varies")
    if not (is_whole(base, 2) and base & (base - 1) == 0):
        raise InputError("base", base, "must be a power of 2", "256, for instance: base (dimensions + 2) cells")
    if not is_whole(seed, 0):
        raise InputError("seed", seed, "must be a whole number >= 0", "1, for instance")
    sample = _salib("sample")
    names = [str(i) for i in range(dimensions)]
    problem = {"num_vars": int(dimensions), "names": names, "bounds": [[0.0, 1.0]] * dimensions}
    points = sample.sample(problem, int(base), calc_second_order=False, seed=int(seed))
    return np.asarray(points + 0.5 * GRAIN, dtype=np.float64)


def sobol(
    results: xarray.Dataset,
    quantity: str,
    design: Mapping[str, ArrayLike] | Sequence[str],
    *,
    logarithm: bool = False,
) -> SobolIndices:
    r"""S_i = Var(E[y | x_i])/Var(y),  S_Ti = E[Var(y | all but x_i)]/Var(y), freed of the noise of the values.

    results: what ``sz.load`` returns. design: every axis that varies, with its entries as the study has them (point,),
    in the order of ``saltelli_points``; or the names alone, if every point has its cell and the cells are in that
    order. logarithm: of ln y in place of y.

    SALib's estimators, means over base points: S_i of y_B (y_ABi - y_A)/V, S_Ti of (y_A - y_ABi)^2/2V, with V the
    variance of all y_A and y_B. With values of standard error s, V is too large by <s^2>, and S_Ti V by
    <s_A^2 + s_ABi^2>/2: both are subtracted. Where words or coarse axes make two points of the design the same cell
    they share its noise, and this is accounted for. A base point is used if all its cells have a value; values are
    taken as independent of each other.

    Standard errors are those of 1000 bootstrap samples of base points, fixed seed. They hold the noise of the values,
    and are too large for smooth functions, as base points of a Sobol sequence are more even than random ones: 1.1 to 2
    times the scatter of independent designs at 64 base points, 3 to 9 times at 1024 points without noise. Indices may
    come out below 0 or above 1 within their error. Of bounds they are the bounds' own: side "none".

    Raises InputError if SALib is missing, an axis or quantity is not there, the points are no Saltelli design, two
    cells have the same entries, fewer than 16 base points have values, the quantity does not vary, more than half
    of its variance is noise, or a logarithm is asked of values that are not positive.

    I. M. Sobol', Math. Comput. Simul. 55, 271 (2001); A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010).

    >>> import xarray as xr
    >>> x = saltelli_points(2, 256, seed=1)
    >>> y = x[:, 0] + 2.0 * x[:, 1]
    >>> measured = {"cost": ("cell", y), "cost_stderr": ("cell", 0.0 * y), "cost_side": ("cell", ["two-sided"] * 1024)}
    >>> design = {"temperature": x[:, 0], "learning_rate": x[:, 1]}
    >>> axes = {name: ("cell", values) for name, values in design.items()}
    >>> sobol(xr.Dataset(measured, axes), "cost", design)
    cost: shares of the variance, 256 base points; 0.000 +- 0.000 of it was noise
    axis           alone           with the others
    temperature    0.200 +- 0.037  0.200 +- 0.017
    learning_rate  0.800 +- 0.067  0.800 +- 0.059
    interactions                   0.000 +- 0.079
    """
    estimators = _salib("analyze")
    axes, column = axes_of(results), column_of(results, quantity)
    y, stderr = column.value, column.stderr
    design = _entries(design, axes)
    cells = _cells_of(design, axes)
    known = column.known
    if logarithm:
        used = np.unique(cells[cells >= 0])
        if np.any(y[used][known[used]] <= 0.0):
            raise InputError("logarithm", quantity, "has values that are not positive", "logarithm=False")
        y, stderr = np.log(np.where(y > 0.0, y, 1.0)), stderr / np.where(y > 0.0, y, 1.0)
    whole = np.all((cells >= 0) & known[cells], axis=1)
    rows = cells[whole]
    if rows.shape[0] < FEWEST:
        rule = f"must have values in all cells of {FEWEST} base points, of {cells.shape[0]} planned"
        raise InputError("results", f"{rows.shape[0]} base points", rule, "finish the study, or enlarge its base")
    if not np.ptp(y[rows]) > 0.0:
        raise InputError("quantity", quantity, "is the same in all cells", "a quantity that varies")
    y = (y - y[rows].mean()) / (spread := float(y[rows].std()))
    numbers = y[rows], (stderr[rows] / spread) ** 2, rows
    n = rows.shape[0]
    found = _Sums.of(*numbers, np.arange(n)[:, None], estimators)
    noise = float(found.noise[0])
    if not noise < NOISIEST:
        got = f"{100.0 * noise:.3g} % of its variance is noise"
        raise InputError("quantity", got, f"must be below {100.0 * NOISIEST:.0f} %", "more replicas per cell")
    draw = np.random.Generator(np.random.Philox(SEED)).integers(n, size=(RESAMPLES // BLOCK, n, BLOCK))
    shaken = [_Sums.of(*numbers, pick, estimators) for pick in draw]
    first, total = (np.concatenate([getattr(s, name) for s in shaken]) for name in ("first", "total"))
    side: Side = "two-sided" if joined([column.side[i] for i in np.unique(rows)]) == "two-sided" else "none"

    def estimate(value: float, samples: Array) -> Estimate:
        return Estimate(float(value), float(np.std(samples, ddof=1)), n, side=side)

    indices = tuple(
        SobolIndex(name, estimate(found.first[0, j], first[:, j]), estimate(found.total[0, j], total[:, j]))
        for j, name in enumerate(design)
    )
    interactions = estimate(1.0 - found.first.sum(), 1.0 - first.sum(axis=1))
    noise_share = estimate(noise, np.concatenate([s.noise for s in shaken]))
    return SobolIndices(quantity, indices, interactions, noise_share, n, cells.shape[0])


@dataclass(frozen=True)
class _Sums:
    """Indices (sample, axis) and the share of noise in the variance (sample,)."""

    first: Array
    total: Array
    noise: Array

    @classmethod
    def of(cls, y: Array, square: Array, cell: NDArray[np.int64], pick: NDArray[np.int64], estimators: Any) -> _Sums:
        """y, squared standard errors and cells: (base point, A | AB_1 .. AB_d | B); pick: (base point, sample)."""
        a, b = y[pick, 0], y[pick, -1]
        variance = np.var(np.concatenate([a, b]), axis=0)
        blurred = np.mean(square[pick, 0] + square[pick, -1], axis=0) / 2.0
        first, total = [], []
        for j in range(1, y.shape[1] - 1):
            shared = np.where(cell[:, j] == cell[:, -1], square[:, -1], 0.0)
            shared -= np.where(cell[:, 0] == cell[:, -1], square[:, -1], 0.0)
            apart = np.where(cell[:, j] == cell[:, 0], 0.0, 0.5 * (square[:, j] + square[:, 0]))
            mixed = y[pick, j]
            first.append(estimators.first_order(a, mixed, b) * variance - shared[pick].mean(axis=0))
            total.append(estimators.total_order(a, mixed, b) * variance - apart[pick].mean(axis=0))
        truth = (variance - blurred)[:, None]
        return cls(np.stack(first, axis=1) / truth, np.stack(total, axis=1) / truth, blurred / variance)


def _entries(design: Any, axes: Mapping[str, NDArray[Any]]) -> Mapping[str, ArrayLike]:
    """The design's entries on each axis; those of the results where only names are given."""
    named = isinstance(design, Sequence) and not isinstance(design, str)
    if not design or not (named or isinstance(design, Mapping)):
        rule = "must map axes to entries, or name them"
        raise InputError("design", design, rule, '["learning_rate", "temperature"], for instance')
    return {str(name): axes.get(str(name), np.empty(0)) for name in design} if named else design


def _cells_of(design: Mapping[str, ArrayLike], axes: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
    """The cell of each point, -1 where there is none: (base point, A | AB_1 .. AB_d | B)."""
    unknown = [name for name in design if name not in axes]
    if unknown:
        raise InputError("design", unknown[0], f"must be among {', '.join(axes)}", "name axes of these results")
    columns = [[entry_of(value) for value in np.asarray(values).ravel().tolist()] for values in design.values()]
    d, lengths = len(columns), {len(column) for column in columns}
    if len(lengths) != 1 or next(iter(lengths)) % (d + 2) or not next(iter(lengths)):
        rule = f"must have a multiple of {d} + 2 entries for each of {d} axes"
        raise InputError("design", sorted(lengths), rule, "the points of saltelli_points, in their order")
    points = list(zip(*columns, strict=True))
    blocks = [points[i : i + d + 2] for i in range(0, len(points), d + 2)]
    for a, *mixed, b in blocks:
        if any(point != (*a[:j], b[j], *a[j + 1 :]) for j, point in enumerate(mixed)):
            rule = "is no Saltelli design: A, A with one column of B each, B"
            raise InputError("design", f"{len(points)} points", rule, "keep the order of saltelli_points")
    place: dict[tuple[Any, ...], int] = {}
    wanted = set(points)
    for i, point in enumerate(points_of(axes, list(design))):
        if point in wanted and place.setdefault(point, i) != i:
            rule = f"several cells have {dict(zip(design, point, strict=True))}"
            raise InputError("results", f"{len(axes)} axes", rule, "choose the cells of one value of every other axis")
    return np.array([[place.get(point, -1) for point in block] for block in blocks], dtype=np.int64)


def _salib(room: str) -> Any:
    """SALib's Sobol sampler or estimators."""
    from importlib import import_module

    try:
        return import_module(f"SALib.{room}.sobol")
    except ImportError:
        rule = "is needed for Sobol indices"
        raise InputError(
            "SALib", "no such package", rule, 'pip install ".[analysis]" in the directory of the sources'
        ) from None
