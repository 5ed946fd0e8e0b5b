"""Small machines by tables over all states (visible state, hidden state): exact sweeps, and a twin in continuous time.

Visible state s and hidden state r are numbered as bits: unit i of state s is bit i of s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, softmax

from ..discrete import Channel, JumpProcess
from ..errors import InputError
from ..laws.given import positive
from .machine import BoltzmannMachine, layer_states, states

Array = NDArray[np.float64]
MOST_TOGETHER = 20
MOST_FLIPPED = 12


def energy_table(machine: BoltzmannMachine) -> Array:
    """E of every state: (2^visible, 2^hidden). Raises InputError with more than 20 units together."""
    refuse_large(machine, MOST_TOGETHER)
    v, h = layer_states(machine.n_visible), layer_states(machine.n_hidden)
    return np.asarray(-v @ machine.weights @ h.T - (v @ machine.visible_bias)[:, None] - h @ machine.hidden_bias)


def equilibrium_table(machine: BoltzmannMachine) -> Array:
    """pi(v, h) = e^{-E/T} / Z: (2^visible, 2^hidden)."""
    x = -energy_table(machine) / machine.temperature
    return np.asarray(np.exp(x - logsumexp(x)))


def data_table(data: Array) -> Array:
    """p_0(v), the mean over the rows of prod_i x_i^{v_i} (1 - x_i)^{1 - v_i}: (2^visible,)."""
    v = layer_states(data.shape[1])
    p = np.zeros(len(v))
    for row in data:
        p += np.prod(np.where(v == 1.0, row, 1.0 - row), axis=1)
    return p / len(data)


class Conditionals:
    """p(v | h) and p(h | v) of one machine, (2^visible, 2^hidden), and what drawing from them does to a density."""

    def __init__(self, machine: BoltzmannMachine) -> None:
        x = -energy_table(machine) / machine.temperature
        self.visible: Array = softmax(x, axis=0)
        self.hidden: Array = softmax(x, axis=1)

    def draw_visible(self, p: Array) -> Array:
        """p'(v, h) = p(v | h) sum_v' p(v', h)."""
        return np.asarray(self.visible * p.sum(axis=0))

    def draw_hidden(self, p: Array) -> Array:
        """p'(v, h) = p(h | v) sum_h' p(v, h')."""
        return np.asarray(self.hidden * p.sum(axis=1)[:, None])


def sweep_matrix(machine: BoltzmannMachine) -> Array:
    r"""M[v', v] = sum_h p(v' | h) p(h | v): what one sweep does to the visible states; columns sum to 1.

    (2^visible, 2^visible), state s having unit i on where bit i of s is 1. Its stationary density is pi(v), with which
    it is in detailed balance: M[v', v] pi(v) = M[v, v'] pi(v').
    Raises InputError with more than 12 units together.

    Hinton, Neural Comput. 14, 1771 (2002).

    >>> from szilard.networks import machine as machines
    >>> sweep_matrix(machines.rbm([[1.0], [-2.0]], temperature=2.0)).sum(axis=0).round(12)
    array([1., 1., 1., 1.])
    """
    refuse_large(machine, MOST_FLIPPED)
    c = Conditionals(machine)
    return np.asarray(c.visible @ c.hidden.T)


def flip_process(machine: BoltzmannMachine, rate: float = 1.0) -> JumpProcess:
    r"""k[x, x'] = rate / (1 + e^{(E(x) - E(x'))/T}) where x and x' differ in one unit: the machine in continuous time.

    Each layer has a bath of its own, "visible" and "hidden", at the one temperature T. State x = s 2^hidden + r of
    visible state s and hidden state r. ``rate``: how often each unit is redrawn, in 1/time. In equilibrium as under
    block sweeps; on the way there other paths are taken.
    Raises InputError with more than 12 units together, or for a rate <= 0.

    Glauber, J. Math. Phys. 4, 294 (1963).

    >>> from szilard.networks import machine as machines
    >>> flip_process(machines.rbm([[1.0], [-2.0]]))
    JumpProcess: 8 states, 2 reservoirs (visible, T = 1, heat_bath, 8 pairs; hidden, T = 1, heat_bath, 4 pairs),
    not driven
    """
    refuse_large(machine, MOST_FLIPPED)
    speed = positive(rate, "rate")
    energy = energy_table(machine).ravel()
    x = np.arange(energy.size)
    channels = []
    for name, bits in (
        ("visible", range(machine.n_hidden, machine.n_hidden + machine.n_visible)),
        ("hidden", range(machine.n_hidden)),
    ):
        attempt = np.zeros((x.size, x.size))
        for bit in bits:
            attempt[x ^ (1 << bit), x] = speed
        channels.append(Channel(attempt, temperature=machine.temperature, name=name, kinetics="heat_bath"))
    return JumpProcess(energy, channels)


def refuse_large(machine: BoltzmannMachine, most: int) -> None:
    """Raise InputError where a table of all states would be too large."""
    units = machine.n_visible + machine.n_hidden
    if units > most:
        rule = f"a table of all states is kept only up to {most} units together"
        raise InputError("machine", f"{units} units", rule, "take a smaller machine, or sample")


def start_table(machine: BoltzmannMachine, start: ArrayLike | str) -> Array:
    """p(v) p(h | v) of rows of data, or pi(v, h) where ``start`` is "equilibrium"."""
    if isinstance(start, str):
        return equilibrium_table(machine)
    rows = states(start, machine.n_visible, "start", grey=True).reshape(-1, machine.n_visible)
    return np.asarray(Conditionals(machine).hidden * data_table(rows)[:, None])
