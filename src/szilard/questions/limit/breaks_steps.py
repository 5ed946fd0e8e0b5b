"""Steps so coarse that they change the process whose heat is booked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil, sqrt
from typing import Any

import numpy as np

from ...check import BoundCheck
from ...continuous import Gaussian, simulate
from ...errors import InputError
from ...estimate import Estimate, Sampled, exponential_average
from ...protocol import Protocol
from ...reporting.numbers import plus_minus
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of, estimate_of, kept
from .breaks_chains import DRAGGED, euler, exact_theorem, metropolised, told_and_paid, transition
from .breaks_labelled import (
    SETTLING,
    Values,
    agreeing,
    learn,
    paid,
    pushed,
)

NAME = "coarse time step"
ASSUMPTION = "the dynamics are those whose heat is booked: here a step of Euler is as long as a weight takes to relax"
LAW = "I(label : answer) <= DS(w) + Q/T, by steps of Euler"
REPAIRED = "I(label : answer) <= DS(w) + Q/T, by Metropolised steps of the same length"
WORDS = (
    "steps that obey P(w -> w')/P(w' -> w) = exp(Q/T) exactly keep every theorem at any length; steps of Euler do so "
    "only as they go to zero"
)
COST = "I(label : answer) <= DS(w) + Q/T"
THEOREM = "<exp(-(W - DF)/T)> = 1"
CASES = ("coarse", "transition", "fine")
FARTHEST = 40.0
"""How far the whole force may move the mean, in standard deviations."""
TINY = 1e-300
ORDERS = (0.02, 0.04, 0.08)
"""Steps, in relaxation times, at which the order of Euler's error is read off."""
SCANNED = np.linspace(0.05, 1.95, 39)
"""Steps at which the law by Euler's books is looked at, exactly."""


