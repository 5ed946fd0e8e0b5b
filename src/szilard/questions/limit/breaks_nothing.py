"""The null case of the matrix: nothing is broken, and the law holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any

from ...information import neighbour_entropy
from ...learning.rules import hebbian
from ...learning.tasks import random_labels
from ...learning.training import train
from ...protocol import ramp
from ...theory import single_synapse
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of

NAME = "nothing broken"
ASSUMPTION = "none"
LAW = "I(label : answer) <= DS(w) + Q/T"
STRONGER = "I(w : label) <= DS(w) + Q/T"
WORDS = "what the weight knows, of which the answer tells a part, is paid for too"
SETTLING = 4.0
"""How long the whole force acts at the end, in relaxation times."""


def nothing_broken(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""I(s_T : sigma) <= I(w : s_T) <= Delta S(w) + Q/T: one synapse learns one label from a ramp.

    Exact by ``single_synapse``, simulated by ``train``.

    Goldt and Seifert, PRL 118, 010601 (2017).

    >>> [piece.coordinates["account"] for piece in nothing_broken(MatrixSettings(), 1.0).pieces]
    ['exact', 'simulated']
    """
    s = settings
    exact = {
        "breaker": NAME, "account": "exact", "push": s.sound_push, "ramp": s.unit * s.sound_ramp,
        "duration": s.unit * (s.sound_ramp + SETTLING),
    } | s.medium  # fmt: skip
    sampled = exact | {"account": "simulated", "replicas": s.replicas, "dt": s.unit * s.dt * time_step}
    steps = (s.sound_ramp + SETTLING) / s.dt
    pieces = (
        Piece(exact, partial(_exact, exact), 0.1),
        Piece(sampled, partial(_simulated, sampled), 5e-8 * s.replicas * steps),
    )
    return Breaker(NAME, ASSUMPTION, pieces, _row)


def _exact(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    found = single_synapse(
        v["push"], v["ramp"], duration=v["duration"], temperature=v["temperature"], stiffness=v["stiffness"],
        mobility=v["mobility"],
    )  # fmt: skip
    return Account.exact(found.information, found.cost, found.entropy, found.cost).record()


def _simulated(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    run = train(
        random_labels(1, 1, inputs=[[1.0]]), hebbian, learning_rate=v["push"], temperature=v["temperature"],
        stiffness=v["stiffness"], mobility=v["mobility"], schedule=ramp(v["ramp"]), duration=v["duration"],
        dt=v["duration"] / ceil(v["duration"] / v["dt"] * (1.0 - 1e-12)), replicas=v["replicas"], seed=seed,
        threads=threads,
    )  # fmt: skip
    known = neighbour_entropy(run.weights) - neighbour_entropy(run.weights * run.labels)
    return Account.sampled(run.learned, run.joint_cost, known, run.joint_cost).record()


def _row(records: Sequence[Record]) -> Row:
    exact, seen = map(account_of, records)
    return Row(NAME, ASSUMPTION, LAW, STRONGER, WORDS, exact, seen, sound=True)
