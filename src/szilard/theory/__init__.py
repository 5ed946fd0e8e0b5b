"""Closed forms and exact quadratures: what the learners and their samplers are checked against."""

from __future__ import annotations

from .asymptotic import OnlineAsymptote, online_asymptote
from .averages_online import KickAverages, kick_averages
from .batch import batch_error
from .course_online import OnlineCourse
from .descent import SgdEntropyProduction, sgd_entropy_production
from .finite import FiniteHebbian, hebbian_finite
from .forcing import AdditiveHeat, additive_heat, ramp_heat
from .hebb import Hebbian, hebbian, hebbian_ceiling, hebbian_weak_efficiency
from .order_parameters import online
from .shared_channel import HebbianJoint, hebbian_joint
from .speed_limited import SpeedLimited, speed_limited_efficiency
from .stationary_online import OnlineStationary, RestPoint, online_stationary
from .switching import switching_heat_rate
from .synapse import SingleSynapse, single_synapse
from .teacher import fresh_label_information, teacher_information
from .weight_chain import HebbianChain, hebbian_chain

__all__ = [
    "AdditiveHeat",
    "FiniteHebbian",
    "Hebbian",
    "HebbianChain",
    "HebbianJoint",
    "KickAverages",
    "OnlineAsymptote",
    "OnlineCourse",
    "OnlineStationary",
    "RestPoint",
    "SgdEntropyProduction",
    "SingleSynapse",
    "SpeedLimited",
    "additive_heat",
    "batch_error",
    "fresh_label_information",
    "hebbian",
    "hebbian_ceiling",
    "hebbian_chain",
    "hebbian_finite",
    "hebbian_joint",
    "hebbian_weak_efficiency",
    "kick_averages",
    "online",
    "online_asymptote",
    "online_stationary",
    "ramp_heat",
    "sgd_entropy_production",
    "single_synapse",
    "speed_limited_efficiency",
    "switching_heat_rate",
    "teacher_information",
]


def __dir__() -> list[str]:
    return __all__
