"""An episode of learning as trajectories of its weights: what the exact books must agree with."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import ceil, hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...continuous import Langevin, Linear, simulate
from ...estimate import Estimate, Sampled
from ...protocol import Protocol
from ..part import Record
from .episode import WHOLE, Episodes, shown_at_once, shown_in_turn

Array = NDArray[np.float64]
INPUTS = np.array([[1.0, 1.0, 1.0, -1.0], [1.0, -1.0, 1.0, 1.0]])
"""Two patterns on two pairs of weights."""
NAMES = ("rate", "temperature", "stiffness", "mobility", "ramp", "dwell", "swirl", "duration")


def simulated_episode(v: Mapping[str, Any], seed: int, threads: int | None) -> Record:
    r"""Sigma = <Q>/T over the labels of two patterns on four weights, by ``szilard.simulate``, and exactly.

    v: the characteristics but load and weights, see ``Episodes``; shown: "in turn" or "at once"; replicas, of each
    labelling; dt: the longest step, which heat has an error of the order of, where the weights rotate.
    """
    exact = shown_in_turn if v["shown"] == "in turn" else shown_at_once
    rate, *rest = (float(v[name]) for name in NAMES)
    found = [_heat(v, np.array(labels), seed, threads) for labels in product((1.0, -1.0), repeat=len(INPUTS))]
    value = float(np.mean([q.value for q in found]))
    stderr = hypot(*(q.stderr for q in found)) / len(found)
    weights = INPUTS.shape[1]
    books = exact(Episodes(rate, len(INPUTS) / weights, weights, *rest))
    return {"simulated": [value, stderr], "exact": float(books.dissipation[0]), "n": len(found) * v["replicas"]}


def _heat(v: Mapping[str, Any], labels: Array, seed: int, threads: int | None) -> Estimate:
    r"""Q/T given the labels, from equilibrium; Delta S(w | labels) = 0."""
    n, pushes = INPUTS.shape[1], v["rate"] * labels[:, None] * INPUTS / np.sqrt(INPUTS.shape[1])
    swirl = v["swirl"] * np.kron(np.eye(n // 2), [[0.0, -1.0], [1.0, 0.0]])
    H = v["stiffness"] * np.eye(n)
    if v["shown"] == "in turn":
        protocol, pulls = _showings(v, pushes)
        process = Langevin(
            linear=lambda i: Linear(H, pulls[round(i)], swirl=swirl), dim=n, temperature=v["temperature"],
            mobility=v["mobility"],
        )  # fmt: skip
    else:
        protocol = Protocol([0.0, v["ramp"]], [0.0, 1.0])
        process = Langevin(
            linear=lambda s: Linear(H, s * pushes.sum(axis=0), swirl=swirl), dim=n, temperature=v["temperature"],
            mobility=v["mobility"],
        )  # fmt: skip
    run = simulate(
        process, "equilibrium", v["duration"], replicas=v["replicas"], seed=seed, protocol=protocol, dt=v["dt"],
        entropy=False, threads=threads, cell=f"{labels.tolist()}",
    )  # fmt: skip
    return Sampled.mean(run.ledger.heat.sum(axis=1) / v["temperature"]).estimate()


def _showings(v: Mapping[str, Any], pushes: Array) -> tuple[Protocol, Array]:
    """The control i = 1, 2, .. counts showings, and the force that each holds; the force is off at i = 0."""
    d = v["dwell"]
    count = ceil(v["duration"] / d - WHOLE)
    risen = np.minimum((np.arange(count) + 0.5) * d / v["ramp"], 1.0)
    pulls = np.vstack([np.zeros(pushes.shape[1]), risen[:, None] * pushes[np.arange(count) % len(pushes)] / d])
    times = [0.0, *(i * d for i in range(count))]
    return Protocol(times, [float(i) for i in range(count + 1)], kind="constant"), pulls
