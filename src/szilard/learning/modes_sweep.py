"""How many peaks a density of weights has, over the strength of a feedback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..continuous.feedback import LabelFeedback
from ..errors import InputError, number
from ..estimate import finite
from ..markup import table
from .label_density import label_weight_density
from .synapse_model import Plasticity
from .weight_density import WeightDensity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Model = Plasticity | LabelFeedback | WeightDensity
ACCURACY = 1e-6
"""Of the range of strengths: how far a critical strength is pinned down, unless said."""


@dataclass(frozen=True, eq=False, repr=False)
class WeightModes:
    """Modes of p(w) over a strength: count (strength,), and critical strengths where it changes.

    strengths: (strength,). modes, heights: (strength, mode), ascending, and p there; troughs: (strength, mode - 1), the
    minima between them; NaN where there are fewer. critical: (change,), where the count changes, each within
    +- accuracy; before, after: (change,), the count on either side. densities: of every strength.
    """

    strengths: Array
    count: NDArray[np.int64]
    modes: Array
    heights: Array
    troughs: Array
    critical: Array
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    accuracy: float
    densities: tuple[WeightDensity, ...]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Modes as dots, troughs as rings over the strength, critical ones as lines; on the Axes or a new figure's."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, SERIES, dress

        with house_style():
            ax = axes_or_new(ax)
            for column in self.modes.T:
                ax.plot(self.strengths, column, "o", color=SERIES[0][0], markersize=3.6)
            for column in self.troughs.T:
                ax.plot(self.strengths, column, "o", color=SERIES[0][0], markersize=3.6, markerfacecolor="none")
            for at in self.critical:
                ax.axvline(at, color=MUTED, linewidth=0.9, linestyle=":")
            ax.set_xlabel("strength")
            ax.set_ylabel("weight")
            dress(ax)
        return ax

    def _changes(self) -> str:
        rows = zip(self.before, self.after, self.critical, strict=True)
        return "; ".join(f"{a} to {b} at {at:.7g}" for a, b, at in rows) or f"{self.count[0]} throughout"

    def _repr_html_(self) -> str:
        rows = [
            [f"{x:.6g}", f"{n}", ", ".join(f"{m:.5g}" for m in row[:n])]
            for x, n, row in zip(self.strengths, self.count, self.modes, strict=True)
        ]
        return table(f"WeightModes: {self._changes()} (+- {self.accuracy:.1g})", rows, ("strength", "modes", "at"))

    def __repr__(self) -> str:
        ends = f"{self.strengths[0]:g} to {self.strengths[-1]:g}"
        return (
            f"WeightModes over {self.strengths.size} strengths from {ends}: {self._changes()} (+- {self.accuracy:.1g})"
        )


def weight_modes(
    model_of: Callable[[float], Model], strengths: ArrayLike, *, accuracy: float | None = None
) -> WeightModes:
    r"""d ln p_ss / dw = (A - D') / D = 0, falling: the modes of p_ss over a strength, and where their number changes.

    model_of: from a strength to a ``Plasticity``, a ``LabelFeedback`` or a ``WeightDensity``. strengths: (strength,),
    increasing. Wherever the count differs between two neighbours the strength is halved in until it is known to
    +- accuracy (None: 1e-6 of the range); two changes between neighbours are seen as one or as none. Peaks below 1e-9
    of the highest are not counted: a mode that has become so rare is taken to be gone.
    Raises InputError for strengths that do not increase, an accuracy that is not > 0, or another kind of model.

    >>> well = lambda strength: Plasticity(lambda w: (strength - 0.3) * w - w**3, lambda w: np.full_like(w, 0.3))
    >>> weight_modes(well, [-0.5, 0.5, 1.0])
    WeightModes over 3 strengths from -0.5 to 1: 1 to 2 at 0.3000... (+- 2e-06)
    """
    x = finite(strengths, "strengths")
    if np.any(np.diff(x) <= 0.0):
        raise InputError("strengths", x.tolist(), "must increase", "np.linspace(0.0, 1.0, 20)")
    fine = ACCURACY * max(float(np.ptp(x)), 1e-300) if accuracy is None else number("accuracy", accuracy)
    if not fine > 0.0:
        raise InputError("accuracy", fine, "must be > 0", "leave it out")
    densities = tuple(_density(model_of, float(s)) for s in x)
    count = np.array([d.modes.size for d in densities])
    changes = []
    for i in np.flatnonzero(np.diff(count)):
        low, high, before, after = float(x[i]), float(x[i + 1]), int(count[i]), int(count[i + 1])
        while 0.5 * (high - low) > fine:
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            found = _density(model_of, middle).modes.size
            low, high, after = (middle, high, after) if found == before else (low, middle, found)
        changes.append((0.5 * (low + high), before, after))
    most = int(count.max())
    return WeightModes(
        strengths=x,
        count=count,
        modes=_table([d.modes for d in densities], most),
        heights=_table([d.heights for d in densities], most),
        troughs=_table([d.troughs for d in densities], max(most - 1, 0)),
        critical=np.array([c[0] for c in changes]),
        before=np.array([c[1] for c in changes], dtype=np.int64),
        after=np.array([c[2] for c in changes], dtype=np.int64),
        accuracy=fine,
        densities=densities,
    )


def _density(model_of: Callable[[float], Model], strength: float) -> WeightDensity:
    model = model_of(strength)
    if isinstance(model, Plasticity):
        return model.stationary()
    if isinstance(model, LabelFeedback):
        return label_weight_density(model)
    if isinstance(model, WeightDensity):
        return model
    raise InputError("model_of", model, "must give a Plasticity, LabelFeedback or WeightDensity", "stdp_synapse(...)")


def _table(rows: list[Array], most: int) -> Array:
    table = np.full((len(rows), most), np.nan)
    for i, row in enumerate(rows):
        table[i, : row.size] = row
    return table
