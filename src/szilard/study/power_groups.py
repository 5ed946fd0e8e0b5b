"""With which power a quantity of a study grows along one axis, in every group of cells that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ..errors import InputError
from ..estimate import Estimate
from ..markup import table
from .plain_table import text_table
from .power_law import PowerFit, power_fit
from .result_columns import Column, Point, axes_of, column_of, joined, named, points_of, varying

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
UNLIKELY = 0.003
"""The probability of so large a chi2 below which no power law is said to fit: 3 sigma."""
FEWEST = 3
CLEAR = 4.0
"""Standard errors of one point, at least, that tell the sign and start the fit."""
EXACT = 1e-9
"""The scatter of exact values about a power, in their logarithm, that counts as rounding."""
LARGEST = 700.0


@dataclass(frozen=True)
class GroupPower:
    """One group: what its cells share (``group``), sign y = e^offset x^exponent, and its points (point,).

    fit: its exponent has an infinite error and side "none" where no power law fits; ends: the exponents between the
    first two and the last two points, None where one of the two is not 4 standard errors from zero.
    """

    group: str
    fit: PowerFit
    sign: float
    x: Array
    y: Array
    stderr: Array
    ends: tuple[Estimate | None, Estimate | None]

    @property
    def fits(self) -> bool:
        """Whether a power law describes the points."""
        return self.fit.probability >= UNLIKELY

    @property
    def verdict(self) -> str:
        """A power law, or between which local exponents the points bend."""
        if self.fits:
            return "of a bound" if self.fit.exponent.side == "none" else "a power law"
        first, last = (f"{end.value:.2f}" if end is not None else "?" for end in self.ends)
        return f"no power law: from {first} to {last}"


@dataclass(frozen=True, repr=False)
class Exponents:
    """The exponents of ``quantity`` along ``against`` in every group; iterate over them. left_out: group and reason."""

    quantity: str
    against: str
    units: str
    groups: tuple[GroupPower, ...]
    left_out: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[GroupPower]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Points with two standard errors and the power laws that fit them, on logarithmic axes.

        Negative quantities are drawn by their size; points that are not above zero have no place and are left out.
        """
        from ..plotting import axes_or_new, house_style
        from ..plotting.powers import power_lines

        with house_style():
            ax = axes_or_new(ax)
            power_lines(ax, [(g.group, g.x, g.sign * g.y, g.stderr, *_line(g)) for g in self.groups])
            ax.set_xlabel(self.against)
            ax.set_ylabel(f"{self.quantity} ({self.units})")
        return ax

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = []
        for g in self.groups:
            exponent = f"{g.fit.exponent!r}" if g.fits else f"({g.fit.exponent.value:.3f})"
            quality = f"{g.fit.chi2:.3g} / {g.fit.dof}, {g.fit.probability:.2g}"
            rows.append([g.group, exponent, str(g.x.size), quality, g.verdict])
        rows += [[group, "", "", "", f"left out: {why}"] for group, why in self.left_out]
        return ["group", "exponent", "points", "chi2 / dof, probability", ""], rows

    def __repr__(self) -> str:
        return f"{self.quantity} ~ {self.against}^b\n{text_table(*self._cells())}"

    def _repr_html_(self) -> str:
        heads, rows = self._cells()
        return table(f"{self.quantity} ~ {self.against}^b", rows, heads)


def exponents(results: xarray.Dataset, quantity: str, against: str) -> Exponents:
    r"""min over a, b of sum_i (y_i - e^a x_i^b)^2 / s_i^2 in every group of cells that differ in ``against`` alone.

    results: what ``sz.load`` returns; quantity: with its standard errors s; against: a numeric axis. A group needs
    three different x > 0. The sum is of the values themselves: a point that noise has made negative still counts, and
    nothing is chosen by what was measured. Where y is negative throughout, the power is of -y.

    The error of b is that of the fit, never widened. If the probability of so large a chi2 is below 0.003, no power
    law fits and b is refused: its error is infinite, its side "none", and the exponents between the first and the last
    two points stand in its place. Of bounds b bounds nothing: side "none". Exact values (no standard errors) must lie
    on a power to rounding. Cells without a value or with x <= 0 are left out, and with the reason groups of fewer than
    three x; groups in which fewer than two x have a value 4 standard errors from zero, or such values of both signs;
    exact values among sampled ones.

    Raises InputError if the quantity or the axis is not there, or the axis has no numbers.

    >>> import xarray as xr
    >>> rates, cost = [0.5, 1.0, 2.0, 4.0], [0.26, 0.99, 4.05, 15.8]
    >>> errors, sides = [0.01, 0.02, 0.05, 0.2], ["two-sided"] * 4
    >>> measured = {"cost": ("cell", cost), "cost_stderr": ("cell", errors), "cost_side": ("cell", sides)}
    >>> exponents(xr.Dataset(measured, {"learning_rate": ("cell", rates)}), "cost", "learning_rate")
    cost ~ learning_rate^b
    group  exponent        points  chi2 / dof, probability
    all    1.986 +- 0.014  4       2.25 / 2, 0.33           a power law
    """
    axes, column = axes_of(results), column_of(results, quantity)
    if against not in axes or axes[against].dtype.kind != "f":
        known = ", ".join(name for name, axis in axes.items() if axis.dtype.kind == "f")
        raise InputError("against", against, f"must be a numeric axis: {known}", "name one")
    others = {name: axis for name, axis in axes.items() if name != against}
    apart = varying(others)
    cells: dict[Point, list[int]] = {}
    for i, point in enumerate(points_of(axes, apart)):
        cells.setdefault(point, []).append(i)
    groups: list[GroupPower] = []
    left_out: list[tuple[str, str]] = []
    for point, here in cells.items():
        name = named(dict(zip(apart, point, strict=True)))
        found = _fitted(name, axes[against], column, np.array(here))
        if isinstance(found, str):
            left_out.append((name, found))
        else:
            groups.append(found)
    return Exponents(quantity, against, column.units, tuple(groups), tuple(left_out))


