"""Every Python block of the README and the manual runs, in order, and prints what the text block after it says."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import szilard as sz

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
]
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?: \+- (\d+(?:\.\d+)?(?:e[-+]?\d+)?)|\((\d+)\))?( s\b)?")
SIGMAS = 5.0
ROUNDING = 1e-9


def name_of(page: Path) -> str:
    """Where it stands in the tree: two pages may be called cluster.md."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Example:
    """A piece of code, its line in the page, and what it should print (None: nothing is said of it)."""

    line: int
    code: str
    output: str | None


def examples(text: str) -> list[Example]:
    blocks = list(BLOCK.finditer(text))
    found = []
    for i, block in enumerate(blocks):
        if block[1] != "python":
            continue
        after = blocks[i + 1] if i + 1 < len(blocks) else None
        follows = after is not None and after[1] == "text" and not text[block.end() : after.start()].strip()
        line = text.count("\n", 0, block.start()) + 2
        found.append(Example(line, block[2], after[2] if after is not None and follows else None))
    return found


def same(shown: str, printed: str) -> str:
    """What tells two outputs apart; empty where they agree.

    Words must be equal. A number beside its standard error ("1.23 +- 0.04", "1.23(4)") agrees within 5 of it; a whole
    number is equal; any other agrees to two units of its last digit. Seconds are not compared, and what is below
    1e-9 is rounding: another processor or another version may round otherwise.
    """
    words, numbers = zip(*(_taken_apart(text) for text in (shown, printed)), strict=True)
    if words[0] != words[1]:
        return f"printed:\n{printed}\nshown:\n{shown}"
    for ours, theirs in zip(*numbers, strict=True):
        if abs(float(ours[1]) - float(theirs[1])) > _tolerance(ours):
            return f"{theirs[0]} was printed, {ours[0]} is shown; printed:\n{printed}"
    return ""


def _taken_apart(text: str) -> tuple[str, list[re.Match[str]]]:
    plain = " ".join(text.split())
    return NUMBER.sub("#", plain), list(NUMBER.finditer(plain))


def _tolerance(match: re.Match[str]) -> float:
    value, error, digits, seconds = match.groups()
    if seconds:
        return float("inf")
    mantissa, _, exponent = value.partition("e")
    scale = 10.0 ** int(exponent or 0)
    last = scale * 10.0 ** -len(mantissa.partition(".")[2])
    if error is not None:
        return SIGMAS * float(error) + 2.0 * last
    if digits is not None:
        return SIGMAS * int(digits) * last
    return ROUNDING if mantissa == value and "." not in value else 2.0 * last + ROUNDING


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_prints_what_it_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__page__"}
    for example in examples(page.read_text(encoding="utf-8")):
        printed = io.StringIO()
        code = compile("\n" * (example.line - 1) + example.code, str(page), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        if example.output is not None:
            wrong = same(example.output, printed.getvalue())
            assert not wrong, f"{name_of(page)}, line {example.line}: {wrong}"


def test_readme_shows_an_output() -> None:
    assert any(example.output for example in examples(PAGES[0].read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_study_files_of_a_page_are_valid(page: Path, tmp_path: Path) -> None:
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block[1] == "toml":
            assert sz.Study(block[2].replace("patterns.csv", "digits")).cells


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("https:", "mailto:")):
            assert (page.parent / target).exists(), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize(
    ("shown", "printed", "agree"),
    [
        ("a 1.0 +- 0.1", "a 1.4 +- 0.1", True),
        ("a 1.0 +- 0.1", "a 1.8 +- 0.1", False),
        ("a 1.00(10)", "a 1.40(10)", True),
        ("a 1.00(10)", "a 1.60(10)", False),
        ("n = 400", "n = 401", False),
        ("12.3 %", "12.4 %", True),
        ("12.3 %", "12.9 %", False),
        ("in 0.2 s", "in 71.0 s", True),
        ("first law to 1.9e-16", "first law to 7.0e-16", True),
        ("1.5e-3", "1.9e-3", False),
        ("holds", "violated", False),
        ("1 2", "1", False),
    ],
)
def test_what_agrees(shown: str, printed: str, agree: bool) -> None:
    assert (not same(shown, printed)) == agree
