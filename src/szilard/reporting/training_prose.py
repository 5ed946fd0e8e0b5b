"""The answer of a training run in two sentences, each made from its numbers."""

from __future__ import annotations

from ..estimate import Estimate
from ..infer.training_result import TrainingLedger

BOUND = {"two-sided": "", "upper": "at most ", "lower": "at least ", "none": "about "}


def answer(ledger: TrainingLedger) -> str:
    """What the loss gave away and how straight the way was; then how warm the noise was and what that makes in nats."""
    change, straight = ledger["loss_change"], ledger["straightness"]
    verb = "fell" if change.value < 0.0 else "rose"
    first = (
        f"In {ledger.steps} steps the loss {verb} by {_said(change, abs(change.value))}, and the weights went "
        f"{ledger['path_length'].value:.4g} to get {ledger['displacement'].value:.4g} away, "
        + (f"{100.0 * straight.value:.3g} % of their way." if straight.side != "none" else "in part unrecorded.")
    )
    if "temperature" not in ledger:
        return f"{first} No temperature follows from these gradients, and so no entropy: {ledger.problems[0]}."
    warm = ledger["temperature"]
    degree = f"{BOUND[warm.side]}{_said(warm)} (in units of the loss)"
    second = f"The noise of the batches has an apparent temperature of {degree}"
    if "entropy_flow" not in ledger:
        return f"{first} {second}."
    flow = ledger["entropy_flow"]
    if flow.side == "none":
        least = ledger["least_entropy_production"] if "least_entropy_production" in ledger else None
        if least is not None and least.value > 0.0:
            return f"{first} {second}; so far a way in that time produces at least {_said(least)} nat."
        return f"{first} {second}; what flowed into it as entropy these data do not tell."
    return f"{first} {second}, into which {BOUND[flow.side]}{_said(flow)} nat flowed."


def _said(estimate: Estimate, value: float | None = None) -> str:
    value = estimate.value if value is None else value
    error = estimate.stderr
    if not error > 0.0:
        return f"{value:.4g}"
    if not 1e-3 < error < 1e5:
        return f"{value:.3g} +- {error:.2g}"
    digits = max(0, 1 - int(f"{error:.1e}".split("e")[1]))
    return f"{value:.{digits}f} +- {error:.{digits}f}"
