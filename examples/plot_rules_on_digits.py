"""
Three rules on handwritten digits
=================================

Hebbian, Perceptron and AdaTron neurons learn random labels of twelve handwritten digits at six learning rates,
the force switched on at once. Left: the cost of what was learned; nothing may lie below the line. Right: where the
cost goes at the learning rate that comes nearest to 1 nat.

Reproduces the second law of learning of Goldt and Seifert (Phys. Rev. Lett. 118, 010601, 2017) on real patterns; the
verdict of every run is printed.

Run it with ``python plot_rules_on_digits.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import Curve, budget_bars, cost_curves, house_style

REPLICAS = 200 if os.environ.get("SZILARD_FAST") else 8000
RATES = [0.35, 0.63, 1.1, 2.0, 3.7, 6.7]
AIM = 1.0


def learn(rule):
    """One run per learning rate."""
    task = sz.tasks.digits(3, 8, patterns=12)
    return [
        sz.train(task, rule, learning_rate=rate, duration=8.0, dt=0.01, replicas=REPLICAS, seed=1, readout="sign")
        for rate in RATES
    ]


def main(path):
    """Train, draw, save."""
    runs = {rule.name: learn(rule) for rule in (sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron)}
    curves, nearest = [], {}
    for series, (name, ladder) in enumerate(runs.items()):
        learned, cost = [run.information for run in ladder], [run.cost for run in ladder]
        curves.append(
            Curve(
                name, [e.value for e in learned], [e.value for e in cost],
                [e.stderr for e in learned], [e.stderr for e in cost], series=series,
            )
        )  # fmt: skip
        nearest[name] = min(ladder, key=lambda run: abs(np.log(max(run.information.value, 1e-9) / AIM)))
    budgets = [sz.budget(run).terms() for run in nearest.values()]
    names = ["learned", "dissipation", "redundancy", "interference", "readout", "unresolved"]
    terms = {name: [b[name].value if name in b else np.nan for b in budgets] for name in names}
    labels = [f"{name}\nrate {run.settings.learning_rate:g}" for name, run in nearest.items()]

    for name, ladder in runs.items():
        for run in ladder:
            print(f"{name}, rate {run.settings.learning_rate:g}: {run.second_law()}")
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.7), layout="constrained")
        cost_curves(left, curves)
        left.legend(loc="upper left")
        left.set_title("What it costs to learn")
        budget_bars(right, labels, terms, [run.cost.stderr for run in nearest.values()])
        right.set_title(f"Where it goes, near {AIM:g} nat")
        right.legend(loc="upper left")
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "rules_on_digits.png")
