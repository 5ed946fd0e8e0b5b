"""
What a Hebbian neuron loses on the way
======================================

Left: nats per label of a quasi-static Hebbian neuron with many synapses, against the number of patterns per synapse.
What it pays in entropy (top line; the heat vanishes if slow) is more than its weights hold of all labels together;
that is more than they hold of each label by itself, and the answer tells the least. The area between two lines is one
loss. Points: budgets of trained neurons with 12 synapses, mean over draws of inputs and its standard error; they lie
off by some 1/12. Right: with a strong force and many patterns the best reader of the weights has three states. Signal
over noise with which it sees one label; full lines: the state of least information, that the weights are in. Dashed:
the others. At the jump the labels, nearly all there before, drown in each other.

Reproduces the capacity of randomly spread channels (Tanaka, IEEE Trans. Inf. Theory 48, 2888, 2002), which a Hebbian
neuron is, and the ceiling of its efficiency; trained neurons, averaged over inputs, stand beside N to infinity.

Run it with ``python plot_hebbian_chain.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import FILLS, INK, MUTED, SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
REPLICAS, DRAWS = (200, 2) if FAST else (2000, 8)
FORCE, N, PATTERNS = 1.5, 12, (2, 4, 6, 9, 12)
RAMP, HOLD = 8.0, 8.0  # what haste dissipates is left out: the top line is the entropy of the weights alone
LOSSES = (("marginal", "joint", "redundancy"), ("joint", "one_label", "interference"), ("one_label", "sign", "readout"))
STRONG = (2.4, 3.0, 3.6)


def levels(patterns, seed):
    """Nats per label that one trained neuron pays in entropy, holds of all labels, of one, and tells."""
    task = sz.tasks.random_labels(N, patterns, seed=seed)
    run = sz.train(
        task, sz.rules.hebbian, learning_rate=FORCE, duration=RAMP + HOLD, dt=0.5, schedule=sz.ramp(RAMP),
        replicas=REPLICAS, seed=seed, readout="sign",
    )  # fmt: skip
    told = sz.budget(run)
    sums = np.cumsum([told.learned.value, told.readout.value, told.interference.value, told.redundancy.value])
    return sums[::-1] / patterns


def draw_chain(ax):
    """The levels as lines with the losses between them, and the trained neurons on top."""
    loads = np.geomspace(0.08, 4.0, 60)
    chains = [sz.theory.hebbian_chain(FORCE, load, readout="sign") for load in loads]
    names = ("marginal", "joint", "one_label", "sign")
    lines = {name: np.array([getattr(chain, name) for chain in chains]) for name in names}
    for top, bottom, loss in LOSSES:
        fill = FILLS[loss]
        ax.fill_between(loads, lines[bottom], lines[top], color=fill.colour, alpha=0.55, linewidth=0.0, label=loss)
    ax.fill_between(loads, 0.0, lines["sign"], color=FILLS["learned"].colour, alpha=0.55, linewidth=0.0, label="told")
    for line in lines.values():
        ax.plot(loads, line, color=INK, linewidth=1.0)
    print(f"patterns per synapse: nats per label of {N} synapses, and of many")
    for patterns in PATTERNS:
        found = np.array([levels(patterns, seed) for seed in range(1, DRAWS + 1)])
        spread = found.std(axis=0, ddof=1) / np.sqrt(DRAWS)
        many = sz.theory.hebbian_chain(FORCE, patterns / N, readout="sign")
        for value, error, name in zip(found.mean(axis=0), spread, names, strict=True):
            print(f"  {patterns / N:.2f} {name:9} {value:.3f} +- {error:.3f}, {getattr(many, name):.3f}")
        at = np.full(4, patterns / N)
        ax.errorbar(
            at, found.mean(axis=0), spread, color=INK, linestyle="none", marker="o", markersize=3.6, capsize=2.0
        )
    ax.axhline(np.log(2.0), color=MUTED, linewidth=0.8, linestyle=":")
    ax.text(3.9, np.log(2.0) + 0.015, "ln 2", ha="right", color=MUTED)
    ax.set(xscale="log", xlabel="patterns per synapse, $\\alpha$", ylabel="nat per label", ylim=(0.0, 1.15))
    ax.set_title(f"Where it is lost, $\\nu$ = {FORCE:g}, sign readout")
    ax.legend(loc="upper right")


def draw_states(ax):
    """All states of the best reader against the load."""
    loads = np.linspace(0.5, 4.0, 60 if FAST else 500)
    for force, (colour, _) in zip(STRONG, SERIES, strict=False):
        states = [sz.theory.hebbian_joint(force, load) for load in loads]
        taken = np.array([state.snr for state in states])
        jump = np.flatnonzero(np.diff(taken) < -0.3 * force**2)
        ax.plot(loads, np.insert(taken, jump + 1, np.nan)[: loads.size], color=colour, linewidth=1.8)
        ax.plot([], [], color=colour, linewidth=1.8, label=f"$\\nu$ = {force:g}")
        for which in range(3):
            other = [
                s.fixed_points[which] if not s.unique and s.fixed_points[which] != s.snr else np.nan for s in states
            ]
            ax.plot(loads, other, color=colour, linewidth=1.0, linestyle="--")
        for place in jump:
            ax.plot(loads[[place, place]], taken[[place, place + 1]], color=colour, linewidth=0.8, linestyle=":")
    ax.set(xlabel="patterns per synapse, $\\alpha$", ylabel="signal/noise of one label, $E$", yscale="log")
    ax.set_yticks([0.3, 1.0, 3.0, 10.0], ["0.3", "1", "3", "10"])
    ax.minorticks_off()
    ax.set_title("Strong forces: the reader's states")
    ax.legend(loc="lower left")


def main(path):
    """Compute, train, draw, save."""
    with house_style():
        figure, axes = plt.subplots(1, 2, figsize=(9.8, 4.0), layout="constrained")
        draw_chain(axes[0])
        draw_states(axes[1])
        for ax in axes:
            ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            dress(ax)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "hebbian_chain.png")
