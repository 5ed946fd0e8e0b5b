"""Heat without entropy: learning may cost none, and the bill comes when the weight is reset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit

from ...check import BoundCheck
from ...continuous import Gaussian, Langevin, energetics, simulate
from ...estimate import Estimate, Sampled
from ...information import learned_information
from ...protocol import Protocol
from ...reporting.numbers import plus_minus
from ...systems.traps import moved_trap
from ...theory import single_synapse
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of, estimate_of, found_again, kept, refuse_strong
from .breaks_prior import told_apart, weight_information

NAME = "heat alone"
ASSUMPTION = "heat and entropy are counted: here heat alone"
LAW = "I(label : answer) <= Q/T"
REPAIRED = "I(w : label) <= (Q + Q_reset)/T, over learning and a reset that does not know the label"
WORDS = "the heat is due when the weight is brought back to its start"
SLOWER = 10.0
"""How much slower the slow reset is."""
SETTLING = 10.0
"""How long the weight is left alone after the reset, in relaxation times: variances come to rest as e^{-2t}."""
STRONGEST = {"heat_push": 5.0}
"""In units of sqrt(k T): beyond, the wells of the blind potential are too far apart to be filled evenly again."""
STRONG, SLOW = 8.0, 1e5
"""Push and ramp of an example with T = k = mu = 1."""


def heat_alone(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""I <= Q/T fails: slow learning gives off no heat, and Delta S(w) = I(w : s_T) is the price on credit.

    A force nu s_T is ramped up in ``heat_ramp``. Then a potential that does not know the label takes its place and goes
    back to the trap in ``heat_reset``, lambda from 0 to 1:

        U(w, lambda) = k w^2/2 - (1 - lambda) T ln cosh(m k w/T),

    whose equilibrium at lambda = 0 is the density of the weight, N(+-m, T/k) at even odds. Over the cycle
    Delta S(w) = 0, as the weight is left to rest at the end, and Q + Q_reset >= T I(w : s_T), attained slowly; the
    force simply switched off costs m^2 k/2.
    Exact by quadrature and on a lattice; both stages simulated with the same replicas. Raises InputError for a force
    too strong for the lattice.

    >>> [piece.coordinates["account"] for piece in heat_alone(MatrixSettings(), 1.0).pieces]
    ['exact', 'slow', 'simulated']
    """
    refuse_strong(settings, STRONGEST)
    s = settings
    exact = {
        "breaker": NAME, "account": "exact", "push": s.heat_push, "ramp": s.unit * s.heat_ramp,
        "reset": s.unit * s.heat_reset,
    } | s.medium  # fmt: skip
    slow = exact | {"account": "slow", "reset": SLOWER * s.unit * s.heat_reset}
    sampled = exact | {"account": "simulated", "replicas": s.replicas, "dt": s.unit * s.dt * time_step}
    steps = (s.heat_ramp + s.heat_reset + SETTLING) / s.dt
    pieces = (
        Piece(exact, partial(_exact, exact), 1.0),
        Piece(slow, partial(_exact, slow), 1.5),
        Piece(sampled, partial(_simulated, sampled), 1e-7 * s.replicas * steps),
    )
    return Breaker(NAME, ASSUMPTION, pieces, _row)


def _energy(w: tuple[float, ...], control: float, parameters: tuple[float, ...]) -> float:
    k, push, T = parameters
    x = abs(push * w[0] / T)
    return 0.5 * k * w[0] * w[0] - (1.0 - control) * T * (x + math.log1p(math.exp(-2.0 * x)) - math.log(2.0))


def _slope(w: tuple[float, ...], control: float, parameters: tuple[float, ...]) -> float:
    k, push, T = parameters
    return k * w[0] - (1.0 - control) * push * math.tanh(push * w[0] / T)


def blind_potential(v: Mapping[str, Any], mean: float) -> Langevin:
    r"""U(w, lambda) = k w^2/2 - (1 - lambda) T ln cosh(m k w/T): at lambda = 0 at rest in N(+-m, T/k).

    >>> at = blind_potential({"stiffness": 2.0, "temperature": 0.5, "mobility": 1.0}, 1.0)
    >>> at.forces(np.array([[0.3]]), control=1.0)
    array([[-0.6]])
    """

    k, T = v["stiffness"], v["temperature"]
    return Langevin(
        potential=_energy, gradient=_slope, dim=1, mobility=v["mobility"], temperature=T, compiled=True,
        parameters=(k, k * mean, T), name="blind reset",
    )  # fmt: skip


