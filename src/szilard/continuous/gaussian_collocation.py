"""Moments of a linear system whose control moves, with the time integrals of what they cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import roots_jacobi

from .gaussian_control import Moving, finite

Array = NDArray[np.float64]
Rates = Callable[[Array, Array, Array], Array]
"""What is summed up: (times (time,), means (time, dim), covariances (time, dim, dim)) -> (time, quantity)."""
STAGES = 10
LARGEST = 10
"""Coordinates from which the dense systems of collocation cost more than small steps."""
AGREE = 1e-11
"""One step of order 19 and its halves; the error of the halves is smaller by 2^10 at least."""
STIFF = 2e4
"""Rate x time from which small steps have to be implicit."""


def no_rates(times: Array, means: Array, covariances: Array) -> Array:
    """Nothing is summed up: (time, 0)."""
    return np.zeros((times.size, 0))


def through(moving: Moving, mean: Array, covariance: Array, rates: Rates) -> tuple[Array, Array, Array]:
    """Mean and covariance at the end of a piece, and int rates dt, the last of which tells the size of the others.

    Radau IIA collocation with 10 stages on steps halved until they agree, whatever the stiffness; with many
    coordinates, or a control that is followed with a kink, small steps.
    Raises InputError where the state leaves floating point.

    E. Hairer and G. Wanner, Solving Ordinary Differential Equations II (1996).
    """
    if moving.coefficients is None or moving.n > LARGEST:
        return _by_small_steps(moving, mean, covariance, rates)
    sums = np.zeros(rates(np.array([moving.start]), mean[None], covariance[None]).shape[1])
    left = [(moving.start, moving.end)]
    with np.errstate(over="ignore", invalid="ignore"):
        whole = _step(moving, left[0], mean, covariance, rates)
        while left:
            start, end = left.pop()
            middle = 0.5 * (start + end)
            first = _step(moving, (start, middle), mean, covariance, rates)
            second = _step(moving, (middle, end), first[0], first[1], rates)
            both = (second[0], second[1], first[2] + second[2])
            for array in both:
                finite(array)
            if _agree(whole, both) or not start < middle < end:
                mean, covariance, sums = both[0], both[1], sums + both[2]
                if left:
                    whole = _step(moving, left[-1], mean, covariance, rates)
            else:
                left += [(middle, end), (start, middle)]
                whole = first
    return mean, covariance, sums


@cache
def _radau() -> tuple[Array, Array, Array]:
    """Nodes and weights on [0, 1], and the derivative at the nodes of the polynomial through 0 and them."""
    inner, weights = roots_jacobi(STAGES - 1, 1.0, 0.0)
    weights = np.append(weights / (1.0 - inner), 2.0 / STAGES**2)
    nodes = np.append(0.5 * (1.0 + inner), 1.0)
    x = np.concatenate([[0.0], nodes])
    apart = x[:, None] - x + np.eye(x.size)
    lever = 1.0 / np.prod(apart, axis=1)
    derivative = lever / lever[:, None] / apart
    derivative[np.diag_indices(x.size)] = 0.0
    derivative[np.diag_indices(x.size)] = -derivative.sum(axis=1)
    return nodes, 0.5 * weights, derivative[1:]


def _step(
    moving: Moving, span: tuple[float, float], mean: Array, covariance: Array, rates: Rates
) -> tuple[Array, Array, Array]:
    nodes, weights, derivative = _radau()
    n, length = moving.n, span[1] - span[0]
    times = span[0] + length * nodes
    H, h, _, G, g = moving.forces(times)
    A, b = moving.M @ (H - G), (h + g) @ moving.M
    one = np.eye(n)
    twice = (A[:, :, None, :, None] * one[:, None, :] + A[:, None, :, None, :] * one[:, None, :, None]).reshape(
        -1, n * n, n * n
    )
    m = _solved(derivative, length * A, length * b, mean)
    noise = np.broadcast_to(2.0 * length * moving.D.ravel(), (nodes.size, n * n))
    C = _solved(derivative, length * twice, noise, covariance.ravel()).reshape(-1, n, n)
    C = 0.5 * (C + C.transpose(0, 2, 1))
    return m[-1], C[-1], length * weights @ rates(times, m, C)


def _solved(derivative: Array, A: Array, b: Array, y: Array) -> Array:
    """The stages (stage, dim) of y' = b - A y: the polynomial that obeys it at every node."""
    s, n = b.shape
    system = np.einsum("jk,ab->jakb", derivative[:, 1:], np.eye(n))
    system[np.arange(s), :, np.arange(s), :] += A
    right = b - derivative[:, :1] * y
    return np.asarray(np.linalg.solve(system.reshape(s * n, s * n), right.ravel()).reshape(s, n))


def _agree(whole: tuple[Array, Array, Array], halves: tuple[Array, Array, Array]) -> bool:
    m, C, sums = halves
    sd = np.sqrt(np.abs(np.diag(C)))
    sizes = (np.abs(m) + sd, np.outer(sd, sd), np.abs(sums) + (abs(sums[-1]) if sums.size else 0.0))
    return all(np.all(np.abs(a - b) <= AGREE * size) for a, b, size in zip(whole, halves, sizes, strict=True))


def _by_small_steps(moving: Moving, mean: Array, covariance: Array, rates: Rates) -> tuple[Array, Array, Array]:
    n = moving.n

    def motion(time: float, y: Array) -> Array:
        now, m, C = np.array([time]), y[:n], y[n : n + n * n].reshape(n, n)
        H, h, _, G, g = moving.forces(now)
        A = moving.M @ (H[0] - G[0])
        flow = A @ C
        change = 2.0 * moving.D - flow - flow.T
        return np.concatenate([moving.M @ (h[0] + g[0]) - A @ m, change.ravel(), rates(now, m[None], C[None])[0]])

    extra = rates(np.array([moving.start]), mean[None], covariance[None]).shape[1]
    relaxed = np.diag(moving.D) * (moving.end - moving.start) / max(1.0, moving.stiffness)
    sd = np.sqrt(np.diag(covariance) + 2.0 * relaxed)
    T = float(moving.process.temperature.min())
    sizes = np.concatenate([np.abs(mean) + sd, np.outer(sd, sd).ravel(), np.full(extra, T)])
    y, span = np.concatenate([mean, covariance.ravel(), np.zeros(extra)]), (moving.start, moving.end)
    method, rtol = ("DOP853", 1e-13) if moving.stiffness < STIFF else ("Radau", 1e-11)
    with np.errstate(all="ignore"):
        found = solve_ivp(motion, span, y, method=method, rtol=rtol, atol=1e-2 * rtol * sizes, t_eval=span[1:])
    y = finite(np.asarray(found.y[:, -1] if found.success else np.array([np.nan])))
    C = y[n : n + n * n].reshape(n, n)
    return y[:n], 0.5 * (C + C.T), y[n + n * n :]
