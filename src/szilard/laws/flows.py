"""Second laws of one part of a system, with the information that flows into it; what a driven system remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..check import ROUNDING, BoundCheck
from ..errors import InputError
from ..estimate import Estimate, Side, numbers
from .given import Amount, Known, compared, estimated, in_range, known, mapped, plus, positive, scaled, summed

BIPARTITE = (
    "every jump changes one of the two parts only; noises of the two parts are independent",
    "local detailed balance: the heat counts all jumps of this part, in all its baths",
    "nothing hidden acts on the two parts",
)
STEADY = "the joint state (x, y) is Markov, bipartite and stationary"
WHOLE_PAST = "transfer_entropy conditions on the whole past of x, and is per the same time as flow"
STEP = (
    "work_dissipated is W - dF of the step x -> x' at fixed s, F = E - T H(s|x) the nonequilibrium free energy",
    "memory is I(s:x), prediction I(s:x'), of s and the signal before and after the step",
)
STILL = "Still, Sivak, Bell and Crooks, PRL 109, 120604 (2012)"
HIDDEN = (
    "no feedback: the signal never looks at the system",
    "the signal is itself Markov: its present value tells all that its past tells of the next one",
)


@in_range
def information_flow(
    flow: Amount, entropy_change: Amount, heat: Amount | Sequence[Amount], *, temperature: float | Sequence[float]
) -> BoundCheck:
    r"""Idot_x <= dS_x/dt + sum_r Qdot_{x,r} / T_r: what one part learns of the other is paid for by its own baths.

    flow: Idot_x = d I(x:y) by changes of x alone, in nats, < 0 where x uses up what the other part knows of it.
    entropy_change: of p(x), in nats; heat: INTO the baths of x by changes of x alone, in k_B T0; temperature: of that
    bath, in T0, or a sequence beside a sequence of heats. All per time, or all over the same time. Numbers, Estimates,
    Sampled or samples (replica,); samples of the same replicas keep their correlation.
    With flow = 0 it would be the second law of x alone, which a demon breaks.
    Raises InputError for values that are not finite, no samples, or T <= 0.

    Horowitz and Esposito, PRX 4, 031015 (2014); Hartich, Barato and Seifert, J. Stat. Mech. P02016 (2014).

    >>> information_flow(0.2, 0.0, 0.5, temperature=2.0).verdict
    'holds'
    """
    paid = summed([("entropy_change", entropy_change, 1.0), *_over_temperature(heat, temperature)])
    reference = "Horowitz and Esposito, PRX 4, 031015 (2014)"
    return compared("Idot_x <= dS_x/dt + Qdot_x/T", known(flow, "flow"), paid, BIPARTITE, reference)


@in_range
def learning_rate_bound(flow: Amount, transfer_entropy: Amount) -> BoundCheck:
    r"""l_x = Idot_x <= T_{y->x}: what x holds on to of y is at most what its whole path takes in.

    flow: the learning rate l_x; transfer_entropy: its rate from y to x; both in nats per time, of a steady state.
    Numbers, Estimates, Sampled or samples (replica,). Raises InputError for values that are not finite.

    Hartich, Barato and Seifert, J. Stat. Mech. P02016 (2014); PRE 93, 022116 (2016).

    >>> learning_rate_bound(0.05, 0.08).verdict
    'holds'
    """
    reference = "Hartich, Barato and Seifert, J. Stat. Mech. P02016 (2014)"
    taken = known(transfer_entropy, "transfer_entropy")
    return compared("l_x <= T_{y->x}", known(flow, "flow"), taken, (STEADY, WHOLE_PAST), reference)


@in_range
def sensory_capacity(flow: Amount, transfer_entropy: Amount) -> Estimate:
    r"""C = l_x / T_{y->x}, between 0 and 1: the share of what a sensor takes in that its present state still tells.

    flow: the learning rate l_x >= 0; transfer_entropy: its rate > 0 from y to x, in the same unit; numbers, Estimates,
    Sampled or samples (replica,). C = 1: the present state x tells of y as much as its whole past does.
    Sampled, C may lie outside; the estimate is then given with a note.
    Raises InputError for values that are not finite, a transfer entropy <= 0, or exact numbers with C outside.

    Hartich, Barato and Seifert, PRE 93, 022116 (2016).

    >>> sensory_capacity(0.05, Estimate(0.08, 0.001, 1000)).value
    0.625
    """
    learned, taken = known(flow, "flow"), known(transfer_entropy, "transfer_entropy")
    if not taken.value > 0.0:
        raise InputError("transfer_entropy", taken.value, "must be > 0", "a sensor that takes in nothing has none")
    C = learned.value / taken.value
    found = estimated(plus(mapped(learned, C, 1.0 / taken.value), mapped(taken, 0.0, -C / taken.value)))
    note = _outside(found, estimated(learned))
    reference = "Hartich, Barato and Seifert, PRE 93, 022116 (2016)"
    return replace(found, note=note, assumptions=(STEADY, WHOLE_PAST), reference=reference)


@in_range
def nostalgia(dissipated_work: Amount, memory: Amount, prediction: Amount, *, temperature: float) -> BoundCheck:
    r"""T [I(s:x) - I(s:x')] = <W_diss>,  W_diss = W - dF: a step of the signal x -> x' wastes what s remembers in vain.

    dissipated_work: of the step alone, with dF the change of the nonequilibrium free energy <E> - T H(s|x); W > 0 on
    the system, in k_B T0. memory, prediction: I(s:x) and I(s:x'), in nats. Numbers, Estimates, Sampled (see
    ``information.sampled_information``) or samples (replica,); those of the same replicas keep their correlation.
    Raises InputError for values that are not finite, no samples, or T <= 0.

    Still, Sivak, Bell and Crooks, PRL 109, 120604 (2012).

    >>> nostalgia(0.2, 0.25, 0.05, temperature=1.0).verdict
    'holds'
    """
    useless = _useless(memory, prediction, temperature)
    wasted = known(dissipated_work, "dissipated_work")
    return replace(compared("T [I_mem - I_pred] = <W_diss>", useless, wasted, STEP, STILL), relation="=")


@in_range
def cost_of_nostalgia(
    work: Amount, memory: Amount, prediction: Amount, *, temperature: float, free_energy_change: Amount = 0.0
) -> BoundCheck:
    r"""T [I(s:x) - I(s:x')] <= <W> - dF: over a step of the signal and the relaxation that follows it.

    work: > 0 on the system, of the step, in k_B T0; free_energy_change: of <E> - T H(s|x) over step and relaxation,
    zero where they repeat in a steady state. memory, prediction and what may be passed: as in ``nostalgia``.
    Raises InputError for values that are not finite, no samples, or T <= 0.

    Still, Sivak, Bell and Crooks, PRL 109, 120604 (2012).

    >>> cost_of_nostalgia(0.3, 0.25, 0.05, temperature=1.0).verdict
    'holds'
    """
    spent = plus(known(work, "work"), scaled(known(free_energy_change, "free_energy_change"), -1.0))
    assumptions = (
        "between the steps of the signal the system relaxes in a bath at this temperature, with the signal held",
        STEP[1],
        "free_energy_change is that of the nonequilibrium free energy <E> - T H(s|x) over the whole cycle",
    )
    useless = _useless(memory, prediction, temperature)
    return compared("T [I_mem - I_pred] <= <W> - dF", useless, spent, assumptions, STILL)


@in_range
def prediction_bound(prediction: Amount, memory: Amount) -> BoundCheck:
    r"""I(s:x') <= I(s:x): no system knows more of a Markov signal's next value than of its present one.

    Data processing along s - x - x'. Of a signal with memory the system may know what the present value does not tell,
    and the bound fails. It fails too where the system acts back on the signal, and a step of the signal may then give
    work back. Numbers, Estimates, Sampled or samples (replica,), in nats.
    Raises InputError for values that are not finite, or no samples.

    Still, Sivak, Bell and Crooks, PRL 109, 120604 (2012).

    >>> prediction_bound(0.05, 0.25).verdict
    'holds'
    """
    ahead, now = known(prediction, "prediction"), known(memory, "memory")
    return compared("I_pred <= I_mem", ahead, now, (*HIDDEN, STEP[1]), STILL)


def _useless(memory: Amount, prediction: Amount, temperature: float) -> Known:
    T = positive(temperature, "temperature")
    return plus(scaled(known(memory, "memory"), T), scaled(known(prediction, "prediction"), -T))


def _over_temperature(heat: Any, temperature: Any) -> list[tuple[str, Any, float]]:
    """(name, Q_r, 1 / T_r) of one reservoir, or of as many heats as temperatures."""
    warm = numbers(temperature, "temperature")
    if warm.ndim == 0:
        return [("heat", heat, 1.0 / positive(temperature, "temperature"))]
    if warm.ndim != 1:
        raise InputError("temperature", warm.shape, "must be (reservoir,)", "one temperature per reservoir")
    several = list(heat) if isinstance(heat, (list, tuple)) or (isinstance(heat, np.ndarray) and heat.ndim) else [heat]
    if len(several) != warm.size or not several:
        rule = f"must have one amount for each of {warm.size} temperatures"
        raise InputError("heat", len(several), rule, "a list of amounts, one per reservoir")
    return [
        (f"heat[{r}]", q, 1.0 / positive(t, f"temperature[{r}]"))
        for r, (q, t) in enumerate(zip(several, temperature, strict=True))
    ]


def _outside(capacity: Estimate, flow: Estimate) -> str:
    """What to say of a capacity that is none; raises InputError where no error of sampling excuses it."""
    below: tuple[Side, ...] = ("two-sided", "upper")
    above: tuple[Side, ...] = ("two-sided", "lower")
    if flow.stderr == 0.0 and capacity.value < -ROUNDING and flow.side in below:
        raise InputError("flow", flow.value, "must be >= 0: a sensor learns", "take the part that does, or check signs")
    if capacity.stderr == 0.0 and capacity.value > 1.0 + ROUNDING and capacity.side in above:
        rule = "must be at most the transfer entropy, in a steady state"
        raise InputError("flow", flow.value, rule, "give both per the same time, and the whole past to the other")
    return (
        ""
        if -ROUNDING <= capacity.value <= 1.0 + ROUNDING
        else "outside 0 to 1: by its error, or the state is not steady"
    )
