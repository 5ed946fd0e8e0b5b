"""Laws of information flow, sensors and nostalgia: reference numbers, samples, and systems that break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard.errors import InputError
from szilard.estimate import Estimate, Sampled
from szilard.information import conditional_information, mutual_information, sampled_information, transfer_entropy
from szilard.laws.flows import (
    cost_of_nostalgia,
    information_flow,
    learning_rate_bound,
    nostalgia,
    prediction_bound,
    sensory_capacity,
)
from tests.statistics import assert_agrees

Array = NDArray[np.float64]
SPINS = np.array([1.0, -1.0])


@dataclass(frozen=True)
class Driven:
    """A spin in a field h x of a signal x = +-1 that stays with probability q; after each step it draws anew with r.

    back: how much more often the signal turns where it agrees with the spin: it then acts back, if back > 0.
    """

    stay: float = 0.8
    relax: float = 0.5
    field: float = 1.0
    temperature: float = 1.0
    tilt: float = 0.0
    back: float = 0.0

    def energy(self) -> Array:
        """E(s, x) = -h s x - tilt s."""
        return np.asarray(-self.field * np.outer(SPINS, SPINS) - self.tilt * SPINS[:, None])

    def steps(self) -> Array:
        """P(x'|s, x): (s, x, x')."""
        turn = (1.0 - self.stay) + self.back * np.eye(2)
        moved = np.empty((2, 2, 2))
        for x in (0, 1):
            moved[:, x, 1 - x], moved[:, x, x] = turn[:, x], 1.0 - turn[:, x]
        return moved

    def table(self) -> Array:
        """p(s, x, x') before the spin relaxes, in the steady state: (s, x, x')."""
        equilibrium = np.exp(-self.energy() / self.temperature)
        equilibrium /= equilibrium.sum(axis=0)
        L = np.zeros((2, 2, 2, 2))
        for s, x, y in np.ndindex(2, 2, 2):
            L[:, y, s, x] += self.steps()[s, x, y] * (
                self.relax * equilibrium[:, y] + (1.0 - self.relax) * np.eye(2)[s]
            )
        values, vectors = np.linalg.eig(L.reshape(4, 4))
        p = np.real(vectors[:, np.argmax(values.real)])
        return np.asarray((p / p.sum()).reshape(2, 2)[:, :, None] * self.steps())

    def work(self) -> Array:
        """E(s, x') - E(s, x): (s, x, x')."""
        return np.asarray(self.energy()[:, None, :] - self.energy()[:, :, None])

    def dissipated(self) -> Array:
        """W - d[E + T ln p(s|signal)] of the step: (s, x, x')."""
        now, ahead = self.table().sum(axis=2), self.table().sum(axis=1)
        free_now = self.energy() + self.temperature * np.log(now / now.sum(axis=0))
        free_ahead = self.energy() + self.temperature * np.log(ahead / ahead.sum(axis=0))
        return np.asarray(self.work() - (free_ahead[:, None, :] - free_now[:, :, None]))

    def known(self) -> tuple[float, float]:
        """I(s:x) and I(s:x')."""
        return mutual_information(self.table().sum(axis=2)), mutual_information(self.table().sum(axis=1))

    def draw(self, n: int, seed: int) -> tuple[NDArray[np.int64], ...]:
        flat = np.random.default_rng(seed).choice(8, size=n, p=self.table().ravel())
        return tuple(np.asarray(i) for i in np.unravel_index(flat, (2, 2, 2)))


LOPSIDED = Driven(stay=0.7, relax=0.4, field=0.8, temperature=0.6, tilt=0.3)
ACTING_BACK = Driven(stay=0.9, back=0.7, temperature=0.8)
"""The signal turns away from a spin that agrees with it: I(s:x') > I(s:x)."""


def mean(p: Array, a: Array) -> float:
    return float(np.sum(p * a))


def test_reference_of_nostalgia() -> None:
    """I03 and the numbers in its description."""
    model = Driven()
    memory, prediction = model.known()
    assert memory == pytest.approx(0.1562962320, abs=1e-10)
    assert prediction == pytest.approx(0.0542562470, abs=1e-10)
    assert mean(model.table(), model.work()) == pytest.approx(0.2175983303, abs=1e-10)
    assert mean(model.table(), model.dissipated()) == pytest.approx(0.10203998503327479, rel=1e-10)
    found = nostalgia(mean(model.table(), model.dissipated()), memory, prediction, temperature=1.0)
    assert found.verdict == "holds" and found.slack_stderr == 0.0
    paid = cost_of_nostalgia(mean(model.table(), model.work()), memory, prediction, temperature=1.0)
    assert paid.verdict == "holds" and paid.slack == pytest.approx(0.2175983303 - 0.1020399850, abs=1e-9)


def test_nostalgia_holds_exactly_on_random_models() -> None:
    rng = np.random.default_rng(51)
    for _ in range(200):
        q, r = rng.uniform(0.02, 0.98, 2)
        h, T, tilt = rng.uniform(0.1, 2.0), rng.uniform(0.4, 2.0), rng.normal()
        model = Driven(float(q), float(r), float(h), float(T), float(tilt))
        p, (memory, prediction) = model.table(), model.known()
        wasted, spent = mean(p, model.dissipated()), mean(p, model.work())
        assert nostalgia(wasted, memory, prediction, temperature=float(T)).verdict == "holds"
        assert cost_of_nostalgia(spent, memory, prediction, temperature=float(T)).verdict == "holds"
        assert prediction_bound(prediction, memory).verdict == "holds"


def test_free_energy_that_is_given_up_pays_too() -> None:
    """Far from the steady state: left over is T times how much nearer to its equilibrium the relaxation brings s."""
    rng, T = np.random.default_rng(56), LOPSIDED.temperature
    E = LOPSIDED.energy()
    equilibrium = np.exp(-E / T) / np.exp(-E / T).sum(axis=0)
    for _ in range(20):
        start = rng.dirichlet(np.ones(4)).reshape(2, 2)
        table = start[:, :, None] * LOPSIDED.steps()
        ahead = table.sum(axis=1)
        end = (1.0 - LOPSIDED.relax) * ahead + LOPSIDED.relax * equilibrium * ahead.sum(axis=0)
        free = [mean(p, E + T * np.log(p / p.sum(axis=0))) for p in (start, end)]
        away = [T * mean(p, np.log(p / p.sum(axis=0) / equilibrium)) for p in (ahead, end)]
        memory, prediction = mutual_information(start), mutual_information(ahead)
        spent = mean(table, LOPSIDED.work())
        found = cost_of_nostalgia(spent, memory, prediction, temperature=T, free_energy_change=free[1] - free[0])
        assert found.verdict == "holds"
        assert found.slack == pytest.approx(away[0] - away[1], abs=1e-13)


def test_sampled_nostalgia_holds_and_keeps_its_pairs() -> None:
    s, x, after = LOPSIDED.draw(200_000, 52)
    memory, prediction = sampled_information(s, x), sampled_information(s, after)
    wasted = LOPSIDED.dissipated()[s, x, after]
    found = nostalgia(wasted, memory, prediction, temperature=0.6)
    assert found.verdict == "holds"
    exact = mean(LOPSIDED.table(), LOPSIDED.dissipated())
    assert_agrees(found.smaller, exact, relative=0.02)
    # both sides are of the same samples, and nearly the same function of them: what is left of the error of their
    # difference is the second order of the two informations
    second = 0.6**2 * (memory.unseen + prediction.unseen)
    assert found.slack_stderr**2 - second < (0.05 * found.smaller.stderr) ** 2
    paid = cost_of_nostalgia(LOPSIDED.work()[s, x, after], memory, prediction, temperature=0.6)
    assert paid.verdict == "holds"
    assert prediction_bound(prediction, memory).verdict == "holds"


def test_nostalgia_is_violated_by_a_wrong_temperature_and_by_equilibrium_free_energies() -> None:
    s, x, after = LOPSIDED.draw(50_000, 53)
    memory, prediction = sampled_information(s, x), sampled_information(s, after)
    wasted = LOPSIDED.dissipated()[s, x, after]
    assert nostalgia(wasted, memory, prediction, temperature=1.2).verdict == "violated"
    # with dF of the equilibria (zero on average here) all the work would count as dissipated
    assert nostalgia(LOPSIDED.work()[s, x, after], memory, prediction, temperature=0.6).verdict == "violated"
    assert cost_of_nostalgia(LOPSIDED.work()[s, x, after], memory, prediction, temperature=6.0).verdict == "violated"


def test_a_system_that_acts_back_on_the_signal_knows_its_future_better() -> None:
    """Then data processing fails, and a step of the signal gives work back: <W_diss> < 0."""
    s, x, after = ACTING_BACK.draw(50_000, 54)
    memory, prediction = sampled_information(s, x), sampled_information(s, after)
    found = prediction_bound(prediction, memory)
    assert found.verdict == "violated" and found.margin < -5.0
    wasted = Sampled.mean(ACTING_BACK.dissipated()[s, x, after]).estimate()
    assert wasted.value < -5.0 * wasted.stderr


def test_of_a_signal_with_memory_more_is_known_ahead_than_now() -> None:
    """0011 repeated, and s a copy of the value before, one in ten wrong: the next value is the other one.

    Nothing acts back. I(s:x) = 0, and I(s:x') = ln 2 - h(0.1).
    """
    prediction = np.log(2.0) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9)
    signal = np.resize([0, 0, 1, 1], 40_002)
    before, now, ahead = signal[:-2], signal[1:-1], signal[2:]
    wrong = np.random.default_rng(58).random(now.size) < 0.1
    s = np.where(wrong, 1 - before, before)
    joint = np.array([[[np.mean((before == i) & (x == j)) for j in (0, 1)] for i in (0, 1)] for x in (now, ahead)])
    channel = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert [mutual_information(channel @ table) for table in joint] == pytest.approx([0.0, prediction], abs=1e-12)
    assert prediction_bound(prediction, 0.0).verdict == "violated"
    sampled = prediction_bound(sampled_information(s, ahead), sampled_information(s, now))
    assert_agrees(sampled.smaller, prediction, relative=0.02)
    assert sampled.verdict == "violated" and sampled.margin < -5.0
    assert any("itself Markov" in a for a in sampled.assumptions)
    assert any("no feedback" in a for a in sampled.assumptions)


