"""Two groups of coordinates of one linear process: what flows between them as information, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_are

from ..discrete.bipartite import InformationFlows
from ..errors import InputError, is_whole
from .gaussian import Gaussian
from .gaussian_route import gaussian_stationary
from .process import Langevin, control_of, langevin
from .transition import drift_of

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def information_flows(
    process: Langevin, first: Sequence[int], p: Gaussian | None = None, control: float | None = None
) -> InformationFlows:
    r"""Idot_x = <v_x . d_x ln p(y|x)>,  v = M F - D d ln p the mean velocity at a point, x the coordinates ``first``,

        sigma_x = <v_x . D_x^{-1} v_x> = dS_x/dt + sum_r Qdot_{x,r}/T_r - Idot_x >= 0,

    and the same for y, the other coordinates; Idot_x + Idot_y = d I(x:y)/dt. With v = v_0 + N (w - m), p = N(m, C):

        Idot_x = tr[C_x^{-1} (N C)_x] - tr N_x,   dS_x/dt = tr[C_x^{-1} (N C)_x],   Qdot_x = f_0.v_0 - tr_x(K C N^T).

    process: linear. p: a Gaussian; None: the stationary one. Exact to rounding; heat INTO the baths, in k_B T0.
    Raises InputError if the process is not linear, ``first`` is not a part of the coordinates, a mobility matrix makes
    the noises of x and y depend on each other (the split has then no meaning), or a control is missing.

    Horowitz and Esposito, PRX 4, 031015 (2014), for jumps; Allahverdyan, Janzing and Mahler, J. Stat. Mech. P09011
    (2009), for diffusion.

    >>> import szilard as sz
    >>> pair = sz.systems.gyrator(1.0, 0.6, (2.0, 0.5))
    >>> information_flows(pair, [0]).flow.round(6)
    array([-0.280665,  0.280665])
    """
    held = control_of(langevin(process), control)
    at = process.linear_at(held)
    x, y = _parts(process, first)
    A, b, D = drift_of(process, held)
    if p is not None and (not isinstance(p, Gaussian) or p.dim != process.dim):
        raise InputError("p", p, f"must be a Gaussian of {process.dim} coordinates", "leave it out: the stationary one")
    here = gaussian_stationary(process, held) if p is None else p
    m, C = here.mean, here.covariance
    N, v0, f0 = D @ here.precision - A, b - A @ m, at.offset - at.matrix @ m
    flux = N @ C
    work_rate = f0 * v0 - np.diag(at.matrix @ flux.T)
    heat = np.zeros((2, process.temperatures.size))
    change, flow, production = np.zeros(2), np.zeros(2), np.zeros(2)
    for i, own in enumerate((x, y)):
        block = np.ix_(own, own)
        np.add.at(heat[i], process.bath[own], work_rate[own])
        change[i] = np.trace(np.linalg.solve(C[block], flux[block]))
        flow[i] = change[i] - np.trace(N[block])
        spread = np.outer(v0[own], v0[own]) + (flux @ N.T)[block]
        production[i] = np.trace(np.linalg.solve(D[block], spread))
    logs = [np.linalg.slogdet(C[np.ix_(own, own)])[1] for own in (x, y)]
    information = 0.5 * (sum(logs) - np.linalg.slogdet(C)[1])
    return InformationFlows(
        flow=flow,
        entropy_change=change,
        heat=heat,
        entropy_flow=np.asarray((heat / process.temperatures).sum(axis=1)),
        entropy_production=production,
        information=float(information),
    )


def transfer_entropy_rate(process: Langevin, first: Sequence[int], control: float | None = None) -> float:
    r"""T_{y->x} = (1/2) tr[(2 D_x)^{-1} A_xy P A_xy^T]: what the whole path of x takes in of y, in nats per time.

    P: covariance of y given the whole past of x (Kalman and Bucy), the positive solution of

        0 = -A_y P - P A_y^T + 2 D_y - P A_xy^T (2 D_x)^{-1} A_xy P,   dw = (b - A w) dt + sqrt(2 D) dB.

    x: the coordinates ``first``, y the others; in the steady state.
    Raises InputError as ``information_flows`` does, and where there is no steady state.

    Hartich, Barato and Seifert, PRE 93, 022116 (2016), for one sensor; Kalman and Bucy, J. Basic Eng. 83, 95 (1961).

    >>> import szilard as sz
    >>> sensor = sz.systems.linear([[2.0, -2.0], [0.0, 1.0]], 1.0)
    >>> transfer_entropy_rate(sensor, [0]).__round__(9), (5**0.5 - 1).__round__(9) / 2
    (0.618033989, 0.6180339885)
    """
    held = control_of(langevin(process), control)
    process.linear_at(held)
    x, y = _parts(process, first)
    gaussian_stationary(process, held)
    A, _, D = drift_of(process, held)
    C, noise = A[np.ix_(x, y)], 2.0 * D[np.ix_(x, x)]
    P = solve_continuous_are(-A[np.ix_(y, y)].T, C.T, 2.0 * D[np.ix_(y, y)], noise)
    return 0.5 * float(np.trace(np.linalg.solve(noise, C @ P @ C.T)))


def _parts(process: Langevin, first: Any) -> tuple[Index, Index]:
    """The coordinates of x and of y."""
    given = list(first) if isinstance(first, (list, tuple, range, np.ndarray)) else [first]
    right = all(is_whole(i, 0) and i < process.dim for i in given) and 0 < len(set(given)) == len(given) < process.dim
    if not right:
        rule = f"must name some, not all, of the coordinates 0 .. {process.dim - 1}, each once"
        raise InputError("first", first, rule, "first=[0], for instance")
    x = np.array(given, dtype=np.int64)
    y = np.setdiff1d(np.arange(process.dim), x)
    if process.mobility.ndim == 2 and np.any(process.mobility[np.ix_(x, y)] != 0.0):
        i, j = (int(part[k]) for part, k in zip((x, y), np.argwhere(process.mobility[np.ix_(x, y)])[0], strict=True))
        rule = "makes the noises of the two parts depend on each other"
        raise InputError(f"mobility[{i}, {j}]", float(process.mobility[i, j]), rule, "put both into one part")
    return x, y
