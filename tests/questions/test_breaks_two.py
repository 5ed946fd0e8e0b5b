"""Four assumptions broken on purpose: exact numbers by other ways, simulations beside them, and what is concluded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad, solve_ivp
from scipy.special import ndtr

import szilard as sz
from szilard.continuous import GaussianPropagation, Linear
from szilard.questions.limit.breaking import Breaker, MatrixSettings, Row, account_of
from szilard.questions.limit.breaks_chains import chain, euler, exact_theorem, metropolised, told_and_paid, transition
from szilard.questions.limit.breaks_labels import correlated_labels, mean_weight
from szilard.questions.limit.breaks_labels import exact as exact_labels
from szilard.questions.limit.breaks_noise import exact as exact_noise
from szilard.questions.limit.breaks_noise import shared_noise
from szilard.questions.limit.breaks_steps import coarse_time_step, order
from szilard.questions.limit.breaks_temperature import exact as exact_temperature
from szilard.questions.limit.breaks_temperature import wrong_temperature
from szilard.questions.part import Record

BREAKERS = (shared_noise, correlated_labels, wrong_temperature, coarse_time_step)
MEDIUM: dict[str, Any] = {"temperature": 0.6, "stiffness": 1.7, "mobility": 0.4}
TIMES: dict[str, Any] = {"ramp": 30.0, "settling": 10.0}
NOISE: dict[str, Any] = MEDIUM | TIMES | {"correlation": 0.8, "push": 0.9}
STEP: dict[str, Any] = MEDIUM | {"push": 2.0, "dt": 0.8, "ramp": 24.0, "settling": 8.0}
SMALL = MatrixSettings(replicas=4000, dt=0.1, noise_ramp=60.0, labels_ramp=60.0, step_ramp=100.0)


def values(record: Record) -> tuple[float, float, float, float]:
    a = account_of(record)
    return a.information.value, a.cost.value, a.smaller.value, a.larger.value


def worked(breaker: Breaker, seed: int = 5, threads: int | None = 2) -> list[dict[str, Any]]:
    """The records as they come back from the store."""
    return [json.loads(json.dumps(dict(p.work(seed + i, threads)))) for i, p in enumerate(breaker.pieces)]


def divergence(variance: float, resting: float) -> float:
    """D(N(0, variance) || N(0, resting))."""
    x = variance / resting
    return 0.5 * (x - 1.0 - log(x))


def mixed(mean: float, variance: float) -> float:
    """Entropy of two Gaussians of one variance at +-mean, by adaptive quadrature."""
    s = sqrt(variance)

    def surprise(w: float) -> float:
        logs = -0.5 * np.array([w - mean, w + mean]) ** 2 / variance
        log_p = float(np.logaddexp(*logs)) - log(2.0 * s * sqrt(2.0 * np.pi))
        return -exp(log_p) * log_p

    return 2.0 * float(quad(surprise, 0.0, mean + 12.0 * s, points=[mean], limit=200)[0])


def told(mean: float, variance: float) -> float:
    p = float(ndtr(mean / sqrt(variance)))
    return log(2.0) + p * log(p) + (1.0 - p) * log(1.0 - p)


def ramped_mean(v: Mapping[str, float]) -> tuple[float, float]:
    """Mean at the end and int mdot^2 dt / mu of dm/dt = mu (c s - k m), by a solver of differential equations."""
    rate, tau = v["mobility"] * v["stiffness"], v["ramp"] / (v["mobility"] * v["stiffness"])

    def flow(t: float, y: Any) -> list[float]:
        velocity = v["mobility"] * (v["push"] * min(t / tau, 1.0) - v["stiffness"] * y[0])
        return [velocity, velocity**2 / v["mobility"]]

    y = np.zeros(2)
    for span in ((0.0, tau), (tau, tau + v["settling"] / rate)):
        y = solve_ivp(flow, span, y, rtol=1e-11, atol=1e-13).y[:, -1]
    return float(y[0]), float(y[1])


def test_shared_noise_pays_with_the_inverse_of_its_whole_diffusion_matrix() -> None:
    r"""Sigma = int mdot.D^{-1} mdot dt of weights (1, -1) m/sqrt(2), with D = mu T [[1, rho], [rho, 1]]."""
    v = NOISE | {"case": "stationary"}
    information, cost, _, larger = values(exact_noise(v).record())
    m, motion = ramped_mean(v)
    T, k, rho = v["temperature"], v["stiffness"], v["correlation"]
    direction = np.array([1.0, -1.0]) / sqrt(2.0)
    D = T * np.array([[1.0, rho], [rho, 1.0]])
    quiet = T * (1.0 - rho) / k
    known = mixed(m, quiet) - 0.5 * log(2.0 * np.pi * np.e * quiet)
    assert larger == pytest.approx(known + motion * direction @ np.linalg.inv(D) @ direction, rel=1e-7)
    assert information == pytest.approx(told(m, quiet), rel=1e-9)
    single = mixed(m / sqrt(2.0), T / k) - 0.5 * log(2.0 * np.pi * np.e * T / k)
    assert cost == pytest.approx(2.0 * single + motion / T, rel=1e-7)
    assert cost < information < larger


def test_independent_weights_in_shared_noise_seem_to_lose_entropy_for_nothing() -> None:
    v = NOISE | {"case": "independent"}
    information, cost, _, larger = values(exact_noise(v).record())
    m, motion = ramped_mean(v)
    T, k, rho = v["temperature"], v["stiffness"], v["correlation"]
    quiet = T * (1.0 - rho) / k
    known = mixed(m, quiet) - 0.5 * log(2.0 * np.pi * np.e * quiet)
    assert cost == pytest.approx(known + 0.5 * log(1.0 - rho**2) + motion / T, rel=1e-7)
    warming = divergence(T / k, T * (1.0 + rho) / k) + divergence(T / k, quiet)
    assert larger == pytest.approx(known + motion / (T * (1.0 - rho)) + warming, rel=1e-7)
    assert cost < information < larger


def test_noise_that_is_not_shared_breaks_nothing() -> None:
    """The null case: the three books are one, and a force that pushes nothing costs nothing."""
    almost = NOISE | {"correlation": 1e-9}
    for case in ("stationary", "independent", "friction"):
        information, cost, _, larger = values(exact_noise(almost | {"case": case}).record())
        assert information < larger <= cost + 1e-8
    v = NOISE | {"case": "stationary", "push": 1e-7}
    assert np.abs(values(exact_noise(v).record())).max() < 1e-8


def test_five_labels_of_a_teacher() -> None:
    """PHYSICS 0.2: N = 1, P = 5, nu = 8, quasi-static: 3.442 against .693."""
    v = {"temperature": 1.0, "stiffness": 1.0, "mobility": 1.0, "push": 8.0, "ramp": 2e5, "settling": 10.0}
    summed, cost, joint, _ = values(exact_labels(v | {"patterns": 5}))
    assert round(summed, 3) == 3.442
    assert round(cost, 3) == 0.693
    assert joint == pytest.approx(log(2.0), abs=1e-9)


def test_labels_at_another_temperature_and_two_ways_to_a_mean() -> None:
    v = MEDIUM | TIMES | {"push": 1.1, "patterns": 3}
    m, motion = ramped_mean(v)
    assert mean_weight(v) == pytest.approx(m, rel=1e-8)
    summed, cost, joint, _ = values(exact_labels(v))
    T, variance = v["temperature"], v["temperature"] / v["stiffness"]

    def right(x: float) -> float:
        return exp(-0.5 * x * x) / sqrt(2.0 * np.pi) / (1.0 + exp(-(m + sqrt(variance) * x) / T))

    p = quad(right, -12.0, 12.0)[0]
    assert summed == pytest.approx(3.0 * (log(2.0) + p * log(p) + (1.0 - p) * log(1.0 - p)), rel=1e-8)
    assert joint == pytest.approx(mixed(m, variance) - 0.5 * log(2.0 * np.pi * np.e * variance), rel=1e-8)
    assert cost == pytest.approx(joint + motion / T, rel=1e-8)


def test_too_hot_a_thermometer_halves_the_heat_of_a_rule_that_tightens() -> None:
    v = MEDIUM | {"ramp": 2000.0, "settling": 10.0, "case": "colder", "tightening": 3.0, "target": 1.0}
    information, cost, _, larger = values(exact_temperature(v | {"thermometer": 1.5}).record())
    T, k = v["temperature"], v["stiffness"]
    known = mixed(0.75, T / (4.0 * k)) - 0.5 * log(2.0 * np.pi * np.e * T / (4.0 * k))
    assert information == pytest.approx(told(0.75, T / (4.0 * k)), rel=1e-4)  # slow, not quasi-static
    assert larger == pytest.approx(known, abs=2e-3)
    assert cost == pytest.approx(known - 0.5 * log(4.0) * (1.0 - T / 1.5), abs=2e-3)


def test_heat_of_the_delta_rule_by_its_moments() -> None:
    v = MEDIUM | TIMES | {"case": "colder", "tightening": 2.0, "target": 0.7, "thermometer": 1.0}
    mu, k, T = v["mobility"], v["stiffness"], v["temperature"]
    tau = v["ramp"] / (mu * k)

    def flow(t: float, y: Any) -> list[float]:
        s = min(t / tau, 1.0)
        stiff, pull = k * (1.0 + 2.0 * s), 2.0 * k * s * 0.7
        square = (pull - stiff * y[0]) ** 2 + stiff**2 * y[1]
        return [mu * (pull - stiff * y[0]), 2.0 * mu * (T - stiff * y[1]), mu * (square - T * stiff)]

    y = np.array([0.0, T / k, 0.0])
    for span in ((0.0, tau), (tau, tau + v["settling"] / (mu * k))):
        y = solve_ivp(flow, span, y, rtol=1e-11, atol=1e-13).y[:, -1]
    change = mixed(y[0], y[1]) - 0.5 * log(2.0 * np.pi * np.e * T / k)
    _, cost, _, larger = values(exact_temperature(v).record())
    assert (cost, larger) == pytest.approx((change + y[2] / 1.0, change + y[2] / T), rel=1e-7)


def test_too_cold_a_thermometer_sees_heat_taken_up() -> None:
    v = MEDIUM | TIMES | {"case": "hotter", "push": 2.0, "thermometer": 0.25}
    information, cost, _, larger = values(exact_temperature(v).record())
    m, motion = ramped_mean(v)
    T, k = v["temperature"], v["stiffness"]
    x = T / 0.25
    known = mixed(m, T / k) - 0.5 * log(2.0 * np.pi * np.e * T / k)
    assert cost == pytest.approx(known + 0.5 * (log(x) - x + 1.0) + motion / 0.25, rel=1e-7)
    assert larger == pytest.approx(known + divergence(0.25 / k, T / k) + motion / T, rel=1e-7)
    assert information < larger


def test_euler_rests_as_if_its_bath_were_hotter() -> None:
    r"""y = 1/(1 - a/2): DS(w | label) + Q/T = (ln y - y + 1)/2 beside the work of the ramp, which is slow here."""
    v = STEP | {"dt": 1.2, "ramp": 60_000 * 1.2, "settling": 12 * 1.2}
    T, k = v["temperature"], v["stiffness"]
    mean, variance, heat = euler(v)
    y = 1.0 / (1.0 - 0.6)
    assert variance == pytest.approx(y * T / k, rel=1e-12)
    assert 0.5 * log(variance * k / T) + heat / T == pytest.approx(0.5 * (log(y) - y + 1.0), abs=1e-4)
    assert mean == pytest.approx(v["push"] / k, rel=1e-9)


def test_transitions_of_the_process_have_its_books() -> None:
    """Against ``energetics`` of the same staircase of the control."""
    v = STEP | {"ramp": 4.0, "settling": 2.4}
    T, k, mu = MEDIUM["temperature"], MEDIUM["stiffness"], MEDIUM["mobility"]
    h = v["dt"] / (mu * k)
    held = sz.Protocol([i * h for i in range(6)], [*((i + 0.5) / 5 for i in range(5)), 1.0], "constant")
    trap = sz.Langevin(linear=lambda s: Linear([[k]], [2.0 * s]), dim=1, mobility=mu, temperature=T)
    start = sz.Gaussian(0.0, T / k)
    found = sz.energetics(trap, start, 8 * h, held)
    mean, variance, heat = transition(v)
    assert heat == pytest.approx(float(found.heat[0]), rel=1e-8)
    assert variance == pytest.approx(T / k, rel=1e-12)
    end = sz.propagate(trap, start, [8 * h], held)
    assert isinstance(end, GaussianPropagation)
    assert mean == pytest.approx(float(end.means[-1, 0]), rel=1e-9)


def test_a_chain_keeps_the_first_law() -> None:
    """W = sum of (f - f') <w> at fixed w, U = k w^2/2 - f w."""
    v = STEP
    T, k = v["temperature"], v["stiffness"]
    mean, variance, heat = euler(v)
    f, work, at, before = 0.0, 0.0, 0.0, 0
    steps = round(v["ramp"] / v["dt"])
    for s in [(i + 0.5) / steps for i in range(steps)] + [1.0] * round(v["settling"] / v["dt"]):
        work, f = work - (s * v["push"] - f) * at, s * v["push"]
        at, before = at + v["dt"] * (f / k - at), before + 1
    energy = 0.5 * k * (mean**2 + variance) - v["push"] * mean - 0.5 * T
    assert energy == pytest.approx(work - heat, rel=1e-10)
    assert chain(v, 1.0, 0.0) == (0.0, T / k, 0.0)


def test_the_metropolised_line_rests_and_obeys_the_law() -> None:
    still = STEP | {"push": 1e-9}
    assert metropolised(still) == pytest.approx((0.0, 0.0), abs=1e-9)
    for dt in (0.2, 0.8, 1.9):
        v = STEP | {"dt": dt, "ramp": round(24.0 / dt) * dt, "settling": round(10.0 / dt) * dt}
        information, cost = metropolised(v)
        assert information < cost
    fine = STEP | {"dt": 0.2, "settling": 24.0}
    exact = told_and_paid(fine, transition(fine))
    assert metropolised(fine)[0] == pytest.approx(exact[0], rel=1e-6)  # at rest, the equilibrium at any step


def test_jarzynski_of_euler_by_one_integral_over_all_positions() -> None:
    r"""<e^{-(W - DF)/T}> = int dw_0 .. dw_5 p(w_0) prod_i q(w_i | w_{i-1}) e^{-(W - DF)/T}, a Gaussian integral."""
    for dt, push in ((0.5, 1.0), (1.2, 1.4), (1.9, 0.6)):
        v = MEDIUM | {"dt": dt, "push": push}
        T, k, n = v["temperature"], v["stiffness"], 5
        spread = 2.0 * dt * T / k
        A, b, c = np.zeros((n + 1, n + 1)), np.zeros(n + 1), 0.0
        A[0, 0] += k / T
        forces = [0.0, *(push * (i + 0.5) / n for i in range(n)), push]
        for i in range(n):
            row, shift = np.zeros(n + 1), dt * forces[i + 1] / k
            row[i + 1], row[i] = 1.0, -(1.0 - dt)
            A += np.outer(row, row) / spread
            b += row * shift / spread
            c -= 0.5 * shift**2 / spread
        for i in range(n + 1):  # W = -sum of (change of force) w, DF = -push^2/2k
            b[i] += (forces[i + 1] - forces[i]) / T
        c -= 0.5 * push**2 / (k * T)
        normal = 0.5 * log(k / T) - 0.5 * n * log(spread)
        expected = exp(c + 0.5 * b @ np.linalg.solve(A, b) + normal - 0.5 * np.linalg.slogdet(A)[1])
        assert exact_theorem(v)["theorem"] == pytest.approx(expected, rel=1e-9)
        assert expected > 1.02


def test_order_of_the_error_of_euler() -> None:
    found = order(MEDIUM | {"push": 1e-4, "ramp": 24.0})
    # without a push the heat errs by a/4 and the cost by a^2/16; the next terms are larger by about a
    assert found["heat_order"] == pytest.approx(1.0, abs=0.08)
    assert found["cost_order"] == pytest.approx(2.0, abs=0.08)
    assert max(found["slacks"]) < 0.0


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[Breaker, list[dict[str, Any]], Row]]:
    made = {}
    for make in BREAKERS:
        breaker = make(SMALL, 1.0)
        records = worked(breaker)
        made[breaker.name] = breaker, records, breaker.conclude(records)
    return made


