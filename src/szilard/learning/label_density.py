"""A weight that the neuron's own label acts back on: its density, and what it costs over the strength of feedback."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from ..continuous.feedback import LabelFeedback
from ..continuous.feedback_exact import feedback_stationary
from ..errors import InputError
from ..estimate import finite
from ..markup import table_of_text
from .synapse_model import Plasticity
from .weight_density import WeightDensity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
KNOWN = 1e-11
"""Share of the highest density below which the mean label of a weight is rounding."""
ROUNDING = 10.0
"""A rate within so many errors is zero."""


def averaged_label(process: LabelFeedback) -> Plasticity:
    r"""dw = mu [-k w + nu s_T + g tanh(a w / 2 T_l)] dt + sqrt(2 mu T) dB: a label much faster than the weight.

    The force is the slope of k w^2/2 - nu s_T w - (2 T_l g/a) ln cosh(a w / 2 T_l): no current, and nothing that shows
    what the flips cost (``fast_label_heat``). With nu = 0 one mode becomes two at g = 2 k T_l / a.
    Raises InputError for anything but a LabelFeedback.

    >>> averaged_label(LabelFeedback(push=0.0, feedback=1.5, field=2.0, flip_rate=1.0)).stationary().bimodal
    True
    """
    p = _feedback(process)

    def drift(w: Array) -> Array:
        mean_label = np.tanh(0.5 * p.field * w / p.temperatures[1])
        return np.asarray(p.mobility * (-p.stiffness * w + p.push * p.label + p.feedback * mean_label))

    noise = p.mobility * p.temperature
    return Plasticity(drift, lambda w: np.full_like(w, noise), name="weight under a fast label", thermal=True)


def fast_label_heat(process: LabelFeedback) -> Array:
    r"""Q_w -> mu g d <1 - m^2>,  Q_sigma -> -mu (a/2) d <1 - m^2>,  d = g - a T / 2 T_l,  m = tanh(a w / 2 T_l).

    Stationary heat per time into the bath of weight and label, (reservoir,), as the flip rate goes to infinity; the
    mean is over ``averaged_label``. It does not vanish, although the averaged weight is at rest: given the label, the
    weight flows, J_sigma = mu d (sigma - m) p_sigma. At T_l = T, Q_w < 0 for 0 < g < a/2 and no other g.
    Raises InputError for anything but a LabelFeedback.

    Derived here.

    >>> fast_label_heat(LabelFeedback(push=0.0, feedback=0.5, field=1.0, flip_rate=1.0))
    array([ 0., -0.])
    """
    p = _feedback(process)
    warm, cold = p.temperatures
    found = averaged_label(p).stationary()
    unsure = float(found.measure @ (found.p / np.cosh(0.5 * p.field * found.w / cold) ** 2))
    apart = p.feedback - 0.5 * p.field * warm / cold
    return np.asarray(p.mobility * apart * unsure * np.array([p.feedback, -0.5 * p.field]))


def label_weight_density(process: LabelFeedback) -> WeightDensity:
    r"""d ln p / dw = [-k w + nu s_T + g m(w)] / T,  m(w) = (p_+ - p_-) / (p_+ + p_-): p(w) = p_+ + p_-, any flip rate.

    The stationary J_+ + J_- is zero, so that the weight alone looks as if it rested in the force that it meets on
    average; m is that of ``feedback_stationary``, and the error covers how far its moments are. Currents are in
    (w, sigma) together, and cost what ``label_feedback_costs`` says.
    Raises InputError as ``feedback_stationary`` does.

    >>> label_weight_density(LabelFeedback(push=0.0, feedback=2.0, field=2.0, flip_rate=0.5)).modes.round(3)
    array([-1.961,  1.961])
    """
    p = _feedback(process)
    rates = feedback_stationary(p)
    least = KNOWN * float(rates.densities.sum(axis=0).max())

    def drift(w: Array) -> Array:
        less, more = rates.density(w).T
        known = less + more > least
        fast = np.tanh(0.5 * p.field * w / p.temperatures[1])
        mean_label = np.where(known, (more - less) / np.where(known, more + less, 1.0), fast)
        return np.asarray(p.mobility * (-p.stiffness * w + p.push * p.label + p.feedback * mean_label))

    noise = p.mobility * p.temperature
    found = Plasticity(drift, lambda w: np.full_like(w, noise), name="weight under label feedback").stationary()
    apart = abs(found.mean - rates.mean_weight), abs(found.std - np.sqrt(rates.variance_weight))
    return replace(found, error=max(found.error, *apart))


@dataclass(frozen=True, eq=False, repr=False)
class LabelFeedbackCosts:
    """Stationary rates of label feedback over g, exact: feedbacks (strength,), of the process with each g.

    heat, information_flow: (strength, reservoir), of weight and label, > 0 into the bath, k_B T0 per time, and nats per
    time; work, information: (strength,), > 0 on the system, and I(w; sigma) in nats. cooling: pairs (from, to) of g
    between which the weight's bath is cooled, each end to rounding where it lies inside the strengths.
    error: of any rate, absolute.
    """

    process: LabelFeedback
    feedbacks: Array
    heat: Array
    information_flow: Array
    work: Array
    information: Array
    cooling: tuple[tuple[float, float], ...]
    error: float

    def plot(self, ax: Axes | None = None) -> Axes:
        """Heat of weight and label and the flow of information over g, Q_w < 0 shaded; on the Axes or new ones."""
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import FORBIDDEN, MUTED

        rows = np.array([*self.heat.T, self.information_flow[:, 0]])
        names = ["heat, weight", "heat, label", "flow of information, weight"]
        with house_style():
            ax = axes_or_new(ax)
            for low, high in self.cooling:
                ax.axvspan(low, high, color=FORBIDDEN, linewidth=0.0, zorder=0)
            ax.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
            lines(ax, self.feedbacks, rows, "feedback g", "per time", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        spans = ", ".join(f"{low:.6g} < g < {high:.6g}" for low, high in self.cooling) or "no g"
        return (
            f"LabelFeedbackCosts over {self.feedbacks.size} strengths: the weight cools its bath for {spans}; "
            f"at most {-min(self.heat[:, 0].min(), 0.0):.6g} per time; error {self.error:.1g}"
        )


def label_feedback_costs(process: LabelFeedback, feedbacks: ArrayLike) -> LabelFeedbackCosts:
    r"""Q_w(g), Q_sigma(g), Idot_w(g) in the stationary state, and where Q_w < 0: g is replaced, all else as given.

    feedbacks: g, (strength,), increasing. A change of sign between two of them is found to rounding; an interval of
    cooling that lies between two neighbours is not seen.
    Raises InputError for strengths that do not increase, and as ``feedback_stationary`` does.

    >>> process = LabelFeedback(push=1.0, feedback=0.0, field=1.0, flip_rate=1.0)
    >>> label_feedback_costs(process, [0.0, 0.2, 0.4, 0.7])
    LabelFeedbackCosts over 4 strengths: the weight cools its bath for 0 < g < 0.5; at most 0.0293508 per time; ...
    """
    p, g = _feedback(process), finite(feedbacks, "feedbacks")
    if np.any(np.diff(g) <= 0.0):
        raise InputError("feedbacks", g.tolist(), "must increase", "np.linspace(0.0, 3.0, 31)")
    found = [feedback_stationary(replace(p, feedback=float(x))) for x in g]
    error = max(rates.error for rates in found)
    sign = np.array([np.sign(r.heat[0]) if abs(r.heat[0]) > ROUNDING * r.error else 0.0 for r in found])
    cooling, start = [], None
    for i, s in enumerate(sign):
        if s < 0.0 and start is None:
            start = float(g[i]) if i == 0 else _edge(p, g[i - 1], g[i], float(sign[i - 1]))
        if start is not None and s >= 0.0:
            cooling.append((start, _edge(p, g[i], g[i - 1], float(s))))
            start = None
    if start is not None:
        cooling.append((start, float(g[-1])))
    return LabelFeedbackCosts(
        process=p,
        feedbacks=g,
        heat=np.array([r.heat for r in found]),
        information_flow=np.array([r.information_flow for r in found]),
        work=np.array([r.work for r in found]),
        information=np.array([r.information for r in found]),
        cooling=tuple(cooling),
        error=error,
    )


def _edge(process: LabelFeedback, outside: float, inside: float, sign: float) -> float:
    """The g of Q_w = 0 between one where it is not negative (zero: that one) and one where it is."""
    if sign == 0.0:
        return float(outside)
    return float(brentq(lambda g: feedback_stationary(replace(process, feedback=g)).heat[0], outside, inside))


def _feedback(process: LabelFeedback) -> LabelFeedback:
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.continuous.LabelFeedback(push=1.0, ...)")
    return process
