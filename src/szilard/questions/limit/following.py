"""A weight that learns and unlearns while an answer follows it slowly: both exactly, by Hermite functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import entr

from ...information import label_information
from ...protocol import Protocol

Array = NDArray[np.float64]
MODES, NODES = 40, 160
FAR, GRID = 9.0, 4001
"""Reach of the grid for entropies, in widths, and its points."""
EXACT = 1e-10
"""Relative error of the equations in time."""


@dataclass(frozen=True)
class Follower:
    r"""dw = mu (-k w + nu s(t) s_T) dt + sqrt(2 mu T) dB,  sigma -> -sigma at rate gamma e^{-sigma a w/2T}.

    The weight does not feel the answer. push: nu; gain: a; rate: gamma, in 1/time.
    """

    push: float
    rate: float
    gain: float = 1.0
    temperature: float = 1.0
    stiffness: float = 1.0
    mobility: float = 1.0

    @property
    def width(self) -> float:
        """sqrt(T/k)."""
        return sqrt(self.temperature / self.stiffness)


@dataclass(frozen=True)
class Followed:
    """Exact means at times (time,), s_T = +-1 at even odds; entropies and information in nats, heat in k_B T0.

    learnt: I(sigma; s_T); learnt_by_weight: I(w; s_T) = Delta S(w); learnt_by_both: I((w, sigma); s_T). heat: (time,
    reservoir), of weight and answer since time 0, > 0 into its bath. joint_entropy: differential S(w, sigma).
    """

    follower: Follower
    times: Array
    learnt: Array
    learnt_by_weight: Array
    learnt_by_both: Array
    heat: Array
    joint_entropy: Array

    @property
    def weight_cost(self) -> Array:
        """Delta S(w) + Q_w/T since time 0: (time,)."""
        return np.asarray(self.learnt_by_weight + self.heat[:, 0] / self.follower.temperature)

    @property
    def joint_cost(self) -> Array:
        """Delta S(w, sigma) + (Q_w + Q_sigma)/T since time 0: (time,)."""
        spent = self.heat.sum(axis=1) / self.follower.temperature
        return np.asarray(self.joint_entropy - self.joint_entropy[0] + spent)


def followed(follower: Follower, schedule: Protocol, times: Array) -> Followed:
    r"""dd/dt = -mu k n d + 2 gamma <He_n| [sinh(aw/2T) - cosh(aw/2T) d]>,  p_+ - p_- = N(w; m(t), T/k) sum_n d_n He_n.

    Given s_T the weight is Gaussian at any time, p_+ + p_- = N(m, T/k), so that only the difference of both labels'
    densities is unknown; in the frame of m(t) its Hermite modes decay with mu k n. At time 0 the weight is in
    equilibrium without force, the answer in equilibrium at this weight. times: (time,), from 0 on, increasing.
    With d the heat of the answer is a int w (net flips) dw and that of the weight mu int (nu s - k m)^2 dt.

    >>> end = followed(Follower(2.0, 0.3), Protocol([0.0, 5.0], [0.0, 1.0]), np.array([0.0, 5.0]))
    >>> bool(0.0 < end.learnt[1] < end.learnt_by_both[1] < end.joint_cost[1])
    True
    """
    f = follower
    z, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / sqrt(2.0 * np.pi)
    he = _hermite(z)
    alpha = 0.5 * f.gain * f.width / f.temperature
    even, odd = ((he * weights * g) @ he.T for g in (np.cosh(alpha * z), np.sinh(alpha * z)))
    decay = f.mobility * f.stiffness * np.arange(MODES)

    def motion(t: float, y: Array) -> Array:
        m, d = y[0], y[3:]
        pull = f.push * float(schedule.at(np.array([t]))[0]) - f.stiffness * m
        c, s = np.cosh(0.5 * f.gain * m / f.temperature), np.sinh(0.5 * f.gain * m / f.temperature)
        flips = f.rate * (s * even[0] + c * odd[0] - (c * even + s * odd) @ d)
        warmed = f.gain * (m * flips[0] + f.width * flips[1])
        return np.concatenate([[f.mobility * pull, f.mobility * pull**2, warmed], 2.0 * flips - decay * d])

    start = np.concatenate([[0.0, 0.0, 0.0], (he * weights) @ np.tanh(alpha * z)])
    states = [start]
    knots = np.unique(np.concatenate([times, [t for t in schedule.times if times[0] < t < times[-1]]]))
    for a, b in zip(knots[:-1], knots[1:], strict=True):
        done = solve_ivp(motion, (a, b), states[-1], "LSODA", rtol=EXACT, atol=1e-12)
        states.append(done.y[:, -1])
    seen = [state for t, state in zip(knots, states, strict=True) if t in times]
    told = np.array([_told(f, state[0], partial(_series, state[3:])) for state in seen])
    told[0] = _told(f, 0.0, lambda z: np.tanh(alpha * z))
    return Followed(
        follower=f,
        times=np.asarray(times),
        learnt=np.asarray(label_information(np.array([0.5 * (1.0 + state[3]) for state in seen]))),
        learnt_by_weight=told[:, 0],
        learnt_by_both=told[:, 1],
        heat=np.array([state[1:3] for state in seen]),
        joint_entropy=told[:, 2],
    )


def _told(f: Follower, m: float, mean_answer: Callable[[Array], Array]) -> tuple[float, float, float]:
    """I(w; s_T), I((w, sigma); s_T) and S(w, sigma), from p(w, sigma | s_T = -1) = p(-w, -sigma | s_T = +1).

    mean_answer: <sigma | w, s_T = +1> over z = (w - m)/width.
    """
    w = np.linspace(-1.0, 1.0, GRID) * (abs(m) + FAR * f.width)
    z = (w - m) / f.width
    normal = np.exp(-0.5 * z * z) / (sqrt(2.0 * np.pi) * f.width)
    answer = np.clip(mean_answer(z), -1.0, 1.0)
    given = 0.5 * normal * np.array([1.0 - answer, 1.0 + answer])
    joint = 0.5 * (given + given[::-1, ::-1])
    step = w[1] - w[0]
    entropies = [float(entr(p).sum() * step) for p in (normal, given, joint.sum(axis=0), joint)]
    return entropies[2] - entropies[0], entropies[3] - entropies[1], entropies[3]


def _series(d: Array, z: Array) -> Array:
    """sum_n d_n He_n(z)/sqrt(n!)."""
    return np.asarray(d @ _hermite(z))


def _hermite(z: Array) -> Array:
    """He_n(z)/sqrt(n!), orthonormal under the normal density: (mode, point)."""
    he = np.ones((MODES, z.size))
    he[1] = z
    for n in range(1, MODES - 1):
        he[n + 1] = (z * he[n] - sqrt(n) * he[n - 1]) / sqrt(n + 1.0)
    return he
