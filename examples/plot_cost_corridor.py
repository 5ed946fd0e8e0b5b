"""
Between the least and the most that learning can cost
=====================================================

One synapse learns one label by a force that rises to its full strength; k = 2, T = 0.7, mobility 0.8. Left: what is
dissipated, in units of f^2/2kT, over the duration of the rise. No schedule does it for less than 2/(2 + x), which a
force that jumps at both ends attains (Schmiedl and Seifert, 2007), and none that only rises for more than the sudden
one. Right: the cost of what was learned, at a rise of thirty relaxation times and forces of many strengths, between the
same two limits. Points are simulated, with bars of two standard errors; lines are exact.

Run it with ``python plot_cost_corridor.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.between import cost_corridor
from szilard.plotting.printed import paper_figure, write_figure

REPLICAS = 400 if os.environ.get("SZILARD_FAST") else 40_000
STIFFNESS, TEMPERATURE, MOBILITY = 2.0, 0.7, 0.8
RELAXATION = 1.0 / (MOBILITY * STIFFNESS)
DURATIONS = np.array([0.1, 0.3, 1.0, 3.0, 10.0, 30.0])
FORCES = np.array([0.5, 0.9, 1.5, 2.4])
SLOW = 30.0
BATH = {"stiffness": STIFFNESS, "temperature": TEMPERATURE, "mobility": MOBILITY}


def optimal(x):
    """The force that dissipates least: it jumps at both ends, and rises evenly in between."""
    return sz.Protocol([0.0, x * RELAXATION, x * RELAXATION], [1.0 / (x + 2.0), (x + 1.0) / (x + 2.0), 1.0])


def halves(x):
    """Half of the force at once, the other half at the end."""
    return stairs(x, 2)


def quarters(x):
    """A quarter of the force at once, and so on."""
    return stairs(x, 4)


def stairs(x, steps):
    """Equal steps, the first at once and the last at the end."""
    levels = np.arange(1, steps + 1) / steps
    return sz.Protocol(np.linspace(0.0, x * RELAXATION, steps), levels, kind="constant")


def linear(x):
    """The force rises evenly from nothing."""
    return sz.ramp(x * RELAXATION)


def exact(schedule, x, force):
    """What it dissipates until all is at rest, in nats."""
    s = schedule(x)
    return sz.theory.additive_heat(s.times, s.values, s.kind, amplitude_squared=force**2, **BATH).dissipation


def train(schedule, x, force):
    """40 000 synapses with a label each, looked at when they have come to rest."""
    task = sz.tasks.random_labels(1, 1, inputs=[[1.0]])
    steps = max(40, round(100.0 * x))
    dt = x * RELAXATION / steps
    rest = np.ceil(9.0 * RELAXATION / dt) * dt
    return sz.train(
        task, sz.rules.hebbian, learning_rate=force, duration=x * RELAXATION + rest, dt=dt, schedule=schedule(x),
        replicas=REPLICAS, seed=1, readout="sign", **BATH,
    )  # fmt: skip


def over_duration(ax, force):
    """Dissipation of three schedules between 2/(2 + x) and 1."""
    unit = force**2 / (2.0 * STIFFNESS * TEMPERATURE)
    fine = np.geomspace(0.05, 60.0, 120)
    curves = []
    for name, schedule in (("optimal", optimal), ("linear", linear), ("two steps", halves)):
        seen = [train(schedule, x, force).dissipated.estimate() for x in DURATIONS]
        line = [exact(schedule, x, force) / unit for x in fine]
        curves.append((name, DURATIONS, [e.value / unit for e in seen], [e.stderr / unit for e in seen], fine, line))
    cost_corridor(ax, fine, 2.0 / (2.0 + fine), np.ones_like(fine), curves)
    ax.set(xlabel=r"duration $\mu k \tau$ (relaxation times)", ylabel=r"dissipation / $(f^2/2kT)$")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.08), handlelength=2.6)


def over_information(ax):
    """The cost of what was learned, for forces of many strengths."""
    fine = np.geomspace(0.35, 3.2, 120)
    quench = fine**2 / (2.0 * STIFFNESS * TEMPERATURE)
    known = [sz.theory.single_synapse(f, 0.0, readout="sign", **BATH) for f in fine]
    learned, gained = (np.array([getattr(k, name) for k in known]) for name in ("information", "entropy"))
    curves = []
    for name, schedule in (("optimal", optimal), ("four steps", quarters), ("two steps", halves)):
        runs = [train(schedule, SLOW, f) for f in FORCES]
        seen, cost = [run.information for run in runs], [run.cost for run in runs]
        print(f"{name}: learned {seen}, cost {cost}")
        line = [gain + exact(schedule, SLOW, f) for gain, f in zip(gained, fine, strict=True)]
        curves.append((name, [e.value for e in seen], [e.value for e in cost], [e.stderr for e in cost], learned, line))
    cost_corridor(ax, learned, gained + quench * 2.0 / (2.0 + SLOW), gained + quench, curves)
    ax.set(xlabel="learned (nat)", ylabel="cost (nat)")
    ax.legend(loc="lower right", handlelength=2.6)


def main(path):
    """Train, compare, draw, save."""
    with house_style(paper=True):
        figure, (left, right) = paper_figure("double", 2.8, columns=2)
        over_duration(left, 3.0)
        over_information(right)
        write_figure(figure, path)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cost_corridor.png")
