"""What is known of the cost of a synapse, term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..check import HOLDS_SIGMAS, BoundCheck
from ..estimate import Estimate
from ..markup import table
from .synapse_forecast import farthest

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class SynapseBudget:
    r"""Per synapse, in nats: apparent, information-theoretic, of the recorded sizes; heat only if the noise is thermal.

    entropy_production: of the fitted steady state, per time: >= 0 and nothing more. irreversibility: of the looks
    themselves, per time, a lower bound, whatever is hidden. The rest is None unless two times were named (``between``,
    ``duration`` apart), and is about the change from the first to the second, p_0 to p_1, of synapses seen at both:
    entropy_change: S(p_1) - S(p_0) of the coordinate. information: at least what a size tells of which of the two looks
    it is from. distance: W_2 in units of sqrt(D x time). transport: W_2^2/(D duration), the least that entropy change
    and heat of a change so fast can be in sum. relaxation: D(p_0||p_ss) - D(p_1||p_ss), what the fitted law dissipates
    if it is what makes the change; ``apparent_heat`` its part that is no entropy change.
    check: whether the change can be the fitted law's own, transport <= relaxation. law_checks: whether mean and spread
    at the end, and the scatter of synapses about their forecasts, are those that the fitted law makes of the start.
    """

    entropy_production: Estimate
    irreversibility: Estimate
    between: tuple[float, float] | None = None
    entropy_change: Estimate | None = None
    information: Estimate | None = None
    distance: Estimate | None = None
    transport: Estimate | None = None
    relaxation: Estimate | None = None
    apparent_heat: Estimate | None = None
    check: BoundCheck | None = None
    law_checks: tuple[BoundCheck, ...] = ()
    note: str = ""

    @property
    def duration(self) -> float | None:
        """The time between the two looks that are compared."""
        return None if self.between is None else self.between[1] - self.between[0]

    def terms(self) -> dict[str, Estimate]:
        """All that is known, by name."""
        named = {
            "entropy production rate": self.entropy_production,
            "irreversibility rate": self.irreversibility,
            "entropy change": self.entropy_change,
            "information": self.information,
            "distance": self.distance,
            "transport": self.transport,
            "relaxation": self.relaxation,
            "apparent heat": self.apparent_heat,
        }
        return {name: value for name, value in named.items() if value is not None}

    @property
    def verdict(self) -> str:
        """What exceeds 2 standard errors, by sides that permit the claim, or "inconclusive".

        A relaxation is claimed where all ``law_checks`` agree within 2 standard errors, denied where one is violated.
        """
        said = []
        off = farthest(self.law_checks)
        if _shows(self.irreversibility):
            said.append("irreversible: something hidden drives the sizes")
        if self.check is not None and self.check.verdict == "violated":
            said.append("the change is not the fitted law's own: something pushed")
        elif any(x.verdict == "violated" for x in self.law_checks):
            said.append("something holds or pushes them: not a relaxation in the fitted law")
        elif self.relaxation is not None and _shows(self.relaxation) and off > HOLDS_SIGMAS:
            where = f"they end {off:.1f} standard errors from where the fitted law leads"
            said.append(f"inconclusive whether they relax or are held or pushed: {where}")
        elif self.relaxation is not None and _shows(self.relaxation):
            said.append("relaxing: what it dissipates on the way is above zero")
        if self.information is not None and _shows(self.information):
            said.append("sizes tell of the change")
        return "; ".join(said) or "inconclusive"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every term with two standard errors; a triangle is a bound and points to where the truth may lie."""
        from ..plotting import axes_or_new, house_style
        from ..plotting.style import MUTED, SERIES, dress

        terms = {name: value for name, value in self.terms().items() if name != "distance"}
        looks = {"two-sided": (SERIES[0][0], "o"), "lower": (SERIES[1][0], ">"), "upper": (SERIES[2][0], "<")}
        with house_style():
            ax = axes_or_new(ax, (6.0, 1.0 + 0.32 * len(terms)))
            for place, value in enumerate(terms.values()):
                colour, marker = looks.get(value.side, (MUTED, "s")) if np.isfinite(value.stderr) else (MUTED, "s")
                error = 2.0 * value.stderr if np.isfinite(value.stderr) else None
                ax.errorbar(value.value, -place, xerr=error, fmt=marker, color=colour, markersize=5.0, linewidth=1.1)
            ax.axvline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
            names = [f"{name} (per time)" if name.endswith("rate") else name for name in terms]
            ax.set_yticks(-np.arange(len(terms)), names)
            ax.set_xlabel("nats per synapse, apparent")
            dress(ax)
        return ax

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(name, repr(value), value.note) for name, value in self.terms().items()]

    def _tail(self) -> list[str]:
        said = [str(x) for x in (self.check, *self.law_checks) if x is not None] + [f"verdict: {self.verdict}"]
        return said + [self.note] * bool(self.note)

    def _repr_html_(self) -> str:
        return table(self._head(), self._rows(), below=self._tail())

    def _head(self) -> str:
        when = "" if self.between is None else f", from {self.between[0]:g} to {self.between[1]:g}"
        return f"SynapseBudget: nats per synapse, apparent{when}"

    def __repr__(self) -> str:
        rows = self._rows()
        wide = [max(len(row[i]) for row in rows) for i in range(2)]
        lines = (f"  {a:{wide[0]}}  {b:{wide[1]}}  {c}".rstrip() for a, b, c in rows)
        return "\n".join([self._head(), *lines, *(f"  {line}" for line in self._tail())])


def _shows(term: Estimate) -> bool:
    """Whether it is above zero by more than 2 standard errors, and its side lets it say so."""
    return term.trusted and term.side in ("two-sided", "lower") and term.value > HOLDS_SIGMAS * term.stderr
