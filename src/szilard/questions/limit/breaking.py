"""What breaks I <= Delta S(w) + Q/T: one account of the broken law and of its repair for each assumption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Annotated

from pydantic import Field

from ...check import BoundCheck
from ...errors import InputError
from ...estimate import Estimate, Sampled
from ...study.strict import Positive, Strict
from ..part import Piece, Record

Span = Annotated[float, Field(ge=0.5, le=2000.0)]
"""A time in relaxation times of a weight."""
NAMES = ("information", "cost", "smaller", "larger")


class MatrixSettings(Strict):
    """Energies in k_B T0, forces in k_B T0 per weight, times in relaxation times 1/(mobility stiffness)."""

    temperature: Positive = 0.7
    stiffness: Positive = 1.3
    mobility: Positive = 0.8
    replicas: Annotated[int, Field(ge=1000, le=1_000_000)] = 20_000
    dt: Annotated[float, Field(ge=1e-5, le=0.1)] = 0.05
    sound_push: Positive = 2.0
    sound_ramp: Span = 8.0
    feedback_push: Positive = 0.9
    feedback_strength: Positive = 0.8
    feedback_field: Positive = 2.6
    feedback_rate: Annotated[float, Field(gt=0.0, le=20.0)] = 1.2
    feedback_duration: Span = 40.0
    readout_push: Positive = 3.4
    readout_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 0.001
    readout_ramp: Span = 150.0
    readout_hold: Span = 300.0
    prior_push: Positive = 1.0
    prior_kept: Annotated[float, Field(ge=0.0, le=3.0)] = 1.6
    prior_ramp: Span = 4.0
    heat_push: Positive = 1.9
    heat_ramp: Span = 60.0
    heat_reset: Span = 30.0
    noise_correlation: Annotated[float, Field(gt=0.0, le=0.99)] = 0.9
    noise_push: Positive = 0.6
    noise_ramp: Span = 200.0
    labels_patterns: Annotated[int, Field(ge=2, le=12)] = 5
    labels_push: Positive = 2.5
    labels_ramp: Span = 200.0
    bath_colder: Annotated[float, Field(ge=0.05, lt=1.0)] = 0.5
    bath_tightening: Positive = 3.0
    bath_target: Positive = 0.8
    bath_hotter: Annotated[float, Field(gt=1.0, le=20.0)] = 2.5
    bath_push: Positive = 4.0
    bath_ramp: Span = 200.0
    step_coarse: Annotated[float, Field(ge=0.2, le=1.9)] = 1.2
    step_push: Positive = 4.0
    step_ramp: Span = 200.0
    step_drag: Positive = 1.0

    @property
    def unit(self) -> float:
        """1/(mu k), the relaxation time of a weight."""
        return 1.0 / (self.mobility * self.stiffness)

    @property
    def medium(self) -> dict[str, float]:
        """Temperature, stiffness and mobility by name."""
        return {"temperature": self.temperature, "stiffness": self.stiffness, "mobility": self.mobility}


@dataclass(frozen=True)
class Account:
    r"""I <= cost (Delta S + Q/T, broken) and smaller <= larger (the repaired law), all in nats or nats per time.

    stderr, repaired_stderr: standard errors of cost - information and larger - smaller where the two are correlated.
    """

    information: Estimate
    cost: Estimate
    smaller: Estimate
    larger: Estimate
    stderr: float | None = None
    repaired_stderr: float | None = None

    @classmethod
    def exact(cls, information: float, cost: float, smaller: float, larger: float) -> Account:
        """Four numbers without statistical error."""
        told, paid, less, more = (Estimate.exact(x) for x in (information, cost, smaller, larger))
        return cls(told, paid, less, more)

    @classmethod
    def sampled(cls, information: Sampled, cost: Sampled, smaller: Sampled, larger: Sampled) -> Account:
        """Four statistics of the same replicas, whose differences keep their correlation."""
        told, paid, less, more = (x.estimate() for x in (information, cost, smaller, larger))
        slack, mended = (cost - information).estimate(), (larger - smaller).estimate()
        return cls(told, paid, less, more, slack.stderr, mended.stderr)

    def record(self) -> Record:
        """The account as JSON keeps it; ``account_of`` reads it."""
        amounts = {name: kept(getattr(self, name)) for name in NAMES}
        return amounts | {"stderr": self.stderr, "repaired_stderr": self.repaired_stderr}


@dataclass(frozen=True)
class Row:
    """One line of the matrix.

    assumption: what is broken; law: the broken law, in letters; repaired: the one that holds again, and words: the same
    in words. exact, simulated: the accounts. checks: other laws that must hold; broken: others that must not. note: a
    sentence of its own for the text, with its numbers. sound: nothing is broken, and the law itself must hold.
    """

    name: str
    assumption: str
    law: str
    repaired: str
    words: str
    exact: Account
    simulated: Account
    checks: tuple[BoundCheck, ...] = ()
    broken: tuple[BoundCheck, ...] = ()
    note: str = ""
    sound: bool = False

    def accounts(self) -> Iterator[tuple[str, Account]]:
        """("exact", its account) and ("simulated", its account)."""
        yield "exact", self.exact
        yield "simulated", self.simulated

    def naive(self) -> tuple[BoundCheck, ...]:
        """The broken law, exact and simulated."""
        return tuple(
            BoundCheck(f"{self.name}: {self.law} ({how})", a.information, a.cost, (self.assumption,), stderr=a.stderr)
            for how, a in self.accounts()
        )

    def mended(self) -> tuple[BoundCheck, ...]:
        """The repaired law, exact and simulated."""
        return tuple(
            BoundCheck(f"{self.name}: {self.repaired} ({how})", a.smaller, a.larger, stderr=a.repaired_stderr)
            for how, a in self.accounts()
        )

    def agreement(self) -> tuple[BoundCheck, ...]:
        """Every simulated number against its exact one, where it has an error and is no bound."""
        found = (
            found_again(f"{self.name}: {name}", getattr(self.simulated, name), getattr(self.exact, name))
            for name in NAMES
        )
        return tuple(check for checks in found for check in checks)


@dataclass(frozen=True)
class Breaker:
    """One assumption broken on purpose: its pieces, and the row that their records make, in the order of the pieces."""

    name: str
    assumption: str
    pieces: tuple[Piece, ...]
    conclude: Callable[[Sequence[Record]], Row]


def refuse_strong(settings: MatrixSettings, most: Mapping[str, float]) -> None:
    """Raise InputError where a force, in units of sqrt(k T), is stronger than the exact computation takes."""
    unit = sqrt(settings.stiffness * settings.temperature)
    for name, limit in most.items():
        force = getattr(settings, name)
        if force > limit * unit:
            rule = f"must be at most {limit:g} sqrt(stiffness x temperature) = {limit * unit:.3g}"
            raise InputError(name, force, rule, "take it smaller, or raise the temperature")


def found_again(name: str, sampled: Estimate, exact: Estimate) -> tuple[BoundCheck, ...]:
    """sampled = exact as a check; none where no replica differed, or where the number is a bound."""
    if sampled.stderr == 0.0 or sampled.side != "two-sided":
        return ()
    return (BoundCheck(f"{name}, simulated = exact", sampled, exact, relation="="),)


def kept(x: Estimate) -> list[float | int | str]:
    """Value, standard error, replicas and side, as JSON knows them."""
    return [x.value, x.stderr, x.n, x.side]


def estimate_of(record: Record, name: str) -> Estimate:
    """The estimate that a record keeps under a name."""
    value, stderr, n, side = record[name]
    return Estimate(value, stderr, n, side=side)


def account_of(record: Record) -> Account:
    """The account that a record keeps."""
    told, paid, less, more = (estimate_of(record, name) for name in NAMES)
    return Account(told, paid, less, more, record["stderr"], record["repaired_stderr"])
