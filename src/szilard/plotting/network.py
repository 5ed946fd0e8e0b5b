"""A network of states: how probable each is, what flows between them, where heat goes."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import DASHES, INK, MUTED, PAPER, SERIES, as_text, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
MOST = 200
BEND = 0.25
SIZE = 0.21
ROUNDING = 1e-12
MARGIN = 0.3
PLACE = 0.38


def network(
    ax: Axes,
    probabilities: ArrayLike,
    source: ArrayLike,
    target: ArrayLike,
    channel: ArrayLike,
    current: ArrayLike,
    heat: ArrayLike,
    *,
    reservoirs: Sequence[str] = ("bath",),
    traffic: ArrayLike | None = None,
    positions: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> None:
    """Circles of area ~ p, arrows of width ~ |J| along the net current, the heat flow on each.

    probabilities: (state,); source, target, channel, current (1/time, > 0 from source to target) and heat (k_B T0 per
    time, > 0 into the bath): (pair,). traffic: (pair,), in 1/time: a current below 1e-12 of it is rounding, and drawn
    as a line without a head. Each reservoir has its colour and dashes, and pairs joined by several are bent apart.
    positions: (state, 2); a circle by default, a spring layout where the states form no ring. Numbers and names are
    left out where they do not fit. Up to 200 states. Raises InputError beyond, and for lengths that differ.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    a, b, c = (np.asarray(v, dtype=np.int64) for v in (source, target, channel))
    flow, q = np.asarray(current, dtype=np.float64), np.asarray(heat, dtype=np.float64)
    if p.size > MOST:
        raise InputError("states", p.size, f"a network of more than {MOST} states cannot be read", "plot p itself")
    if len({v.shape for v in (a, b, c, flow, q)}) > 1:
        shapes = [v.shape for v in (a, b, c, flow, q)]
        rule = "source, target, channel, current and heat need one entry per pair"
        raise InputError("pairs", shapes, rule, "give arrays of one length")
    if traffic is not None:
        idle = np.abs(flow) <= ROUNDING * np.asarray(traffic, dtype=np.float64)
        flow, q = np.where(idle, 0.0, flow), np.where(idle, 0.0, q)
    xy = layout(p.size, a, b) if positions is None else np.asarray(positions, dtype=np.float64)
    near, unit = _spacing(xy), _frame(ax, xy)
    widest = max(float(np.abs(flow).max(initial=0.0)), 1e-300)
    radius = SIZE * near * np.sqrt(p / max(p.max(), 1e-300))
    thick = min(1.0, 0.2 + near * unit / 60.0)
    for i in range(a.size):
        tail, head = (a[i], b[i]) if flow[i] >= 0.0 else (b[i], a[i])
        bend = _bend(i, a, b) * (1.0 if tail < head else -1.0)
        free = hypot(*(xy[head] - xy[tail])) - radius[tail] - radius[head]
        _arrow(
            ax, xy[tail], xy[head], radius[tail], radius[head], bend, abs(flow[i]) / widest, thick,
            int(c[i]) % len(SERIES), _signed(q[i], 2) if free * unit > points(36.0) else "",
        )  # fmt: skip
    _states(ax, xy, p, radius, [str(x) for x in range(p.size)] if labels is None else labels, unit)
    for r in sorted(set(c.tolist())):
        name = f"{as_text(reservoirs[r])}: heat {_signed(q[c == r].sum(), 3)}"
        look = r % len(SERIES)
        ax.plot([], [], color=SERIES[look][0], linestyle=DASHES[look], linewidth=points(2.0), label=name)
    if a.size:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2, labelcolor=MUTED)


def layout(n: int, source: NDArray[np.int64], target: NDArray[np.int64]) -> Array:
    """(n, 2): a circle where few states or a ring of them are joined, else the forces of springs (networkx)."""
    if n <= 8 or np.all(np.isin(np.abs(source - target), (1, n - 1))):
        angle = 0.5 * np.pi - 2.0 * np.pi * np.arange(n) / n
        return np.stack([np.cos(angle), np.sin(angle)], axis=1) if n > 1 else np.zeros((1, 2))
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(source.tolist(), target.tolist(), strict=True))
    found = nx.kamada_kawai_layout(graph) if nx.is_connected(graph) else nx.spring_layout(graph, seed=1)
    return np.array([found[x] for x in range(n)])


