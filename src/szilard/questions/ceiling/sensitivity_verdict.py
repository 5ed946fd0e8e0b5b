"""The ranking that replications of a design agree on, with its errors, its ties and its tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ...check import BoundCheck
from ...estimate import Estimate
from ...reporting.numbers import shown
from ..part import Entry, Finding, Picture, Record, Table, Variable
from .sensitivity_figure import drawn_ranking
from .sensitivity_indices import CEILING, CEILING_LAW, CHARACTERISTICS, OUTPUTS, power_indices

Array = NDArray[np.float64]
TIE = 3.0
"""Standard errors within which two indices count as equal, and an effect as without a sign."""
SMALL = 0.05
"""Total indices below it are not named in the sentence."""
ASSUMPTIONS = (
    "a ranking is one of these characteristics in these ranges, log-uniform and independent; times are real times",
    "Hebbian forces from equilibrium, fair independent labels, inputs +-1, weights that turn in pairs; the dissipation "
    "is then exact",
    "patterns shown in turn give one impulse each, so that their force is rate / dwell; it is held during a showing",
    "what is learned is what the sign of the field tells of every label, in the limit of many weights and patterns",
    "standard errors are the scatter of independently scrambled Sobol sequences",
)
METHOD = "I. M. Sobol', Math. Comput. Simul. 55, 271 (2001)"
DERIVED = "derived here"
CEILINGS = ("mu c² t (1 + omega²/k²)/T", "nu² P/(2kT)")
"""Of the driving, in turn and at once."""
CONFIRMED = "heat/T of simulated weights = Sigma"


@dataclass(frozen=True)
class Ranked:
    """One output: its name and the indices (replication, characteristic)."""

    name: str
    first: Array
    total: Array
    partial: Array

    @property
    def order(self) -> list[int]:
        """Characteristics by their total index, those that are held last."""
        return [int(i) for i in np.argsort(-self.total.mean(axis=0), kind="stable")]

    @property
    def groups(self) -> list[list[int]]:
        """The order, cut where an index is more than 3 standard errors of the difference below its group's first."""
        found: list[list[int]] = []
        for i in self.order:
            if found:
                apart = averaged(self.total[:, found[-1][0]] - self.total[:, i])
                if apart.value <= TIE * apart.stderr:
                    found[-1].append(i)
                    continue
            found.append([i])
        return found

    @property
    def singly(self) -> Estimate:
        """sum_i S_i: the share of the variance that characteristics explain one by one."""
        return averaged(self.first.sum(axis=1))

    @property
    def together(self) -> Estimate:
        """1 - sum_i S_i: the share of interactions."""
        return Estimate(1.0 - self.singly.value, self.singly.stderr, self.singly.n)

    def sign(self, i: int) -> str:
        """+ or - where the partial rank correlation is beyond 3 standard errors and the index is not zero."""
        effect = averaged(self.partial[:, i])
        if abs(effect.value) <= TIE * effect.stderr or not self.total[:, i].any():
            return ""
        return "+" if effect.value > 0.0 else "−"


def averaged(x: Array) -> Estimate:
    """The mean of replications, with the standard error of their scatter."""
    return Estimate(float(x.mean()), float(x.std(ddof=1) / sqrt(x.size)), int(x.size))


def ranking(ranges: Sequence[Sequence[float]], points: int, records: Sequence[Record]) -> Finding:
    """What the replications say, and the two simulated episodes after them."""
    designs, simulated = records[:-2], records[-2:]
    first, total, rank = (np.array([r[name] for r in designs]) for name in ("first", "total", "partial"))
    every = [Ranked(name, first[:, o], total[:, o], rank[:, o]) for o, name in enumerate(OUTPUTS)]
    checks = tuple(
        [c for ranked in every for c in _laws(ranked, ranges)] + list(_ceilings(designs)) + list(_confirmed(simulated))
    )
    heads = (
        "logarithm of", "rank", "characteristic", "lowest", "highest", "unit", "first order", "total",
        "with others (total − first)", "partial rank correlation",
    )  # fmt: skip
    table = Table(heads, tuple(row for ranked in every for row in _rows(ranked, ranges)))
    caption = (
        "Share of the variance of the logarithm that each characteristic explains: alone (dark) and together with "
        f"others (whole bar), over {_listed(ranges)}. + and −: it raises or lowers; swirl: the force without energy. "
        f"Error bars: 2 standard errors, the scatter of {len(designs)} designs of {points} points."
    )
    picture = Picture(partial(drawn_ranking, tuple(every)), caption, (7.2, 5.4))
    text = _sentences(every, ranges, designs, checks)
    return Finding(text, ASSUMPTIONS, table, picture, checks, (), _arrays(ranges, records, every), _gist(every, ranges))


