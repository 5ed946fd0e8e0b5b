"""What the words, signs and formulas of a report mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import escape

from ..learning.decomposition import MEANING
from ..study.quantities import CONVENTIONS
from .formulas import LATEX, mathml
from .pictures import swatch
from .prose import SIDES, VERDICTS

LAWS = {"random": "second law", "teacher": "one label"}
SAID = {
    "random": "The second law of learning, for independent labels: what the answers tell of the labels, summed over "
    "patterns, is paid for by the entropy and the heat of the weights.",
    "teacher": "For a teacher's labels it bounds what is known of one label never shown; the sum over labels it does "
    "not bound.",
}


def how_to_read(verdicts: Collection[str], labellings: Collection[str]) -> str:
    """The second law, the budget and its terms, efficiency, sides, verdicts and conventions, with their formulas."""
    laws = "".join(f"<p>{SAID[name]}</p>{formula(LAWS[name])}" for name in LAWS if name in labellings)
    terms = {f"{swatch(name)}{escape(name)}": _term(name, text) for name, text in MEANING.items()}
    found = {escape(k): escape(v) for k, v in VERDICTS.items() if k in verdicts or k in ("holds", "violated")}
    sides = {escape(k): escape(v) for k, v in SIDES.items()}
    conventions = {escape(k): plain_formula(v) for k, v in CONVENTIONS.items() if k != "side"}
    return (
        f"<h2>How to read this</h2>{laws}<h3>The budget</h3><p>The cost, all weights taken one by one, is</p>"
        f"{formula('budget')}<p>and with all weights taken together, where no redundancy is paid for,</p>"
        f"{formula('joint budget')}<p>All terms are ≥ 0 for independent labels and no feedback; sampled ones may fall "
        f"below zero by their error, and are drawn so.</p>{definitions(terms)}<h3>Efficiency and price</h3>"
        f"{formula('efficiency_marginal')}{formula('efficiency_joint')}<p>A bit costs</p>{formula('price')}"
        f"<h3>Numbers</h3>{definitions(sides)}<h3>Verdicts on learned ≤ cost</h3>"
        f"<p>Beside each stands the difference in standard errors (σ).</p>{definitions(found)}"
        f"<h3>Conventions</h3><p>A weight moves, heats its bath, and keeps the first law by</p>"
        f"{formula('motion')}{formula('heat')}{formula('first law')}{definitions(conventions)}"
    )


def formula(name: str) -> str:
    """A formula on a line of its own, which scrolls where it is too wide."""
    return f'<div class="formula" tabindex="0">{mathml(name, block=True)}</div>'


def _term(name: str, text: str) -> str:
    """What a term is, with its formula where it has one."""
    words = escape(text.rpartition(": ")[2])
    return f"{mathml(name)}&ensp;{words}" if name in LATEX else words


def plain_formula(text: str) -> str:
    """Plain text with its indices, sums and differences set as such."""
    text = re.sub(r"\b([A-Za-z]|sum)_(\w)\b", r"\1<sub>\2</sub>", escape(text))
    text = re.sub(r"\bT0\b", "T<sub>0</sub>", text)
    return re.sub(r"\bsum\b", "Σ", text).replace("Delta ", "Δ").replace(" - ", " − ")


def definitions(entries: Mapping[str, str]) -> str:
    """Terms and what they mean, both HTML."""
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in entries.items()) + "</dl>"
