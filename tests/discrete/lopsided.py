"""Driven systems between two baths at random, and what plain dense algebra makes of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from szilard.discrete import Channel, JumpProcess

Array = NDArray[np.float64]
RING_P = [0.4869180025265301, 0.3598706239289562, 0.15321137354451364]
TURN = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
"""Counts the jumps along 0 -> 1 -> 2 -> 0."""


def ring(energy: list[float], affinity: float, attempt: Array | float = 1.0, temperature: float = 1.0) -> JumpProcess:
    """States on a ring; the agent gives ``affinity`` in each turn 0 -> 1 -> ... -> 0."""
    n = len(energy)
    rate, tries, drive = np.broadcast_to(attempt, n), np.zeros((n, n)), np.zeros((n, n))
    for x in range(n):
        y = (x + 1) % n
        tries[x, y] = tries[y, x] = rate[x]
        drive[y, x], drive[x, y] = affinity / n, -affinity / n
    return JumpProcess(energy, Channel(tries, drive, temperature=temperature))


def lopsided(
    seed: int, n: int, *, chords: int = 4, spread: float = 1.0, push: float = 1.0, baths: tuple[float, ...] = (0.6, 2.3)
) -> JumpProcess:
    """n states on a tree with chords; uneven energies, attempts and drives, one channel per temperature."""
    rng = np.random.default_rng(seed)
    channels = []
    for i, temperature in enumerate(baths):
        tries, drive = np.zeros((n, n)), np.zeros((n, n))
        pairs = [(x, int(rng.integers(x))) for x in range(1, n)] if i == 0 else []
        pairs += [(int(a), int(b)) for a, b in rng.integers(n, size=(chords, 2)) if a != b]
        for a, b in pairs:
            tries[a, b] = tries[b, a] = np.exp(spread * rng.normal())
            drive[a, b] = push * rng.normal()
            drive[b, a] = -drive[a, b]
        kinetics = ("arrhenius", "heat_bath", "symmetric")[i % 3]
        channels.append(
            Channel(tries, drive, temperature=temperature, name=f"bath {i}", kinetics=kinetics)  # type: ignore[arg-type]
        )
    return JumpProcess(spread * rng.normal(size=n), channels)


def grid(rows: int, columns: int, energy: Array, drive: Array, temperature: float = 0.7) -> JumpProcess:
    """A square lattice; drive (rows, columns - 1) along each row, none along the columns."""
    from scipy import sparse

    place = np.arange(rows * columns).reshape(rows, columns)
    low = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    high = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    size = (place.size, place.size)
    tries = sparse.coo_array((1.0 + 0.5 * np.cos(low + 2.0 * high), (high, low)), shape=size)
    given = sparse.coo_array((drive.ravel(), (high[: drive.size], low[: drive.size])), shape=size)
    return JumpProcess(energy, Channel(tries + tries.T, given - given.T, temperature=temperature))


def jumps(process: JumpProcess) -> list[tuple[int, int, float, float]]:
    """(source, target, rate, q/T) of every jump, from the definition of its channel."""
    energy, found = process.energies(), []
    for c in process.channels:
        tries = c.attempt.toarray()
        drive = np.zeros(tries.shape) if c.drive is None else c.drive.toarray()
        for y, x in zip(*np.nonzero(tries), strict=True):
            q = energy[x] - energy[y] + drive[y, x]
            share = 0.5 * drive[y, x]
            rate = {
                "symmetric": np.exp(q / (2 * c.temperature)),
                "heat_bath": 1.0 / (1.0 + np.exp(-q / c.temperature)),
                "arrhenius": np.exp((energy[x] + share) / c.temperature),
            }[c.kinetics]
            found.append((int(x), int(y), float(tries[y, x] * rate), float(q / c.temperature)))
    return found


def generator(process: JumpProcess) -> Array:
    """The dense generator, summed jump by jump."""
    L = np.zeros((process.n_states, process.n_states))
    for x, y, k, _ in jumps(process):
        L[y, x] += k
        L[x, x] -= k
    return L


def steady(L: Array) -> Array:
    """The null vector of a dense generator, by least squares."""
    n = len(L)
    return np.asarray(np.linalg.lstsq(np.vstack([L, np.ones(n)]), np.eye(n + 1)[n], rcond=None)[0])


def exact(matrix: list[list[Fraction]], right: list[Fraction]) -> Array:
    """The solution of linear equations in rational numbers, rounded once."""
    n = len(right)
    rows = [[*matrix[i], right[i]] for i in range(n)]
    for i in range(n):
        best = next(j for j in range(i, n) if rows[j][i] != 0)
        rows[i], rows[best] = rows[best], rows[i]
        for j in range(n):
            if j != i and rows[j][i] != 0:
                f = rows[j][i] / rows[i][i]
                rows[j] = [a - f * b for a, b in zip(rows[j], rows[i], strict=True)]
    return np.array([float(rows[i][n] / rows[i][i]) for i in range(n)])


def rational(process: JumpProcess) -> list[list[Fraction]]:
    """The generator's transpose, row s to column t, with the process' own rates and nothing rounded."""
    n, e = process.n_states, process.edges
    rows = [[Fraction(0)] * n for _ in range(n)]
    for x, y, k in zip(e.source, e.target, process.jump_rates(process.energies()), strict=True):
        rows[int(x)][int(y)] += Fraction(float(k))
        rows[int(x)][int(x)] -= Fraction(float(k))
    return rows
