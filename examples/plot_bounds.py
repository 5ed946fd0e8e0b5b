"""
Every law on one run
====================

Three unequal states are driven round by an agent and start in a distribution of their own, then relax towards the
driven steady state; beside it a particle on a tilted ring that has reached it. Each law that applies to the run is
drawn as its measured value over its bound: to the left of the line the law holds, with an interval of two standard
errors; on the line it is an equality, or a bound that is attained. Laws that need the backward process had it run by
themselves.

Reproduces, among others, the integral fluctuation theorem (Seifert, Phys. Rev. Lett. 95, 040602, 2005) and the
thermodynamic uncertainty relation (Barato and Seifert, Phys. Rev. Lett. 114, 158101, 2015); the table below has every
law with its margin in standard errors.

Run it with ``python plot_bounds.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt

import szilard as sz
from szilard.plotting import house_style

REPLICAS = 1000 if os.environ.get("SZILARD_FAST") else 40_000


def main(path):
    """Simulate, ask for the laws, print, draw, save."""
    ring = sz.systems.ring([0.0, 0.5, 1.2], 2.0, attempt=[1.0, 0.4, 2.0], temperature=1.3)
    turn = {"turns": [[0, 0, 1], [1, 0, 0], [0, 1, 0]]}
    jumps = sz.simulate(ring, "stationary", 2.0, replicas=REPLICAS, seed=1, currents=turn)
    slope = sz.systems.tilted_ring(0.9, 1.3, temperature=0.7)
    slides = sz.simulate(slope, "stationary", 0.3, replicas=REPLICAS, seed=2, dt=0.005)
    with house_style():
        figure, axes = plt.subplots(2, 1, figsize=(7.4, 8.4), layout="constrained")
        for ax, run, title in zip(
            axes, (jumps, slides), ("A driven ring of three states", "A tilted ring"), strict=True
        ):
            laws = run.laws()
            print(laws)
            laws.plot(ax)
            ax.set_title(title)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "bounds.png")
