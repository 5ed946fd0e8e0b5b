"""The tilted generator against dense eigenvalues, closed forms, rational numbers and symmetries."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import eig
from scipy.optimize import minimize_scalar

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.currents import current_noise
from szilard.discrete.large_deviations import driven_rates, rate_function, scgf
from szilard.errors import InputError
from tests.discrete.lopsided import TURN, generator, grid, jumps, lopsided, ring

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
RING = ring([0.0, 0.5, 1.2], 2.0)
PAIR = JumpProcess([0.0, 0.0], Channel([[0.0, 1.0], [1.0, 0.0]]))


def tilted(process: JumpProcess, s: float) -> tuple[Array, Array]:
    """The dense tilted generator of the entropy flow, and its derivative by -s."""
    M, slope = np.zeros((2, process.n_states, process.n_states))
    for x, y, k, a in jumps(process):
        M[y, x] += k * np.exp(-s * a)
        slope[y, x] += k * a * np.exp(-s * a)
        M[x, x] -= k
    return M, slope


def perron(process: JumpProcess, s: float) -> tuple[float, float, Array]:
    """lambda(s), lambda'(s) and the left eigenvector, dense."""
    M, slope = tilted(process, s)
    values, left, right = eig(M, left=True, right=True)
    top = int(np.argmax(values.real))
    l, r = np.abs(left[:, top]), np.abs(right[:, top])
    return float(values[top].real), float(-(l @ slope @ r) / (l @ r)), l


def test_ring_of_three() -> None:
    found = scgf(RING, [[0.3, 0.5], [0.2, 0.8]])
    expected = [[-0.0817601763543987, -0.09699157081589993], [-0.06256355864658403, -0.06256355864658403]]
    assert found.values == pytest.approx(np.array(expected), rel=1e-12)
    assert found.slope[0, 1] == pytest.approx(0.0, abs=1e-13)  # the middle of the symmetry
    assert np.all(found.error < 1e-12)
    assert scgf(RING, 0.3).values == pytest.approx(-0.0817601763543987, rel=1e-12)
    assert repr(scgf(RING, 0.5)).startswith("Scgf: lambda(0.5) = -0.0969915708 +- ")


def test_uniform_ring() -> None:
    """lambda(s) = k+ (e^-2s - 1) + k- (e^2s - 1) for two nats in each jump, however large s is."""
    even = ring([0.3] * 5, 10.0)
    s = np.array([0.25, -2.0, 7.0, 50.0, -100.0, 330.0])
    closed = np.exp(1 - 2 * s) + np.exp(-1 + 2 * s) - 2 * np.cosh(1.0)
    found = scgf(even, s)
    assert found.values[0] == pytest.approx(-0.830909339217726, rel=1e-13)
    # exponents up to 661 are rounded to EPS of themselves
    assert found.values == pytest.approx(closed, rel=1e-12)
    assert found.slope == pytest.approx(-2 * np.exp(1 - 2 * s) + 2 * np.exp(-1 + 2 * s), rel=1e-12)
    assert found.curvature == pytest.approx(4 * closed + 8 * np.cosh(1.0), rel=1e-12)
    with pytest.raises(InputError, match="beyond floating point"):
        scgf(even, 400.0)


@given(st.integers(0, 10**6), st.integers(2, 12), st.floats(-1.5, 2.5))
@settings(max_examples=30)
def test_against_dense_eigenvectors(seed: int, n: int, s: float) -> None:
    process = lopsided(seed, n)
    value, slope, left = perron(process, s)
    found = scgf(process, s)
    size = np.abs(tilted(process, s)[0]).sum(axis=0).max()
    # dense eigenvalues err by EPS times the norm and the condition 1 / (l r), below 1e4 after scaling
    assert found.values == pytest.approx(value, abs=1e-11 * size)
    assert abs(found.values - value) <= found.error + 1e-11 * size
    assert found.slope == pytest.approx(slope, abs=1e-8 * size)
    other = scgf(process, 1.0 - s)
    assert found.values == pytest.approx(other.values, abs=float(found.error + other.error))
    rates = driven_rates(process, s)
    e = process.edges
    k = process.jump_rates(process.energies())
    a = process.jump_heat(process.energies()) / process.temperatures[e.channel]
    ratio = left[e.target] / left[e.source]
    assert rates == pytest.approx(k * np.exp(-s * a) * ratio, rel=1e-6, abs=1e-9 * size)


