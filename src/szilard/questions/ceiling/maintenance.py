"""What it costs to keep a driven steady state, against the ceiling that samples of it certify."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ...check import BoundCheck
from ...continuous import stationary
from ...errors import InputError
from ...estimate import Estimate
from ...laws import cost_ceiling
from ...reporting.numbers import plus_minus
from ...study.strict import Positive, Strict
from ..part import Entry, Finding, Part, Picture, Piece, Record, Table, Variable
from .maintenance_figure import drawn_maintenance
from .maintenance_processes import KINDS, estimate_of, hidden, measured

Strengths = Annotated[list[Positive], Field(max_length=12)]
NAMES = {
    "oja": "Oja, rate {strength:g}",
    "spike timing": "spike timing, rate {strength:g}",
    "network": "linear network, swirl {strength:g}",
    "gyrator": "gyrator, coupling {strength:g}",
    "ring": "ring, tilt {strength:g}",
    "hebbian": "Hebbian, at rest",
    "gradient": "logistic gradient, at rest",
    "hidden": "answers fed back",
}
FUNCTIONS = "sum_n mu_n T_n <(F_n/T_n + d_n Phi)^2>"
ASSUMPTIONS = (
    "stationary, overdamped, thermal noise of a strength that depends on no state",
    "the forces are the whole force at the sampled states, with the mobility and temperature of each coordinate",
    "Phi is any single-valued function; here a polynomial, beside the energy by name where forces are not linear (on "
    "the ring its first harmonic), fitted to one half of the samples and judged on the other",
    "simulated heat is free of its time step: linear processes are corrected by what the trapezoid rule books beyond "
    "the exact rate, others extrapolated from two steps",
)
DERIVED = "derived here"


class MaintenanceSettings(Strict):
    """Times in relaxation times 1/(mobility stiffness); energies in k_B T0; strengths: of what has no energy."""

    temperature: Positive = 0.4
    other_temperature: Positive = 1.3
    stiffness: Positive = 0.8
    mobility: Positive = 0.7
    oja: Strengths = [1.0, 3.0]
    spike_timing: Strengths = [0.4, 0.8]
    network: Strengths = [0.15, 0.5, 1.5]
    gyrator: Strengths = [0.25, 0.6]
    hill: Annotated[float, Field(gt=0.0, le=10.0)] = 1.4
    ring: Strengths = [0.7, 1.2]
    conservative: Positive = 1.5
    push: Positive = 0.8
    feedback: Positive = 1.2
    field: Positive = 1.0
    flip_rate: Positive = 2.0
    degree: Annotated[int, Field(ge=1, le=6)] = 2
    replicas: Annotated[int, Field(ge=200, le=1_000_000)] = 20_000
    replicas_fed_back: Annotated[int, Field(ge=200, le=1_000_000)] = 100_000
    duration: Annotated[float, Field(ge=0.1, le=100.0)] = 4.0
    looks: Annotated[int, Field(ge=1, le=20)] = 4
    dt: Annotated[float, Field(gt=0.0, le=0.02)] = 0.005


@dataclass(frozen=True)
class Row:
    """One process: its name, and its numbers with their errors; sigma_ss and ceilings in nats per time."""

    name: str
    kind: str
    record: Record

    @property
    def exact(self) -> Estimate:
        """sigma_ss; its error is the lattice's."""
        return Estimate(float(self.record["exact"]), float(self.record["error"]))

    def sampled(self, name: str) -> Estimate:
        """heat, fitted, named or whole."""
        return estimate_of(self.record, name)

    @property
    def rests(self) -> bool:
        """Whether it costs nothing: an energy explains the whole force at one temperature, or all of it to rounding."""
        return bool(self.record.get("conservative", False)) or self.exact.value == 0.0

    @property
    def tightness(self) -> Estimate | None:
        """sigma_ss, of an answer fed back heat/T + Idot_w, over the fitted ceiling: at most 1."""
        ceiling = self.sampled("fitted")
        if not ceiling.value > 0.0 or self.rests:
            return None
        ratio = (self.exact.value + float(self.record.get("flow", 0.0))) / ceiling.value
        return Estimate(ratio, ratio * ceiling.stderr / ceiling.value, ceiling.n)


