"""Drift and diffusion of one coordinate in bins: numbers, table and figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import Estimate
from ..markup import table_of_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SHOWN = 30
"""The most bins whose numbers are printed."""
HEADER = ("from", "to", "increments", "drift", "D", "")


@dataclass(frozen=True, repr=False)
class BinnedDrift:
    """Drift f and diffusion D of one coordinate in bins low <= w < high: (bin,) each, with standard errors.

    f and D are means over the bin, weighted as it was visited; position: the mean of w there. counts: increments. bias,
    diffusion_bias, trusted (bin,): as in ``DriftDiffusion``, bin by bin. note says what is wrong where not.
    """

    low: Array
    high: Array
    position: Array
    drift: Array
    drift_stderr: Array
    diffusion: Array
    diffusion_stderr: Array
    bias: Array
    diffusion_bias: Array
    counts: NDArray[np.int64]
    trusted: NDArray[np.bool_]
    note: str

    def plot(self, ax: Axes | None = None, *, what: Literal["drift", "diffusion"] = "drift") -> Axes:
        """Drift or diffusion over the coordinate, with two standard errors; hollow in bins that are not to be trusted.

        Raises InputError for another ``what``.
        """
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, PAPER, SERIES, dress

        if what not in ("drift", "diffusion"):
            raise InputError("what", what, 'must be "drift" or "diffusion"', "name one of them")
        value, error = (self.drift, self.drift_stderr) if what == "drift" else (self.diffusion, self.diffusion_stderr)
        with house_style():
            ax = axes_or_new(ax)
            colour, marker = SERIES[0]
            for kept, face, label in ((self.trusted, colour, "in bins"), (~self.trusted, PAPER, "not to be trusted")):
                if kept.any():
                    ax.errorbar(
                        self.position[kept], value[kept], 2.0 * error[kept], fmt=marker, color=colour, markersize=4.5,
                        markerfacecolor=face, label=label,
                    )  # fmt: skip
            ax.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
            ax.set(xlabel="coordinate", ylabel=f"{what} per time")
            dress(ax)
            if not self.trusted.all():
                ax.legend(labelcolor=MUTED)
        return ax

    def _rows(self) -> list[tuple[str, ...]]:
        """Cells of the first and the last bins, the header first."""
        count = self.low.size
        shown = [i for i in range(count) if count <= SHOWN or not SHOWN // 2 <= i < count - SHOWN // 2]
        decimals = 2 - int(np.floor(np.log10(np.min(self.high - self.low))))
        cells = [
            (
                *(f"{round(float(edge[i]), decimals):.12g}" for edge in (self.low, self.high)),
                f"{self.counts[i]}",
                _short(self.drift[i], self.drift_stderr[i], self.counts[i]),
                _short(self.diffusion[i], self.diffusion_stderr[i], self.counts[i]),
                "" if self.trusted[i] else "not to be trusted",
            )
            for i in shown
        ]
        return [HEADER, *cells]

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        good = int(self.trusted.sum())
        head = f"BinnedDrift: {self.low.size} bins, {good} to be trusted{'; ' + self.note if self.note else ''}"
        rows = self._rows()
        wide = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
        lines = ["  " + "  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in rows]
        if self.low.size > SHOWN:
            lines.insert(1 + SHOWN // 2, f"  ... {self.low.size - SHOWN} more ...")
        return "\n".join([head, *lines])


def _short(value: float, stderr: float, n: int) -> str:
    return repr(Estimate(float(value), float(stderr), int(n))).partition(" (n")[0]
