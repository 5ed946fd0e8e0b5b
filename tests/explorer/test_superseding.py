"""Whoever asks last is served; everybody before is let go at once."""

from __future__ import annotations

import threading

from szilard.explorer.frames import SupersededError
from szilard.explorer.superseding import Latest, Stale


def test_the_last_request_supersedes_the_one_at_work_and_those_that_wait() -> None:
    begun, served, done = threading.Event(), [], threading.Event()

    def work(request: str, stale: Stale) -> None:
        if request == "first":
            begun.set()
            while not stale():
                pass
            served.append("first was stale")
            raise SupersededError
        served.append(request)
        if request == "third":  # the second may have been begun before the third was asked for
            done.set()

    latest = Latest(work)
    latest.ask("first")
    assert begun.wait(10.0)
    latest.ask("second")
    latest.ask("third")
    assert done.wait(10.0)
    latest.close()
    assert served[0] == "first was stale"
    assert served[-1] == "third"
    assert served.count("second") <= 1


def test_what_is_dropped_is_let_go_and_a_later_request_is_served() -> None:
    begun, ended, served = threading.Event(), threading.Event(), threading.Event()

    def work(request: str, stale: Stale) -> None:
        if request == "later":
            served.set()
            return
        begun.set()
        while not stale():
            pass
        ended.set()

    latest = Latest(work)
    latest.ask("first")
    assert begun.wait(10.0)
    latest.drop()
    assert ended.wait(10.0)
    latest.ask("later")
    assert served.wait(10.0)
    latest.close()


def test_closing_makes_everything_stale_and_ends_the_thread() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(_: int, stale: Stale) -> None:
        begun.set()
        while not stale():
            pass
        ended.set()

    latest = Latest(work)
    latest.ask(1)
    assert begun.wait(10.0)
    latest.close()
    assert ended.wait(10.0)
    latest._thread.join(10.0)
    assert not latest._thread.is_alive()
