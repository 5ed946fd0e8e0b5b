"""A weight in steps of a ramped force: means by three kinds of steps, and one theorem by steps of Euler, exactly."""

from __future__ import annotations

from math import ceil, exp, expm1, inf, log, sqrt

import numpy as np

from ...continuous import Gaussian
from ...information import label_information, signs_entropy
from ..part import Record
from .breaks_labelled import Array, Values, answered

DRAGGED = 5
"""Coarse steps in which the weight of the theorem is dragged."""
CELL, REACH = 0.08, 9.0
"""A cell of the line of a weight, and how far the line goes beyond the mean, in standard deviations."""


def staircase(v: Values) -> Array:
    """s in the middle of every step of length dt of the ramp, then 1: (step,)."""
    steps, held = round(v["ramp"] / v["dt"]), round(v["settling"] / v["dt"])
    return np.concatenate([(np.arange(steps) + 0.5) / steps, np.ones(held)])


def chain(v: Values, decay: float, added: float) -> tuple[float, float, float]:
    r"""m' = f/k + decay (m - f/k), v' = decay^2 v + added: mean, variance and heat of a linear chain from N(0, T/k).

    Heat of a step is the fall of U = k w^2/2 - f w at the force held: <Q> = (k/2)(m^2 + v - m'^2 - v') - f (m - m').
    """
    k = v["stiffness"]
    mean, variance, heat = 0.0, v["temperature"] / k, 0.0
    for f in (v["push"] * staircase(v)).tolist():
        new, wide = f / k + decay * (mean - f / k), decay * decay * variance + added
        heat += 0.5 * k * (mean * mean + variance - new * new - wide) - f * (mean - new)
        mean, variance = new, wide
    return mean, variance, heat


def euler(v: Values) -> tuple[float, float, float]:
    """decay = 1 - a, added = 2 a T/k."""
    a = v["dt"]
    return chain(v, 1.0 - a, 2.0 * a * v["temperature"] / v["stiffness"])


def transition(v: Values) -> tuple[float, float, float]:
    """decay = e^{-a}, added = (1 - e^{-2a}) T/k: what the process itself does at a force held."""
    a = v["dt"]
    return chain(v, exp(-a), -expm1(-2.0 * a) * v["temperature"] / v["stiffness"])


def told_and_paid(v: Values, end: tuple[float, float, float]) -> tuple[float, float]:
    """I(label : sign of w) and DS(w) + Q/T from mean, variance and heat."""
    mean, variance, heat = end
    start = Gaussian(0.0, v["temperature"] / v["stiffness"]).entropy
    return answered(mean, variance), signs_entropy([mean], variance) - start + heat / v["temperature"]


def metropolised(v: Values) -> tuple[float, float]:
    r"""p'(w') = int q(w' | w) min(1, r) p(w) dw + p(w') (1 - int q(w | w') min(1, r') dw), by cells of a line.

    q is the step of Euler, r = e^{Q/T} q(w | w')/q(w' | w). I(label : sign of w) and DS(w) + Q/T, of a label at even
    odds, whose other value turns the line round.
    """
    T, k, a = v["temperature"], v["stiffness"], v["dt"]
    half = ceil((v["push"] / sqrt(k * T) + REACH) / CELL)
    cell = CELL * sqrt(T / k)
    w = cell * (np.arange(-half, half) + 0.5)
    p = np.exp(-0.5 * k * w * w / T)
    p /= p.sum() * cell
    start, heat, f, kernel, U = _entropy(p, cell), 0.0, inf, np.empty(0), w
    for force in (v["push"] * staircase(v)).tolist():
        if force != f:
            f, U = force, 0.5 * k * w * w - force * w
            there = -((w[:, None] - w - a * (f / k - w)) ** 2) * k / (4.0 * a * T)
            balance = (U - U[:, None]) / T + there.T - there
            kernel = cell * sqrt(k / (4.0 * np.pi * a * T)) * np.exp(there + np.minimum(0.0, balance))
            kernel[np.diag_indices(2 * half)] += 1.0 - kernel.sum(axis=0)
        after = kernel @ p
        heat += cell * float(U @ (p - after))
        p = after
    # Euler and Maclaurin: the midpoint rule misses slope x cell^2/24 at the end of the half line
    right = cell * (float(p[half:].sum()) - float(p[half] - p[half - 1]) / 24.0)
    change = _entropy(0.5 * (p + p[::-1]), cell) - start
    return float(label_information(np.array(min(right, 1.0)))), change + heat / T


def _entropy(p: Array, cell: float) -> float:
    some = p[p > 0.0]
    return -cell * float(some @ np.log(some))


def exact_theorem(v: Values) -> Record:
    r"""<e^{-(W - DF)/T}> of Euler's chain: G'(w') = e^{U(w')/T} int q(w' | w) e^{-U(w)/T} G(w) dw, G = 1 at the start.

    G = exp(c + b w + A w^2/2) stays Gaussian, and the average is its mean in the equilibrium of the last force, which
    is infinite where A outgrows k/T.
    """
    T, k, a = v["temperature"], v["stiffness"], v["dt"]
    spread = 2.0 * a * T / k
    A = b = c = 0.0
    for s in (np.arange(DRAGGED) + 0.5) / DRAGGED:
        f = v["push"] * float(s)
        shift, slope = a * f / k, (1.0 - a) / spread
        precision = (1.0 - a) * slope + k / T - A
        if precision <= 0.0:
            return {"theorem": inf}
        pull = f / T + b - slope * shift
        c += 0.5 * (pull * pull / precision - shift * shift / spread - log(precision * spread))
        b = shift / spread + slope * pull / precision - f / T
        A = k / T - 1.0 / spread + slope * slope / precision
    end, narrow = v["push"] / k, k / T - A
    if narrow <= 0.0:
        return {"theorem": inf}
    whole = (b + end * k / T) ** 2 / narrow - end * end * k / T
    return {"theorem": exp(c + 0.5 * whole) * sqrt(k / T / narrow)}
