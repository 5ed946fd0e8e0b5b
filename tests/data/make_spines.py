"""Makes src/szilard/data/spines.csv anew: ``python tests/data/make_spines.py`` writes it, ``spines_table`` is its text.

SYNTHETIC: nobody measured these sizes. The logarithm of a size relaxes to a mean with a constant diffusion; before the
look of day 11 an event adds to the logarithm of every size.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[2] / "src/szilard/data/spines.csv"
SEED, SYNAPSES, DAYS = 20260727, 200, 21
RATE, MEAN, SPREAD = 0.15, -1.4, 0.65
EVENT_DAY, EVENT = 11, 0.5
MISSED = 0.06


def spines_table() -> str:
    """The columns synapse_id, time (days) and size, four decimals; missed looks have no line."""
    draw = np.random.Generator(np.random.Philox(SEED))
    kept = np.exp(-RATE)
    x = np.empty((SYNAPSES, DAYS))
    x[:, 0] = MEAN + SPREAD * draw.standard_normal(SYNAPSES)
    for day in range(1, DAYS):
        kick = SPREAD * np.sqrt(1.0 - kept * kept) * draw.standard_normal(SYNAPSES)
        x[:, day] = MEAN + kept * (x[:, day - 1] - MEAN) + kick + (EVENT if day == EVENT_DAY else 0.0)
    missed = draw.random((SYNAPSES, DAYS)) < MISSED
    lines = ["synapse_id,time,size"]
    for i in range(SYNAPSES):
        lines += [f"s{i + 1:03d},{day},{np.exp(x[i, day]):.4f}" for day in range(DAYS) if not missed[i, day]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(spines_table(), encoding="utf-8", newline="\n")
