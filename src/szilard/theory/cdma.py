"""What all labels together, and one of them, leave in Hebbian weights: a channel with random spreading."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import exp, inf, log, log1p, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ._channels import label_information
from ._checks import Readout, bounded, known_readout, not_negative, positive
from .hebb import hebbian

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
GRID = 2000
"""Points, even in ln E, between which the fixed points are looked for."""


@dataclass(frozen=True, repr=False)
class HebbianJoint:
    r"""I(w : sigma_T)/P in nats per label, N and P -> infinity, and the fixed points that it was chosen from.

    snr: E, the square of signal over noise with which the best reader sees one label. one_label: I(w : sigma_T^mu).
    fixed_points, candidates: (point,), every solution E, increasing, and the information it would give; ``information``
    is the least of these. unique: whether there is only one.
    """

    nu: float
    alpha: float
    temperature: float
    stiffness: float
    information: float
    one_label: float
    snr: float
    fixed_points: Array
    candidates: Array

    @property
    def unique(self) -> bool:
        """Whether the equation has a single solution."""
        return self.fixed_points.size == 1

    def __repr__(self) -> str:
        head = f"HebbianJoint: nu {self.nu:g}, alpha {self.alpha:g}, T = {self.temperature:g}, k = {self.stiffness:g}"
        rows = [head, f"  all labels {self.information:.8g} nats per label, one label {self.one_label:.8g}"]
        if self.unique:
            return "\n".join([*rows, f"  one fixed point, E = {self.snr:.6g}"])
        for e, c in zip(self.fixed_points, self.candidates, strict=True):
            rows.append(f"  fixed point E = {e:.6g}: {c:.6g}" + ("  <- least, chosen" if e == self.snr else ""))
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def hebbian_joint(nu: float, alpha: float, *, temperature: float = 1.0, stiffness: float = 1.0) -> HebbianJoint:
    r"""I(w : sigma_T)/P = min_E { C(E) + (e - 1 - ln e)/(2 alpha) },  e = E/S,  S = nu^2/(kT).

    Quasi-static Hebbian weights w_n = (nu/k) N^{-1/2} sum_mu xi_n^mu sigma_T^mu + sqrt(T/k) z_n are a channel of P
    users (labels +-1) and N chips with random spreading. C(E) = E - E_z ln cosh(E + sqrt(E) z) is the information of
    one label seen with the signal to noise ratio E. The extrema over E are the fixed points of

        E = S/[1 + alpha S (1 - m)],   m = E_z tanh(E + sqrt(E) z) = 1 - e^{-E/2} E_z[1/cosh(sqrt(E) z)].

    The information is the least of the candidates: replica symmetry gives the state of lowest free energy, and for
    such channels this is a theorem (Barbier, Dia, Macris and Krzakala 2016; Reeves and Pfister 2016). Above a load of
    about 1.5 there may be three (a first-order transition); a reader that works by local steps may then stay at a
    smaller E. All fixed points between S/(1 + alpha S) and S on a fine grid of ln E are given, minima and the maximum
    between them. nu >= 0 (a force), alpha = P/N > 0, temperature and stiffness > 0; nats. Accuracy 1e-12.
    Raises InputError else.

    Sources: Tanaka, IEEE Trans. Inf. Theory 48, 2888 (2002); Guo and Verdu, IEEE Trans. Inf. Theory 51, 1983 (2005).

    >>> hebbian_joint(1.0, 1.0)
    HebbianJoint: nu 1, alpha 1, T = 1, k = 1
      all labels 0.28756049 nats per label, one label 0.24139954
      one fixed point, E = 0.629513
    """
    force, load = not_negative("nu", nu), positive("alpha", alpha)
    warm, k = positive("temperature", temperature), positive("stiffness", stiffness)
    signal = bounded("nu", force, force * force / (k * warm))
    points = _fixed_points(signal, load)
    candidates = np.array([_candidate(e, signal, load) for e in points])
    best = int(np.argmin(candidates))
    return HebbianJoint(
        nu=force,
        alpha=load,
        temperature=warm,
        stiffness=k,
        information=float(candidates[best]),
        one_label=label_information(sqrt(points[best])),
        snr=float(points[best]),
        fixed_points=points,
        candidates=candidates,
    )


@dataclass(frozen=True, repr=False)
class HebbianChain:
    """Nats per label of a quasi-static Hebbian neuron, each not larger than the one before; N and P -> infinity.

    marginal: sum_n Delta S(w_n)/P, the cost. joint: I(w : all labels)/P. one_label: I(w : sigma_T^mu), the best reader
    of one label. matched_filter: I(Delta^mu : sigma_T^mu), its stability alone. sign and thermal: the answer of the
    neuron by either readout. Every step is an inequality at any parameters, but sign >= thermal is one of readouts.
    """

    nu: float
    alpha: float
    temperature: float
    stiffness: float
    marginal: float
    joint: float
    one_label: float
    matched_filter: float
    sign: float
    thermal: float

    def budget(self, readout: Readout = "thermal") -> dict[str, float]:
        """Percent of the cost: learned, redundancy, interference, readout; their sum is 100. All zero at nu = 0."""
        learned = self.thermal if known_readout(readout) == "thermal" else self.sign
        parts = {
            "learned": learned,
            "redundancy": self.marginal - self.joint,
            "interference": self.joint - self.one_label,
            "readout": self.one_label - learned,
        }
        return {name: 100.0 * value / self.marginal if self.marginal > 0.0 else 0.0 for name, value in parts.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Two stacked bars, the budget with the thermal and with the sign readout, in nats per label."""
        from ..plotting import axes_or_new, budget_bars, house_style

        both = [self.budget("thermal"), self.budget("sign")]
        terms = {name: np.array([0.01 * b[name] * self.marginal for b in both]) for name in both[0]}
        with house_style():
            ax = axes_or_new(ax)
            budget_bars(ax, ["thermal", "sign"], terms)
            ax.set_ylabel("cost per label (nat)")
            ax.legend()
        return ax

    def __repr__(self) -> str:
        head = f"HebbianChain: nu {self.nu:g}, alpha {self.alpha:g}, T = {self.temperature:g}, k = {self.stiffness:g}"
        names = ("marginal", "joint", "one_label", "matched_filter", "sign", "thermal")
        meanings = (
            "sum of Delta S(w_n): the cost",
            "all labels, from all weights",
            "one label, from all weights",
            "one label, from its stability",
            "one label, from the sign of its stability",
            "one label, from the thermal answer",
        )
        rows = [f"  {n:<15}{getattr(self, n):.6f}   {m}" for n, m in zip(names, meanings, strict=True)]
        shares = ", ".join(f"{name} {value:.1f} %" for name, value in self.budget().items())
        return "\n".join([f"{head} (nats per label)", *rows, f"  thermal readout: {shares}"])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def hebbian_chain(nu: float, alpha: float, *, temperature: float = 1.0, stiffness: float = 1.0) -> HebbianChain:
    r"""ln(1 + alpha S)/(2 alpha) >= I(w : sigma_T)/P >= C(E) >= C(S/(1 + alpha S)) >= I(sign) >= I(thermal).

    S = nu^2/(kT), E and C as in ``hebbian_joint``: what a quasi-static Hebbian neuron pays per label, what its weights
    hold of all labels, of one, what the stability of that one holds, and what the neuron tells. Parameters and errors
    as there; with several fixed points the one of least information.

    >>> hebbian_chain(1.0, 1.0)
    HebbianChain: nu 1, alpha 1, T = 1, k = 1 (nats per label)
      marginal       0.346574   sum of Delta S(w_n): the cost
      joint          0.287560   all labels, from all weights
      one_label      0.241400   one label, from all weights
      matched_filter 0.201345   one label, from its stability
      sign           0.142356   one label, from the sign of its stability
      thermal        0.062608   one label, from the thermal answer
      thermal readout: learned 18.1 %, redundancy 17.0 %, interference 13.3 %, readout 51.6 %
    """
    joint = hebbian_joint(nu, alpha, temperature=temperature, stiffness=stiffness)
    signal = joint.nu**2 / (joint.stiffness * joint.temperature)
    bath = {"temperature": joint.temperature, "stiffness": joint.stiffness}
    return HebbianChain(
        nu=joint.nu,
        alpha=joint.alpha,
        temperature=joint.temperature,
        stiffness=joint.stiffness,
        marginal=0.5 * log1p(joint.alpha * signal) / joint.alpha,
        joint=joint.information,
        one_label=joint.one_label,
        matched_filter=label_information(sqrt(signal / (1.0 + joint.alpha * signal))),
        sign=hebbian(joint.nu, joint.alpha, inf, "sign", **bath).information,
        thermal=hebbian(joint.nu, joint.alpha, inf, "thermal", **bath).information,
    )


