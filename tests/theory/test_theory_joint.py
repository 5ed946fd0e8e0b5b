"""All labels in Hebbian weights: reference values, the chain rule over labels, and enumeration of small neurons."""

from __future__ import annotations

from math import erf, inf, isnan, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad

import szilard as sz
from szilard.errors import InputError
from szilard.theory import additive_heat, hebbian, hebbian_finite, ramp_heat, single_synapse
from szilard.theory._channels import label_information
from szilard.theory.shared_channel import HebbianJoint, _folds, hebbian_joint
from szilard.theory.weight_chain import HebbianChain, hebbian_chain

Array = NDArray[np.float64]
LN2 = log(2.0)
UNIT = {  # nu = alpha = 1, keys C01 to C06 of the reference values; one_label is C03 of the physics notes, to 6 digits
    "marginal": 0.34657359027997264,
    "joint": 0.2875604927880029,
    "one_label": 0.241400,
    "matched_filter": 0.2013454715848052,
    "sign": 0.1423555232129844,
    "thermal": 0.06260760253237219,
}


def gauss(function: Any) -> float:
    """E function(z), z ~ N(0, 1), by adaptive quadrature."""
    return float(quad(lambda z: function(z) * np.exp(-z * z / 2) / sqrt(2 * pi), -12, 12, epsabs=1e-13, limit=400)[0])


def error_left(snr: float) -> float:
    return gauss(lambda z: 1 - np.tanh(snr + sqrt(snr) * z))


def capacity(snr: float) -> float:
    return snr - gauss(lambda z: np.logaddexp(y := snr + sqrt(snr) * z, -y) - LN2)


@pytest.mark.parametrize(("alpha", "joint"), [(0.5, 0.31162606869115345), (1.0, 0.287560492788003)])
def test_reference_values(alpha: float, joint: float) -> None:
    assert hebbian_joint(1.0, alpha).information == pytest.approx(joint, rel=1e-12)
    assert hebbian_joint(1.0, alpha).unique


def test_chain_at_unit_load() -> None:
    chain = hebbian_chain(1.0, 1.0)
    for name, value in UNIT.items():
        assert getattr(chain, name) == pytest.approx(value, abs=1e-6), name
    assert {name: round(100 * share, 1) for name, share in chain.shares().items()} == {
        "learned": 18.1,
        "dissipation": 0.0,
        "redundancy": 17.0,
        "interference": 13.3,
        "readout_loss": 51.6,
    }
    p = 0.5 * (1 + erf(0.5))  # P(Delta > 0) of Delta ~ N(1, 2)
    assert chain.sign == pytest.approx(LN2 + p * log(p) + (1 - p) * log(1 - p), rel=1e-12)


@pytest.mark.parametrize(
    ("signal", "alpha"), [(0.3, 0.2), (1.0, 1.0), (4.0, 3.0), (12.0, 0.5), (12.0, 2.0), (20.0, 4.0)]
)
def test_every_state_solves_the_equations_by_plain_quadrature(signal: float, alpha: float) -> None:
    found = hebbian_joint(sqrt(signal), alpha)
    for snr, value in zip(found.fixed_points, found.candidates, strict=True):
        assert snr == pytest.approx(signal / (1 + alpha * signal * error_left(snr)), rel=1e-9)
        e = snr / signal
        assert value == pytest.approx(capacity(snr) + (e - 1 - log(e)) / (2 * alpha), abs=1e-10)
    assert found.information == found.candidates.min()
    assert found.one_label == pytest.approx(capacity(found.snr), abs=1e-10)


def log_load(snr: Array, signal: float) -> Array:
    """ln alpha at which E is a fixed point, (1/E - 1/S)/(1 - m) = alpha."""
    z = 0.02 * np.arange(-500, 501)
    weight = 0.02 * np.exp(-z * z / 2) / sqrt(2 * pi)
    log_error = -snr / 2 + np.log((weight / np.cosh(np.sqrt(snr)[:, None] * z)).sum(axis=1))
    return np.asarray(np.log1p(-snr / signal) - np.log(snr) - log_error)


