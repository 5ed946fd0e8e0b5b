"""Reaction networks: propensities molecule by molecule, Poisson laws, chemostats that drive, what limits cut off."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, perm
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import binom, poisson

from szilard.errors import InputError
from szilard.systems import Reaction, ReactionNetwork, dimerisation, networks
from tests.systems.books import assert_local_balance, assert_stationary, of_channel, stationary

CYCLE = [
    Reaction("A <-> B", 2.0, 0.7, name="one"),
    Reaction("B + F <-> C", 0.5, 1.1, name="two"),
    Reaction("C <-> A + W", 3.0, 0.2, name="three"),
]


def propensity(k: float, counts: dict[str, int], side: dict[str, int], volume: float) -> float:
    """k V prod n (n - 1) ... / V^nu, molecule by molecule."""
    value = k * volume
    for name, nu in side.items():
        value *= perm(counts[name], nu) / volume**nu
    return value


def test_rates_are_mass_action_molecule_by_molecule() -> None:
    volume = 2.5
    reactions = [Reaction("2 A <-> B", 1.3, 0.4), Reaction("A + B <-> 3 A", 0.2, 0.9), Reaction("0 <-> B", 3.0, 0.6)]
    network = ReactionNetwork(reactions, limits={"A": 5, "B": 3}, volume=volume, temperature=0.7)
    assert_local_balance(network.process)
    state = {tuple(n): x for x, n in enumerate(network.states.tolist())}
    assert len(state) == 24
    leaving = np.zeros(24)
    for r, reaction in enumerate(reactions):
        wanted = np.zeros((24, 24))
        change = {name: reaction.products.get(name, 0) - reaction.reactants.get(name, 0) for name in "AB"}
        for n, x in state.items():
            counts = dict(zip("AB", n, strict=True))
            for sign, k, side in (
                (1, reaction.forward, reaction.reactants),
                (-1, reaction.backward, reaction.products),
            ):
                rate = propensity(k, counts, dict(side), volume)
                target = tuple(counts[name] + sign * change[name] for name in "AB")
                if target in state:
                    wanted[state[target], x] = rate
                elif rate > 0:
                    assert max(target[0] - 5, target[1] - 3) > 0
                    leaving[x] += rate
        found = of_channel(network.process, r)
        np.testing.assert_allclose(found - np.diag(np.diag(found)), wanted, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(network.leaving, leaving, rtol=1e-12)


def test_each_reaction_is_given_one_drive_and_a_cycle_its_affinity() -> None:
    """Around A -> B -> C -> A the chemostats give T ln(k1 k2 F k3 / k-1 k-2 k-3 W)."""
    warm = 0.6
    network = ReactionNetwork(CYCLE, limits=3, start={"A": 3}, concentrations={"F": 4.0, "W": 0.5}, temperature=warm)
    drives = [float(np.abs(c.drive.toarray()).max()) for c in network.process.channels]
    affinity = warm * np.log(2.0 * 0.5 * 4.0 * 3.0 / (0.7 * 1.1 * 0.2 * 0.5))
    assert sum(drives) == pytest.approx(affinity, rel=1e-12)
    np.testing.assert_allclose(drives, affinity / 3, rtol=1e-12)
    assert network.species == ("A", "B", "C")
    assert len(network.states) == 10
    np.testing.assert_array_equal(network.states.sum(axis=1), 3)


def test_molecules_on_their_own_are_multinomial() -> None:
    """Three independent molecules on the driven cycle: their joint law is a product of one molecule's."""
    held = {"F": 4.0, "W": 0.5}
    many = ReactionNetwork(CYCLE, limits=3, start={"A": 3}, concentrations=held)
    one = np.array([[0.0, 0.7, 3.0], [2.0, 0.0, 1.1], [0.2 * 0.5, 0.5 * 4.0, 0.0]])
    p = stationary(one - np.diag(one.sum(axis=0)))
    joint = [float(6 / np.prod([factorial(int(c)) for c in n]) * np.prod(p**n)) for n in many.states]
    assert_stationary(many.process, joint)
    assert sum(joint) == pytest.approx(1.0, rel=1e-14)
    moments = many.moments({"A": 3}, [0.0, 0.3, 50.0])
    one_t = expm((one - np.diag(one.sum(axis=0))) * 0.3)[:, 0]
    np.testing.assert_allclose(moments.mean[1], 3 * one_t, rtol=1e-12)
    np.testing.assert_allclose(moments.sd[1], np.sqrt(3 * one_t * (1 - one_t)), rtol=1e-12)
    np.testing.assert_allclose(moments.mean[2], 3 * p, rtol=1e-11)
    np.testing.assert_array_equal(moments.mean[0], [3, 0, 0])
    np.testing.assert_array_equal(moments.lost, 0.0)


