"""Entropy of a weight of which a part is known to be independent Gaussian noise."""

from __future__ import annotations

from math import ceil, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import fftconvolve

from ..data.numbers import real_numbers
from ..errors import InputError, is_number
from ..estimate import Sampled

Array = NDArray[np.float64]
FINE, TAIL = 12, 7.0
"""Points of the grid per deviation of the noise, and deviations after which its density is left out (1e-12 of it)."""
MOST_POINTS = 1 << 16
FEWEST_PER_CELL = 20.0


def blurred_entropy(centres: ArrayLike, deviation: float) -> Sampled | None:
    r"""S(w), w = m + N(0, deviation^2): -int p ln p dw, p(w) = <N(w; m, deviation^2)> over the replicas' m, in nats.

    The noise is averaged exactly, so that only the draw of the m makes an error, psi(m) = -int N(w; m) ln p dw - S. The
    plug-in value lies low by (C - 1)/2R, C = int <N(w; m)^2>/p dw the number of cells that the noise leaves apart; this
    is added. centres: (replica,). None where there are fewer than 20 replicas per cell: the noise is too narrow.
    Raises InputError unless deviation > 0 is finite and the centres are.

    On the grid a centre is shared by four points with Lagrange's cubic weights, which keep its first three moments.

    >>> found = blurred_entropy(np.zeros(100), 1.0)
    >>> round(found.value, 6), found.estimate().stderr < 1e-12
    (1.418939, True)
    """
    m = real_numbers("centres", centres).ravel()
    if not (is_number(deviation) and deviation > 0 and m.size and np.all(np.isfinite(m))):
        raise InputError("centres", centres, "centres and deviation > 0 must be finite", "check the run")
    h = deviation / FINE
    reach = ceil(TAIL * FINE)
    low = float(m.min())
    points = (float(m.max()) - low) / h + 2.0
    if points > MOST_POINTS:
        return None
    place = (m - low) / h + 1.0
    left = place.astype(np.int64)
    weights = _cubic(place - left)
    shares = sum(np.bincount(left + i, w, int(points) + 4) for i, w in enumerate(weights, -1))
    steps: Array = h * np.arange(-reach, reach + 1, dtype=np.float64)
    kernel = _normal(steps, deviation**2)
    twice = _normal(steps, 0.5 * deviation**2) / (2.0 * sqrt(pi) * deviation)
    tiny = np.finfo(np.float64).tiny
    p = np.maximum(fftconvolve(shares, kernel) / m.size, tiny)
    seen = p > 1e-14 * p.max()  # beyond, the transform rounds
    log_p = np.log(p)
    cells = float((np.maximum(fftconvolve(shares, twice), 0.0) / m.size / p)[seen].sum() * h)
    if m.size < FEWEST_PER_CELL * cells:
        return None
    surprise = -fftconvolve(np.where(seen, log_p, 0.0), kernel, mode="valid") * h
    each = np.add.reduce([w * surprise[left + i] for i, w in enumerate(weights, -1)])
    value = float(each.mean())
    return Sampled(value + 0.5 * (cells - 1.0) / m.size, each - value)


def _normal(x: Array, variance: float) -> Array:
    return np.asarray(np.exp(-0.5 * x * x / variance) / sqrt(2.0 * pi * variance))


def _cubic(f: Array) -> tuple[Array, Array, Array, Array]:
    """Weights of the points at -1, 0, 1 and 2 for a place f between 0 and 1."""
    a, b, c = f + 1.0, f - 1.0, f - 2.0
    return -f * b * c / 6.0, a * b * c / 2.0, -a * f * c / 2.0, a * f * b / 6.0
