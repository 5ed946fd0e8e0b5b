"""A random energy landscape on a random graph."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from ..discrete import JumpProcess
from ..discrete.channel import Kinetics
from ..errors import InputError
from ._checks import MOST_STATES, Attempt, Temperature, baths, channel_of, not_negative, whole

DOUBLE = 2.0**-53


def landscape(
    states: int,
    roughness: float,
    *,
    seed: int,
    degree: int = 4,
    attempt: Attempt = 1.0,
    temperature: Temperature = 1.0,
    kinetics: Kinetics = "symmetric",
) -> JumpProcess:
    r"""energy[x] independent and normal, mean 0 and standard deviation ``roughness``; no drive.

    The graph is the union of degree/2 rings, each through all states in a random order: connected, every state with
    at most ``degree`` neighbours (fewer where two rings share a pair), its diameter of the order of ln(states).
    In one bath the stationary state is Boltzmann's; for many states the mean energy is -roughness^2/T while
    T > roughness / sqrt(2 ln states), below that few states hold all (the random energy model).
    states: >= 3. roughness: >= 0, in k_B T0. seed: 0 ... 2^64 - 1; the same seed gives the same system, on every
    machine to rounding. degree: even, 2 ... states - 1. attempt: one number, in 1/time, for every pair.
    temperature: a number or a mapping from the names of reservoirs to theirs.
    Raises InputError for values beyond these.

    Source: Derrida, Phys. Rev. B 24, 2613 (1981), for the energies.

    >>> landscape(100, 2.0, seed=1)
    JumpProcess: 100 states, 1 reservoir (bath, T = 1, symmetric, ... pairs), not driven
    """
    n = whole("states", states, 3, MOST_STATES)
    width = not_negative("roughness", roughness)
    key = whole("seed", seed, 0, 2**64 - 1)
    rings = whole("degree", degree, 2, n - 1)
    if rings % 2:
        raise InputError("degree", degree, "must be even: each ring gives two neighbours", f"degree={degree + 1}")
    bits = np.random.Philox(key=key)
    energy = width * ndtri(((bits.random_raw(n) >> np.uint64(11)) + 0.5) * DOUBLE)
    pairs = []
    for _ in range(rings // 2):
        order = np.argsort(bits.random_raw(n), kind="stable")
        ends = np.stack([order, np.roll(order, -1)])
        pairs.append(ends.min(axis=0) * n + ends.max(axis=0))
    lower, upper = np.divmod(np.unique(np.concatenate(pairs)), n)
    channels = [
        channel_of(n, lower, upper, np.full(lower.size, rates[0]), temperature=warm, name=name, kinetics=kinetics)
        for name, rates, warm in baths(attempt, temperature, 1)
    ]
    return JumpProcess(energy, channels)
