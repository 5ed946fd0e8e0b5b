"""exp(L t) as a sum of resolvents on Talbot's contour: the cost does not grow with the rates."""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .evolution import Evolution, Rates

Array = NDArray[np.float64]
POLES = 28
"""Resolvents, half of them conjugates: 2e-14 from exp(z) wherever (Im z)^2 <= SWIRL |Re z|."""
SWIRL = 0.5


@cache
def talbot() -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """z and c with exp(x) = Re sum_j c_j exp(z_j) / (z_j - x) for real x <= 0; one z of each conjugate pair."""
    theta = np.pi * np.arange(1, POLES, 2) / POLES
    z = POLES * (0.5017 * theta / np.tan(0.6407 * theta) - 0.6122 + 0.2645j * theta)
    bend = 0.5017 / np.tan(0.6407 * theta) - 0.5017 * 0.6407 * theta / np.sin(0.6407 * theta) ** 2 + 0.2645j
    weight = -2j * bend
    # exp(0) = 1 to the last bit, or probability would leak step by step
    return z, weight / float(np.sum(weight * np.exp(z) / z).real)


class Contour:
    """exp(L span) v = sum_j c_j (z_j - L span)^-1 v, its integral with c_j / z_j: the factors for steps of one length.

    The cotangent contour of Trefethen, Weideman and Schmelzer, BIT 46, 653 (2006). Where L turns (driven processes),
    the span is cut into parts within each of which the spectrum lies inside, by ``Evolution.swirl``.
    """

    def __init__(self, evolution: Evolution, at: Rates, span: float) -> None:
        self.evolution, self.at, self.span = evolution, at, span
        self.parts = max(1, ceil(evolution.swirl(at) * span / SWIRL))
        self.z, self.weight = talbot()
        self.step = span / self.parts
        keep = self.parts == 1 or evolution.keeps_factors
        self.factors = [evolution.factor(at, z / self.step) for z in self.z] if keep else None

    def serves(self, at: Rates, span: float) -> bool:
        """Whether the factors are those of this step, to rounding of its length."""
        return abs(span / self.span - 1.0) < 1e-6 and np.array_equal(at.jumps, self.at.jumps)

    def carry(self, span: float, v: Array) -> tuple[Array, Array]:
        """exp(L span) v and the time spent."""
        e = self.evolution
        weight = self.weight * np.exp(self.z * (span / self.span)) / self.step
        spent = np.zeros(v.shape[1])
        for _ in range(self.parts):
            after = np.zeros_like(v)
            for j, z in enumerate(self.z):
                factor = e.factor(self.at, z / self.step) if self.factors is None else self.factors[j]
                x = weight[j] * e.resolve(factor, self.at, v.astype(np.complex128))
                after += x.real
                spent += (x[0] * (self.step / z)).real
            v = after
        return v, spent
