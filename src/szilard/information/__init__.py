"""Entropies and mutual information, each with its side."""

from .binary import binary_entropy as binary_entropy
from .binary import class_information as class_information
from .binary import label_information as label_information
from .binary import learned_information as learned_information
from .differential import FEWEST as FEWEST
from .differential import gaussian_entropy as gaussian_entropy
from .differential import neighbour_entropy as neighbour_entropy
from .mixture import signs_entropy as signs_entropy
