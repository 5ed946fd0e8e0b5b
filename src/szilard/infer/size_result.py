"""Fitted distributions of sizes: parameters, how well each fits, and how they compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..check import HOLDS_SIGMAS
from ..errors import InputError
from ..estimate import Estimate
from ..markup import table, table_of_fields
from .size_families import PARAMETRIC
from .synapse_law import SynapseFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
REJECTED = 0.01
APART = "cannot be told apart"
HEADER = ("family", "parameters", "KS distance", "p-value", "AIC", "ln p held out", "says")


@dataclass(frozen=True)
class SizeFit:
    """One family: parameters with standard errors, and how far its distribution is from that of the sizes.

    distance: sup |F_n - F| of one look at each synapse. p_value: how often a sample from the family itself, refitted,
    is as far or farther; ``p_stderr`` that of its simulation. expected: that distance, on average. aic: of one look at
    each synapse, NaN for "model", which has no parameter fitted to p(w). held_out: the mean of ln p(w) of looks at
    synapses that the fit has not seen, in nats per look.
    """

    family: str
    parameters: Mapping[str, Estimate]
    distance: Estimate
    p_value: float
    p_stderr: float
    expected: float
    aic: float
    held_out: Estimate

    @property
    def rejected(self) -> bool:
        """Whether the p-value is below 0.01."""
        return self.p_value < REJECTED

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True, eq=False, repr=False)
class SizeFits:
    """The fits, one for each family, and how they compare; iterate, or index by the name of a family.

    synapses: how many, each with one look in what needs independent ones. looks: all of them; worth: how many
    independent ones they are worth for the mean of ln w. differences: of the held-out ln p of two families, first less
    second, in nats per look. note: what is the matter with the sizes.
    """

    fits: tuple[SizeFit, ...]
    differences: Mapping[tuple[str, str], Estimate]
    synapses: int
    looks: int
    worth: float
    sample: Array
    model: SynapseFit | None
    note: str = ""
    _named: Mapping[str, SizeFit] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", MappingProxyType({fit.family: fit for fit in self.fits}))

    def __iter__(self) -> Any:
        return iter(self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    def __getitem__(self, family: str) -> SizeFit:
        if family not in self._named:
            raise InputError("family", family, f"must be one of {', '.join(self._named)}", "name one that was fitted")
        return self._named[family]

    def better(self, one: str, other: str) -> str:
        """The family that predicts unseen synapses better by more than 2 standard errors, or "cannot be told apart"."""
        self[one], self[other]
        if one == other:
            return APART
        turned = (one, other) not in self.differences
        d = self.differences[(other, one) if turned else (one, other)]
        value = -d.value if turned else d.value
        if not abs(value) > HOLDS_SIGMAS * d.stderr:
            return APART
        return one if value > 0.0 else other

    @property
    def best(self) -> str | None:
        """The family that is better than each of the others, or None where that cannot be told."""
        names = [fit.family for fit in self.fits]
        found = [a for a in names if all(self.better(a, b) == a for b in names if b != a)]
        return found[0] if found and len(names) > 1 else None

    @property
    def table(self) -> tuple[tuple[str, ...], ...]:
        """Rows of texts, the first their titles."""
        rows = []
        for fit in self.fits:
            parameters = ", ".join(f"{name} = {_short(value)}" for name, value in fit.parameters.items())
            aic = f"{fit.aic:.1f}" if np.isfinite(fit.aic) else "-"
            p = f"{fit.p_value:.3f}" if np.isfinite(fit.p_value) else "-"
            says = "rejected" if fit.rejected else "not rejected" if np.isfinite(fit.p_value) else "not tested"
            rows.append((fit.family, parameters, _short(fit.distance), p, aic, _short(fit.held_out), says))
        return (HEADER, *rows)

    def density(self, family: str, w: ArrayLike) -> Array:
        """p(w) of a fitted family, per unit of size."""
        x, fit = np.asarray(w, dtype=np.float64), self[family]
        if family == "model":
            assert self.model is not None
            return self.model.density(x)
        return np.asarray(np.exp(PARAMETRIC[family].logpdf(x, _values(fit))))

    def plot(self, ax: Axes | None = None) -> Axes:
        """One look at each synapse as a histogram of ln w, and what each family makes of it."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, RULE, SERIES, dress

        x = np.log(self.sample)
        fine = np.linspace(x.min() - 0.3, x.max() + 0.3, 300)
        with house_style():
            ax = axes_or_new(ax)
            edges = np.histogram_bin_edges(x, bins="fd" if x.size < 10_000 else 80)
            ax.hist(x, edges.tolist(), density=True, color=RULE, label=f"{x.size} synapses")
            for fit, (colour, _), dash in zip(self.fits, SERIES, ("-", "--", ":"), strict=False):
                y = self.density(fit.family, np.exp(fine)) * np.exp(fine)
                ax.plot(fine, y, color=colour, linestyle=dash, linewidth=1.6, label=f"{fit.family}, {_said(fit)}")
            ax.set(xlabel="ln size", ylabel="density")
            dress(ax)
            ax.legend(labelcolor=MUTED)
        return ax

    def _summary(self) -> str:
        return (
            f"SizeFits: {self.looks} looks at {self.synapses} synapses, worth {self.worth:.0f} independent ones; "
            "p-values from one look at each"
        )

    def _compared(self) -> list[str]:
        lines = [f"{a} - {b}: {d!r} nats per look, {self._verdict(a, b)}" for (a, b), d in self.differences.items()]
        return lines + [self.note] * bool(self.note)

    def _verdict(self, a: str, b: str) -> str:
        found = self.better(a, b)
        return found if found == APART else f"{found} is better"

    def _repr_html_(self) -> str:
        head, *rows = self.table
        return table(self._summary(), rows, head, self._compared())

    def __repr__(self) -> str:
        rows = self.table
        wide = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
        lines = ("  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in rows)
        return "\n".join([self._summary(), *(f"  {line}" for line in lines), *(f"  {t}" for t in self._compared())])


def _values(fit: SizeFit) -> Array:
    return np.array([value.value for value in fit.parameters.values()])


def _said(fit: SizeFit) -> str:
    return f"p = {fit.p_value:.2g}" if np.isfinite(fit.p_value) else "not tested"


def _short(estimate: Estimate) -> str:
    return repr(estimate).partition(" (n")[0]
