r"""What an episode of Hebbian learning dissipates and tells, exactly, for many episodes at a time.

Weights in pairs, |xi_n| = 1:  dw = mu (-k w + omega J w + f(t)) dt + sqrt(2 mu T) dW,  J = (0 -1; 1 0) for each pair,
so that the rotation omega J has no energy. From equilibrium, given the labels, the covariance stays T/k and the mean,
with w_1 + i w_2 for a pair, is m = N^{-1/2} sum_mu g_mu sigma_mu xi^mu,

    g_mu' = -lambda g_mu + mu c_mu(t),   lambda = mu (k - i omega),   c_mu(t) the force while pattern mu is shown,

and the local mean velocity is m' + mu omega J (w - m). Fair independent labels leave no mixed terms, so that

    Sigma = (1/mu T) sum_mu int |g_mu'|^2 dt + N mu omega^2 t/k.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from ...errors import InputError
from ...theory._channels import binary_information

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
TOGETHER = 2048
"""Episodes that are followed side by side."""
WHOLE = 1e-9
"""By which share of a showing a duration may miss a whole number of them."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class Episodes:
    """Arrays (episode,), all > 0 but swirl, ramp >= 0; energies in k_B T0.

    rate: nu, a force if all patterns are shown at once, the impulse of one showing if they are shown in turn; load:
    P/N; weights: N, see ``size``; temperature: T; stiffness: k; mobility: mu; ramp: time in which the
    force rises; dwell: time that a pattern is shown; swirl: omega, the force without energy per length; duration: t.

    Raises InputError for values that are not so.

    >>> Episodes(1.0, [0.5, 2.0], 7.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.3, 2.0).patterns
    array([ 4., 16.])
    """

    rate: Array
    load: Array
    weights: Array
    temperature: Array
    stiffness: Array
    mobility: Array
    ramp: Array
    dwell: Array
    swirl: Array
    duration: Array

    def __init__(self, *values: ArrayLike) -> None:
        names = [field.name for field in fields(self)]
        try:
            arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in values))
        except (TypeError, ValueError):
            raise InputError(
                "episodes", "other shapes", "must be arrays that broadcast", "one value per episode"
            ) from None
        if len(arrays) != len(names) or arrays[0].ndim != 1 or arrays[0].size == 0:
            got = f"{len(arrays)} arrays"
            raise InputError("episodes", got, f"must be {len(names)} arrays (episode,)", ", ".join(names))
        for name, array in zip(names, arrays, strict=True):
            allowed = array >= 0.0 if name in ("ramp", "swirl") else array > 0.0
            if not np.all(allowed & np.isfinite(array)):
                least = ">= 0" if name in ("ramp", "swirl") else "> 0"
                raise InputError(
                    name, array[~(allowed & np.isfinite(array))][0], f"must be finite and {least}", "mend it"
                )
            object.__setattr__(self, name, array)

    @property
    def size(self) -> Array:
        """N as a number of pairs, at least one."""
        return 2.0 * np.maximum(1.0, np.round(0.5 * self.weights))

    @property
    def patterns(self) -> Array:
        """P = load N, at least one whole pattern."""
        return np.maximum(1.0, np.round(self.load * self.size))

    @property
    def rotation(self) -> Complex:
        """k - i omega."""
        return self.stiffness - 1j * self.swirl

    @property
    def kept(self) -> Array:
        """N mu omega^2 t/k: what the rotation costs, in nats."""
        return self.size * self.mobility * self.swirl**2 * self.duration / self.stiffness

    def some(self, which: NDArray[np.intp]) -> Episodes:
        """Some of the episodes."""
        return Episodes(*(getattr(self, field.name)[which] for field in fields(self)))


@dataclass(frozen=True)
class EpisodeBooks:
    """Arrays (episode,), nats over all weights and patterns.

    dissipation: Sigma, the entropy production given the labels. learned: sum_mu I(label : sign of the field). cost:
    sum_n Delta S(w_n) + Q/T. The last two are those of many weights and patterns.
    """

    dissipation: Array
    learned: Array
    cost: Array


def shown_at_once(e: Episodes) -> EpisodeBooks:
    r"""g' = (nu mu/lambda tau)(1 - e^{-lambda x}) up to tau, and falls as e^{-lambda x} from there on: all P alike.

    The force nu s(t), s = min(t/tau, 1), of every pattern at the same time; the dwell plays no part.

    >>> quench = shown_at_once(Episodes(2.0, 0.5, 8.0, 1.0, 1.0, 1.0, 0.0, 0.1, 0.0, 40.0))
    >>> quench.dissipation  # nu^2 P / 2kT
    array([8.])
    """
    rate, relax = e.mobility * e.rotation, e.mobility * e.stiffness
    rise = np.minimum(e.ramp, e.duration)
    share = _risen(e.duration, e.ramp)
    hold = e.duration - rise
    z = rate * rise
    small = np.abs(z) < 1e-300
    moving = e.mobility * e.rate * share * np.where(small, 1.0, -np.expm1(-z) / np.where(small, 1.0, z))
    slope = e.mobility * e.rate * share / np.where(rise > 0.0, rise, 1.0)
    run = np.abs(slope / rate) ** 2 * _left(rate, rise)
    run += np.abs(moving) ** 2 * -np.expm1(-2.0 * relax * hold) / (2.0 * relax)
    response = (e.mobility * e.rate * share - moving * np.exp(-rate * hold)) / rate
    dissipation = e.patterns * run / (e.mobility * e.temperature) + e.kept
    return _books(e, dissipation, response[:, None], e.patterns * np.abs(response) ** 2, e.patterns[:, None])


