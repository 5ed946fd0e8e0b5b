"""Cost and efficiency against what was learned, or against the learning rate, with the bound drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import FILLS, FORBIDDEN, MUTED, PAPER, as_text, dress, plain_numbers, points, series_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
ACCENT = FILLS["learned"].colour


@dataclass(frozen=True)
class Curve:
    """Points (x, y) with standard errors, in order; ``series`` picks colour and marker.

    dashed: told apart from a curve of the same series. one_sided: (point,) True where y is only a bound of
    the truth: such points are hollow. Raises InputError where lengths differ.
    """

    label: str
    x: ArrayLike
    y: ArrayLike
    x_error: ArrayLike | None = None
    y_error: ArrayLike | None = None
    series: int = 0
    dashed: bool = False
    one_sided: ArrayLike | None = None

    def __post_init__(self) -> None:
        sizes = {np.shape(a) for a in (self.x, self.y, self.x_error, self.y_error, self.one_sided) if a is not None}
        if len(sizes) != 1 or len(sizes.pop()) != 1:
            raise InputError(f"curve {self.label!r}", "unequal lengths", "x, y and errors go in pairs", "see Curve")


def cost_curves(ax: Axes, curves: Sequence[Curve], against: Literal["learned", "rate"] = "learned") -> int:
    """Cost (nat) against learned information (nat) or the learning rate, both on logarithmic axes.

    Against learned information the bound cost = learned is drawn; nothing may lie below it. Returns how many
    points have no place on logarithmic axes (not > 0) and are left out.
    """
    _logarithmic(ax, against)
    ax.set_ylabel("cost (nat)")
    left_out = sum(_draw(ax, curve) for curve in curves)
    if against == "learned" and ax.lines:
        _forbid_below(ax)
    return left_out


def efficiency_curves(ax: Axes, curves: Sequence[Curve], against: Literal["learned", "rate"] = "learned") -> int:
    """learned / cost against learned information (nat) or the learning rate, below the bound 1; logarithmic axes.

    Returns how many points have no place on logarithmic axes (not > 0) and are left out.
    """
    _logarithmic(ax, against)
    ax.set_ylabel("efficiency, learned / cost")
    left_out = sum(_draw(ax, curve) for curve in curves)
    _forbid_above_one(ax)
    return left_out


def _logarithmic(ax: Axes, against: str) -> None:
    ax.set_xscale("log", nonpositive="clip")
    ax.set_yscale("log", nonpositive="clip")
    for axis in (ax.xaxis, ax.yaxis):
        plain_numbers(axis)
    ax.set_xlabel("learned (nat)" if against == "learned" else "learning rate")
    dress(ax)


def _draw(ax: Axes, curve: Curve) -> int:
    x, y = np.asarray(curve.x, dtype=np.float64), np.asarray(curve.y, dtype=np.float64)
    fits = np.isfinite(x) & np.isfinite(y) & (x > 0.0) & (y > 0.0)
    if not fits.any():
        return int(x.size)
    colour, marker = series_look(curve.series)
    ax.errorbar(
        x[fits], y[fits], xerr=_error(curve.x_error, fits), yerr=_error(curve.y_error, fits), color=colour,
        linestyle="--" if curve.dashed else "-", linewidth=points(1.2), elinewidth=points(1.0), capsize=0.0,
        marker=marker, markersize=points(4.6), markeredgecolor=colour, label=as_text(curve.label),
    )  # fmt: skip
    hollow = fits & np.asarray(curve.one_sided, dtype=bool) if curve.one_sided is not None else fits & False
    if hollow.any():
        ax.plot(
            x[hollow], y[hollow], linestyle="none", marker=marker, markersize=points(4.6), markerfacecolor=PAPER,
            markeredgecolor=colour, zorder=5,
        )  # fmt: skip
    return int(x.size - fits.sum())


def _error(error: ArrayLike | None, fits: NDArray[np.bool_]) -> Array | None:
    if error is None:
        return None
    values = np.asarray(error, dtype=np.float64)[fits]
    return np.where(np.isfinite(values), values, 0.0)


def _forbid_below(ax: Axes) -> None:
    low = min(ax.get_xlim()[0], ax.get_ylim()[0])
    high = max(ax.get_xlim()[1], ax.get_ylim()[1])
    x_limits, y_limits = ax.get_xlim(), (min(ax.get_ylim()[0], ax.get_xlim()[0]), ax.get_ylim()[1])
    ends = np.array([low, high])
    ax.fill_between(ends, ends, low * 1e-3, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.plot(ends, ends, color=ACCENT, linewidth=points(1.1), zorder=1, label="_bound")
    ax.set(xlim=x_limits, ylim=y_limits)
    ax.text(
        0.97, 0.04, "forbidden: cost < learned", transform=ax.transAxes, ha="right", va="bottom", fontsize=points(8.0),
        color=MUTED,
    )  # fmt: skip


def _forbid_above_one(ax: Axes) -> None:
    x_limits, bottom = ax.get_xlim(), ax.get_ylim()[0]
    top = max(2.0, ax.get_ylim()[1])
    ax.axhspan(1.0, top, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.axhline(1.0, color=ACCENT, linewidth=points(1.1), zorder=1, label="_bound")
    ax.set(xlim=x_limits, ylim=(min(bottom, 0.5), top))
    ax.text(
        0.97, np.sqrt(top), "forbidden", transform=ax.get_yaxis_transform(), ha="right", va="center",
        fontsize=points(8.0), color=MUTED,
    )  # fmt: skip
