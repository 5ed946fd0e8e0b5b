"""
Two fluctuation theorems
========================

Top: a double well at T = 0.8 is tilted to one side in a short time, and back by the same protocol run backwards. The
work of the first and minus the work of the second cross at the difference of free energy, and their ratio is e^{(W -
dF)/T} at every work (Crooks, 1999). Bottom: a particle is driven over a hilly ring, in its steady state. It produces
entropy on average, yet some runs destroy it, as often as e^{-S} says (Seifert, 2005). Bars are two standard errors of
the counts, the lines are the theorems.

Run it with ``python plot_fluctuation_theorems.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.printed import paper_figure, write_figure
from szilard.plotting.theorems import crossing_histograms, fluctuation_symmetry

REPLICAS = 4000 if os.environ.get("SZILARD_FAST") else 200_000
TEMPERATURE = 0.8
BARRIER, TILT, DURATION = 1.6, 2.4, 1.2


def free_energy(tilt):
    """-T ln of the integral of e^{-U/T}, up to a constant."""
    x = np.linspace(-5.0, 5.0, 20001)
    energy = BARRIER * (x**2 - 1.0) ** 2 - tilt * x
    return -TEMPERATURE * np.log(np.trapezoid(np.exp(-energy / TEMPERATURE), x))


CHANGE = free_energy(TILT) - free_energy(0.0)


def works():
    """Work of tilting, and of the same backwards."""
    well = sz.systems.double_well(BARRIER, None, temperature=TEMPERATURE, mobility=1.5)
    there = sz.Protocol([0.0, DURATION], [0.0, TILT])
    options = {"replicas": REPLICAS, "dt": 0.005}
    forward = sz.simulate(well, "equilibrium", DURATION, protocol=there, seed=1, **options)
    back = sz.simulate(well, "equilibrium", DURATION, protocol=there.reversed(), seed=2, **options)
    return forward.ledger.work, back.ledger.work


def entropies():
    """Entropy produced on a tilted, hilly ring in its steady state."""
    ring = sz.systems.tilted_ring(0.9, 1.3, temperature=0.7)
    return sz.simulate(ring, "stationary", 1.5, replicas=REPLICAS, seed=3, dt=0.005).ledger.entropy_production


def misfit(name, x, ratio, error, line):
    """How far the points lie from the theorem."""
    print(f"{name}: chi^2 = {np.sum(((ratio - line) / error) ** 2):.1f} for {x.size} bins")


def main(path):
    """Simulate, count, draw, save."""
    (forward, back), entropy = works(), entropies()
    with house_style(paper=True):
        figure, axes = paper_figure("double", 4.7, rows=2, columns=2)
        names = ("W, tilted", "-W, tilted back")
        crossing_histograms(axes[0, 0], forward, -back, "work ($k_B T_0$)", crossing=CHANGE, names=names)
        found = fluctuation_symmetry(
            axes[0, 1], forward, -back, slope=1.0 / TEMPERATURE, crossing=CHANGE, xlabel="work $W$ ($k_B T_0$)",
            ylabel=r"$\ln\,P_F(W)/P_R(-W)$",
        )  # fmt: skip
        misfit("work", *found, (found[0] - CHANGE) / TEMPERATURE)
        names = ("S", "-S")
        crossing_histograms(axes[1, 0], entropy, -entropy, "entropy production (nat)", names=names, crossing=0.0,
                            crossing_name="")  # fmt: skip
        found = fluctuation_symmetry(axes[1, 1], entropy)
        misfit("entropy", *found, found[0])
        write_figure(figure, path)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "fluctuation_theorems.png")
