"""Which axes of a study move a quantity most: rank correlations, each with the other axes taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ..errors import InputError
from ..estimate import Estimate
from ..markup import table
from .plain_table import text_table
from .result_columns import Axis, Column, axes_of, codes_of, column_of, joined, varying

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
PERMUTATIONS = 999
REDRAWN = 64
SEED = 1
BLOCK = 64
ROUNDING = 1e-9
"""What is left of ranks, in units of them, that counts as nothing."""


@dataclass(frozen=True)
class AxisEffect:
    r"""What one axis does to the ranks of a quantity, the other axes taken out.

    share: of the rank variance that the others leave, r^2 of ordered axes, Kruskal and Wallis's eta^2 of words, less
    what chance would give. correlation: r with its standard error, None for words. probability: that cells in a random
    order show as large a share. shrunk: the factor by which the noise of the values has lowered |r| (or eta). n: cells.
    """

    axis: str
    share: float
    correlation: Estimate | None
    probability: float
    shrunk: float
    n: int


@dataclass(frozen=True, repr=False)
class Screen:
    """The axes of a study by their importance for ``quantity``; iterate over them.

    noise: the share of the rank variance that is the noise of the values. left_out: axis and reason.
    """

    quantity: str
    effects: tuple[AxisEffect, ...]
    noise: float
    left_out: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[AxisEffect]:
        return iter(self.effects)

    def __len__(self) -> int:
        return len(self.effects)

    def plot(self, ax: Axes | None = None) -> Axes:
        """r of ordered axes with two standard errors; for words, which have no direction, the root of the share."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.ranking import ranked_points

        nothing = np.full(len(self), np.nan)
        ordered, errors, words = nothing.copy(), nothing.copy(), nothing.copy()
        for i, effect in enumerate(self.effects):
            if effect.correlation is None:
                words[i] = np.sqrt(effect.share)
            else:
                ordered[i], errors[i] = effect.correlation.value, effect.correlation.stderr
        with house_style():
            ax = axes_or_new(ax, (5.0, 1.4 + 0.3 * len(self)))
            series = [("ordered: r", ordered, errors), ("words: root of the share", words, np.zeros(len(self)))]
            ranked_points(ax, [e.axis for e in self.effects], series, f"partial rank correlation with {self.quantity}")
        return ax

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = []
        for e in self.effects:
            r = "words" if e.correlation is None else f"{e.correlation.value:+.3f} +- {e.correlation.stderr:.3f}"
            rows.append([e.axis, f"{e.share:.3f}", r, f"{e.probability:.3f}", f"{e.shrunk:.3f}", str(e.n)])
        rows += [[axis, "", "", "", "", f"left out: {why}"] for axis, why in self.left_out]
        return ["axis", "share", "r", "by chance", "shrunk by noise", "cells"], rows

    def __repr__(self) -> str:
        return f"{self._title()}\n{text_table(*self._cells())}"

    def _repr_html_(self) -> str:
        heads, rows = self._cells()
        return table(self._title(), rows, heads)

    def _title(self) -> str:
        noise = f"{100.0 * self.noise:.2g} %" if self.noise > ROUNDING else "nothing"
        return f"{self.quantity}: ranks, other axes taken out; {noise} of their variance is noise"


