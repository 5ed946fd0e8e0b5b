"""All replicas of a run: their weights, labels and books, advanced in blocks of lanes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import learning as kernels
from .._kernels import random as streams
from .._kernels.threads import each_block
from ..errors import InputError
from ..ledger import Ledger
from ..progress import Progress
from .additive import pattern_gains
from .answer_costs import JumpingAnswers, thermal_surprise
from .answering import half_law
from .kernel_flags import flags_of
from .optimal_rule import Optimal
from .outcome import LearningRun
from .plain import each
from .reach import free_weights, matrix_product, path_of, span_of, stretches_of
from .settings import Settings
from .threshold_rule import Bcm

Array = NDArray[np.float64]
LANES, WIDE = 64, 256
"""Replicas advanced together: where few coordinates move and there are many replicas, more of them."""
FEW, MANY = 16, 2048
CHUNK = 2e7


class Replicas:
    """The weights, labels and books of all replicas, in blocks of lanes.

    state: what the steps of dt move, (block, coordinate, lane): every weight, or those coordinates that the rule can
    reach. weights, closed: of the step looked at last, all weights, and the books with the heat beside the reach.
    """

    def __init__(self, settings: Settings, lanes: int | None = None) -> None:
        n, p, how = settings.n_weights, settings.task.n_patterns, settings.answering
        self.settings = settings
        self.keys = streams.stream_key(settings.seed, settings.cell)
        self.inputs = self.within = settings.scaled_inputs
        self.compiled = settings.rule.kernel is not None
        self.path = path_of(settings, self.compiled)
        self.held = self.path == "line" and settings.mode == "batch"
        self.showing = self.path == "line" and not self.held
        self.basis: Array | None = None
        if self.path == "span" or (self.showing and p < n):
            self.basis, self.within = span_of(self.inputs)
        moving = 1 if self.held else n if self.basis is None else len(self.basis)
        usual = WIDE if moving <= FEW and settings.replicas >= MANY else LANES
        self.lanes = min(lanes or usual, settings.replicas)
        self.blocks = -(-settings.replicas // self.lanes)
        self.state = np.empty((self.blocks, moving, self.lanes))
        self.push = np.empty((self.blocks, 1 if self.held else 0, self.lanes))
        self.stretches = stretches_of(settings) if self.held else np.zeros(1, dtype=np.int64)
        plainly = settings.network is None and how is None and not settings.metropolised
        self.twinned = settings.mode == "batch" and not self.held and plainly
        self.twin = np.empty((self.blocks, moving if self.twinned else 0, self.lanes))
        """The state as it were had nothing pushed it, with the same noise."""
        self.along = np.empty((self.blocks, 1 if self.showing else 0, self.lanes))
        self.labels = np.empty((self.blocks, p, self.lanes), dtype=np.int8)
        how = settings.answering
        rows = kernels.ROWS if how is None else kernels.ROWS_WITH_ANSWERS
        self.books = np.zeros((self.blocks, rows, self.lanes))
        everything = self.path == "steps"
        self.weights = self.state if everything else np.empty((self.blocks, n, self.lanes))
        self.closed = self.books if everything else np.empty_like(self.books)
        self.answers = np.empty((self.blocks, 0 if how is None else p, self.lanes))
        self.first_surprise = np.zeros((self.blocks, self.lanes))
        if isinstance(settings.learner, Bcm):
            self.books[:, kernels.THRESHOLD] = settings.temperature / settings.stiffness
        self.initial_energy = np.empty((self.blocks, self.lanes))
        self.initial_beside = np.empty((self.blocks, self.lanes))
        self.initial_loss = np.empty((self.blocks, self.lanes))
        self.law = settings.law if how is None else half_law(settings)
        self.parameters = _parameters(settings)
        self.engine = import_module(_engine(settings, self.compiled), __package__)
        self.flags = flags_of(settings) | kernels.TRIANGULAR * (self.path == "span")
        self.order = np.arange(p if settings.order == "fixed" else 0, dtype=np.int64)
        self.halt = threading.Event()
        self.lock = threading.Lock()
        self.done = 0.0

    def first(self, block: int) -> int:
        return block * self.lanes

    def start(self, block: int) -> Array:
        """Weights in equilibrium, N(0, T/k): (weight, lane)."""
        s = self.settings
        weights = np.empty((s.n_weights, self.lanes))
        kernels.prepare(weights, np.sqrt(s.temperature / s.stiffness), streams.INITIAL, self.first(block), *self.keys)
        return weights

    def free(self, block: int, steps: int) -> Array:
        """Weights after so many steps had nothing pushed them: (weight, lane).

        Every look draws them for itself, so that neither other looks nor the end of the run change them.
        """
        noise = streams.normals(streams.FREE, steps, self.first(block), self.keys, self.weights.shape[1:])
        return free_weights(self.settings, self.start(block), noise, steps)

    def prepare(self, block: int) -> None:
        s, w = self.settings, self.start(block)
        self.initial_energy[block] = _energy(s.stiffness, w)
        self.labels[block] = self.draw_labels(block, self.inputs)
        if self.held:
            kernels.project(self._force(block), w, self.push[block], self.state[block])
        else:
            self.state[block] = w if self.basis is None else matrix_product(self.basis, w)
        if self.twinned:
            self.twin[block] = self.state[block]
        self.initial_beside[block] = self.initial_energy[block] - _energy(s.stiffness, self.state[block])
        if self.knows_initial_loss:
            self.initial_loss[block] = self._first_loss(block)
        if s.answering is not None:
            fields = self.fields(self.inputs, w)
            self.answers[block] = s.answering.start(fields, s.temperature, self.first(block), self.keys)
            self.first_surprise[block] = self._surprise(block, fields)

    def _force(self, block: int) -> Array:
        """f = sum_mu x_mu F(label_mu) of an additive rule: (weight, lane)."""
        rule = self.settings.rule
        up, down = (float(rule.amplitude(0.0, y, 0.0, 0.0, rule.parameters)) for y in (1.0, -1.0))
        return matrix_product(np.ascontiguousarray(self.inputs.T), np.where(self.labels[block] > 0, up, down))

    @property
    def knows_initial_loss(self) -> bool:
        """Whether the loss of all patterns at the start is what the first work is done on."""
        s = self.settings
        return s.mode == "batch" and s.rule.loss is not None and s.network is None and s.answering is None

    def _first_loss(self, block: int) -> Array:
        """The summed loss at the start: (lane,)."""
        if self.held:
            return np.asarray(-self.push[block, 0] * self.state[block, 0])
        return self._evaluate(matrix_product(self.within, self.state[block]).T, self.labels[block].T)

    def _surprise(self, block: int, fields: Array) -> Array:
        """-sum ln p(sigma | A), answers at rest at their fields: (lane,)."""
        s = self.settings
        assert s.answering is not None
        gain = s.answering.answer_gain
        return np.asarray(thermal_surprise(fields, self.answers[block], gain, s.temperature).sum(axis=0))

    def teachers(self, block: int) -> Array:
        """B ~ N(0, 1) for every lane: (weight, lane)."""
        teachers = np.empty((self.settings.task.n_inputs, self.lanes))
        kernels.prepare(teachers, 1.0, streams.TEACHER, self.first(block), *self.keys)
        return teachers

    def draw_labels(self, block: int, inputs: Array) -> Array:
        task = self.settings.task
        if task.labelling == "true":
            assert task.labels is not None
            return np.repeat(task.labels[:, None], self.lanes, axis=1)
        if task.labelling == "random":
            labels = np.empty((task.n_patterns, self.lanes))
            kernels.draw_labels(labels, streams.LABELS, self.first(block), *self.keys)
            return labels
        return np.where(matrix_product(inputs, self.teachers(block)) > 0.0, 1.0, -1.0)

    def fields(self, inputs: Array, weights: Array) -> Array:
        """A of every pattern: (pattern, lane)."""
        network = self.settings.network
        return matrix_product(inputs, weights) if network is None else network.fields(weights, inputs)

    def advance(self, block: int, first: int, last: int, progress: Progress) -> None:
        s = self.settings
        labels = self.labels[block].astype(np.float64)
        cost = self.state.shape[1] * self.lanes * (1 + (0 if s.additive else s.task.n_patterns / 4))
        chunk = max(1, int(CHUNK / cost)) if self.compiled else 100
        if len(self.parameters) > 1:
            chunk = 1
        for start in range(first, last, chunk):
            if self.halt.is_set():
                return
            stop = min(start + chunk, last)
            before = float(s.factors(start - 1, start)[0]) if start else 0.0
            known = self.parameters[start] if len(self.parameters) > 1 else self.parameters[0]
            common: tuple[Any, ...] = (
                s.rule.kernel if self.compiled else s.rule,
                self.within,
                labels,
                self.state[block],
                known,
                s.factors(start, stop),
                before,
                s.strength,
                self.law,
                s.temperature,
                self.flags,
                start,
                self.first(block),
                *self.keys,
                self.books[block],
            )
            room: Any = self.engine
            if s.network is not None:
                common = (s.network, s.rule, *common[1:])
            if s.metropolised:
                room.advance_metropolis(*common)
            elif s.answering is not None:
                a = s.answering
                room.advance_answers(*common, self.answers[block], a.feedback, a.answer_rate * s.dt, a.answer_gain)
            elif self.held:
                self._hold(block, *np.searchsorted(self.stretches[1:], [start, stop], side="right"))
            elif s.mode == "batch":
                room.advance_batch(*common, *([self.twin[block]] if s.network is None else []))
            else:
                room.advance_online(*common, s.substeps, s.online == "kick", self.order, *self._showing(block))
            if not np.all(np.isfinite(self.books[block])):
                rule = f"the weights diverged within {stop} steps: the force outgrows the step"
                raise InputError("dt", s.dt, rule, "lower dt or learning_rate, or bound the rule's amplitude")
            with self.lock:
                self.done += (stop - start) / (s.steps * self.blocks)
                progress(min(1.0, self.done))

    def _hold(self, block: int, first: int, last: int) -> None:
        """The place on the line of the force through whole stretches first .. last - 1."""
        if first < last:
            self._glide(block, first, self.stretches[first : last + 1], self.state[block], self.books[block])

    def _glide(self, block: int, first: int, ends: NDArray[np.int64], along: Array, books: Array) -> None:
        """A move from each end to the next, on the line of the force; the first belongs to stretch ``first``."""
        s = self.settings
        lengths, which = np.unique(np.diff(ends), return_inverse=True)
        laws = np.array([s.law_of(int(n)) for n in lengths])[which]
        before = float(s.factors(ends[0] - 1, ends[0])[0]) if ends[0] else 0.0
        factors = s.schedule.at(s.dt * (ends[:-1].astype(np.float64) + 0.5))
        where = first, self.first(block), *self.keys, books
        kernels.advance_held(self.push[block], along, factors, before, s.strength, laws, *where)

    def _showing(self, block: int) -> tuple[Any, ...]:
        """Whether compiled steps move a place on the line of the pattern shown, that place, the law of a showing."""
        if not self.compiled or self.settings.network is not None:
            return ()
        if not self.showing:
            return False, np.empty((1, self.lanes)), self.law
        return True, self.along[block], self.settings.law_of(self.settings.substeps)

    def look(self, block: int, steps: int) -> None:
        """All weights after ``steps`` steps, and the books with the heat beside the reach."""
        if self.path == "steps":
            return
        s, state, books = self.settings, self.state[block], self.closed[block]
        books[:] = self.books[block]
        late = steps % s.substeps
        if self.showing and late:  # a pattern is being shown
            state, labels = state.copy(), self.labels[block].astype(np.float64)
            kernels.end_showing(
                self.within, labels, state, s.law_of(late), self.order, steps // s.substeps, steps, self.first(block),
                *self.keys, books, self.along[block],
            )  # fmt: skip
        weights = self.weights[block]
        if self.held:
            i = int(np.searchsorted(self.stretches, steps, side="right")) - 1
            if self.stretches[i] < steps:  # amid a stretch
                state = state.copy()
                self._glide(block, i, np.array([self.stretches[i], steps]), state, books)
            weights[:] = self.free(block, steps)
            kernels.place(self._force(block), state, weights)
        elif self.basis is None:
            weights[:] = state
        else:
            free = self.free(block, steps)
            apart = np.ascontiguousarray(state - matrix_product(self.basis, free))
            weights[:] = free + matrix_product(np.ascontiguousarray(self.basis.T), apart)
        energy = _energy(s.stiffness, weights)
        fall = self.initial_beside[block] - (energy - _energy(s.stiffness, state))
        books[kernels.HEAT] += fall
        books[kernels.GROSS] += np.abs(fall)

    def finish(self, steps: int, pool: ThreadPoolExecutor) -> LearningRun:
        """What the replicas are after ``steps`` steps; the books close at the schedule's value there."""
        each_block(pool, lambda block: self.look(block, steps), self.blocks, self.halt)
        s = self.settings
        heat, work = self._lanes(self.closed[:, kernels.HEAT]), self._lanes(self.closed[:, kernels.WORK])
        gross, loss = self._lanes(self.closed[:, kernels.GROSS]), self._lanes(self.closed[:, kernels.LOSS])
        last = float(s.factors(steps - 1, steps)[0])
        closing = float(s.schedule(s.duration)) if steps == s.steps else last
        work = work + (s.strength if s.answering is None else 1.0) * (closing - last) * loss
        weights = self._rows(self.weights)
        labels = self._rows(self.labels)
        fields = np.concatenate([self.fields(self.inputs, w) for w in self.weights], axis=1).T[: s.replicas]
        final = 0.5 * s.stiffness * (weights * weights).sum(axis=1)
        said = self._answered()
        final += s.strength * closing * self._loss(steps, fields, labels, loss)
        if said is not None:
            heat = np.stack([heat, said.heat], axis=1)
            if s.rule.loss is not None:
                final += s.feedback * closing * self._evaluate(fields, said.answers)
        initial = self._lanes(self.initial_energy)
        at = s if steps == s.steps else s.until(steps)
        held = s.task.held_out_inputs
        scaled = None if held is None else np.ascontiguousarray(held / np.sqrt(s.task.n_inputs))
        return LearningRun(
            settings=at,
            weights=weights,
            labels=labels,
            fields=np.ascontiguousarray(fields),
            ledger=Ledger(
                heat.reshape(s.replicas, -1),
                work,
                final - initial,
                np.full(1 if said is None else 2, s.temperature),
                conditional_entropy_change=self._conditional(at, weights, labels, initial) if said is None else None,
                gross=gross + initial + np.abs(final),  # the energies round too, however little was booked
            ),
            initial_energy=initial,
            held_out_fields=None if scaled is None else self._held_out(scaled, self.weights, self.fields),
            held_out_labels=None if scaled is None else self._held_out_labels(scaled),
            teachers=self._teachers() if s.task.labelling == "teacher" else None,
            compiled=self.compiled,
            path=self.path,
            free_fields=self._free_fields() if self.twinned else None,
            free_energy=self._free_energy() if self.twinned else None,
            initial_loss=self._lanes(self.initial_loss) if self.knows_initial_loss else None,
            answers=said,
            acceptance=self._acceptance(steps) if s.metropolised else None,
        )

    def _free_fields(self) -> Array:
        """A of every pattern had nothing pushed, with the same noise: (replica, pattern)."""
        return self._rows(np.stack([matrix_product(self.within, twin) for twin in self.twin]))

    def _free_energy(self) -> Array:
        """k/2 sum w^2 of all weights had nothing pushed: what is beside the reach is the same."""
        k, every = self.settings.stiffness, zip(self.twin, self.state, self.weights, strict=True)
        return self._lanes(np.stack([_energy(k, t) + _energy(k, w) - _energy(k, u) for t, u, w in every]))

    def _answered(self) -> JumpingAnswers | None:
        if self.settings.answering is None:
            return None
        every = zip(self.weights, range(self.blocks), strict=True)
        last = np.stack([self._surprise(block, self.fields(self.inputs, w)) for w, block in every])
        heat, jumps = (self._lanes(self.books[:, row]) for row in (kernels.ANSWER_HEAT, kernels.JUMPS))
        return JumpingAnswers(self._rows(self.answers), self._lanes(last - self.first_surprise), heat, jumps)

    def _acceptance(self, steps: int) -> float:
        return float(self._lanes(self.books[:, kernels.ACCEPTED]).mean() / steps)

    def _loss(self, steps: int, fields: Array, labels: Array, booked: Array) -> Array:
        """The loss at the final weights, from the rule itself and not from the books."""
        s = self.settings
        if s.rule.loss is None and s.online != "kick":
            return np.zeros(s.replicas)
        if s.mode == "online" and s.online == "kick":
            return booked
        if s.mode == "batch":
            return self._evaluate(fields, labels)
        turn = (steps - 1) // s.substeps
        shown = np.full(s.replicas, turn % s.task.n_patterns)
        if not self.order.size:
            drawn = streams.words(streams.CHOICE, turn, 0, self.keys, s.replicas)
            shown = (drawn * s.task.n_patterns) >> 32
        rows = np.arange(s.replicas)
        return self._evaluate(fields[rows, shown][:, None], labels[rows, shown][:, None])

    def _evaluate(self, fields: Array, labels: Array) -> Array:
        """The summed loss of each replica at its fields, (replica, pattern)."""
        rule, zero = self.settings.rule, np.zeros(fields.shape[0])
        if not self.compiled:
            return np.asarray(each(rule.loss, fields, labels, 0.0, 0.0, rule.parameters).sum(axis=1))
        loss, amplitudes = np.empty_like(zero), np.empty((fields.shape[1], fields.shape[0]))
        fields, labels = (np.ascontiguousarray(x.T, dtype=np.float64) for x in (fields, labels))
        rule.kernel(fields, labels, np.zeros_like(fields), zero, self.parameters[0], amplitudes, loss)
        return loss

    def _conditional(self, at: Settings, weights: Array, labels: Array, initial: Array) -> Array | None:
        """-ln p(w | labels) + ln p(w_0): quadratic, where w given the labels is Gaussian of variance T/k."""
        gains = pattern_gains(at)
        if gains is None:
            return None
        told = np.ascontiguousarray(labels.T * gains[:, None])
        away = weights - matrix_product(np.ascontiguousarray(self.inputs.T), told).T
        return np.asarray((0.5 * at.stiffness * (away * away).sum(axis=1) - initial) / at.temperature)

    def _held_out(self, scaled: Array, of: Array, fields_of: Callable[[Array, Array], Array]) -> Array:
        fields = np.concatenate([fields_of(scaled, w) for w in of], axis=1)
        return np.ascontiguousarray(fields.T[: self.settings.replicas])

    def _held_out_labels(self, scaled: Array) -> Array | None:
        task = self.settings.task
        if task.labelling == "true":
            assert task.held_out_labels is not None
            return np.broadcast_to(task.held_out_labels, (self.settings.replicas, len(scaled)))
        if task.labelling == "teacher":
            teachers = np.stack([self.teachers(b) for b in range(self.blocks)])
            return np.where(self._held_out(scaled, teachers, matrix_product) > 0.0, 1.0, -1.0)
        return None

    def _teachers(self) -> Array:
        return self._rows(np.stack([self.teachers(b) for b in range(self.blocks)]))

    def _lanes(self, values: Array) -> Array:
        return values.reshape(-1)[: self.settings.replicas].copy()

    def _rows(self, blocks: NDArray[Any]) -> NDArray[Any]:
        rows = blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])[: self.settings.replicas]
        return np.ascontiguousarray(rows)


def _energy(stiffness: float, weights: Array) -> Array:
    """k/2 sum w^2: (lane,), summed in an order that does not depend on how many lanes there are."""
    return np.asarray(0.5 * stiffness * np.add.accumulate(weights * weights, axis=0)[-1])


def _engine(settings: Settings, compiled: bool) -> str:
    """The module whose functions advance a block, loaded when needed: each compiles kernels of its own."""
    if settings.network is not None:
        return ".network_path"
    if settings.metropolised:
        return ".._kernels.metropolis" if compiled else ".plain_metropolis"
    if settings.answering is not None:
        return ".._kernels.answers" if compiled else ".plain_answers"
    return ".._kernels.learning" if compiled else ".plain"


def _parameters(settings: Settings) -> Array:
    """(1, parameter), or one row for each step where they take a course of their own."""
    if isinstance(settings.learner, Optimal):
        return settings.learner.course(settings, settings.steps)
    return np.array([settings.rule.parameters or (0.0,)])
