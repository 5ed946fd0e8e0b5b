"""Replicas of a restricted Boltzmann machine in blocks of lanes: how they start, and how they move along a path."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from .._kernels import random as streams
from .._kernels import unit_sweeps as kernels
from .._kernels.threads import each_block
from ..errors import InputError, is_whole
from ..ledger import Ledger
from ..progress import Progress
from ..request import refuse_room
from .annealing_path import ParameterPath
from .machine import BoltzmannMachine, smaller_layer

Array = NDArray[np.float64]
LANES = 64
STRETCH = 4e6
"""Parameters of the steps that a kernel is given at once."""
SLICE = 2e7
"""Units drawn between two looks at whether to go on."""
FEWER = "take fewer replicas, or runs of unlike ``cell`` one after the other"


class Chains:
    """States (block, unit, lane) and books of all replicas.

    summed: the hidden units are summed out, so that the energy of a replica is the free energy F(v).
    """

    def __init__(
        self,
        machine: BoltzmannMachine,
        replicas: int,
        seed: int,
        cell: str,
        *,
        lanes: int = LANES,
        summed: bool = False,
    ) -> None:
        units = machine.n_visible + machine.n_hidden
        refuse_room("replicas", f"{replicas} of {units} units", int(replicas) * (3 * units + 5 * kernels.ROWS), FEWER)
        self.replicas = replicas
        self.lanes = min(lanes, replicas)
        self.blocks = -(-replicas // self.lanes)
        self.key = streams.stream_key(seed, cell)
        self.summed = summed
        self.visible = np.zeros((self.blocks, machine.n_visible, self.lanes))
        self.hidden = np.zeros((self.blocks, machine.n_hidden, self.lanes))
        self.books = np.zeros((self.blocks, kernels.ROWS, self.lanes))
        self.steps = 0
        self.initial_energy = np.zeros(replicas)

    def start(self, machine: BoltzmannMachine, rows: Array | None) -> None:
        """From rows of data, hidden units drawn from p(h | v), or in equilibrium where ``rows`` is None."""
        place = Equilibrium(machine) if rows is None else None
        for block in range(self.blocks):
            first = block * self.lanes
            if place is not None:
                place.draw(first, self.key, self.visible[block], self.hidden[block])
            else:
                assert rows is not None
                show(rows, 0, first, self.key, self.visible[block])
                draw_hidden(machine, streams.INITIAL, 1, first, self.key, self.visible[block], self.hidden[block])
        self.measure(machine)
        self.initial_energy = self._lanes(kernels.ENERGY)

    def measure(self, machine: BoltzmannMachine) -> None:
        """Write the energies at these parameters into the books."""
        for block in range(self.blocks):
            energy = self.books[block, kernels.ENERGY]
            m, v = machine, self.visible[block]
            if self.summed:
                kernels.measure_free_energy(m.weights, m.visible_bias, m.hidden_bias, m.temperature, v, energy)
            else:
                kernels.measure_energy(m.weights, m.visible_bias, m.hidden_bias, v, self.hidden[block], energy)

    def follow(self, path: ParameterPath, sweeps: int, mirrored: bool, threads: int | None, progress: Progress) -> None:
        """All steps of the path, in blocks over threads."""
        halt, lock, done = threading.Event(), threading.Lock(), [0.0]
        units = self.visible.shape[1] + self.hidden.shape[1]
        size = self.visible.shape[1] * self.hidden.shape[1] + units
        length = max(1, int(min(STRETCH / size, SLICE / (units * sweeps * self.lanes))))
        kernel = kernels.advance_summed if self.summed else kernels.advance

        def work(block: int) -> None:
            for first in range(0, path.steps, length):
                if halt.is_set():
                    return
                last = min(first + length, path.steps)
                kernel(
                    *path.stretch(first, last), path.temperature, sweeps, mirrored, streams.NOISE, self.steps + first,
                    block * self.lanes, *self.key, self.visible[block], self.hidden[block], self.books[block],
                )  # fmt: skip
                with lock:
                    done[0] += (last - first) / (path.steps * self.blocks)
                    progress(min(1.0, done[0]))

        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            each_block(pool, work, self.blocks, halt)
        self.steps += path.steps

    def ledger(self, machine: BoltzmannMachine, entropy_change: Array | None = None) -> Ledger:
        """The books closed at these parameters, the final energy measured anew from the states."""
        booked = self.books.copy()
        self.measure(machine)
        final = self._lanes(kernels.ENERGY)
        self.books[:] = booked
        rows = (kernels.HEAT_VISIBLE,) if self.summed else (kernels.HEAT_VISIBLE, kernels.HEAT_HIDDEN)
        heat = np.stack([self._lanes(row) for row in rows], axis=1)
        gross = self._lanes(kernels.GROSS) + np.abs(self.initial_energy) + np.abs(final)
        return Ledger(
            heat, self._lanes(kernels.WORK), final - self.initial_energy, np.full(len(rows), machine.temperature),
            conditional_entropy_change=entropy_change, gross=gross,
        )  # fmt: skip

    def states(self) -> tuple[Array, Array]:
        """(replica, visible) and (replica, hidden)."""
        return self._rows(self.visible), self._rows(self.hidden)

    def _rows(self, blocks: Array) -> Array:
        return np.ascontiguousarray(blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])[: self.replicas])

    def _lanes(self, row: int) -> Array:
        return self.books[:, row].reshape(-1)[: self.replicas].copy()


class Equilibrium:
    """Draws from pi(v, h): the smaller layer from its counted probabilities, then the other one given it."""

    def __init__(self, machine: BoltzmannMachine) -> None:
        self.machine = machine
        self.small = machine if machine.independent else smaller_layer(machine)
        self.turned = self.small is not machine
        self.cumulative: Array | None = None
        if not machine.independent:
            logs = self.small._logs()
            self.cumulative = np.cumsum(np.exp(logs - logsumexp(logs)))
            self.cumulative[-1] = 1.0

    def draw(self, first: int, key: tuple[np.uint64, np.uint64], visible: Array, hidden: Array) -> None:
        """States of lanes first, first + 1, ... of the stream of initial states."""
        own, other = (hidden, visible) if self.turned else (visible, hidden)
        u = np.empty_like(own if self.cumulative is None else own[:1])
        kernels.fill_uniforms(streams.INITIAL, 0, first, *key, u)
        if self.cumulative is None:
            on = 1.0 / (1.0 + np.exp(-self.small.visible_bias / self.small.temperature))
            own[:] = u <= on[:, None]
        else:
            chosen = np.searchsorted(self.cumulative, u[0])
            own[:] = (chosen >> np.arange(len(own))[:, None]) & 1
        draw_hidden(self.small, streams.INITIAL, 1, first, key, own, other)


def show(rows: Array, turn: int, first: int, key: tuple[np.uint64, np.uint64], visible: Array) -> None:
    """A row of data for every lane, drawn at random; a grey unit is on with its value as probability."""
    lanes = visible.shape[1]
    chosen = (streams.words(streams.CHOICE, turn, first, key, lanes) * len(rows)) >> 32
    draw_grey(np.ascontiguousarray(rows[chosen].T), turn, first, key, visible)


def draw_grey(values: Array, turn: int, first: int, key: tuple[np.uint64, np.uint64], visible: Array) -> None:
    """Units on with the probabilities ``values`` (unit, lane)."""
    u = np.empty_like(visible)
    kernels.fill_uniforms(streams.INPUTS, turn, first, *key, u)
    visible[:] = u <= values


def draw_hidden(
    machine: BoltzmannMachine,
    stream: int,
    step: int,
    first: int,
    key: tuple[np.uint64, np.uint64],
    visible: Array,
    hidden: Array,
) -> None:
    """h ~ p(h | v), lane by lane."""
    m = machine
    kernels.draw_hidden(m.weights, m.hidden_bias, m.temperature, visible, stream, step, first, *key, hidden)


def refuse_lanes(lanes: object) -> None:
    """Raise InputError unless lanes is a whole number >= 1."""
    if not is_whole(lanes, 1):
        raise InputError("lanes", lanes, "must be an integer >= 1", "leave it out for the default")


def refuse_sweeps(sweeps: object) -> None:
    """Raise InputError unless sweeps is a whole number >= 1."""
    if not is_whole(sweeps, 1):
        raise InputError("sweeps", sweeps, "must be an integer >= 1", "sweeps=1, for instance")
