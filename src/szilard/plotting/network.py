"""A network of states: how probable each is, what flows between them, where heat goes."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .style import FILLS, INK, MUTED, PAPER, SERIES, as_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 200
BEND = 0.18


def network(  # noqa: PLR0913
    ax: Axes,
    probabilities: ArrayLike,
    source: ArrayLike,
    target: ArrayLike,
    channel: ArrayLike,
    current: ArrayLike,
    heat: ArrayLike,
    *,
    reservoirs: Sequence[str] = ("bath",),
    positions: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> None:
    """Circles of area ~ p, arrows of width ~ |J| along the net current, the heat flow beside each.

    probabilities: (state,); source, target, channel, current (1/time, > 0 from source to target) and heat (k_B T0 per
    time, > 0 into the bath): (pair,). Each reservoir has its colour, and pairs joined by several are bent apart.
    positions: (state, 2); a circle by default, a spring layout where the states form no ring. Up to 200 states.
    Raises InputError beyond.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    a, b, c = (np.asarray(v, dtype=np.int64) for v in (source, target, channel))
    flow, q = np.asarray(current, dtype=np.float64), np.asarray(heat, dtype=np.float64)
    if p.size > MOST:
        raise InputError("states", p.size, f"a network of more than {MOST} states cannot be read", "plot p itself")
    xy = layout(p.size, a, b) if positions is None else np.asarray(positions, dtype=np.float64)
    widest = float(np.abs(flow).max(initial=0.0))
    radius = 0.16 * np.sqrt(p / max(p.max(), 1e-300)) * _spacing(xy)
    for i in range(a.size):
        tail, head = (a[i], b[i]) if flow[i] >= 0.0 else (b[i], a[i])
        strength = abs(flow[i]) / widest if widest > 0.0 else 0.0
        _arrow(ax, xy[tail], xy[head], radius[tail], radius[head], _bend(i, a, b), strength, SERIES[c[i] % 6][0], q[i])
    name = labels if labels is not None else [str(x) for x in range(p.size)]
    for x in range(p.size):
        from matplotlib.patches import Circle

        ax.add_patch(Circle(tuple(xy[x]), radius[x], facecolor=FILLS["redundancy"].colour, edgecolor=PAPER, zorder=3))
        if p.size <= 30:
            ax.annotate(
                f"{as_text(name[x])}\n{p[x]:.3g}", xy[x], ha="center", va="center", fontsize=8.0, zorder=4,
                color=PAPER if radius[x] > 0.1 * _spacing(xy) else INK,
            )  # fmt: skip
    for r in sorted(set(c.tolist())):
        ax.plot(
            [],
            [],
            color=SERIES[r % 6][0],
            linewidth=2.0,
            label=f"{as_text(reservoirs[r])}: heat {q[c == r].sum():+.3g}",
        )
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2, labelcolor=MUTED)
    ax.set_aspect("equal")
    ax.set_axis_off()
    span = np.ptp(xy, axis=0).max() if p.size > 1 else 1.0
    ax.set_xlim(xy[:, 0].min() - 0.3 * span, xy[:, 0].max() + 0.3 * span)
    ax.set_ylim(xy[:, 1].min() - 0.3 * span, xy[:, 1].max() + 0.3 * span)


def layout(n: int, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.float64]:
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


def _spacing(xy: NDArray[np.float64]) -> float:
    """A length that fits between two states."""
    if xy.shape[0] < 2:
        return 1.0
    away = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2)) + np.where(np.eye(xy.shape[0]) > 0, np.inf, 0.0)
    return float(min(np.median(away.min(axis=1)), 1.5))


def _bend(i: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Pairs joined by several channels are drawn as arcs beside each other, as seen from the lower state."""
    same = np.flatnonzero((np.minimum(a, b) == min(a[i], b[i])) & (np.maximum(a, b) == max(a[i], b[i])))
    return 0.0 if same.size == 1 else BEND * (2.0 * float(np.searchsorted(same, i)) - (same.size - 1))


def _arrow(
    ax: Axes, tail: NDArray[np.float64], head: NDArray[np.float64], gap: float, stop: float, bend: float,
    strength: float, colour: str, heat: float,
) -> None:  # fmt: skip
    from matplotlib.patches import FancyArrowPatch

    way = head - tail
    length = max(hypot(*way), 1e-12)
    side = np.array([-way[1], way[0]]) / length * (1.0 if tuple(tail) < tuple(head) else -1.0)
    bow = bend * (1.0 if tuple(tail) < tuple(head) else -1.0)
    start, end = tail + way * gap / length, head - way * stop / length
    ax.add_patch(
        FancyArrowPatch(
            tuple(start), tuple(end), connectionstyle=f"arc3,rad={-bow:.3f}", color=colour, zorder=2, shrinkA=0.0,
            shrinkB=0.0, linewidth=0.6 + 3.4 * strength, mutation_scale=7.0 + 9.0 * strength,
            arrowstyle="-|>" if strength > 1e-9 else "-",
        )
    )  # fmt: skip
    place = 0.5 * (tail + head) + side * (0.5 * bend * length + 0.07 * length)
    ax.annotate(f"{heat:+.2g}", tuple(place), ha="center", va="center", fontsize=7.5, color=colour, zorder=4)
