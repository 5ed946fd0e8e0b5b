"""Synapses of a network under a learning rule: the steps of ``plain`` and of the kernels, with dA/dw of the network.

    dw = mu (-k w + c s(t) sum_mu amplitude(A^mu, sigma_T^mu, ..) dA^mu/dw) dt + sqrt(2 mu T) dW

A rule with a loss descends sum_mu loss(A^mu(w)), whatever the network, and heat is a difference of that energy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import networks as kernels
from .._kernels.learning import HAS_LOSS, USES_OUTPUT
from ..networks.feedforward import FeedForward
from .plain import each, outputs_of, run, run_online, summed
from .rule import Rule, refuse_weight_readers

Array = NDArray[np.float64]


class NetworkResponse:
    """Force direction and loss of a rule in a network at given weights, one block of lanes, in NumPy.

    inputs: xi / sqrt(N), (pattern, input), or (1, input, lane) where each lane is shown a pattern of its own.
    """

    def __init__(
        self, network: FeedForward, rule: Rule, inputs: Array, labels: Array, parameters: Array, temperature: float,
        flags: int,
    ) -> None:  # fmt: skip
        refuse_weight_readers(rule)
        self.network, self.rule, self.inputs, self.labels = network, rule, inputs, labels
        self.parameters, self.temperature, self.flags = parameters, temperature, flags

    def __call__(self, weights: Array, threshold: Array) -> tuple[Array, Array]:
        fields = self.fields(weights)
        outputs: Array | float = 0.0
        if self.flags & USES_OUTPUT:
            outputs = outputs_of(fields, threshold, self.parameters, self.temperature, self.flags)
        amplitudes = each(self.rule.amplitude, fields, self.labels, outputs, weights[0], self.parameters)
        force = self.network.pull(weights, self.inputs, amplitudes)
        if self.rule.loss is None:
            return force, np.zeros(weights.shape[1])
        loss = each(self.rule.loss, fields, self.labels, outputs, weights[0], self.parameters)
        return force, summed(loss)

    def fields(self, weights: Array) -> Array:
        """A of every pattern: (pattern, lane)."""
        return self.network.fields(weights, self.inputs)


def advance_batch(
    network: FeedForward, rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array,
    last: float, strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array,
) -> None:  # fmt: skip
    """Batch learning: compiled where the rule is, else in NumPy; arguments as in ``plain``, weights and books change.

    Raises InputError for a rule that reads single weights, or leaks.
    """
    refuse_weight_readers(rule)
    if rule.kernel is not None:
        kernels.advance_batch(rule.kernel, *network.layout(inputs.shape[1]), inputs, labels, weights, parameters,
                              factors, last, strength, law, temperature, flags, first_step, first, key0, key1,
                              books)  # fmt: skip
        return
    respond = NetworkResponse(network, rule, inputs, labels, parameters, temperature, flags)
    run(lambda step: respond, weights, factors, last, strength, law, bool(flags & HAS_LOSS), False,
        first_step, first, (key0, key1), books)  # fmt: skip


def advance_online(
    network: FeedForward, rule: Rule, inputs: Array, labels: Array, weights: Array, parameters: Array, factors: Array,
    last: float, strength: float, law: Array, temperature: float, flags: int, first_step: int, first: int,
    key0: Any, key1: Any, books: Array, substeps: int, frozen: bool, order: NDArray[np.int64],
) -> None:  # fmt: skip
    """Online learning: one pattern at a time; arguments as in ``plain``. Raises InputError as ``advance_batch``."""
    refuse_weight_readers(rule)
    if rule.kernel is not None:
        kernels.advance_online(rule.kernel, *network.layout(inputs.shape[1]), inputs, labels, weights, parameters,
                               factors, last, strength, law, temperature, flags, first_step, first, key0, key1,
                               books, substeps, frozen, order)  # fmt: skip
        return

    def respond_to(shown: Array, of_turn: Array) -> NetworkResponse:
        return NetworkResponse(network, rule, shown, of_turn, parameters, temperature, flags)

    run_online(respond_to, inputs, labels, weights, factors, last, strength, law, flags, first_step, first,
               (key0, key1), books, substeps, frozen, order)  # fmt: skip
