"""
What a sensor learns and what it pays
=====================================

A sensor x follows an environment y that flips by itself. Against the strength with which it is held to y: the learning
rate l_x, the information per time that x gains about y; the transfer entropy, what the whole path of x takes in; and
the entropy production of the sensor. The learning rate is below both, so heat pays for what is learned, and the
sensory capacity l_x / T_y->x (right) says which share of it the present state still tells. All lines are exact, the
points are sampled.

Reproduces the learning rate and the sensory capacity of Hartich, Barato and Seifert (Phys. Rev. E 93, 022116, 2016);
the sampled transfer entropy stands beside the exact one.

Run it with ``python plot_sensor.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.discrete import information_flows, sampled_transfer_entropy_rate, transfer_entropy_rate
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

REPLICAS = 100 if os.environ.get("SZILARD_FAST") else 2000
FLIPS, T = 0.1, 1.3
SHAPE = (2, 2)


def sensor(coupling):
    """A sensor of this coupling beside an environment that flips at 0.1 per time."""
    return sz.systems.sensor(coupling, environment=FLIPS, temperature=T)


def main(path):
    """Solve along the coupling, sample at a few, draw, save."""
    couplings = np.linspace(0.2, 8.0, 40)
    flows = [information_flows(sensor(c), SHAPE) for c in couplings]
    taken = np.array([transfer_entropy_rate(sensor(c), SHAPE) for c in couplings])
    learned = np.array([f.flow[0] for f in flows])
    paid = np.array([f.entropy_flow[0] for f in flows])
    sampled = []
    for c in (1.0, 3.0, 5.0, 7.0):
        run = sz.simulate(sensor(c), "stationary", 100.0, replicas=REPLICAS, seed=1, record="paths")
        sampled.append((c, sampled_transfer_entropy_rate(run, SHAPE).estimate()))
    for c, found in sampled:
        exact = sz.Estimate.exact(transfer_entropy_rate(sensor(c), SHAPE))
        print(sz.BoundCheck(f"coupling {c:g}, transfer entropy", found, exact, relation="="))
    print(f"largest learned / taken in {np.max(learned / taken):.4f}, learned / paid {np.max(learned / paid):.4f}")
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.8, 3.8), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        lines = (("entropy production of x", paid), ("transfer entropy y to x", taken), ("learning rate of x", learned))
        for (name, values), (colour, _) in zip(lines, SERIES, strict=False):
            left.plot(couplings, values, color=colour, linewidth=1.5, label=name)
        colour, marker = SERIES[1]
        bars = [2.0 * x.stderr for _, x in sampled]
        left.errorbar([c for c, _ in sampled], [x.value for _, x in sampled], bars, fmt=marker, color=colour)
        left.set_ylabel("nat per time")
        left.set_title("Learning is paid for")
        left.legend(labelcolor=MUTED)
        right.plot(couplings, learned / taken, color=SERIES[3][0], linewidth=1.5, label="sensory capacity")
        right.plot(couplings, learned / paid, color=SERIES[2][0], linewidth=1.5, label="learned per entropy produced")
        right.set_ylim(0.0, 1.05)
        right.set_title("Neither share exceeds 1")
        right.legend(labelcolor=MUTED)
        for ax in (left, right):
            ax.set_xlabel("coupling of sensor to environment ($k_B T_0$)")
            dress(ax)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sensor.png")
