"""Feedback: the equality and the second law with information, and what breaks them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Sampled
from szilard.laws.feedback import sagawa_ueda, second_law_with_information
from szilard.systems import DemonRun, demon

Array = NDArray[np.float64]
T = 0.6
WATCHED = demon(0.1, gap=0.5, attempt=1.3, temperature=T)


@pytest.fixture(scope="module")
def run() -> DemonRun:
    return WATCHED.simulate(6.0, replicas=100_000, seed=31)


def test_the_demon_obeys_both_laws(run: DemonRun) -> None:
    equality = sagawa_ueda(run.work, run.information, temperature=T)
    assert equality.verdict == "holds" and equality.relation == "="
    assert equality.slack_stderr < 0.01
    law = second_law_with_information(run.work, run.information, temperature=T)
    assert law.verdict == "holds" and law.margin > 5.0


def test_the_plain_second_law_is_violated_by_the_demon(run: DemonRun) -> None:
    found = second_law_with_information(run.work, 0.0, temperature=T)
    assert found.verdict == "violated" and found.margin < -5.0
    forgotten = sagawa_ueda(run.work, np.zeros_like(run.work), temperature=T)
    assert forgotten.verdict == "violated"


def test_violated_by_information_of_a_worse_measurement(run: DemonRun) -> None:
    """Booked with error 0.2 where 0.1 was made."""
    worse = demon(0.2, gap=0.5, temperature=T).local_information[run.state, run.outcome]
    assert sagawa_ueda(run.work, worse, temperature=T).verdict == "violated"


def test_violated_by_the_wrong_temperature(run: DemonRun) -> None:
    for wrong in (0.5 * T, 1.5 * T):
        assert sagawa_ueda(run.work, run.information, temperature=wrong).verdict == "violated"


def test_violated_by_a_start_out_of_equilibrium() -> None:
    """The same measurement and controls, from p = (1/2, 1/2) where the equilibrium is (0.70, 0.30)."""
    rng = np.random.default_rng(32)
    state = rng.integers(0, 2, 40_000)
    outcome = np.where(rng.random(40_000) < 0.1, 1 - state, state)
    told = np.where(outcome == state, np.log(0.9 / 0.5), np.log(0.1 / 0.5))
    work = np.zeros(40_000)
    for m in (0, 1):
        here = outcome == m
        work[here] = sz.simulate(
            WATCHED.process, state[here], 6.0, replicas=int(here.sum()), seed=33, entropy=False,
            protocol=WATCHED.protocol(m, 6.0), cell=f"{m}",
        ).ledger.work  # fmt: skip
    assert sagawa_ueda(work, told, temperature=T).verdict == "violated"


def test_random_measurements_of_three_states_exactly() -> None:
    """Enumerated: any p(m|x), any sudden change of the energies by the outcome, T != 1.

    sum_{x, m} p(x) p(m|x) e^{-(W - dF_m)/T - i} = 1 with W = E_m(x) - E(x), dF_m = F_m - F; heat comes later.
    """
    rng = np.random.default_rng(34)
    for _ in range(200):
        warm = float(rng.uniform(0.3, 3.0))
        E, after = rng.normal(size=3), rng.normal(size=(2, 3))
        p = np.exp(-E / warm)
        F, p = -warm * np.log(p.sum()), p / p.sum()
        channel = rng.dirichlet([1.0, 1.0], size=3)
        joint = p[:, None] * channel
        told = np.log(channel / joint.sum(axis=0))
        end = -warm * np.log(np.exp(-after / warm).sum(axis=1))
        work = (after - E).T - (end - F)
        assert np.sum(joint * np.exp(-work / warm - told)) == pytest.approx(1.0, rel=1e-12)
        mean, known = float(np.sum(joint * work)), float(np.sum(joint * told))
        assert second_law_with_information(mean, known, temperature=warm).verdict == "holds"
        shifted = second_law_with_information(mean + 0.7, known, temperature=warm, free_energy_change=0.7)
        assert shifted.slack == pytest.approx(mean + warm * known, abs=1e-12)


def test_sampled_random_measurements_hold() -> None:
    rng = np.random.default_rng(35)
    verdicts = []
    for _ in range(60):
        warm, dF = float(rng.uniform(0.5, 2.0)), float(rng.normal())
        E, after = 0.5 * rng.normal(size=3), 0.5 * rng.normal(size=(2, 3))
        p = np.exp(-E / warm)
        F, p = -warm * np.log(p.sum()), p / p.sum()
        channel = 0.15 + 0.7 * rng.dirichlet([2.0, 2.0], size=3)
        told = np.log(channel / (p @ channel))
        end = -warm * np.log(np.exp(-after / warm).sum(axis=1))
        work = (after - E).T - (end - F) + dF
        drawn = rng.choice(6, size=4000, p=(p[:, None] * channel).ravel())
        found = sagawa_ueda(work.ravel()[drawn], told.ravel()[drawn], temperature=warm, free_energy_change=dF)
        verdicts.append(found.verdict)
    # beyond 3 sigma in 0.3 % of all cases; beyond 5 never
    assert "violated" not in verdicts and verdicts.count("holds") >= 57


def test_reversible_feedback_saturates() -> None:
    known = demon(0.1).information
    assert second_law_with_information(-known, known, temperature=1.0).verdict == "holds, saturated"
    assert second_law_with_information(-known - 1e-6, known, temperature=1.0).verdict == "violated"


def test_without_feedback_the_equilibrium_null_case_holds() -> None:
    """Levels at 0 and 0.5 in equilibrium, looked at by nobody, both raised at once, to 0.2 and 1.1: W is 0.2 or 0.6."""
    upper = np.random.default_rng(37).random(4000) < 1.0 / (1.0 + np.exp(0.5 / T))
    work, told = np.where(upper, 0.6, 0.2), np.zeros(4000)
    free = -T * np.log((np.exp(-0.2 / T) + np.exp(-1.1 / T)) / (1.0 + np.exp(-0.5 / T)))
    assert sagawa_ueda(work, told, temperature=T, free_energy_change=free).verdict == "holds"
    assert second_law_with_information(work, 0.0, temperature=T, free_energy_change=free).verdict == "holds"


def test_where_nothing_was_seen_to_happen_nothing_is_said() -> None:
    nothing = np.zeros(1000)
    found = sagawa_ueda(nothing, nothing, temperature=T)
    assert found.verdict == "inconclusive" and found.slack == 0.0
    assert second_law_with_information(nothing, nothing, temperature=T).verdict == "inconclusive"


def test_errors_stay_paired(run: DemonRun) -> None:
    law = second_law_with_information(run.work, run.information, temperature=T)
    difference = Sampled.mean(run.work + T * run.information).estimate().stderr
    assert law.slack_stderr == pytest.approx(difference, rel=1e-9)
    apart = second_law_with_information(
        Sampled.mean(run.work).estimate(), Sampled.mean(run.information).estimate(), temperature=T
    )
    squares = np.hypot(law.smaller.stderr, law.larger.stderr)
    assert apart.slack_stderr == pytest.approx(squares, rel=1e-9)
    assert abs(squares / difference - 1.0) > 0.05


def test_few_effective_samples_stay_inconclusive() -> None:
    rng = np.random.default_rng(36)
    work = rng.normal(0.5 * 16.0, 4.0, 2000)
    assert sagawa_ueda(work, np.zeros(2000), temperature=1.0).verdict == "inconclusive"


ONE = np.ones(10)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("work", lambda: sagawa_ueda([], [], temperature=1.0)),
        ("work[1]", lambda: sagawa_ueda([0.0, np.nan], [0.0, 0.0], temperature=1.0)),
        ("information[0]", lambda: sagawa_ueda([0.0, 0.0], [np.inf, 0.0], temperature=1.0)),
        ("information", lambda: sagawa_ueda(ONE, ONE[:9], temperature=1.0)),
        ("work", lambda: sagawa_ueda(np.ones((5, 2)), ONE, temperature=1.0)),
        ("information", lambda: sagawa_ueda(ONE, 1.0, temperature=1.0)),
        ("temperature", lambda: sagawa_ueda(ONE, ONE, temperature=0.0)),
        ("temperature", lambda: sagawa_ueda(ONE, ONE, temperature=np.nan)),
        ("free_energy_change", lambda: sagawa_ueda(ONE, ONE, temperature=1.0, free_energy_change=np.inf)),
        ("work", lambda: second_law_with_information(np.nan, 0.1, temperature=1.0)),
        ("work", lambda: second_law_with_information([], 0.1, temperature=1.0)),
        ("work", lambda: second_law_with_information(np.ones((3, 3)), 0.1, temperature=1.0)),
        ("work", lambda: second_law_with_information("much", 0.1, temperature=1.0)),
        ("information[2]", lambda: second_law_with_information(0.1, [1.0, 1.0, np.nan], temperature=1.0)),
        ("temperature", lambda: second_law_with_information(0.1, 0.1, temperature=-1.0)),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