@pytest.mark.parametrize("name", ["shared noise", "correlated labels", "wrong temperature", "coarse time step"])
def test_each_law_breaks_and_its_repair_holds(name: str, rows: dict[str, Any]) -> None:
    breaker, _, row = rows[name]
    assert row.name == breaker.name and row.assumption == breaker.assumption
    assert [check.verdict for check in row.naive()] == ["violated", "violated"]
    assert [check.verdict for check in row.mended()] == ["holds", "holds"]
    assert {check.verdict for check in row.broken} <= {"violated"}
    every = [*row.agreement(), *row.checks]
    assert not [check.name for check in every if check.verdict == "violated"]
    undecided = [check.name for check in every if check.verdict == "inconclusive"]
    assert len(undecided) <= 1, undecided  # some 10 equalities to 3 standard errors


@pytest.mark.parametrize("make", BREAKERS, ids=lambda make: make.__name__)
def test_pieces_name_what_decides_them(make: Callable[..., Breaker]) -> None:
    """No piece has the coordinates of another, and a setting of another breaker changes none."""
    mine = [json.dumps(dict(p.coordinates), sort_keys=True) for p in make(SMALL, 1.0).pieces]
    assert len(set(mine)) == len(mine)
    other = SMALL.model_copy(update={"feedback_push": 0.3, "prior_push": 0.4, "heat_ramp": 7.0})
    assert mine == [json.dumps(dict(p.coordinates), sort_keys=True) for p in make(other, 1.0).pieces]
    more = SMALL.model_copy(update={"replicas": 5000})
    exact = [
        p
        for p, q in zip(make(more, 1.0).pieces, mine, strict=True)
        if json.dumps(dict(p.coordinates), sort_keys=True) == q
    ]
    assert exact and not any("replicas" in p.coordinates for p in exact)


