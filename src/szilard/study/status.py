"""How far a study is, asked from outside while it runs or later."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..markup import table_of_text
from ..progress import said
from .pulse import Sign, signs
from .record import DONE, FAILED, Failed, read_failed, read_finished
from .store import read_manifest
from .table import damaged


@dataclass(frozen=True)
class Status:
    """Runs that are finished, failed with their reasons, damaged (to be run again) and left; who is at work on them.

    work: the share of all work that is settled; seconds: until the rest is, at the pace of those at work; None if
    nobody is, or it is too early to say. makers: the versions that made what is finished, more than one if that was
    resumed with others. missed: finished runs whose error is larger than the one that was asked for.
    """

    name: str
    finished: int
    failed: tuple[Failed, ...]
    damaged: int
    left: int
    work: float
    at_work: Sequence[Sign]
    seconds: float | None
    makers: tuple[str, ...] = ()
    missed: int = 0

    @property
    def runs(self) -> int:
        """Of the study."""
        return self.finished + len(self.failed) + self.damaged + self.left

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        count = f"{self.finished} of {self.runs} runs finished, {100.0 * self.work:.0f} % of the work"
        lines = [f"{self.name}: {count}"]
        if self.failed:
            first = self.failed[0]
            lines += [f"  failed   {len(self.failed)}, the first: {first.reason}"]
        if self.damaged:
            lines += [f"  damaged  {self.damaged}, to be run again"]
        for sign in self.at_work:
            lines += [f"  at work  process {sign.process} on {sign.host}, for {said(time.time() - sign.since)}"]
        if self.missed:
            lines += [
                f"  error    larger than asked for in {self.missed} runs: error_reached is 0 there, at_most too small"
            ]
        if len(self.makers) > 1:
            lines += [f"  made by {len(self.makers)} different versions: {' | '.join(self.makers)}"]
        if self.left or self.damaged:
            until = "" if self.seconds is None else f", about {said(self.seconds)}"
            lines += [f"  left     {self.left + self.damaged}{until}{'' if self.at_work else '; nobody is at work'}"]
        return "\n".join(lines)


def status_of(out: str | Path) -> Status:
    """What has become of every run of the study in this directory; reads, and writes nothing.

    Raises InputError for a directory that holds no study.
    """
    path = Path(out)
    manifest = read_manifest(path)
    if manifest is None:
        if (path / "manifest.json").exists():
            raise damaged(path, ValueError("manifest.json is not as it was written"))
        raise InputError("out", str(out), "holds no study", "give the directory that szilard run wrote")
    there = {folder: {file.stem for file in (path / folder).glob("*.json")} for folder in (DONE, FAILED)}
    read = {key: read_finished(path, key) for key in manifest.efforts if key in there[DONE]}
    finished = {key for key, found in read.items() if found is not None}
    missed = sum(found is not None and found[0].notes.get("error reached") is False for found in read.values())
    makers = tuple(sorted({found[1] for found in read.values() if found is not None}))
    others = there[FAILED] - finished
    failed = [run for key in manifest.efforts if key in others and (run := read_failed(path, key)) is not None]
    settled = finished | {run.key for run in failed}
    hurt = [key for key in manifest.efforts if key not in settled and (key in there[DONE] or key in there[FAILED])]
    total = sum(manifest.efforts.values())
    left = sum(effort for key, effort in manifest.efforts.items() if key not in settled)
    at_work = signs(path)
    pace = sum(sign.work / max(sign.at - sign.since, 1.0) for sign in at_work)
    never = len(manifest.efforts) - len(settled) - len(hurt)
    until = left / pace if pace > 0.0 else None
    name = str(manifest.about.get("name", ""))
    return Status(
        name, len(finished), tuple(failed), len(hurt), never, 1.0 - left / total, at_work, until, makers, missed
    )
