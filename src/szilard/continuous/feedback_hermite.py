"""Label feedback expanded in Hermite functions: the stationary state, its flows of heat and of information."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import roots_hermitenorm

from ..errors import InputError
from .feedback import LABELS, LabelFeedback

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
TERMS = (24, 36, 54, 80, 120, 180)
ENOUGH, NEEDED = 1e-12, 1e-8
"""Relative change from one number of terms to the next at which to stop, and above which the answer is refused."""
FAR, SPACING = 10.0, 0.02
"""In widths: how far beyond the outermost centre integrals over w reach, and how fine their grid is."""
TINY = 1e-300
"""Densities below it count as it in logarithms."""


class Expansion:
    r"""p_sigma(w) = e^{sigma b/2} sum_n c[sigma, n] phi(y) He_n(y) / sqrt(n!),  y = (w - m)/s - sigma alpha.

    phi(y) = e^{-y^2/2} / sqrt(2 pi s^2), s^2 = T/k, m = nu s_T / k, b = a m / 2 T_l, alpha = a s / 2 T_l. The rate of a
    flip times e^{sigma b} phi(y) is then the same function of w at both labels, so that the flips act as -B^T B: they
    damp at any number of terms. Equations are projected on e^{-sigma b/2} He_m(y) / sqrt(m!), so that probability, the
    means of 1, w and w^2 and the first law hold exactly at any number of terms.
    """

    def __init__(self, process: LabelFeedback, terms: int) -> None:
        self.process, self.terms = process, terms
        p, t = process, process.temperatures[1]
        middle = p.push * p.label / p.stiffness
        lean, alpha = 0.5 * p.field * middle / t, 0.5 * p.field * p.width / t
        self.origins = middle + p.width * alpha * LABELS
        """Where y = 0: (label,)."""
        self.volume = np.exp(0.5 * LABELS * lean)
        x, weight = roots_hermitenorm(terms + 1)
        attempts = p.flip_rate * weight / sqrt(2.0 * pi)
        level = np.sqrt(attempts * sqrt(2.0 * pi)) * np.exp(0.25 * x * x)
        self.flips = np.empty((2, x.size, terms))
        """B: (label, node, term)."""
        for i, sigma in enumerate(LABELS):
            scale = sigma * level * np.exp(-0.5 * sigma * (lean + alpha * x))
            self.flips[i] = scale[:, None] * _oscillator(x - sigma * alpha, terms).T
        self._weights_at_nodes = (middle + p.width * x) * np.sqrt(attempts) * exp(-0.25 * alpha**2)

    def relaxing(self) -> Array:
        """The part of the generator in which the weight relaxes: (label, term, term)."""
        p, n = self.process, np.arange(self.terms)
        speed = p.mobility * p.stiffness
        away = (p.centres - self.origins) / p.width
        return np.array([np.diag(-speed * n) + np.diag(speed * x * np.sqrt(n[1:]), -1) for x in away])

    def generator(self) -> Array:
        """L of dc/dt = L c: (2 terms, 2 terms), the term fast."""
        jumps = np.hstack(list(self.flips))
        found = -jumps.T @ jumps
        for i, block in enumerate(self.relaxing()):
            part = slice(i * self.terms, (i + 1) * self.terms)
            found[part, part] += block
        return np.asarray(found)

    def stationary(self) -> Array:
        """L c = 0 of probability 1: (label, term)."""
        rows, told = self.generator(), np.zeros(2 * self.terms)
        rows[0], told[0] = self.rows()[0], 1.0
        size = np.abs(rows).max(axis=1)
        return np.asarray(np.linalg.solve(rows / size[:, None], told / size).reshape(2, -1))

    def rows(self) -> Array:
        """What acts on c to give 1, w, w^2, sigma, sigma w, and per time the heat of weight and label, and the work.

        Heat of the weight is mu [<F^2> - k T], F = -k w + nu s_T + g sigma; of flips -a sum <sigma w rate>; work
        (g - a/2) mu <sigma F>: (8, 2 terms).
        """
        p, s = self.process, self.process.width
        found = np.zeros((8, 2, self.terms))
        for i, sigma in enumerate(LABELS):
            o, one = self.origins[i], np.eye(1, self.terms)[0]
            w, w2 = np.zeros((2, self.terms))
            w[:2], w2[:3] = (o, s), (o * o + s * s, 2.0 * o * s, sqrt(2.0) * s * s)
            rest, speed = p.centres[i], p.mobility * p.stiffness
            force2 = p.stiffness * (w2 - 2.0 * rest * w + rest**2 * one)
            flown = self._weights_at_nodes @ self.flips[i]
            drive = speed * (p.feedback - 0.5 * p.field) * sigma
            found[:5, i] = np.array([one, w, w2, sigma * one, sigma * w]) * self.volume[i]
            found[5, i] = speed * (force2 - p.temperature * one) * self.volume[i]
            found[6, i] = -p.field * flown
            found[7, i] = drive * (rest * one - w) * self.volume[i]
        return found.reshape(8, -1)

    def grid(self) -> Array:
        """Weights at which integrals over w are summed, beyond which nothing is: (point,)."""
        ends = np.array(
            [min(self.process.centres) - FAR * self.process.width, max(self.process.centres) + FAR * self.process.width]
        )
        return np.linspace(*ends, 1 + int(np.ceil(np.ptp(ends) / (SPACING * self.process.width))))

    def densities(self, c: Array, w: Array) -> Array:
        """p_sigma(w) of c (label, term): (label, point)."""
        found = np.empty((2, w.size))
        for i in range(2):
            psi = _oscillator((w - self.origins[i]) / self.process.width, self.terms)
            found[i] = self.volume[i] * (c[i] @ psi) * psi[0] / self.process.width
        return found


@dataclass(frozen=True, repr=False)
class FeedbackRates:
    """The stationary state of label feedback and what it costs per time.

    heat: (reservoir,), of weight and label, > 0 into its bath; work, > 0 on the system; in k_B T0 per time.
    information: I(w; sigma) at the given true label, in nats. information_flow: (reservoir,), how fast the weight's own
    motion and the label's flips change it, in nats per time; they add up to 0. mean_weight, variance_weight,
    mean_label, covariance <sigma w> - <sigma><w>. error: the largest change of any rate between the last two
    numbers of terms, absolute; terms: of the expansion.
    """

    process: LabelFeedback
    heat: Array
    work: float
    information: float
    information_flow: Array
    mean_weight: float
    variance_weight: float
    mean_label: float
    covariance: float
    error: float
    terms: int
    coefficients: Array

    @property
    def slack_weight(self) -> float:
        """Q_w / T - Idot_w >= 0, the second law of the weight, in nats per time."""
        return float(self.heat[0] / self.process.temperatures[0] - self.information_flow[0])

    @property
    def slack_label(self) -> float:
        """Q_sigma / T_l - Idot_sigma >= 0, the second law of the label, in nats per time."""
        return float(self.heat[1] / self.process.temperatures[1] - self.information_flow[1])

    @property
    def entropy_production(self) -> float:
        """Q_w / T + Q_sigma / T_l = slack_weight + slack_label >= 0, in nats per time."""
        return float(np.sum(self.heat / self.process.temperatures))

    def density(self, weights: ArrayLike) -> Array:
        """p_sigma(w), the joint density at each weight and label -1, +1: (*weights.shape, label)."""
        w = np.asarray(weights, dtype=np.float64)
        found = Expansion(self.process, self.terms).densities(self.coefficients, w.ravel())
        return np.maximum(found.T, 0.0).reshape(*w.shape, 2)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The density of the weight at each label; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        w = Expansion(self.process, self.terms).grid()
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, w, self.density(w).T, "weight", "density", ["label -1", "label +1"])
        return ax

    def __repr__(self) -> str:
        return (
            f"FeedbackRates per time: heat (weight {self.heat[0]:.9g}, label {self.heat[1]:.9g}), work {self.work:.9g}; "
            f"information {self.information:.9g}, its flow (weight {self.information_flow[0]:.9g}, "
            f"label {self.information_flow[1]:.9g}); slack (weight {self.slack_weight:.9g}, "
            f"label {self.slack_label:.9g}); {self.terms} terms, error {self.error:.1g}"
        )


def feedback_stationary(process: LabelFeedback) -> FeedbackRates:
    r"""Q_w = mu [<F^2> - k T],  Q_sigma = -a <sigma w rate>,  Idot_sigma = int j ln[p_+ / p_-] dw = -Idot_w.

    F = -k w + nu s_T + g sigma; j(w) = rate_- p_- - rate_+ p_+, the net flips to +1 at w. p_sigma(w) is expanded in
    Hermite functions (see ``Expansion``), with more terms until no rate changes by more than 1e-12 of the largest or
    rounding wins; what is left is ``error``. Of each part alone Q/T - Idot >= 0 holds; the weight may cool its bath,
    Q_w < 0, where the label takes up information. Without feedback Q_w = 0; at field 0, Q_w = mu g^2 2 gamma /
    (mu k + 2 gamma).

    Raises InputError where it does not converge to 1e-8: strong coupling, a sqrt(T/k) / T_l beyond about 4 or
    g / sqrt(k T) beyond about 6. ``feedback_on_lattice`` takes what is refused.

    Horowitz and Esposito, Phys. Rev. X 4, 031015 (2014), for the second laws of the parts.

    >>> cooling = feedback_stationary(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0))
    >>> cooling.heat.round(6), round(cooling.slack_weight, 6)
    (array([-0.030185,  0.060371]), 0.020674)
    """
    best, last, error = None, None, np.inf
    for terms in TERMS:
        found = _rates(process, terms)
        if last is not None:
            change = float(np.abs(_packed(found) - _packed(last)).max())
            if change < error:
                best, error = found, change
            if change <= ENOUGH * _scale(found) or change > 1e3 * error:
                break
        last = found
    assert best is not None
    if not error <= NEEDED * _scale(best):
        rule = f"the expansion converges to {error / _scale(best):.1g} of its rates only: the coupling is too strong"
        raise InputError("process", process, rule, "use feedback_on_lattice, or weaken field and feedback")
    return replace(best, error=error)


def _packed(found: FeedbackRates) -> Array:
    return np.array([*found.heat, found.work, *found.information_flow])


def _scale(found: FeedbackRates) -> float:
    """What rates are made of: the largest of them, or the square of the force and its noise."""
    p = found.process
    rates = p.mobility * p.stiffness * p.temperature
    return float(max(np.abs(_packed(found)).max(), min(rates, p.flip_rate)))


def _rates(process: LabelFeedback, terms: int) -> FeedbackRates:
    expansion = Expansion(process, terms)
    c = expansion.stationary()
    _, w, w2, sigma, both, heat_weight, heat_label, work = expansion.rows() @ c.ravel()
    looked = informed(expansion, c)
    return FeedbackRates(
        process=process,
        heat=np.array([heat_weight, heat_label]),
        work=float(work),
        information=looked.information,
        information_flow=looked.flow,
        mean_weight=float(w),
        variance_weight=float(w2 - w * w),
        mean_label=float(sigma),
        covariance=float(both - sigma * w),
        error=np.inf,
        terms=terms,
        coefficients=c,
    )


@dataclass(frozen=True)
class Informed:
    """I(w; sigma), its flow (reservoir,) from the weight's motion and the flips, and the densities (label, point)."""

    information: float
    flow: Array
    densities: Array


