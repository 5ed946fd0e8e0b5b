"""Landauer's bound: attained, approached in finite time, and what only looks as if it were below it."""

from __future__ import annotations

from math import asin, exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.estimate import Estimate
from szilard.laws.erasure import landauer, two_level_erasure
from szilard.laws.given import BLIND
from tests.laws.test_precision import Random
from tests.statistics import assert_agrees

Array = NDArray[np.float64]


def h(e: float) -> float:
    return -e * log(e) - (1 - e) * log(1 - e)


@pytest.mark.parametrize(("error", "rate", "temperature"), [(0.01, 1.0, 1.0), (0.2, 1.7, 0.6), (1e-7, 0.3, 2.1)])
def test_two_levels_against_quadrature(error: float, rate: float, temperature: float) -> None:
    """The closed forms are the integrals over p, at the constant of the protocol."""
    shortest = -log(2 * error) / rate
    for duration in (1.0001 * shortest, 1.4 * shortest, 30.0 * shortest):
        found = two_level_erasure(error, duration, rate=rate, temperature=temperature)
        assert found.shortest == pytest.approx(shortest)
        gap, p = np.array(found.protocol.values[1:-1]), found.probabilities
        f = 1 / (1 + np.exp(gap / temperature))
        constant = (p - f) ** 2 / (f * (1 - f))
        assert constant == pytest.approx(np.full(p.size, constant[0]), rel=1e-9)
        work, time = integrals(error, float(np.median(constant)))
        assert found.work == pytest.approx(temperature * work, rel=1e-9)
        assert duration * rate == pytest.approx(time, rel=1e-9)


