"""exp(integral of L dt) applied to a vector: the engine behind every exact answer about a jump process.

Two families, chosen by their cost or by name. "uniformisation": powers of a matrix without negative entries
(Jensen, Skand. Aktuarietidskr. 36, 87 (1953)); where the energies move, exponentials of the midpoint extrapolated in
the square of the step. "contour": resolvents, one of them in a Krylov space (``rational``) or, where that does not do
or costs more, several on Talbot's contour (Trefethen, Weideman and Schmelzer, BIT 46, 653 (2006)); where the energies
move, collocation. Stiff rates cost the second family nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .contour import POLES, Contour
from .costs import Route, prefers_collocation, route_of
from .course import Course, Piece
from .elimination import Elimination, Factor
from .process import JumpProcess
from .rational import Rational
from .uniformised import Uniformised

Array = NDArray[np.float64]
Method = Literal["uniformisation", "contour"]
METHODS: tuple[Method, ...] = ("uniformisation", "contour")
Books = Callable[[Array, Array, Array, Array], Array]
"""Of energy, its slope, rate per jump and time spent per state: sums that are linear in the last, (book,)."""

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
        self.routes: list[Route] = []
        """How vectors have been carried so far, each way once."""
        self.rows = 1 if counter is None or counter.moments is None else counter.moments + 1
        self._contour: Contour | None = None
        self._rational: Rational | None = None
        self._uniformised: Uniformised | None = None
        self._last: tuple[Array, Rates] | None = None
        self._declined: Rates | None = None

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
            implicit = self.method == "contour" or (self.method is None and prefers_collocation(self, piece))
            self._goes("collocation" if implicit else "extrapolation")
            return (collocate if implicit else extrapolate)(self, piece, v, books)
        at = self._held(piece.before)
        route, solutions = route_of(self, at, span, self._declined is at)
        found = None
        if route == "rational":
            found = self._rationally(at, span, v, solutions)
            if found is None:
                self._declined = at
                route, _ = route_of(self, at, span, declined=True)
        self._goes(route)
        if route == "collocation":
            return collocate(self, piece, v, books)
        if route == "uniformisation":
            found = self.powers(at, span, v, books is not None)
        v, spent = found or self._resolvents(at, span, v)
        none = np.zeros(0)
        return v, none if books is None else books(piece.before, np.zeros(0), at.jumps, spent)

    def _goes(self, route: Route) -> None:
        if route not in self.routes:
            self.routes.append(route)

    def _held(self, energy: Array) -> Rates:
        """The rates at energies that do not move, as long as these are asked for."""
        if self._last is None or not np.array_equal(self._last[0], energy):
            self._last = energy.copy(), self.rates(energy, None)
        return self._last[1]

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

    def powers(self, at: Rates, span: float, v: Array, wanted: bool = True) -> tuple[Array, Array]:
        """exp(L span) v and the time spent where it is wanted, as a series in powers of a matrix."""
        if self._uniformised is None or not self._uniformised.serves(at):
            self._uniformised = Uniformised.of(self, at)
        return self._uniformised.carry(span, v, wanted)

    def _rationally(self, at: Rates, span: float, v: Array, solutions: float) -> tuple[Array, Array] | None:
        """exp(L span) v and the time spent in few vectors; None where these do not do."""
        if self._rational is None or not self._rational.serves(at, span):
            self._rational = None
            self._rational = Rational(self, at, span)
        found = self._rational.carry(span, v[0], solutions)
        return None if found is None else (found[0][None], found[1])

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

    @property
    def keeps_factors(self) -> bool:
        """Whether the factors of all poles fit into memory at once."""
        return 16 * POLES * self.elimination.size <= MEMORY

    def speed(self, piece: Piece) -> float:
        """The fastest relative change of a rate, per time."""
        moved = self.process.exponents(piece.after) - self.process.exponents(piece.before)
        return float(np.max(np.abs(moved), initial=0.0)) / (piece.end - piece.start)
