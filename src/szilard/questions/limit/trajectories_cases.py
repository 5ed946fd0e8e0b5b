"""What single trajectories pay beyond what they learn, simulated, and its exact mean and sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import exp, inf, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfc, expit, ndtr

from ...learning import rules, tasks
from ...learning.rule import Rule
from ...learning.training import train
from ...theory import ramp_heat, single_synapse

Array = NDArray[np.float64]
HOLD = 8.0
"""Relaxation times after a ramp."""
SETTLED = 14.0
"""Relaxation times after which e^-14 of the start is left."""
STEP = 0.02
"""Relaxation times."""


@dataclass(frozen=True)
class Case:
    """Trajectories of one learner: (replica,) in nats.

    excess: R = Delta s(w) + q/T - i(w; labels). answered_excess: the same with i(label; answer) of one drawn answer,
    where there is one weight. exact_mean: <R>; exact_below: P(R < 0). unseen: the part of
    <e^{-R}> with the answer on weights that know less of the label than any that were met.
    """

    name: str
    excess: Array
    answered_excess: Array | None
    exact_mean: float
    exact_below: float
    unseen: float = 0.0


def additive_case(at: Mapping[str, Any], seed: int, threads: int | None) -> Case:
    r"""R is Gaussian given the labels, its variance twice its mean: P(R < 0) = E erfc(sqrt(Sigma)/2)/2, <R> = E Sigma.

    Sigma = Q/T at fixed labels. Hebbian force with a linear ramp, whose weights stay N(m(t), T/k) given the labels;
    -ln p(w | labels) is therefore known on every trajectory, and Delta s(w) - i(w; labels) = Delta s(w | labels).
    """
    t, k, pace = at["temperature"], at["stiffness"], at["mobility"] * at["stiffness"]
    ramp, rate = at["ramp"] / pace, at["rate"]
    inputs = None if at["weights"] * at["patterns"] > 1 else [[1.0]]
    task = tasks.random_labels(at["weights"], at["patterns"], inputs=inputs, seed=0)
    duration = (at["ramp"] + HOLD) / pace
    run = train(
        task, rules.hebbian, learning_rate=rate, duration=duration, dt=STEP * at["time_step"] / pace,
        schedule=f"ramp:{ramp!r}" if ramp > 0.0 else "quench", replicas=at["replicas"], seed=seed, temperature=t,
        stiffness=k, mobility=at["mobility"], threads=threads,
    )  # fmt: skip
    signs = np.array(list(product((-1.0, 1.0), repeat=at["patterns"])))
    forces = rate * signs @ task.inputs / sqrt(at["weights"])
    paid = ramp_heat(np.sum(forces**2, axis=1), ramp, duration, stiffness=k, mobility=at["mobility"]) / t
    name = f"hebbian, ramp {at['ramp']:g}" if at["weights"] == 1 else f"hebbian, {at['weights']} weights"
    excess = run.ledger.entropy_production
    answered, unseen = None, 0.0
    if at["weights"] * at["patterns"] == 1:
        reached = (1.0 - exp(-at["ramp"])) / at["ramp"] if at["ramp"] > 0.0 else 1.0
        centre = rate / k * (1.0 - exp(-HOLD) * reached)
        exact = single_synapse(rate, ramp, temperature=t, stiffness=k, mobility=at["mobility"], duration=duration)
        answered = _answered(excess, run.weights[:, 0] * run.labels[:, 0], centre, exact.correct, t, k, seed)
        # that average weighs a weight by p(w), as if its label were drawn anew: half of them are on the wrong side
        lowest, width = float((run.weights[:, 0] * run.labels[:, 0]).min()), sqrt(t / k)
        unseen = float(0.5 * (ndtr((lowest - centre) / width) + ndtr((lowest + centre) / width)))
    below = np.where(paid > 0.0, 0.5 * erfc(0.5 * np.sqrt(paid)), 0.0)  # labels that cancel: R = 0 on every path
    return Case(name, excess, answered, float(paid.mean()), float(below.mean()), unseen)


def _answered(excess: Array, aligned: Array, centre: float, correct: float, t: float, k: float, seed: int) -> Array:
    """R + i(w; s_T) - i(s_T; s), the answer drawn with P(right) = 1/(1 + e^{-w s_T / T}).

    i(w; s_T) = ln[2/(1 + e^{-2 k m w s_T / T})], i(s_T; s) = ln 2 p_C or ln 2 (1 - p_C).
    """
    draws = np.random.Generator(np.random.Philox(seed)).random(aligned.size)
    right = draws < expit(aligned / t)
    wrong = log(2.0 * (1.0 - correct)) if correct < 1.0 else -inf  # then no answer is wrong
    told = np.where(right, log(2.0 * correct), wrong)
    known = log(2.0) - np.logaddexp(0.0, -2.0 * k * centre * aligned / t)
    return np.asarray(excess + known - told)


def quenched_case(at: Mapping[str, Any], seed: int, threads: int | None) -> Case:
    r"""R = (W - Delta F)/T of a loss switched on at once, W = nu loss(w_0), in the end at rest in e^{-(E + nu loss)/T}.

    The weight forgets its start, so -ln p(w | label) is Boltzmann's at the end; P(R < 0) = P(loss < Delta F/nu).
    """
    t, k, pace, rate = at["temperature"], at["stiffness"], at["mobility"] * at["stiffness"], at["rate"]
    rule = rules.SHIPPED[at["rule"]]
    assert isinstance(rule, Rule) and rule.loss is not None
    loss = rule.loss

    def price(w: float) -> float:
        return float(loss(w, 1.0, 0.0, 0.0, rule.parameters))

    run = train(
        tasks.random_labels(1, 1, inputs=[[1.0]]), rule, learning_rate=rate, duration=SETTLED / pace,
        dt=0.5 * STEP * at["time_step"] / pace, replicas=at["replicas"], seed=seed, temperature=t, stiffness=k,
        mobility=at["mobility"], threads=threads,
    )  # fmt: skip
    width = sqrt(t / k)

    def mean(weight: bool) -> float:
        """<loss> or <e^{-nu loss/T}> over N(0, T/k)."""

        def density(x: float) -> float:
            c = price(width * x)
            return exp(-0.5 * x * x) / sqrt(2.0 * pi) * (c if weight else exp(-rate * c / t))

        return sum(float(quad(density, *ends, epsabs=1e-13)[0]) for ends in ((-inf, 0.0), (0.0, inf)))

    gap = -t * log(mean(False))
    edge = float(brentq(lambda w: price(w) - gap / rate, -40.0 * width, 40.0 * width))
    excess = (run.ledger.work - gap) / t
    return Case(f"{at['rule']}, quench", excess, None, (rate * mean(True) - gap) / t, float(ndtr(-edge / width)))
