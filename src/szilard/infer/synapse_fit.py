"""Drift and diffusion of synaptic sizes, from how each size changes between looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError
from ..estimate import Estimate
from .drift_increments import Jackknifed, few, jackknife
from .spine_sizes import STEPS, Sizes
from .stillness import SIGMAS, moved_sigmas
from .synapse_causes import faint, no_law
from .synapse_law import Coordinate, Form, SynapseFit, in_coordinate
from .synapse_moments import D0, D1, D2, DEGREE, MEAN, NOISE, RATE, Law, bend_of, law_of, moment_sums

Array = NDArray[np.float64]
GROUPS = 400
APART, SHOWS = 4.0, 3.0
NAMES = ("rate", "mean", "diffusion", "diffusion_slope", "diffusion_curvature", "noise")
NOT_STATIONARY = "sizes are not stationary (drift and diffusion do not need that, p(w) and what follows from it do)"


def fit_synapse(
    recording: Recording,
    *,
    coordinate: Coordinate = "log",
    diffusion: Form = "constant",
    measurement_noise: bool = False,
) -> SynapseFit:
    r"""<y'> = m + e^{-b dt} (y - m),  Var(y'|y) = v0 + v1 (y - m) + v2 (y - m)^2: least squares, exact at any dt.

    y is ln w, where a noise that is proportional to the size has one constant D, or the size itself, where it has D ~
    w^2 (Kesten). The moments of a step are turned into rate b and diffusion D(y) = D0 + D1 (y - m) + D2 (y - m)^2 by
    the exact solution of their equations, so that the time between looks leaves no bias; ``diffusion`` says how many of
    D0, D1, D2 are fitted. recording: sizes > 0 at even times, NaN in gaps, which no step crosses.
    Standard errors: a jackknife over synapses, which are taken to be independent of each other and to follow one law.
    Not needed: that the sizes are stationary. p(w) is not fitted: ``density`` predicts it.

    measurement_noise: whether every look adds a noise of its own to y. Then steps regress on the look before (an
    instrument that shares no noise), and its variance -<u u'>/B, of two neighbouring deviations u of the fit, is taken
    out of D. Left in, it adds its variance/dt to D, and makes b too large. It is shown in either case.
    A bias that only a longer look reveals: synapses with set points of their own look like such a noise too.

    Not trusted, and said so, where that noise is more than 3 of its errors; where b, m or D from steps twice as long
    differ by 4; where the drift bends, or D varies though it was taken as constant, by 4; with fewer than 100 synapses;
    where D is negative for some of the sizes seen; where b or e^{-b dt} is within 2 of its errors of zero.
    Raises InputError for what is no recording of sizes, sizes <= 0, uneven times, fewer than 10 synapses, and where the
    steps are those of no such law: nothing pulls back (a random walk, b = 0), or nothing is left of the last look
    (white noise). ``drift_diffusion`` finds D where nothing pulls back.

    Loewenstein, Kuras and Rumpel, J. Neurosci. 31, 9481 (2011); Statman et al., PLoS Comput. Biol. 10, e1003846 (2014);
    the moments: Forman and Sorensen, Scand. J. Stat. 35, 438 (2008).

    >>> import szilard as sz
    >>> from szilard.data.spines import example_spines
    >>> days = example_spines()
    >>> before = sz.infer.Recording(days.states[:, :11], days.times[:11])
    >>> found = fit_synapse(before)
    >>> bool(abs(found.rate.value - 0.15) < 4 * found.rate.stderr), found.trusted
    (True, True)
    """
    for name, value, allowed in (("coordinate", coordinate, ("log", "size")), ("diffusion", diffusion, tuple(DEGREE))):
        if not isinstance(value, str) or value not in allowed:
            raise InputError(name, value, f"must be one of {', '.join(allowed)}", "name one of them")
    if not isinstance(measurement_noise, (bool, np.bool_)):
        raise InputError("measurement_noise", measurement_noise, "must be True or False", "leave it out")
    if not isinstance(recording, Recording):
        fix = f"{STEPS} of sizes (synapse, time), or sz.data.read_recording(path)"
        raise InputError("recording", type(recording).__name__, "must be a Recording: steps need times", fix)
    Sizes.of(recording)
    dt = recording.even_interval()
    kept = in_coordinate(recording, coordinate)
    y = kept.states[:, :, 0]
    law = Law(DEGREE[diffusion], bool(measurement_noise))
    standard = Standardised.of(y, dt, law)
    found = standard.fitted()
    if not np.all(np.isfinite(found.value[:NOISE])) or not np.all(np.isfinite(found.stderr[:NOISE])):
        raise no_law(standard.groups(), law, dt, coordinate)
    estimates = [_estimate(found, i, standard.synapses, law) for i in range(6)]
    five = dict(zip(NAMES[:NOISE], estimates[:NOISE], strict=True))
    if law.noisy and not np.isfinite(found.value[NOISE]):
        raise InputError("recording", "no three looks in a row", "are needed to tell noise from motion", "record more")
    fit: Any = dict(
        coordinate=coordinate,
        form=diffusion,
        **five,
        noise=estimates[NOISE] if np.isfinite(found.value[NOISE] + found.stderr[NOISE]) else None,
        noise_removed=law.noisy,
        covariance=found.covariance[:6, :6],
        interval=dt,
        synapses=standard.synapses,
        stationary=moved_sigmas(kept) <= SIGMAS,
        recording=recording,
    )
    notes = [few(standard.synapses).replace("groups of increments", "synapses"), *_contradictions(found, law, dt)]
    seen = y[np.isfinite(y)] - found.value[MEAN]
    if np.any(found.value[D0] + found.value[D1] * seen + found.value[D2] * seen * seen <= 0.0):
        notes.append("the fitted D is not positive for some of the sizes seen")
    return SynapseFit(**fit, note="; ".join(text for text in notes if text))


@dataclass(frozen=True, eq=False)
class Standardised:
    """Sums of moments (group, 4, 3, 6) of (y - centre)/size, so that units do not matter."""

    sums: Array
    centre: float
    size: float
    dt: float
    law: Law

    @classmethod
    def of(cls, y: Array, dt: float, law: Law, centre: float | None = None, size: float | None = None) -> Standardised:
        """Of looks (synapse, time), in their own units unless others are given."""
        c = float(np.nanmean(y)) if centre is None else centre
        s = float(np.nanstd(y)) if size is None else size
        return cls(moment_sums((y - c) / s), c, s, dt, law)

    @property
    def synapses(self) -> int:
        """How many synapses made them."""
        return int(np.sum(self.sums[:, 1 if self.law.noisy else 0, 0, 0] > 0.0))

    def numbers(self, total: Array | None = None) -> Array:
        """(b, m, D0, D1, D2, noise) in the units of y; NaN where there is no such law."""
        S = self.sums.sum(axis=0) if total is None else total
        return self._scale()[:6] * law_of(S, self.law, self.dt) + self._shift()[:6]

    def groups(self) -> Array:
        """The sums of sets of synapses, whose scatter gives the errors: (group, 4, 3, 6)."""
        held = self.sums[self.sums[:, 0, 0, 0] > 0.0]
        if len(held) < 2:
            raise InputError("recording", f"{len(held)} synapses", "two looks in a row are needed", "look more often")
        rows = np.array_split(np.arange(len(held)), min(GROUPS, len(held)))
        return np.array([held[r].sum(axis=0) for r in rows])

    def fitted(self) -> Jackknifed:
        """Those numbers, those of steps twice as long, and what bends (3,): 15 in all."""

        def statistic(S: Array) -> Array:
            once, twice = law_of(S, self.law, self.dt), law_of(S[2:], self.law, 2.0 * self.dt)
            return np.concatenate([once, twice, bend_of(S)])

        found = jackknife(self.groups(), statistic)
        return Jackknifed(found.value * self._scale() + self._shift(), found.influence * self._scale())

    def _scale(self) -> Array:
        s = self.size
        one = [1.0, s, s * s, s, 1.0, s * s]
        return np.array([*one, *one, 1.0, 1.0, 1.0])

    def _shift(self) -> Array:
        shift = np.zeros(15)
        shift[[MEAN, 6 + MEAN]] = self.centre
        return shift


def _estimate(found: Jackknifed, i: int, synapses: int, law: Law) -> Estimate:
    if i in (D1, D2) and law.degree < i - D0:
        return Estimate.exact(0.0, note="not fitted")
    if not np.isfinite(found.value[i] + found.stderr[i]):
        return Estimate(0.0, float("inf"), synapses, float(synapses), "none", "not known")
    return Estimate(float(found.value[i]), float(found.stderr[i]), synapses, float(synapses))


def _contradictions(found: Jackknifed, law: Law, dt: float) -> list[str]:
    value, stderr = found.value, found.stderr
    notes = faint(float(value[RATE]), float(stderr[RATE]), dt)
    z = value[NOISE] / stderr[NOISE] if stderr[NOISE] > 0.0 else 0.0
    if z > SHOWS and not law.noisy:
        part = value[NOISE] / (dt * value[D0])
        notes.append(
            f"a step in time does not become small as it gets short: each look adds a noise, {part:.0%} of D dt, or "
            "synapses have set points of their own (measurement_noise=True takes it for noise)"
        )
    if z < -SHOWS:
        notes.append("steps of a synapse go on in the same direction: it has a memory")
    apart = found.value[6:12] - value[:6]
    error = np.sqrt(np.sum((found.influence[:, 6:12] - found.influence[:, :6]) ** 2, axis=0))
    n = found.influence.shape[0]
    far = np.abs(apart) / np.where(error > 0.0, error / np.sqrt(n * (n - 1)), np.inf)
    if np.nanmax(far[[RATE, MEAN, D0]], initial=0.0) > APART:
        notes.append(f"dt and 2 dt disagree by {np.nanmax(far[[RATE, MEAN, D0]]):.1f} standard errors")
    bends = np.abs(value[12:]) / np.where(stderr[12:] > 0.0, stderr[12:], np.inf)
    if bends[0] > APART:
        notes.append("the drift is not linear in this coordinate")
    if law.degree == 0 and np.nanmax(bends[1:], initial=0.0) > APART and not law.noisy:
        notes.append('D varies in this coordinate: take the other one, or diffusion="quadratic"')
    return notes
