"""The order parameters of kick learning in time: R, Q, and what they say of error, information and heat."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..markup import table_of_text
from ._checks import positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class OnlineCourse:
    r"""R = w.B/N, Q = w.w/N of a kick learner at ``times``, N -> infinity; every array is (time,).

    rho = R/sqrt(Q); error = arccos(rho)/pi, of the sign readout on a fresh pattern. information_sign and
    information_thermal: nats that the answer to ONE fresh pattern holds about its label. teacher_information:
    -ln(1 - rho^2)/2 nats per weight, a lower bound. field_push = <lambda F>, square_push = <F^2>.
    """

    rule: str
    parameters: tuple[float, ...]
    learning_rate: float
    temperature: float
    stiffness: float
    mobility: float
    times: Array
    R: Array
    Q: Array
    rho: Array
    error: Array
    information_sign: Array
    information_thermal: Array
    teacher_information: Array
    field_push: Array
    square_push: Array

    def heat_rate(self, dwell: float) -> Array:
        r"""heat rate = nu^2 <F^2> g/(mu d)^2 - nu <lambda F> k g/(mu d) - (k/2) dQ/dt,  g = (1 - e^{-mu k d})/k.

        Heat into the bath per weight and unit time, in k_B T0, where each of the N showings per unit time lasts d
        (``dwell``, 1/N where one follows the other at once) and its force nu xi sigma_T F/(mu d sqrt N) stands still.
        The first two terms are the work of that force, the last is the rise of the energy. It grows as
        nu^2 <F^2>/(mu d): learning by short kicks is expensive, and how short they are is a choice of the model.
        The energy is that of N -> infinity; for N weights the result is right up to a relative 1/N.
        Raises InputError for dwell <= 0.
        """
        short, nu, k, mu = positive("dwell", dwell), self.learning_rate, self.stiffness, self.mobility
        x = mu * k * short
        kept = -expm1(-x) / x if x > 0.0 else 1.0
        growth = -2.0 * mu * k * self.Q + 2.0 * mu * self.temperature
        growth = growth + 2.0 * nu * self.field_push + nu**2 * self.square_push
        work = nu**2 * self.square_push * kept / (mu * short) - nu * self.field_push * k * kept
        return np.asarray(work - 0.5 * k * growth)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The error on a fresh pattern over time; both logarithmic where times > 0 span a factor of 30 or more."""
        from ..plotting import axes_or_new, house_style, lines

        with house_style():
            ax = axes_or_new(ax)
            lines(ax, self.times, self.error[None, :], "patterns per weight", "error on a fresh pattern")
            if self.times[0] > 0.0 and self.times[-1] >= 30.0 * self.times[0]:
                ax.set_xscale("log")
                ax.set_yscale("log")
        return ax

    def __repr__(self) -> str:
        head = f"OnlineCourse: {self.rule}, learning rate {self.learning_rate:g}, T = {self.temperature:g}"
        rows = [f"{head}, k = {self.stiffness:g}, mobility {self.mobility:g}"]
        size = self.times.size
        shown = range(size) if size <= 6 else (0, size // 4, size // 2, 3 * size // 4, size - 1)
        for i in shown:
            rows.append(
                f"  t = {self.times[i]:<10.6g} error {self.error[i]:.6g}, rho {self.rho[i]:.6g}, Q {self.Q[i]:.6g}, "
                f"fresh label {self.information_thermal[i]:.4g} nats (thermal), {self.information_sign[i]:.4g} (sign)"
            )
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))
