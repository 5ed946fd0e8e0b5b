"""What Hebbian weights hold of all labels together: many labels that share one channel of many synapses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, log1p, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

from ..markup import table_of_text
from ._channels import label_information
from ._checks import bounded, not_negative, positive

Array = NDArray[np.float64]
GRID = 80
"""Points, even in ln[E/(S - E)], among which the maximum between the folds of the load is looked for."""


@dataclass(frozen=True, repr=False)
class HebbianJoint:
    r"""I(w : all labels)/P in nats per label for N, P -> infinity, and every state that it was chosen from.

    one_label: I(w : sigma_T^mu), what the weights hold of one label alone. snr: E, the ratio of signal to noise (of
    power) with which the best reader sees one label. fixed_points (state,): all solutions E, increasing; candidates
    (state,): the information of each, of which ``information`` is the least. With three, the middle one is unstable.
    """

    nu: float
    alpha: float
    temperature: float
    stiffness: float
    response: float
    information: float
    one_label: float
    snr: float
    fixed_points: Array
    candidates: Array

    @property
    def unique(self) -> bool:
        """Whether there is one state only."""
        return self.fixed_points.size == 1

    @property
    def choice(self) -> str:
        """Which state was chosen, and why."""
        if self.unique:
            return "the only state"
        where = "smallest" if self.snr == self.fixed_points[0] else "largest"
        return f"the {where} E of {self.fixed_points.size}: the least information is the state of least free energy"

    def __repr__(self) -> str:
        head = f"HebbianJoint: nu {self.nu:g}, alpha {self.alpha:g}, T {self.temperature:g}, k {self.stiffness:g}"
        rows = [head + (f", response {self.response:g}" if self.response != 1.0 else "")]
        rows.append(f"  all labels  {self.information:.8f} nats per label")
        rows.append(f"  one label   {self.one_label:.8f} nats")
        rows.append(f"  E           {self.snr:.8g}, {self.choice}")
        if not self.unique:
            rows += [f"  E = {e:.6g}: {c:.8f}" for e, c in zip(self.fixed_points, self.candidates, strict=True)]
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def hebbian_joint(
    nu: float, alpha: float, *, temperature: float = 1.0, stiffness: float = 1.0, response: float = 1.0
) -> HebbianJoint:
    r"""I(w : sigma_T)/P = min over the fixed points of C(E) + [e - 1 - ln e]/(2 alpha),  e = E/S.

    Given the labels, Hebbian weights are w_n = a N^{-1/2} sum_mu xi_n^mu sigma_T^mu + sqrt(T/k) z_n, z ~ N(0, 1), with
    a = y nu/k and y = ``response`` (1 when the force has come to rest, less while weights still lag behind it). For iid
    inputs +-1 that is a channel shared by P users with N random chips, of signal to noise S = k a^2/T, and

        E = S/[1 + alpha S (1 - m)],   m = E_z tanh(E + sqrt(E) z),   C(E) = E - E_z ln cosh(E + sqrt(E) z).

    C(E) is what one label leaves in a channel of its own with the ratio E: the other labels act on it as noise, and
    I(w : sigma_T^mu) = C(E). The information of all labels grows with the load as d(alpha I)/d alpha = C(E).
    At large S and alpha there are three solutions. Between E = 0 and S the load alpha = (1/E - 1/S)/(1 - m) has one
    value at every E, with two folds or none, so that none is missed; the state of least information is the one that
    the weights are in, as it has the least free energy. The others are given as well: a reader that proceeds by small
    improvements may stay at a smaller E.

    nu >= 0 (a force), alpha = P/N > 0, temperature and stiffness > 0, response >= 0 (a pure number). Information in
    nats per label, for given inputs. Accuracy 1e-12. alpha -> 0: C(S). alpha -> infinity: ln(1 + alpha S)/(2 alpha).
    Raises InputError on NaN, other numbers, or a load too large for a double.

    Sources: Tanaka, IEEE Trans. Inf. Theory 48, 2888 (2002); Guo and Verdu, IEEE Trans. Inf. Theory 51, 1983 (2005).

    >>> hebbian_joint(1.0, 1.0)
    HebbianJoint: nu 1, alpha 1, T 1, k 1
      all labels  0.28756049 nats per label
      one label   0.24139954 nats
      E           0.62951279, the only state
    >>> hebbian_joint(4.0, 2.0).choice
    'the largest E of 3: the least information is the state of least free energy'
    """
    force, load = not_negative("nu", nu), positive("alpha", alpha)
    warm, k = positive("temperature", temperature), positive("stiffness", stiffness)
    lag = not_negative("response", response)
    amplitude = force * lag
    signal = bounded("nu", force, amplitude * amplitude / (k * warm))
    bounded("alpha", load, load * signal)
    odds = _fixed_points(signal, load)
    points = signal * expit(odds)
    candidates = np.array([_candidate(u, signal, load) for u in odds])
    best = int(np.argmin(candidates))
    return HebbianJoint(
        nu=force,
        alpha=load,
        temperature=warm,
        stiffness=k,
        response=lag,
        information=float(candidates[best]),
        one_label=label_information(sqrt(points[best])),
        snr=float(points[best]),
        fixed_points=points,
        candidates=candidates,
    )


def _candidate(u: float, signal: float, load: float) -> float:
    """C(E) + [e - 1 - ln e]/(2 alpha) at e = 1/(1 + t), t = e^{-u} = alpha S (1 - m)."""
    if signal == 0.0:
        return 0.0
    t = exp(-u)
    lost = log1p(t) - t / (1.0 + t)
    if t < 0.01:  # the two terms cancel: sum over j >= 2 of (-t)^j (j - 1)/j, the next term below 1e-18 of the first
        lost = sum((-t) ** j * (j - 1) / j for j in range(10, 1, -1))
    return label_information(sqrt(signal * float(expit(u)))) + 0.5 * lost / load


def _fixed_points(signal: float, load: float) -> Array:
    """All u = ln[E/(S - E)] with u + ln(alpha S) + ln(1 - m) = 0, increasing."""
    if signal == 0.0:
        return np.zeros(1)
    scale = log(load) + log(signal)

    def excess(u: float) -> float:
        return u + scale + _log_error(signal * float(expit(u)))

    low, high = -scale - 1.0, 1.0 - scale - _log_error(signal)  # where it is <= -1 and >= 1
    ends = [low, *(u for u in _folds(signal) if low < u < high), high]
    found = [
        float(brentq(excess, left, right, xtol=1e-14, rtol=1e-14))
        for left, right in pairwise(ends)
        if (excess(left) > 0.0) != (excess(right) > 0.0)
    ]
    return np.array(found)


def _folds(signal: float) -> list[float]:
    r"""Where d ln alpha/du = 0 at fixed S: (1 - E/S) E E_z[1/cosh^3]/E_z[1/cosh] = 1, of sqrt(E) z.

    d(1 - m)/dE = -E_z[1/cosh^4(E + sqrt(E) z)]. The left side is below E (1 - E/S) <= S/4, and has one maximum.
    """
    if signal <= 4.0:
        return []

    def steep(u: float) -> float:
        snr = signal * float(expit(u))
        return snr * float(expit(-u)) * _sech_mean(snr, 3) / _sech_mean(snr, 1) - 1.0

    reach = log(signal)
    grid = np.linspace(-reach, reach, GRID)
    top = int(np.argmax([steep(u) for u in grid]))
    near = (grid[max(top - 1, 0)], grid[min(top + 1, GRID - 1)])
    peak = float(minimize_scalar(lambda u: -steep(u), bounds=near, method="bounded", options={"xatol": 1e-10}).x)
    if steep(peak) <= 0.0:
        return []
    return [float(brentq(steep, *sorted((side * (reach + 1.0), peak)), xtol=1e-14)) for side in (-1.0, 1.0)]


def _log_error(snr: float) -> float:
    r"""ln(1 - m) = -E/2 + ln E_z[1/cosh(sqrt(E) z)], the mean square error of the best guess at one label."""
    return -0.5 * snr + log(_sech_mean(snr, 1))


def _sech_mean(snr: float, power: int) -> float:
    """E_z[cosh(sqrt(E) z)^-power]; the trapezoid rule converges geometrically, the poles are at +-i pi/(2 sqrt E)."""
    a = sqrt(snr)
    step = 0.2 / max(a, 1.0)
    n = round((45.0 / a if a > 4.5 else 10.0) / step)
    z = step * np.arange(-n, n + 1)
    y = np.exp(-np.abs(a * z))
    return float(step / sqrt(2.0 * pi) * np.sum(np.exp(-0.5 * z * z) * (2.0 * y / (1.0 + y * y)) ** power))
