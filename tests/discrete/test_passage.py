"""First-passage times and committors against rational numbers, closed forms and the survival curve."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.passage import committor, first_passage
from szilard.errors import InputError
from tests.discrete.lopsided import exact, generator, grid, lopsided, rational, ring

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


def in_fractions(process: JumpProcess, targets: list[int]) -> tuple[Array, Array]:
    """Mean and variance of the passage time by Gauss' elimination in rational numbers, from the two moments."""
    L, n = rational(process), process.n_states
    free = [x for x in range(n) if x not in targets]
    matrix = [[-L[x][y] for y in free] for x in free]
    m = len(free)

    def solved(right: list[Fraction]) -> list[Fraction]:
        rows = [[*row, b] for row, b in zip(matrix, right, strict=True)]
        for i in range(m):
            for j in range(m):
                if j != i and rows[j][i] != 0:
                    f = rows[j][i] / rows[i][i]
                    rows[j] = [a - f * b for a, b in zip(rows[j], rows[i], strict=True)]
        return [rows[i][m] / rows[i][i] for i in range(m)]

    one = solved([Fraction(1)] * m)
    two = solved([2 * x for x in one])
    mean, variance = np.zeros(n), np.zeros(n)
    mean[free] = [float(x) for x in one]
    variance[free] = [float(b - a * a) for a, b in zip(one, two, strict=True)]
    return mean, variance