def test_constants_in_detailed_balance_leave_no_drive_and_a_poisson_law() -> None:
    """Wegscheider holds for concentrations 1.5 and 0.4: p is Poisson with means 1.5 V and 0.4 V."""
    a, b, volume = 1.5, 0.4, 3.0
    reactions = [
        Reaction("0 <-> A", 2.0 * a, 2.0),
        Reaction("2 A <-> B", 0.3 * b, 0.3 * a**2),
        Reaction("A + B <-> 2 B", 0.7 * b, 0.7 * a),
    ]
    network = ReactionNetwork(reactions, limits={"A": 12, "B": 9}, volume=volume, temperature=0.4)
    assert not network.process.driven
    law = poisson.pmf(network.states[:, 0], a * volume) * poisson.pmf(network.states[:, 1], b * volume)
    assert_stationary(network.process, law)
    np.testing.assert_allclose(network.process.energies(), -0.4 * np.log(law / law[0]), atol=1e-12)


def test_schloegl_two_ways_between_the_same_copy_numbers() -> None:
    """A + 2 X <-> 3 X and B <-> X: detailed balance of the sum, yet driven; p by the product formula."""
    volume, a, b = 5.0, 1.2, 0.3
    reactions = [Reaction("A + 2 X <-> 3 X", 3.0, 0.6), Reaction("B <-> X", 0.25, 2.95)]
    network = ReactionNetwork(reactions, limits=60, concentrations={"A": a, "B": b}, volume=volume)
    assert_local_balance(network.process)
    assert network.process.driven
    x = np.arange(60.0)
    up = 3.0 * a * x * (x - 1) / volume + 0.25 * b * volume
    down = 0.6 * (x + 1) * x * (x - 1) / volume**2 + 2.95 * (x + 1)
    p = np.cumprod(np.concatenate([[1.0], up / down]))
    p /= p.sum()
    assert_stationary(network.process, p)
    e, energy = network.process.edges, network.process.energies()
    sigma = float((network.process.jump_rates(energy) * p[e.source]) @ network.process.jump_heat(energy))
    flux = float(np.sum(0.25 * b * volume * p[:-1] - 2.95 * (x + 1) * p[1:]))
    affinity = np.log(3.0 * a * 2.95 / (0.6 * 0.25 * b))
    assert sigma == pytest.approx(-flux * affinity, rel=1e-11)
    assert sigma > 0


@pytest.mark.parametrize("limit", [12, 20, 40])
def test_lost_bounds_what_the_limit_spoils(limit: int) -> None:
    """Immigration and death, exactly Poisson without the limit."""
    k, d, times = 4.0, 0.5, np.array([0.0, 0.5, 2.0, 6.0])
    network = ReactionNetwork([Reaction("0 <-> A", k, d)], limits=limit)
    moments = network.moments({}, times)
    mean = k / d * (1 - np.exp(-d * times))
    L = network.process.generator().toarray()
    for i, t in enumerate(times):
        p = expm(L * t)[:, 0]
        true = poisson.pmf(np.arange(limit + 1), mean[i])
        distance = 0.5 * (np.abs(p - true).sum() + poisson.sf(limit, mean[i]))
        # the integral of leaving . p by Simpson's rule on the dense exponential
        step, now, inside = expm(L * t / 200), np.eye(limit + 1)[0], []
        for _ in range(201):
            inside.append(k * now[limit])
            now = step @ now
        weights = np.ones(201)
        weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
        lost = float(weights @ inside) * t / 600
        assert moments.lost[i] == pytest.approx(lost, rel=1e-5, abs=1e-13)
        assert distance <= moments.lost[i] + 1e-13
        np.testing.assert_allclose(moments.mean[i], p @ np.arange(limit + 1), rtol=1e-12, atol=1e-14)
    if limit == 40:
        np.testing.assert_allclose(moments.mean[:, 0], mean, rtol=1e-12)
        np.testing.assert_allclose(moments.sd[:, 0], np.sqrt(mean), rtol=1e-11)
        assert moments.lost[-1] < 1e-11


