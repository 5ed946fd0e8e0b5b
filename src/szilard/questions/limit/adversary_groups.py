"""All searches for one kind of learner and one right side, together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..part import Record
from .adversary_search import Objective, ratio_of
from .opponents import Law


@dataclass(frozen=True)
class Hunted:
    """What one search was after: a kind of learner, what stands right of I, and the objective."""

    name: str
    law: Law
    factor: float
    objective: Objective


@dataclass(frozen=True)
class Group:
    """The records of all searches of one kind."""

    hunted: Hunted
    records: tuple[Record, ...]

    @property
    def kept(self) -> bool:
        """Whether all assumptions are kept and the right side is whole."""
        return self.hunted.law == "kept"

    @property
    def title(self) -> str:
        """The learners, and what is missing if something is."""
        return self.hunted.name if self.kept else f"{self.hunted.law} ({self.hunted.name})"

    @property
    def evaluations(self) -> int:
        """Learners tried."""
        return sum(int(r["evaluations"]) for r in self.records)

    @property
    def violations(self) -> int:
        """Learners beyond the right side by more than rounding."""
        return sum(int(r["violations"]) for r in self.records)

    @property
    def first(self) -> list[int]:
        """After how many learners each search that found a violation did, the soonest first."""
        return sorted(int(r["first"]) for r in self.records if r["first"])

    @property
    def closest(self) -> Record:
        """The search that came closest."""
        return max(self.records, key=lambda r: float(r["close"][-1]))

    @property
    def ratio(self) -> float:
        """The largest I / right side of all."""
        return ratio_of(float(self.closest["close"][-1]))

    @property
    def approaches(self) -> list[float]:
        """I / right side at the closest of each search for the ratio."""
        return sorted(ratio_of(float(r["close"][-1])) for r in self.records if r["objective"] == "ratio")

    @property
    def found(self) -> Mapping[str, Any]:
        """The learner to be judged: the worst violation if there is one, else the closest approach."""
        if self.violations:
            worst: list[Mapping[str, Any]] = [r["worst"] for r in self.records if r["violations"]]
            return max(worst, key=self._telling)
        best: Mapping[str, Any] = self.closest["best"]
        return best

    @property
    def right_side(self) -> float:
        """What stands right of I at that learner."""
        return self.right_side_at(self.found)

    def right_side_at(self, found: Mapping[str, Any]) -> float:
        """Delta S + Q/T of a learner, or what stands there by mistake."""
        entropy = 0.0 if self.hunted.law == "heat alone" else min(found["entropy"], found["entropy_marginal"])
        return float(entropy + found["heat"] / self.hunted.factor)

    def _telling(self, found: Mapping[str, Any]) -> float:
        """How far a learner is beyond the right side, at most what it has learned."""
        return float(min(found["information"] - self.right_side_at(found), found["information"]))


def grouped(hunted: Sequence[Hunted], records: Sequence[Record]) -> list[Group]:
    """The searches of one kind together, in the order of the first of each."""
    groups: dict[tuple[str, Law], tuple[Hunted, list[Record]]] = {}
    for each, record in zip(hunted, records, strict=True):
        groups.setdefault((each.name, each.law), (each, []))[1].append({**record, "objective": each.objective})
    return [Group(first, tuple(some)) for first, some in groups.values()]