@given(st.integers(0, 10**6), st.integers(2, 9), st.floats(0.5, 8.0))
@settings(max_examples=25)
def test_against_rational_numbers(seed: int, n: int, spread: float) -> None:
    """However stiff: mean and variance keep their digits, also where the variance is no difference of moments."""
    process = lopsided(seed, n, spread=spread)
    targets = sorted({seed % n, (seed // 7) % n})
    mean, variance = in_fractions(process, targets)
    found = first_passage(process, targets)
    assert found.mean == pytest.approx(mean, rel=64 * n * EPS)
    # differences of means lose what their size loses: at most the mean's rounding, n of them in a passage
    assert found.variance == pytest.approx(variance, rel=1e-9)
    assert found.second_moment == pytest.approx(variance + mean**2, rel=1e-9)
    assert np.all(found.mean[targets] == 0.0)


def test_metastable_wells_to_all_digits() -> None:
    """Two wells behind a barrier of 60 T: a time of e^60, where a plain solver has lost everything."""
    tries = np.array([[0, 1, 0, 0, 0], [1, 0, 2, 0, 0], [0, 2, 0, 1, 0], [0, 0, 1, 0, 3], [0, 0, 0, 3, 0.0]])
    process = JumpProcess([0.0, 20.0, 60.0, 15.0, 1.0], Channel(tries, kinetics="heat_bath"))
    mean, variance = in_fractions(process, [4])
    found = first_passage(process, 4)
    assert found.mean[0] > 1e25
    assert found.mean == pytest.approx(mean, rel=32 * EPS)
    assert found.variance == pytest.approx(variance, rel=1e-12)
    assert found.variance[0] == pytest.approx(mean[0] ** 2, rel=1e-9)  # exponential


def test_biased_walk() -> None:
    """n steps along a drift: n / (k+ - k-) and n (k+ + k-) / (k+ - k-)^3, far from the reflecting end."""
    n, force = 400, 3.0
    tries = np.diag(np.ones(n), 1) + np.diag(np.ones(n), -1)
    found = first_passage(JumpProcess(-force * np.arange(n + 1), Channel(tries)), n)
    up, down = np.exp(force / 2), np.exp(-force / 2)
    # the reflecting wall is felt by e^(-3 x 100)
    assert found.mean[100] == pytest.approx((n - 100) / (up - down), rel=1e-12)
    assert found.variance[100] == pytest.approx((n - 100) * (up + down) / (up - down) ** 3, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_survival_and_density(seed: int) -> None:
    """exp of the dense generator that ends at the target; its integral is the mean, its slope the density."""
    process, target = lopsided(seed, 7), 2
    found = first_passage(process, target)
    Q = np.delete(np.delete(generator(process), target, 0), target, 1).T
    times = np.array([2.5, 0.0, 0.4])
    survival, density = found.survival(times), found.density(times)
    rest = np.delete(np.arange(7), target)
    for i, t in enumerate(times):
        alive = expm(t * Q)
        assert survival[i, rest] == pytest.approx(alive @ np.ones(6), rel=1e-11)
        assert density[i, rest] == pytest.approx(-alive @ Q @ np.ones(6), rel=1e-10)
    assert np.all(survival[:, target] == 0.0)
    assert np.all(density[:, target] == 0.0)
    p = np.linspace(1.0, 2.0, 7) / np.linspace(1.0, 2.0, 7).sum()
    assert found.survival(times, p) == pytest.approx(survival @ p, rel=1e-13)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    longest = 40.0 * found.mean.max()
    edges = longest * np.linspace(0.0, 1.0, 60) ** 2
    t = (0.5 * (edges[1:] + edges[:-1])[:, None] + 0.5 * np.diff(edges)[:, None] * nodes).ravel()
    w = (0.5 * np.diff(edges)[:, None] * weights).ravel()
    # exp(-40 mean / slowest time) is left out; the slowest time is within 2 of the longest mean here
    assert w @ found.survival(t) == pytest.approx(found.mean, rel=1e-7, abs=1e-7)
    assert (2 * w * t) @ found.survival(t) == pytest.approx(found.second_moment, rel=1e-6, abs=1e-6)


def test_survival_on_a_lattice() -> None:
    """400 states by sparse exponentials, against the dense one."""
    process = grid(20, 20, np.sin(np.arange(400.0)), np.full((20, 19), 0.6))
    found = first_passage(process, [0, 399])
    rest = np.arange(1, 399)
    Q = process.generator().toarray()[np.ix_(rest, rest)].T
    survival = found.survival([1.0, 7.0])
    assert survival[:, rest] == pytest.approx(np.array([expm(Q).sum(axis=1), expm(7 * Q).sum(axis=1)]), rel=1e-10)
    with pytest.raises(InputError, match="too many to be followed"):
        found.survival([1e9])


@given(st.integers(0, 10**6), st.integers(3, 9), st.floats(0.5, 8.0))
@settings(max_examples=20)
def test_committor_in_rational_numbers(seed: int, n: int, spread: float) -> None:
    process = lopsided(seed, n, spread=spread)
    a, b = seed % n, (seed + 1 + seed // n % (n - 1)) % n
    L = rational(process)
    free = [x for x in range(n) if x not in (a, b)]
    q = np.zeros(n)
    q[b] = 1.0
    q[free] = exact([[-L[x][y] for y in free] for x in free], [L[x][b] for x in free])
    found = committor(process, a, b)
    assert found == pytest.approx(q, rel=64 * n * EPS)
    assert committor(process, [b], [a]) == pytest.approx(1.0 - found, abs=64 * n * EPS)


def test_gamblers_ruin() -> None:
    """q_x = (r^x - 1) / (r^n - 1), r = e^force against the bias; its smallest value is 1e-130."""
    n, force = 100, 3.0
    tries = np.diag(np.ones(n), 1) + np.diag(np.ones(n), -1)
    found = committor(JumpProcess(force * np.arange(n + 1), Channel(tries)), 0, n)
    x = np.arange(n + 1)
    assert found == pytest.approx(np.exp(force * (x - n)) * np.expm1(-force * x) / np.expm1(-force * n), rel=1e-11)
    turn = ring([0.0, 0.4, 1.0, 0.2], 2.5, temperature=0.8)
    masks = np.arange(4) == 1, np.isin(np.arange(4), [0, 3])
    assert np.array_equal(committor(turn, *masks), committor(turn, 1, [3, 0]))


def test_large_lattice() -> None:
    """9000 states: the equations hold to rounding, entry by entry, which an M-matrix makes a relative error."""
    rng = np.random.default_rng(2)
    process = grid(90, 100, 2.0 * rng.normal(size=9000), rng.normal(size=(90, 99)))
    found = first_passage(process, [17, 8000])
    left = -process.generator().T @ found.mean
    rest = np.ones(9000, dtype=bool)
    rest[[17, 8000]] = False
    out = -process.generator().diagonal()
    assert np.all(np.abs(left[rest] - 1.0) <= 64 * EPS * (out * found.mean)[rest] + 1e-9)
    q = committor(process, 17, 8000)
    assert np.all((q >= 0.0) & (q <= 1.0))
    assert np.abs((process.generator().T @ q)[rest]).max() <= 1e-12 * out.max()


def test_what_never_arrives() -> None:
    tries = np.zeros((5, 5))
    tries[0, 1] = tries[1, 0] = 2.0
    tries[2, 3] = tries[3, 2] = 0.5
    process = JumpProcess([0.0, 1.0, 0.0, 2.0, 5.0], Channel(tries, temperature=2.0))
    found = first_passage(process, [1])
    rate = 2.0 * np.exp(-0.25)
    assert found.mean == pytest.approx([1 / rate, 0.0, np.inf, np.inf, np.inf])
    assert found.variance == pytest.approx([1 / rate**2, 0.0, np.inf, np.inf, np.inf])
    assert found.survival([1.0])[0] == pytest.approx([np.exp(-rate), 0.0, 1.0, 1.0, 1.0])
    assert found.density([1.0])[0] == pytest.approx([rate * np.exp(-rate), 0.0, 0.0, 0.0, 0.0])
    assert repr(found).endswith("3 never arrive")
    with pytest.raises(InputError, match="4; states reach neither"):
        committor(process, 0, 3)
    assert committor(process, [0, 4], [3]).tolist() == [0.0, 0.0, 1.0, 1.0, 0.0]


def test_all_states_are_targets() -> None:
    found = first_passage(JumpProcess([1.0], Channel([[0.0]])), 0)
    assert found.mean.tolist() == [0.0]
    assert found.survival([0.0, 2.0]).tolist() == [[0.0], [0.0]]
    assert committor(lopsided(1, 2), 0, 1).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("targets", "match"),
    [
        ([], "at least one state"),
        (np.zeros(3, dtype=bool), "at least one state"),
        (3, "must lie in 0..2"),
        ([-1], "must lie in 0..2"),
        (1.0, "must be state numbers"),
        ([[0, 1]], "must be state numbers"),
        (np.ones(2, dtype=bool), "must be state numbers"),
    ],
)
def test_bad_targets(targets: object, match: str) -> None:
    process = lopsided(0, 3)
    with pytest.raises(InputError, match=match):
        first_passage(process, targets)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=match):
        committor(process, 1, targets)  # type: ignore[arg-type]


def test_bad_times_and_sets() -> None:
    process = lopsided(0, 3)
    for times in ([-1.0], [np.inf], 1.0, [[1.0]]):
        with pytest.raises(InputError, match="times"):
            first_passage(process, 0).survival(times)
    with pytest.raises(InputError, match="initial"):
        first_passage(process, 0).survival([1.0], [0.5, 0.5])
    with pytest.raises(InputError, match="belongs to a as well"):
        committor(process, [0, 1], [1, 2])
