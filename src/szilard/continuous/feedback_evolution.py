"""Label feedback in time: how the weight and the label come to know the true label, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..discrete.steady import ordered
from ..errors import InputError, number
from ..markup import table_of_text
from .feedback import LABELS, LabelFeedback
from .feedback_exact import POINTS, feedback_stationary
from .feedback_points import Points, reach_of
from .feedback_steps import march

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
FAR, RESOLVED = 9.0, 6.0
"""The reach of the grid beyond the initial mean, and points per standard deviation there."""


@dataclass(frozen=True, repr=False)
class FeedbackEvolution:
    """Label feedback from an independent start, exact means at times (time,); the true label is given, unless said.

    heat: (time, reservoir), of weight and label since time 0, > 0 into its bath; work: (time,), since time 0, > 0 on
    the system; energy: (time,), <E>; in k_B T0. mean_weight, variance_weight, mean_label: (time,).
    information: I(w; sigma), (time,); information_flow: (time, reservoir), how fast the weight's motion and the flips
    change it, in nats per time. weight_entropy, joint_entropy: differential S(w) and S(w, sigma), (time,).
    learnt_by_weight, learnt_by_label: I(w; s_T) and I(sigma; s_T), (time,), where s_T = +-1 at even odds; in nats.
    """

    process: LabelFeedback
    times: Array
    heat: Array
    work: Array
    energy: Array
    mean_weight: Array
    variance_weight: Array
    mean_label: Array
    information: Array
    information_flow: Array
    weight_entropy: Array
    joint_entropy: Array
    learnt_by_weight: Array
    learnt_by_label: Array

    @property
    def bound_slack(self) -> Array:
        """dS(w) + Q_w/T - I(w; s_T), S(w) not told s_T: (time,) from time 0 on, in nats.

        It is the change of S(w | s_T) plus Q_w/T, never negative for a weight that nothing acts back on; feedback
        breaks it. Counted from the first time, which should be 0.
        """
        spent = (self.heat[:, 0] - self.heat[0, 0]) / self.process.temperature
        return np.asarray(self.weight_entropy - self.weight_entropy[0] + spent)

    @property
    def first_law_residual(self) -> float:
        """max over times of |dE - W + Q| since the first time, absolute: what the method leaves unknown."""
        change = self.energy - self.energy[0]
        broken = change - (self.work - self.work[0]) + (self.heat - self.heat[0]).sum(axis=1)
        return float(np.abs(broken).max())

    def plot(self, ax: Axes | None = None) -> Axes:
        """What weight and label have learnt, and heat over temperature, against time; on the Axes or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        cost, learnt = self.heat / self.process.temperatures, (self.learnt_by_weight, self.learnt_by_label)
        names = ["learnt by the weight", "learnt by the label", "heat / T, weight", "heat / T, label"]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, np.array([*learnt, *cost.T]), "time", "nats", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        weight, label = self.heat[-1]
        return (
            f"FeedbackEvolution to t = {self.times[-1]:g}: heat (weight {weight:.6g}, label {label:.6g}), "
            f"work {self.work[-1]:.6g}; learnt by the weight {self.learnt_by_weight[-1]:.6g}, "
            f"by the label {self.learnt_by_label[-1]:.6g} nats; first law to {self.first_law_residual:.1g}"
        )


def feedback_evolve(process: LabelFeedback, times: ArrayLike, *, variance: float | None = None) -> FeedbackEvolution:
    r"""dp_sigma/dt = -dJ_sigma/dw + (rate p)_{-sigma} - (rate p)_sigma,  p_sigma(w, 0) = N(w; 0, variance)/2.

    At time 0 weight and label know nothing of each other or of s_T. variance: of the weight at time 0 (None: T/k, its
    equilibrium before anything pushes it). times: (time,), >= 0, not decreasing. Collocation in w as in
    ``feedback_stationary``, and rational steps in time that damp what is stiff (Pade 5/6).

    Raises InputError for times that do not fit, or a variance that is not > 0 or too small for the grid.

    Ehle, BIT 8, 276 (1968), for the stability of the steps.

    >>> run = feedback_evolve(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0), [0.0, 1.0, 20.0])
    >>> run.learnt_by_label[1:].round(4), bool(run.bound_slack[1] > 0.0 > run.bound_slack[2])
    (array([0.0163, 0.0978]), True)
    """
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.LabelFeedback(push=1.0, ...)")
    t = ordered(times)
    start = process.width**2 if variance is None else number("variance", variance)
    if not start > 0.0:
        raise InputError("variance", start, "must be > 0", "leave it out for T/k")
    reach = max(abs(end) for end in (*reach_of(process), FAR * sqrt(start)))
    spacing = min(feedback_stationary(process).points.step, sqrt(start) / RESOLVED)
    points = 2 * ceil(reach / spacing) + 1
    if points > POINTS[-1]:
        rule = f"{points} points would be needed, more than {POINTS[-1]}"
        raise InputError("variance", start, rule, "take one nearer to T/k")
    grid = Points(process, points, (-reach, reach))
    w, step = grid.weights, grid.step
    even = np.exp(-0.5 * w * w / start) / sqrt(8.0 * pi * start)
    seen = list(march(grid, np.array([even, even]), t))
    p = np.array([moment.p for moment in seen])
    looks = [moment.look for moment in seen]
    # the other true label sees w and sigma turned; the polynomial is periodic, so that -w is on the grid too
    either = 0.5 * np.array([p, p[:, ::-1, -np.arange(points)]])
    energies = np.array([process.energies(w, label) for label in LABELS])
    return FeedbackEvolution(
        process=process,
        times=t,
        heat=np.array([moment.heat for moment in seen]),
        work=np.array([moment.work for moment in seen]),
        energy=(p * energies).sum(axis=(1, 2)) * step,
        mean_weight=np.array([look.mean_weight for look in looks]),
        variance_weight=np.array([look.variance_weight for look in looks]),
        mean_label=np.array([look.mean_label for look in looks]),
        information=np.array([look.information for look in looks]),
        information_flow=np.array([look.information_flow for look in looks]),
        weight_entropy=_entropy(p.sum(axis=1), step),
        joint_entropy=_entropy(p.reshape(t.size, -1), step),
        learnt_by_weight=_learnt(either.sum(axis=2), step),
        learnt_by_label=_learnt(either.sum(axis=3) * step, 1.0),
    )


def _entropy(p: Array, step: float) -> Array:
    """-int p ln p over the last axis."""
    return np.asarray(entr(np.maximum(p, 0.0)).sum(axis=-1) * step)


def _learnt(joint: Array, step: float) -> Array:
    """I(x; s_T) of joint densities (true label, time, x), s_T at even odds."""
    given = _entropy(joint, step).sum(axis=0)
    return np.asarray(_entropy(joint.sum(axis=0), step) + np.log(2.0) - given)