def coarse_time_step(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""w' = w + a (sigma c s/k - w) + sqrt(2 a T/k) z, a = mu k dt: steps of Euler, and heat the fall of the energy.

    They rest in N(sigma c/k, y T/k), y = 1/(1 - a/2): the noise is that of a bath at y T, while heat is divided by T. A
    weight that starts in N(0, T/k) then books Delta S(w | label) + Q/T = (ln y - y + 1)/2 < 0 beside the work of a
    slow ramp, and I <= Delta S(w) + Q/T fails. What Euler's books miss is no heat of the weight but the error of the
    step. Metropolised steps keep e^{Q/T} as the ratio of probabilities there and back, hence the law. time_step does
    not change the coarse step, which is the subject, but the fine one. Raises InputError for a push that moves the
    weight by more than 40 standard deviations.

    Derived here; Rossky, Doll and Friedman, J. Chem. Phys. 69, 4628 (1978), for the Metropolised step.

    >>> [piece.coordinates["case"] for piece in coarse_time_step(MatrixSettings(), 1.0).pieces][::2]
    ['coarse', 'transition', 'fine', 'theorem', 'order']
    """
    if settings.step_push > FARTHEST * sqrt(settings.stiffness * settings.temperature):
        rule = f"moves the weight by more than {FARTHEST:g} of its standard deviations"
        raise InputError("step_push", settings.step_push, rule, "take it smaller")
    values = list(_values(settings, time_step))
    pieces = tuple(Piece(v, partial(_work, v), _effort(v)) for v in values)
    return Breaker(NAME, ASSUMPTION, pieces, partial(_conclude, settings.step_coarse))


def _values(s: MatrixSettings, time_step: float) -> Iterator[dict[str, Any]]:
    for case in CASES:
        dt = s.dt * time_step if case == "fine" else s.step_coarse
        v = {"breaker": NAME, "case": case, "push": s.step_push, **s.medium, **whole_steps(s.step_ramp, dt)}
        yield v
        yield v | {"replicas": s.replicas}
    v = {"breaker": NAME, "case": "theorem", "push": s.step_drag, "dt": s.step_coarse, **s.medium}
    yield v
    yield v | {"replicas": s.replicas}
    yield {"breaker": NAME, "case": "order", "push": s.step_push, "ramp": s.step_ramp, **s.medium}


def whole_steps(ramp: float, dt: float) -> dict[str, float]:
    """The ramp and the time after it, in relaxation times, as whole steps of dt."""
    return {"dt": dt, "ramp": max(1, round(ramp / dt)) * dt, "settling": ceil(SETTLING / dt) * dt}


def _effort(v: Values) -> float:
    return 0.3 if "replicas" not in v else 4.0 if v["case"] == "fine" else 0.5


def _work(v: Values, seed: int, threads: int | None) -> Record:
    if v["case"] == "order":
        return order(v)
    if v["case"] == "theorem":
        return dragged(v, seed, threads) if "replicas" in v else exact_theorem(v)
    return (simulated(v, seed, threads) if "replicas" in v else exact(v)).record()


def exact(v: Values) -> Account:
    """Coarse: Euler's chain beside the Metropolised one; else one chain twice."""
    first = told_and_paid(v, transition(v) if v["case"] == "transition" else euler(v))
    return Account.exact(*first, *(metropolised(v) if v["case"] == "coarse" else first))


def simulated(v: Values, seed: int, threads: int | None) -> Account:
    """The same from trajectories, by the methods of ``simulate``."""
    start = Gaussian(0.0, v["temperature"] / v["stiffness"])

    def run(method: str) -> tuple[Sampled, Sampled]:
        found = learn(partial(pushed, v), start, v, seed, threads, dt=v["dt"], method=method)
        change = found.entropy_change(found.weights, start.entropy)
        return found.told(found.weights[:, 0]), change + found.heat_over([v["temperature"]])

    first = run("exact" if v["case"] == "transition" else "euler")
    return Account.sampled(*first, *(run("metropolis") if v["case"] == "coarse" else first))


def dragged(v: Values, seed: int, threads: int | None) -> Record:
    """The same from trajectories, by Euler and Metropolised: averages with their errors and effective sizes."""
    T, k = v["temperature"], v["stiffness"]
    step = v["dt"] / (v["mobility"] * k)
    duration = DRAGGED * step
    record: dict[str, list[float | int | str] | float | None] = {}
    for method in ("euler", "metropolis"):
        run = simulate(
            pushed(v, 1), Gaussian(0.0, T / k), duration, replicas=int(v["replicas"]), seed=seed, dt=step,
            protocol=Protocol([0.0, duration], [0.0, 1.0]), method=method, entropy=False, threads=threads,
        )  # fmt: skip
        found = exponential_average((run.ledger.work + 0.5 * v["push"] ** 2 / k) / T)
        record |= {method: kept(found), f"{method}_worth": found.ess}
    return record


def order(v: Values) -> Record:
    """Powers of the step in which heat and cost of Euler's chain err, and where its books break the law, exactly."""
    T = v["temperature"]

    def near(dt: float) -> Values:
        """Steps of about dt that fill the ramp."""
        return {**v, **whole_steps(v["ramp"], v["ramp"] / max(1, round(v["ramp"] / dt)))}

    limit = transition(near(ORDERS[0] / 8.0))
    tried = [near(dt) for dt in ORDERS]
    sizes, ends = np.log([u["dt"] for u in tried]), [euler(u) for u in tried]
    heat = np.log([abs(end[2] - limit[2]) / T + TINY for end in ends])
    cost = np.log([abs(told_and_paid(v, end)[1] - told_and_paid(v, limit)[1]) + TINY for end in ends])
    scanned = [(dt, *told_and_paid(v, euler({**v, **whole_steps(v["ramp"], float(dt))}))) for dt in SCANNED]
    return {
        "heat_order": float(np.polyfit(sizes, heat, 1)[0]),
        "cost_order": float(np.polyfit(sizes, cost, 1)[0]),
        "steps": SCANNED.tolist(),
        "slacks": [cost - told for _, told, cost in scanned],
    }


def _conclude(coarse: float, records: Sequence[Record]) -> Row:
    known, seen, moved, moved_seen, fine, fine_seen = map(account_of, records[:6])
    theorem, drag, orders = float(records[6]["theorem"]), records[7], records[8]
    one, through = Estimate.exact(1.0), f"{NAME}, transitions of the process at the same step"
    small = f"{NAME}, steps of Euler that are fine"
    checks = (
        *paid(f"{through}: {COST}", moved, moved_seen),
        *paid(f"{small}: {COST}", fine, fine_seen),
        *agreeing(through, moved, moved_seen),
        *agreeing(small, fine, fine_seen),
        BoundCheck(f"{NAME}, Metropolised: {THEOREM}", _worth(drag, "metropolis"), one, relation="="),
        BoundCheck(
            f"{NAME}: {THEOREM} by Euler, simulated = exact",
            _worth(drag, "euler"),
            Estimate.exact(theorem),
            relation="=",
        ),
    )
    broken = (
        BoundCheck(f"{NAME}, Euler: {THEOREM} (exact)", Estimate.exact(theorem), one, (ASSUMPTION,), relation="="),
        BoundCheck(f"{NAME}, Euler: {THEOREM} (simulated)", _worth(drag, "euler"), one, (ASSUMPTION,), relation="="),
    )
    return Row(
        NAME, ASSUMPTION, LAW, REPAIRED, WORDS, known, seen, checks, broken, _note(coarse, theorem, drag, orders)
    )


def _worth(record: Record, method: str) -> Estimate:
    found = estimate_of(record, method)
    return Estimate(found.value, found.stderr, found.n, record[f"{method}_worth"])


def _note(coarse: float, theorem: float, drag: Record, orders: Record) -> str:
    broken = [dt for dt, slack in zip(orders["steps"], orders["slacks"], strict=True) if slack < 0.0]
    first = f"break the law from {min(broken):.2g} relaxation times on" if broken else "break the law at no length"
    return (
        f"Steps of Euler {first} (looked at every {SCANNED[1] - SCANNED[0]:.2g}); their heat errs by the power "
        f"{orders['heat_order']:.2f} of the step, the cost by {orders['cost_order']:.2f}. At {coarse:.2g} they hold "
        f"the weight as a bath at {1.0 / (1.0 - 0.5 * coarse):.3g} T would and find {THEOREM[:-4]} = "
        f"{plus_minus(_worth(drag, 'euler'))} (exact {theorem:.4g}), Metropolised steps "
        f"{plus_minus(_worth(drag, 'metropolis'))}."
    )
