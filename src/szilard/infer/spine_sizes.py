"""Sizes of synapses as an array (synapse, time), checked, and one look at each for what needs independent samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.numbers import real_numbers
from ..data.recording import Recording
from ..errors import InputError, is_whole
from .units import refuse_extremes

Array = NDArray[np.float64]
FEWEST = 10
READ = "sz.data.read_recording(path), or an array of sizes (synapse,) or (synapse, time)"
STEPS = "sz.infer.Recording(sizes, times)"


@dataclass(frozen=True, eq=False)
class Sizes:
    """w: (synapse, time), each > 0, NaN where a synapse was not seen; those never seen are left out."""

    w: Array

    @classmethod
    def of(cls, given: Recording | ArrayLike) -> Sizes:
        """Raises InputError for states, several coordinates, sizes <= 0, infinities, no spread, under 10 synapses."""
        if isinstance(given, Recording):
            if given.discrete or given.dim != 1:
                got = "discrete states" if given.discrete else f"{given.dim} coordinates"
                fix = 'sz.data.read_recording(path, columns=["size"])'
                if given.discrete:
                    fix = f"{STEPS} with sizes.astype(float), or read_recording(path, discrete=False)"
                raise InputError("recording", got, "must hold one coordinate, the size", fix)
            w = given.states[:, :, 0]
        else:
            w = real_numbers("recording", given, "must be a Recording or an array of sizes", READ)
            w = w[:, None] if w.ndim == 1 else w
        if w.ndim != 2 or w.size == 0:
            raise InputError("recording", f"shape {w.shape}", "must be (synapse,) or (synapse, time)", READ)
        _refuse_values(w)
        w = w[np.any(np.isfinite(w), axis=1)]
        if w.shape[0] < FEWEST:
            rule = f"at least {FEWEST} synapses must have been seen"
            raise InputError("recording", f"{w.shape[0]} synapses", rule, "pool the synapses of several dendrites")
        seen = w[np.isfinite(w)]
        if not np.ptp(np.log(seen)) > 1e-9:
            raise InputError(
                "recording", f"{seen[0]:g} everywhere", "sizes must vary", "check the column that was read"
            )
        return cls(w)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where a synapse was seen: (synapse, time)."""
        return np.isfinite(self.w)

    def one_each(self, draw: np.random.Generator) -> Array:
        """The size of every synapse at one of the times when it was seen, drawn at random: (synapse,)."""
        place = np.argmax(np.where(self.seen, draw.random(self.w.shape), -1.0), axis=1)
        return np.asarray(self.w[np.arange(self.w.shape[0]), place])

    def worth(self) -> float:
        r"""How many independent looks all of them are worth for the mean of ln w: Var(ln w) / Var(mean).

        The variance of the mean is that over synapses, sum_i [sum_t (x_it - m)]^2 S / ((S - 1) N^2).
        """
        x, seen = np.log(self.w), self.seen
        n, synapses = float(seen.sum()), self.w.shape[0]
        d = np.where(seen, x - x[seen].mean(), 0.0)
        of_mean = float(np.sum(d.sum(axis=1) ** 2)) * synapses / ((synapses - 1) * n * n)
        return float(min(n, np.sum(d * d) / n / max(of_mean, 1e-300)))


def seeded(seed: object) -> np.random.Generator:
    """Counter-based random numbers; raises InputError unless the seed is a whole number >= 0."""
    if not is_whole(seed, 0):
        raise InputError("seed", seed, "must be a whole number >= 0", "seed=1, for instance")
    return np.random.Generator(np.random.Philox(int(seed)))


def _refuse_values(w: Array) -> None:
    bad = np.isinf(w) | (w <= 0.0)
    if bad.any():
        i, t = (int(k) for k in np.argwhere(bad)[0])
        rule = f"sizes must be finite and > 0; {int(bad.sum())} of {w.size} are not"
        fix = "a spine below the limit of detection is a gap: leave its field empty, NaN in arrays, or drop it"
        raise InputError(f"recording[synapse {i}, time {t}]", float(w[i, t]), rule, fix)
    if not np.any(np.isfinite(w)):
        raise InputError("recording", "gaps only", "must hold at least one size", "check what was read")
    refuse_extremes(w, np.ones(1))
    if float(np.nanmin(w)) < 1e-60:
        raise InputError("recording", float(np.nanmin(w)), "sizes must be >= 1e-60", "give them in a unit of their own")
