"""Relaxation spectra against dense eigenvalues, closed forms and rational numbers; bounds against the decay itself."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.relaxation import relaxation_spectrum
from szilard.errors import InputError
from tests.discrete.lopsided import generator, grid, lopsided, rational, ring, steady

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


def sorted_dense(process: JumpProcess) -> NDArray[np.complex128]:
    values = np.linalg.eigvals(-generator(process)).astype(np.complex128)
    return values[np.lexsort((values.imag, values.real))]


def test_two_levels() -> None:
    process = JumpProcess([0.0, 1.5], Channel([[0.0, 2.0], [2.0, 0.0]], temperature=0.6, kinetics="arrhenius"))
    found = relaxation_spectrum(process)
    assert found.eigenvalues == pytest.approx([0.0, 2.0 + 2.0 * np.exp(2.5)], rel=1e-14)
    assert found.times == pytest.approx([1.0 / (2.0 + 2.0 * np.exp(2.5))])
    assert found.coherence.tolist() == [0.0]
    assert found.reversible
    assert found.contraction == found.gap


def test_uniform_ring() -> None:
    """lambda_m = (k+ + k-)(1 - cos 2 pi m/n) - i (k+ - k-) sin 2 pi m/n."""
    n, force = 7, 3.0
    up, down = 0.8 * np.exp(force / 2), 0.8 * np.exp(-force / 2)
    turn = 2 * np.pi * np.arange(n) / n
    closed = (up + down) * (1 - np.cos(turn)) - 1j * (up - down) * np.sin(turn)
    found = relaxation_spectrum(ring([0.2] * n, n * force * 1.3, 0.8, 1.3))
    closed = closed[np.lexsort((closed.imag, np.round(closed.real, 9)))]
    assert found.eigenvalues == pytest.approx(closed, abs=1e-13 * up * n)
    assert not found.reversible
    # the uniform ring's reversal in time turns the other way: the mean of both is the real part
    assert found.contraction == pytest.approx(found.gap, rel=1e-12)
    assert found.coherence[0] == pytest.approx(np.tanh(force / 2) / np.tan(np.pi / n), rel=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 25), st.booleans())
@settings(max_examples=25)
def test_against_dense_eigenvalues(seed: int, n: int, driven: bool) -> None:
    process = lopsided(seed, n, chords=6) if driven else lopsided(seed, n, chords=6, push=0.0, baths=(0.8,))
    found, dense = relaxation_spectrum(process), sorted_dense(process)
    size = np.abs(dense).max()
    assert found.eigenvalues[0] == 0.0
    # dense eigenvalues that nearly meet err by the root of EPS
    reach = np.abs(found.eigenvalues[:, None] - dense[None, :]) / size
    assert reach.min(axis=0).max() < 1e-6
    assert reach.min(axis=1).max() < 1e-6
    assert found.eigenvalues.sum().real == pytest.approx(-np.trace(generator(process)), rel=1e-11)
    assert np.all(np.diff(found.eigenvalues.real) >= 0.0)
    assert found.contraction <= found.gap * (1 + 1e-9)


@pytest.mark.parametrize("driven", [False, True])
def test_stiff_ring_in_rational_numbers(driven: bool) -> None:
    """The two rates of three states are the roots of x^2 - trace x + sum of minors, which nothing rounds."""
    process = ring([0.0, 2.0, 1.0], 3.0 * driven, np.array([1e-8, 1e6, 1e-3]), 0.9)
    L = rational(process)
    trace = -sum((L[i][i] for i in range(3)), Fraction(0))
    minors = sum((L[i][i] * L[j][j] - L[i][j] * L[j][i] for i, j in ((0, 1), (0, 2), (1, 2))), Fraction(0))
    root = np.sqrt(float(trace * trace - 4 * minors))
    slow = float(2 * minors) / (float(trace) + root)
    found = relaxation_spectrum(process)
    assert found.eigenvalues.real == pytest.approx([0.0, slow, (float(trace) + root) / 2], rel=1e-12)
    assert found.reversible is not driven


@pytest.mark.parametrize("driven", [False, True])
def test_stiff_ladder_keeps_fast_and_slow(driven: bool) -> None:
    """Five blocks of fast pairs, slower and slower joins: the product of all rates is the sum over spanning trees."""
    process = lopsided(17, 14, chords=3, spread=4.0, push=float(driven), baths=(1.0, 1.0 + driven))
    L = rational(process)
    n = process.n_states
    rows = [[-x for x in row] for row in L]
    product = Fraction(0)
    for left in range(n):
        minor = [[rows[i][j] for j in range(n) if j != left] for i in range(n) if i != left]
        determinant = Fraction(1)
        for i in range(n - 1):
            determinant *= minor[i][i]
            for j in range(i + 1, n - 1):
                if minor[j][i]:
                    f = minor[j][i] / minor[i][i]
                    minor[j] = [a - f * b for a, b in zip(minor[j], minor[i], strict=True)]
        product += determinant
    found = relaxation_spectrum(process)
    ratio = found.eigenvalues[-1].real / found.gap
    assert ratio > 1e8
    total = np.sum(np.log(found.eigenvalues[1:])).real
    # each rate keeps EPS sqrt(largest / smallest), times the condition of its eigenvalue: below 10 here
    assert total == pytest.approx(float(np.log(float(product))), abs=10 * n * EPS * np.sqrt(ratio))


@pytest.mark.parametrize("driven", [False, True])
def test_slow_modes_of_a_lattice(driven: bool) -> None:
    """720 states: the sparse route against all dense eigenvalues."""
    rng = np.random.default_rng(3)
    drive = 0.5 + 0.2 * rng.normal(size=(24, 29)) if driven else np.zeros((24, 29))
    process = grid(24, 30, rng.normal(size=720), drive)
    found = relaxation_spectrum(process, count=5)
    dense = np.linalg.eigvals(-process.generator().toarray())
    dense = dense[np.argsort(np.abs(dense))][1:6]
    dense = dense[np.lexsort((dense.imag, dense.real))]
    assert found.eigenvalues.size == 6
    assert found.eigenvalues[1:] == pytest.approx(dense, rel=1e-7)  # dense: EPS x 720 states x condition, per 1e-2
    p = steady(process.generator().toarray())
    flow = process.generator().toarray() * p
    fair = 0.5 * (flow + flow.T) / np.sqrt(np.outer(p, p))
    contraction = np.sort(np.linalg.eigvalsh(-fair))[1]
    assert found.contraction == pytest.approx(contraction, rel=1e-8)
    assert found.reversible is not driven


@pytest.mark.parametrize("driven", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_distance_bounds_the_decay(seed: int, driven: bool) -> None:
    process = lopsided(seed, 8) if driven else lopsided(seed, 8, push=0.0, baths=(0.8,))
    found, L = relaxation_spectrum(process), generator(process)
    p, times = steady(L), np.array([0.0, 0.3, 2.0, 10.0, 30.0])
    bound = found.distance(times)
    for t, most in zip(times, bound, strict=True):
        worst = 0.5 * np.abs(expm(t * L) - p[:, None]).sum(axis=0).max()
        assert worst <= most + 1e-12
    # in the end chi^2, and with it the distance, falls no slower than the bound's rate and no faster than the gap
    late = found.distance(20.0 / found.contraction)
    assert 0.0 < late < 1e-5 * 0.5 * np.sqrt(1 / found.rarest)


def test_edges_and_bad_input() -> None:
    alone = relaxation_spectrum(JumpProcess([2.0], Channel([[0.0]])))
    assert alone.gap == np.inf
    assert alone.times.size == 0
    assert alone.distance([0.0, 1.0]).tolist() == [0.0, 0.0]
    process = lopsided(1, 6)
    assert relaxation_spectrum(process, count=2).eigenvalues == pytest.approx(
        relaxation_spectrum(process).eigenvalues[:3], rel=1e-12
    )
    for count in (0, 6, -1, 2.0, True):
        with pytest.raises(InputError, match="count"):
            relaxation_spectrum(process, count=count)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="too many modes"):
        relaxation_spectrum(grid(50, 50, np.zeros(2500), np.zeros((50, 49))))
    with pytest.raises(InputError):
        relaxation_spectrum(JumpProcess(np.zeros(3), Channel([[0, 1, 0], [1, 0, 0], [0, 0, 0]])))
    with pytest.raises(InputError, match="times"):
        relaxation_spectrum(process).distance([-1.0])
    moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]], kinetics="heat_bath"))
    assert relaxation_spectrum(moved, 3.0).gap == pytest.approx(1.0)  # the two rates of a heat bath add up to one


def test_probabilities_below_floating_point() -> None:
    """A slope of 12 T per step: the last states hold e^-1200; its modes are those of a walk between two walls."""
    n, force = 101, 12.0
    tries = np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    found = relaxation_spectrum(JumpProcess(force * np.arange(n), Channel(tries)))
    up, down = np.exp(-force / 2), np.exp(force / 2)
    closed = up + down - 2 * np.cos(np.pi * np.arange(1, n) / n)
    assert found.eigenvalues[1:].real == pytest.approx(closed, rel=1e-12)
    assert found.rarest == 0.0
    assert found.distance(1e9) == 1.0
