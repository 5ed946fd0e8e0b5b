"""
From mesoscopic to classical
============================

A magnet of N spins, each coupled to all others, is turned over by a field in contact with a bath at T = 1.2. Left: the
work done on single trajectories until time t, per spin, for few spins and for many: the same average (dashed), but only
the small system wanders about it. Right: fluctuations against size. The relative spread of work and heat fades as
1/sqrt(N): the work of a large magnet is as good as certain, and thermodynamics classical.

Reproduces the law of large numbers for work (Seifert, Rep. Prog. Phys. 75, 126001, 2012, reviews where it fails); the
spread of work of the small magnets stands beside its exact value from the tilted master equation.

Run it with ``python plot_mesoscopic.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.discrete import fluctuations
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 200 if os.environ.get("SZILARD_FAST") else 4000
SIZES = [1, 4, 16, 64] if os.environ.get("SZILARD_FAST") else [1, 4, 16, 64, 256, 1024, 4096]
SOLVED = 64  # up to this size the spread is solved exactly too
TEMPERATURE, COUPLING, DURATION = 1.2, 0.6, 4.0
TURN = sz.Protocol([0.0, DURATION], [-1.5, 1.2])


def magnet(spins):
    """The magnet in a field that is the control."""
    return sz.systems.magnet(spins, COUPLING, temperature=TEMPERATURE)


def energy(spins, field, up):
    """-J M^2 / 2N - field M: the energy of the spins, without the entropy of their arrangements."""
    M = 2.0 * up - spins
    return -COUPLING * M**2 / (2.0 * spins) - field * M


def heat(spins, run):
    """Q = W - dE of every trajectory."""
    change = energy(spins, TURN.values[-1], run.final) - energy(spins, TURN.values[0], run.initial)
    return run.ledger.work - change


def main(path):
    """Simulate, solve, draw, save."""
    times = np.linspace(0.0, DURATION, 81)
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.6), layout="constrained")
        for spins, (colour, _) in zip((4, 64, SIZES[-1]), SERIES, strict=False):
            run = sz.simulate(
                magnet(spins), "equilibrium", DURATION, replicas=8, seed=2, protocol=TURN, times=times,
                entropy=False,
            )  # fmt: skip
            left.plot(times, run.books.work.T / spins, color=colour, linewidth=0.9, alpha=0.8)
            left.plot([], [], color=colour, linewidth=1.6, label=f"N = {spins}")
        mean = [sz.energetics(magnet(64), "equilibrium", t, TURN).work / 64 if t > 0.0 else 0.0 for t in times[::4]]
        left.plot(times[::4], mean, color="black", linewidth=1.2, linestyle="--", label="average, exact")
        left.set(xlabel="time", ylabel="work per spin ($k_B T_0$)", title="Eight trajectories of each size")
        left.legend(loc="upper left")

        exact, sampled = [], []
        for spins in SIZES:
            if spins <= SOLVED:
                work = fluctuations(magnet(spins), "equilibrium", DURATION, TURN).work
                exact.append(np.sqrt(work.variance) / abs(work.mean))
            run = sz.simulate(
                magnet(spins), "equilibrium", DURATION, replicas=REPLICAS, seed=3, protocol=TURN, entropy=False
            )
            sampled.append([x.std(ddof=1) / abs(x.mean()) for x in (run.ledger.work, heat(spins, run))])
        for spins, exactly, (found, _) in zip(SIZES, exact, sampled, strict=False):
            relative = sz.Estimate(found, found * np.sqrt((0.5 + found**2) / REPLICAS), REPLICAS)
            print(sz.BoundCheck(f"N = {spins}, spread / mean", relative, sz.Estimate.exact(exactly), relation="="))
        right.plot(SIZES[: len(exact)], exact, color=SERIES[0][0], linewidth=1.2, label="work, exact")
        for column, (name, (colour, marker)) in enumerate(zip(("work", "heat"), SERIES, strict=False)):
            spread = [row[column] for row in sampled]
            error = [x * np.sqrt((0.5 + x**2) / REPLICAS) for x in spread]
            right.errorbar(
                SIZES, spread, error, color=colour, marker=marker, linestyle="none", label=f"{name}, sampled"
            )
        scale = np.array(SIZES, dtype=float)
        right.plot(scale, exact[-1] * np.sqrt(SOLVED / scale), color=MUTED, linestyle=":", label=r"$\sim 1/\sqrt{N}$")
        right.set(xscale="log", yscale="log", xlabel="spins N", ylabel="spread / mean", title="Fluctuations")
        right.legend(loc="lower left")
        for ax in (left, right):
            dress(ax)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "mesoscopic.png")
