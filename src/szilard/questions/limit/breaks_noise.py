"""Noise that two synapses share without sharing its friction: what one temperature per synapse overlooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from ...continuous import Gaussian, Langevin, Linear, energetics
from ...information import signs_entropy
from ...reporting.numbers import plus_minus
from ..part import Piece, Record
from .breaking import Account, Breaker, MatrixSettings, Row, account_of
from .breaks_labelled import (
    SETTLING,
    Array,
    Values,
    agreeing,
    answered,
    end_of,
    learn,
    mended,
    paid,
    ramped,
    stairs,
)

NAME = "shared noise"
ASSUMPTION = "every synapse has a bath of its own: here two share a part of their noise, but no friction"
LAW = "I(label : answer) <= sum_n [DS(w_n) + Q_n/T]"
JOINT = "I(label : answer) <= DS(w) + Q/T"
REPAIRED = "I(label : answer) <= sum_m [DS(u_m) + Q_m/T_m], T_m = T(1 +- rho)"
WORDS = (
    "the normal modes of the noise are the baths, each with its own temperature: entropies and heat are counted mode "
    "by mode, with the inverse of the whole diffusion matrix"
)
CASES = ("stationary", "independent", "friction")
TURN = np.array([[1.0, 1.0], [1.0, -1.0]]) / sqrt(2.0)
"""u = TURN w and w = TURN u: the sum and the difference of two weights."""


def shared_noise(settings: MatrixSettings, time_step: float) -> Breaker:
    r"""dw_n = mu (-k w_n + sigma c xi_n s/sqrt(2)) dt + sqrt(2 mu T) dB_n, <dB_1 dB_2> = rho dt, xi = (1, -1).

    Each weight alone is a thermal weight at T. In the modes u_+- = (w_1 +- w_2)/sqrt(2) the noise is independent, of
    temperatures T(1 +- rho), and the label moves only u_-, the field of the neuron, where noise is weak. So
    I(label : answer) -> ln 2 with sum_n [Delta S(w_n) + Q_n/T] -> 0 as rho -> 1, along a slow ramp s of a small force.
    Three cases: weights that start in their stationary state, where the sum over weights fails; weights that start
    independent in N(0, T/k), where Delta S(w) + Q/T fails too; and weights that share noise and friction, D = T M with
    the mobility matrix M, where the law holds.

    Derived here.

    >>> len(shared_noise(MatrixSettings(), 1.0).pieces)
    6
    """
    pieces = tuple(Piece(v, partial(_work, v), 2.0 if "replicas" in v else 0.3) for v in _values(settings, time_step))
    return Breaker(NAME, ASSUMPTION, pieces, _conclude)


def _values(s: MatrixSettings, time_step: float) -> Iterator[dict[str, Any]]:
    own = {"correlation": s.noise_correlation, "push": s.noise_push, "ramp": s.noise_ramp, "settling": SETTLING}
    for case in CASES:
        v = {"breaker": NAME, "case": case, **s.medium, **own}
        yield v
        yield v | {"replicas": s.replicas, "dt": stairs(s.noise_ramp, s.dt) * time_step}


def _work(v: Values, seed: int, threads: int | None) -> Record:
    return (simulated(v, seed, threads) if "replicas" in v else exact(v)).record()


def mode_temperatures(v: Values) -> Array:
    """T(1 + rho) of the sum, T(1 - rho) of the difference."""
    return np.asarray(v["temperature"] * (1.0 + v["correlation"] * np.array([1.0, -1.0])))


def modes(v: Values, label: int) -> Langevin:
    """du = mu (-k u + sigma c s (0, 1)) dt + noise: two modes with a bath each."""
    H = v["stiffness"] * np.eye(2)
    return Langevin(
        linear=lambda s: Linear(H, [0.0, label * v["push"] * s]), dim=2, mobility=v["mobility"],
        temperature=v["temperature"] if v["case"] == "friction" else mode_temperatures(v), name="modes of two weights",
    )  # fmt: skip


def together(v: Values, label: int) -> Langevin:
    """dw = M (-k w + f) dt + sqrt(2 T M) dB, M = mu [[1, rho], [rho, 1]]: a shared bath with its own friction."""
    H, f = v["stiffness"] * np.eye(2), label * v["push"] * TURN[1]
    M = v["mobility"] * np.array([[1.0, v["correlation"]], [v["correlation"], 1.0]])
    return Langevin(linear=lambda s: Linear(H, s * f), dim=2, mobility=M, temperature=v["temperature"])


def start_of(v: Values) -> Gaussian:
    """Of the modes: stationary, or weights that are independent in N(0, T/k)."""
    warm = mode_temperatures(v) if v["case"] == "stationary" else v["temperature"] * np.ones(2)
    return Gaussian([0.0, 0.0], warm / v["stiffness"])


def exact(v: Values) -> Account:
    """The naive law with one temperature, and the law by modes; of shared friction the former twice."""
    start, (protocol, duration) = start_of(v), ramped(v)
    process = together(v, 1) if v["case"] == "friction" else modes(v, 1)
    centre, covariance = end_of(process, start, v)
    turn = TURN if v["case"] == "friction" else np.eye(2)
    mean, spread = turn @ centre, np.diag(turn @ covariance @ turn.T)
    heat = energetics(process, start, duration, protocol).heat
    T = v["temperature"]
    information = answered(mean[1], spread[1])
    by_modes = signs_entropy([mean[1]], spread[1]) + Gaussian(0.0, spread[0]).entropy - start.entropy
    wide = 0.5 * float(spread.sum())
    single = signs_entropy([mean[1] / sqrt(2.0)], wide) - Gaussian(0.0, 0.5 * np.trace(start.covariance)).entropy
    spent = float(heat.sum()) / T
    if v["case"] == "friction":
        return Account.exact(information, 2.0 * single + spent, information, by_modes + spent)
    naive = 2.0 * single if v["case"] == "stationary" else by_modes
    return Account.exact(information, naive + spent, information, by_modes + float(np.sum(heat / mode_temperatures(v))))


def simulated(v: Values, seed: int, threads: int | None) -> Account:
    """The same from trajectories: entropies by nearest neighbours, weight by weight or mode by mode."""
    start, friction = start_of(v), v["case"] == "friction"
    run = learn(partial(together if friction else modes, v), start, v, seed, threads, dt=v["dt"])
    other = run.weights @ TURN
    weights, u = (run.weights, other) if friction else (other, run.weights)
    T, warm = [v["temperature"]] * run.heat.shape[1], mode_temperatures(v)
    information = run.told(u[:, 1])
    by_modes = run.entropy_change(u, start.entropy)
    single = run.entropy_change(weights, 2.0 * Gaussian(0.0, 0.5 * np.trace(start.covariance)).entropy)
    spent = run.heat_over(T)
    if friction:
        return Account.sampled(information, single + spent, information, by_modes + spent)
    naive = single if v["case"] == "stationary" else by_modes
    return Account.sampled(information, naive + spent, information, by_modes + run.heat_over(list(warm)))


def _conclude(records: Sequence[Record]) -> Row:
    rest, rest_seen, apart, apart_seen, both, both_seen = map(account_of, records)
    alone, shared = f"{NAME}, independent at the start", f"{NAME} and friction"
    checks = (
        *mended(f"{alone}: {REPAIRED}", apart, apart_seen),
        *paid(f"{shared}: {LAW}", both, both_seen),
        *mended(f"{shared}: {JOINT}", both, both_seen),
        *agreeing(alone, apart, apart_seen),
        *agreeing(shared, both, both_seen),
    )
    broken = tuple(paid(f"{alone}: {JOINT}", apart, apart_seen, (ASSUMPTION,)))
    return Row(NAME, ASSUMPTION, LAW, REPAIRED, WORDS, rest, rest_seen, checks, broken, _note(both_seen))


def _note(both: Account) -> str:
    kept = "keep" if both.information.value <= both.cost.value else "break"
    return (
        f"Weights that share noise and its friction {kept} the law: {plus_minus(both.information)} against "
        f"{plus_minus(both.cost)} nat."
    )
