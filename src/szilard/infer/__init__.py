"""Entropy production, drift and diffusion from recorded trajectories alone.

``jump_currents``, ``words``, ``short_time`` and ``linear_fit`` estimate entropy production, ``drift_linear`` and
``drift_field`` the law of motion; ``comparison`` sets all of them beside the exact value of a known process.
"""

from ..data.recording import Recording as Recording
from .comparison import SideBySide as SideBySide
from .comparison import side_by_side as side_by_side
from .drift_field import BinnedDrift as BinnedDrift
from .drift_field import DriftDiffusion as DriftDiffusion
from .drift_field import binned_drift as binned_drift
from .drift_field import drift_diffusion as drift_diffusion
from .drift_linear import LinearDrift as LinearDrift
from .drift_linear import linear_drift as linear_drift
from .jump_currents import entropy_production_from_currents as entropy_production_from_currents
from .linear_fit import entropy_production_from_linear_fit as entropy_production_from_linear_fit
from .short_time import entropy_production_from_short_times as entropy_production_from_short_times
from .words import Growth as Growth
from .words import entropy_production_from_words as entropy_production_from_words
from .words import growth_with_words as growth_with_words
