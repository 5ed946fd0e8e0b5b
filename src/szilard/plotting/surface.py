"""A quantity over the plane of two others, with simulated points on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .field import key
from .style import FILLS, INK, PAPER, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
COLD, WARM = (FILLS["dissipation"].colour, "#7d9cbb"), ("#e9a276", FILLS["learned"].colour)
SHADES = (PAPER, "#dbe7f0", "#a9c4da", "#7da3c4", "#4f7ea9")
"""Light enough for lines and discs to be seen on the darkest."""
LEVELS = 8


def plane_map(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    values: ArrayLike,
    label: str,
    *,
    at: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    signed: bool = False,
    limit: float | None = None,
) -> None:
    r"""v(x, y) as shading with contour lines, and simulated values at (x, y) as discs in the same shades.

    x: (nx,) and y: (ny,), increasing; values: (nx, ny); label says what they are, on the key. at: (x, y, value), each
    (point,): a disc that vanishes in its ground agrees with it. signed: shades from blue below zero through white to
    orange, the same number either way, with the line of zero bold and what lies below hatched; otherwise from white at
    the least value to dark at the greatest. limit: shades end at this size; what lies beyond has the last one.
    Scales are those of the Axes: set them first. Raises InputError for shapes that do not fit, values that are not
    finite, x or y that do not increase, or a limit that is not > 0.
    """
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.ticker import MaxNLocator

    a, b, v = (np.asarray(each, dtype=np.float64) for each in (x, y, values))
    seen = [np.asarray(each, dtype=np.float64) for each in at] if at is not None else [np.empty(0)] * 3
    _check(a, b, v, seen)
    if limit is not None and not (np.isfinite(limit) and limit > 0.0):
        raise InputError("limit", limit, "must be finite and > 0", "leave it out")
    everything = np.concatenate([v.ravel(), seen[2]])
    top = float(np.max(np.abs(everything) if signed else everything)) if limit is None else float(limit)
    low = -top if signed else float(np.min(everything))
    top = top if top > low else low + 1.0
    shades = LinearSegmentedColormap.from_list("plane", [*COLD, PAPER, *WARM] if signed else SHADES)
    levels = MaxNLocator(2 * LEVELS if signed else LEVELS).tick_values(low, top)
    norm = Normalize(levels[0], levels[-1])
    ends = (bool(np.any(everything < levels[0])), bool(np.any(everything > levels[-1])))
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max"}.get(ends, "both")
    filled = ax.contourf(a, b, v.T, levels=levels, cmap=shades, norm=norm, extend=extend, zorder=0)
    if signed:
        below = ax.contourf(a, b, v.T, levels=[-np.inf, 0.0], colors="none", hatches=["////"], zorder=1)
        below.set(edgecolor=PAPER, linewidth=0.0)
        ax.contour(a, b, v.T, levels=[0.0], colors=INK, linewidths=points(1.4), zorder=2)
    ax.contour(a, b, v.T, levels=levels, colors=INK, linewidths=points(0.35), linestyles="solid", alpha=0.5, zorder=2)
    if seen[0].size:
        ax.scatter(
            seen[0], seen[1], c=seen[2], cmap=shades, norm=norm, s=points(6.0) ** 2, edgecolors=INK,
            linewidths=points(1.0), zorder=4,
        )  # fmt: skip
    dress(ax)
    key(ax, filled, label)


def _check(a: Array, b: Array, v: Array, seen: list[Array]) -> None:
    if a.ndim != 1 or b.ndim != 1 or min(a.size, b.size) < 2 or v.shape != (a.size, b.size):
        given = f"{a.shape}, {b.shape}, {v.shape}"
        raise InputError("values", given, "must have shape (x, y), at least 2 of each", "np.meshgrid, indexing='ij'")
    if len(seen) != 3 or len({each.shape for each in seen}) != 1 or seen[0].ndim != 1:
        shapes = [each.shape for each in seen]
        raise InputError("at", shapes, "must be x, y and value of every point", "give three arrays of one length")
    for name, numbers in (("x", a), ("y", b), ("values", v), ("at", np.concatenate(seen))):
        if not np.all(np.isfinite(numbers)):
            raise InputError(name, "not finite", "must be finite", "leave such points out")
    for name, numbers in (("x", a), ("y", b)):
        if np.any(np.diff(numbers) <= 0.0):
            raise InputError(name, "not in order", "must increase", "np.linspace or np.geomspace")
