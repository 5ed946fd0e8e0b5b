"""Weights that know the label before the run: what they still know may exceed what the run costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...continuous import Gaussian, Mixture, simulate
from ...estimate import Sampled
from ...information import neighbour_entropy
from ...protocol import Protocol
from ...reporting.numbers import plus_minus
from ...systems.traps import moved_trap
from ...theory import additive_heat
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of

NAME = "prior knowledge"
ASSUMPTION = "the weights know nothing at the start: here they have learned the label before"
LAW = "I(w : label) <= DS(w) + Q/T"
REPAIRED = "I(w : label) - I_0 <= DS(w) + Q/T"
WORDS = "only what is gained counts, not what was known at the start"
FORGETTING = 0.0


def prior_knowledge(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""dw = mu (-k w + nu s(t) s_T) dt + sqrt(2 mu T) dB, with w at rest under nu s_T at the start.

    s goes from 1 to ``prior_kept`` along a straight line: the weight learns on, or forgets. In a second run the force
    goes off. I_t <= Delta S(w) + Q/T fails by I_0 = I(w_0 : s_T) less the dissipation, as
    Delta S(w) + Q/T = I_t - I_0 + Q/T for a Gaussian weight of constant width. Exact by quadrature, simulated by a trap
    that is moved from nu/k on.

    >>> [piece.coordinates["kept"] for piece in prior_knowledge(MatrixSettings(), 1.0).pieces]
    [1.6, 1.6, 0.0, 0.0]
    """
    values = list(_values(settings, time_step))
    pieces = tuple(Piece(v, partial(_work, v), _effort(v)) for v in values)
    return Breaker(NAME, ASSUMPTION, pieces, partial(_row, values))


def _values(s: MatrixSettings, time_step: float) -> Iterator[dict[str, Any]]:
    for share in dict.fromkeys((s.prior_kept, FORGETTING)):
        exact = {
            "breaker": NAME, "account": "exact", "push": s.prior_push, "kept": share, "ramp": s.unit * s.prior_ramp,
        } | s.medium  # fmt: skip
        yield exact
        yield exact | {"account": "simulated", "replicas": s.replicas, "dt": s.unit * s.dt * time_step}


def _effort(v: Mapping[str, Any]) -> float:
    return 1e-7 * v["replicas"] * v["ramp"] / v["dt"] if "replicas" in v else 0.1


def _work(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    return (_simulated(v, seed, threads) if "replicas" in v else _exact(v)).record()


def told_apart(mean: float, variance: float) -> Mixture:
    """N(mean, variance) or N(-mean, variance), at even odds: a weight whose label is not known."""
    return Mixture([0.5, 0.5], [Gaussian(mean, variance), Gaussian(-mean, variance)])


def _exact(v: Mapping[str, Any]) -> Account:
    T, k, rest = v["temperature"], v["stiffness"], v["push"] / v["stiffness"]
    moved = additive_heat(
        [0.0, v["ramp"]], [0.0, v["kept"] - 1.0], duration=v["ramp"], amplitude_squared=v["push"] ** 2, temperature=T,
        stiffness=k, mobility=v["mobility"],
    )  # fmt: skip
    before = told_apart(rest, T / k).information
    after = told_apart(rest * (1.0 + moved.response), T / k).information
    gained = after - before
    cost = gained + moved.dissipation
    return Account.exact(after, cost, gained, cost)


def _simulated(v: Mapping[str, Any], seed: int, threads: int | None) -> Account:
    T, k, replicas = v["temperature"], v["stiffness"], int(v["replicas"])
    rest = v["push"] / k
    run = simulate(
        moved_trap(k, mobility=v["mobility"], temperature=T), Gaussian(rest, T / k), v["ramp"], replicas=replicas,
        seed=seed, protocol=Protocol([0.0, v["ramp"]], [rest, v["kept"] * rest]), dt=v["dt"], entropy=False,
        threads=threads,
    )  # fmt: skip
    known = told_apart(rest, T / k)
    luck = 0.5 * k * (run.initial[:, 0] - rest) ** 2
    paid = Sampled.controlled(run.ledger.heat[:, 0], luck, 0.5 * T).scaled(1.0 / T)
    whole, told = weight_information(run.final, seed)
    cost = whole + Sampled.constant(-known.entropy, replicas) + paid
    return Account.sampled(told, cost, told + Sampled.constant(-known.information, replicas), cost)


def weight_information(right: NDArray[np.float64], seed: int) -> tuple[Sampled, Sampled]:
    r"""S(w) and I(w : s_T) = S(w) - S(s_T w) of weights s_T w (replica, 1) that all learned the label +1, in nats.

    Turning the label turns the weight: half of them, at random, are turned.

    >>> w = np.random.default_rng(1).normal(2.0, 1.0, size=(4000, 1))
    >>> abs(weight_information(w, 1)[1].value - 0.6327) < 0.05
    True
    """
    labels = np.random.default_rng(seed).choice([-1.0, 1.0], size=right.shape)
    whole = neighbour_entropy(labels * right)
    return whole, whole - neighbour_entropy(right)


def _row(values: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> Row:
    accounts = [account_of(record) for record in records]
    exact, seen = accounts[:2]
    checks, broken = [], []
    note = f"The weight knew {exact.information.value - exact.smaller.value:.4g} nat at the start"
    if len(accounts) > 2:
        gone = Row(f"{NAME}, force off", ASSUMPTION, LAW, REPAIRED, WORDS, accounts[2], accounts[3])
        checks, broken = [*gone.mended(), *gone.agreement()], list(gone.naive())
        note += (
            f"; with its force off it still knows {plus_minus(gone.simulated.information)} nat at a cost of "
            f"{plus_minus(gone.simulated.cost)} nat"
        )
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, exact, seen, tuple(checks), tuple(broken), f"{note}.")
