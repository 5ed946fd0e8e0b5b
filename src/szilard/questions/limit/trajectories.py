"""Single trajectories that learn more than they pay: how often, and how far below the bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ...check import BoundCheck
from ...estimate import Estimate, Sampled, exponential_average
from ...laws.unseen import limited
from ...reporting.numbers import plus_minus
from ...study.strict import Positive, Rate, Strict
from ..part import Finding, Part, Picture, Piece, Record, Table, Variable
from .trajectories_cases import Case, additive_case, quenched_case
from .trajectories_figure import draw_fluctuations

Array = NDArray[np.float64]
EDGES = np.linspace(-6.0, 14.0, 201)
ROUNDING = 1e-9
"""Nats by which R must be negative to count: where labels cancel it is zero but for rounding."""


class FluctuationSettings(Strict):
    """One bath; ramps of a Hebbian synapse; a Hebbian network; rules whose force is not additive."""

    temperature: Positive = 0.7
    stiffness: Positive = 1.3
    mobility: Positive = 1.6
    learning_rate: Positive = 1.1
    ramps: Annotated[list[Rate], Field(min_length=1, max_length=20)] = [0.0, 2.0, 10.0, 50.0]
    weights: Annotated[int, Field(ge=1, le=64)] = 6
    patterns: Annotated[int, Field(ge=1, le=12)] = 4
    network_rate: Positive = 1.1
    network_ramp: Rate = 4.0
    quenched: Annotated[list[Literal["perceptron", "adatron"]], Field(max_length=2)] = ["perceptron", "adatron"]
    quench_rate: Positive = 1.5
    below: Annotated[list[Positive], Field(min_length=1, max_length=20)] = [0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0]
    replicas: Annotated[int, Field(ge=400, le=10**7)] = 100_000


def fluctuation_part(settings: FluctuationSettings, time_step: float) -> Part:
    r"""R = Delta s(w) + q/T - i(w; s_T) per trajectory: <e^{-R}> = 1, so P(R <= -x) <= e^{-x}, and <R> >= 0.

    One piece per case.
    """
    return Part(
        "fluctuations",
        "Single trajectories below the bound",
        tuple(_pieces(settings, time_step)),
        partial(_conclude, settings),
    )


def _pieces(settings: FluctuationSettings, time_step: float) -> Iterator[Piece]:
    bath = {name: getattr(settings, name) for name in ("temperature", "stiffness", "mobility")}
    common = {**bath, "replicas": settings.replicas, "below": settings.below, "time_step": time_step}

    def piece(kind: Any, effort: float, **at: Any) -> Piece:
        coordinates = {**common, **at}
        return Piece(coordinates, partial(_work, kind, coordinates), effort)

    for ramp in settings.ramps:
        yield piece(additive_case, 1.0 + 0.05 * ramp, rate=settings.learning_rate, ramp=ramp, weights=1, patterns=1)
    yield piece(
        additive_case, 4.0, rate=settings.network_rate, ramp=settings.network_ramp, weights=settings.weights,
        patterns=settings.patterns,
    )  # fmt: skip
    for rule in settings.quenched:
        yield piece(quenched_case, 4.0, rule=rule, rate=settings.quench_rate)


def _work(kind: Any, at: dict[str, Any], seed: int, threads: int | None) -> Record:
    case: Case = kind(at, seed, threads)
    record: dict[str, Any] = {"name": case.name, "exact_mean": case.exact_mean, "exact_below": case.exact_below}
    for key, values in (("paid", case.excess), ("answered", case.answered_excess)):
        if values is None:
            continue
        mean, theorem = Sampled.mean(values).estimate(), exponential_average(values)
        theorem = limited(theorem, case.unseen if key == "answered" else 0.0)
        record[key] = {
            "mean": [mean.value, mean.stderr, mean.n],
            "theorem": [theorem.value, theorem.stderr, theorem.n, theorem.ess],
            "below": int(np.count_nonzero(values < -ROUNDING)),
            "tail": [int(np.count_nonzero(values <= -x)) for x in at["below"]],
            "counts": np.histogram(values, EDGES)[0].tolist(),
        }
    return record


def _share(count: int, n: int) -> Estimate:
    """A probability from a count, (c + 1)/(n + 2): its error is not zero where nothing was seen."""
    p = (count + 1.0) / (n + 2.0)
    return Estimate(p, float(np.sqrt(p * (1.0 - p) / (n + 3.0))), n)


def _of(numbers: Sequence[float]) -> Estimate:
    value, stderr, n, *ess = numbers
    return Estimate(value, stderr, int(n), ess[0] if ess else None)


def _conclude(settings: FluctuationSettings, records: Sequence[Record]) -> Finding:
    picture = Picture(
        partial(draw_fluctuations, settings, records, EDGES),
        "Left: density of R, what a trajectory paid less what it learned, for several ramps; in the shaded region it "
        "learned more than it paid. Right: how often R <= -x; no probability may lie above e^-x.",
        (7.2, 4.1),
    )
    return Finding(
        _text(settings, records),
        (
            "fluctuations: the weight starts in equilibrium, independent of its label; one bath; no feedback; R is of "
            "the trajectory, its label and the ensemble's density at its end",
        ),
        _table(settings, records),
        picture,
        tuple(_checks(settings, records)),
        (),
        _arrays(settings, records),
        _gist(settings, records),
    )


def _gist(settings: FluctuationSettings, records: Sequence[Record]) -> str:
    often = [100.0 * _share(r["paid"]["below"], settings.replicas).value for r in records]
    negative = sum(m.value < -5.0 * m.stderr for m in (_of(r["paid"]["mean"]) for r in records))
    return f"Single trajectories learn more than they pay in {min(often):.0f} to {max(often):.0f} % of all cases; " + (
        "their mean never does." if not negative else f"{negative} of {len(records)} means do TOO."
    )


def _text(settings: FluctuationSettings, records: Sequence[Record]) -> str:
    ramps = records[: len(settings.ramps)]
    often = [_share(r["paid"]["below"], settings.replicas) for r in ramps]
    fast, slow = (int(i) for i in (np.argmin(settings.ramps), np.argmax(settings.ramps)))
    means = [_of(r["paid"]["mean"]) for r in records]
    theorems = [_of(r[key]["theorem"]) for r in records for key in ("paid", "answered") if key in r]
    trusted = [t for t in theorems if t.trusted]
    told = [_share(r["answered"]["below"], settings.replicas) for r in records if "answered" in r]
    rare = sum(not _of(r["answered"]["theorem"]).trusted for r in records if "answered" in r)
    worst = max((abs(t.value - 1.0) / t.stderr for t in trusted), default=float("nan"))
    above = [check for check in _tails(settings, records) if check.verdict == "violated"]
    tails = "never beyond" if not above else f"{len(above)} times BEYOND"
    negative = [m for m in means if m.value < -5.0 * m.stderr]
    mean = "none of the means does" if not negative else f"{len(negative)} of the means DO too"
    return (
        f"Single trajectories learn more than they pay: after a ramp of {settings.ramps[fast]:g} relaxation times "
        f"{plus_minus(often[fast], 100.0)} % of them, after one of {settings.ramps[slow]:g} "
        f"{plus_minus(often[slow], 100.0)} %; {mean} (<R> from {plus_minus(min(means, key=_value))} to "
        f"{plus_minus(max(means, key=_value))} nat). <e^-R> = 1 within {worst:.1f} sigma wherever it can be trusted "
        f"({len(trusted)} of {len(theorems)} averages; {rare} of {len(told)} with the answer rest on weights too "
        f"rare to be met), and the share of trajectories that gain x nats is {tails} e^-x."
    )


def _value(estimate: Estimate) -> float:
    return estimate.value


def _table(settings: FluctuationSettings, records: Sequence[Record]) -> Table:
    rows: list[tuple[Any, ...]] = []
    for r in records:
        for key, what in (("paid", "i(w:labels)"), ("answered", "i(label:answer)")):
            if key in r:
                exact = (r["exact_mean"], r["exact_below"]) if key == "paid" else (None, None)
                rows.append(
                    (
                        r["name"], what, _of(r[key]["mean"]), exact[0], _share(r[key]["below"], settings.replicas),
                        exact[1], _of(r[key]["theorem"]),
                    )
                )  # fmt: skip
    return Table(("case", "learned", "<R> (nat)", "exact", "P(R < 0)", "exact", "<exp(-R)>"), tuple(rows))


def _checks(settings: FluctuationSettings, records: Sequence[Record]) -> Iterator[BoundCheck]:
    one, zero = Estimate.exact(1.0), Estimate.exact(0.0)
    for r in records:
        for key, what in (("paid", "R"), ("answered", "R with the answer")):
            if key in r:
                yield BoundCheck(f"{r['name']}: <e^-R> = 1, {what}", _of(r[key]["theorem"]), one, relation="=")
                yield BoundCheck(f"{r['name']}: 0 <= <R>, {what}", zero, _of(r[key]["mean"]))
        mean, often = _of(r["paid"]["mean"]), _share(r["paid"]["below"], settings.replicas)
        yield BoundCheck(f"{r['name']}: <R>", mean, Estimate.exact(r["exact_mean"]), relation="=")
        yield BoundCheck(f"{r['name']}: P(R < 0)", often, Estimate.exact(r["exact_below"]), relation="=")
    yield from _tails(settings, records)


def _tails(settings: FluctuationSettings, records: Sequence[Record]) -> Iterator[BoundCheck]:
    """Of every case the x where the share of trajectories comes closest to e^-x."""
    for r in records:
        for key, what in (("paid", ""), ("answered", " with the answer")):
            if key in r:
                pairs = [(x, _share(c, settings.replicas)) for x, c in zip(settings.below, r[key]["tail"], strict=True)]
                x, share = max(pairs, key=lambda pair: pair[1].value * np.exp(pair[0]))
                name = f"{r['name']}: P(R <= -x) <= e^-x at the closest of {len(pairs)} x, R{what}"
                yield BoundCheck(name, share, Estimate.exact(float(np.exp(-x))))


def _arrays(settings: FluctuationSettings, records: Sequence[Record]) -> dict[str, Variable]:
    width = np.diff(EDGES)
    density = [np.array(r["paid"]["counts"]) / (settings.replicas * width) for r in records]
    tail = [[_share(c, settings.replicas).value for c in r["paid"]["tail"]] for r in records]
    return {
        "density": Variable(("case", "bin"), density, "1 / nat", "of R = paid - learned"),
        "bin": Variable(("bin",), 0.5 * (EDGES[1:] + EDGES[:-1]), "nat", "middle of the bin"),
        "tail": Variable(("case", "below"), tail, "1", "P(R <= -x)"),
        "below": Variable(("below",), settings.below, "nat", "x"),
        "exact_mean": Variable(("case",), [r["exact_mean"] for r in records], "nat", "<R>"),
        "exact_below": Variable(("case",), [r["exact_below"] for r in records], "1", "P(R < 0)"),
    }
