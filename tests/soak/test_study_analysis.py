"""Analyses of studies a thousand times: coverage of exponents, correlations and Sobol indices, and false alarms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from szilard.study.difference import compare_results
from szilard.study.power_groups import exponents
from szilard.study.rank_screen import screen
from szilard.study.sobol_indices import saltelli_points, sobol
from tests.study.made_results import results_of
from tests.study.test_difference import measured
from tests.study.test_sobol_indices import ALL, FIRST, NAMES, TOTAL, ishigami, study

pytestmark = pytest.mark.soak
TWO_SIGMA = 0.9545


def binomial(p: float, n: int) -> float:
    """Four standard errors of a share."""
    return 4.0 * float(np.sqrt(p * (1.0 - p) / n))


@pytest.mark.parametrize("level", [0.02, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("relative", [False, True], ids=["equal errors", "relative errors"])
def test_exponents_cover(level: float, relative: bool) -> None:
    """2000 ladders of six points; the error of the first, or of all, is this share of its value."""
    n, x = 2000, np.geomspace(0.5, 8.0, 6)
    exact = 3.0 * x**1.6
    stderr = (level * exact if relative else np.full(6, level * exact[0])) * (0.3 if relative else 1.0)
    rng, axes = np.random.default_rng(17), {"drawing": np.repeat(np.arange(n), 6), "learning_rate": np.tile(x, n)}
    y = exact + stderr * rng.normal(size=(n, 6))
    found = exponents(results_of(axes, heat=(y.ravel(), np.tile(stderr, n))), "heat", "learning_rate")
    assert len(found) > 0.99 * n
    b = np.array([(g.fit.exponent.value - 1.6, g.fit.exponent.stderr) for g in found if g.fits])
    assert abs(np.mean([g.fits for g in found]) - 0.997) < binomial(0.003, n)
    z = b[:, 0] / b[:, 1]
    assert abs(np.mean(np.abs(z) < 2.0) - TWO_SIGMA) < binomial(TWO_SIGMA, n)
    assert abs(z.mean()) < 4.0 / np.sqrt(n) + 0.03  # a power is curved in its exponent
    chance = [g.fit.probability for g in found]
    assert kstest(chance, "uniform").pvalue > 1e-4


@pytest.mark.parametrize(("cells", "low", "high"), [(10, 0.87, 1.0), (16, 0.90, 1.0), (60, 0.94, 1.0)])
def test_correlations_cover_as_stated(cells: int, low: float, high: float) -> None:
    """Designs of four axes: two errors cover the r of 60 000 cells as often as the docstring says, to 4 errors."""
    n = 400

    def drawn(count: int, seed: int) -> Any:
        rng = np.random.default_rng(seed)
        x = rng.random((count, 4))
        y = x[:, 0] + 1.5 * x[:, 1] + 0.5 * rng.normal(size=count)
        names = ("temperature", "learning_rate", "duration", "stiffness")
        return results_of(dict(zip(names, x.T, strict=True)), heat=(y, 0.0))

    truth = {e.axis: e.correlation.value for e in screen(drawn(60_000, 1), "heat") if e.correlation}
    hits: dict[str, list[bool]] = {name: [] for name in truth}
    for seed in range(n):
        for e in screen(drawn(cells, 100 + seed), "heat"):
            assert e.correlation is not None
            hits[e.axis].append(abs(e.correlation.value - truth[e.axis]) < 2.0 * e.correlation.stderr)
    for covered in hits.values():
        assert low - binomial(0.9, n) < np.mean(covered) <= high


@pytest.mark.parametrize(("base", "noise"), [(64, 0.0), (64, 0.5), (256, 0.0), (256, 0.5)])
def test_sobol_errors_cover(base: int, noise: float) -> None:
    """200 designs: means are the exact indices, and two errors cover at least as often as they should."""
    n, found = 200, []
    stderr = noise * np.sqrt(TOTAL)
    for seed in range(n):
        u = saltelli_points(3, base, seed)
        y = ishigami(u) + stderr * np.random.default_rng(seed).normal(size=u.shape[0])
        rows = sobol(study(y, u, stderr), "cost", NAMES)
        found.append([(i.first.value, i.first.stderr, i.total.value, i.total.stderr) for i in rows])
    value = np.array(found)
    for j, exact in ((0, FIRST), (2, ALL)):
        z = (value[:, :, j] - exact) / value[:, :, j + 1]
        assert np.all(np.mean(np.abs(z) < 2.0, axis=0) > TWO_SIGMA - binomial(TWO_SIGMA, n))
        bias = value[:, :, j].mean(axis=0) - exact
        # a ratio of means over the base: biased by its relative variance, of order 1/base
        assert np.all(np.abs(bias) < 4.0 * value[:, :, j].std(axis=0) / np.sqrt(n) + 2.0 / base)


def test_false_alarms_of_large_studies() -> None:
    """1000 pairs of 480 numbers of 4 quantities: at most 5.7e-7 (480 + 8) each; the largest is Sidak's."""
    found = [compare_results(measured(2 * seed, cells=10), measured(2 * seed + 1, cells=10)) for seed in range(1000)]
    assert sum(d.alarms for d in found) <= 3  # Poisson of mean 0.28: more than 3 in 2e-4 of trials
    assert kstest([d.probability for d in found], "uniform").pvalue > 1e-4
    assert abs(np.mean([d.largest > d.expected for d in found]) - 0.5) < binomial(0.5, 1000)
