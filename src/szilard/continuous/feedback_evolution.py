"""Label feedback in time: how the weight and the label come to know the true label, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from ..discrete.steady import ordered
from ..errors import InputError, number
from .feedback import LabelFeedback
from .feedback_exact import POINTS, feedback_stationary
from .feedback_points import Points, reach_of
from .feedback_steps import march
from .gaussian import Gaussian

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
    error: the largest difference of heat, work or information to a coarser grid and twice the steps, absolute.
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
    error: float

    @property
    def bound_slack(self) -> Array:
        """dS(w) + Q_w/T - I(w; s_T), S(w) not told s_T: (time,) from the first time on, in nats.

        Never negative for a weight that nothing acts back on; feedback breaks it. Equal to the change of S(w | s_T)
        plus Q_w/T. Zero at the first time, which should be 0.
        """
        spent = (self.heat[:, 0] - self.heat[0, 0]) / self.process.temperature
        return np.asarray(self.weight_entropy - self.weight_entropy[0] + spent)

    def plot(self, ax: Axes | None = None) -> Axes:
        """What weight and label have learnt, and heat over temperature, against time; on the Axes or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        cost = self.heat / self.process.temperatures
        names = ["learnt by the weight", "learnt by the label", "heat / T, weight", "heat / T, label"]
        with house_style():
            ax = axes_or_new(ax)
            lines(
                ax, self.times, np.array([self.learnt_by_weight, self.learnt_by_label, *cost.T]), "time", "nats", names
            )
        return ax

    def __repr__(self) -> str:
        return (
            f"FeedbackEvolution to t = {self.times[-1]:g}: heat (weight {self.heat[-1, 0]:.6g}, "
            f"label {self.heat[-1, 1]:.6g}), work {self.work[-1]:.6g}; learnt by the weight {self.learnt_by_weight[-1]:.6g}, "
            f"by the label {self.learnt_by_label[-1]:.6g} nats; error {self.error:.1g}"
        )


def feedback_evolve(
    process: LabelFeedback, times: ArrayLike, *, initial: Gaussian | None = None, odds: float = 0.5
) -> FeedbackEvolution:
    r"""dp_sigma/dt = -dJ_sigma/dw + rate_{-sigma} p_{-sigma} - rate_sigma p_sigma from N(w) P(sigma), at every time.

    initial: the density of the weight, independent of the label (None: N(0, T/k), its equilibrium before anything
    pushes it). odds: P(sigma = +1) at time 0. times: (time,), >= 0, not decreasing; 0 should be the first.
    Collocation in w, as in ``feedback_stationary``, and rational steps in time that damp what is stiff (Pade 9/10).

    Raises InputError for times, odds or an initial density that do not fit, or too narrow a density.

    Ehle, BIT 8, 276 (1968), for the stability of the steps.

    >>> run = feedback_evolve(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0), [0.0, 1.0, 10.0])
    >>> run.learnt_by_label.round(4), run.bound_slack.round(4)
    """
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.LabelFeedback(push=1.0, ...)")
    t, share = ordered(times), number("odds", odds)
    if not 0.0 <= share <= 1.0:
        raise InputError("odds", share, "must lie in [0, 1]", "the probability of label +1 at time 0")
    start = initial or Gaussian(0.0, process.width**2)
    if not isinstance(start, Gaussian) or start.dim != 1:
        raise InputError("initial", initial, "must be a Gaussian of one weight", "sz.Gaussian(0.0, 1.0)")
    sides = [process, replace(process, label=-process.label)]
    deviation = float(np.sqrt(start.covariance[0, 0]))
    ends = np.array([*map(reach_of, sides), start.mean[0] + FAR * deviation * np.array([-1.0, 1.0])])
    reach = float(ends[:, 0].min()), float(ends[:, 1].max())
    spacing = min(feedback_stationary(process).points.step, deviation / RESOLVED)
    points = 2 * ceil(0.5 * (reach[1] - reach[0]) / spacing) + 1
    if points > POINTS[-1]:
        rule = f"needs {points} points, more than {POINTS[-1]}"
        raise InputError("initial", start, rule, "a wider density, or a mean nearer to the weights of rest")
    fine, coarse = (
        _evolved(sides, t, start, share, n, reach, cut) for n, cut in ((points, 1.0), (points * 4 // 5 | 1, 2.0))
    )
    return replace(fine, error=float(np.abs(_numbers(fine) - _numbers(coarse)).max()))


def _numbers(run: FeedbackEvolution) -> Array:
    return np.array([*run.heat.T, run.work, run.information, run.learnt_by_weight, run.learnt_by_label])


def _evolved(
    sides: list[LabelFeedback],
    t: Array,
    start: Gaussian,
    share: float,
    points: int,
    reach: tuple[float, float],
    cut: float,
) -> FeedbackEvolution:
    grids = [Points(side, points, reach) for side in sides]
    weight = np.exp(start.log_density(grids[0].weights[:, None]))
    odds = np.array([[1.0 - share], [share]])
    seen, mirrored = (list(march(grid, odds * weight, t, cut)) for grid in grids)
    process, step = sides[0], grids[0].step
    looks = [moment.look for moment in seen]
    p = np.array([moment.p for moment in seen])
    both = 0.5 * np.array([p, [moment.p for moment in mirrored]])
    energies = np.array([process.energies(grids[0].weights, label) for label in (-1.0, 1.0)])
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
        learnt_by_weight=_learnt(both.sum(axis=2), step),
        learnt_by_label=_learnt(both.sum(axis=3) * step, 1.0),
        error=np.inf,
    )


def _entropy(p: Array, step: float) -> Array:
    """-int p ln p over the last axis."""
    return np.asarray(entr(np.maximum(p, 0.0)).sum(axis=-1) * step)


def _learnt(joint: Array, step: float) -> Array:
    """I(x; s_T) of joint densities (true label, time, x), s_T at even odds."""
    given = _entropy(joint, step).sum(axis=0)
    return np.asarray(_entropy(joint.sum(axis=0), step) + np.log(2.0) - given)
