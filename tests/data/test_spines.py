"""The shipped synthetic spines: made again character by character, labelled as synthetic, read as a user's file is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from szilard.data import spines
from szilard.data.recording import Recording
from szilard.data.recordings import read_recording
from szilard.errors import InputError
from szilard.infer.size_distribution import fit_sizes
from szilard.infer.synapse_fit import fit_synapse
from tests.data.make_spines import EVENT, EVENT_DAY, FILE, RATE, SEED, SPREAD, spines_table

HEAD = "synapse_id,time,size\n"


def test_the_file_is_made_again_from_its_seed() -> None:
    assert FILE.read_text(encoding="utf-8") == spines_table()


def test_it_is_what_it_says() -> None:
    found = spines.example_spines()
    assert found.states.shape == (200, 21, 1) and found.names == ("size",) and found.interval == 1.0
    x = np.log(found.states[:, :, 0])
    jump = x[:, EVENT_DAY] - x[:, EVENT_DAY - 1]
    jump = jump[np.isfinite(jump)]
    assert abs(jump.mean() - EVENT) < 4.0 * jump.std(ddof=1) / np.sqrt(jump.size)
    fit = fit_synapse(Recording(found.states[:, :EVENT_DAY], found.times[:EVENT_DAY]))
    for estimate, exact in ((fit.rate, RATE), (fit.diffusion, RATE * SPREAD**2)):
        assert abs(estimate.value - exact) < 4.0 * estimate.stderr < exact


def test_it_is_called_synthetic_wherever_it_is_described() -> None:
    readme = FILE.with_name("spines.md").read_text(encoding="utf-8")
    assert "**Synthetic.**" in readme and str(SEED) in readme and "tests/data/make_spines.py" in readme
    assert "SYNTHETIC" in (spines.example_spines.__doc__ or "") and "Synthetic" in (spines.__doc__ or "")


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spines, "FILE", "none.csv")
    with pytest.raises(InputError, match=r"none\.csv"):
        spines.example_spines()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("s1,0,0.3\ns1,1,0.3\ns1,1,0.4\n", "line 4: got time 1 of 's1' twice"),
        ("s1,0,small\ns1,1,0.4\n", "size"),
    ],
    ids=["twice", "text"],
)
def test_a_file_with_a_time_twice_or_a_text_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(HEAD + lines)
    with pytest.raises(InputError, match=said):
        read_recording(file)


def test_zeros_of_vanished_spines_are_refused_and_empty_fields_are_gaps(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    file = tmp_path / "mine.csv"

    def written(last: str) -> None:
        lines = [f"s{i},{t},{draw.lognormal(-1.0, 0.5):.3f}" for i in range(20) for t in range(4)]
        file.write_text(HEAD + "\n".join([*lines, "s20,0,0.2", f"s20,1,{last}"]) + "\n")

    written("0")
    with pytest.raises(InputError, match="limit of detection"):
        fit_sizes(read_recording(file), seed=1)
    written("")
    found = fit_sizes(read_recording(file), seed=1, families=["lognormal"], resamples=20, simulations=20)
    assert (found.synapses, found.looks) == (21, 81)
