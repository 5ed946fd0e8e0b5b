"""Two sets of results cell by cell: every difference in its own standard errors, and what chance would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import expm1, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi_squared
from scipy.stats import norm

from ..errors import InputError
from ..markup import table
from .cell_sigmas import ABSENT, ALARM, APART, COMPARED, KINDS, SAME, UNLIKELY, judged
from .plain_table import text_table
from .result_columns import Axis, Point, axes_of, named, points_of, quantities_of, varying

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SHOWN = 20


@dataclass(frozen=True)
class DifferentCell:
    """One quantity of one cell: value, error and side in a and in b, z = (b - a)/error, and how it was compared."""

    cell: str
    quantity: str
    a: tuple[float, float, str]
    b: tuple[float, float, str]
    z: float
    kind: str


@dataclass(frozen=True)
class QuantityDifference:
    """One quantity over all cells that could be compared in sigmas: n, the largest |z|, chi2 = sum z^2 of n.

    shift: sum z/sqrt(n), itself a standard normal number if nothing has changed; probability: of so large a chi2.
    """

    quantity: str
    n: int
    largest: float
    shift: float
    chi2: float

    @property
    def probability(self) -> float:
        """That equal results differ as much."""
        return float(chi_squared.sf(self.chi2, self.n)) if self.n else 1.0

    @property
    def alarm(self) -> bool:
        """Whether the cells differ together: |shift| > 5, or a chi2 of a probability below 5.7e-7."""
        return abs(self.shift) > ALARM or self.probability < UNLIKELY


@dataclass(frozen=True, repr=False)
class Difference:
    """Results a and b: z and kind (an index of KINDS), (cell, quantity) each, of the cells that both have.

    values: (a | b, cell, quantity), stderr and side likewise. only_a, only_b: cells of one alone. same_key: cells with
    the same random numbers in both; same_maker: cells that the same versions computed. verdicts: cell, verdict in a and
    in b where they differ.
    """

    quantities: tuple[str, ...]
    cells: tuple[str, ...]
    z: Array
    kind: NDArray[np.int64]
    values: Array
    stderr: Array
    side: NDArray[np.str_]
    same_key: NDArray[np.bool_]
    same_maker: NDArray[np.bool_]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    verdicts: tuple[tuple[str, str, str], ...]

    @property
    def compared(self) -> int:
        """How many numbers were compared in sigmas."""
        return int(np.sum(self.kind == COMPARED))

    @property
    def largest(self) -> float:
        """The largest |z|; infinite where exact values differ or one number is missing."""
        return float(np.abs(self.z).max(initial=0.0))

    @property
    def expected(self) -> float:
        """The median of the largest of so many |z| by chance (Sidak); less where they are correlated."""
        return sidak_largest(self.compared)

    @property
    def probability(self) -> float:
        """That the largest of so many |z| is as large by chance, 1 - (1 - p)^n; less where they are correlated."""
        p = float(2.0 * norm.sf(self.largest))
        return -expm1(self.compared * log1p(-p)) if p < 1.0 else 1.0

    @property
    def changed_bits(self) -> int:
        """How many numbers of the same random numbers are not the same to the last bit."""
        return int(np.sum(self._changed))

    @property
    def broken_bits(self) -> int:
        """How many of them although the same versions computed both: alarms."""
        return int(np.sum(self._changed & self.same_maker[:, None]))

    @property
    def far(self) -> int:
        """How many numbers are more than 5 standard errors apart: alarms."""
        return int(np.sum(np.abs(self.z) > ALARM))

    @property
    def together(self) -> tuple[str, ...]:
        """The quantities whose cells differ together, by their shift or their chi2: alarms."""
        return tuple(s.quantity for s in self.summaries if s.alarm)

    @property
    def nothing(self) -> bool:
        """Whether no number of a could be compared with one of b: an alarm."""
        return not np.any((self.kind != APART) & (self.kind != ABSENT))

    @property
    def alarms(self) -> int:
        """How many alarms there are, each reason counted by itself; 0 if a and b agree."""
        return self.far + len(self.together) + self.broken_bits + self.nothing

    @property
    def _changed(self) -> NDArray[np.bool_]:
        told = (self.kind != SAME) & (self.kind != ABSENT)
        return np.asarray(told & self.same_key[:, None])

    @property
    def summaries(self) -> tuple[QuantityDifference, ...]:
        """Each quantity that was compared, over its cells."""
        found = []
        for j, name in enumerate(self.quantities):
            z = self.z[self.kind[:, j] == COMPARED, j]
            if z.size:
                shift = float(z.sum() / np.sqrt(z.size))
                found.append(QuantityDifference(name, z.size, float(np.abs(z).max()), shift, float(z @ z)))
        return tuple(found)

    def rows(self, most: int = SHOWN) -> Iterator[DifferentCell]:
        """The numbers with the largest |z|, at most so many, the largest first."""
        size = np.abs(self.z).ravel()
        for place in np.argsort(-size, kind="stable")[:most]:
            i, j = divmod(int(place), len(self.quantities))
            if not size[place] > 0.0:
                return
            a, b = ((float(self.values[k, i, j]), float(self.stderr[k, i, j]), str(self.side[k, i, j])) for k in (0, 1))
            kind = KINDS[self.kind[i, j]]
            yield DifferentCell(self.cells[i], self.quantities[j], a, b, float(self.z[i, j]), kind)

    def plot(self, ax: Axes | None = None) -> Axes:
        """z of every number compared, a line per quantity; 5 standard errors are marked."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, SERIES, dress

        names = [s.quantity for s in self.summaries]
        with house_style():
            ax = axes_or_new(ax, (5.0, 1.2 + 0.25 * len(names)))
            for place, name in enumerate(names):
                j = self.quantities.index(name)
                z = self.z[self.kind[:, j] == COMPARED, j]
                ax.plot(z, np.full(z.size, -place), ".", color=SERIES[0][0], markersize=4.0)
            for limit in (-ALARM, 0.0, ALARM):
                ax.axvline(limit, color=MUTED, linewidth=1.0, linestyle="-" if limit == 0.0 else "--")
            ax.set_yticks(-np.arange(len(names), dtype=np.float64), names)
            ax.set_xlabel("(b - a) / standard error")
            dress(ax)
        return ax

    @property
    def sentence(self) -> str:
        """What was compared and what came out."""
        same = int(np.sum(self.kind == SAME))
        text = f"{len(self.cells)} cells in both; {same} numbers the same to the last bit, {self.compared} compared"
        if self.compared:
            text += (
                f"; largest |z| {self.largest:.2f}, by chance {self.expected:.2f} (probability {self.probability:.2g})"
            )
        said = [f"{self.far} beyond {ALARM:g} sigma"] if self.far else []
        if self.together:
            said.append(f"all cells together of {', '.join(self.together)}")
        if self.broken_bits:
            said.append(f"{self.broken_bits} numbers changed although random numbers and versions did not")
        if said:
            text += f"; {'; '.join(said)}: THEY DIFFER"
        if self.nothing:
            text += "; NOTHING COULD BE COMPARED"
        if self.changed_bits > self.broken_bits:
            changed = self.changed_bits - self.broken_bits
            text += f"; {changed} numbers changed although their random numbers did not: other versions made them"
        for word, which in (("a", self.only_a), ("b", self.only_b)):
            if which:
                text += f"; cells only in {word}: {len(which)}"
        if self.verdicts:
            text += f"; verdicts changed: {len(self.verdicts)}"
        return text

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [s.quantity, str(s.n), f"{s.largest:.2f}", f"{s.shift:+.2f}", f"{s.chi2:.1f}", f"{s.probability:.2g}"]
            for s in self.summaries
        ]
        return ["quantity", "cells", "largest |z|", "shift", "chi2", "probability"], rows

    def __repr__(self) -> str:
        table = f"\n{text_table(*self._cells())}" if self.compared else ""
        return f"{self.sentence}{table}"

    def _repr_html_(self) -> str:
        heads, rows = self._cells()
        return table(self.sentence, rows, heads)