@pytest.mark.parametrize("seed", range(4))
def test_derivatives(seed: int) -> None:
    """The curvature by a central difference of the slope (error h^2), and both at s = 0 by the current's noise."""
    process = lopsided(seed, 9)
    h = 1e-4
    found = scgf(process, [0.4 - h, 0.4, 0.4 + h, 0.0])
    scale = np.abs(found.curvature).max()
    assert found.curvature[1] == pytest.approx((found.slope[2] - found.slope[0]) / (2 * h), abs=1e-5 * scale)
    assert np.all(found.curvature > 0.0)
    noise = current_noise(process)
    assert -found.slope[3] == pytest.approx(noise.mean, rel=1e-11)
    assert found.curvature[3] == pytest.approx(noise.variance, rel=1e-11)
    assert abs(found.values[3]) <= 64 * EPS * scale


def test_driven_process_makes_the_tilt_typical() -> None:
    process, s = lopsided(11, 7), -0.6
    rates = driven_rates(process, s)
    L = process.generator_of(rates).toarray()
    p = np.linalg.svd(L)[2][-1]
    p /= p.sum()
    e = process.edges
    a = process.jump_heat(process.energies()) / process.temperatures[e.channel]
    assert rates * p[e.source] @ a == pytest.approx(-float(scgf(process, s).slope), rel=1e-10)
    assert driven_rates(process, 0.0) == pytest.approx(process.jump_rates(process.energies()), rel=1e-14)


@pytest.mark.parametrize("temperature", [1.0, 0.4, 3.0])
def test_observables_of_one_turn(temperature: float) -> None:
    """With one bath and one cycle all flows are turns: lambda of heat, work and current are one function."""
    process = ring([0.0, 0.5, 1.2], 1.6, np.array([0.5, 2.0, 1.1]), temperature)
    affinity = 1.6 / temperature
    entropy = scgf(process, 0.35).values
    for observable, unit in (("heat", 1.6), ("work", 1.6), ("heat bath", 1.6), (TURN / 3, 1.0)):
        found = scgf(process, 0.35 * affinity / unit, observable=observable)
        assert found.values == pytest.approx(entropy, rel=1e-12)


def test_equilibrium() -> None:
    """Without a drive the entropy flow is bounded: lambda = 0, I is zero at 0 and infinite elsewhere."""
    process = lopsided(3, 10, push=0.0, baths=(0.8,))
    found = scgf(process, np.linspace(-2.0, 3.0, 5))
    assert np.all(np.abs(found.values) <= found.error)
    assert np.all(found.error < 1e-10)
    assert rate_function(process, [0.0, 0.5]).rate.tolist() == [0.0, np.inf]
    weight = np.where(generator(process) > 0, 1.0, 0.0)
    current = scgf(process, [0.7, -0.7], observable=np.triu(weight) - np.tril(weight)).values
    assert current[0] == pytest.approx(current[1], rel=1e-10)  # time reversal


