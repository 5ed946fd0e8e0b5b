"""Drift and diffusion of pair-based spike timing against spikes: exact at a held weight, to first order otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq

from szilard.errors import InputError
from szilard.learning.modes_sweep import weight_modes
from szilard.learning.spike_sampling import stdp_by_spikes
from szilard.learning.spike_timing import KINDS, SpikeTiming, stdp_synapse
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
LOPSIDED: dict[str, dict[str, Any]] = {
    "additive": {"pre_rate": 20.0, "rest_rate": 13.0, "feedback": 0.4, "ratio": 1.3},
    "soft": {"pre_rate": 25.0, "rest_rate": 7.0, "feedback": 0.9, "ratio": 1.4, "response_time": 0.013},
    "multiplicative": {"pre_rate": 40.0, "rest_rate": 15.0, "feedback": 0.7, "ratio": 0.7, "depression_time": 0.05},
    "mixed": {"pre_rate": 15.0, "rest_rate": 30.0, "feedback": 0.3, "ratio": 1.1, "potentiation_time": 0.035},
}


def lopsided(kind: Any) -> SpikeTiming:
    return SpikeTiming(kind=kind, step=0.01, **LOPSIDED[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_drift_and_diffusion_are_those_of_the_spikes_at_a_held_weight(kind: Any) -> None:
    """No small steps here: A and D are exact. Starting 1 s late and ending together costs var a share tau/20 s < 1 %.

    The standard error of the variance is sqrt(2/4000) = 2.2 %.
    """
    rule, span, w = lopsided(kind), 20.0, 0.6
    run = stdp_by_spikes(rule, [1.0, 1.0 + span], replicas=4000, seed=2, initial=w, held=True)
    np.testing.assert_array_equal(run.weights, w)
    moved = (run.moved[:, 1] - run.moved[:, 0]) / span
    drift, diffusion = float(rule.drift(w)), float(rule.diffusion(w))
    assert moved.std() / np.sqrt(moved.size) < 0.1 * abs(drift)
    assert abs(z_of_mean(moved, drift)) < 4.0
    assert abs(z_of_mean(0.5 * span * (moved - drift) ** 2, diffusion)) < 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_diffusion_is_the_chaos_expansion_by_quadrature(kind: Any) -> None:
    """The same sums of squares, every integral over K and over delays done numerically."""
    rule, w = lopsided(kind), 0.6
    plus, minus, q = float(rule.potentiation(w)), float(rule.depression(w)), rule.feedback * w
    r, R, s = rule.pre_rate, float(rule.output_rate(w)), rule.response_time

    def K(u: float) -> float:
        found = plus * np.exp(-u / rule.potentiation_time) if u > 0.0 else -minus * np.exp(u / rule.depression_time)
        return float(found)

    def over(f: Any, low: float, high: float) -> float:
        return float(quad(f, low, high, epsabs=1e-13, epsrel=1e-9, limit=200)[0])

    far = 1.0

    def L(u: float) -> float:
        cut = min(max(-u, 0.0), far)
        return sum(
            over(lambda x: np.exp(-x / s) / s * K(u + x), a, b) for a, b in ((0.0, cut), (cut, cut + far)) if b > a
        )

    k = over(K, -far, 0.0) + over(K, 0.0, far)
    square = over(lambda u: K(u) ** 2, -far, 0.0) + over(lambda u: K(u) ** 2, 0.0, far)
    once, twice = (over(lambda x, n=n: np.exp(-x / s) / s * K(x) ** n, 0.0, far) for n in (1, 2))
    u: Array = np.linspace(-0.5, 0.5, 2001)
    smear = np.array([L(float(x)) for x in u])
    both = float(np.trapezoid(smear**2 + smear * smear[::-1], u))
    single = r * (q * (twice + 2.0 * r * k * once + (r * k) ** 2) + (q * once + q * r * k + R * k) ** 2)
    total = single + rule.rest_rate * (r * k) ** 2 + r * R * square + (r * q) ** 2 * both
    # 1e-4: the trapezium rule at 0.5 ms for a function with a kink in its slope, on time scales of 5 to 50 ms
    assert 0.5 * total == pytest.approx(float(rule.diffusion(w)), rel=1e-4)


def test_second_moments_of_single_changes_are_not_the_diffusion() -> None:
    """What is often taken: rate times mean square of the change at a spike, as if changes were independent."""
    rule = SpikeTiming(kind="additive", pre_rate=40.0, rest_rate=40.0, feedback=0.0, step=0.01, ratio=1.0)
    r, R, tau, f = 40.0, 40.0, 0.02, 0.01
    naive = 0.5 * (r * f**2 * ((R * tau) ** 2 + 0.5 * R * tau) + R * f**2 * ((r * tau) ** 2 + 0.5 * r * tau))
    assert naive == pytest.approx((1.0 + 2.0 * r * tau) * float(rule.diffusion(0.5)))
    run = stdp_by_spikes(rule, [1.0, 11.0], replicas=4000, seed=7, held=True)
    moved = run.moved[:, 1] - run.moved[:, 0]
    assert abs(z_of_mean(moved**2 / 20.0, float(rule.diffusion(0.5)))) < 4.0


def apart(rule: SpikeTiming, replicas: int, relaxations: float, seed: int) -> tuple[Array, Array]:
    """Mean, mean square and share below 1/3 of the weights of a spike run, minus those of the density; their errors."""
    model = stdp_synapse(rule)
    exact = model.stationary()
    start = exact.quantile((np.arange(replicas) + 0.5) / replicas)
    w = stdp_by_spikes(
        rule, [relaxations / model.relaxation_rate().value], replicas=replicas, seed=seed, initial=start
    ).weights[:, 0]
    mean = exact.mean
    rows = np.array([w, (w - mean) ** 2, (w < 1.0 / 3.0).astype(np.float64)])
    truth = np.array([mean, exact.variance, float(exact.cdf(1.0 / 3.0))])
    return rows.mean(axis=1) - truth, rows.std(axis=1, ddof=1) / np.sqrt(replicas)


def assert_first_order(coarse: tuple[Array, Array], fine: tuple[Array, Array]) -> None:
    """2 d(step/2) - d(step) = 0: what the density misses falls with the step."""
    left = 2.0 * fine[0] - coarse[0]
    assert np.all(np.abs(left) < 4.0 * np.hypot(2.0 * fine[1], coarse[1]) + 1e-12)


def soft(step: float) -> SpikeTiming:
    return SpikeTiming(kind="soft", pre_rate=20.0, rest_rate=10.0, feedback=0.3, step=step, ratio=1.2)


def balanced(step: float) -> SpikeTiming:
    """Additive, with drift and diffusion both of the order of step^2: its density keeps its shape as the step falls."""
    return SpikeTiming(
        kind="additive", pre_rate=20.0, rest_rate=20.0, feedback=1.5 * step, step=step, ratio=1.0 + 2.0 * step
    )


@pytest.mark.parametrize(("rule_of", "step"), [(soft, 0.08), (balanced, 0.1)], ids=["soft", "balanced additive"])
def test_density_of_the_spikes_is_the_density_to_first_order_in_the_step(rule_of: Any, step: float) -> None:
    coarse = apart(rule_of(step), 3000, 4.0, 11)
    fine = apart(rule_of(0.5 * step), 3000, 4.0, 12)
    assert_first_order(coarse, fine)


def test_additive_is_bimodal_over_feedback_and_multiplicative_is_not() -> None:
    def rule(kind: Any, c: float) -> SpikeTiming:
        return SpikeTiming(kind=kind, pre_rate=20.0, rest_rate=10.0, feedback=c, step=0.04, ratio=1.3)

    strengths = [0.02, 0.06, 0.2, 0.35]
    additive = weight_modes(lambda c: stdp_synapse(rule("additive", c)), strengths)
    np.testing.assert_array_equal(additive.count, [1, 1, 2, 2])
    np.testing.assert_array_equal(additive.modes[2], [0.0, 1.0])
    # a second mode where the density stops falling one step below the upper bound, the finest that is looked at
    edge = brentq(lambda c: float(stdp_synapse(rule("additive", c)).slope(np.array([0.96]))[0]), 0.06, 0.2)
    assert abs(additive.critical[0] - edge) <= additive.accuracy
    multiplicative = weight_modes(lambda c: stdp_synapse(rule("multiplicative", c)), strengths)
    np.testing.assert_array_equal(multiplicative.count, 1)
    assert np.all(np.diff(multiplicative.modes[:, 0]) > 0.0)


def test_without_feedback_a_fixed_point_is_where_both_areas_agree() -> None:
    """f_+ tau_+ = f_- tau_-: for "soft", ((1 - w)/w)^m = ratio tau_-/tau_+."""
    rule = SpikeTiming(
        kind="soft", pre_rate=20.0, rest_rate=10.0, feedback=0.0, step=1e-3, ratio=1.4, exponent=0.3,
        depression_time=0.03,
    )  # fmt: skip
    w = 1.0 / (1.0 + (1.4 * 1.5) ** (1.0 / 0.3))
    assert abs(float(rule.drift(w))) < 1e-15
    assert float(rule.drift(0.9 * w)) > 0.0 > float(rule.drift(1.1 * w))


def test_bits_do_not_depend_on_threads_or_on_other_replicas() -> None:
    rule = lopsided("soft")
    one = stdp_by_spikes(rule, [2.0, 5.0], replicas=150, seed=3, threads=1)
    two = stdp_by_spikes(rule, [2.0, 5.0], replicas=150, seed=3, threads=2)
    few = stdp_by_spikes(rule, [2.0, 5.0], replicas=70, seed=3)
    np.testing.assert_array_equal(one.weights, two.weights)
    np.testing.assert_array_equal(one.weights[:70], few.weights)
    assert not np.array_equal(one.weights, stdp_by_spikes(rule, [2.0, 5.0], replicas=150, seed=4).weights)


def test_bounds_hold() -> None:
    rule = SpikeTiming(kind="additive", pre_rate=20.0, rest_rate=20.0, feedback=0.1, step=0.3)
    run = stdp_by_spikes(rule, [5.0, 50.0], replicas=200, seed=1)
    assert run.weights.min() == 0.0 and run.weights.max() == 1.0
    assert np.abs(run.moved).max() > 1.0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "bcm"}, "kind"),
        ({"pre_rate": 0.0}, "pre_rate"),
        ({"feedback": -0.1}, "feedback"),
        ({"exponent": 1.5}, "exponent"),
        ({"response_time": np.nan}, "response_time"),
        ({"step": "small"}, "step"),
    ],
    ids=str,
)
def test_bad_rules_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        SpikeTiming(**{"kind": "soft", "step": 0.01, **LOPSIDED["soft"], **given})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"times": [2.0, 1.0]}, "times"),
        ({"times": []}, "times"),
        ({"replicas": 0}, "replicas"),
        ({"initial": 1.2}, "initial"),
        ({"initial": np.full(3, 0.5)}, "initial"),
        ({"rule": None}, "rule"),
    ],
    ids=["order", "empty", "none", "outside", "shape", "no rule"],
)
def test_bad_runs_are_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        stdp_by_spikes(**{"rule": lopsided("soft"), "times": [1.0], "replicas": 4, "seed": 1, **given})
    assert caught.value.field == field


def test_texts_and_figures() -> None:
    run = stdp_by_spikes(lopsided("mixed"), [1.0], replicas=50, seed=1)
    assert "mixed STDP" in repr(run) and run.plot().lines
    assert "not thermal" in repr(stdp_synapse(lopsided("mixed")))


def test_runs_that_no_machine_ends_are_refused_before_they_begin() -> None:
    rule = lopsided("additive")
    with pytest.raises(InputError, match="GiB") as caught:
        stdp_by_spikes(rule, [1.0], replicas=10**14, seed=1)
    assert caught.value.field == "replicas"
    busy = SpikeTiming(kind="mixed", pre_rate=1e12, rest_rate=20.0, feedback=0.1, step=0.01)
    with pytest.raises(InputError, match="at most 1e\\+11") as caught:
        stdp_by_spikes(busy, [1.0], replicas=1, seed=1)
    assert caught.value.field == "times"
