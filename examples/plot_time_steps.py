"""
What the time step does to a theorem
====================================

Simulated time goes in steps, and a theorem that holds for the dynamics need not hold for the steps. A quartic well at
T = 0.7 is made twice as steep while a particle sits in it. Left: Jarzynski's <e^{-(W - dF)/T}> = 1. Steps of Euler miss
it by a term in dt, steps of Heun by one in dt^2; metropolised steps, which refuse a part of Euler's so that detailed
balance holds exactly, obey it at any dt. Right: the mean work, which every method has in the end and none before.
Dotted: what is exact. Bars are two standard errors.

Reproduces, for overdamped steps, what Sivak, Chodera and Crooks found (Phys. Rev. X 3, 011007, 2013): a step does work
of its own, and Metropolis' choice takes it away. Euler is meant to be violated here.

Run it with ``python plot_time_steps.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.estimate import exponential_average
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 2000 if os.environ.get("SZILARD_FAST") else 400_000
TEMPERATURE = 0.7
STEPS = {
    "euler": [0.01, 0.02, 0.04, 0.06, 0.08],
    "heun": [0.01, 0.02, 0.04, 0.06, 0.08],
    "metropolis": [0.01, 0.02, 0.04, 0.06, 0.08, 0.12, 0.16],
}
STEEPER = sz.Protocol([0.0, 0.8], [1.0, 2.0])
CHANGE = 0.25 * TEMPERATURE * np.log(2.0)  # -T ln int e^{-c w^4 / 4T} dw falls with (T/4) ln c


def energy(w, control, parameters):
    """U = c w^4 / 4."""
    return 0.25 * control * w[0] ** 4


def gradient(w, control, parameters):
    """dU/dw = c w^3."""
    return control * w[0] ** 3


def measured(samples):
    """Mean and two standard errors."""
    return samples.mean(), 2.0 * samples.std(ddof=1) / np.sqrt(samples.size)


def main(path):
    """Every method, every step: measure, draw, save."""
    well = sz.Langevin(
        potential=energy, gradient=gradient, dim=1, temperature=TEMPERATURE, compiled=True, name="quartic well"
    )
    with house_style():
        figure, axes = plt.subplots(1, 2, figsize=(9.8, 3.6), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        for (method, steps), (colour, marker) in zip(STEPS.items(), SERIES, strict=False):
            found = []
            for i, dt in enumerate(steps):
                run = sz.simulate(
                    well, "equilibrium", 0.8, replicas=REPLICAS, seed=10 + i, protocol=STEEPER, dt=dt, method=method,
                    entropy=False,
                )  # fmt: skip
                work = run.ledger.work
                if dt == steps[-1]:
                    theorem = exponential_average((work - CHANGE) / TEMPERATURE)
                    one = sz.Estimate.exact(1.0)
                    print(sz.BoundCheck(f"{method}, dt = {dt:g}, <e^{{-(W - dF)/T}}> = 1", theorem, one, relation="="))
                found.append((measured(np.exp(-(work - CHANGE) / TEMPERATURE)), measured(work)))
            for ax, values in zip(axes, np.array(found).transpose(1, 2, 0), strict=True):
                ax.errorbar(
                    steps, values[0], values[1], color=colour, marker=marker, markersize=4.5, linewidth=1.1,
                    label=method,
                )  # fmt: skip
        for ax, exact in zip(axes, (1.0, sz.energetics(well, "equilibrium", 0.8, STEEPER).work), strict=True):
            ax.axhline(exact, color=MUTED, linewidth=0.9, linestyle=":")
        axes[0].set_ylabel(r"$\langle e^{-(W - \Delta F)/T}\rangle$")
        axes[0].set_title("A theorem")
        axes[1].set_ylabel("mean work ($k_B T_0$)")
        axes[1].set_title("A mean")
        for ax in axes:
            ax.set_xlabel("time step")
            ax.set_xlim(left=0.0)
            dress(ax)
        axes[0].legend(labelcolor=MUTED)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "time_steps.png")