def test_stiff_ring_in_rational_numbers() -> None:
    """Rates over twelve orders of magnitude; lambda is where x - M stops to be an M-matrix, found by bisection."""
    process = ring([0.0, 2.0, 1.0], 6.0, np.array([1e-6, 1e6, 1.0]))
    s = 0.3
    e = process.edges
    k = process.jump_rates(process.energies())
    a = process.jump_heat(process.energies()) / process.temperatures[e.channel]
    M = [[Fraction(0)] * 3 for _ in range(3)]
    for x, y, rate, weight in zip(e.source, e.target, k, np.exp(-s * a), strict=True):
        M[int(y)][int(x)] += Fraction(float(rate)) * Fraction(float(weight))
        M[int(x)][int(x)] -= Fraction(float(rate))

    def above(x: Fraction) -> bool:
        A = [[(x if i == j else Fraction(0)) - M[i][j] for j in range(3)] for i in range(3)]
        two = A[0][0] * A[1][1] - A[0][1] * A[1][0]
        three = (
            two * A[2][2]
            - A[0][0] * A[1][2] * A[2][1]
            + A[0][1] * A[1][2] * A[2][0]
            + A[0][2] * (A[1][0] * A[2][1] - A[1][1] * A[2][0])
        )
        return A[0][0] > 0 and two > 0 and three > 0

    low, high = Fraction(-1), Fraction(0)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    found = scgf(process, s)
    # the weights above are rounded to EPS, which moves lambda by EPS times the flow, 1e6 times a net current
    assert found.values == pytest.approx(float(high), rel=1e-9)
    assert abs(found.values - float(high)) <= found.error


