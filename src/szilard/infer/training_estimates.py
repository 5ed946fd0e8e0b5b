"""The apparent ledger of a training run, from what was kept of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimate import Estimate, Sampled, Side, joined_side
from .training_result import TrainingLedger
from .training_seen import Seen
from .training_steps import NOISE, OWN, RAW, Training
from .training_sums import noise_overlaps, noise_traces, second_traces, summed, ways

Array = NDArray[np.float64]
FEWEST = 16
BLOCKS = 16
UNEVEN = 0.1
APART = 3.0
ENERGY = "the loss is the energy, and nothing else moves the weights"
FRESH = "every batch is drawn afresh: its noise knows nothing of the weights and of other batches"
SMALL = "small steps: first order in learning rate times curvature"
CONVEX = "the loss curves upwards along the noise"
ALIKE = "noise of one strength in all directions"
APIECE = "noise of one weight knows nothing of that of another"
GAUSS = "Gaussian noise"
BETWEEN = "the displacement holds what happened while nothing was recorded, the path does not"
RISING = "weights that start alike do not move apart faster than noise drives them"


def ledger_of(training: Training) -> TrainingLedger:
    r"""T = eta tr C / (2 N), Q = -sum_k (h_k + h_{k+1}) . dw_k / 2, S = sum_k Q_k / T_k, h = grad L without the noise.

    See ``TrainingRecording.ledger`` and the page on your own training run for what each number means and needs.
    Raises InputError for fewer than 16 steps that were seen, and for numbers too large or small to reckon with.
    """
    steps = int(training.moved.sum())
    if steps < FEWEST:
        raise InputError("recording", f"{steps} steps", f"needs at least {FEWEST}", "record more of the run")
    try:
        with np.errstate(all="ignore"):
            return _booked(training, steps)
    except ArithmeticError as error:
        rule = "holds numbers too large or small to reckon with"
        raise InputError("recording", str(error), rule, "record a run that does not diverge") from None


def _booked(training: Training, steps: int) -> TrainingLedger:
    seen = Seen(training, steps)
    amounts = _paths(seen) | (_heat(seen) if seen.plain else {})
    spectrum = training.per_weight(NOISE) / seen.time if seen.plain else np.zeros(0)
    if not np.isfinite(spectrum).all():
        raise OverflowError("a temperature that is no number")
    return TrainingLedger(amounts, training, steps, seen.mismatch, spectrum, tuple(_problems(seen, amounts)))


def mean_of_ledgers(ledgers: Iterable[TrainingLedger]) -> dict[str, Estimate]:
    r"""<x> over training runs that differ by their seeds, with the standard error of their scatter.

    ledgers: two or more, from independent runs. Amounts that one of them lacks are left out; sides and assumptions
    join. A fluctuation of one run, which its own error leaves out in part, is in this one whole.
    Raises InputError for fewer than two.

    >>> from szilard.infer.training_recording import TrainingRecording
    >>> def trained(seed):
    ...     draw, recording, w = np.random.default_rng(seed), TrainingRecording(learning_rate=0.1), np.ones(10)
    ...     for _ in range(200):
    ...         parts = w + draw.normal(size=(4, 10))
    ...         recording.step(w, 0.5 * w @ w, parts=parts)
    ...         w = w - 0.1 * parts.mean(axis=0)
    ...     return recording.ledger()
    >>> found = mean_of_ledgers(trained(seed) for seed in range(8))["temperature"]
    >>> abs(found.value - 0.1 * (1 / 4) / 2) < 4 * found.stderr  # eta C / 2, C = 1 / 4 of the mean of four
    True
    """
    runs = tuple(ledgers)
    if len(runs) < 2 or not all(isinstance(run, TrainingLedger) for run in runs):
        raise InputError("ledgers", len(runs), "must be two ledgers or more", "[r.ledger() for r in recordings]")
    found = {}
    for name in runs[0].amounts:
        if not all(name in run.amounts for run in runs):
            continue
        each = [run.amounts[name] for run in runs]
        side: Side = "two-sided"
        for e in each:
            side = joined_side(side, e.side)
        note = "; ".join(dict.fromkeys(e.note for e in each if e.note))
        known = tuple(dict.fromkeys(assumption for e in each for assumption in e.assumptions))
        source = next((e.reference for e in each if e.reference), "")
        mean = Sampled.mean([e.value for e in each], side).estimate(note)
        found[name] = Estimate(mean.value, mean.stderr, mean.n, None, mean.side, note, known, source)
    return found


def _paths(seen: Seen) -> dict[str, Estimate]:
    length = float(np.sqrt(seen.of("step2")).sum())
    away = sqrt(float(seen.training.column("away2")[-1]))
    side: Side = "none" if seen.breaks else "two-sided"
    note = BETWEEN if seen.breaks else ""
    change, blur = seen.change
    return {
        "path_length": Estimate.exact(length),
        "displacement": Estimate.exact(away, "two-sided", note),
        "straightness": Estimate.exact(away / length if length > 0.0 else 0.0, side, note),
        "loss_change": seen.estimate((change, blur), "two-sided", FRESH),
        "heat_from_loss": seen.estimate((-change, blur), "two-sided", ENERGY, FRESH),
    }


def _heat(seen: Seen) -> dict[str, Estimate]:
    training, n, t = seen.training, seen.training.trained, seen.time
    eta, traces = seen.of("rate"), noise_traces(seen.training)
    warm = 0.5 * eta**2 * traces / n
    total, error = summed(warm, -0.5 * eta**2 * traces.mean() / n)  # the rate is known, however it changes
    scatter = training.scattered
    known = (FRESH, SMALL) if scatter else (FRESH, SMALL, CONVEX)
    temperature = seen.estimate((total / t, error / t), "two-sided" if scatter else "upper", *known)
    raw = -0.5 * (seen.of("before") + seen.of("after"))
    heat = raw - 0.5 * eta * traces if scatter else -seen.of("after")
    along = seen.estimate(summed(heat, seen.falls), "two-sided" if scatter else "lower", *known)
    change, blur = seen.change
    work = seen.estimate(
        (along.value + change, hypot(along.stderr, blur)), along.side, *known, "the loss given is that of the gradients"
    )
    found = {"temperature": temperature, "heat_along_path": along, "work": work}
    if not scatter:
        found["temperature_two_apart"] = _two_apart(seen)
        balance, blurred = summed(raw, seen.falls)
        mean = (balance + change) / (n * seen.steps), hypot(blurred, blur) / (n * seen.steps)
        found["temperature_from_balance"] = seen.estimate(mean, "two-sided", FRESH, ENERGY)
    found |= _entropies(seen, temperature, raw, heat, traces)
    return found


def _two_apart(seen: Seen) -> Estimate:
    x = 0.5 * seen.of("rate") ** 2 * second_traces(seen.training) / seen.training.trained
    time = float(seen.of("rate")[np.isfinite(x)].sum())
    total, error = summed(x)
    return seen.estimate((total / time, error / time), "upper", FRESH, SMALL, CONVEX)


def _entropies(seen: Seen, temperature: Estimate, raw: Array, heat: Array, traces: Array) -> dict[str, Estimate]:
    training = seen.training
    found: dict[str, Estimate] = {}
    if not temperature.value > 0.0:
        return found
    warm, doubt = _blockwise(seen, traces)
    unbiased = np.maximum(0.0, 1.0 - doubt)  # <1 / T> of an estimated T is 1 / T over this
    if training.scattered:
        flow, offset = (unbiased * raw - (raw - heat)) / warm, 0.0
    else:
        flow, offset = unbiased * heat / warm, 2.0 * np.unique(warm).size  # what g_k . g_{k+1} shares with its own T
    value, error = summed(flow, seen.falls / warm)
    error = hypot(error, _shaken(flow, warm, doubt))
    value -= offset
    known = temperature.assumptions
    relative = temperature.stderr / temperature.value
    even, apart = _evenness(seen)
    side: Side = temperature.side if temperature.side == "two-sided" else "lower" if value > 0.0 else "none"
    note = "" if even else "temperatures differ between weights"
    found["entropy_flow"] = seen.estimate(
        (value, error), side if even and apart else "none", *known, ALIKE, APIECE, note=note
    )
    change, blur = seen.change
    loss = -change / temperature.value, hypot(blur, change * relative) / temperature.value
    side = temperature.side if temperature.side == "two-sided" else "lower" if loss[0] > 0.0 else "none"
    steady = (ENERGY, ALIKE, APIECE, "one temperature all the time")
    found["entropy_flow_from_loss"] = seen.estimate(loss, side if even and apart else "none", *known, *steady)
    if training.scattered and training.per_weight(NOISE).size:
        found["entropy_flow_per_weight"] = _per_weight(seen, apart)
    return found | _least(seen, temperature)


def _blockwise(seen: Seen, traces: Array) -> tuple[Array, Array]:
    """The temperature of the block of time that each step is in, and its relative variance: (step,) each."""
    eta = seen.of("rate")
    block = np.arange(seen.steps) * min(BLOCKS, seen.steps // FEWEST) // seen.steps
    many = np.bincount(block)
    warm = np.bincount(block, 0.5 * eta**2 * traces) / (seen.training.trained * np.bincount(block, eta))
    return np.asarray(np.maximum(warm, 1e-300)[block]), np.asarray((seen.chance / (many * seen.directions))[block])


def _shaken(flow: Array, warm: Array, doubt: Array) -> float:
    """The error of sum_b Q_b / T_b that comes from the T_b."""
    blocks, first, where = np.unique(warm, return_index=True, return_inverse=True)
    each = np.bincount(where, flow, minlength=blocks.size)
    return float(np.sqrt(np.sum(each**2 * doubt[first])))


def _evenness(seen: Seen) -> tuple[bool, bool]:
    """Whether temperatures of weights differ by less than a tenth beyond chance; whether noises are apart."""
    each = seen.training.per_weight(NOISE)
    if not each.any():
        return False, False
    mean = float(each.mean())
    spread = float(np.var(each)) / mean**2 - seen.chance / seen.steps
    expected = seen.training.trained * mean**2 / float(np.mean(each**2))
    return spread < UNEVEN**2, seen.directions > 0.5 * expected


def _per_weight(seen: Seen, apart: bool) -> Estimate:
    training = seen.training
    noise, raw, own = (training.per_weight(kind) for kind in (NOISE, RAW, OWN))
    freedom = 2.0 * seen.steps / seen.chance
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = np.where(noise > 0.0, (raw * (1.0 - 2.0 / freedom) - own) / (noise / seen.time), 0.0)
    scale = training.trained / flow.size
    error = scale * sqrt(flow.size) * float(np.std(flow, ddof=1)) if flow.size > 1 else float("inf")
    side: Side = "two-sided" if apart else "none"
    known = (FRESH, SMALL, GAUSS, APIECE, "one temperature of each weight all the time")
    return seen.estimate((scale * float(flow.sum()), error), side, *known)


def _least(seen: Seen, temperature: Estimate) -> dict[str, Estimate]:
    eta, t = seen.of("rate"), seen.time
    overlap, both = noise_overlaps(seen.training)
    held = np.isfinite(overlap)
    squares, error = summed(overlap)
    product, _ = summed(both)
    if not squares > 0.0:
        return {}
    ratio = product / squares
    with np.errstate(invalid="ignore"):
        blur = summed(both - ratio * overlap)[1] / squares
    strength = float((eta[held] ** 3 * overlap[held]).sum()) / 16.0 * t / float(eta[held].sum())
    if not strength > 0.0:
        return {}
    most = sqrt(strength / t)  # not below the time average of sqrt(tr D^2), which is not below D along any direction
    way, straight, many = ways(seen.training, temperature.value)
    value = straight**2 / (t * most)
    stderr = sqrt(8.0 * way**2 / (t * most) + 8.0 * many**2) if value > 0.0 else 0.0
    stderr = hypot(stderr, value * 0.5 * error / squares)
    return {
        "noise_directions": seen.estimate((ratio, blur), "two-sided", FRESH),
        "least_entropy_production": seen.estimate((value, stderr), "lower", FRESH, SMALL, GAUSS, RISING),
    }


def _problems(seen: Seen, amounts: dict[str, Estimate]) -> list[str]:
    found: list[str] = []
    if seen.late:
        found.append("every step follows the gradient given after it: call step() before the optimizer moves")
    elif not seen.training.trained:
        found.append("no weight ever moved")
    elif not seen.plain:
        found.append(
            f"the steps are not -eta g (they differ by {100.0 * seen.mismatch:.3g} % of their size): momentum, an "
            "adaptive optimizer, weight decay, clipping or coarse numbers; no temperature follows from these gradients"
        )
    if seen.breaks > 0:
        found.append(f"the recording was taken up again {seen.breaks} times; what happened in between is not booked")
    if seen.training.stopped:
        found.append(f"the recording stopped after {len(seen.training.rows)} calls: {seen.training.stopped}")
    return found + (_doubts(seen, amounts) if seen.plain else [])


def _doubts(seen: Seen, amounts: dict[str, Estimate]) -> list[str]:
    if not amounts["temperature"].value > 0.0:
        return ["the gradients have no noise: no temperature, and no entropy"]
    found = []
    even, apart = _evenness(seen)
    if not seen.training.per_weight(NOISE).any():
        return ["none of the weights watched has noise: give the trainable ones alone"]
    if not even:
        found.append("weights have temperatures that differ: heat over the mean temperature is not the entropy flow")
    if not apart:
        few = f"in about {seen.directions:.3g} directions"
        found.append(f"the noise moves the weights together, {few}: no sum over weights holds")
    far = amounts.get("temperature_two_apart")
    near = amounts["temperature"]
    if far is not None and abs(far.value - near.value) > UNEVEN * near.value + APART * hypot(far.stderr, near.stderr):
        found.append("the noise two steps apart is another: the mean gradient changes fast, or batches are not fresh")
    return found
