"""Blocks of replicas spread over threads: kernels hold no Python lock, so that threads run side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def each_block(pool: ThreadPoolExecutor, work: Callable[[int], None], blocks: int, halt: threading.Event) -> None:
    """work(block) for every block; the first error or interruption sets ``halt`` and cancels what has not begun."""
    futures = [pool.submit(work, block) for block in range(blocks)]
    try:
        for future in futures:
            future.result()
    except BaseException:
        halt.set()
        for future in futures:
            future.cancel()
        raise
