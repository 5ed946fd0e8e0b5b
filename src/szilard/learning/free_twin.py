r"""What the same noise does alone tells part of what a replica learned by luck.

The free twin of a replica starts at the same weights, gets the same noise and no force. Its fields B always have the
law N(0, |x|^2 T/k) and know nothing of the labels, so that functions of both have means that are known exactly. What
they explain of a right answer, theta(label A), is taken from it: the mean stays, the error shrinks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from .._kernels import learning as kernels
from .rule import Rule

if TYPE_CHECKING:
    from .outcome import LearningRun

Array = NDArray[np.float64]
LEVELS = (-1.0, -0.5, 0.0)
"""Fields of the twin, in standard deviations: those of answers that a push made right begin below zero."""


def answer_controls(run: LearningRun) -> Array | None:
    r"""Quantities of mean zero beside each answer: (replica, pattern, control). None where there is no twin.

    With b = label B / sd: b, theta(b - level) - Phi(-level), and label_mu x_mu sum_{nu != mu} x_nu F(B_nu, label_nu),
    how the twin's other patterns would push this one: label_mu is fair and independent of all in the sum.
    """
    s = run.settings
    if run.free_fields is None or s.task.labelling != "random":
        return None
    x = s.scaled_inputs
    overlaps = np.empty((len(x), len(x)))
    kernels.measure_fields(x, np.ascontiguousarray(x.T), overlaps)
    size = np.sqrt(np.diag(overlaps) * s.temperature / s.stiffness)
    b = run.labels * run.free_fields / np.where(size > 0.0, size, 1.0)
    known = [b, *((b > level) - ndtr(-level) for level in LEVELS)]
    np.fill_diagonal(overlaps, 0.0)
    pushes = _pushes(s.rule, run.free_fields, run.labels)
    if pushes is not None:
        pushed = np.empty_like(pushes)
        kernels.measure_fields(overlaps, pushes, pushed)
        known.append(run.labels * pushed.T)
    return np.stack(known, axis=2)


def _pushes(rule: Rule, fields: Array, labels: NDArray[Any]) -> Array | None:
    """F at these fields, (pattern, replica); None where there is no compiled rule or it goes wrong."""
    if rule.kernel is None:
        return None
    a, y = (np.ascontiguousarray(values.T, dtype=np.float64) for values in (fields, labels))
    found, loss, zero = np.empty_like(a), np.empty(a.shape[1]), np.zeros(a.shape[1])
    rule.kernel(a, y, np.zeros_like(a), zero, np.array(rule.parameters or (0.0,)), found, loss)
    return found if np.all(np.isfinite(found)) else None
