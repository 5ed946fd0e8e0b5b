"""Laws of stochastic thermodynamics: arrays or estimates in, an Estimate or a BoundCheck out.

``work_relations`` and ``entropy_theorems`` hold fluctuation theorems, ``precision`` uncertainty relations, ``speed``
limits of time, ``erasure`` and ``feedback`` and ``flows`` what information costs, ``ceilings`` the most that can be
dissipated, ``second_law`` what is learned against what is paid; ``panel`` shows many of them together.
"""

from .ceilings import cost_ceiling as cost_ceiling
from .ceilings import entropy_from_traffic as entropy_from_traffic
from .ceilings import traffic_ceiling as traffic_ceiling
from .ceilings import variation_ceiling as variation_ceiling
from .certified import certified_ceiling as certified_ceiling
from .entropy_theorems import DetailedTheorem as DetailedTheorem
from .entropy_theorems import detailed_fluctuation_table as detailed_fluctuation_table
from .entropy_theorems import detailed_fluctuation_theorem as detailed_fluctuation_theorem
from .entropy_theorems import gallavotti_cohen as gallavotti_cohen
from .entropy_theorems import hatano_sasa as hatano_sasa
from .entropy_theorems import housekeeping_theorem as housekeeping_theorem
from .entropy_theorems import integral_fluctuation_theorem as integral_fluctuation_theorem
from .erasure import TwoLevelErasure as TwoLevelErasure
from .erasure import landauer as landauer
from .erasure import two_level_erasure as two_level_erasure
from .feedback import sagawa_ueda as sagawa_ueda
from .feedback import second_law_with_information as second_law_with_information
from .flows import cost_of_nostalgia as cost_of_nostalgia
from .flows import information_flow as information_flow
from .flows import learning_rate_bound as learning_rate_bound
from .flows import nostalgia as nostalgia
from .flows import prediction_bound as prediction_bound
from .flows import sensory_capacity as sensory_capacity
from .panel import Laws as Laws
from .precision import driven_uncertainty_relation as driven_uncertainty_relation
from .precision import kinetic_uncertainty_relation as kinetic_uncertainty_relation
from .precision import uncertainty_relation as uncertainty_relation
from .second_law import second_law_of_learning as second_law_of_learning
from .speed import slow_driving_limit as slow_driving_limit
from .speed import speed_limit as speed_limit
from .speed import wasserstein_distance as wasserstein_distance
from .trial_functions import TrialFunctions as TrialFunctions
from .trial_functions import fourier as fourier
from .trial_functions import polynomials as polynomials
from .work_relations import crooks as crooks
from .work_relations import jarzynski as jarzynski
from .work_relations import second_law_of_work as second_law_of_work
