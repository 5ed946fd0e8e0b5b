"""How what learning dissipates grows with each thing that sets it: exponents measured, beside those of theory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from ...check import BoundCheck
from ...estimate import Estimate
from ...reporting.numbers import plus_minus
from ...study.power_law import PowerFit, power_fit, slope_beside
from ...study.strict import Positive, Strict
from ..part import Entry, Finding, Part, Picture, Piece, Record, Table, Variable
from .scaling_figure import drawn_ladders
from .scaling_ladders import LADDERS, Ladder, climbed, exact_curve

Array = NDArray[np.float64]
BENT = 1e-3
"""The probability of its chi2 below which a power law is said not to fit."""
BENDS = {"ramp": ("fast", "slow"), "dwell": ("short", "long")}
"""Ladders that cross over at one relaxation time, from the power 0 to the power -1."""
ASSUMPTIONS = (
    "Hebbian quench, ramp and samples: a force that does not depend on the weights, given the labels, from equilibrium",
    "independent fair labels, inputs +-1; all other parameters held",
    "times are in relaxation times 1/(mobility stiffness): a real time would bring its own factor",
    "samples are shown at a given strength of the force; at a given impulse the exponents are smaller by 2",
)
DERIVED = "derived here"


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("must hold every value once")
    return values


Load = Annotated[float, Field(ge=0.05, le=10.0)]
Rungs = Annotated[list[Positive], Field(min_length=3, max_length=16), AfterValidator(_distinct)]
Loads = Annotated[list[Load], Field(min_length=3, max_length=16), AfterValidator(_distinct)]
Sizes = Annotated[
    list[Annotated[int, Field(ge=2, le=2000)]], Field(min_length=3, max_length=16), AfterValidator(_distinct)
]


class ExponentSettings(Strict):
    """What is held, and the rungs of every ladder; times in relaxation times 1/(mobility stiffness)."""

    learning_rate: Positive = 2.4
    weights: Annotated[int, Field(ge=2, le=500)] = 12
    load: Load = 0.75
    temperature: Positive = 0.7
    stiffness: Positive = 1.6
    mobility: Positive = 0.6
    inputs: Annotated[int, Field(ge=0, le=2**31)] = 5
    rates: Rungs = [0.6, 1.2, 2.4, 4.8, 9.6]
    loads: Annotated[list[Load], Field(min_length=3, max_length=16), AfterValidator(_distinct)] = [
        0.25,
        0.5,
        1.0,
        2.0,
        4.0,
    ]
    sizes: Sizes = [4, 8, 16, 32, 64]
    temperatures: Rungs = [0.2, 0.4, 0.8, 1.6]
    stiffnesses: Rungs = [0.4, 0.8, 1.6, 3.2, 6.4]
    mobilities: Rungs = [0.15, 0.3, 0.6, 1.2, 2.4]
    ramps: Rungs = [0.1, 0.3, 1.0, 10.0, 30.0, 100.0]
    dwells: Rungs = [0.02, 0.06, 0.2, 2.0, 6.0, 20.0]
    shown: Annotated[int, Field(ge=2, le=2000)] = 200
    swirls: Rungs = [0.1, 0.2, 0.4, 0.8, 1.6]
    other_rates: Rungs = [0.6, 1.2, 2.4, 4.8]
    settle: Annotated[float, Field(ge=4.0, le=50.0)] = 5.0
    replicas: Annotated[int, Field(ge=500, le=1_000_000)] = 100_000
    replicas_others: Annotated[int, Field(ge=500, le=1_000_000)] = 20_000
    dt: Annotated[float, Field(gt=0.0, le=0.2)] = 0.1
    dt_driven: Annotated[float, Field(gt=0.0, le=0.05)] = 0.004


@dataclass(frozen=True)
class Line:
    """A law: x, y with errors and, where there is a theory, the exact y; (point,). curve: finer exact x, y."""

    quantity: str
    ladder: Ladder
    x: Array
    y: Array
    stderr: Array
    exact: Array | None
    pure: float | None
    limit: str = ""
    curve: tuple[Array, Array] | None = None

    @property
    def fit(self) -> PowerFit | None:
        """None where a point is not above zero, or there are less than two."""
        if self.x.size < 2 or not (np.all(self.y > 0.0) and np.all(self.stderr > 0.0)):
            return None
        return power_fit(self.x, self.y, self.stderr)

    def at_end(self, points: slice) -> Estimate:
        """The exponent of some of the points, slice(0, 2) or slice(-2, None), where there is one of all."""
        return power_fit(self.x[points], self.y[points], self.stderr[points]).exponent

    @property
    def theory(self) -> float | None:
        """The exponent of the exact values at the same points with the same weights."""
        if self.exact is None or self.fit is None:
            return None
        return slope_beside(self.x, self.exact, self.y, self.stderr)

    @property
    def from_theory(self) -> float | None:
        """chi2 of the points about the exact values, per point."""
        return None if self.exact is None else float(np.mean(((self.y - self.exact) / self.stderr) ** 2))

    @property
    def name(self) -> str:
        """What is measured against what."""
        return f"{self.quantity} ~ ({self.ladder.varied})^b" + (f", {self.limit}" if self.limit else "")

    @property
    def check(self) -> BoundCheck | None:
        """b measured = b of theory."""
        if self.fit is None or self.theory is None:
            return None
        return BoundCheck(self.name, self.fit.exponent, Estimate.exact(self.theory), ASSUMPTIONS, DERIVED, relation="=")


def exponent_part(settings: ExponentSettings, time_step: float) -> Part:
    r"""Sigma_c = nu^2 alpha N/(2kT) of a quench; 1/tau of a slow ramp; d^0 to 1/d of samples; strength^2 of a swirl.

    One piece for each rung of each ladder. time_step: factor on the step of those simulations that have one (a held
    additive force is stepped exactly).

    >>> part = exponent_part(ExponentSettings(), 1.0)
    >>> part.pieces[0].coordinates["ladder"], len(part.pieces)
    ('rate', 54)
    """
    values = list(_values(settings, time_step))
    pieces = tuple(Piece(v, partial(climbed, v), _effort(v)) for v in values)
    return Part("exponents", "How the cost grows with what sets it", pieces, partial(_conclude, values))


def _values(s: ExponentSettings, time_step: float) -> Iterator[dict[str, Any]]:
    held = {
        "rate": s.learning_rate, "weights": s.weights, "patterns": _patterns(s.load, s.weights), "inputs": s.inputs,
        "temperature": s.temperature, "stiffness": s.stiffness, "mobility": s.mobility, "settle": s.settle,
        "replicas": s.replicas,
    }  # fmt: skip
    rungs: dict[str, list[dict[str, Any]]] = {
        "rate": [{"rate": x} for x in s.rates],
        "load": [{"patterns": p} for p in dict.fromkeys(_patterns(x, s.weights) for x in s.loads)],
        "size": [{"weights": n, "patterns": _patterns(s.load, n)} for n in s.sizes],
        "temperature": [{"temperature": x} for x in s.temperatures],
        "stiffness": [{"stiffness": x} for x in s.stiffnesses],
        "mobility": [{"mobility": x} for x in s.mobilities],
        "ramp": [{"ramp": x, "dt": min(s.dt, 0.1 * x) * time_step} for x in s.ramps],
        "dwell": [{"dwell": x, "patterns": s.shown} for x in s.dwells],
        "swirl": [{"swirl": x, "dt": s.dt_driven * time_step} for x in s.swirls],
    }
    for rule in ("perceptron", "adatron"):
        own = {"rule": rule, "replicas": s.replicas_others, "time_step": time_step}
        rungs[rule] = [{"rate": x} | own for x in s.other_rates]
    for name, steps in rungs.items():
        for step in sorted(steps, key=lambda v: next(iter(v.values()))):
            yield {"ladder": name} | held | step


def _patterns(load: float, weights: int) -> int:
    return max(1, round(load * weights))


def _effort(v: Mapping[str, Any]) -> float:
    if v["ladder"] in ("perceptron", "adatron"):
        return 3.0
    if v["ladder"] == "ramp":
        return 0.2 + 0.05 * float(v["ramp"])
    return 1.5 if v["ladder"] == "swirl" else 0.3


def _conclude(values: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> Finding:
    rungs: dict[str, list[tuple[Mapping[str, Any], Record]]] = {}
    for v, record in zip(values, records, strict=True):
        rungs.setdefault(v["ladder"], []).append((v, record))
    curves = [_line(ladder, rungs[ladder.name]) for ladder in LADDERS]
    rate = LADDERS[0]
    extra = [_line(rate, rungs["rate"], q) for q in ("learned", "cost")]
    others = [_line(rate, rungs[name], rule=name) for name in ("perceptron", "adatron")]
    laws = [part for line in curves for part in _parts(line)]
    checks = tuple(line.check for line in [*laws, *extra] if line.check is not None)
    heads = (
        "quantity", "varied", "from", "to", "exponent b", "theory at these points", "pure power", "sigmas apart",
        "chi2/dof of a power", "chi2/point of theory",
    )  # fmt: skip
    caption = (
        "What learning dissipates against each thing that sets it, all else held: simulated (points; bars of 2 "
        "standard errors are mostly smaller) and exact (lines), with the measured exponent b and that of theory at the "
        "same points. Total over all weights; per unit time for samples shown in turn and for a driven network."
    )
    table = Table(heads, tuple(_cells(line) for line in [*laws, *extra, *others]))
    picture = Picture(partial(drawn_ladders, tuple(curves), tuple(laws), tuple(others)), caption, (7.2, 6.6))
    return Finding(
        _sentences(laws, extra, others, checks), ASSUMPTIONS, table, picture, checks, (), _arrays([*curves, *others]),
        _gist(laws, checks),
    )  # fmt: skip


def _line(
    ladder: Ladder, rungs: Sequence[tuple[Mapping[str, Any], Record]], quantity: str = "dissipation", rule: str = ""
) -> Line:
    y, stderr = np.array([record[quantity] for _, record in rungs], dtype=np.float64).T
    key = "exact" if quantity == "dissipation" else f"{quantity}_exact"
    exact = None if rule else np.array([record[key] for _, record in rungs], dtype=np.float64)
    per_time = " rate" if ladder.name in ("dwell", "swirl") else ""
    name = f"{quantity}{per_time}" + (f", {rule}" if rule else "")
    pure = ladder.pure if quantity == "dissipation" and not rule else None
    x = np.array([_place(ladder, v) for v, _ in rungs], dtype=np.float64)
    fine = np.geomspace(x.min(), x.max(), 60)
    between = exact_curve(rungs[0][0], fine)
    curve = None if between is None else (fine, between)
    return Line(name, ladder, x, y, stderr, exact, pure, ladder.limit if pure is not None else "", curve)


def _place(ladder: Ladder, v: Mapping[str, Any]) -> float:
    if ladder.name == "load":
        return float(v["patterns"] / v["weights"])
    return float(v["weights" if ladder.name == "size" else ladder.name])


def _parts(line: Line) -> list[Line]:
    """A line; of ramps and dwells two, up to one relaxation time and above."""
    if line.ladder.name not in BENDS:
        return [line]
    found = []
    below, above = BENDS[line.ladder.name]
    for seen, pure, limit in ((line.x <= 1.0, 0.0, below), (line.x > 1.0, -1.0, above)):
        if seen.sum() > 1:
            exact = None if line.exact is None else line.exact[seen]
            x, y, stderr = line.x[seen], line.y[seen], line.stderr[seen]
            found.append(Line(line.quantity, line.ladder, x, y, stderr, exact, pure, limit))
    return found


def _cells(line: Line) -> tuple[Entry, ...]:
    fit, check = line.fit, line.check
    pure = None if line.pure is None else f"{line.pure:g}" + (f" ({line.limit})" if line.limit else "")
    return (
        line.quantity, line.ladder.varied, float(line.x.min()), float(line.x.max()),
        None if fit is None else fit.exponent,
        "no theory" if line.exact is None else None if line.theory is None else Estimate.exact(line.theory), pure,
        None if check is None else -round(check.margin, 2),
        None if fit is None or fit.dof < 1 else round(fit.per_dof, 3),
        None if line.from_theory is None else round(line.from_theory, 3),
    )  # fmt: skip


def _gist(laws: Sequence[Line], checks: Sequence[BoundCheck]) -> str:
    quench = [line for line in laws if line.ladder.name in ("rate", "load", "size", "temperature", "stiffness")]
    said = ", ".join(f"{line.ladder.varied}^({_shown(line)})" for line in quench)
    agree = sum(check.verdict == "holds" for check in checks)
    return f"A Hebbian quench dissipates as {said}; {agree} of {len(checks)} exponents agree with the exact laws."


def _sentences(
    laws: Sequence[Line], extra: Sequence[Line], others: Sequence[Line], checks: Sequence[BoundCheck]
) -> str:
    quench = [line for line in laws if line.ladder.name in ("rate", "load", "size", "temperature", "stiffness")]
    said = ", ".join(f"{line.ladder.varied}^({_shown(line)})" for line in quench)
    text = f"A Hebbian quench dissipates as {said}"
    slow = {line.ladder.name + line.limit: line for line in laws}
    rest = (
        ("mobility", "with the mobility"),
        ("rampfast", "with the length of a ramp, whose curve bends, the mean slope if fast"),
        ("rampslow", "if slow"),
        ("dwellshort", "with the time that a sample is shown, likewise if short"),
        ("dwelllong", "if long"),
        ("swirlweak", "and keeping a driven network costs its swirl to the power"),
    )
    told = [f"{words} {_shown(slow[key])}" for key, words in rest if key in slow]
    text += f"; the exponent {'; '.join(told)}. " if told else ". "
    wrong = [check.name for check in checks if check.verdict == "violated"]
    unsure = [check.name for check in checks if check.verdict == "inconclusive"]
    unfit = [line.name for line in [*laws, *extra] if line.check is None]
    if wrong:
        text += f"{len(wrong)} of {len(checks)} exponents CONTRADICT the exact laws: {'; '.join(wrong)}. "
    else:
        agree = len(checks) - len(unsure)
        text += f"{agree} of {len(checks)} exponents agree with those of the exact laws within 3 standard errors. "
    if unsure:
        text += f"Inconclusive: {'; '.join(unsure)}. "
    if unfit:
        text += f"Too few points or too noisy for an exponent: {'; '.join(unfit)}. "
    for line in others:
        fit = line.fit
        if fit is not None:
            bent = "no pure power" if fit.probability < BENT else "compatible with a power"
            text += (
                f"{line.quantity.split(', ')[1].capitalize()}, without theory: rate^({plus_minus(fit.exponent)}), "
                f"{bent} (chi2/dof {fit.per_dof:.3g}; {plus_minus(line.at_end(slice(0, 2)))} between the two smallest "
                f"rates, {plus_minus(line.at_end(slice(-2, None)))} between the two largest). "
            )
    return text.strip()


def _shown(line: Line) -> str:
    return "?" if line.fit is None else plus_minus(line.fit.exponent)


def _arrays(lines: Sequence[Line]) -> dict[str, Variable]:
    arrays = {}
    for line in lines:
        rule = line.quantity.partition(", ")[2]
        name = rule or line.ladder.name
        unit = "nat per time" if "rate" in line.quantity else "nat"
        dim = (f"{name}_rung",)
        arrays[f"{name}_x"] = Variable(dim, line.x, "1", line.ladder.axis)
        arrays[f"{name}_y"] = Variable(dim, line.y, unit, f"simulated {line.quantity}")
        arrays[f"{name}_stderr"] = Variable(dim, line.stderr, unit, "standard error")
        if line.exact is not None:
            arrays[f"{name}_exact"] = Variable(dim, line.exact, unit, "exact")
    return arrays
