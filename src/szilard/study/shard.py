"""A part of a study's runs, so that several machines that share no scheduler can divide them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError, is_whole
from .designs import MAX_CELLS


@dataclass(frozen=True)
class Shard:
    r"""The runs i with i = number - 1 modulo ``of``, counted from 0: every run is in exactly one of the ``of`` shards.

    1 <= number <= of <= 100000, the most runs that a study has. Raises InputError for anything else.

    >>> shard = Shard.parsed("2/7")
    >>> shard, [i for i in range(20) if shard.holds(i)]
    (Shard(number=2, of=7), [1, 8, 15])
    """

    number: int
    of: int

    def __post_init__(self) -> None:
        if not (is_whole(self.of, 1) and self.of <= MAX_CELLS and is_whole(self.number, 1) and self.number <= self.of):
            raise _refused(f"{self.number}/{self.of}")

    @classmethod
    def parsed(cls, text: str) -> Shard:
        """The shard that "i/n" names, from 1/n to n/n; raises InputError."""
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if found is None:
            raise _refused(text)
        return cls(int(found[1]), int(found[2]))

    def holds(self, index: int) -> bool:
        """Whether the run of this index, counted from 0 in the study's order, is in the shard."""
        return index % self.of == self.number - 1


def _refused(got: str) -> InputError:
    rule = f"must be i/n with 1 <= i <= n <= {MAX_CELLS}"
    return InputError("shard", got, rule, "for instance 2/7, the second of seven parts")
