"""Ready-made processes with known answers: jump processes, and Langevin processes of continuous states."""

from __future__ import annotations

from .colloids import colloid_double_well
from .demons import Demon, DemonEnergetics, DemonRun, demon
from .dots import quantum_dot
from .drifts import gyrator, linear, rotating_trap
from .graphs import from_graph
from .landscapes import landscape
from .lattices import lattice
from .levels import ladder, two_level
from .memories import bit_memory
from .motors import molecular_motor
from .networks import Moments, ReactionNetwork, dimerisation
from .populations import birth_death, immigration_death
from .rates import from_rates
from .reactions import Reaction
from .rings import ring
from .sensors import sensor
from .spins import ising_ring, magnet
from .traps import moved_trap, stiffened_trap
from .washboards import tilted_ring, tilted_ring_velocity
from .wells import double_well

__all__ = [
    "Demon",
    "DemonEnergetics",
    "DemonRun",
    "Moments",
    "Reaction",
    "ReactionNetwork",
    "birth_death",
    "bit_memory",
    "colloid_double_well",
    "demon",
    "dimerisation",
    "double_well",
    "from_graph",
    "from_rates",
    "gyrator",
    "immigration_death",
    "ising_ring",
    "ladder",
    "landscape",
    "lattice",
    "linear",
    "magnet",
    "molecular_motor",
    "moved_trap",
    "quantum_dot",
    "ring",
    "rotating_trap",
    "sensor",
    "stiffened_trap",
    "tilted_ring",
    "tilted_ring_velocity",
    "two_level",
]
