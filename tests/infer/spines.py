"""Sizes of synapses with a known law: an Ornstein-Uhlenbeck process in ln w, a Pearson diffusion in w, shot noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from szilard.data.recording import Recording

Array = NDArray[np.float64]
RATE, MEAN, SPREAD, STEP = 0.3, -1.2, 0.6, 0.7
DIFFUSION = RATE * SPREAD**2


def log_ou(
    seed: int,
    synapses: int = 300,
    times: int = 20,
    *,
    noise: float = 0.0,
    gaps: float = 0.1,
    moved: float = 0.0,
    narrow: float = 1.0,
) -> Recording:
    """ln w by exact steps; at first ``moved`` from its mean, ``narrow`` times as wide; ``noise``: spread of looks."""
    draw = np.random.default_rng(seed)
    kept = np.exp(-RATE * STEP)
    x = np.empty((synapses, times))
    x[:, 0] = MEAN + moved + narrow * SPREAD * draw.standard_normal(synapses)
    for t in range(1, times):
        kick = SPREAD * np.sqrt(1.0 - kept**2) * draw.standard_normal(synapses)
        x[:, t] = MEAN + kept * (x[:, t - 1] - MEAN) + kick
    x += noise * draw.standard_normal(x.shape)
    x[draw.random(x.shape) < gaps] = np.nan
    return Recording(np.exp(x)[:, :, None], STEP * np.arange(times))


def square_root(
    seed: int, synapses: int = 300, times: int = 20, *, mean: float = 0.4, slope: float = 0.03
) -> Recording:
    """dw = -b (w - m) dt + sqrt(2 slope w) dB by its exact steps, a scaled non-central chi-squared; p(w) is gamma."""
    draw = np.random.default_rng(seed)
    kept = np.exp(-RATE * STEP)
    scale, freedom = 0.5 * slope * (1.0 - kept) / RATE, 2.0 * RATE * mean / slope
    w = np.empty((synapses, times))
    w[:, 0] = draw.gamma(RATE * mean / slope, slope / RATE, synapses)
    for t in range(1, times):
        w[:, t] = scale * draw.noncentral_chisquare(freedom, w[:, t - 1] * kept / scale)
    return Recording(w[:, :, None], STEP * np.arange(times))


def shots(seed: int, synapses: int = 300, times: int = 40) -> Recording:
    """ln w jumps up at random and relaxes in between: linear drift, constant variance, and yet irreversible."""
    draw = np.random.default_rng(seed)
    before = 40
    x = np.zeros((synapses, times + before))
    for t in range(1, times + before):
        count = draw.poisson(0.15, synapses)
        jump = draw.gamma(np.maximum(count, 1), 0.8) * (count > 0)
        x[:, t] = np.exp(-0.25) * x[:, t - 1] + jump + 0.02 * draw.standard_normal(synapses)
    return Recording(np.exp(x[:, before:])[:, :, None], 0.5 * np.arange(times))
