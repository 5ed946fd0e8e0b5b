"""Sentences and cells in cases that a real study seldom shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from szilard import Estimate
from szilard.learning.decomposition import TERMS
from szilard.reporting.numbers import cell, plus_minus, power, shown
from szilard.reporting.prose import headline, law, missing, unresolved
from szilard.reporting.runs import Comparison, Matched, Run, price_of, representatives
from szilard.reporting.tables import MAX_ROWS, budget_table, runs_table
from szilard.study.matching import Match

NOTHING = Comparison(float("nan"), ())


def run(rule: str = "hebbian", rate: float = 1.0, verdict: str = "holds", **values: float) -> Run:
    numbers = {"learned": 1.0, "cost": 4.0, "efficiency_marginal": 0.25, "margin": 9.0} | values
    estimates = {name: Estimate(value, 0.1) for name, value in numbers.items()}
    return Run(rule, rate, "random", "quench", 1.0, estimates, verdict)


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["holds"], "holds in the one run it covers"),
        (["holds", "holds, saturated"], "holds in both runs it covers"),
        (["holds"] * 3 + ["not covered"], "holds in all 3 runs it covers; 1 run with a force that remembers is not"),
        (["holds", "inconclusive"], "holds in 1 of the 2 runs it covers and is left open by 1"),
        (["violated", "holds", "inconclusive"], "is left open by 1 and is violated in 1"),
        (["not covered"], "covers none of these runs"),
    ],
)  # fmt: skip
def test_the_law_in_words(verdicts: list[str], sentence: str) -> None:
    assert sentence in plain(law([run(verdict=v) for v in verdicts]))


def test_nothing_learned_is_no_bits_and_no_infinity() -> None:
    empty = run(learned=0.0, efficiency_marginal=0.0)
    assert empty.price() is None
    table = runs_table([empty], "random", 300.0)
    assert table.count("no bits") == 3 and "inf" not in table
    assert "Nothing was learned" in headline(NOTHING, [empty], 3, 300.0)


def test_less_than_nothing_for_less_than_nothing_has_no_price() -> None:
    odd = run(learned=-0.1, cost=-0.3, efficiency_marginal=0.33)
    assert odd.price() is None
    assert "no bit has a price" in plain(headline(NOTHING, [odd], 2, 300.0))


def test_a_bound_on_the_efficiency_is_the_other_bound_on_the_price() -> None:
    price = price_of(Estimate(0.5, 0.05, side="lower"))
    assert price is not None and price.side == "upper"
    assert price.stderr / price.value == pytest.approx(0.1)


def test_runs_that_cannot_be_compared_are_not_compared() -> None:
    text = plain(headline(NOTHING, [run(), run("perceptron", efficiency_marginal=0.5)], 3, 300.0))
    assert text.startswith("perceptron") and "no comparison of rules" in text


def matched(rule: str, price: float, error: float = 0.01) -> Matched:
    one = Estimate(1.0, 0.1)
    match = Match(rule, "quench", one, one, one, Estimate(0.3, 0.01))
    return Matched("quench", "manipulation", 1.0, match, Estimate(price, error))


SURE, UNSURE = run(efficiency_marginal=0.5), run(efficiency_marginal=0.2)
UNTAUGHT = run(learned=0.0, efficiency_marginal=0.0, error=0.3)


@pytest.mark.parametrize(
    ("curves", "runs", "second"),
    [
        ([("a", 1.0)], [run()], "That is 1.44 times the least that any bit costs"),
        ([("a", 1.0), ("b", 3.0)], [run()], "The dearest, b (quench), pays 3 kBT per bit, 3 times as much"),
        ([("a", 1.0), ("b", 1.001)], [run()], "Within 2 standard errors it cannot be told apart from b (quench)"),
        ([("a", 1.0), ("b", 1.001), ("c", 9.0)], [run()], "Within 2 standard errors it cannot be told apart from b"),
        ([(x, 1.0 + i * 1e-3) for i, x in enumerate("abcd")], [run()], "from b (quench), c (quench) and d (quench)."),
        ([(x, 1.0 + i * 1e-3) for i, x in enumerate("abcdefg")], [run()], "c (quench), d (quench) and 3 more"),
        ([], [run()], "That is 4 times the least that any bit costs"),
        ([], [SURE, SURE], "It is the cheapest of 2 runs, but they have not learned the same"),
        ([], [SURE, UNSURE], "It is the only run whose price is known to a third"),
        ([], [SURE, SURE, UNSURE], "It is the cheapest of 2 runs whose price is known to a third"),
        ([], [UNTAUGHT], "The cost is 4.00 ± 0.10 nat"),
        ([], [UNTAUGHT] * 2, "The cost lies between 4.00 ± 0.10 and 4.00 ± 0.10 nat; the best run errs"),
    ],
    ids=["one curve", "two", "alike", "alike and dear", "three alike", "many alike", "one run",
         "unmatched", "one sure", "two sure", "nothing", "nothing twice"],
)  # fmt: skip
def test_every_answer_is_two_sentences(curves: list[tuple[str, float]], runs: list[Run], second: str) -> None:
    found = tuple(matched(rule, price) for rule, price in curves)
    text = plain(headline(Comparison(1.0 if found else float("nan"), found), runs, 3, 300.0))
    sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
    assert len(sentences) == 2 and all(s.endswith(".") for s in sentences), sentences
    assert len(re.findall(r"\.(?=\s|$)", text)) == 2
    assert second in sentences[1]


def test_names_are_escaped_everywhere() -> None:
    bad = run("<b>&")
    for text in (headline(NOTHING, [bad], 1, 300.0), runs_table([bad], "random", 300.0), budget_table([bad])):
        assert "<b>" not in text and "&lt;b&gt;&amp;" in text


def test_long_studies_are_cut_and_say_so() -> None:
    table = runs_table([run(rate=float(i)) for i in range(MAX_ROWS + 5)], "random", 300.0)
    assert table.count("<tr") == MAX_ROWS + 1
    assert f"{MAX_ROWS} of {MAX_ROWS + 5} runs" in table


def test_missing_runs_are_counted() -> None:
    assert missing(0, 4) == ""
    assert missing(2, 4).startswith("2 of 6 runs are missing")
    assert missing(0, 4, ["too hot", "too cold"]) == "2 of 6 runs failed, the first of them: too hot"
    assert missing(1, 4, ["too hot"]).endswith("repeats nothing. 1 of 6 runs failed: too hot")


def test_the_nearest_run_in_ratio_represents_a_curve() -> None:
    runs = [run(rate=r, learned=x) for r, x in ((1.0, 0.0), (2.0, 0.5), (3.0, 1.9), (4.0, 2.1))]
    assert [r.learning_rate for r in representatives(runs, 1.0)] == [3.0]
    assert [r.learning_rate for r in representatives(runs, float("nan"))] == [4.0]


def test_terms_come_in_the_order_of_the_budget() -> None:
    terms = run(readout_loss=1.0, dissipation=2.0).terms()
    assert list(terms) == [name for name in TERMS if name in terms] == ["learned", "dissipation", "readout"]


def test_numbers() -> None:
    assert shown(Estimate(float("inf"), 0.0)) == shown(None) == "–"
    assert shown(Estimate(1.5, float("inf"))) == "1.5(?)"
    assert shown(Estimate(-1.5, 0.1, side="upper")) == "≤−1.50(10)"
    assert plus_minus(Estimate(50.4, 1.26)) == "50.4 ± 1.3"
    assert plus_minus(Estimate(50.4, 0.0)) == "50.4"
    assert power(9.996e-21) == "1.00 × 10<sup>−20</sup>"
    assert 'data-v="1.25"' in cell(Estimate(1.25, 0.1))


def test_an_error_too_small_for_decimals_is_none() -> None:
    assert shown(Estimate(1.5, 5e-324)) == "1.5"
    assert plus_minus(Estimate(1.5, 5e-324)) == "1.5"


def test_an_unknown_error_is_no_exact_number() -> None:
    odd = run()
    for name in ("learned", "cost", "efficiency_marginal"):
        odd.estimates[name] = Estimate(odd.estimates[name].value, float("inf"))
    said = plain(headline(NOTHING, [odd], 2, 300.0))
    assert "learns 1 ± unknown nat" in said and "2.77 ± unknown kBT per bit" in said


def test_a_name_that_turns_the_line_turns_itself_alone() -> None:
    odd = replace(run("a\u202e"), condition="b\u202e")
    assert "<bdi>a\u202e</bdi>" in headline(NOTHING, [odd], 2, 300.0)
    assert "<bdi>b\u202e</bdi>" in headline(NOTHING, [odd], 2, 300.0)


def test_merged_terms_are_named_with_their_rules() -> None:
    runs = [replace(run(rule), merged="redundancy + readout") for rule in ("adatron", "adatron", "oja")] + [run()]
    assert unresolved(runs).endswith("redundancy + readout (adatron, oja). ")
    assert unresolved([run()]) == ""
