"""Sums over the steps of one training run, with errors that know of memory between steps and of slow change."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .training_steps import Training

Array = NDArray[np.float64]
BLOCKS = (200, 100, 50, 25)
LEAST = 4
SHORT = 17
WINDOWS = (13, 25, 51, 101)
RAGGED = 1.5
NEAR = 1.5


def summed(x: Array, balance: Array | None = None) -> tuple[float, float]:
    r"""sum_k x_k and its standard error, the largest of sqrt(B <(S_b - S_{b-2})^2> / 2) over four numbers B of blocks.

    S_b: sums over B blocks of steps. Differences of blocks leave out what changes slowly; blocks two apart leave out
    the correlation of neighbours; the largest is taken as steps may remember each other for longer than a block.
    A fast change counts as noise. balance: a series of which x_k + balance_k changes slowly, where it is known, as a
    heat and the change of the loss; the error is then at most that of their sum.
    """
    held = np.isfinite(x)
    error = _blocked(x[held])
    if balance is not None:
        error = min(error, _blocked((x + balance)[held]))
    return float(x[held].sum()), error


def _blocked(x: Array) -> float:
    errors = [0.0]
    for count in BLOCKS:
        blocks = min(count, x.size // LEAST)
        if blocks < LEAST:
            return float("inf")
        s = np.add.reduceat(x, np.linspace(0, x.size, blocks, endpoint=False).astype(int))
        errors.append(float(np.sqrt(0.5 * blocks * np.mean((s[2:] - s[:-2]) ** 2))))
    return max(errors)


def ends(loss: Array) -> tuple[float, float, float, float]:
    r"""L at the first call and at the last, each with its standard error: parabolas through the calls next to it.

    The end itself, with the error sigma that third differences tell, sigma^2 = <(L_{k+3} - 3 L_{k+2} + 3 L_{k+1} -
    L_k)^2> / 20; then parabolas through 13, 25, 51 and 101 calls, as long as the calls scatter about the parabola as
    sigma says and its end is within 1.5 errors of what fewer calls gave (Lepski's rule). The error is
    that of the last but one, as what bends less than chance shows is seen by none.
    """
    return (*_end(loss), *_end(loss[::-1]))


def change_of_loss(training: Training) -> tuple[float, float]:
    r"""sum_j (L_end - L_start) over the stretches j recorded in one go, and its standard error: their ``ends``.

    A stretch of fewer than 17 calls is taken from its first call to its last, each with the error that third
    differences of all stretches tell; where none is of four calls, the error is not known, and infinite.
    """
    losses = [training.column("loss")[stretch] for stretch in training.stretches]
    thirds = np.concatenate([np.diff(loss, 3) for loss in losses if loss.size > 3] or [np.zeros(0)])
    rough = float(np.mean(thirds**2)) / 20.0 if thirds.size else float("inf")
    change, variance = 0.0, 0.0
    for loss in losses:
        if loss.size < SHORT:
            first, last, doubt = float(loss[0]), float(loss[-1]), 2.0 * rough if loss.size > 1 else 0.0
        else:
            first, e1, last, e2 = ends(loss)
            doubt = e1**2 + e2**2
        change, variance = change + last - first, variance + doubt
    return change, float(np.sqrt(variance))


def ways(training: Training, temperature: float) -> tuple[float, float, int]:
    r"""sum_j d_j, sum_j sqrt(d_j^2 - 2 t_j N T), and how many there are, over the stretches j recorded in one go.

    d_j: how far a stretch led in its time t_j; 2 t_j N T is what the noise alone leads to. By Cauchy and Schwarz
    sum_j d_j^2 / (t_j D) >= (sum_j d_j)^2 / (t D).
    """
    since2, rate = training.column("since2"), training.column("rate")
    way, straight, many = 0.0, 0.0, 0
    for stretch in training.stretches:
        if stretch.stop - stretch.start > 1:
            away = float(since2[stretch][-1])
            wandered = 2.0 * float(rate[stretch][1:].sum()) * training.trained * temperature
            way, straight, many = way + sqrt(away), straight + sqrt(max(0.0, away - wandered)), many + 1
    return way, straight, many


def _end(loss: Array) -> tuple[float, float]:
    rough = float(np.sqrt(np.mean(np.diff(loss[: WINDOWS[1]], 3) ** 2) / 20.0))
    found = [(float(loss[0]), rough)]
    for n in WINDOWS:
        if n > max(WINDOWS[0], loss.size // 4):
            break
        y = loss[:n] - loss[0]
        basis = np.vander(np.linspace(0.0, 1.0, n), 3, increasing=True)
        fit, *_ = np.linalg.lstsq(basis, y, rcond=None)
        spread = float(np.sum((y - basis @ fit) ** 2)) / (n - 3)
        end, error = float(loss[0] + fit[0]), float(np.sqrt(spread * np.linalg.inv(basis.T @ basis)[0, 0]))
        straight = spread <= RAGGED * float(np.mean(np.diff(y, 3) ** 2)) / 20.0
        if not straight or any(abs(end - e) > NEAR * s for e, s in found):
            break
        found.append((end, error))
    return found[-1][0], found[-2 if len(found) > 1 else -1][1]


def noise_traces(training: Training) -> Array:
    r"""tr C of the noise of every gradient whose step was seen, (step,): from parts, else |g_{k+1} - g_k|^2 / 2.

    The second is too large by eta tr(H C) + ...: the noise of g_k moves the weights, and the gradient with them.
    """
    if training.scattered:
        return np.asarray(training.column("scatter2")[:-1][training.moved[1:]])
    return np.asarray(0.5 * _differences(training)[training.moved])


def noise_overlaps(training: Training) -> tuple[Array, Array]:
    r"""(d_k . d_{k-2})^2 and |d_k|^2 |d_{k-2}|^2, d_k = g_k - g_{k-1}: their means are 4 tr C^2 and 4 (tr C)^2."""
    d = _differences(training)
    overlap = training.column("cross") ** 2
    both = np.where(np.isfinite(overlap), np.concatenate([[np.nan, np.nan], d[2:] * d[:-2]]), np.nan)
    return np.asarray(overlap[training.moved]), both[training.moved]


def second_traces(training: Training) -> Array:
    """|g_{k+1} - g_{k-1}|^2 / 2: as ``noise_traces`` without parts, two steps apart, (step,), NaN at the first."""
    g2 = training.column("gradient2")
    apart = 0.5 * (g2[2:] + g2[:-2]) - training.column("second")[2:]
    return np.concatenate([[np.nan, np.nan], apart])[training.moved]


def _differences(training: Training) -> Array:
    g2 = training.column("gradient2")
    return np.concatenate([[np.nan], g2[1:] + g2[:-1]]) - 2.0 * training.column("neighbour")
