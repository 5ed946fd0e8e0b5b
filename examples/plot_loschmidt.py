"""
The film shown backwards
========================

Loschmidt's objection: the laws of the jumps single out no direction of time, so where does the second law come from?
Three levels between a hot and a cold bath, prepared out of balance. Left: for every single path, the logarithm of its
probability over that of the same film shown backwards (rates integrated along the path) against the entropy it has
produced (heat over temperature plus -ln p of its ends): the same number, on both sides of zero. Right: how often each
value comes. Paths against the second law exist, but are e^S times rarer than their backward twins; what makes the mean
positive is the preparation of the start alone.

Reproduces, path by path, ln(P/P~) = entropy produced, and the integral theorem that follows from it (Seifert,
Phys. Rev. Lett. 95, 040602, 2005).

Run it with ``python plot_loschmidt.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.laws import integral_fluctuation_theorem
from szilard.plotting import distributions, house_style

REPLICAS = 500 if os.environ.get("SZILARD_FAST") else 20_000
COLD = sz.Channel([[0, 1, 0.5], [1, 0, 0], [0.5, 0, 0]], temperature=0.7, name="cold", kinetics="heat_bath")
HOT = sz.Channel([[0, 0, 0.8], [0, 0, 1.5], [0.8, 1.5, 0]], temperature=1.8, name="hot")


def main(path):
    """Simulate, look at every path from both ends, draw, save."""
    process = sz.JumpProcess([0.0, 0.7, 1.9], [COLD, HOT])
    run = sz.simulate(process, [0.2, 0.5, 0.3], 2.0, replicas=REPLICAS, seed=1, record="paths")
    twins = run.time_reversal()
    print(twins)
    print(integral_fluctuation_theorem(run.ledger.entropy_production))
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.8), layout="constrained")
        twins.plot(left)
        left.set_title("Every path, both directions")
        distributions(right, {"paths": twins.entropy_production}, "entropy production of the path (nat)")
        against = float(np.mean(twins.entropy_production < 0.0))
        low, high = right.get_xlim()
        right.axvspan(low, 0.0, color="0.92", zorder=0)
        right.set_xlim(low, high)
        right.text(0.02, 0.96, f"{against:.0%} against\nthe second law", transform=right.transAxes, va="top")
        right.set_title("How often")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "loschmidt.png")