def test_a_signal_that_never_changes_wastes_nothing() -> None:
    still = Driven(stay=1.0 - 1e-15, tilt=0.4)
    memory, prediction = still.known()
    assert prediction == pytest.approx(memory, abs=1e-12)


SENSOR = sz.systems.sensor(2.0, environment=0.1)


@pytest.fixture(scope="module")
def run() -> sz.discrete.Run:
    times = (20.0 + 0.25 * np.arange(81)).tolist()
    return sz.simulate(SENSOR, "stationary", 60.0, replicas=3000, seed=55, times=times, record="paths")


def test_sensor_reference_numbers(run: sz.discrete.Run) -> None:
    """I04 (learning rate) and I05 (sensory capacity): from p(x = y) alone, and with the filter of x's past."""
    from szilard.discrete.bipartite import flow_samples, information_flows
    from szilard.discrete.transfer_rate import sampled_transfer_entropy_rate, transfer_entropy_rate

    learned = float(information_flows(SENSOR, (2, 2)).flow[0])
    right = (np.e + 0.1) / (np.e + 1.0 / np.e + 0.2)
    assert learned == pytest.approx(0.1 * (2.0 * right - 1.0) * np.log(right / (1.0 - right)), rel=1e-12)
    taken = transfer_entropy_rate(SENSOR, (2, 2))
    capacity = sensory_capacity(learned, taken)
    assert capacity.value == pytest.approx(0.606799, abs=1e-6)
    each = flow_samples(run, (2, 2))
    sampled = sampled_transfer_entropy_rate(run, (2, 2), settle=20.0)
    rate = Sampled.mean(each.flow[:, 0]).scaled(1.0 / run.duration)
    found = sensory_capacity(rate, sampled)
    assert_agrees(found, capacity.value, relative=0.05)
    assert 0.0 < found.value < 1.0
    assert learning_rate_bound(rate, sampled).verdict == "holds"
    assert information_flow(each.flow[:, 0], 0.0, each.heat[:, 0, 0], temperature=1.0).verdict == "holds"


