r"""How far from equilibrium learning was: dissipation of a rule that descends a convex loss.

With E(w; s) = k w^2/2 + c s loss(w; sigma) and a start in equilibrium at s = 0, the conditional entropy
production is Sigma_c = (W - Delta F)/T - D(p_t || equilibrium), where Delta F = int_0^s c <loss>_s' ds' is found
by sampling equilibria along the way (thermodynamic integration) and D is what has not yet relaxed: since the loss
is convex, D falls at least as e^{-2 mu k t} after the last change of s (Bakry and Emery).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from .._kernels import learning as kernels
from .._kernels import random as streams
from ..estimate import Sampled
from .settings import Settings

Array = NDArray[np.float64]
NODES = 10
SETTLE, BETWEEN = 5.0, 0.5
LOOKS = 5
LANES = 64
RELAXED = 3.0
ENOUGH = 1000


def descends(settings: Settings) -> bool:
    """Whether the above applies: batch, a convex loss, s >= 0 at rest for some relaxation times at the end."""
    rule = settings.rule
    relaxing = (
        settings.mode == "batch"
        and settings.answering is None
        and settings.network is None
        and not settings.metropolised
        and rule.loss is not None
        and rule.convex
        and rule.kernel is not None
    )
    at_rest = settings.mobility * settings.stiffness * rest(settings) >= RELAXED
    return relaxing and at_rest and settings.schedule(settings.duration) >= 0.0


def rest(settings: Settings) -> float:
    """Time since the schedule last changed."""
    factors = settings.factors(0, settings.steps)
    end = settings.schedule(settings.duration)
    changed = np.flatnonzero(factors != end)
    return settings.duration - (settings.dt * float(changed[-1] + 1) if changed.size else 0.0)


def dissipation(settings: Settings, labels: NDArray[np.int8], work: Array, threads: int | None = None) -> Sampled:
    """Sigma_c = (W - Delta F)/T in nats; "upper" where what has not relaxed could exceed a tenth of its error."""
    lost = Sampled.mean(work) - free_energy_change(settings, labels, threads)
    found = lost.scaled(1.0 / settings.temperature)
    unrelaxed = found.value * exp(-2.0 * settings.mobility * settings.stiffness * rest(settings))
    two_sided = unrelaxed <= 0.1 * found.estimate().stderr
    return Sampled(found.value, found.influence, "two-sided" if two_sided else "upper")


def free_energy_change(settings: Settings, labels: NDArray[np.int8], threads: int | None = None) -> Sampled:
    r"""Delta F = int_0^s c <loss>_s' ds', averaged over labels as given, in k_B T0.

    Only the span of the patterns matters, so the equilibria are sampled in its P dimensions. Nodes of Gauss
    and Legendre in s'^(1/3), where the loss falls fastest; a quarter of the replicas
    (at least 1000), each with its own labels, settles for 5 relaxation times at
    a node and is looked at 5 times, half a relaxation time apart.
    """
    end = settings.schedule(settings.duration)
    u, weight = np.polynomial.legendre.leggauss(NODES)
    u, weight = 0.5 * (u + 1.0), 0.5 * weight
    nodes, weights = end * u**3, end * 3.0 * u**2 * weight * settings.strength
    keys = streams.stream_key(settings.seed, f"{settings.cell}/free energy")
    spanned = np.linalg.qr(settings.scaled_inputs.T)[1]
    inputs = np.ascontiguousarray(spanned.T)
    share = min(settings.replicas, max(ENOUGH, settings.replicas // 4))
    found = np.zeros(share)

    def walk(first: int) -> None:
        stop = min(first + LANES, share)
        block = np.ascontiguousarray(labels[first:stop].T, dtype=np.float64)
        found[first:stop] = _walk(settings, inputs, block, nodes, weights, first, keys)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        list(pool.map(walk, range(0, share, LANES)))
    mean = Sampled.mean(found)
    influence = np.zeros(settings.replicas)
    influence[:share] = mean.influence * (settings.replicas / share)
    return Sampled(mean.value, influence)


def _walk(
    settings: Settings, inputs: Array, labels: Array, nodes: Array, weights: Array, first: int,
    keys: tuple[np.uint64, np.uint64],
) -> Array:  # fmt: skip
    """sum over nodes of weight x mean loss at rest there, per lane."""
    rule, lanes = settings.rule, labels.shape[1]
    state, books = np.empty((inputs.shape[1], lanes)), np.zeros((kernels.ROWS, lanes))
    kernels.prepare(state, sqrt(settings.temperature / settings.stiffness), streams.INITIAL, first, *keys)
    pace = settings.mobility * settings.stiffness * settings.dt
    settle, look = max(1, round(SETTLE / pace)), max(1, round(BETWEEN / pace))
    parameters = np.array(rule.parameters or (0.0,))
    total, step, unseen = np.zeros(lanes), 0, np.empty((0, lanes))
    for node, weight in zip(nodes, weights, strict=True):
        for looking in [False] + [True] * LOOKS:
            leg = look if looking else settle
            kernels.advance_batch(
                rule.kernel, inputs, labels, state, parameters, np.full(leg, node), node, settings.strength,
                settings.law, settings.temperature, kernels.HAS_LOSS, step, first, *keys, books, unseen,
            )  # fmt: skip
            step += leg
            if looking:
                total += weight / LOOKS * books[kernels.LOSS]
    return total
