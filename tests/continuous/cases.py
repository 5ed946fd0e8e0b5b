"""Lopsided Langevin processes, written as scalar functions and as functions of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard.continuous import Linear

Array = NDArray[np.float64]
WELL = (1.5, 0.3)


def well(w: Any, control: Any, parameters: Any) -> Any:
    return parameters[0] * (w[0] ** 2 - 1.0) ** 2 + parameters[1] * w[0] - control * w[0]


def well_slope(w: Any, control: Any, parameters: Any) -> Any:
    return 4.0 * parameters[0] * w[0] * (w[0] ** 2 - 1.0) + parameters[1] - control


def well_of_arrays(w: Array, control: float) -> Array:
    return np.asarray(1.5 * (w[:, 0] ** 2 - 1.0) ** 2 + 0.3 * w[:, 0] - control * w[:, 0])


def well_slope_of_arrays(w: Array, control: float) -> Array:
    return 4.0 * 1.5 * w * (w**2 - 1.0) + 0.3 - control


def bowl(w: Any, control: Any, parameters: Any) -> Any:
    return w[0] ** 2 + 0.4 * w[1] ** 2 + 0.5 * w[0] * w[1] + 0.6 * math.sin(w[0]) + 0.1 * w[1] ** 4


def bowl_slope(w: Any, control: Any, parameters: Any) -> Any:
    return 2.0 * w[0] + 0.5 * w[1] + 0.6 * math.cos(w[0]), 0.8 * w[1] + 0.5 * w[0] + 0.4 * w[1] ** 3


def swirl(w: Any, control: Any, parameters: Any) -> Any:
    return 0.9 * w[1], -0.4 * w[0] + 0.2


def moved(temperature: float = 0.7, mobility: float = 1.3) -> sz.Langevin:
    """A double well that a control tilts."""
    return sz.Langevin(
        potential=well, gradient=well_slope, dim=1, compiled=True, parameters=WELL, temperature=temperature,
        mobility=mobility,
    )  # fmt: skip


def moved_of_arrays() -> sz.Langevin:
    """The same, of arrays."""
    return sz.Langevin(potential=well_of_arrays, gradient=well_slope_of_arrays, dim=1, temperature=0.7, mobility=1.3)


def stirred(temperature: Any = 0.8) -> sz.Langevin:
    """Two coordinates in a bowl that is not harmonic, stirred by a force that no energy explains."""
    return sz.Langevin(
        swirl, bowl, gradient=bowl_slope, dim=2, compiled=True, temperature=temperature, mobility=[1.4, 0.6]
    )


def sheared() -> sz.Langevin:
    """Three linear coordinates, drift not normal, two different mobilities, driven."""
    hessian = [[2.0, 0.3, 0.0], [0.3, 1.1, -0.2], [0.0, -0.2, 0.7]]
    turn = [[0.0, 0.9, 0.0], [-0.1, 0.0, 0.4], [0.0, 0.2, 0.0]]
    return sz.Langevin(
        linear=Linear(hessian, [0.5, 0.0, -0.3], swirl=turn, push=[0.1, 0.0, 0.2]), dim=3, temperature=0.6,
        mobility=[1.0, 0.5, 2.0],
    )  # fmt: skip


WAY = sz.Protocol((0.0, 0.0, 0.6, 0.6, 1.2), (0.0, 0.6, -0.5, 0.3, -0.7))
"""Sudden at the start and in the middle."""
