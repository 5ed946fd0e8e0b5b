"""One run's record, and the digest of many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from szilard.errors import InputError
from szilard.estimate import Estimate
from szilard.study.axes import DEFAULTS
from szilard.study.record import Failed, Finished, digest_of, read_failed, read_finished, write_record

KEY = "0123456789abcdef"
RECORD = Finished(
    KEY,
    {**DEFAULTS, "rule": "gibbs", "learning_rate": 0.1 + 0.2},
    {"heat": Estimate(1.0 / 3.0, 5e-324), "learned": Estimate(-0.0, float("inf"), side="lower")},
    "holds, saturated",
    {"seconds": 0.5, "merged": ["redundancy"]},
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for folder in ("done", "failed"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_every_bit_comes_back(out: Path) -> None:
    write_record(out, RECORD)
    found = read_finished(out, KEY)
    assert found is not None
    again, made_by = found
    assert (again.coordinates, again.verdict, again.notes) == (RECORD.coordinates, RECORD.verdict, RECORD.notes)
    for name, estimate in RECORD.estimates.items():
        assert again.estimates[name].value.hex() == estimate.value.hex()
        assert again.estimates[name].stderr.hex() == estimate.stderr.hex()
        assert again.estimates[name].side == estimate.side
    assert "szilard" in made_by and "numba" in made_by
    assert digest_of([again]) == digest_of([RECORD])


def test_a_failure_gives_way_to_a_result(out: Path) -> None:
    failed = Failed(KEY, RECORD.coordinates, "too hot", "line 3")
    write_record(out, failed)
    assert read_failed(out, KEY) == failed
    assert read_finished(out, KEY) is None
    write_record(out, RECORD)
    assert read_failed(out, KEY) is None


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_record(tmp_path / "nowhere", RECORD)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, key=KEY[::-1]),
        replace(RECORD, verdict="holds"),
        replace(RECORD, estimates={"heat": RECORD.estimates["heat"]}),
        replace(RECORD, estimates={**RECORD.estimates, "heat": Estimate(1.0 / 3.0, 0.0)}),
        replace(RECORD, estimates={**RECORD.estimates, "heat": Estimate(1.0 / 3.0 + 6e-17, 5e-324)}),
        replace(RECORD, estimates={**RECORD.estimates, "heat": Estimate(1.0 / 3.0, 5e-324, side="upper")}),
    ],
)
def test_the_digest_sees_every_number(other: Finished) -> None:
    assert digest_of([other]) != digest_of([RECORD])


def test_the_digest_does_not_see_order_or_time() -> None:
    second = replace(RECORD, key=KEY[::-1])
    assert digest_of([second, RECORD]) == digest_of([RECORD, second])
    assert digest_of([replace(RECORD, notes={"seconds": 7.0})]) == digest_of([RECORD])
    assert digest_of([RECORD]) != digest_of([RECORD, second])
