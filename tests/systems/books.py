"""Independent oracles for the ready-made systems: rates written out pair by pair, elimination without subtraction."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from szilard.discrete import JumpProcess

Array = NDArray[np.float64]


def dense(process: JumpProcess, control: float | None = None) -> Array:
    """The generator, summed over channels pair by pair from attempt, drive and energy."""
    return np.asarray(sum(of_channel(process, r, control) for r in range(len(process.channels))))


def of_channel(process: JumpProcess, r: int, control: float | None = None) -> Array:
    """The generator of one channel alone."""
    c, e = process.channels[r], process.energies(control)
    attempt = c.attempt.toarray()
    drive = np.zeros_like(attempt) if c.drive is None else c.drive.toarray()
    k = np.zeros_like(attempt)
    for x, y in zip(*np.nonzero(attempt), strict=True):
        q = e[y] - e[x] + drive[x, y]
        k[x, y] = attempt[x, y] * (
            exp(q / (2 * c.temperature)) if c.kinetics == "symmetric" else 1 / (1 + exp(-q / c.temperature))
        )
    return np.asarray(k - np.diag(k.sum(axis=0)))


def stationary(L: Array) -> Array:
    """The null vector of an irreducible generator by elimination without a subtraction (GTH)."""
    k = np.array(L)
    n = len(k)
    out = np.zeros(n)
    for m in range(n - 1, 0, -1):
        out[m] = k[:m, m].sum()
        k[:m, :m] += np.outer(k[:m, m] / out[m], k[m, :m])
    p = np.ones(n)
    for m in range(1, n):
        p[m] = k[m, :m] @ p[:m] / out[m]
    return np.asarray(p / p.sum())


def assert_local_balance(process: JumpProcess, control: float | None = None) -> None:
    """ln(k[x, x'] / k[x', x]) = q[x, x'] / T for every jump of every channel."""
    e, energy = process.edges, process.energies(control)
    rate, heat = process.jump_rates(energy), process.jump_heat(energy)
    temperature = process.temperatures[e.channel]
    size = np.abs(energy).max() + np.abs(heat).max(initial=0.0)
    np.testing.assert_allclose(
        np.log(rate / rate[e.reverse]), heat / temperature, rtol=0, atol=1e-15 * (10 + 10 * size / temperature.min())
    )
    dense_rates: Any = dense(process, control) if process.n_states <= 300 else None
    if dense_rates is not None:
        np.testing.assert_allclose(
            process.generator(control).toarray(), dense_rates, rtol=1e-14 * (1 + size / temperature.min()), atol=1e-300
        )


def assert_stationary(process: JumpProcess, p: Any, control: float | None = None) -> None:
    """L p = 0 to the rounding of its terms: eps times the size of the exponents in rates and p."""
    L, energy = process.generator(control), process.energies(control)
    size = 4.0 + 2.0 * float(np.abs(energy).max()) / float(process.temperatures.min())
    flow = np.asarray(abs(L) @ np.asarray(p))
    assert np.all(np.abs(L @ np.asarray(p)) <= 2.3e-16 * size * flow.max())
    assert np.all(flow > 0.0)
