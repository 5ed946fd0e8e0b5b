"""Entropy production, drift and diffusion from recorded trajectories alone.

``jump_currents``, ``words``, ``short_time`` and ``linear_fit`` estimate entropy production, ``drift_linear`` and
``drift_field`` the law of motion; ``comparison`` sets all of them beside the exact value of a known process.
"""

from ..data.recording import Recording
from .comparison import SideBySide, side_by_side
from .drift_field import BinnedDrift, DriftDiffusion, binned_drift, drift_diffusion
from .drift_linear import LinearDrift, linear_drift
from .jump_currents import entropy_production_from_currents
from .linear_fit import entropy_production_from_linear_fit
from .short_time import entropy_production_from_short_times
from .words import Growth, entropy_production_from_words, growth_with_words

__all__ = [
    "BinnedDrift",
    "DriftDiffusion",
    "Growth",
    "LinearDrift",
    "Recording",
    "SideBySide",
    "binned_drift",
    "drift_diffusion",
    "entropy_production_from_currents",
    "entropy_production_from_linear_fit",
    "entropy_production_from_short_times",
    "entropy_production_from_words",
    "growth_with_words",
    "linear_drift",
    "side_by_side",
]


def __dir__() -> list[str]:
    return __all__
