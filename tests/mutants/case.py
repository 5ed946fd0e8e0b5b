"""A deliberate mistake."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """Its name, the test files that should notice, and the edits (file, passage, what stands there instead)."""

    name: str
    tests: str
    edits: tuple[tuple[str, str, str], ...]


def mutant(name: str, tests: str, *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(name, tests, edits)
