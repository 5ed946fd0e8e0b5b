"""Which way to carry a vector costs least, in seconds of one core as they were measured."""

from __future__ import annotations

from math import inf, log10, sqrt
from typing import TYPE_CHECKING, Literal

from .contour import POLES, SWIRL
from .rational import Rational
from .uniformised import MANY

if TYPE_CHECKING:
    from .course import Piece
    from .evolution import Evolution, Rates

Route = Literal["uniformisation", "rational", "contour", "collocation", "extrapolation"]
TURNS = 64
"""Steps on the contour beyond which collocation serves a driven piece better."""
MULTIPLY, ELIMINATE, SUBSTITUTE = 1.5e-9, 2.5e-9, 8e-9
"""Seconds per entry of one product, of one multiplication in a complex factorisation, of one complex solution."""
BANDED, LISTED = 3e-10, 6e-10
"""Seconds per entry of one product with one vector of many states: by bands, and entry by entry."""
CALL = 1.5e-4
"""Seconds to set up a series."""
CHEAP, ANALYSE = 0.02, 5e-6
"""Seconds of series that nothing else is sought for, and seconds per state to look into a factorisation."""
DRIFTS = 1e4
"""Products after which rounding shows: p drifts by up to 0.02 of it in each."""
PATIENCE = 0.5
"""Seconds that resolvents may take to avoid this drift."""
STEPS = 100.0
"""Steps of collocation that a stiff piece may need."""
VECTORS, LOOKS = 40.0, 0.01
"""Vectors of a step of ``Rational`` where the spectrum is nearly real, and seconds for its small matrices."""
ORTHOGONAL = 4e-10
"""Seconds per entry and pair of vectors to make them orthogonal."""
SOLUTIONS = 4000.0
"""Solutions that ``Rational`` may take where nothing else is wanted."""


def route_of(evolution: Evolution, at: Rates, span: float, declined: bool = False) -> tuple[Route, float]:
    """The way through a piece without moving energies, and the solutions that ``Rational`` may take.

    declined: ``Rational`` has been tried and is not asked again.
    """
    e, g = evolution, evolution.elimination
    top, product = product_cost(e, at)
    mean = top * span
    powers = product * (mean + 12.0 * sqrt(mean) + 30.0)
    cheap = powers < max(CHEAP, ANALYSE * g.n) and mean < DRIFTS
    if e.method == "uniformisation" or (e.method is None and (cheap or g.pairs == 0)):
        return "uniformisation", 0.0
    if mean > DRIFTS:
        powers = max(powers, PATIENCE)
    if e.method == "contour":
        powers = inf
    half, solve = POLES / 2, SUBSTITUTE * e.rows * g.size
    factors = half * ELIMINATE * g.work
    vector = 0.5 * (solve + ORTHOGONAL * VECTORS * g.n)
    rational = LOOKS + 0.5 * ELIMINATE * g.work + VECTORS * vector
    if e.counter is not None or declined or not Rational.fits(g.n):
        rational = inf
    if rational < min(powers, factors):
        return "rational", min(SOLUTIONS, powers / vector)
    if factors > powers:
        return "uniformisation", 0.0
    parts = max(1.0, e.swirl(at) * span / SWIRL)
    if e.tilted or parts > TURNS:
        implicit: Route = "collocation"
        cost = STEPS * (factors + 2.0 * half * solve + 36.0 * CALL)
    else:
        implicit = "contour"
        cost = factors * (1.0 if parts == 1.0 or e.keeps_factors else parts) + parts * half * solve
    if rational < min(powers, cost):
        return "rational", min(SOLUTIONS, min(powers, cost) / vector)
    return (implicit, 0.0) if cost < powers else ("uniformisation", 0.0)


def product_cost(evolution: Evolution, at: Rates) -> tuple[float, float]:
    """The largest rate out of a state, and the seconds of one product of matrix and vector."""
    g, m = evolution.elimination, evolution.rows
    each = MULTIPLY
    if m == 1 and g.n >= MANY:
        each = BANDED if g.bands.offset.size else LISTED
    entries = 0.5 * m * (m + 1) * (2 * g.pairs + g.n) + 2 * m * g.n
    return float(evolution.outflow(at).max()), each * entries + 1e-7


def prefers_collocation(evolution: Evolution, piece: Piece) -> bool:
    """Whether collocation costs less than series do where the energies move."""
    g, m = evolution.elimination, evolution.rows
    ends = [product_cost(evolution, evolution.rates(energy, None)) for energy in (piece.before, piece.after)]
    top, product = max(ends)
    span = piece.end - piece.start
    turns, strokes = top * span, evolution.speed(piece) * span
    powers = (1.0 + 2.0 * strokes + turns / 18.0) * (20.0 * CALL + 1000.0 * product)
    if g.pairs == 0 or powers < CHEAP:
        return False
    steps = 2.0 + strokes + 4.0 * log10(1.0 + turns)
    solves = 5.0 * (4.0 * SUBSTITUTE * m * g.size + 8.0 * product)
    return 3.0 * steps * (4.0 * ELIMINATE * g.work + solves + 12.0 * CALL) < powers
