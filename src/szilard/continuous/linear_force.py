"""A force that is linear in the state, at one value of the control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..markup import table_of_fields

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """U = w.H w/2 - h.w + c and f = G w + g, so that F = -dU/dw + f = (G - H) w + h + g.

    hessian: H (dim, dim), symmetric; pull: h (dim,); constant: c; in units of k_B T0 over powers of length.
    swirl: G (dim, dim) and push: g (dim,), the part of the force that no energy explains.
    Raises InputError for shapes that do not fit, values that are not finite, or a hessian that is not symmetric.

    >>> Linear(hessian=[[2.0]], pull=[2.0], constant=1.0).energies(np.array([[1.0], [3.0]]))
    array([0., 4.])
    """

    hessian: Array
    pull: Array
    constant: float
    swirl: Array
    push: Array

    def __init__(
        self,
        hessian: ArrayLike,
        pull: ArrayLike,
        constant: float = 0.0,
        swirl: ArrayLike | None = None,
        push: ArrayLike | None = None,
    ) -> None:
        H = _numbers("hessian", hessian)
        if H.ndim != 2 or H.shape[0] != H.shape[1] or H.shape[0] == 0:
            raise InputError("hessian", H.shape, "must be a square matrix", "give the second derivatives of U")
        n = H.shape[0]
        if (np.abs(H - H.T) > 1e-14 * np.abs(H).max()).any():
            fix = "put what is antisymmetric into swirl: no energy explains it"
            raise InputError("hessian", H.tolist(), "must be symmetric", fix)
        object.__setattr__(self, "hessian", H)
        object.__setattr__(self, "constant", float(_shaped("constant", constant, ())))
        for name, given, shape in (("pull", pull, (n,)), ("swirl", swirl, (n, n)), ("push", push, (n,))):
            object.__setattr__(self, name, np.zeros(shape) if given is None else _shaped(name, given, shape))

    @property
    def conservative(self) -> bool:
        """Whether the energy explains the whole force."""
        return not (np.any(self.swirl) or np.any(self.push))

    @property
    def matrix(self) -> Array:
        """H - G, so that F = (h + g) - (H - G) w: (dim, dim)."""
        return np.asarray(self.hessian - self.swirl)

    @property
    def offset(self) -> Array:
        """h + g, the force at w = 0: (dim,)."""
        return np.asarray(self.pull + self.push)

    def energies(self, w: Array) -> Array:
        """U of every replica: (replica,)."""
        return np.asarray(0.5 * ((w @ self.hessian) * w).sum(axis=1) - w @ self.pull + self.constant)

    def slopes(self, w: Array) -> Array:
        """-dU/dw: (replica, dim)."""
        return np.asarray(self.pull - w @ self.hessian)

    def pushes(self, w: Array) -> Array:
        """f: (replica, dim)."""
        return np.asarray(self.push + w @ self.swirl.T)

    def packed(self) -> Array:
        """All numbers in a row, as the kernel reads them: H, h, c, G, g."""
        return np.concatenate([self.hessian.ravel(), self.pull, [self.constant], self.swirl.ravel(), self.push])

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def _shaped(name: str, given: Any, shape: tuple[int, ...]) -> Array:
    found = _numbers(name, given)
    if found.shape != shape:
        raise InputError(name, found.shape, f"must have shape {shape}", "as many rows as the hessian")
    return found


def _numbers(name: str, given: Any) -> Array:
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if not np.isfinite(found).all():
        raise InputError(name, given, "must be finite numbers", "check what is divided by")
    return found
