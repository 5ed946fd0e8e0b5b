"""Where the cost of learning goes: five terms that add up to it, each with its side."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from ..errors import InputError
from ..estimate import Estimate, Sampled
from ..markup import Html, table
from ..plotting.style import FILLS
from ..shares import Share, shares_bar, swatch
from .outcome import LearningRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TERMS = ("learned", "dissipation", "redundancy", "interference", "readout", "unresolved")
MEANING = {
    "learned": "sum I(true label : answer): what the neuron can tell",
    "dissipation": "entropy produced given the labels: haste",
    "redundancy": "sum S(w_n) - S(w): the same thing written into several synapses",
    "interference": "I(w : all labels) - sum I(w : one label): labels that hide each other",
    "readout": "sum [I(w : one label) - I(label : answer)]: known by the weights, not told by the neuron",
    "unresolved": "the terms above that cannot be told apart here, together",
}


LEARNED = {
    "random": MEANING["learned"],
    "teacher": "I(weights : teacher), at least",
    "true": "nothing that the bound counts",
}


@dataclass(frozen=True)
class Budget:
    r"""sum_n [Delta S(w_n) + Q_n/T_n] = learned + dissipation + redundancy + interference + readout (+ unresolved).

    In nats. Terms that are not known on their own are None and stand together in ``unresolved`` (None where
    nothing is left). All are >= 0 for independent labels, no prior knowledge and no feedback.
    """

    learned: Estimate
    dissipation: Estimate | None
    redundancy: Estimate | None
    interference: Estimate | None
    readout: Estimate | None
    unresolved: Estimate | None
    cost: Estimate
    merged: tuple[str, ...] = ()
    note: str = ""

    def terms(self) -> dict[str, Estimate]:
        """The terms that are known, in order; their values add up to the cost."""
        found = {name: getattr(self, name) for name in TERMS}
        return {name: value for name, value in found.items() if value is not None}

    def plot(self, ax: Axes | None = None) -> Axes:
        """One stacked bar of the terms, in nats; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, budget_bars, house_style

        with house_style():
            ax = axes_or_new(ax, (3.4, 4.2))
            terms = {name: [value.value] for name, value in self.terms().items()}
            budget_bars(ax, ["budget"], terms, [self.cost.stderr], cost=[self.cost.value])
            ax.legend(frameon=False, reverse=True, loc="center left", bbox_to_anchor=(1.0, 0.5))
        return ax

    def _repr_html_(self) -> str:
        shares = {name: Share(name, value.value, *astuple(FILLS[name])) for name, value in self.terms().items()}
        rows = [[Html(f"{swatch(shares[name])} {name}"), *rest] for name, *rest in self._rows()]
        cost = ["cost", f"{self.cost!r} nats", "", "sum [Delta S(w_n) + Q_n/T]: all of it"]
        bar = shares_bar(list(shares.values()), "shares of the cost of learning")
        return bar + table("", [*rows, cost], below=[self.note] * bool(self.note))

    def _rows(self) -> list[tuple[str, str, str, str]]:
        """Name, value, share of the cost and meaning of every term."""
        rows = []
        for name, value in self.terms().items():
            share = value.value / self.cost.value if self.cost.value else float("nan")
            what = f"{' + '.join(self.merged)}, together" if name == "unresolved" else value.note or MEANING[name]
            rows.append((name, repr(value), f"{100 * share:5.1f} %", what))
        return rows

    def __repr__(self) -> str:
        lines = [f"cost         {self.cost!r} nats"]
        lines += [f"{name:12} {value}  {share}  {what}" for name, value, share, what in self._rows()]
        return "\n".join(lines + ([self.note] if self.note else []))


def budget(run: LearningRun) -> Budget:
    r"""sum_n [DS(w_n) + Q_n/T] = I + Sigma_c + TC(w) + [I(w:sigma) - sum I(w:sigma^mu)] + sum [I(w:sigma^mu) - I^mu].

    Sigma_c = DS(w|sigma) + Q/T. For an additive rule with up to 14 labels all terms come from enumeration; for
    one weight from its one-dimensional densities; else what is not known is merged into ``unresolved``. With a
    teacher or the true labels the label terms do not apply and are merged as well.
    Raises InputError where the run has no cost to divide.

    Derived from Goldt and Seifert, PRL 118, 010601 (2017): the exact gap in their inequality.
    """
    replicas = run.settings.replicas
    cost, learned = run.marginal_cost, run.learned
    if not cost.influence.size == replicas:
        raise InputError("run", cost.influence.size, "must be one training run", "pass what train returned")
    known: dict[str, Sampled] = {"learned": learned}
    if run.dissipated is not None:
        known["dissipation"] = run.dissipated
    if run.knowledge is not None:
        k = run.knowledge
        known["redundancy"] = run.entropy_change - k.of_all - k.conditional_entropy_change
        known["interference"] = k.interference
        known["readout"] = k.of_each - learned
    merged = tuple(name for name in TERMS[1:5] if name not in known)
    if merged:
        rest = cost
        for term in known.values():
            rest = rest - term
        known["unresolved"] = rest
    labelling = run.settings.task.labelling
    estimates = {name: value.estimate(LEARNED[labelling] if name == "learned" else "") for name, value in known.items()}
    note = "" if labelling == "random" else run.settings.task.covers
    return Budget(
        learned=estimates["learned"],
        dissipation=estimates.get("dissipation"),
        redundancy=estimates.get("redundancy"),
        interference=estimates.get("interference"),
        readout=estimates.get("readout"),
        unresolved=estimates.get("unresolved"),
        cost=cost.estimate(),
        merged=merged,
        note=note,
    )
