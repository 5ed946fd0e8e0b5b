"""Ceilings of dissipation, drift and diffusion at full size: are errors right, and how close does a ceiling come?"""

from __future__ import annotations

import numpy as np
import pytest

import szilard as sz
from szilard.discrete.currents import edge_currents
from szilard.estimate import Sampled
from szilard.infer.drift_field import drift_diffusion
from szilard.infer.drift_linear import linear_drift
from szilard.laws.ceilings import cost_ceiling
from szilard.laws.trial_functions import fourier, polynomials
from tests.infer.test_drift import LOPSIDED as RULE
from tests.infer.test_drift import A, D, walked
from tests.laws.test_ceilings import (
    LOPSIDED,
    SWIRLED,
    TILTED,
    TURN,
    certified,
    double_well_with_swirl,
    drawn,
    random_jumps,
    variation,
)
from tests.statistics import assert_agrees

pytestmark = pytest.mark.soak
SETS = 2000
REPEATS = 200


def spread_is_one(z: list[float], kurtosis: float = 3.0) -> None:
    """The standard deviation of n numbers has the standard error sqrt((kurtosis - 1)/4n)."""
    assert abs(np.std(z) - 1.0) < 5.0 * np.sqrt((kurtosis - 1.0) / (4.0 * len(z)))


def test_5000_random_jump_processes() -> None:
    rng = np.random.default_rng(971)
    for _ in range(5000):
        process, p = random_jumps(rng)
        flows = edge_currents(process, p)
        found = cost_ceiling(
            sz.entropy_production_rate(process, p),
            activity=float(flows.traffic.sum()),
            largest_force=float(np.abs(flows.force).max()),
        )
        assert found.verdict in ("holds", "holds, saturated")


def test_5000_random_schedules() -> None:
    rng = np.random.default_rng(972)
    for _ in range(5000):
        times = np.r_[0.0, np.cumsum(rng.exponential(size=int(rng.integers(1, 20))))]
        values = rng.normal(size=times.size).cumsum()
        T, k, mu = rng.uniform(0.1, 5.0, size=3)
        done = sz.theory.additive_heat(
            times.tolist(), values.tolist(), temperature=T, stiffness=k, mobility=mu
        ).dissipation
        assert cost_ceiling(done, total_variation=variation(values), temperature=T, stiffness=k).verdict == "holds"


@pytest.mark.parametrize("process", [LOPSIDED, SWIRLED], ids=["two temperatures", "vortex"])
def test_a_million_samples_of_a_linear_process(process: sz.Langevin) -> None:
    found = certified(process, drawn(process, 1_000_000, 973))
    assert_agrees(found, sz.entropy_production_rate(process), relative=0.003)


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_errors_of_a_ceiling_and_its_honesty(degree: int) -> None:
    exact = sz.entropy_production_rate(LOPSIDED)
    values, z = [], []
    w = drawn(LOPSIDED, SETS * 400, 974).reshape(SETS, 400, 2)
    for states in w:
        found = certified(LOPSIDED, states, functions=polynomials(degree))
        values.append(found.value)
        z.append((found.value - exact) / found.stderr)
    mean = Sampled.mean(values).estimate()
    assert (mean.value - exact) / mean.stderr > -3.0
    if degree == 2:
        spread_is_one(z, kurtosis=4.0)
    if degree == 1:
        assert cost_ceiling(exact, mean).verdict == "holds"


def test_a_ring_and_wells_to_a_percent() -> None:
    states = sz.simulate(TILTED, "stationary", 0.01, replicas=1_000_000, seed=975, dt=0.01, entropy=False).final
    found = certified(TILTED, states, functions=[fourier(n, TURN) for n in (1, 2, 4, 6)], period=TURN)
    assert_agrees(found, sz.entropy_production_rate(TILTED))
    process = double_well_with_swirl()
    states = sz.simulate(process, "stationary", 0.01, replicas=300_000, seed=976, dt=0.01, entropy=False).final
    exact = sz.entropy_production_rate(process)
    found = certified(process, states, functions=polynomials(10))
    assert exact - 4.0 * found.stderr < found.value < 1.05 * exact


@pytest.mark.parametrize("replicas", [1, 40, 400])
def test_errors_of_a_linear_fit(replicas: int) -> None:
    """The spread of many fits in their own standard errors, for one trajectory as for many."""
    steps = 8000 // replicas
    w = walked(RULE, 0.4, steps, REPEATS * replicas, 977)
    fits = [linear_drift(part, 0.4) for part in w.reshape(REPEATS, replicas, steps + 1, 2)]
    for i in range(2):
        for j in range(2):
            spread_is_one([(f.drift_matrix[i, j] - A[i, j]) / f.drift_matrix_stderr[i, j] for f in fits])
        spread_is_one([(f.diffusion[i, i] - D[i]) / f.diffusion_stderr[i, i] for f in fits])
    assert np.mean([f.trusted for f in fits]) > 0.97


def test_errors_of_a_drift_field() -> None:
    w = walked(RULE, 0.02, 60, REPEATS * 100, 978)
    fits = [drift_diffusion(part, 0.02) for part in w.reshape(REPEATS, 100, 61, 2)]
    for i in range(2):
        spread_is_one([(f.coefficients[1 + i, 0] + A[0, i]) / f.coefficients_stderr[1 + i, 0] for f in fits])
        spread_is_one([(f.diffusion[i, i] - D[i]) / f.diffusion_stderr[i, i] for f in fits])
    assert np.mean([f.trusted for f in fits]) > 0.97
