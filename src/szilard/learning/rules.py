"""The rules of the field, as plain functions of the field A, the true label and a few parameters."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .gibbs_rule import Metropolised, gibbs
from .lagged_rule import Stdp
from .optimal_rule import Optimal
from .rule import Rule
from .threshold_rule import Bcm

__all__ = [
    "SHIPPED",
    "Bcm",
    "LabelFeedbackCosts",
    "Metropolised",
    "Optimal",
    "Plasticity",
    "SpikeRun",
    "SpikeTiming",
    "Stdp",
    "VersionSpace",
    "WeightDensity",
    "WeightModes",
    "adatron",
    "averaged_label",
    "bcm",
    "bcm_energy",
    "bcm_force",
    "fast_label_heat",
    "gibbs",
    "gradient",
    "hebbian",
    "hebbian_decay",
    "label_feedback_costs",
    "label_weight_density",
    "lagged_force",
    "lagged_matrix",
    "oja",
    "oja_energy",
    "oja_force",
    "oja_swirl",
    "optimal",
    "perceptron",
    "rule_process",
    "stdp",
    "stdp_by_spikes",
    "stdp_synapse",
    "version_space",
    "weight_modes",
]

_LATER = {
    "LabelFeedbackCosts": "label_density",
    "Plasticity": "synapse_model",
    "SpikeRun": "spike_sampling",
    "SpikeTiming": "spike_timing",
    "VersionSpace": "gibbs_state",
    "WeightDensity": "weight_density",
    "WeightModes": "modes_sweep",
    "averaged_label": "label_density",
    "bcm_energy": "rate_rules",
    "bcm_force": "rate_rules",
    "fast_label_heat": "label_density",
    "label_feedback_costs": "label_density",
    "label_weight_density": "label_density",
    "lagged_force": "rate_rules",
    "lagged_matrix": "rate_rules",
    "oja_energy": "rate_rules",
    "oja_force": "rate_rules",
    "oja_swirl": "rate_rules",
    "rule_process": "rate_rules",
    "stdp_by_spikes": "spike_sampling",
    "stdp_synapse": "spike_timing",
    "version_space": "gibbs_state",
    "weight_modes": "modes_sweep",
}
"""What needs more than a rule's amplitude, loaded when first used: weight distributions, spikes, version spaces."""

if TYPE_CHECKING:
    from .gibbs_state import VersionSpace, version_space
    from .label_density import (
        LabelFeedbackCosts,
        averaged_label,
        fast_label_heat,
        label_feedback_costs,
        label_weight_density,
    )
    from .modes_sweep import WeightModes, weight_modes
    from .rate_rules import (
        bcm_energy,
        bcm_force,
        lagged_force,
        lagged_matrix,
        oja_energy,
        oja_force,
        oja_swirl,
        rule_process,
    )
    from .spike_sampling import SpikeRun, stdp_by_spikes
    from .spike_timing import SpikeTiming, stdp_synapse
    from .synapse_model import Plasticity
    from .weight_density import WeightDensity


def _hebbian(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label


def _hebbian_loss(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return -label * field


def _perceptron(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label if label * field < 0.0 else 0.0


def _perceptron_loss(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return max(0.0, -label * field)


def _adatron(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return -field if label * field < 0.0 else 0.0


def _adatron_loss(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return 0.5 * field * field if label * field < 0.0 else 0.0


def _gradient(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    stability = parameters[0] * label * field
    small = math.exp(-abs(stability))  # e^-|x|, as in the loss: the compiler takes one for both
    return label * (small if stability > 0.0 else 1.0) / (1.0 + small)


def _gradient_loss(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    stability = parameters[0] * label * field
    return (math.log(1.0 + math.exp(-abs(stability))) + max(0.0, -stability)) / parameters[0]


def _constant_leak(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return parameters[0]


def _oja(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return field


def _oja_leak(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return field * field


hebbian = Rule("hebbian", _hebbian, _hebbian_loss)
"""amplitude sigma_T, loss -sigma_T A: every pattern pushes always, whatever is known already."""

perceptron = Rule("perceptron", _perceptron, _perceptron_loss)
"""amplitude sigma_T theta(-sigma_T A), loss max(0, -sigma_T A): only a wrong answer pushes."""

adatron = Rule("adatron", _adatron, _adatron_loss)
"""amplitude sigma_T |A| theta(-sigma_T A), loss A^2 theta(-sigma_T A) / 2: a wrong answer pushes by its size."""

gradient = Rule("gradient", _gradient, _gradient_loss, (1.0,))
"""amplitude sigma_T / (1 + e^{b sigma_T A}), loss ln(1 + e^{-b sigma_T A}) / b: descent of the logistic loss.

parameters: b, the steepness; b -> infinity is the Perceptron.
"""

hebbian_decay = Rule("hebbian_decay", _hebbian, None, (0.5,), _constant_leak)
"""amplitude sigma_T, leak l: every pattern writes, and fades by l w_n / N of what stood there.

parameters: l. An energy explains it, k w^2/2 + c sum_mu (-sigma_T A + l |w|^2/2N): manipulation.
"""

oja = Rule("oja", _oja, None, (), _oja_leak)
"""f_n = c sum_mu [xi_n y / sqrt(N) - y^2 w_n / N] with the output y = A itself: the first principal component.

The label plays no part. Its fixed point has |w|^2 = N; for two weights or more no energy explains it: driving.
Oja, J. Math. Biol. 15, 267 (1982).
"""

bcm = Bcm()
"""amplitude A (A - theta), the threshold theta following <A^2>: see ``Bcm``."""

stdp = Stdp()
"""Pairs of spikes, by their rates: see ``Stdp``."""

optimal = Optimal()
"""The best that can be done with one look at each example: see ``Optimal``."""

SHIPPED = {
    rule.name: rule for rule in (hebbian, perceptron, adatron, gradient, hebbian_decay, oja, bcm, stdp, optimal, gibbs)
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__package__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