def _fitted(name: str, at: Array, column: Column, here: NDArray[np.int64]) -> GroupPower | str:
    """The power of one group, or why it has none."""
    kept = here[column.known[here] & (at[here] > 0.0) & np.isfinite(at[here])]
    kept = kept[np.argsort(at[kept], kind="stable")]
    x, y, stderr = at[kept], column.value[kept], column.stderr[kept]
    if np.unique(x).size < FEWEST:
        return f"{np.unique(x).size} of the {FEWEST} points that a power law needs"
    if np.any(stderr == 0.0) and np.any(stderr > 0.0):
        return "exact values among sampled ones"
    clear = np.abs(y) > CLEAR * stderr
    if np.unique(x[clear]).size < 2:
        return "too noisy"
    if np.unique(np.sign(y[clear])).size > 1:
        return "both signs"
    sign = float(np.sign(y[clear][0]))
    fit = _exact_power(x, sign * y) if stderr[0] == 0.0 else _sampled_power(x, sign * y, stderr, clear)
    if fit is None:
        return "too noisy"
    side = joined([column.side[i] for i in kept])
    known = replace(fit.exponent, side="two-sided" if side == "two-sided" else "none")
    if fit.probability < UNLIKELY:
        known = Estimate(fit.exponent.value, float("inf"), side="none", note=f"no power law: chi2 {fit.chi2:.3g}")
    ends = _local(x[:2], sign * y[:2], stderr[:2]), _local(x[-2:], sign * y[-2:], stderr[-2:])
    return GroupPower(name, replace(fit, exponent=known), sign, x, y, stderr, ends)


def _exact_power(x: Array, y: Array) -> PowerFit | None:
    """The power through exact values: no error, and chi2 infinite where they scatter about it."""
    if np.any(y <= 0.0):
        return None
    fit = power_fit(x, y, y)
    scatter = np.abs(np.log(y) - fit.offset - fit.exponent.value * np.log(x)).max()
    return PowerFit(Estimate.exact(fit.exponent.value), fit.offset, 0.0 if scatter < EXACT else float("inf"), fit.dof)


def _sampled_power(x: Array, y: Array, stderr: Array, clear: NDArray[np.bool_]) -> PowerFit | None:
    """Least squares of the values themselves, from the fit of the logarithms of those that are clear of zero."""
    start = power_fit(x[clear], y[clear], stderr[clear])
    at = np.log(x)

    def curve(p: Array) -> Array:
        return np.asarray(np.exp(np.minimum(p[0] + p[1] * at, LARGEST)))

    def slopes(p: Array) -> Array:
        return np.asarray(-(curve(p) / stderr)[:, None] * np.stack([np.ones_like(at), at], axis=1))

    found = least_squares(
        lambda p: (y - curve(p)) / stderr, [start.offset, start.exponent.value], slopes, x_scale="jac", xtol=1e-12
    )  # fmt: skip
    information = slopes(found.x).T @ slopes(found.x)
    if not found.success or not np.linalg.cond(information) < 1.0 / np.finfo(float).eps:
        return None
    error = float(np.sqrt(np.linalg.inv(information)[1, 1]))
    return PowerFit(Estimate(float(found.x[1]), error), float(found.x[0]), 2.0 * float(found.cost), x.size - 2)


def _local(x: Array, y: Array, stderr: Array) -> Estimate | None:
    """ln(y_2/y_1)/ln(x_2/x_1), where both are clear of zero."""
    if x[0] == x[1] or np.any(y <= CLEAR * stderr):
        return None
    wide = float(np.log(x[1] / x[0]))
    return Estimate(float(np.log(y[1] / y[0])) / wide, float(np.hypot(*(stderr / y))) / abs(wide))


def _line(g: GroupPower) -> tuple[Array, Array]:
    """The power law between the first and the last point; nothing where none fits."""
    x = np.geomspace(g.x[0], g.x[-1], 33) if g.fits else np.empty(0)
    return x, np.exp(g.fit.offset) * x**g.fit.exponent.value