def sidak_largest(n: int) -> float:
    """z with (1 - 2 Phi(-z))^n = 1/2: the median of the largest |z| of n independent standard normal numbers.

    >>> round(sidak_largest(1), 3), round(sidak_largest(1000), 3)
    (0.674, 3.392)
    """
    return float(norm.isf(-0.5 * expm1(log1p(-0.5) / n))) if n > 0 else 0.0


def compare_results(a: xarray.Dataset, b: xarray.Dataset) -> Difference:
    r"""z = (y_b - y_a)/sqrt(s_a^2 + s_b^2) of every quantity of every cell that both results have.

    a, b: what ``sz.load`` returns. Cells belong together if all parameters that both name are equal. Errors count as
    independent, as they are under another number of replicas or another seed; a seed may draw other patterns too, and
    what knows them then differs in truth. Under the same key, so with the same random numbers, a quantity must
    be the same to the last bit: if it is not, z understates, and ``changed_bits`` counts it.

    Sides: what has the same side in both is compared as it is. An estimate beside a bound, or two bounds of opposite
    sides, are not comparable, unless the lower exceeds the upper by more than 5 standard errors: then they exclude each
    other and z is that excess. Where one has no side at all nothing is said. Exact values are equal to rounding (1e-9
    relative) or z is infinite, as it is where one has a number and the other none. A residual that is zero to rounding
    must be so in both. ``margin`` is in sigmas of others and told by them.

    ``alarms`` counts what chance does not do: a number with |z| > 5; a quantity with |shift| > 5 or a chi2 of a
    probability below 5.7e-7; a number that is not the same to the last bit although key and versions (``made_by``) are;
    and nothing that could be compared, as without a cell in common. Equal studies of n numbers in q quantities give a
    false alarm with a probability of at most 5.7e-7 (n + 2 q), however the numbers of one cell are correlated; cells
    are not. That is so for errors that are right. The shift also adds up biases, which are of the order 1/replicas: of
    432 cells 60 replicas against 300 gave shifts of up to 3.8, and 300 against 400 of up to 1.8. Changed verdicts are
    told and are no alarm: a verdict turns where a margin passes 2 or 5 standard errors, which equal studies do by
    chance; what makes it turn is in the numbers. Nor are cells of one alone, as of a study that has grown. The largest
    |z| by chance is that of independent numbers.

    Raises InputError if a or b are no results, if cells of one cannot be told apart by the parameters of both, or if no
    quantity is in both.

    Z. Sidak, J. Am. Stat. Assoc. 62, 626 (1967).

    >>> import xarray as xr
    >>> def measured(cost):
    ...     sides = ["two-sided", "two-sided"]
    ...     data = {"cost": ("cell", cost), "cost_stderr": ("cell", [0.1, 0.2]), "cost_side": ("cell", sides)}
    ...     return xr.Dataset(data, {"temperature": ("cell", [0.5, 1.0])})
    >>> compare_results(measured([1.0, 4.0]), measured([1.1, 3.8]))
    2 cells in both; 0 numbers the same to the last bit, 2 compared; largest |z| 0.71, by chance 1.05 (probability 0.73)
    quantity  cells  largest |z|  shift  chi2  probability
    cost      2      0.71         +0.00  1.0   0.61
    """
    axes = axes_of(a), axes_of(b)
    quantities = tuple(q for q in quantities_of(a) if q in quantities_of(b))
    if not quantities:
        raise InputError("b", ", ".join(quantities_of(b)), "has no quantity of a", "compare results of like studies")
    names = [name for name in axes[0] if name in axes[1]]
    places = _places("a", axes[0], names), _places("b", axes[1], names)
    both = [point for point in places[0] if point in places[1]]
    chosen = [(results, [place[point] for point in both]) for results, place in zip((a, b), places, strict=True)]

    def pair(name: str) -> NDArray[Any]:
        return np.stack([np.asarray(results[name].values)[cells] for results, cells in chosen])

    value, stderr, side = (
        np.stack([pair(f"{q}{end}") for q in quantities], axis=-1) for end in ("", "_stderr", "_side")
    )

    def equal(name: str) -> NDArray[np.bool_]:
        known = all(name in results for results in (a, b))
        return np.asarray(np.equal(*pair(name)) if known else np.zeros(len(both)), dtype=np.bool_)

    same_key = equal("key")
    z, kind = judged(value, stderr, side, quantities, same_key)
    told = varying({name: np.concatenate([axis[name] for axis in axes]) for name in names})
    label = {point: _label(point, names, told) for place in places for point in place}
    verdicts = []
    if "verdict" in a and "verdict" in b:
        verdicts = [(label[p], str(x), str(y)) for p, x, y in zip(both, *pair("verdict"), strict=True) if x != y]
    only_a, only_b = ([label[p] for p in mine if p not in other] for mine, other in (places, places[::-1]))
    return Difference(
        quantities, tuple(label[p] for p in both), z, kind, value, stderr, side, same_key,
        equal("made_by"), tuple(only_a), tuple(only_b), tuple(verdicts),
    )  # fmt: skip


def _places(which: str, axes: Mapping[str, Axis], names: Sequence[str]) -> dict[Point, int]:
    """Where the cell with these parameters is."""
    found: dict[Point, int] = {}
    for i, point in enumerate(points_of(axes, names)):
        if found.setdefault(point, i) != i:
            got = _label(point, names, names)
            raise InputError(which, got, "has several cells with these parameters", "choose one value of every other")
    return found


def _label(point: Point, names: Sequence[str], told: Sequence[str]) -> str:
    return named({name: value for name, value in zip(names, point, strict=True) if name in told})
