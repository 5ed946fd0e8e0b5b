"""
The ledger of a training run
============================

A network of one hidden layer learns two handwritten digits by stochastic gradient descent, written in NumPy; each batch
comes in four parts, whose scatter is the noise. Left: the loss. Middle: the apparent temperature of that noise, which
falls as the network errs less. Right: the temperatures of single weights, which lie apart by orders of magnitude; so a
bath of one temperature they do not have.

Reproduces the anisotropic noise of gradient descent (Chaudhari and Soatto, arXiv:1710.11029, 2017), here with an error
of every number and with what each of them assumes.

Run it with ``python plot_training_run.py figure.png``; ``SZILARD_FAST=1`` takes few steps.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import szilard as sz
from szilard.plotting import house_style

FAST = bool(os.environ.get("SZILARD_FAST"))
STEPS, HIDDEN, RATE = (200 if FAST else 4000), 16, 0.1


def loss_and_gradients(v, a, x, sign):
    """The logistic loss of sign * a.tanh(v x), and its gradients by v and a."""
    h = np.tanh(x @ v.T)
    field = sign * (h @ a)
    slope = -sign / (1.0 + np.exp(field)) / sign.size
    back = slope[:, None] * a * (1.0 - h**2)
    return np.mean(np.logaddexp(0.0, -field)), {"v": back.T @ x, "a": h.T @ slope}


def main(path):
    """Train, print, draw, save."""
    draw = np.random.default_rng(1)
    images, digits = sz.data.digit_images()
    chosen = np.isin(digits, (3, 8))
    x = sz.data.standardise(images[chosen]) / np.sqrt(images.shape[1])
    sign = np.where(digits[chosen] == 8, 1.0, -1.0)
    v, a = draw.normal(size=(HIDDEN, x.shape[1])), draw.normal(size=HIDDEN) / np.sqrt(HIDDEN)
    recording = sz.infer.TrainingRecording(learning_rate=RATE)
    for _ in range(STEPS):
        parts = [loss_and_gradients(v, a, x[i], sign[i]) for i in draw.integers(0, sign.size, size=(4, 4))]
        gradients = [g for _, g in parts]
        recording.step({"v": v, "a": a}, np.mean([loss for loss, _ in parts]), parts=gradients)
        v = v - RATE * np.mean([g["v"] for g in gradients], axis=0)
        a = a - RATE * np.mean([g["a"] for g in gradients], axis=0)
    ledger = recording.ledger()
    print(ledger)
    with house_style():
        figure, axes = plt.subplots(1, 3, figsize=(12.0, 3.4), layout="constrained")
        for ax, what in zip(axes, ("loss", "temperature", "spectrum"), strict=True):
            ledger.plot(ax, what)
        figure.savefig(path, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "training_run.png")
