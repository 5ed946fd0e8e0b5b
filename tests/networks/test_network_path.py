"""Learning in networks: the neuron's own kernels, NumPy against compiled, and exact answers for two weights."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import szilard as sz
from szilard._kernels import learning as kernels
from szilard.estimate import Sampled, exponential_average
from szilard.networks.feedforward import FeedForward, committee, multilayer, perceptron
from tests.learning import cases
from tests.networks.paths import STIFFNESS, TEMPERATURE, Walk, summed_loss, walk
from tests.statistics import assert_agrees, z_of_mean

Array = NDArray[np.float64]
GRADIENT = sz.rules.gradient.tuned(1.7)
FACTORS = np.concatenate([np.linspace(0.2, 1.0, 6), np.linspace(0.5, 1.5, 12)])
NONE = np.empty(0, dtype=np.int64)
CIRCLE = np.arange(4, dtype=np.int64)
BATCH: dict[str, Any] = {}
FLOW: dict[str, Any] = {"online": (4, False, CIRCLE)}
DRAWN: dict[str, Any] = {"online": (3, False, NONE)}
KICK: dict[str, Any] = {"online": (1, True, CIRCLE)}
HOW = {"batch": BATCH, "flow": FLOW, "drawn": DRAWN, "kick": KICK}


def task(n_inputs: int, replicas: int, patterns: int = 4) -> tuple[Array, Array]:
    """inputs / sqrt(N), (pattern, input), and labels (pattern, replica)."""
    labels = 2.0 * np.random.default_rng(2).integers(0, 2, size=(patterns, replicas)) - 1.0
    return np.asarray(cases.on_sphere(patterns, n_inputs, 5) / np.sqrt(n_inputs)), np.asarray(labels)


def assert_alike(a: Walk, b: Walk, exactly: bool = False) -> None:
    """Sums in another order: rounding of 1e-16 over some 100 operations a step, 18 steps."""
    scale = float(a.gross.max())
    assert scale > 0.1
    for name, size in (("weights", 1.0), ("heat", scale), ("work", scale), ("gross", scale), ("loss", scale)):
        np.testing.assert_allclose(
            getattr(a, name), getattr(b, name), rtol=0, atol=0.0 if exactly else 1e-11 * size, err_msg=name
        )


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("rule", [sz.rules.hebbian, sz.rules.adatron, GRADIENT, cases.CORRECTING], ids=lambda r: r.name)
def test_perceptron_walks_as_the_single_neuron(rule: sz.Rule, how: str) -> None:
    inputs, labels = task(5, 70)
    ours = walk(perceptron(), rule, inputs, labels, FACTORS, 0.05, strength=1.4, **HOW[how])
    assert_alike(ours, walk(None, rule, inputs, labels, FACTORS, 0.05, strength=1.4, **HOW[how]))


CASES: list[tuple[FeedForward, sz.Rule, str, int, float]] = [
    (committee(3), GRADIENT, "batch", 0, 0.0),
    (committee(3), sz.rules.adatron, "flow", 0, 0.0),
    (committee(2, tree=True), sz.rules.perceptron, "drawn", 0, 0.0),
    (committee(3, activation="tanh"), GRADIENT, "kick", 0, 0.0),
    (multilayer((4, 3)), GRADIENT, "batch", 0, 0.0),
    (multilayer((3,), biases=True), cases.SOFT, "batch", 0, 0.0),
    (multilayer((3, 2), biases=True), cases.SOFT, "drawn", 0, 0.0),
    (multilayer((3,), activation="erf"), cases.CORRECTING, "batch", 0, 0.0),
    (multilayer((3,)), cases.CORRECTING, "flow", kernels.SIGN_OUTPUT, 0.0),
    (committee(2), cases.CORRECTING, "kick", 0, 0.0),
    (committee(3), cases.CORRECTING, "batch", kernels.SLIDES, 0.1),
    (committee(2), cases.CORRECTING, "flow", kernels.SLIDES, 0.1),
    (committee(2), cases.CORRECTING, "kick", kernels.SLIDES, 0.1),
    (committee(3), sz.rules.hebbian, "batch", 0, 0.0),
]


def run(case: tuple[FeedForward, sz.Rule, str, int, float], replicas: int = 71, **more: Any) -> Walk:
    network, rule, how, flags, follow = case
    inputs, labels = task(6, replicas)
    chosen = {"strength": 1.4, "flags": flags, "follow": follow} | HOW[how] | more
    return walk(network, chosen.pop("rule", rule), inputs, labels, FACTORS, 0.05, **chosen)


def named(case: Any) -> str:
    network, rule, how, flags, _ = case
    return f"{network!r}-{rule.name}-{how}-{flags}"


def plain_twin(rule: sz.Rule) -> sz.Rule:
    twin = dataclasses.replace(rule)
    twin.__dict__["kernel"] = None
    return twin


@pytest.mark.parametrize("case", CASES, ids=named)
def test_compiled_and_plain_agree(case: Any) -> None:
    fast = run(case)
    assert case[1].kernel is not None
    assert_alike(fast, run(case, rule=plain_twin(case[1])))


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.parametrize("cut", [{"lanes": 1}, {"lanes": 13}, {"chunk": 5}], ids=str)
def test_same_bits_however_cut(case: Any, cut: dict[str, Any]) -> None:
    assert_alike(run(case, 30), run(case, 30, **cut), exactly=True)


def test_same_bits_however_cut_in_numpy() -> None:
    for case in (CASES[0], CASES[9]):
        twin = plain_twin(case[1])
        for cut in ({"lanes": 1}, {"lanes": 7}):
            assert_alike(run(case, 20, rule=twin), run(case, 20, rule=twin, **cut), exactly=True)


@pytest.mark.parametrize("network", [committee(3), multilayer((3, 2), biases=True)], ids=repr)
@pytest.mark.parametrize("rule", [GRADIENT, sz.rules.adatron, cases.CORRECTING], ids=lambda r: r.name)
def test_first_law_with_an_energy_found_anew(network: FeedForward, rule: sz.Rule) -> None:
    """Delta E = W - Q, E = k w^2/2 + c s sum loss(A(w)), the loss from the rule's own function."""
    inputs, labels = task(5, 70)
    done = walk(network, rule, inputs, labels, FACTORS, 0.05, strength=1.4)
    change = 0.5 * STIFFNESS * ((done.weights**2).sum(axis=1) - (done.start**2).sum(axis=1))
    if rule.loss is not None:
        loss = summed_loss(network, rule, done.weights, inputs, labels)
        np.testing.assert_allclose(done.loss, loss, rtol=0, atol=1e-12 * loss.max())
        change += 1.4 * FACTORS[-1] * loss
    np.testing.assert_allclose(done.work - done.heat, change, rtol=0, atol=1e-10 * done.gross.max())
    assert np.abs(done.work).mean() > 0.1


