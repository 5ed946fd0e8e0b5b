"""The matrix of assumption breakers: its rows, what is said of them, and that wrong physics would show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

from szilard.estimate import Estimate
from szilard.plotting import house_style
from szilard.plotting.style import FORBIDDEN
from szilard.questions.limit.breaking import NAMES, Account, MatrixSettings, Row, account_of
from szilard.questions.limit.matrix import finding_of, matrix_part
from szilard.questions.limit.matrix_figure import share
from szilard.questions.part import Finding, Part

SMALL = MatrixSettings(
    replicas=3000, feedback_duration=15.0, readout_hold=250.0, heat_reset=8.0,
)  # fmt: skip
ORDER = [
    "nothing broken", "label feedback", "slow readout", "prior knowledge", "shared noise", "correlated labels",
    "wrong temperature", "coarse time step", "heat alone",
]  # fmt: skip


@pytest.fixture(scope="module")
def small() -> tuple[Part, list[dict[str, Any]]]:
    part = matrix_part(SMALL, 1.0)
    return part, [json.loads(json.dumps(piece.work(31 + i, 1))) for i, piece in enumerate(part.pieces)]


@pytest.fixture(scope="module")
def finding(small: tuple[Part, list[dict[str, Any]]]) -> Finding:
    part, records = small
    return part.conclude(records)


def account(numbers: Sequence[float], error: float = 0.0) -> Account:
    told, paid, less, more = (Estimate(x, error, 1000 if error else 0) for x in numbers)
    return Account(told, paid, less, more)


def made_row(name: str, *numbers: float, sound: bool = False, error: float = 0.01) -> Row:
    exact, seen = account(numbers), account(numbers, error)
    return Row(name, "none of these", "I <= DS + Q/T", "I - I_0 <= DS + Q/T", "the gain", exact, seen, sound=sound)


GOOD = (made_row("sound", 0.3, 0.5, 0.4, 0.5, sound=True), made_row("first", 0.6, 0.2, 0.1, 0.2))


def test_the_order_is_that_of_the_conditions(small: tuple[Part, list[dict[str, Any]]], finding: Finding) -> None:
    part, _ = small
    assert list(dict.fromkeys(piece.coordinates["breaker"] for piece in part.pieces)) == ORDER
    assert [row[0] for row in finding.table.rows] == ORDER
    assert list(np.asarray(finding.arrays["breaker"].values)) == ORDER


def test_every_piece_has_coordinates_of_its_own(small: tuple[Part, list[dict[str, Any]]]) -> None:
    part, _ = small
    told = [json.dumps(piece.coordinates, sort_keys=True) for piece in part.pieces]
    assert len(set(told)) == len(told)
    assert all(0.0 < piece.effort < 60.0 for piece in part.pieces)


def test_eight_laws_fall_and_their_repairs_stand(finding: Finding) -> None:
    assert finding.text.startswith("8 of 8 assumptions broken on purpose violate their law, exactly and simulated")
    assert "Every repaired law holds, exactly and simulated, and so does the limit with nothing broken" in finding.text
    assert not [str(check) for check in finding.checks if check.verdict == "violated"]
    named = {check.name.split(":")[0].split(",")[0] for check in finding.broken}
    assert set(ORDER[1:]) <= {name.replace(" and friction", "") for name in named}
    exact = [check for check in finding.broken if check.name.endswith("(exact)")]
    assert exact and sum(check.verdict == "violated" for check in exact) >= 8


def test_the_null_case_is_a_law_that_must_hold(finding: Finding) -> None:
    null = [check for check in finding.checks if check.name.startswith("nothing broken: I(label : answer)")]
    assert [check.verdict for check in null] == ["holds", "holds"]
    assert not any(check.name.startswith("nothing broken") for check in finding.broken)


def test_simulations_agree_with_exact_numbers(finding: Finding) -> None:
    same = [check for check in finding.checks if check.relation == "=" and "simulated = exact" in check.name]
    assert len(same) >= 4 * len(ORDER)
    for check in same:
        assert abs(check.slack) <= 4.0 * check.slack_stderr + 1e-9 * abs(check.larger.value), check


def test_table_and_arrays_carry_the_same_numbers(finding: Finding) -> None:
    assert all(len(row) == len(finding.table.heads) for row in finding.table.rows)
    for name, column in (("information", "I (nat)"), ("cost", "cost (nat)")):
        cells = [row[finding.table.heads.index(column)] for row in finding.table.rows]
        assert [cell.value for cell in cells if isinstance(cell, Estimate)] == np.asarray(
            finding.arrays[name].values
        ).tolist()
    for name in NAMES:
        assert np.all(np.asarray(finding.arrays[f"{name}_stderr"].values) >= 0.0)
        assert finding.arrays[name].unit == "nat"


def test_the_figure_has_a_forbidden_side(finding: Finding) -> None:
    with house_style():
        figure = Figure(figsize=finding.picture.size)
        finding.picture.draw(figure)
        figure.canvas.draw()
    (ax,) = figure.axes
    low, high = ax.get_xlim()
    assert low < -1.0 and high > 1.0
    assert [text.get_text() for text in ax.get_yticklabels()] == ORDER
    spans = [patch for patch in ax.patches if patch.get_facecolor()[:3] == pytest.approx(rgb(FORBIDDEN))]
    assert len(spans) == 1 and spans[0].get_window_extent().x1 == pytest.approx(ax.transData.transform((0.0, 0.0))[0])


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))


def test_what_is_said_of_good_rows() -> None:
    found = finding_of(GOOD)
    assert found.text == (
        "1 of 1 assumptions broken on purpose violate their law, exactly and simulated, most with first (left side "
        "0.600 ± 0.010, right side 0.200 ± 0.010 nat). Every repaired law holds, exactly and simulated, and so does "
        "the limit with nothing broken (0.300 ± 0.010 ≤ 0.500 ± 0.010 nat)."
    )
    assert [check.verdict for check in found.broken] == ["violated", "violated"]


def test_a_repair_that_fails_is_said() -> None:
    found = finding_of((GOOD[0], made_row("first", 0.6, 0.2, 0.6, 0.2)))
    assert "The repaired laws hold in 0 of 2 cases" in found.text
    assert "Violated although it should hold: first: I - I_0 <= DS + Q/T (exact)" in found.text
    assert sum(check.verdict == "violated" for check in found.checks) == 2


def test_a_limit_that_fails_with_nothing_broken_is_said() -> None:
    found = finding_of((made_row("sound", 0.9, 0.5, 0.4, 0.5, sound=True), GOOD[1]))
    assert "but with nothing broken the limit itself is not confirmed" in found.text
    assert "Violated although it should hold: sound: I <= DS + Q/T (exact)" in found.text


def test_a_breaker_that_breaks_nothing_is_said() -> None:
    found = finding_of((GOOD[0], GOOD[1], made_row("second", 0.1, 0.2, 0.1, 0.2)))
    assert found.text.startswith("1 of 2 assumptions") and "not so here: second." in found.text
    assert found.table.rows[2][7] == "holds"


def test_noise_that_hides_a_violation_is_not_called_one() -> None:
    found = finding_of((GOOD[0], made_row("first", 0.6, 0.2, 0.1, 0.2, error=0.3)))
    assert found.text.startswith("0 of 1 assumptions") and "not so here: first" in found.text
    assert found.table.rows[1][7] == "exactly violated, simulated inconclusive"
    assert "checks are inconclusive" in found.text


def test_a_simulation_that_disagrees_is_said() -> None:
    wrong = replace(GOOD[1], simulated=account((0.6, 0.1, 0.1, 0.2), 0.001))
    found = finding_of((GOOD[0], wrong))
    assert "Violated although it should hold: first: cost, simulated = exact" in found.text


def test_a_record_with_the_wrong_heat_changes_the_verdict(small: tuple[Part, list[dict[str, Any]]]) -> None:
    part, records = small
    i = next(i for i, piece in enumerate(part.pieces) if piece.coordinates["breaker"] == "heat alone")
    value, *rest = records[i]["larger"]
    forged = [*records[:i], records[i] | {"larger": [0.5 * value, *rest]}, *records[i + 1 :]]
    found = part.conclude(forged)
    assert "Violated although it should hold: heat alone: I(w : label) <= (Q + Q_reset)/T" in found.text


def test_an_account_is_kept_and_read_again() -> None:
    a = account((0.6, -0.2, 0.1, 0.2), 0.03)
    assert account_of(json.loads(json.dumps(dict(a.record())))) == a


def test_the_slack_of_a_law_is_relative_to_its_larger_side() -> None:
    naive, mended = GOOD[1].naive()[0], GOOD[1].mended()[0]
    assert share(naive) == pytest.approx(-2.0 / 3.0) and share(mended) == pytest.approx(0.5)
    assert share(made_row("zero", 0.0, 0.0, 0.0, 0.0).naive()[0]) == 0.0


@pytest.mark.parametrize(
    "wrong", [{"replicas": 10}, {"dt": 0.5}, {"temperature": 0.0}, {"prior_kept": -1.0}, {"unknown": 1.0}], ids=str
)
def test_settings_refuse_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MatrixSettings(**wrong)
