"""How far a long computation is: a bar on a terminal or in a notebook, or a function that is told."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[float], None]
"""progress(share of the work that is done)."""
Watch = Callable[[int, int, float], None]
"""watch(parts that are done, all parts, share of all the work that is done)."""
Tell = Callable[[float, str], None]
"""tell(share, what else stands beside the bar)."""

BETWEEN = 0.2
"""Seconds between two changes of what a notebook shows."""
SOON = 1.0
"""Seconds after which the pace is known well enough for a time left."""


@contextmanager
def told(progress: Progress | bool | None, name: str) -> Iterator[Progress]:
    """What to tell the share done: the function given; with True a bar called ``name``; else nothing that shows.

    The bar needs a notebook or a terminal at stderr and is gone when the work ends, in whatever way.
    Raises InputError for anything but a function, True, False or None.

    >>> shares = []
    >>> with told(shares.append, "train") as progress:
    ...     progress(0.5)
    >>> shares
    [0.5]
    """
    refuse_progress(progress)
    if callable(progress):
        yield progress
        return
    with _shown(bool(progress), name) as tell:
        yield lambda share: tell(share, "")


@contextmanager
def counted(watch: Watch | bool | None, name: str, parts: str) -> Iterator[Watch]:
    """The same for work in ``parts``, such as runs; None is a bar where a person is at the prompt or in a notebook.

    >>> with counted(None, "study", "runs") as watch:  # no prompt here: silent
    ...     watch(1, 2, 0.4)
    """
    if not (watch is None or isinstance(watch, bool) or callable(watch)):
        rule = "must be True, False or a function of the parts done, all parts and the share of the work"
        raise InputError("watch", watch, rule, "watch=True shows a bar")
    if callable(watch):
        yield watch
        return
    with _shown(at_hand() if watch is None else watch, name) as tell:
        yield lambda done, total, share: tell(share, f"{done}/{total} {parts}")


def refuse_progress(progress: Any) -> None:
    """Raise InputError unless it is a function, True, False or None."""
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        rule = "must be True or a function of the share done"
        raise InputError("progress", progress, rule, "progress=True shows a bar")


def at_hand() -> bool:
    """Whether somebody types what is run: a notebook, or Python's prompt; no script, pipe or test."""
    return in_notebook() or hasattr(sys, "ps1")


def in_notebook() -> bool:
    """Whether a kernel runs this code; IPython is looked at only where it already runs."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def _shown(wanted: bool, name: str) -> AbstractContextManager[Tell]:
    if wanted and in_notebook():
        return _in_cell(name)
    if wanted and sys.stderr is not None and sys.stderr.isatty():
        from rich.console import Console

        return on_terminal(name, Console(stderr=True))
    return _unseen()


@contextmanager
def _unseen() -> Iterator[Tell]:
    yield lambda share, beside: None


@contextmanager
def on_terminal(name: str, console: Console) -> Iterator[Tell]:
    """A bar with the time left, taken away when the work ends; nothing shows where the console is no terminal."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[beside]}", markup=False),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal or console.quiet,
        refresh_per_second=1.0 / BETWEEN,
        transient=True,
    )
    with bar:
        task = bar.add_task(name, total=None, beside="left")

        def tell(share: float, beside: str) -> None:
            bar.update(task, completed=share, total=1.0, beside=f"{beside}, left" if beside else "left")

        yield tell


@contextmanager
def _in_cell(name: str) -> Iterator[Tell]:
    cell = _Cell(name)
    try:
        yield cell.tell
    except BaseException:
        cell.end(stopped=True)
        raise
    cell.end(stopped=False)


class _Cell:
    """A <progress> in the output of a notebook's cell, changed in place by any thread."""

    def __init__(self, name: str) -> None:
        self.name, self.share, self.beside = name, 0.0, ""
        self.lock, self.started = threading.Lock(), time.monotonic()
        self.begun: tuple[float, float] | None = None
        self.last = self.started
        self.handle = import_module("IPython.display").display(self._bundle(""), raw=True, display_id=True)

    def tell(self, share: float, beside: str) -> None:
        """The share is kept, and shown unless something was shown just now."""
        with self.lock:
            now = time.monotonic()
            self.share, self.beside = min(max(share, 0.0), 1.0), beside
            self.begun = self.begun or (now, self.share)
            if now - self.last >= BETWEEN:
                self.last = now
                self._show(self._left(now))

    def end(self, stopped: bool) -> None:
        """A line in the place of the bar."""
        with self.lock:
            took = said(time.monotonic() - self.started)
            ended = f"stopped at {100.0 * self.share:.0f} % after {took}" if stopped else f"done in {took}"
            self._show(f"{self.beside}, {ended}" if self.beside else ended, bar=False)

    def _left(self, now: float) -> str:
        """How long it will take at the pace since the first share was told, which may have been done long before."""
        if self.begun is None or now - self.begun[0] < SOON or self.share <= self.begun[1]:
            return self.beside
        left = f"{said((now - self.begun[0]) * (1.0 - self.share) / (self.share - self.begun[1]))} left"
        return f"{self.beside}, {left}" if self.beside else left

    def _show(self, text: str, bar: bool = True) -> None:
        self.handle.update(self._bundle(text, bar), raw=True)

    def _bundle(self, text: str, bar: bool = True) -> dict[str, str]:
        name, percent = escape(self.name), f"{100.0 * self.share:.0f} %"
        drawn = (
            f' <progress max="1" value="{self.share:.4f}" aria-label="{name}" style="vertical-align:middle">'
            f"{percent}</progress> {percent}"
        )
        html = f"<div>{name}{drawn if bar else ''}{':' if text and not bar else ''} {escape(text)}</div>"
        plain = f"{self.name}: {percent} {text}".rstrip() if bar else f"{self.name}: {text}"
        return {"text/html": html, "text/plain": plain}


def said(seconds: float) -> str:
    """A time in words.

    >>> said(0.4), said(75.0), said(5400.0), said(300_000.0)
    ('1 s', '75 s', '1.5 h', '3.5 days')
    """
    if seconds < 600.0:
        return f"{max(1.0, seconds):.0f} s"
    if seconds < 3600.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.1f} h" if seconds < 172_800.0 else f"{seconds / 86_400.0:.1f} days"
