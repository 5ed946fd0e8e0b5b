"""A synapse whose drift and diffusion were fitted: what it is, what it predicts, how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..continuous import Langevin, Linear
from ..data.recording import Recording
from ..errors import InputError
from ..estimate import Estimate
from ..markup import table_of_text
from .drift_bins import BinnedDrift
from .drift_field import binned_drift
from .synapse_stationary import Stationary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Coordinate = Literal["log", "size"]
Form = Literal["constant", "linear", "quadratic"]


@dataclass(frozen=True, eq=False, repr=False)
class SynapseFit:
    r"""dy = -b (y - m) dt + sqrt(2 D(y)) dB (Ito),  D = D0 + D1 (y - m) + D2 (y - m)^2,  y = ln w or w.

    rate b, mean m, diffusion D0 (at the mean), diffusion_slope D1, diffusion_curvature D2: estimates, exact zeros where
    they were not fitted. noise: the variance of what each look adds to y, as the lag shows it, or None where no three
    looks follow one another; ``noise_removed`` tells whether the rest is free of it. interval: the time between looks.
    trusted: whether nothing contradicts the fit; note says what does. recording: what was fitted.
    """

    coordinate: Coordinate
    form: Form
    rate: Estimate
    mean: Estimate
    diffusion: Estimate
    diffusion_slope: Estimate
    diffusion_curvature: Estimate
    noise: Estimate | None
    noise_removed: bool
    covariance: Array
    interval: float
    synapses: int
    stationary: bool
    note: str
    recording: Recording

    @property
    def trusted(self) -> bool:
        """Whether nothing contradicts the fit."""
        return not self.note

    @property
    def numbers(self) -> Array:
        """(b, m, D0, D1, D2, noise), NaN for a noise that is not known; ``covariance`` (6, 6) is theirs."""
        r = self.noise.value if self.noise is not None else np.nan
        five = (self.rate, self.mean, self.diffusion, self.diffusion_slope, self.diffusion_curvature)
        return np.array([*(x.value for x in five), r])

    def law(self, numbers: Array | None = None) -> Stationary:
        """The stationary density of the fit, or of other numbers (6,) in its place; InputError where there is none."""
        found = Stationary(self.numbers if numbers is None else numbers, self.coordinate == "size", self.noise_removed)
        if not found.exists:
            rule = "nothing holds the fitted synapse: it needs b > D2 and D0 > 0"
            raise InputError("fit", repr(self), rule, "record longer, or fit without what is not there")
        return found

    def of_size(self, w: ArrayLike) -> Array:
        """The coordinate y of sizes w."""
        x = np.asarray(w, dtype=np.float64)
        return np.asarray(np.log(x) if self.coordinate == "log" else x)

    def drift(self, w: ArrayLike) -> Array:
        r"""A(w) of dw = A dt + sqrt(2 D(w)) dB (Ito), of sizes w, per time.

        From y = ln w: A(w) = w [A(y) + D(y)], since ln bends: a size grows on average by the noise of its logarithm.
        """
        x = np.asarray(w, dtype=np.float64)
        pull = -self.rate.value * (self.of_size(x) - self.mean.value)
        return np.asarray(x * (pull + self._diffusion(self.of_size(x))) if self.coordinate == "log" else pull)

    def diffusion_at(self, w: ArrayLike) -> Array:
        """D(w) of sizes w, in size^2 per time; from y = ln w it is w^2 D(y)."""
        x = np.asarray(w, dtype=np.float64)
        D = self._diffusion(self.of_size(x))
        return np.asarray(x * x * D if self.coordinate == "log" else D)

    def force(self, y: ArrayLike) -> Array:
        r"""(A - D')/D = d ln p/dy of the coordinate y: what pulls, in k_B T per unit of y, were the noise thermal.

        Ito's drift A is not mobility times force where D varies: A = D F + D' (Haenggi and Klimontovich).
        """
        x = np.asarray(y, dtype=np.float64) - self.mean.value
        slope = self.diffusion_slope.value + 2.0 * self.diffusion_curvature.value * x
        return np.asarray((-self.rate.value * x - slope) / self._diffusion(x + self.mean.value))

    def density(self, w: ArrayLike) -> Array:
        """p(w) of looks, per unit of size, as drift and diffusion alone predict it: zero current, nothing fitted to p.

        Where D or w vanishes there is no current through that end.
        """
        return np.asarray(np.exp(self.logpdf(w)))

    def logpdf(self, w: ArrayLike) -> Array:
        """ln p(w) of looks; -inf where D(w) is not positive."""
        x = np.asarray(w, dtype=np.float64)
        return np.asarray(self.law().logpdf(self.of_size(x)) - (np.log(x) if self.coordinate == "log" else 0.0))

    def cdf(self, w: ArrayLike) -> Array:
        """P(look <= w)."""
        return self.law().cdf(self.of_size(w))

    def process(self) -> Langevin:
        """The fitted synapse as a linear ``sz.Langevin`` in y, mobility D0 and temperature 1: D must be constant.

        Its energy b (y - m)^2/(2 D0) is -ln p and its temperature a name: no recording tells the real ones.
        """
        if self.form != "constant":
            rule = "a Langevin process has a constant diffusion here"
            raise InputError("form", self.form, rule, 'fit_synapse(recording, diffusion="constant")')
        b, m, D = self.numbers[:3]
        trap = Linear(hessian=[[b / D]], pull=[b / D * m], constant=0.5 * b / D * m * m)
        return Langevin(linear=trap, dim=1, mobility=D, name="synapse")

    def binned(self, bins: int = 8, *, coordinate: Coordinate | None = None) -> BinnedDrift:
        """A and D in bins that hold about as many looks each, no form assumed: ``binned_drift`` of ln w or of w."""
        y = in_coordinate(self.recording, coordinate or self.coordinate)
        seen = y.states[np.isfinite(y.states)]
        if not isinstance(bins, int) or not 1 <= bins < seen.size:
            raise InputError("bins", bins, f"must be a whole number from 1 to {seen.size - 1}", "bins=8")
        return binned_drift(y, bins=np.unique(np.quantile(seen, np.linspace(0.0, 1.0, bins + 1))))

    def plot(self, ax: Axes | None = None, *, what: Literal["drift", "diffusion"] = "drift") -> Axes:
        """Drift or diffusion of the coordinate: in bins with two standard errors, and as fitted."""
        from ..plotting import house_style
        from ..plotting.style import MUTED, SERIES

        bins = self.binned()
        y = np.linspace(bins.low[0], bins.high[-1], 200)
        with house_style():
            ax = bins.plot(ax, what=what)
            line = -self.rate.value * (y - self.mean.value) if what == "drift" else self._diffusion(y)
            ax.plot(y, line, color=SERIES[1][0], linewidth=1.3, label="fitted")
            ax.set_xlabel("ln size" if self.coordinate == "log" else "size")
            ax.legend(labelcolor=MUTED)
        return ax

    def _diffusion(self, y: Array) -> Array:
        x = y - self.mean.value
        return np.asarray(
            self.diffusion.value + self.diffusion_slope.value * x + self.diffusion_curvature.value * x * x
        )

    def _rows(self) -> list[tuple[str, str]]:
        named = {"b": self.rate, "m": self.mean, "D at m": self.diffusion}
        if self.form != "constant":
            named["dD/dy at m"] = self.diffusion_slope
        if self.form == "quadratic":
            named["D''/2"] = self.diffusion_curvature
        if self.noise is not None:
            named[f"noise of a look, {'removed' if self.noise_removed else 'not removed'}"] = self.noise
        return [(name, repr(value)) for name, value in named.items()]

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        what = "y = ln w" if self.coordinate == "log" else "y = w"
        rows = self._rows()
        wide = max(len(name) for name, _ in rows)
        head = (
            f"SynapseFit: {what}, dy = -b (y - m) dt + sqrt(2 D) dB, {self.synapses} synapses every {self.interval:g}"
        )
        lines = [head, *(f"  {name:{wide}}  {value}" for name, value in rows)]
        return "\n".join(lines + [f"  not to be trusted: {self.note}"] * (not self.trusted))


def in_coordinate(recording: Recording, coordinate: Coordinate) -> Recording:
    """ln w, or w."""
    if coordinate == "size":
        return recording
    return Recording(np.log(recording.states), recording.times, source=recording.source, sha256=recording.sha256)
