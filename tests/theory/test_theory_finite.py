"""The Hebbian neuron of finite size, against all 2^P mixtures and the infinite one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import comb, erf, inf, isnan, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from szilard.errors import InputError
from szilard.theory import hebbian, hebbian_finite, single_synapse

Array = NDArray[np.float64]


def patterns(kind: str, p: int, n: int, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    xi = rng.choice([-1.0, 1.0], (p, n)) if kind == "binary" else rng.normal(size=(p, n))
    return np.asarray(xi * np.sqrt(n / np.sum(xi**2, axis=1, keepdims=True)))


def all_labels(p: int) -> Array:
    return np.array(list(product([-1.0, 1.0], repeat=p)))


def enumerated_entropy(xi: Array, amplitude: float) -> Array:
    """h of the explicit mixture of one weight less h of a unit Gaussian, in thermal widths."""
    p, n = xi.shape
    result = []
    for column in xi.T:
        means = amplitude * all_labels(p) @ column / sqrt(n)
        x = np.arange(means.min() - 11, means.max() + 11, 0.02)
        density = np.zeros_like(x)
        for m in means:
            density += np.exp(-((x - m) ** 2) / 2) / sqrt(2 * pi) / means.size
        logs = np.log(np.where(density > 0, density, 1.0))
        result.append(-0.02 * float(density @ logs) - 0.5 * (1 + log(2 * pi)))
    return np.array(result)


def enumerated_contrast(xi: Array, amplitude: float, kt: float, readout: str) -> Array:
    """2 p - 1 of every pattern, averaged over all label assignments."""
    p, n = xi.shape
    overlaps, labels = xi @ xi.T / n, all_labels(p)
    z = 5e-3 * np.arange(-2200, 2201)
    weight = np.exp(-z * z / 2) / sqrt(2 * pi) * 5e-3
    result = []
    for mu in range(p):
        means = amplitude * (labels * labels[:, [mu]]) @ overlaps[mu]
        width = sqrt(overlaps[mu, mu])
        if readout == "sign":
            result.append(float(np.mean([erf(m / width / sqrt(2)) for m in means])))
        else:
            fields = (means[:, None] + width * z) / sqrt(kt)
            result.append(float(np.mean(np.tanh(fields / 2) @ weight)))
    return np.array(result)


@pytest.mark.parametrize("kind", ["binary", "normal"])
@pytest.mark.parametrize(("p", "n"), [(1, 1), (1, 3), (2, 4), (5, 3), (7, 4)])
@pytest.mark.parametrize(
    ("nu", "warm", "k"),
    [(0.01, 1.0, 1.0), (1.0, 1.0, 1.0), (2.0, 0.5, 1.7), (25.0, 1.0, 1.0), (3.0, 60.0, 2.0)],
)
def test_against_enumeration(kind: str, p: int, n: int, nu: float, warm: float, k: float) -> None:
    xi = patterns(kind, p, n)
    amplitude = nu / sqrt(k * warm)
    entropy = enumerated_entropy(xi, amplitude)
    for readout in ("thermal", "sign"):
        found = hebbian_finite(xi, nu, 1.0, readout, temperature=warm, stiffness=k, mobility=0.4)
        assert np.max(np.abs(found.entropy - entropy)) < 1e-11
        contrast = enumerated_contrast(xi, amplitude, k * warm, readout)
        assert np.max(np.abs(2 * found.correct - 1 - contrast)) < 1e-12


def test_cold_readout_tends_to_the_sign() -> None:
    xi = patterns("normal", 6, 4)
    cold = hebbian_finite(xi, 1.3 * 1e-3, temperature=1e-6)
    sign = hebbian_finite(xi, 1.3 * 1e-3, readout="sign", temperature=1e-6)
    assert np.max(np.abs(cold.information - sign.information)) < 1e-5
    assert cold.information == pytest.approx(sign.information, rel=1e-4)


def test_heat_is_the_mean_over_all_labels() -> None:
    xi = patterns("normal", 4, 3) * 1.3
    nu, tau, k, mu, warm = 0.9, 0.8, 1.4, 0.6, 0.7
    found = hebbian_finite(xi, nu, tau, stiffness=k, mobility=mu, temperature=warm)
    fields = all_labels(4) @ xi / sqrt(3)
    x = mu * k * tau
    heat = nu**2 / k * np.mean(fields**2, axis=0) * (np.exp(-x) + x - 1) / x**2
    assert found.heat == pytest.approx(heat, rel=1e-12)
    assert found.dissipation == pytest.approx(heat / warm, rel=1e-12)
    assert found.work == pytest.approx(heat - nu**2 / (2 * k) * np.mean(fields**2, axis=0), rel=1e-12)
    assert found.cost == pytest.approx(np.sum(found.entropy) + np.sum(heat) / warm, rel=1e-12)
    assert found.efficiency_marginal == pytest.approx(np.sum(found.information) / found.cost, rel=1e-14)


@pytest.mark.parametrize("nu", [1e-6, 1e-3, 0.3, 2.0, 8.0, 40.0])
def test_one_synapse(nu: float) -> None:
    for readout in ("thermal", "sign"):
        one = single_synapse(nu, 2.0, readout=readout, duration=1.3)
        for sign in (1.0, -1.0):
            many = hebbian_finite([[sign]], nu, 2.0, readout, duration=1.3)
            assert many.entropy[0] == pytest.approx(one.entropy, rel=1e-11)
            assert many.information[0] == pytest.approx(one.information, rel=1e-11)
            assert many.heat[0] == pytest.approx(one.heat, rel=1e-13)
            assert many.work[0] == pytest.approx(one.work, rel=1e-13)
            assert many.efficiency_marginal == pytest.approx(one.efficiency, rel=1e-11)


def test_orthogonal_patterns_do_not_interfere() -> None:
    xi = np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    found = hebbian_finite(xi, 1.7)
    assert found.information == pytest.approx(single_synapse(1.7, inf).information, rel=1e-12)


def test_orthogonal_patterns_at_full_load_beat_random_ones() -> None:
    n = 64
    i = np.arange(n)
    xi = np.array([[(-1.0) ** bin(a & b).count("1") for b in i] for a in i])
    best = {}
    for readout in ("thermal", "sign"):
        best[readout] = max(
            hebbian_finite(xi, nu, readout=readout).efficiency_marginal for nu in np.geomspace(0.5, 4.0, 25)
        )
    assert best["thermal"] == pytest.approx(0.399, abs=2e-3)
    assert best["sign"] == pytest.approx(0.760, abs=2e-3)


@pytest.mark.parametrize("readout", ["thermal", "sign"])
@pytest.mark.parametrize(("nu", "alpha"), [(0.5, 0.5), (1.0, 1.0), (3.0, 0.5)])
def test_large_neurons_tend_to_the_infinite_one(nu: float, alpha: float, readout: Any) -> None:
    limit = hebbian(nu, alpha, 4.0, readout)
    gaps = []
    for n in (50, 400):
        found = hebbian_finite(patterns("binary", round(alpha * n), n, seed=n), nu, 4.0, readout)
        assert found.heat == pytest.approx(limit.heat, rel=1e-12)
        gaps.append(abs(float(np.mean(found.information)) / limit.information - 1))
        assert float(np.mean(found.entropy)) == pytest.approx(limit.entropy, rel=5.0 / n)
    assert gaps[1] < 2e-2
    assert gaps[0] < 0.2


def test_lattice_of_equal_inputs_revives_the_transform() -> None:
    """One strong weight shared by many patterns: peaks at spacing 2 c, binomial weights."""
    p, c = 30, 3.0
    found = hebbian_finite(np.ones((p, 1)), c).entropy[0]
    j = np.arange(p + 1)
    weights = np.array([comb(p, i) / 2.0**p for i in range(p + 1)])
    means = c * (2 * j - p)
    x = np.arange(-c * p - 11, c * p + 11, 0.02)
    density = np.exp(-((x[:, None] - means) ** 2) / 2) @ weights / sqrt(2 * pi)
    entropy = -0.02 * float(density @ np.log(np.where(density > 0, density, 1.0)))
    assert found == pytest.approx(entropy - 0.5 * (1 + log(2 * pi)), abs=1e-11)


@given(
    seed=st.integers(0, 1000),
    p=st.integers(1, 6),
    n=st.integers(1, 6),
    nu=st.floats(1e-3, 20.0),
    tau=st.one_of(st.just(0.0), st.floats(1e-3, 1e3), st.just(inf)),
    warm=st.floats(0.05, 20.0),
    readout=st.sampled_from(["thermal", "sign"]),
)
@settings(max_examples=100)
def test_laws_and_symmetries(seed: int, p: int, n: int, nu: float, tau: float, warm: float, readout: Any) -> None:
    rng = np.random.default_rng(seed)
    xi = rng.normal(size=(p, n))
    found = hebbian_finite(xi, nu, tau, readout, temperature=warm)
    assert np.all(found.information >= 0) and np.all(found.information <= log(2) + 1e-14)
    assert np.all(found.correct >= 0.5 - 1e-14) and np.all(found.correct <= 1.0)
    variance = nu**2 / warm * np.sum(xi**2, axis=0) / n
    assert np.all(found.entropy <= 0.5 * np.log1p(variance) + 1e-13)  # a Gaussian has the most
    assert np.all(found.entropy >= 0) and np.all(found.entropy <= p * log(2) + 1e-12)
    assert np.sum(found.information) <= found.cost * (1 + 1e-10)
    rows, columns = rng.permutation(p), rng.permutation(n)
    flips = rng.choice([-1.0, 1.0], p)
    other = hebbian_finite((flips[:, None] * xi)[rows][:, columns], nu, tau, readout, temperature=warm)
    assert other.entropy == pytest.approx(found.entropy[columns], rel=1e-9, abs=1e-13)
    assert other.information == pytest.approx(found.information[rows], rel=1e-9, abs=1e-13)
    scaled = hebbian_finite(2 * xi, nu / 2, tau, readout, temperature=warm)
    assert scaled.entropy == pytest.approx(found.entropy, rel=1e-12)
    assert scaled.heat == pytest.approx(found.heat, rel=1e-12)


def test_dimensional_analysis() -> None:
    xi = patterns("normal", 5, 4)
    one = hebbian_finite(xi, 1.5, 2.0, temperature=0.6, duration=3.0)
    k, mu = 2.5, 0.3
    two = hebbian_finite(
        xi, 1.5, 2.0 / (mu * k), temperature=0.6 / k, stiffness=k, mobility=mu, duration=3.0 / (mu * k)
    )
    assert two.entropy == pytest.approx(one.entropy, rel=1e-11)
    assert two.information == pytest.approx(one.information, rel=1e-11)
    assert two.dissipation == pytest.approx(one.dissipation, rel=1e-11)
    assert k * two.work == pytest.approx(one.work, rel=1e-11)


def test_silent_patterns_and_weights() -> None:
    found = hebbian_finite([[1.0, 0.0], [0.0, 0.0]], 1.0)
    assert found.information[1] == 0.0
    assert found.correct[1] == 0.5
    assert found.entropy[1] == 0.0
    assert found.heat[1] == 0.0
    idle = hebbian_finite([[1.0, -1.0]], 0.0)
    assert idle.cost == 0.0
    assert isnan(idle.efficiency_marginal)
    assert np.all(idle.correct == 0.5)


NAN = float("nan")


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("inputs", lambda: hebbian_finite([1.0, 2.0], 1.0)),
        ("inputs", lambda: hebbian_finite(np.zeros((0, 3)), 1.0)),
        ("inputs", lambda: hebbian_finite([[NAN]], 1.0)),
        ("inputs", lambda: hebbian_finite([[inf]], 1.0)),
        ("inputs", lambda: hebbian_finite([["a"]], 1.0)),
        ("inputs", lambda: hebbian_finite([[1.0], [1.0, 2.0]], 1.0)),
        ("nu", lambda: hebbian_finite([[1.0]], NAN)),
        ("nu", lambda: hebbian_finite([[1.0]], -1.0)),
        ("nu", lambda: hebbian_finite([[1.0]], 1e9)),
        ("tau", lambda: hebbian_finite([[1.0]], 1.0, -1.0)),
        ("readout", lambda: hebbian_finite([[1.0]], 1.0, 1.0, "loud")),  # type: ignore[arg-type]
        ("temperature", lambda: hebbian_finite([[1.0]], 1.0, temperature=0.0)),
        ("duration", lambda: hebbian_finite([[1.0]], 1.0, duration=1.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
