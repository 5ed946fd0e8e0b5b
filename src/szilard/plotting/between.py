"""The corridor of a cost: between the least that is possible and the most that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import FORBIDDEN, INK, dress, plain_numbers, points
from .theory_lines import Beside, beside_theory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
ROOM = 4.0
"""How far beyond floor and ceiling the axis reaches, as a factor."""
WORDS = ("forbidden: below the floor", "forbidden: above the ceiling")


def cost_corridor(
    ax: Axes,
    x: ArrayLike,
    floor: ArrayLike,
    ceiling: ArrayLike,
    curves: Sequence[Beside] = (),
    *,
    words: tuple[str, str] = WORDS,
) -> int:
    r"""floor(x) <= cost <= ceiling(x): both as lines, what lies outside shaded, points with two standard errors within.

    x, floor, ceiling: (point,), all > 0, floor <= ceiling; both axes are logarithmic. curves: as in ``beside_theory``.
    words: what is written below the floor and above the ceiling. Returns how many points have no place on such axes.
    Raises InputError for lengths that do not fit, x that does not increase, numbers not > 0, a floor above its ceiling.
    """
    a, low, high = (np.asarray(each, dtype=np.float64) for each in (x, floor, ceiling))
    _check(a, low, high)
    ax.set_xscale("log")
    ax.set_yscale("log", nonpositive="clip")
    left_out = beside_theory(ax, curves)
    marks = np.concatenate([np.asarray(curve[2], dtype=np.float64) for curve in curves] or [low])
    bottom = min(low.min(), np.min(marks[marks > 0.0], initial=np.inf)) / ROOM
    top = ROOM * max(high.max(), np.max(marks[np.isfinite(marks)], initial=0.0))
    ax.fill_between(a, bottom, low, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.fill_between(a, high, top, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.plot(a, low, color=INK, linewidth=points(1.4), label="_floor", zorder=2)
    ax.plot(a, high, color=INK, linewidth=points(1.4), label="_ceiling", zorder=2)
    ax.set(xlim=(a[0], a[-1]), ylim=(bottom, top))
    for place, word, side in ((0.03, words[0], "bottom"), (0.97, words[1], "top")):
        ax.text(0.03, place, word, transform=ax.transAxes, va=side, ha="left", fontsize=points(8.0), color=INK)
    for axis in (ax.xaxis, ax.yaxis):
        plain_numbers(axis)
    dress(ax)
    return left_out


def _check(a: Array, low: Array, high: Array) -> None:
    if a.ndim != 1 or a.size < 2 or not a.shape == low.shape == high.shape:
        given = f"{a.shape}, {low.shape}, {high.shape}"
        raise InputError("floor", given, "x, floor and ceiling have one entry per point, 2 or more", "one length each")
    for name, values in (("x", a), ("floor", low), ("ceiling", high)):
        if not np.all(np.isfinite(values) & (values > 0.0)):
            raise InputError(name, "not finite or not > 0", "has no place on a logarithmic axis", "leave it out")
    if np.any(np.diff(a) <= 0.0):
        raise InputError("x", "not in order", "must increase", "np.geomspace(low, high, 200)")
    if np.any(low > high):
        raise InputError(
            "floor", "above the ceiling", "floor <= ceiling", "look whether both hold for the same process"
        )