def test_half_the_time_step_leaves_the_coarse_one() -> None:
    whole, half = (coarse_time_step(SMALL, factor).pieces for factor in (1.0, 0.5))
    for one, other in zip(whole, half, strict=True):
        if one.coordinates["case"] == "fine":
            assert other.coordinates["dt"] == pytest.approx(0.5 * one.coordinates["dt"])
        else:
            assert one.coordinates == other.coordinates
    for make in BREAKERS[:3]:
        for one, other in zip(make(SMALL, 1.0).pieces, make(SMALL, 0.5).pieces, strict=True):
            assert other.coordinates.get("dt", 0.0) == pytest.approx(0.5 * one.coordinates.get("dt", 0.0))


def test_threads_change_no_bit() -> None:
    tiny = MatrixSettings(replicas=1000, dt=0.1, noise_ramp=2.0, labels_ramp=2.0, bath_ramp=2.0, step_ramp=3.0)
    for make in BREAKERS:
        piece = [p for p in make(tiny, 1.0).pieces if "replicas" in p.coordinates][0]
        assert piece.work(3, 1) == piece.work(3, 2)


def test_a_repair_that_fails_is_called_violated(rows: dict[str, Any]) -> None:
    for breaker, records, _ in rows.values():
        wrong = [dict(record) for record in records]
        for record in wrong:
            if "larger" in record:
                record["larger"] = [record["larger"][0] - 5.0, *record["larger"][1:]]
        row = breaker.conclude(wrong)
        assert [check.verdict for check in row.mended()] == ["violated", "violated"]


