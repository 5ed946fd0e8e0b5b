"""
Learning a teacher from examples seen once
==========================================

A neuron of N weights sees fresh patterns, labelled by a teacher, one after the other; each kicks the weights. Lines are
the equations of many weights, points are trained neurons, with one standard error. Left: no bath (AdaTron at its best
rate, 3/2). Dashed: the laws that the lines approach. No kick beats Kinouchi and Caticha's; whoever keeps all patterns
errs half as much (Bayes). Middle: at temperature, stiffness and mobility 1, noise and decay leave a floor, reached
within a few relaxation times. Right: that floor. Neurons of 20 weights err less than many weights do; what 20, 40 and
80 weights do, extrapolated in 1/N, is what the equations say.

Reproduces the learning curves of Biehl and Riegler (Europhys. Lett. 28, 525, 1994), Kinouchi and Caticha (J. Phys. A
25, 6243, 1992) and Opper and Haussler (Phys. Rev. Lett. 66, 2677, 1991): every extrapolated floor stands beside the
one of the equations.

Run it with ``python plot_online_learning.py figure.png``; ``SZILARD_FAST=1`` takes few replicas.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.estimate import Sampled
from szilard.plotting import house_style
from szilard.plotting.style import MUTED, PAPER, SERIES, dress

FAST = bool(os.environ.get("SZILARD_FAST"))
TASKS, REPLICAS = (4, 8) if FAST else (24, 40)
LOOKS = dict(zip(("hebbian", "perceptron", "adatron", "gradient", "", "optimal"), SERIES, strict=True))
COLD = {"temperature": 1e-9, "stiffness": 1e-9}  # Q = T/k = 1 at the start, no noise and no decay to speak of
LAWS = {"perceptron": "{-1/3}", "hebbian": "{-1/2}", "adatron": "{-1}", "optimal": "{-1}"}
RATES = {
    "adatron": [0.3, 0.6, 1.2, 1.8],
    "perceptron": [0.3, 0.6, 1.2, 2.5, 5.0, 12.0],
    "gradient": [0.3, 0.6, 1.2, 2.5, 5.0, 12.0],
    "hebbian": [0.3, 0.6, 1.2, 2.5, 5.0, 12.0],
}


def errors(rule, rate, n, time, **bath):
    """Error on all fresh patterns after a time: mean over the replicas of a task, whose spread over tasks counts."""
    found = []
    for seed in range(TASKS):
        count = round(time * n)
        run = sz.train(
            sz.tasks.teacher_student(n, count, held_out=0, seed=1000 * n + seed), getattr(sz.rules, rule),
            learning_rate=rate, duration=count / n, dwell=1 / n, mode="online", online="kick", replicas=REPLICAS,
            seed=seed, **bath,
        )  # fmt: skip
        lengths = np.linalg.norm(run.weights, axis=1) * np.linalg.norm(run.teachers, axis=1)
        angle = np.arccos(np.sum(run.weights * run.teachers, axis=1) / lengths)
        found.append(angle.mean() / np.pi)
    return Sampled.mean(found).estimate()


def show(ax, x, estimates, rule, hollow=False):
    """Estimates as points with error bars in the colour and marker of the rule."""
    colour, marker = LOOKS[rule]
    values, bars = [e.value for e in estimates], [e.stderr for e in estimates]
    ax.errorbar(
        x, values, bars, color=colour, marker=marker, markerfacecolor=PAPER if hollow else colour, markersize=4.2,
        markeredgewidth=1.0, linestyle="none", elinewidth=0.9, zorder=3,
    )  # fmt: skip


def name(ax, text, place, colour):
    """A label right of a line's end, in its colour."""
    ax.annotate(text, place, (4, 0), textcoords="offset points", color=colour, va="center", fontsize=8.5)


