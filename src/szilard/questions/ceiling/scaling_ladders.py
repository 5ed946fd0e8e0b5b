"""What learning dissipates while one thing is changed and all others are held: simulated, and exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, expm1
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...continuous import simulate
from ...estimate import Estimate, Sampled
from ...learning.outcome import LearningRun
from ...learning.rules import adatron, hebbian, perceptron
from ...learning.tasks import Task, random_labels
from ...learning.training import settings_for, train
from ...protocol import ramp
from ...theory import additive_heat, hebbian_finite, ramp_heat
from ..part import Record
from .maintenance_processes import network, trapezoid_rate

Values = Mapping[str, Any]
RULES = {"hebbian": hebbian, "perceptron": perceptron, "adatron": adatron}
QUENCH = 4
"""Steps of a force that is held: they are exact at any length."""


@dataclass(frozen=True)
class Ladder:
    """What is varied; pure: the exponent of the exact law where it is a power, or its limit; limit: where that is."""

    name: str
    varied: str
    axis: str
    pure: float | None
    limit: str = ""


LADDERS = (
    Ladder("rate", "learning rate", "learning rate (k_B T0 / length)", 2.0),
    Ladder("load", "load P/N", "patterns per weight", 1.0),
    Ladder("size", "weights N", "weights, at one load", 1.0),
    Ladder("temperature", "temperature", "temperature (T0)", -1.0),
    Ladder("stiffness", "stiffness", "stiffness (k_B T0 / length²)", -1.0),
    Ladder("mobility", "mobility", "mobility (length² / time k_B T0)", 0.0),
    Ladder("ramp", "duration of a ramp", "ramp (relaxation times)", None),
    Ladder("dwell", "time a sample is shown", "dwell (relaxation times)", None),
    Ladder("swirl", "force without energy", "swirl (k_B T0 / length²)", 2.0, "weak"),
)


def quench(v: Values, seed: int, threads: int | None) -> Record:
    r"""Sigma_c = Q/T = nu^2 P (1 - e^{-2 mu k t})/(2 k T) of a Hebbian force switched on at once: nu^2 P/2kTN each.

    Sum over the N weights; |xi_n| = 1, so that sum_n <F_n^2> = P for any inputs. Also what was learned and the cost.
    """
    t = v["settle"] / (v["mobility"] * v["stiffness"])
    run = _trained(v, "hebbian", t, t / QUENCH, "quench", seed, threads)
    bath = _bath(v)
    exact = additive_heat([0.0], [1.0], duration=t, amplitude_squared=v["rate"] ** 2 * v["patterns"], **bath)
    known = hebbian_finite(run.settings.task.inputs, v["rate"], 0.0, duration=t, **bath)
    return {
        "n": v["replicas"], "dissipation": _kept(run.heat_paid.estimate()), "exact": exact.dissipation,
        "learned": _kept(run.information), "learned_exact": float(known.information.sum()),
        "cost": _kept(run.cost), "cost_exact": known.cost,
    }  # fmt: skip


def slow_ramp(v: Values, seed: int, threads: int | None) -> Record:
    r"""Sigma_c = (nu^2 P/kT) (e^{-x} + x - 1)/x^2, x = mu k tau, of the staircase that a ramp is sampled as."""
    unit = 1.0 / (v["mobility"] * v["stiffness"])
    tau, total = unit * v["ramp"], unit * (v["ramp"] + v["settle"])
    dt = total / ceil(total / (unit * v["dt"]))
    run = _trained(v, "hebbian", total, dt, ramp(tau), seed, threads)
    square = v["rate"] ** 2 * v["patterns"]
    stairs: dict[str, Any] = {"duration": total, "amplitude_squared": square, "staircase": dt}
    exact = additive_heat([0.0, tau], [0.0, 1.0], "linear", **stairs, **_bath(v))
    return {"n": v["replicas"], "dissipation": _kept(run.heat_paid.estimate()), "exact": exact.dissipation}


def online(v: Values, seed: int, threads: int | None) -> Record:
    r"""Q/T per time of samples shown once each for a dwell d, the strength c of the force held: see ``online_rate``."""
    d = v["dwell"] / (v["mobility"] * v["stiffness"])
    run = train(
        random_labels(v["weights"], v["patterns"], seed=v["inputs"]), hebbian, learning_rate=v["rate"] * d,
        duration=d * v["patterns"], dt=d, mode="online", dwell=d, replicas=v["replicas"], seed=seed, threads=threads,
        **_bath(v),
    )  # fmt: skip
    rate = run.heat_paid.scaled(1.0 / (d * v["patterns"])).estimate()
    exact = online_rate(v["rate"], v["dwell"], v["patterns"], **_bath(v))
    return {"n": v["replicas"], "dissipation": _kept(rate), "exact": exact}


def online_rate(
    strength: float, dwell: float, shown: int, *, temperature: float, stiffness: float, mobility: float
) -> float:
    r"""sum_j (c^2/kT) [1 + v_j] (1 - q^2)/2 per time,  q = e^{-x},  v_j = (1 - q)^2 (1 - q^{2j})/(1 - q^2).

    Entropy production per time, in nats, of the first ``shown`` samples j = 0, 1, .. of fresh, fair labels; x = dwell
    in units of 1/(mu k), c^2 the mean square of the force on all weights. The mean response has the variance v_j when
    sample j comes, and (s - y)^2 falls as e^{-2x}. For many samples c^2 (1 - e^{-x}) mu/(x T).
    """
    gone = -expm1(-2.0 * dwell)
    fresh = expm1(-dwell) ** 2 / gone
    before = fresh * -np.expm1(-2.0 * dwell * np.arange(shown))
    heat = strength**2 / stiffness * 0.5 * gone * float(np.sum(1.0 + before))
    return heat / temperature * mobility * stiffness / (dwell * shown)


def driven(v: Values, seed: int, threads: int | None) -> Record:
    r"""sigma_ss = <W>/(T t) of a linear network that a swirl keeps from rest; exact: see ``trapezoid_rate``."""
    process = network({**v, "strength": v["swirl"]}).process
    unit = 1.0 / (v["mobility"] * v["stiffness"])
    t = unit * v["settle"]
    dt = t / ceil(v["settle"] / v["dt"])
    run = simulate(process, "stationary", t, replicas=v["replicas"], seed=seed, dt=dt, entropy=False, threads=threads)
    rate = Sampled.mean(run.ledger.work / (v["temperature"] * t)).estimate()
    return {"n": v["replicas"], "dissipation": _kept(rate), "exact": trapezoid_rate(process, dt)}


def other_rule(v: Values, seed: int, threads: int | None) -> Record:
    r"""Sigma_c = (<W> - Delta F)/T of a quench of the Perceptron's or AdaTron's loss, Delta F by sampled equilibria."""
    t = v["settle"] / (v["mobility"] * v["stiffness"])
    task = _task(v)
    fine = settings_for(
        task, RULES[v["rule"]], learning_rate=v["rate"], duration=t, replicas=v["replicas"], seed=seed, **_bath(v)
    )
    run = _trained(v, v["rule"], t, t / ceil(t / (fine.dt * v["time_step"]) - 1e-9), "quench", seed, threads)
    assert run.dissipated is not None
    return {"n": v["replicas"], "dissipation": _kept(run.dissipated.estimate())}


def exact_curve(v: Values, x: ArrayLike) -> NDArray[np.float64] | None:
    """The exact law of a ramp or of samples shown in turn at any x, for a figure; None for the other ladders."""
    at = np.asarray(x, dtype=np.float64)
    if v["ladder"] == "ramp":
        unit, square = 1.0 / (v["mobility"] * v["stiffness"]), v["rate"] ** 2 * v["patterns"]
        heat = ramp_heat(square, unit * at, unit * (at + v["settle"]), stiffness=v["stiffness"], mobility=v["mobility"])
        return np.asarray(heat / v["temperature"])
    if v["ladder"] == "dwell":
        return np.array([online_rate(v["rate"], float(d), v["patterns"], **_bath(v)) for d in at])
    return None


WORK = {"ramp": slow_ramp, "dwell": online, "swirl": driven, "perceptron": other_rule, "adatron": other_rule}


def climbed(v: Values, seed: int, threads: int | None) -> Record:
    """One rung: the simulated number with its error, and the exact one where there is one."""
    return WORK.get(v["ladder"], quench)(v, seed, threads)


def _trained(
    v: Values, rule: str, duration: float, dt: float, schedule: Any, seed: int, threads: int | None
) -> LearningRun:
    return train(
        _task(v), RULES[rule], learning_rate=v["rate"], duration=duration, dt=dt, schedule=schedule,
        replicas=v["replicas"], seed=seed, threads=threads, **_bath(v),
    )  # fmt: skip


def _task(v: Values) -> Task:
    return random_labels(v["weights"], v["patterns"], seed=v["inputs"])


def _bath(v: Values) -> dict[str, Any]:
    return {name: v[name] for name in ("temperature", "stiffness", "mobility")}


def _kept(x: Estimate) -> list[float]:
    return [x.value, x.stderr]
