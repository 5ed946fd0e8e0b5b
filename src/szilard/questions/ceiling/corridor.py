"""The cost corridor: what any schedule of learning costs at least and at most, for all characteristics at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from ...estimate import Estimate
from ...reporting.numbers import plus_minus
from ...study.strict import Positive, Strict
from ..part import Entry, Finding, Part, Picture, Piece, Record, Table, Variable
from .corridor_classes import (
    ASSUMPTIONS,
    ROUNDED,
    Schedules,
    broken_laws,
    chi_squares,
    corridor_laws,
    end_laws,
    sampling_laws,
)
from .corridor_figure import drawn_corridor
from .corridor_schedules import KINDS, batch_of, simulated_of

SHARES = {"non-monotone": 0.35, "monotone": 0.25, "online": 0.25, "ramp": 0.05, "optimal": 0.05, "quench": 0.05}
BATCH = 1000


def _ordered(ends: list[Any]) -> list[Any]:
    if ends[0] > ends[1]:
        raise ValueError("must be [low, high], low <= high")
    return ends


Ends = (Field(min_length=2, max_length=2), AfterValidator(_ordered))
Range = Annotated[list[Annotated[float, Field(ge=1e-4, le=1e4)]], *Ends]
Durations = Annotated[list[Annotated[float, Field(ge=1e-3, le=1e3)]], *Ends]
Loads = Annotated[list[Annotated[float, Field(ge=1e-3, le=16.0)]], *Ends]
Weights = Annotated[list[Annotated[int, Field(ge=2, le=64)]], *Ends]
Knots = Annotated[list[Annotated[int, Field(ge=1, le=200)]], *Ends]
Showings = Annotated[list[Annotated[int, Field(ge=2, le=512)]], *Ends]


class CorridorSettings(Strict):
    """Ranges [low, high] from which every schedule draws its own characteristics, their logarithms uniform."""

    schedules: Annotated[int, Field(ge=100, le=200_000)] = 20_000
    strength: Range = [0.1, 10.0]
    stiffness: Range = [0.2, 5.0]
    temperature: Range = [0.2, 5.0]
    mobility: Range = [0.2, 5.0]
    relaxations: Durations = [0.01, 100.0]
    weights: Weights = [2, 16]
    load: Loads = [0.25, 4.0]
    knots: Knots = [1, 12]
    swing: Range = [0.1, 10.0]
    showings: Showings = [2, 64]
    simulated: Annotated[int, Field(ge=6, le=600)] = 24
    least_cost: Positive = 1.0
    replicas: Annotated[int, Field(ge=200, le=1_000_000)] = 20_000
    dt: Annotated[float, Field(gt=0.0, le=0.5)] = 0.05


def corridor_part(settings: CorridorSettings, time_step: float) -> Part:
    r"""W2^2/(D tau) <= Sigma(tau) <= Sigma(infinity) <= V^2/(2kT) for additive forces, whatever their schedule.

    A piece is up to 1000 schedules of one kind, exactly, or one schedule, simulated. time_step: factor on the step of
    the simulations.

    >>> part = corridor_part(CorridorSettings(schedules=100, simulated=6), 1.0)
    >>> [piece.coordinates["kind"] for piece in part.pieces][:6]
    ['non-monotone', 'monotone', 'online', 'ramp', 'optimal', 'quench']
    """
    values = list(_values(settings, time_step))
    pieces = tuple(Piece(v, partial(_work, v), _effort(v)) for v in values)
    title = "The corridor between the cheapest and the dearest learning"
    return Part("corridor", title, pieces, partial(_conclude, values))


def _values(s: CorridorSettings, time_step: float) -> Iterator[dict[str, Any]]:
    names = ("strength", "stiffness", "temperature", "mobility", "relaxations", "weights", "load")
    common = {name: list(getattr(s, name)) for name in names}
    shapes: dict[str, dict[str, Any]] = {
        "non-monotone": {"knots": list(s.knots), "swing": list(s.swing)},
        "monotone": {"knots": list(s.knots)},
        "online": {"showings": list(s.showings)},
    }
    for kind in KINDS:
        total = round(SHARES[kind] * s.schedules)
        for first in range(0, total, BATCH):
            count = min(BATCH, total - first)
            yield {"kind": kind, "first": first, "count": count} | common | shapes.get(kind, {})
    sampling = {"least_cost": s.least_cost, "replicas": s.replicas, "dt": s.dt * time_step}
    for i in range(s.simulated):
        kind = KINDS[i % len(KINDS)]
        yield {"kind": kind, "simulated": i // len(KINDS)} | common | shapes.get(kind, {}) | sampling


def _work(values: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    return simulated_of(values, seed, threads) if "simulated" in values else batch_of(values, seed)


def _effort(values: Mapping[str, Any]) -> float:
    if "simulated" in values:
        return 1e-5 * float(values["replicas"])
    return float(values["count"]) * (1.3e-3 if values["kind"] == "online" else 3e-4)


def _conclude(values: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> Finding:
    pairs = list(zip(values, records, strict=True))
    exact = [Schedules.of(kind, [r for v, r in pairs if v["kind"] == kind and "simulated" not in v]) for kind in KINDS]
    sampled = [Schedules.of(kind, [r for v, r in pairs if v["kind"] == kind and "simulated" in v]) for kind in KINDS]
    checks = (*corridor_laws(exact), *end_laws(exact), *sampling_laws(sampled))
    caption = (
        "Left: dissipation in units of that of a quench to the same force, over the duration in relaxation times. No "
        "schedule costs less than the optimal protocol (shaded); more than the quench cost only those that turn back. "
        "Right: the same schedules, cost over floor, both in units of the ceiling and with what relaxes after the "
        "window: all lie between the lines (below 10^-4: at the edge). Large: simulated weights, bars of 2 standard "
        "errors. Bottom: where between the two, each histogram to its own height, with median and 5 to 95 %."
    )
    return Finding(
        _sentences(exact, sampled), ASSUMPTIONS, _table(exact),
        Picture(partial(drawn_corridor, exact, sampled), caption, (7.2, 6.4)), checks, tuple(broken_laws(exact)),
        _arrays(exact, sampled), _gist(exact),
    )  # fmt: skip


def _table(classes: Sequence[Schedules]) -> Table:
    heads = (
        "schedules", "number", "below the floor", "above V^2/2kT", "above f^2/2kT", "largest cost / (f^2/2kT)",
        "smallest Sigma(tau) / floor", "largest cost / ceiling", "u, 5 %", "u, median", "u, 95 %",
    )  # fmt: skip

    def row(c: Schedules) -> tuple[Entry, ...]:
        counts = (int(np.sum(which)) for which in (c.below, c.above, c.dearer))
        far = (np.max(c.cost / c["last"]), np.min(c["window"] / c["floor"]), np.max(c.cost / c["ceiling"]))
        return c.kind, c.size, *counts, *(float(x) for x in far), *(c.quantile(p) for p in (0.05, 0.5, 0.95))

    return Table(heads, tuple(row(c) for c in classes))


def _gist(exact: Sequence[Schedules]) -> str:
    total = sum(c.size for c in exact)
    outside = _count(c.below | c.above for c in exact)
    furthest = max(float(np.max(c.cost / c["last"])) for c in exact)
    law = "between W2^2/(D tau) and V^2/(2kT), V the total variation of the force"
    if outside:
        return f"{outside} of {total} random schedules do NOT dissipate {law}."
    return (
        f"An additive learning force on harmonic weights dissipates {law}: none of {total} random schedules is "
        f"outside. The cost of a quench, f^2/(2kT), is the maximum only of forces that never turn back; others cost "
        f"any multiple of it (here up to {furthest:.3g})."
    )


def _sentences(exact: Sequence[Schedules], sampled: Sequence[Schedules]) -> str:
    return " ".join((_inside(exact), _attained(exact), _monotone(exact), _confirmed(sampled)))


def _inside(exact: Sequence[Schedules]) -> str:
    total = sum(c.size for c in exact)
    below, above = _count(c.below for c in exact), _count(c.above for c in exact)
    text = (
        f"Of {total} random schedules, each with its own force, stiffness, temperature, mobility, duration, number of "
        f"weights and load, {below or 'none'} dissipated less than W2^2/(D tau) in its window tau, W2 the way of its "
        f"mean weights in it, and {above or 'none'} more than V^2/(2kT) up to t -> infinity, V the total variation of "
        f"its force (beyond a rounding of {ROUNDED:g})"
    )
    return f"{text}: the corridor is broken." if below or above else f"{text}."


def _attained(exact: Sequence[Schedules]) -> str:
    best, quench = (next(c for c in exact if c.kind == kind) for kind in ("optimal", "quench"))
    said = []
    for name, who, ratio in (
        ("floor", "the optimal protocol", best.cost / best.least),
        ("ceiling", "a quench", quench.cost / quench["ceiling"]),
    ):
        apart = float(np.max(np.abs(ratio - 1.0)))
        said.append(f"{who} {'attains' if apart <= ROUNDED else 'misses'} the {name}, to {apart:.1g} of it")
    return f"{said[0][0].upper()}{said[0][1:]}; {said[1]}."


def _monotone(exact: Sequence[Schedules]) -> str:
    turning, dearer = _count(c.turning for c in exact), _count(c.dearer & c.turning for c in exact)
    wrong, straight = _count(c.dearer & ~c.turning for c in exact), _count(~c.turning for c in exact)
    furthest = max(float(np.max(c.cost / c["last"])) for c in exact)
    nearest = max(float(np.max(np.where(c.turning, c.cost / c["ceiling"], 0.0))) for c in exact)
    return (
        f"What a quench to the same final force costs, f^2/(2kT), was exceeded by {wrong or 'none'} of {straight} "
        f"monotone schedules and by {dearer or 'none'} of {turning} that turn back, by a factor of up to "
        f"{furthest:.3g}; of V^2/(2kT) these reach {nearest:.3g} at most."
    )


def _confirmed(sampled: Sequence[Schedules]) -> str:
    (heat, n), (means, dof) = chi_squares(sampled).values()
    agree = all(check.verdict == "holds" for check in sampling_laws(sampled))
    per_schedule = plus_minus(Estimate(heat / n, float(np.sqrt(2.0 / n))))
    per_weight = plus_minus(Estimate(means / dof, float(np.sqrt(2.0 / dof))))
    error = max(float(np.max(c["stderr"] / c["window"])) for c in sampled)
    steps = max(float(np.max(np.abs(c["stairs"] / c["window"] - 1.0))) for c in sampled)
    return (
        f"Simulation of {n} more, each to {100.0 * error:.2g} % or better and in steps that change the cost by at most "
        f"{100.0 * steps:.1g} %, {'confirms' if agree else 'does not confirm'} the exact numbers: chi^2 is "
        f"{per_schedule} per schedule for the heat and {per_weight} per weight for the mean weights."
    )


def _count(which: Iterable[NDArray[np.bool_]]) -> int:
    return sum(int(np.sum(each)) for each in which)


ABOUT = {
    "window": ("nat", "Sigma(tau), dissipated in the window"),
    "floor": ("nat", "W2^2/(D tau)"),
    "relaxation": ("nat", "dissipated after the window, the force held"),
    "ceiling": ("nat", "V^2/(2kT), over all weights"),
    "last": ("nat", "f^2/(2kT), a quench to the final force"),
    "way": ("length", "W2: how far the mean of the weights goes in the window"),
    "variation": ("energy/length", "root of the sum of V^2 over the weights"),
    "strength": ("energy/length", "strength of the learning force of one pattern"),
    "stiffness": ("energy/length^2", "k"),
    "temperature": ("T0", "T"),
    "mobility": ("length^2/(energy time)", "mu"),
    "duration": ("time", "tau, the window"),
    "relaxations": ("1", "mu k tau"),
    "weights": ("1", "N"),
    "load": ("1", "P/N"),
    "heat": ("nat", "heat over temperature in the window, simulated"),
    "stderr": ("nat", "its standard error"),
    "stairs": ("nat", "its exact mean for the steps of the simulation"),
    "means": ("1", "chi^2 of the mean weights at the end, one for each weight"),
}


def _arrays(exact: Sequence[Schedules], sampled: Sequence[Schedules]) -> dict[str, Variable]:
    arrays = {}
    for axis, prefix, classes in (("schedule", "", exact), ("simulated", "simulated_", sampled)):
        kinds = np.repeat([c.kind for c in classes], [c.size for c in classes])
        arrays[f"{prefix}kind"] = Variable((axis,), kinds, "1", "kind of schedule")
        for name in classes[0].columns:
            unit, about = ABOUT[name]
            values = np.concatenate([c[name] for c in classes])
            arrays[f"{prefix}{name}"] = Variable((axis,), values, unit, about)
    positions = np.concatenate([c.position for c in exact])
    arrays["position"] = Variable(("schedule",), positions, "1", "ln(cost/floor) / ln(ceiling/floor)")
    return arrays
