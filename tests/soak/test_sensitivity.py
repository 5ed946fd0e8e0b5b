"""The ranking at its default size: other seeds, half the step, the same verdicts and order; right errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import sobol_indices, uniform

from szilard.questions.ceiling.episode import Episodes, shown_at_once
from szilard.questions.ceiling.sensitivity import SensitivitySettings, sensitivity_part
from szilard.questions.ceiling.sensitivity_indices import CEILING, power_indices, replicated, within
from szilard.questions.ceiling.sensitivity_verdict import SMALL, averaged
from szilard.questions.part import Finding

pytestmark = pytest.mark.soak


def found(seed: int, time_step: float = 1.0) -> Finding:
    part = sensitivity_part(SensitivitySettings(points=512, replications=16), time_step)
    return part.conclude([piece.work(1000 * seed + i, None) for i, piece in enumerate(part.pieces)])


def test_no_seed_and_no_step_changes_the_ranking() -> None:
    findings = [found(1), found(2), found(3, 0.5)]
    orders = []
    for finding in findings:
        assert not [check.name for check in finding.checks if check.verdict == "violated"]
        known = [check for check in finding.checks if check.relation == "="]
        assert sum(check.verdict != "holds" for check in known) <= 1  # 8 equalities to 3 standard errors
        total = np.asarray(finding.arrays["total"].values)[:CEILING]
        order = np.argsort(-total, axis=1)
        orders.append([[int(i) for i in row if total[o, i] >= SMALL] for o, row in enumerate(order)])
    # stiffness costs per nat in turn (0.0475) is near the limit of what is named, but below it
    assert orders[0] == orders[1] == orders[2]


def test_indices_of_the_ceiling_have_no_bias_and_right_errors() -> None:
    """z of 16 groups of 12 replications: mean 0 and variance that of Student's t with 11 degrees of freedom."""
    ranges = SensitivitySettings(dwell=[0.3, 3.0], weights=[20.0, 60.0]).ranges
    exact = power_indices(ranges)
    records = [replicated(ranges, 64, seed) for seed in range(192)]
    for name in ("first", "total"):
        values = np.array([r[name][CEILING] for r in records])[:, :5].reshape(16, 12, 5)
        z = np.array([[(x.value - exact[i]) / x.stderr for i, x in enumerate(map(averaged, g.T))] for g in values])
        variance = 11.0 / 9.0
        assert np.all(np.abs(z.mean(axis=0)) < 4.0 * np.sqrt(variance / 16))
        # the five z of a group are correlated: 16 independent values at least; kurtosis of t: 3 + 6/7
        assert abs(z.var() - variance) < 4.0 * variance * np.sqrt((2.0 + 6.0 / 7.0) / 16)


def test_scatter_of_sequences_is_not_above_the_bootstrap_of_one() -> None:
    """Points of a Sobol sequence are not independent: resampling them says more error than there is, not less."""
    ranges = SensitivitySettings().ranges

    def y(u: np.ndarray) -> np.ndarray:
        held = np.insert(u, 7, 0.5, axis=0)  # the dwell, without effect: its resampled index would be 0/0
        return np.asarray(np.log(shown_at_once(Episodes(*within(ranges, held))).dissipation))

    runs = [sobol_indices(func=y, n=512, dists=[uniform()] * 9, rng=np.random.default_rng(seed)) for seed in range(40)]
    scatter = np.std([run.total_order for run in runs], axis=0, ddof=1)
    resampled = np.mean([run.bootstrap(n_resamples=200).total_order.standard_error for run in runs[:4]], axis=0)
    large = resampled > 1e-3
    assert large.sum() >= 5 and np.all(scatter[large] < 1.3 * resampled[large])