def draw_open(ax):
    """No bath: power laws."""
    loads, late = np.geomspace(0.1, 1e4, 81), np.geomspace(3.0, 1e4, 2)
    seen = [0.5, 2.0, 8.0] if FAST else [0.3, 0.8, 2.0, 5.0, 12.0]
    for rule, power in LAWS.items():
        rate, (colour, _) = 1.5 if rule == "adatron" else 1.0, LOOKS[rule]
        course = sz.theory.online(rule, rate, loads, temperature=0.0, stiffness=0.0)
        law = sz.theory.online_asymptote(rule, rate)
        ax.plot(loads, course.error, color=colour)
        ax.plot(late, law.error(late), color=colour, linewidth=0.8, linestyle="--")
        name(ax, f"{rule} ${law.amplitude:.2f}\\,\\alpha^{power}$", (1e4, course.error[-1]), colour)
        show(ax, seen, [errors(rule, rate, 100, load, **COLD) for load in seen], rule)
    bayes, law = [sz.theory.batch_error(load) for load in loads], sz.theory.online_asymptote("bayes")
    ax.plot(loads, bayes, color=MUTED, linewidth=1.2)
    name(ax, f"Bayes ${law.amplitude:.2f}\\,\\alpha^{{-1}}$", (1e4, bayes[-1]), MUTED)
    ax.set(xscale="log", yscale="log", xlabel="patterns per weight, $\\alpha$", ylabel="error on a fresh pattern")
    ax.set_title("No bath: every pattern once, N = 100")


def draw_course(ax):
    """With a bath: from equilibrium to the floor."""
    times = np.linspace(0.0, 6.0, 121)
    seen = [0.5, 2.0, 5.0] if FAST else [0.15, 0.4, 0.8, 1.3, 2.0, 3.0, 4.0, 5.5]
    for rule, rate in (("hebbian", 2.0), ("perceptron", 3.0), ("gradient", 3.0), ("adatron", 1.5)):
        colour, _ = LOOKS[rule]
        floor = sz.theory.online_stationary(rule, rate).error
        ax.plot(times, sz.theory.online(rule, rate, times).error, color=colour)
        ax.plot([0.0, 6.0], [floor, floor], color=colour, linewidth=0.8, linestyle="--")
        name(ax, f"{rule}\n$\\nu$ = {rate:g}", (6.0, floor), colour)
        show(ax, seen, [errors(rule, rate, 100, time) for time in seen], rule)
    ax.set(xlabel="patterns per weight = relaxation times", ylabel="error on a fresh pattern")
    ax.set_title("With a bath: down to a floor, N = 100")


def draw_floors(ax):
    """The floor against the learning rate."""
    sizes = (20, 40, 80)
    for rule, rates in RATES.items():
        colour, _ = LOOKS[rule]
        grid = np.geomspace(0.1, 3.5 if rule == "adatron" else 20.0, 13 if FAST else 31)
        floors = [sz.theory.online_stationary(rule, rate).error for rate in grid]
        ax.plot(grid, floors, color=colour)
        name(ax, rule, (grid[-1], floors[-1]), colour)
        for rate in rates[1::3] if FAST else rates:
            found = [errors(rule, rate, n, 8.0) for n in sizes]
            show(ax, [rate], found[:1], rule, hollow=True)
            limit = sz.infer.extrapolate(sizes, found).limit
            show(ax, [rate], [limit], rule)
            exact = sz.Estimate.exact(sz.theory.online_stationary(rule, rate).error)
            print(sz.BoundCheck(f"{rule}, rate {rate:g}, error of many weights", limit, exact, relation="="))
    for face, text in ((PAPER, "N = 20"), (MUTED, "N = 20, 40, 80 to infinity")):
        ax.plot([], [], color=MUTED, marker="o", markerfacecolor=face, linestyle="none", markersize=4.2, label=text)
    ax.legend(loc="lower left")
    ax.set(xscale="log", xlabel="learning rate, $\\nu$", ylabel="error on a fresh pattern at rest")
    ax.set_title("The floor against the learning rate")


def main(path):
    """Solve, train, extrapolate, draw, save."""
    with house_style():
        figure, axes = plt.subplots(1, 3, figsize=(13.0, 4.2), layout="constrained")
        for ax, draw in zip(axes, (draw_open, draw_course, draw_floors), strict=True):
            draw(ax)
            dress(ax)
        figure.get_layout_engine().set(w_pad=0.12)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "online_learning.png")
