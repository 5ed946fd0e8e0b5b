"""
What it costs to erase a bit
============================

A particle in a double well is a bit: left or right. The barrier is lowered, the potential tilted, the barrier raised
and the tilt taken away; every bit ends on the right. Left: one that began on the left. Right: the mean work of a whole
cycle against its duration. It falls towards T ln 2 and no lower (Landauer, 1961); what is above is dissipated because
there was no more time, and in slow cycles goes like one over the duration (line, its height fitted to the slower half).
Bars are two standard errors.

Reproduces Landauer's bound (IBM J. Res. Dev. 5, 183, 1961) and its approach in finite time, as measured by Berut et
al. (Nature 483, 187, 2012); the mean work of the shorter cycles stands beside its exact value from the Fokker-Planck
equation.

Run it with ``python plot_bit_erasure.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style, potential_trajectory
from szilard.plotting.style import SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
REPLICAS = 200 if FAST else 10_000
DURATIONS = [0.5, 1.0, 2.0] if FAST else [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
SOLVED = 1.0 if FAST else 2.0  # up to this duration the work is solved exactly too
BIT = sz.systems.bit_memory(10.0, 10.0)


def one_bit(ax, duration):
    """A bit that began on the left, over the potential of every moment."""
    cycle = sz.ramp(duration)
    run = sz.simulate(BIT, [-1.0], duration, replicas=1, seed=3, protocol=cycle, dt=0.002, record="paths")
    times, grid = np.linspace(0.0, duration, 301), np.linspace(-1.7, 1.7, 241)
    potential = [BIT.energies(grid[:, None], cycle(t)) for t in times]
    potential_trajectory(ax, run.paths.times, run.paths.states[0, :, 0], grid, potential, times, ceiling=14.0)
    ax.set_title("One bit is erased")


def main(path):
    """Erase bits slower and slower, draw the cost, save."""
    work, error = [], []
    for duration in DURATIONS:
        cycle = sz.ramp(duration)
        run = sz.simulate(BIT, "equilibrium", duration, replicas=REPLICAS, seed=1, protocol=cycle, dt=0.001)
        work.append(run.ledger.work.mean())
        error.append(run.ledger.work.std(ddof=1) / np.sqrt(REPLICAS))
        wrong = np.mean(run.final[:, 0] < 0.0)
        print(f"duration {duration:4g}: <W> = {work[-1]:.3f} +- {error[-1]:.3f}, {wrong:.2%} on the wrong side")
        measured = sz.Estimate(work[-1], error[-1], REPLICAS)
        if duration <= SOLVED:
            exact = sz.Estimate.exact(sz.energetics(BIT, "equilibrium", duration, cycle).work)
            print(sz.BoundCheck("  <W> = its exact value", measured, exact, relation="="))
        print(sz.BoundCheck("  T ln 2 <= <W>", sz.Estimate.exact(np.log(2.0)), measured))
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.6), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        one_bit(left, 8.0)
        right.errorbar(
            DURATIONS, work, 2.0 * np.array(error), fmt="o", color=SERIES[0][0], markersize=4.5, label="simulated"
        )
        slow = np.array(DURATIONS[len(DURATIONS) // 2 :])
        height = np.mean((np.array(work[-slow.size :]) - np.log(2.0)) * slow)
        fine = np.geomspace(DURATIONS[0], DURATIONS[-1], 100)
        label = f"T ln 2 + {height:.2g} / duration"
        right.plot(fine, np.log(2.0) + height / fine, color=SERIES[0][0], linewidth=1.0, zorder=0, label=label)
        right.axhline(np.log(2.0), color=SERIES[1][0], linewidth=1.4, linestyle="--")
        right.text(DURATIONS[0], 0.55, "T ln 2", color=SERIES[1][0], va="top")
        right.set_xscale("log")
        right.set_xticks(DURATIONS, [f"{duration:g}" for duration in DURATIONS], minor=False)
        right.minorticks_off()
        right.set_xlabel("duration of the cycle")
        right.set_ylabel("mean work ($k_B T_0$)")
        right.set_ylim(bottom=0.0)
        right.set_title("Erasure in finite time")
        dress(right)
        right.legend()
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "bit_erasure.png")
