"""Integrals over densities made of Gaussians, on a line and in a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from ..errors import InputError
from .gaussian import Gaussian

Array = NDArray[np.float64]
REACH = 12.0
"""Standard deviations that are covered: e^{-72} is left out."""
POINTS = 1 << 20
MOST = 1 << 26
"""Points evaluated at once, and altogether."""


def line_integral(function: Callable[[Array], Array], parts: Sequence[Gaussian], seen: Sequence[Gaussian]) -> float:
    """int f(x) dx over the reach of ``parts``, by Gauss-Legendre rules on intervals halved until they agree.

    function: (point,) -> (point,), negligible outside; the first intervals are standard deviations of parts and of
    ``seen``.
    """
    steps = np.arange(-REACH, REACH + 1.0)
    sd = np.array([part.root[0, 0] for part in parts])
    ends = [(part.mean[0] - REACH * s, part.mean[0] + REACH * s) for part, s in zip(parts, sd, strict=True)]
    low, high = min(a for a, _ in ends), max(b for _, b in ends)
    marks = np.concatenate([part.mean[0] + part.root[0, 0] * steps for part in (*parts, *seen)])
    marks = np.unique(np.clip(marks, low, high))
    _, first = np.unique(np.floor((marks - low) / (0.5 * sd.min())), return_index=True)
    edges = np.append(marks[first], high) if marks[first[-1]] < high else marks[first]
    nodes, weights = np.polynomial.legendre.leggauss(16)

    def rule(a: Array, b: Array) -> Array:
        found, rows = np.empty(a.size), max(1, POINTS // (nodes.size * (len(parts) + len(seen))))
        for i in range(0, a.size, rows):
            half = 0.5 * (b[i : i + rows] - a[i : i + rows])
            x = (a[i : i + rows] + half)[:, None] + half[:, None] * nodes
            found[i : i + rows] = half * (function(x.ravel()).reshape(x.shape) @ weights)
        return found

    a, b, total, scale = edges[:-1], edges[1:], 0.0, 0.0
    whole = rule(a, b)
    while a.size:
        middle = 0.5 * (a + b)
        left, right = rule(a, middle), rule(middle, b)
        scale = max(scale, float(np.abs(left + right).sum()))
        rounding = 1e-13 + 1e-15 * np.maximum(np.abs(a), np.abs(b)) / (b - a)
        done = np.abs(left + right - whole) <= 1e-15 * scale + rounding * np.abs(whole)
        total += float((left + right)[done].sum())
        a, b = np.concatenate([a[~done], middle[~done]]), np.concatenate([middle[~done], b[~done]])
        whole = np.concatenate([left[~done], right[~done]])
    return total


def plane_integral(function: Callable[[Array], Array], parts: Sequence[Gaussian], seen: Sequence[Gaussian]) -> float:
    """int f(w) d^2w over the reach of ``parts`` by the trapezoid rule, on a grid refined until two agree to 1e-9.

    function: (point, 2) -> (point,), negligible outside. Raises InputError where the widths are too unlike for a grid.
    """
    root = np.linalg.cholesky(np.mean([part.covariance for part in parts], axis=0))
    centre = np.mean([part.mean for part in parts], axis=0)

    def seen_from(part: Gaussian) -> tuple[Array, Array]:
        turned = solve_triangular(root, part.root, lower=True)
        return solve_triangular(root, part.mean - centre, lower=True), turned @ turned.T

    local = [seen_from(part) for part in parts]
    sd = np.sqrt([np.diag(C) for _, C in local])
    low = np.min([m for m, _ in local] - REACH * sd, axis=0)
    high = np.max([m for m, _ in local] + REACH * sd, axis=0)
    width = min(float(np.linalg.eigvalsh(C)[0]) for _, C in [*local, *map(seen_from, seen)]) ** 0.5
    volume, last, h = float(np.prod(np.diag(root))), np.inf, 0.5 * width
    while float(np.prod((high - low) / h)) < MOST:
        x, y = (np.arange(a, b + h, h) for a, b in zip(low, high, strict=True))
        found, rows = 0.0, max(1, POINTS // (y.size * (len(parts) + len(seen))))
        for i in range(0, x.size, rows):
            z = np.stack(np.meshgrid(x[i : i + rows], y, indexing="ij"), axis=-1).reshape(-1, 2)
            found += float(function(centre + z @ root.T).sum())
        found *= h * h * volume
        # the error of the rule falls like e^{-c/h}: it is the square of this difference, or smaller
        if abs(found - last) <= 1e-9 * (1.0 + abs(found)):
            return float(found)
        last, h = found, 0.5 * h
    rule = "are too unlike for a grid of the plane"
    raise InputError("components", f"widths down to {width:.3g}", rule, "compare components of similar width")
