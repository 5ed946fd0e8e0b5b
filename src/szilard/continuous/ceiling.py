"""A ceiling of what it costs to keep a stationary state, from its force alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..markup import table_of_text
from .gaussian_route import gaussian_entropy_rate, gaussian_stationary
from .process import Langevin, control_of, langevin
from .transition import drift_of

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Ceiling:
    """value >= entropy_production_rate, both in nats per time; Phi = w.matrix w / 2 - vector.w is the best found."""

    value: float
    entropy_production_rate: float
    matrix: Array
    vector: Array

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"Ceiling: entropy production rate {self.entropy_production_rate:.9g} <= {self.value:.9g} nats per time"


def maintenance_ceiling(process: Langevin, control: float | None = None) -> Ceiling:
    r"""sigma_ss <= min_Phi sum_n mu_n T_n <(F_n / T_n + d_n Phi)^2>_ss.

    Any Phi(w) gives a ceiling, and Phi = -ln p_ss gives sigma_ss: with nu the local mean velocity,
    F_n / T_n + d_n Phi = nu_n / D_n + d_n(Phi + ln p_ss), and <nu.d(Phi + ln p_ss)>_ss = 0 by integration by parts.
    So the part of the force that is the slope of no function is all that keeping the state can cost, for unequal
    temperatures too. Here Phi runs over quadratic functions, by least squares; those hold -ln p_ss, so that for a
    linear process the ceiling is met and checks the rate, which comes from the currents.
    Raises InputError if the process is not linear, has no stationary state, or a control is missing.

    The bound and its proof are derived here.

    >>> from szilard.continuous import Langevin, Linear
    >>> rule = Langevin(linear=Linear([[2.0, 0.0], [0.0, 1.0]], [0.0, 0.0], swirl=[[0.0, -0.8], [0.1, 0.0]]), dim=2)
    >>> maintenance_ceiling(rule)
    Ceiling: entropy production rate 0.27 <= 0.27 nats per time
    """
    control = control_of(langevin(process), control)
    steady = gaussian_stationary(process, control)
    A, _, D = drift_of(process, control)
    n, L = process.dim, steady.root
    up = np.linalg.cholesky(D).T
    # |up (S - D^{-1} A) L|^2 over symmetric S: F / T = -D^{-1} A (w - m_ss), the slope of Phi is S (w - m_ss)
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    columns = []
    for i, j in pairs:
        basis = np.zeros((n, n))
        basis[i, j] = basis[j, i] = 1.0
        columns.append((up @ basis @ L).ravel())
    target = (up @ np.linalg.solve(D, A) @ L).ravel()
    design = np.array(columns).T
    found = np.linalg.lstsq(design, target, rcond=None)[0]
    S = np.zeros((n, n))
    for (i, j), value in zip(pairs, found, strict=True):
        S[i, j] = S[j, i] = value
    left = design @ found - target
    return Ceiling(float(left @ left), gaussian_entropy_rate(process, steady, control), S, S @ steady.mean)
