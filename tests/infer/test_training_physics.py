"""The apparent ledger of SGD against chains whose temperature, heat and entropy production are known exactly."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from szilard import Estimate
from szilard.infer.training_estimates import mean_of_ledgers
from szilard.infer.training_recording import TrainingRecording
from szilard.infer.training_result import TrainingLedger
from tests.infer.sgd import Bowl, Vortex, trained
from tests.statistics import assert_agrees, z_of_mean

N, CALLS = 40, 200
BOWL = Bowl(np.linspace(0.5, 2.0, N), np.linspace(3.0, 1.0, N), 0.05)
START = np.linspace(2.0, 4.0, N)
VORTEX = Vortex(0.8, 1.7, np.full(40, 2.0), 0.04)
T = BOWL.temperatures


@cache
def falling(parts: int) -> tuple[TrainingLedger, ...]:
    """Runs that start far up."""
    return tuple(trained(BOWL, START, CALLS, seed=s, parts=parts) for s in range(30))


@cache
def turning(parts: int) -> tuple[TrainingLedger, ...]:
    """Runs at rest that are driven round."""
    runs = []
    for seed in range(12):
        draw = np.random.default_rng(100 + seed)
        start = draw.normal(size=40) * np.sqrt(VORTEX.square / 2.0)
        runs.append(trained(VORTEX, start, 800, seed=seed, parts=parts))
    return tuple(runs)


@cache
def resting(parts: int) -> tuple[TrainingLedger, ...]:
    """Runs in equilibrium."""
    even = Bowl(BOWL.stiffness, np.full(N, 2.0), BOWL.rate)
    draw = np.random.default_rng(5)
    starts = [draw.normal(size=N) * np.sqrt(even.resting) for _ in range(20)]
    return tuple(trained(even, start, 300, seed=s, parts=parts) for s, start in enumerate(starts))


def means(runs: tuple[TrainingLedger, ...]) -> dict[str, Estimate]:
    return mean_of_ledgers(runs)


def test_parts_tell_the_temperature_without_bias() -> None:
    found = means(falling(4))["temperature"]
    assert found.side == "two-sided"
    assert_agrees(found, float(T.mean()))


def test_every_weight_has_its_own_temperature() -> None:
    each = np.array([run.spectrum for run in falling(4)])
    error = each.std(axis=0, ddof=1) / np.sqrt(len(each))
    assert np.all(error < 0.02 * T)
    assert np.abs((each.mean(axis=0) - T) / error).max() < 4.5  # of 40


def test_consecutive_gradients_overrate_the_temperature_to_first_order() -> None:
    """<|g' - g|^2> / 2 = C (1 + x + x^2/2) + x^2 <h^2> / 2 with x = eta k: at rest C (2 + x) / (2 - x)."""
    x = BOWL.rate * BOWL.stiffness
    found = means(resting(1))["temperature"]
    assert found.side == "upper"
    assert_agrees(found, float(np.mean(BOWL.rate * (2.0 + x) / (2.0 - x))))


def test_balance_of_energy_corrects_it() -> None:
    found = means(falling(1))["temperature_from_balance"]
    assert_agrees(found, float(T.mean()))
    assert means(falling(1))["temperature"].value > found.value + 4.0 * found.stderr


def test_two_steps_apart_is_as_warm_to_first_order() -> None:
    """C (1 + x - x^3 + x^4/2) + (2x - x^2)^2 <h^2> / 2 at rest, <h^2> = x C / (2 - x)."""
    x, c = BOWL.rate * BOWL.stiffness, 2.0
    twice = c * (1.0 + x - x**3 + x**4 / 2.0) + (2.0 * x - x * x) ** 2 * (x * c / (2.0 - x)) / 2.0
    assert_agrees(means(resting(1))["temperature_two_apart"], float(np.mean(BOWL.rate * twice / 2.0)))


def test_heat_of_a_fall_is_that_of_the_chain() -> None:
    exact = float(BOWL.heats(START, CALLS - 1).sum())
    found = means(falling(4))
    assert found["heat_along_path"].side == "two-sided"
    assert_agrees(found["heat_along_path"], exact)
    assert_agrees(found["heat_from_loss"], exact)
    assert abs(found["work"].value) < 4.0 * found["work"].stderr < 0.05 * exact