def integrals(error: float, k: float) -> tuple[float, float]:
    """int ln[(1 - f) / f] dp and int dp / (p - f) from ``error`` to 1/2, over ln p, for (p - f)^2 = k f (1 - f)."""

    def occupation(p: float) -> float:
        return 2 * p * p / (2 * p + k + sqrt(k * k + 4 * k * p * (1 - p)))

    def work(u: float) -> float:
        f = occupation(exp(u))
        return log((1 - f) / f) * exp(u)

    def time(u: float) -> float:
        f = occupation(exp(u))
        return exp(u) / sqrt(k * f * (1 - f))

    ends = (log(error), log(0.5))
    return quad(work, *ends, epsrel=1e-12, limit=200)[0], quad(time, *ends, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize(("error", "rate", "temperature"), [(0.01, 1.0, 1.0), (0.2, 1.7, 0.6)])
def test_two_levels_follow_the_protocol(error: float, rate: float, temperature: float) -> None:
    """The exact process pays that work and makes that error, up to straight pieces for a curve: second order."""
    process = sz.systems.two_level(attempt=rate, temperature=temperature)
    for duration in (-1.05 * log(2 * error) / rate, -8.0 * log(2 * error) / rate):
        misses = []
        for pieces in (20, 80):
            found = two_level_erasure(error, duration, rate=rate, temperature=temperature, pieces=pieces)
            books = sz.energetics(process, "equilibrium", duration, found.protocol)
            misses.append([books.work / found.work - 1, books.final[1] / error - 1])
            assert books.energy_change == pytest.approx(0.0, abs=1e-12)
            check = landauer(books.work, temperature=temperature, entropy_change=books.system_entropy_change)
            assert check.verdict == "holds"
        coarse, fine = np.abs(misses)
        assert np.all(fine < np.maximum(coarse / 10, 1e-9))
        assert np.all(fine < 1 / 80)


def test_two_levels_slow_and_fast() -> None:
    """W -> T [ln 2 - h(e)] + T Lambda^2 / (rate tau), and (1 - 2 e) T ln c, c^-1 ~ sqrt(rate (tau - shortest))."""
    e, rate, temperature = 0.03, 1.7, 0.6
    length = 2 * (asin(sqrt(0.5)) - asin(sqrt(e)))
    rest = []
    for tau in (1e2, 1e3, 1e4):
        found = two_level_erasure(e, tau, rate=rate, temperature=temperature)
        assert found.landauer == pytest.approx(temperature * (log(2) - h(e)))
        rest.append((found.work - found.landauer) * rate * tau / temperature - length**2)
    assert abs(rest[1]) < 0.02
    off = [abs(rest[i] / rest[i + 1] - 10.0) for i in (0, 1)]  # what is left is of the next order in 1/tau,
    assert off[0] < 2.0 and 5.0 < off[0] / off[1] < 20.0  # and so is what that leaves
    shortest = -log(2 * e) / rate
    works = [two_level_erasure(e, shortest + d, rate=rate, temperature=temperature).work for d in (1e-6, 1e-8, 1e-10)]
    steps = np.diff(works) / (temperature * (1 - 2 * e) * log(10.0))
    assert steps == pytest.approx([1.0, 1.0], rel=1e-3)  # the next order is sqrt(rate (tau - shortest)) <= 1.3e-3


def test_no_other_protocol_of_two_levels_is_cheaper() -> None:
    """Random protocols, judged by the least work for the error that each of them makes."""
    rng = np.random.default_rng(441)
    process = sz.systems.two_level(attempt=1.3, temperature=1.6)
    tested, closest = 0, 0.0
    while tested < 15:
        tau = float(10 ** rng.uniform(-0.5, 1.3))
        gaps = 1.6 * np.sort(rng.uniform(0.0, 6.0, 6))
        protocol = sz.Protocol([0.0, *np.linspace(0.0, tau, 6), tau], [0.0, *gaps, 0.0])
        books = sz.energetics(process, "equilibrium", tau, protocol)
        least = two_level_erasure(float(books.final[1]), tau, rate=1.3, temperature=1.6).work
        assert books.work >= least
        closest = max(closest, least / books.work)
        tested += 1
    assert closest > 0.8


def test_random_processes() -> None:
    """W >= dE - T dS for any start and end, in one bath, with or without a drive."""
    rng = np.random.default_rng(442)
    closest = -np.inf
    for i in range(50):
        a = Random(rng, driven=i % 2 == 0)
        process, protocol = a.moved()
        books = sz.energetics(process, a.start, a.duration, protocol)
        found = landauer(
            books.work, temperature=a.temperature,
            entropy_change=books.system_entropy_change, energy_change=books.energy_change,
        )  # fmt: skip
        assert found.verdict == "holds", found
        assert found.slack == pytest.approx(a.temperature * books.entropy_production, rel=1e-6)
        heat = landauer(float(books.heat[0]), temperature=a.temperature, entropy_change=books.system_entropy_change)
        assert heat.slack == pytest.approx(found.slack, rel=1e-6)
        closest = max(closest, -found.slack)
    assert closest > -0.5


@pytest.mark.parametrize(("density", "coefficient"), [("box", 1 / 3), ("gaussian", 0.839273)])
def test_optimal_erasure_attains_it(density: Any, coefficient: float) -> None:
    """L20, L21: T ln 2 + T C / (D tau) is what optimal transport pays, at any mobility and temperature."""
    for mobility, temperature, tau in ((1.0, 1.0, 2.0), (0.4, 1.8, 0.3)):
        way = sz.continuous.bit_erasure(tau, density=density, mobility=mobility, temperature=temperature)
        assert way.coefficient == pytest.approx(coefficient, abs=5e-7)
        found = landauer(
            way.work, temperature=temperature,
            coefficient=way.coefficient, diffusion=mobility * temperature, duration=tau,
        )  # fmt: skip
        assert found.verdict == "holds, saturated"
        faster = landauer(
            way.work, temperature=temperature,
            coefficient=way.coefficient, diffusion=mobility * temperature, duration=0.9 * tau,
        )  # fmt: skip
        assert faster.verdict == "violated"
    bit = sz.continuous.bit_erasure(2.0, density="gaussian", fixed="bit")
    assert bit.coefficient == pytest.approx(0.5)  # L22


@pytest.fixture(scope="module")
def erased() -> sz.continuous.Run:
    memory = sz.systems.bit_memory(7.0, 7.0, mobility=0.7, temperature=1.4)
    return sz.simulate(memory, "equilibrium", 20.0, replicas=2000, seed=443, dt=0.01, protocol=sz.ramp(20.0))


def test_sampled_double_well(erased: sz.continuous.Run) -> None:
    e = float(np.mean(erased.final[:, 0] < 0.0))
    assert 0.0 < e < 0.2
    found = landauer(
        erased.ledger.work, temperature=1.4, entropy_change=h(e) - log(2), energy_change=erased.ledger.energy_change
    )
    assert found.verdict == "holds"
    by_heat = landauer(erased.ledger.heat[:, 0], temperature=1.4, entropy_change=h(e) - log(2))
    assert by_heat.slack == pytest.approx(found.slack, rel=1e-9)
    assert by_heat.slack_stderr == pytest.approx(found.slack_stderr, rel=1e-6)
    # at twice its temperature the bound would be broken: T counts
    assert landauer(erased.ledger.work, temperature=28.0, entropy_change=h(e) - log(2)).verdict == "violated"


def test_below_kT_ln_2_in_an_asymmetric_memory() -> None:
    """One state says 0, two say 1: erased to 1 the memory keeps ln 2 within, dS = -(ln 2) / 2, and has more energy."""
    T = 1.3
    there_and_back = sz.Protocol([0.0, 20.0, 20.0], [0.0, 1.0, 0.0])
    process = JumpProcess(
        lambda c: [-T * log(2.0) + 10.0 * T * c, 0.0, 0.0], Channel(np.ones((3, 3)) - np.eye(3), temperature=T)
    )
    run = sz.simulate(process, "equilibrium", 20.0, replicas=20_000, seed=444, protocol=there_and_back)
    assert np.mean(run.initial == 0) == pytest.approx(0.5, abs=4 * 0.5 / sqrt(20_000))
    assert np.mean(run.final > 0) > 0.999  # what is left keeps less than h(1e-3) = 0.008
    heat = run.ledger.heat[:, 0]
    assert landauer(heat, temperature=T).verdict == "violated"
    books = sz.energetics(process, "equilibrium", 20.0, there_and_back)
    assert books.system_entropy_change == pytest.approx(-log(2.0) / 2, abs=0.008)
    assert landauer(heat, temperature=T, entropy_change=books.system_entropy_change).verdict == "holds"
    gained, change = run.ledger.energy_change, books.system_entropy_change
    assert landauer(run.ledger.work, temperature=T, entropy_change=change, energy_change=gained).verdict == "holds"


def test_below_kT_ln_2_from_a_start_out_of_equilibrium() -> None:
    """Nine of ten bits are 0 already, and the protocol raises at once the level that fits them: dS = -h(0.1)."""
    T = 0.8
    process = sz.systems.two_level(temperature=T)
    protocol = sz.Protocol([0.0, 0.0, 12.0, 12.0], [0.0, T * log(9.0), 9.0 * T, 0.0])
    run = sz.simulate(process, [0.9, 0.1], 12.0, replicas=20_000, seed=445, protocol=protocol)
    assert np.mean(run.final == 0) > 0.999  # what is left keeps less than h(1e-3) = 0.008
    assert landauer(run.ledger.work, temperature=T).verdict == "violated"
    end = sz.energetics(process, [0.9, 0.1], 12.0, protocol)
    assert end.system_entropy_change == pytest.approx(-h(0.1), abs=0.008)
    assert landauer(run.ledger.work, temperature=T, entropy_change=end.system_entropy_change).verdict == "holds"


def test_below_kT_ln_2_for_a_bit_that_another_one_knows() -> None:
    """Bits a and b agree in 19 of 20; b is made what a says, a copy that is undone for nothing: only h(1/20) is due."""
    T, e = 1.1, 0.05
    flip_b = np.zeros((4, 4))  # state 2 a + b
    flip_b[0, 1] = flip_b[1, 0] = flip_b[2, 3] = flip_b[3, 2] = 1.0
    process = JumpProcess(lambda c: [0.0, c, c, 0.0], Channel(flip_b, temperature=T))
    protocol = sz.Protocol([0.0, 0.0, 2.0, 2.0], [0.0, T * log((1 - e) / e), 9.0 * T, 0.0])
    start = [0.5 * (1 - e), 0.5 * e, 0.5 * e, 0.5 * (1 - e)]
    run = sz.simulate(process, start, 2.0, replicas=100_000, seed=446, protocol=protocol)
    assert np.mean((run.final == 0) | (run.final == 3)) > 0.999  # what is left keeps less than h(1e-3) = 0.008
    assert landauer(run.ledger.work, temperature=T).verdict == "violated"
    books = sz.energetics(process, start, 2.0, protocol)
    assert books.system_entropy_change == pytest.approx(-h(e), abs=0.008)
    assert landauer(run.ledger.work, temperature=T, entropy_change=books.system_entropy_change).verdict == "holds"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: landauer(np.nan, temperature=1.0), "work"),
        (lambda: landauer([1.0, np.inf], temperature=1.0), "work[1]"),
        (lambda: landauer([], temperature=1.0), "work"),
        (lambda: landauer(np.ones((2, 1)), temperature=1.0), "work"),
        (lambda: landauer(1.0, temperature=0.0), "temperature"),
        (lambda: landauer(1.0, temperature=np.nan), "temperature"),
        (lambda: landauer(1.0, temperature=1.0, entropy_change=np.inf), "entropy_change"),
        (lambda: landauer(1.0, temperature=1.0, energy_change=[np.nan]), "energy_change[0]"),
        (lambda: landauer([1.0, 2.0], temperature=1.0, energy_change=[0.0, 0.0, 0.0]), "replicas"),
        (lambda: landauer(1.0, temperature=1.0, duration=2.0), "coefficient, diffusion, duration"),
        (lambda: landauer(1.0, temperature=1.0, coefficient=-1.0, diffusion=1.0, duration=1.0), "coefficient"),
        (lambda: landauer(1.0, temperature=1.0, coefficient=np.nan, diffusion=1.0, duration=1.0), "coefficient"),
        (lambda: landauer(1.0, temperature=1.0, coefficient=1.0, diffusion=0.0, duration=1.0), "diffusion"),
        (lambda: landauer(1.0, temperature=1.0, coefficient=1.0, diffusion=1.0, duration=-1.0), "duration"),
        (lambda: two_level_erasure(0.5, 9.0), "error"),
        (lambda: two_level_erasure(0.0, 9.0), "error"),
        (lambda: two_level_erasure(np.nan, 9.0), "error"),
        (lambda: two_level_erasure(0.01, log(50.0)), "duration"),
        (lambda: two_level_erasure(0.01, 3.0), "duration"),
        (lambda: two_level_erasure(1e-300, 5.0), "duration"),
        (lambda: two_level_erasure(0.01, 1e-300), "duration"),
        (lambda: two_level_erasure(0.01, 9.0, rate=1e-300), "duration"),
        (lambda: two_level_erasure(0.01, 1e300, rate=1e300), "duration"),
        (lambda: landauer(1e300, temperature=1e300, entropy_change=1e10), "landauer"),
        (lambda: landauer(1.0, temperature=1.0, coefficient=1.0, diffusion=1e-300, duration=1e-300), "landauer"),
        (lambda: landauer("much", temperature=1.0), "work"),
        (lambda: landauer({"work": 1.0}, temperature=1.0), "work"),  # type: ignore[arg-type]
        (lambda: landauer([1.0, 2.0j], temperature=1.0), "work"),
        (lambda: two_level_erasure(0.01, 9.0, rate=0.0), "rate"),
        (lambda: two_level_erasure(0.01, 9.0, temperature=-1.0), "temperature"),
        (lambda: two_level_erasure(0.01, 9.0, pieces=0), "pieces"),
    ],
)
def test_refusals(call: Any, field: str) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field


