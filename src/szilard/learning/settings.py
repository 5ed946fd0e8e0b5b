"""Everything that fixes a training run, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, expm1, inf, isfinite, sqrt
from numbers import Real
from os import cpu_count
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_whole
from ..markup import table_of_fields
from ..networks.feedforward import FeedForward
from ..protocol import Protocol
from ..request import available_memory
from .answering import Answering
from .gibbs_rule import Metropolised
from .lagged_rule import Stdp
from .optimal_rule import Optimal
from .rule import Rule, refuse_weight_readers
from .steepness import steepest_slope
from .tasks import Task
from .threshold_rule import Bcm

Learner = Rule | Bcm | Stdp | Optimal | Metropolised
Mode = Literal["batch", "online"]
Order = Literal["fixed", "random"]
Online = Literal["flow", "kick"]
Readout = Literal["thermal", "sign"]
Method = Literal["steps"]


FOLLOWED = 16
MOST_STEPS = 1e15
CLOSE = 1e-9
BUSY = 64 * (cpu_count() or 1)
"""Lanes that are advanced at once by default."""
REACH = 6.0
"""Fields, in standard deviations at the start but at least in units of 1, within which a rule's slope counts."""
CROSSED = sqrt(15.0) / 2.0
"""A jump of the amplitude then asks for dt = 0.3 T/(mu c^2 j^2 lambda)."""


