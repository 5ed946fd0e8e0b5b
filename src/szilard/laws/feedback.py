"""Fluctuation theorem and second law of a system that is measured once and then driven by the outcome."""

from __future__ import annotations

from dataclasses import replace

from numpy.typing import ArrayLike

from ..check import BoundCheck
from ..errors import InputError, number
from ..estimate import Estimate, exponential_average
from .given import Amount, compared, in_range, known, per_replica, plus, positive, scaled
from .unseen import SEEN

REFERENCE = "Sagawa and Ueda, PRL 104, 090602 (2010)"
MEASURED = (
    "one bath at the temperature given, local detailed balance at every control",
    "the outcome m depends on the state at the time of the measurement only, through p(m|x)",
    "after it the control depends on m and time only",
    "information is i = ln p(m|x) - ln p(m) of the measurement that was made",
    "free_energy_change is that from the initial control to the final one, the same for every outcome",
)
FROM_EQUILIBRIUM = "the system starts in equilibrium at the initial control"


@in_range
def sagawa_ueda(
    work: ArrayLike, information: ArrayLike, *, temperature: float, free_energy_change: float = 0.0
) -> BoundCheck:
    r"""<e^{-(W - dF)/T - i}> = 1,  i = ln p(m|x) - ln p(m).

    work: (replica,), W > 0 on the system, in k_B T0; information: (replica,), in nats, what each replica's measurement
    told; its mean is the mutual information of state and outcome. free_energy_change: dF, in k_B T0. An average of an
    exponential lives on rare replicas: with fewer than 100 effective samples the verdict is "inconclusive".
    Where the final control, and so dF, depends on the outcome, pass W - dF(m) as the work.
    Raises InputError for different lengths, values that are not finite, no samples, or T <= 0.

    Sagawa and Ueda, PRL 104, 090602 (2010); PRE 85, 021104 (2012).

    >>> import szilard as sz
    >>> run = sz.systems.demon(0.1).simulate(5.0, replicas=20_000, seed=1)
    >>> sagawa_ueda(run.work, run.information, temperature=1.0).verdict
    'holds'
    """
    T, dF = positive(temperature, "temperature"), number("free_energy_change", free_energy_change)
    W, i = per_replica(work, "work"), per_replica(information, "information")
    if i.size != W.size:
        raise InputError("information", i.size, f"must have as many replicas as work: {W.size}", "of the same replicas")
    assumptions = (*MEASURED, FROM_EQUILIBRIUM, SEEN)
    measured = replace(exponential_average((W - dF) / T + i), assumptions=assumptions)
    name = "<exp[-(W - dF)/T - i]> = 1"
    return BoundCheck(name, measured, Estimate.exact(1.0), assumptions, REFERENCE, relation="=")


@in_range
def second_law_with_information(
    work: Amount, information: Amount, *, temperature: float, free_energy_change: Amount = 0.0
) -> BoundCheck:
    r"""dF - T I <= <W>,  I = <ln p(m|x) - ln p(m)>: a measurement pays for at most T I of work.

    work and information: samples (replica,) of the same replicas (their correlation is then kept), or numbers,
    Estimates or Sampled; work > 0 on the system, in k_B T0, information in nats. With information=0 it is the second
    law without feedback, W >= dF. Attained by reversible feedback: the control jumps to where the posterior p(x|m) is
    the equilibrium, and returns infinitely slowly.
    Raises InputError for values that are not finite, no samples, or T <= 0.

    Sagawa and Ueda, PRL 100, 080403 (2008) and 104, 090602 (2010).

    >>> second_law_with_information(-0.3, 0.368, temperature=1.0).verdict
    'holds'
    >>> second_law_with_information(-0.3, 0.0, temperature=1.0).verdict
    'violated'
    """
    T = positive(temperature, "temperature")
    gained = scaled(known(information, "information"), -T)
    least = plus(known(free_energy_change, "free_energy_change"), gained)
    return compared("dF - T I <= <W>", least, known(work, "work"), (*MEASURED, FROM_EQUILIBRIUM), REFERENCE)