def missing(snr: float) -> float:
    r"""1 - m = e^{-E/2} E_z[1/cosh(sqrt(E) z)]: the mean square error of the best guess at a label; no cancellation."""
    a = sqrt(snr)
    step = 0.2 / max(a, 1.0)
    n = round(10.0 / step) if a <= 4.0 else round(min(10.0, 45.0 / a) / step)
    z = step * np.arange(-n, n + 1)
    y = np.abs(a * z)
    weight = step * np.exp(-0.5 * z * z - y) / (1.0 + np.exp(-2.0 * y)) * 2.0 / sqrt(2.0 * np.pi)
    return exp(-0.5 * snr) * float(weight.sum())


def _candidate(snr: float, signal: float, load: float) -> float:
    """C(E) + (e - 1 - ln e)/(2 alpha)."""
    if signal == 0.0:
        return 0.0
    lost = snr / signal - 1.0
    return label_information(sqrt(snr)) + 0.5 / load * (lost - log1p(lost))


def _fixed_points(signal: float, load: float) -> Array:
    if signal == 0.0:
        return np.zeros(1)

    def excess(log_e: float) -> float:
        e = exp(log_e)
        return log_e - log(signal) + log1p(load * signal * missing(e))

    low, high = log(signal) - log1p(load * signal), log(signal)
    grid = np.linspace(low - 1e-9, high + 1e-9, GRID)
    values = np.array([excess(x) for x in grid])
    turns = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0.0)
    return np.array([exp(brentq(excess, grid[i], grid[i + 1], xtol=1e-14, rtol=1e-14)) for i in turns])
