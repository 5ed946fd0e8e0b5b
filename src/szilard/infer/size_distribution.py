"""Which distribution synaptic sizes have, how well it fits, and which of several fits best, if that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.recording import Recording
from ..errors import InputError, is_whole
from ..estimate import Estimate, Sampled
from .size_families import PARAMETRIC, Family, distance_to, means_of, simulated_distances
from .size_prediction import Predicted, simulated_model
from .size_result import SizeFit, SizeFits
from .spine_sizes import STEPS, Sizes, seeded
from .synapse_fit import NOT_STATIONARY, fit_synapse
from .synapse_law import SynapseFit

Array = NDArray[np.float64]
FAMILIES = ("lognormal", "gamma", "model")
FOLDS = 5
MOST = 200
"""How often a model is fitted anew, or a distance is resampled."""
ZERO = "p(w) = 0 of some sizes"


def fit_sizes(
    recording: Recording | ArrayLike,
    *,
    families: Sequence[str] | None = None,
    seed: int,
    model: SynapseFit | None = None,
    resamples: int = 400,
    simulations: int = 999,
) -> SizeFits:
    r"""ln L = sum ln p(w), the largest for log-normal and gamma; and p(w) ~ (1/D) e^{int A/D} from the dynamics alone.

    recording: sizes > 0 of one coordinate, NaN in gaps; or an array (synapse,) or (synapse, time). families: of
    "lognormal" (mean_log, sd_log), "gamma" (shape, scale) and "model"; None: all that can be. "model" is the stationary
    density of the drift and diffusion that steps in time show (``fit_synapse``, or the fit given as ``model``): a
    prediction with no parameter fitted to p(w).

    A synapse that is seen often is not many independent samples. Parameters use every look, their errors are of a
    bootstrap of whole synapses. The distance of Kolmogorov and Smirnov is taken of one look at each synapse, at a time
    drawn by the seed. Its p-value is simulated with the parameters fitted anew each time (Lilliefors; tables for given
    parameters would accept nearly everything): samples from the family, or for "model" whole recordings from its law,
    with the same gaps. Families are compared by ln p of synapses left out of the fit, in five folds; the error is that
    of synapses. AIC, too, is of one look at each. Not rejected does not mean true: with few synapses nothing is.
    seed, resamples, simulations: of the random numbers; a p-value cannot be below 1/(simulations + 1). Of "model" at
    most 199 recordings are simulated. Time grows as simulations times synapses: 100,000 of them take half a minute.
    Raises InputError for sizes <= 0, infinities, equal sizes, under 10 synapses, unknown families, and where "model"
    was asked for of what has no steps in time or no stationary density.

    Lilliefors, J. Am. Stat. Assoc. 62, 399 (1967); cluster bootstrap: Field and Welsh, J. R. Stat. Soc. B 69, 369
    (2007); log-normal sizes: Loewenstein, Kuras and Rumpel, J. Neurosci. 31, 9481 (2011).

    >>> import numpy as np
    >>> draw = np.random.default_rng(1)
    >>> found = fit_sizes(draw.gamma(1.5, 0.2, 1000), seed=1)
    >>> found["lognormal"].rejected, found["gamma"].rejected, found.best
    (True, False, 'gamma')
    """
    draw = seeded(seed)
    for name, value in (("resamples", resamples), ("simulations", simulations)):
        if not is_whole(value, 20):
            raise InputError(name, value, "must be a whole number >= 20", "leave it out")
    sizes = Sizes.of(recording)
    names, fitted, note = _chosen(recording, families, model)
    sample = sizes.one_each(draw)
    scores: dict[str, Array] = {}
    fits = []
    often = draw.multinomial(len(sizes.w), np.full(len(sizes.w), 1.0 / len(sizes.w)), size=resamples)
    fold = draw.permutation(np.arange(len(sizes.w)) % FOLDS)
    for name in names:
        if name == "model":
            assert fitted is not None
            predicted = Predicted.of(fitted)
            scores[name] = predicted.scores(sizes.w, fold)
            fits.append(_model_fit(predicted, sizes, sample, scores[name], draw, resamples, simulations))
        else:
            scores[name] = _scores(PARAMETRIC[name], sizes.w, fold)
            fits.append(_family_fit(PARAMETRIC[name], sizes, sample, scores[name], often, draw, simulations))
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    differences = {(a, b): _per_look(scores[a] - scores[b], sizes.seen) for a, b in pairs}
    return SizeFits(
        fits=tuple(fits),
        differences=MappingProxyType(differences),
        synapses=len(sizes.w),
        looks=int(sizes.seen.sum()),
        worth=sizes.worth(),
        sample=sample,
        model=fitted,
        note=note,
    )


def _chosen(
    recording: Recording | ArrayLike, families: Sequence[str] | None, model: SynapseFit | None
) -> tuple[tuple[str, ...], SynapseFit | None, str]:
    if model is not None and not isinstance(model, SynapseFit):
        raise InputError("model", type(model).__name__, "must be a SynapseFit", "sz.infer.fit_synapse(recording)")
    if model is not None and model.recording is not recording:
        raise InputError("model", model, "must be fitted to this recording", "fit_synapse(recording)")
    wanted = FAMILIES if families is None else families
    if isinstance(wanted, str) or not isinstance(wanted, Sequence) or not wanted:
        raise InputError("families", wanted, f"must be a list of {', '.join(FAMILIES)}", 'families=["lognormal"]')
    for name in wanted:
        if not isinstance(name, str) or name not in FAMILIES or list(wanted).count(name) > 1:
            raise InputError("families", name, f"must be of {', '.join(FAMILIES)}, each once", "leave it out")
    names = tuple(wanted)
    if "model" not in names:
        return names, None, ""
    without = tuple(name for name in names if name != "model")
    if not isinstance(recording, Recording):
        if families is not None:
            fix = f"{STEPS}, or leave it out"
            raise InputError("families", "model", "drift and diffusion need times", fix)
        return without, None, "no model of p(w): drift and diffusion need a recording in time"
    try:
        fit = model if model is not None else fit_synapse(recording)
        fit.law()
    except InputError as error:
        if families is not None:
            raise
        return without, None, f"no model of p(w): {error.rule}"
    notes = [NOT_STATIONARY] * (not fit.stationary) + [f"the model: {fit.note}"] * bool(fit.note)
    return names, fit, "; ".join(notes)


def _family_fit(
    family: Family, sizes: Sizes, sample: Array, scores: Array, often: NDArray[np.int64], draw: np.random.Generator,
    simulations: int,
) -> SizeFit:  # fmt: skip
    scale = _scale(sizes.w)
    sums, looks = _sums(sizes.w / scale), sizes.seen.sum(axis=1)
    weights = often.astype(np.float64)
    value = _rescaled(family, family.fit(sums.sum(axis=0) / looks.sum()), scale)
    again = _rescaled(family, family.fit((weights @ sums) / (weights @ looks)[:, None]), scale)
    n = len(sizes.w)
    error = again.std(axis=0, ddof=1)
    parameters = {
        name: Estimate(float(value[i]), float(error[i]), n, float(n)) for i, name in enumerate(family.parameters)
    }
    fitted = family.fit(means_of(sample / scale))
    u = family.cdf(sample / scale, fitted)
    distance = float(distance_to(u))
    null = simulated_distances(family, fitted, n, simulations, draw)
    p, p_error = _p_value(null, distance)
    logp = family.logpdf(sample / scale, fitted) - np.log(scale)
    return SizeFit(
        family=family.name,
        parameters=MappingProxyType(parameters),
        distance=_distance(distance, _distances(family, sample / scale, weights[:MOST]), n),
        p_value=p,
        p_stderr=p_error,
        expected=float(null.mean()),
        aic=float(2.0 * len(family.parameters) - 2.0 * logp.sum()),
        held_out=_per_look(scores, sizes.seen),
    )


def _model_fit(
    predicted: Predicted, sizes: Sizes, sample: Array, scores: Array, draw: np.random.Generator, resamples: int,
    simulations: int,
) -> SizeFit:  # fmt: skip
    fit, n = predicted.fit, len(sizes.w)
    y, law = fit.of_size(sample), fit.law()
    distance = float(distance_to(law.cdf(y)))
    again = []
    for _ in range(min(resamples, MOST)):
        chosen = np.sort(draw.integers(0, n, n))
        F = predicted.cdf(np.bincount(chosen, minlength=n).astype(np.float64), y)
        if F is not None:
            again.append(float(distance_to(F[chosen])))
    null, p, p_error = np.zeros(0), float("nan"), float("nan")
    if fit.stationary:
        null = simulated_model(predicted, sizes.seen, draw, min(simulations, MOST - 1))
        p, p_error = _p_value(null, distance)
    parameters = {"rate": fit.rate, "mean": fit.mean, "diffusion": fit.diffusion}
    return SizeFit(
        family="model",
        parameters=MappingProxyType(parameters),
        distance=_distance(distance, np.array(again), n),
        p_value=p,
        p_stderr=p_error,
        expected=float(null.mean()) if null.size else float("nan"),
        aic=float("nan"),
        held_out=_per_look(scores, sizes.seen),
    )


def _p_value(null: Array, distance: float) -> tuple[float, float]:
    """(1 + #{null >= distance})/(1 + many), which is uniform where the family is true, and its error of simulation."""
    p = float((1 + np.sum(null >= distance)) / (1 + null.size))
    return p, float(np.sqrt(p * (1.0 - p) / null.size))


def _distances(family: Family, sample: Array, weights: Array) -> Array:
    """Those of bootstrapped samples, refitted: (resample,)."""
    found = []
    for row in weights.astype(np.int64):
        chosen = np.repeat(sample, row)
        found.append(float(distance_to(family.cdf(chosen, family.fit(means_of(chosen))))))
    return np.array(found)


def _distance(distance: float, again: Array, n: int) -> Estimate:
    error = float(np.std(again, ddof=1)) if again.size > 1 else float("inf")
    return Estimate(distance, error, n, float(n))


def _scores(family: Family, w: Array, fold: NDArray[np.int64]) -> Array:
    """ln p(w), p from the synapses of the other folds: (synapse, time), 0 in gaps."""
    scale = _scale(w)
    sums, looks = _sums(w / scale), np.isfinite(w).sum(axis=1)
    found = np.zeros(w.shape)
    for k in range(FOLDS):
        rest, out = fold != k, fold == k
        parameters = family.fit(sums[rest].sum(axis=0) / looks[rest].sum())
        held = np.where(np.isfinite(w[out]), w[out] / scale, 1.0)
        found[out] = np.where(np.isfinite(w[out]), family.logpdf(held, parameters) - np.log(scale), 0.0)
    return found


def _per_look(scores: Array, seen: NDArray[np.bool_]) -> Estimate:
    """sum of scores / number of looks, its error over synapses."""
    n, looks, each = len(scores), seen.sum(axis=1), scores.sum(axis=1)
    mean = float(each.sum() / looks.sum())
    if not np.isfinite(mean):
        return Estimate(-np.inf if np.isnan(mean) else mean, float("inf"), n, float(n), "none", ZERO)
    return Sampled(mean, (each - mean * looks) * n / looks.sum()).estimate()


def _sums(w: Array) -> Array:
    """Sums over the looks of each synapse of w, ln w and (ln w)^2: (synapse, 3)."""
    x = np.log(w)
    return np.asarray(np.nansum(np.stack([w, x, x * x], axis=-1), axis=1))


def _scale(w: Array) -> float:
    """The geometric mean, so that parameters do not depend on the unit of size."""
    return float(np.exp(np.nanmean(np.log(w))))


def _rescaled(family: Family, parameters: Array, scale: float) -> Array:
    mu, theta = parameters[..., 0], parameters[..., 1]
    if family.name == "lognormal":
        return np.stack([mu + np.log(scale), theta], axis=-1)
    return np.stack([mu, theta * scale], axis=-1)
