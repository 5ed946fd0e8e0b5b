r"""Quantities whose means are known exactly, sampled beside a run: what they explain of its numbers is luck.

The free twin of a replica starts at the same weights, gets the same noise and no force. Its fields B always have the
law N(0, |x|^2 T/k) and know nothing of the labels. Weights beside the patterns' span are at rest all the time; the
first work is done at weights that know nothing of the labels; random labels are fair and independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import ndtr

from .reach import matrix_product, pushes_in_span, span_of
from .rule import Rule
from .settings import Settings

if TYPE_CHECKING:
    from .outcome import LearningRun

Array = NDArray[np.float64]
LEVELS = (-1.0, -0.5, 0.0)
"""Fields of the twin, in standard deviations: those of answers that a push made right begin below zero."""
FAR = 9.0
"""Standard deviations of a field beyond which no loss counts."""
SURE = 1e-7
"""Relative error of a mean by quadrature above which it is not used."""


def answer_controls(run: LearningRun) -> Array | None:
    r"""Quantities of mean zero beside each answer: (replica, pattern, control). None where there is no twin.

    With b = label B / sd: b, theta(b - level) - Phi(-level), and label_mu x_mu sum_{nu != mu} x_nu F(B_nu, label_nu),
    how the twin's other patterns would push this one: label_mu is fair and independent of all in the sum.
    """
    s = run.settings
    if s.task.labelling != "random" or s.network is not None:
        return None
    overlaps = _overlaps(s)
    free = _free_fields(run, overlaps)
    if free is None:
        return None
    size = np.sqrt(np.diag(overlaps) * s.temperature / s.stiffness)
    b = run.labels * free / np.where(size > 0.0, size, 1.0)
    known = [b, *((b > level) - ndtr(-level) for level in LEVELS)]
    responses = _responses(s.rule, free, run.labels)
    if responses is not None:
        np.fill_diagonal(overlaps, 0.0)
        known.append(run.labels * matrix_product(overlaps, responses[0]).T)
    return np.stack(known, axis=2)


def heat_controls(run: LearningRun) -> Array:
    r"""Quantities of mean zero beside the heat, the more telling first: (replica, control).

    k/2 w^2 at the start, of the free twin at the end, and at the end beside the patterns' span of r dimensions, less
    N T/2 or (N - r) T/2; the loss at the start and that of the free twin, less their mean, which is the same
    (of an additive rule the first only: both and the energies are all there is to the heat of a quench, and its error
    would be rounding); sum_{mu != nu} label_mu label_nu x_mu x_nu.
    """
    s, t = run.settings, run.settings.temperature
    known = [run.initial_energy - 0.5 * s.n_weights * t]
    mean = None if run.initial_loss is None else _mean_initial_loss(s)
    if run.initial_loss is not None and mean is not None:
        known.append(run.initial_loss - mean)
    free_energy = _free_energy(run)
    if free_energy is not None:
        known.append(free_energy - 0.5 * s.n_weights * t)
    if run.free_fields is not None and mean is not None and not s.additive:
        responses = _responses(s.rule, run.free_fields, run.labels)
        if responses is not None:
            known.append(responses[1] - mean)
    if pushes_in_span(s) and s.task.n_patterns < s.n_weights:
        basis, _ = span_of(s.scaled_inputs)
        within = matrix_product(basis, np.ascontiguousarray(run.weights.T))
        beside = (run.weights * run.weights).sum(axis=1) - np.add.accumulate(within * within, axis=0)[-1]
        known.append(0.5 * s.stiffness * beside - 0.5 * (s.n_weights - len(basis)) * t)
    if s.task.labelling == "random" and s.network is None:
        overlaps = _overlaps(s)
        np.fill_diagonal(overlaps, 0.0)
        labels = np.ascontiguousarray(run.labels.T, dtype=np.float64)
        known.append(np.add.accumulate(labels * matrix_product(overlaps, labels), axis=0)[-1])
    return np.column_stack(known)


def _free_energy(run: LearningRun) -> Array | None:
    """k/2 w^2 of the twin at the end: (replica,). Under an additive rule that of w about its mean given the labels."""
    told = run.ledger.conditional_entropy_change
    if run.free_energy is not None or told is None:
        return run.free_energy
    return run.initial_energy + run.settings.temperature * told


def _free_fields(run: LearningRun, overlaps: Array) -> Array | None:
    """B: (replica, pattern). Under an additive rule what the fields are about their mean given the labels."""
    if run.free_fields is not None or run.gains is None:
        return run.free_fields
    told = np.ascontiguousarray((run.labels * run.gains).T)
    return np.asarray(run.fields - matrix_product(overlaps, told).T)


def _overlaps(settings: Settings) -> Array:
    """x_mu x_nu: (pattern, pattern)."""
    x = settings.scaled_inputs
    return matrix_product(x, np.ascontiguousarray(x.T))


def _responses(rule: Rule, fields: Array, labels: NDArray[Any]) -> tuple[Array, Array] | None:
    """F, (pattern, replica), and the loss of all patterns, (replica,); None without a compiled rule, or if it errs."""
    if rule.kernel is None:
        return None
    a, y = (np.ascontiguousarray(values.T, dtype=np.float64) for values in (fields, labels))
    found, loss, zero = np.empty_like(a), np.empty(a.shape[1]), np.zeros(a.shape[1])
    rule.kernel(a, y, np.zeros_like(a), zero, np.array(rule.parameters or (0.0,)), found, loss)
    return (found, loss) if np.all(np.isfinite(found)) and np.all(np.isfinite(loss)) else None


def _mean_initial_loss(settings: Settings) -> float | None:
    """sum_mu <loss(A, label)>, A ~ N(0, |x_mu|^2 T/k), over both labels where they are not fixed; None if not sure."""
    task, loss = settings.task, settings.rule.loss
    assert loss is not None
    sizes = np.sqrt((settings.scaled_inputs**2).sum(axis=1) * settings.temperature / settings.stiffness)
    labels = np.zeros(task.n_patterns) if task.labelling != "true" or task.labels is None else task.labels
    total = 0.0
    kinds, times = np.unique(np.column_stack([np.round(sizes, 12), labels]), axis=0, return_counts=True)
    for (size, label), count in zip(kinds, times, strict=True):

        def weighed(z: float, size: float = size, label: float = label) -> float:
            told = [label] if label else [-1.0, 1.0]
            losses = [loss(size * z, y, 0.0, 0.0, settings.rule.parameters) for y in told]
            return float(np.mean(losses) * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))

        try:
            mean, error = quad(weighed, -FAR, FAR, points=[0.0], limit=200)
        except OverflowError:  # a loss that grows too fast
            return None
        if not error <= SURE * max(1.0, abs(mean)):
            return None
        total += count * mean
    return total