def maintenance_part(settings: MaintenanceSettings, time_step: float) -> Part:
    r"""sigma_ss <= sum_n mu_n T_n <(F_n/T_n + d_n Phi)^2> for any Phi, with equality at Phi = -ln p_ss.

    One piece for each driven process and strength, two for rules that have an energy and rest, one for a driving that
    is hidden in an average. time_step: factor on the step of every simulation. Raises InputError for a process without
    a stationary state.

    >>> part = maintenance_part(MaintenanceSettings(oja=[], network=[0.5]), 1.0)
    >>> [piece.coordinates["process"] for piece in part.pieces][:3]
    ['spike timing', 'spike timing', 'network']
    """
    values = list(_values(settings, time_step))
    for v in values:
        _refuse_restless(v)
    pieces = tuple(Piece(v, partial(_work, v), 6.0 if v["process"] in ("oja", "gradient") else 1.0) for v in values)
    return Part("maintenance", "What a driven steady state costs", pieces, partial(_conclude, values))


def _values(s: MaintenanceSettings, time_step: float) -> Iterator[dict[str, Any]]:
    unit = 1.0 / (s.mobility * s.stiffness)
    common = {
        "temperature": s.temperature, "stiffness": s.stiffness, "mobility": s.mobility, "replicas": s.replicas,
        "duration": unit * s.duration, "looks": s.looks, "dt": unit * s.dt * time_step,
    }  # fmt: skip
    for kind, strengths, own in (
        ("oja", s.oja, {"degree": s.degree}),
        ("spike timing", s.spike_timing, {}),
        ("network", s.network, {}),
        ("gyrator", s.gyrator, {"other": s.other_temperature}),
        ("ring", s.ring, {"hill": s.hill}),
        ("hebbian", [s.conservative], {}),
        ("gradient", [s.conservative], {"degree": s.degree}),
    ):
        for strength in dict.fromkeys(strengths):
            yield {"process": kind, "strength": strength} | common | own
    label = {"push": s.push, "feedback": s.feedback, "field": s.field, "flip_rate": s.flip_rate}
    yield {"process": "hidden"} | common | label | {"replicas": s.replicas_fed_back}


