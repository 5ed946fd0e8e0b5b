"""Rules with a leak, a threshold or a lag: first law, a fluctuation theorem, an exact mean, and what drives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

import szilard as sz
from szilard.estimate import Sampled, exponential_average
from szilard.learning.settings import Learner
from tests.learning import cases
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
T, K, MU = 0.7, 1.3, 0.6
RULES: dict[str, tuple[Learner, float]] = {
    "hebbian_decay": (sz.rules.hebbian_decay.tuned(0.8), 0.9),
    "oja": (sz.rules.oja, 0.6),
    "bcm": (sz.rules.Bcm(averaging=0.3), 0.2),
    "stdp": (sz.rules.Stdp(1.1, 0.6), 0.5),
}
ONLINE: dict[str, Any] = {"mode": "online", "dwell": 0.5}
KICK: dict[str, Any] = {"mode": "online", "online": "kick", "dwell": 0.05}


@pytest.mark.parametrize(
    "how", [{}, ONLINE, ONLINE | {"order": "random"}, KICK], ids=["batch", "flow", "random", "kick"]
)
@pytest.mark.parametrize("name", RULES)
def test_first_law_per_replica(name: str, how: dict[str, Any]) -> None:
    """dE = W - Q, the energy k w^2/2 (of a kick: and its frozen force) from the weights, not from the books."""
    if name == "stdp" and how:
        pytest.skip("patterns follow each other in batch learning only")
    rule, rate = RULES[name]
    run = sz.train(
        cases.task(3, 4), rule, learning_rate=rate if not how else 0.2 * rate, duration=2.0, dt=0.05, replicas=300,
        seed=4, schedule=sz.Protocol((0.0, 0.7, 0.7, 2.0), (0.3, 1.2, 0.6, 1.0)), **cases.BATH, **how,
    )  # fmt: skip
    ledger = run.ledger
    assert ledger.gross is not None
    assert np.all(np.abs(ledger.energy_change - ledger.work + ledger.heat[:, 0]) <= 1e-10 * ledger.gross)
    assert np.all(np.abs(ledger.heat[:, 0]) > 1e-9)
    if how.get("online") != "kick":
        w0 = run.initial_energy
        np.testing.assert_allclose(ledger.energy_change, 0.5 * K * (run.weights**2).sum(axis=1) - w0, atol=1e-12)


class Linear:
    """w' = A w + b + kick z of one step with the force c (M w + F): exact moments of the sampler's own chain."""

    def __init__(self, matrix: Array, push: Array, strength: float, dt: float) -> None:
        x = MU * K * dt
        self.pull, self.push, self.c = matrix, push, strength
        held = -np.expm1(-x) / K
        self.A = np.exp(-x) * np.eye(len(matrix)) + held * strength * matrix
        self.b = held * strength * push
        self.noise = -np.expm1(-2.0 * x) * T / K

    def heat(self, steps: int) -> tuple[float, Array]:
        """<Q>, heat of a step k/2 (w^2 - w'^2) + c/2 (M w + M w' + 2F)(w' - w), from N(0, T/k); and <w w^T>."""
        n = len(self.b)
        mean, square = np.zeros(n), T / K * np.eye(n)
        total = 0.0
        for _ in range(steps):
            new_mean = self.A @ mean + self.b
            new_square = self.A @ square @ self.A.T + self.noise * np.eye(n)
            new_square += np.outer(self.A @ mean, self.b) + np.outer(self.b, self.A @ mean) + np.outer(self.b, self.b)
            crossed = square @ self.A.T + np.outer(mean, self.b)  # <w w'>
            M = self.pull
            pulled = np.trace(M @ crossed) - np.trace(M @ square) + np.trace(M @ new_square) - np.trace(M @ crossed.T)
            total += 0.5 * K * (np.trace(square) - np.trace(new_square))
            total += 0.5 * self.c * pulled + self.c * self.push @ (new_mean - mean)
            mean, square = new_mean, new_square
        return float(total), square


def linear_parts(name: str, task: sz.Task, labels: Array) -> tuple[Array, Array]:
    """M and F of the rule at these labels."""
    x = task.inputs / np.sqrt(task.n_inputs)
    if name == "hebbian_decay":
        return -0.8 * task.n_patterns / task.n_inputs * np.eye(task.n_inputs), x.T @ labels
    later, earlier = np.roll(x, -1, axis=0), np.roll(x, 1, axis=0)
    return x.T @ (1.1 * later - 0.6 * earlier), np.zeros(task.n_inputs)


@pytest.mark.parametrize("name", ["hebbian_decay", "stdp"])
def test_heat_of_a_linear_rule_is_that_of_its_chain(name: str) -> None:
    """The sampler's own step, whatever dt: means and covariances of a linear Gaussian chain, labels summed over."""
    task = cases.task(3, 4)
    rule, rate = RULES[name]
    run = sz.train(task, rule, learning_rate=rate, duration=2.0, dt=0.1, replicas=100_000, seed=7, **cases.BATH)
    expected, groups = np.empty(100_000), {}
    for i, row in enumerate(map(tuple, run.labels.astype(float))):
        if row not in groups:
            M, F = linear_parts(name, task, np.array(row))
            groups[row] = Linear(M, F, rate, 0.1).heat(20)
        expected[i] = groups[row][0]
    heat = Sampled.mean(run.ledger.heat[:, 0] - expected + expected.mean()).estimate()
    assert_agrees(heat, float(expected.mean()), relative=0.02)
    squares = np.array([groups[tuple(row)][1] for row in run.labels.astype(float)])
    apart = run.weights[:, :, None] * run.weights[:, None, :] - squares
    assert np.all(np.abs(apart.mean(axis=0)) < 4.0 * apart.std(axis=0) / np.sqrt(100_000))


@pytest.mark.parametrize("name", ["hebbian_decay", "stdp"])
def test_integral_theorem_of_a_linear_rule(name: str) -> None:
    """<e^{-S}> = 1 given the labels, w then Gaussian of known moments. The step's error is below the standard error.

    The transition of a step and its reverse agree with the midpoint heat to (mu c M dt)^2 a step: 4e-5 in all.
    """
    task = cases.task(2, 3)
    rule, rate = RULES[name]
    t = 1.0
    run = sz.train(task, rule, learning_rate=rate, duration=t, dt=0.005, replicas=60_000, seed=9, **cases.BATH)
    w, change = run.weights, np.empty(60_000)
    known: dict[tuple[float, ...], tuple[Array, Array]] = {}
    for i, row in enumerate(map(tuple, run.labels.astype(float))):
        if row not in known:
            M, F = linear_parts(name, task, np.array(row))
            known[row] = moments(rate * M - K * np.eye(2), rate * F, t)
        mean, covariance = known[row]
        away = w[i] - mean
        change[i] = 0.5 * away @ np.linalg.solve(covariance, away) + 0.5 * np.log(np.linalg.det(covariance * K / T))
    produced = change - run.initial_energy / T + run.ledger.heat[:, 0] / T
    assert 0.02 < produced.mean() < 1.0
    assert_agrees(exponential_average(produced), 1.0)


def moments(G: Array, f: Array, t: float) -> tuple[Array, Array]:
    """Mean and covariance at t of dw = mu (G w + f) dt + sqrt(2 mu T) dB from N(0, T/k), by Van Loan's block matrix."""
    n = len(f)
    block = np.zeros((2 * n, 2 * n))
    block[:n, :n], block[:n, n:], block[n:, n:] = MU * G, 2.0 * MU * T * np.eye(n), -MU * G.T
    e = expm(block * t)
    spread = e[:n, n:] @ e[:n, :n].T
    return np.linalg.solve(G, (e[:n, :n] - np.eye(n)) @ f), e[:n, :n] @ (T / K * np.eye(n)) @ e[:n, :n].T + spread


def test_housekeeping_of_oja_is_that_of_its_stationary_currents() -> None:
    """Two weights at rest: the heat rate in the steady state against the Fokker-Planck lattice; driven, so > 0."""
    inputs = np.array([[1.2, 0.74833147735], [-0.2, 1.4], [1.4, 0.2]])
    task = sz.tasks.random_labels(2, 3, inputs=inputs)
    c = 1.5
    process = sz.rules.rule_process(
        sz.rules.oja_swirl(inputs, c), 2, energy=sz.rules.oja_energy(inputs, c),
        stiffness=0.5, mobility=MU, temperature=T,
    )  # fmt: skip
    exact = T * sz.entropy_production_rate(process)
    runs = [
        sz.train(
            task, sz.rules.oja, learning_rate=c, duration=duration, dt=0.02, replicas=30_000, seed=11,
            stiffness=0.5, mobility=MU, temperature=T,
        )
        for duration in (12.0, 36.0)
    ]  # fmt: skip
    rate = Sampled.mean((runs[1].ledger.heat[:, 0] - runs[0].ledger.heat[:, 0]) / 24.0).estimate()
    assert exact > 0.01
    assert_agrees(rate, exact, relative=0.04)


def test_bcm_with_a_fast_threshold_rests_in_an_energy() -> None:
    """theta = <A^2> at once: <Q> of a quench is the fall of k w^2/2 + bcm_energy, by quadrature over the plane.

    Two steps, extrapolated to dt = 0; after 14 relaxation times e^{-14} is left.
    """
    inputs = cases.on_sphere(3, 2, 5)
    task = sz.tasks.random_labels(2, 3, inputs=inputs)
    c, energy = 1.2, sz.rules.bcm_energy(inputs, 1.2)
    x, v = np.polynomial.legendre.leggauss(160)
    reach = 10.0 * np.sqrt(T / K)
    w = reach * np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    weight = np.outer(v, v).ravel()
    full = 0.5 * K * (w**2).sum(axis=1) + energy(w)
    p0, p1 = weight * np.exp(-0.5 * K * (w**2).sum(axis=1) / T), weight * np.exp(-full / T)
    exact = float(full @ p0 / p0.sum() - full @ p1 / p1.sum())
    fine, coarse = (
        sz.train(
            task, sz.rules.Bcm(averaging=1e-6), learning_rate=c, duration=18.0, dt=dt, replicas=60_000, seed=seed,
            **cases.BATH,
        ).heat_paid
        for dt, seed in ((0.01, 12), (0.02, 13))
    )  # fmt: skip
    heat = (fine.scaled(2.0 * T).estimate(), coarse.scaled(-T).estimate())
    assert abs(exact) > 0.05
    assert_agrees(
        sz.Estimate(heat[0].value + heat[1].value, float(np.hypot(heat[0].stderr, heat[1].stderr)), 60_000),
        exact, relative=0.02,
    )  # fmt: skip


def _fixed_threshold(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return field * (field - parameters[0])


def _fixed_loss(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return field * field * (0.5 * parameters[0] - field / 3.0)


def test_bcm_with_a_slow_threshold_keeps_that_of_its_start() -> None:
    """theta = T/k: the rule A (A - T/k), whose heat is a difference of potential; midpoint heat tends to it with dt."""
    how: dict[str, Any] = {"learning_rate": 0.1, "duration": 1.0, "replicas": 500, "seed": 14, **cases.BATH}
    fixed = sz.Rule("fixed", _fixed_threshold, _fixed_loss, (T / K,))
    off = []
    for dt in (0.02, 0.01):
        slow = sz.train(cases.task(3, 4), sz.rules.Bcm(averaging=1e12), dt=dt, **how)
        still = sz.train(cases.task(3, 4), fixed, dt=dt, **how)
        np.testing.assert_allclose(slow.weights, still.weights, rtol=0, atol=1e-10)
        off.append(float(np.abs(slow.ledger.heat - still.ledger.heat).mean()))
    assert off[0] / off[1] == pytest.approx(2.0, abs=0.5)  # n steps of dt^{3/2} with signs: sqrt(n) dt^{3/2} = dt
    assert off[1] < 1e-3


def test_manipulation_or_driving() -> None:
    """By reciprocity of the joint response: what has an energy is manipulation."""
    two, one = cases.task(2, 3), cases.task(1, 3)
    kinds = {
        name: sz.train(two, rule, learning_rate=0.1, duration=0.1, replicas=300, seed=1).classification.kind
        for name, rule in sz.rules.SHIPPED.items()
        if name != "optimal"
    }
    driven = {name for name, kind in kinds.items() if kind == "driving"}
    assert driven == {"oja", "bcm", "stdp"}
    for rule, task, kind in (
        (sz.rules.oja, one, "manipulation"),
        (sz.rules.stdp, one, "manipulation"),
        (cases.CORRECTING, two, "manipulation"),  # the mean answer is a function of the field
        (cases.FORGETTING, two, "driving"),
        (cases.SOFT, two, "manipulation"),
        (sz.rules.Stdp(1.0, -1.0), two, "manipulation"),  # symmetric lags
    ):
        run = sz.train(task, rule, learning_rate=0.1, duration=0.1, replicas=300, seed=1)
        assert run.classification.kind == kind, rule.name
        assert f"force      {kind}" in repr(run)


def _strong_only(field: float, label: float, output: float, weight: float, parameters: tuple[float, ...]) -> float:
    return float(3.0 * np.tanh(field)) if weight > 1.5 else 0.0


def test_driving_by_few_weights_is_seen_and_costs_for_ever() -> None:
    rule, task = sz.Rule("strong only", _strong_only), sz.tasks.random_labels(2, 3, seed=1)
    late = [sz.train(task, rule, learning_rate=2.0, duration=t, dt=0.01, replicas=6000, seed=2) for t in (6.0, 18.0)]
    rate = Sampled.mean((late[1].ledger.heat[:, 0] - late[0].ledger.heat[:, 0]) / 12.0).estimate()
    assert late[1].classification.kind == "driving"
    assert rate.value > 5.0 * rate.stderr


@pytest.mark.parametrize("name", ["perceptron", "adatron", "hebbian"])
def test_kicks_that_read_the_field_are_driving_and_cost_for_ever(name: str) -> None:
    """One weight, one pattern shown for ever: only a force held on from before gives off heat at rest."""
    one = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
    how: dict[str, Any] = {"learning_rate": 1.0, "dwell": 0.4, "mode": "online", "online": "kick", **cases.BATH}
    runs = [sz.train(one, getattr(sz.rules, name), duration=t, replicas=4000, seed=5, **how) for t in (8.0, 24.0)]
    rate = Sampled.mean((runs[1].ledger.heat[:, 0] - runs[0].ledger.heat[:, 0]) / 16.0).estimate()
    driven = name != "hebbian"
    assert runs[1].classification.kind == ("driving" if driven else "manipulation")
    assert (rate.value > 5.0 * rate.stderr) if driven else (abs(rate.value) < 4.0 * rate.stderr)
    assert ("no law bounds it" in repr(runs[1])) is driven


def test_optimal_learns_more_from_each_example_than_the_others() -> None:
    """Held-out error after 6 N examples, without help from decay: below that of every other kick."""
    n = 60
    task = sz.tasks.teacher_student(n, 6 * n, held_out=200, seed=3)
    how: dict[str, Any] = {
        "learning_rate": 1.0, "duration": 6.0, "dwell": 1.0 / n, "mode": "online", "online": "kick", "replicas": 400,
        "seed": 5, "stiffness": 0.02, "temperature": 0.02,
    }  # fmt: skip
    errors = {}
    for name in ("optimal", "hebbian", "perceptron", "adatron", "gradient"):
        rule = sz.rules.SHIPPED[name]
        held_out = sz.train(task, rule, **how).held_out_error
        assert held_out is not None
        errors[name] = held_out
    best = errors.pop("optimal")
    for name, other in errors.items():
        assert other.value - best.value > 5.0 * float(np.hypot(other.stderr, best.stderr)), name


def test_what_fits_no_mode_is_refused() -> None:
    task = cases.task(2, 3)
    for rule, how in (
        (sz.rules.stdp, ONLINE),
        (sz.rules.gibbs, ONLINE),
        (sz.rules.optimal, {}),
        (sz.rules.optimal, KICK),
    ):
        with pytest.raises(sz.InputError, match=rule.name):
            sz.train(task, rule, learning_rate=0.1, duration=1.0, replicas=10, seed=1, **how)
    with pytest.raises(sz.InputError, match="averaging"):
        sz.rules.Bcm(averaging=0.0)
    with pytest.raises(sz.InputError, match="parameters"):
        sz.rules.Stdp(potentiation=float("nan"))
