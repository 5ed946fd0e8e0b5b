"""
One synapse, one label
======================

The smallest learner of Goldt and Seifert, PRL 118, 010601 (2017): one weight is pushed by a force that rises
linearly to nu in the time tau, towards the side of its label. Simulations (points, with their standard errors) stand
on the exact theory (lines). What is learned does not depend on the speed; the heat does, and so does the efficiency.

Reproduces the toy model of that paper, where the heat of the ramp is nu^2 (e^{-tau} + tau - 1)/tau^2; printed are
heat and the information of every force beside the exact ones.

Run it with ``python plot_single_synapse.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import SERIES, dress

REPLICAS = 1000 if os.environ.get("SZILARD_FAST") else 40000
FORCES = [1.0, 2.0, 4.0]
TIMES = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
HOLD = 8.0  # relaxation times between the end of the ramp and the look at the weight


def simulate(force, tau):
    """One run: 40 000 weights, each with a label of its own."""
    task = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
    return sz.train(
        task, sz.rules.hebbian, learning_rate=force, duration=tau + HOLD, dt=0.02, schedule=sz.ramp(tau),
        replicas=REPLICAS, seed=1,
    )  # fmt: skip


def main(path):
    """Simulate, draw, save."""
    fine = np.geomspace(TIMES[0] / 1.5, TIMES[-1] * 1.5, 100)
    with house_style():
        figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.3), layout="constrained")
        for force, (colour, marker) in zip(FORCES, SERIES, strict=False):
            exact = [sz.theory.single_synapse(force, tau, duration=tau + HOLD) for tau in fine]
            runs = [simulate(force, tau) for tau in TIMES]
            for tau, run in list(zip(TIMES, runs, strict=True))[::3]:
                known = sz.theory.single_synapse(force, tau, duration=tau + HOLD)
                print(f"nu = {force:g}, tau = {tau:g}:")
                print(sz.BoundCheck("  heat", run.heat, sz.Estimate.exact(known.heat), relation="="))
                print(sz.BoundCheck("  learned", run.information, sz.Estimate.exact(known.information), relation="="))
            quench = force**2 / 2
            rows = [
                ([e.heat / quench for e in exact], [run.heat for run in runs], quench),
                ([e.information for e in exact], [run.information for run in runs], 1.0),
                ([e.efficiency for e in exact], [run.efficiency_marginal for run in runs], 1.0),
            ]
            for ax, (line, points, unit) in zip(axes, rows, strict=True):
                ax.plot(fine, line, color=colour, linewidth=1.2)
                ax.errorbar(
                    TIMES, [p.value / unit for p in points], [p.stderr / unit for p in points], color=colour,
                    linestyle="none", marker=marker, markersize=4.5, capsize=2.5, label=f"$\\nu$ = {force:g}",
                )  # fmt: skip
        titles = ["Heat", "Learned", "Efficiency"]
        units = ["heat / ($\\nu^2/2$), its value if at once", "I(true label : answer) (nat)", "learned / cost"]
        for ax, title, unit in zip(axes, titles, units, strict=True):
            ax.set(xscale="log", xlabel="time of the ramp, $\\tau$", title=title, ylabel=unit, ylim=(0.0, None))
            ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            dress(ax)
        axes[1].set_ylim(0.0, 0.76)
        axes[1].axhline(np.log(2.0), color="0.5", linewidth=0.9, linestyle=":")
        axes[1].text(
            TIMES[-1] * 1.4, np.log(2.0) + 0.008, "ln 2: all there is", ha="right", va="bottom", color="0.4", fontsize=8
        )
        axes[0].legend(loc="upper right")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "single_synapse.png")
