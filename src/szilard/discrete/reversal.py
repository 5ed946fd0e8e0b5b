"""Forward and backward in time: the probability of each way, beside the entropy that each path produced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..markup import table_of_text
from .paths import Paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class TimeReversal:
    """Loschmidt's paradox, path by path: ln(P[x | x_0] p_0(x_0)) - ln(P~[x~ | x_tau] p_tau(x_tau)) = dS_tot.

    forward, backward: (replica,), the two logarithms; entropy_production: (replica,), from the books of heat and of
    the state's own entropy. Both are computed on their own and agree, for every path and in both directions of
    time; what makes the mean positive is the preparation of p_0 alone.
    """

    forward: Array
    backward: Array
    entropy_production: Array

    @property
    def log_ratio(self) -> Array:
        """forward - backward, in nats: (replica,)."""
        return self.forward - self.backward

    @property
    def largest_difference(self) -> float:
        """max over paths of |log ratio - entropy production|, in nats."""
        return float(np.max(np.abs(self.log_ratio - self.entropy_production), initial=0.0))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every path: log ratio of its two probabilities against its entropy production; they lie on the diagonal."""
        from ..plotting import agreement, axes_or_new, house_style

        with house_style():
            ax = axes_or_new(ax)
            agreement(ax, self.entropy_production, self.log_ratio)
            ax.set_xlabel("entropy production of the path (nat)")
            ax.set_ylabel("ln (forward / backward probability)")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        order = np.argsort(self.entropy_production)
        picked = order[np.unique(np.linspace(0, order.size - 1, 7).astype(int))]
        lines = [
            "   path   ln forward  ln backward    log ratio   entropy production (nat)",
            *(
                f"{i:7d} {self.forward[i]:12.5f} {self.backward[i]:12.5f} {self.log_ratio[i]:12.5f} "
                f"{self.entropy_production[i]:12.5f}"
                for i in picked
            ),
            f"{self.forward.size} paths: they agree to {self.largest_difference:.1e}; "
            f"{np.mean(self.entropy_production < 0.0):.1%} of them run against the second law, "
            f"the mean is {self.entropy_production.mean():.5f}",
        ]
        return "\n".join(lines)


def time_reversal(paths: Paths, probabilities: Array, entropy_production: Array) -> TimeReversal:
    """ln P[x], ln P~[x~] and dS_tot of every path; probabilities: (2, state), p at the start and at the end.

    Raises InputError for probabilities of another shape.
    """
    if probabilities.shape != (2, paths.course.process.n_states):
        raise InputError("probabilities", probabilities.shape, "must be (2, state)", "at the start and at the end")
    p0, p1 = probabilities
    return TimeReversal(
        forward=np.log(p0[paths.initial]) + paths.log_probability,
        backward=np.log(p1[paths.final]) + paths.reversed().log_probability,
        entropy_production=entropy_production,
    )
