"""What is not to be trusted is named, with the replicas that would settle it."""

from __future__ import annotations

from math import inf, isinf
from pathlib import Path

import numpy as np
import pytest

from szilard import BoundCheck, Estimate, InputError
from szilard.estimate import Sampled, Side
from szilard.reporting import write_report
from szilard.reporting.doubts import counted, doubts_of, needed_replicas, needed_text, replicas_for_verdict
from szilard.reporting.runs import Run
from szilard.study.precision import Precision
from tests.reporting.faked import fake
from tests.reporting.reading import Page


def run(margin: float, replicas: int = 400, verdict: str = "inconclusive", **sides: Side) -> Run:
    estimates = {
        "learned": Estimate(0.3, 0.02, side=sides.get("learned", "two-sided")),
        "cost": Estimate(0.4, 0.1, side=sides.get("cost", "two-sided")),
        "margin": Estimate.exact(margin),
    }
    return Run("hebbian", 1.0, "random", "quench", 1.0, estimates, verdict, replicas=replicas)


def test_with_the_needed_replicas_one_half_of_all_runs_hold() -> None:
    """A gap of 0.1 between numbers whose difference scatters by 0.9: the number at which the mean margin is 2."""
    rng = np.random.default_rng(11)
    gap, spread, many = 0.1, 0.9, 400
    small = 100
    needed = round(needed_replicas(small, spread / small**0.5, gap / 2.0))
    assert needed == round((2.0 * spread / gap) ** 2)
    held = 0
    for _ in range(many):
        smaller, larger = rng.normal(0.5, 1.0, needed), rng.normal(0.0, spread, needed)
        low, high = Sampled.mean(smaller), Sampled.mean(smaller + gap + larger)
        check = BoundCheck("a", low.estimate(), high.estimate(), stderr=(high - low).estimate().stderr)
        held += check.verdict == "holds"
    assert abs(held / many - 0.5) < 4.0 * 0.5 / many**0.5


def test_needed_replicas_of_a_verdict() -> None:
    assert replicas_for_verdict(run(0.5)) == pytest.approx(400 * (2.0 / 0.5) ** 2)
    assert replicas_for_verdict(run(-1.5)) == pytest.approx(400 * (5.0 / 1.5) ** 2)
    assert replicas_for_verdict(run(8.0, replicas=40)) == 100.0
    assert isinf(replicas_for_verdict(run(0.0)))


@pytest.mark.parametrize(
    ("margin", "learned", "cost", "settled"),
    [
        (1.0, "upper", "lower", True),
        (1.0, "lower", "two-sided", False),
        (1.0, "two-sided", "upper", False),
        (-1.0, "lower", "upper", True),
        (-1.0, "upper", "two-sided", False),
        (-1.0, "two-sided", "lower", False),
    ],
)
def test_no_number_of_replicas_turns_a_bound(margin: float, learned: Side, cost: Side, settled: bool) -> None:
    found = run(margin, learned=learned, cost=cost)
    assert isinf(replicas_for_verdict(found)) is not settled
    assert needed_text(found).startswith("no number of replicas") is not settled


def test_every_reason_is_named() -> None:
    few = run(3.0, replicas=60)
    unknown = Run("oja", 1.0, "random", "quench", 1.0, {"cost": Estimate(1.0, inf)}, "holds", replicas=400)
    cost = {"cost": Estimate(2.0, 0.3)}
    missed = Run("oja", 1.0, "random", "quench", 1.0, cost, "holds", replicas=400, reached=False)
    asked = Precision(quantity="cost", relative_error=0.05, block=200, at_most=400)
    found = doubts_of([few, unknown, missed], asked)
    assert [doubt.what.split(" (")[0] for doubt in found] == [
        "60 effective samples, fewer than 100",
        "the second law is left open",
        "no error is known of cost",
        "the error of the cost is 0.3, asked for was 0.1",
    ]
    assert [doubt.needed for doubt in found] == pytest.approx([100.0, 100.0, inf, 400 * 9.0])
    assert doubts_of([run(9.0, verdict="holds")], asked) == []


def test_the_page_warns_with_the_needed_number(tmp_path: Path) -> None:
    out = fake(tmp_path / "results.zarr", [{"learning_rate": 1.0}, {"learning_rate": 2.0}], "inconclusive", 0.8)
    page = Page(write_report(out, tmp_path / "page.html").read_text("ascii"))
    assert "Not to be trusted as it stands" in page.words
    rows = page.table("what is the matter")
    assert [row[4][0] for row in rows] == ["the second law is left open (+0.8 σ)"] * 2
    assert [row[6][1] for row in rows] == pytest.approx([400 * (2.0 / 0.8) ** 2] * 2)
    assert rows[0][6][0] == counted(2500.0) == "2500"


def test_without_doubts_there_is_no_warning(tmp_path: Path) -> None:
    out = fake(tmp_path / "results.zarr", [{"learning_rate": 1.0}])
    assert "Not to be trusted" not in write_report(out, tmp_path / "page.html").read_text("ascii")


@pytest.mark.parametrize(("replicas", "error", "aim"), [(0, 1.0, 1.0), (10, -1.0, 1.0), (10, 1.0, float("nan"))])
def test_impossible_input_is_refused(replicas: int, error: float, aim: float) -> None:
    with pytest.raises(InputError):
        needed_replicas(replicas, error, aim)
