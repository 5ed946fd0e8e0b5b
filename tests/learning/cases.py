"""Runs that no symmetry protects: T, k, mu all different from 1 and from each other, patterns unequal."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import szilard as sz
from szilard.learning.settings import Learner

Array = NDArray[np.float64]
BATH: dict[str, Any] = {"temperature": 0.7, "stiffness": 1.3, "mobility": 0.6}
RATE = BATH["mobility"] * BATH["stiffness"]


def on_sphere(n_patterns: int, n_inputs: int, seed: int) -> Array:
    """Real-valued patterns of unequal directions, |xi|^2 = N."""
    x = np.random.default_rng(seed).normal(size=(n_patterns, n_inputs)) + 0.4
    return np.asarray(x * np.sqrt(n_inputs) / np.linalg.norm(x, axis=1, keepdims=True))


def task(n_inputs: int, n_patterns: int, seed: int = 5) -> sz.Task:
    return sz.tasks.random_labels(n_inputs, n_patterns, inputs=on_sphere(n_patterns, n_inputs, seed))


def plain_twin(learner: Learner) -> Learner:
    """The same rule, run in NumPy."""
    twin = dataclasses.replace(learner)
    core = twin if isinstance(twin, sz.Rule) else twin.rule
    core.__dict__["kernel"] = None
    return twin


def _soft(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label / (1.0 + math.exp(parameters[0] * label * field))


def _correcting(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label - output


def _forgetting(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return label - parameters[0] * weight * abs(field)


def _halfway(field: Any, label: Any, output: Any, weight: Any, parameters: Any) -> Any:
    return (label - output) * (1.0 + 0.3 * weight)


SOFT = sz.Rule("soft", _soft, parameters=(1.5,))
CORRECTING = sz.Rule("correcting", _correcting)
FORGETTING = sz.Rule("forgetting", _forgetting, parameters=(0.2,))
HALFWAY = sz.Rule("halfway", _halfway)
