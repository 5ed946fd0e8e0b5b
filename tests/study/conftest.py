"""One process to fork commands from, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.study.driver import Driver


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with Driver() as started:
        yield started
