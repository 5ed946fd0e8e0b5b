"""Compile a rule's two scalar functions into one function over a block of lanes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._kernels.flags import compile_now, inline
from .._kernels.learning import RULE

if TYPE_CHECKING:
    from .rule import Rule

SOURCE = Path(__file__).read_bytes()  # part of what the compiler sees


def compile_rule(rule: Rule) -> Any:
    """rule(fields, labels, outputs, weight, parameters) -> amplitudes, loss: see ``_kernels.learning.RULE``.

    A rule that leaks writes the sum of its leaks where others write their loss.
    """
    amplitude = inline(rule.amplitude)
    summed = rule.loss or rule.leak
    if summed is None:

        def drive(fields, labels, outputs, weight, parameters, amplitudes, loss):  # type: ignore[no-untyped-def]
            for mu in range(fields.shape[0]):
                for lane in range(fields.shape[1]):
                    amplitudes[mu, lane] = amplitude(
                        fields[mu, lane], labels[mu, lane], outputs[mu, lane], weight[lane], parameters
                    )

        return compile_now(drive, RULE.signature, rule.stamp, SOURCE)
    potential = inline(summed)

    def descend(fields, labels, outputs, weight, parameters, amplitudes, loss):  # type: ignore[no-untyped-def]
        loss[:] = 0.0
        for mu in range(fields.shape[0]):
            for lane in range(fields.shape[1]):
                a, y, o, w = fields[mu, lane], labels[mu, lane], outputs[mu, lane], weight[lane]
                amplitudes[mu, lane] = amplitude(a, y, o, w, parameters)
                loss[lane] += potential(a, y, o, w, parameters)

    return compile_now(descend, RULE.signature, rule.stamp, SOURCE)