@pytest.mark.parametrize("error", [1e-290, 1e-300, 1e-307])
def test_hardly_any_errors(error: float) -> None:
    """At a time of 10 beyond the shortest the work is that for an error of 1e-100: p ln p is far below rounding."""
    few, more = (two_level_erasure(e, -log(2.0 * e) + 10.0) for e in (error, 1e-100))
    assert few.work == pytest.approx(more.work, rel=1e-9)
    assert few.landauer == pytest.approx(log(2.0), rel=1e-15) and few.work > few.landauer
    assert few.shortest == pytest.approx(-log(2.0 * error), rel=1e-15)
    assert np.all(np.isfinite(few.probabilities)) and few.probabilities[-1] == pytest.approx(error, rel=1e-9)


def test_errors_add_up() -> None:
    found = landauer(
        Estimate(2.0, 0.02, 1000), temperature=2.0,
        entropy_change=Estimate(-0.5, 0.01, 1000), energy_change=Estimate(0.3, 0.03, 1000),
    )  # fmt: skip
    assert found.smaller.value == pytest.approx(1.3)
    assert found.smaller.stderr == pytest.approx(np.hypot(0.02, 0.03))
    assert found.slack_stderr == pytest.approx(sqrt(0.02**2 + 0.02**2 + 0.03**2))
    assert BLIND in found.assumptions
    assert any("correlated" in a for a in found.assumptions) and "Landauer" in found.reference
    few = landauer(Estimate(2.0, 0.02, 20, 20.0), temperature=1.0)
    assert few.verdict == "inconclusive"
    assert_agrees(landauer(np.random.default_rng(446).normal(2.0, 0.5, 2000), temperature=1.0).larger, 2.0)
