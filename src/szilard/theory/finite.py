"""The Hebbian neuron at any number of synapses and patterns, for given inputs, by Fourier inversion."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log1p, nan, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..markup import table_of_fields
from ._channels import binary_information
from ._checks import bounded, elapsed, known_readout, not_negative, positive, span
from .forcing import ramp_books

Array = NDArray[np.float64]

REACH = 9.5  # standard deviations beyond which a density is dropped: 2 exp(-9.5^2/2) = 5e-20
CUT = 9.0  # where the transform exp(-u^2/2) of the thermal noise is dropped: 3e-18
STEP = 0.06  # spacing of the entropy integral, in thermal widths
WEAK = 1e-3  # variance, in thermal ones, below which that integral is replaced by its leading term
NODES = 1 << 22


@dataclass(frozen=True)
class FiniteHebbian:
    r"""A Hebbian neuron at finite N, P, mean over iid labels given the inputs; nats and k_B T0.

    entropy (N,): Delta S(w_n). heat (N,): Q_n > 0 into the bath. work (N,): W_n > 0 on the weight.
    dissipation (N,): conditional entropy production Q_n/T. information (P,): I(sigma_T^mu : sigma^mu).
    correct (P,): P(sigma^mu = sigma_T^mu). cost: sum_n (entropy + Q/T). efficiency_marginal: sum of
    information/cost; NaN where the cost is 0.
    """

    entropy: Array
    heat: Array
    work: Array
    dissipation: Array
    information: Array
    correct: Array
    cost: float
    efficiency_marginal: float

    def _repr_html_(self) -> str:
        return table_of_fields(self)


def hebbian_finite(
    inputs: ArrayLike,
    nu: float,
    tau: float = inf,
    readout: Literal["thermal", "sign"] = "thermal",
    *,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    duration: float | None = None,
) -> FiniteHebbian:
    r"""w_n = a F_n + sqrt(T/k) z,  F_n = N^{-1/2} sum_mu xi_n^mu sigma_T^mu: mixtures of 2^P Gaussians.

    Exact for every weight and every pattern. The density of one weight has the transform
    exp(-T u^2/2k) prod_mu cos(u a xi_n^mu/sqrt N); its entropy is that of the Gaussian of equal variance less
    their relative entropy, integrated on a Fourier grid. The stability of a pattern is

        Delta^mu = a C_mumu + a sum_{nu != mu} sigma_mu sigma_nu C_munu + sqrt(T C_mumu/k) z,  C = xi xi^T/N,

    and 2p - 1 = (2/pi) int_0^inf sin(a C_mumu u)/u <cos of the rest> L(u) du, L = pi u T/sinh(pi u T)
    for the thermal readout and 1 for sign. Heat uses E[F_n^2] = sum_mu (xi_n^mu)^2/N. a = nu y(t)/k.

    inputs: (P, N), any finite numbers; |xi^mu|^2 = N is the standard scale. nu >= 0 (force), tau, readout,
    duration and the parameters as in ``hebbian``. Absolute accuracy 1e-12 in entropy and information, checked
    against all 2^P mixtures. Work ~ P max(N, P) (seconds at N = P = 2000, nu of order 1); grids grow with
    nu sqrt(P/N). Heat > 0 into the bath.

    Raises InputError: inputs not (P, N) or not finite, NaN, nu < 0, parameters <= 0, unknown readout, a
    finite duration with tau = inf, or a grid above 4 million nodes.

    >>> xi = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0]])
    >>> two = hebbian_finite(xi, 1.0, tau=0.0)
    >>> two.entropy.shape, two.information.shape, two.heat.round(6)
    ((4,), (2,), array([0.25, 0.25, 0.25, 0.25]))
    >>> round(two.efficiency_marginal, 6)
    0.087902
    """
    xi = _patterns(inputs)
    force, ramp, kind = not_negative("nu", nu), span("tau", tau), known_readout(readout)
    warm, k = positive("temperature", temperature), positive("stiffness", stiffness)
    rate = positive("mobility", mobility) * k
    y, q, w = (float(x) for x in ramp_books(rate * ramp, rate * elapsed(duration, ramp)))
    n = xi.shape[1]
    gain = 1.0 / sqrt(k * warm)
    amplitude = force * y * gain
    fields = np.sum(xi * xi, axis=0) / n
    entropy = _weight_entropies(amplitude * np.abs(xi.T) / sqrt(n))
    contrast = _contrasts(xi @ xi.T / n, amplitude, gain if kind == "thermal" else inf)
    energy = bounded("nu", force, force * force / k)
    heat = energy * q * fields
    information = binary_information(contrast)
    cost = float(np.sum(entropy) + np.sum(heat) / warm)
    return FiniteHebbian(
        entropy=entropy,
        heat=heat,
        work=energy * w * fields,
        dissipation=heat / warm,
        information=information,
        correct=0.5 * (1.0 + contrast),
        cost=cost,
        efficiency_marginal=float(np.sum(information)) / cost if cost > 0.0 else nan,
    )


def _weight_entropies(coefficients: Array) -> Array:
    """h(z + sum_m c_m s_m) - h(z) per row of c >= 0, z ~ N(0, 1), s_m = +-1; equal rows are computed once."""
    rows = np.sort(coefficients, axis=1)
    known: dict[bytes, float] = {}
    result = np.empty(rows.shape[0])
    for i, row in enumerate(rows):
        key = row.tobytes()
        if key not in known:
            known[key] = _weight_entropy(row)
        result[i] = known[key]
    return result


def _weight_entropy(c: Array) -> float:
    excess = float(c @ c)
    variance = 1.0 + excess
    if excess < WEAK:  # the relative entropy is that of the fourth cumulant, -2 sum c^4
        return 0.5 * log1p(excess) - float(np.sum(c**4)) ** 2 / (12.0 * variance**4)
    half = REACH * sqrt(variance)
    n = 1 << ceil(np.log2(_fits(2.0 * half / STEP)))
    u = pi / half * np.arange(min(ceil(CUT * half / pi), n // 2 - 1) + 1)
    thermal = np.exp(-0.5 * u * u)
    difference = _damped_cosines(thermal, c, u) - np.exp(-0.5 * variance * u * u)
    x = 2.0 * half / n * np.arange(n // 2 + 1)
    gauss = np.exp(-0.5 * x * x / variance) / sqrt(2.0 * pi * variance)
    excess_density = np.fft.irfft(difference, n)[: n // 2 + 1] * (0.5 * n / half)
    ratio = np.maximum(excess_density / gauss, -1.0)
    above = np.where(ratio > -1.0, 1.0 + ratio, 1.0)
    bend = above * np.log1p(np.where(ratio > -1.0, ratio, 0.0)) - ratio
    weight = np.full(x.size, 4.0 * half / n)
    weight[[0, -1]] *= 0.5
    return 0.5 * log1p(excess) - float(weight @ (gauss * bend))


def _contrasts(overlaps: Array, amplitude: float, gain: float) -> Array:
    """2 p - 1 of every pattern from C = xi xi^T/N; gain = 1/sqrt(kT), infinite for the sign readout."""
    result = np.zeros(overlaps.shape[0])
    for mu, row in enumerate(overlaps):
        own = float(row[mu])
        if own > 0.0 and amplitude > 0.0:
            others = amplitude * np.sort(np.abs(np.delete(row, mu)))
            result[mu] = _contrast(amplitude * own, others, own, gain)
    return result


def _contrast(shift: float, c: Array, noise: float, gain: float) -> float:
    """E f(shift + sqrt(noise) z + sum_m c_m s_m), f(y) = tanh(gain y/2) = E sign(y + logistic/gain)."""
    period = shift + REACH * sqrt(noise + float(c @ c)) + 45.0 / gain
    step = 2.0 * pi / period
    top = min(CUT / sqrt(noise), 14.0 * gain)
    u = step * np.arange(1.0, ceil(_fits(top / step)) + 1.0)
    damped = np.exp(-0.5 * noise * u * u)
    if gain < inf:
        damped *= (pi / gain * u) / np.sinh(pi / gain * u)
    total = 0.5 * shift + float(np.sum(np.sin(shift * u) / u * _damped_cosines(damped, c, u)))
    return min(2.0 / pi * step * total, 1.0)


def _damped_cosines(start: Array, c: Array, u: Array) -> Array:
    r"""start prod_m cos(c_m u), c ascending and >= 0, u ascending.

    Small arguments go through the power sums of c, ln cos x = -sum_k t_k x^{2k}; the others are multiplied
    in, each node only until its product has vanished.
    """
    split = int(np.searchsorted(c, 0.5 / u[-1], side="right"))
    result = start * np.exp(-_log_secants(c[:split], u))
    values, counts = np.unique(c[split:], return_counts=True)
    alive = np.arange(u.size)
    for first in range(values.size, 0, -32):
        block = slice(max(first - 32, 0), first)
        alive = alive[np.abs(result[alive]) > 1e-21]
        if alive.size == 0:
            break
        cosines = np.cos(np.outer(u[alive], values[block]))
        if np.any(counts[block] > 1):
            cosines = cosines ** counts[block]
        result[alive] *= np.prod(cosines, axis=1)
    return result


def _log_secants(c: Array, u: Array) -> Array:
    """-sum_m ln cos(c_m u) for c_m u <= 1/2."""
    if c.size == 0 or c[-1] == 0.0:
        return np.zeros_like(u)
    scale, square, total = float(c[-1]), np.ones_like(c), np.zeros(LOG_COS.size)
    for k in range(LOG_COS.size):
        square = square * (c / scale) ** 2
        total[k] = LOG_COS[k] * square.sum()
    x = (scale * u) ** 2
    result = np.zeros_like(u)
    for t in total[::-1]:
        result = (result + t) * x
    return result


def _log_cos_coefficients(terms: int) -> Array:
    """t_k of -ln cos x = sum_k t_k x^{2k}: (2/pi)^{2k} sum over odd j of j^{-2k}, divided by k."""
    k = np.arange(1, terms + 1)
    odd = np.arange(1, 2001, 2, dtype=np.float64)
    sums = np.sum(odd[::-1] ** (-2.0 * k[:, None]), axis=1)
    sums[:2] = pi**2 / 8.0, pi**4 / 96.0
    return np.asarray((2.0 / pi) ** (2 * k) * sums / k)


LOG_COS = _log_cos_coefficients(18)


def _fits(nodes: float) -> float:
    if not nodes <= NODES:
        rule = f"needs a Fourier grid of {nodes:.1e} nodes, more than {NODES}"
        raise InputError("nu", nodes, rule, "lower nu, the number of patterns or their norm")
    return nodes


def _patterns(inputs: ArrayLike) -> Array:
    try:
        xi = np.asarray(inputs, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("inputs", inputs, "must be an array of real numbers", "give shape (P, N)") from None
    if xi.ndim != 2 or xi.size == 0:
        raise InputError("inputs", xi.shape, "must have shape (P, N), both at least 1", "one row per pattern")
    if not np.all(np.isfinite(xi)):
        raise InputError("inputs", "NaN or infinity", "must be finite", "remove the missing entries")
    return xi
