"""One weight and one pattern, the metropolised chain itself: its density propagated by quadrature, at any dt.

y = sigma w has E = k y^2/2 + c s theta(-y). Gauss and Legendre panels meet at 0, where the density jumps; on either
side everything is smooth, so that the error is that of rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Exact means of a run, over both labels; energies in k_B T0, entropies in nats."""

    work: float
    heat: float
    errors: float
    accepted: float
    dissipation: float
    information: float
    entropy_change: float

    @property
    def learned(self) -> float:
        """ln 2 - h(errors): the sign readout."""
        e = self.errors
        return log(2.0) + (e * log(e) if e > 0.0 else 0.0) + (1.0 - e) * log1p(-e)

    @property
    def efficiency(self) -> float:
        """learned / [Delta S(w) + Q/T]."""
        return self.learned / (self.dissipation + self.information)


def line(factors: Array, *, strength: float, dt: float, temperature: float, stiffness: float, mobility: float) -> Line:
    """The whole staircase, from equilibrium at s = 0."""
    width = sqrt(temperature / stiffness)
    x = mobility * stiffness * dt
    decay, kick = exp(-x), width * sqrt(-np.expm1(-2.0 * x))
    y, weight = _panels(8.0 * width, 2.5 * kick)
    wrong = (y < 0.0).astype(float)
    step = (y[:, None] - decay * y) / kick
    offer = np.exp(-0.5 * step * step) / (sqrt(2.0 * np.pi) * kick) * weight[:, None]
    offer /= offer.sum(axis=0)  # what the panels leave out beyond 8 standard deviations
    to_wrong = wrong @ offer
    prior = np.exp(-0.5 * (y / width) ** 2) / (sqrt(2.0 * np.pi) * width)
    p, work, heat, accepted, last = prior * weight, 0.0, 0.0, 0.0, 0.0
    free = 0.5 * stiffness * y * y
    for s in factors:
        work += strength * (s - last) * float(wrong @ p)
        before = float((free + strength * s * wrong) @ p)
        into, out = (exp(-max(a, 0.0) / temperature) for a in (strength * s, -strength * s))
        leave = np.where(wrong, to_wrong + out * (1.0 - to_wrong), into * to_wrong + 1.0 - to_wrong)
        accepted += float(leave @ p) / len(factors)
        right_moved, wrong_moved = offer @ ((1.0 - wrong) * p), offer @ (wrong * p)
        moved = np.where(wrong, into * right_moved + wrong_moved, right_moved + out * wrong_moved)
        p = moved + (1.0 - leave) * p
        heat += before - float((free + strength * s * wrong) @ p)
        last = s
    whole = 0.5 * (p + p[::-1])  # w over both labels; the panels are symmetric
    energy = float((free + strength * last * wrong) @ p) - 0.5 * temperature
    initial = 0.5 * log(2.0 * np.pi * np.e * width * width)
    given, mixed = (float(-(q @ np.log(np.maximum(q, 1e-300) / weight))) for q in (p, whole))
    assert abs(work - heat - energy) < 1e-9
    return Line(work, heat, float(wrong @ p), accepted, given - initial + heat / temperature, mixed - given,
                mixed - initial)  # fmt: skip


def _panels(reach: float, widest: float) -> tuple[Array, Array]:
    x, v = np.polynomial.legendre.leggauss(12)
    count = int(np.ceil(reach / widest))
    half = 0.5 * reach / count
    right = (half * (2 * np.arange(count)[:, None] + 1 + x)).ravel()
    weight = np.tile(half * v, count)
    return np.concatenate([-right[::-1], right]), np.concatenate([weight[::-1], weight])
