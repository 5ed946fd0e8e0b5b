"""What a number measured at several finite sizes becomes at infinite size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from ..errors import InputError
from ..estimate import Estimate, finite
from ..markup import table_of_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
UNLIKELY = 0.003
"""The probability of so large a chi^2 below which the powers are said not to fit: 3 sigma."""
POWERS = 2


@dataclass(frozen=True, repr=False)
class SizeLimit:
    """The value at infinite size, of a polynomial in 1/size fitted to estimates at ``sizes``.

    coefficients: (power,), of 1, 1/N, 1/N^2, .. chi2 and freedom: of the fit, probability that of a larger chi2.
    fits: False where even the last power tried leaves chi2 improbably large, or no freedom is left to tell: the limit
    is then inconclusive, its side "none" and its error infinite.
    """

    limit: Estimate
    coefficients: Array
    chi2: float
    freedom: int
    probability: float
    sizes: Array
    estimates: tuple[Estimate, ...]

    @property
    def fits(self) -> bool:
        """Whether the powers describe the estimates."""
        return self.freedom > 0 and self.probability >= UNLIKELY

    def plot(self, ax: Axes | None = None) -> Axes:
        """Estimates over 1/N, the fit, and the limit at 1/N = 0 unless it is inconclusive; two standard errors."""
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import INK, MUTED, SERIES

        x = np.linspace(0.0, 1.05 / float(self.sizes.min()), 101)
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, x, np.polynomial.polynomial.polyval(x, self.coefficients)[None, :], "1/size", "estimate")
            values, errors = np.array([(e.value, 2.0 * e.stderr) for e in self.estimates]).T
            ax.errorbar(1.0 / self.sizes, values, errors, fmt="o", color=INK, markersize=4.5, label="at each size")
            if self.fits:
                (colour, marker), limit = SERIES[1], self.limit
                error = 2.0 * limit.stderr
                ax.errorbar(0.0, limit.value, error, fmt=marker, color=colour, markersize=4.5, label="limit")
            ax.legend(labelcolor=MUTED)
        return ax

    def __repr__(self) -> str:
        verdict = "" if self.fits else " (inconclusive)"
        fit = (
            f"chi2 {self.chi2:.3g} for {self.freedom} degrees of freedom, order {self.coefficients.size - 1} in 1/size"
        )
        return f"SizeLimit: {self.limit!r}{verdict}, {fit}"

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def extrapolate(sizes: ArrayLike, estimates: Sequence[Estimate]) -> SizeLimit:
    r"""x(N) = a + b/N, and + c/N^2 where the line does not fit: a, by least squares weighted with 1/stderr^2.

    sizes: (size,), > 0; estimates: one per size, independent of each other, two-sided, with errors > 0. At least three
    sizes that differ, so that chi^2 can say whether the line fits (probability >= 0.003); if not and there are four
    sizes or more, the square is added. Where that does not fit either, or a size is missing to tell, the limit has
    side "none", an infinite error and a note: inconclusive. The error of a fit is that of its assumed powers: it says
    nothing of higher ones. Raises InputError for bad sizes, estimates with a side, or errors that are 0.

    >>> extrapolate([10, 20, 40], [Estimate(1.31, 0.01), Estimate(1.145, 0.01), Estimate(1.08, 0.01)])
    SizeLimit: 0.997 +- 0.012, chi2 0.875 for 1 degrees of freedom, order 1 in 1/size
    """
    n = finite(sizes, "sizes")
    _refuse(n, estimates)
    value = np.array([e.value for e in estimates])
    error = np.array([e.stderr for e in estimates])
    for order in range(1, min(POWERS, np.unique(n).size - 2) + 1):
        design = n[:, None] ** -np.arange(order + 1.0)
        found, residue, spread = _least_squares(design, value, error)
        freedom = n.size - order - 1
        probability = float(chi2.sf(residue, freedom))
        if probability >= UNLIKELY:
            limit = Estimate(float(found[0]), spread, sum(e.n for e in estimates), note=f"order {order} in 1/size")
            return SizeLimit(limit, found, residue, freedom, probability, n, tuple(estimates))
    note = f"inconclusive: powers of 1/size up to {order} do not fit, chi2 {residue:.3g}"
    limit = Estimate(float(found[0]), float("inf"), sum(e.n for e in estimates), side="none", note=note)
    return SizeLimit(limit, found, residue, freedom, probability, n, tuple(estimates))


def _least_squares(design: Array, value: Array, error: Array) -> tuple[Array, float, float]:
    """Coefficients, chi^2 and the standard error of the first."""
    scale = np.abs(design).max(axis=0)
    weighted = design / scale / error[:, None]
    found, *_ = np.linalg.lstsq(weighted, value / error, rcond=None)
    residue = float(np.sum((weighted @ found - value / error) ** 2))
    inverse = np.linalg.pinv(weighted)
    return found / scale, residue, sqrt(float(np.sum(inverse[0] ** 2))) / float(scale[0])


def _refuse(n: Array, estimates: Sequence[Estimate]) -> None:
    if np.any(n <= 0.0) or np.unique(n).size < 3:
        raise InputError("sizes", n, "must be > 0, at least three that differ", "sizes=[50, 100, 200]")
    if len(estimates) != n.size or not all(isinstance(e, Estimate) for e in estimates):
        fix = "from szilard.estimate import Sampled; Sampled.mean(x).estimate() of the samples x of each size"
        raise InputError("estimates", estimates, f"must be {n.size} of them, one per size", fix)
    if not all(0.0 < e.stderr < float("inf") for e in estimates):
        raise InputError("estimates", estimates, "must have errors > 0 and finite", "exact values need no weights")
    if not all(e.side == "two-sided" for e in estimates):
        raise InputError("estimates", estimates, "must be two-sided", "a bound has no limit that it estimates")
