"""The apparent ledger of a training run: its amounts, what each assumes, and what is the matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import Estimate
from ..markup import table
from .training_steps import Training
from .training_sums import noise_traces

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Drawn = Literal["loss", "path", "temperature", "spectrum", "weights"]
POINTS = 200
QUANTILES = (0.1, 0.5, 0.9)
HEADS = ("amount", "value", "unit", "what it is", "assumes")
MEANING = {
    "path_length": ("path length", "weight", "sum_k |dw_k|"),
    "displacement": ("displacement", "weight", "|w_end - w_start|"),
    "straightness": ("straightness", "", "displacement / path length"),
    "loss_change": ("change of the loss", "loss", "L_end - L_start"),
    "heat_from_loss": ("heat, from the loss", "loss", "-(L_end - L_start), if no work is done"),
    "heat_along_path": ("heat, along the path", "loss", "-sum_k (h_k + h_(k+1)) . dw_k / 2, h the mean gradient"),
    "work": ("work", "loss", "L_end - L_start + heat along the path: what no change of this loss explains"),
    "temperature": ("temperature", "loss", "T = eta tr C / (2 N), C the covariance of the gradient's noise"),
    "temperature_two_apart": ("temperature, two steps apart", "loss", "the same from gradients two steps apart"),
    "temperature_from_balance": (
        "temperature, from the balance", "loss", "eta (g_k + g_(k+1)) . g_k / 2 less the fall of the loss, per weight"
    ),
    "noise_directions": ("directions of the noise", "", "(tr C)^2 / tr C^2"),
    "entropy_flow": ("entropy flow", "nat", "sum_k Q_k / T_k into a bath of one temperature"),
    "entropy_flow_from_loss": ("entropy flow, from the loss", "nat", "-(L_end - L_start) / T"),
    "entropy_flow_per_weight": ("entropy flow, per weight", "nat", "sum_n Q_n / T_n, a bath for every weight"),
    "least_entropy_production": (
        "least entropy production", "nat", "so far a way in so little time: |<dw>|^2 / (t D), D that of all directions"
    ),
}  # fmt: skip
"""Of each amount: its name, its unit, and what it is. The unit of the loss is that of energy, whatever it is."""


@dataclass(frozen=True, eq=False, repr=False)
class TrainingLedger:
    """What a training run did, as far as its weights, losses and gradients tell: ``ledger["temperature"]`` and so on.

    amounts: by name; each has an uncertainty, a side and its assumptions; energies are in units of the loss. mismatch:
    |dw + eta g| / |dw|; beyond 0.01 the steps are no plain SGD, and only paths and the loss are left. spectrum: the
    temperature of each weight watched, (weight,). problems: what is the matter, in words. All of it is apparent: the
    bath is the noise of the batches, its temperature is in units of the loss, and no heat of a computer is meant. The
    entropy that the weights gain or lose is not known from one run, so that an entropy flow is not yet a production.
    """

    amounts: Mapping[str, Estimate]
    training: Training
    steps: int
    mismatch: float
    spectrum: Array
    problems: tuple[str, ...] = ()
    _named: Mapping[str, Estimate] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", MappingProxyType(dict(self.amounts)))

    def __getitem__(self, name: str) -> Estimate:
        if name not in self._named:
            rule = f"must be one of {', '.join(self._named)}"
            why = "see ledger.problems" if name in MEANING else "name one of them"
            raise InputError("name", name, rule, why)
        return self._named[name]

    def __contains__(self, name: str) -> bool:
        return name in self._named

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The temperature that a tenth, a half and nine tenths of the weights lie below; NaN where there is none."""
        if self.spectrum.size == 0:
            return (float("nan"),) * len(QUANTILES)
        return tuple(float(q) for q in np.quantile(self.spectrum, QUANTILES))

    @property
    def table(self) -> tuple[tuple[str, str, str, str, str], ...]:
        """Rows of amount, value, unit, meaning, and the letters of what it assumes."""
        letters = {assumption: letter for letter, assumption in self.assumptions}
        return tuple(
            (*MEANING[k][:1], short_text(e), *MEANING[k][1:], " ".join(sorted(letters[a] for a in e.assumptions)))
            for k, e in self._named.items()
        )

    @property
    def assumptions(self) -> tuple[tuple[str, str], ...]:
        """A letter for each assumption that an amount rests on, and the assumption."""
        found = dict.fromkeys(a for e in self._named.values() for a in e.assumptions)
        return tuple(zip(ascii_lowercase, found, strict=False))

    def over_steps(self, name: Literal["loss", "path", "temperature"]) -> tuple[Array, Array]:
        """Calls, and loss, path length so far or temperature there: means of up to 200 stretches of the run."""
        t = self.training
        if name == "loss":
            y = t.column("loss")
            at = np.arange(y.size)
        elif name == "path":
            y = np.cumsum(np.sqrt(np.nan_to_num(t.column("step2"))))
            at = np.arange(y.size)
        else:
            at = np.flatnonzero(t.moved)
            y = 0.5 * t.column("rate")[at] * noise_traces(t) / t.trained
        cuts = np.linspace(0, y.size, min(POINTS, y.size), endpoint=False).astype(int)
        many = np.diff(np.append(cuts, y.size))
        return np.add.reduceat(at, cuts) / many, np.add.reduceat(y, cuts) / many

    def to_xarray(self) -> xarray.Dataset:
        """Every amount with ``_stderr``; loss, path length and temperature over calls; the spectrum over weights."""
        import xarray as xr

        held: dict[str, object] = {}
        for name, e in self._named.items():
            unit, what = MEANING[name][1:]
            notes = {"units": unit, "long_name": what, "side": e.side, "assumptions": "; ".join(e.assumptions)}
            held |= {name: ((), e.value, notes), f"{name}_stderr": ((), e.stderr)}
        t = self.training
        held["loss"] = ("call", t.column("loss"))
        held["path"] = ("call", np.cumsum(np.sqrt(np.nan_to_num(t.column("step2")))))
        if t.followed.shape[1]:
            held["weights"] = (("call", "followed"), t.followed)
        if self.spectrum.size:
            held["spectrum"] = ("weight", self.spectrum)
        attributes = {"weights": t.weights, "trained": t.trained, "steps": self.steps, "mismatch": self.mismatch}
        return xr.Dataset(held, attrs={**attributes, "problems": "; ".join(self.problems)})

    def plot(self, ax: Axes | None = None, what: Drawn = "loss") -> Axes:
        """What changed over the steps, the spectrum of temperatures, or weights; a new figure's Axes if None.

        what: "loss", "path", "temperature", "spectrum" or "weights". Raises InputError for another, or nothing to draw.
        """
        from ..plotting import axes_or_new, house_style, lines
        from ..plotting.style import SERIES, dress

        nothing = (what in ("temperature", "spectrum") and not np.any(self.spectrum > 0.0)) or (
            what == "weights" and not self.training.followed.shape[1]
        )
        if what not in ("loss", "path", "temperature", "spectrum", "weights") or nothing:
            rule = "must be something that was recorded: " + ", ".join(self._drawable())
            raise InputError("what", what, rule, "see ledger.problems, or follow=16 for weights")
        with house_style():
            ax = axes_or_new(ax)
            if what == "spectrum":
                warm = np.log10(self.spectrum[self.spectrum > 0.0])
                ax.hist(warm, bins=min(60, 5 + int(np.sqrt(warm.size))), color=SERIES[0][0])
                ax.set(xlabel="log10 of the temperature of a weight (unit of the loss)", ylabel="weights")
                dress(ax)
            elif what == "weights":
                lines(ax, np.arange(len(self.training.rows)), self.training.followed.T, "call", "weight")
            else:
                x, y = self.over_steps(what)
                lines(ax, x, y, "call", {"loss": "loss", "path": "path length"}.get(what, "temperature (loss)"))
                if what == "temperature":
                    ax.set_ylim(bottom=0.0)
        return ax

    def _drawable(self) -> list[str]:
        found = ["loss", "path"] + ["temperature", "spectrum"] * bool(np.any(self.spectrum > 0.0))
        return found + ["weights"] * bool(self.training.followed.shape[1])

    def _summary(self) -> str:
        how = "microbatches" if self.training.scattered else "consecutive gradients"
        return (
            f"Apparent ledger of {self.steps} steps of {moved_of(self.training)}; noise from {how}; energies in units "
            "of the loss"
        )

    def _under(self) -> list[str]:
        low, middle, high = self.quantiles
        spread = [f"temperatures of weights: 10 % below {low:.3g}, half below {middle:.3g}, 10 % above {high:.3g}"]
        return (
            spread * bool(self.spectrum.size)
            + [f"{letter}: assumes {assumption}" for letter, assumption in self.assumptions]
            + [f"warning: {problem}" for problem in self.problems]
        )

    def _repr_html_(self) -> str:
        return table(self._summary(), self.table, HEADS, self._under())

    def __repr__(self) -> str:
        rows = [(name, value, unit, letters) for name, value, unit, _, letters in self.table]
        wide = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = ("  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in rows)
        return "\n".join([self._summary(), *(f"  {line}" for line in lines), *(f"  {t}" for t in self._under())])


def moved_of(training: Training) -> str:
    """How many weights moved, and of how many if others never did."""
    if training.trained == training.weights:
        return f"{training.weights} weights"
    return f"the {training.trained} of {training.weights} weights that ever moved"


def short_text(estimate: Estimate) -> str:
    """Value, error and side, without the number of steps."""
    mark = {"two-sided": "", "upper": "<= ", "lower": ">= ", "none": "? "}[estimate.side]
    if estimate.stderr > 0.0 or estimate.n:
        small = 0.0 < abs(estimate.value) < 1e-3 or 0.0 < estimate.stderr < 1e-6
        if not small:
            return repr(estimate).partition(" (n")[0]
        return f"{mark}{estimate.value:.4g} +- {estimate.stderr:.2g}"
    return f"{mark}{estimate.value:.6g}"
