"""exp(L t) by both families against extended precision: stiff, driven, long and short."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
import pytest
from numpy.typing import NDArray

from szilard.discrete import Channel, JumpProcess
from szilard.discrete.contour import POLES, SWIRL
from szilard.discrete.course import Piece
from szilard.discrete.evolution import METHODS, Counter, Evolution, Method
from szilard.discrete.uniformised import poisson
from szilard.errors import InputError
from tests.discrete.master import lopsided
from tests.discrete.precise import exponential, lattice, matrix

Array = NDArray[np.float64]


def still(process: JumpProcess, span: float) -> Piece:
    return Piece(0.0, span, process.energies(), process.energies())


@pytest.mark.parametrize("method", [*METHODS, None])
@pytest.mark.parametrize(
    ("scale", "drive", "span"),
    [(1.0, 1.0, 1e-3), (1.0, 1.0, 0.3), (1.0, 0.0, 1.0), (2.0, 1.0, 100.0), (4.0, 6.0, 30.0)],
)
def test_against_extended_precision(scale: float, drive: float, span: float, method: Method | None) -> None:
    process = lattice(4, scale=scale, drive=drive)
    exact = exponential(matrix(process), span)
    p = np.random.default_rng(1).dirichlet(np.full(16, 0.3))
    for start in (np.eye(16)[5], p):
        found, _ = Evolution(process, None, method).advance(still(process, span), start[None])
        assert np.sum(np.abs(found[0] - exact @ start)) < 3e-14
        assert abs(found.sum() - 1.0) < 1e-15


@pytest.mark.parametrize(("drive", "span"), [(0.0, 1e-3), (0.0, 1.0), (0.0, 1e6), (3.0, 1e-3), (3.0, 1.0), (3.0, 1e6)])
def test_stiff(drive: float, span: float) -> None:
    """Rates from below 1e-10 to above 1e11: rate x time up to 1e18; both a metastable and a settled end are seen."""
    process = lattice(4, scale=26.0, drive=drive)
    rates = matrix(process)
    assert rates[rates > 0.0].min() < 1e-10 and rates.max() > 1e11
    exact = exponential(rates, span)
    for x in (0, 7):
        found, _ = Evolution(process).advance(still(process, span), np.eye(1, 16, x))
        assert np.sum(np.abs(found[0] - exact[:, x])) < 5e-14


def test_nearly_one_way_ring() -> None:
    """Eigenvalues far from the real line, where a contour for real ones is wrong by e^-5 and Chebyshev explodes."""
    n = 12
    ahead = np.roll(np.eye(n), 1, axis=0)
    process = JumpProcess(np.linspace(0.0, 0.3, n), Channel(ahead + ahead.T, 9.0 * (ahead - ahead.T)))
    for span in (0.02, 0.4, 3.0):
        exact = exponential(matrix(process), span)[:, 2]
        for method in METHODS:
            found, _ = Evolution(process, None, method).advance(still(process, span), np.eye(1, n, 2))
            assert np.sum(np.abs(found[0] - exact)) < 3e-14


def test_spectrum_lies_where_the_swirl_says() -> None:
    for process in (lattice(5, scale=1.0, drive=2.0), lopsided(5, baths=3).process, lattice(4, scale=3.0, drive=5.0)):
        control = 0.4 if process.controlled else None
        engine = Evolution(process)
        g = engine.swirl(engine.rates(process.energies(control), None))
        z = np.linalg.eigvals(process.generator(control).toarray())
        assert np.all(z.imag**2 <= g * np.abs(z.real) * (1.0 + 1e-9) + 1e-20)
    n = 60
    ahead = np.roll(np.eye(n), 1, axis=0)
    ring = Evolution(JumpProcess(np.zeros(n), Channel(ahead + ahead.T, 9.0 * (ahead - ahead.T))))
    g = ring.swirl(ring.rates(np.zeros(n), None))
    z = np.linalg.eigvals(ring.process.generator().toarray())
    slow = z[np.abs(z.real) < 0.01 * np.abs(z.real).max()]
    assert np.max(slow.imag**2 / np.maximum(np.abs(slow.real), 1e-9)) > 0.99 * g  # the edge is reached
    calm = Evolution(lattice(5, scale=4.0, drive=0.0))
    assert calm.swirl(calm.rates(calm.process.energies(), None)) < 1e-20


def test_contour_is_exact_within_its_region() -> None:
    """The rational function that stands for exp(z), on the edge of the parabola (Im z)^2 = SWIRL |Re z|."""
    process = lattice(3, scale=1.0, drive=0.0)
    engine = Evolution(process, None, "contour")
    engine.advance(still(process, 1.0), np.eye(1, 9, 0))
    c = engine._contour
    assert c is not None and 2 * c.z.size == POLES
    x = -np.concatenate([[0.0], np.logspace(-8, 6, 2000)])
    for side in (0.0, 0.5, 1.0):
        z = x + 1j * side * np.sqrt(SWIRL * np.abs(x))
        weight = 0.5 * c.weight * np.exp(c.z)
        near = weight / (c.z - z[:, None]) + weight.conj() / (c.z.conj() - z[:, None])
        assert np.max(np.abs(near.sum(axis=1) - np.exp(z))) < 4e-14


def test_time_spent_is_the_integral() -> None:
    """int_0^t exp(L s) ds from the exponential of [[L, 1], [0, 0]], summed as a series with L t small."""
    process = lattice(3, scale=1.0, drive=1.0)
    L, span = process.generator().toarray(), 0.05
    term, integral = np.eye(9) * span, np.zeros((9, 9))
    for j in range(2, 40):
        integral, term = integral + term, L @ term * span / j
    for method in METHODS:
        _, spent = Evolution(process, None, method).advance(
            still(process, span), np.eye(1, 9, 4), lambda energy, slope, rates, spent: np.array([spent, spent])
        )
        assert spent[0] == pytest.approx(integral[:, 4], rel=1e-12, abs=1e-14 * span)


@pytest.mark.parametrize("mean", [1e-300, 1e-3, 0.7, 5.0, 300.0, 1e6])
def test_poisson_weights(mean: float) -> None:
    weight, tail = poisson(mean)
    assert weight.sum() == pytest.approx(1.0, abs=1e-15)
    k = int(mean)
    # exp(-mean + k ln mean - ln k!) loses mean ln(mean) roundings, the weights do not
    expected = exp(k * log(mean) - mean - lgamma(k + 1))
    assert weight[k] == pytest.approx(expected, rel=1e-15 * (10.0 + mean * abs(log(mean))), abs=0.0)
    assert tail[0] == pytest.approx(1.0 - weight[0], abs=weight.size * 1.2e-16)  # a sum of so many terms
    assert np.sum(tail) == pytest.approx(mean, rel=1e-13, abs=0.0)


def test_powers_stay_positive_where_nothing_has_arrived() -> None:
    """A rare state far away: its probability is t^6 small, and relative accuracy is kept."""
    process = lattice(4, scale=1.0, drive=1.0)
    exact = exponential(matrix(process), 1e-3)[15, 0]
    found, _ = Evolution(process, None, "uniformisation").advance(still(process, 1e-3), np.eye(1, 16, 0))
    assert 0.0 < exact < 1e-17
    assert found[0, 15] == pytest.approx(exact, rel=1e-12, abs=0.0)


def test_one_state_and_no_jumps() -> None:
    alone = JumpProcess([2.0], Channel([[0.0]]))
    parted = JumpProcess([0.0, 1.0, 2.0], Channel(np.zeros((3, 3))))
    for process in (alone, parted):
        for method in (*METHODS, None):
            p = np.full((1, process.n_states), 1.0 / process.n_states)
            found, _ = Evolution(process, None, method).advance(still(process, 4.0), p)
            assert np.array_equal(found, p)


def test_refusals() -> None:
    process = lattice(3, scale=1.0, drive=0.0)
    with pytest.raises(InputError, match="method: got 'chebyshev'|method: got chebyshev"):
        Evolution(process, None, "chebyshev")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="products of matrix and vector"):
        Evolution(process, None, "uniformisation").advance(still(process, 1e12), np.eye(1, 9, 0))


@pytest.mark.parametrize("method", METHODS)
def test_weighted_vector(method: Method) -> None:
    """exp(-X): a dense matrix with weighted entries, in extended precision by Taylor's series of small steps."""
    process = lattice(3, scale=1.5, drive=2.0, temperature=0.8)
    counter = Counter(np.array([0.9]), -0.4)
    q, drive = process.jump_heat(process.energies()), process.edges.drive
    k = process.jump_rates(process.energies())
    m = np.zeros((9, 9), dtype=np.longdouble)
    np.add.at(m, (process.edges.target, process.edges.source), k * np.exp(-0.9 * q + 0.4 * drive))
    np.add.at(m, (process.edges.source, process.edges.source), -k)
    v = np.eye(9, dtype=np.longdouble)[3]
    for _ in range(200):
        term = v
        for j in range(1, 25):
            term = m @ term * (np.longdouble(1.7) / 200 / j)
            v = v + term
    found, _ = Evolution(process, counter, method).advance(still(process, 1.7), np.eye(1, 9, 3))
    expected = np.asarray(v, dtype=np.float64)
    assert np.sum(np.abs(found[0] - expected)) < 1e-12 * np.sum(expected)