def test_moments_start_from_probabilities_and_say_what_they_are() -> None:
    network = ReactionNetwork([Reaction("A <-> B", 2.0, 1.0)], limits=4, start={"A": 4})
    p0 = binom.pmf(network.states[:, 1], 4, 0.3)
    moments = network.moments(p0, 0.7)
    share = 2 / 3 + (0.3 - 2 / 3) * np.exp(-3 * 0.7)
    np.testing.assert_allclose(moments.mean[0], [4 * (1 - share), 4 * share], rtol=1e-13)
    np.testing.assert_allclose(moments.sd[0], np.sqrt(4 * share * (1 - share)), rtol=1e-13)
    assert repr(moments).startswith("Moments at 1 times; at 0.7: A = ")
    assert network.index({"B": 4}) == int(np.flatnonzero(network.states[:, 1] == 4)[0])


@pytest.mark.parametrize("monomers", [2, 7, 30])
def test_dimers_in_equilibrium(monomers: int) -> None:
    """p ~ (unbinding V / binding)^{n_A/2} / (n_A! n_B!)."""
    network = dimerisation(0.8, 1.7, monomers, volume=2.0, temperature=0.5)
    assert len(network.states) == monomers // 2 + 1
    assert not network.process.driven
    assert not np.any(network.leaving)
    free, bound = network.states.T
    law = np.array(
        [(1.7 * 2.0 / 0.8) ** (a / 2) / (factorial(a) * factorial(b)) for a, b in zip(free, bound, strict=True)]
    )
    law /= law.sum()
    np.testing.assert_allclose(stationary(network.process.generator().toarray()), law, rtol=1e-10)
    assert_local_balance(network.process)


def test_too_many_states_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "MOST_STATES", 5)
    assert len(network(limits=10, start={"A": 4}).states) == 5
    with pytest.raises(InputError, match="6 states"):
        network(limits=10, start={"A": 5})


def test_a_large_network_is_made_quickly_and_conserves_probability() -> None:
    network = ReactionNetwork(
        [Reaction("0 <-> A", 20.0, 1.0), Reaction("A + B <-> 2 B", 0.1, 0.01), Reaction("B <-> 0", 1.0, 0.1)],
        limits=150,
    )
    assert len(network.states) == 151**2
    L = network.process.generator()
    np.testing.assert_allclose(np.asarray(L.sum(axis=0)).ravel(), 0.0, atol=1e-11)


ONE = Reaction("A <-> B", 1.0, 2.0)


def network(**changes: Any) -> ReactionNetwork:
    given: dict[str, Any] = {"reactions": [ONE], "limits": 3}
    return ReactionNetwork(**(given | changes))


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("reactions", lambda: network(reactions=[])),
        ("reactions", lambda: network(reactions=["A <-> B"])),
        ("reactions", lambda: network(reactions=[Reaction("A <-> A", 1.0, 2.0)])),
        ("reactions", lambda: network(concentrations={"A": 1.0, "B": 2.0})),
        ("channels", lambda: network(reactions=[ONE, ONE])),
        ("limits['A']", lambda: network(limits=-1)),
        ("limits['B']", lambda: network(limits={"A": 3})),
        ("limits", lambda: network(limits={"A": 3, "B": 3, "C": 3})),
        ("limits", lambda: network(limits=10**6)),
        ("limits", lambda: network(limits=5000)),
        ("start", lambda: network(start=3)),
        ("start", lambda: network(start={"X": 3})),
        ("start['A']", lambda: network(start={"A": 4})),
        ("concentrations", lambda: network(concentrations={"X": 1.0})),
        ("concentrations['A']", lambda: network(concentrations={"A": 0.0})),
        ("volume", lambda: network(volume=0.0)),
        ("temperature", lambda: network(temperature=-1.0)),
        ("counts", lambda: network(start={"A": 2}).index({"A": 3})),
        ("counts['A']", lambda: network().index({"A": 9})),
        ("times", lambda: network().moments({}, [1.0, 0.5])),
        ("times", lambda: network().moments({}, [])),
        ("times", lambda: network().moments({}, [-1.0])),
        ("initial", lambda: network().moments([0.5] * 16, [1.0])),
        ("initial", lambda: network().moments([0.5] * 3, [1.0])),
        ("monomers", lambda: dimerisation(1.0, 1.0, 1)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
