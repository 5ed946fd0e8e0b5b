"""
A demon that errs
=================

Two levels are measured, with an error in one case of ten; the gap jumps to where the outcome makes it an equilibrium,
and returns. Left: the mean work against the time of the return, sampled (points) and exact (line). Below zero the
demon gains work from one bath, which breaks W >= dF; it never gains more than T I, what the measurement told. Right:
two averages over the same trajectories. The one without information is not 1, Sagawa and Ueda's is, at any speed.

Reproduces the generalised Jarzynski equality of Sagawa and Ueda (Phys. Rev. Lett. 104, 090602, 2010); the mean work is
compared with the exact one.

Run it with ``python plot_demon.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.laws import sagawa_ueda, second_law_of_work, second_law_with_information
from szilard.plotting import house_style
from szilard.plotting.style import FORBIDDEN, MUTED, SERIES, dress

REPLICAS = 1000 if os.environ.get("SZILARD_FAST") else 50_000
ERROR, GAP, T = 0.1, 0.6, 1.3


def main(path):
    """Measure at several speeds, check, draw, save."""
    watched = sz.systems.demon(ERROR, gap=GAP, temperature=T)
    times, fine = np.geomspace(0.3, 100.0, 9), np.geomspace(0.2, 150.0, 16)
    runs = [watched.simulate(t, replicas=REPLICAS, seed=1) for t in times]
    slowest = runs[-1]
    print(second_law_of_work(slowest.work, temperature=T, free_energy_change=0.0))
    print(second_law_with_information(slowest.work, slowest.information, temperature=T))
    for t, run in zip(times[::4], runs[::4], strict=True):
        work = sz.Estimate(run.work.mean(), run.work.std(ddof=1) / np.sqrt(REPLICAS), REPLICAS)
        exact = sz.Estimate.exact(watched.energetics(t).work)
        print(f"return in {t:.3g}:")
        print(sz.BoundCheck("  <W> = its exact value", work, exact, relation="="))
        print(" ", sagawa_ueda(run.work, run.information, temperature=T))
    theorem = [sagawa_ueda(run.work, run.information, temperature=T).smaller for run in runs]
    blind = [sagawa_ueda(run.work, 0.0 * run.information, temperature=T).smaller for run in runs]
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.8), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        colour, marker = SERIES[0]
        left.plot(fine, [watched.energetics(t).work for t in fine], color=colour, linewidth=1.2, label="exact")
        mean = [run.work.mean() for run in runs]
        error = [2.0 * run.work.std(ddof=1) / np.sqrt(REPLICAS) for run in runs]
        left.errorbar(times, mean, error, fmt=marker, color=colour, markersize=4.5, linewidth=1.0, label="sampled")
        bound = -T * watched.information
        left.axhspan(bound - 0.1, bound, color=FORBIDDEN)
        left.axhline(bound, color=MUTED, linewidth=1.0)
        left.annotate(r"$-T\,I$", (0.22, bound), xytext=(0, 4), textcoords="offset points", color=MUTED)
        left.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
        left.annotate("W = dF", (0.22, 0.0), xytext=(0, 4), textcoords="offset points", color=MUTED)
        left.set_ylim(bound - 0.1, 0.07)
        left.set_ylabel("mean work ($k_B T_0$)")
        left.set_title("Work gained from one bath")
        pairs = (("with information", theorem, SERIES[0]), ("without", blind, SERIES[1]))
        for name, found, (colour, marker) in pairs:
            values, bars = [x.value for x in found], [2.0 * x.stderr for x in found]
            right.errorbar(times, values, bars, fmt=marker, color=colour, markersize=4.5, linewidth=1.0, label=name)
        right.axhline(1.0, color=MUTED, linewidth=0.8, linestyle=":")
        right.set_ylabel(r"$\langle e^{-W/T - i}\rangle$ and $\langle e^{-W/T}\rangle$")
        right.set_title("The theorem, and what it is without information")
        for ax in (left, right):
            ax.set_xscale("log")
            ax.set_xlabel("time of the return")
            dress(ax)
            ax.legend(labelcolor=MUTED)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demon.png")