@pytest.mark.parametrize("network", [committee(2), multilayer((3,))], ids=repr)
def test_midpoint_heat_tends_to_the_fall_of_the_loss(network: FeedForward) -> None:
    """The same force with and without its loss: heats differ by Stratonovich's midpoint error, O(dt) per path.

    A step errs by f'' dw^3 / 12, dw ~ sqrt(2 mu T dt); summed over t/dt steps of random sign that is of order dt.
    A quarter of the step hence gives a quarter of the difference, to its sampling error: 1 part in sqrt(2 x 400).
    """
    inputs, labels = task(3, 400)
    silent = dataclasses.replace(GRADIENT, loss=None)
    apart = []
    for steps in (32, 512):
        both = [walk(network, r, inputs, labels, np.ones(steps), 1.6 / steps, strength=2.0) for r in (GRADIENT, silent)]
        np.testing.assert_array_equal(both[0].weights, both[1].weights)
        apart.append(float((both[0].heat - both[1].heat).std()))
    assert 0.0 < apart[1] < apart[0] / 16.0 * (1.0 + 4.0 * 2.0 / math.sqrt(2.0 * 400.0))


@pytest.mark.parametrize("rule", [cases.FORGETTING, sz.rules.oja, sz.rules.hebbian_decay], ids=lambda r: r.name)
@pytest.mark.parametrize("how", ["batch", "flow"])
def test_rules_that_read_single_weights_are_refused(rule: sz.Rule, how: str) -> None:
    inputs, labels = task(3, 4)
    with pytest.raises(sz.InputError) as raised:
        walk(committee(2), rule, inputs, labels, FACTORS, 0.05, **HOW[how])
    assert raised.value.field == "rule"


