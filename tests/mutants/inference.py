"""Mistakes in what is estimated from samples and recordings: information, entropy production, drift."""

from __future__ import annotations

from .case import mutant

TABLES, SERIES, GROUPS, PAIRS = "information/tables.py", "information/series.py", "infer/groups.py", "infer/pairs.py"
CURRENTS, WORDS, SHORT_TIME, LINEAR_FIT = (
    "infer/jump_currents.py",
    "infer/words.py",
    "infer/short_time.py",
    "infer/linear_fit.py",
)
STILLNESS, INCREMENTS, DRIFT_LINEAR, DRIFT_FIELD = (
    "infer/stillness.py",
    "infer/drift_increments.py",
    "infer/drift_linear.py",
    "infer/drift_field.py",
)
COMPARISON = "infer/comparison.py"

MUTANTS = (
    mutant(
        "tables: correction of the wrong sign",
        "tables",
        (TABLES, "_corrected(surprise, count.size - 1)", "_corrected(surprise, 1 - count.size)"),
    ),
    mutant(
        "tables: what is given forgotten", "tables", (TABLES, "table * margins[0], margins[1]", "table, margins[1]")
    ),
    mutant(
        "series: y looked at with the next x",
        "tables",
        (SERIES, "b[:, history - 1 : -1].ravel()", "b[:, history:].ravel()"),
    ),
    mutant(
        "series: groups unpaired with replicas",
        "tables",
        (SERIES, "owner * parts.size // replicas", "np.arange(owner.size) % parts.size"),
    ),
    mutant(
        "groups: bias kept",
        "infer-counting",
        (GROUPS, "pseudo = n * whole - (n - 1) * without", "pseudo = whole + 0.0 * without"),
    ),
    mutant("groups: neighbours taken for independent", "infer-counting", (GROUPS, "spread * stretch**0.5", "spread")),
    mutant("pairs: factor 2 lost", "infer-jumps", (PAIRS, "2.0 * (n - m) ** 2", "(n - m) ** 2")),
    mutant(
        "currents: interval lost",
        "infer-jumps",
        (CURRENTS, "minlength=groups.count).astype(np.float64) * dt", "minlength=groups.count).astype(np.float64)"),
    ),
    mutant("words: k lost in their duration", "infer-jumps", (WORDS, "reverse, k * duration)", "reverse, duration)")),
    mutant(
        "short times: judged on the half it was fitted to",
        "infer-steps",
        (SHORT_TIME, "_best(m[fit].sum(axis=0))", "_best(m[use].sum(axis=0))"),
    ),
    mutant(
        "short times: Ito for Stratonovich", "infer-steps", (SHORT_TIME, "fields(start + 0.5 * step)", "fields(start)")
    ),
    mutant(
        "short times: the long interval as if short",
        "infer-steps",
        (SHORT_TIME, "_rate(s[:, 3:], 2.0 * dt)", "_rate(s[:, 3:], dt)"),
    ),
    mutant(
        "linear fit: transposed",
        "infer-steps",
        (
            LINEAR_FIT,
            "A.transpose(0, 2, 1) @ np.linalg.inv(0.5 * twice_D) @ A",
            "A @ np.linalg.inv(0.5 * twice_D) @ A.transpose(0, 2, 1)",
        ),
    ),
    mutant(
        "linear fit: diffusion doubled",
        "infer-steps",
        (LINEAR_FIT, "np.linalg.inv(0.5 * twice_D)", "np.linalg.inv(twice_D)"),
    ),
    mutant(
        "stillness: a half beside itself",
        "stillness",
        (
            STILLNESS,
            "weight[:, s]) for s in (slice(0, half), slice(-half, None)))",
            "weight[:, s]) for s in (slice(0, half), slice(0, half)))",
        ),
    ),
    mutant("stillness: second moments unseen", "stillness", (STILLNESS, "centred**2)], 2)", "0.0 * centred)], 2)")),
    mutant(
        "drift: influence of a group too small",
        "infer-drift",
        (INCREMENTS, "(n - 1) * (left.mean(axis=0) - left)", "left.mean(axis=0) - left"),
    ),
    mutant(
        "drift: matrix transposed",
        "infer-drift",
        (DRIFT_LINEAR, "return found[:, 1:], found[:, 0], S", "return found[:, 1:].T, found[:, 0], S"),
    ),
    mutant(
        "drift: first order in the interval",
        "infer-drift",
        (DRIFT_LINEAR, "A = -np.real(logm(B)) / dt", "A = (np.eye(n) - B) / dt"),
    ),
    mutant(
        "drift: noise of the look before forgotten",
        "infer-drift",
        (DRIFT_LINEAR, "/ M[0, 0] - R - B @ R @ B.T, R", "/ M[0, 0] - R, R"),
    ),
    mutant(
        "field: not extrapolated",
        "infer-drift",
        (DRIFT_FIELD, "combined(coarse, r / (r - 1.0), -1.0 / (r - 1.0))", "combined(coarse, 1.0, 0.0)"),
    ),
    mutant(
        "field: diffusion with the drift in it",
        "infer-drift",
        (DRIFT_FIELD, "(M[k:-1, k:-1] - g.T @ c)", "(M[k:-1, k:-1] + 0.0 * g.T @ c)"),
    ),
    mutant(
        "field: bias that is left of the wrong order",
        "infer-drift",
        (DRIFT_FIELD, "1.0 / (r**2 - 1.0), -1.0 / (r**2 - 1.0)", "1.0 / (r - 1.0), -1.0 / (r - 1.0)"),
    ),
    mutant(
        "field: bins with the drift in the diffusion",
        "infer-drift",
        (DRIFT_FIELD, "(square - dw * dw / dt) /", "(square - 0.0 * dw * dw / dt) /"),
    ),
    mutant(
        "comparison: a bound for an equality",
        "comparison",
        (COMPARISON, 'relation="<=" if lower else "=",', 'relation="<=",'),
    ),
    mutant("comparison: temperature lost", "comparison", (COMPARISON, "ledger.entropy_flow", "ledger.heat[:, 0]")),
    mutant(
        "tables: error of second order dropped",
        "tables",
        (TABLES, "share * (2.0 * s + share) + 0.5", "0.0 + 0.0"),
    ),
    mutant(
        "linear fit: hidden coordinates denied",
        "infer-steps",
        (LINEAR_FIT, '"two-sided" if complete else "lower"', '"two-sided"'),
    ),
)

MOVING = ("test_a_recording_on_its_way_is_found_out", "test_a_cloud_that_widens_about_one_place_is_found_out")

FILES = {
    "tables": "tests/information/test_tables.py",
    "infer-counting": "tests/infer/test_counting.py",
    "infer-jumps": "tests/infer/test_jump_currents.py",
    "infer-steps": "tests/infer/test_short_time.py",
    "stillness": " ".join(f"tests/infer/test_short_time.py::{name}" for name in MOVING),
    "infer-drift": "tests/infer/test_drift.py",
    "comparison": "tests/infer/test_comparison.py",
}
