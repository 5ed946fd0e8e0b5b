"""A thousand study files changed at random; the soak runs take 20,000."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings

from szilard.study.spec import BUILTIN, Study, template_text
from tests.study.toml_fuzz import EVERY_DESIGN, EVERY_KEY, taken, texts


@given(texts())
@settings(max_examples=1000)
def test_a_study_or_an_input_error(text: str) -> None:
    taken(text)


def test_what_is_changed_is_valid_before() -> None:
    assert taken(EVERY_KEY)
    assert len(Study(EVERY_KEY).cells) == 24 * 4 + 4
    assert taken(EVERY_DESIGN)
    assert len(Study(template_text("grid")).cells) == 18
    assert len(Study(template_text("design")).cells) == 128
    assert len(Study(template_text("precision")).cells) == 18
    assert taken(Path(BUILTIN).read_text(encoding="utf-8"))
