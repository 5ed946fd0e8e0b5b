"""Runs of a network's weights through ``learning.network_path``, block by block as a training run would do them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard._kernels import learning as kernels
from szilard._kernels import random as streams
from szilard.learning import network_path
from szilard.networks.feedforward import FeedForward

Array = NDArray[np.float64]
TEMPERATURE, STIFFNESS, MOBILITY = 0.7, 1.3, 0.6


def flags_of(rule: sz.Rule, more: int = 0) -> int:
    flags = kernels.USES_OUTPUT * rule.uses_output | kernels.USES_WEIGHT * rule.uses_weight
    flags |= kernels.ADDITIVE * rule.additive | kernels.HAS_LOSS * (rule.loss is not None)
    return flags | kernels.LEAKS * (rule.leak is not None) | more


def law_of(dt: float, follow: float = 0.0) -> Array:
    x = MOBILITY * STIFFNESS * dt
    kick = np.sqrt(-np.expm1(-2.0 * x) * TEMPERATURE / STIFFNESS)
    return np.array([np.exp(-x), -np.expm1(-x) / STIFFNESS, kick, STIFFNESS, follow])


@dataclass
class Walk:
    """(replica, weight) weights and books of a run."""

    start: Array
    weights: Array
    heat: Array
    work: Array
    gross: Array
    loss: Array


def walk(
    network: FeedForward | None,
    rule: sz.Rule,
    inputs: Array,
    labels: Array,
    factors: Array,
    dt: float,
    *,
    strength: float = 1.0,
    lanes: int = 64,
    chunk: int = 10**9,
    seed: int = 7,
    flags: int = 0,
    follow: float = 0.0,
    online: tuple[int, bool, NDArray[np.int64]] | None = None,
) -> Walk:
    """From equilibrium without the force through ``factors``; labels (pattern, replica); no network: the kernels."""
    replicas, n = labels.shape[1], inputs.shape[1]
    count = n if network is None else network.weights_needed(n)
    keys, law = streams.stream_key(seed, ""), law_of(dt, follow)
    parameters, marks = np.array(rule.parameters or (0.0,)), flags_of(rule, flags)
    kept: dict[str, list[Any]] = {name: [] for name in ("start", "weights", "books")}
    for first in range(0, replicas, lanes):
        block = np.ascontiguousarray(labels[:, first : first + lanes])
        w, books = np.empty((count, block.shape[1])), np.zeros((kernels.ROWS, block.shape[1]))
        books[kernels.THRESHOLD] = TEMPERATURE / STIFFNESS
        kernels.prepare(w, np.sqrt(TEMPERATURE / STIFFNESS), streams.INITIAL, first, *keys)
        kept["start"].append(w.copy())
        for step in range(0, factors.size, chunk):
            part, last = factors[step : step + chunk], float(factors[step - 1]) if step else 0.0
            common: tuple[Any, ...] = (
                inputs, block, w, parameters, part, last, strength, law, TEMPERATURE, marks, step, first, *keys, books,
            )  # fmt: skip
            more: tuple[Any, ...] = () if online is None else online
            if network is None:  # every weight at every step, without a twin
                room: Any = kernels
                common, nowhere = (rule.kernel, *common), np.empty((1, block.shape[1]))
                more = (np.empty((0, block.shape[1])),) if online is None else (*online, False, nowhere, law)
            else:
                room, common = network_path, (network, rule, *common)
            (room.advance_batch if online is None else room.advance_online)(*common, *more)
        kept["weights"].append(w)
        kept["books"].append(books)
    books = np.concatenate(kept["books"], axis=1)
    start, weights = (np.concatenate(kept[name], axis=1).T for name in ("start", "weights"))
    heat, work, gross, loss = (books[i] for i in (kernels.HEAT, kernels.WORK, kernels.GROSS, kernels.LOSS))
    return Walk(start, weights, heat, work, gross, loss)


def summed_loss(network: FeedForward, rule: sz.Rule, weights: Array, inputs: Array, labels: Array) -> Array:
    """sum_mu loss(A_mu) of weights (replica, weight), by the rule's own function: (replica,)."""
    assert rule.loss is not None
    fields = network.fields(np.ascontiguousarray(weights.T), inputs)
    each = np.vectorize(lambda a, y: rule.loss(a, y, 0.0, 0.0, rule.parameters), otypes=[float])  # type: ignore[misc]
    return np.asarray(each(fields, labels).sum(axis=0))
