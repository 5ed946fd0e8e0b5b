"""
A manipulated system
====================

Three energy levels are moved by hand in contact with a bath at T = 0.8: work is done along a level, heat flows in the
jumps between them. Left: one trajectory. Right: the work of many trajectories, and minus the work of as many in which
the levels are moved back; the two densities cross at the difference of free energy (Crooks, 1999), although every
single trajectory dissipates or, rarely, gains.

Reproduces Crooks' theorem (Phys. Rev. E 60, 2721, 1999) and Jarzynski's equality (Phys. Rev. Lett. 78, 2690, 1997):
the free energy found from work, one way and both ways, is -T ln Z of the levels.

Run it with ``python plot_manipulated_levels.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import distributions, house_style
from szilard.plotting.style import MUTED, dress

REPLICAS = 2000 if os.environ.get("SZILARD_FAST") else 100_000
TEMPERATURE = 0.8
ATTEMPT = [[0.0, 1.0, 0.4], [1.0, 0.0, 2.0], [0.4, 2.0, 0.0]]
THERE = sz.Protocol([0.0, 3.0, 3.0, 6.0], [0.0, 1.0, 1.3, 2.0])  # with a jump half-way


def levels(control):
    """Three levels, moved unequally."""
    return [0.6 * control, 1.5 - 1.1 * control, 0.4 + 0.9 * control]


def free_energy(control):
    """-T ln Z."""
    return -TEMPERATURE * np.log(np.sum(np.exp(-np.array(levels(control)) / TEMPERATURE)))


def main(path):
    """Simulate there and back, draw, save."""
    process = sz.JumpProcess(levels, sz.Channel(ATTEMPT, temperature=TEMPERATURE, kinetics="heat_bath"))
    there = sz.simulate(process, "equilibrium", 6.0, replicas=REPLICAS, seed=3, protocol=THERE)
    back = sz.simulate(process, "equilibrium", 6.0, replicas=REPLICAS, seed=4, protocol=THERE.reversed())
    shown = sz.simulate(process, 0, 6.0, replicas=40, seed=5, protocol=THERE, record="paths")
    change = free_energy(2.0) - free_energy(0.0)
    one_way = sz.laws.jarzynski(there.ledger.work, temperature=TEMPERATURE)
    both_ways = sz.laws.crooks(there.ledger.work, back.ledger.work, temperature=TEMPERATURE)
    for name, found in (("Jarzynski, there only", one_way), ("Crooks, there and back", both_ways)):
        print(sz.BoundCheck(name, found, sz.Estimate.exact(change), relation="="))
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.6), layout="constrained")
        shown.paths.plot(left, replica=int(np.argsort(shown.activity)[30]))
        left.set_title("One trajectory")
        distributions(right, {"W, there": there.ledger.work, "-W, back": -back.ledger.work}, "work ($k_B T_0$)")
        right.axvline(change, color=MUTED, linewidth=1.0, linestyle="--")
        right.text(change, right.get_ylim()[1], r"$\Delta F$ ", ha="right", va="top", color=MUTED)
        right.set_title("Work of many")
        dress(right)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "manipulated_levels.png")
