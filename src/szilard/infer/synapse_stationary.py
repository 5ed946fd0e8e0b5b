r"""The stationary density p ~ (1/D) exp(int A/D) of a fitted synapse, and recordings drawn from its law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_simpson
from scipy.special import expit, ndtr, ndtri

from .synapse_moments import D0, D1, D2, MEAN, NOISE, RATE

Array = NDArray[np.float64]
POINTS = 16_001
FAR = 1e3
DEEP = 30.0
NODES = 400
SUBSTEPS = 32


@dataclass(frozen=True)
class Stationary:
    """Of A = -b (y - m) and D = D0 + D1 (y - m) + D2 (y - m)^2 on the interval around m where D > 0.

    numbers: (b, m, D0, D1, D2, noise). positive: whether y > 0 as well, with no current through 0. noisy: whether the
    density asked for is that of looks, each with a normal noise of its own.
    """

    numbers: Array
    positive: bool
    noisy: bool

    @property
    def gaussian(self) -> bool:
        """Whether D is constant and y any number: then p is normal, of variance D0/b."""
        return not self.positive and self.numbers[D1] == 0.0 and self.numbers[D2] == 0.0

    @property
    def exists(self) -> bool:
        """Whether the numbers are those of a law that has a density."""
        n = self.numbers
        at_zero = not self.positive or n[MEAN] > 0.0
        known = bool(np.all(np.isfinite(n[: NOISE + self.noisy])))
        return bool(known and n[RATE] > 0.0 and n[D0] > 0.0 and n[RATE] > n[D2] and at_zero)

    @property
    def _noise(self) -> float:
        """The variance of the noise of a look; chance may find a small one negative."""
        return max(float(self.numbers[NOISE]), 0.0) if self.noisy else 0.0

    def ends(self) -> tuple[float, float]:
        """Where D vanishes on either side of the mean, or y does; infinite where neither does."""
        n = self.numbers
        roots = np.roots(np.trim_zeros(n[[D2, D1, D0]], "f"))
        real = roots.real[np.abs(roots.imag) <= 1e-12 * np.abs(roots)]
        low = max((float(r) for r in real if r < 0.0), default=-np.inf)
        high = min((float(r) for r in real if r > 0.0), default=np.inf)
        return max(low + n[MEAN], 0.0 if self.positive else -np.inf), high + n[MEAN]

    def cdf(self, y: Array) -> Array:
        """P(look <= y)."""
        return self._of(y)[0]

    def logpdf(self, y: Array) -> Array:
        """ln p of looks, per unit of y; -inf where there are none."""
        return self._of(y)[1]

    def quantile(self, u: Array) -> Array:
        """The y, without noise, below which a share u lies."""
        n = self.numbers
        if self.gaussian:
            return np.asarray(n[MEAN] + np.sqrt(n[D0] / n[RATE]) * ndtri(u))
        y, P, _ = self._table()
        rising = np.concatenate([[True], np.diff(P) > 0.0])
        return np.asarray(np.interp(u, P[rising], y[rising]))

    def _of(self, y: Array) -> tuple[Array, Array]:
        n, noise = self.numbers, self._noise
        if self.gaussian:
            return _normal(y, n[MEAN], n[D0] / n[RATE] + noise)
        if noise > 0.0:
            nodes = self.quantile((np.arange(NODES) + 0.5) / NODES)
            each = [_normal(y, node, noise) for node in nodes]
            return np.mean([P for P, _ in each], axis=0), np.logaddexp.reduce([p for _, p in each]) - np.log(NODES)
        grid, P, logp = self._table()
        outside = (y < grid[0]) | (y > grid[-1])
        return np.interp(y, grid, P), np.where(outside, -np.inf, np.interp(y, grid, logp))

    def _table(self) -> tuple[Array, Array, Array]:
        """y, P and ln p along a line g that is fine where p is large and near an end, however close."""
        n = self.numbers
        y, slope = self._line()
        x = y - n[MEAN]
        D = n[D0] + n[D1] * x + n[D2] * x * x
        # at an end where D vanishes it is a difference of larger numbers
        D = np.maximum(D, np.finfo(float).eps * (n[D0] + np.abs(n[D1] * x) + np.abs(n[D2]) * x * x))
        pull = -n[RATE] * x / D * slope
        g = np.linspace(0.0, 1.0, POINTS)
        middle = int(np.argmin(np.abs(x)))  # from here outwards, as the integral may grow without limit towards an end
        right = cumulative_simpson(pull[middle:], x=g[middle:], initial=0.0)
        left = cumulative_simpson(-pull[middle::-1], x=g[: middle + 1], initial=0.0)[::-1]
        logp = np.concatenate([left, right[1:]]) - np.log(D)
        logp -= (logp + np.log(slope)).max()
        P = np.maximum.accumulate(cumulative_simpson(np.exp(logp) * slope, x=g, initial=0.0))
        return y, P / P[-1], logp - np.log(P[-1])

    def _line(self) -> tuple[Array, Array]:
        """y(g) from end to end, or to 1000 standard deviations, and dy/dg, g from 0 to 1."""
        n = self.numbers
        low, high = self.ends()
        spread = float(np.sqrt(n[D0] / (n[RATE] - n[D2])))
        if np.isfinite(low) and np.isfinite(high):
            g = np.linspace(-DEEP, DEEP, POINTS)
            s = expit(g)
            return low + (high - low) * s, (high - low) * s * (1.0 - s) * 2.0 * DEEP
        if np.isfinite(low) or np.isfinite(high):
            end, sign = (low, 1.0) if np.isfinite(low) else (high, -1.0)
            size = abs(n[MEAN] - end)
            g = np.linspace(-DEEP, np.log1p(FAR * spread / size), POINTS)
            away = size * np.exp(g)
            y, slope = end + sign * away, away * (g[-1] - g[0])
            return (y, slope) if sign > 0.0 else (y[::-1], slope[::-1])
        g = np.linspace(-np.arcsinh(FAR), np.arcsinh(FAR), POINTS)
        return n[MEAN] + spread * np.sinh(g), spread * np.cosh(g) * (g[-1] - g[0])

    def simulated(self, seen: NDArray[np.bool_], dt: float, draw: np.random.Generator) -> Array:
        """Looks every dt from the stationary state, NaN where not seen: (synapse, time). Euler where not Gaussian."""
        n = self.numbers
        synapses, times = seen.shape
        y = np.empty(seen.shape)
        y[:, 0] = self.quantile(np.asarray(draw.random(synapses)))
        B = np.exp(-n[RATE] * dt)
        for t in range(1, times):
            if self.gaussian:
                kick = np.sqrt(n[D0] / n[RATE] * (1.0 - B * B)) * draw.standard_normal(synapses)
                y[:, t] = n[MEAN] + B * (y[:, t - 1] - n[MEAN]) + kick
            else:
                y[:, t] = self._moved(y[:, t - 1], dt, draw)
        if self.noisy:
            y += np.sqrt(self._noise) * draw.standard_normal(seen.shape)
        return np.where(seen, y, np.nan)

    def _moved(self, y: Array, dt: float, draw: np.random.Generator) -> Array:
        n, h = self.numbers, dt / SUBSTEPS
        low, high = self.ends()
        floor = low + 1e-9 * (n[MEAN] - low) if np.isfinite(low) else low
        roof = high - 1e-9 * (high - n[MEAN]) if np.isfinite(high) else high
        for _ in range(SUBSTEPS):
            x = y - n[MEAN]
            D = np.maximum(n[D0] + n[D1] * x + n[D2] * x * x, 0.0)
            y = np.clip(y - n[RATE] * x * h + np.sqrt(2.0 * D * h) * draw.standard_normal(y.size), floor, roof)
        return y


def _normal(y: Array, mean: float, variance: float) -> tuple[Array, Array]:
    z = (y - mean) / np.sqrt(variance)
    return np.asarray(ndtr(z)), np.asarray(-0.5 * z * z - 0.5 * np.log(2.0 * np.pi * variance))