def _left(rate: Complex, rise: Array) -> Array:
    r"""int_0^r |1 - e^{-lambda x}|^2 dx, by Gauss and Legendre's rule where the closed form cancels."""
    short = np.abs(rate) * rise < 1.0
    x = 0.5 * np.where(short, rise, 0.0) * (NODES[:, None] + 1.0)
    near = 0.5 * rise * (WEIGHTS @ np.abs(np.expm1(-rate * x)) ** 2)
    relax = rate.real
    far = rise + 2.0 * (np.expm1(-rate * rise) / rate).real - np.expm1(-2.0 * relax * rise) / (2.0 * relax)
    return np.where(short, near, far)


def shown_in_turn(e: Episodes) -> EpisodeBooks:
    r"""int |g_mu'|^2 dt = mu (k^2 + omega^2)/(2k) (1 - e^{-2 mu k d}) |g_mu - g_0|^2 for each pattern and each showing.

    g_0 = c/(k - i omega) for the pattern that is shown, 0 for the others. One pattern after the other for the dwell d,
    in a fixed cycle, with the force c = nu s/d; s is held during a showing at its value in the middle, as in
    ``szilard.train`` with dt = dwell. The last showing may be cut short.

    >>> once = shown_in_turn(Episodes(0.2, 0.5, 2.0, 1.0, 1.0, 1.0, 0.0, 0.1, 0.0, 0.1))
    >>> bool(abs(once.dissipation[0] - 0.5 * 2.0**2 * (1.0 - np.exp(-0.2))) < 1e-14)
    True
    """
    order = np.argsort(-_showings(e), kind="stable")
    books = [_cycled(e.some(order[i : i + TOGETHER])) for i in range(0, order.size, TOGETHER)]
    back = np.argsort(order, kind="stable")
    parts = (np.concatenate([getattr(b, field.name) for b in books])[back] for field in fields(EpisodeBooks))
    return EpisodeBooks(*parts)


def _risen(time: Array, ramp: Array) -> Array:
    """s = min(t/tau, 1), 1 at once for tau = 0."""
    return np.minimum(np.divide(time, ramp, out=np.ones_like(time), where=ramp > 0.0), 1.0)


def _showings(e: Episodes) -> Array:
    return np.maximum(1.0, np.ceil(e.duration / e.dwell - WHOLE))


def _cycled(e: Episodes) -> EpisodeBooks:
    """Showing after showing for all episodes that have one more after it, those with most of them first."""
    rate, relax, d = e.mobility * e.rotation, e.mobility * e.stiffness, e.dwell
    patterns, last = e.patterns.astype(np.intp), _showings(e).astype(np.intp) - 1
    target, away = e.rate / d / e.rotation, np.exp(-rate * d * (e.patterns - 1.0))
    g = np.zeros((d.size, int(patterns.max())), dtype=np.complex128)  # of each pattern when its last showing ended
    total, moved = np.zeros(d.size), np.zeros(d.size)  # sum of |g|^2 now; sum of squared ways that decayed

    def show(at: slice, i: NDArray[np.intp] | int, time: Array) -> None:
        rows, shown = np.arange(d.size)[at], i % patterns[at]
        start = g[rows, shown] * away[at]
        goal = target[at] * _risen((np.asarray(i) + 0.5) * d[at], e.ramp[at])
        others = total[at] - np.abs(start) ** 2
        gone = -np.expm1(-2.0 * relax[at] * time)
        moved[at] += gone * (others + np.abs(start - goal) ** 2)
        end = goal + (start - goal) * np.exp(-rate[at] * time)
        total[at] = others * (1.0 - gone) + np.abs(end) ** 2
        g[rows, shown] = end

    for i in range(int(last.max())):
        at = slice(0, int(np.searchsorted(-last, -i)))
        show(at, i, d[at])
    show(slice(None), last, e.duration - last * d)
    dissipation = np.abs(e.rotation) ** 2 / (2.0 * e.stiffness * e.temperature) * moved + e.kept
    places = np.arange(g.shape[1])
    ago = (last[:, None] - places) % patterns[:, None]  # showings since, the last one of them perhaps cut short
    since = np.where(ago > 0, (e.duration - last * d)[:, None] + (ago - 1) * d[:, None], 0.0)
    seen = places < np.minimum(patterns, last + 1)[:, None]
    response = np.where(seen, g * np.exp(-rate[:, None] * since), 0.0)
    return _books(e, dissipation, response, np.sum(np.abs(response) ** 2, axis=1), np.ones((1, 1)))


def _books(e: Episodes, dissipation: Array, response: Complex, squares: Array, alike: Array) -> EpisodeBooks:
    r"""V = sum_mu |g_mu|^2/N;  field ~ N(Re g_mu, T/k + V),  Delta S(w_n) = ln(1 + k V/T)/2.

    response: (episode, pattern), each for ``alike`` patterns.
    """
    crosstalk = squares / e.size
    noise = e.temperature / e.stiffness + crosstalk
    told = binary_information(erf(response.real / np.sqrt(2.0 * noise)[:, None]))
    entropy = 0.5 * e.size * np.log1p(e.stiffness * crosstalk / e.temperature)
    return EpisodeBooks(dissipation, np.sum(alike * told, axis=1), dissipation + entropy)
