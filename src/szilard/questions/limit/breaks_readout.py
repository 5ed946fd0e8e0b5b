"""A readout that is slower than the weight: it remembers what the weight has unlearned without heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any

import numpy as np

from ...check import BoundCheck
from ...errors import InputError
from ...estimate import Estimate, Sampled
from ...information import neighbour_entropy
from ...learning.rules import hebbian
from ...learning.tasks import random_labels
from ...learning.training import train
from ...protocol import Protocol
from ...reporting.numbers import plus_minus
from ...theory import ramp_heat, single_synapse
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of, estimate_of, found_again, kept, refuse_strong
from .breaks_feedback import together_entropy
from .following import Follower, followed

NAME = "slow readout"
ASSUMPTION = "the readout is faster than the weight: here it is slower than unlearning"
LAW = "I(label : answer) <= DS(w) + Q_w/T"
REPAIRED = "I(label : answer) <= DS(w, answer) + (Q_w + Q_answer)/T"
WORDS = "weight and answer together: the answer's entropy production pays for its memory"
WIDE = 2.0
"""The step in units of the default one: weights move exactly at any step, and answers hardly jump during one."""
STEEPEST = 0.5
"""The smallest sqrt(k T) at which forty modes hold the answer of a weight, thermal at gain 1, to 1e-8."""
STRONGEST = {"readout_push": 5.0}
"""In units of sqrt(k T): beyond, a slow answer would never see the wrong side, and every rate is far from gamma."""
FROZEN_PUSH, FROZEN_RAMP = 4.0, 200.0
"""An example with T = k = mu = 1: an answer given once, at the end of learning, and kept while the weight forgets."""


def slow_readout(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""I(s_T : sigma) <= Delta S(w) + Q_w/T fails where sigma flips more slowly than w forgets.

    A force nu s_T is ramped up slowly, held until the answer has followed, and ramped down slowly: at the end
    Delta S(w) ~ 0 and Q_w ~ 0, and the answer still knows the label. What holds is
    I <= Delta S(w, sigma) + (Q_w + Q_sigma)/T: the answer has paid Q_sigma/T when it followed. Exact by Hermite modes
    (``followed``), simulated by ``train`` with jumping answers and no feedback.

    Raises InputError for a force too strong, or a temperature too low, for the modes.

    Derived here.

    >>> [piece.coordinates["account"] for piece in slow_readout(MatrixSettings(), 1.0).pieces]
    ['exact', 'simulated']
    """
    refuse_strong(settings, STRONGEST)
    s = settings
    if s.stiffness * s.temperature < STEEPEST**2:
        rule = f"must be at least {STEEPEST**2 / s.stiffness:.3g} at this stiffness: answers would be too steep"
        raise InputError("temperature", s.temperature, rule, "raise it, or the stiffness")
    exact = {
        "breaker": NAME, "account": "exact", "push": s.readout_push, "rate": s.readout_rate / s.unit,
        "ramp": s.unit * s.readout_ramp, "hold": s.unit * s.readout_hold,
    } | s.medium  # fmt: skip
    step = {"replicas": s.replicas // 2, "dt": s.unit * s.dt * time_step * WIDE}
    trained = exact | step | {"account": "simulated"}
    steps = (2.0 * s.readout_ramp + s.readout_hold) / (s.dt * WIDE)
    pieces = (
        Piece(exact, partial(_exact, exact), 1.0),
        Piece(trained, partial(_trained, trained), 2.5e-8 * s.replicas * steps),
    )
    return Breaker(NAME, ASSUMPTION, pieces, _row)


def schedule_of(v: Mapping[str, Any]) -> Protocol:
    """Up in ``ramp``, held for ``hold``, down in ``ramp``."""
    up, hold = float(v["ramp"]), float(v["hold"])
    return Protocol([0.0, up, up + hold, 2.0 * up + hold], [0.0, 1.0, 1.0, 0.0])


def _exact(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    follower = Follower(
        push=v["push"], rate=v["rate"], temperature=v["temperature"], stiffness=v["stiffness"], mobility=v["mobility"]
    )
    schedule = schedule_of(v)
    course = followed(follower, schedule, np.array(schedule.times))
    told, paid, joint = (float(x[-1]) for x in (course.learnt, course.weight_cost, course.joint_cost))
    answered = course.heat[:, 1] / v["temperature"]
    own = joint - float(course.learnt_by_both[-1]) - float(course.heat[-1, 0]) / v["temperature"]
    frozen = single_synapse(FROZEN_PUSH, FROZEN_RAMP).information
    spent = 2.0 * float(ramp_heat(FROZEN_PUSH**2, FROZEN_RAMP))
    return {
        **Account.exact(told, paid, told, joint).record(),
        "learnt_by_both": float(course.learnt_by_both[-1]),
        "answer": float(answered[-1]),
        "production": own,
        "answer_while_learning": float(answered[2]),
        "while_learning": [float(course.learnt[2]), float(course.weight_cost[2])],
        "frozen": [frozen, spent],
    }


def _trained(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    schedule = schedule_of(v)
    duration = schedule.duration
    run = train(
        random_labels(1, 1, inputs=[[1.0]]), hebbian, learning_rate=v["push"], answer_rate=v["rate"],
        temperature=v["temperature"], stiffness=v["stiffness"], mobility=v["mobility"], schedule=schedule,
        duration=duration, dt=duration / ceil(duration / v["dt"] * (1.0 - 1e-12)), replicas=v["replicas"], seed=seed,
        threads=threads,
    )  # fmt: skip
    assert run.answers is not None
    replicas, T = len(run.weights), v["temperature"]
    follower = Follower(v["push"], v["rate"], 1.0, T, v["stiffness"], v["mobility"])
    start = followed(follower, schedule, np.array([0.0])).joint_entropy[0]
    answered = Sampled.mean(run.answers.heat / T)
    cost = neighbour_entropy(run.weights) + Sampled.constant(-run.initial_entropy, replicas) + run.heat_paid
    both = together_entropy(run.weights, run.answers.answers) + Sampled.constant(-float(start), replicas)
    account = Account.sampled(run.learned, cost, run.learned, both + run.heat_paid + answered)
    return {**account.record(), "answer": kept(answered.estimate())}


def _row(records: Sequence[Record]) -> Row:
    exact, seen = account_of(records[0]), account_of(records[1])
    answered = estimate_of(records[1], "answer")
    told, paid = (Estimate.exact(float(x)) for x in records[0]["frozen"])
    learnt, spent = (Estimate.exact(float(x)) for x in records[0]["while_learning"])
    both = Estimate.exact(float(records[0]["learnt_by_both"]))
    production = Estimate.exact(float(records[0]["production"]))
    checks = (
        BoundCheck(f"{NAME}: 0 <= DS(answer | w, label) + Q_answer/T (exact)", Estimate.exact(0.0), production),
        BoundCheck(f"{NAME}: {LAW} before unlearning (exact)", learnt, spent),
        BoundCheck(f"{NAME}: I(label : w, answer) <= DS(w, answer) + (Q_w + Q_answer)/T (exact)", both, exact.larger),
        BoundCheck(f"{NAME}: I(label : answer) <= I(label : w, answer) (exact)", exact.information, both),
        *found_again(f"{NAME}: Q_answer/T", answered, Estimate.exact(float(records[0]["answer"]))),
    )
    frozen = BoundCheck(f"{NAME}: {LAW}, an answer kept for ever (exact)", told, paid, (ASSUMPTION,))
    note = (
        f"The answer gave off {records[0]['answer']:.3g} T of heat (simulated {plus_minus(answered)} T), "
        f"{records[0]['answer_while_learning']:.3g} T of it before unlearning began; its own entropy "
        f"production, beyond that of the weight, is {production.value:.4g} nat."
    )
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, exact, seen, checks, (frozen,), note)
