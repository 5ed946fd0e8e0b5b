"""Labels that depend on the answers: the weight cools its bath for ever, and the answer pays for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import ceil, isfinite, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...check import BoundCheck
from ...continuous import LabelFeedback, feedback_stationary, sample_feedback
from ...estimate import Estimate, Sampled
from ...information import neighbour_entropy
from ...learning.answers_exact import ExactAnswers, exact_answers
from ...learning.rules import hebbian
from ...learning.tasks import random_labels
from ...learning.training import train
from ...reporting.numbers import plus_minus
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of, estimate_of, found_again, kept, refuse_strong

Array = NDArray[np.float64]
NAME = "label feedback"
ASSUMPTION = "the labels do not depend on the answers: here the answer acts on the weight as a label does"
LAW = "I(w : label) <= DS(w) + Q_w/T"
REPAIRED = "I(w : label) <= DS(w, answer) + (Q_w + Q_answer)/T"
FLOW = "Idot_w <= Qdot_w/T, Idot_w the flow of information into the weight"
WORDS = "the answer is a part of the system: its entropy and its heat count"
LOOKS = 9
"""Times between which the one is sought at which the law breaks."""
PER_FLIP = 0.06
"""The longest step in 1/gamma: heats then err by some 1e-3 of themselves, and by less at the default rate."""
STRONGEST = {"feedback_push": 6.0, "feedback_strength": 4.0, "feedback_field": 6.0}
"""In units of sqrt(k T): beyond, the density is too steep for its grid."""
PACES = 40.0
"""Relaxation times over which stationary heat is counted."""
EXAMPLE = {"push": 1.0, "feedback": 1.0, "field": 3.0, "flip_rate": 1.0}
"""A case with T = k = mu = 1, beside that of the settings."""


def label_feedback(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""dw = mu (-k w + nu s_T + g sigma) dt + sqrt(2 mu T) dB,  sigma -> -sigma at rate gamma e^{-sigma a w/2T}.

    Between no feedback and reciprocal feedback, 0 < g < a/2, the weight takes up heat for ever, and
    I(w : s_T) <= Delta S(w) + Q_w/T fails from some time on. Two laws hold instead: Idot_w <= Qdot_w/T with the flow of
    information from the answer, in the steady state, and I <= Delta S(w, sigma) + (Q_w + Q_sigma)/T at any time. Exact
    by collocation; simulated by ``train``, and in the steady state by ``sample_feedback``.

    Raises InputError for forces that are too strong for the grid of the density.

    Horowitz and Esposito, PRX 4, 031015 (2014), for the flow; the joint form is derived here.

    >>> [piece.coordinates["account"] for piece in label_feedback(MatrixSettings(), 1.0).pieces]
    ['exact', 'simulated', 'steady', 'steady']
    """
    refuse_strong(settings, STRONGEST)
    s = settings
    own = {
        "push": s.feedback_push, "feedback": s.feedback_strength, "field": s.feedback_field,
        "flip_rate": s.feedback_rate / s.unit,
    } | s.medium  # fmt: skip
    exact = {"breaker": NAME, "account": "exact", "process": own, "duration": s.unit * s.feedback_duration}
    step = min(s.dt, PER_FLIP / max(1.0, s.feedback_rate)) * time_step
    sampled = {"replicas": s.replicas, "dt": s.unit * step}
    trained = exact | sampled | {"account": "simulated"}
    steady = [
        {"breaker": NAME, "account": "steady", "process": process, "duration": unit * PACES}
        | {"replicas": s.replicas, "dt": unit * step}
        for process, unit in ((own, s.unit), (EXAMPLE, 1.0))
    ]
    pieces = (
        Piece(exact, partial(_exact, exact), 1.0),
        Piece(trained, partial(_trained, trained), 2e-6 * s.replicas * s.feedback_duration),
        *(Piece(v, partial(_steady, v), 2e-6 * s.replicas * PACES) for v in steady),
    )
    return Breaker(NAME, ASSUMPTION, pieces, partial(_row, exact))