@pytest.mark.parametrize("signal", [0.5, 3.0, 6.5, 8.0, 12.0, 40.0])
def test_no_state_is_missed(signal: float) -> None:
    """At given S the load is a function of E; how often it takes the value alpha is counted on a fine grid."""
    loads = log_load(signal / (1 + np.exp(-np.linspace(-12, 12 + signal / 2, 4000))), signal)
    counts = set()
    for alpha in np.exp(np.linspace(-2.0, 4.0, 121) + 0.00123):
        above = loads > log(alpha)
        count = int(np.sum(above[1:] != above[:-1]))
        assert hebbian_joint(sqrt(signal), alpha).fixed_points.size == count
        counts.add(count)
    assert counts == ({1, 3} if signal > 6.67 else {1})


@pytest.mark.parametrize(("signal", "several"), [(6.6697, False), (6.6699, True)])
def test_where_the_transition_begins(signal: float, several: bool) -> None:
    loads = log_load(signal / (1 + np.exp(-np.linspace(-0.4, 0.2, 2000))), signal)
    assert bool(np.any(np.diff(loads) > 0)) is several
    assert len(_folds(signal)) == (2 if several else 0)


@pytest.mark.parametrize("signal", [1.0, 5.0, 12.0])
def test_information_grows_by_what_one_more_label_leaves(signal: float) -> None:
    """alpha I(alpha) = int_0^alpha C(E) d alpha': across the transition it holds for the state of least information."""

    def one(alpha: float) -> float:
        return hebbian_joint(sqrt(signal), alpha).one_label

    low, high = 1e-9, 3.5
    jump = high
    if signal > 8:  # the state changes where the candidates at the two ends are equal
        left, right = 2.0, 3.0
        for _ in range(50):
            middle = 0.5 * (left + right)
            found = hebbian_joint(sqrt(signal), middle)
            left, right = (middle, right) if found.snr > 3.0 else (left, middle)
        jump = left
        assert 2.0 < jump < 2.4
    total = quad(one, low, jump - 1e-9, epsabs=1e-9)[0]
    total += quad(one, jump + 1e-9, high, epsabs=1e-9)[0] if jump < high else 0.0
    assert high * hebbian_joint(sqrt(signal), high).information == pytest.approx(total, abs=2e-8)  # the gaps: 2e-9 wide


def test_two_states_and_the_one_that_is_taken() -> None:
    few, many = hebbian_joint(sqrt(12.0), 2.0), hebbian_joint(sqrt(12.0), 2.3)
    for found, where in ((few, "largest"), (many, "smallest")):
        assert not found.unique
        assert found.fixed_points.size == 3
        assert np.all(np.diff(found.fixed_points) > 0)
        assert found.candidates[1] == found.candidates.max()
        assert found.choice.startswith(f"the {where} E of 3")
        assert where in repr(found)
        assert "several states" in repr(hebbian_chain(sqrt(12.0), found.alpha))
    assert hebbian_joint(1.0, 1.0).choice == "the only state"


@pytest.mark.parametrize("nu", [1e-5, 0.3, 1.0, 3.0])
def test_limits(nu: float) -> None:
    few = hebbian_joint(nu, 1e-9)
    # d(alpha I)/d alpha = C(E), dC/dE = (1 - m)/2 and dE = -alpha S^2 (1 - m): I = C(S) - alpha S^2 (1 - m)^2/4
    first = 1e-9 * nu**4 * error_left(nu**2) ** 2 / 4
    assert few.information == pytest.approx(label_information(nu) - first, abs=1e-15 + 1e-12 * nu**2, rel=1e-12)
    many = hebbian_joint(nu, 1e8)
    # m = E + O(E^2) at E ~ 1/alpha: the labels act as Gaussians but for a relative 1/alpha
    assert 1e8 * many.information == pytest.approx(0.5 * np.log1p(1e8 * nu**2), rel=1e-7)
    weak = hebbian_joint(1e-6, 1.0)
    assert weak.information == pytest.approx(0.5e-12, rel=1e-9)


