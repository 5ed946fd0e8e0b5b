"""The stationary density of one weight: its peaks, moments and entropy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicHermiteSpline, CubicSpline
from scipy.optimize import brentq
from scipy.special import entr

from ..markup import table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
ROUNDS, INSERTED = 3, 16
"""How often the places where a slope may vanish are looked at more closely, and by how many points."""
BLURRED = 1e-12
"""A slope below this share of the largest one near it is zero."""
SEEN, DRAWN = 1e-9, 400
"""Share of the largest density below which no peak is looked for; points of a figure."""


@dataclass(frozen=True, eq=False, repr=False)
class WeightDensity:
    r"""p(w), int p dw = 1, at the points of a quadrature, and where it is highest.

    w, p: (point,), increasing, and the density there; measure: (point,), so that sum(measure p f(w)) is <f>;
    cumulative: (point,), int p up to each. modes: (mode,), where p has a maximum, a bound included, and heights, p
    there; troughs: (mode - 1,), the minima in between. error: the largest change of mean, standard deviation and
    entropy from half as many points, absolute. low, high: the bounds, where no probability passes (or -inf, inf).
    """

    w: Array
    p: Array
    measure: Array
    cumulative: Array
    modes: Array
    heights: Array
    troughs: Array
    low: float
    high: float
    error: float
    name: str = "weight"

    @property
    def bimodal(self) -> bool:
        """Whether there are two modes or more."""
        return self.modes.size >= 2

    @property
    def mean(self) -> float:
        """<w>."""
        return float(self.measure @ (self.p * self.w))

    @property
    def variance(self) -> float:
        """<w^2> - <w>^2."""
        return float(self.measure @ (self.p * (self.w - self.mean) ** 2))

    @property
    def std(self) -> float:
        """The square root of the variance."""
        return float(np.sqrt(self.variance))

    @property
    def entropy(self) -> float:
        """S = -int p ln p dw, in nats (of the density: it depends on the unit of the weight)."""
        return float(self.measure @ entr(self.p))

    @property
    def dip(self) -> float:
        """1 - (density in the deepest trough) / (lower of the peaks beside it): 0 of one mode, 1 of two apart."""
        if not self.bimodal:
            return 0.0
        depths = self.density(self.troughs) / np.minimum(self.heights[1:], self.heights[:-1])
        return float(1.0 - depths.min())

    def density(self, weights: ArrayLike) -> Array:
        """p at any weights, by a cubic spline of ln p; 0 outside the bounds and where w was not resolved."""
        x = np.asarray(weights, dtype=np.float64)
        w, first = np.unique(self.w, return_index=True)  # next to a bound that is not 0, points may fall on each other
        p = self.p[first]
        w, p = w[p > 0.0], p[p > 0.0]
        inside = (x >= self.low) & (x <= self.high)
        near = (x >= w[0]) & (x <= w[-1])
        # the outermost points lie within 1e-9 of a bound
        at = np.clip(x, w[0], w[-1])
        bounded = inside & (near | np.isfinite(np.where(x < at, self.low, self.high)))
        return np.where(bounded, np.exp(CubicSpline(w, np.log(p))(at)), 0.0)

    def cdf(self, weights: ArrayLike) -> Array:
        """int p up to any weights."""
        x = np.asarray(weights, dtype=np.float64)
        w, first = np.unique(self.w, return_index=True)
        spline = CubicHermiteSpline(w, self.cumulative[first], self.p[first])
        found = np.clip(spline(np.clip(x, self.w[0], self.w[-1])), 0.0, 1.0)
        return np.where(x <= self.w[0], 0.0, np.where(x >= self.w[-1], 1.0, found))

    def quantile(self, probabilities: ArrayLike) -> Array:
        """The weights below which these shares lie."""
        return np.asarray(np.interp(np.asarray(probabilities, dtype=np.float64), self.cumulative, self.w))

    def plot(self, ax: Axes | None = None) -> Axes:
        """p over w, its modes as dots; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import SERIES

        seen = self.w[self.p > 1e-5 * self.heights.max()]
        w = np.linspace(seen[0], seen[-1], DRAWN)
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, w, self.density(w), "weight", "density")
            ax.plot(self.modes, self.heights, "o", color=SERIES[0][0], markersize=4.5)
            ax.set_ylim(bottom=0.0)
        return ax

    def _told(self) -> tuple[tuple[str, str], ...]:
        peaks = ", ".join(f"{mode:.5g}" for mode in self.modes)
        return (
            ("mean", f"{self.mean:.6g}"),
            ("std", f"{self.std:.6g}"),
            ("entropy", f"{self.entropy:.6g} nats"),
            ("modes" if self.bimodal else "mode", f"at {peaks}"),
            ("error", f"{self.error:.1g}"),
        )

    def _repr_html_(self) -> str:
        return table(f"WeightDensity of {self.name}", self._told())

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {text}" for name, text in self._told())
        return f"WeightDensity of {self.name}: {told}"


def turning_points(slope: Function, grid: Array, ends: tuple[bool, bool]) -> tuple[Array, Array]:
    """Maxima and minima of a function with this slope: roots where it falls, or rises, through 0.

    grid: where to look, then more closely where the slope changes sign or comes near to 0. ends: whether the first
    and the last point are bounds, where the function may be largest too.
    """
    x, s = grid, slope(grid)
    for _ in range(ROUNDS):
        near = np.zeros(x.size - 1, dtype=bool)
        near |= np.sign(s[1:]) != np.sign(s[:-1])
        left, here, right = np.abs(s[:-2]), np.abs(s[1:-1]), np.abs(s[2:])
        small = np.flatnonzero((here <= left) & (here <= right) & (here < np.maximum(left, right))) + 1
        near[small - 1] = near[small] = True
        some = np.flatnonzero(near)
        between = np.arange(1, INSERTED) / INSERTED
        more = (x[some, None] + (x[some + 1] - x[some])[:, None] * between).ravel()
        x = np.unique(np.concatenate([x, more]))
        s = slope(x)
    clear = np.abs(s) > BLURRED * np.max(np.abs(s), initial=0.0)
    x, s = x[clear], s[clear]
    if x.size == 0:
        return grid[:0], grid[:0]
    fine = 1e-15 * float(grid[-1] - grid[0])
    maxima: list[float] = []
    minima: list[float] = []
    for i in np.flatnonzero(np.sign(s[1:]) != np.sign(s[:-1])):
        root = brentq(lambda at: float(slope(np.array([at]))[0]), x[i], x[i + 1], xtol=fine)
        (maxima if s[i] > 0.0 else minima).append(float(root))
    if ends[0] and s[0] < 0.0:
        maxima.insert(0, float(grid[0]))
    if ends[1] and s[-1] > 0.0:
        maxima.append(float(grid[-1]))
    return np.array(maxima), np.array(minima)
