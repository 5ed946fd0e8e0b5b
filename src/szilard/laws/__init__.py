"""Laws of stochastic thermodynamics: arrays or estimates in, a BoundCheck out."""

from .second_law import second_law_of_learning as second_law_of_learning
