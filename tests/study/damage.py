"""A store that was hurt, and the one thing that must hold then: no number that was not computed is ever shown."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import szilard as sz
from szilard.errors import InputError
from szilard.study import Study, run_study
from szilard.study.table import read_table
from tests.study.tiny import MICRO, contents, digest, numbers


@dataclass
class Hurt:
    """A finished store to copy and hurt, and what it said when it was whole."""

    whole: Path
    truth: dict[str, bytes] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def __post_init__(self) -> None:
        run_study(Study(MICRO), self.whole)
        self.truth, self.attributes = numbers(self.whole), sz.load(self.whole).attrs
        self.sha256 = digest(self.whole)
        assert len(self.truth) == 2

    def files(self) -> list[str]:
        """The records and the manifest: what the library reads again."""
        return [name for name in contents(self.whole) if name.startswith("done/") or name == "manifest.json"]

    def table_files(self) -> list[str]:
        """Every file of the table for other readers."""
        return [name for name in contents(self.whole) if name.startswith("results.zarr/")]

    def copy(self, to: Path) -> Path:
        """A fresh copy to hurt."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.whole, to)
        return to

    def said(self, out: Path) -> int | None:
        """How many runs are loaded, each of them right in every bit; None if all is refused with an InputError."""
        try:
            results = sz.load(out)
        except InputError as error:
            assert str(error).isprintable()
            return None
        found = numbers(out)
        assert found.items() <= self.truth.items(), "a number is shown that was never computed"
        changing = {"unfinished": 2 - len(found), "sha256": results.attrs["sha256"]}
        assert results.attrs == {**self.attributes, **changing}
        assert (results.attrs == self.attributes) == (len(found) == 2)
        return len(found)

    def recovers(self, out: Path) -> int | None:
        """How many runs the next call computes, after which all is as it was, the table too; None if it refuses."""
        before = contents(out)
        begun: set[int] = set()
        try:
            results = run_study(Study(MICRO), out, watch=lambda done, total, work: begun.add(done))
        except InputError as error:
            assert str(error).isprintable()
            assert contents(out) == {".lock": b"", **before}
            return None
        assert numbers(out) == self.truth
        assert read_table(out / "results.zarr").identical(results)
        assert digest(out) == self.sha256
        return len(begun - {2})


def flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
