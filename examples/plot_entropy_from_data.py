"""
Dissipation from trajectories alone
===================================

Five systems whose entropy production is known exactly, simulated and then treated as recordings: no energy, no rate, no
temperature is used. Triangles are lower bounds, circles estimates, with two standard errors; the line is the truth.
The first row of each system is what the model's own books say. Two leads that move the same electron look like one:
of that entropy production nothing is seen, and the bound says so.

Reproduces estimates from words of jumps (Roldan and Parrondo, Phys. Rev. Lett. 105, 150607, 2010) and from the
uncertainty relation at short times (Manikandan et al., Phys. Rev. Lett. 124, 120603, 2020); every number stands beside
the exact one.

Run it with ``python plot_entropy_from_data.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt

import szilard as sz
from szilard.plotting import house_style

REPLICAS = 40 if os.environ.get("SZILARD_FAST") else 400


def main(path):
    """Simulate, infer, print, draw, save."""
    known = {
        "driven ring": sz.systems.ring([0.0, 0.5, 1.2], affinity=3.0, temperature=1.3),
        "quantum dot": sz.systems.quantum_dot(0.3, (0.9, 0.7), (-0.2, 1.6), coupling=(1.2, 0.6)),
        "molecular motor": sz.systems.molecular_motor(2.0, force=-0.7, gap=0.4, temperature=0.8),
        "gyrator": sz.systems.gyrator(1.4, -0.9, (1.6, 0.6), mobility=(0.4, 1.9)),
        "tilted ring": sz.systems.tilted_ring(0.9, 1.3, temperature=0.7),
    }
    found = sz.infer.side_by_side(known, seed=1, replicas=REPLICAS)
    print(found)
    with house_style():
        figure, ax = plt.subplots(figsize=(7.4, 5.2), layout="constrained")
        found.plot(ax)
        ax.set_title("Entropy production from data, beside the exact value")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "entropy_from_data.png")
