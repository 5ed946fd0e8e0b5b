"""
Where feedback breaks the limit
===============================

A weight in a heat bath is pushed by the neuron's own noisy answer, with strength g, while it is the field a w/2 in
which the answer jumps. Left: heat into the bath of the weight, over the share g/a of the answer that comes back and
the rate at which answers jump. Where 0 < g/a < 1/2 the weight cools its bath for ever (hatched): heat alone then
bounds nothing that is learned, and only with the flow of information between the two does the limit hold again. Discs
are simulated. Right: a cut at one rate, with bars of two standard errors, and the limit of fast answers.

Run it with ``python plot_phase_diagram.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.printed import paper_figure, write_figure
from szilard.plotting.style import INK, MUTED, plain_numbers
from szilard.plotting.surface import plane_map
from szilard.plotting.theory_lines import beside_theory

FAST = bool(os.environ.get("SZILARD_FAST"))
REPLICAS = 400 if FAST else 20_000
SYSTEM = sz.continuous.LabelFeedback(push=0.25, feedback=0.0, field=2.4, flip_rate=1.0, temperature=0.8, mobility=1.3)
SHARES = np.linspace(-0.15, 0.8, 6 if FAST else 27)
RATES = np.geomspace(0.05, 20.0, 2 if FAST else 13)
SEEN = [0.0, 0.12, 0.25, 0.38, 0.5, 0.62]
CUT = 2.0
OTHERS = [(0.25, 0.2), (0.62, 0.3), (0.25, 9.0), (0.62, 9.0)]


def heat(rate, shares):
    """Exact heat per time into the bath of the weight."""
    system = replace(SYSTEM, flip_rate=rate)
    return np.array(
        [sz.continuous.feedback_stationary(replace(system, feedback=x * system.field)).heat[0] for x in shares]
    )


def simulated(share, rate):
    """The same from trajectories in the stationary state."""
    process = replace(SYSTEM, feedback=share * SYSTEM.field, flip_rate=rate)
    run = sz.continuous.sample_feedback(process, 10.0, replicas=REPLICAS, seed=1, dt=0.01, initial="stationary")
    return run.heat_rates()[0]


def main(path):
    """Solve, simulate, draw, save."""
    surface = np.stack([heat(rate, SHARES) for rate in RATES], axis=1)
    cut = [simulated(share, CUT) for share in SEEN]
    others = [simulated(share, rate) for share, rate in OTHERS]
    fine = np.linspace(SHARES[0], SHARES[-1], 60)
    fast = [sz.rules.fast_label_heat(replace(SYSTEM, feedback=float(x) * SYSTEM.field))[0] for x in fine]
    shares = np.union1d(SHARES, SEEN)
    line = heat(CUT, shares)
    for share, measured in zip(SEEN, cut, strict=True):
        print(f"g/a = {share:g}: {measured}, exactly {line[shares == share][0]:.4f}")
    at = (
        SEEN + [share for share, _ in OTHERS],
        [CUT] * len(SEEN) + [rate for _, rate in OTHERS],
        [e.value for e in cut + others],
    )
    with house_style(paper=True):
        figure, (left, right) = paper_figure("double", 2.8, columns=2)
        left.set_yscale("log")
        plain_numbers(left.yaxis)
        plane_map(
            left, SHARES, RATES, surface, "heat of the weight ($k_B T_0$ per time)", at=at, signed=True, limit=0.24
        )
        left.set(xlabel="$g/a$, answer that comes back", ylabel=r"answers per time, $\gamma$")
        values, errors = [e.value for e in cut], [e.stderr for e in cut]
        rows = [
            (f"γ = {CUT:g}", SEEN, values, errors, shares, line),
            ("γ → ∞", [], [], [], fine, fast),
        ]
        beside_theory(right, rows)
        right.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
        right.set(xlabel="$g/a$", ylabel="heat ($k_B T_0$ per time)", xlim=(SHARES[0], SHARES[-1]))
        right.text(0.25, 0.02, "the weight\ncools its bath", ha="center", va="bottom", color=INK, fontsize=7.5)
        right.legend(loc="upper center")
        write_figure(figure, path)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "phase_diagram.png")
