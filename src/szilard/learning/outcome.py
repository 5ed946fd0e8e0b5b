"""What came out of training: weights, books, and the numbers read from them with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import log, pi
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..check import BoundCheck
from ..estimate import Estimate, Sampled, freed
from ..information import class_information, gaussian_entropy, learned_information, signs_entropy
from ..laws import Laws, cost_ceiling, integral_fluctuation_theorem, second_law_of_learning
from ..ledger import Ledger
from ..markup import table_of_fields, table_of_text
from .additive import ENUMERABLE, force_variation, pattern_gains
from .answer_costs import JumpingAnswers, second_law_with_answers
from .classification import Classification, classify
from .controls import answer_controls, heat_controls
from .equilibrium import descends, dissipation
from .gibbs_costs import counts_errors, gibbs_dissipation, gibbs_joint_cost, gibbs_knowledge, state_at_rest
from .gibbs_state import VersionSpace
from .knowledge import (
    Knowledge,
    gaussian_knowledge,
    label_ceiling,
    single_weight_knowledge,
    teacher_information,
)
from .run_text import told
from .settings import Settings
from .threshold_rule import Bcm
from .weight_entropy import marginal_entropies

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from .reach import Path

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """The same numbers at one time on the way."""

    time: float
    heat: Estimate
    work: Estimate
    entropy: Estimate
    information: Estimate
    error: Estimate

    @classmethod
    def of(cls, run: LearningRun) -> Snapshot:
        """What a run shows at its end."""
        return cls(run.settings.duration, run.heat, run.work, run.entropy, run.information, run.error)

    def _repr_html_(self) -> str:
        return table_of_fields(self)


@dataclass(frozen=True, repr=False)
class LearningRun:
    """One training run of ``settings.replicas`` replicas; totals are over the N weights, in nats and k_B T0.

    weights: (replica, weight); labels: (replica, pattern) of +-1; fields: (replica, pattern); ledger: heat
    (replica, 1), work, energy change. Every number below is an Estimate with standard error and side.
    """

    settings: Settings
    weights: Array
    labels: NDArray[Any]
    fields: Array
    ledger: Ledger
    initial_energy: Array
    held_out_fields: Array | None = None
    held_out_labels: Array | None = None
    teachers: Array | None = None
    compiled: bool = True
    path: Path = "steps"
    initial_loss: Array | None = None
    free_fields: Array | None = None
    free_energy: Array | None = None
    seconds: float = 0.0
    threads: int | None = None
    snapshots: tuple[Snapshot, ...] = ()
    acceptance: float | None = None
    answers: JumpingAnswers | None = None

    def with_snapshots(self, snapshots: tuple[Snapshot, ...]) -> LearningRun:
        """The same run with what was seen on the way."""
        return replace(self, snapshots=snapshots)

    def answers_right(self, fields: Array, labels: NDArray[Any]) -> Array:
        """P(sigma = sigma_T | w) = 1 / (1 + e^{-a Delta/T}), or theta(Delta) for the sign readout."""
        how = self.settings.answering
        stability = fields * labels if how is None else how.answer_gain * fields * labels
        if self.settings.readout == "sign":
            return np.asarray((stability > 0.0).astype(np.float64))
        return np.asarray(0.5 * (1.0 + np.tanh(stability / (2.0 * self.settings.temperature))))

    @cached_property
    def correct(self) -> Array:
        """Each replica's own probability to answer each shown pattern rightly: (replica, pattern)."""
        if self.answers is not None:
            return self.answers.right(self.labels)
        return self.answers_right(self.fields, self.labels)

    @cached_property
    def learned(self) -> Sampled:
        """What was learned and counts against the cost: see ``Task.covers``."""
        task, replicas = self.settings.task, self.settings.replicas
        if task.labelling == "random":
            controls = answer_controls(self)
            return learned_information(self.correct, symmetric=self.settings.rule.odd, controls=controls)
        if task.labelling == "teacher":
            if self.settings.network is not None:
                return self._fresh_label()
            assert self.teachers is not None
            return teacher_information(self.weights, self.teachers)
        return Sampled.constant(0.0, replicas)

    @cached_property
    def information(self) -> Estimate:
        """Learned information in nats, summed over patterns (a teacher: what the weights know of it)."""
        return self.learned.estimate(self.settings.task.covers)

    @cached_property
    def gains(self) -> Array | None:
        """<w | labels> per label, where w given the labels is exactly Gaussian; else None."""
        return pattern_gains(self.settings)

    @cached_property
    def initial_entropy(self) -> float:
        """sum_n S(w_n) at the start: N/2 ln(2 pi e T/k)."""
        s = self.settings
        return 0.5 * s.n_weights * log(2.0 * pi * np.e * s.temperature / s.stiffness)

    @cached_property
    def entropy_change(self) -> Sampled:
        """sum_n Delta S(w_n): by quadrature where the weights' law is known, else by ``marginal_entropies``.

        Freed of the same luck as the heat, so that the two still add up replica by replica.
        """
        s = self.settings
        if self.gains is not None and s.task.labelling == "random":
            variance = s.temperature / s.stiffness
            final = sum(signs_entropy(column, variance) for column in (self.gains[:, None] * s.scaled_inputs).T)
            return Sampled.constant(final - self.initial_entropy, s.replicas)
        if self.gains is not None and s.task.labelling == "true":
            return Sampled.constant(0.0, s.replicas)
        if s.task.n_inputs == 1 and self._cells is not None and self.knowledge is not None:
            return self.knowledge.of_all + self.knowledge.conditional_entropy_change
        return self._sampled_entropy.freed(self._heat_controls)

    @cached_property
    def _sampled_entropy(self) -> Sampled:
        """``entropy_change`` from the weights alone, with all its luck."""
        entropy, _ = self._marginal
        return Sampled(entropy.value - self.initial_entropy, entropy.influence)

    @cached_property
    def _marginal(self) -> tuple[Sampled, str]:
        return marginal_entropies(self)

    @property
    def entropy_method(self) -> str:
        """How sum_n S(w_n) was found."""
        if self.gains is not None and self.settings.task.labelling != "teacher":
            return "quadrature"
        counted = self.settings.task.n_inputs == 1 and self._cells is not None and self.knowledge is not None
        return "free energies" if counted else self._marginal[1]

    @cached_property
    def heat_paid(self) -> Sampled:
        """<Q> / T in nats, freed of the luck that ``heat_controls`` see."""
        heat = Sampled.mean(self.ledger.heat[:, 0]).freed(self._heat_controls)
        return heat.scaled(1.0 / self.settings.temperature)

    @cached_property
    def _heat_controls(self) -> Array:
        return heat_controls(self)

    @cached_property
    def marginal_cost(self) -> Sampled:
        """sum_n [Delta S(w_n) + Q_n / T]; with jumping answers theirs too."""
        return self.with_answers(self.weights_cost)

    @property
    def weights_cost(self) -> Sampled:
        """sum_n [Delta S(w_n) + Q_n / T] of the weights alone, which feedback may take below what was learned."""
        return self.entropy_change + self.heat_paid

    def with_answers(self, cost: Sampled) -> Sampled:
        """A cost of the weights and, where answers jump, Delta S(sigma | w) + Q_sigma / T at most."""
        return cost if self.answers is None else cost + self.answers.cost(self.settings.temperature)

    @cached_property
    def answers_heat(self) -> Estimate | None:
        """<Q> into the bath of the jumping answers, in k_B T0; None where answers do not jump."""
        return None if self.answers is None else Sampled.mean(self.answers.heat).estimate()

    @cached_property
    def joint_cost(self) -> Sampled:
        """Delta S(w) + Q / T of all weights together: exact, or the smaller of two upper bounds; and of answers."""
        return self.with_answers(self._joint_cost)

    @property
    def _joint_cost(self) -> Sampled:
        if self.knowledge is not None:
            return self.knowledge.of_all + self.knowledge.conditional_entropy_change + self.heat_paid
        if self._cells is not None and self.dissipated is not None and self.settings.task.labelling == "random":
            return gibbs_joint_cost(self._cells, self.dissipated, self._mistakes)
        marginal = self.entropy_change
        closures = [Sampled(marginal.value, marginal.influence, "upper")]
        if self.settings.n_weights == 1:
            closures = [marginal]
        elif self.gains is not None and self.settings.task.labelling == "random":
            ceiling = label_ceiling(self.gains, self.settings)
            closures.append(Sampled.constant(ceiling, self.settings.replicas, "upper"))
        elif self.settings.replicas > 4 * self.settings.n_weights:
            gaussian = gaussian_entropy(self.weights)
            closure = Sampled(gaussian.value - self.initial_entropy, gaussian.influence, "upper")
            closures.append(closure.freed(self._heat_controls))
        return min(closures, key=lambda c: c.value) + self.heat_paid

    @cached_property
    def knowledge(self) -> Knowledge | None:
        """What the weights know of the labels, where it can be enumerated: else None."""
        s = self.settings
        if s.task.labelling != "random" or self.answers is not None:
            return None
        if self.gains is not None and s.task.n_patterns <= ENUMERABLE:
            known = gaussian_knowledge(self.fields, self.gains, s)
            if s.task.n_inputs > 1:
                return known
            whole = self.entropy_change
            each = whole if s.task.n_patterns == 1 else known.of_each
            return replace(known, of_all=whole, of_each=each, interference=whole - each)
        if self._cells is not None and self.dissipated is not None:
            return gibbs_knowledge(self._cells, self.dissipated, self.heat_paid, self._mistakes)
        if s.n_weights == 1:
            change = self._sampled_entropy if self.gains is None else self.entropy_change
            alone = single_weight_knowledge(self.weights[:, 0], self.labels, change, s)
            return None if alone is None else self._freed(alone)
        return None

    def _freed(self, known: Knowledge) -> Knowledge:
        """Differences of entropies lose the luck that the entropies lose."""
        return Knowledge(
            of_all=known.of_all.freed(self._heat_controls),
            of_each=known.of_each.freed(self._heat_controls),
            interference=known.interference.freed(self._heat_controls),
            conditional_entropy_change=known.conditional_entropy_change.freed(self._heat_controls),
        )

    @cached_property
    def _cells(self) -> VersionSpace | None:
        """Equilibrium over the cells of equal answers, for the learner that counts its errors."""
        return state_at_rest(self.settings) if counts_errors(self.settings) else None

    @cached_property
    def _mistakes(self) -> NDArray[Any]:
        return np.asarray((self.fields * self.labels <= 0.0).sum(axis=1))

    @cached_property
    def dissipated(self) -> Sampled | None:
        """Sigma_c = <Delta S(w | labels) + Q/T>: Q/T if additive, by free energies if a convex loss; else None."""
        if self.remembers or self.answers is not None:
            return None
        if self._cells is not None:
            return gibbs_dissipation(self.settings, self._cells, self.labels, self.ledger.work, self._mistakes)
        if self.knowledge is not None:
            return self.knowledge.conditional_entropy_change + self.heat_paid
        if self.gains is not None:
            return self.heat_paid
        if descends(self.settings):
            work = freed(self.ledger.work, self._heat_controls)
            return dissipation(self.settings, self.labels, work, self.threads)
        return None

    @cached_property
    def heat(self) -> Estimate:
        """<Q>, all weights, in k_B T0; > 0 into the bath."""
        return self.heat_paid.scaled(self.settings.temperature).estimate()

    @cached_property
    def work(self) -> Estimate:
        """<W>, in k_B T0; > 0 done on the weights."""
        return self.ledger.mean_work()

    @cached_property
    def entropy(self) -> Estimate:
        """sum_n Delta S(w_n) in nats."""
        return self.entropy_change.estimate(self.entropy_method)

    @cached_property
    def cost(self) -> Estimate:
        """The marginal cost sum_n [Delta S(w_n) + Q_n / T] in nats."""
        return self.marginal_cost.estimate()

    @cached_property
    def efficiency_marginal(self) -> Estimate:
        """learned / sum_n [Delta S(w_n) + Q_n / T]."""
        return (self.learned / self.marginal_cost).estimate()

    @cached_property
    def efficiency_joint(self) -> Estimate:
        """learned / [Delta S(w) + Q / T]."""
        return (self.learned / self.joint_cost).estimate()

    @cached_property
    def error(self) -> Estimate:
        """The fraction of shown patterns answered wrongly."""
        return Sampled.mean(1.0 - self.correct.mean(axis=1)).estimate()

    @cached_property
    def held_out_error(self) -> Estimate | None:
        """The fraction of patterns never shown answered wrongly; None for random labels, which have no rule."""
        right = self._held_out_right
        return None if right is None else Sampled.mean(1.0 - right.mean(axis=1)).estimate()

    @cached_property
    def fresh_information(self) -> Estimate | None:
        """ln 2 - h(p_C) in nats for ONE pattern never shown, averaged over them; None for random labels.

        An untrained network has none, by the symmetry w -> -w: so this is what training gained.
        """
        right = self._held_out_right
        if right is None:
            return None
        if self.settings.task.labelling == "teacher":
            return learned_information(right, symmetric=self.settings.rule.odd, total=False).estimate()
        assert self.held_out_labels is not None
        return class_information(right, self.held_out_labels[0]).estimate()

    @property
    def _held_out_right(self) -> Array | None:
        if self.held_out_fields is None or self.held_out_labels is None:
            return None
        return self.answers_right(self.held_out_fields, self.held_out_labels)

    @cached_property
    def classification(self) -> Classification:
        """Manipulation or driving, and why: see ``classify``."""
        return classify(self.settings)

    @property
    def remembers(self) -> bool:
        """Whether the force depends on earlier weights: a kick that reads the field, or a threshold, is feedback.

        Its weights may then gain more than dS + Q/T pays for (Sagawa and Ueda, 2010), and no bound is claimed.
        """
        return self.settings.holds_force or isinstance(self.settings.learner, Bcm)

    def second_law(self) -> BoundCheck | None:
        """I <= sum_n [Delta S(w_n) + Q_n / T] in the form this labelling allows; None where it covers nothing."""
        labelling = self.settings.task.labelling
        if labelling == "true" or self.remembers:
            return None
        if self.answers is not None:
            told = self.learned if labelling == "random" else self._fresh_label()
            return second_law_with_answers(told, self.marginal_cost, independent=labelling == "random")
        if labelling == "random":
            return second_law_of_learning(self.learned, self.marginal_cost, labels="random")
        quantity: Literal["one label", "teacher"] = "teacher" if self._held_out_right is None else "one label"
        return second_law_of_learning(self._fresh_label(), self.marginal_cost, labels="teacher", quantity=quantity)

    def _fresh_label(self) -> Sampled:
        """What is known of one label never shown; without such patterns, of the teacher."""
        right = self._held_out_right
        if right is None:
            return self.learned
        return learned_information(right, symmetric=self.settings.rule.odd, total=False)

    def laws(self) -> Laws:
        """Each law that this run may be held against; where S stands, it is conditional on the labels.

        The second law of learning; 0 <= <S>; <e^{-S}> = 1 where p(w | labels) is known; and for additive rules in
        batch <S> <= sum_n V_n^2 / (2 k T), V_n the total variation of the force on weight n.
        """
        s, paid = self.settings, self.dissipated
        learned = self.second_law()
        found = [] if learned is None else [learned]
        if self.ledger.conditional_entropy_change is not None:
            found.append(integral_fluctuation_theorem(self.ledger.entropy_production))
        if paid is not None:
            told = ("entropies are those of the weights given the labels, and the order in which they are shown",)
            found.append(BoundCheck("0 <= <S>", Estimate.exact(0.0), paid.estimate(), told))
            varied = force_variation(s, self.labels)
            if varied is not None:
                found.append(
                    cost_ceiling(paid, total_variation=varied, temperature=s.temperature, stiffness=s.stiffness)
                )
        return Laws(found)

    def to_xarray(self) -> xarray.Dataset:
        """Weights, labels and books of every replica as one Dataset, with the settings as attributes."""
        import xarray as xr

        s = self.settings
        scalars = ["learning_rate", "duration", "dt", "seed", "temperature", "stiffness", "mobility", "mode", "readout"]
        scalars += ["dwell", "order", "online"] if s.mode == "online" else []
        return xr.Dataset(
            {
                "weights": (("replica", "weight"), self.weights),
                "labels": (("replica", "pattern"), self.labels),
                "fields": (("replica", "pattern"), self.fields),
                "heat": (("replica", "reservoir"), self.ledger.heat, {"units": "k_B T0", "sign": "> 0 into the bath"}),
                "work": ("replica", self.ledger.work, {"units": "k_B T0", "sign": "> 0 done on the weights"}),
                "energy_change": ("replica", self.ledger.energy_change, {"units": "k_B T0"}),
                "inputs": (("pattern", "weight"), s.task.inputs),
            },
            attrs={
                "rule": s.learner.name,
                "task": repr(s.task),
                "schedule": repr(s.schedule),
                "network": repr(s.network),
            }
            | {name: getattr(s, name) for name in scalars},
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """How heat and work are spread over replicas, their means dotted; on the Axes given or a new figure's."""
        from ..plotting import axes_or_new, distributions, house_style

        with house_style():
            ax = axes_or_new(ax)
            distributions(ax, {"heat": self.ledger.heat[:, 0], "work": self.ledger.work}, "k_B T0 per replica")
        return ax

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return told(self)
