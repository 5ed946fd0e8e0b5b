"""
A trap that is moved
====================

A particle in a harmonic trap at T = 0.8, the trap pulled to the right and held. Left: one
trajectory over the moving potential. Right: the work of many. It is Gaussian with var W = 2T <W>, so that
<e^{-W/T}> = 1 although nothing is gained on average (Jarzynski, 1997): what lies left of zero, the shaded part, is
work won from single fluctuations. The curve is the exact density, the bars are trajectories.

Reproduces the work of a dragged colloid (Mazonka and Jarzynski, arXiv:cond-mat/9912121, 1999; measured by Wang et al.,
Phys. Rev. Lett. 89, 050601, 2002).

Run it with ``python plot_moved_trap.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.estimate import Sampled, exponential_average
from szilard.plotting import house_style, potential_trajectory
from szilard.plotting.style import INK, MUTED, SERIES, dress

REPLICAS = 2000 if os.environ.get("SZILARD_FAST") else 400_000
TEMPERATURE = 0.8
DURATION = 5.0
PULL = sz.Protocol([0.0, 0.75, 4.25, DURATION], [0.0, 0.0, 2.0, 2.0])


def histogram(ax, work, mean):
    """The work of every trajectory, and the Gaussian of which it is drawn."""
    ax.hist(work, 80, density=True, color="0.85", label="trajectories")
    w = np.linspace(work.min(), work.max(), 400)
    spread = 2.0 * TEMPERATURE * mean
    exact = np.exp(-((w - mean) ** 2) / (2.0 * spread)) / np.sqrt(2.0 * np.pi * spread)
    ax.plot(w, exact, color=SERIES[0][0], linewidth=1.6, label="exact")
    ax.fill_between(w[w <= 0.0], exact[w <= 0.0], color=SERIES[1][0], alpha=0.5, linewidth=0.0, label="work won")
    ax.axvline(mean, color=MUTED, linewidth=1.0, linestyle=":")
    ax.set_xlabel("work ($k_B T_0$)")
    ax.set_ylabel("density over trajectories")
    ax.set_ylim(bottom=0.0)
    dress(ax)
    ax.legend(labelcolor=MUTED, loc="upper right")


def main(path):
    """Simulate, compare with what is known, draw, save."""
    trap = sz.systems.moved_trap(4.0, mobility=0.8, temperature=TEMPERATURE)
    run = sz.simulate(trap, "equilibrium", DURATION, replicas=REPLICAS, seed=1, protocol=PULL, dt=0.02)
    shown = sz.simulate(trap, "equilibrium", DURATION, replicas=1, seed=4, protocol=PULL, dt=0.01, record="paths")
    mean = sz.energetics(trap, "equilibrium", DURATION, PULL).work
    factor = exponential_average(run.ledger.work / TEMPERATURE)
    print(sz.BoundCheck("<W> = its exact value", run.means["work"], sz.Estimate.exact(mean), relation="="))
    print(sz.BoundCheck("<e^{-W/T}> = 1", factor, sz.Estimate.exact(1.0), relation="="))
    spread = Sampled.mean((run.ledger.work - mean) ** 2).estimate()
    exact = sz.Estimate.exact(2.0 * TEMPERATURE * mean)
    print(sz.BoundCheck("Var W = 2 T <W>", spread, exact, relation="="))
    times, grid = np.linspace(0.0, DURATION, 351), np.linspace(-1.5, 3.5, 251)
    potential = [trap.energies(grid[:, None], PULL(t)) for t in times]
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.6), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        potential_trajectory(left, shown.paths.times, shown.paths.states[0, :, 0], grid, potential, times, ceiling=10.0)
        left.set_title("One trajectory in the moving trap")
        histogram(right, run.ledger.work, mean)
        text = f"$\\langle e^{{-W/T}}\\rangle$\n= {factor.value:.3f} $\\pm$ {factor.stderr:.3f}"
        right.text(0.98, 0.62, text, transform=right.transAxes, ha="right", color=INK)
        right.set_title("Work of many")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "moved_trap.png")
