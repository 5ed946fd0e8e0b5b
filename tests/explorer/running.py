"""The explorer's server in a thread of its own, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from szilard.explorer.serving import Served, served
from szilard.explorer.stored import StoredStudy


@contextmanager
def running(study: StoredStudy | None = None) -> Iterator[Served]:
    """A server on a free port."""
    ready = threading.Event()
    found: list[Served] = []
    ends: list[asyncio.Event] = []

    async def serve() -> None:
        ends.append(asyncio.Event())
        found.append(served(study))
        ready.set()
        await ends[0].wait()
        await found[0].close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30.0)
    try:
        yield found[0]
    finally:
        found[0].loop.add_callback(ends[0].set)
        thread.join(30.0)
