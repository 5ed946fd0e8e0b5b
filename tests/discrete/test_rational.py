"""exp(L t) v from few vectors: right against extended precision, or declined; never wrong in silence."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.contour import Contour
from szilard.discrete.costs import SOLUTIONS, route_of
from szilard.discrete.course import Piece
from szilard.discrete.evolution import Evolution
from szilard.discrete.rational import LOCAL, MOST, Rational, Space
from szilard.discrete.steady import stationary
from tests.discrete.precise import exponential, lattice, matrix

Array = NDArray[np.float64]
STEP = 2.0 * LOCAL
"""What a step may be wrong by: its last vectors and its contour, each below LOCAL."""


def carried(process: JumpProcess, span: float, v: Array, patience: float = 1e9) -> Array | None:
    engine = Evolution(process)
    rational = Rational(engine, engine.rates(process.energies(), None), span)
    found = rational.carry(span, v, patience)
    return None if found is None else found[0]


def chain(n: int, drive: float, rough: float, seed: int) -> JumpProcess:
    """An open chain driven upwards: far from normal."""
    draw = np.random.default_rng(seed)
    attempt, push = np.zeros((n, n)), np.zeros((n, n))
    for x in range(n - 1):
        attempt[x, x + 1] = attempt[x + 1, x] = np.exp(rough * draw.standard_normal() - 0.5 * drive)
        push[x + 1, x], push[x, x + 1] = drive, -drive
    return JumpProcess(np.zeros(n), Channel(attempt, push))


def ring(n: int, drive: float) -> JumpProcess:
    ahead = np.roll(np.eye(n), 1, axis=0)
    return JumpProcess(np.linspace(0.0, 0.3, n), Channel(ahead + ahead.T, drive * (ahead - ahead.T)))


def largest(process: JumpProcess) -> float:
    return float(-process.generator().diagonal().min())


@pytest.mark.parametrize(("scale", "drive"), [(1.0, 0.0), (2.0, 1.0), (8.0, 1.5), (4.0, 6.0), (20.0, 3.0)])
@pytest.mark.parametrize("turns", [3.0, 1e3, 1e8])
def test_against_extended_precision(scale: float, drive: float, turns: float) -> None:
    process = lattice(7, scale=scale, drive=drive)
    span = turns / largest(process)
    exact = exponential(matrix(process), span)
    for start in (np.eye(49)[11], np.random.default_rng(1).dirichlet(np.full(49, 0.3))):
        found = carried(process, span, start)
        assert found is not None
        assert np.sum(np.abs(found - exact @ start)) < STEP
        assert abs(found.sum() - 1.0) < STEP


@pytest.mark.parametrize(
    ("n", "drive", "rough", "turns"), [(83, 4.0, 1.0, 400.0), (100, 8.0, 1.5, 1e3), (90, 9.0, 1.5, 5e3)]
)
def test_far_from_normal_is_right_or_declined(n: int, drive: float, rough: float, turns: float) -> None:
    """Eigenvalues on the real line, and yet the contour around them is wrong: only the second look tells."""
    taken = 0
    for seed in range(4):
        process = chain(n, drive, rough, seed)
        span = turns / largest(process)
        start = np.eye(n)[3]
        found = carried(process, span, start)
        if found is not None:
            taken += 1
            assert np.sum(np.abs(found - exponential(matrix(process), span) @ start)) < 4 * STEP  # of a few steps
    assert taken > 0


def test_complex_eigenvalues_shorten_the_step() -> None:
    """One step does not do where the spectrum turns; shorter ones with the same factors do."""
    process = ring(100, 0.7)
    span = 100.0 / largest(process)
    start = np.eye(100)[7]
    engine = Evolution(process)
    at = engine.rates(process.energies(), None)
    found = Rational(engine, at, span).carry(span, start, 1e9)
    assert found is not None
    assert np.sum(np.abs(found[0] - exponential(matrix(process), span) @ start)) < 8 * STEP
    _, spent = engine.powers(at, span, start[None])
    assert np.sum(np.abs(found[1] - spent)) < 8 * STEP * span
    assert carried(process, span, start, patience=MOST) is None


def test_declined_process_is_carried_otherwise() -> None:
    """A long one-way ring within many turns: no space of 60 vectors holds the pulse."""
    process = ring(200, 9.0)
    span = 3e4 / largest(process)
    start = np.eye(200)[7]
    assert carried(process, span, start, SOLUTIONS) is None
    engine = Evolution(process, None, "contour")
    at = engine.rates(process.energies(), None)
    assert route_of(engine, at, span)[0] == "rational"
    assert route_of(engine, at, span, declined=True)[0] != "rational"
    short = 300.0 / largest(process)
    near, far = (
        Evolution(process, None, method).advance(
            Piece(0.0, short, process.energies(), process.energies()), start[None]
        )[0]
        for method in ("contour", "uniformisation")
    )
    assert np.sum(np.abs(near - far)) < 8 * STEP


def test_time_spent() -> None:
    """int_0^t p ds, against the series; and pi stays pi, all its time spent there."""
    process = lattice(6, scale=3.0, drive=2.0)
    span, engine = 40.0 / largest(process), Evolution(process)
    at = engine.rates(process.energies(), None)
    start = np.random.default_rng(4).dirichlet(np.full(36, 0.2))
    found = Rational(engine, at, span).carry(span, start, 1e9)
    _, spent = engine.powers(at, span, start[None])
    assert found is not None
    assert np.sum(np.abs(found[1] - spent)) < STEP * span
    pi = stationary(process)
    kept = Rational(engine, at, 1e9 * span).carry(1e9 * span, pi, 1e9)
    assert kept is not None
    assert np.sum(np.abs(kept[0] - pi)) < STEP
    assert np.sum(np.abs(kept[1] / (1e9 * span) - pi)) < STEP


def test_stiff_driven_lattice_takes_this_way() -> None:
    """400 states, rate x time 7e4: chosen by itself, one factorisation for ten times, and as the contour says.

    The spectrum is real where it counts, though the bound of ``swirl`` cannot know: one part of the contour is right.
    """
    energy = 5.0 * np.random.default_rng(2).standard_normal((20, 20))
    process = sz.systems.lattice((20, 20), energy, force=(1.0, 0.5), periodic=True)
    duration = 7e4 / largest(process)
    eigenvalues = np.linalg.eigvals(process.generator().toarray()) * duration
    assert np.all(eigenvalues.imag**2 <= 0.5 * np.abs(eigenvalues.real))
    engine = Evolution(process)
    at = engine.rates(process.energies(), None)
    assert route_of(engine, at, duration)[0] == "rational"
    assert engine.swirl(at) * duration > 100.0
    start = np.random.default_rng(3).dirichlet(np.ones(400))
    answer = sz.propagate(process, start, np.linspace(0.0, duration, 6)[1:])
    found = answer.probabilities
    assert repr(answer).endswith(", by rational Krylov steps")
    calm = Evolution(process)
    calm.swirl = lambda at: 0.0  # type: ignore[method-assign]
    once, _ = Contour(calm, at, duration).carry(duration, start[None])
    assert np.sum(np.abs(found[-1] - once[0] / once.sum())) < 5 * STEP
    assert np.all(found >= 0.0)


def test_space_is_orthonormal_and_closes() -> None:
    """K V = V H + rest, V^T V = 1; a start that is an eigenvector closes the space at once."""
    process = lattice(6, scale=2.0, drive=3.0)
    engine = Evolution(process)
    at = engine.rates(process.energies(), None)
    span = 50.0 / largest(process)
    rational = Rational(engine, at, span)
    space = Space(rational.factor, rational.pole, np.random.default_rng(0).dirichlet(np.ones(36)))
    space.grow(12)
    v = space.basis[:13]
    assert np.abs(v @ v.T - np.eye(13)).max() < 36 * np.finfo(float).eps
    k = np.linalg.inv(np.eye(36) - process.generator().toarray() / rational.pole)
    # of a dense inverse: n roundings of a matrix of norm 1
    assert np.abs(v[:12] @ k.T - (v.T @ space.h[:13, :12]).T).max() < 36 * 36 * np.finfo(float).eps
    still = Space(rational.factor, rational.pole, stationary(process))
    still.grow(12)
    assert still.m < 12 and still.closed


def test_whose_factors_serve() -> None:
    process, other = lattice(6, scale=2.0, drive=1.0), lattice(6, scale=2.0, drive=2.0)
    engine = Evolution(process)
    at, else_ = engine.rates(process.energies(), None), Evolution(other).rates(other.energies(), None)
    rational = Rational(engine, at, 3.0)
    assert rational.serves(at, 2.9) and not rational.serves(at, 9.0) and not rational.serves(else_, 3.0)
