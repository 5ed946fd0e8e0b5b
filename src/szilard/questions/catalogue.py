"""The three questions and the parts of each, in the order in which they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..study.strict import Strict
from .ceiling.corridor import CorridorSettings, corridor_part
from .ceiling.maintenance import MaintenanceSettings, maintenance_part
from .ceiling.scaling_exponents import ExponentSettings, exponent_part
from .ceiling.sensitivity import SensitivitySettings, sensitivity_part
from .limit.adversary import AdversarySettings, adversary_part
from .limit.matrix import MatrixSettings, matrix_part
from .limit.phases import PhaseSettings, phase_part
from .limit.trajectories import FluctuationSettings, fluctuation_part
from .part import Part
from .rules.scenes import SceneSettings, scene_part


@dataclass(frozen=True)
class Section:
    """A table of a question's file and the part that it makes: part(settings, time_step).

    many: there may be any number of such tables, each with a name: part(name, settings, time_step).
    """

    settings: type[Strict]
    part: Callable[..., Part]
    many: bool = False


QUESTIONS: Mapping[str, Mapping[str, Section]] = {
    "ceiling": {
        "corridor": Section(CorridorSettings, corridor_part),
        "maintenance": Section(MaintenanceSettings, maintenance_part),
        "exponents": Section(ExponentSettings, exponent_part),
        "sensitivity": Section(SensitivitySettings, sensitivity_part),
    },
    "limit": {
        "matrix": Section(MatrixSettings, matrix_part),
        "phases": Section(PhaseSettings, phase_part),
        "fluctuations": Section(FluctuationSettings, fluctuation_part),
        "adversary": Section(AdversarySettings, adversary_part),
    },
    "rules": {"scene": Section(SceneSettings, scene_part, many=True)},
}
TITLES = {
    "ceiling": "What sets the maximum cost of learning?",
    "limit": "Is the limit inviolable?",
    "rules": "What does each algorithm contribute?",
}