def test_a_law_that_is_not_broken_is_not_called_so(rows: dict[str, Any]) -> None:
    for breaker, records, _ in rows.values():
        sound = [dict(record) for record in records]
        for record in sound:
            if "cost" in record:
                record["cost"] = [record["cost"][0] + 5.0, *record["cost"][1:]]
        assert [check.verdict for check in breaker.conclude(sound).naive()] == ["holds", "holds"]


def test_notes_follow_the_numbers(rows: dict[str, Any]) -> None:
    breaker, records, row = rows["shared noise"]
    assert "keep the law" in row.note
    wrong = [dict(record) for record in records]
    wrong[5]["cost"] = [0.0, *wrong[5]["cost"][1:]]
    found = breaker.conclude(wrong)
    assert "break the law" in found.note
    assert "violated" in {check.verdict for check in found.checks}
    breaker, records, row = rows["coarse time step"]
    assert "break the law from 0." in row.note
    wrong = [dict(record) for record in records]
    wrong[8]["slacks"] = [1.0] * len(wrong[8]["slacks"])
    wrong[7]["metropolis"] = [1.3, *wrong[7]["metropolis"][1:]]
    found = breaker.conclude(wrong)
    assert "break the law at no length" in found.note and "1.300" in found.note
    assert [check.verdict for check in found.checks if "Metropolised: <exp" in check.name] == ["violated"]