def screen(results: xarray.Dataset, quantity: str) -> Screen:
    r"""r = corr(x - x^, y - y^) of ranks, x^ and y^ being what the other axes explain linearly; the largest first.

    results: what ``sz.load`` returns, a grid or a random design. Other axes enter by their ranks, words by one column
    for each word. An axis of words has eta^2 = |y^ with the words - y^|^2/|y - y^|^2 in place of r^2 (Kruskal and
    Wallis's where nothing else varies). share: r^2 or eta^2 less what chance gives, 1 - (1 - r^2)(d + m)/d with m
    columns and d degrees of freedom left. An axis is judged among the cells that have an entry for it.

    The error of r is Fisher's with ranks, (1 - r^2) sqrt((1 + r^2/2)/(n - k - 3)) for n cells and k other columns:
    (1 - r^2) times Bonett and Wright's error of artanh r. Cells count as drawn at random: on a grid the error tells of
    what another grid in the same ranges might show. Two of them covered the truth in 89 to 98 % of random designs of 10
    cells and four axes, in 92 to 99 % of 16 or more. A bootstrap over 10 cells has 6 different ones for 5 unknowns.
    probability: of 999 random orders, fixed seed. On a grid, where at least half of the cells have others that agree in
    all other axes, y is exchanged among such cells, and the probability is exact; else the residuals of y are exchanged
    among all (Freedman and Lane).

    Noise of the values (their standard errors) lowers every |r| but hardly the order of axes. Its share of the rank
    variance is found by adding the same noise once more; shrunk = sqrt(1 - noise/what the others leave). Errors of the
    values count as independent. Ranks see what rises or falls: an axis with a maximum inside its range shows little.
    Where a value is only a bound, r is that of the bound, side "none".

    Raises InputError if the quantity is not there, no axis varies, or too few cells have a value.

    M. D. McKay, R. J. Beckman and W. J. Conover, Technometrics 21, 239 (1979); D. G. Bonett and T. A. Wright,
    Psychometrika 65, 23 (2000); D. Freedman and D. Lane, J. Bus. Econ. Stat. 1, 292 (1983).

    >>> import xarray as xr
    >>> x, t = np.meshgrid([1.0, 2.0, 3.0, 4.0], [0.5, 1.0, 2.0])
    >>> measured = {"cost": ("cell", (x**2 / t).ravel()), "cost_stderr": ("cell", np.full(12, 0.01))}
    >>> measured["cost_side"] = ("cell", ["two-sided"] * 12)
    >>> axes = {"learning_rate": ("cell", x.ravel()), "temperature": ("cell", t.ravel())}
    >>> screen(xr.Dataset(measured, axes), "cost")
    cost: ranks, other axes taken out; 0.64 % of their variance is noise
    axis           share  r                by chance  shrunk by noise  cells
    learning_rate  0.940  +0.972 +- 0.023  0.001      0.996            12
    temperature    0.825  -0.918 +- 0.066  0.003      0.989            12
    """
    column = column_of(results, quantity)
    known = column.known
    axes = {name: axis[known] for name, axis in axes_of(results).items()}
    moved = varying(axes) if np.any(known) else []
    if not moved:
        rule = "no axis varies among the cells that have a value"
        raise InputError("results", f"{int(known.sum())} cells", rule, "screen a study of several cells")
    noise = _noise_share(column, known)
    effects, left_out = [], []
    for name in moved:
        others = {other: axes[other] for other in moved if other != name}
        found = _effect(name, axes[name], others, column.value[known], noise)
        if isinstance(found, str):
            left_out.append((name, found))
        else:
            effects.append(found)
    if not effects:
        raise InputError("results", dict(left_out), "no axis can be judged", "run more cells, moving one axis alone")
    if joined([column.side[i] for i in np.flatnonzero(known)]) != "two-sided":
        effects = [_of_a_bound(effect) for effect in effects]
    return Screen(quantity, tuple(sorted(effects, key=lambda e: -e.share)), noise, tuple(left_out))


def _effect(name: str, axis: Axis, others: Mapping[str, Axis], y: Array, noise: float) -> AxisEffect | str:
    """One axis among the cells that have an entry for it, or why nothing can be said of it."""
    words = axis.dtype.kind != "f"
    here = axis != "" if words else np.isfinite(axis)
    if np.unique(axis[here]).size < 2:
        return "one entry where it has any"
    ranks = _centred(rankdata(y[here]))
    own = _columns(axis[here])
    taken = _basis(np.column_stack([np.ones(ranks.size), *(_columns(other[here]) for other in others.values())]))
    alone = _basis(own - taken @ (taken.T @ own))
    moved, left = alone.shape[1], ranks - taken @ (taken.T @ ranks)
    freedom = ranks.size - taken.shape[1] - moved
    if moved == 0:
        return "moves with other axes, not to be told apart"
    if freedom < 2:
        return f"{ranks.size} cells for {taken.shape[1] + moved} unknowns"
    total = float(left @ left)
    if total < ROUNDING**2 * float(ranks @ ranks):
        return "the other axes explain all"
    found = float(np.sum((alone.T @ left) ** 2)) / total
    share = max(0.0, 1.0 - (1.0 - found) * (freedom + moved) / freedom)
    noisy = noise * float(ranks @ ranks) * (freedom + moved) / (ranks.size - 1) / total
    correlation = None
    if not words:
        r = float(np.sqrt(min(found, 1.0))) * float(np.sign((own.T @ (alone @ (alone.T @ left)))[0]))
        error = (1.0 - r * r) * float(np.sqrt((1.0 + r * r / 2.0) / (freedom - 1)))
        correlation = Estimate(r, error, ranks.size)
    chance = _by_chance(left, taken, alone, found, _alike([other[here] for other in others.values()], ranks.size))
    return AxisEffect(name, share, correlation, chance, float(np.sqrt(max(0.0, 1.0 - noisy))), ranks.size)


