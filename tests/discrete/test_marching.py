"""The series band by band: the very bits of the series entry by entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import szilard as sz
from szilard._kernels.marching import BLOCK
from szilard._kernels.propagation import series
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.course import Piece
from szilard.discrete.evolution import Evolution
from szilard.discrete.uniformised import MANY, Uniformised, poisson


def grid(*sides: int, periodic: bool = True) -> JumpProcess:
    energy = np.random.default_rng(sum(sides)).standard_normal(sides)
    return sz.systems.lattice(sides, energy, force=tuple(0.7 / (i + 1) for i in range(len(sides))), periodic=periodic)


def tangle(links: int, n: int, path: bool) -> JumpProcess:
    """Random links, beside a path through all states or not."""
    draw = np.random.default_rng(links)
    attempt = np.zeros((n, n))
    for x, y in draw.integers(0, n, (links, 2)):
        attempt[x, y] = attempt[y, x] = draw.random() * (x != y)
    if path:
        ahead = np.diag(draw.random(n - 1), 1)
        attempt += ahead + ahead.T
    push = draw.standard_normal((n, n))
    push[attempt == 0.0] = 0.0
    return JumpProcess(draw.standard_normal(n), Channel(attempt, push - push.T))


CASES: dict[str, tuple[Callable[[], JumpProcess], int, bool]] = {
    "square, closed": (lambda: grid(70, 40), 4, True),
    "square, open": (lambda: grid(40, 70, periodic=False), 4, False),
    "cube": (lambda: grid(14, 12, 10), 6, True),
    "ring": (lambda: grid(500), 2, True),
    "path with links": (lambda: tangle(20, 400, path=True), 2, True),
    "tangle": (lambda: tangle(900, 300, path=False), 0, True),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mean", [0.4, 9.0, 40.5])
def test_same_bits(name: str, mean: float) -> None:
    make, bands, rows = CASES[name]
    process = make()
    n = process.n_states
    assert n >= MANY
    engine = Evolution(process)
    at = engine.rates(process.energies(), None)
    found = engine.elimination.bands
    assert found.offset.size == bands
    assert (found.row.size > 0) == rows
    start = np.random.default_rng(5).dirichlet(np.full(n, 0.2))
    span = mean / float(engine.outflow(at).max())
    u = Uniformised.of(engine, at)
    weight, tail = poisson(u.top * span)
    for terms in (weight.size, weight.size - 1):  # an even and an odd number
        once, during = np.zeros((2, 1, n))
        begin, order = engine.elimination.rows
        w, t = weight[:terms], tail[:terms] / u.top
        series(begin, engine.elimination.source[order], u.step, u.diagonal, u.rest, w, t, start[None], once, during)
        marched, booked = np.zeros((2, n))
        u._marched(w, t, start, marched, booked)
        assert np.array_equal(marched, once[0])
        assert np.array_equal(booked, during[0])
        assert marched.min() >= 0.0


def test_cases_reach_beyond_one_block() -> None:
    assert grid(70, 40).n_states > BLOCK


def test_matrix_is_kept_for_the_same_rates() -> None:
    """Ten equal spans prepare the matrix once; other energies prepare another, and time spent is kept on demand."""
    process = grid(20, 20)
    engine, energy = Evolution(process), process.energies()
    p = np.eye(1, 400, 3)
    p, _ = engine.advance(Piece(0.0, 0.5, energy, energy), p)
    kept = engine._uniformised
    p, _ = engine.advance(Piece(0.5, 1.0, energy, energy), p)
    assert kept is not None and engine._uniformised is kept
    engine.advance(Piece(1.0, 1.5, 1.1 * energy, 1.1 * energy), p)
    assert engine._uniformised is not kept
    at = engine.rates(energy, None)
    with_time, spent = engine.powers(at, 0.5, p)
    without, none = engine.powers(at, 0.5, p, wanted=False)
    assert np.array_equal(with_time, without)
    assert abs(spent.sum() - 0.5) < 400 * np.finfo(float).eps and not none.any()
