"""The page of a training run says what its ledger holds, safely, and without anything but itself."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from szilard import InputError
from szilard.infer.training_recording import TrainingRecording, training_ledger
from szilard.infer.training_result import MEANING
from szilard.reporting.training_console import show_training
from szilard.reporting.training_page import page_of_training
from szilard.reporting.training_prose import answer
from tests.reporting.reading import Page


def descent(path: Path, parts: int = 4, momentum: float = 0.0) -> Path:
    draw, w, speed = np.random.default_rng(2), np.full(20, 3.0), np.zeros(20)
    with TrainingRecording(path, learning_rate=0.05) as recording:
        for _ in range(300):
            shards = w + np.sqrt(parts) * draw.normal(size=(parts, 20))
            loss = 0.5 * float(w @ w)
            recording.step(w, loss, None if parts > 1 else shards[0], parts=shards if parts > 1 else None)
            speed = momentum * speed + shards.mean(axis=0)
            w = w - 0.05 * speed
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return descent(tmp_path_factory.mktemp("training") / "<script>alert(1)<&$x>")


@pytest.fixture(scope="module")
def text(run: Path) -> str:
    return page_of_training(run)


def test_names_are_text_and_never_markup(text: str) -> None:
    page = Page(text)
    assert "<script>alert" not in text
    assert "<script>alert(1)<&$x>" in page.words
    assert [tag for tag, _ in page.tags].count("script") == 1


def test_nothing_is_loaded_from_anywhere(text: str) -> None:
    for tag, attributes in Page(text).tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                assert value is not None and value.startswith("#"), (tag, name, value)
    assert "@import" not in text and "http:" not in text and "https:" not in text
    assert "default-src 'none'" in text
    text.encode("ascii")


def test_ids_are_unique_and_all_references_resolve(text: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(text).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    assert used and used <= set(ids)


def test_the_same_recording_gives_the_same_page(run: Path, text: str) -> None:
    assert page_of_training(run) == text
    assert len(text) < 500_000


def test_every_amount_stands_in_the_table_with_what_it_assumes(run: Path, text: str) -> None:
    page, ledger = Page(text), training_ledger(run)
    rows = page.table("amount")
    assert [row[0][0] for row in rows] == [MEANING[name][0] for name in ledger.amounts]
    assert [row[1][1] for row in rows] == [e.value for e in ledger.amounts.values()]
    for letter, assumption in ledger.assumptions:
        assert f"{letter}{assumption}" in page.words.replace(f"{letter} {assumption}", f"{letter}{assumption}")
    for row, e in zip(rows, ledger.amounts.values(), strict=True):
        assert len(row[4][0].split()) == len(e.assumptions)


def test_the_answer_comes_first(run: Path, text: str) -> None:
    page, ledger = Page(text), training_ledger(run)
    said = answer(ledger)
    assert said.count(". ") == 1 and said.endswith(".")
    assert page.words.index(said.replace("+-", "±")[:60]) < page.words.index("The apparent ledger")
    assert "the loss fell by" in said and "299 steps" in said
    assert text.count("<svg viewBox") == 3


def test_bounds_are_marked(tmp_path: Path) -> None:
    rows = Page(page_of_training(descent(tmp_path / "single", parts=1))).table("amount")
    shown = {row[0][0]: row[1][0] for row in rows}
    assert shown["temperature"].startswith("≤") and shown["heat, along the path"].startswith("≥")
    assert not shown["change of the loss"].startswith(("≤", "≥", "?"))


def test_a_run_with_momentum_says_so(tmp_path: Path) -> None:
    page = Page(page_of_training(descent(tmp_path / "heavy", momentum=0.9)))
    assert "No temperature follows" in page.words and "momentum" in page.words
    assert "temperature" not in [row[0][0] for row in page.table("amount")]


def test_the_terminal_shows_the_same(run: Path) -> None:
    stream, ledger = StringIO(), training_ledger(run)
    show_training(ledger, Console(file=stream, width=140))
    shown = " ".join(stream.getvalue().split())
    assert " ".join(answer(ledger).split()) in shown
    for name, value, *_ in ledger.table:
        assert name in shown and value in shown
    for _, assumption in ledger.assumptions:
        assert assumption in shown


def test_a_directory_without_a_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recording"):
        page_of_training(tmp_path)
