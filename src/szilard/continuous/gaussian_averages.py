"""Exact heat, work and entropy of linear systems from the moments of their state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_lyapunov

from .averages import Energetics
from .course import Course
from .gaussian import Gaussian
from .gaussian_collocation import through
from .gaussian_control import Moving, Piece, finite, held
from .gaussian_motion import advance, moments_integral
from .gaussian_route import initial_gaussian, stationary_or_none
from .linear_force import Linear
from .mixture import Mixture
from .process import Langevin
from .transition import drift_of, transition

Array = NDArray[np.float64]
DIGITS, MOVING = 1e-14, 1e-12
"""Rounding of what is summed up where the control is held, and the error where it moves."""
MIXED = (1e-11, 1e-8)
"""Error of the entropy of a mixture in one dimension and in more."""


@dataclass(frozen=True)
class Sums:
    """Heat by coordinate, work, adiabatic part and absolute energies of one piece; adiabatic is NaN where none is."""

    heat: Array
    work: float
    adiabatic: float
    gross: float


def gaussian_energetics(course: Course, initial: Gaussian | Mixture | str) -> Energetics:
    r"""Q_r = sum_{i in r} int <F_i o dw_i>,  W = int <dU/dlambda> dlambda + sum_i int <f_i o dw_i>,

        adiabatic = int <nu_ss.D^{-1} nu_ss> dt,  nu_ss = (D C_ss^{-1} - A)(w - m_ss).

    Means over trajectories under the protocol, sudden changes at both ends included. initial: a Gaussian, a Mixture
    (each component moves on its own; heat and work need the moments only, entropies are the mixture's),
    "equilibrium" or "stationary". With X = C A^T - D the heat of a coordinate is the diagonal of
    (H - G) int X dt, X = -dC/dt / 2 + its antisymmetric part, plus what the means do. Heat, work and the change of
    energy come from separate sums, unless H or h is not smooth in the control: W then follows from the first law.
    The adiabatic part is None if any moment has no stationary state. Raises InputError as ``gaussian_propagate``.

    K. Sekimoto, Stochastic Energetics (2010); splitting: M. Esposito and C. Van den Broeck, PRL 104, 090601 (2010).

    >>> from szilard.continuous import Langevin, Linear
    >>> from szilard.continuous.course import course_of
    >>> from szilard.protocol import Protocol
    >>> trap = Langevin(linear=lambda k: Linear([[k]], [0.0]), dim=1)
    >>> gaussian_energetics(course_of(trap, Protocol([0, 0], [1, 3]), 30.0), "equilibrium").work  # (3 - 1) <w^2> / 2
    1.0
    """
    process, first = course.process, initial_gaussian(course, initial)
    m, C = first.mean, first.covariance
    parts = list(first.components) if isinstance(first, Mixture) else [first]
    nodes = zip(course.times, course.times[1:], course.controls, course.controls[1:], strict=False)
    U0 = energy = mean_energy(process.linear_at(course.controls[0]), m, C)
    heat, work, adiabatic, error = np.zeros(process.dim), 0.0, 0.0, 0.0
    gross = abs(energy)
    for piece in nodes:
        start, end, before, after = piece
        if end > start:
            found = _held_sums(process, piece, m, C) if held(piece) else _moving_sums(process, piece, m, C)
            m, C = advance(process, piece, m, C)
            parts = [Gaussian(*advance(process, piece, part.mean, part.covariance)) for part in parts]
            energy = mean_energy(process.linear_at(after), m, C)
            heat, work, adiabatic = heat + found.heat, work + found.work, adiabatic + found.adiabatic
            gross += found.gross
            error += found.gross * (DIGITS if held(piece) else MOVING)
        elif before != after:
            step = mean_energy(process.linear_at(after), m, C) - energy
            energy, work, gross = energy + step, work + step, gross + abs(step)
    last = Mixture(first.weights, parts) if isinstance(first, Mixture) else parts[0]
    T = process.temperatures
    into = np.bincount(process.bath, weights=heat, minlength=T.size).astype(np.float64)
    entropy = last.entropy - first.entropy
    total = float(entropy + np.sum(into / T))
    steady = None if np.isnan(adiabatic) else float(adiabatic)
    mixed = 2.0 * MIXED[min(process.dim, 2) - 1] if isinstance(first, Mixture) else 0.0
    return Energetics(
        heat=into,
        work=work,
        energy_change=energy - U0,
        system_entropy_change=entropy,
        entropy_production=total,
        adiabatic=steady,
        nonadiabatic=None if steady is None else total - steady,
        error=(error + DIGITS * gross) * max(1.0, 1.0 / float(T.min())) + mixed,
        gross=gross,
        reservoirs=process.reservoirs,
        method="moments of a Gaussian",
    )


def mean_energy(at: Linear, mean: Array, covariance: Array) -> float:
    """<U> = m.H m / 2 + tr(H C) / 2 - h.m + c."""
    return float(at.energies(mean[None])[0] + 0.5 * np.sum(at.hessian * covariance))


def _held_sums(process: Langevin, piece: Piece, m: Array, C: Array) -> Sums:
    """Moments of (w - origin, 1), so that means and fluctuations are one matrix Y."""
    start, end, control, _ = piece
    (A, b, D), at, steady = drift_of(process, control), process.linear_at(control), stationary_or_none(process, control)
    n, origin = process.dim, m
    if steady is not None:
        decay, _, _ = transition(A, b, D, end - start)
        gap = m - steady.mean
        # sums about the end of the relaxation if it is reached, else about the start: whichever stays small
        origin = steady.mean if np.abs(decay @ gap).sum() <= 0.5 * np.abs(gap).sum() else m
    wide, noise, Y = np.zeros((n + 1, n + 1)), np.zeros((n + 1, n + 1)), np.zeros((n + 1, n + 1))
    wide[:n, :n], wide[:n, n], noise[:n, :n] = A, A @ origin - b, D
    gap = np.append(m - origin, 1.0)
    Y += np.outer(gap, gap)
    Y[:n, :n] += C
    with np.errstate(over="ignore", invalid="ignore"):
        later, total = moments_integral(wide, noise, Y, end - start)
    finite(total)
    turned = total @ wide.T
    X = -0.5 * (later - Y) + 0.5 * (turned - turned.T)
    K = np.column_stack([at.matrix, at.matrix @ origin - at.offset])
    assert at.swirl is not None and at.push is not None
    pushed = np.column_stack([at.swirl, at.swirl @ origin + at.push])
    heat = np.einsum("ij,ji->i", K, X[:, :n])
    work = -float(np.einsum("ij,ji->", pushed, X[:, :n]))
    spent = np.einsum("ij,ji->i", K, turned[:, :n]) + np.abs(np.diag(at.matrix @ D)) * (end - start)
    adiabatic = np.nan
    if steady is not None:
        R = A - D @ steady.precision
        R = np.column_stack([R, R @ (origin - steady.mean)])
        adiabatic = float(np.sum(R * np.linalg.solve(D, R @ total)))
        if at.conservative and np.all(process.temperatures == process.temperatures[0]):
            adiabatic = 0.0
    return Sums(heat, work, adiabatic, float(np.abs(spent).sum()))


def _moving_sums(process: Langevin, piece: Piece, m: Array, C: Array) -> Sums:
    moving, n, T = Moving(process, piece), process.dim, process.temperature
    H, _, _, G, g = moving.seen
    steady = bool(np.all(np.linalg.eigvals(moving.M @ (H - G)).real > 0.0))
    kept = steady and bool(np.any(G) or np.any(g) or np.any(T != T[0]))

    def rates(times: Array, m: Array, C: Array) -> Array:
        H, h, _, G, g = moving.forces(times)
        K = H - G
        A = moving.M @ K
        F, f = h + g - _of(K, m), g + _of(G, m)
        v, X = F @ moving.M, C @ A.transpose(0, 2, 1) - moving.D
        heat = F * v + np.einsum("tij,tji->ti", K, X)
        work = np.sum(f * v, axis=1) - np.einsum("tij,tji->t", G, X)
        spent = np.abs(F * v).sum(axis=1) + np.abs(K * moving.D).sum(axis=(1, 2)) + np.abs(work)
        changed = moving.rates(times)
        if changed is not None:
            dH, dh, dc, _, _ = changed
            terms = (
                0.5 * np.sum(_of(dH, m) * m, axis=1),
                0.5 * np.sum(dH * C, axis=(1, 2)),
                -np.sum(dh * m, axis=1),
                dc,
            )
            work, spent = work + sum(terms), spent + sum(np.abs(term) for term in terms)
        ss = _kept_rates(A, v, moving.D, C) if kept else np.zeros(times.size)
        return np.column_stack([heat, work, ss, spent])

    later, spread, sums = through(moving, m, C, rates)
    heat, work, ss, spent = sums[:n], float(sums[n]), float(sums[n + 1]), float(sums[n + 2])
    if moving.slopes is None:
        change = mean_energy(process.linear_at(piece[3]), later, spread) - mean_energy(
            process.linear_at(piece[2]), m, C
        )
        work = change + float(heat.sum())
    return Sums(heat, work, ss if steady else np.nan, spent)


def _kept_rates(A: Array, v: Array, D: Array, C: Array) -> Array:
    r"""<nu_ss.D^{-1} nu_ss>, nu_ss = R (m_ss - w), R = A - D C_ss^{-1}; v = A (m_ss - m): (time,)."""
    steady = np.array([solve_continuous_lyapunov(a, 2.0 * D) for a in A])
    R, inverse = A - D @ np.linalg.inv(steady), np.linalg.inv(D)
    centre = _of(R, np.linalg.solve(A, v[..., None])[..., 0])
    return np.asarray(np.sum(centre @ inverse * centre, axis=1) + np.sum(R * (inverse @ R @ C), axis=(1, 2)))


def _of(matrices: Array, vectors: Any) -> Array:
    return np.asarray(np.einsum("tij,tj->ti", matrices, vectors))
