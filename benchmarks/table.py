"""What a block of the benchmark found: speeds beside a peer's, levels, curves, and whether the answers agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from math import log
from typing import Any

SIGMAS = 4.0
NOTHING = "-"


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

    @property
    def beside(self) -> str:
        """The peer's time, the ratio, the target and whether it is met."""
        if self.theirs is None or self.ratio is None:
            return self.verdict
        told = f"{shortened(self.theirs)} {self.unit}, ratio {shortened(self.ratio)}"
        return told if self.target is None else f"{told} (>= {self.target:.3g}: {self.verdict})"


@dataclass(frozen=True)
class Level:
    """A number of ours and the most it may be; with ``least`` the smallest."""

    what: str
    value: float
    unit: str
    target: float | None = None
    least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return self.note
        met = self.value >= self.target if self.least else self.value <= self.target
        return ("met" if met else "NOT MET") + (f", {self.note}" if self.note else "")

    @property
    def cells(self) -> tuple[str, ...]:
        sign = ">=" if self.least else "<="
        target = NOTHING if self.target is None else f"{sign} {shortened(self.target)} {self.unit}"
        return self.what, f"{shortened(self.value)} {self.unit}", target, self.verdict


@dataclass(frozen=True)
class Curve:
    """y of the time per unit of work as the work grows along x; slope of ln y over ln x by least squares."""

    what: str
    over: str
    unit: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    @property
    def slope(self) -> float:
        u, v = [log(x) for x in self.x], [log(y) for y in self.y]
        centre, level = sum(u) / len(u), sum(v) / len(v)
        rise = sum((a - centre) * (b - level) for a, b in zip(u, v, strict=True))
        return rise / sum((a - centre) ** 2 for a in u)

    @property
    def cells(self) -> tuple[str, ...]:
        points = [self.x[0], self.x[-1]]
        ends = [f"{shortened(y)} {self.unit}" for y in (self.y[0], self.y[-1])]
        return self.what, f"{self.over}: {points[0]:g} to {points[1]:g}", *ends, f"{self.slope:+.2f}"


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
    """The rows of the tables and the lines under them."""

    title: str
    speeds: list[Speed] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self,
        what: str,
        unit: str,
        best: Mapping[str, float | Absent],
        targets: Mapping[str, float | None],
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

    @property
    def wrong(self) -> bool:
        """Whether an answer of szilard's is wrong."""
        return any(a.who == "szilard" and not a.right for a in self.agreements)

    @property
    def jobs(self) -> int:
        """Pieces of work of ours that were measured."""
        return len({s.what for s in self.speeds}) + len(self.levels) + sum(len(c.x) for c in self.curves)

    def tables(self) -> list[list[tuple[str, ...]]]:
        """Speeds, levels, curves and answers, each a head and its rows; what is empty is left out."""
        levels = [("what", "szilard", "target", ""), *(level.cells for level in self.levels)]
        curves = [("what", "over", "first", "last", "slope"), *(curve.cells for curve in self.curves)]
        return [table for table in (self._speeds(), levels, curves, self._answers()) if len(table) > 1]

    def _speeds(self) -> list[tuple[str, ...]]:
        """A row for each piece of work, a column for each peer."""
        peers = list(dict.fromkeys(s.peer for s in self.speeds))
        rows: dict[str, dict[str, Speed]] = {}
        for speed in self.speeds:
            rows.setdefault(speed.what, {})[speed.peer] = speed
        table: list[tuple[str, ...]] = [("what", "szilard", *peers)]
        for what, found in rows.items():
            one = next(iter(found.values()))
            beside = [found[peer].beside if peer in found else NOTHING for peer in peers]
            table.append((what, f"{shortened(one.ours)} {one.unit}", *beside))
        return table

    def _answers(self) -> list[tuple[str, ...]]:
        """A row for each who and measure: how often compared, how far off at worst."""
        groups: dict[tuple[str, str, float], list[Agreement]] = {}
        for a in self.agreements:
            groups.setdefault((a.who, a.unit, a.limit), []).append(a)
        table: list[tuple[str, ...]] = [("whose answer", "compared", "worst deviation", "limit", "")]
        for (who, unit, limit), found in groups.items():
            worst = max((abs(a.value) for a in found if a.value == a.value), default=float("nan"))
            missed = sum(not a.right for a in found)
            verdict = f"DOES NOT AGREE {missed} times" if missed else "agrees"
            table.append((who, f"{len(found)}", f"{worst:.2g} {unit}", f"{limit:g} {unit}", verdict))
        return table

    def show(self) -> None:
        print(f"\n{self.title}")
        for table in self.tables():
            print()
            _print(table)
        wrong = [a.line() for a in self.agreements if not a.right]
        if wrong or self.notes:
            print()
        for line in (*wrong, *self.notes):
            print(f"  {line}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "speeds": [asdict(s) | {"ratio": s.ratio} for s in self.speeds],
            "levels": [asdict(level) for level in self.levels],
            "curves": [asdict(c) | {"slope": c.slope} for c in self.curves],
            "agreements": [asdict(a) | {"right": a.right} for a in self.agreements],
            "notes": self.notes,
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Block:
        """What ``as_dict`` gave, through JSON."""

        def made(kind: Any, row: Mapping[str, Any]) -> Any:
            known = {f.name: row[f.name] for f in fields(kind)}
            return kind(**{name: tuple(x) if isinstance(x, list) else x for name, x in known.items()})

        kinds = {"speeds": Speed, "levels": Level, "curves": Curve, "agreements": Agreement}
        rows = {name: [made(kind, row) for row in found[name]] for name, kind in kinds.items()}
        return cls(found["title"], **rows, notes=list(found["notes"]))


def fastest(jobs: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float | Absent]:
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


def shortened(value: float) -> str:
    """Three digits.

    >>> shortened(0.12345), shortened(4.0), shortened(123456.7)
    ('0.123', '4', '123457')
    """
    return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"


def _print(rows: Iterable[tuple[str, ...]]) -> None:
    table = list(rows)
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
