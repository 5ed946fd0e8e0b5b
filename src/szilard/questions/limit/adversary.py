"""The adversary: searches that try to break I <= Delta S + Q/T, and the same searches where they must succeed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from ...continuous import LabelFeedback
from ...study.strict import Strict
from ..part import Part, Piece, Record
from .adversary_groups import Hunted
from .adversary_search import Objective, hunt
from .adversary_verdict import verdict_of
from .opponents import Law, Opponent
from .opponents_feedback import feedback_rates, hunt_feedback
from .opponents_markov import MarkovSpace
from .opponents_synaptic import SynapticSpace

Size = Annotated[list[Annotated[int, Field(ge=1, le=6)]], Field(min_length=2, max_length=2)]
States = Annotated[int, Field(ge=2, le=6)]
KNOWN = LabelFeedback(push=1.0, feedback=1.0, field=3.0, flip_rate=1.0)
"""The point of label feedback whose heat two methods agree on."""
OBJECTIVES: tuple[Objective, ...] = ("ratio", "nats")
SYNAPTIC_SECONDS, MARKOV_SECONDS, FEEDBACK_SECONDS = 7e-4, 3e-7, 0.24
"""Of an evaluation: per pattern; per stage, label and square of the states; of feedback."""


class AdversarySettings(Strict):
    """What the searches may try, and how long.

    sizes: (weights, patterns) of synaptic learners that see all patterns at once; online_sizes: one at a time; the
    smaller of the two at most 2. states: of Markov learners. labels: how many they learn. knots: of a schedule; steps:
    stages of a protocol from knot to knot. longest: duration, in relaxation times or attempted jumps. wanted: nats that
    the objective "nats" asks to be learned. restarts: searches for each case and objective. evaluations: learners in
    each search. wrong_factor: by how much a wrong temperature is too high.
    """

    sizes: list[Size] = [[1, 1], [1, 2], [2, 2]]
    online_sizes: list[Size] = [[2, 2]]
    states: list[States] = [2, 3, 4, 5]
    labels: Annotated[int, Field(ge=2, le=4)] = 2
    knots: Annotated[int, Field(ge=2, le=8)] = 4
    steps: Annotated[int, Field(ge=1, le=64)] = 12
    longest: Annotated[float, Field(gt=0.1, le=1e6)] = 1e5
    wanted: Annotated[float, Field(gt=0.0, le=0.5)] = 0.1
    restarts: Annotated[int, Field(ge=1, le=20)] = 3
    synaptic_evaluations: Annotated[int, Field(ge=20, le=1_000_000)] = 1000
    markov_evaluations: Annotated[int, Field(ge=20, le=1_000_000)] = 4000
    feedback_evaluations: Annotated[int, Field(ge=12, le=10_000)] = 36
    wrong_factor: Annotated[float, Field(gt=1.0, le=100.0)] = 2.0

    @model_validator(mode="after")
    def _fits(self) -> AdversarySettings:
        if not (self.sizes or self.online_sizes or self.states):
            raise ValueError("must name at least one learner: sizes, online_sizes or states")
        if any(min(size) > 2 for size in (*self.sizes, *self.online_sizes)):
            raise ValueError("weights or patterns must be at most 2, for the joint entropy to be exact")
        if any(size[1] < 2 for size in self.online_sizes):
            raise ValueError("online_sizes need at least 2 patterns: one is always shown at once")
        return self


@dataclass(frozen=True)
class _Case:
    """A family of learners and what stands right of what they learn."""

    name: str
    coordinates: Mapping[str, Any]
    opponent: Opponent
    evaluations: int
    seconds: float
    law: Law = "kept"
    factor: float = 1.0


def adversary_part(settings: AdversarySettings, time_step: float) -> Part:
    r"""max I / (Delta S + Q/T) over all learners that keep the assumptions; over those that do not, how soon it is > 1.

    Every evaluation is exact and is held against the law, not only the best. time_step changes nothing: no learner is
    simulated. See ``AdversarySettings`` for the search; pieces are searches.

    Goldt and Seifert, PRL 118, 010601 (2017), for the law.

    >>> small = AdversarySettings(sizes=[[1, 1]], online_sizes=[], states=[2], restarts=1)
    >>> len(adversary_part(small, 1.0).pieces)
    10
    """
    del time_step
    hunted, pieces = [], []
    for case in (*_kept(settings), *_broken(settings)):
        for objective in OBJECTIVES if case.law == "kept" else OBJECTIVES[:1]:
            for restart in range(settings.restarts):
                hunted.append(Hunted(case.name, case.law, case.factor, objective))
                pieces.append(_search(case, objective, settings.wanted, restart))
    pieces += [_feedback_search(settings.feedback_evaluations), _known_feedback()]
    return Part(
        "adversary",
        "A search for violations",
        tuple(pieces),
        lambda records: verdict_of(hunted, list(records[:-2]), records[-2], records[-1]),
    )


def _kept(settings: AdversarySettings) -> Iterator[_Case]:
    """The learners that keep every assumption."""
    for online, sizes in ((False, settings.sizes), (True, settings.online_sizes)):
        for weights, patterns in sizes:
            yield _synaptic(settings, weights, patterns, online)
    for states in settings.states:
        yield _markov(settings, states)


def _broken(settings: AdversarySettings) -> Iterator[_Case]:
    """One assumption less, or one term less on the right side."""
    states = min(settings.states, default=2)
    yield _markov(settings, states, "prior knowledge")
    yield _markov(settings, states, "wrong temperature", settings.wrong_factor)
    yield _markov(settings, states, "heat alone")
    yield _synaptic(settings, 1, 1, False, "heat alone")


def _synaptic(settings: AdversarySettings, weights: int, patterns: int, online: bool, law: Law = "kept") -> _Case:
    space = SynapticSpace(weights, patterns, online, settings.knots, settings.longest)
    shown = ", online" if online else ", batch" if patterns > 1 else ""
    name = f"{_counted(weights, 'synapse')}, {_counted(patterns, 'pattern')}{shown}"
    coordinates = {
        "family": "synaptic", "weights": weights, "patterns": patterns, "online": online, "knots": settings.knots,
        "longest": settings.longest,
    }  # fmt: skip
    seconds = settings.synaptic_evaluations * SYNAPTIC_SECONDS * patterns
    return _Case(name, coordinates, space.opponent(), settings.synaptic_evaluations, seconds, law)


def _markov(settings: AdversarySettings, states: int, law: Law = "kept", factor: float = 1.0) -> _Case:
    informed = law == "prior knowledge"
    space = MarkovSpace(states, settings.labels, settings.knots, settings.steps, settings.longest, informed)
    coordinates = {
        "family": "Markov", "states": states, "labels": settings.labels, "knots": settings.knots,
        "steps": settings.steps, "longest": settings.longest,
    }  # fmt: skip
    stages = settings.labels * (settings.knots - 1) * settings.steps
    seconds = settings.markov_evaluations * MARKOV_SECONDS * stages * states**2
    name = f"Markov, {states} states"
    return _Case(name, coordinates, space.opponent(), settings.markov_evaluations, seconds, law, factor)


def _search(case: _Case, objective: Objective, wanted: float, restart: int) -> Piece:
    coordinates = {
        **case.coordinates, "law": case.law, "factor": case.factor, "objective": objective,
        "wanted": wanted if objective == "nats" else None,
        "evaluations": case.evaluations, "restart": restart,
    }  # fmt: skip

    def work(seed: int, threads: int | None) -> Record:
        del threads
        return hunt(case.opponent, case.law, case.factor, objective, wanted, case.evaluations, seed)

    return Piece(coordinates, work, case.seconds)


def _feedback_search(evaluations: int) -> Piece:
    coordinates = {"family": "feedback", "law": "feedback", "evaluations": evaluations}
    return Piece(coordinates, lambda seed, threads: hunt_feedback(evaluations, seed), evaluations * FEEDBACK_SECONDS)


def _known_feedback() -> Piece:
    coordinates = {
        "family": "feedback", "push": KNOWN.push, "feedback": KNOWN.feedback, "field": KNOWN.field,
        "flip_rate": KNOWN.flip_rate,
    }  # fmt: skip
    return Piece(coordinates, lambda seed, threads: feedback_rates(KNOWN), FEEDBACK_SECONDS)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number > 1)}"
