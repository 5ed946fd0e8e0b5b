"""The rules of the field, as plain functions of the field A, the true label and a few parameters."""

from __future__ import annotations

from typing import Any

from .rule import Rule


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


hebbian = Rule("hebbian", _hebbian, _hebbian_loss)
"""amplitude sigma_T, loss -sigma_T A: every pattern pushes always, whatever is known already."""

perceptron = Rule("perceptron", _perceptron, _perceptron_loss)
"""amplitude sigma_T theta(-sigma_T A), loss max(0, -sigma_T A): only a wrong answer pushes."""

adatron = Rule("adatron", _adatron, _adatron_loss)
"""amplitude sigma_T |A| theta(-sigma_T A), loss A^2 theta(-sigma_T A) / 2: a wrong answer pushes by its size."""

SHIPPED = {rule.name: rule for rule in (hebbian, perceptron, adatron)}