@pytest.mark.parametrize("method", METHODS)
def test_weights_that_grow_apart(method: Method) -> None:
    """Two driven rings that no jump joins; in one e^{-X} grows, in the other not: each keeps its relative accuracy."""
    ring = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    attempt, drive = np.zeros((6, 6)), np.zeros((6, 6))
    attempt[:3, :3] = attempt[3:, 3:] = ring + ring.T
    drive[:3, :3], drive[3:, 3:] = 0.1 * (ring - ring.T), 1.2 * (ring - ring.T)
    process = JumpProcess([0.0, 0.4, 0.2, 0.1, 0.9, 0.5], Channel(attempt, drive))
    span, e, k = 12.0, process.edges, process.jump_rates(process.energies())
    m = np.zeros((6, 6))
    m[e.target, e.source] = k * np.exp(1.5 * process.jump_heat(process.energies()))
    np.add.at(m, (e.source, e.source), -k)
    counter = Counter(np.array([-1.5]), 0.0)
    found, _ = Evolution(process, counter, method).advance(still(process, span), np.full((1, 6), 1 / 6))
    growth = []
    for part in (slice(0, 3), slice(3, 6)):
        z, r = np.linalg.eig(m[part, part])
        exact = ((r * np.exp(z * span)) @ np.linalg.solve(r, np.full(3, 1 / 6))).real
        # eigenvalues to rounding of the matrix, times the span
        assert found[0, part] == pytest.approx(
            exact, rel=1e-14 * span * np.abs(m[part, part]).sum(axis=0).max(), abs=0.0
        )
        growth.append(np.log(exact.sum()))
    assert growth[1] - growth[0] > 50.0
