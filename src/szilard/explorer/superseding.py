"""One thread that works for whoever asked last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from .frames import SupersededError

Request = TypeVar("Request")
Stale = Callable[[], bool]


class Latest(Generic[Request]):
    """work(request, stale) in a thread of its own; a newer request makes the older stale, and takes its place.

    work returns, or raises SupersededError, soon after stale() is true; any other error ends the thread, so that work
    reports its own. ``close`` makes everything stale.
    """

    def __init__(self, work: Callable[[Request, Stale], None]) -> None:
        self._work = work
        self._news = threading.Condition()
        self._waiting: list[Request] = []
        self._number = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="szilard explorer", daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Take this request instead of every earlier one."""
        with self._news:
            self._number += 1
            self._waiting = [request]
            self._news.notify()

    def drop(self) -> None:
        """Nobody waits for what was asked."""
        with self._news:
            self._number += 1
            self._waiting = []

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._number += 1
            self._closed = True
            self._news.notify()

    def _superseded(self, number: int) -> bool:
        return number != self._number

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                request, number = self._waiting.pop(), self._number
            try:
                self._work(request, partial(self._superseded, number))
            except SupersededError:
                continue