def _of_a_bound(effect: AxisEffect) -> AxisEffect:
    if effect.correlation is None:
        return effect
    r = Estimate(effect.correlation.value, effect.correlation.stderr, effect.n, side="none", note="of a bound")
    return AxisEffect(effect.axis, effect.share, r, effect.probability, effect.shrunk, effect.n)


def _columns(axis: Axis) -> Array:
    """Ranks of a numeric axis over n, with a column that tells where it has no entry; one column for each word else."""
    if axis.dtype.kind != "f":
        return np.asarray(np.eye(codes_of(axis).max() + 1)[codes_of(axis)])
    there = np.isfinite(axis)
    ranks = np.zeros(axis.size)
    ranks[there] = _centred(rankdata(axis[there])) / axis.size
    return ranks[:, None] if np.all(there) else np.stack([ranks, there.astype(np.float64)], axis=1)


def _centred(x: Array) -> Array:
    return np.asarray(x - x.mean(), dtype=np.float64)


def _basis(columns: Array) -> Array:
    """An orthonormal basis of what columns of order one span; directions of rounding are none."""
    directions, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(directions[:, sizes > ROUNDING * np.sqrt(columns.shape[0])])


def _alike(others: Sequence[Axis], cells: int) -> NDArray[np.int64]:
    """The same number for cells that agree in all other axes, if that leaves half of them company; else for all."""
    every = np.zeros(cells, dtype=np.int64)
    codes = np.stack([every, *(codes_of(other) for other in others)], axis=1)
    group, count = np.unique(codes, axis=0, return_inverse=True, return_counts=True)[1:]
    group = group.ravel()
    return group if 2 * int(np.sum(count[group] > 1)) >= cells else every


def _by_chance(left: Array, taken: Array, alone: Array, found: float, group: NDArray[np.int64]) -> float:
    """How often residuals in a random order within groups, the other axes taken out again, show at least this share."""
    draw = np.random.Generator(np.random.Philox(SEED))
    ordered = np.argsort(group, kind="stable")
    larger = 0
    for start in range(0, PERMUTATIONS, BLOCK):
        turned = np.empty((min(BLOCK, PERMUTATIONS - start), left.size))
        turned[:, ordered] = left[np.argsort(group + draw.random(turned.shape), axis=1)]
        total = np.sum(turned**2, axis=1) - np.sum((turned @ taken) ** 2, axis=1)
        shares = np.sum((turned @ alone) ** 2, axis=1) / np.maximum(total, np.finfo(float).tiny)
        larger += int(np.sum(shares >= found - ROUNDING))
    return (1.0 + larger) / (1.0 + PERMUTATIONS)


def _noise_share(column: Column, known: NDArray[np.bool_]) -> float:
    """nu = 1/rho^2 - 1, with rho between the values and the values with the same noise once more.

    rho = 2 sin(pi r_ranks/6), which is exact for Gaussian values.
    """
    y, stderr = column.value[known], column.stderr[known]
    if not np.any(stderr > 0.0) or np.unique(y).size < 2:
        return 0.0
    draw = np.random.Generator(np.random.Philox(SEED)).standard_normal((REDRAWN, y.size))
    once, twice = _centred(rankdata(y)), rankdata(y + stderr * draw, axis=1)
    twice -= twice.mean(axis=1, keepdims=True)
    ranks = float(np.mean(twice @ once / (np.linalg.norm(twice, axis=1) * np.linalg.norm(once))))
    rho = 2.0 * np.sin(np.pi * max(ranks, 0.0) / 6.0)
    return float(min(1.0, 1.0 / max(rho, ROUNDING) ** 2 - 1.0))
