"""The tilted generator of a flow, its largest eigenvalue between certain bounds, and the driven process behind it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ._killed import Killed
from .currents import Observable, jump_observable, steady_noise
from .elimination import Elimination
from .process import JumpProcess, jump_process
from .steady import stationary

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
ROUNDS = 100
REPEATS = 4
"""Solutions with the factors of one step of Noda's iteration: they cost far less than new factors."""
ROUGH = 20.0
"""Bounds of lambda this many times their rounding apart have met."""
STRIDE = 30.0
"""How far, in nats, the first guess at a new s may move an eigenvector along a jump."""
GROWTH = 1e4
"""How much larger than at the last s the tilted rates of that guess may be."""
CLOSE = 1e-6
"""Bounds further apart than this share of the largest rate are not accepted."""
HUGE = 1e200


class Tilted:
    """The process tilted by s, in the gauge of its left eigenvector e^u; ``move`` follows it from s = 0."""

    def __init__(self, process: JumpProcess, control: float | None, observable: Observable) -> None:
        self.p = stationary(process, control)
        energy = jump_process(process).energies(control)
        self.source, self.target = process.edges.source, process.edges.target
        self.bare = process.jump_rates(energy)
        self.d = jump_observable(process, observable, energy)
        self.n = process.n_states
        self.s, self.u = 0.0, np.zeros(self.n)
        self.process, self.elimination = process, Elimination(process)
        self.h, self.size = np.zeros(self.n), float(self.bare.max(initial=1.0))
        self._settle(0.0)
        size = float(np.abs(self.d) ** 2 @ (self.bare * self.p[self.source]))
        self.frozen = self.variance <= (1e4 * EPS) ** 2 * size

    def reaches(self, j: float) -> bool:
        """Whether j can be typical at all, as far as signs tell."""
        if self.frozen:
            return abs(j - self.mean) <= 64 * EPS * float(np.abs(self.d) @ (self.bare * self.p[self.source]))
        return not ((j < 0.0 and np.all(self.d >= 0.0)) or (j > 0.0 and np.all(self.d <= 0.0)))

    @property
    def spread(self) -> float:
        """sqrt(Var(X) / jumps): the size of d + h_t - h_s in a typical jump."""
        jumps = float(self.rates @ self.p[self.source])
        return float(np.sqrt(self.variance / jumps)) if self.variance > 0.0 else EPS

    def move(self, s: float) -> None:
        """Go on to this s, at once if floating point permits, else in steps."""
        step = s - self.s
        while self.s != s:
            if self.s + step == self.s:
                rule = f"a tilted rate is beyond floating point near s = {self.s:.6g}"
                raise InputError("s", s, rule, "take s nearer to 0")
            with np.errstate(all="ignore"):
                if self._settle(self.s + step):
                    step = s - self.s
                else:
                    step *= 0.5

    def _settle(self, s: float) -> bool:
        """Draw the bounds min c <= lambda <= max c together, from the best first guess along h."""
        far = abs(s - self.s) * float(np.abs(self.h[self.target] - self.h[self.source]).max(initial=0.0))
        most = (s - self.s) * min(1.0, STRIDE / max(far, STRIDE))
        guesses = [self._gain(s, self.u - share * most * self.h) for share in (1.0, 0.5, 0.1, 0.0)]
        found = min(guesses, key=lambda g: g.width)
        if not found.width < GROWTH * self.size:
            return False
        for _ in range(ROUNDS):
            y = self._inverse(found) if found.width > ROUGH * found.slack else np.ones(self.n)
            there = self._gain(s, found.u + np.log(y / y.max()))
            settled = not there.high < found.high - found.slack
            found = there if there.high < found.high else found
            if settled:
                return self._record(s, found)
        return False

    def _polished(self, s: float, found: Gauge, centre: NDArray[np.bool_]) -> Gauge:
        """The eigenvector where it hardly matters for lambda, from where it does: what lives until it gets there."""
        g, top, better = self.elimination, found.high, found
        if found.width <= ROUGH * found.slack:
            return found
        for _ in range(ROUNDS):
            rates = np.where(centre[self.target], better.rates, 0.0)
            into = np.bincount(self.source, weights=rates, minlength=self.n).astype(np.float64)
            y = Killed(g, g.entries(better.rates), top - better.c, centre).backward(into) + centre
            better = self._gain(s, better.u + np.log(np.maximum(y, 1.0 / HUGE)))
            if np.all((y > 0.5) & (y < 2.0)):
                break
        return better if better.width < found.width else found

    def _gain(self, s: float, u: Array) -> Gauge:
        """c_x = sum_t k (e^x_ts - 1), x_ts = -s d + u_t - u_s."""
        x = -s * self.d + (u[self.target] - u[self.source])
        rates, gain = self.bare * np.exp(x), self.bare * np.expm1(x)
        c = np.bincount(self.source, weights=gain, minlength=self.n).astype(np.float64)
        size = np.bincount(self.source, weights=(rates + self.bare) * (1.0 + np.abs(x)), minlength=self.n)
        return Gauge(u, rates, gain, c, float(size.max()))

    def _inverse(self, gauge: Gauge) -> Array:
        """(max c - M)^-REPEATS 1 in this gauge, cut where it overflows: all > 0, and it does not raise max c."""
        g = self.elimination
        killed, y = Killed(g, g.entries(gauge.rates), gauge.high - gauge.c), np.ones(self.n)
        for _ in range(REPEATS):
            y = np.clip(np.nan_to_num(killed.backward(y), nan=HUGE, posinf=HUGE), 1.0 / HUGE, HUGE)
            if y.max() == HUGE:
                break
        return y

    def _record(self, s: float, found: Gauge) -> bool:
        g, n = self.elimination, self.n
        kill = found.high - found.c + max(found.slack, 1.0 / HUGE)
        centre = np.arange(n) == np.argmax(Killed(g, g.entries(found.rates), kill).forward(np.ones(n)))
        found = self._polished(s, found, centre)
        if found.width > CLOSE * found.size:
            return False
        rates = found.rates
        killed = Killed(g, g.entries(rates), np.zeros(n), centre)
        into = np.bincount(self.target, weights=np.where(centre[self.source], rates, 0.0), minlength=n)
        p = killed.forward(into.astype(np.float64)) + centre
        p /= p.sum()
        mean, variance, h = steady_noise(self.process, killed, rates, p, self.d[None, :])
        if not np.isfinite(mean[0] + variance[0, 0]):
            return False
        self.size = max(found.size, float(self.bare.max(initial=1.0)))
        self.s, self.u, self.rates, self.p, self.h = s, found.u, rates, p, np.where(np.isfinite(h[:, 0]), h[:, 0], 0.0)
        self.mean, self.variance = float(mean[0]), float(variance[0, 0])
        self.value = float(found.gain @ p[self.source])
        self.error = max(found.high - self.value, self.value - found.low) + found.slack
        return True


@dataclass(frozen=True)
class Gauge:
    """The tilted process seen through e^u: c (n,) brackets lambda."""

    u: Array
    rates: Array
    gain: Array
    c: Array
    size: float

    @property
    def low(self) -> float:
        return float(self.c.min())

    @property
    def high(self) -> float:
        return float(self.c.max())

    @property
    def width(self) -> float:
        return self.high - self.low if np.isfinite(self.size) else inf

    @property
    def slack(self) -> float:
        return 4 * EPS * self.size
