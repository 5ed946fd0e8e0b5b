"""Closed forms and exact quadratures: what the learners and their samplers are checked against."""

from __future__ import annotations

from .finite import FiniteHebbian, hebbian_finite
from .forcing import AdditiveHeat, additive_heat, ramp_heat
from .hebb import Hebbian, hebbian, hebbian_ceiling, hebbian_weak_efficiency
from .speed_limited import SpeedLimited, speed_limited_efficiency
from .synapse import SingleSynapse, single_synapse

__all__ = [
    "AdditiveHeat",
    "FiniteHebbian",
    "Hebbian",
    "SingleSynapse",
    "SpeedLimited",
    "additive_heat",
    "hebbian",
    "hebbian_ceiling",
    "hebbian_finite",
    "hebbian_weak_efficiency",
    "ramp_heat",
    "single_synapse",
    "speed_limited_efficiency",
]
