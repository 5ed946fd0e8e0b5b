"""
When an interval can be trusted
===============================

Work that is spread like a Gaussian of width s, with a free energy difference of 0: 1000 forward and 1000 backward
values, a hundred times over. Left: the free energy by Jarzynski's equality, each trial a dot, hollow where the estimate
itself says that it is not to be trusted. Beyond s = 1 or so it would be wrong by more than its error, and says
nothing. Right: the same by Bennett's acceptance ratio, which looks at both directions and stays right far longer.

Reproduces the bias of exponential work averages (Gore, Ritort and Bustamante, PNAS 100, 12564, 2003) and the optimum
of both ways (Bennett, J. Comput. Phys. 22, 245, 1976); printed is how often the trusted intervals of two standard
errors hold the exact value, which is 95 % if they are right.

Run it with ``python plot_free_energy_intervals.py figure.png``; ``SZILARD_FAST=1`` takes few trials.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, SERIES, dress

TRIALS, N = (4 if os.environ.get("SZILARD_FAST") else 100), 1000
WIDTHS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)


def trials(width, draw):
    """Pairs of estimates: Jarzynski's and Bennett's, in k_B T0."""
    for _ in range(TRIALS):
        forward, backward = draw.normal(0.5 * width**2, width, (2, N))
        yield sz.laws.jarzynski(forward, temperature=1.0), sz.laws.crooks(forward, backward, temperature=1.0)


def main(path):
    """Draw work, estimate, mark what is not to be trusted, save."""
    draw = np.random.Generator(np.random.Philox(1))
    found = [list(trials(width, draw)) for width in WIDTHS]
    for which, name in enumerate(("Jarzynski", "Bennett")):
        sure = [pair[which] for pairs in found for pair in pairs if pair[which].trusted]
        hits = sum(abs(e.value) <= 2.0 * e.stderr for e in sure)
        spread = np.sqrt(0.95 * 0.05 * len(sure))
        print(f"{name}: {len(sure)} of {TRIALS * len(WIDTHS)} trusted, {hits} of them hold the truth; ", end="")
        print(f"expected {0.95 * len(sure):.0f} +- {spread:.0f}")
    with house_style():
        figure, axes = plt.subplots(1, 2, figsize=(9.8, 3.8), layout="constrained", sharey=True)
        for which, (ax, title) in enumerate(zip(axes, ("Jarzynski, forward only", "Bennett, both ways"), strict=True)):
            colour, marker = SERIES[which]
            for place, pairs in enumerate(found):
                estimates = [pair[which] for pair in pairs]
                at = place + draw.uniform(-0.25, 0.25, TRIALS)
                for trusted, face in ((True, colour), (False, "none")):
                    some = [(x, e.value) for x, e in zip(at, estimates, strict=True) if e.trusted is trusted]
                    if some:
                        ax.plot(*zip(*some, strict=True), marker, color=colour, markerfacecolor=face, markersize=3.5)
                share = np.mean([e.trusted for e in estimates])
                ax.text(place, 1.0, f"{share:.0%}", transform=ax.get_xaxis_transform(), ha="center", color=MUTED)
            ax.axhline(0.0, color=MUTED, linewidth=0.8, linestyle=":")
            ax.set_xticks(range(len(WIDTHS)), [f"{width:g}" for width in WIDTHS])
            ax.set_xlabel("spread of the work ($k_B T$); above: share to be trusted")
            ax.set_title(title, pad=18.0)
            dress(ax)
        axes[0].set_ylabel("free energy difference; the truth is 0")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "free_energy_intervals.png")