def _laws(ranked: Ranked, ranges: Sequence[Sequence[float]]) -> Iterator[BoundCheck]:
    if ranked.name == OUTPUTS[CEILING]:
        exact = power_indices(ranges)
        for i, c in enumerate(CHARACTERISTICS):
            if exact[i] > 0.0:
                rule = f"{ranked.name}: first-order index of {c.word} = (b L)²/sum"
                known = Estimate.exact(exact[i])
                yield BoundCheck(rule, averaged(ranked.first[:, i]), known, ASSUMPTIONS[:1], DERIVED, relation="=")
        rule = f"{ranked.name}: interactions = 0"
        yield BoundCheck(rule, ranked.together, Estimate.exact(0.0), ASSUMPTIONS[:1], DERIVED, relation="=")
        return
    rule = f"{ranked.name}: sum of first-order indices <= 1"
    yield BoundCheck(rule, ranked.singly, Estimate.exact(1.0), ASSUMPTIONS[:1], METHOD)
    named = [i for i in ranked.order if ranked.total[:, i].mean() >= SMALL]
    rest = [i for i in ranked.order if i not in named]
    for which in (*([i] for i in named), *([rest] if rest else [])):
        word = CHARACTERISTICS[which[0]].word if which is not rest else f"all below {SMALL:g}, summed,"
        one, all_ = ranked.first[:, which].sum(axis=1), ranked.total[:, which].sum(axis=1)
        rule = f"{ranked.name}: first-order index of {word} <= total"
        apart = averaged(all_ - one).stderr
        yield BoundCheck(rule, averaged(one), averaged(all_), ASSUMPTIONS[:1], METHOD, apart)


def _ceilings(designs: Sequence[Record]) -> Iterator[BoundCheck]:
    """The largest share of its ceiling that the driving takes, over all episodes of the designs."""
    turn, once = np.max([r["nearest"] for r in designs], axis=0)
    for how, share, ceiling in zip(("in turn", "at once"), (turn, once), CEILINGS, strict=True):
        name = f"{how}, every episode: Sigma − N mu omega² t/k <= {ceiling}"
        yield BoundCheck(name, Estimate.exact(share), Estimate.exact(1.0), ASSUMPTIONS[1:3], DERIVED)


def _confirmed(simulated: Sequence[Record]) -> Iterator[BoundCheck]:
    for record, how in zip(simulated, ("in turn", "at once"), strict=True):
        value, stderr = record["simulated"]
        found, exact = Estimate(value, stderr, record["n"]), Estimate.exact(record["exact"])
        rule = f"{how}: {CONFIRMED}"
        yield BoundCheck(rule, found, exact, ASSUMPTIONS[1:3], DERIVED, relation="=")


def _rows(ranked: Ranked, ranges: Sequence[Sequence[float]]) -> Iterator[tuple[Entry, ...]]:
    place = 1
    for group in ranked.groups:
        for i in group:
            c, (low, high) = CHARACTERISTICS[i], ranges[i]
            one, all_ = averaged(ranked.first[:, i]), averaged(ranked.total[:, i])
            both = averaged(ranked.total[:, i] - ranked.first[:, i])
            rank = f"{place}" + ("=" if len(group) > 1 else "")
            effect = averaged(ranked.partial[:, i])
            yield ranked.name, rank, c.word, float(low), float(high), c.unit, one, all_, both, effect
        place += len(group)
    yield ranked.name, "", "all, one by one", None, None, "", ranked.singly, None, ranked.together, None


def _spans(ranges: Sequence[Sequence[float]]) -> str:
    factors = {f"{high / low:.4g}" for low, high in ranges}
    return f"a factor of {factors.pop()} in each" if len(factors) == 1 else "ranges of different widths"


def _listed(ranges: Sequence[Sequence[float]]) -> str:
    each = (f"{c.word} {low:g}–{high:g}" for c, (low, high) in zip(CHARACTERISTICS, ranges, strict=True))
    return ", ".join(each)


def _ordered(ranked: Ranked) -> str:
    """Total indices in order, > where they are apart and = where they are not."""
    means = ranked.total.mean(axis=0)
    groups = [[i for i in group if means[i] >= SMALL] for group in ranked.groups]
    parts = (
        " = ".join(f"{CHARACTERISTICS[i].word} {shown(averaged(ranked.total[:, i]))}" for i in group)
        for group in groups
        if group
    )
    return " > ".join(parts) or "nothing"


