"""What a page does with a run that it cannot train: it says so, and nothing asked before takes the word from it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bokeh.document import Document

from szilard.errors import InputError
from szilard.explorer import session as module
from szilard.explorer.choice import Choice
from szilard.explorer.live_source import Source
from szilard.explorer.session import Session


class Asked:
    """In place of the thread: what was asked, and None where it was dropped."""

    def __init__(self, work: Any) -> None:
        self.orders: list[Any] = []

    def ask(self, order: Any) -> None:
        self.orders.append(order)

    def drop(self) -> None:
        self.orders.append(None)


class TwoRuns:
    """A study whose second run no control can make."""

    name, runs = "two", ()
    columns: dict[str, Any] = {}

    def choice(self, number: int) -> Choice:
        if number:
            raise InputError("schedule", "<saw>", "no control has it", "open another")
        return Choice(learning_rate=3.0)

    def source(self, number: int) -> Source:
        return Source(cell="explorer")


def test_a_run_that_cannot_be_trained_is_refused_and_ends_what_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Latest", Asked)

    async def page() -> None:
        opened = Session(Document(), "", False, None)
        opened.study = TwoRuns()  # type: ignore[assignment]
        opened.tapped(0)
        assert opened.latest.orders[-1][2] == 0  # type: ignore[attr-defined]
        assert "Being trained" in opened.texts["compared"].text
        opened.tapped(1)
        assert opened.latest.orders[-1] is None  # type: ignore[attr-defined]
        assert opened.run_number is None
        assert "&lt;saw&gt;" in opened.texts["state"].text
        assert "not trained" in opened.texts["compared"].text

    asyncio.run(page())
