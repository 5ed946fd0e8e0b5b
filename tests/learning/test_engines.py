"""The compiled kernels against plain NumPy on the same random numbers; the same bits however the work is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import szilard as sz
from szilard.learning import replicas
from szilard.learning.settings import Learner
from tests.learning import cases

PERCEPTRON = sz.rules.perceptron
RAMP = sz.Protocol((0.0, 0.3, 0.3, 0.8), (0.2, 1.0, 0.5, 1.5))
FLOW: dict[str, Any] = {"mode": "online", "dwell": 0.1, "duration": 1.0, "dt": 0.025}
KICK: dict[str, Any] = {"mode": "online", "online": "kick", "dwell": 0.1, "duration": 1.0, "dt": 0.1}
RANDOM: dict[str, Any] = {"order": "random"}
SIGN: dict[str, Any] = {"readout": "sign"}
DEFAULTS: dict[str, Any] = {"learning_rate": 1.4, "duration": 1.0, "dt": 0.05, "replicas": 71, "seed": 3}
Case = tuple[Learner, int, int, dict[str, Any]]
GENTLE: dict[str, Any] = {"learning_rate": 0.2}
CASES: list[Case] = [
    (sz.rules.hebbian, 5, 6, {}),
    (sz.rules.hebbian, 4, 8, FLOW),
    (sz.rules.hebbian, 1, 3, FLOW | RANDOM),
    (sz.rules.hebbian, 3, 2, KICK),
    (PERCEPTRON, 5, 6, {}),
    (PERCEPTRON, 2, 7, FLOW),
    (PERCEPTRON, 7, 5, FLOW | RANDOM),
    (PERCEPTRON, 3, 5, KICK | RANDOM),
    (sz.rules.adatron, 3, 5, {}),
    (sz.rules.adatron, 5, 3, FLOW),
    (sz.rules.adatron, 2, 4, KICK),
    (cases.SOFT, 3, 5, {}),
    (cases.SOFT, 3, 5, FLOW),
    (cases.SOFT, 4, 3, KICK | RANDOM),
    (cases.CORRECTING, 3, 5, {}),
    (cases.CORRECTING, 3, 5, SIGN),
    (cases.CORRECTING, 5, 2, FLOW | RANDOM),
    (cases.CORRECTING, 5, 2, KICK | SIGN),
    (cases.FORGETTING, 5, 3, {}),
    (cases.FORGETTING, 3, 5, FLOW),
    (cases.FORGETTING, 3, 5, KICK),
    (cases.HALFWAY, 3, 6, {}),
    (cases.HALFWAY, 3, 6, FLOW | SIGN),
    (sz.rules.gradient.tuned(1.7), 3, 5, {}),
    (sz.rules.gradient, 3, 4, KICK),
    (sz.rules.hebbian_decay, 3, 5, {}),
    (sz.rules.hebbian_decay, 2, 4, FLOW),
    (sz.rules.oja, 5, 3, GENTLE),
    (sz.rules.oja, 3, 5, FLOW | RANDOM | GENTLE),
    (sz.rules.oja, 3, 5, KICK | GENTLE),
    (sz.rules.Bcm(averaging=0.4), 3, 4, GENTLE),
    (sz.rules.Bcm(averaging=0.4), 2, 5, FLOW | GENTLE),
    (sz.rules.Bcm(averaging=0.4), 3, 4, KICK | RANDOM | GENTLE),
    (sz.rules.Stdp(1.1, 0.7), 4, 5, GENTLE),
]
CUT = [CASES[i] for i in (0, 3, 4, 6, 7, 12, 16, 19, 26, 28, 30, 31, 32, 33)]


def run(rule: Learner, n: int, p: int, how: dict[str, Any], **more: Any) -> sz.LearningRun:
    chosen = DEFAULTS | cases.BATH | {"schedule": RAMP} | how | more
    return sz.train(cases.task(n, p), rule, **chosen)


def names(case: Any) -> str:
    rule, n, p, how = case
    return f"{rule.name}-{n}x{p}-" + "-".join(str(how[k]) for k in ("online", "mode", "order", "readout") if k in how)


BOTH_WAYS = [(*case[:3], case[3] | {"method": "steps"}) for case in CASES] + [
    case for case in CASES if case[3].get("mode") != "online"
]
"""Uncompiled rules have no steps along one line."""


@pytest.mark.parametrize("case", BOTH_WAYS, ids=names)
def test_compiled_and_plain_agree(case: Case) -> None:
    """Sums in another order and another tanh: rounding of 1e-16 over some 100 operations a step, 40 steps."""
    rule, n, p, how = case
    fast, plain = run(rule, n, p, how), run(cases.plain_twin(rule), n, p, how)
    assert fast.compiled and not plain.compiled
    np.testing.assert_array_equal(fast.labels, plain.labels)
    scale = float(fast.ledger.gross.max()) if fast.ledger.gross is not None else 0.0
    assert scale > 0.1
    np.testing.assert_allclose(fast.weights, plain.weights, rtol=0, atol=1e-11)
    for name in ("heat", "work", "energy_change", "gross"):
        np.testing.assert_allclose(
            getattr(fast.ledger, name), getattr(plain.ledger, name), rtol=0, atol=1e-11 * scale, err_msg=name
        )


def assert_same_bits(a: sz.LearningRun, b: sz.LearningRun) -> None:
    for name in ("weights", "labels", "fields"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    for name in ("heat", "work", "energy_change", "gross", "conditional_entropy_change"):
        ours, theirs = getattr(a.ledger, name), getattr(b.ledger, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)


@pytest.mark.parametrize("case", CUT, ids=names)
@pytest.mark.parametrize(
    "cut", [{"threads": 2}, {"lanes": 1}, {"lanes": 7, "threads": 2}, {"times": [0.1, 0.5, 0.8]}], ids=str
)
def test_same_bits_however_cut(case: Case, cut: dict[str, Any]) -> None:
    rule, n, p, how = case
    assert_same_bits(run(rule, n, p, how, threads=1, lanes=64), run(rule, n, p, how, **({"threads": 1} | cut)))


@pytest.mark.parametrize("case", CUT, ids=names)
def test_same_bits_in_pieces(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three steps: the kernels are left and entered in the middle of a showing."""
    rule, n, p, how = case
    whole = run(rule, n, p, how)
    cost = n * 64 * (1 + (0 if whole.settings.rule.additive else p / 4))
    monkeypatch.setattr(replicas, "CHUNK", 3.5 * cost)
    assert_same_bits(whole, run(rule, n, p, how))


