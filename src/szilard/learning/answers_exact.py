"""One weight and one jumping answer: what learning costs both, exactly, from the density of weight and answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit

from ..continuous.feedback import LABELS, LabelFeedback
from ..continuous.feedback_exact import feedback_stationary
from ..continuous.feedback_points import Points, reach_of
from ..continuous.feedback_steps import march
from ..discrete.steady import ordered
from ..errors import InputError
from ..markup import table_of_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
FAR = 9.0
"""The reach of the grid beyond the initial mean, in standard deviations."""


@dataclass(frozen=True, repr=False)
class ExactAnswers:
    """Weight and answer from their start, at times (time,), in nats; s_T = +-1 at even odds.

    heat: (time, reservoir), of weight and answer since the first time, > 0 into its bath, in k_B T0; work: (time,).
    weight_entropy, joint_entropy: differential S(w) and S(w, sigma), not told s_T. learnt_by_weight, learnt_by_answer,
    learnt_by_both: I(w; s_T), I(sigma; s_T), I((w, sigma); s_T). information_flow: (time, reservoir), how fast motion
    and jumps change I(w; sigma | s_T), in nats per time. mean_weight, mean_answer: given s_T as in ``process``.
    """

    process: LabelFeedback
    times: Array
    heat: Array
    work: Array
    weight_entropy: Array
    joint_entropy: Array
    learnt_by_weight: Array
    learnt_by_answer: Array
    learnt_by_both: Array
    information_flow: Array
    mean_weight: Array
    mean_answer: Array

    @property
    def weight_cost(self) -> Array:
        """Delta S(w) + Q_w/T since the first time: (time,). Less than ``learnt_by_weight`` where feedback cools it."""
        return self._since(self.weight_entropy + self.heat[:, 0] / self.process.temperatures[0])

    @property
    def joint_cost(self) -> Array:
        """Delta S(w, sigma) + Q_w/T + Q_sigma/T_l since the first time: (time,). Never less than ``learnt_by_both``."""
        return self._since(self.joint_entropy + (self.heat / self.process.temperatures).sum(axis=1))

    def _since(self, values: Array) -> Array:
        return np.asarray(values - values[0])

    def plot(self, ax: Axes | None = None) -> Axes:
        """What is learnt, what it costs both and what the weight alone would seem to pay, against time, in nats."""
        from ..plotting import axes_or_new, house_style, lines

        shown = np.array([self.learnt_by_weight, self.learnt_by_both, self.weight_cost, self.joint_cost])
        names = ["learnt by the weight", "learnt by both", "cost, weight alone", "cost, both"]
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, shown, "time", "nats", names)
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return (
            f"ExactAnswers to t = {self.times[-1]:g}: learnt by the weight {self.learnt_by_weight[-1]:.6g}, "
            f"by both {self.learnt_by_both[-1]:.6g} nats; cost of the weight alone {self.weight_cost[-1]:.6g}, "
            f"of both {self.joint_cost[-1]:.6g}"
        )


def exact_answers(process: LabelFeedback, times: ArrayLike) -> ExactAnswers:
    r"""dp_sigma/dt = -dJ_sigma/dw + (rate p)_{-sigma} - (rate p)_sigma,  p_sigma(w, 0) = p_0/(1 + e^{-sigma a w/T}).

    p_0 = N(0, T/k): the weight starts in its equilibrium before anything pushes it, the answer in its equilibrium at
    that weight. times: (time,), >= 0, not decreasing, the first usually 0. Collocation in w, rational steps in time, as
    in ``feedback_evolve``. Raises InputError for times that do not fit, or a process too steep for the grid.

    >>> run = exact_answers(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0), [0.0, 40.0])
    >>> bool(run.weight_cost[1] < 0.0 < run.learnt_by_both[1] < run.joint_cost[1])
    True
    """
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.LabelFeedback(push=1.0, ...)")
    t = ordered(times)
    reach = max(abs(end) for end in (*reach_of(process), FAR * process.width))
    points = 2 * ceil(reach / feedback_stationary(process).points.step) + 1
    grid = Points(process, points, (-reach, reach))
    w, step = grid.weights, grid.step
    prior = np.exp(-0.5 * (w / process.width) ** 2) / (np.sqrt(2.0 * np.pi) * process.width)
    start = prior * expit(LABELS[:, None] * process.field * w / process.temperatures[1])
    seen = list(march(grid, start, t))
    p = np.array([moment.p for moment in seen])
    # the other true label sees w and sigma turned; the polynomial is periodic, so that -w is on the grid too
    either = 0.5 * np.array([p, p[:, ::-1, -np.arange(points)]])
    return ExactAnswers(
        process=process,
        times=t,
        heat=np.array([moment.heat for moment in seen]),
        work=np.array([moment.work for moment in seen]),
        weight_entropy=_entropy(either.sum(axis=(0, 2)), step),
        joint_entropy=_entropy(either.sum(axis=0), step),
        learnt_by_weight=_learnt(either.sum(axis=2), step),
        learnt_by_answer=_learnt(either.sum(axis=3) * step, 1.0),
        learnt_by_both=_learnt(either, step),
        information_flow=np.array([moment.look.information_flow for moment in seen]),
        mean_weight=np.array([moment.look.mean_weight for moment in seen]),
        mean_answer=np.array([moment.look.mean_label for moment in seen]),
    )


def _entropy(p: Array, step: float) -> Array:
    """-int p ln p of densities (time, ...)."""
    return np.asarray(entr(np.maximum(p, 0.0)).reshape(len(p), -1).sum(axis=1) * step)


def _learnt(joint: Array, step: float) -> Array:
    """I(x; s_T) of joint densities (true label, time, ...), s_T at even odds."""
    given = _entropy(joint[0], step) + _entropy(joint[1], step)
    return np.asarray(_entropy(joint.sum(axis=0), step) + log(2.0) - given)