def test_a_series_looked_at_too_rarely_breaks_the_bound(run: sz.discrete.Run) -> None:
    """Every 5 time units, with flips at 0.1 and a sensor of rate 3: most of what x took in is not in the series."""
    learned = 0.12843411
    x, y = np.divmod(run.states, 2)
    rare = transfer_entropy(x[:, ::20], y[:, ::20])
    assert learning_rate_bound(learned, rare.scaled(1.0 / 5.0)).verdict == "violated"
    often = transfer_entropy(x, y, history=4)
    assert often.scaled(4.0).value > learned


def test_series_of_a_sensor_have_the_bounds_of_their_exact_chain(run: sz.discrete.Run) -> None:
    from scipy.linalg import expm

    step = expm(SENSOR.generator().toarray() * 0.25)
    p = sz.stationary(SENSOR)
    pair = (step * p).reshape(2, 2, 2, 2)
    # I(x' : y | x) of (x', y', x, y)
    exact = conditional_information(pair.sum(axis=1).transpose(0, 2, 1))
    x, y = np.divmod(run.states, 2)
    assert_agrees(transfer_entropy(x, y).estimate(), exact, relative=0.02)


def test_reservoirs_are_paid_apart() -> None:
    assert information_flow(0.1, 0.05, 0.6, temperature=2.0).larger.value == pytest.approx(0.35, rel=1e-15)
    found = information_flow(0.1, 0.05, [1.0, -0.5], temperature=[2.0, 0.25])
    assert found.larger.value == pytest.approx(0.05 + 0.5 - 2.0)
    assert found.verdict == "violated"
    samples = np.random.default_rng(56).normal(size=(2, 400))
    both = information_flow(samples[0], 0.0, [samples[0], samples[1]], temperature=[0.5, 4.0])
    assert both.larger.value == pytest.approx(2.0 * samples[0].mean() + samples[1].mean() / 4.0)
    difference = Sampled.mean(samples[0] + samples[1] / 4.0).estimate().stderr
    assert both.slack_stderr == pytest.approx(difference, rel=1e-9)


