"""What is known without sampling beside a run: curves over time, the density of a weight, limits of efficiency."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..learning.additive import pattern_gains
from ..learning.settings import Settings
from ..theory import additive_heat, hebbian, hebbian_ceiling, hebbian_finite

Array = NDArray[np.float64]
MOST_MEANS = 4096
"""Gaussians in a mixture that are still summed one by one."""


@dataclass(frozen=True)
class Exact:
    """Means of a Hebbian run of these very inputs at ``times`` (time,), totals over all weights.

    heat, work: of the staircase that is simulated; entropy, learned: of the ramp; cost: of both. efficiency: marginal,
    at the end. limit: that for infinitely many inputs and patterns at the same load P/N; ceiling: the largest of any
    Hebbian neuron in that limit.
    """

    times: Array
    heat: Array
    work: Array
    entropy: Array
    learned: Array
    cost: Array
    efficiency: float
    limit: float
    ceiling: float


def covered(settings: Settings) -> bool:
    """Whether closed forms hold: Hebbian, in batch, random labels, no feedback, a quench or one ramp from 0 to 1."""
    times, values = settings.schedule.times, settings.schedule.values
    return (
        settings.learner.name == "hebbian"
        and settings.additive
        and settings.mode == "batch"
        and settings.answering is None
        and settings.task.labelling == "random"
        and ((times, values) == ((0.0,), (1.0,)) or (len(times) == 2 and times[0] == 0.0 and values == (0.0, 1.0)))
    )


def exact_curves(settings: Settings, times: Array) -> Exact | None:
    r"""<Q>, <W> = <Q> + (f^2/k)(y^2/2 - s y), sum_n Delta S(w_n), sum_mu I(sigma_T^mu : sigma^mu) at each time.

    y = k <w>/f of one weight; the books of a run on its way close at the last value s of its staircase. In k_B T0 and
    nats, totals over all weights. times: (time,), increasing from 0, whole steps. None where no closed form holds.
    Sources: ``theory.additive_heat``, ``theory.hebbian_finite``, ``theory.hebbian``, ``theory.hebbian_ceiling``.
    """
    if not covered(settings):
        return None
    s, nu = settings, settings.strength
    tau = 0.0 if s.schedule.kind == "constant" else s.schedule.duration
    common = {"temperature": s.temperature, "stiffness": s.stiffness, "mobility": s.mobility}
    square = nu**2 * float(np.sum(s.scaled_inputs**2))
    rows = [np.zeros(5)]
    try:
        for time in times[1:]:
            end = float(time)
            books = additive_heat(
                s.schedule.times, s.schedule.values, s.schedule.kind,
                duration=end, amplitude_squared=square, staircase=s.dt, **common,
            )  # fmt: skip
            held = _last_value(s, end)
            moved = square / s.stiffness * (0.5 * books.response**2 - held * books.response)
            law = hebbian_finite(s.task.inputs, nu, tau, s.readout, duration=end, **common)
            learned, entropy = float(law.information.sum()), float(law.entropy.sum())
            rows.append(
                np.array([books.heat, books.heat + moved, entropy, learned, entropy + books.heat / s.temperature])
            )
        alpha = s.task.n_patterns / s.task.n_inputs
        large = hebbian(nu, alpha, tau, s.readout, duration=s.duration, **common)
        ceiling = hebbian_ceiling(s.readout, s.temperature, s.stiffness)
    except InputError:  # a grid beyond what the closed form covers
        return None
    heat, work, entropies, told, cost = np.array(rows).T
    share = float(told[-1] / cost[-1]) if cost[-1] > 0.0 else 0.0
    return Exact(times, heat, work, entropies, told, cost, share, large.efficiency, ceiling)


def _last_value(settings: Settings, end: float) -> float:
    """s at which the books are closed: of the last step on the way, of the schedule itself at the end."""
    steps = round(end / settings.dt)
    if steps == settings.steps:
        return float(settings.schedule(settings.duration))
    return float(settings.factors(steps - 1, steps)[0])


def exact_density(settings: Settings, time: float, at: Array) -> Array | None:
    r"""p(w_1 | sigma^1) = <N(w; a_1 sigma^1 |xi_1^1|/sqrt N + sum_{mu > 1} +-a_mu xi_1^mu/sqrt N, T/k)>: (2, place).

    Rows: label -1, +1; w_1 has the sign that input 1 of pattern 1 gives it, as in ``Frame``. The mean is over the other
    labels, which are fair; equal sums are put together. At time 0 the weight is at rest. None where the force depends
    on the weights, or the sums are more than 4096.
    """
    variance = settings.temperature / settings.stiffness
    steps = round(time / settings.dt)
    if steps == 0:
        return np.tile(_gauss(at, np.zeros(1), np.ones(1), variance), (2, 1))
    gains = pattern_gains(settings if steps == settings.steps else settings.until(steps))
    if gains is None or settings.task.labelling != "random":
        return None
    shifts: Array = gains * settings.scaled_inputs[:, 0]
    means: NDArray[Any] = np.zeros(1)
    weight: NDArray[Any] = np.ones(1)
    for shift in shifts[1:]:
        every = np.round(np.concatenate([means - shift, means + shift]), 12)
        means, place = np.unique(every, return_inverse=True)
        weight = np.bincount(place, weights=0.5 * np.concatenate([weight, weight]))
        if means.size > MOST_MEANS:
            return None
    return np.array([_gauss(at, means + label * abs(shifts[0]), weight, variance) for label in (-1.0, 1.0)])


def _gauss(at: Array, means: Array, weight: Array, variance: float) -> Array:
    away = at[:, None] - means
    return np.asarray(np.exp(-0.5 * away * away / variance) @ weight / sqrt(2.0 * pi * variance))
