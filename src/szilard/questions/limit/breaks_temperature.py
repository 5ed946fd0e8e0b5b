"""Heat divided by the temperature of a thermometer that the noise of the weights does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ...continuous import Gaussian, Langevin, Linear, energetics
from ...information import signs_entropy
from ...reporting.numbers import plus_minus
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of
from .breaks_labelled import (
    SETTLING,
    Values,
    agreeing,
    answered,
    end_of,
    learn,
    mended,
    paid,
    pushed,
    ramped,
    stairs,
)

NAME = "wrong temperature"
ASSUMPTION = "the noise of the weights is that of a bath at the temperature by which heat is divided: here it is not"
LAW = "I(label : answer) <= DS(w) + Q/T, T of the thermometer"
REPAIRED = "I(label : answer) <= DS(w) + Q/T_eff, T_eff = D/mu"
WORDS = "heat is divided by the temperature of the noise itself, its diffusion over its mobility"


def wrong_temperature(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""dw = mu [-k w + f] dt + sqrt(2 mu T_eff) dB, and heat divided by another T.

    colder, T_eff < T: the delta rule, f = kappa s (sigma a - w), the slope of a squared error. It tightens its weight:
    slowly, Delta S(w | label) = -(1/2) ln(1 + kappa/k) and Q = (T_eff/2) ln(1 + kappa/k), of which too hot a
    thermometer sees too little. hotter, T_eff > T: f = sigma c s, on a weight that rested in N(0, T/k) before activity
    made its noise stronger: it takes up heat (T_eff - T)/2, of which too cold a thermometer sees too much.

    Derived here.

    >>> [piece.coordinates["case"] for piece in wrong_temperature(MatrixSettings(), 1.0).pieces]
    ['colder', 'colder', 'hotter', 'hotter']
    """
    pieces = tuple(Piece(v, partial(_work, v), 1.0 if "replicas" in v else 0.3) for v in _values(settings, time_step))
    return Breaker(NAME, ASSUMPTION, pieces, _conclude)


def _values(s: MatrixSettings, time_step: float) -> Iterator[dict[str, Any]]:
    times = {"ramp": s.bath_ramp, "settling": SETTLING}
    cold = {"temperature": s.bath_colder * s.temperature, "tightening": s.bath_tightening, "target": s.bath_target}
    hot = {"temperature": s.bath_hotter * s.temperature, "push": s.bath_push}
    for case, own in (("colder", cold), ("hotter", hot)):
        v = {"breaker": NAME, "case": case, "thermometer": s.temperature, **s.medium, **times, **own}
        yield v
        yield v | {"replicas": s.replicas, "dt": stairs(s.bath_ramp, s.dt) * time_step}


def _work(v: Values, seed: int, threads: int | None) -> Record:
    return (simulated(v, seed, threads) if "replicas" in v else exact(v)).record()


def delta_rule(v: Values, label: int) -> Langevin:
    r"""U = k w^2/2 + kappa s (w - sigma a)^2/2, kappa in units of k."""
    k, kappa, a = v["stiffness"], v["tightening"] * v["stiffness"], label * v["target"]
    return Langevin(
        linear=lambda s: Linear([[k + s * kappa]], [s * kappa * a], 0.5 * s * kappa * a * a), dim=1,
        mobility=v["mobility"], temperature=v["temperature"], name="weight under the delta rule",
    )  # fmt: skip


def learner(v: Values, label: int) -> Langevin:
    """The weight of this case, with the noise that it has."""
    return delta_rule(v, label) if v["case"] == "colder" else pushed(v, label)


def start_of(v: Values) -> Gaussian:
    """At rest before learning: in the noise that it has, or in that of the thermometer."""
    return Gaussian(0.0, (v["temperature"] if v["case"] == "colder" else v["thermometer"]) / v["stiffness"])


def exact(v: Values) -> Account:
    """DS(w) + Q/T with the thermometer's temperature, and with that of the noise."""
    start, (protocol, duration) = start_of(v), ramped(v)
    process = learner(v, 1)
    mean, variance = (float(x.item()) for x in end_of(process, start, v))
    heat = float(energetics(process, start, duration, protocol).heat[0])
    information, change = answered(mean, variance), signs_entropy([mean], variance) - start.entropy
    naive, mend = (change + heat / T for T in (v["thermometer"], v["temperature"]))
    return Account.exact(information, naive, information, mend)


def simulated(v: Values, seed: int, threads: int | None) -> Account:
    """The same from trajectories."""
    start = start_of(v)
    run = learn(partial(learner, v), start, v, seed, threads, dt=v["dt"])
    information, change = run.told(run.weights[:, 0]), run.entropy_change(run.weights, start.entropy)
    naive, mend = (change + run.heat_over([T]) for T in (v["thermometer"], v["temperature"]))
    return Account.sampled(information, naive, information, mend)


def _conclude(records: Sequence[Record]) -> Row:
    cold, cold_seen, hot, hot_seen = map(account_of, records)
    told = f"{NAME}, too cold a thermometer"
    checks = (*mended(f"{told}: {REPAIRED}", hot, hot_seen), *agreeing(told, hot, hot_seen))
    broken = tuple(paid(f"{told}: {LAW}", hot, hot_seen, (ASSUMPTION,)))
    note = (
        f"A thermometer too hot, by the delta rule, books {plus_minus(cold_seen.cost)} nat for "
        f"{plus_minus(cold_seen.information)}; one too cold, {plus_minus(hot_seen.cost)} for "
        f"{plus_minus(hot_seen.information)}."
    )
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, cold, cold_seen, checks, broken, note)