def _gist(every: Sequence[Ranked], ranges: Sequence[Sequence[float]]) -> str:
    """The first characteristics of every output but the ceiling, whose ranking is known."""
    said = "; ".join(f"{ranked.name}: {', '.join(_ordered(ranked).split(' > ')[:3])}" for ranked in every[:CEILING])
    return (
        f"Over {_spans(ranges)}, what sets the ceiling {CEILING_LAW} most is (share of the logarithm's variance) "
        f"{_ordered(every[CEILING])}; and what sets the cost itself, {said}."
    )


def _sentences(
    every: Sequence[Ranked], ranges: Sequence[Sequence[float]], designs: Sequence[Record], checks: Sequence[BoundCheck]
) -> str:
    low, high = (np.exp(np.mean([r[name] for r in designs], axis=0)) for name in ("low", "high"))
    text = (
        f"Over {_spans(ranges)}, log-uniform (see the table: other ranges, another ranking), these characteristics "
        f"decide how far a logarithm varies (total Sobol index; error in the last digits from {len(designs)} "
        f"replications; = if not {TIE:g} errors apart; below {SMALL:g} not named). "
    )
    for o, ranked in enumerate(every[:CEILING]):
        text += (
            f"{ranked.name[0].upper()}{ranked.name[1:]} ({low[o]:.2g} to {high[o]:.2g} nat for nine in ten): "
            f"{_ordered(ranked)}; interactions {shown(ranked.together)}. "
        )
    ceiling, shares = every[CEILING], [c.smaller.value for c in checks if c.name.endswith(CEILINGS)]
    text += (
        f"The ceiling {CEILING_LAW} of a rising force: {_ordered(ceiling)}; interactions {shown(ceiling.together)}. "
        f"Driving takes at most {100.0 * shares[0]:.3g} % of its ceiling in turn, {100.0 * shares[1]:.3g} % at once. "
    )
    agreeing = (
        f"{sum(c.verdict == 'holds' for c in known)} of {len(known)} {words}"
        for words, known in (
            ("indices of this power law", [c for c in checks if c.name.startswith(OUTPUTS[CEILING])]),
            ("simulated episodes", [c for c in checks if c.name.endswith(CONFIRMED)]),
        )
    )
    text += f"{' and '.join(agreeing)} agree with exact numbers within 3 standard errors. "
    wrong = [c.name for c in checks if c.verdict == "violated"]
    if wrong:
        text += f"{len(wrong)} of {len(checks)} laws that should hold are VIOLATED: {'; '.join(wrong)}."
    return text.strip()


def _arrays(
    ranges: Sequence[Sequence[float]], records: Sequence[Record], every: Sequence[Ranked]
) -> dict[str, Variable]:
    designs, simulated = records[:-2], records[-2:]
    both, per = ("output", "characteristic"), ("replication", "output", "characteristic")
    arrays = {
        "output": Variable(("output",), np.array(OUTPUTS), "1", "whose logarithm is explained"),
        "characteristic": Variable(("characteristic",), np.array([c.name for c in CHARACTERISTICS]), "1", "varied"),
        "range": Variable(("characteristic", "end"), ranges, "each its own", "lowest and highest, log-uniform"),
        "exact_ceiling": Variable(("characteristic",), power_indices(ranges), "1", "indices of the ceiling, exactly"),
    }
    about = {"first": "first-order Sobol index", "total": "total Sobol index", "partial": "partial rank correlation"}
    for name, text in about.items():
        values = np.stack([getattr(ranked, name) for ranked in every], axis=1)
        arrays[f"{name}_replicated"] = Variable(per, values, "1", text)
        found = [[averaged(values[:, o, i]) for i in range(len(CHARACTERISTICS))] for o in range(len(OUTPUTS))]
        arrays[name] = Variable(both, [[x.value for x in row] for row in found], "1", text)
        arrays[f"{name}_stderr"] = Variable(both, [[x.stderr for x in row] for row in found], "1", "standard error")
    for name, text in (("spread", "standard deviation"), ("low", "5 %"), ("middle", "median"), ("high", "95 %")):
        values = np.array([r[name] for r in designs])
        arrays[name] = Variable(("replication", "output"), values, "1", f"{text} of the logarithm")
    nearest = [r["nearest"] for r in designs]
    arrays["nearest"] = Variable(("replication", "shown"), nearest, "1", "largest share of the ceiling taken")
    arrays["simulated"] = Variable(("shown", "value_stderr"), [r["simulated"] for r in simulated], "nat", "heat/T")
    arrays["simulated_exact"] = Variable(("shown",), [r["exact"] for r in simulated], "nat", "exact dissipation")
    return arrays