@pytest.mark.parametrize(
    "extreme",
    [
        {"noise_correlation": 0.99, "noise_ramp": 0.5, "labels_patterns": 12, "labels_ramp": 0.5, "bath_colder": 0.05,
         "bath_hotter": 20.0, "bath_ramp": 0.5, "step_coarse": 1.9, "step_ramp": 0.5, "step_drag": 9.0},
        {"noise_correlation": 1e-6, "noise_push": 40.0, "labels_patterns": 2, "labels_push": 60.0, "bath_colder": 0.99,
         "bath_hotter": 1.01, "bath_push": 30.0, "bath_tightening": 50.0, "step_coarse": 0.2, "step_push": 20.0,
         "noise_ramp": 3.0, "labels_ramp": 3.0, "bath_ramp": 3.0, "step_ramp": 3.0},
        {"temperature": 0.02, "stiffness": 20.0, "mobility": 30.0, "noise_ramp": 2.0, "labels_ramp": 2.0,
         "bath_ramp": 2.0, "step_ramp": 2.0},
    ],
    ids=["fast", "strong", "cold"],
)  # fmt: skip
def test_extreme_settings_say_nothing_false(extreme: dict[str, Any]) -> None:
    settings = MatrixSettings(replicas=1000, dt=0.1, **extreme)
    for make in BREAKERS:
        breaker = make(settings, 1.0)
        row = breaker.conclude(worked(breaker))
        mended = [check.verdict for check in row.mended()]
        assert mended[0] in ("holds", "holds, saturated") and mended[1] != "violated"
        assert not [check.name for check in [*row.checks, *row.agreement()] if check.verdict == "violated"]
        assert row.note


def test_settings_that_mean_nothing_are_refused() -> None:
    for bad in ({"noise_correlation": 1.0}, {"bath_colder": 1.0}, {"bath_hotter": 1.0}, {"step_coarse": 2.0},
                {"labels_patterns": 1}, {"noise_ramp": 0.0}, {"step_drag": float("nan")}):  # fmt: skip
        with pytest.raises(ValidationError):
            MatrixSettings(**bad)
    with pytest.raises(sz.InputError, match="step_push"):
        coarse_time_step(MatrixSettings(step_push=60.0), 1.0)
