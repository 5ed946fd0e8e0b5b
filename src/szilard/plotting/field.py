"""A density over the plane and the current through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import INK, MUTED, PAPER, SERIES, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

Array = NDArray[np.float64]
ARROWS = 15
"""The most arrows along each axis."""
SHADES = (PAPER, "#d5e3ee", "#8fb3d0", "#3f6f9c", "#23415e")
FAINT = 0.08
"""Of the longest arrow: what is shorter would be a dot."""


def current_field(ax: Axes, x: ArrayLike, y: ArrayLike, density: ArrayLike, jx: ArrayLike, jy: ArrayLike) -> None:
    """p(x, y) as shading, J = (jx, jy) as arrows along the current, of lengths in proportion to |J|.

    x: (nx,) and y: (ny,), increasing; density, jx, jy: (nx, ny), density >= 0 in 1/(unit of x times unit of y), jx and
    jy in that times the unit of x or y per time. At most 15 x 15 arrows, each centred where its current was given; the
    longest spans 1.3 of the distance to the next, and those under 8 % of it are left out.
    Raises InputError for shapes that do not fit, values that are not finite, densities below 0.
    """
    from matplotlib.colors import LinearSegmentedColormap

    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    p, u, v = (np.asarray(f, dtype=np.float64) for f in (density, jx, jy))
    _check(a, b, p, u, v)
    shades = LinearSegmentedColormap.from_list("density", SHADES)
    mesh = ax.pcolormesh(a, b, p.T, cmap=shades, vmin=0.0, shading="gouraud", rasterized=True, zorder=0)
    if p.max() > 0.0:
        levels = p.max() * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
        ax.contour(a, b, p.T, levels=levels, colors=PAPER, linewidths=points(0.6), zorder=1)
    rows, columns = _spread(a), _spread(b)
    at = np.ix_(rows, columns)
    # arrows turn with the axes: their lengths are compared in spacings, not in units of x and y
    step = np.array([np.ptp(a) / max(rows.size - 1, 1), np.ptp(b) / max(columns.size - 1, 1)])
    size = np.hypot(u[at] / step[0], v[at] / step[1])
    longest = float(size.max())
    if longest > 0.0:
        seen = size > FAINT * longest
        X, Y = np.meshgrid(a[rows], b[columns], indexing="ij")
        ax.quiver(
            X[seen], Y[seen], u[at][seen], v[at][seen], angles="xy", scale_units="xy", scale=longest / 1.3,
            pivot="middle", color=SERIES[1][0], width=0.005, headwidth=3.4, headlength=3.8, headaxislength=3.4,
            minlength=0.2, zorder=3,
        )  # fmt: skip
    ax.set_xlim(a[0], a[-1])
    ax.set_ylim(b[0], b[-1])
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    dress(ax)
    key(ax, mesh, "density")


def key(ax: Axes, shaded: ScalarMappable, label: str, extend: str = "neither") -> None:
    """A bar beside the Axes that says what the shades mean."""
    bar = ax.figure.colorbar(shaded, ax=ax, extend=extend, pad=0.02, aspect=30)
    bar.set_label(label, color=INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(color=MUTED, labelcolor=INK, width=points(0.8))


def _spread(values: Array) -> NDArray[np.int64]:
    """Up to 15 places, spread evenly, without the rim."""
    if values.size <= ARROWS:
        return np.arange(values.size)
    return np.unique(np.round((np.arange(ARROWS) + 0.5) * (values.size - 1) / ARROWS).astype(np.int64))


def _check(a: Array, b: Array, p: Array, u: Array, v: Array) -> None:
    if a.ndim != 1 or b.ndim != 1 or min(a.size, b.size) < 2:
        raise InputError(
            "x", f"{a.shape} and {b.shape}", "x and y are one-dimensional, of 2 points or more", "linspace"
        )
    for name, values in (("density", p), ("jx", u), ("jy", v)):
        if values.shape != (a.size, b.size):
            rule = f"must have shape (x, y) = {(a.size, b.size)}"
            raise InputError(name, values.shape, rule, "use np.meshgrid(x, y, indexing='ij')")
    for name, values in (("x", a), ("y", b), ("density", p), ("jx", u), ("jy", v)):
        if not np.all(np.isfinite(values)):
            raise InputError(name, "not finite", "must be finite", "replace NaN and infinity")
    for name, values in (("x", a), ("y", b)):
        if np.any(np.diff(values) <= 0.0):
            raise InputError(name, "not in order", "must increase", "np.linspace(low, high, 60)")
    if np.any(p < 0.0):
        raise InputError("density", float(p.min()), "must be >= 0", "clip what is rounding")
