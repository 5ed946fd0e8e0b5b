"""Entropies and mutual information, each with its side."""

from .binary import binary_entropy as binary_entropy
from .binary import class_information as class_information
from .binary import label_information as label_information
from .binary import learned_information as learned_information
from .blurred import blurred_entropy as blurred_entropy
from .differential import FEWEST as FEWEST
from .differential import gaussian_entropy as gaussian_entropy
from .differential import neighbour_entropy as neighbour_entropy
from .mixture import signs_entropy as signs_entropy
from .series import transfer_entropy as transfer_entropy
from .tables import conditional_information as conditional_information
from .tables import mutual_information as mutual_information
from .tables import sampled_entropy as sampled_entropy
from .tables import sampled_information as sampled_information
from .tables import table_entropy as table_entropy