@pytest.mark.parametrize("j", [-3.0, -0.4, 0.0, 0.7, 2.0, 40.0])
def test_rate_function_of_a_walk(j: float) -> None:
    """I = k+ + k- - r + j ln((j + r) / 2 k+), r^2 = j^2 + 4 k+ k-: jumps forth minus back on an even ring."""
    even = ring([0.0] * 4, 4 * 0.8)
    up, down = np.exp(0.4), np.exp(-0.4)
    r = np.sqrt(j * j + 4 * up * down)
    closed = up + down - r + j * np.log((j + r) / (2 * up))
    weight = np.roll(np.eye(4), 1, axis=0) - np.roll(np.eye(4), -1, axis=0)
    found = rate_function(even, j, observable=weight)
    assert found.rate == pytest.approx(closed, rel=1e-11, abs=1e-14)
    assert found.tilt == pytest.approx(-np.log((j + r) / (2 * up)), abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_rate_function_against_dense_search(seed: int) -> None:
    process = lopsided(seed, 6)
    mean, spread = float(current_noise(process).mean), float(np.sqrt(current_noise(process).variance))
    wanted = mean + spread * np.array([[-2.0, -0.3], [0.0, 1.5]])
    found = rate_function(process, wanted)
    for j, rate in zip(wanted.ravel(), found.rate.ravel(), strict=True):
        best = minimize_scalar(lambda s, j=j: s * j + perron(process, s)[0], bounds=(-8.0, 8.0), method="bounded")
        assert rate == pytest.approx(-best.fun, abs=1e-8 * spread)  # the search stops 1e-5 from its minimum
    assert found.rate[1, 0] == pytest.approx(0.0, abs=1e-13 * spread)
    mirrored = rate_function(process, -wanted)
    assert mirrored.rate == pytest.approx(found.rate + wanted, abs=1e-9 * (1 + np.abs(wanted).max()))
    assert mirrored.tilt == pytest.approx(1.0 - found.tilt, abs=1e-6)


def test_rate_function_of_activity() -> None:
    """A Poisson law: I = j ln j - j + 1; nothing below zero, and no tilt for zero itself."""
    j = np.array([0.2, 1.0, 3.0])
    assert rate_function(PAIR, j, observable="activity").rate == pytest.approx(j * np.log(j) - j + 1, abs=1e-12)
    assert rate_function(PAIR, -0.1, observable="activity").rate == np.inf
    with pytest.raises(InputError, match="no tilt makes it typical"):
        rate_function(PAIR, 0.0, observable="activity")


def test_large_lattice() -> None:
    """1000 states: bounds certain to 1e-11, the symmetry, and the slope by a difference."""
    rng = np.random.default_rng(7)
    process = grid(20, 50, rng.normal(size=1000), 0.4 + 0.1 * rng.normal(size=(20, 49)))
    found = scgf(process, [0.3, 0.7, 0.3001, 0.2999])
    assert np.all(found.error < 1e-10)
    assert found.values[0] == pytest.approx(found.values[1], rel=1e-8)
    pair = rate_function(process, [-0.1, 0.1])
    assert pair.rate[0] == pytest.approx(pair.rate[1] + 0.1, rel=1e-10)
    assert pair.tilt.sum() == pytest.approx(1.0, abs=1e-6)
    difference = (found.values[2] - found.values[3]) / 2e-4
    assert found.slope[0] == pytest.approx(difference, rel=1e-4, abs=1e-8)


def test_localised_ring() -> None:
    """4000 uneven states: far from the trap that rules lambda, eigenvectors fall below floating point."""
    n = 4000
    rng = np.random.default_rng(5)
    i = np.arange(n)
    up = sparse.coo_array((rng.exponential(size=n) + 0.1, ((i + 1) % n, i)), shape=(n, n))
    sign = sparse.coo_array((np.full(n, 0.3), ((i + 1) % n, i)), shape=(n, n))
    process = JumpProcess(rng.normal(size=n), Channel(up + up.T, sign - sign.T, temperature=0.7))
    found = scgf(process, [0.3, 0.7])
    assert np.all(found.error < 1e-10)
    assert found.values[0] == pytest.approx(found.values[1], abs=float(found.error.max()))
    # the slope jumps at 0 and at 1: below the mean I is a straight line, between it and its mirror
    below = rate_function(process, [-0.01, 0.01])
    assert below.rate[0] == pytest.approx(below.rate[1] + 0.01, abs=1e-9)
    # a lower bound of lambda: the same with the ring cut into pieces of 400, of which the slowest rules
    e = process.edges
    k, a = process.jump_rates(process.energies()), process.jump_heat(process.energies()) / 0.7
    out = np.bincount(e.source, k, n)
    best = -np.inf
    for start in range(0, n, 400):
        inside = (e.source // 400 == start // 400) & (e.target // 400 == start // 400)
        M = np.zeros((400, 400))
        symmetric = np.sqrt(k * np.exp(-0.3 * a) * (k * np.exp(-0.3 * a))[e.reverse])
        M[e.target[inside] - start, e.source[inside] - start] = symmetric[inside]
        best = max(best, np.linalg.eigvalsh(M - np.diag(out[start : start + 400]))[-1])
    assert found.values[0] >= best - 1e-12
    assert found.values[0] < 0.0


def test_one_state_and_bad_input() -> None:
    alone = JumpProcess([3.0], Channel([[0.0]]))
    assert scgf(alone, [0.3, -1.0]).values.tolist() == [0.0, 0.0]
    assert scgf(RING, []).values.shape == (0,)
    assert repr(scgf(RING, [])).startswith("Scgf: 0 values")
    assert rate_function(alone, 0.0).rate == 0.0
    for s in (np.nan, np.inf, "a", [[1.0], [1.0, 2.0]]):
        with pytest.raises(InputError):
            scgf(RING, s)
    with pytest.raises(InputError, match="values"):
        rate_function(RING, [np.nan])
    with pytest.raises(InputError, match="one number"):
        driven_rates(RING, [0.1, 0.2])  # type: ignore[arg-type]
    apart = JumpProcess(np.zeros(3), Channel([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    with pytest.raises(InputError):
        scgf(apart, 0.1)
    moved = JumpProcess(lambda gap: [0.0, gap], Channel([[0.0, 1.0], [1.0, 0.0]]))
    assert scgf(moved, 1.0, control=0.0, observable="activity").values == pytest.approx(np.exp(-1) - 1)
    with pytest.raises(InputError, match="control"):
        scgf(moved, 1.0)
