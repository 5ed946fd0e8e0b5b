"""
How much of its cost a Hebbian neuron turns into knowledge
==========================================================

A Hebbian neuron learns random labels by a force that rises slowly, at many learning rates and loads (Goldt and Seifert,
2017). Left: learned / cost in the limit of many synapses, as shades; the discs are simulated neurons of 100 synapses,
and a disc that cannot be told from its ground agrees. Right: cuts at three loads, with bars of two standard errors. The
dotted line is the best that any Hebbian neuron can do with its noisy answers.

Run it with ``python plot_efficiency_map.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.printed import paper_figure, write_figure
from szilard.plotting.style import MUTED, plain_numbers
from szilard.plotting.surface import plane_map
from szilard.plotting.theory_lines import beside_theory

REPLICAS = 200 if os.environ.get("SZILARD_FAST") else 4000
WEIGHTS = 100
LOADS = [0.25, 1.0, 4.0]
RATES = [0.5, 1.0, 2.0, 4.0]
RAMP, DURATION = 50.0, 60.0


def simulate(load, rate):
    """Learned / cost of one neuron, summed over its weights."""
    task = sz.tasks.random_labels(WEIGHTS, round(load * WEIGHTS), seed=3)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=rate, duration=DURATION, dt=0.025, schedule=sz.ramp(RAMP),
        replicas=REPLICAS, seed=1,
    )  # fmt: skip
    return run.efficiency_marginal


def theory(load, rate):
    """The same for infinitely many weights."""
    return sz.theory.hebbian(rate, load, RAMP, duration=DURATION).efficiency


def main(path):
    """Solve, simulate, draw, save."""
    found = {(load, rate): simulate(load, rate) for load in LOADS for rate in RATES}
    for (load, rate), measured in found.items():
        print(f"load {load:g}, rate {rate:g}: {measured}, theory {theory(load, rate):.4f}")
    loads, rates = np.geomspace(0.1, 30.0, 61), np.geomspace(0.1, 12.0, 61)
    surface = [[theory(load, rate) for rate in rates] for load in loads]
    discs = np.array([(load, rate, measured.value) for (load, rate), measured in found.items()]).T
    with house_style(paper=True):
        figure, (left, right) = paper_figure("double", 2.7, columns=2)
        left.set(xscale="log", yscale="log")
        right.set(xscale="log")
        for axis in (left.xaxis, left.yaxis, right.xaxis):
            plain_numbers(axis)
        plane_map(left, loads, rates, surface, "efficiency", at=discs)
        left.set(xlabel=r"load $\alpha = P/N$", ylabel=r"learning rate $\nu$")
        rows = []
        for load in LOADS:
            seen = [found[load, rate] for rate in RATES]
            values, errors = [e.value for e in seen], [e.stderr for e in seen]
            rows.append((f"α = {load:g}", RATES, values, errors, rates, [theory(load, rate) for rate in rates]))
        beside_theory(right, rows)
        ceiling = sz.theory.hebbian_ceiling()
        right.axhline(ceiling, color=MUTED, linestyle=":", linewidth=0.9)
        right.set(xlabel=r"learning rate $\nu$", ylabel="efficiency, learned / cost", ylim=(0.0, 1.25 * ceiling))
        right.text(12.0, 1.02 * ceiling, f"ceiling {ceiling:.3f}", ha="right", va="bottom", color=MUTED, fontsize=7.5)
        right.legend(loc="lower left")
        write_figure(figure, path)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "efficiency_map.png")