def test_errors_and_sides_of_ratios() -> None:
    apart = sensory_capacity(Estimate(0.3, 0.03, 500), Estimate(0.6, 0.02, 300, 300.0))
    assert apart.stderr == pytest.approx(np.hypot(0.03, 0.5 * 0.02) / 0.6)
    assert (apart.value, apart.ess, apart.side) == (0.5, 300.0, "two-sided")
    above = sensory_capacity(0.3, Estimate(0.6, 0.02, 300, 300.0, "upper"))
    assert above.side == "lower"
    assert learning_rate_bound(0.3, Estimate(0.6, 0.02, 300, 300.0, "upper")).verdict == "inconclusive"
    assert learning_rate_bound(0.9, Estimate(0.6, 0.02, 300, 300.0, "upper")).verdict == "violated"
    samples = np.random.default_rng(57).normal(1.0, 0.3, 1000)
    assert sensory_capacity(samples, samples).stderr == pytest.approx(0.0, abs=1e-15)


def test_a_capacity_lies_between_0_and_1_or_says_why_not() -> None:
    sampled, less = Estimate(0.2, 0.05, 500), Estimate(-0.1, 0.05, 500)
    for flow, taken in ((-0.1, 0.2), (0.3, 0.2), (-0.1, sampled), (-1e-6, 1.0)):
        with pytest.raises(InputError) as caught:
            sensory_capacity(flow, taken)
        assert caught.value.field == "flow"
    for found, value in (
        (sensory_capacity(less, 0.2), -0.5),
        (sensory_capacity(less, sampled), -0.5),
        (sensory_capacity(0.3, sampled), 1.5),
        (sensory_capacity(np.array([0.2, 0.4]), np.array([0.1, 0.3])), 1.5),
        (sensory_capacity(Estimate.exact(0.3, "upper"), 0.2), 1.5),
        (sensory_capacity(Estimate.exact(-0.1, "lower"), 0.2), -0.5),
        (sensory_capacity(0.3, Estimate.exact(0.2, "lower")), 1.5),
    ):
        assert found.value == pytest.approx(value) and "outside 0 to 1" in found.note
    for flow in (-1e-12, 0.0, 0.2, 0.2 + 1e-12):  # rounding is no reason
        found = sensory_capacity(flow, 0.2)
        assert found.note == "" and found.value == pytest.approx(flow / 0.2, abs=1e-15)
    falls = sensory_capacity(less, Estimate(0.2, 0.05, 500, side="upper"))
    assert falls.side == "upper"


