"""
Annealed importance sampling is Jarzynski's equality
====================================================

A restricted Boltzmann machine with 64 visible and 16 hidden units learns handwritten digits by contrastive divergence.
Then it is built up from independent units in n steps, and taken down again, a thousand times each. Left: ln Z from the
work of building up alone, and from both ways by Bennett's ratio, against ln Z counted over all states of the hidden
units; hollow where the estimate itself says that it is not to be trusted. Right: the work that is dissipated falls as
1/n; with the hidden units summed out there is less of it.

Reproduces annealed importance sampling (Neal, Statistics and Computing 11, 125, 2001) as the equality of Jarzynski
(Phys. Rev. Lett. 78, 2690, 1997), and Bennett's acceptance ratio (J. Comput. Phys. 22, 245, 1976): ln Z is what is
counted over all states of the hidden units.

Run it with ``python plot_annealed_boltzmann.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
STEPS = (3, 10, 30) if FAST else (3, 10, 30, 100, 300, 1000)
REPLICAS = 100 if FAST else 1000


def show_partition(ax, budget, counted):
    """ln Z of every path minus what is counted, both ways of estimating it."""
    start = budget.runs[0].start.log_partition()
    for which, label in enumerate(("Jarzynski, building up only", "Bennett, both ways")):
        colour, marker = SERIES[which]
        for n, run in zip(STEPS, budget.runs, strict=True):
            found = (run.one_way, run.free_energy_change)[which]
            value, bar = start - found.value / run.temperature - counted, 2.0 * found.stderr / run.temperature
            ax.errorbar(
                n * (0.94, 1.06)[which], value, bar, color=colour, marker=marker, markersize=5.0, linewidth=1.0,
                markerfacecolor=colour if found.trusted else "white", label=label if n == STEPS[-1] else None,
            )  # fmt: skip
    ax.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
    ax.set(xscale="log", xlabel="steps of the path", ylabel="ln Z, estimated - counted")
    ax.set_title("Partition function of a machine that knows digits")
    ax.legend(labelcolor=MUTED)
    dress(ax)


def show_dissipation(ax, budgets):
    """<W> - dF of every path, dF counted."""
    n = np.array(STEPS, dtype=float)
    for (label, budget), (colour, marker) in zip(budgets.items(), SERIES[2:], strict=False):
        value, error = np.array([(d.value, d.stderr) for d in budget.dissipated]).T
        ax.errorbar(n, value, 2.0 * error, color=colour, marker=marker, markersize=5.0, linewidth=1.2, label=label)
    middle = budgets["hidden units sampled"].dissipated[-2].value
    ax.plot(n[1:], middle * n[-2] / n[1:], color=MUTED, linewidth=0.9, linestyle=":", label="1 / steps")
    ax.set(xscale="log", yscale="log", xlabel="steps of the path", ylabel="$\\langle W \\rangle - \\Delta F$ ($k_B T$)")
    ax.set_title("What hurry costs")
    ax.legend(labelcolor=MUTED)
    dress(ax)


def compare(budget, counted):
    """Print ln Z of the longest path, one way and both ways, beside what is counted."""
    run = budget.runs[-1]
    start = run.start.log_partition()
    for name, found in (("Jarzynski", run.one_way), ("Bennett", run.free_energy_change)):
        estimate = sz.Estimate(start - found.value / run.temperature, found.stderr / run.temperature, found.n)
        print(sz.BoundCheck(f"ln Z in {STEPS[-1]} steps, {name}", estimate, sz.Estimate.exact(counted), relation="="))


def main(path):
    """Train, anneal, count, draw, save."""
    images, _ = sz.data.digit_images()
    data = (images > 7.5).astype(float)
    machine = sz.networks.train_rbm(
        data, hidden=16, learning_rate=0.1, updates=50 if FAST else 4000, seed=1, chains=100, persistent=True
    ).machine
    start = sz.networks.independent_units(data, 16)
    budgets = {
        f"hidden units {kind}": sz.networks.annealing_budget(
            machine, steps=STEPS, replicas=REPLICAS, seed=2, start=start, hidden_units=kind, reverse=kind == "sampled",
        )
        for kind in ("sampled", "summed")
    }  # fmt: skip
    compare(budgets["hidden units sampled"], machine.log_partition())
    with house_style():
        figure, axes = plt.subplots(1, 2, figsize=(9.8, 3.8), layout="constrained")
        show_partition(axes[0], budgets["hidden units sampled"], machine.log_partition())
        show_dissipation(axes[1], budgets)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "annealed_boltzmann.png")
