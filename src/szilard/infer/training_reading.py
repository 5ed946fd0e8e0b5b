"""A stored training run, looked through before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from .training_steps import COLUMNS, KEPT, LARGEST, MOVES, NOISE, Training
from .training_store import Stored


def training_of(stored: Stored) -> Training:
    """What a directory holds, as arrays; raises InputError for numbers that no recording writes."""
    facts = stored.facts
    if not _fits(facts):
        raise _foreign(facts)
    names = ("weights", "trained", "scattered", "follow", "stopped")
    found = Training(stored.rows, stored.sums, **{name: facts[name] for name in names})
    column = {name: found.column(name) for name in COLUMNS}
    always = ["loss", "gradient2", "away2", "since2", "size2", "parts"] + ["scatter2"] * found.scattered
    stepped = ("rate", "step2", "before", "after", "residual2", "neighbour")
    after = found.moved
    twice = after & np.append(False, after[:-1])
    thrice = twice & np.append(False, twice[:-1])
    known = dict.fromkeys(always, slice(None)) | dict.fromkeys(stepped, after) | {"second": twice, "cross": thrice}
    moves, noise = found.sums[MOVES], found.sums[NOISE]
    true = (
        not after[0]
        and all(np.isfinite(column[name][where]).all() for name, where in known.items())
        and not any((column[name] < 0.0).any() for name in COLUMNS if name.endswith("2"))
        and not (np.abs(found.rows) > LARGEST).any()
        and ((column["parts"] >= 2.0) if found.scattered else (column["parts"] == 0.0)).all()
        and np.isfinite(found.sums).all()
        and (noise >= 0.0).all()
        and (moves >= 0.0).all()
        and (moves <= after.sum()).all()
        and (moves > 0.0).sum() <= found.trained
    )
    if not true:
        raise _foreign(facts)
    return found


def _foreign(facts: Mapping[str, Any]) -> InputError:
    rule = "holds numbers that this version does not write"
    return InputError("path", f"{facts['rows']} rows of {facts['columns']}", rule, "restore it, or record anew")


def _fits(facts: Mapping[str, Any]) -> bool:
    return bool(
        facts["columns"] == len(COLUMNS) + min(facts["follow"], facts["watched"])
        and facts["sums_rows"] == KEPT
        and facts["rows"] > 0
    )
