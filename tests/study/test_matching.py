"""Ladders read at a matched level: against closed forms, an independent root finder, and the errors of a line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from szilard.errors import InputError
from szilard.estimate import Estimate, Side
from szilard.study.matching import Ladder, common_level, matched, ratio
from tests.study.made_results import grid, results_of

RATES = np.array([0.5, 0.9, 1.6, 2.6, 4.0])


def estimates(values: np.ndarray, stderr: float = 0.0, side: Side = "two-sided") -> list[Estimate]:
    return [Estimate(float(v), stderr, side=side) for v in values]


def test_powers_of_the_rate_are_met_exactly_and_the_rate_within_its_error() -> None:
    ladder = Ladder(RATES, {"learned": estimates(np.log(RATES) + 1.0), "cost": estimates(3.0 * RATES**1.7)})
    found = ladder.at("learned", 1.2, ("cost",))
    rate = np.exp(0.2)
    assert found["learning_rate"].value == pytest.approx(rate, rel=1e-12)
    assert found["cost"].value == pytest.approx(3.0 * rate**1.7, rel=1e-12)
    assert found["cost"].stderr == pytest.approx(0.0, abs=1e-12)


def test_a_falling_error_is_matched_as_its_rising_mirror() -> None:
    learned = np.array([0.02, 0.1, 0.19, 0.26, 0.3])
    ladder = Ladder(
        RATES,
        {"good": estimates(learned, 0.01), "error": estimates(0.5 - learned, 0.01), "cost": estimates(RATES**2, 0.1)},
    )
    up = ladder.at("good", 0.22, ("cost",))
    down = ladder.at("error", 0.5 - 0.22, ("cost",), falling=True)
    assert down["cost"].value == pytest.approx(up["cost"].value, rel=1e-12)
    assert 1.6 < down["learning_rate"].value < 2.6
    assert ladder.at("error", 0.5 - 0.22, ("cost",)) == {}, "an error never rises to what it starts above"


def test_the_place_is_that_of_an_independent_root_finder_whatever_the_ladder() -> None:
    draw = np.random.default_rng(3)
    for _ in range(60):
        learned = np.cumsum(draw.uniform(0.05, 1.0, size=5)) - 0.4
        learned[4] -= draw.uniform(0.0, 2.0)  # some ladders turn down at the end
        cost = draw.normal(size=5) + np.where(draw.uniform() < 0.5, 5.0, 0.0)
        top = int(np.argmax(learned)) + 1
        level = 0.3 * learned[0] + 0.7 * learned[top - 1]
        x = np.log(RATES[:top])
        rises = PchipInterpolator(x, learned[:top])
        at = brentq(lambda t, rises=rises, level=level: rises(t) - level, x[0], x[-1], xtol=1e-14)
        positive = bool(np.all(cost[:top] > 0.0))
        there = PchipInterpolator(x, np.log(cost[:top]) if positive else cost[:top])(at)
        found = Ladder(RATES, {"learned": estimates(learned), "cost": estimates(cost)}).at("learned", level, ("cost",))
        assert found["learning_rate"].value == pytest.approx(np.exp(at), rel=1e-10)
        assert found["cost"].value == pytest.approx(float(np.exp(there) if positive else there), rel=1e-9)


def test_errors_of_both_numbers_are_carried_along_the_slope() -> None:
    rates = np.exp(np.linspace(0.0, 2.0, 5))
    learned, cost = 1.0 + np.log(rates), 10.0 + 4.0 * np.log(rates) - 100.0  # negative: read without logarithm
    ladder = Ladder(rates, {"learned": estimates(learned, 0.003), "cost": estimates(cost, 0.01)})
    found = ladder.at("learned", 2.0, ("cost",))["cost"]
    # at a node only its own errors count: sqrt(0.01^2 + (4 x 0.003)^2), known to 1/sqrt(2 x 500) = 3.2 % of itself
    assert found.value == pytest.approx(-86.0, abs=1e-9)
    assert found.stderr == pytest.approx(np.hypot(0.01, 4.0 * 0.003), rel=4 * 0.032)


def test_sides_are_kept_and_what_is_not_reached_is_empty() -> None:
    mixed = [Estimate(1.0 + i, 0.1, side="upper" if i == 2 else "two-sided") for i in range(5)]
    ladder = Ladder(RATES, {"learned": estimates(RATES), "joint": mixed})
    assert ladder.at("learned", 1.0, ("joint",))["joint"].side == "upper"
    for level in (0.4, 4.1):
        assert ladder.at("learned", level, ("joint",)) == {}
    assert Ladder(RATES[:2], {"learned": estimates(RATES[:2])}).at("learned", 0.6, ()) == {}
    turned = Ladder(RATES, {"learned": estimates(np.array([0.0, 2.0, 1.0, 0.5, 0.2]))})
    assert turned.at("learned", 1.0, ()) == {}, "two rates before the maximum are no ladder"


def test_common_level_and_ratio() -> None:
    assert common_level([3.0, 2.0]) == pytest.approx(1.8)
    found = ratio(Estimate(3.0, 0.3), Estimate(2.0, 0.1, side="upper"))
    assert found.value == 1.5
    assert found.stderr == pytest.approx(1.5 * np.hypot(0.1, 0.05))
    assert found.side == "lower"
    assert ratio(Estimate(3.0, 0.3, side="upper"), Estimate(2.0, 0.1, side="upper")).side == "none"
    assert ratio(Estimate(3.0, 0.3, side="lower"), Estimate(2.0, 0.1, side="upper")).side == "lower"


@pytest.mark.parametrize("rates", [[1.0, 1.0, 2.0], [2.0, 1.0], [0.0, 1.0], [float("nan"), 1.0]])
def test_rates_that_are_no_ladder_are_refused(rates: list[float]) -> None:
    with pytest.raises(InputError, match="rates"):
        Ladder(np.array(rates), {})


def test_as_many_runs_as_rates() -> None:
    with pytest.raises(InputError, match="cost"):
        Ladder(RATES, {"cost": estimates(RATES[:3])})


def study(axes: dict[str, Any]) -> Any:
    """Runs that learn 0.2 + 0.3 ln(rate)/T and cost rate^1.5/T, the Perceptron twice as much, a ramp half of it."""
    size = np.asarray(axes["learning_rate"]).size
    words = {"rule": "hebbian", "schedule": "quench", "labelling": "random"}
    full = {name: np.array([word] * size) for name, word in words.items()} | axes
    rate, t = np.asarray(full["learning_rate"]), np.asarray(full.get("temperature", np.ones(size)))
    cost = rate**1.5 / t * np.where(full["rule"] == "perceptron", 2.0, 1.0)
    cost = cost * np.where(full["schedule"] == "quench", 1.0, 0.5)
    learned = 1.0 + 0.3 * np.log(rate) / t
    return results_of(full, learned=(learned, 1e-4), heat=(t * cost, 1e-4), cost=(cost, 1e-4))


def costs(results: Any, information: float = 1.1) -> dict[tuple[str, str, str], float]:
    """cost at I* by rule, schedule and condition."""
    return {(m.rule, m.schedule, m.condition): m.cost.value for m in matched(results, information)[1]}


def exact(temperature: float = 1.0, factor: float = 1.0) -> Any:
    return pytest.approx(factor * np.exp(1.5 * temperature * 0.1 / 0.3) / temperature, rel=1e-9)


def test_conditions_are_never_mixed() -> None:
    """Two ladders whose rates lie between each other: taken for one they would still be a ladder."""
    axes = {"learning_rate": np.array([0.5, 1.0, 2.0, 0.7, 1.4, 2.8]), "temperature": np.repeat([0.5, 2.0], 3)}
    both = study(axes)
    shuffled = both.isel(cell=[5, 0, 3, 1, 4, 2])
    for results in (both, shuffled):
        found = costs(results)
        assert found == {
            ("hebbian", "quench", "temperature = 0.5"): exact(0.5),
            ("hebbian", "quench", "temperature = 2"): exact(2.0),
        }
    assert costs(both.isel(cell=slice(3))) == {("hebbian", "quench", "all"): exact(0.5)}


def test_rules_stand_beside_each_other_in_every_condition() -> None:
    axes = grid(rule=["hebbian", "perceptron"], temperature=[1.0, 2.0], drawing=[0, 1], learning_rate=[0.5, 1.0, 2.0])
    found = costs(study(axes))
    assert len(found) == 8
    for (rule, _, condition), cost in found.items():
        t = 1.0 if "temperature = 1," in condition else 2.0
        assert cost == exact(t, 2.0 if rule == "perceptron" else 1.0)
        assert condition in {f"temperature = {t:g}, drawing = {d}" for d in (0, 1)}


def test_a_random_design_is_no_ladder() -> None:
    """Every rate once, every temperature another: nothing is equal."""
    rng = np.random.default_rng(5)
    with pytest.raises(InputError, match=r"everything else equal \(what varies: temperature\)"):
        matched(study({"learning_rate": rng.uniform(0.5, 4.0, 40), "temperature": rng.uniform(0.2, 5.0, 40)}))


def test_durations_and_steps_that_follow_are_no_condition() -> None:
    schedules, rates = ["quench"] * 3 + ["ramp:16"] * 3, np.tile([0.5, 1.0, 2.0], 2)
    axes = {"schedule": np.array(schedules), "learning_rate": rates, "ramp": np.repeat([np.nan, 16.0], 3)}
    axes["duration"] = np.repeat([8.0, 20.0], 3)
    following = axes | {"dt": 0.1 / rates}
    assert costs(study(following)) == {
        ("hebbian", "quench", "all"): exact(),
        ("hebbian", "ramp:16", "all"): exact(factor=0.5),
    }
    twice = {name: np.tile(values, 2) for name, values in axes.items()} | {"dt": np.repeat([0.1, 0.05], 6)}
    assert set(costs(study(twice))) == {
        ("hebbian", schedule, f"dt = {dt}") for schedule in ("quench", "ramp:16") for dt in ("0.1", "0.05")
    }
    longer = axes | {"duration": np.tile([8.0, 8.0, 8.0], 2), "schedule": np.array(["quench"] * 6)}
    longer |= {"duration": np.repeat([8.0, 20.0], 3)}
    assert set(costs(study(longer))) == {("hebbian", "quench", f"duration = {t}") for t in ("8", "20")}


def test_the_same_run_twice_is_refused() -> None:
    with pytest.raises(InputError, match="several runs"):
        matched(study({"learning_rate": np.array([0.5, 1.0, 2.0, 2.0])}))
    with pytest.raises(InputError, match="no comparable curves"):
        matched(study({"learning_rate": np.array([0.5, 1.0, 2.0]), "labelling": np.array(["teacher"] * 3)}))