def test_one_heat_as_an_array_of_no_dimension() -> None:
    assert information_flow(0.2, 0.0, np.array(0.5), temperature=2.0).larger.value == 0.25
    for heat, warm, field in (
        (np.array(0.5), [1.0, 2.0], "heat"),
        ([0.5, 0.5], np.ones((2, 1)), "temperature"),
        (0.5, "hot", "temperature"),
        (0.5, [[1.0], [1.0, 2.0]], "temperature"),
    ):
        with pytest.raises(InputError) as caught:
            information_flow(0.2, 0.0, heat, temperature=warm)  # type: ignore[arg-type]
        assert caught.value.field == field


def test_samples_of_other_replicas_are_no_pairs() -> None:
    for call in (sensory_capacity, learning_rate_bound):
        with pytest.raises(InputError) as caught:
            call(np.ones(10), np.ones(11))
        assert caught.value.field == "replicas"


def test_untrusted_estimates_stay_inconclusive() -> None:
    few = Estimate(0.1, 0.001, 50, 50.0)
    assert information_flow(few, 0.0, 1.0, temperature=1.0).verdict == "inconclusive"
    assert information_flow(0.0, 0.0, few, temperature=1.0).verdict == "inconclusive"
    assert information_flow(0.0, Estimate(0.1, 0.01, 500), few, temperature=1.0).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("flow", lambda: information_flow(np.nan, 0.0, 1.0, temperature=1.0)),
        ("flow", lambda: information_flow([], 0.0, 1.0, temperature=1.0)),
        ("flow", lambda: information_flow(np.ones((4, 4)), 0.0, 1.0, temperature=1.0)),
        ("flow", lambda: information_flow(Estimate(np.inf, 0.1), 0.0, 1.0, temperature=1.0)),
        ("entropy_change[1]", lambda: information_flow(0.0, [0.0, np.inf], 1.0, temperature=1.0)),
        ("heat", lambda: information_flow(0.0, 0.0, np.nan, temperature=1.0)),
        ("heat", lambda: information_flow(0.0, 0.0, 1.0, temperature=[1.0, 2.0])),
        ("heat[1]", lambda: information_flow(0.0, 0.0, [1.0, np.nan], temperature=[1.0, 2.0])),
        ("temperature", lambda: information_flow(0.0, 0.0, 1.0, temperature=0.0)),
        ("temperature[1]", lambda: information_flow(0.0, 0.0, [1.0, 1.0], temperature=[1.0, -2.0])),
        ("flow", lambda: learning_rate_bound(np.inf, 0.1)),
        ("transfer_entropy", lambda: learning_rate_bound(0.1, [])),
        ("transfer_entropy", lambda: sensory_capacity(0.1, 0.0)),
        ("flow", lambda: sensory_capacity(np.nan, 1.0)),
        ("memory", lambda: nostalgia(0.1, np.nan, 0.1, temperature=1.0)),
        ("prediction", lambda: nostalgia(0.1, 0.1, [], temperature=1.0)),
        ("dissipated_work", lambda: nostalgia(np.inf, 0.1, 0.1, temperature=1.0)),
        ("temperature", lambda: nostalgia(0.1, 0.1, 0.1, temperature=np.inf)),
        ("work", lambda: cost_of_nostalgia([], 0.1, 0.1, temperature=1.0)),
        ("free_energy_change", lambda: cost_of_nostalgia(1.0, 0.1, 0.1, temperature=1.0, free_energy_change=np.nan)),
        ("prediction", lambda: prediction_bound(np.nan, 0.1)),
        ("memory", lambda: prediction_bound(0.1, np.ones((2, 2)))),
    ],
)
def test_refusals(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field


def test_a_bath_that_a_part_never_touches_leaves_no_doubt() -> None:
    """Its heat is zero in all replicas; what counts is the sum of all."""
    rng = np.random.default_rng(77)
    heat, change, flow = 0.9 + rng.normal(size=500), 0.1 * rng.normal(size=500), 0.2 + 0.1 * rng.normal(size=500)
    one = information_flow(flow, change, heat, temperature=1.3)
    two = information_flow(flow, change, [heat, np.zeros(500)], temperature=[1.3, 0.7])
    assert one.verdict == two.verdict == "holds"
    assert two.larger.value == pytest.approx(one.larger.value) and two.stderr == pytest.approx(one.stderr)
    with pytest.raises(InputError, match="same replicas"):
        information_flow(flow, change, [heat, np.zeros(400)], temperature=[1.3, 0.7])
