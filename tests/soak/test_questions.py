"""The three questions as they are asked: in time, without an unexpected violation, the same verdicts for any seed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from scipy.stats import binom

from szilard.check import Verdict
from szilard.questions.answer import Answer
from szilard.questions.asking import ask
from szilard.questions.question_file import Question, shipped_text

pytestmark = pytest.mark.soak
BEYOND_THREE_SIGMA = 0.0027


def verdicts(answer: Answer) -> tuple[dict[str, Verdict], dict[str, Verdict]]:
    """Of laws whose assumptions are met and of those whose are not: name -> verdict."""
    met = {f"{a.part.name}: {c.name}": c.verdict for a in answer.parts for c in a.finding.checks}
    broken = {f"{a.part.name}: {c.name}": c.verdict for a in answer.parts for c in a.finding.broken}
    return met, broken


@pytest.mark.parametrize("kind", ["ceiling", "limit", "rules"])
def test_verdicts_do_not_depend_on_seed_or_time_step(kind: str, tmp_path: Path) -> None:
    text = shipped_text(kind)
    finer = text.replace("\nseed = ", "\ntime_step = 0.5\nseed = ", 1)
    assert finer != text
    asked = {
        "as it is": Question(text, quick=True),
        "another seed": Question(text, quick=True, other_seed=97),
        "half the time step": Question(finer, quick=True),
    }
    found = {}
    for number, (name, question) in enumerate(asked.items()):
        started = time.perf_counter()
        found[name] = verdicts(ask(question, tmp_path / str(number)))
        print(f"{kind}, {name}: {time.perf_counter() - started:.0f} s, {len(found[name][0])} laws")
    met, broken = found["as it is"]
    assert "violated" not in met.values()
    for name, (other_met, other_broken) in found.items():
        assert other_broken == broken, name
        assert other_met.keys() == met.keys(), name
        assert "violated" not in other_met.values(), name
        changed = {law for law in met if met[law] != other_met[law]}
        allowed = binom.ppf(0.9999, 2 * len(met), BEYOND_THREE_SIGMA)
        assert len(changed) <= allowed, f"{name}: {changed}"


@pytest.mark.parametrize("kind", ["ceiling", "limit", "rules"])
def test_the_default_run_finds_no_unexpected_violation(kind: str, tmp_path: Path) -> None:
    started = time.perf_counter()
    answer = ask(Question.shipped(kind), tmp_path / "a")
    print(f"{kind}: {time.perf_counter() - started:.0f} s; {answer.surely}")
    assert answer.violated == ()