def _exact(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    process, end = LabelFeedback(**v["process"]), float(v["duration"])
    course = exact_answers(process, np.linspace(0.0, end, LOOKS))
    told, paid, joint = (float(x[-1]) for x in (course.learnt_by_weight, course.weight_cost, course.joint_cost))
    return {**Account.exact(told, paid, told, joint).record(), "broken_at": _broken_at(process, course)}


def _broken_at(process: LabelFeedback, course: ExactAnswers) -> float:
    """When I(w : s_T) outgrows Delta S(w) + Q_w/T for good, before the end of the course; NaN if it does not."""
    slack = course.weight_cost - course.learnt_by_weight
    if slack[-1] >= 0.0:
        return nan
    last = int(np.flatnonzero(slack >= 0.0)[-1])
    times = np.linspace(course.times[last], course.times[last + 1], LOOKS)
    finer = exact_answers(process, np.concatenate([[0.0], times]))
    fall = (finer.learnt_by_weight - finer.weight_cost)[1:]
    return float(np.interp(0.0, fall, times))


def _trained(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    p, duration = v["process"], float(v["duration"])
    run = train(
        random_labels(1, 1, inputs=[[1.0]]), hebbian, learning_rate=p["push"], feedback=p["feedback"],
        answer_rate=p["flip_rate"], answer_gain=p["field"], temperature=p["temperature"], stiffness=p["stiffness"],
        mobility=p["mobility"], duration=duration, dt=duration / ceil(duration / v["dt"] * (1.0 - 1e-12)),
        replicas=v["replicas"], seed=seed, threads=threads,
    )  # fmt: skip
    assert run.answers is not None
    w, T = run.weights, p["temperature"]
    start = exact_answers(LabelFeedback(**p), [0.0])
    both = together_entropy(w, run.answers.answers) + Sampled.constant(-float(start.joint_entropy[0]), len(w))
    alone = neighbour_entropy(w)
    told = alone - neighbour_entropy(w * run.labels)
    spent = run.heat_paid
    cost = alone + Sampled.constant(-run.initial_entropy, len(w)) + spent
    return Account.sampled(told, cost, told, both + spent + Sampled.mean(run.answers.heat / T)).record()


def together_entropy(weights: Array, answers: Array) -> Sampled:
    r"""S(w, sigma) = ln 2 + S(sigma w) where p(w, sigma) = p(-w, -sigma): weights and answers (replica, 1), in nats.

    >>> rng = np.random.default_rng(1)
    >>> w, sigma = rng.normal(size=(2000, 1)), rng.choice([-1.0, 1.0], (2000, 1))
    >>> bool(abs(together_entropy(w, sigma).value - np.log(2.0) - 1.4189) < 0.1)
    True
    """
    return neighbour_entropy(weights * answers) + Sampled.constant(log(2.0), len(weights))


def _steady(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    process = LabelFeedback(**v["process"])
    rates = feedback_stationary(process)
    run = sample_feedback(
        process, v["duration"], replicas=v["replicas"], seed=seed, dt=v["dt"], initial="stationary", threads=threads
    )
    weight, answer = run.heat_rates()
    return {
        "weight": kept(weight),
        "answer": kept(answer),
        "exact": [float(q) for q in rates.heat],
        "flow": [float(i) for i in rates.information_flow],
        "error": rates.error,
    }


def _row(v: Mapping[str, Any], records: Sequence[Record]) -> Row:
    exact, seen = account_of(records[0]), account_of(records[1])
    cases = ("here", "T = k = mu = 1")
    temperatures = (float(v["process"]["temperature"]), 1.0)
    checks, broken = [], []
    for case, T, record in zip(cases, temperatures, records[2:], strict=True):
        checks += list(_rates(case, T, record))
        name = f"{NAME}: 0 <= Qdot_w/T in the steady state ({case})"
        heat = Estimate(record["exact"][0] / T, record["error"] / T)
        broken.append(BoundCheck(name, Estimate.exact(0.0), heat, (ASSUMPTION,)))
    return Row(
        NAME, ASSUMPTION, LAW, REPAIRED, WORDS, exact, seen, tuple(checks), tuple(broken), _note(v, records),
    )  # fmt: skip


def _rates(case: str, T: float, record: Record) -> Iterator[BoundCheck]:
    reference = "Horowitz and Esposito, PRX 4, 031015 (2014)"
    error = float(record["error"])  # what the grid leaves unknown
    for i, part in enumerate(("weight", "answer")):
        exact, flow = Estimate(record["exact"][i], error), Estimate(record["flow"][i], error)
        sampled = estimate_of(record, part)
        rule = FLOW if part == "weight" else FLOW.replace("_w", "_answer").replace("the weight", "the answer")
        for how, heat in (("exact", exact), ("simulated heat", sampled)):
            paid = Estimate(heat.value / T, heat.stderr / T, heat.n)
            yield BoundCheck(f"{NAME}: {rule} ({case}, {how})", flow, paid, (), reference)
        yield from found_again(f"{NAME}: heat of the {part} per time ({case})", sampled, exact)


def _note(v: Mapping[str, Any], records: Sequence[Record]) -> str:
    broken_at, unit = float(records[0]["broken_at"]), 1.0 / (v["process"]["mobility"] * v["process"]["stiffness"])
    heat = records[2]["exact"][0]
    rates = (
        f"In the steady state the weight {'takes up' if heat < 0.0 else 'gives off'} {abs(heat):.4g} k_B T0 per time"
    )
    rates += f" (simulated {plus_minus(estimate_of(records[2], 'weight'))} into its bath)"
    if not isfinite(broken_at):
        return f"{rates}; the law is not broken before the end."
    return f"{rates}, and the law is broken from {broken_at / unit:.3g} relaxation times on."