def test_nothing_is_learned_without_a_force() -> None:
    none = hebbian_chain(0.0, 0.7, tau=1.0)
    assert none.cost == none.joint == none.one_label == none.matched_filter == none.sign == none.thermal == 0.0
    assert all(isnan(share) for share in none.shares().values())


@given(
    signal=st.floats(1e-3, 40.0),
    alpha=st.floats(1e-2, 30.0),
    kt=st.floats(1e-2, 100.0),
    stiffness=st.floats(0.2, 5.0),
    tau=st.one_of(st.just(0.0), st.floats(1e-2, 1e3), st.just(inf)),
    readout=st.sampled_from(["thermal", "sign"]),
)
@settings(max_examples=80)
def test_the_chain_descends(signal: float, alpha: float, kt: float, stiffness: float, tau: float, readout: Any) -> None:
    nu = sqrt(signal * kt)
    chain = hebbian_chain(nu, alpha, tau=tau, readout=readout, temperature=kt / stiffness, stiffness=stiffness)
    levels = [chain.cost, chain.marginal, chain.joint, chain.one_label, chain.matched_filter, chain.sign, chain.thermal]
    assert np.all(np.diff(levels) <= 1e-12)
    assert sum(chain.shares().values()) == pytest.approx(1.0, rel=1e-12)
    books = hebbian(nu, alpha, tau, readout, temperature=kt / stiffness, stiffness=stiffness)
    assert chain.learned == books.information
    assert chain.cost == pytest.approx(books.cost / alpha, rel=1e-12)
    assert chain.shares()["learned"] == pytest.approx(books.efficiency, rel=1e-12)
    assert chain.one_label <= LN2 * (1 + 1e-12)


@pytest.mark.parametrize(("tau", "duration"), [(3.0, None), (2.0, 1.2), (0.5, 4.0)])
def test_finite_ramp(tau: float, duration: float | None) -> None:
    nu, alpha, warm, k, mu = 1.4, 0.6, 0.7, 1.5, 0.8
    chain = hebbian_chain(
        nu, alpha, tau=tau, duration=duration, temperature=warm, stiffness=k, mobility=mu, readout="sign"
    )
    end, pace = inf if duration is None else duration, mu * k
    heat = ramp_heat(nu**2, tau, end, stiffness=k, mobility=mu)
    assert chain.dissipation == pytest.approx(float(heat) / warm, rel=1e-12)
    rise = min(tau, end)
    y = (rise - (1 - np.exp(-pace * rise)) / pace) / tau
    if end > tau:
        y = 1 - (1 - y) * np.exp(-pace * (end - tau))
    signal = (nu * y) ** 2 / (k * warm)
    assert chain.joint == pytest.approx(hebbian_joint(sqrt(signal), alpha).information, rel=1e-10)
    assert chain.marginal == pytest.approx(np.log1p(alpha * signal) / (2 * alpha), rel=1e-10)
    assert chain.matched_filter == pytest.approx(capacity(signal / (1 + alpha * signal)), abs=1e-10)


def test_what_matters() -> None:
    one = hebbian_joint(2.0, 0.8)
    assert hebbian_joint(2.0 * sqrt(0.3 * 1.7), 0.8, temperature=0.3, stiffness=1.7).information == pytest.approx(
        one.information, rel=1e-12
    )
    assert hebbian_joint(4.0, 0.8, response=0.5).information == one.information
    cold, warm = (hebbian_chain(sqrt(t), 1.0, temperature=t) for t in (0.1, 1.0))
    assert cold.matched_filter == pytest.approx(warm.matched_filter, rel=1e-12)
    assert cold.thermal > 1.5 * warm.thermal  # the logistic noise T is small against the spread sqrt(T) of the weights