def test_first_replicas_do_not_depend_on_how_many_follow() -> None:
    few = run(PERCEPTRON, 3, 4, {}, replicas=70)
    many = run(PERCEPTRON, 3, 4, {}, replicas=200)
    np.testing.assert_array_equal(few.weights, many.weights[:70])
    np.testing.assert_array_equal(few.ledger.heat, many.ledger.heat[:70])


def test_seed_and_cell_choose_the_numbers() -> None:
    weights = [run(PERCEPTRON, 3, 4, {}, seed=seed, cell=cell).weights for seed, cell in ((3, ""), (4, ""), (3, "b"))]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not np.any(weights[i] == weights[j])


def test_a_default_step_meets_the_times_to_look_at() -> None:
    """At any stiffness; where no step does, the time that fails is named."""
    how: dict[str, Any] = {"learning_rate": 1.0, "duration": 6.0, "replicas": 60, "seed": 1}
    for stiffness in (0.3, 1.0, 1.7):
        run = sz.train(cases.task(3, 4), PERCEPTRON, times=[0.5, 1.0, 2.2], stiffness=stiffness, **how)
        assert [look.time for look in run.snapshots] == pytest.approx([0.5, 1.0, 2.2, 6.0], rel=1e-12)
        alone = sz.train(cases.task(3, 4), PERCEPTRON, stiffness=stiffness, **how).settings.dt
        assert 0.5 * alone < run.settings.dt <= alone * (1.0 + 1e-12)
    with pytest.raises(sz.InputError, match="whole steps"):
        sz.train(cases.task(3, 4), PERCEPTRON, times=[0.5, np.pi], **how)


def test_snapshots_are_the_run_stopped_early() -> None:
    """The last whole step's factor closes the books on the way, the schedule's own value at the end."""
    long = run(PERCEPTRON, 3, 4, {}, times=[0.25, 1.0])
    short = run(PERCEPTRON, 3, 4, {}, duration=0.25, schedule=RAMP)
    assert [s.time for s in long.snapshots] == [0.25, 1.0]
    assert long.snapshots[0].heat == short.heat
    assert long.snapshots[0].information == short.information
    assert long.snapshots[1].work == long.work == run(PERCEPTRON, 3, 4, {}).work


def test_books_close_at_the_schedules_last_value() -> None:
    """W of the last half step of a ramp is strength x (s(t) - s(t - dt/2)) x loss at the final weights."""
    one = run(PERCEPTRON, 3, 4, {}, schedule=sz.ramp(1.0))
    jump = run(PERCEPTRON, 3, 4, {}, schedule=sz.Protocol((0.0, 1.0, 1.0), (0.0, 1.0, 3.0)))
    np.testing.assert_array_equal(one.weights, jump.weights)
    np.testing.assert_array_equal(one.ledger.heat, jump.ledger.heat)
    loss = np.maximum(0.0, -one.fields * one.labels).sum(axis=1)
    np.testing.assert_allclose(jump.ledger.work - one.ledger.work, 1.4 * 2.0 * loss, rtol=0, atol=1e-13)


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    run(PERCEPTRON, 3, 4, {}, progress=seen.append, threads=1)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, rel=1e-12)
