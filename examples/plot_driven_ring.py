"""
A driven network
================

Three unequal states, joined by a cold bath all around and by a hot one across; an agent pushes round the ring. Left:
the stationary state as a network: circles as large as probabilities, arrows as wide as net currents, the heat per time
that each passes to its bath. Right: the scaled cumulant generating function of the entropy flow, and its mirror image
lambda(1 - s): Gallavotti and Cohen's symmetry, which holds however far from equilibrium.

Reproduces that symmetry for Markov processes (Lebowitz and Spohn, J. Stat. Phys. 95, 333, 1999) and the sum over
cycles of the entropy production (Schnakenberg, Rev. Mod. Phys. 48, 571, 1976), beside simulated trajectories.

Run it with ``python plot_driven_ring.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.discrete import edge_currents
from szilard.plotting import house_style

REPLICAS = 2000 if os.environ.get("SZILARD_FAST") else 100_000
DURATION = 4.0
PUSH = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * 0.4  # energy given on 0 -> 1 -> 2 -> 0
COLD = sz.Channel(1.0 - np.eye(3), PUSH, temperature=0.7, name="cold")
HOT = sz.Channel([[0, 0, 0.8], [0, 0, 0], [0.8, 0, 0]], temperature=1.8, name="hot")


def main(path):
    """Solve, draw, save."""
    process = sz.JumpProcess([0.0, 0.5, 1.2], [COLD, HOT])
    print(sz.detailed_balance(process))
    rate = sz.entropy_production_rate(process)
    run = sz.simulate(process, "stationary", DURATION, replicas=REPLICAS, seed=1)
    print(f"entropy production {rate:.6f} nat per time, as a sum over jumps")
    exact = sz.Estimate.exact(rate * DURATION)
    print(
        sz.BoundCheck(f"  times {DURATION:g} = of trajectories", run.means["entropy production"], exact, relation="=")
    )
    tilt = np.array([-0.37, -0.1, 0.2, 0.41])
    broken = np.abs(sz.scgf(process, tilt).values - sz.scgf(process, 1.0 - tilt).values).max()
    print(f"lambda(s) = lambda(1 - s) to {broken:.1e}")
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.2), layout="constrained")
        edge_currents(process).plot(left)
        left.set_title("Probabilities, currents, heat")
        sz.scgf(process, np.linspace(-0.4, 1.4, 37)).plot(right)
        right.set_title("Entropy flow over long times")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "driven_ring.png")
