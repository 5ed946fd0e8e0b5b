"""Ready-made jump processes with known answers."""

from __future__ import annotations

from .colloids import colloid_double_well
from .dots import quantum_dot
from .graphs import from_graph
from .landscapes import landscape
from .lattices import lattice
from .levels import ladder, two_level
from .motors import molecular_motor
from .networks import Moments, ReactionNetwork, dimerisation
from .populations import birth_death, immigration_death
from .rates import from_rates
from .reactions import Reaction
from .rings import ring
from .spins import ising_ring, magnet

__all__ = [
    "Moments",
    "Reaction",
    "ReactionNetwork",
    "birth_death",
    "colloid_double_well",
    "dimerisation",
    "from_graph",
    "from_rates",
    "immigration_death",
    "ising_ring",
    "ladder",
    "landscape",
    "lattice",
    "magnet",
    "molecular_motor",
    "quantum_dot",
    "ring",
    "two_level",
]
