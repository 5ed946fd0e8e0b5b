"""p(w) as drift and diffusion predict it: its scores of unseen synapses, and how far chance alone takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .size_families import distance_to
from .spine_sizes import Sizes
from .synapse_fit import Standardised
from .synapse_law import SynapseFit
from .synapse_moments import DEGREE, Law

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Predicted:
    """A fitted synapse whose steps can be weighed anew: sums of moments of each synapse that was seen."""

    fit: SynapseFit
    y: Array
    moments: Standardised

    @classmethod
    def of(cls, fit: SynapseFit) -> Predicted:
        """The synapses in the order of ``Sizes``: those never seen left out."""
        y = fit.of_size(Sizes.of(fit.recording).w)
        return cls(fit, y, Standardised.of(y, fit.interval, Law(DEGREE[fit.form], fit.noise_removed)))

    def cdf(self, weights: Array, y: Array) -> Array | None:
        """F(y) of the law that steps of synapses show, weighed so; None where that has no stationary density."""
        law = self.fit.law
        try:
            return law(self.moments.numbers(np.tensordot(weights, self.moments.sums, axes=1))).cdf(y)
        except InputError:
            return None

    def scores(self, w: Array, fold: NDArray[np.int64]) -> Array:
        """ln p(w), p from the steps of synapses of the other folds: (synapse, time), 0 in gaps, -inf without a law."""
        found = np.zeros(w.shape)
        for k in range(int(fold.max()) + 1):
            rest = (fold != k).astype(np.float64)
            out = fold == k
            y = np.where(np.isfinite(self.y[out]), self.y[out], 0.0)
            try:
                law = self.fit.law(self.moments.numbers(np.tensordot(rest, self.moments.sums, axes=1)))
                logp = law.logpdf(y) - (y if self.fit.coordinate == "log" else 0.0)
            except InputError:
                logp = np.full(y.shape, -np.inf)
            found[out] = np.where(np.isfinite(w[out]), logp, 0.0)
        return found


def simulated_model(predicted: Predicted, seen: NDArray[np.bool_], draw: np.random.Generator, many: int) -> Array:
    """Distances of recordings drawn from the law itself, drift and diffusion fitted anew to each; 1 where none fits."""
    fit, law = predicted.fit, predicted.fit.law()
    moments, found = predicted.moments, []
    for _ in range(many):
        y = law.simulated(seen, fit.interval, draw)
        again = Standardised.of(y, fit.interval, moments.law, moments.centre, moments.size)
        place = np.argmax(np.where(seen, draw.random(seen.shape), -1.0), axis=1)
        one = y[np.arange(len(y)), place]
        try:
            found.append(float(distance_to(fit.law(again.numbers()).cdf(one))))
        except InputError:
            found.append(1.0)
    return np.array(found)
