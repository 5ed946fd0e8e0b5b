r"""Linear drift and quadratic diffusion from the first two conditional moments, exact at any lag (Pearson diffusions).

dy = -b (y - m) dt + sqrt(2 D(y)) dB,  D = D0 + D1 (y - m) + D2 (y - m)^2. With B = e^{-b t}, K = e^{-(2b - 2 D2) t}:
<y'> = m + B (y - m),  Var(y') = v0 + v1 (y - m) + v2 (y - m)^2,  v2 = K - B^2,  v1 = 2 D1 (B - K)/(b - 2 D2),
v0 = 2 D0 (1 - K)/(2b - 2 D2). Forman and Sorensen, Scand. J. Stat. 35, 438 (2008), on such diffusions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DEGREE = {"constant": 0, "linear": 1, "quadratic": 2}
RATE, MEAN, D0, D1, D2, NOISE = range(6)


@dataclass(frozen=True)
class Law:
    """What is fitted: the degree of D in y, and whether each look adds a noise whose variance is fitted too."""

    degree: int
    noisy: bool


def moment_sums(y: Array) -> Array:
    """Sums over looks of f q^T, f = (1, z, z^2), q = (1, y, y', y^2, y y', y'^2), of each synapse: (synapse, 4, 3, 6).

    The second axis: y' one step after y and z = y; z one step before y; the first two again with steps twice as long.
    y: (synapse, time), NaN in gaps.
    """
    found = []
    for lag in (1, 2):
        steps = y.shape[1] - lag
        found.append(_products(y[:, :steps], y[:, :steps], y[:, lag:]) if steps > 0 else np.zeros((y.shape[0], 3, 6)))
        steps = y.shape[1] - 2 * lag
        triple = (y[:, :steps], y[:, lag : lag + steps], y[:, 2 * lag :]) if steps > 0 else None
        found.append(_products(*triple) if triple else np.zeros((y.shape[0], 3, 6)))
    return np.stack(found, axis=1)


def _products(z: Array, y: Array, after: Array) -> Array:
    seen = np.isfinite(z) & np.isfinite(y) & np.isfinite(after)
    z, y, after = (np.where(seen, part, 0.0) for part in (z, y, after))
    one = seen.astype(np.float64)
    f = np.stack([one, z, z * z], axis=1)
    q = np.stack([one, y, after, y * y, y * after, after * after], axis=1)
    return np.asarray(f @ q.transpose(0, 2, 1))


def law_of(sums: Array, law: Law, dt: float) -> Array:
    """(b, m, D0, D1, D2, noise) from sums (4, 3, 6) over single steps; NaN where they are those of no such law."""
    pairs, triples = sums[0], sums[1]
    noise = noise_of(triples) if triples[0, 0] > 0.0 else np.nan
    r = noise if law.noisy else 0.0
    M = triples if law.noisy else pairs
    a, B = line_of(M)
    if not 0.0 < B < 1.0 or M[0, 0] <= 3.0:
        return np.full(6, np.nan)
    m = a / (1.0 - B)
    v = _spread(M, a, B, m, r, law.degree)
    v0 = v[0] * M[0, 0] / (M[0, 0] - 2.0) - r * (1.0 + B * B)
    b, K = -np.log(B) / dt, B * B + v[2]
    if not K > 0.0:
        return np.full(6, np.nan)
    decay = -np.log(K) / dt
    d2 = b - 0.5 * decay if law.degree > 1 else 0.0
    d0 = 0.5 * v0 / _faded(decay, dt)
    d1 = 0.5 * v[1] / (K * _faded(b - decay, dt))
    return np.array([b, m, d0, d1, d2, noise])


def moments_after(numbers: Array, y: Array, t: float, r: float = 0.0) -> tuple[Array, Array]:
    """m + B (y - m) and v0 + v1 (y - m) + v2 (y - m)^2 after a time t, of (b, m, D0, D1, D2).

    Where y are looks with a noise of variance r of their own, the square is less by it, as in the fit.
    """
    b, m, d0, d1, d2 = numbers[:NOISE]
    B, decay, x = np.exp(-b * t), 2.0 * b - 2.0 * d2, y - m
    K = np.exp(-decay * t)
    v0, v1, v2 = 2.0 * d0 * _faded(decay, t), 2.0 * d1 * K * _faded(b - decay, t), K - B * B
    return m + B * x, v0 + v1 * x + v2 * (x * x - r)


def _faded(rate: float, dt: float) -> float:
    """int_0^dt e^{-rate s} ds."""
    return float(-np.expm1(-rate * dt) / rate) if rate != 0.0 else dt


def bend_of(sums: Array) -> Array:
    """The coefficient of y^2 in the mean of y' given y, and those of y and y^2 in its variance: zero for OU."""
    M = sums[0]
    a, B = line_of(M)
    if not 0.0 < B < 1.0:
        return np.full(3, np.nan)
    bent = _solved(M[:, [0, 1, 3]], M[:, 2])[2]
    v = _spread(M, a, B, a / (1.0 - B), 0.0, 2)
    return np.array([bent, v[1], v[2]])


def noise_of(M: Array) -> float:
    """r = -<u u'>/B, u = y - a - B z and u' = y' - a - B y: two steps share the noise of the look between them."""
    a, B = line_of(M)
    if not B > 0.0:
        return np.nan
    n, z = M[0], M[1]
    both = n[4] - a * n[1] - B * n[3] - a * (n[2] - a * n[0] - B * n[1]) - B * (z[2] - a * z[0] - B * z[1])
    return float(-both / (n[0] * B))


def line_of(M: Array) -> tuple[float, float]:
    """a, B of <(y' - a - B y)(1, z)> = 0."""
    a, B = _solved(M[:2, :2], M[:2, 2])
    return float(a), float(B)


def _spread(M: Array, a: float, B: float, m: float, r: float, degree: int) -> Array:
    """v of <u^2 | z> = sum_j v_j <(y - m)^j | z>, the squares less the noise of a look: (3,), zero beyond degree."""
    square = M @ np.array([a * a, 2.0 * a * B, -2.0 * a, B * B, -2.0 * B, 1.0])
    G = np.stack([M[:, 0], M[:, 1] - m * M[:, 0], M[:, 3] - 2.0 * m * M[:, 1] + (m * m - r) * M[:, 0]], axis=1)
    v = np.zeros(3)
    v[: degree + 1] = _solved(G[: degree + 1, : degree + 1], square[: degree + 1])
    return v


def _solved(G: Array, g: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(G, g))
    except np.linalg.LinAlgError:
        return np.full(g.size, np.nan)
