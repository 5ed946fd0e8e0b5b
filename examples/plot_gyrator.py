"""
A gyrator between two baths
===========================

One particle, two coordinates: x feels a hot bath, y a cold one, and a quadratic potential couples them (Filliger and
Reimann, 2007). Nothing drives it but the difference of temperatures, yet it circulates. Left: the stationary density
and the current of probability, both exact. Right: heat per time into either bath as the first is heated, from
trajectories (points, with bars of two standard errors) and exact (lines). All heat that leaves the hot
bath enters the cold one; at equal temperatures none flows.

Reproduces the heat of the Brownian gyrator (Filliger and Reimann, Phys. Rev. Lett. 99, 230602, 2007), exact beside
simulated.

Run it with ``python plot_gyrator.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import current_field, house_style
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 300 if os.environ.get("SZILARD_FAST") else 20_000
STIFFNESS, COUPLING, COLD = 1.0, 0.6, 0.5
DURATION = 10.0


def field(ax, hot):
    """p(x, y) of the stationary Gaussian and J = (-A - D grad ln p) p."""
    process = sz.systems.gyrator(STIFFNESS, COUPLING, (hot, COLD))
    state = sz.stationary(process)
    x, y = np.linspace(-4.2, 4.2, 120), np.linspace(-3.3, 3.3, 100)
    w = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(state.log_density(w))
    current = (process.mobility * process.forces(w) + process.diffusion * (w @ state.precision)) * density[:, None]
    jx, jy = current.T.reshape(2, x.size, y.size)
    current_field(ax, x, y, density.reshape(x.size, y.size), jx, jy)
    ax.set_aspect("equal")
    ax.set_xlabel(f"x (bath at T = {hot:g})")
    ax.set_ylabel(f"y (bath at T = {COLD:g})")


def main(path):
    """Heat the first bath step by step, measure, draw, save."""
    temperatures = np.linspace(0.25, 2.5, 10)
    rates, errors = [], []
    for hot in temperatures:
        process = sz.systems.gyrator(STIFFNESS, COUPLING, (hot, COLD))
        run = sz.simulate(process, "stationary", DURATION, replicas=REPLICAS, seed=1, dt=0.005)
        rates.append(run.ledger.heat.mean(axis=0) / DURATION)
        errors.append(run.ledger.heat.std(axis=0, ddof=1) / np.sqrt(REPLICAS) / DURATION)
    for hot, rate, error in list(zip(temperatures, rates, errors, strict=True))[::3]:
        into = sz.Estimate(rate[0], error[0], REPLICAS)
        exact = sz.Estimate.exact(COUPLING**2 * (COLD - hot) / (2.0 * STIFFNESS))
        print(sz.BoundCheck(f"heat into the bath at T = {hot:4.2f}", into, exact, relation="="))
    fine = np.linspace(0.2, 2.55, 200)
    exact = COUPLING**2 * (COLD - fine) / (2.0 * STIFFNESS)
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.8), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        field(left, 2.0)
        left.set_title("Density and current")
        for i, (name, sign) in enumerate((("into the first bath (x)", 1.0), ("into the second bath (y)", -1.0))):
            colour, marker = SERIES[i]
            right.plot(fine, sign * exact, color=colour, linewidth=1.2)
            right.errorbar(
                temperatures, np.array(rates)[:, i], 2.0 * np.array(errors)[:, i], fmt=marker, color=colour,
                markersize=4.5, linewidth=1.0, label=name,
            )  # fmt: skip
        right.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
        right.axvline(COLD, color=MUTED, linewidth=0.8, linestyle=":")
        right.set_xlabel(f"temperature of the first bath; the second has T = {COLD:g}")
        right.set_ylabel("heat per time ($k_B T_0$)")
        right.set_title("Heat flows from hot to cold")
        dress(right)
        right.legend(labelcolor=MUTED, loc="upper left")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "gyrator.png")
