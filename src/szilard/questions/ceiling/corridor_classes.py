"""Schedules of one kind between their bounds, and the laws that they have to obey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...check import BoundCheck
from ...estimate import Estimate
from ...laws import cost_ceiling, speed_limit
from ..part import Record, joined

Array = NDArray[np.float64]
Which = NDArray[np.bool_]
ROUNDED = 1e-12
"""Relative: up to 512 pieces of a schedule add up, each rounded to 2e-16."""
ASSUMPTIONS = (
    "the learning force is additive given the labels, on harmonic weights with one bath, which start in equilibrium "
    "without it",
    "the cost is the dissipation conditional on the labels, heat over temperature, not dS + Q/T of the weights",
    "floor: tau is the window of the schedule and W2 the way of the weights' law in it, whose covariance T/k stays; "
    "what relaxes after it, (f - k m)^2/(2kT), is exact and stands on both sides where t -> infinity",
    "ceiling: V counts every change of the force, the first from zero included",
)
MONOTONE = "the force on each weight is monotone in time"
DERIVED = "derived here"
SCHMIEDL = "Schmiedl and Seifert, Phys. Rev. Lett. 98, 108301 (2007)"


@dataclass(frozen=True)
class Schedules:
    """All schedules of one kind; columns: (schedule,) of each number of ``Bounds`` and each characteristic."""

    kind: str
    columns: Mapping[str, Array]

    @classmethod
    def of(cls, kind: str, records: Sequence[Record]) -> Schedules:
        """What the pieces of this kind found."""
        return cls(kind, {name: joined(records, name) for name in records[0]})

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self["window"].size)

    @property
    def cost(self) -> Array:
        """Sigma, t -> infinity."""
        return np.asarray(self["window"] + self["relaxation"])

    @property
    def floor(self) -> Array:
        """W2^2/(D tau) and what relaxes after the window: not above Sigma."""
        return np.asarray(self["floor"] + self["relaxation"])

    @property
    def least(self) -> Array:
        """f^2 / [kT (2 + mu k tau)]: what the best of all schedules costs that come to f within the time tau."""
        return np.asarray(2.0 * self["last"] / (2.0 + self["relaxations"]))

    @property
    def below(self) -> Which:
        """Which dissipate less than the floor in the window, beyond rounding."""
        return np.asarray(self["window"] < (1.0 - ROUNDED) * self["floor"])

    @property
    def above(self) -> Which:
        """Which cost more than the ceiling, beyond rounding."""
        return np.asarray(self.cost > (1.0 + ROUNDED) * self["ceiling"])

    @property
    def dearer(self) -> Which:
        """Which cost more than a quench to the same force, beyond rounding."""
        return np.asarray(self.cost > (1.0 + ROUNDED) * self["last"])

    @property
    def turning(self) -> Which:
        """Which turn back on some weight: V > |f|."""
        return np.asarray(self["ceiling"] > (1.0 + ROUNDED) * self["last"])

    @property
    def position(self) -> Array:
        """u = ln(cost/floor) / ln(ceiling/floor): 0 at the floor, 1 at the ceiling, NaN where they are the same."""
        rise, room = np.log(self.cost / self.floor), np.log(self["ceiling"] / self.floor)
        u = rise / np.where(room > ROUNDED, room, np.nan)
        u = np.where(np.abs(rise) <= ROUNDED, 0.0, np.where(np.abs(room - rise) <= ROUNDED, 1.0, u))
        return np.where(room > ROUNDED, u, np.nan)

    def quantile(self, share: float) -> Estimate | None:
        """The position below which this share lies; the error by order statistics. None where none is known."""
        u = self.position[np.isfinite(self.position)]
        if not u.size:
            return None
        off = np.sqrt(share * (1.0 - share) / u.size)
        low, value, high = np.quantile(u, np.clip([share - off, share, share + off], 0.0, 1.0))
        return Estimate(float(value), 0.5 * float(high - low), u.size)


def corridor_laws(classes: Sequence[Schedules]) -> Iterator[BoundCheck]:
    """Of each class the schedule that is nearest to, or furthest beyond, the floor and the ceiling; their numbers."""
    for c in classes:
        i = int(np.argmin(c["window"] / c["floor"]))
        low = speed_limit(
            float(c["way"][i]), float(c["duration"][i]), float(c["window"][i]),
            diffusion=float(c["mobility"][i] * c["temperature"][i]),
        )  # fmt: skip
        yield replace(low, name=f"{c.kind}, worst of {c.size}: W2^2/(D tau) <= Sigma(tau)", assumptions=ASSUMPTIONS)
        i = int(np.argmax(c.cost / c["ceiling"]))
        high = cost_ceiling(
            float(c.cost[i]), total_variation=float(c["variation"][i]), temperature=float(c["temperature"][i]),
            stiffness=float(c["stiffness"][i]),
        )  # fmt: skip
        yield replace(high, name=f"{c.kind}, worst of {c.size}: Sigma <= V^2/(2kT)", assumptions=ASSUMPTIONS)
    total = sum(c.size for c in classes)
    for name, count in (
        ("below the floor", sum(int(c.below.sum()) for c in classes)),
        ("above the ceiling", sum(int(c.above.sum()) for c in classes)),
    ):
        yield BoundCheck(
            f"schedules of {total} {name} by more than {ROUNDED:g}: none", as_exact(count), as_exact(0.0), ASSUMPTIONS
        )


def end_laws(classes: Sequence[Schedules]) -> Iterator[BoundCheck]:
    """Both ends are attained: the optimal protocol is not above the floor, the quench not below the ceiling."""
    named = {c.kind: c for c in classes}
    least, i = _worst(classes, lambda c: c.least / c.cost)
    name = "all: f^2/[kT(2 + mu k tau)] <= Sigma, the least on the way to f"
    yield BoundCheck(name, as_exact(least.least[i]), as_exact(least.cost[i]), ASSUMPTIONS, SCHMIEDL)
    best = named["optimal"]
    for bound, about, reference in (
        (best.floor, "W2^2/(D tau) + relaxation", DERIVED),
        (best.least, "f^2/[kT(2 + mu k tau)]", SCHMIEDL),
    ):
        i = int(np.argmax(best.cost / bound))
        name = f"optimal protocol attains the floor: Sigma <= {about}"
        yield BoundCheck(name, as_exact(best.cost[i]), as_exact(bound[i]), ASSUMPTIONS, reference)
    quench = named["quench"]
    i = int(np.argmin(quench.cost / quench["ceiling"]))
    name = "quench attains the ceiling: V^2/(2kT) <= Sigma"
    yield BoundCheck(name, as_exact(quench["ceiling"][i]), as_exact(quench.cost[i]), ASSUMPTIONS, DERIVED)
    straight = [c for c in classes if not c.turning.all()]
    c, i = _worst(straight, lambda c: np.where(c.turning, 0.0, c.cost / c["last"]))
    name = "monotone schedules: Sigma <= f^2/(2kT), the quench"
    yield BoundCheck(name, as_exact(c.cost[i]), as_exact(c["last"][i]), (*ASSUMPTIONS, MONOTONE), DERIVED)


def broken_laws(classes: Sequence[Schedules]) -> Iterator[BoundCheck]:
    """The quench as the dearest schedule, where the force turns back: without that assumption."""
    for c in classes:
        if c.turning.any():
            i = int(np.argmax(c.cost / c["last"]))
            broken = (*ASSUMPTIONS, f"{MONOTONE}: broken here")
            yield BoundCheck(
                f"{c.kind}: Sigma <= f^2/(2kT)", as_exact(c.cost[i]), as_exact(c["last"][i]), broken, DERIVED
            )


def sampling_laws(sampled: Sequence[Schedules]) -> Iterator[BoundCheck]:
    """Whether simulations scatter about the exact numbers by their errors: chi^2 of the heat and of mean weights."""
    for name, (chi2, count) in chi_squares(sampled).items():
        yield as_normal(f"simulated {name}: (chi^2/n)^(1/3)", chi2, count)


def chi_squares(sampled: Sequence[Schedules]) -> dict[str, tuple[float, int]]:
    """chi^2 = sum z^2 and the number of z: of heat/T against Sigma(tau), of mean weights against m(tau)."""
    heat = sum(float(np.sum(((c["heat"] - c["stairs"]) / c["stderr"]) ** 2)) for c in sampled)
    means = sum(float(np.sum(c["means"])) for c in sampled)
    return {
        "heat": (heat, sum(c.size for c in sampled)),
        "mean weights": (means, round(sum(float(np.sum(c["weights"])) for c in sampled))),
    }


def as_normal(name: str, chi2: float, count: int) -> BoundCheck:
    """(chi^2/n)^(1/3) is nearly normal, with mean 1 - 2/(9n) and variance 2/(9n) (Wilson and Hilferty, 1931)."""
    spread = 2.0 / (9.0 * count)
    found = Estimate((chi2 / count) ** (1.0 / 3.0), float(np.sqrt(spread)))
    return BoundCheck(name, found, as_exact(1.0 - spread), ASSUMPTIONS[:2], relation="=")


def as_exact(value: float) -> Estimate:
    """A number without an error."""
    return Estimate.exact(float(value))


def _worst(classes: Sequence[Schedules], ratio: Callable[[Schedules], Array]) -> tuple[Schedules, int]:
    """The class and the schedule of the largest ratio."""
    c = max(classes, key=lambda c: float(np.max(ratio(c))))
    return c, int(np.argmax(ratio(c)))
