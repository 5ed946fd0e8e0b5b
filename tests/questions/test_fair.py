"""Rules side by side, from records whose answer is known: ratios, budgets, fronts, and what the text says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from szilard.estimate import Estimate
from szilard.questions.part import Finding, Record
from szilard.questions.rules.fair_finding import concluded, front_of
from szilard.questions.rules.fair_rows import LOST, at_best, at_error, at_information
from szilard.questions.rules.fair_trials import Trial, contenders_of, total
from szilard.questions.rules.fronts import not_dominated
from szilard.study.axes import DEFAULTS

RATES = (0.5, 0.8, 1.3, 2.0)
N = 4000


def record(values: Mapping[str, tuple[float, float]], force: str = "manipulation", law: bool = True) -> Record:
    learned, cost = values["learned"], values["cost"]
    return {
        "quantity": list(values),
        "value": [v for v, _ in values.values()],
        "stderr": [e for _, e in values.values()],
        "side": ["two-sided"] * len(values),
        "n": [N] * len(values),
        "force": force,
        "law": "I <= cost" if law else "",
        "law_covered": law,
        "law_assumptions": ["independent labels"],
        "law_reference": "somewhere",
        "law_slack_stderr": float(np.hypot(learned[1], cost[1])),
        **{f"law_{k}": v for k, v in {"value": [learned[0], cost[0]], "stderr": [learned[1], cost[1]],
                                     "side": ["two-sided"] * 2, "n": [N, N]}.items()},
    }  # fmt: skip


def trial(rule: str, rate: float, price: float, haste: float = 1.0, **at: Any) -> Trial:
    """learned = rate^2 / 2, cost = price x learned of which haste is dissipated, error = 0.5 - learned / 10."""
    learned = rate**2 / 2.0
    values = {
        "learned": (learned, 0.01),
        "cost": (price * learned, 0.02),
        "cost_joint": (price * learned, 0.02),
        "efficiency_marginal": (1.0 / price, 0.01),
        "efficiency_joint": (1.0 / price, 0.01),
        "error": (0.5 - learned / 10.0, 0.001),
        "dissipation": (haste * learned, 0.02),
        "unresolved": ((price - haste - 1.0) * learned, 0.02),
        "first_law_residual": (1e-15, 0.0),
    }
    where = {**DEFAULTS, "rule": rule, "learning_rate": rate, "dt": 0.01, **at}
    return Trial.of(where, record(values))


def ladder(rule: str, price: float, haste: float = 1.0, **at: Any) -> list[Trial]:
    return [trial(rule, rate, price, haste, **at) for rate in RATES]


def blind(rule: str, cost: float) -> Trial:
    values = {
        "learned": (0.0001, 0.001),
        "cost": (cost, 0.02),
        "cost_joint": (cost, 0.02),
        "error": (0.5, 0.001),
        "unresolved": (cost, 0.02),
        "first_law_residual": (1e-15, 0.0),
    }
    return Trial.of({**DEFAULTS, "rule": rule, "learning_rate": 1.0, "dt": 0.01}, record(values, "driving"))


def found(*ladders: list[Trial]) -> Finding:
    return concluded([t for each in ladders for t in each], "Scene", None, None)


def test_at_equal_information_the_ratio_of_costs_is_that_of_the_prices() -> None:
    trials = [*ladder("hebbian", 3.0), *ladder("gibbs", 2.0), *ladder("perceptron", 9.0, 7.5)]
    alike = at_information(contenders_of(trials), "random", 1.0)
    costs = {row.contender.rule: row.cost for row in alike.rows}
    assert costs["hebbian"].value / costs["gibbs"].value == pytest.approx(1.5, rel=1e-12)
    assert costs["perceptron"].value / costs["gibbs"].value == pytest.approx(4.5, rel=1e-12)
    assert abs(costs["gibbs"].value - 2.0) <= costs["gibbs"].stderr
    assert [row.contender.rule for row in alike.in_time(8.0)] == ["gibbs", "hebbian", "perceptron"]
    again = at_error(contenders_of(trials), "random", 0.4)  # error = 0.5 - learned / 10: the same place
    for one, other in zip(alike.rows, again.rows, strict=True):
        assert other.cost.value == pytest.approx(one.cost.value, rel=1e-9)
        assert abs(other.gain.value - 1.0) <= other.gain.stderr


def test_matched_terms_add_up_to_the_cost_exactly() -> None:
    for row in at_information(contenders_of(ladder("perceptron", 9.0, 7.5)), "random", 1.0).rows:
        terms = [row.found[name].value for name in LOST if name in row.found]
        assert sum(terms) + row.gain.value == pytest.approx(row.cost.value, rel=1e-12)
        assert abs(row.found["dissipation"].value - 7.5) <= 2.0 * row.found["dissipation"].stderr


def test_terms_known_at_some_rates_only_are_merged_at_all() -> None:
    trials = ladder("gibbs", 4.0)
    last = dict(trials[-1].estimates)
    del last["dissipation"]
    last["unresolved"] = total([last["unresolved"], trials[-1].estimates["dissipation"]])
    trials[-1] = replace(trials[-1], estimates=last)
    (contender,) = contenders_of(trials)
    assert contender.ladder is not None
    assert "dissipation" not in contender.ladder.quantities
    np.testing.assert_allclose(contender.ladder.values("unresolved"), 3.0 * np.square(RATES) / 2.0, rtol=1e-12)


def test_everyone_at_its_best_and_who_learns_nothing_at_its_cheapest() -> None:
    trials = [*ladder("hebbian", 3.0), blind("oja", 5.0), replace(blind("oja", 2.0), at=blind("oja", 2.0).at)]
    trials[1] = trial("hebbian", RATES[1], 2.5)
    rows = {row.contender.rule: row for row in at_best(contenders_of(trials)).rows}
    assert rows["hebbian"].found["learning_rate"].value == RATES[1]
    assert rows["oja"].cost.value == 2.0


def test_who_does_not_reach_the_level_is_named_and_left_out() -> None:
    weak = [trial("adatron", rate, 9.0) for rate in (0.2, 0.25, 0.3)]
    finding = concluded([*ladder("hebbian", 3.0), *ladder("gibbs", 2.0), *weak], "Scene", 1.0, None)
    assert "Not compared, as the level is not between their rates: adatron" in finding.text


def test_the_text_names_who_is_cheapest_and_changes_with_the_numbers() -> None:
    ours = found(ladder("hebbian", 3.0, 1.5), ladder("gibbs", 2.0))
    assert "gibbs costs" in ours.text
    assert "are dissipation" in ours.text
    assert "All of them manipulate" in ours.text
    assert "that is learned, of 8 runs, is" in ours.text and "gibbs at rate" in ours.text
    assert "gibbs costs least" in ours.gist and "8 of the 8 runs" in ours.gist
    theirs = found(ladder("hebbian", 2.0), ladder("gibbs", 3.0, 1.5))
    assert "hebbian costs" in theirs.text
    alone = found(ladder("hebbian", 3.0))
    assert "inconclusive" in alone.text


def test_differences_within_the_error_are_not_claimed() -> None:
    close = found(ladder("hebbian", 3.0), ladder("gibbs", 3.0001))
    assert "is not sure" in close.text
    assert "are dissipation" not in close.text


def test_rules_that_learn_nothing_are_named_with_their_price() -> None:
    finding = found(ladder("hebbian", 3.0), ladder("gibbs", 2.0), [blind("oja", 5.0)])
    assert "is known after oja, which never see a label, for up to 5.000 ± 0.020 nat" in finding.text
    assert "Driving, as no energy explains their forces: oja; manipulation: hebbian and gibbs" in finding.text


def test_a_violation_is_said_where_the_numbers_break_the_law() -> None:
    holds = found(ladder("hebbian", 3.0), ladder("gibbs", 2.0))
    assert "VIOLATED" not in holds.text
    assert all(check.verdict == "holds" for check in holds.checks)
    assert len(holds.checks) == 8 + 8 + 1  # the second law and the dissipation of every run, the first law once
    broken = found(ladder("hebbian", 3.0), ladder("gibbs", 0.5))
    assert "VIOLATED although the assumptions are met: I <= cost: gibbs at rate 0.8" in broken.text
    assert sum(check.verdict == "violated" for check in broken.checks) == 3  # at rate 0.5 by 2.8 sigma only


def test_a_law_that_does_not_cover_a_run_contradicts_nothing() -> None:
    kicked = [replace(each, covered=False) for each in ladder("optimal", 0.5)]
    finding = found(ladder("hebbian", 3.0), kicked)
    assert len(finding.broken) == 4
    assert "VIOLATED" not in finding.text


def test_a_broken_first_law_and_negative_dissipation_are_violations() -> None:
    trials = ladder("hebbian", 3.0)
    off = {**trials[0].estimates, "first_law_residual": Estimate.exact(1e-6), "dissipation": Estimate(-1.0, 0.02, N)}
    checks = found([replace(trials[0], estimates=off), *trials[1:]], ladder("gibbs", 2.0)).checks
    assert [check.name[:4] for check in checks if check.verdict == "violated"] == ["0 <=", "|dE "]


def each(*values: float, stderr: float = 0.1) -> list[Estimate]:
    return [Estimate(v, stderr, N) for v in values]


def test_the_front_keeps_whom_no_other_surely_beats() -> None:
    assert not_dominated(each(1.0, 1.0), each(2.0, 3.0), [1.0, 1.0]).tolist() == [True, False]
    assert not_dominated(each(1.0, 1.0), each(2.0, 2.2), [1.0, 1.0]).tolist() == [True, True], "within 2 sigma"
    assert not_dominated(each(1.0, 1.0), each(2.0, 2.3), [1.0, 1.0]).tolist() == [True, False], "beyond them"
    assert not_dominated(each(1.0, 1.5), each(2.0, 1.9), [1.0, 1.0]).tolist() == [False, True]
    assert not_dominated(each(1.0, 1.5), each(2.0, 1.9), [1.0, 2.0]).tolist() == [True, True], "slower beats nobody"
    assert not_dominated(each(1.0, 1.5), each(2.0, 3.0), [1.0, 1.0]).tolist() == [True, True], "more for more"
    assert not_dominated([], [], []).size == 0


def test_the_front_of_runs_leaves_out_who_learned_nothing() -> None:
    trials = [*ladder("hebbian", 3.0), *ladder("gibbs", 2.0), blind("oja", 0.001)]
    assert front_of(trials) == [False] * 4 + [True] * 4 + [False]
    quick = [*ladder("hebbian", 3.0, duration=1.0), *ladder("gibbs", 2.0)]
    assert front_of(quick) == [True] * 8, "the dearer but quicker stays"