def _work(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    if v["process"] == "hidden":
        return hidden(v, seed, threads)
    return measured(KINDS[v["process"]](v), v, seed, threads)


def _refuse_restless(v: Mapping[str, Any]) -> None:
    """Raise InputError in the words of the settings where a linear process has no stationary state."""
    if v["process"] == "hidden":
        return
    try:
        process = KINDS[v["process"]](v).process
        if process.is_linear:
            stationary(process)
    except InputError as error:
        key = str(v["process"]).replace(" ", "_")
        raise InputError(key, v["strength"], f"has no stationary state: {error.rule}", "take it smaller") from error


def _conclude(values: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> Finding:
    rows = [Row(NAMES[v["process"]].format(**v), v["process"], r) for v, r in zip(values, records, strict=True)]
    driven = [row for row in rows if row.kind != "hidden" and not row.rests]
    resting = [row for row in rows if row.rests]
    unseen = next(row for row in rows if row.kind == "hidden")
    checks = [check for row in rows for check in (_laws(row) if row is not unseen else _seen(unseen))]
    broken = [check for row in rows for check in _expected(row)]
    heads = (
        "steady state", "sigma_ss (nat per time)", "heat / T, simulated", "fitted ceiling", "cost / fitted",
        "ceiling of the energy by name", "ceiling of the whole force",
    )  # fmt: skip
    table = Table(heads, tuple(_cells(row) for row in rows))
    caption = (
        "What it costs to keep steady states, exactly (diamonds) and by the heat of simulated weights (points), below "
        "the ceilings that samples certify: of a fitted function (triangles) and of the energy that one would name "
        "(squares). Shaded: where no true ceiling lies. Crosses: ceilings without their assumptions."
    )
    size = (7.2, 1.2 + 0.29 * len(rows))
    return Finding(
        _sentences(driven, resting, unseen, checks, broken), ASSUMPTIONS, table,
        Picture(partial(drawn_maintenance, tuple(rows)), caption, size), tuple(checks), tuple(broken), _arrays(rows),
        _gist(driven, checks),
    )  # fmt: skip


def _laws(row: Row) -> Iterator[BoundCheck]:
    exact, heat, fitted, named = row.exact, row.sampled("heat"), row.sampled("fitted"), row.sampled("named")
    yield BoundCheck(f"{row.name}: heat/T per time = sigma_ss", heat, exact, ASSUMPTIONS[:1], relation="=")
    if row.rests:
        for ceiling, of in ((named, "its energy"), (fitted, "the fitted function")):
            rule = f"{row.name}: ceiling of {of} = 0"
            yield BoundCheck(rule, ceiling, Estimate.exact(0.0), ASSUMPTIONS, DERIVED, relation="=")
        return
    yield BoundCheck(f"{row.name}: sigma_ss <= ceiling of the energy by name", exact, named, ASSUMPTIONS[:2], DERIVED)
    if "best" in row.record:
        best = Estimate.exact(float(row.record["best"]))
        yield BoundCheck(f"{row.name}: sigma_ss <= best quadratic ceiling", exact, best, ASSUMPTIONS[:2], DERIVED)
        rule = f"{row.name}: fitted ceiling = sigma_ss, attained"
        yield BoundCheck(rule, fitted, exact, ASSUMPTIONS, DERIVED, relation="=")
    else:
        found = cost_ceiling(exact, fitted)
        name = f"{row.name}: sigma_ss <= fitted ceiling"
        yield BoundCheck(name, found.smaller, found.larger, ASSUMPTIONS, DERIVED, found.stderr)


def _seen(row: Row) -> Iterator[BoundCheck]:
    r"""Q/T + Idot_w <= mu T <(F/T + dPhi/dw)^2>, Phi(w), with the answer's jumps in the force."""
    exact = row.exact
    yield BoundCheck(f"{row.name}: heat/T per time", row.sampled("heat"), exact, ASSUMPTIONS[:1], relation="=")
    paid = Estimate(exact.value + float(row.record["flow"]), exact.stderr)
    rule = f"{row.name}: heat/T + information flow <= ceiling of the whole force"
    yield BoundCheck(rule, paid, row.sampled("fitted"), ASSUMPTIONS, DERIVED)


def _expected(row: Row) -> Iterator[BoundCheck]:
    """The same ceilings where an assumption is broken on purpose."""
    if row.kind == "gyrator":
        rule = f"{row.name}: sigma_ss <= sum_n mu_n <(F_n + d_n U)^2>/T_n (false at two temperatures)"
        yield BoundCheck(rule, row.exact, Estimate.exact(0.0), ("one temperature: broken here",), DERIVED)
    if row.kind == "hidden":
        rule = f"{row.name}: heat/T <= ceiling of the averaged force"
        broken = ("the forces are the whole force: here the average over the answers at a given weight",)
        yield BoundCheck(rule, row.exact, row.sampled("averaged"), broken, DERIVED)


def _cells(row: Row) -> tuple[Entry, ...]:
    hides = row.kind == "hidden"
    exact = Estimate.exact(row.exact.value) if row.exact.stderr < 1e-3 * abs(row.exact.value) else row.exact
    named, whole = (None, None) if hides else (row.sampled("named"), row.sampled("whole"))
    return row.name, exact, row.sampled("heat"), row.sampled("fitted"), row.tightness, named, whole


def _gist(driven: Sequence[Row], checks: Sequence[BoundCheck]) -> str:
    costs = [row.exact.value for row in driven]
    if not costs or any(check.verdict == "violated" for check in checks):
        return ""
    return (
        f"A driven state, whose force no energy explains or which two temperatures hold, costs for every moment that "
        f"it is kept: {min(costs):.2g} to {max(costs):.2g} nat per time in {len(costs)} cases (rules, networks, a "
        "gyrator, a ring), and within errors never more than the ceiling that samples certify. A rule with an energy "
        "and one temperature costs nothing to keep."
    )


def _sentences(
    driven: Sequence[Row], resting: Sequence[Row], unseen: Row, checks: Sequence[BoundCheck],
    broken: Sequence[BoundCheck],
) -> str:  # fmt: skip
    wrong = [check.name for check in checks if check.verdict == "violated"]
    undecided = sum(check.verdict == "inconclusive" for check in checks)
    if wrong:
        text = f"{len(wrong)} of {len(checks)} laws that should hold are violated: {'; '.join(wrong)}. "
    elif driven:
        costs = [row.exact.value for row in driven]
        text = (
            f"None of {len(driven)} driven steady states, which cost {min(costs):.2g} to {max(costs):.2g} nat per time "
            f"to keep, costs more than the ceiling {FUNCTIONS} of any function Phi"
        )
        text += f" ({undecided} of {len(checks)} checks are inconclusive). " if undecided else ". "
    else:
        text = ""
    fits = [(row, row.tightness) for row in driven]
    known = [(row, t) for row, t in fits if t is not None]
    if known:
        loosest = min(known, key=lambda pair: pair[1].value)
        named = max(driven, key=lambda row: row.sampled("named").value / row.exact.value)
        factor = named.sampled("named").value / named.exact.value
        text += (
            f"The cost is at least {plus_minus(loosest[1])} of the ceiling fitted to samples alone "
            f"({loosest[0].name}); the energy that one would name allows up to {factor:.3g} times the cost "
            f"({named.name}). "
        )
    still = "; ".join(f"{row.name}: heat/T {plus_minus(row.sampled('heat'))} per time" for row in resting)
    text += f"Rules with an energy cost nothing to keep ({still}). " if not _breaks(resting, checks) else ""
    if broken:
        count = sum(check.verdict == "violated" for check in broken)
        text += (
            f"{count} of {len(broken)} ceilings with an assumption broken on purpose are violated: with one energy for "
            "two temperatures, or with the average of a force for the force "
            f"(heat/T {unseen.exact.value:.3g} above {plus_minus(unseen.sampled('averaged'))})."
        )
    return text.strip()


def _breaks(resting: Sequence[Row], checks: Sequence[BoundCheck]) -> bool:
    names = tuple(f"{row.name}:" for row in resting)
    return any(check.verdict == "violated" and check.name.startswith(names) for check in checks)


def _arrays(rows: Sequence[Row]) -> dict[str, Variable]:
    seen = [row for row in rows if row.kind != "hidden"]
    per_time = "nat per time"
    arrays = {
        "steady_state": Variable(("steady_state",), np.array([row.name for row in seen]), "1", "processes"),
        "sigma": Variable(("steady_state",), [row.exact.value for row in seen], per_time, "exact entropy production"),
    }
    about = {
        "heat": "heat over temperature of simulated weights",
        "fitted": "ceiling of a function fitted to half of the samples",
        "named": "ceiling of the energy by name",
        "whole": "ceiling of Phi = 0",
    }
    for name, text in about.items():
        found = [row.sampled(name) for row in seen]
        arrays[name] = Variable(("steady_state",), [x.value for x in found], per_time, text)
        arrays[f"{name}_stderr"] = Variable(("steady_state",), [x.stderr for x in found], per_time, "standard error")
    unseen = next(row for row in rows if row.kind == "hidden")
    for name in ("exact", "flow"):
        arrays[f"hidden_{name}"] = Variable((), float(unseen.record[name]), per_time, "answers fed back: exact rates")
    for name in ("heat", "averaged", "fitted"):
        arrays[f"hidden_{name}"] = Variable(("value_stderr",), list(unseen.record[name]), per_time, "answers fed back")
    return arrays
