"""The density of label feedback at equally spaced weights: motion and flips as matrices that act on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from .feedback import LABELS, LabelFeedback

Array = NDArray[np.float64]
FAR = 9.0
"""How far beyond the outermost centre the weights reach, in widths: e^{-81/2} is below rounding."""
MANY = 4096
"""Weights at which a density is interpolated at once."""
TINY = 1e-300
"""Densities below it count as it in logarithms."""


class Points:
    """p_sigma(w), (label, point), as the trigonometric polynomial through an odd number of equally spaced weights.

    Integrals are sums times ``step``; derivatives are exact for the polynomial, so that both converge faster than any
    power of the number of points. reach: the ends, between which all density lies.
    """

    def __init__(self, process: LabelFeedback, points: int, reach: tuple[float, float] | None = None) -> None:
        low, high = reach or reach_of(process)
        self.process, self.points = process, points
        self.step = (high - low) / points
        self.weights = low + self.step * np.arange(points)
        p, first = process, _first_derivative(points, self.step)
        self.forces = p.stiffness * (p.centres[:, None] - self.weights)
        """-k w + nu s_T + g sigma: (label, point)."""
        self.fluxes = np.array([p.mobility * (np.diag(F) - p.temperature * first) for F in self.forces])
        """J_sigma = mu (F_sigma - T d/dw) p_sigma: (label, point, point)."""
        second = _second_derivative(points, self.step)
        self.motion = np.array([p.mobility * (p.temperature * second - first * F) for F in self.forces])
        """-dJ_sigma/dw: (label, point, point)."""
        x = p.field * self.weights / p.temperatures[1]
        small = np.exp(-np.abs(x))
        self.pace = np.sqrt(small) / (p.flip_rate * (1.0 + small))
        """1 / (sum of both flip rates): (point,)."""
        self.shares = np.array([expit(x), expit(-x)])
        """Share of each label's rate in that sum, the rate of leaving it: (label, point)."""

    def stationary(self) -> Array:
        """J_- + J_+ = 0 and flips against motion of label +1, divided by the sum of flip rates: (label, point).

        No entry of these equations is large, however steep the rates are. At the first point, where no density is,
        probability 1 takes the place of the balance.
        """
        n, at = self.points, np.arange(self.points)
        rows = np.zeros((2 * n, 2 * n))
        rows[:n, :n], rows[:n, n:] = self.fluxes
        rows[n:, n:] = -self.pace[:, None] * self.motion[1]
        rows[n + at, at] -= self.shares[0]
        rows[n + at, n + at] += self.shares[1]
        rows[0] = self.step
        told = np.eye(1, 2 * n)[0]
        size = np.abs(rows).max(axis=1)
        return np.asarray(np.linalg.solve(rows / size[:, None], told / size).reshape(2, n))

    def between(self, p: Array, weights: Array) -> Array:
        """The polynomial at other weights, cut at 0 and outside the ends: (label, weight)."""
        found = np.zeros((2, weights.size))
        for first in range(0, weights.size, MANY):
            part = weights[first : first + MANY]
            x = np.pi * (part[:, None] - self.weights) / self.step
            below = self.points * np.sin(x / self.points)
            kernel = np.divide(np.sin(x), below, out=np.ones_like(x), where=np.abs(below) > 1e-14)
            inside = (part >= self.weights[0]) & (part <= self.weights[-1])
            found[:, first : first + MANY] = np.where(inside, np.maximum(p @ kernel.T, 0.0), 0.0)
        return found

    def costs(self, p: Array, flips: Array) -> tuple[Array, float]:
        """Heat (reservoir,) and work per time of p (label, point) with net flips to +1 (point,); both may be sums."""
        process = self.process
        kick = process.stiffness * process.temperature
        weight = process.mobility * float(((self.forces**2 - kick) * p).sum()) * self.step
        label = process.field * float((self.weights * flips).sum()) * self.step
        pushed = process.mobility * float((LABELS[:, None] * self.forces * p).sum()) * self.step
        return np.array([weight, label]), (process.feedback - 0.5 * process.field) * pushed

    def look(self, p: Array, flips: Array | None = None) -> Look:
        r"""All that a density p (label, point) shows; flips: net flips to +1 per time (point,), None: as if stationary.

        Idot_w = sum int (-dJ_sigma/dw) ln(p_sigma / p) dw,  Idot_sigma = int flips ln[p_+ P_- / (p_- P_+)] dw.
        """
        w, step = self.weights, self.step
        moved = np.einsum("ijk,ik->ij", self.motion, p)
        jumped = -moved[1] if flips is None else flips
        q = np.maximum(p, TINY)
        told = np.log(q / (q.sum(axis=0) * np.maximum(q.sum(axis=1, keepdims=True) * step, TINY)))
        heat, work = self.costs(p, jumped)
        mean = float((w * p).sum() * step)
        return Look(
            heat=heat,
            work=work,
            information=float((p * told).sum() * step),
            information_flow=np.array([(moved * told).sum(), (jumped * (told[1] - told[0])).sum()]) * step,
            mean_weight=mean,
            variance_weight=float(((w - mean) ** 2 * p).sum() * step),
            mean_label=float((p[1] - p[0]).sum() * step),
            covariance=float(((w - mean) * (p[1] - p[0])).sum() * step),
        )


@dataclass(frozen=True)
class Look:
    """What one density shows; heat (reservoir,) and work, and the flow of information (reservoir,), per time."""

    heat: Array
    work: float
    information: float
    information_flow: Array
    mean_weight: float
    variance_weight: float
    mean_label: float
    covariance: float


def reach_of(process: LabelFeedback) -> tuple[float, float]:
    """The ends between which all of the stationary density lies."""
    return min(process.centres) - FAR * process.width, max(process.centres) + FAR * process.width


def _first_derivative(n: int, step: float) -> Array:
    """d/dw of the trigonometric polynomial through n (odd) points: (point, point)."""
    d = np.arange(1, n)
    column = np.concatenate([[0.0], 0.5 * (-1.0) ** d / np.sin(np.pi * d / n)]) * (2.0 * np.pi / (n * step))
    return column[_apart(n)]


def _second_derivative(n: int, step: float) -> Array:
    """d^2/dw^2 of the same: (point, point)."""
    d = np.arange(1, n)
    angle = np.pi * d / n
    off = -0.5 * (-1.0) ** d * np.cos(angle) / np.sin(angle) ** 2
    column = np.concatenate([[-(n * n - 1) / 12.0], off]) * (2.0 * np.pi / (n * step)) ** 2
    return column[_apart(n)]


def _apart(n: int) -> NDArray[np.int64]:
    i = np.arange(n)
    return np.asarray((i[:, None] - i) % n)
