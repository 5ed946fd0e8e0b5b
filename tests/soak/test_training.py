"""How often the errors of a training ledger cover the truth, over many runs of known chains."""

from __future__ import annotations

import numpy as np
import pytest

from tests.infer.sgd import Bowl, Vortex, trained

pytestmark = pytest.mark.soak
RUNS = 300


def z_values(runs: list[tuple[float, float]], exact: float) -> np.ndarray:
    values = np.array(runs)
    return np.asarray((values[:, 0] - exact) / values[:, 1])


@pytest.mark.parametrize("calls", [100, 600])
def test_errors_of_a_fall(calls: int) -> None:
    """z has a spread of 1 where errors are right; 1.2 leaves room for 4 standard errors of it, 4 / sqrt(600)."""
    bowl = Bowl(np.linspace(0.5, 2.0, 60), np.full(60, 2.0), 0.05)
    start = np.full(60, 3.0)
    runs = [trained(bowl, start, calls, seed=s, parts=4) for s in range(RUNS)]
    heats = bowl.heats(start, calls - 1)
    exact = {
        "temperature": float(bowl.temperatures.mean()),
        "heat_along_path": float(heats.sum()),
        "entropy_flow": float((heats / bowl.temperatures).sum()),
        "entropy_flow_per_weight": float((heats / bowl.temperatures).sum()),
    }
    for name, value in exact.items():
        z = z_values([(run[name].value, run[name].stderr) for run in runs], value)
        assert np.sqrt(np.mean(z**2)) < 1.2, name
        found = [run[name].value for run in runs]
        assert abs(np.mean(found) - value) < 4.0 * np.std(found) / np.sqrt(RUNS), name


@pytest.mark.parametrize("parts", [1, 4])
def test_errors_of_a_drive(parts: int) -> None:
    vortex = Vortex(0.8, 1.7, np.full(20, 2.0), 0.04)
    draw, runs = np.random.default_rng(9), []
    for seed in range(RUNS):
        runs.append(trained(vortex, draw.normal(size=20) * np.sqrt(vortex.square / 2.0), 500, seed=seed, parts=parts))
    exact = 10 * 499 * vortex.heat
    h2 = (0.8**2 + 1.7**2) * vortex.square
    exact -= (parts == 1) * 10 * 499 * 0.5 * 0.8 * 0.04**2 * (h2 + 4.0)
    z = z_values([(run["heat_along_path"].value, run["heat_along_path"].stderr) for run in runs], exact)
    assert np.sqrt(np.mean(z**2)) < 1.2
    assert abs(np.mean(z)) < 4.0 / np.sqrt(RUNS) * np.std(z)
    warm = 0.04
    if parts > 1:
        z = z_values([(run["entropy_flow"].value, run["entropy_flow"].stderr) for run in runs], exact / warm)
        assert np.sqrt(np.mean(z**2)) < 1.2


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0])
def test_errors_of_the_ends_of_a_loss(noise: float) -> None:
    """The loss of a chain at rest wanders; batches show it with noise of their own."""
    from szilard.infer.training_sums import ends

    bowl = Bowl(np.linspace(0.5, 2.0, 50), np.full(50, 1.0), 0.02)
    squares = []
    for seed in range(RUNS):
        draw = np.random.default_rng(seed)
        w, losses = draw.normal(size=50) * np.sqrt(bowl.resting), []
        for _ in range(800):
            losses.append(bowl.loss(w))
            w = w - bowl.rate * (bowl.gradient(w) + draw.normal(size=50))
        first, e1, last, e2 = ends(np.array(losses) + noise * draw.normal(size=800))
        squares += [((first - losses[0]) / e1) ** 2, ((last - losses[-1]) / e2) ** 2]
    assert np.sqrt(np.mean(squares)) < 1.2
