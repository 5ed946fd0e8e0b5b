"""Labels that depend on each other: what is told of each does not add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import log
from typing import Any

import numpy as np
from scipy.special import expit

from ...check import BoundCheck
from ...estimate import Estimate, Sampled
from ...information import binary_entropy, learned_information
from ...learning.rules import hebbian
from ...learning.tasks import teacher_student
from ...learning.training import train
from ...protocol import ramp
from ...reporting.numbers import plus_minus
from ...theory.synapse import single_synapse
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of, estimate_of, kept
from .breaks_labelled import SETTLING, Values, stairs

NAME = "correlated labels"
ASSUMPTION = "the labels are independent: here a teacher gives all of them"
LAW = "sum_mu I(label : answer) <= DS(w) + Q/T"
REPAIRED = "I(w : all labels) <= DS(w) + Q/T"
WORDS = "what the weights know of all labels together, which is never more than the labels hold"
CEILING = "I(w : all labels) <= H(labels)"
ONE = "I(label : answer) of one pattern <= DS(w) + Q/T"


def correlated_labels(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""sigma^mu = sign(B xi^mu), xi^mu = (-1)^mu, B ~ N(0, 1): P labels of one weight, and one bit in all of them.

    A Hebbian force of size nu = ``labels_push``, dw = mu (-k w + nu sign(B) s) dt + noise, whatever P is. The sum of
    what the neuron tells of each label grows as P; Delta S(w) + Q/T does not, and I(w : labels) = I(w : sign B) is at
    most H(labels) = ln 2.

    Derived here.

    >>> len(correlated_labels(MatrixSettings(), 1.0).pieces)
    2
    """
    values = list(_values(settings, time_step))
    pieces = tuple(Piece(v, partial(_work, v), 1.0 if "replicas" in v else 0.1) for v in values)
    return Breaker(NAME, ASSUMPTION, pieces, partial(_conclude, settings.labels_patterns))


def _values(s: MatrixSettings, time_step: float) -> Iterator[dict[str, Any]]:
    times = {"ramp": s.labels_ramp, "settling": SETTLING}
    v = {"breaker": NAME, "patterns": s.labels_patterns, "push": s.labels_push, **s.medium, **times}
    yield v
    yield v | {"replicas": s.replicas, "dt": stairs(s.labels_ramp, s.dt) * time_step}


def _work(v: Values, seed: int, threads: int | None) -> Record:
    return simulated(v, seed, threads) if "replicas" in v else exact(v)


def mean_weight(v: Values) -> float:
    """|<w | label>| at the end: mu nu int e^{-mu k (t - t')} s(t') dt'."""
    late = np.exp(-v["settling"]) * -np.expm1(-v["ramp"]) / v["ramp"]
    return float(v["push"] / v["stiffness"] * (1.0 - late))


def exact(v: Values) -> Record:
    """One synapse and one label, counted once and P times: I(w : labels) = I(w : sign B) = Delta S(w)."""
    unit = 1.0 / (v["mobility"] * v["stiffness"])
    found = single_synapse(
        v["push"], v["ramp"] * unit, duration=(v["ramp"] + v["settling"]) * unit, temperature=v["temperature"],
        stiffness=v["stiffness"], mobility=v["mobility"],
    )  # fmt: skip
    account = Account.exact(v["patterns"] * found.information, found.cost, found.entropy, found.cost)
    return {**account.record(), "one": kept(Estimate.exact(found.information)), "one_stderr": 0.0}


def simulated(v: Values, seed: int, threads: int | None) -> Record:
    """By ``train``; I(w : labels) = <ln 2 - h(P(sign B | w))>, P(+ | w) = 1/(1 + e^{-2 m w k/T})."""
    T, k = v["temperature"], v["stiffness"]
    unit = 1.0 / (v["mobility"] * k)
    P = int(v["patterns"])
    inputs = [[1.0 - 2.0 * (mu % 2)] for mu in range(P)]
    duration = v["ramp"] + v["settling"]
    steps = max(1, round(duration / v["dt"]))
    run = train(
        teacher_student(1, P, inputs=inputs, held_out=0), hebbian, learning_rate=v["push"] / P,
        duration=duration * unit, dt=duration * unit / steps, replicas=int(v["replicas"]), seed=seed, temperature=T,
        stiffness=k, mobility=v["mobility"], schedule=ramp(v["ramp"] * unit), threads=threads,
    )  # fmt: skip
    doubt = binary_entropy(expit(2.0 * mean_weight(v) * run.weights[:, 0] * k / T))
    known = Sampled.mean(log(2.0) - doubt)
    # a replica in doubt that happens once in n would add at most this
    joint = Sampled(known.value, known.influence, unseen=(log(2.0) / len(doubt)) ** 2)
    one = learned_information(run.correct, total=False)
    account = Account.sampled(learned_information(run.correct), run.marginal_cost, joint, run.marginal_cost)
    gap = (run.marginal_cost - one).estimate().stderr
    return {**account.record(), "one": kept(one.estimate()), "one_stderr": gap}


def _conclude(patterns: int, records: Sequence[Record]) -> Row:
    known, seen = map(account_of, records)
    one, one_seen = (estimate_of(record, "one") for record in records)
    bit = Estimate.exact(log(2.0))
    checks = (
        BoundCheck(f"{NAME}: {CEILING} (exact)", known.smaller, bit),
        BoundCheck(f"{NAME}: {CEILING} (simulated)", seen.smaller, bit),
        BoundCheck(f"{NAME}: {ONE} (exact)", one, known.larger),
        BoundCheck(f"{NAME}: {ONE} (simulated)", one_seen, seen.larger, stderr=records[1]["one_stderr"]),
    )
    note = (
        f"Of {patterns} labels of a teacher the weight knows {plus_minus(seen.smaller)} nat, and the neuron tells "
        f"{plus_minus(seen.information)} if one sums what it tells of each."
    )
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, known, seen, checks, (), note)