def test_one_label_is_one_synapse() -> None:
    assert hebbian_chain(1.7, 1e-12).one_label == pytest.approx(single_synapse(1.7, inf).entropy, rel=1e-11)


def all_signs(p: int) -> Array:
    return np.asarray(1.0 - 2.0 * ((np.arange(1 << p)[:, None] >> np.arange(p)) & 1), dtype=np.float64)


def doubt(p: NDArray[Any]) -> Array:
    """h(p) in nats."""
    p = np.clip(p, 1e-300, 1 - 1e-16)
    return np.asarray(-(p * np.log(p) + (1 - p) * np.log1p(-p)), dtype=np.float64)


def enumerated(rng: np.random.Generator, n: int, p: int, x: float, replicas: int, inputs: Array | None = None) -> Array:
    """One draw of inputs: nats per label of all labels, of one, and of its stability, by the posterior over 2^P."""
    xi = rng.choice([-1.0, 1.0], (p, n)) if inputs is None else inputs
    overlap, labels = xi @ xi.T / n, all_signs(p)
    truth = rng.choice([-1.0, 1.0], (replicas, p))
    weights = x / sqrt(n) * truth @ xi + rng.normal(size=(replicas, n))
    fields = weights @ xi.T / sqrt(n)
    posterior = x * fields @ labels.T - 0.5 * x * x * np.sum((labels @ overlap) * labels, axis=1)
    posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    joint = p * LN2 + np.mean(np.sum(posterior * np.log(np.maximum(posterior, 1e-300)), axis=1))
    one = LN2 - np.mean(doubt(posterior @ (labels > 0)))
    stability, rest = [], all_signs(p - 1)
    for mu in range(p):
        shift = x * rest @ np.delete(overlap[mu], mu)
        up, down = (np.exp(-0.5 * (fields[:, [mu]] - s * x - shift) ** 2).sum(axis=1) for s in (1.0, -1.0))
        stability.append(LN2 - np.mean(doubt(up / (up + down))))
    return np.array([joint / p, one, np.mean(stability)])


def extrapolated(alpha: float, sizes: list[int], draws: int, replicas: int, order: int) -> tuple[Array, Array]:
    """Fit of powers of 1/N up to ``order`` to the means over draws, weighted: value at 1/N = 0, standard error."""
    means, errors = [], []
    for n in sizes:
        rng = np.random.Generator(np.random.Philox(n))
        found = np.array([enumerated(rng, n, round(alpha * n), 1.0, replicas) for _ in range(draws)])
        means.append(found.mean(axis=0))
        errors.append(found.std(axis=0, ddof=1) / sqrt(draws))
    value, spread = np.empty(3), np.empty(3)
    for i in range(3):
        error = np.array(errors)[:, i]
        design = np.array([[(1.0 / n) ** j for j in range(order + 1)] for n in sizes]) / error[:, None]
        inverse = np.linalg.inv(design.T @ design)
        value[i] = (inverse @ design.T @ (np.array(means)[:, i] / error))[0]
        spread[i] = sqrt(inverse[0, 0])
    return value, spread


def assert_tends_to(chain: HebbianChain, value: Array, spread: Array, relative: float) -> None:
    for name, v, s in zip(("joint", "one_label", "matched_filter"), value, spread, strict=True):
        exact = getattr(chain, name)
        assert s < relative * exact, f"{name}: the error {s:.2g} is too large to mean something"
        assert abs(v - exact) < 4 * s, f"{name}: {v:.6f} +- {s:.6f} against {exact:.6f}"


@pytest.mark.parametrize(("alpha", "sizes"), [(0.5, [8, 12, 16]), (1.0, [4, 6, 8, 10])])
def test_small_neurons_tend_to_the_chain(alpha: float, sizes: list[int]) -> None:
    """What is beyond 1/N is below the error here; the soak test fits it too, with 8 times as many draws."""
    value, spread = extrapolated(alpha, sizes, 500, 50, 1)
    assert_tends_to(hebbian_chain(1.0, alpha), value, spread, 0.02)


