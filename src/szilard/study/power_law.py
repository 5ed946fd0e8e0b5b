"""A power law through measured points: its exponent with its error, and how well a power fits at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2 as chi_squared

from ..errors import InputError
from ..estimate import Estimate
from ..markup import table_of_fields

Array = NDArray[np.float64]
DIGITS = 12
"""Of an exponent of exact values: the rest is rounding."""


@dataclass(frozen=True)
class PowerFit:
    """y = e^offset x^exponent; chi2 of dof = points - 2 degrees of freedom."""

    exponent: Estimate
    offset: float
    chi2: float
    dof: int

    @property
    def per_dof(self) -> float:
        """chi2/dof, NaN for two points."""
        return self.chi2 / self.dof if self.dof > 0 else float("nan")

    @property
    def probability(self) -> float:
        """That points on a power law lie as far from it as these; 1 for two points."""
        return float(chi_squared.sf(self.chi2, self.dof)) if self.dof > 0 else 1.0

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def power_fit(x: ArrayLike, y: ArrayLike, stderr: ArrayLike) -> PowerFit:
    r"""min over a, b of sum_i (ln y_i - a - b ln x_i)^2 w_i,  w = (y/stderr)^2,  var b = 1/sum w (ln x - <ln x>)^2.

    x, y, stderr: (point,), all > 0, two points or more at different x. The logarithm of an estimate is biased by half
    its squared relative error, which is far below the error itself. Raises InputError else.

    >>> power_fit([1.0, 2.0, 4.0], [3.0, 12.0, 48.0], [0.03, 0.12, 0.48]).exponent
    2.000 +- 0.010
    """
    points = [np.asarray(values, dtype=np.float64) for values in (x, y, stderr)]
    if len({p.shape for p in points}) != 1 or points[0].ndim != 1 or np.unique(points[0]).size < 2:
        got = [p.shape for p in points]
        raise InputError("x, y, stderr", got, "must be (point,) at two x or more", "one y and error for each x")
    if not all(np.all(np.isfinite(p)) and np.all(p > 0.0) for p in points):
        raise InputError("x, y, stderr", "a number that is not > 0", "a power law has a logarithm", "more replicas")
    at, height, weight = np.log(points[0]), np.log(points[1]), (points[1] / points[2]) ** 2
    middle, level = np.average(at, weights=weight), np.average(height, weights=weight)
    spread = float(weight @ (at - middle) ** 2)
    slope = float(weight @ ((at - middle) * (height - level))) / spread
    offset = float(level - slope * middle)
    chi2 = float(weight @ (height - offset - slope * at) ** 2)
    return PowerFit(Estimate(slope, spread**-0.5), offset, chi2, at.size - 2)


def slope_beside(x: ArrayLike, exact: ArrayLike, y: ArrayLike, stderr: ArrayLike) -> float:
    """The exponent of exact values at the same points with the weights of the measured ones."""
    exact, y = np.asarray(exact, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weighted = power_fit(x, exact, exact * np.asarray(stderr, dtype=np.float64) / y)
    return round(weighted.exponent.value, DIGITS)
