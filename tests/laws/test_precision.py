"""Uncertainty relations against exact moments of random processes, their limits, and what breaks each of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import asinh, cosh, sinh, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import brentq

import szilard as sz
from szilard.discrete import Channel, JumpProcess
from szilard.discrete.counting import Cumulants
from szilard.estimate import Estimate, Sampled
from szilard.laws.precision import (
    Form,
    driven_uncertainty_relation,
    kinetic_uncertainty_relation,
    uncertainty_relation,
)
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
Stage = tuple[Array, float]
RING = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)


def rates(process: JumpProcess, control: float | None = None) -> Array:
    generator = process.generator(control).toarray()
    return np.asarray(generator - np.diag(np.diag(generator)))


def moments(stages: Sequence[Stage], p: Array, d: Array) -> Cumulants:
    """Mean and variance of sum d over jumps, by the exponential of the tilted generator to second order in the tilt."""
    n, zero = p.size, np.zeros((p.size, p.size))
    g = np.concatenate([p, 0.0 * p, 0.0 * p])
    for k, duration in stages:
        L, first, second = k - np.diag(k.sum(axis=0)), k * d, k * d * d / 2.0
        g = expm(duration * np.block([[L, zero, zero], [first, L, zero], [second, first, L]])) @ g
    mean = float(g[n : 2 * n].sum())
    return Cumulants(mean, 2.0 * float(g[2 * n :].sum()) - mean**2, 0.0)


def response(stages: Sequence[Stage], p: Array, d: Array, h: float = 1e-4) -> float:
    """(tau d_tau - v d_v) <J>: all stages last 1 + h times as long. The error is of order h^2."""
    slower, faster = ([(k, t * s) for k, t in stages] for s in (1.0 + h, 1.0 - h))
    return (moments(slower, p, d).mean - moments(faster, p, d).mean) / (2.0 * h)


class Random:
    """A random connected process at T != 1 with unequal energies that a control moves in stages, driven or not."""

    def __init__(self, rng: np.random.Generator, driven: bool = True) -> None:
        n = self.n = int(rng.integers(3, 6))
        self.temperature = float(rng.uniform(0.4, 2.5))
        attempt = rng.uniform(0.05, 2.0, (n, n)) * (1 - np.eye(n))
        drive = 3.0 * rng.normal(size=(n, n)) * driven
        self.levels = 2.0 * rng.normal(size=(int(rng.integers(2, 6)), n))
        self.duration = float(10.0 ** rng.uniform(-1.5, 1.0))
        self.channel = Channel((attempt + attempt.T) / 2, drive - drive.T, temperature=self.temperature)
        d = rng.normal(size=(n, n))
        self.count, self.current = d, d - d.T
        self.start = rng.dirichlet(np.full(n, 0.7))

    def still(self, stage: int = 0) -> JumpProcess:
        return JumpProcess(self.levels[stage], self.channel)

    def moved(self) -> tuple[JumpProcess, sz.Protocol]:
        """The levels one after the other, in sudden steps."""
        levels, m = self.levels, len(self.levels)
        process = JumpProcess(lambda i: levels[round(i)], self.channel)
        times = [self.duration * i / m for i in range(m)] + [self.duration]
        return process, sz.Protocol(times, [*range(m), m - 1], kind="constant")

    def stages(self, order: Sequence[int]) -> list[Stage]:
        return [(rates(self.still(i)), self.duration / len(order)) for i in order]


def test_reference_rings() -> None:
    found = uncertainty_relation(sz.discrete.current_noise(RING), sz.entropy_production_rate(RING))
    assert found.verdict == "holds"
    assert 2.0 / found.tightness == pytest.approx(2.1621752500037634, rel=1e-9)  # R09_ring3_TUR_ratio
    for force, temperature in ((2.0, 1.0), (0.3, 2.5), (5.0, 0.4)):
        even = sz.systems.ring(np.zeros(5), 5 * force * temperature, temperature=temperature)
        found = uncertainty_relation(sz.discrete.current_noise(even), sz.entropy_production_rate(even))
        assert 2.0 / found.tightness == pytest.approx(force / tanh(force / 2), rel=1e-9)  # R10 at force 2


def test_vortex() -> None:
    """The work of a vortex in a trap, over finite times: sigma = 2 mu r^2 / k (L11), and Var W in closed form."""
    trap = sz.systems.rotating_trap(1.3, 0.7, mobility=0.6, temperature=1.7)
    sigma = 2 * 0.6 * 0.7**2 / 1.3
    for duration in (0.1, 1.0, 30.0):
        work = sz.continuous.fluctuations(trap, "stationary", duration).work
        assert work.mean == pytest.approx(1.7 * sigma * duration, rel=1e-9)
        found = uncertainty_relation(work, sigma * duration)
        assert found.verdict == "holds"
        # W = int mu r^2 rho^2 dt + r int rho sqrt(2 mu T) dB: Var W = 2 T <W> + mu^2 r^4 Var(int rho^2 dt), where
        # Cov(rho^2, rho^2) = 4 (T / k)^2 e^{-a t}, a = 2 mu k
        a = 2 * 0.6 * 1.3
        excess = 0.6**2 * 0.7**4 * 8 * (1.7 / 1.3) ** 2 * (duration / a - (1 - np.exp(-a * duration)) / a**2)
        assert found.tightness == pytest.approx(1 / (1 + excess / (2 * 1.7 * work.mean)), rel=1e-9)


def closest_of(processes: int, seed: int) -> dict[str, float]:
    """The largest tightness of every relation, none of which may be broken."""
    rng = np.random.default_rng(seed)
    closest: dict[str, float] = {}

    def note(name: str, check: sz.BoundCheck) -> None:
        assert check.verdict in ("holds", "holds, saturated"), f"{name}: {check}"
        closest[name] = max(closest.get(name, 0.0), check.tightness)

    for _ in range(processes):
        a = Random(rng)
        process, tau = a.still(), a.duration
        p = sz.discrete.stationary(process)
        steady = sz.energetics(process, p, tau)
        stages = [(rates(process), tau)]
        current, count = moments(stages, p, a.current), moments(stages, p, a.count)
        note("steady", uncertainty_relation(current, steady.entropy_production))
        note("theorem", uncertainty_relation(current, steady.entropy_production, form="theorem"))
        note("kinetic", kinetic_uncertainty_relation(count, steady.activity))
        relaxing = sz.energetics(process, a.start, tau)
        slower = response(stages, a.start, a.current)
        current = moments(stages, a.start, a.current)
        note("relaxation", driven_uncertainty_relation(current, relaxing.entropy_production, slower))
        slower = response(stages, a.start, a.count)
        found = kinetic_uncertainty_relation(moments(stages, a.start, a.count), relaxing.activity, response=slower)
        note("kinetic relaxation", found)
    return closest


def test_random_processes() -> None:
    assert min(closest_of(40, 401).values()) > 0.5


def test_random_processes_under_protocols() -> None:
    """Sudden steps: currents, counts and the work itself, whose response needs the same v in its own definition."""
    rng = np.random.default_rng(402)
    for _ in range(12):
        a = Random(rng)
        process, protocol = a.moved()
        stages = a.stages(range(len(a.levels)))
        books = sz.energetics(process, a.start, a.duration, protocol)
        sigma = books.entropy_production
        slower = response(stages, a.start, a.current)
        assert driven_uncertainty_relation(moments(stages, a.start, a.current), sigma, slower).verdict == "holds"
        slower = response(stages, a.start, a.count)
        found = kinetic_uncertainty_relation(moments(stages, a.start, a.count), books.activity, response=slower)
        assert found.verdict == "holds"
        h = 1e-4
        works = []
        for s in (1.0 + h, 1.0 - h):
            stretched = sz.Protocol([t * s for t in protocol.times], protocol.values, kind="constant")
            works.append(sz.energetics(process, a.start, a.duration * s, stretched).work)
        work = sz.discrete.fluctuations(process, a.start, a.duration, protocol).work
        found = driven_uncertainty_relation(work, sigma, (works[0] - works[1]) / (2.0 * h))
        assert found.verdict == "holds"


def test_theorem_under_mirrored_protocols() -> None:
    """Cycles that are their own mirror image, from equilibrium: W / T obeys the theorem with any current."""
    rng = np.random.default_rng(403)
    closest = 0.0
    for _ in range(15):
        a = Random(rng, driven=False)
        order = [*range(len(a.levels)), *range(len(a.levels))[::-1]]
        stages = a.stages(order)
        p = np.exp(-a.levels[0] / a.temperature)
        p = start = p / p.sum()
        work = 0.0
        for before, after, (k, duration) in zip(order, [*order[1:], order[0]], stages, strict=True):
            p = expm(duration * (k - np.diag(k.sum(axis=0)))) @ p
            work += float((a.levels[after] - a.levels[before]) @ p)
        found = uncertainty_relation(moments(stages, start, a.current), work / a.temperature, form="theorem")
        assert found.verdict == "holds"
        closest = max(closest, found.tightness)
    assert closest > 0.01


def test_random_chains_in_discrete_time() -> None:
    rng = np.random.default_rng(404)
    closest = 0.0
    for _ in range(200):
        n, steps = int(rng.integers(3, 6)), int(10 ** rng.uniform(0.0, 2.0))
        chain = 0.99 * rng.dirichlet(np.full(n, 0.5), n).T + 0.01 / n
        found = uncertainty_relation(*of_chain(chain, steps, rng), form="discrete time", steps=steps)
        assert found.verdict == "holds"
        closest = max(closest, found.tightness)
    assert closest > 0.8


def of_chain(chain: Array, steps: int, rng: np.random.Generator) -> tuple[Cumulants, float]:
    """Moments of a random current of a stationary chain, and the entropy it produces."""
    n = len(chain)
    p = np.linalg.matrix_power(chain, 4000) @ np.full(n, 1.0 / n)
    d = rng.normal(size=(n, n))
    d -= d.T
    zero, flow = np.zeros((n, n)), chain * p
    step = np.block([[chain, zero, zero], [chain * d, chain, zero], [chain * d * d / 2, chain * d, chain]])
    g = np.linalg.matrix_power(step, steps) @ np.concatenate([p, 0 * p, 0 * p])
    mean = float(g[n : 2 * n].sum())
    return Cumulants(mean, 2 * float(g[2 * n :].sum()) - mean**2, 0.0), steps * float(
        (flow * np.log(flow / flow.T)).sum()
    )


@pytest.mark.parametrize("force", [0.05, 1.0, 6.0])
def test_theorem_is_csch_of_g(force: float) -> None:
    """One hop with affinity F saturates it; the form with csch and the inverse of x tanh x is the same bound."""
    hop = Cumulants(tanh(force / 2), 1.0 / cosh(force / 2) ** 2, 0.0)
    found = uncertainty_relation(hop, force * tanh(force / 2), form="theorem")
    assert found.verdict == "holds, saturated"
    sigma = 0.8 * force
    g = brentq(lambda x: x * tanh(x) - sigma / 2, 0.0, 50.0, xtol=1e-15)
    at_the_bound = Cumulants(1.0, 1.0 / sinh(g) ** 2, 0.0)
    assert uncertainty_relation(at_the_bound, sigma, form="theorem").smaller.value == pytest.approx(sigma, rel=1e-10)
    weaker = np.log1p(2.0 * hop.mean**2 / hop.variance)
    one = uncertainty_relation(hop, force * tanh(force / 2), form="discrete time", steps=1)
    assert one.smaller.value == pytest.approx(weaker, rel=1e-12)
    assert one.verdict == "holds"


@pytest.fixture(scope="module")
def sampled() -> Any:
    ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=6.0, temperature=1.6)
    turn = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / 3.0
    run = sz.simulate(ring, "stationary", 4.0, replicas=40_000, seed=405, currents={"turn": turn})
    p = sz.discrete.stationary(ring)
    exact = moments([(rates(ring), 4.0)], p, turn)
    return ring, run, exact, sz.energetics(ring, p, 4.0)


def test_sampled(sampled: Any) -> None:
    ring, run, exact, books = sampled
    x = exact.mean**2 / exact.variance
    turn, sigma = run.currents["turn"], run.ledger.entropy_production
    found = uncertainty_relation(turn, sigma)
    assert found.verdict == "holds"
    assert_agrees(found.smaller, 2 * x, relative=0.03)
    assert_agrees(found.larger, books.entropy_production)
    assert found.slack_stderr < 0.95 * np.hypot(found.smaller.stderr, found.larger.stderr)
    r = sqrt(x)
    assert_agrees(
        uncertainty_relation(turn, sigma, form="theorem").smaller, 2 * r * asinh(r) / sqrt(1 + x), relative=0.03
    )
    steps = uncertainty_relation(turn, sigma, form="discrete time", steps=3).smaller
    assert_agrees(steps, 3 * np.log1p(2 * x / 3), relative=0.03)
    kinetic = kinetic_uncertainty_relation(turn, run.activity)
    assert kinetic.verdict == "holds"
    assert_agrees(kinetic.smaller, x, relative=0.03)
    assert_agrees(kinetic.larger, books.activity)
    # a response that is an estimate of its own, an exact one and one of the same replicas
    for given in (Estimate(exact.mean, 1e-3, 1000), exact.mean, turn):
        driven = driven_uncertainty_relation(turn, sigma, given)
        assert_agrees(driven.smaller, 2 * x, relative=0.05)
    assert driven.smaller.stderr == pytest.approx(found.smaller.stderr, rel=1e-12)
    known = uncertainty_relation(turn, books.entropy_production)
    assert known.stderr is None and known.verdict == "holds"


@pytest.mark.parametrize("form", ["steady", "theorem", "discrete time"])
def test_error_is_that_of_the_jackknife(form: Form) -> None:
    """Of a skewed current and a Sigma that varies with it, each replica left out once."""
    rng = np.random.default_rng(412)
    n = 600
    current = rng.random(n) ** 2
    sigma = 2.0 + 3.0 * current + rng.normal(size=n)
    steps = 2 if form == "discrete time" else None
    whole = uncertainty_relation(current, sigma, form=form, steps=steps)

    def slack(left_out: int) -> float:
        kept = np.delete(np.arange(n), left_out)
        return uncertainty_relation(current[kept], sigma[kept], form=form, steps=steps).slack

    slacks = np.array([slack(i) for i in range(n)])
    # the two differ by terms of order z^4 / n, and here |z| < 2.3
    assert whole.slack_stderr == pytest.approx(sqrt(n - 1.0) * slacks.std(), rel=2.3**4 / n)


def test_error_of_an_independent_response() -> None:
    """R^2 / V with R = r +- s: freed of s^2, error sqrt(4 r^2 s^2 + 2 s^4) / V."""
    exact = Cumulants(3.0, 4.0, 0.0)
    found = driven_uncertainty_relation(exact, 2.0, Estimate(1.0, 0.5, 1000)).smaller
    assert found.value == pytest.approx(2 * (1.0 - 0.25) / 4.0)
    assert found.stderr == pytest.approx(2 * sqrt(4 * 0.25 + 2 * 0.0625) / 4.0)
    unsure = driven_uncertainty_relation(exact, 2.0, Estimate(1.0, 0.5, 50, 50.0))
    assert unsure.verdict == "inconclusive"
    samples = np.random.default_rng(0).normal(size=1000)
    assert driven_uncertainty_relation(samples, 9.0, Estimate(1.0, 0.5, 50, 50.0)).verdict == "inconclusive"
    falls = driven_uncertainty_relation(exact, 2.0, Estimate(-1.0, 0.0, side="lower"))
    assert falls.smaller.side == "upper"


def test_equilibrium_is_never_called_a_violation() -> None:
    """Sigma = 0 exactly and <J> = 0: what is left of <J>^2 is noise, and it has mean 0."""
    rng = np.random.default_rng(406)
    found = [uncertainty_relation(rng.normal(size=300), 0.0) for _ in range(2000)]
    assert max(abs(f.margin) for f in found) < 5.0
    values = np.array([f.smaller.value for f in found])
    assert abs(values.mean()) < 4 * values.std() / sqrt(values.size)
    null = sz.systems.ring([0.0, 0.5, 1.2], affinity=0.0, temperature=0.7)
    turn = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    run = sz.simulate(null, "stationary", 3.0, replicas=3000, seed=407, currents={"turn": turn})
    assert uncertainty_relation(run.currents["turn"], run.ledger.entropy_production).verdict == "inconclusive"


def test_rare_events_are_inconclusive() -> None:
    rare = np.zeros(100_000)
    rare[:30] = 1.0
    found = kinetic_uncertainty_relation(rare, 1e-5)
    p = 30 / 100_000  # <(x - p)^2> = p (1 - p), <(x - p)^4> = p (1 - p) (1 - 3 p (1 - p))
    assert found.smaller.ess == pytest.approx(30.0 * (1 - p) / (1 - 3 * p * (1 - p)), rel=1e-9)
    assert found.verdict == "inconclusive"


def pump(periods: int) -> tuple[JumpProcess, sz.Protocol]:
    """A well that goes around six states in 24 steps a period of time 40."""
    place = np.arange(6) / 6.0
    process = sz.systems.ring(lambda c: -4.0 * np.cos(2 * np.pi * (place - c)), affinity=0.0, states=6, temperature=0.8)
    steps = 24 * periods
    return process, sz.Protocol(
        [40.0 * i / 24 for i in range(steps + 1)], [i / 24 for i in range(steps)] + [(steps - 1) / 24], kind="constant"
    )


def test_broken_by_periodic_driving_where_the_driven_form_holds() -> None:
    process, protocol = pump(2)
    turn = (np.roll(np.eye(6), 1, axis=0) - np.roll(np.eye(6), -1, axis=0)) / 6.0
    run = sz.simulate(process, "equilibrium", 80.0, replicas=4000, seed=408, protocol=protocol, currents={"turn": turn})
    current, sigma = run.currents["turn"], run.ledger.entropy_production
    broken = uncertainty_relation(current, sigma)
    assert broken.verdict == "violated"
    assert broken.tightness > 20
    stages = [(rates(process, c), 40.0 / 24) for c in protocol.values[:-1]]
    p = np.exp(-process.energies(0.0) / 0.8)
    exact = moments(stages, p / p.sum(), turn)
    assert_agrees(Sampled.mean(current).estimate(), exact.mean)
    slower = response(stages, p / p.sum(), turn)
    assert driven_uncertainty_relation(current, sigma, slower).verdict == "holds"
    assert uncertainty_relation(exact, float(sigma.mean())).verdict == "violated"


def test_broken_in_discrete_time_where_its_own_form_holds() -> None:
    """A chain that hops forward with probability 0.9 in each of 20 steps; every step is a jump."""
    rng = np.random.default_rng(409)
    hops = np.where(rng.random((20_000, 20)) < 0.9, 1.0, -1.0)
    current = hops.sum(axis=1)
    sigma = np.log(9.0) * current
    assert uncertainty_relation(current, sigma).verdict == "violated"
    assert uncertainty_relation(current, sigma, form="discrete time", steps=20).verdict == "holds"
    # fewer kinetic units than hops: 20 jumps, <J>^2 / Var J = 35.6
    broken = kinetic_uncertainty_relation(current, 20.0)
    assert broken.verdict == "violated"


def test_broken_by_feedback() -> None:
    """A demon who lowers the barrier ahead and raises it behind: the heat is that of the energies alone."""
    demon = sz.systems.ring([0.0, 0.5, 1.2], affinity=6.0, temperature=1.3)
    turn = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / 3.0
    run = sz.simulate(demon, "stationary", 5.0, replicas=5000, seed=410, currents={"turn": turn})
    current = run.currents["turn"]
    heat = -run.ledger.energy_change  # no work is done
    seen = run.ledger.system_entropy_change + heat / 1.3
    assert uncertainty_relation(current, run.ledger.entropy_production).verdict == "holds"
    assert uncertainty_relation(current, seen).verdict == "violated"
    assert uncertainty_relation(current, seen, form="theorem").verdict == "violated"


def test_theorem_broken_by_a_one_sided_protocol() -> None:
    """A stiff trap moved slowly one way: displaced precisely at little cost."""
    trap, ramp = sz.systems.moved_trap(4.0, mobility=1.5, temperature=0.8), sz.Protocol([0.0, 20.0], [0.0, 3.0])
    run = sz.simulate(trap, "equilibrium", 20.0, replicas=4000, seed=411, protocol=ramp)
    moved = (run.final - run.initial)[:, 0]
    found = uncertainty_relation(moved, run.ledger.work / 0.8, form="theorem")
    assert found.verdict == "violated"
    assert found.margin < -20


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: uncertainty_relation([1.0, np.nan], 1.0), "current[1]"),
        (lambda: uncertainty_relation([1.0, np.inf], 1.0), "current[1]"),
        (lambda: uncertainty_relation([], 1.0), "current"),
        (lambda: uncertainty_relation([[1.0, 2.0]], 1.0), "current"),
        (lambda: uncertainty_relation([1.0, 1.0], 1.0), "current"),
        (lambda: uncertainty_relation([1.0], 1.0), "current"),
        (lambda: uncertainty_relation(Cumulants(1.0, 0.0, 0.0), 1.0), "variance"),
        (lambda: uncertainty_relation(Cumulants(np.nan, 1.0, 0.0), 1.0), "current.mean"),
        (lambda: uncertainty_relation(sz.discrete.current_noise(RING, {"a": "work", "b": "heat"}), 1.0), "current"),
        (lambda: uncertainty_relation([1.0, 2.0], np.nan), "entropy_production"),
        (lambda: uncertainty_relation([1.0, 2.0], [1.0, np.nan]), "entropy_production[1]"),
        (lambda: uncertainty_relation([1.0, 2.0], []), "entropy_production"),
        (lambda: uncertainty_relation([1.0, 2.0], [[1.0, 2.0]]), "entropy_production"),
        (lambda: uncertainty_relation([1.0, 2.0], [1.0, 2.0, 3.0]), "replicas"),
        (lambda: uncertainty_relation([1.0, 2.0], Estimate(np.inf, 0.0)), "entropy_production"),
        (lambda: uncertainty_relation([1.0, 2.0], 1.0, form="exact"), "form"),  # type: ignore[arg-type]
        (lambda: uncertainty_relation([1.0, 2.0], 1.0, form="discrete time"), "steps"),
        (lambda: uncertainty_relation([1.0, 2.0], 1.0, form="discrete time", steps=0), "steps"),
        (lambda: uncertainty_relation([1.0, 2.0], 1.0, steps=3), "steps"),
        (lambda: kinetic_uncertainty_relation([1.0, 2.0], np.inf), "activity"),
        (lambda: kinetic_uncertainty_relation([1.0, 2.0], 1.0, response=[1.0, 2.0, 3.0]), "response"),
        (lambda: driven_uncertainty_relation([1.0, 2.0], 1.0, np.nan), "response"),
        (lambda: driven_uncertainty_relation([1.0, 2.0], 1.0, [1.0, np.nan]), "response[1]"),
        (lambda: uncertainty_relation("turns", 1.0), "current"),
        (lambda: uncertainty_relation([[1.0], [1.0, 2.0]], 1.0), "current"),
        (lambda: uncertainty_relation(Estimate(1.0, 0.1, 1000), 1.0), "current"),  # type: ignore[arg-type]
        (lambda: uncertainty_relation(np.full(9, 0.1), 1.0), "current"),
        (lambda: uncertainty_relation(0.1 + np.array([0.0, 1e-17, 2e-17]), 1.0), "current"),
        (lambda: uncertainty_relation([1.0, 2.0], 1.0, form=[]), "form"),  # type: ignore[arg-type]
        (lambda: uncertainty_relation([1e300, 2e300], 1.0), "uncertainty_relation"),
        (lambda: driven_uncertainty_relation([1.0, 2.0], 1.0, 1e300), "driven_uncertainty_relation"),
    ],
)
def test_refusals(call: Any, field: str) -> None:
    with pytest.raises(sz.InputError) as caught:
        call()
    assert caught.value.field == field


def test_a_response_that_is_the_same_in_all_replicas_is_not_certain() -> None:
    samples = np.random.default_rng(409).normal(1.0, 1.0, 1000)
    for response in (0.0, 0.5):
        found = driven_uncertainty_relation(samples, 9.0, np.full(1000, response))
        assert found.smaller.stderr == np.inf and found.verdict == "inconclusive"
        assert driven_uncertainty_relation(samples, 9.0, response).verdict == "holds"
        exact = driven_uncertainty_relation(Cumulants(1.0, 1.0, 0.0), 9.0, Estimate(response, np.inf, 1000))
        assert exact.smaller.stderr == np.inf and exact.verdict == "inconclusive"


def test_what_is_assumed_is_said() -> None:
    found = uncertainty_relation([1.0, 2.0, 3.0], 9.0)
    assert any("feedback" in a for a in found.assumptions) and any("driven" in a for a in found.assumptions)
    assert "020103" in found.reference
    assert uncertainty_relation([1.0, 2.0, 3.0], 9.0).verdict == "inconclusive"  # three replicas


def test_a_number_of_jumps_is_not_negative() -> None:
    with pytest.raises(sz.InputError, match="activity"):
        kinetic_uncertainty_relation([1.0, 2.0, 3.0], -5.0)
