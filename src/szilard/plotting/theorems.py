"""Fluctuation theorems: how often a process gives x, and how often its reverse takes x back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import INK, MUTED, PAPER, SERIES, as_text, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
ENOUGH, CHOOSING = 5, 5
"""A bin is drawn if one in 5 samples puts 5 of either kind in it, and counted by the others, 20 or so: a bin chosen by
the counts it shows would be there by luck, and lie off."""
BINS = 24
TAIL = 5e-4
"""The share of all samples at either end that histograms leave out."""
SIGMAS = 2.0


def crossing_histograms(
    ax: Axes,
    forward: ArrayLike,
    mirrored: ArrayLike,
    xlabel: str,
    *,
    crossing: float | None = None,
    names: tuple[str, str] = ("forward", "reverse, turned"),
    crossing_name: str = r"$\Delta F$",
) -> None:
    r"""P_F(x) and P_R(-x) on common bins, and the line x = crossing where they must be equal.

    forward: (replica,), what each replica gave in the process; mirrored: (replica,), MINUS what each gave in its
    reverse; both in the unit that ``xlabel`` names; 0.0005 of all at either end lie outside. crossing: the free energy
    change, for work (Crooks, PRE 60, 2721 (1999)); None: no line. Raises InputError for samples that are empty or not
    finite.
    """
    a, b = _samples(forward, "forward"), _samples(mirrored, "mirrored")
    low, high = (float(np.quantile(np.concatenate([a, b]), q)) for q in (TAIL, 1.0 - TAIL))
    edges = np.linspace(low, high, 2 * BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
    for samples, name, (colour, _), filled in ((a, names[0], SERIES[0], True), (b, names[1], SERIES[1], False)):
        density = np.histogram(samples, edges)[0] / (samples.size * np.diff(edges))
        if filled:
            ax.stairs(density, edges, fill=True, color=colour, alpha=0.22, zorder=1)
        dashes = "-" if filled else (0, (4.0, 1.2))
        ax.stairs(density, edges, color=colour, linewidth=points(1.4), linestyle=dashes, label=as_text(name), zorder=2)
    if crossing is not None:
        ax.axvline(crossing, color=INK, linewidth=points(1.0), linestyle=":", zorder=3)
        ax.annotate(
            crossing_name, (crossing, 1.0), (points(3.0), 0.0), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="left", va="top", fontsize=points(8.5), color=INK,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.8},
        )  # fmt: skip
    ax.set_xlabel(xlabel)
    ax.set_ylabel("density over replicas")
    ax.set_ylim(0.0, 1.35 * ax.get_ylim()[1])
    dress(ax)
    far = crossing is not None and crossing < 0.5 * (low + high)
    ax.legend(loc="upper right" if far else "upper left", handlelength=1.6)


def fluctuation_symmetry(
    ax: Axes,
    forward: ArrayLike,
    mirrored: ArrayLike | None = None,
    *,
    slope: float = 1.0,
    crossing: float = 0.0,
    xlabel: str = "entropy production (nat)",
    ylabel: str = r"$\ln\,P(S)/P(-S)$",
) -> tuple[Array, Array, Array]:
    r"""ln [P_F(x) / P_R(-x)] = slope (x - crossing): the counts of bins with two standard errors, and this line.

    forward: (replica,), x of the process; mirrored: (replica,), MINUS x of its reverse; None: in a steady state the
    process is its own reverse, -forward is taken, and only x > 0 is drawn, as the rest says the same. slope: 1 for
    entropy production (Seifert, PRL 95, 040602 (2005)), 1/T for work, with crossing = dF (Crooks, PRE 60, 2721 (1999)).

    Of 24 bins between the extremes that both have, those are drawn in which one in five samples puts 5 of either
    kind; the others are counted. A point stands at the mean of the two means of x in the bin, where the relation of
    densities holds for shares up to the fourth power of its width. variance = (1 - p_F)/c_F + (1 - p_R)/c_R for counts
    c and shares p, and 1/c_F + 1/c_R in a steady state.
    Returns x, ratio and standard error of every bin drawn. Raises InputError for samples that are empty or not finite,
    or where no bin has enough of either kind.
    """
    a = _samples(forward, "forward")
    b = -a if mirrored is None else _samples(mirrored, "mirrored")
    low = 0.0 if mirrored is None else max(a.min(), b.min())
    high = min(a.max(), b.max())
    edges = np.linspace(low, max(high, low + 1e-12), BINS + 1)
    x, ratio, error = counted_ratios(a, b, edges, shared=mirrored is None)
    if x.size == 0:
        rule = f"no bin holds {ENOUGH * CHOOSING} samples of either kind"
        raise InputError("forward", f"{a.size} and {b.size} samples", rule, "take more replicas, or drive more gently")
    ends = np.array([min(x.min(), crossing), max(x.max(), crossing)])
    ends = ends + np.array([-0.06, 0.06]) * max(np.ptp(ends), 1e-9)
    ax.plot(ends, slope * (ends - crossing), color=INK, linewidth=points(1.1), label="theorem", zorder=1)
    ax.errorbar(
        x, ratio, SIGMAS * error, linestyle="none", marker="o", markersize=points(4.2), elinewidth=points(1.0),
        color=SERIES[0][0], label="counted", zorder=3,
    )  # fmt: skip
    for draw, value in ((ax.axhline, 0.0), (ax.axvline, crossing)):
        draw(value, color=MUTED, linewidth=points(0.7), linestyle=":", zorder=0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    dress(ax)
    ax.legend(loc="lower right", frameon=True, facecolor=PAPER, edgecolor="none", framealpha=0.85)
    return x, ratio, error


def counted_ratios(a: Array, b: Array, edges: Array, *, shared: bool) -> tuple[Array, Array, Array]:
    """x, ln of the ratio of shares and its standard error, for bins with enough of both."""
    chosen = [np.histogram(each[::CHOOSING], edges)[0] >= ENOUGH for each in (a, b)]
    a, b = (np.delete(each, np.s_[::CHOOSING]) for each in (a, b))
    of_a, of_b = (np.histogram(each, edges)[0] for each in (a, b))
    enough = chosen[0] & chosen[1] & (of_a > 0) & (of_b > 0)
    c, d = of_a[enough].astype(np.float64), of_b[enough].astype(np.float64)
    sums = [np.histogram(each, edges, weights=each)[0][enough] for each in (a, b)]
    # ln(c + 1/2) has the mean ln <c> up to second order in 1/<c>
    ratio = np.log((c + 0.5) / a.size) - np.log((d + 0.5) / b.size)
    variance = 1.0 / c + 1.0 / d
    if not shared:
        variance = variance - 1.0 / a.size - 1.0 / b.size
    return 0.5 * (sums[0] / c + sums[1] / d), ratio, np.sqrt(variance)


def _samples(values: ArrayLike, name: str) -> Array:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.size == 0 or not np.all(np.isfinite(x)):
        raise InputError(name, f"shape {x.shape}", "must be one finite number per replica, at least one", "run.ledger")
    return x
