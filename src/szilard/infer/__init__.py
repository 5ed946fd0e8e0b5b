"""Entropy production, drift and diffusion from recorded trajectories alone.

``jump_currents``, ``words``, ``short_time`` and ``linear_fit`` estimate entropy production, ``drift_linear`` and
``drift_field`` the law of motion, ``extrapolation_fit`` the value at infinite size; ``size_distribution``,
``synapse_fit`` and ``budget_of_synapse`` read sizes of synapses; ``comparison`` sets all estimates beside the exact
value of a known process. ``training_recording`` keeps the books of a user's own training loop, ``training_estimates``
makes its apparent ledger.
"""

from ..data.recording import Recording
from .budget_of_synapse import synapse_budget
from .comparison import SideBySide, side_by_side
from .drift_bins import BinnedDrift
from .drift_field import DriftDiffusion, binned_drift, drift_diffusion
from .drift_linear import LinearDrift, linear_drift
from .extrapolation_fit import SizeLimit, extrapolate
from .jump_currents import entropy_production_from_currents
from .linear_fit import entropy_production_from_linear_fit
from .short_time import entropy_production_from_short_times
from .size_distribution import fit_sizes
from .size_result import SizeFit, SizeFits
from .synapse_costs import SynapseBudget
from .synapse_fit import fit_synapse
from .synapse_law import SynapseFit
from .training_estimates import mean_of_ledgers
from .training_recording import TrainingRecording, training_ledger
from .training_result import TrainingLedger
from .words import Growth, entropy_production_from_words, growth_with_words

__all__ = [
    "BinnedDrift",
    "DriftDiffusion",
    "Growth",
    "LinearDrift",
    "Recording",
    "SideBySide",
    "SizeFit",
    "SizeFits",
    "SizeLimit",
    "SynapseBudget",
    "SynapseFit",
    "TrainingLedger",
    "TrainingRecording",
    "binned_drift",
    "drift_diffusion",
    "entropy_production_from_currents",
    "entropy_production_from_linear_fit",
    "entropy_production_from_short_times",
    "entropy_production_from_words",
    "extrapolate",
    "fit_sizes",
    "fit_synapse",
    "growth_with_words",
    "linear_drift",
    "mean_of_ledgers",
    "side_by_side",
    "synapse_budget",
    "training_ledger",
]


def __dir__() -> list[str]:
    return __all__