def informed(expansion: Expansion, c: Array) -> Informed:
    r"""Idot_w = sum int (dp_sigma/dt by motion) ln(p_sigma / p) dw,  Idot_sigma = int j ln[p_+ P_- / (p_- P_+)] dw."""
    w = expansion.grid()
    step = w[1] - w[0]
    p = np.maximum(expansion.densities(c, w), TINY)
    P = p.sum(axis=1, keepdims=True) * step
    told = np.log(p / (p.sum(axis=0) * P))
    moved = expansion.densities(np.einsum("imn,in->im", expansion.relaxing(), c), w)
    j = (LABELS[:, None] * expansion.process.flip_rates(w) * p).sum(axis=0)
    flow = np.array([np.sum(moved * told), -np.sum(j * (told[1] - told[0]))]) * step
    return Informed(float(np.sum(p * told) * step), flow, p)


def _oscillator(x: Array, terms: int) -> Array:
    """sqrt(phi) He_n / sqrt(n!) at x, phi of unit width: (term, point)."""
    psi = np.empty((terms, x.size))
    psi[0] = np.exp(-0.25 * x * x) / (2.0 * pi) ** 0.25
    psi[1] = x * psi[0]
    for n in range(1, terms - 1):
        psi[n + 1] = (x * psi[n] - sqrt(n) * psi[n - 1]) / sqrt(n + 1)
    return psi