@dataclass(frozen=True)
class Settings:
    """dw = mu (-k w + f) dt + sqrt(2 mu T) dW through ``steps`` steps of dt; see ``train``."""

    task: Task
    learner: Learner
    learning_rate: float
    duration: float
    dt: float
    replicas: int
    seed: int
    temperature: float
    stiffness: float
    mobility: float
    schedule: Protocol
    mode: Mode
    dwell: float | None
    order: Order
    online: Online
    readout: Readout
    cell: str
    answering: Answering | None = None
    network: FeedForward | None = None
    method: Method | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.task, Task):
            raise InputError("task", self.task, "must be a Task", "for instance sz.tasks.random_labels(...)")
        if not isinstance(self.learner, Learner):
            fix = 'sz.Rule("its name", the_function)' if callable(self.learner) else "for instance sz.rules.hebbian"
            raise InputError("rule", self.learner, "must be a Rule, or one of sz.rules", fix)
        chosen = self.dt is None
        for name in ("learning_rate", "duration", "dt", "temperature", "stiffness", "mobility"):
            value = getattr(self, name)
            if name == "dt" and chosen:
                continue
            if not (isinstance(value, Real) and isfinite(value)):
                raise InputError(name, value, "must be a finite number", "give it in the units of the conventions")
            if value < 0 or (value == 0 and name != "learning_rate"):
                rule = "must be >= 0" if name == "learning_rate" else "must be > 0"
                raise InputError(name, value, rule, _FIXES.get(name, "give a positive number"))
        for name, least in (("replicas", 2), ("seed", 0)):
            value = getattr(self, name)
            if not is_whole(value, least):
                raise InputError(name, value, f"must be an integer >= {least}", "give one")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(name, getattr(self, name), f"must be one of {', '.join(choices)}", "name one")
        if self.method not in (None, "steps"):
            rule = 'must be "steps", which moves every weight at every step, or None, the quickest with the same law'
            raise InputError("method", self.method, rule, "leave it out")
        if chosen:
            object.__setattr__(self, "dt", self._chosen_dt())
        if self.duration / self.dt > MOST_STEPS:
            rule = f"duration = {self.duration:g} takes more than {MOST_STEPS:.0e} steps of {self.dt:.3g}"
            raise InputError("duration", self.duration, rule, "shorten it, or lower learning_rate")
        self._check_mode()
        self._check_learner()
        if abs(self.steps * self.dt - self.duration) > 1e-9 * self.duration or self.steps < 1:
            rule = f"duration = {self.duration:g} must be a whole number of steps dt"
            raise InputError("dt", self.dt, rule, f"for instance dt = {self.duration / max(1, self.steps):.6g}")
        self._check_stability()

    def _chosen_dt(self) -> float:
        """The whole part of the dwell or the duration that is not longer than ``finest_dt``; a kick's own dwell."""
        shown = self.dwell if self.mode == "online" and isinstance(self.dwell, Real) and self.dwell > 0 else None
        if shown is not None and self.online == "kick":
            return float(shown)
        span = float(self.duration if shown is None else shown)
        pieces = span / self.finest_dt if self.finest_dt > 0.0 else inf
        return span / max(1, ceil(pieces - 1e-9)) if pieces < MOST_STEPS else span / (2.0 * MOST_STEPS)

    def _check_learner(self) -> None:
        kind, name = self.learner, self.learner.name
        if isinstance(kind, Stdp) and self.mode != "batch":
            rule = f"{name} compares patterns that follow each other, which batch learning shows in a cycle"
            raise InputError("mode", self.mode, rule, 'set mode="batch"')
        if isinstance(kind, Metropolised) and self.mode != "batch":
            rule = f"{name} weighs all patterns at once"
            raise InputError("mode", self.mode, rule, 'set mode="batch"')
        if isinstance(kind, Optimal) and not (self.mode == "online" and self.online == "kick"):
            rule = f"{name} is a rule of online kicks"
            raise InputError("mode", f"{self.mode}, {self.online}", rule, 'set mode="online", online="kick"')
        if isinstance(kind, Optimal) and self.task.labelling != "teacher":
            rule = f"{name} knows how well a teacher is known so far"
            raise InputError("task", self.task.labelling, rule, "use sz.tasks.teacher_student")

        if self.answering is not None:
            self.answering.check(self)
        if self.network is not None:
            self._check_network(self.network)

    def _check_network(self, network: FeedForward) -> None:
        if not isinstance(network, FeedForward):
            raise InputError("network", network, "must be a feed-forward network", "sz.networks.committee(3)")
        network.weights_needed(self.task.n_inputs)
        refuse_weight_readers(self.rule)
        if self.task.labelling == "teacher" and self.task.held_out_inputs is None:
            rule = "what a network knows of a teacher is told by patterns never shown"
            raise InputError("task", self.task, rule, "give sz.tasks.teacher_student(..., held_out=100)")
        if isinstance(self.learner, Metropolised | Stdp | Optimal):
            raise InputError("rule", self.learner.name, "is a rule of one neuron", "train it without a network")
        if self.answering is not None:
            raise InputError("feedback", self.feedback, "acts on one neuron", "leave out feedback or the network")

    def _check_mode(self) -> None:
        if self.mode == "batch":
            if self.dwell is not None:
                raise InputError("dwell", self.dwell, "belongs to online learning", 'set mode="online" or drop it')
            return
        if not (isinstance(self.dwell, Real) and isfinite(self.dwell) and self.dwell > 0):
            rule = 'mode="online" needs the time > 0 that each pattern is shown: the heat depends on it'
            raise InputError("dwell", self.dwell, rule, "give dwell, for instance 1/N relaxation times")
        shows = self.dwell / self.dt
        if self.online == "kick" and abs(shows - 1.0) > 1e-9:
            rule = "a kick holds its force for the whole dwell, which one exact step covers: dt must equal dwell"
            raise InputError("dt", self.dt, rule, f"set dt = dwell = {self.dwell:g}")
        if self.online == "flow" and not self.additive and shows < 1.5:
            rule = 'online="flow" lets the force follow the weight, which one step per showing cannot'
            raise InputError("dt", self.dt, rule, f"take dt <= {self.dwell / FOLLOWED:g} = dwell/{FOLLOWED}, or kick")
        if abs(shows - round(shows)) > 1e-9 * shows or shows < 1.0 - 1e-9:
            rule = f"dwell = {self.dwell:g} must be a whole number of steps dt"
            raise InputError("dt", self.dt, rule, f"for instance dt = {self.dwell / max(1, round(shows)):.6g}")

    def _check_stability(self) -> None:
        if self.additive or self.metropolised:
            return
        curvature = self.stiffness + self.rule.growth * self.largest_strength * self.spread
        if isinstance(self.learner, Stdp):
            h = self._rates[self._rates.real > 0.0]
            curvature = float(np.max(np.abs(h) ** 2 / h.real, initial=self.stiffness))
        limit = 2.0 / (self.mobility * curvature)
        if self.dt > limit:
            rule = f"beyond {limit:.4g} = 2 / (mobility x curvature {curvature:.4g}) the step is unstable"
            fix = (
                "lower learning_rate"
                if self.online == "kick"
                else f"take dt <= {limit / 10:.2g}, or lower learning_rate"
            )
            raise InputError("dt", self.dt, rule, fix)

    @cached_property
    def rule(self) -> Rule:
        """The amplitude behind the learner: the rule itself, or that of a type of its own."""
        return self.learner if isinstance(self.learner, Rule) else self.learner.rule

    @property
    def metropolised(self) -> bool:
        """Whether moves are accepted by the loss, instead of forces."""
        return isinstance(self.learner, Metropolised)

    @property
    def additive(self) -> bool:
        """Whether the force of each moment does not depend on the weights."""
        return self.rule.additive and not self.metropolised and self.network is None

    @property
    def holds_force(self) -> bool:
        """Whether each kick holds a force that it read off the field before: feedback by measurement."""
        return self.mode == "online" and self.online == "kick" and not self.additive

    @property
    def n_weights(self) -> int:
        """N, or as many as the network needs."""
        return self.task.n_inputs if self.network is None else self.network.weights_needed(self.task.n_inputs)

    @property
    def feedback(self) -> float:
        """g, the strength with which the neuron's own answers enter the rule."""
        return 0.0 if self.answering is None else self.answering.feedback

    @property
    def largest_strength(self) -> float:
        """The force's prefactor c at the schedule's highest."""
        own = abs(self.answering.feedback) if self.answering is not None else 0.0
        return (self.strength + own) * float(np.max(np.abs(self.schedule.values)))

    @cached_property
    def spread(self) -> float:
        """By how much patterns shown together add up: the top eigenvalue of xi xi^T / N; one alone: 1; of a network
        times |dA/dw|^2."""
        steep = 1.0 if self.network is None else self.network.steepness(self.temperature / self.stiffness)
        return steep * (_largest_eigenvalue(self.scaled_inputs) if self.mode == "batch" else 1.0)

    @cached_property
    def finest_dt(self) -> float:
        r"""The step that resolves relaxation and the rule's own slope.

        min[0.02/(mu k), dt with mu c g lambda dt = 0.2], g the steepest slope of the amplitude over the width in A that
        noise crosses in dt, 1.9 sqrt(2 mu T lambda dt), lambda = ``spread``. Where the amplitude jumps by j that is
        0.3 T/(mu c^2 j^2 lambda). What is left is a bias of about one percent. Online, a sixteenth of the dwell where
        the force follows the weight; BCM, a twentieth of the threshold's time; STDP, 0.02 Re h/(mu |h|^2) of every
        eigenvalue h of k - c L, its linear force being c L w.
        """
        finest = [0.02 / (self.mobility * self.stiffness)]
        if self.answering is not None:
            finest.append(self.answering.finest_dt(self))
        if self.additive or self.metropolised or self.largest_strength == 0.0:
            return min(finest)
        if self.mode == "online" and self.dwell is not None:
            finest.append(self.dwell / FOLLOWED)
        if isinstance(self.learner, Bcm):
            finest.append(self.learner.averaging / FOLLOWED)
        if isinstance(self.learner, Stdp):
            h = self._rates
            finest.append(
                0.02 * float(np.min(np.where(h.real > 0.0, h.real, np.abs(h)) / np.abs(h) ** 2)) / self.mobility
            )
            return min(finest)
        return self._resolving(min(finest))

    def _resolving(self, dt: float) -> float:
        """The longest step up to dt in which the rule's force stays nearly the same."""
        pull = self.mobility * self.largest_strength * self.spread
        reach = REACH * sqrt(max(1.0, self.temperature / self.stiffness))
        blur = self.temperature if self.readout == "thermal" else 0.0
        while True:
            width = CROSSED * sqrt(2.0 * self.mobility * self.temperature * self.spread * dt)
            steep = steepest_slope(self.rule, width, reach, blur) + self.rule.leakage
            allowed = 0.2 / (pull * steep) if pull * steep > 0.0 else dt
            if allowed >= (1.0 - CLOSE) * dt:
                return min(allowed, dt)
            dt = allowed

    @cached_property
    def _rates(self) -> NDArray[np.complex128]:
        """The eigenvalues of k - c L of a rule whose force is c L w: how fast weights relax, and turn."""
        x, p = self.scaled_inputs, self.rule.parameters
        shown = p[0] * np.roll(x, 1, axis=0) - p[1] * np.roll(x, -1, axis=0)
        small = shown.T @ x if x.shape[1] <= x.shape[0] else x @ shown.T
        return np.asarray(self.stiffness - self.largest_strength * np.append(np.linalg.eigvals(small), 0.0))

    @property
    def steps_are_exact(self) -> bool:
        """Whether a step of any length is: additive rules, Metropolis moves, kicks."""
        kicked = self.mode == "online" and self.online == "kick"
        return (self.additive and self.answering is None) or self.metropolised or kicked

    @cached_property
    def jumps(self) -> bool:
        """Whether heat is Stratonovich's midpoint of a force that jumps with the field: badly biased at any usual dt.

        A jump's height over the width falls with the width; a slope, once resolved, does not.
        """
        if self.steps_are_exact or not isinstance(self.learner, Rule) or self.learner.loss is not None:
            return False
        reach = REACH * sqrt(max(1.0, self.temperature / self.stiffness))
        blur = self.temperature if self.readout == "thermal" else 0.0
        near, nearer = (steepest_slope(self.learner, width, reach, blur) for width in (1e-4, 1e-6))
        return nearer > 10.0 * near

    @property
    def coarseness(self) -> float:
        """dt / finest_dt: above 1 the numbers carry a bias of order dt. 1 for exact steps (additive rules, kicks)."""
        return 1.0 if self.steps_are_exact else self.dt / self.finest_dt

    @property
    def steps(self) -> int:
        """duration / dt."""
        return round(self.duration / self.dt)

    @property
    def substeps(self) -> int:
        """Steps per shown pattern (online)."""
        return 1 if self.dwell is None else max(1, round(self.dwell / self.dt))

    @property
    def strength(self) -> float:
        """The force's prefactor c: learning_rate in batch, impulse per time shown online."""
        return self.learning_rate if self.dwell is None else self.learning_rate / self.dwell

    @property
    def scaled_inputs(self) -> NDArray[np.float64]:
        """xi / sqrt(N)."""
        return np.ascontiguousarray(self.task.inputs / sqrt(self.task.n_inputs))

    @property
    def law(self) -> NDArray[np.float64]:
        """decay, push, kick, stiffness of one exact Ornstein-Uhlenbeck step; how far a threshold follows in it."""
        return self.law_of(1)

    def law_of(self, steps: int) -> NDArray[np.float64]:
        """The same of several steps in one."""
        x = self.mobility * self.stiffness * self.dt * steps
        push = -expm1(-x) / self.stiffness
        kick = sqrt(-expm1(-2.0 * x) * self.temperature / self.stiffness)
        follow = -expm1(-self.dt / self.learner.averaging) if isinstance(self.learner, Bcm) else 0.0
        return np.array([1.0 + expm1(-x), push, kick, self.stiffness, follow])

    def factors(self, first: int, last: int) -> NDArray[np.float64]:
        """s in steps first..last: the schedule's value in the middle of each step (a staircase)."""
        return self.schedule.at(self.dt * (np.arange(first, last, dtype=np.float64) + 0.5))

    @property
    def effort(self) -> float:
        """Work of the run in weight steps, the patterns' share included."""
        seen = 0 if self.additive else (self.task.n_patterns if self.mode == "batch" else 1)
        return float(self.replicas * self.steps * self.n_weights) * (1.0 + seen / 8.0)

    def until(self, steps: int) -> Settings:
        """The same run, stopped after ``steps`` steps."""
        return replace(self, duration=steps * self.dt)

    @property
    def bytes_needed(self) -> int:
        """Memory of the run: O(replicas x (N + P)), whatever the number of steps."""
        held = 0 if self.task.held_out_inputs is None else len(self.task.held_out_inputs)
        answers = 6 * self.task.n_patterns if self.answering is not None else 0
        per_replica = 3 * self.n_weights + 4 * self.task.n_patterns + answers + 3 * held + 16
        buffers = 0
        if self.network is not None:  # what every lane at work keeps: units and slopes of a pattern, forces
            shown = max(self.task.n_patterns, held)
            busy = min(self.replicas, BUSY)
            buffers = busy * (2 * self.network.n_hidden * shown + 3 * self.n_weights + 6 * self.task.n_patterns)
        return 8 * (self.replicas * per_replica + buffers + 3 * self.task.inputs.size)

    def _repr_html_(self) -> str:
        return table_of_fields(self)


