"""exp(integral of L dt) applied to a vector: the engine behind every exact answer about a jump process.

Two families, chosen by their cost or by name. "uniformisation": powers of a matrix without negative entries
(Jensen, Skand. Aktuarietidskr. 36, 87 (1953)); where the energies move, exponentials of the midpoint extrapolated in
the square of the step. "contour": a sum of resolvents on Talbot's contour (Trefethen, Weideman and Schmelzer, BIT 46,
653 (2006)); where the energies move, collocation. Stiff rates cost the second family nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, factorial, log10, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .contour import POLES, SWIRL, Contour
from .course import Course, Piece
from .elimination import Elimination, Factor
from .process import JumpProcess

Array = NDArray[np.float64]
Method = Literal["uniformisation", "contour"]
METHODS: tuple[Method, ...] = ("uniformisation", "contour")
Books = Callable[[Array, Array, Array, Array], Array]
"""Of energy, its slope, rate per jump and time spent per state: sums that are linear in the last, (book,)."""

TURNS = 64
"""Steps on the contour beyond which collocation serves a driven piece better."""
NEGLIGIBLE = 1e-19
"""Weights of a series, relative to their sum, that are left out; for counted vectors, which grow, FINER of it."""
FINER = 1e-7
FEWEST = 16
"""Terms that are kept in any case: where jumps are rare, states a few jumps away count too."""
SPREAD = 5.0
"""How much more, in its logarithm, one state may gain than another within one series."""
PRODUCTS, CHUNK = 1e10, 2e9
"""Products that are still made, and entries multiplied in one uninterrupted call."""
MULTIPLY, ELIMINATE, SUBSTITUTE = 1.5e-9, 2.5e-9, 8e-9
"""Seconds per entry of one product, of one multiplication in a complex factorisation, of one complex solution."""
CALL = 1.5e-4
"""Seconds to set up a series."""
CHEAP = 0.02
DRIFTS = 1e4
"""Products after which rounding shows: p drifts by up to 0.02 of it in each."""
PATIENCE = 0.5
"""Seconds that resolvents may take to avoid this drift."""
STEPS = 100.0
"""Steps of collocation that a stiff piece may need."""
MEMORY = 1 << 29


@dataclass(frozen=True)
class Counter:
    """X = sum_r heat[r] Q_r + work W + drift t, in k_B T0.

    moments None: columns are multiplied by e^-X. moments m: the vector is (m + 1, n) with E[X^j / j!; state] in row j.
    """

    heat: Array
    work: float
    moments: int | None = None
    drift: float = 0.0


@dataclass(frozen=True)
class Rates:
    """L at one moment: rate per jump (edge,), per entry (2 pairs,); what counting adds to L off and on the diagonal."""

    jumps: Array
    entries: Array
    coupling: Array
    extra: Array


class Evolution:
    """Carries vectors through the pieces of a course: p (1, n), or (m + 1, n) with the moments of a counter."""

    def __init__(self, process: JumpProcess, counter: Counter | None = None, method: Method | None = None) -> None:
        if method is not None and method not in METHODS:
            raise InputError(
                "method", method, f"must be one of {', '.join(METHODS)}", "leave it out to have one chosen"
            )
        self.process = process
        self.counter = counter
        self.method = method
        self.elimination = Elimination(process)
        self.products = 0.0
        """Products of matrix and vector made so far: each adds its rounding."""
        self.rows = 1 if counter is None or counter.moments is None else counter.moments + 1
        self._contour: Contour | None = None

    @property
    def tilted(self) -> bool:
        """Whether probability is weighted, so that its sum changes."""
        return self.counter is not None and self.counter.moments is None

    def rates(self, energy: Array, slope: Array | None) -> Rates:
        """L at these energies, moving with d energy / dt = slope (None: not moving)."""
        k = self.process.jump_rates(energy)
        entries = self.elimination.entries(k)
        c = self.counter
        if c is None:
            return Rates(k, entries, np.zeros((0, entries.size)), np.zeros((0, energy.size)))
        e = self.process.edges
        x = c.heat[e.channel] * self.process.jump_heat(energy) + c.work * e.drive
        flow = c.drift + (0.0 if slope is None else c.work * slope)
        if c.moments is None:
            with np.errstate(over="ignore"):
                coupling = self.elimination.entries(k * np.expm1(-x))[None]
            if not np.all(np.isfinite(coupling)):
                worst = f"e^-X = e^{float(np.max(-x)):.4g} in one jump"
                raise InputError("weights", worst, "is beyond floating point", "take smaller weights of heat and work")
            return Rates(k, entries, coupling, np.broadcast_to(-flow, (1, energy.size)).copy())
        powers = [self.elimination.entries(k * x**j / factorial(j)) for j in range(self.rows)]
        powers[0] = np.zeros(entries.size)
        extra = np.zeros((self.rows, energy.size))
        if self.rows > 1:
            extra[1] = flow
        return Rates(k, entries, np.array(powers), extra)

    def switch(self, v: Array, step: Array) -> Array:
        """What a sudden change of the energies by ``step`` (n,) does to the counted vector."""
        c = self.counter
        if c is None or c.work == 0.0 or not np.any(step):
            return v
        x = c.work * step
        if c.moments is None:
            return np.asarray(v * np.exp(-x))
        rows = [sum(x**i / factorial(i) * v[j - i] for i in range(j + 1)) for j in range(self.rows)]
        return np.array(rows)

    def across(self, course: Course, v: Array) -> Array:
        """The vector after all pieces of a course and the jumps of its energies."""
        last = course.initial_energy
        for piece in course.pieces():
            v = self.switch(v, piece.before - last)
            v, _ = self.advance(piece, v)
            last = piece.after
        return self.switch(v, course.final_energy - last)

    def advance(self, piece: Piece, v: Array, books: Books | None = None) -> tuple[Array, Array]:
        """The vector at the end of a piece, and the books kept on the way (none for a counted vector)."""
        after, booked = self._carried(piece, v, books)
        if not self.tilted:
            after[0] *= float(v[0].sum()) / float(after[0].sum())
        return after, booked

    def _carried(self, piece: Piece, v: Array, books: Books | None) -> tuple[Array, Array]:
        from .collocation import collocate, extrapolate

        span = piece.end - piece.start
        if not piece.constant:
            implicit = self.method == "contour" or (self.method is None and self._prefers_collocation(piece))
            return (collocate if implicit else extrapolate)(self, piece, v, books)
        at = self.rates(piece.before, None)
        choice = self.method or self._choose(at, span)
        if choice == "uniformisation":
            v, spent = self.powers(at, span, v)
        elif self.tilted or self.swirl(at) * span > TURNS * SWIRL:
            return collocate(self, piece, v, books)
        else:
            v, spent = self._resolvents(at, span, v)
        none = np.zeros(0)
        return v, none if books is None else books(piece.before, np.zeros(0), at.jumps, spent)

    def apply(self, at: Rates, v: Array) -> Array:
        """L v: (m, n)."""
        from .._kernels.propagation import gain, net_flow

        g, n = self.elimination, self.elimination.pairs
        y = np.zeros_like(v)
        for j in range(v.shape[0]):
            net_flow(g.lower, g.upper, at.entries[:n], at.entries[n:], v[j], y[j], np.zeros(g.n))
            for i in range(min(j + 1, at.coupling.shape[0])):
                if i > 0 or self.tilted:
                    gain(g.source, g.target, at.coupling[i], v[j - i], y[j])
                    y[j] += at.extra[i] * v[j - i]
        return y

    def excess(self, at: Rates) -> Array:
        """Sums of the columns of L: zero unless probability is weighted."""
        if not self.tilted:
            return np.zeros(self.elimination.n)
        gained = np.bincount(self.elimination.source, weights=at.coupling[0], minlength=self.elimination.n)
        return np.asarray(gained + at.extra[0])

    def factor(self, at: Rates, z: complex) -> Factor:
        """The factors of z - L, of its zeroth order where moments are counted."""
        entries = at.entries + at.coupling[0] if self.tilted else at.entries
        return self.elimination.factor(z - self.excess(at), entries)

    def resolve(self, factor: Factor, at: Rates, b: NDArray[Any]) -> NDArray[Any]:
        """(z - L)^-1 b: (m, n), row by row."""
        from .._kernels.propagation import gain_complex

        g = self.elimination
        x = np.empty(b.shape, dtype=np.complex128)
        for j in range(b.shape[0]):
            right = b[j].astype(np.complex128)
            for i in range(1, j + 1):
                gain_complex(g.source, g.target, at.coupling[i], x[j - i], right)
                right += at.extra[i] * x[j - i]
            x[j] = factor.solve(right)
        return x

    def outflow(self, at: Rates) -> Array:
        """The rate out of every state: (n,)."""
        return np.asarray(np.bincount(self.elimination.source, weights=at.entries, minlength=self.elimination.n))

    def powers(self, at: Rates, span: float, v: Array) -> tuple[Array, Array]:
        """exp(L span) v and the time spent, int exp(L t) v_0 dt, as one series in M = 1 + (L - c) / rate >= 0."""
        from .._kernels.propagation import series

        g, n = self.elimination, self.elimination.n
        excess = self.excess(at)
        c = float(excess.max())
        out = self.outflow(at)
        loss = out + c - (at.extra[0] if self.tilted else 0.0)
        top = max(float(loss.max()), float(np.abs(at.extra[1:]).max(initial=0.0)))
        if top <= 0.0:
            return v * np.exp(c * span), span * v[0]
        begin, order = g.rows
        off = at.coupling.copy() if at.coupling.size else np.zeros((1, at.entries.size))
        off[0] += at.entries
        step = np.ascontiguousarray(off[:, order] / top)
        diagonal = np.zeros((self.rows, n))
        diagonal[0] = 1.0 - loss / top
        if self.rows > 1:
            diagonal[1:] = at.extra[1:] / top
        rest = np.zeros(n)
        if not self.tilted:
            whole = diagonal[0].astype(np.longdouble)
            np.add.at(whole, g.source[order], step[0].astype(np.longdouble))
            rest = np.asarray(1.0 - whole, dtype=np.float64)
        if span * top > PRODUCTS:
            fix = 'method="contour", or a shorter duration'
            raise InputError("method", "uniformisation", f"takes {span * top:.3g} products of matrix and vector", fix)
        parts = max(1, ceil(span * (c - float(excess.min())) / SPREAD), ceil(span * top * (2 * n + order.size) / CHUNK))
        self.products += top * span
        weight, tail = poisson(top * span / parts, 1.0 if self.counter is None else FINER)
        spent = np.zeros((self.rows, n))
        if self.counter is not None:
            tail = np.zeros_like(tail)
        for _ in range(parts):
            after = np.zeros((self.rows, n))
            series(begin, g.source[order], step, diagonal, rest, weight, tail / top, v, after, spent)
            v = after * np.exp(c * span / parts)
        return v, spent[0]

    def _resolvents(self, at: Rates, span: float, v: Array) -> tuple[Array, Array]:
        """exp(L span) v = sum_j c_j (z_j - L span)^-1 v, and its integral with c_j / z_j."""
        if self._contour is None or not self._contour.serves(at, span):
            self._contour = None
            self._contour = Contour(self, at, span)
        return self._contour.carry(span, v)

    def swirl(self, at: Rates) -> float:
        """G: the spectrum of L lies where (Im z)^2 <= G |Re z|; zero in equilibrium, twice the largest rate at most.

        In the norm sum |u|^2 / pi, Re<u, Lu> = -1/2 sum a |dv|^2 and Im<u, Lu> = sum J Im(v* dv) over pairs, with
        v = u / pi, traffic a and current J of the stationary state; G = max_x sum_y J^2 / (a pi_x) by Cauchy's rule.
        """
        g, m = self.elimination, self.elimination.pairs
        if m == 0:
            return 0.0
        log_pi = g.balance(at.entries)
        found = np.zeros(g.n)
        for here, there, leave, enter in (
            (g.lower, g.upper, at.entries[:m], at.entries[m:]),
            (g.upper, g.lower, at.entries[m:], at.entries[:m]),
        ):
            ratio = np.exp(np.clip(log_pi[there] - log_pi[here], -700.0, 700.0)) * enter
            found += np.bincount(here, weights=(leave - ratio) ** 2 / (leave + ratio), minlength=g.n)
        return min(float(found.max()), 2.0 * float(self.outflow(at).max()))

    def product_cost(self, at: Rates) -> tuple[float, float]:
        """The largest rate out of a state, and the seconds of one product of matrix and vector."""
        g, m = self.elimination, self.rows
        return float(self.outflow(at).max()), MULTIPLY * (0.5 * m * (m + 1) * (2 * g.pairs + g.n) + 2 * m * g.n) + 1e-7

    def _choose(self, at: Rates, span: float) -> Method:
        top, product = self.product_cost(at)
        mean = top * span
        powers = product * (mean + 12.0 * sqrt(mean) + 30.0)
        g = self.elimination
        if g.pairs == 0 or (powers < CHEAP and mean < DRIFTS):
            return "uniformisation"
        if mean > DRIFTS:
            powers = max(powers, PATIENCE)
        half, solve = POLES / 2, SUBSTITUTE * self.rows * g.size
        factors = half * ELIMINATE * g.work
        if factors > powers:
            return "uniformisation"
        parts = max(1.0, self.swirl(at) * span / SWIRL)
        if self.tilted or parts > TURNS:
            implicit = STEPS * (factors + 2.0 * half * solve + 36.0 * CALL)
        else:
            implicit = factors * (1.0 if parts == 1.0 or self.keeps_factors else parts) + parts * half * solve
        return "contour" if implicit < powers else "uniformisation"

    @property
    def keeps_factors(self) -> bool:
        """Whether the factors of all poles fit into memory at once."""
        return 16 * POLES * self.elimination.size <= MEMORY

    def _prefers_collocation(self, piece: Piece) -> bool:
        g, m = self.elimination, self.rows
        ends = [self.product_cost(self.rates(energy, None)) for energy in (piece.before, piece.after)]
        top, product = max(ends)
        span = piece.end - piece.start
        turns, strokes = top * span, self.speed(piece) * span
        powers = (1.0 + 2.0 * strokes + turns / 18.0) * (20.0 * CALL + 1000.0 * product)
        if g.pairs == 0 or powers < CHEAP:
            return False
        steps = 2.0 + strokes + 4.0 * log10(1.0 + turns)
        solves = 5.0 * (4.0 * SUBSTITUTE * m * g.size + 8.0 * product)
        return 3.0 * steps * (4.0 * ELIMINATE * g.work + solves + 12.0 * CALL) < powers

    def speed(self, piece: Piece) -> float:
        """The fastest relative change of a rate, per time."""
        moved = self.process.exponents(piece.after) - self.process.exponents(piece.before)
        return float(np.max(np.abs(moved), initial=0.0)) / (piece.end - piece.start)


def poisson(mean: float, finer: float = 1.0) -> tuple[Array, Array]:
    """P(N = k) and P(N > k) of a Poisson number, k from 0 to where nothing is left: both (k,).

    Ratios from the mode outwards, then normalised: no exponential of a large number.
    """
    mode = int(mean)
    reach = 60 + int(13.0 * sqrt(mean + 1.0))
    left = max(0, mode - reach)
    with np.errstate(divide="ignore"):
        up = np.cumsum(np.log(mean / np.arange(mode + 1, mode + reach + 1)))
    down = np.cumsum(np.log(np.arange(mode, left, -1) / mean))[::-1] if mode > left else np.zeros(0)
    weight = np.concatenate([np.zeros(left), np.exp(np.concatenate([down, [0.0], up]))])
    weight /= weight.sum()
    weight = weight[: max(FEWEST, int(np.flatnonzero(weight > NEGLIGIBLE * finer)[-1]) + 1)]
    return weight, np.append(np.cumsum(weight[:0:-1])[::-1], 0.0)
