"""Laws of stochastic thermodynamics: arrays or estimates in, an Estimate or a BoundCheck out.

``work_relations`` and ``entropy_theorems`` hold fluctuation theorems, ``precision`` uncertainty relations, ``speed``
limits of time, ``erasure`` and ``feedback`` and ``flows`` what information costs, ``ceilings`` the most that can be
dissipated, ``second_law`` what is learned against what is paid; ``panel`` shows many of them together.
"""

from .ceilings import cost_ceiling, entropy_from_traffic, traffic_ceiling, variation_ceiling
from .certified import certified_ceiling
from .entropy_theorems import (
    DetailedTheorem,
    detailed_fluctuation_table,
    detailed_fluctuation_theorem,
    gallavotti_cohen,
    hatano_sasa,
    housekeeping_theorem,
    integral_fluctuation_theorem,
)
from .erasure import TwoLevelErasure, landauer, two_level_erasure
from .feedback import sagawa_ueda, second_law_with_information
from .flows import (
    cost_of_nostalgia,
    information_flow,
    learning_rate_bound,
    nostalgia,
    prediction_bound,
    sensory_capacity,
)
from .panel import Laws
from .precision import driven_uncertainty_relation, kinetic_uncertainty_relation, uncertainty_relation
from .second_law import second_law_of_learning
from .speed import slow_driving_limit, speed_limit, wasserstein_distance
from .trial_functions import TrialFunctions, fourier, polynomials
from .work_relations import crooks, jarzynski, second_law_of_work

__all__ = [
    "DetailedTheorem",
    "Laws",
    "TrialFunctions",
    "TwoLevelErasure",
    "certified_ceiling",
    "cost_ceiling",
    "cost_of_nostalgia",
    "crooks",
    "detailed_fluctuation_table",
    "detailed_fluctuation_theorem",
    "driven_uncertainty_relation",
    "entropy_from_traffic",
    "fourier",
    "gallavotti_cohen",
    "hatano_sasa",
    "housekeeping_theorem",
    "information_flow",
    "integral_fluctuation_theorem",
    "jarzynski",
    "kinetic_uncertainty_relation",
    "landauer",
    "learning_rate_bound",
    "nostalgia",
    "polynomials",
    "prediction_bound",
    "sagawa_ueda",
    "second_law_of_learning",
    "second_law_of_work",
    "second_law_with_information",
    "sensory_capacity",
    "slow_driving_limit",
    "speed_limit",
    "traffic_ceiling",
    "two_level_erasure",
    "uncertainty_relation",
    "variation_ceiling",
    "wasserstein_distance",
]


def __dir__() -> list[str]:
    return __all__
