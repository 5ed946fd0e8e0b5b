"""Shards divide a study: every run is in exactly one, and nothing else is taken for a shard."""

from __future__ import annotations

import pytest

from szilard.errors import InputError
from szilard.study.shard import Shard


@pytest.mark.parametrize("of", [1, 2, 3, 7, 100_000])
def test_every_run_is_in_exactly_one(of: int) -> None:
    numbers = range(1, of + 1) if of < 10 else (1, 2, 50_000, 100_000)
    for index in (0, 1, 2, 3, 6, 7, 8, 49_999, 99_999):
        holders = [number for number in numbers if Shard(number, of).holds(index)]
        assert holders == [number for number in numbers if number == index % of + 1]


def test_parts_of_ten() -> None:
    assert [i for i in range(10) if Shard.parsed("1/3").holds(i)] == [0, 3, 6, 9]
    assert [i for i in range(10) if Shard.parsed("3/3").holds(i)] == [2, 5, 8]
    assert Shard.parsed("4/5") == Shard(4, 5)


@pytest.mark.parametrize(
    "text",
    [
        *("0/3", "4/3", "x/y", "1/0", "1/1e9", "1/1000000000", "1/100001", "", "/", "1", "1/", "/2", "-1/3", "1/-3"),
        *("+1/2", "1.0/2", " 1/2", "1/2 ", "1/2\n", "1//2", "1/2/3", "١/٢", "1_0/20", "0x1/2", "nan/2", "9" * 40),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InputError, match="shard") as refused:
        Shard.parsed(text)
    assert refused.value.got == text


@pytest.mark.parametrize(
    ("number", "of"), [(0, 3), (4, 3), (1, 0), (1, 100_001), (True, 2), (1.0, 2), (1, float("nan"))]
)
def test_refused_numbers(number: int, of: int) -> None:
    with pytest.raises(InputError, match="shard"):
        Shard(number, of)