# One input, a committee of two: two weights, whose equilibria are two-dimensional integrals.

ONE_INPUT = np.array([[0.7], [-1.3], [1.1]])
THEIR_LABELS = np.array([1.0, 1.0, -1.0])
STRENGTH = 1.5


def average(network: FeedForward, strength: float) -> tuple[float, float, float]:
    """F, <E>, <loss> at full strength c: trapezoids over 8 standard deviations, spectrally exact for smooth decay."""
    reach = 8.0 * np.sqrt(TEMPERATURE / STIFFNESS)
    line = np.linspace(-reach, reach, 601)
    w = np.stack(np.meshgrid(line, line)).reshape(2, -1)
    fields = network.fields(w, ONE_INPUT)
    b = GRADIENT.parameters[0]
    loss = np.logaddexp(0.0, -b * THEIR_LABELS[:, None] * fields).sum(axis=0) / b
    energy = 0.5 * STIFFNESS * (w * w).sum(axis=0) + strength * loss
    weight = np.exp(-energy / TEMPERATURE)
    free = -TEMPERATURE * np.log(weight.sum() * (line[1] - line[0]) ** 2)
    return float(free), float((weight * energy).sum() / weight.sum()), float((weight * loss).sum() / weight.sum())


def two_weights(replicas: int, factors: Array, dt: float, seed: int = 7) -> Walk:
    labels = np.repeat(THEIR_LABELS[:, None], replicas, axis=1)
    return walk(committee(2), GRADIENT, ONE_INPUT, labels, factors, dt, strength=STRENGTH, lanes=256, seed=seed)


def test_jarzynski_against_the_integral() -> None:
    """<e^{-W/T}> = e^{-Delta F/T} of a ramp in 100 steps, far from slow: W_diss is .16 T.

    What the step breaks, -0.02 dt (``tests/soak/test_networks.py``), is 2e-4: a tenth of the standard error.
    """
    steps, dt = 100, 0.01
    ramp = (np.arange(steps) + 0.5) / steps
    done = two_weights(40000, ramp, dt)
    loss = summed_loss(committee(2), GRADIENT, done.weights, ONE_INPUT, np.repeat(THEIR_LABELS[:, None], 40000, axis=1))
    work = done.work + STRENGTH * (1.0 - ramp[-1]) * loss
    change = average(committee(2), STRENGTH)[0] - average(committee(2), 0.0)[0]
    assert_agrees(exponential_average(work / TEMPERATURE), math.exp(-change / TEMPERATURE))
    lost = Sampled.mean(work - change).estimate()
    assert lost.value > 5.0 * lost.stderr


def test_work_of_a_quench_is_the_mean_loss_at_the_start() -> None:
    done = two_weights(40000, np.ones(1), 0.01)
    assert abs(z_of_mean(done.work, STRENGTH * average(committee(2), 0.0)[2])) < 4.0


def test_heat_of_a_quench_that_comes_to_rest() -> None:
    """<Q> = <E>_start - <E>_rest with E at full strength, from two steps to dt = 0; of the excess 4e-5 is left."""
    heat = []
    for dt in (0.1, 0.2):
        done = two_weights(120000, np.ones(round(6.4 / dt)), dt, seed=11)
        start = 0.5 * STIFFNESS * (done.start**2).sum(axis=1) + done.work
        mean = TEMPERATURE + STRENGTH * average(committee(2), 0.0)[2]
        heat.append(Sampled.controlled(done.heat, start, mean))
    rest = average(committee(2), STRENGTH)[1]
    assert_agrees((heat[0].scaled(2.0) - heat[1]).estimate(), mean - rest, relative=0.02)


def test_without_a_force_nothing_happens() -> None:
    """Equilibrium: no work, heat of mean zero, weights as they were drawn."""
    labels = np.repeat(THEIR_LABELS[:, None], 20000, axis=1)
    done = walk(committee(2), GRADIENT, ONE_INPUT, labels, np.zeros(40), 0.05, strength=STRENGTH, lanes=256)
    assert not done.work.any()
    assert abs(z_of_mean(done.heat, 0.0)) < 4.0
    assert abs(z_of_mean((done.weights**2).sum(axis=1), 2.0 * TEMPERATURE / STIFFNESS)) < 4.0
