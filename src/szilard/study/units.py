"""What k_B T0 and nats are in joules and in the cell's own currency."""

from __future__ import annotations

from math import log

BOLTZMANN = 1.380649e-23
"""Joule per kelvin, exact (SI 2019)."""

ATP = 20.0
"""k_B T released by one ATP under the conditions of a living cell, a round figure."""


def joules(energy: float, kelvin: float) -> float:
    """E k_B T0 in joules.

    >>> f"{joules(log(2.0), 300.0):.3g}"
    '2.87e-21'
    """
    return energy * BOLTZMANN * kelvin


def per_bit(energy: float, information: float) -> float:
    """Energy in k_B T0 per bit learned; infinite where nothing was learned."""
    return energy * log(2.0) / information if information > 0 else float("inf")
