"""Where a weight under label feedback cools its bath, for slow and for fast labels."""

from __future__ import annotations

import numpy as np
import pytest

from szilard.continuous.feedback import LabelFeedback
from szilard.learning.label_density import label_feedback_costs

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("field", [0.8, 2.4])
@pytest.mark.parametrize("push", [0.0, 0.7])
def test_cooling_is_between_no_feedback_and_reciprocal_feedback(rate: float, field: float, push: float) -> None:
    process = LabelFeedback(
        push=push, feedback=0.0, field=field, flip_rate=rate, stiffness=1.7, mobility=0.6, temperature=0.8
    )
    found = label_feedback_costs(process, field * np.array([-0.5, -0.1, 0.1, 0.25, 0.45, 0.55, 1.0, 3.0]))
    ((low, high),) = found.cooling
    # Q_w is known to ``error`` and crosses zero with a slope above 0.002: twice that many errors of g
    assert abs(low) < 1000.0 * found.error + 1e-11 and abs(high - 0.5 * field) < 1000.0 * found.error + 1e-11
    assert np.all(found.heat[2:5, 0] < 0.0) and np.all(found.heat[[0, 1, 5, 6, 7], 0] > 0.0)
