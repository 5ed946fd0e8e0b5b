"""Szilard's engine with two levels: measured once with errors, then driven by the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from ..discrete import JumpProcess, generating_function, simulate
from ..discrete.averages import energetics
from ..discrete.ensemble import drawn
from ..errors import InputError, number
from ..information import mutual_information
from ..markup import table_of_fields, table_of_text
from ..protocol import Protocol
from ..request import refuse_request
from ._checks import Array, not_negative, positive
from .levels import two_level

Index = NDArray[np.int64]


@dataclass(frozen=True)
class DemonRun:
    """work (replica,) on the system, in k_B T0; information (replica,): ln p(m|x) - ln p(m), in nats.

    outcome (replica,): m; state (replica,): x when it was measured.
    """

    work: Array
    information: Array
    outcome: Index
    state: Index

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"DemonRun of {self.work.size} replicas: work {self.work.mean():.6g}, "
            f"information {self.information.mean():.6g} nats, on average"
        )


@dataclass(frozen=True)
class DemonEnergetics:
    """Exact: work <W> in k_B T0, information I in nats, exponential_average <e^{-W/T - i}>, which is 1 (dF = 0)."""

    work: float
    information: float
    exponential_average: float

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True)
class Demon:
    """Two levels and who watches them; see ``demon``. joint[x, m]: p(x, m) when x has been measured."""

    error: float
    gap: float
    temperature: float
    process: JumpProcess
    joint: Array

    @property
    def information(self) -> float:
        """I(x:m), in nats: what a measurement tells on average."""
        return mutual_information(self.joint)

    @property
    def local_information(self) -> Array:
        """ln p(m|x) - ln p(m), in nats: (x, m)."""
        px, pm = self.joint.sum(axis=1, keepdims=True), self.joint.sum(axis=0)
        return np.asarray(np.log(self.joint / (px * pm)))

    def gap_after(self, outcome: int) -> float:
        """T ln[p(0|m) / p(1|m)]: the gap whose equilibrium is the posterior of outcome m, 0 or 1."""
        if outcome not in (0, 1):
            raise InputError("outcome", outcome, "must be 0 or 1", "outcome=1, for instance")
        return self.temperature * log(self.joint[0, outcome] / self.joint[1, outcome])

    def protocol(self, outcome: int, duration: float) -> Protocol:
        """The gap jumps to ``gap_after(outcome)`` at time 0 and returns on a straight line."""
        time = not_negative("duration", duration)
        return Protocol((0.0, 0.0, time), (self.gap, self.gap_after(outcome), self.gap))

    def simulate(self, duration: float, *, replicas: int, seed: int) -> DemonRun:
        """Trajectories from equilibrium: measured at time 0, then driven; the same seed gives the same bits.

        Raises InputError for a duration < 0, or replicas or a seed that are none.
        """
        refuse_request(replicas, seed, None, 2e9, "", "ledger", None)
        drawn_both = drawn(self.joint.ravel(), replicas, seed=seed, cell="measurement")
        state, outcome = drawn_both // 2, drawn_both % 2
        work = np.zeros(replicas)
        for m in (0, 1):
            here = outcome == m
            if here.any():
                run = simulate(
                    self.process, state[here], duration, replicas=int(here.sum()), seed=seed,
                    protocol=self.protocol(m, duration), entropy=False, cell=f"outcome {m}",
                )  # fmt: skip
                work[here] = run.ledger.work
        return DemonRun(work, self.local_information[state, outcome], outcome, state)

    def energetics(self, duration: float) -> DemonEnergetics:
        r"""<W> = sum_m p(m) <W|m>  and  <e^{-W/T - i}> = sum_{x,m} p(x) p(m) <e^{-W/T}|x, m>, without sampling.

        Raises InputError for a duration < 0.
        """
        px, pm = self.joint.sum(axis=1), self.joint.sum(axis=0)
        work, average = 0.0, 0.0
        for m in (0, 1):
            protocol = self.protocol(m, duration)
            work += pm[m] * energetics(self.process, self.joint[:, m] / pm[m], duration, protocol).work
            average += pm[m] * generating_function(self.process, px, duration, protocol, work=1.0 / self.temperature)
        return DemonEnergetics(float(work), self.information, float(average))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"Demon: two levels, gap {self.gap:g}, T = {self.temperature:g}, measured with error {self.error:g}: "
            f"{self.information:.6g} nats"
        )


def demon(error: float, *, gap: float = 0.0, attempt: float = 1.0, temperature: float = 1.0) -> Demon:
    r"""p(m|x) = 1 - error if m = x, else error;  <W> -> -T I(x:m) as the gap returns infinitely slowly.

    Levels at 0 and ``gap`` in equilibrium are measured; the gap then jumps to T ln[p(0|m)/p(1|m)], where the posterior
    p(x|m) is the equilibrium, and returns to ``gap`` over ``duration`` (see ``protocol``). The cycle is closed, dF = 0:
    work below zero is what the demon gains, at most T I. Without a gap I = ln 2 - h(error).
    error: 0 < error < 1; 1/2 tells nothing, and 0 or 1 would need an infinite gap. gap: in k_B T0. attempt: the rate of
    relaxation, in 1/time. temperature: in T0. Raises InputError beyond these.

    Szilard, Z. Phys. 53, 840 (1929); Sagawa and Ueda, PRL 104, 090602 (2010); reversible feedback: Horowitz and
    Parrondo, EPL 95, 10005 (2011).

    >>> watched = demon(0.1)
    >>> watched
    Demon: two levels, gap 0, T = 1, measured with error 0.1: 0.368064 nats
    >>> slow = watched.energetics(1e4)
    >>> round(slow.work, 3), round(slow.exponential_average, 9)
    (-0.368, 1.0)
    """
    mistaken, height = number("error", error), number("gap", gap)
    if not 0.0 < mistaken < 1.0:
        rule = "must lie between 0 and 1: without errors the gap would have to be infinite"
        raise InputError("error", error, rule, "error=1e-3, for instance")
    rate, T = positive("attempt", attempt), positive("temperature", temperature)
    prior = np.exp(-np.logaddexp(0.0, np.array([-height, height]) / T))
    channel = np.array([[1.0 - mistaken, mistaken], [mistaken, 1.0 - mistaken]])
    joint = prior[:, None] * channel
    joint /= joint.sum()
    joint.flags.writeable = False
    return Demon(mistaken, height, T, two_level(attempt=rate, temperature=T), joint)