@pytest.mark.parametrize("name", ["nu", "alpha", "temperature", "stiffness", "response"])
def test_bad_numbers_are_refused(name: str) -> None:
    for value in (float("nan"), -1.0, "1", inf):
        with pytest.raises(InputError, match=name):
            hebbian_joint(**{"nu": 1.0, "alpha": 1.0, name: value})  # type: ignore[arg-type]
    if name != "response":
        with pytest.raises(InputError, match=name):
            hebbian_chain(**{"nu": 1.0, "alpha": 1.0, name: -1.0})  # type: ignore[arg-type]


def test_other_bad_input_of_the_chain() -> None:
    with pytest.raises(InputError, match="readout"):
        hebbian_chain(1.0, 1.0, readout="loud")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="tau"):
        hebbian_chain(1.0, 1.0, tau=-1.0)
    with pytest.raises(InputError, match="duration"):
        hebbian_chain(1.0, 1.0, duration=1.0)
    with pytest.raises(InputError, match="nu"):
        hebbian_joint(1e200, 1.0)
    with pytest.raises(InputError, match="alpha"):
        hebbian_joint(1e10, 1e300)


def test_what_people_see() -> None:
    chain = hebbian_chain(1.0, 0.5, tau=2.0, readout="sign")
    assert "sign readout" in repr(chain)
    assert f"{chain.cost:.6f}</td>" in chain._repr_html_()
    assert isinstance(hebbian_joint(1.0, 0.5), HebbianJoint)
    assert hebbian_joint(1.0, 0.5)._repr_html_().startswith("<table><caption")
    assert "response 0.5" in repr(hebbian_joint(1.0, 0.5, response=0.5))
    ax = chain.plot()
    tops = [text.get_text() for text in ax.texts]
    levels = [chain.cost, chain.marginal, chain.joint, chain.one_label, chain.matched_filter, chain.sign]
    assert tops == [f"{level:#.3g}" for level in levels]
    assert len(hebbian_chain(1.0, 0.5).plot().texts) == 5


def test_a_trained_neuron_pays_what_enumeration_and_the_finite_neuron_say() -> None:
    """All five terms of one budget, N = P = 12, for the same inputs."""
    tau, end, dt, n = 4.0, 12.0, 0.1, 12
    task = sz.tasks.random_labels(n, n, seed=3)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=1.0, duration=end, dt=dt, schedule=sz.ramp(tau), replicas=8000, seed=4,
        readout="sign",
    )  # fmt: skip
    terms = sz.budget(run).terms()
    xi = np.asarray(task.inputs)
    response = float(1.0 - np.exp(-end) * np.expm1(tau) / tau)
    rng = np.random.Generator(np.random.Philox(5))
    blocks = n * np.array([enumerated(rng, n, n, response, 50, xi) for _ in range(60)])
    known = {"joint": blocks[:, 0], "interference": blocks[:, 0] - blocks[:, 1], "one": blocks[:, 1]}
    mean = {name: float(block.mean()) for name, block in known.items()}
    spread = {name: float(block.std(ddof=1)) / sqrt(len(blocks)) for name, block in known.items()}
    exact = hebbian_finite(xi, 1.0, tau, "sign", duration=end)
    heat = n * additive_heat([0.0, tau], [0.0, 1.0], duration=end, staircase=dt).heat
    told = float(exact.information.sum())
    expected = {
        "learned": (told, 0.0),
        "dissipation": (heat, 0.0),
        "redundancy": (float(exact.entropy.sum()) - mean["joint"], spread["joint"]),
        "interference": (mean["interference"], spread["interference"]),
        "readout": (mean["one"] - told, spread["one"]),
    }
    assert set(terms) == set(expected)
    for name, (value, doubt_of_it) in expected.items():
        error = float(np.hypot(terms[name].stderr, doubt_of_it))
        assert error < 0.03 * value, name
        assert abs(terms[name].value - value) < 4 * error, name
