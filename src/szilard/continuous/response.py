"""Energy and forces of a process over a block of states: in NumPy, or compiled from scalar functions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.diffusion import linear_response
from .._kernels.response import APART, compile_functions

if TYPE_CHECKING:
    from .process import Langevin

Array = NDArray[np.float64]


def finite_difference(energies: Callable[[Array], Array], w: Array) -> Array:
    """dU/dw = [8 (U(w + h) - U(w - h)) - (U(w + 2h) - U(w - 2h))] / 12h in every coordinate: (replica, dim)."""
    found = np.empty_like(w)
    for i in range(w.shape[1]):
        h = APART * (1.0 + np.abs(w[:, i]))
        at = []
        for steps in (1.0, -1.0, 2.0, -2.0):
            x = w.copy()
            x[:, i] += steps * h
            at.append(energies(x))
        found[:, i] = (8.0 * (at[0] - at[1]) - (at[2] - at[3])) / (12.0 * h)
    return found


def point_by_point(
    function: Callable[..., Any], w: Array, control: float | None, parameters: tuple[float, ...], shape: tuple[int, ...]
) -> Array:
    """A scalar function at every state, one by one, in Python."""
    held = 0.0 if control is None else control
    found = np.array([function(tuple(map(float, row)), held, parameters) for row in w], dtype=np.float64)
    return found.reshape(shape) if found.size == int(np.prod(shape)) else found


def block_by_block(process: Langevin, role: str, w: Array, control: float | None) -> Array:
    """The same, compiled: "potential" (replica,), "gradient" or "force" (replica, dim)."""
    states = np.ascontiguousarray(w.T)
    energy, slope, push = np.empty(w.shape[0]), np.empty_like(states), np.empty_like(states)
    held = 0.0 if control is None else float(control)
    process.response(states, held, np.array(process.parameters or (0.0,)), energy, slope, push)
    return energy if role == "potential" else np.ascontiguousarray(-slope.T if role == "gradient" else push.T)


def compile_response(process: Langevin) -> Any:
    """response(w, control, parameters, energy, slope, push) over a block of lanes; None where it has to be NumPy."""
    if process.is_linear:
        return linear_response.code
    if not process.compiled:
        return None
    potential, gradient, force = (process.function(role) for role in ("potential", "gradient", "force"))
    try:
        return compile_functions(potential, gradient, force, process.dim, process.parameters)
    except Exception as error:  # Numba has no common base for what it cannot compile
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        text = f"{process.name} cannot be compiled ({first}); it runs in Python, many times slower"
        warnings.warn(text, RuntimeWarning, stacklevel=3)
        return None
