"""The steps of a training run as its ledger sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from ..estimate import Estimate, Side
from .training_steps import Training
from .training_sums import change_of_loss, noise_overlaps

Array = NDArray[np.float64]
PLAIN = 0.01
REFERENCE = "Mandt, Hoffman and Blei, JMLR 18, 134 (2017); Seifert, Rep. Prog. Phys. 75, 126001 (2012)"


@dataclass(frozen=True, eq=False)
class Seen:
    """What several amounts share."""

    training: Training
    steps: int

    def of(self, name: str) -> Array:
        """One quantity of every step that was seen: (step,)."""
        return self.training.column(name)[self.training.moved]

    @property
    def time(self) -> float:
        """sum_k eta_k."""
        return float(self.of("rate").sum())

    @property
    def mismatch(self) -> float:
        """|dw + eta g| / |dw|, root of the mean squares."""
        moved, off = float(self.of("step2").sum()), float(self.of("residual2").sum())
        return sqrt(off / moved) if moved > 0.0 else inf if off > 0.0 else 0.0

    @property
    def late(self) -> bool:
        """Whether every step follows the gradient that was given after it."""
        eta, moved = self.of("rate"), float(self.of("step2").sum())
        off = float((self.of("step2") + 2.0 * eta * self.of("after") + eta**2 * self.of("gradient2")).sum())
        return not self.plain and moved > 0.0 and off <= (PLAIN**2) * moved

    @property
    def plain(self) -> bool:
        """Whether the steps are -eta g to one part in a hundred, which changes a temperature by less than two."""
        return self.mismatch <= PLAIN and self.time > 0.0 and self.training.trained > 0

    @property
    def breaks(self) -> int:
        """How often the recording was left and taken up again."""
        return int((~self.training.moved).sum()) - 1

    @property
    def chance(self) -> float:
        """The relative variance of the temperature of one weight from one step, of Gaussian noise."""
        parts = float(np.nanmedian(self.training.column("parts")))
        return 2.0 / (parts - 1.0) if self.training.scattered else 3.0

    @cached_property
    def directions(self) -> float:
        """(tr C)^2 / tr C^2, at least 1."""
        overlap, both = noise_overlaps(self.training)
        return max(1.0, float(np.nansum(both)) / max(float(np.nansum(overlap)), 1e-300))

    @cached_property
    def change(self) -> tuple[float, float]:
        """What the loss changed by while it was recorded, and its standard error."""
        return change_of_loss(self.training)

    @property
    def falls(self) -> Array:
        """L_{k+1} - L_k, as the batches show it: (step,)."""
        return np.diff(self.training.column("loss"))[self.training.moved[1:]]

    def estimate(self, found: tuple[float, float], side: Side, *assumptions: str, note: str = "") -> Estimate:
        """An estimate from all steps."""
        return Estimate(*found, self.steps, None, side, note, assumptions, REFERENCE if assumptions else "")
