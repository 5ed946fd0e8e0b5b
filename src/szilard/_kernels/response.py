"""Scalar functions of one state, compiled into one function over a block of lanes (see ``diffusion.RESPONSE``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.cpython.unsafe.tuple import tuple_setitem
from numba.np.unsafe.ndarray import to_fixed_tuple

from .diffusion import RESPONSE
from .flags import compile_now, inline
from .source import described

APART = 1e-3
"""Relative to 1 + |w|: the step of the five-point derivative, U' - (...) = h^4 U^(5) / 30 + eps U / h."""

Function = Callable[..., Any] | None


def compile_functions(
    potential: Function, gradient: Function, force: Function, dim: int, parameters: tuple[float, ...]
) -> Any:
    """respond(w, control, parameters, energy, slope, push): U, -dU/dw and f of every lane, w (dim, lane)."""
    given = (potential, gradient, force)
    stamp = b"\0".join(described(f.__code__) if f is not None else b"none" for f in given)
    bare = [g is None or np.ndim(g((0.5,) * dim, 1.0, parameters)) == 0 for g in given]
    U, dU, f = (None if g is None else inline(g) for g in given)
    point, values = _point(dim), _values(len(parameters))
    scalar_gradient, scalar_force = bare[1], bare[2]

    def respond(w, control, parameters, energy, slope, push):
        p = values(parameters)
        for lane in range(w.shape[1]):
            x = point(w, lane)
            if U is None:
                energy[lane] = 0.0
                for i in range(dim):
                    slope[i, lane] = 0.0
            else:
                energy[lane] = U(x, control, p)
                if dU is None:
                    for i in range(dim):
                        h = APART * (1.0 + abs(w[i, lane]))
                        near = U(tuple_setitem(x, i, w[i, lane] + h), control, p)
                        near -= U(tuple_setitem(x, i, w[i, lane] - h), control, p)
                        far = U(tuple_setitem(x, i, w[i, lane] + 2.0 * h), control, p)
                        far -= U(tuple_setitem(x, i, w[i, lane] - 2.0 * h), control, p)
                        slope[i, lane] = -(8.0 * near - far) / (12.0 * h)
                elif scalar_gradient:
                    slope[0, lane] = -dU(x, control, p)
                else:
                    g = dU(x, control, p)
                    for i in range(dim):
                        slope[i, lane] = -g[i]
            if f is None:
                for i in range(dim):
                    push[i, lane] = 0.0
            elif scalar_force:
                push[0, lane] = f(x, control, p)
            else:
                s = f(x, control, p)
                for i in range(dim):
                    push[i, lane] = s[i]

    return compile_now(respond, RESPONSE.signature, stamp, f"{dim} {len(parameters)} {bare}".encode())


def _point(dim: int) -> Any:
    """The state of one lane as a tuple."""
    if dim == 1:
        return numba.njit(lambda w, lane: (w[0, lane],), inline="always")
    if dim == 2:
        return numba.njit(lambda w, lane: (w[0, lane], w[1, lane]), inline="always")
    if dim == 3:
        return numba.njit(lambda w, lane: (w[0, lane], w[1, lane], w[2, lane]), inline="always")
    return numba.njit(lambda w, lane: to_fixed_tuple(w[:, lane].copy(), dim), inline="always")


def _values(number: int) -> Any:
    if number == 0:
        return numba.njit(lambda parameters: (), inline="always")
    return numba.njit(lambda parameters: to_fixed_tuple(parameters, number), inline="always")