def mean_after(v: Mapping[str, Any]) -> float:
    """<w s_T> at the end of the ramp: (nu/k) [1 - (1 - e^{-x})/x], x = mu k ramp."""
    x = v["mobility"] * v["stiffness"] * v["ramp"]
    return float(v["push"] / v["stiffness"] * (1.0 + np.expm1(-x) / x))


def lowered_in(v: Mapping[str, Any]) -> Protocol:
    """lambda from 0 to 1 in ``reset``, then held until the weight is at rest and the cycle is closed."""
    end = v["reset"] + SETTLING / (v["mobility"] * v["stiffness"])
    return Protocol([0.0, v["reset"], end], [0.0, 1.0, 1.0])


def _exact(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    T, k, m = v["temperature"], v["stiffness"], mean_after(v)
    learnt = single_synapse(
        v["push"], v["ramp"], duration=v["ramp"], temperature=T, stiffness=k, mobility=v["mobility"]
    )
    state = told_apart(m, T / k)
    lowered = lowered_in(v)
    back = energetics(blind_potential(v, m), state, lowered.duration, lowered)
    reset = float(back.heat[0]) / T
    account = Account.exact(learnt.information, learnt.dissipation, learnt.entropy, learnt.dissipation + reset)
    sudden = 0.5 * k * m * m / T
    return {
        **account.record(),
        "reset": [reset, back.error / T],
        "sudden": [sudden, state.relative_entropy(Gaussian(0.0, T / k))],
    }


def _simulated(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    T, k, mu, m = v["temperature"], v["stiffness"], v["mobility"], mean_after(v)
    common = {"replicas": v["replicas"], "seed": seed, "dt": v["dt"], "entropy": False, "threads": threads}
    raised = Protocol([0.0, v["ramp"]], [0.0, v["push"] / k])
    learning = simulate(moved_trap(k, mobility=mu, temperature=T), "equilibrium", v["ramp"], protocol=raised, **common)
    lowered = lowered_in(v)
    reset = simulate(blind_potential(v, m), learning.final, lowered.duration, protocol=lowered, cell="reset", **common)
    right = learning.final
    _, told = weight_information(right, seed)
    luck = 0.5 * k * learning.initial[:, 0] ** 2
    spent = Sampled.controlled(learning.ledger.heat[:, 0], luck, 0.5 * T).scaled(1.0 / T)
    back = Sampled.mean(reset.ledger.heat[:, 0] / T)
    account = Account.sampled(learned_information(expit(right / T)), spent, told, spent + back)
    return {**account.record(), "reset": kept(back.estimate())}


def _row(records: Sequence[Record]) -> Row:
    exact, seen = account_of(records[0]), account_of(records[2])
    reset, slow = (float(record["reset"][0]) for record in records[:2])
    sudden, produced = (float(x) for x in records[0]["sudden"])
    known, spent = exact.smaller.value, exact.cost.value
    strong = single_synapse(STRONG, SLOW)
    checks = (
        BoundCheck(
            f"{NAME}: {REPAIRED}, {SLOWER:g} times slower (exact)", exact.smaller, Estimate.exact(spent + slow)
        ),
        BoundCheck(
            f"{NAME}: {REPAIRED}, the force switched off (exact)", exact.smaller, Estimate.exact(spent + sudden)
        ),
        BoundCheck(f"{NAME}: I(w : label) <= Q_reset/T (exact)", exact.smaller, Estimate.exact(reset)),
        BoundCheck(f"{NAME}: I(w : label) <= Q_reset/T, slower (exact)", exact.smaller, Estimate.exact(slow)),
        BoundCheck(
            f"{NAME}: entropy production of a sudden reset = m^2 k/2T - I(w : label) (exact)",
            Estimate.exact(produced), Estimate.exact(sudden - known), relation="=",
        ),
        *found_again(f"{NAME}: Q_reset/T", estimate_of(records[2], "reset"), Estimate.exact(reset)),
    )  # fmt: skip
    broken = BoundCheck(
        f"{NAME}: {LAW}, push {STRONG:g} and ramp {SLOW:g} (exact)", Estimate.exact(strong.information),
        Estimate.exact(strong.heat), (ASSUMPTION,),
    )  # fmt: skip
    note = (
        f"The reset gives off {reset:.4g} T (simulated {plus_minus(estimate_of(records[2], 'reset'))} T), "
        f"{slow:.4g} T if {SLOWER:g} times slower, of which I(w : label) = {known:.4g} nat is the least."
    )
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, exact, seen, checks, (broken,), note)
