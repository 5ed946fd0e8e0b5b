"""From what a Hebbian neuron pays for a label down to what it can tell: where each part is lost."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log1p, nan, sqrt
from typing import TYPE_CHECKING, Literal

from ..markup import table_of_text
from ._channels import label_information
from ._checks import elapsed, known_readout, positive, span
from .forcing import ramp_books
from .hebb import hebbian
from .shared_channel import hebbian_joint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = {
    "cost": "sum over weights of Delta S(w_n) + Q_n/T",
    "marginal": "sum over weights of Delta S(w_n)",
    "joint": "I(w : all labels)",
    "one_label": "I(w : one label), the best reader",
    "matched_filter": "I(stability : its label)",
    "sign": "I(label : sign of the stability)",
    "thermal": "I(label : thermal answer)",
}
LOSSES = ("dissipation", "redundancy", "interference", "readout_loss")


@dataclass(frozen=True, repr=False)
class HebbianChain:
    r"""cost >= marginal >= joint >= one_label >= matched_filter >= sign >= thermal, nats per label; N, P -> infinity.

    cost: sum_n [Delta S(w_n) + Q_n/T]/P. marginal: sum_n Delta S(w_n)/P; dissipation: sum_n Q_n/(T P), the haste.
    joint: I(w : all labels)/P. one_label: I(w : sigma_T^mu). matched_filter: I(Delta^mu : sigma_T^mu) of the stability.
    sign, thermal: of the neuron's answer by either readout; ``readout`` says which one counts as learned. unique:
    whether ``hebbian_joint`` had one state only; choice: which of them was taken.
    """

    nu: float
    alpha: float
    readout: Literal["thermal", "sign"]
    dissipation: float
    marginal: float
    joint: float
    one_label: float
    matched_filter: float
    sign: float
    thermal: float
    unique: bool
    choice: str

    @property
    def learned(self) -> float:
        """What the neuron can tell of a label, with the readout it has."""
        return self.thermal if self.readout == "thermal" else self.sign

    @property
    def cost(self) -> float:
        """marginal + dissipation: all that is paid for one label."""
        return self.marginal + self.dissipation

    @property
    def redundancy(self) -> float:
        """marginal - joint: the same thing written into several synapses."""
        return self.marginal - self.joint

    @property
    def interference(self) -> float:
        """joint - one_label: labels that hide each other."""
        return self.joint - self.one_label

    @property
    def readout_loss(self) -> float:
        """one_label - learned: known by the weights, not told by the neuron."""
        return self.one_label - self.learned

    def shares(self) -> dict[str, float]:
        """learned and each loss over the cost, adding up to 1; NaN where the cost is 0."""
        parts = {name: float(getattr(self, name)) for name in ("learned", *LOSSES)}
        return {name: value / self.cost if self.cost > 0.0 else nan for name, value in parts.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """A staircase of bars, nats per label: what is left at each level, in the colours of where the rest goes."""
        from ..plotting import axes_or_new, budget_bars, house_style

        levels = ["cost", "marginal", "joint", "one_label", "matched_filter", self.readout]
        left = {"learned": [self.learned] * len(levels)}
        left["readout"] = [self.readout_loss] * 4 + [self.matched_filter - self.learned, nan]
        left["interference"] = [self.interference] * 3 + [nan] * 3
        left["redundancy"] = [self.redundancy] * 2 + [nan] * 4
        if self.dissipation > 0.0:
            left["dissipation"] = [self.dissipation] + [nan] * 5
        else:
            levels, left = levels[1:], {name: values[1:] for name, values in left.items()}
        with house_style():
            ax = axes_or_new(ax, (6.2, 3.6))
            budget_bars(ax, [name.replace("_", "\n") for name in levels], left)
            ax.set_ylabel("nat per label")
            ax.legend(reverse=True)
        return ax

    def __repr__(self) -> str:
        rows = [f"HebbianChain: nu {self.nu:g}, alpha {self.alpha:g}, {self.readout} readout; nats per label"]
        rows += [f"  {name:14} {getattr(self, name):9.6f}  {meaning}" for name, meaning in LEVELS.items()]
        parts = [f"{name.replace('_', ' ')} {100.0 * share:.1f} %" for name, share in self.shares().items()]
        rows.append(f"  of the cost: {', '.join(parts)}")
        return "\n".join(rows if self.unique else [*rows, f"  several states; taken: {self.choice}"])

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))


def hebbian_chain(
    nu: float,
    alpha: float,
    *,
    tau: float = inf,
    readout: Literal["thermal", "sign"] = "thermal",
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    duration: float | None = None,
) -> HebbianChain:
    r"""[ln(1 + alpha S)/2 + Q/T]/alpha >= ln(1 + alpha S)/(2 alpha) >= I(w : sigma_T)/P >= C(E) >= C(S/(1 + alpha S)).

    S = k a^2/T with a = nu y(t)/k, the mean response to the ramp (y -> 1); E and C(E) as in ``hebbian_joint``, Q per
    weight as in ``hebbian``. The four steps: entropy produced given the labels; weights that say the same; labels that
    hide each other, as a reader of one label takes the others for noise; and a reader that sees the stability alone,
    Delta ~ N(a sigma_T, T/k + alpha a^2), of ratio S/(1 + alpha S). Below them stand the answers of the neuron,
    I(sign) >= I(thermal): the logistic noise only weakens the contrast. Every step is an inequality for independent
    labels; data processing makes each >= 0.

    nu >= 0 (a force), alpha = P/N > 0; tau, duration: times, quasi-static by default; readout: the answer that counts
    as learned. Nats per label, accuracy 1e-12. Only S, kT (thermal readout), alpha and mu k times the times matter.
    Raises InputError as ``hebbian`` does.

    Derived from Goldt and Seifert, PRL 118, 010601 (2017), and Tanaka, IEEE Trans. Inf. Theory 48, 2888 (2002).

    >>> hebbian_chain(1.0, 1.0)
    HebbianChain: nu 1, alpha 1, thermal readout; nats per label
      cost            0.346574  sum over weights of Delta S(w_n) + Q_n/T
      marginal        0.346574  sum over weights of Delta S(w_n)
      joint           0.287560  I(w : all labels)
      one_label       0.241400  I(w : one label), the best reader
      matched_filter  0.201345  I(stability : its label)
      sign            0.142356  I(label : sign of the stability)
      thermal         0.062608  I(label : thermal answer)
      of the cost: learned 18.1 %, dissipation 0.0 %, redundancy 17.0 %, interference 13.3 %, readout loss 51.6 %
    """
    kind, ramp = known_readout(readout), span("tau", tau)
    bath = {"temperature": positive("temperature", temperature), "stiffness": positive("stiffness", stiffness)}
    rate = positive("mobility", mobility)
    end = elapsed(duration, ramp)
    answers = {
        name: hebbian(nu, alpha, ramp, name, mobility=rate, duration=duration, **bath) for name in ("sign", "thermal")
    }
    pace = rate * bath["stiffness"]
    response = float(ramp_books(pace * ramp, pace * end)[0])
    joint = hebbian_joint(nu, alpha, response=response, **bath)
    signal = (joint.nu * response) ** 2 / (bath["stiffness"] * bath["temperature"])
    crosstalk = joint.alpha * signal
    return HebbianChain(
        nu=joint.nu,
        alpha=joint.alpha,
        readout=kind,
        dissipation=answers["sign"].dissipation / joint.alpha,
        marginal=0.5 * log1p(crosstalk) / joint.alpha,
        joint=joint.information,
        one_label=joint.one_label,
        matched_filter=label_information(sqrt(signal / (1.0 + crosstalk))),
        sign=answers["sign"].information,
        thermal=answers["thermal"].information,
        unique=joint.unique,
        choice=joint.choice,
    )
