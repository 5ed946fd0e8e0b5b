"""Distributions over replicas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .style import DASHES, SERIES, as_text, dress, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def distributions(ax: Axes, samples: Mapping[str, ArrayLike], label: str) -> None:
    """Density of each set of samples (replica,) on common bins, its mean as a line; ``label`` names the axis."""
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in samples.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(arrays.values())), bins="fd")
    if edges.size > 200:
        edges = np.linspace(edges[0], edges[-1], 200)
    for i, (name, values) in enumerate(arrays.items()):
        colour, dashes = SERIES[i % len(SERIES)][0], DASHES[(i + i // len(SERIES)) % len(DASHES)]
        look: Any = {"color": colour, "linestyle": dashes, "linewidth": points(1.4), "label": as_text(name)}
        ax.hist(values, edges.tolist(), density=True, histtype="step", **look)
        ax.axvline(float(values.mean()), color=colour, linewidth=points(1.0), linestyle=":")
    dress(ax)
    ax.set_xlabel(label)
    ax.set_ylabel("density over replicas")
    ax.legend(handlelength=2.2)
