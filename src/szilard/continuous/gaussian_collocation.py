"""Moments of a linear system whose control moves, with the time integrals of what they cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import roots_jacobi

from ..errors import InputError
from .gaussian_control import Moving, finite

Array = NDArray[np.float64]
Rates = Callable[[Array, Array, Array], Array]
"""What is summed up: (times (time,), means (time, dim), covariances (time, dim, dim)) -> (time, quantity)."""
State = tuple[Array, Array, Array]
Step = Callable[[float, float, State], State]
"""(start, end, state at the start) -> state at the end."""
STAGES = 10
LARGEST = 10
"""Coordinates from which the dense systems of collocation cost more than small steps."""
AGREE = 1e-11
"""One step of order 19 and its halves; the error of the halves is smaller by 2^10 at least."""
MOST, SHORTEST = 20000, 1e-15
"""Steps through one piece, and the part of it at which a kink of the control counts as met."""
STIFF = 2e4
"""Rate x time from which small steps have to be implicit."""


def no_rates(times: Array, means: Array, covariances: Array) -> Array:
    """Nothing is summed up: (time, 0)."""
    return np.zeros((times.size, 0))


def through(moving: Moving, mean: Array, covariance: Array, rates: Rates) -> State:
    """Mean and covariance at the end of a piece, and int rates dt, the last of which tells the size of the others.

    By ``halved`` collocation, with many coordinates by small steps. Raises InputError where the state leaves floating
    point.
    """
    if moving.n > LARGEST:
        return _by_small_steps(moving, mean, covariance, rates)
    sums = np.zeros(rates(np.array([moving.start]), mean[None], covariance[None]).shape[1])

    def step(start: float, end: float, state: State) -> State:
        return _step(moving, start, end, state, rates)

    return halved(step, moving.start, moving.end, (mean, covariance, sums), _agree)


def halved(step: Step, start: float, end: float, state: State, agree: Callable[[State, State], bool]) -> State:
    """The state at the end, by steps that are halved until the halves agree with the whole.

    Raises InputError where it leaves floating point.
    """
    left, steps, least = [(start, end)], 0, SHORTEST * (end - start)
    with np.errstate(over="ignore", invalid="ignore"):
        whole = step(start, end, state)
        while left:
            start, end = left.pop()
            if (steps := steps + 1) > MOST:
                rule = f"needs more than {MOST} steps: forces vary too fast along it"
                raise InputError("protocol", f"the time from {start:g} on", rule, "give it in shorter pieces")
            middle = 0.5 * (start + end)
            first = step(start, middle, state)
            second = step(middle, end, first)
            for array in second:
                finite(array)
            if agree(whole, second) or end - start <= least:
                state = second
                if left:
                    whole = step(*left[-1], state)
            else:
                left += [(middle, end), (start, middle)]
                whole = first
    return state


@cache
def radau() -> tuple[Array, Array, Array]:
    """Nodes and weights of Radau IIA on [0, 1], and the derivative at the nodes of the polynomial through 0 and them.

    E. Hairer and G. Wanner, Solving Ordinary Differential Equations II (1996).
    """
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


def stages(A: Array, b: Array, y: Array) -> Array:
    """The stages (stage, dim) of y' = b - A y: the polynomial that obeys it at every node of a step of length 1."""
    _, _, derivative = radau()
    s, n = b.shape
    system = np.einsum("jk,ab->jakb", derivative[:, 1:], np.eye(n))
    system[np.arange(s), :, np.arange(s), :] += A
    right = b - derivative[:, :1] * y
    return np.asarray(np.linalg.solve(system.reshape(s * n, s * n), right.ravel()).reshape(s, n))


def on_both_sides(A: Array) -> Array:
    """The matrices (stage, dim^2, dim^2) of Y -> A Y + Y A^T."""
    n, one = A.shape[1], np.eye(A.shape[1])
    left = A[:, :, None, :, None] * one[:, None, :]
    right = A[:, None, :, None, :] * one[:, None, :, None]
    return np.asarray((left + right).reshape(-1, n * n, n * n))


def _step(moving: Moving, start: float, end: float, state: State, rates: Rates) -> State:
    mean, covariance, sums = state
    nodes, weights, _ = radau()
    n, length = moving.n, end - start
    times = start + length * nodes
    H, h, _, G, g = moving.forces(times)
    A, b = moving.M @ (H - G), (h + g) @ moving.M
    m = stages(length * A, length * b, mean)
    noise = np.broadcast_to(2.0 * length * moving.D.ravel(), (nodes.size, n * n))
    C = stages(length * on_both_sides(A), noise, covariance.ravel()).reshape(-1, n, n)
    C = 0.5 * (C + C.transpose(0, 2, 1))
    return m[-1], C[-1], sums + length * weights @ rates(times, m, C)


def _agree(whole: State, halves: State) -> bool:
    m, C, sums = halves
    sd = np.sqrt(np.abs(np.diag(C)))
    sizes = (np.abs(m) + sd, np.outer(sd, sd), np.abs(sums) + (abs(sums[-1]) if sums.size else 0.0))
    return all(np.all(np.abs(a - b) <= AGREE * size) for a, b, size in zip(whole, halves, sizes, strict=True))


def _by_small_steps(moving: Moving, mean: Array, covariance: Array, rates: Rates) -> State:
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