_FIXES = {
    "temperature": "the bath's temperature in units of T0; T = 0 has no thermodynamics here",
    "stiffness": "the confinement k of each weight; without it there is no equilibrium to start from",
    "mobility": "the weight's mobility mu; it sets the unit of time 1/(mu k)",
}
_CHOICES = {
    "mode": ("batch", "online"),
    "order": ("fixed", "random"),
    "online": ("flow", "kick"),
    "readout": ("thermal", "sign"),
}


def _largest_eigenvalue(scaled: NDArray[np.float64]) -> float:
    """The top eigenvalue of the input correlation xi xi^T / N, which bounds how patterns add up."""
    gram = scaled @ scaled.T if scaled.shape[0] <= scaled.shape[1] else scaled.T @ scaled
    return float(np.linalg.eigvalsh(gram)[-1])


def refuse_too_large(settings: Settings) -> None:
    """Raise InputError before any allocation if the run asks for more memory than there is."""
    needed, there = settings.bytes_needed, available_memory()
    if needed > 0.9 * there:
        got = f"{settings.replicas} replicas x N = {settings.task.n_inputs}, P = {settings.task.n_patterns}"
        rule = f"needs {needed / 2**30:.3g} GiB, but {there / 2**30:.3g} GiB are free"
        least, room = replace(settings, replicas=2).bytes_needed, 0.8 * there
        fix = "fewer inputs, patterns or hidden units"
        if least < room:
            fix = f"at most about {2 + int((room - least) * (settings.replicas - 2) / (needed - least))} replicas fit"
        raise InputError("replicas", got, rule, fix)
