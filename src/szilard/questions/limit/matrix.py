"""The matrix of assumption breakers: what breaks I <= Delta S(w) + Q/T, and which law holds again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ...check import BoundCheck
from ...estimate import Estimate
from ...reporting.numbers import plus_minus
from ..part import Entry, Finding, Part, Picture, Record, Table, Variable
from .breaking import NAMES, Breaker, MatrixSettings, Row
from .breaks_feedback import label_feedback
from .breaks_heat_alone import heat_alone
from .breaks_labels import correlated_labels
from .breaks_noise import shared_noise
from .breaks_nothing import nothing_broken
from .breaks_prior import prior_knowledge
from .breaks_readout import slow_readout
from .breaks_steps import coarse_time_step
from .breaks_temperature import wrong_temperature
from .matrix_figure import drawn_matrix

__all__ = ["MatrixSettings", "matrix_part"]
BREAKERS = (
    nothing_broken,
    label_feedback,
    slow_readout,
    prior_knowledge,
    shared_noise,
    correlated_labels,
    wrong_temperature,
    coarse_time_step,
    heat_alone,
)
ASSUMPTIONS = (
    "one assumption is broken at a time, on purpose; what is broken stands in each row, all others hold",
    "weights in heat baths, static fair labels, answers that do not act back, unless the row breaks it",
    "overdamped weights, weakly coupled to baths that nothing drives: momenta, strong coupling and hidden driving are "
    "not tried",
    "every number is computed exactly, by quadrature, closed form or on a grid, and found again in simulated weights",
)
HEADS = (
    "breaker", "broken assumption", "law", "I (nat)", "cost (nat)", "I, simulated", "cost, simulated", "verdict",
    "repaired law", "its slack (nat)", "slack, simulated", "its verdict", "in words", "besides",
)  # fmt: skip


def matrix_part(settings: MatrixSettings, time_step: float) -> Part:
    r"""I <= Delta S(w) + Q/T with one assumption broken at a time, and the law that holds in its place.

    A null case, then eight breakers, each with exact and simulated pieces. time_step: factor on the step of every
    simulation, besides the coarse step that is itself the subject of a row. Raises InputError for settings that a
    breaker cannot take.

    >>> part = matrix_part(MatrixSettings(), 1.0)
    >>> list(dict.fromkeys(piece.coordinates["breaker"] for piece in part.pieces))[:3]
    ['nothing broken', 'label feedback', 'slow readout']
    """
    breakers = tuple(make(settings, time_step) for make in BREAKERS)
    pieces = tuple(piece for breaker in breakers for piece in breaker.pieces)
    return Part("matrix", "What breaks the limit", pieces, partial(_conclude, breakers))


def _conclude(breakers: Sequence[Breaker], records: Sequence[Record]) -> Finding:
    rows, first = [], 0
    for breaker in breakers:
        last = first + len(breaker.pieces)
        rows.append(breaker.conclude(records[first:last]))
        first = last
    return finding_of(rows)


def finding_of(rows: Sequence[Row]) -> Finding:
    """Text, table, figure, verdicts and arrays of finished rows."""
    checks = tuple(check for row in rows for check in _laws(row))
    broken = tuple(check for row in rows if not row.sound for check in (*row.naive(), *row.broken))
    caption = (
        "Slack of each law, right side less left side over the larger of the two in size: of I ≤ ΔS + Q/T with the "
        "assumption of the row broken (crosses) and of the repaired law (diamonds), exactly (hollow) and simulated "
        "(dots with bars of 2 standard errors). Shaded: where a law is violated."
    )
    picture = Picture(partial(drawn_matrix, tuple(rows)), caption, (7.2, 1.5 + 0.31 * len(rows)))
    table = Table(HEADS, tuple(_cells(row) for row in rows))
    return Finding(_sentences(rows, checks), ASSUMPTIONS, table, picture, checks, broken, _arrays(rows), _gist(rows))


def _laws(row: Row) -> Iterator[BoundCheck]:
    """All that must hold in a row."""
    if row.sound:
        yield from row.naive()
    yield from row.mended()
    yield from row.agreement()
    yield from row.checks


def _gist(rows: Sequence[Row]) -> str:
    cases = [row for row in rows if not row.sound]
    sound = [check.verdict for row in rows if row.sound for check in row.naive()]
    fallen = [row.name for row in cases if all(check.verdict == "violated" for check in row.naive())]
    mended = [row.name for row in cases if all(check.verdict.startswith("holds") for check in row.mended())]
    intact = "holds" if all(verdict.startswith("holds") for verdict in sound) else "is NOT confirmed"
    return (
        f"I <= dS + Q/T {intact} where its assumptions are met; {len(fallen)} of {len(cases)} departures, each at "
        f"settings chosen for it, violate it ({', '.join(fallen)}), and in {len(mended)} of {len(cases)} cases the "
        "repaired law holds again."
    )


def _sentences(rows: Sequence[Row], checks: Sequence[BoundCheck]) -> str:
    cases = [row for row in rows if not row.sound]
    fallen = [row for row in cases if all(check.verdict == "violated" for check in row.naive())]
    text = f"{len(fallen)} of {len(cases)} assumptions broken on purpose violate their law, exactly and simulated"
    if fallen:
        worst = max(fallen, key=lambda row: row.exact.information.value - row.exact.cost.value)
        text += (
            f", most with {worst.name} (left side {plus_minus(worst.simulated.information)}, right side "
            f"{plus_minus(worst.simulated.cost)} nat)"
        )
    kept = [row.name for row in cases if row not in fallen]
    text += f"; not so here: {', '.join(kept)}. " if kept else ". "
    mended = [check for row in cases for check in row.mended()]
    standing = sum(check.verdict.startswith("holds") for check in mended)
    text += (
        f"The repaired laws hold in {standing} of {len(mended)} cases (exact and simulated)"
        if standing < len(mended)
        else "Every repaired law holds, exactly and simulated"
    )
    sound = [row for row in rows if row.sound]
    if sound and all(check.verdict.startswith("holds") for row in sound for check in row.naive()):
        a = sound[0].simulated
        text += f", and so does the limit with nothing broken ({plus_minus(a.information)} ≤ {plus_minus(a.cost)} nat)"
    elif sound:
        text += ", but with nothing broken the limit itself is not confirmed"
    wrong = [check.name for check in checks if check.verdict == "violated"]
    undecided = sum(check.verdict == "inconclusive" for check in checks)
    text += f". {undecided} of {len(checks)} checks are inconclusive" if undecided else ""
    text += f". Violated although it should hold: {'; '.join(wrong)}" if wrong else ""
    return f"{text}."


def _cells(row: Row) -> tuple[Entry, ...]:
    exact, seen = row.exact, row.simulated
    naive, mended = row.naive(), row.mended()
    slacks = [Estimate(check.slack, check.slack_stderr, seen.cost.n if i else 0) for i, check in enumerate(mended)]
    return (
        row.name, row.assumption, row.law, exact.information, exact.cost, seen.information, seen.cost, _verdict(naive),
        row.repaired, *slacks, _verdict(mended), row.words, row.note,
    )  # fmt: skip


def _verdict(checks: Sequence[BoundCheck]) -> str:
    exact, simulated = (check.verdict for check in checks)
    return exact if exact == simulated else f"exactly {exact}, simulated {simulated}"


def _arrays(rows: Sequence[Row]) -> dict[str, Variable]:
    about = {
        "information": "left side of the broken law",
        "cost": "right side of the broken law",
        "smaller": "left side of the repaired law",
        "larger": "right side of the repaired law",
    }
    arrays = {"breaker": Variable(("breaker",), np.array([row.name for row in rows]), "1", "what is broken")}
    for name in NAMES:
        exact, seen = ([getattr(a, name) for a in accounts] for accounts in _accounts(rows))
        arrays[name] = Variable(("breaker",), [x.value for x in exact], "nat", f"{about[name]}, exact")
        arrays[f"{name}_simulated"] = Variable(("breaker",), [x.value for x in seen], "nat", about[name])
        arrays[f"{name}_stderr"] = Variable(("breaker",), [x.stderr for x in seen], "nat", "standard error")
    for name, checks in (("slack", [row.naive() for row in rows]), ("repaired", [row.mended() for row in rows])):
        errors = [seen.slack_stderr for _, seen in checks]
        arrays[f"{name}_stderr"] = Variable(("breaker",), errors, "nat", "standard error of right less left side")
    return arrays


def _accounts(rows: Sequence[Row]) -> tuple[list[object], list[object]]:
    return [row.exact for row in rows], [row.simulated for row in rows]
