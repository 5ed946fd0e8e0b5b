"""
What temperature, stiffness and time do to learning
===================================================

A neuron of 16 weights learns random labels, by Hebb's rule and by the Perceptron's. One quantity at a time is changed:
temperature, stiffness, mobility, learning rate, load (patterns per weight), and the dwell time of a pattern when they
are shown one by one (the mean force kept). Rows: the fraction of wrong answers at the end; how fast, one over the time
at which half of the improvement is reached; what it cost per bit learned, as a multiple of ln 2. Bars are two standard
errors. The mobility moves only the speed, and, in a given time, how much haste it costs.

Reproduces the bound of Goldt and Seifert (Phys. Rev. Lett. 118, 010601, 2017) over all of these quantities: no point
of the lowest row lies below 1 nat paid per nat learned.

Run it with ``python plot_physical_quantities.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys
from math import hypot, log

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
REPLICAS = 250 if FAST else 1000
N, P, DURATION = 16, 8, 6.0
TIMES = [0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0]
QUANTITIES = {
    "temperature": [0.3, 0.6, 1.0, 2.0, 4.0],
    "stiffness": [0.3, 0.6, 1.0, 2.0, 4.0],
    "mobility": [0.2, 0.5, 1.0, 2.0, 4.0],
    "learning rate": [0.3, 0.7, 1.5, 3.0, 5.0],
    "load": [1 / 16, 1 / 4, 1 / 2, 1.0, 2.0],
    "dwell": [0.05, 0.1, 0.25, 0.5, 1.0],
}


def learn(rule, quantity, value):
    """One run with one quantity changed."""
    load = value if quantity == "load" else P / N
    rate = value if quantity == "learning rate" else 1.5
    how = {quantity: value} if quantity in ("temperature", "stiffness", "mobility") else {}
    if quantity == "dwell":
        how, rate = {"mode": "online", "dwell": value, "order": "random"}, rate * value * round(load * N)
    task = sz.tasks.random_labels(N, round(load * N), seed=1)
    step = min(0.01, value / 20) if quantity == "dwell" else 0.01
    return sz.train(
        task, rule, learning_rate=rate, duration=DURATION, dt=step, replicas=REPLICAS, seed=2, readout="sign",
        times=TIMES, **how,
    )  # fmt: skip


def speed(run):
    """1/t at which the error has fallen half way from 1/2 to its last value; and its standard error."""
    fall = [0.5 - shot.error.value for shot in run.snapshots]
    half = 0.5 * fall[-1]
    i = int(np.argmax(np.array(fall) >= half))
    t0, f0 = (0.0, 0.0) if i == 0 else (TIMES[i - 1], fall[i - 1])
    slope = (fall[i] - f0) / (TIMES[i] - t0)
    t = t0 + (half - f0) / slope
    error = hypot(run.snapshots[i].error.stderr, 0.5 * run.snapshots[-1].error.stderr) / slope
    return 1.0 / t, error / t**2


def price(run):
    """Cost over what was learned, in nats per nat: 1 is Landauer's; and its standard error."""
    efficiency = run.efficiency_marginal
    return 1.0 / efficiency.value, efficiency.stderr / efficiency.value**2


def main(path):
    """Train, draw, save, and look for the cheapest nat."""
    cheapest = []
    rows = ("wrong answers", "speed of learning", "cost per nat learned (nat)")
    with house_style():
        figure, axes = plt.subplots(3, 6, figsize=(13.0, 6.2), sharex="col", layout="constrained")
        for column, (quantity, values) in enumerate(QUANTITIES.items()):
            for name, (colour, marker) in zip(("hebbian", "perceptron"), SERIES, strict=False):
                runs = [learn(getattr(sz.rules, name), quantity, value) for value in values]
                cheapest += [price(run) for run in runs]
                shown = ([(r.error.value, r.error.stderr) for r in runs], map(speed, runs), map(price, runs))
                for ax, points in zip(axes[:, column], shown, strict=True):
                    y, bar = np.array(list(points)).T
                    ax.errorbar(values, y, 2.0 * bar, color=colour, marker=marker, markersize=4, label=name)
            for ax, row in zip(axes[:, column], rows, strict=True):
                dress(ax)
                ax.set_xscale("log")
                ax.set_xticks(values, [f"{value:.2g}" for value in values])
                ax.minorticks_off()
                ax.set_ylabel(row if column == 0 else "")
            axes[0, column].set_ylim(0.0, 0.5)
            for ax in axes[1:, column]:
                ax.set_yscale("log")
                ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
                ax.yaxis.set_major_formatter("{x:g}")
                ax.yaxis.set_minor_locator(NullLocator())
            axes[2, column].set_xlabel(quantity)
        axes[0, 0].legend(frameon=False)
        figure.savefig(path, dpi=150)
        plt.close(figure)
    value, error = min(cheapest)
    least = sz.Estimate(value, error, REPLICAS)
    print(f"the cheapest of {len(cheapest)} runs: {value * log(2.0):.3f} +- {error * log(2.0):.3f} k_B T per bit")
    print(sz.BoundCheck("1 <= cost / learned", sz.Estimate.exact(1.0), least))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "physical_quantities.png")