def _spacing(xy: Array) -> float:
    """A length that fits between two states."""
    if xy.shape[0] < 2:
        return 0.5
    away = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2)) + np.where(np.eye(xy.shape[0]) > 0, np.inf, 0.0)
    return float(min(np.median(away.min(axis=1)), np.ptp(xy, axis=0).max()))


def _frame(ax: Axes, xy: Array) -> float:
    """Limits around the states on equal axes; how many points a unit of length is, about."""
    span = max(float(np.ptp(xy, axis=0).max()), 1e-9) if xy.shape[0] > 1 else 1.0
    middle, half = 0.5 * (xy.min(axis=0) + xy.max(axis=0)), 0.5 * np.ptp(xy, axis=0) + MARGIN * span
    low, high = middle - np.maximum(half, 0.55 * span), middle + np.maximum(half, 0.55 * span)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    inches = ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi
    return 72.0 * float(min(inches[0] / (high[0] - low[0]), inches[1] / (high[1] - low[1])))


def _signed(number: float, digits: int) -> str:
    return f"{number:+.{digits}g}" if number != 0.0 else "0"


def _bend(i: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Pairs joined by several channels are drawn as arcs beside each other, as seen from the lower state."""
    same = np.flatnonzero((np.minimum(a, b) == min(a[i], b[i])) & (np.maximum(a, b) == max(a[i], b[i])))
    rank = 2.0 * float(np.searchsorted(same, i)) - (same.size - 1)
    return BEND * rank * min(1.0, 1.6 / max(same.size - 1, 1))


def _states(ax: Axes, xy: Array, p: Array, radius: Array, names: Sequence[str], unit: float) -> None:
    """The circles; the name and p of a state in its circle if they fit, else on its outer side."""
    from matplotlib.patches import Circle

    room, centre = _spacing(xy) * unit / points(1.0), xy.mean(axis=0)
    for x in range(p.size):
        ax.add_patch(Circle(tuple(xy[x]), radius[x], facecolor=MUTED, edgecolor=PAPER, zorder=3))
        lines = [as_text(names[x]), f"{p[x]:.3g}"] if room > 55.0 else [as_text(names[x])] if room > 20.0 else []
        inside = 2.0 * radius[x] * unit / points(1.0) > max(5.2 * max(map(len, lines), default=0), 12.0 * len(lines))
        way = xy[x] - centre if hypot(*(xy[x] - centre)) > 1e-9 else np.array([0.0, 1.0])
        half = points(1.0) * np.array([2.6 * max(map(len, lines), default=0), 5.5 * len(lines)])
        half = half + radius[x] * unit + 2.0
        shift = way / hypot(*way) * half * (0.0 if inside else 1.0)
        ax.annotate(
            "\n".join(lines), xy[x], xytext=tuple(shift), textcoords="offset points", ha="center", va="center",
            fontsize=points(8.0), color=PAPER if inside else INK, zorder=5,
        )  # fmt: skip


def _arrow(
    ax: Axes, tail: Array, head: Array, gap: float, stop: float, bend: float, strength: float, thick: float,
    look: int, heat: str,
) -> None:  # fmt: skip
    """From circle to circle, bowed to the left by bend / 2 of its length; the heat stands nearer to the tail."""
    from matplotlib.patches import FancyArrowPatch

    way = head - tail
    length = max(hypot(*way), 1e-12)
    left = np.array([-way[1], way[0]])
    bow = 0.5 * way + bend * left
    there = bow / max(hypot(*bow), 1e-12)
    start, end = tail + there * gap, head - (way - bow) / max(hypot(*(way - bow)), 1e-12) * stop
    ax.add_patch(
        FancyArrowPatch(
            tuple(start), tuple(end), connectionstyle=f"arc3,rad={-bend:.3f}", color=SERIES[look][0], zorder=2,
            shrinkA=0.0, shrinkB=0.0, linestyle=DASHES[look], linewidth=thick * (0.6 + 3.4 * strength),
            mutation_scale=thick * (8.0 + 8.0 * strength), arrowstyle="-|>" if strength > 0.0 else "-",
        )
    )  # fmt: skip
    reach = hypot(*(end - start)) / length
    place = (1.0 - PLACE) * start + PLACE * end + 2.0 * PLACE * (1.0 - PLACE) * bend * reach * left
    if heat:
        ax.annotate(
            heat, tuple(place), ha="center", va="center", fontsize=points(8.0), color=INK, zorder=4,
            bbox={"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"},
        )  # fmt: skip
