"""
A driven particle on a ring
===========================

A constant force drives a particle around a ring with one hill per turn. No energy explains such a force: the work it
does becomes heat, for ever. Left: one trajectory over the potential, turn after turn; it waits in the valleys and
slips over the hills. Right: the mean velocity against the force, from trajectories (points, with bars of two standard
errors) and from Stratonovich's formula (lines). Entropy is produced at the rate force x velocity / T.

Reproduces Stratonovich's velocity in a tilted periodic potential (see Reimann, Phys. Rep. 361, 57, 2002).

Run it with ``python plot_tilted_ring.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style, potential_trajectory
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 200 if os.environ.get("SZILARD_FAST") else 10_000
HILLS, FORCES, DURATION = (0.0, 1.0, 2.5), (0.5, 1.0, 1.5, 2.0, 2.5, 3.0), 20.0


def slipping(ax):
    """One trajectory: waiting and slipping."""
    ring = sz.systems.tilted_ring(2.5, 1.4)
    run = sz.simulate(ring, [np.pi], 40.0, replicas=1, seed=8, dt=0.01, record="paths")
    x = run.paths.states[0, :, 0]
    grid = np.linspace(x.min() - 1.0, x.max() + 1.0, 500)
    potential = np.tile(ring.energies(grid[:, None]), (2, 1))
    potential_trajectory(ax, run.paths.times, x, grid, potential, [0.0, 40.0], ceiling=5.0)
    ax.set_title("Waiting and slipping")


def velocities(ax):
    """The mean velocity of many, and the formula."""
    fine = np.linspace(0.0, 3.2, 120)
    for hill, (colour, marker) in zip(HILLS, SERIES, strict=False):
        exact = [sz.systems.tilted_ring_velocity(hill, force) for force in fine]
        ax.plot(fine, exact, color=colour, linewidth=1.3)
        mean, error = [], []
        for force in FORCES:
            ring = sz.systems.tilted_ring(hill, force)
            run = sz.simulate(ring, "stationary", DURATION, replicas=REPLICAS, seed=2, dt=0.01, entropy=False)
            speed = run.ledger.work / (force * DURATION)
            mean.append(speed.mean())
            error.append(speed.std(ddof=1) / np.sqrt(REPLICAS))
            found = sz.Estimate(mean[-1], error[-1], REPLICAS)
            known = sz.Estimate.exact(sz.systems.tilted_ring_velocity(hill, force))
            print(sz.BoundCheck(f"hill {2.0 * hill:g}, force {force:g}, velocity", found, known, relation="="))
        ax.errorbar(
            FORCES, mean, 2.0 * np.array(error), fmt=marker, color=colour, markersize=4.5, linewidth=1.0,
            label=f"hills of {2.0 * hill:g} $k_B T$",
        )  # fmt: skip
    ax.set_xlabel("force ($k_B T$ per length)")
    ax.set_ylabel("mean velocity")
    ax.set_title("Force and velocity")
    dress(ax)
    ax.legend(labelcolor=MUTED, loc="upper left")


def main(path):
    """Simulate, compare with Stratonovich, draw, save."""
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.6), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        slipping(left)
        velocities(right)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tilted_ring.png")
