"""The stationary state of label feedback: what it costs per time, and which way information flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..markup import table_of_text
from .feedback import LabelFeedback
from .feedback_points import Look, Points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
POINTS = (61, 91, 135, 201, 301, 451, 675, 1011)
ENOUGH, NEEDED = 1e-11, 1e-7
"""Change from one number of points to the next, relative to the pace, at which to stop, and above which to refuse."""
VISIBLE = 1e-4
"""Share of its peak from which on a density is drawn."""
ROUNDING = 100.0
"""A change so many times the smallest one seen says that rounding has won."""


@dataclass(frozen=True, repr=False)
class FeedbackRates:
    """The stationary state of label feedback and what it costs per time.

    heat: (reservoir,), of weight and label, > 0 into its bath; work, > 0 on the system; in k_B T0 per time.
    information: I(w; sigma) at the given true label, in nats. information_flow: (reservoir,), how fast the weight's own
    motion and the label's flips change it, in nats per time; they add up to 0. mean_weight, variance_weight,
    mean_label; covariance: <sigma w> - <sigma><w>. points: the grid; densities: (label, point), p_sigma(w) of
    label -1 and +1 on it. error: the largest change of any rate from a coarser to this grid, or of
    what breaks sum Q = W and sum Idot = 0, absolute: a rate below it is zero, whatever its sign.
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
    points: Points
    densities: Array
    error: float

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
        """Q_w / T + Q_sigma / T_l >= 0, in nats per time."""
        return float(np.sum(self.heat / self.process.temperatures))

    def density(self, weights: ArrayLike) -> Array:
        """p_sigma(w), joint, of labels -1 and +1 at any weights: (*weights.shape, label), to 1e-15 of the peak."""
        w = np.asarray(weights, dtype=np.float64)
        return self.points.between(self.densities, w.ravel()).T.reshape(*w.shape, 2)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The density of the weight with each label; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, house_style, lines

        seen = self.points.weights[self.densities.max(axis=0) > VISIBLE * self.densities.max()]
        w = np.linspace(seen[0], seen[-1], 400)
        with house_style():
            ax = axes_or_new(ax)
            lines(ax, w, self.density(w).T, "weight", "density", ["label -1", "label +1"])
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        def shown(weight: float, label: float) -> str:
            return f"(weight {self._known(weight):g}, label {self._known(label):g})"

        return (
            f"FeedbackRates per time: heat {shown(*self.heat)}, work {self._known(self.work):g}; "
            f"information {self.information:.6g}, its flow {shown(*self.information_flow)}; "
            f"slack {shown(self.slack_weight, self.slack_label)}; error {self.error:.1g}"
        )

    def _known(self, value: float) -> float:
        return float(value) if abs(value) > 2.0 * self.error else 0.0


def feedback_stationary(process: LabelFeedback) -> FeedbackRates:
    r"""Q_w = mu [<F^2> - k T],  Q_sigma = a int w j dw,  Idot_sigma = int j ln[p_+ / p_-] dw = -Idot_w.

    F = -k w + nu s_T + g sigma; j(w): net flips from -1 to +1 at w. p_sigma(w) is solved by trigonometric collocation
    with more and more points, until nothing changes by more than about 1e-11 of its pace mu k (or of the rates,
    where these are larger), or rounding wins; what is left is ``error``.

    Each part has a second law of its own, Q/T - Idot >= 0. The weight may cool its bath, Q_w < 0, where the label
    takes up the information. Q_w = 0 without feedback, and where g = a/2 at one temperature; at field 0,
    Q_w = 2 gamma mu g^2 / (mu k + 2 gamma).

    Raises InputError where it does not converge: a field or feedback that is very steep on the scale of sqrt(T/k).

    Horowitz and Esposito, Phys. Rev. X 4, 031015 (2014), for the second laws of the parts.

    >>> cooling = feedback_stationary(LabelFeedback(push=1.0, feedback=0.25, field=1.0, flip_rate=1.0))
    >>> cooling.heat.round(6), round(cooling.slack_weight, 6)
    (array([-0.030185,  0.060371]), 0.020673)
    """
    if not isinstance(process, LabelFeedback):
        raise InputError("process", process, "must be a LabelFeedback", "sz.LabelFeedback(push=1.0, ...)")
    pace = process.mobility * process.stiffness * max(process.temperature, 1.0)
    best, error, last = None, np.inf, None
    for points in POINTS:
        grid = Points(process, points)
        p = grid.stationary()
        found = grid.look(p)
        if last is not None:
            broken = [found.heat.sum() - found.work, found.information_flow.sum()]
            change = float(np.abs([*(_rates(found) - _rates(last)), *broken]).max())
            if change < error:
                best, error = (grid, p, found), change
            if change <= ENOUGH * max(pace, np.abs(_rates(found)).max()) or change > ROUNDING * error:
                break
        last = found
    assert last is not None
    scale = max(pace, np.abs(_rates(last)).max())
    if best is None or not error <= NEEDED * scale:
        rule = f"its density is too steep for {POINTS[-1]} points: rates are known to {error / scale:.1g} only"
        raise InputError("process", process, rule, "weaken field and feedback, or raise the temperatures")
    grid, p, found = best
    return FeedbackRates(process=process, **vars(found), points=grid, densities=p, error=error)


def _rates(found: Look) -> Array:
    return np.array([*found.heat, found.work, *found.information_flow])
