"""Hebbian synapses under any schedule, exactly: harmonic weights pushed by a few independent labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import erf, inf, log, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from ...errors import InputError
from ...information import label_information, signs_entropy
from ...theory import additive_heat, single_synapse
from .opponents import AccountBooks, Opponent, between, size_of, split

Array = NDArray[np.float64]
GRID, REACH = 0.15, 8.5
"""Of the entropy in two dimensions, in thermal widths: spacing, and how far beyond the outermost peak."""
WEAKEST, STRONGEST = 0.05, 30.0
"""Of the force, in thermal widths: nu / sqrt(k T)."""
QUICKEST = 1e-2
BATHS = 0.25, 4.0
"""Temperature, stiffness and mobility lie between these."""
DULLEST, SHARPEST = 0.1, 100.0
"""Gain of the thermal readout, in 1/T."""


Schedule = tuple[list[float], list[float], Literal["linear", "constant"]]


@dataclass(frozen=True)
class SynapticLearner:
    r"""dw = mu (-k w + nu sum_m s_m(t) xi^m sigma^m / sqrt N) dt + sqrt(2 mu T) dW from N(0, T/k).

    inputs: (P, N), |xi|^2 = N. force: nu >= 0. schedules: (times, values, kind) of s_m for each pattern, as
    ``theory.additive_heat`` takes them. duration: when the neuron is asked. gain: of P(+1) = 1/(1 + e^{-gain A}),
    infinite for sign A, A = w.xi / sqrt N. At most two of N, P above 2.
    """

    inputs: Array
    force: float
    schedules: tuple[Schedule, ...]
    duration: float
    temperature: float
    stiffness: float
    mobility: float
    gain: float

    def books(self) -> AccountBooks:
        r"""Given the labels w is Gaussian with variance T/k; the labels are all 2^P that there are.

        Q = sum_m of the heat under s_m alone, times |xi^m|^2 / N = 1: labels are independent, and cross terms average
        to zero. Delta S(w) = I(w : labels), as S(w | labels) stays what it was.
        """
        paid = [self._paid(schedule) for schedule in self.schedules]
        heat = sum(q for q, _ in paid) / self.temperature
        n = self.inputs.shape[1]
        reach = self.force / sqrt(self.stiffness * self.temperature) * np.array([y for _, y in paid])
        steps = reach[:, None] * self.inputs / sqrt(n)
        marginal = sum(signs_entropy(column, 1.0) - signs_entropy([0.0], 1.0) for column in steps.T)
        joint = marginal if n == 1 else known_of_signs(steps)
        p = len(self.inputs)
        values = {
            "information": float(label_information(self.correct(reach)).sum()), "knowledge": 0.0, "entropy": joint,
            "entropy_marginal": marginal, "heat": heat, "labels": p * log(2.0), "booked": heat + marginal,
        }  # fmt: skip
        return AccountBooks(**{name: np.array([value]) for name, value in values.items()})

    def _paid(self, schedule: Schedule) -> tuple[float, float]:
        """Q of all weights together under one pattern alone, and its k <w> / f."""
        found = additive_heat(
            *schedule,
            duration=self.duration,
            amplitude_squared=self.force**2,
            temperature=self.temperature,
            stiffness=self.stiffness,
            mobility=self.mobility,
        )
        return found.heat, found.response

    def correct(self, reach: Array) -> Array:
        """P(answer = label) of each pattern, reach: (P,), how far each moves w, in thermal widths."""
        overlap = self.inputs @ self.inputs.T / self.inputs.shape[1]
        width = sqrt(self.temperature / self.stiffness)
        p = np.empty(len(reach))
        for m, row in enumerate(overlap):
            others = [() if i == m else (-1.0, 1.0) for i in range(len(reach))]
            signs = np.array(list(product(*(other or (1.0,) for other in others))))
            shift = signs @ (row * reach)
            p[m] = np.mean([answered(float(x), self.gain * width) for x in shift])
        return p


def answered(shift: float, gain: float) -> float:
    """P(+1) of a field with mean ``shift`` and variance 1 that is read with this gain, infinite for its sign.

    >>> answered(0.0, 1.0), round(answered(1.0, inf), 6)
    (0.5, 0.841345)
    """
    if gain == inf:
        return 0.5 * (1.0 + erf(shift / sqrt(2.0)))
    alike = min(single_synapse(abs(shift) / gain, inf, temperature=1.0 / gain**2).correct, 1.0)
    return alike if shift > 0.0 else 1.0 - alike


def known_of_signs(steps: Array) -> float:
    r"""I(sum_m +-steps_m + z : signs), z ~ N(0, 1) in each direction, of fair independent signs, in nats.

    steps: (P, N) of rank 1 or 2. The trapezoid rule on a grid of spacing h: the density has zeros at a distance
    pi / 2a where two peaks 2a apart meet, with weight e^{-a^2/2}; the error e^{-a^2/2 - pi^2/(a h)} is below 3e-11.
    Raises InputError for a third direction.

    >>> round(known_of_signs(np.array([[9.0, 0.0], [0.0, 9.0]])) / log(4.0), 9)
    1.0
    """
    u, scale, _ = np.linalg.svd(steps, full_matrices=False)
    if scale.size > 2 and scale[2] > 1e-12 * scale[0]:
        rule = "must not span more than 2 directions"
        raise InputError("steps", steps.shape, rule, "at most 2 weights or 2 patterns")
    signs = np.array(list(product((-1.0, 1.0), repeat=len(steps))))
    means = signs @ (u * scale)[:, :2]
    bells = []
    for mean in means.T:
        top = np.ceil((np.abs(mean).max() + REACH) / GRID)
        x = GRID * np.arange(-top, top + 1)
        bells.append(np.exp(-0.5 * (x - mean[:, None]) ** 2) * (GRID / sqrt(2.0 * pi)))
    p = bells[0].T @ bells[1] / len(signs) if len(bells) == 2 else bells[0].mean(axis=0)
    cell = GRID ** len(bells)
    return float(-np.sum(xlogy(p, p / cell)) - len(bells) * 0.5 * log(2.0 * pi * np.e))


@dataclass(frozen=True)
class SynapticSpace:
    """All neurons with so many weights and patterns, whose force goes through any knots; shown at once or in turn.

    online: one pattern after the other, each for a dwell, the force held at its value in the middle. longest: duration,
    in relaxation times 1/(mu k). turns: the most rounds through the patterns.
    """

    weights: int
    patterns: int
    online: bool
    knots: int
    longest: float
    turns: int = 6

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The coordinates of a learner."""
        return {
            "force": (), "duration": (), "temperature": (), "stiffness": (), "mobility": (), "gain": (), "sign": (),
            "stepped": (), "turns": (), "values": (self.knots,), "spacing": (self.knots,),
            "inputs": (self.patterns, self.weights),
        }  # fmt: skip

    def learner(self, point: Array) -> SynapticLearner:
        """The learner at a point (dimension,) of the unit cube."""
        c = {name: value[0] for name, value in split(point[None], self.shapes).items()}
        warm, k, rate = (float(between(c[name], *BATHS)) for name in ("temperature", "stiffness", "mobility"))
        duration = float(between(c["duration"], QUICKEST, self.longest)) / (rate * k)
        spacing = between(c["spacing"], 1e-2, 1.0)
        times = duration * np.concatenate([[0.0], np.cumsum(spacing[1:]) / spacing[1:].sum()])
        values = 2.0 * c["values"] - 1.0
        raw = 2.0 * c["inputs"] - 1.0
        norm = np.sqrt(np.mean(raw**2, axis=1, keepdims=True))
        inputs = np.where(norm > 1e-9, raw / np.maximum(norm, 1e-9), 1.0)
        whole: Schedule = (times.tolist(), values.tolist(), "constant" if c["stepped"] > 0.5 else "linear")
        turns = 1 + min(int(self.turns * c["turns"]), self.turns - 1)
        return SynapticLearner(
            inputs=inputs,
            force=float(between(c["force"], WEAKEST, STRONGEST)) * sqrt(k * warm),
            schedules=self._in_turn(whole, turns) if self.online else (whole,) * self.patterns,
            duration=duration,
            temperature=warm,
            stiffness=k,
            mobility=rate,
            gain=inf if c["sign"] > 0.5 else float(between(c["gain"], DULLEST, SHARPEST)) / warm,
        )

    def _in_turn(self, whole: Schedule, turns: int) -> tuple[Schedule, ...]:
        """Each pattern's own force: on during its showings, off otherwise."""
        times, values, kind = whole
        edges = np.linspace(0.0, times[-1], turns * self.patterns + 1)
        middle = 0.5 * (edges[1:] + edges[:-1])
        if kind == "linear":
            held = np.interp(middle, times, values)
        else:
            held = np.asarray(values)[np.searchsorted(times, middle, side="right") - 1]
        shown = np.arange(edges.size - 1) % self.patterns
        forces = [np.where(shown == m, held, 0.0).tolist() for m in range(self.patterns)]
        return tuple((edges[:-1].tolist(), force, "constant") for force in forces)

    def opponent(self) -> Opponent:
        """The family as the search sees it."""

        def books(points: Array) -> AccountBooks:
            return AccountBooks.joined([self.learner(point).books() for point in points])

        return Opponent(size_of(self.shapes), books, self.traits)

    def traits(self, point: Array) -> Mapping[str, float | str]:
        """Duration in relaxation times, the force in thermal widths, temperature, and the readout."""
        one = self.learner(point)
        readout = "sign" if one.gain == inf else f"thermal, gain {one.gain * one.temperature:.3g}/T"
        return {
            "time": one.duration * one.mobility * one.stiffness,
            "force": one.force / sqrt(one.stiffness * one.temperature),
            "temperature": one.temperature,
            "readout": readout,
        }
