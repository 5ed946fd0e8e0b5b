"""Layered networks: fields against plain matrix products, gradients against central differences, the same bits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

import szilard as sz
from szilard.networks.feedforward import FeedForward, committee, multilayer, perceptron
from tests.statistics import z_of_mean

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
N, P, LANES = 6, 5, 7
NETWORKS = [
    perceptron(),
    perceptron(biases=True),
    committee(3),
    committee(4, activation="tanh"),
    committee(1),
    committee(3, tree=True),
    committee(2, activation="tanh", tree=True),
    multilayer((4, 3)),
    multilayer((5,), activation="erf", biases=True),
    multilayer((3, 2, 4), biases=True),
    FeedForward("thresholds", (3,), "erf", biases=True, tree=True),
]


def drawn(network: FeedForward, lanes: int = LANES, seed: int = 1) -> tuple[Array, Array, Array]:
    """Weights of unequal size, inputs of unequal norm, amplitudes."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(network.weights_needed(N), lanes)) * rng.uniform(0.3, 2.0, size=(1, lanes))
    return weights, rng.normal(size=(P, N)) / np.sqrt(N) + 0.1, rng.normal(size=(P, lanes))


def by_matrices(network: FeedForward, w: Array, inputs: Array) -> Array:
    """A of one replica, layer by layer."""
    g = (lambda h: special.erf(h / np.sqrt(2.0))) if network.activation == "erf" else np.tanh
    widths = (inputs.shape[1], *network.hidden, 1)
    values, place = inputs, 0
    for layer in range(1, len(widths)):
        below, width, output = widths[layer - 1], widths[layer], layer == len(widths) - 1
        if output and not network.learned_output:
            return np.asarray(values.sum(axis=1) / np.sqrt(below))
        split = network.tree and layer == 1
        seen = below // width if split else below
        rows = w[place : place + width * (seen + network.biases)].reshape(width, -1)
        place += rows.size
        matrix = np.zeros((width, below))
        for j in range(width):
            begin = j * seen if split else 0
            matrix[j, begin : begin + seen] = rows[j, :seen]
        fields = values @ matrix.T * (1.0 if layer == 1 and not split else np.sqrt(width) if split else below**-0.5)
        fields = fields + (rows[:, seen] if network.biases else 0.0)
        values = fields if output else g(fields)
    assert place == w.size
    return np.asarray(values[:, 0])


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_fields_are_those_of_matrix_products(network: FeedForward) -> None:
    """Sums of at most 6 terms of order 1 in another order, through at most 4 layers: some 100 roundings."""
    weights, inputs, _ = drawn(network)
    found = network.fields(weights, inputs)
    for lane in range(LANES):
        exact = by_matrices(network, weights[:, lane], inputs)
        np.testing.assert_allclose(found[:, lane], exact, rtol=0, atol=100 * EPS * (1.0 + np.abs(exact).max()))


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_pull_is_the_gradient(network: FeedForward) -> None:
    """(f(w + h) - f(w - h)) / 2h, f = sum_mu a_mu A_mu: rounding 100 eps |f| / h, truncation h^2 |f'''| / 6.

    With h = 1e-5 the first is below 3e-9 of sum |a| max(1, |A|); the third derivative of any layer is at most some
    ten times that size, so that the second is below 2e-10 of it.
    """
    weights, inputs, amplitudes = drawn(network)
    found, h = network.pull(weights, inputs, amplitudes), 1e-5
    size = float(np.abs(amplitudes).sum(axis=0).max() * max(1.0, np.abs(network.fields(weights, inputs)).max()))
    assert np.abs(found).max() > 0.05
    for i in range(weights.shape[0]):
        up, down = weights.copy(), weights.copy()
        up[i] += h
        down[i] -= h
        rise = network.fields(up, inputs) - network.fields(down, inputs)
        np.testing.assert_allclose(found[i], (amplitudes * rise).sum(axis=0) / (2 * h), rtol=0, atol=3.2e-9 * size)


@pytest.mark.parametrize("network", [committee(2), multilayer((3, 2), biases=True)], ids=repr)
@pytest.mark.parametrize("k", [0.6, 1.3])
def test_force_descends_the_energy(network: FeedForward, k: float) -> None:
    """-d/dw [k w^2/2 + c sum_mu loss(A_mu)] = -k w + c pull(amplitude): the same tolerance per unit of energy."""
    rule, c, h = sz.rules.gradient.tuned(1.7), 2.3, 1e-5
    weights, inputs, _ = drawn(network, 1)
    labels = np.where(np.arange(P) % 2 == 0, 1.0, -1.0)

    def energy(w: Array) -> float:
        assert rule.loss is not None
        fields = network.fields(w, inputs)[:, 0]
        loss = sum(rule.loss(a, y, 0.0, 0.0, rule.parameters) for a, y in zip(fields, labels, strict=True))
        return float(0.5 * k * (w * w).sum() + c * loss)

    pairs = zip(network.fields(weights, inputs)[:, 0], labels, strict=True)
    amplitudes = np.array([[rule.amplitude(a, y, 0.0, 0.0, rule.parameters)] for a, y in pairs])
    force = -k * weights + c * network.pull(weights, inputs, amplitudes)
    for i in range(weights.shape[0]):
        up, down = weights.copy(), weights.copy()
        up[i] += h
        down[i] -= h
        slope = (energy(up) - energy(down)) / (2 * h)
        np.testing.assert_allclose(force[i, 0], -slope, rtol=0, atol=3.2e-9 * (1.0 + energy(weights)))


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_a_lane_does_not_see_the_others(network: FeedForward) -> None:
    weights, inputs, amplitudes = drawn(network, 67)
    fields, pull = network.fields(weights, inputs), network.pull(weights, inputs, amplitudes)
    for lanes in (1, 8, 13):
        for first in range(0, 67, lanes):
            part = slice(first, first + lanes)
            w, a = np.ascontiguousarray(weights[:, part]), np.ascontiguousarray(amplitudes[:, part])
            np.testing.assert_array_equal(network.fields(w, inputs), fields[:, part])
            np.testing.assert_array_equal(network.pull(w, inputs, a), pull[:, part])


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_each_lane_may_see_its_own_pattern(network: FeedForward) -> None:
    """Six inputs are summed one by one or in fours: rounding."""
    weights, inputs, amplitudes = drawn(network)
    mu = np.arange(LANES) % P
    own, a = inputs[mu].T[None], amplitudes[mu, np.arange(LANES)][None]
    fields, pull = network.fields(weights, own), network.pull(weights, own, a)
    np.testing.assert_allclose(fields[0], network.fields(weights, inputs)[mu, np.arange(LANES)], rtol=0, atol=1e-14)
    only = np.zeros_like(amplitudes)
    only[mu, np.arange(LANES)] = a[0]
    np.testing.assert_allclose(pull, network.pull(weights, inputs, only), rtol=0, atol=1e-13)


