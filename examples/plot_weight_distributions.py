"""
What feedback does to the distribution of weights
=================================================

Top: a synapse under pairs of spikes, whose own weight drives the output that teaches it. Left: the stationary density
of the weight, by Fokker-Planck (lines) and spike by spike (areas): two peaks at the bounds if changes do not depend on
the weight, one peak inside if they do. Right: where the density has its maxima (filled) and minima (hollow) over the
strength of this feedback, and where their number changes.

Bottom: a weight in a heat bath that the neuron's own noisy label pushes with g sigma, while the weight is the field
a w/2 of the label. Left: its density over g. Right: heat into the bath of the weight. Where 0 < g < a/2 the weight
cools its bath (shaded), for ever, at the cost of the label; at g = a/2 one energy explains both, and nothing flows.

Reproduces the two shapes of STDP's weights (van Rossum, Bi and Turrigiano, J. Neurosci. 20, 8812, 2000) and, for two
parts that look at each other, the second law with a flow of information (Horowitz and Esposito, Phys. Rev. X 4, 031015,
2014); the heat of simulated weights stands beside the exact one.

Run it with ``python plot_weight_distributions.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.estimate import Sampled
from szilard.plotting import house_style
from szilard.plotting.style import FORBIDDEN, INK, MUTED, SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
REPLICAS = 100 if FAST else 2000
STEP = 0.02
KINDS = ("additive", "multiplicative")
LABEL = sz.continuous.LabelFeedback(push=0.25, feedback=0.0, field=2.4, flip_rate=1.0)


def timing(kind, feedback):
    """20 input spikes per second; depression a little stronger than potentiation."""
    return sz.rules.SpikeTiming(
        kind=kind, pre_rate=20.0, rest_rate=20.0, feedback=feedback, step=STEP, ratio=1.0 + 3.0 * STEP
    )


def densities(ax):
    """Fokker-Planck and spikes."""
    w = np.linspace(0.0, 1.0, 400)
    for kind, (colour, _) in zip(KINDS, SERIES, strict=False):
        rule = timing(kind, 3.3 * STEP)
        model = sz.rules.stdp_synapse(rule)
        exact = model.stationary()
        start = exact.quantile((np.arange(REPLICAS) + 0.5) / REPLICAS)
        duration = (0.05 if FAST else 3.0) / model.relaxation_rate().value
        run = sz.rules.stdp_by_spikes(rule, [duration], replicas=REPLICAS, seed=1, initial=start)
        ax.hist(run.weights[:, 0], 50, range=(0.0, 1.0), density=True, histtype="stepfilled", color=colour, alpha=0.25)
        ax.plot(w, exact.density(w), color=colour, linewidth=1.5, label=kind)
    ax.set(xlabel="weight", ylabel="density", xlim=(0.0, 1.0), title="STDP: theory and spikes")
    ax.legend(labelcolor=MUTED)


def bifurcation(ax):
    """Maxima and minima over the strength of feedback."""
    strengths = np.linspace(0.0, 0.2, 9 if FAST else 41)
    for kind, (colour, marker) in zip(KINDS, SERIES, strict=False):
        found = sz.rules.weight_modes(lambda c, kind=kind: sz.rules.stdp_synapse(timing(kind, c)), strengths)
        for column in found.modes.T:
            ax.plot(strengths, column, marker, color=colour, markersize=3.4, clip_on=False, linestyle="none")
        for column in found.troughs.T:
            ax.plot(strengths, column, marker, color=colour, markersize=3.4, markerfacecolor="none", linestyle="none")
        for at in found.critical:
            ax.axvline(at, color=MUTED, linewidth=0.9, linestyle=":")
            ax.text(at, 1.02, f"{at:.3f}", transform=ax.get_xaxis_transform(), ha="center", color=MUTED)
    ax.set(xlabel="feedback: output spikes per input spike, at weight 1", ylabel="maxima, minima", ylim=(0.0, 1.0))
    ax.set_title("additive: one peak or two", pad=16.0)


def label_densities(ax):
    """p(w) over g."""
    for x, (colour, _) in zip((0.25, 0.5, 1.0, 1.5), (SERIES[5], SERIES[0], SERIES[1], SERIES[2]), strict=True):
        found = sz.rules.label_weight_density(replace(LABEL, feedback=x * LABEL.field))
        w = np.linspace(-6.0, 6.5, 500)
        ax.plot(
            w,
            found.density(w),
            color=colour,
            linewidth=1.5,
            label=f"g/a = {x:g}" + (", cools its bath" if x < 0.5 else ""),
        )
        ax.plot(found.modes, found.heights, "o", color=colour, markersize=4.0)
    ax.set(
        xlabel="weight",
        ylabel="density",
        ylim=(0.0, None),
        xlim=(-6.0, 6.5),
        title="a thermal weight and its own label",
    )
    ax.legend(labelcolor=MUTED)


def label_heat(ax):
    """Q_w over g for slow and fast labels."""
    a = LABEL.field
    x = np.linspace(0.0, 1.0, 5 if FAST else 21)
    ax.axvspan(0.0, 0.5, color=FORBIDDEN, linewidth=0.0, zorder=0)
    ax.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
    for rate, (colour, _) in zip((0.3, 3.0), SERIES, strict=False):
        found = sz.rules.label_feedback_costs(replace(LABEL, flip_rate=rate), x * a)
        ax.plot(x, found.heat[:, 0], color=colour, linewidth=1.5, label=f"flip rate {rate:g}")
    limit = [sz.rules.fast_label_heat(replace(LABEL, feedback=float(g)))[0] for g in x * a]
    ax.plot(x, limit, color=INK, linewidth=1.0, linestyle="--", label="infinite flip rate")
    for share in (0.25, 0.5, 0.75):
        told = replace(LABEL, feedback=share * a)
        run = sz.continuous.sample_feedback(
            told, 10.0, replicas=10 * REPLICAS, seed=2, dt=0.01, initial="stationary"
        )  # fmt: skip
        heat = Sampled.mean(run.ledger.heat[:, 0] / 10.0).estimate()
        exact = sz.Estimate.exact(sz.continuous.feedback_stationary(told).heat[0])
        print(sz.BoundCheck(f"g/a = {share:g}, heat of the weight per time", heat, exact, relation="="))
    ax.set(xlabel="g/a", ylabel=r"heat of the weight ($k_B T_0$ per time)", xlim=(0.0, 1.0))
    ax.set_title("below 0: the weight cools its bath")
    ax.legend(labelcolor=MUTED)


def main(path):
    """Solve, simulate, draw, save."""
    with house_style():
        figure, axes = plt.subplots(2, 2, figsize=(9.8, 7.2), layout="constrained")
        for ax, draw in zip(axes.flat, (densities, bifurcation, label_densities, label_heat), strict=True):
            draw(ax)
            dress(ax)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "weight_distributions.png")
