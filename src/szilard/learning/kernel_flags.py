"""What the stepping kernels are told about a rule."""

from __future__ import annotations

from .._kernels import learning as kernels
from .lagged_rule import Stdp
from .settings import Settings
from .threshold_rule import Bcm


def flags_of(settings: Settings) -> int:
    """Which arguments the rule reads and what it gives back, as bits."""
    rule, kind = settings.rule, settings.learner
    flags = kernels.USES_OUTPUT * rule.uses_output | kernels.USES_WEIGHT * rule.uses_weight
    flags |= kernels.ADDITIVE * rule.additive | kernels.HAS_LOSS * (rule.loss is not None)
    flags |= kernels.LEAKS * (rule.leak is not None) | kernels.SLIDES * isinstance(kind, Bcm)
    flags |= kernels.LAGGED * isinstance(kind, Stdp)
    return flags | kernels.SIGN_OUTPUT * (settings.readout == "sign")