def test_erf_is_the_error_function() -> None:
    """One unit on one input is erf(w / sqrt 2): 2e-16 of the rational functions, and a rounding of the argument."""
    h = np.concatenate([np.linspace(-9.0, 9.0, 40001), np.logspace(-12, 0, 500)])
    found = committee(1).fields(h[None], [[1.0]])[0]
    exact = special.erf(h / np.sqrt(2.0))
    assert np.abs(found - exact).max() < 4 * EPS
    assert np.abs(found / np.where(h == 0.0, 1.0, exact) - 1.0)[h != 0.0].max() < 6 * EPS


@pytest.mark.parametrize("network", [committee(k, tree=tree) for k in (1, 3, 6) for tree in (False, True)], ids=repr)
def test_committees_of_any_size_have_fields_of_one_size(network: FeedForward) -> None:
    """Weights N(0, 1), |x| = 1: <A^2> = <erf^2(h / sqrt 2)> = (2/pi) arcsin(1/2), <|dA/dw|^2> = (2/pi)/sqrt(3)."""
    rng, lanes = np.random.default_rng(3), 60000
    weights = rng.normal(size=(network.weights_needed(N), lanes))
    inputs = np.array([[1.0, -1.0, -1.0, 1.0, 1.0, -1.0]]) / np.sqrt(N)
    fields = network.fields(weights, inputs)[0]
    pull = network.pull(weights, inputs, np.ones((1, lanes)))
    assert abs(z_of_mean(fields**2, 2.0 / np.pi * np.arcsin(0.5))) < 4.0
    assert abs(z_of_mean((pull**2).sum(axis=0), 2.0 / np.pi / np.sqrt(3.0))) < 4.0
    assert (pull**2).sum(axis=0).max() <= network.steepness(1.0) == pytest.approx(2.0 / np.pi)


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_steepness_bounds_the_slope_at_the_start(network: FeedForward) -> None:
    """A bound of the mean, exact for a perceptron: 4 standard errors of 20000 replicas."""
    rng, variance = np.random.default_rng(5), 1.7
    weights = np.sqrt(variance) * rng.normal(size=(network.weights_needed(N), 20000))
    inputs = rng.normal(size=(1, N))
    inputs /= np.linalg.norm(inputs)
    steep = (network.pull(weights, inputs, np.ones((1, 20000))) ** 2).sum(axis=0)
    above = network.steepness(variance)
    if network.linear:
        np.testing.assert_allclose(steep, above, rtol=1e-14)
    else:
        assert steep.mean() - 4.0 * steep.std() / np.sqrt(steep.size) < above


def test_numbers_of_weights() -> None:
    assert [net.weights_needed(6) for net in NETWORKS] == [6, 7, 18, 24, 6, 6, 6, 39, 41, 46, 13]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("hidden", lambda: committee(0)),
        ("hidden", lambda: committee(2.0)),  # type: ignore[arg-type]
        ("hidden", lambda: multilayer(())),
        ("hidden", lambda: multilayer((3, -1))),
        ("hidden", lambda: FeedForward("none", (), tree=True)),
        ("activation", lambda: committee(2, activation="relu")),  # type: ignore[arg-type]
        ("biases", lambda: multilayer((2,), biases=1)),  # type: ignore[arg-type]
        ("n_inputs", lambda: committee(4, tree=True).weights_needed(6)),
        ("n_inputs", lambda: perceptron().weights_needed(0)),
        ("weights", lambda: perceptron().fields([[1.0]], [[1.0, 2.0]])),
        ("weights", lambda: perceptron().fields([[np.nan]], [[1.0]])),
        ("inputs", lambda: perceptron().fields([[1.0]], [[np.inf]])),
        ("inputs", lambda: perceptron().fields([[1.0]], [])),
        ("weights, inputs", lambda: perceptron().fields([1.0], [[1.0]])),
        ("weights, inputs", lambda: perceptron().fields([[1.0, 2.0]], [[[1.0, 2.0, 3.0]]])),
        ("amplitudes", lambda: perceptron().pull([[1.0]], [[1.0]], [[1.0, 2.0]])),
    ],
)
def test_bad_input(field: str, wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(sz.InputError) as raised:
        wrong()
    assert raised.value.field == field
