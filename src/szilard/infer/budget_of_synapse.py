"""What a fitted synapse costs, as far as its recorded sizes alone can tell: bounds from below, never a heat."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, log, sqrt

import numpy as np
from numpy.typing import NDArray

from ..check import HOLDS_SIGMAS, BoundCheck
from ..data.recording import Recording
from ..errors import InputError, is_number
from ..estimate import Estimate, Sampled, Side
from ..information.differential import FEWEST, neighbour_entropy
from ..laws.speed import wasserstein_distance
from .short_time import entropy_production_from_short_times
from .spine_sizes import Sizes
from .synapse_costs import SynapseBudget
from .synapse_forecast import ALONE, farthest, forecast_checks
from .synapse_law import SynapseFit, in_coordinate
from .synapse_moments import D0, NOISE

Array = NDArray[np.float64]
ONE_COORDINATE = "one coordinate carries no steady current: zero by construction, it says nothing"
MARKOV = "the size alone is a Markov process, by one law throughout"
SAME_NOISE = "the diffusion is the fitted one throughout, also while something else pushes"
INDEPENDENT = "synapses are independent of each other"
EVEN_ODDS = "a size is from either look with equal odds"
POINTS = 4_001


def synapse_budget(
    fit: SynapseFit, recording: Recording | None = None, *, between: Sequence[float] | None = None
) -> SynapseBudget:
    r"""sigma_ss >= 0;  W_2^2/(D t) <= Sigma;  Sigma = D(p_0||p_ss) - D(p_1||p_ss) where the fitted law relaxes alone.

    Sizes have no temperature: no heat, no energy follows from them. What follows is the entropy production of the
    recorded motion. In a steady state of one coordinate between natural ends it is zero by construction, a lower bound
    that says nothing: a synapse may burn any amount of ATP to keep its size and show no current. Nor is there a bound
    from above. Four things can be said, in nats per synapse:
    irreversibility, how far the looks differ from their reverse order (``entropy_production_from_short_times``): a
    hidden drive shows in it, or does not; and of a change between two times,
    transport: with u = int dy/sqrt(D(y)), in which D is 1, W_2^2/t >= [(mean u_1 - mean u_0)^2 + (sd u_1 - sd u_0)^2]/t
    is the least that entropy change and heat of this change can be in sum, whatever force makes it; the right side is
    estimated without bias (Gelbrich's bound, attained where both densities have one shape), as W_2 of samples is too
    large;
    relaxation: what the fitted law dissipates if it makes the change alone. A lower bound of all that is dissipated if
    the size is Markovian by itself; of no side where ``check`` tells that something else pushes, or one of
    ``law_checks`` that sizes do not end where the fitted law leads them from where they began (5 standard errors, those
    of the fit among them): what is held on its way by a force at rest is slow and passes ``check``;
    information: ln 2 - <ln(1 + e^{-+L})> >= ..., what one size tells of which of the two looks it is from (even odds),
    by the likelihood ratio L of two normal densities, fitted to one half of the synapses and judged on the other. It is
    no part of the entropy change plus heat.

    fit: of ``fit_synapse``; recording: the sizes that change (default: those that were fitted). between: two of its
    times. Synapses that are not seen at both are left out. The fit's errors enter as if of other synapses.
    Raises InputError where a time is not one of the recording's, fewer than 40 synapses were seen at both, nothing
    holds the fitted synapse, or D is not positive for a size.

    Benamou and Brenier, Numer. Math. 84, 375 (2000); Gelbrich, Math. Nachr. 147, 185 (1990); relaxation: Esposito and
    Van den Broeck, PRL 104, 090601 (2010); information: Barber and Agakov, NIPS 16 (2003).

    >>> import szilard as sz
    >>> from szilard.data.spines import example_spines
    >>> from szilard.infer.synapse_fit import fit_synapse
    >>> days = example_spines()
    >>> before = sz.infer.Recording(days.states[:, :11], days.times[:11])
    >>> synapse_budget(fit_synapse(before), days, between=(10, 11)).verdict
    "the change is not the fitted law's own: something pushed; sizes tell of the change"
    """
    if not isinstance(fit, SynapseFit):
        raise InputError("fit", type(fit).__name__, "must be a SynapseFit", "sz.infer.fit_synapse(recording)")
    seen = fit.recording if recording is None else recording
    if not isinstance(seen, Recording):
        raise InputError("recording", type(seen).__name__, "must be a Recording", "sz.data.read_recording(path)")
    Sizes.of(seen)
    steady = Estimate(0.0, 0.0, fit.synapses, None, "lower", ONE_COORDINATE, (MARKOV,))
    looks = entropy_production_from_short_times(in_coordinate(fit.recording, fit.coordinate))
    note = "" if fit.trusted else f"the fit is not to be trusted: {fit.note}"
    if between is None:
        return SynapseBudget(steady, looks, note=note)
    when, start, stop = _pair(fit, seen, between)
    t = when[1] - when[0]
    u0, u1 = _even_noise(fit, start), _even_noise(fit, stop)
    entropy = [neighbour_entropy(y[:, None]) for y in (start, stop)]
    change = entropy[1] - entropy[0]
    heat, unseen = _surprise_lost(fit, start, stop)
    relaxed = change + heat
    # behind noise looks are closer to their stationary density than sizes, at either time: a difference has no side
    said = "looks hold a noise that sizes do not: no bound" if fit.noise_removed else "if the fitted law relaxes alone"
    own: Side = "none" if fit.noise_removed else "two-sided"
    transport = _transport(u0, u1, t, fit)
    information = _told(*((start, stop) if fit.coordinate == "log" else (np.log(start), np.log(stop))))
    check = BoundCheck(
        "W2^2/(D t) <= D(p0||pss) - D(p1||pss)",
        transport,
        _with(relaxed, unseen, said, own),
        (ALONE,),
        "Benamou and Brenier, Numer. Math. 84, 375 (2000)",
    )
    along = forecast_checks(fit, start, stop, t)
    if any(x.verdict == "violated" for x in (check, *along)):
        own, said = "none", "no bound: the fitted law is not alone"
    elif own != "none" and farthest(along) > HOLDS_SIGMAS:
        said = f"{said}: inconclusive, the end is {farthest(along):.1f} standard errors off"
    relaxation = _with(relaxed, unseen, said, "none" if own == "none" else "lower")
    return SynapseBudget(
        entropy_production=steady,
        irreversibility=looks,
        between=when,
        entropy_change=change.estimate("of ln size" if fit.coordinate == "log" else "of size"),
        information=information,
        distance=wasserstein_distance(u0, u1).estimate("in units of sqrt(D x time)"),
        transport=transport,
        relaxation=relaxation,
        apparent_heat=_with(heat, unseen, "relaxation less entropy change", own),
        check=check,
        law_checks=along,
        note=note,
    )


def _pair(fit: SynapseFit, seen: Recording, between: Sequence[float]) -> tuple[tuple[float, float], Array, Array]:
    """The two times, and the coordinate of the synapses seen at both."""
    given = list(between) if np.ndim(between) == 1 else []
    if len(given) != 2 or not all(is_number(x) for x in given) or not given[0] < given[1]:
        raise InputError("between", between, "must be two times, the earlier first", "between=(10, 11)")
    places = []
    for when in given:
        near = int(np.argmin(np.abs(seen.times - when)))
        if abs(seen.times[near] - when) > 1e-6 * float(np.diff(seen.times).min()):
            rule = f"must be a time of the recording; the nearest is {seen.times[near]:g}"
            raise InputError("between", when, rule, "name two of recording.times")
        places.append(near)
    y = in_coordinate(seen, fit.coordinate).states[:, places, 0]
    y = y[np.isfinite(y).all(axis=1)]
    if len(y) < FEWEST:
        rule = f"at least {FEWEST} synapses must have been seen at both times"
        raise InputError("between", f"{len(y)} synapses", rule, "name other times, or record more synapses")
    return (float(seen.times[places[0]]), float(seen.times[places[1]])), y[:, 0], y[:, 1]


def _even_noise(fit: SynapseFit, y: Array) -> Array:
    """u = int_m^y dy'/sqrt(D(y')), whose diffusion is 1."""
    n = fit.numbers
    if fit.form == "constant":
        return np.asarray((y - n[1]) / sqrt(n[D0]))
    grid = np.linspace(min(y.min(), n[1]), max(y.max(), n[1]), POINTS)
    D = n[D0] + n[3] * (grid - n[1]) + n[4] * (grid - n[1]) ** 2
    if not np.all(D > 0.0):
        raise InputError("fit", "D <= 0", "the fitted D must be positive for all sizes", 'coordinate="log"')
    slope = 1.0 / np.sqrt(D)
    rise = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(grid))])
    return np.asarray(np.interp(y, grid, rise) - np.interp(n[1], grid, rise))


def _surprise_lost(fit: SynapseFit, start: Array, stop: Array) -> tuple[Sampled, float]:
    """<-ln p_ss>_0 - <-ln p_ss>_1, and the variance that the errors of the fit add."""

    def lost(numbers: Array) -> Array:
        law = fit.law(numbers)
        return np.asarray(law.logpdf(stop) - law.logpdf(start))

    n = fit.numbers
    found = lost(n)
    if not np.all(np.isfinite(found)):
        rule = "the fitted p(w) must be positive for all sizes"
        raise InputError("fit", "p(w) = 0", rule, 'fit_synapse(recording, diffusion="constant")')
    size = np.sqrt(np.diagonal(fit.covariance))
    slope = np.zeros(n.size)
    for i in range(n.size if fit.noise_removed else NOISE):
        if size[i] > 0.0 and n[i] != 0.0:
            step = np.where(np.arange(n.size) == i, 0.01 * size[i], 0.0)
            slope[i] = float(np.mean(lost(n + step) - lost(n - step))) / (0.02 * size[i])
    used = slope != 0.0
    return Sampled.mean(found), float(slope[used] @ fit.covariance[np.ix_(used, used)] @ slope[used])


def _with(found: Sampled, unseen: float, note: str, side: Side) -> Estimate:
    whole = Sampled(found.value, found.influence, unseen=unseen).estimate()
    return Estimate(
        whole.value, whole.stderr, whole.n, whole.ess, side, note, (MARKOV, INDEPENDENT),
        "Esposito and Van den Broeck, PRL 104, 090601 (2010)",
    )  # fmt: skip


def _transport(u0: Array, u1: Array, t: float, fit: SynapseFit) -> Estimate:
    """[(mean u_1 - mean u_0)^2 + (sd u_1 - sd u_0)^2]/t without the bias of sampling.

    Of d = (d_1, d_2) + noise of covariance S, |d|^2 - tr S is free of bias, and its variance 4 d.S d + 2 tr S^2, where
    the d that was found makes d.S d too large by tr S^2. A d that came out small by chance makes its own error small:
    4 r^2, r^2 the largest eigenvalue of S, lets value + 4 errors reach (|d| + 4 r)^2.
    """
    n = u0.size
    d = np.array([u1.mean() - u0.mean(), u1.std(ddof=1) - u0.std(ddof=1)])
    squares = [((u - u.mean()) ** 2 - u.var()) / (2.0 * u.std(ddof=1)) for u in (u0, u1)]
    influence = np.stack([(u1 - u1.mean()) - (u0 - u0.mean()), squares[1] - squares[0]])
    S = influence @ influence.T / (n * (n - 1))
    value = (float(d @ d) - float(np.trace(S))) / t
    scatter = float(np.trace(S @ S))
    least = 4.0 * float(np.linalg.eigvalsh(S)[-1])
    error = (sqrt(max(4.0 * float(d @ S @ d) - 2.0 * scatter, 2.0 * scatter)) + least) / t
    of_D = value * fit.diffusion.stderr / fit.diffusion.value
    return Estimate(
        value, hypot(error, of_D), n, float(n), "lower", "of entropy change + heat, whatever makes the change",
        (SAME_NOISE, INDEPENDENT), "Benamou and Brenier, Numer. Math. 84, 375 (2000); Gelbrich (1990)",
    )  # fmt: skip


def _told(start: Array, stop: Array) -> Estimate:
    """ln 2 - (1/2) <ln(1 + e^{L(x_0)}) + ln(1 + e^{-L(x_1)})>, L = ln N(x; 1) - ln N(x; 0) of x = ln w, other half."""
    half = np.arange(start.size) % 2 == 0
    scores = np.empty(start.size)
    for train, test in ((half, ~half), (~half, half)):
        fitted = [(y[train].mean(), y[train].std(ddof=1)) for y in (start, stop)]

        def ratio(y: Array, fitted: list[tuple[float, float]] = fitted) -> Array:
            (m0, s0), (m1, s1) = fitted
            return np.asarray(0.5 * ((y - m0) / s0) ** 2 - 0.5 * ((y - m1) / s1) ** 2 + log(s0 / s1))

        lost = np.logaddexp(0.0, ratio(start[test])) + np.logaddexp(0.0, -ratio(stop[test]))
        scores[test] = log(2.0) - 0.5 * lost
    found = Sampled.mean(scores, "lower").estimate("of one size, on which of the two looks it is from")
    return Estimate(
        found.value, found.stderr, found.n, found.ess, "lower", found.note, (EVEN_ODDS, INDEPENDENT),
        "Barber and Agakov, NIPS 16 (2003)",
    )  # fmt: skip
