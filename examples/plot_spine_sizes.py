"""
Sizes of spines
===============

Synthetic sizes of 200 spines, looked at every day (a computer made them, nobody measured them). Left: one look at each
spine, and three densities: two fitted to all looks, and one that drift and diffusion predict without a look at how
often a size occurs. Middle and right: drift and diffusion of the logarithm of the size, in bins without an assumed form
(two standard errors) and as fitted. Before day 11 the spines are left alone; then an event enlarges them all, and the
budget says what that took at least.

Reproduces the drift and the diffusion that the sizes were made with: per day 0.15 back to -1.4, with a spread of 0.65.
Distributions of this kind were measured by Loewenstein, Kuras and Rumpel (J. Neurosci. 31, 9481, 2011).

Run it with ``python plot_spine_sizes.py figure.png``; ``SZILARD_FAST=1`` takes few resamples.
"""

import os
import sys

import matplotlib.pyplot as plt

import szilard as sz
from szilard.plotting import house_style

FAST = bool(os.environ.get("SZILARD_FAST"))
RESAMPLES, SIMULATIONS = (20, 20) if FAST else (400, 999)


def main(path):
    """Read, fit, print, draw, save."""
    spines = sz.data.example_spines()
    before = sz.infer.Recording(spines.states[:, :11], spines.times[:11])
    fit = sz.infer.fit_synapse(before)
    sizes = sz.infer.fit_sizes(before, model=fit, seed=1, resamples=RESAMPLES, simulations=SIMULATIONS)
    print(fit)
    print(sizes)
    print(sz.infer.synapse_budget(fit, spines, between=(10, 11)))
    with house_style():
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12.0, 3.6), layout="constrained")
        sizes.plot(left)
        left.set_ylim(top=1.35 * left.get_ylim()[1])
        left.set_title("Sizes before the event (synthetic)")
        fit.plot(middle)
        middle.set_title("What pulls ln size")
        fit.plot(right, what="diffusion")
        right.set_ylim(bottom=0.0)
        right.set_title("What scatters it")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "spine_sizes.png")