def test_heat_without_parts_is_a_lower_bound_by_the_curvature_of_the_steps() -> None:
    """It is -<h_{k+1} . dw_k>, below Stratonovich's by <dw.H dw> / 2, dw^2 = eta^2 (C + k^2 <w^2>)."""
    k, x = BOWL.stiffness, BOWL.rate
    steps = np.array([BOWL.squares(START, n) for n in range(CALLS - 1)])
    less = 0.5 * float((k * x**2 * (BOWL.noise + k**2 * steps)).sum())
    found = means(falling(1))["heat_along_path"]
    assert found.side == "lower"
    assert_agrees(found, float(BOWL.heats(START, CALLS - 1).sum()) - less, relative=0.03)


def test_entropy_flow_of_weights_with_temperatures_of_their_own() -> None:
    exact = float((BOWL.heats(START, CALLS - 1) / T).sum())
    assert_agrees(means(falling(4))["entropy_flow_per_weight"], exact)
    for run in falling(4):
        assert run["entropy_flow"].side == "none"
        assert any("temperatures that differ" in problem for problem in run.problems)


@pytest.mark.parametrize("parts", [1, 4])
def test_driven_weights_produce_what_the_drive_says(parts: int) -> None:
    pairs, steps = 20, 799
    warm = VORTEX.rate * 2.0 / 2.0
    exact = pairs * steps * VORTEX.heat
    found = means(turning(parts))
    if parts > 1:
        assert_agrees(found["heat_along_path"], exact, relative=0.04)
        assert_agrees(found["entropy_flow"], exact / warm, relative=0.04)
        assert_agrees(found["entropy_flow_per_weight"], exact / warm, relative=0.04)
        assert {run["entropy_flow"].side for run in turning(parts)} == {"two-sided"}
        assert not any(run.problems for run in turning(parts))
        return
    h2 = (0.8**2 + 1.7**2) * VORTEX.square
    less = pairs * steps * 0.5 * 0.8 * 0.04**2 * (h2 + 2.0 * 2.0)
    assert_agrees(found["heat_along_path"], exact - less, relative=0.06)
    assert found["entropy_flow"].side == "lower"
    assert found["entropy_flow"].value < exact / warm - 4.0 * found["entropy_flow"].stderr


def test_rate_of_the_chain_tends_to_that_of_langevin() -> None:
    """2 o^2/k + eta (k^2 + o^2) o^2/k^2 + O(eta^2) nat per pair and time."""
    k, o = 0.8, 1.7
    for rate in (1e-3, 1e-4):
        chain = Vortex(k, o, np.full(2, 2.0), rate)
        first = (chain.heat / rate / rate - 2.0 * o * o / k) / rate  # T = eta C / 2 = eta
        second = ((k * k + o * o) / k) ** 2 * o * o / k  # bounds what is left, over eta
        assert abs(first - (k * k + o * o) * o * o / k**2) < rate * second


def test_nothing_flows_in_equilibrium() -> None:
    runs = resting(4)
    for name in ("heat_along_path", "work", "entropy_flow", "entropy_flow_per_weight"):
        values = [run[name].value for run in runs]
        assert abs(z_of_mean(values, 0.0)) < 4.0
        z = np.array([run[name].value / run[name].stderr for run in runs])
        assert np.sqrt(np.mean(z**2)) < 1.5  # 20 values of unit variance: 1 +- 0.16
    assert np.std([run["heat_along_path"].value for run in runs]) < 0.05 * N * 300 * BOWL.rate  # N T per step
    assert means(runs)["entropy_flow"].side == "two-sided"


