"""Shares of the variance that each characteristic of a learner explains, and the sign of its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, rankdata, sobol_indices, uniform

from ...errors import InputError
from ..part import Record
from .episode import EpisodeBooks, Episodes, shown_at_once, shown_in_turn

Array = NDArray[np.float64]
SETTLED = 50.0
"""Relaxation times after which a quench has ended to rounding."""
ROUNDING = 1e-9
MANY = 1e6
"""Factor on the weights, which no index of a power law notices: whole numbers of patterns are then no steps."""


@dataclass(frozen=True)
class Characteristic:
    """What a learner has; power: its exponent in the ceiling nu^2 alpha N/(2kT)."""

    name: str
    word: str
    unit: str
    power: int = 0


CHARACTERISTICS = (
    Characteristic("rate", "learning rate", "k_B T0 / length (at once), times time (in turn)", 2),
    Characteristic("load", "load P/N", "1", 1),
    Characteristic("weights", "weights N", "1", 1),
    Characteristic("temperature", "temperature", "T0", -1),
    Characteristic("stiffness", "stiffness", "k_B T0 / length²", -1),
    Characteristic("mobility", "mobility", "length² / time k_B T0"),
    Characteristic("ramp", "ramp", "time"),
    Characteristic("dwell", "dwell", "time"),
    Characteristic("swirl", "swirl", "k_B T0 / length²"),
    Characteristic("duration", "duration", "time"),
)
"""In the order of the fields of ``Episodes``."""
OUTPUTS = (
    "dissipation, shown in turn",
    "dissipation, shown at once",
    "cost per learned nat, in turn",
    "cost per learned nat, at once",
    "ceiling of a rising force",
)
"""What the indices are of, each by its logarithm; the last is a pure power."""
CEILING, CEILING_LAW = len(OUTPUTS) - 1, "nu² alpha N/(2kT)"


def outputs_of(e: Episodes, turn: EpisodeBooks, once: EpisodeBooks) -> Array:
    r"""ln Sigma and ln[(sum_n Delta S(w_n) + Q/T)/sum_mu I_mu], in turn and at once, and ln[nu^2 alpha N/(2kT)].

    turn, once: the books of the episodes e; the result (output, episode). The ceiling is the dissipation that the same
    code finds at once, for a quench that settles and does not rotate.

    >>> e = Episodes(2.0, 0.5, 8.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.3, 2.0)
    >>> bool(abs(outputs_of(e, shown_in_turn(e), shown_at_once(e))[4, 0] - np.log(2.0**2 * 0.5 * 8.0 / 2.0)) < 1e-12)
    True
    """
    settled, many = SETTLED / (e.mobility * e.stiffness), MANY * e.weights
    quench = Episodes(e.rate, e.load, many, e.temperature, e.stiffness, e.mobility, 0.0, e.dwell, 0.0, settled)
    rows = (
        turn.dissipation, once.dissipation, turn.cost / turn.learned, once.cost / once.learned,
        shown_at_once(quench).dissipation / MANY,
    )  # fmt: skip
    return np.asarray(np.log(np.stack(rows)))


def ceilings_of(e: Episodes) -> tuple[Array, Array]:
    r"""Sigma - N mu omega^2 t/k <= mu c^2 t (1 + omega^2/k^2)/T in turn, c = nu/d;  <= nu^2 P/(2kT) at once.

    (episode,) each. In turn: g' is the force behind the filter i nu/(i nu + lambda), |.|^2 <= 1 + omega^2/k^2. At once:
    |g'| is largest if nothing rotates, and of the forces that rise to nu the sudden one dissipates most.
    """
    strength = (e.rate / e.dwell) ** 2 * np.abs(e.rotation / e.stiffness) ** 2
    turn = e.mobility * strength * e.duration / e.temperature
    return turn, e.rate**2 * e.patterns / (2.0 * e.stiffness * e.temperature)


def within(ranges: Sequence[Sequence[float]], u: Array) -> Array:
    """low (high/low)^u: log-uniform in the ranges for u (characteristic, episode) uniform in 0..1."""
    low, high = np.asarray(ranges, dtype=np.float64).T[:, :, None]
    return np.asarray(low * (high / low) ** u)


def replicated(ranges: Sequence[Sequence[float]], points: int, seed: int) -> Record:
    r"""S_i = Var(E[y | x_i])/Var(y),  S_Ti = E[Var(y | all but x_i)]/Var(y), of one scrambled Sobol sequence.

    ranges: (characteristic, 2); points: a power of 2, which takes points (d + 2) episodes. first, total, partial:
    (output, characteristic), the last the partial rank correlation of as many points more. spread: (output,) standard
    deviation of y; low, middle, high: the quantiles of y at 5, 50, 95 %. nearest: the largest share that the driving
    takes of its ceiling, in turn and at once.

    I. M. Sobol', Math. Comput. Simul. 55, 271 (2001); A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010).
    """
    rng, d = np.random.default_rng(seed), len(ranges)

    def followed(u: Array) -> tuple[Episodes, EpisodeBooks, EpisodeBooks]:
        e = Episodes(*within(ranges, u))
        return e, shown_in_turn(e), shown_at_once(e)

    found = sobol_indices(func=lambda u: outputs_of(*followed(u)), n=points, dists=[uniform()] * d, rng=rng)
    u = qmc.Sobol(d, rng=rng).random(points).T
    e, turn, once = followed(u)
    y = outputs_of(e, turn, once)
    spread = y.std(axis=1)
    # what nothing varies, and what does not vary it, has indices of rounding alone
    varied = (spread > ROUNDING)[:, None]
    first, total = (np.where(varied & (np.abs(z) > ROUNDING), z, 0.0) for z in (found.first_order, found.total_order))
    low, middle, high = np.quantile(y, [0.05, 0.5, 0.95], axis=1)
    ceilings = zip((turn, once), ceilings_of(e), strict=True)
    return {
        "first": first.tolist(), "total": total.tolist(),
        "partial": np.where(varied, partial_ranks(u, y), 0.0).tolist(), "spread": spread.tolist(),
        "low": low.tolist(), "middle": middle.tolist(), "high": high.tolist(),
        "nearest": [float(np.max((books.dissipation - e.kept) / ceiling)) for books, ceiling in ceilings],
    }  # fmt: skip


def partial_ranks(x: Array, y: Array) -> Array:
    r"""corr(x_i - x_i^, y - y^): of ranks, from which what the other characteristics explain linearly is taken.

    x: (characteristic, episode), y: (output, episode); the result (output, characteristic), +1 where y rises with x_i
    alone. 0 where the others explain y fully. Raises InputError for too few episodes.

    M. D. McKay, R. J. Beckman and W. J. Conover, Technometrics 21, 239 (1979).

    >>> x = np.random.default_rng(1).random((2, 100))
    >>> partial_ranks(x, x[:1] ** 3).round(6)
    array([[1., 0.]])
    """
    if x.shape[1] < x.shape[0] + 2:
        raise InputError("points", x.shape[1], f"must be at least {x.shape[0] + 2}", "take more points")
    n = x.shape[1]
    ranks, outputs = ((rankdata(z, axis=1) - 0.5 * (n + 1.0)) / n for z in (x, y))
    result = np.zeros((y.shape[0], x.shape[0]))
    for i in range(x.shape[0]):
        others = np.delete(ranks, i, axis=0).T
        both = np.vstack([ranks[i], outputs]).T
        left = both - others @ np.linalg.lstsq(others, both, rcond=None)[0]
        norms = np.linalg.norm(left, axis=0)
        explained = norms < 1e-9 * np.sqrt(n)
        result[:, i] = np.where(explained[1:], 0.0, left[:, 0] @ left[:, 1:] / np.where(explained, 1.0, norms)[1:])
        result[:, i] /= 1.0 if explained[0] else norms[0]
    return result


def power_indices(ranges: Sequence[Sequence[float]]) -> Array:
    r"""S_i = S_Ti = (b_i L_i)^2 / sum_j (b_j L_j)^2,  L = ln(high/low), of the ceiling with exponents b.

    >>> power_indices([[1.0, 10.0]] * 10).round(12).tolist()
    [0.5, 0.125, 0.125, 0.125, 0.125, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    low, high = np.asarray(ranges, dtype=np.float64).T
    square = (np.array([c.power for c in CHARACTERISTICS]) * np.log(high / low)) ** 2
    return np.asarray(square / square.sum())
