"""The answer to a question: what its parts found, how surely, and under which assumptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..check import BoundCheck, Verdict
from ..markup import folded, table
from .part import Finding, Part


@dataclass(frozen=True)
class Answered:
    """A part and what it found."""

    part: Part
    finding: Finding


@dataclass(frozen=True)
class Answer:
    """A question with the findings of all its parts.

    ``text`` is the paragraph that answers it, ``surely`` how many laws were tested and how they came out,
    ``assumptions`` what each part rests on; ``violated`` names laws that were broken although their assumptions are
    met.
    """

    title: str
    name: str
    kind: str
    seed: int
    time_step: float
    quick: bool
    parts: tuple[Answered, ...]

    @property
    def text(self) -> str:
        """What was found, in a sentence or two of each part."""
        return " ".join(answered.finding.gist or answered.finding.text for answered in self.parts)

    @property
    def violated(self) -> tuple[str, ...]:
        """Laws that are violated beyond 5 sigma although their assumptions are met."""
        every = [check for answered in self.parts for check in answered.finding.checks]
        return tuple(check.name for check in every if check.verdict == "violated")

    @property
    def surely(self) -> str:
        """How the laws came out that were tested."""
        checks = [check for answered in self.parts for check in answered.finding.checks]
        broken = [check for answered in self.parts for check in answered.finding.broken]
        text = f"Of {len(checks)} laws tested where their assumptions are met, {_counted(checks)}"
        if self.violated:
            text += f"; VIOLATED: {'; '.join(self.violated)}"
        if broken:
            text += f". Of {len(broken)} laws tested without their assumptions, {_counted(broken)}"
        return text + "."

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the answer rests on, each once."""
        return tuple(dict.fromkeys(a for answered in self.parts for a in answered.finding.assumptions))

    def _repr_html_(self) -> str:
        found = [[each.part.title, each.finding.gist or each.finding.text] for each in self.parts]
        every = [check for each in self.parts for check in (*each.finding.checks, *each.finding.broken)]
        laws = ["laws", folded("\n".join(str(check) for check in every), f"the {len(every)} that were tested")]
        rests = ["assumes", folded("\n".join(self.assumptions), "what it rests on")]
        return table(self.title, [*found, laws, rests], below=[self.surely])

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.text}\n\n{self.surely}"


WORDS: Mapping[Verdict, str] = {
    "holds": "hold",
    "holds, saturated": "attained",
    "inconclusive": "inconclusive",
    "violated": "violated",
}


def _counted(checks: Sequence[BoundCheck]) -> str:
    counts = Counter(check.verdict for check in checks)
    said = [f"{counts[verdict]} {word}" for verdict, word in WORDS.items() if counts[verdict] or verdict == "violated"]
    return ", ".join(said)
