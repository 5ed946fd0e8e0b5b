"""What a block of the benchmark found: speeds beside a peer's, and whether the answers agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

SIGMAS = 4.0


class Absent(Exception):
    """A peer that cannot be measured here, and why."""


@dataclass(frozen=True)
class Speed:
    """ratio = theirs / ours: how many times as fast szilard is. theirs None: not measured, ``note`` says why."""

    what: str
    peer: str
    ours: float
    theirs: float | None
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.theirs is None else self.theirs / self.ours

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return f"not measured: {self.note}"
        if self.target is None:
            return self.note
        return ("met" if self.ratio >= self.target else "NOT MET") + (f", {self.note}" if self.note else "")

    def cells(self) -> tuple[str, ...]:
        theirs = "-" if self.theirs is None else f"{_short(self.theirs)} {self.unit}"
        ratio = "-" if self.ratio is None else f"{self.ratio:.3g}"
        target = "-" if self.target is None else f">= {self.target:.3g}"
        return self.what, f"{_short(self.ours)} {self.unit}", self.peer, theirs, ratio, target, self.verdict


@dataclass(frozen=True)
class Agreement:
    """|value| <= limit: a deviation in standard errors ("sigma"), or a sum of absolute errors ("L1")."""

    who: str
    what: str
    value: float
    limit: float = SIGMAS
    unit: str = "sigma"

    @property
    def right(self) -> bool:
        return abs(self.value) <= self.limit

    def line(self) -> str:
        value = f"z = {self.value:+.2f}" if self.unit == "sigma" else f"{self.unit} = {self.value:.1e}"
        verdict = "agrees" if self.right else "DOES NOT AGREE"
        return f"{self.who}: {self.what}: {value} (limit {self.limit:g}): {verdict}"


@dataclass
class Block:
    """The rows of one table and the lines under it."""

    title: str
    speeds: list[Speed] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self,
        what: str,
        unit: str,
        best: dict[str, float | Absent],
        targets: dict[str, float | None],
        scale: float = 1.0,
    ) -> None:
        """A row for each peer of ``targets``; the first entry of ``best`` is ours. Times are multiplied by scale."""
        ours = next(iter(best.values()))
        if isinstance(ours, Absent):
            raise ours
        for peer, target in targets.items():
            found = best[peer]
            if isinstance(found, Absent):
                self.speeds.append(Speed(what, peer, scale * ours, None, unit, target, str(found)))
            else:
                self.speeds.append(Speed(what, peer, scale * ours, scale * found, unit, target))

    def show(self) -> None:
        print(f"\n{self.title}\n")
        if self.speeds:
            head = ("what", "szilard", "peer", "peer's", "ratio", "target", "")
            _print([head, *(speed.cells() for speed in self.speeds)])
        for line in (*(agreement.line() for agreement in self.agreements), *self.notes):
            print(f"  {line}")

    def as_dict(self) -> dict[str, object]:
        return {
            "title": self.title,
            "speeds": [asdict(s) | {"ratio": s.ratio} for s in self.speeds],
            "agreements": [asdict(a) | {"right": a.right} for a in self.agreements],
            "notes": self.notes,
        }


def fastest(jobs: dict[str, Callable[[], float]], repeats: int) -> dict[str, float | Absent]:
    """The smallest time that each job reports, the jobs taking turns; a job that raises Absent is not asked again."""
    best: dict[str, float | Absent] = dict.fromkeys(jobs, float("inf"))
    for _ in range(repeats):
        for name, job in jobs.items():
            so_far = best[name]
            if isinstance(so_far, Absent):
                continue
            try:
                best[name] = min(so_far, job())
            except Absent as reason:
                best[name] = reason
    return best


def _short(value: float) -> str:
    return f"{value:.3g}" if value < 1e3 else f"{value:.0f}"


def _print(rows: Iterable[tuple[str, ...]]) -> None:
    table = list(rows)
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
