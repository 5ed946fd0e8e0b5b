"""Lopsided linear systems, and their moments by small steps written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

import szilard as sz
from szilard.continuous import Gaussian, Langevin, Linear

Array = NDArray[np.float64]
START = Gaussian([0.4, -1.0], [[0.5, 0.2], [0.2, 0.8]])
MOBILITY = np.array([0.7, 1.6])
WAY = sz.Protocol([0.0, 0.0, 1.0, 1.0, 2.0, 2.5, 2.5], [0.2, 0.5, 0.9, 0.4, 0.4, 0.1, 0.6])
"""Moves, rests, moves, and jumps at the start, in between and at the end."""
PIECES = ((0.0, 1.0, 0.5, 0.9), (1.0, 2.0, 0.4, 0.4), (2.0, 2.5, 0.4, 0.1))
JUMPS = {0.0: (0.2, 0.5), 1.0: (0.9, 0.4), 2.5: (0.1, 0.6)}


def force(hessian: Any, pull: Any, constant: float = 0.0, swirl: Any = 0.0, push: Any = 0.0) -> Linear:
    """U = w.H w/2 - h.w + c and f = G w + g from lists."""
    h = np.asarray(pull, dtype=np.float64)
    n = h.size
    G, g = np.broadcast_to(swirl, (n, n)), np.broadcast_to(push, (n,))
    return Linear(np.asarray(hessian, dtype=np.float64), h, constant, np.array(G, float), np.array(g, float))


def moved(control: float) -> Linear:
    """Not normal, driven, manipulated in every part, and not linear in the control."""
    H = [[2.0 + control**2, 0.6 * control], [0.6 * control, 1.5]]
    G = [[0.1, 0.8 - control], [-0.5, 0.2]]
    return force(H, [control, -0.3], 0.2 * np.sin(control), swirl=G, push=[0.3, control])


def slope(control: float) -> Linear:
    """d/dcontrol of the energy of ``moved``."""
    return force([[2.0 * control, 0.6], [0.6, 0.0]], [1.0, 0.0], 0.2 * np.cos(control))


def gyrator(temperature: object = (0.5, 2.0)) -> Langevin:
    """Two coordinates with a mobility and, here, a temperature each."""
    return Langevin(linear=moved, dim=2, mobility=MOBILITY, temperature=np.array(temperature))


@dataclass(frozen=True)
class Told:
    """mean, covariance; heat of each coordinate; work and adiabatic part."""

    mean: Array
    covariance: Array
    heat: Array
    work: float


def told(T: Array, at: Callable[[float], Linear] = moved, change: Callable[[float], Linear] = slope) -> Told:
    """Q_i = int <F_i nu_i> and W = int <dU/dlambda> dlambda + int <f.nu> + jumps from START along WAY.

    <F_i nu_i> with nu the local mean velocity F_i mu_i - D_i d_i ln p: a formula of the code tested appears nowhere.
    """
    m, C, heat, work = START.mean.copy(), START.covariance.copy(), np.zeros(2), 0.0

    def raised(controls: tuple[float, float]) -> float:
        before, after = at(controls[0]), at(controls[1])
        H = after.hessian - before.hessian
        return float(
            0.5 * np.trace(H @ (C + np.outer(m, m)))
            - (after.pull - before.pull) @ m
            + (after.constant - before.constant)
        )

    for start, end, a, b in PIECES:
        if start in JUMPS:
            work += raised(JUMPS[start])

        def motion(t: float, y: Array, s: float = start, e: float = end, a: float = a, b: float = b) -> Array:
            control = a + (t - s) / (e - s) * (b - a)
            now, m, C = at(control), y[:2], y[2:6].reshape(2, 2)
            G, g = np.asarray(now.swirl), np.asarray(now.push)
            D = np.diag(MOBILITY * T)
            A = MOBILITY[:, None] * (now.hessian - G)
            c = MOBILITY * (now.pull + g)
            # nu = v + V (w - m), F = F0 + J (w - m): <F_i nu_i> = F0_i v_i + (J C V^T)_ii
            v, V = c - A @ m, D @ np.linalg.inv(C) - A
            J = -(now.hessian - G)
            heat = (now.pull + g + J @ m) * v + np.diag(J @ C @ V.T)
            push = (g + G @ m) @ v + np.trace(G @ C @ V.T)
            rise = change(control)
            lift = 0.5 * np.trace(rise.hessian @ (C + np.outer(m, m))) - rise.pull @ m + rise.constant
            spread = V @ C + C @ V.T
            return np.concatenate([v, spread.ravel(), heat, [push + lift * (b - a) / (e - s)]])

        y = np.concatenate([m, C.ravel(), np.zeros(3)])
        found = solve_ivp(motion, (start, end), y, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        m, C = found[:2], found[2:6].reshape(2, 2)
        heat, work = heat + found[6:8], work + float(found[8])
    work += raised(JUMPS[2.5])
    return Told(m, C, heat, work)