def test_few_parts_and_steps_leave_no_bias_in_the_entropy_of_weights() -> None:
    """<1/T> of a scatter of K (m - 1) = 60 degrees is 60/58 of 1/T: not removed, 2 nat of every weight."""
    even = Bowl(BOWL.stiffness, np.full(N, 2.0), BOWL.rate)
    draw = np.random.default_rng(8)
    starts = draw.normal(size=(60, N)) * np.sqrt(even.resting)
    runs = [trained(even, start, 61, seed=s, parts=2) for s, start in enumerate(starts)]
    for name in ("entropy_flow_per_weight", "entropy_flow"):
        values = np.array([run[name].value for run in runs])
        assert abs(z_of_mean(values, 0.0)) < 4.0
        assert 5.0 * values.std(ddof=1) / np.sqrt(60) < 2.0 * N


def test_least_entropy_production_is_that_of_the_way() -> None:
    """(|<dw>|^2 + tr Var - 2 t N T) / (t sqrt(tr D^2)), all known; below |<dw>|^2 / t D summed over the weights."""
    slope = Bowl(np.linspace(0.02, 0.05, N), BOWL.noise, BOWL.rate)  # the gradient hardly changes on the way
    start = np.full(N, 60.0)
    found = means(tuple(trained(slope, start, 200, seed=s, parts=2) for s in range(8)))["least_entropy_production"]
    t, kept = 199 * slope.rate, (1.0 - slope.rate * slope.stiffness) ** 199
    away, spread = (start * (1.0 - kept)) ** 2, slope.resting * (1.0 - kept**2)
    exact = float((away.sum() + spread.sum() - 2.0 * t * T.sum()) / (t * np.sqrt(np.sum(T**2))))
    assert found.side == "lower"
    assert_agrees(found, exact, relative=0.03)
    assert found.value < float(np.sum(away / T)) / t
    assert means(resting(4))["least_entropy_production"].value == 0.0


def test_directions_of_the_noise() -> None:
    found = means(falling(1))["noise_directions"]
    assert_agrees(found, float(BOWL.noise.sum() ** 2 / np.sum(BOWL.noise**2)), relative=0.02)


def test_noise_that_moves_weights_together_is_seen() -> None:
    draw = np.random.default_rng(3)
    mixing = draw.normal(size=(3, N))
    recording, w = TrainingRecording(learning_rate=0.02), np.ones(N)
    for _ in range(400):
        g = w + draw.normal(size=3) @ mixing
        recording.step(w, 0.5 * float(w @ w), g)
        w = w - 0.02 * g
    run = recording.ledger()
    size = mixing @ mixing.T
    exact = np.trace(size) ** 2 / np.trace(size @ size)
    assert abs(run["noise_directions"].value - exact) < 4.0 * run["noise_directions"].stderr < exact
    assert run["entropy_flow"].side == run["entropy_flow_from_loss"].side == "none"
    assert any("together" in problem for problem in run.problems)


def test_full_batches_obey_the_first_law_to_rounding() -> None:
    """No noise: the trapezoid of a linear force is the fall of the loss, in every run."""
    draw = np.random.default_rng(1)
    for _ in range(3):
        w, k = draw.normal(size=5), draw.uniform(0.5, 2.0, size=5)
        recording, first = TrainingRecording(learning_rate=0.07), 0.5 * float(np.sum(k * w * w))
        for _ in range(60):
            recording.step(w, 0.5 * float(np.sum(k * w * w)), parts=[k * w, k * w])
            last, w = 0.5 * float(np.sum(k * w * w)), w - 0.07 * k * w
        run = recording.ledger()
        assert run["heat_along_path"].value == pytest.approx(first - last, rel=1e-12)
        assert run["temperature"].value < 1e-30  # rounding of the mean of two equal parts
        assert "entropy_flow" not in run or run["entropy_flow"].side == "none" or run.problems


