"""Which characteristics of a learner set what learning costs: ranked by the variance that each explains."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from ...study.strict import Strict
from ..part import Part, Piece, Record
from .episode_simulated import simulated_episode
from .sensitivity_indices import CHARACTERISTICS, replicated
from .sensitivity_verdict import ranking

SECONDS = 1.2e-4
"""Of an episode."""
LONGEST, LARGEST = 20_000, 5_000
"""Showings of an episode, and patterns."""
PLACES = {
    "rate": 0.5, "temperature": 0.3, "stiffness": 0.6, "mobility": 0.4, "ramp": 0.5, "dwell": 0.8, "swirl": 0.9,
}  # fmt: skip
"""Where in its range, by logarithm, each characteristic of the simulated episodes lies."""
SHOWINGS, RAMPS = 9.4, 1.5
"""How long they last: the last showing is cut short."""


def _rising(ends: list[float]) -> list[float]:
    if ends[0] > ends[1]:
        raise ValueError("must be [lowest, highest]")
    return ends


def _power_of_two(points: int) -> int:
    if points & (points - 1):
        raise ValueError("must be a power of 2")
    return points


End = Annotated[float, Field(ge=1e-6, le=1e6)]
Range = Annotated[list[End], Field(min_length=2, max_length=2), AfterValidator(_rising)]
Points = Annotated[int, Field(ge=16, le=65_536), AfterValidator(_power_of_two)]


class SensitivitySettings(Strict):
    """Ranges [lowest, highest] of every characteristic, log-uniform; two equal ends hold it.

    Times and mobilities are in real units, not in relaxation times. rate: a force if patterns are shown at once, the
    impulse of one showing in turn. points: of a replication, which takes 13 times as many episodes; replications:
    their scatter gives every error. replicas, dt (in relaxation times): of the two simulated episodes.
    """

    rate: Range = [0.5, 5.0]
    load: Range = [0.2, 2.0]
    weights: Range = [20.0, 200.0]
    temperature: Range = [0.3, 3.0]
    stiffness: Range = [0.3, 3.0]
    mobility: Range = [0.3, 3.0]
    ramp: Range = [0.3, 3.0]
    dwell: Range = [0.03, 0.3]
    swirl: Range = [0.1, 1.0]
    duration: Range = [6.0, 60.0]
    points: Points = 1024
    replications: Annotated[int, Field(ge=4, le=1000)] = 24
    replicas: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    dt: Annotated[float, Field(gt=0.0, le=0.02)] = 0.002

    @model_validator(mode="after")
    def _fits(self) -> SensitivitySettings:
        if self.weights[0] < 2.0:
            raise ValueError("weights must be at least 2: they turn in pairs")
        if self.duration[1] / self.dwell[0] > LONGEST:
            raise ValueError(f"duration must be at most {LONGEST} of the shortest dwell")
        if self.load[1] * self.weights[1] > LARGEST:
            raise ValueError(f"load times weights must be at most {LARGEST} patterns")
        if not any(self.ranges[i][1] > self.ranges[i][0] for i, c in enumerate(CHARACTERISTICS) if c.power):
            raise ValueError("rate, load, weights, temperature or stiffness must have a range")
        return self

    @property
    def ranges(self) -> list[list[float]]:
        """(characteristic, 2), in the order of ``CHARACTERISTICS``."""
        return [list(getattr(self, c.name)) for c in CHARACTERISTICS]


def sensitivity_part(settings: SensitivitySettings, time_step: float) -> Part:
    r"""S_i = Var(E[ln Sigma | x_i])/Var(ln Sigma) and S_Ti, which counts what x_i does together with others too.

    For the dissipation and the cost of a learned nat, patterns shown in turn and at once, and for the ceiling
    nu^2 alpha N/(2kT), whose indices are known. One piece for each replication of the design, two for simulated
    episodes. time_step: factor on the step of these.

    I. M. Sobol', Math. Comput. Simul. 55, 271 (2001).

    >>> part = sensitivity_part(SensitivitySettings(replications=8), 1.0)
    >>> len(part.pieces), part.pieces[0].coordinates["replication"]
    (10, 0)
    """
    pieces = (*_replications(settings), *_simulations(settings, time_step))
    title = "Which characteristics set the cost"
    return Part("sensitivity", title, pieces, partial(ranking, settings.ranges, settings.points))


def _replications(s: SensitivitySettings) -> Iterator[Piece]:
    ranges = {c.name: ends for c, ends in zip(CHARACTERISTICS, s.ranges, strict=True)}
    for r in range(s.replications):

        def work(seed: int, threads: int | None) -> Record:
            del threads
            return replicated(s.ranges, s.points, seed)

        episodes = s.points * (len(ranges) + 3)
        yield Piece({"ranges": ranges, "points": s.points, "replication": r}, work, SECONDS * episodes)


def _simulations(s: SensitivitySettings, time_step: float) -> Iterator[Piece]:
    held: dict[str, Any] = {}
    for name, place in PLACES.items():
        low, high = getattr(s, name)
        held[name] = low * (high / low) ** place
    dt = s.dt * time_step / (held["mobility"] * held["stiffness"])
    for shown, duration in (("in turn", SHOWINGS * held["dwell"]), ("at once", RAMPS * held["ramp"])):
        v = held | {"shown": shown, "duration": duration, "replicas": s.replicas, "dt": dt}
        yield Piece(v, partial(simulated_episode, v), 2e-8 * s.replicas * 4 * duration / dt)
