"""
Why a rule carries its loss
===========================

The Perceptron's force jumps where the answer changes. The same dynamics are booked twice: with the rule's loss, as a
difference of potential, and without it, by Stratonovich's midpoint. One weight, one label, force 3, switched on at
once. The exact heat is the fall of the mean energy from one equilibrium to the other, by quadrature.

Reproduces Sekimoto's heat (Prog. Theor. Phys. Suppl. 130, 17, 1998) of a force that jumps. The error of the dynamics
is of first order in the step, so that twice the heat at a step less that at two steps should be exact.

Run it with ``python plot_heat_convergence.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import quad

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 2000 if os.environ.get("SZILARD_FAST") else 40000
FORCE = 3.0
STEPS = [0.4, 0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625]


def push(field, label, output, weight, parameters):
    """The Perceptron's amplitude: only a wrong answer pushes."""
    return label if label * field < 0.0 else 0.0


def exact_heat():
    """<E> before and after at the full force, E = w^2/2 + force max(0, -w), T = k = 1."""

    def mean(force):
        def density(w):
            return np.exp(-0.5 * w * w - force * max(0.0, -w))

        def energy(w):
            return (0.5 * w * w + FORCE * max(0.0, -w)) * density(w)

        return quad(energy, -12, 12, points=[0.0])[0] / quad(density, -12, 12, points=[0.0])[0]

    return mean(0.0) - mean(FORCE)


def main(path):
    """Simulate both ledgers at every step, draw, save."""
    task = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
    rules = {"with its loss": sz.rules.perceptron, "without, by midpoint": sz.Rule("no loss", push)}
    exact = exact_heat()
    with house_style():
        figure, ax = plt.subplots(figsize=(5.4, 3.5), layout="constrained")
        for (name, rule), (colour, marker) in zip(rules.items(), SERIES, strict=False):
            heat = [
                sz.train(task, rule, learning_rate=FORCE, duration=8.0, dt=dt, replicas=REPLICAS, seed=1).heat
                for dt in STEPS
            ]
            ax.errorbar(
                STEPS, [h.value for h in heat], [h.stderr for h in heat], color=colour, marker=marker,
                markersize=4.5, linewidth=1.2, capsize=2.5, label=name,
            )  # fmt: skip
            half, whole = heat[-1], heat[-2]
            limit = sz.Estimate(2 * half.value - whole.value, np.hypot(2 * half.stderr, whole.stderr), REPLICAS)
            print(sz.BoundCheck(f"{name}, to dt = 0", limit, sz.Estimate.exact(exact), relation="="))
        ax.axhline(exact, color=MUTED, linewidth=1.0, linestyle="--")
        ax.text(STEPS[0] * 1.2, exact + 0.03, f"exact {exact:.3f}", ha="right", va="bottom", color=MUTED)
        ax.set(xscale="log", xlabel="time step dt (relaxation times)", ylabel="mean heat ($k_B T_0$)", ylim=(0, None))
        ax.set_title("Heat of a Perceptron weight")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        dress(ax)
        ax.legend(loc="upper left")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "heat_convergence.png")
