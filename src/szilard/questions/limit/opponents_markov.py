"""Any Markov learner with a few states, exactly: rates that depend on label and time, one bath, any readout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, expit, factorial, gammainc, rel_entr

from .opponents import AccountBooks, Opponent, between, size_of, split

Array = NDArray[np.float64]
SMALL = 1.0 / 16.0
POWERS = np.arange(9)
"""Powers of the jump matrix in a step that makes SMALL jumps: the next has weight SMALL^9 / 9! = 4e-17."""
DEEPEST, STRONGEST = 6.0, 6.0
"""Energies and drives lie between - and + these, in k_B T0."""
COLDEST, WARMEST = 0.25, 4.0
SLOWEST_PACE = 1e-2
QUICKEST = 1e-2


@dataclass(frozen=True)
class MarkovLearners:
    r"""k_l[x, x'] = attempt / (1 + e^{-q/T}),  q = E_l[x'] - E_l[x] + drive_l[x, x']  > 0 into the bath, label l.

    One process for each label, held during each stage: ln(k[x, x'] / k[x', x]) = q / T, and any two rates of a pair can
    be written so. temperature: (learner,); prior: (learner, label); start: (learner, label, state); energy: (learner,
    label, stage, state), in k_B T0; attempt: symmetric, and drive: antisymmetric, in k_B T0, (learner, label, stage,
    state, state); spans: (learner, stage), times; readout: (learner, state, answer), P(answer | state).
    """

    temperature: Array
    prior: Array
    start: Array
    energy: Array
    attempt: Array
    drive: Array
    spans: Array
    readout: Array

    def rates(self) -> Array:
        """k[x, x'] of every learner, label and stage, in 1/time."""
        e = self.energy
        heat = e[..., None, :] - e[..., :, None] + self.drive
        return np.asarray(self.attempt * expit(heat / self.temperature[:, None, None, None, None]))

    def books(self) -> AccountBooks:
        r"""I(label : answer), Delta S(w) of the mixture over labels, and Q/T averaged over them.

        In a stage Q = sum_x E[x] (p[x] before - after) + sum_x (int p[x] dt) sum_y k[y, x] drive[y, x].
        """
        rates = self.rates()
        step, stay = propagators(rates, np.broadcast_to(self.spans[:, None, :], rates.shape[:3]))
        effort = np.sum(rates * self.drive, axis=-2)
        p = self.start
        heat, booked = np.zeros(p.shape[:2]), np.zeros(p.shape[:2])
        for s in range(rates.shape[2]):
            driven = np.einsum("blx,blxy,bly->bl", effort[:, :, s], stay[:, :, s], p)
            after = np.einsum("blxy,bly->blx", step[:, :, s], p)
            fall = np.sum(self.energy[:, :, s] * (p - after), axis=-1)
            heat += fall + driven
            booked += np.abs(fall) + np.abs(driven)
            p = after
        before, now = mixed(self.prior, self.start), mixed(self.prior, p)
        told = self.prior[:, :, None] * np.einsum("blx,bxa->bla", p, self.readout)
        change = uncertainty(now) - uncertainty(before)
        return AccountBooks(
            information=mutual(told),
            knowledge=mutual(self.prior[:, :, None] * self.start),
            entropy=change,
            entropy_marginal=change,
            heat=np.sum(self.prior * heat, axis=1) / self.temperature,
            labels=uncertainty(self.prior),
            booked=np.sum(self.prior * booked, axis=1) / self.temperature,
        )


def propagators(rates: Array, times: Array) -> tuple[Array, Array]:
    r"""e^{L t} and int_0^t e^{L s} ds of the generators with these rates (..., n, n), zero on the diagonal.

    Uniformised, L = q (P - 1), so that nothing cancels: e^{L h} = sum_j e^{-q h} (q h)^j / j! P^j and its integral for
    a short h, then doubled to t. times: (...), > 0.

    Uniformisation: Jensen, Skand. Aktuarietidskr. 36, 87 (1953).

    >>> step, stay = propagators(np.array([[0.0, 1.0], [3.0, 0.0]]), np.array(50.0))
    >>> step.round(6).tolist(), stay.sum(axis=0).round(6).tolist()
    ([[0.25, 0.25], [0.75, 0.75]], [50.0, 50.0])
    """
    n = rates.shape[-1]
    k = np.moveaxis(rates.reshape(-1, n, n), 0, -1)
    t = times.reshape(-1)
    out = k.sum(axis=0)
    pace = out.max(axis=0)
    jump = k / pace
    jump[np.arange(n), np.arange(n)] += 1.0 - out / pace
    doublings = max(0, int(np.ceil(np.log2(np.max(pace * t) / SMALL))))
    x = pace * t / 2.0**doublings
    power = np.repeat(np.eye(n)[:, :, None], t.size, axis=2)
    step, stay = np.zeros_like(power), np.zeros_like(power)
    for j in POWERS:
        power = _product(jump, power) if j else power
        step += np.exp(-x) * x**j / factorial(j) * power
        stay += gammainc(j + 1, x) / pace * power
    for _ in range(doublings):
        stay = stay + _product(step, stay)
        step = _product(step, step)
        step /= step.sum(axis=0)
    shape = (*times.shape, n, n)
    return np.moveaxis(step, -1, 0).reshape(shape), np.moveaxis(stay, -1, 0).reshape(shape)


def _product(a: Array, b: Array) -> Array:
    """a b of many small matrices, (n, n, matrix)."""
    total = a[:, :1] * b[:1]
    for j in range(1, a.shape[1]):
        total += a[:, j : j + 1] * b[j : j + 1]
    return total


def mixed(prior: Array, p: Array) -> Array:
    """p(x) = sum_l prior_l p_l(x)."""
    return np.asarray(np.einsum("bl,blx->bx", prior, p))


def uncertainty(p: Array) -> Array:
    """-sum_x p ln p, in nats."""
    return np.asarray(entr(np.maximum(p, 0.0)).sum(axis=-1))


def mutual(joint: Array) -> Array:
    """I of the two last axes of joint probabilities, in nats."""
    apart = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    return np.asarray(rel_entr(np.maximum(joint, 0.0), np.maximum(apart, 0.0)).sum(axis=(-2, -1)))


@dataclass(frozen=True)
class MarkovSpace:
    """All learners with so many states and labels; energies move in straight lines between knots, in steps.

    informed: the start may depend on the label, which the law forbids. longest: duration, in 1/attempts.
    """

    states: int
    labels: int
    knots: int
    steps: int
    longest: float
    informed: bool = False

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The coordinates of a learner."""
        n, labels, legs = self.states, self.labels, self.knots - 1
        pairs = n * (n - 1) // 2
        return {
            "temperature": (), "duration": (), "prior": (labels,), "start": (labels if self.informed else 1, n),
            "energy": (labels, self.knots, n), "attempt": (labels, pairs), "drive": (labels, pairs), "share": (legs,),
            "pace": (legs,), "swing": (legs,), "readout": (n, labels),
        }  # fmt: skip

    def learners(self, points: Array) -> MarkovLearners:
        """The learners at points (learner, dimension) of the unit cube."""
        c = split(points, self.shapes)
        n, many = self.states, len(points)
        within = np.tile((np.arange(self.steps) + 1.0) / self.steps, self.knots - 1)
        leg = np.repeat(np.arange(self.knots - 1), self.steps)
        knots = DEEPEST * (2.0 * c["energy"] - 1.0)
        energy = knots[:, :, leg] * (1.0 - within)[:, None] + knots[:, :, leg + 1] * within[:, None]
        pace = between(c["pace"], SLOWEST_PACE, 1.0)[:, None, leg, None]
        attempt = between(c["attempt"], SLOWEST_PACE, 1.0)[:, :, None] * pace
        swing = (2.0 * c["swing"] - 1.0)[:, None, leg, None]
        drive = STRONGEST * (2.0 * c["drive"] - 1.0)[:, :, None] ** 3 * swing  # the cube: near zero as well as far
        share = between(c["share"], 1e-2, 1.0)
        spans = between(c["duration"], QUICKEST, self.longest)[:, None] * share / share.sum(axis=1, keepdims=True)
        start = np.broadcast_to(_shares(c["start"], 1e-6), (many, self.labels, n))
        return MarkovLearners(
            temperature=between(c["temperature"], COLDEST, WARMEST),
            prior=_shares(c["prior"], 1e-2),
            start=start,
            energy=energy,
            attempt=_matrices(attempt, n, 1.0),
            drive=_matrices(drive, n, -1.0),
            spans=spans[:, leg] / self.steps,
            readout=_shares(c["readout"], 1e-9),
        )

    def opponent(self) -> Opponent:
        """The family as the search sees it."""
        return Opponent(size_of(self.shapes), lambda points: self.learners(points).books(), self.traits)

    def traits(self, point: Array) -> Mapping[str, float | str]:
        """Duration, in 1/attempts of the quickest pair, temperature, and the share of label 0."""
        learner = self.learners(point[None])
        jumps = float(np.sum(learner.spans[0] * learner.attempt[0].max(axis=(0, 2, 3))))
        return {"time": jumps, "temperature": float(learner.temperature[0]), "prior": float(learner.prior[0].max())}


def _shares(coordinate: Array, least: float) -> Array:
    """Probabilities along the last axis, whose ratios go down to ``least``."""
    weight = between(coordinate, least, 1.0)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _matrices(pairs: Array, n: int, mirrored: float) -> Array:
    """(..., n, n) with the pairs below the diagonal and ``mirrored`` times them above."""
    full = np.zeros((*pairs.shape[:-1], n, n))
    rows, columns = np.tril_indices(n, -1)
    full[..., rows, columns] = pairs
    full[..., columns, rows] = mirrored * pairs
    return full
