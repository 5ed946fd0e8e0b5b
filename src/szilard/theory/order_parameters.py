"""Online learning of a teacher by kicks, N -> infinity: the differential equations of its order parameters."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import atan, cosh, exp, inf, log, pi, sqrt, tanh
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from ..errors import InputError, number
from ..estimate import finite
from ._channels import binary_information
from ._checks import not_negative, positive
from .averages_online import ROOT, averages_of
from .course_online import OnlineCourse
from .kick_rules import KickRule, kick_rule
from .teacher import fresh_contrast

Array = NDArray[np.float64]
Motion = Callable[[float, Array], Array]
SEED = 1e-24
"""What stands for Q = 0, in units of what noise and kicks add per time: the equations are regular in Q."""
SMALLEST, LARGEST = 1e-100, 1e50
"""Learning rates: their squares are numbers, and a kick moves weights of order 1 by no more than can be followed."""
LOOKS = 20_000
"""How often a course may ask for its rate: some hundred times to t = 1 and a few thousand to t = 1e8 are usual."""


def online(
    rule: Any,
    learning_rate: float,
    times: ArrayLike,
    *,
    parameters: tuple[float, ...] = (),
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    start: tuple[float, float] | None = None,
    breaks: ArrayLike = (),
) -> OnlineCourse:
    r"""dR/dt = -mu k R + nu <|y| F>,   dQ/dt = -2 mu k Q + 2 mu T + 2 nu <lambda F> + nu^2 <F^2>.

    R = w.B/N and Q = w.w/N of weights that learn a teacher B (|B|^2 = N) from N fresh patterns (|xi|^2 = N) per unit
    time, each of which kicks them by (nu/sqrt N) xi sigma_T F(lambda), lambda = sigma_T w.xi/sqrt N taken before the
    kick; between kicks they relax in k w^2/2 at mobility mu and temperature T. N -> infinity, where R and Q are sharp.
    error = arccos(R/sqrt Q)/pi. Solved for ln tan(angle/2) and ln Q, so that small errors keep their relative
    accuracy, about 1e-10 also at t = 1e8.

    rule: "hebbian" (F = 1), "perceptron" (theta(-lambda)), "adatron" (|lambda| theta(-lambda)), "gradient"
    (1/(1 + e^{b lambda}), parameters=(b,), by default 1), "optimal", a function F of an array of stabilities, or an
    object with name, amplitude(field, label, output, weight, parameters) and parameters, such as ``szilard.Rule``.
    breaks: stabilities other than 0 where F jumps, bends or changes within a range much below 1; averages are Gaussian
    quadratures on panels that shrink towards 0 and every break. "optimal": F = (q s/rho) phi(u)/Phi(u),
    u = rho x/s, s = sqrt(1 - rho^2), lambda = q x, the kick that raises rho fastest at learning_rate 1, whatever decay
    and noise do at the time; it knows rho and q. At another rate, up to 2, it is scaled, and learns at nu (2 - nu) of
    its speed.
    learning_rate: nu, 1e-100 to 1e50, a displacement; that of ``szilard.train`` is an impulse, nu/mobility.
    times: (time,), >= 0, not decreasing. temperature and stiffness may be 0: the classical case, t = alpha.
    start: (R, Q) at t = 0, |R| < sqrt Q or (0, 0), by default the equilibrium (0, T/k), and (0, 1) if k = 0. Q = 0 is
    the limit Q -> 0. From R = 0 the optimal kick is infinite and drowns the first weights and all noise: R and Q are
    infinite then, rho and the error are not. A network has rho about 1/sqrt N: start=(sqrt(Q/N), Q).
    Raises InputError for input outside these ranges, R < 0 with "optimal", Q beyond the range of numbers, or equations
    too stiff to be followed: weights that forget (1/mu k), or that kicks outgrow, in far less than the unit of time.

    Sources: Biehl and Riegler, Europhys. Lett. 28, 525 (1994); Kinouchi and Caticha, J. Phys. A 25, 6243 (1992) for
    "optimal"; Goldt and Seifert, New J. Phys. 19, 113001 (2017) for decay and noise.

    >>> course = online("hebbian", 1.0, [0.0, 10.0], temperature=0.0, stiffness=0.0)
    >>> course.error.round(6), course.Q.round(3)
    (array([0.5     , 0.125397]), array([ 1.   , 74.662]))
    """
    nu, at = kick_size(learning_rate), finite(times, "times")
    warm, k = not_negative("temperature", temperature), not_negative("stiffness", stiffness)
    mu = positive("mobility", mobility)
    if np.ndim(times) > 1 or at[0] < 0.0 or np.any(np.diff(at) < 0.0):
        raise InputError(
            "times", times, "must be (time,), >= 0 and not decrease", "np.linspace(0, 10, 101), for instance"
        )
    kick = kick_rule(rule, parameters, warm, breaks)
    r0, q0 = _start(start, warm, k)
    if kick.amplitude is None and nu > 2.0:
        raise InputError("learning_rate", nu, "beyond 2 the optimal kick unlearns", "give one up to 2")
    if kick.amplitude is None and r0 < 0.0:
        raise InputError("start", start, "the optimal kick is infinite at rho = 0", "start with R >= 0")
    if kick.amplitude is None and r0 == 0.0:
        return _course(kick, nu, (warm, k, mu), at, _drowned(kick, nu, at))
    first = np.array([-np.arctanh(r0 / sqrt(q0)), log(q0)] if q0 > 0.0 else [0.0, log(seed_of(nu, mu * warm))])
    return _course(kick, nu, (warm, k, mu), at, follow(motion(kick, nu, mu * warm, mu * k), first, at))


def motion(kick: KickRule, nu: float, noise: float, decay: float) -> Motion:
    r"""d/dt of l = ln tan(angle/2) and ln Q: the decay turns nothing, the noise turns by noise cos/sin^2/Q.

    dl/dt = -(nu/q) sqrt(2/pi) E F(q s z) + (rho/s^2) (mu T + nu^2 <F^2>/2)/Q, s = sin(angle).
    """
    averages = averages_of(kick)

    def rate(_: float, state: Array) -> Array:
        l, q = float(state[0]), exp(0.5 * float(state[1]))
        turn, pull, square = averages(angle_at(l), q)
        spread = noise + 0.5 * nu * nu * square
        turning = -nu / q * ROOT * turn - tanh(l) * (cosh(l) / q) ** 2 * spread
        return np.array([turning, -2.0 * decay + 2.0 * (nu * pull * q + spread) / q**2])

    return rate


def angle_at(l: float) -> float:
    """The angle to the teacher whose ln tan(angle/2) is l."""
    return 2.0 * atan(exp(l))


def follow(rate: Motion, first: Array, at: Array, begin: float = 0.0) -> Array:
    """(state, time): the state at the given times, from ``begin`` on; before that it is the first one."""
    ends = np.unique(np.maximum(at, begin))
    if ends[-1] == begin:
        return np.repeat(first[:, None], at.size, axis=1)
    looks = 0

    def watched(t: float, state: Array) -> Array:
        nonlocal looks
        looks += 1
        if looks > LOOKS:
            raise _too_stiff(ends)
        return rate(t, state)

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="lsoda", category=UserWarning)
            found = solve_ivp(watched, (begin, ends[-1]), first, "LSODA", t_eval=ends, rtol=1e-12, atol=1e-13)
    except (OverflowError, ZeroDivisionError):
        rule = "the weights grow without bound, or vanish, within these times, or forget far faster than patterns come"
        raise InputError("times", float(ends[-1]), rule, "give shorter times, or parameters nearer to 1") from None
    if found.status != 0 or not np.all(np.isfinite(found.y)):
        raise _too_stiff(ends)
    return np.asarray(found.y[:, np.searchsorted(ends, np.maximum(at, begin))])


def _too_stiff(ends: Array) -> InputError:
    rule = "the equations are too stiff: weights forget, or kicks outgrow them, far faster than patterns come"
    return InputError("times", float(ends[-1]), rule, "take parameters nearer to 1, or start from larger weights")


def kick_size(learning_rate: object, least: float = SMALLEST, most: float = LARGEST) -> float:
    """nu as a float; raises InputError unless it is within the range of learning rates."""
    nu = positive("learning_rate", learning_rate)
    if not least <= nu <= most:
        rule = f"must be within {least:.3g} and {most:.3g}"
        raise InputError("learning_rate", nu, rule, "kicks are measured in weights: 1.0, for instance")
    return nu


def seed_of(nu: float, noise: float) -> float:
    """The Q that stands for 0, far below what one unit of time adds to it."""
    return SEED * min(1.0, noise + nu * nu)


def _drowned(kick: KickRule, nu: float, at: Array) -> Array:
    r"""(2, time): l and ln Q = infinity from rho = 0 with the optimal kick, d(rho^2)/dt = nu (2 - nu) s^2 H(rho).

    H(0) = 2/pi with no linear term: rho = c sqrt t to a relative t before t = 1e-12, followed in sqrt t thereafter.
    """
    steep = sqrt(max(nu * (2.0 - nu), 0.0) * 2.0 / pi)
    root, begin = np.sqrt(at), 1e-6
    if steep == 0.0:
        return np.array([np.zeros(at.size), np.full(at.size, inf)])
    rate = motion(kick, nu, 0.0, 0.0)
    first = np.array([-np.arctanh(steep * begin)])
    l = follow(lambda tau, state: 2.0 * tau * rate(tau, np.array([state[0], 0.0]))[:1], first, root, begin)[0]
    return np.array([np.where(root < begin, -np.arctanh(steep * np.minimum(root, begin)), l), np.full(at.size, inf)])


def _start(start: tuple[float, float] | None, warm: float, k: float) -> tuple[float, float]:
    if start is None:
        return 0.0, warm / k if k > 0.0 else 1.0
    if not isinstance(start, (tuple, list)) or len(start) != 2:
        raise InputError("start", start, "must be (R, Q)", "start=(0.0, 1.0), for instance")
    r0, q0 = number("start", start[0]), number("start", start[1])
    if q0 < 0.0 or (r0 != 0.0 and not r0 * r0 < q0):
        raise InputError(
            "start", start, "must have |R| < sqrt(Q)", "weights along the teacher need a small angle to it"
        )
    return r0, q0


def _course(kick: KickRule, nu: float, bath: tuple[float, float, float], at: Array, found: Array) -> OnlineCourse:
    l, q = found[0], np.exp(0.5 * found[1])
    angle, rho, warm = 2.0 * np.arctan(np.exp(l)), np.tanh(-l) + 0.0, bath[0]
    averages = averages_of(kick)
    pushes = [averages(float(a), float(x))[1:] if x < inf else (0.0, inf) for a, x in zip(angle, q, strict=True)]
    gain = q / warm if warm > 0.0 else np.full(at.size, inf)
    thermal = [fresh_contrast(float(a), float(g)) for a, g in zip(angle, gain, strict=True)]
    return OnlineCourse(
        rule=kick.name,
        parameters=kick.parameters,
        learning_rate=nu,
        temperature=warm,
        stiffness=bath[1],
        mobility=bath[2],
        times=at,
        R=np.array([r * x if x < inf else inf for r, x in zip(rho, q, strict=True)]),
        Q=q * q,
        rho=rho,
        error=angle / pi,
        information_sign=binary_information(1.0 - 2.0 * angle / pi),
        information_thermal=binary_information(thermal),
        teacher_information=np.log(np.cosh(l)),
        field_push=np.array([p[0] * x if x < inf else 0.0 for p, x in zip(pushes, q, strict=True)]),
        square_push=np.array([p[1] for p in pushes]),
    )