def test_paths_obey_the_integral_fluctuation_theorem() -> None:
    """ln p(w'|w)/p(w|w') = -dw (h + h') / 2T + eta (h'^2 - h^2) / 4T of the Gaussian chain: <e^-(s_m + ds)> = 1."""
    k, c, rate, steps = 1.7, 0.6, 0.2, 8
    warm = rate * c / 2.0
    draw = np.random.default_rng(11)
    start = 0.2 + np.sqrt(0.05) * draw.normal(size=1000)
    gone, final = np.zeros(1000), np.zeros(1000)
    for i, w in enumerate(start):
        recording, at = TrainingRecording(learning_rate=rate), np.array([w])
        for _ in range(steps + 1):
            recording.step(at, 0.5 * k * float(at[0] ** 2), k * at)  # the mean gradient itself
            before, at = at, at - rate * (k * at + np.sqrt(c) * draw.normal(size=1))
        kept = recording.training()
        flow = -0.5 * float(np.nansum(kept.column("before") + kept.column("after"))) / warm
        final[i] = before[0]
        gone[i] = flow + rate * k**2 * (final[i] ** 2 - w**2) / (4.0 * warm)
    slow = (1.0 - rate * k) ** steps
    spread = 0.05 * slow**2 + warm / k / (1.0 - rate * k / 2.0) * (1.0 - slow**2)
    density = -0.5 * (final - 0.2 * slow) ** 2 / spread - 0.5 * np.log(spread)
    density0 = -0.5 * (start - 0.2) ** 2 / 0.05 - 0.5 * np.log(0.05)
    total = gone - density + density0
    assert abs(z_of_mean(np.exp(-total), 1.0)) < 4.0
    assert np.std(np.exp(-total)) / np.sqrt(1000) < 0.05
    assert float(total.mean()) > 10.0 * float(total.std()) / np.sqrt(1000)


def test_the_learning_rate_is_read_off_the_steps() -> None:
    told, read = (trained(BOWL, START, 60, seed=3, parts=4, tell=tell) for tell in (True, False))
    for name, found in told.amounts.items():
        assert read[name].value == pytest.approx(found.value, rel=1e-9)


def test_a_rate_that_falls_is_followed() -> None:
    """T and time of every step are its own: sum eta T / sum eta with T = eta C / 2."""
    draw = np.random.default_rng(2)
    recording, w, c = TrainingRecording(), np.zeros(400), 2.0
    rates = np.geomspace(0.2, 0.02, 500)
    for rate in rates:
        parts = 0.5 * w + np.sqrt(2.0 * c) * draw.normal(size=(2, 400))
        recording.step(w, 0.25 * float(w @ w), parts=parts, learning_rate=float(rate))
        w = w - rate * parts.mean(axis=0)
    spent = rates[:-1]
    assert_agrees(recording.ledger()["temperature"], float(0.5 * c * np.sum(spent**2) / np.sum(spent)))


def moved(kind: str, tell: bool, calls: int = 200) -> TrainingLedger:
    draw = np.random.default_rng(4)
    recording = TrainingRecording(learning_rate=0.05 if tell else None)
    w, speed, square = np.full(30, 2.0), np.zeros(30), np.zeros(30)
    for k in range(calls):
        g = w + draw.normal(size=30)
        if kind != "late":
            recording.step(w, 0.5 * float(w @ w), g)
        if kind == "momentum":
            speed = 0.9 * speed + g
            w = w - 0.05 * speed
        elif kind == "adam":
            speed, square = 0.9 * speed + 0.1 * g, 0.999 * square + 0.001 * g * g
            w = w - 0.05 * (speed / (1 - 0.9 ** (k + 1))) / (np.sqrt(square / (1 - 0.999 ** (k + 1))) + 1e-8)
        elif kind == "decay":
            w = w - 0.05 * (g + 0.1 * w)
        else:
            w = w - 0.05 * g
        if kind == "late":
            recording.step(w, 0.5 * float(w @ w), g)
    return recording.ledger()


@pytest.mark.parametrize("tell", [True, False])
@pytest.mark.parametrize("kind", ["momentum", "adam", "decay"])
def test_what_is_no_plain_sgd_has_no_temperature(kind: str, tell: bool) -> None:
    run = moved(kind, tell)
    assert "not -eta g" in run.problems[0]
    assert run.mismatch > 0.01 and run.spectrum.size == 0
    assert set(run.amounts) == {"path_length", "displacement", "straightness", "loss_change", "heat_from_loss"}


def test_a_call_after_the_step_is_seen() -> None:
    run = moved("late", tell=True)
    assert "before the optimizer" in run.problems[0] and "temperature" not in run
