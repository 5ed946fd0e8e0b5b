"""Every ready-made Langevin process, simulated: first law per replica, a fluctuation theorem, a mean in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

import szilard as sz
from szilard import systems
from tests.statistics import z_of_mean

REPLICAS, WARM, MU = 20_000, 0.7, 0.6
PULL = sz.Protocol([0.0, 0.8], [0.0, 1.1])
QUENCH = sz.Protocol([0.0, 0.0, 0.8], [0.9, 2.0, 2.0])


def assert_first_law(run: sz.continuous.Run) -> None:
    assert run.ledger.first_law_residual < 1e-12


def test_the_moved_trap() -> None:
    """<W> = (v^2/mu) [tau - (1 - e^{-r tau})/r]; <e^{-W/T}> = 1; the staircase of dt costs (k v dt)^2 terms only."""
    trap = systems.moved_trap(1.7, mobility=MU, temperature=WARM)
    run = sz.simulate(trap, "equilibrium", 0.8, replicas=REPLICAS, seed=1, protocol=PULL, dt=0.01)
    assert_first_law(run)
    v, r, work = 1.1 / 0.8, 1.7 * MU, run.ledger.work
    assert abs(z_of_mean(work, v**2 / MU * (0.8 - (1.0 - np.exp(-0.8 * r)) / r))) < 4.0
    assert abs(z_of_mean(np.exp(-work / WARM), 1.0)) < 4.0


def test_the_stiffened_trap() -> None:
    """A sudden change: <W> = T (k1 - k0)/2k0, <e^{-W/T}> = sqrt(k0/k1)."""
    trap = systems.stiffened_trap(mobility=MU, temperature=WARM)
    run = sz.simulate(trap, "equilibrium", 0.8, replicas=REPLICAS, seed=2, protocol=QUENCH, dt=0.05)
    assert_first_law(run)
    assert abs(z_of_mean(run.ledger.work, WARM * 1.1 / 1.8)) < 4.0
    assert abs(z_of_mean(np.exp(-run.ledger.work / WARM), np.sqrt(0.9 / 2.0))) < 4.0


def test_the_rotating_trap() -> None:
    """Work and heat per time 2 mu r^2 T/k; <e^{-S}> = 1 in the stationary state."""
    trap = systems.rotating_trap(1.3, -0.7, mobility=MU, temperature=WARM)
    run = sz.simulate(trap, "stationary", 1.5, replicas=REPLICAS, seed=3, dt=0.005)
    assert_first_law(run)
    assert abs(z_of_mean(run.ledger.work, 1.5 * 2.0 * MU * 0.49 * WARM / 1.3)) < 4.0
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) < 4.0


def test_the_linear_drift() -> None:
    """Heat T [tr(A^T D^{-1} A C) - tr A] per time with D a matrix, C from the equations for its entries."""
    A, D = np.array([[2.0, 0.8], [-0.9, 1.0]]), np.array([[0.9, 0.2], [0.2, 0.5]])
    one = np.eye(2)
    C = np.linalg.solve(np.kron(A, one) + np.kron(one, A), 2.0 * D.ravel()).reshape(2, 2)
    sigma = np.trace(A.T @ np.linalg.inv(D) @ A @ C) - np.trace(A)
    process = systems.linear(A, D, temperature=WARM)
    run = sz.simulate(process, "stationary", 1.5, replicas=REPLICAS, seed=4, dt=0.005)
    assert_first_law(run)
    assert abs(z_of_mean(run.ledger.heat[:, 0], WARM * sigma * 1.5)) < 4.0
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) < 4.0


def test_the_gyrator() -> None:
    """Q_1 = u^2 (T_2 - T_1) mu_1 mu_2/[k (mu_1 + mu_2)] per time; <e^{-S}> = 1; no work."""
    process = systems.gyrator(1.4, -0.9, (1.6, 0.6), mobility=(0.4, 1.9))
    run = sz.simulate(process, "stationary", 1.5, replicas=REPLICAS, seed=5, dt=0.005)
    assert_first_law(run)
    flow = 1.5 * 0.81 * (0.6 - 1.6) * 0.4 * 1.9 / (1.4 * 2.3)
    assert abs(z_of_mean(run.ledger.heat[:, 0], flow)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 1], -flow)) < 4.0
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) < 4.0
    np.testing.assert_array_equal(run.ledger.work, 0.0)


def test_the_tilted_ring() -> None:
    """Work f v tau with Stratonovich's v, and <e^{-S}> = 1 with S = W'/T where the start is the stationary state."""
    ring = {"period": 1.7, "mobility": MU, "temperature": WARM}
    process = systems.tilted_ring(0.9, 1.3, **ring)
    run = sz.simulate(process, "stationary", 2.0, replicas=REPLICAS, seed=6, dt=0.002)
    assert_first_law(run)
    assert abs(z_of_mean(run.ledger.work, 2.0 * 1.3 * systems.tilted_ring_velocity(0.9, 1.3, **ring))) < 4.0
    assert abs(z_of_mean(np.exp(-run.ledger.entropy_production), 1.0)) < 4.0


@pytest.mark.parametrize("dt", [0.002, 0.02])
def test_the_bit(dt: float) -> None:
    """A closed cycle: <e^{-W/T}> = 1 for metropolised steps of any length, and W pays for what is erased."""
    bit = systems.bit_memory(2.6, 1.8, well=0.8, mobility=MU, temperature=WARM)
    run = sz.simulate(
        bit, "equilibrium", 1.0, replicas=REPLICAS, seed=7, protocol=sz.ramp(1.0), dt=dt, method="metropolis"
    )
    assert_first_law(run)
    assert abs(z_of_mean(np.exp(-run.ledger.work / WARM), 1.0)) < 4.0
    wrong = float(np.mean(run.final[:, 0] < 0.0))
    kept = -wrong * np.log(wrong) - (1.0 - wrong) * np.log(1.0 - wrong)
    assert wrong < 0.5
    assert float(run.ledger.work.mean()) > WARM * (np.log(2.0) - kept)


def test_the_double_well_at_rest() -> None:
    """The null case: metropolised steps keep Boltzmann's moments, by quadrature, and no heat flows on average."""
    process = systems.double_well(1.6, 0.5, well=0.8, mobility=MU, temperature=WARM)
    run = sz.simulate(process, "equilibrium", 1.0, replicas=REPLICAS, seed=8, dt=0.01, method="metropolis")
    assert_first_law(run)

    def weight(w: float) -> float:
        x = w / 0.8
        return float(np.exp(-(1.6 * (x**2 - 1.0) ** 2 - 0.5 * x) / WARM))

    for power in (1, 2):
        moment = quad(lambda w, n=power: w**n * weight(w), -4.0, 4.0)[0] / quad(weight, -4.0, 4.0)[0]
        assert abs(z_of_mean(run.final[:, 0] ** power, moment)) < 4.0
    assert abs(z_of_mean(run.ledger.heat[:, 0], 0.0)) < 4.0
    np.testing.assert_array_equal(run.ledger.work, 0.0)
