"""Where answers that come back as labels break the limit: the phase diagram of label feedback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ...check import BoundCheck
from ...continuous import feedback_stationary, sample_feedback
from ...estimate import Estimate
from ...study.strict import Positive, Strict
from ..part import Finding, Part, Picture, Piece, Record, Table, Variable
from .phases_figure import draw_phases
from .phases_limit import FeedbackSystem, Number, deepest_cooling, fast_heat_rate, process_at

Array = NDArray[np.float64]
QUANTITIES = ("heat", "label_heat", "slack", "label_slack", "error")


class SampledPoint(Strict):
    """A point of the diagram that is simulated too; system: its number in the list, from 0."""

    system: Annotated[int, Field(ge=0)] = 0
    share: Number = 0.25
    rate: Positive = 1.0


class PhaseSettings(Strict):
    """The grid of gains and rates, the systems, and the points that are simulated."""

    shares: Annotated[list[Number], Field(min_length=2, max_length=200)] = [
        -0.25, -0.1, 0.0, 0.05, 0.1, 0.18, 0.25, 0.3333333333333333, 0.42, 0.5, 0.6, 0.75, 1.0,
    ]  # fmt: skip
    rates: Annotated[list[Positive], Field(min_length=2, max_length=200)] = [0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0]
    systems: Annotated[list[FeedbackSystem], Field(min_length=1, max_length=20)] = [
        FeedbackSystem(),
        FeedbackSystem(push=0.6, field=2.1, temperature=0.7, stiffness=1.3, mobility=1.6),
    ]
    sampled: Annotated[list[SampledPoint], Field(max_length=100)] = [
        SampledPoint(system=0, share=0.3333333333333333, rate=1.0),
        SampledPoint(system=1, share=0.25, rate=3.0),
        SampledPoint(system=1, share=0.75, rate=1.0),
        SampledPoint(system=1, share=0.1, rate=10.0),
    ]
    replicas: Annotated[int, Field(ge=40, le=10**7)] = 4000

    @model_validator(mode="after")
    def _points_have_systems(self) -> PhaseSettings:
        if any(point.system >= len(self.systems) for point in self.sampled):
            raise ValueError(f"sampled: system must be below {len(self.systems)}, the number of systems")
        return self


@dataclass(frozen=True)
class Diagram:
    """Stationary rates on the grid of one system: (share, rate)."""

    system: FeedbackSystem
    values: dict[str, Array]

    def known(self, name: str) -> Array:
        """The values, those that cannot be told from zero by their numerical error as zero."""
        found = self.values[name]
        return np.where(np.abs(found) > 2.0 * self.values["error"], found, 0.0)


def phase_part(settings: PhaseSettings, time_step: float) -> Part:
    r"""Q_w = mu [<F^2> - k T] over (g/a, gamma): < 0 where the weight cools its bath and the right side falls for ever.

    One piece per point of every grid, one per sampled point, and one for the deepest cooling at the fastest answers.
    """
    return Part(
        "phases",
        "Where feedback breaks the limit",
        tuple(_pieces(settings, time_step)),
        partial(_conclude, settings),
    )


def _pieces(settings: PhaseSettings, time_step: float) -> Iterator[Piece]:
    for system in settings.systems:
        for share in settings.shares:
            for rate in settings.rates:
                at = {"what": "exact", **system.model_dump(), "share": share, "rate": rate}
                yield Piece(at, partial(_exact, system, share, rate), effort=0.3)
    for point in settings.sampled:
        system = settings.systems[point.system]
        at = {
            "what": "sampled", **system.model_dump(), "share": point.share, "rate": point.rate,
            "replicas": settings.replicas, "time_step": time_step,
        }  # fmt: skip
        yield Piece(at, partial(_sampled, system, point, settings.replicas, time_step), effort=1.5)
    first = settings.systems[0]
    yield Piece({"what": "deepest", **first.model_dump()}, partial(_deepest, first), effort=0.1)


def _exact(system: FeedbackSystem, share: float, rate: float, seed: int, threads: int | None) -> Record:
    found = feedback_stationary(process_at(system, share, rate))
    return dict(zip(QUANTITIES, (*found.heat, found.slack_weight, found.slack_label, found.error), strict=True))


def _sampled(
    system: FeedbackSystem, point: SampledPoint, replicas: int, time_step: float, seed: int, threads: int | None
) -> Record:
    process = process_at(system, point.share, point.rate)
    pace = max(system.mobility * system.stiffness, point.rate)
    run = sample_feedback(
        process, 30.0 / (system.mobility * system.stiffness), replicas=replicas, seed=seed,
        dt=0.05 * time_step / pace, initial="stationary", threads=threads,
    )  # fmt: skip
    weight = run.heat_rates()[0]
    return {"rate": weight.value, "stderr": weight.stderr, "n": weight.n, "exact": _exact(
        system, point.share, point.rate, 0, None)["heat"]}  # fmt: skip


def _deepest(system: FeedbackSystem, seed: int, threads: int | None) -> Record:
    share, heat = deepest_cooling(system)
    return {"share": share, "heat": heat}


def _conclude(settings: PhaseSettings, records: Sequence[Record]) -> Finding:
    shape = (len(settings.shares), len(settings.rates))
    size = shape[0] * shape[1]
    diagrams = [
        Diagram(
            system,
            {
                name: np.array([r[name] for r in records[i * size : (i + 1) * size]]).reshape(shape)
                for name in QUANTITIES
            },
        )
        for i, system in enumerate(settings.systems)
    ]
    first = len(diagrams) * size
    sampled = records[first : first + len(settings.sampled)]
    deepest = records[-1]
    picture = Picture(
        partial(draw_phases, settings, diagrams, sampled),
        "Left: heat of the weight per time, over the share g/a of the answer that comes back and the rate of the "
        "answers (thick: zero; crosses: simulated). Right: cuts through it, and the limit of fast answers. In the "
        "shaded region the weight cools its bath for ever, and what it learned exceeds entropy plus heat in the end.",
        (7.2, 3.4),
    )
    return Finding(
        _text(settings, diagrams, deepest),
        (
            "label feedback: one synapse, one binary answer that flips with local detailed balance, both with baths of "
            "one temperature, stationary",
        ),
        _table(settings, diagrams, sampled),
        picture,
        tuple(_checks(settings, diagrams, sampled)),
        tuple(_broken(settings, diagrams)),
        _arrays(settings, diagrams, sampled),
        _gist(settings, diagrams),
    )


def _cooling(diagram: Diagram) -> NDArray[np.bool_]:
    return np.asarray(diagram.known("heat") < 0.0)


def _expected(settings: PhaseSettings) -> Array:
    """The sign of g (g - a/2) at every share."""
    share = np.array(settings.shares)
    return np.asarray(np.sign(np.round(share * (share - 0.5), 12)))[:, None]


def _gist(settings: PhaseSettings, diagrams: Sequence[Diagram]) -> str:
    inside = np.broadcast_to(_expected(settings) < 0.0, (len(settings.shares), len(settings.rates)))
    within, without = (sum(int(np.sum(_cooling(d) & where)) for d in diagrams) for where in (inside, ~inside))
    repaired = all((d.known("slack") >= 0.0).all() for d in diagrams)
    count = len(diagrams) * int(inside.sum())
    flow = "repairs" if repaired else "does NOT repair"
    return (
        f"Answers that come back as labels break it for ever where 0 < g < a/2 ({within} of {count} points inside, "
        f"{without} of {len(diagrams) * inside.size - count} outside); the information flow {flow} it."
    )


def _text(settings: PhaseSettings, diagrams: Sequence[Diagram], deepest: Record) -> str:
    heat = np.stack([d.known("heat") for d in diagrams])
    odd = int(np.count_nonzero(np.sign(heat) != _expected(settings)))
    repaired = all((d.known("slack") >= 0.0).all() for d in diagrams)
    low, i = min((float(d.values["heat"].min()), i) for i, d in enumerate(diagrams))
    at = np.unravel_index(np.argmin(diagrams[i].values["heat"]), heat.shape[1:])
    signs = "at every one of" if odd == 0 else f"at all but {odd} of"
    flow = "restores the second law at every point" if repaired else "does NOT restore the second law everywhere"
    where = f"g/a = {settings.shares[int(at[0])]:.3g}, rate {settings.rates[int(at[1])]:g}"
    return (
        f"When its own answers come back as labels, the sign of a synapse's heat is that of g (g - a/2) {signs} "
        f"{heat.size} points, however fast it answers: where 0 < g < a/2 it cools its bath and breaks the limit "
        f"for ever. The deepest on the grid is {low:.6f} k_B T0 per time (system {i}, {where}); of system 0 with "
        f"infinitely fast answers it is {deepest['heat']:.6f} at g/a = {deepest['share']:.3f}. The information flow "
        f"{flow}."
    )


def _table(settings: PhaseSettings, diagrams: Sequence[Diagram], sampled: Sequence[Record]) -> Table:
    rows: list[tuple[Any, ...]] = []
    for i, diagram in enumerate(diagrams):
        for j, share in enumerate(settings.shares):
            k = int(np.argmin(diagram.values["heat"][j]))
            heat, slack = diagram.known("heat")[j], diagram.known("slack")[j]
            rows.append(
                (i, f"{share:.3g}", settings.rates[k], float(heat.min()), float(heat.max()), float(slack.min()), None)
            )
    for point, record in zip(settings.sampled, sampled, strict=True):
        measured = Estimate(record["rate"], record["stderr"], int(record["n"]))
        rows.append((point.system, f"{point.share:.3g}", point.rate, record["exact"], record["exact"], None, measured))
    heads = ("system", "g/a", "answers per time", "least heat", "largest heat", "least slack with flow", "simulated")
    return Table(heads, tuple(rows))


def _checks(settings: PhaseSettings, diagrams: Sequence[Diagram], sampled: Sequence[Record]) -> Iterator[BoundCheck]:
    zero = Estimate.exact(0.0)
    laws = (("slack", "the weight: 0 <= Q_w/T - Idot_w"), ("label_slack", "the answer: 0 <= Q_s/T - Idot_s"))
    sign = _expected(settings)[:, 0]
    for i, diagram in enumerate(diagrams):
        for name, law in laws:
            apart = diagram.known(name)[sign != 0.0]
            if apart.size:
                least = Estimate.exact(float(apart.min()))
                yield BoundCheck(f"label feedback, system {i}, {law}, off g = 0 and a/2", zero, least)
        outside = diagram.known("heat")[sign > 0.0]
        if outside.size:
            name = f"label feedback, system {i}: 0 <= Q_w outside 0 < g < a/2"
            yield BoundCheck(name, zero, Estimate.exact(float(outside.min())))
    for point, record in zip(settings.sampled, sampled, strict=True):
        yield BoundCheck(
            f"label feedback, system {point.system}, g/a = {point.share:.3g}, rate {point.rate:g}: heat of the weight",
            Estimate(record["rate"], record["stderr"], int(record["n"])),
            Estimate.exact(record["exact"]),
            relation="=",
        )


def _broken(settings: PhaseSettings, diagrams: Sequence[Diagram]) -> Iterator[BoundCheck]:
    for i, diagram in enumerate(diagrams):
        inside = diagram.known("heat")[_expected(settings)[:, 0] < 0.0]
        if inside.size:
            name = f"label feedback, system {i}: 0 <= Q_w inside 0 < g < a/2, at its largest"
            yield BoundCheck(name, Estimate.exact(0.0), Estimate.exact(float(inside.max())))


def _arrays(settings: PhaseSettings, diagrams: Sequence[Diagram], sampled: Sequence[Record]) -> dict[str, Variable]:
    dims = ("system", "share", "rate")
    about = {
        "heat": "of the weight into its bath",
        "label_heat": "of the answer into its bath",
        "slack": "Q_w/T - Idot_w",
        "label_slack": "Q_s/T - Idot_s",
        "error": "numerical, of every rate",
    }
    arrays = {
        name: Variable(
            dims, np.stack([d.values[name] for d in diagrams]), "nat / time" if "slack" in name else "k_B T0 / time",
            about[name],
        )
        for name in QUANTITIES
    }  # fmt: skip
    arrays |= {
        "share": Variable(("share",), settings.shares, "1", "g/a"),
        "rate": Variable(("rate",), settings.rates, "1 / time", "flips of the answer at w = 0"),
        "sampled": Variable(("point", "estimate"), [[r["rate"], r["stderr"], r["exact"]] for r in sampled],
                            "k_B T0 / time", "heat of the weight: simulated, its standard error, exact"),
    }  # fmt: skip
    first = settings.systems[0]
    limit = [fast_heat_rate(first, share) for share in settings.shares]
    return arrays | {"fast": Variable(("share",), limit, "k_B T0 / time", "limit of fast answers, system 0")}
