"""read_recording: what it takes, and what it refuses, in every format."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import szilard as sz
from szilard.data import netcdf
from szilard.data.recording import Jumps, Recording
from szilard.data.recordings import read_recording
from tests.data.test_hostile_bytes import mutated
from tests.data.test_reading import archive, array_bytes, at_most, header_bytes, text

TIMES = [0.0, 0.5, 1.0]
X = np.array([[[0.1, -2.0], [np.nan, np.nan], [1e-300, 3.0]], [[1.0, 2.0], [3.0, 4.0], [5.0, 1 / 3]]])
S = np.array([[0, 1, 2], [2, -1, 0]])
SPINES = "synapse_id,time,size\na,0,0.31\na,4,0.35\nb,0,0.8\na,8,0.29\nb,8,\n"
NETCDF4 = all(importlib.util.find_spec(package) for package in ("h5netcdf", "h5py"))


def npz(tmp_path: Path, **arrays: Any) -> Path:
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    return path


def refused(path: Any, message: str, **options: Any) -> None:
    with pytest.raises(sz.InputError, match=message) as caught:
        read_recording(path, **options)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 800


def test_an_archive_of_coordinates_or_of_discrete_states(tmp_path: Path) -> None:
    path = npz(tmp_path, states=X, times=TIMES)
    got = read_recording(path, period=[np.inf, 7.0])
    np.testing.assert_array_equal(got.states, X)
    assert got.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() and got.source == str(path)
    assert got.period.tolist() == [np.inf, 7.0] and got.interval == 0.5
    assert repr(got) == "Recording: 2 replicas of 2 coordinates at 3 times from 0 to 1, every 0.5, 1 gap"
    got = read_recording(npz(tmp_path, states=S, times=TIMES))
    assert got.discrete and got.states.tolist() == S.tolist() and got.n_states == 3
    got = read_recording(npz(tmp_path, states=X[:, :, 0], times=TIMES))
    assert got.dim == 1 and not got.discrete


def test_a_table_of_spine_sizes_keeps_missing_days_as_gaps(tmp_path: Path) -> None:
    got = read_recording(text(tmp_path, SPINES))
    assert got.times.tolist() == [0.0, 4.0, 8.0] and got.names == ("size",)
    np.testing.assert_array_equal(got.states[:, :, 0], [[0.31, 0.35, 0.29], [0.8, np.nan, np.nan]])
    assert got.seen.tolist() == [[True, True, True], [True, False, False]]


def test_a_table_of_states_and_one_without_trajectories(tmp_path: Path) -> None:
    got = read_recording(text(tmp_path, "time\ttrajectory\tstate\n0\t7\t2\n1\t7\t0\n1\t3\t1\n", "x.tsv"))
    assert got.states.tolist() == [[2, 0], [-1, 1]]
    got = read_recording(text(tmp_path, "time,x0,x1\n0,1,2\n0.1,nan,3\n0.25,5,6\n"))
    assert got.names == ("x0", "x1") and got.interval is None
    np.testing.assert_array_equal(got.states, [[[1, 2], [np.nan, 3], [5, 6]]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("time,x\n0,1\n0,2\n", "line 3: .*times of a trajectory must increase"),
        ("id_id,time,x\na,1,1\nb,0,1\na,0,2\na,1,3\n", "line 5: got time 1 of 'a' twice; each time of a trajectory"),
        ("time,x,x\n0,1,1\n", "'x' twice"),
        ("t,x\n0,1\n", "columns 't, x'; one column must be called time. Fix: rename 't' to time"),
        ("time,\n0,1\n", "must name every column"),
        ("time,x\n0,1,2\n", "line 2: got 3 columns"),
        ("time,x\nnan,1\n1,1\n", "every time must be finite"),
        ("time,x\n,1\n1,1\n", "'time': got ''; must be a number"),
        ("time,x\n0,a\n1,1\n", "'x': got 'a'; must be a number"),
        ("time,x\n0,inf\n1,1\n", "must be finite, or NaN for a gap"),
        ("time,state\n0,0.5\n1,1\n", "whole numbers"),
        ("time,state\n0,1e9\n1,1\n", "without wide gaps"),
        ("time,x\n0,1\n", "two times at least"),
        ("time,x\n0,\n1,nan\n", "gaps only"),
        ("time,x\n", "no lines of data"),
        ("", "an empty file"),
        ("time,replica\n0,1\n1,1\n", "at least one column must hold states"),
        ("trajectory,cell_id,time,x\n0,1,0,0\n", "only one column may name the trajectory. Fix: join them into one"),
        ("time,x\n0,1\n\n1,2\n", "blank lines"),
        (b"time,x\n0,1\n1,\0\n", "NUL byte"),
        (b"time,x\n0,\xff\n", "not UTF-8"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    refused(text(tmp_path, content), message)


def test_lines_of_named_trajectories_may_stand_in_any_order(tmp_path: Path) -> None:
    head, *lines = SPINES.splitlines()
    ordered = read_recording(text(tmp_path, SPINES))
    for turned in ([4, 0, 2, 1, 3], [3, 2, 1, 0, 4]):
        got = read_recording(text(tmp_path, "\n".join([head, *(lines[i] for i in turned)]), "y.csv"))
        first = int(lines[turned[0]].startswith("b"))
        np.testing.assert_array_equal(got.states[::-1] if first else got.states, ordered.states)
        assert got.times.tolist() == ordered.times.tolist()
    refused(text(tmp_path, "time,x\n0,1\n2,1\n1,2\n"), "line 4: got time 1 after 2.*sort the lines")


def test_dates_and_texts_say_what_to_write(tmp_path: Path) -> None:
    refused(text(tmp_path, "synapse_id,time,size\na,2024-05-01,1\n"), "got '2024-05-01'.*days since the first look")
    labelled = "synapse_id,time,dendrite,size\na,0,apical,0.3\na,1,apical,0.4\n"
    refused(text(tmp_path, labelled), r"'dendrite': got 'apical'.*columns=\['size'\]")
    assert read_recording(text(tmp_path, labelled), columns=["size"]).names == ("size",)


@pytest.mark.parametrize(("suffix", "comma"), [("csv", ","), ("tsv", "\t")])
def test_sizes_seen_once_go_where_no_times_are_needed(tmp_path: Path, suffix: str, comma: str) -> None:
    """The line of code that the error proposes, and what it gives."""
    sizes = np.random.default_rng(3).gamma(2.0, 0.2, 40).round(6)
    rows = [["synapse_id", "time", "size"], *([f"s{i}", "3", f"{w}"] for i, w in enumerate(sizes)), ["s", "3", "NA"]]
    path = text(tmp_path, "\n".join(comma.join(row) for row in rows), f"x.{suffix}")
    with pytest.raises(sz.InputError, match="the time 3 only; steps need two times at least") as caught:
        read_recording(path)
    call = f"sz.infer.fit_sizes(numpy.genfromtxt(path, delimiter={comma!r}, skip_header=1, usecols=2), seed=1)"
    assert caught.value.fix.endswith(f"need none: {call}")
    found = sz.infer.fit_sizes(np.genfromtxt(path, delimiter=comma, skip_header=1, usecols=[2]), seed=1)
    np.testing.assert_array_equal(np.sort(found.sample), np.sort(sizes))
    refused(text(tmp_path, "time,x,y\n0,1,2\n"), r"choose their column, columns=\[...\]")
    with pytest.raises(sz.InputError, match="sizes that were looked at once"):
        Recording(sizes[:, None], [3.0])


def test_a_grid_that_would_be_too_large(tmp_path: Path) -> None:
    lines = "".join(f"{i},{i + 0.5},1\n" for i in range(2000))
    with at_most(4):
        refused(text(tmp_path, "replica,time,x\n" + lines), "2000 trajectories on a grid of 2000", max_bytes=2**20)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"states": X}, "the array times must be there"),
        ({"times": TIMES}, "the array states must be there"),
        ({"states": X, "times": [*TIMES, 1.5]}, "must hold at least one replica, with 4 times"),
        ({"states": X, "times": [0.0, 1.0, 1.0]}, "must increase"),
        ({"states": X, "times": [0.0, np.nan, 1.0]}, r"times\[1\].*must be finite"),
        ({"states": X, "times": [0.0, 2.0, 1.0]}, "2 before 1"),
        ({"states": X.astype(object), "times": TIMES}, "never unpickled"),
        ({"states": X + 1j, "times": TIMES}, "integer or real"),
        ({"states": X * np.inf, "times": TIMES}, "finite, or NaN"),
        ({"states": S - 2, "times": TIMES}, "or -1 for a gap"),
        ({"states": X[0, 0], "times": TIMES}, "must have shape"),
        ({"states": X[:0], "times": TIMES}, "no zero in it"),
        ({"states": S + 2**60, "times": TIMES}, "within"),
    ],
)
def test_archives_that_are_refused(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    refused(npz(tmp_path, **arrays), message)


def test_archives_that_would_take_the_memory(tmp_path: Path) -> None:
    huge = header_bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000, 1000, 1000), }")
    path = archive(tmp_path, {"states.npy": huge, "times.npy": array_bytes(TIMES)})
    with at_most(4):
        refused(path, "must take at most max_bytes")
    bomb = array_bytes(np.zeros((1000, 1000, 9)))
    with at_most(90):
        path = archive(tmp_path, {"states.npy": bomb, "times.npy": array_bytes(TIMES)})
    with at_most(4):
        refused(path, "must take at most max_bytes", max_bytes=2**20)
    cut = path.read_bytes()[:-40]
    (tmp_path / "x.npz").write_bytes(cut)
    refused(path, "intact .npz")


def test_files_that_are_none(tmp_path: Path) -> None:
    refused(tmp_path / "x.csv", "no such file")
    refused(text(tmp_path, "a", "x.pkl"), r"must end in \.npz")
    refused(tmp_path, "must end in")
    refused(text(tmp_path, SPINES), "at most max_bytes", max_bytes=3)
    refused(3, "must be text or a path")
    refused(text(tmp_path, SPINES), "period", period=[1.0, 2.0])


RUN = sz.simulate(
    sz.systems.gyrator(1.0, 0.5, (1.0, 2.0)), "stationary", 2.0, replicas=4, seed=1, times=[0.0, 1.0, 2.0]
)
RING = sz.simulate(sz.systems.ring([0.0, 0.5, 1.2], 2.0), "stationary", 2.0, replicas=4, seed=1, times=[0.0, 1.0, 2.0])


@pytest.mark.parametrize("run", [RUN, RING], ids=["coordinates", "discrete"])
@pytest.mark.parametrize(
    "engine", ["scipy", pytest.param("h5netcdf", marks=pytest.mark.skipif(not NETCDF4, reason="extra netcdf"))]
)
def test_a_run_comes_back_from_netcdf(tmp_path: Path, run: Any, engine: Any) -> None:
    run.to_xarray().to_netcdf(tmp_path / "x.nc", engine=engine)
    got = read_recording(tmp_path / "x.nc")
    np.testing.assert_array_equal(got.states, run.states)
    np.testing.assert_array_equal(got.times, run.times)
    assert got.discrete == (run is RING)


def test_netcdf_4_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netcdf, "EXTRA", ("h5netcdf", "a_package_that_nobody_has"))
    (tmp_path / "x.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    refused(tmp_path / "x.nc", "NetCDF 4 needs the package a_package_that_nobody_has")


def test_netcdf_that_is_refused(tmp_path: Path) -> None:
    data = RUN.to_xarray()
    path = tmp_path / "x.nc"
    for bad, message in (
        (data.drop_vars("states"), "the variable states must be there"),
        (data.drop_vars("time"), "the variable time must be there"),
        (data.rename(coordinate="w"), "must have dimensions"),
        (data.assign(states=data["states"].astype("S4")), "must be real numbers"),
    ):
        bad.to_netcdf(path, engine="scipy")
        refused(path, message)
    data.to_netcdf(path, engine="scipy")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    refused(path, "intact NetCDF")
    path.write_bytes(b"hello")
    refused(path, "must start as NetCDF")


def test_netcdf_of_short_numbers_that_would_take_the_memory(tmp_path: Path) -> None:
    data = xr.Dataset({"states": (("replica", "time"), np.zeros((100, 100), np.int8))}, {"time": np.arange(100.0)})
    data.to_netcdf(tmp_path / "x.nc", engine="scipy")
    refused(tmp_path / "x.nc", "10000 values", max_bytes=20_000)
    assert read_recording(tmp_path / "x.nc").replicas == 100


def test_netcdf_that_declares_more_than_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.nc"
    RUN.to_xarray().to_netcdf(path, engine="scipy")
    whole = path.read_bytes()
    at = whole.index(b"replica") + 8
    path.write_bytes(whole[:at] + b"\x7f\xff\xff\xff" + whole[at + 4 :])
    with at_most(20):
        refused(path, "NetCDF|max_bytes")


def saved(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def read_or_refuse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        got = read_recording(path, max_bytes=2**22)
    except sz.InputError as error:
        assert str(error).isprintable()
        return
    assert got.states.shape[1] == got.times.size >= 2
    assert np.all(np.diff(got.times) > 0.0)
    assert not np.isinf(got.states).any()


@given(mutated(SPINES.encode()) | st.binary(max_size=64))
@settings(max_examples=150)
def test_hostile_text(folder: Path, data: bytes) -> None:
    read_or_refuse(folder / "x.csv", data)
    read_or_refuse(folder / "x.tsv", data.replace(b",", b"\t"))


@given(mutated(saved(states=X, times=TIMES)) | mutated(saved(states=S, times=TIMES)))
@settings(max_examples=150)
def test_hostile_archives(folder: Path, data: bytes) -> None:
    read_or_refuse(folder / "x.npz", data)


@given(mutated(array_bytes(X)), st.booleans())
@settings(max_examples=100)
def test_hostile_arrays_in_an_intact_archive(folder: Path, data: bytes, states: bool) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("states.npy", data if states else array_bytes(X))
        made.writestr("times.npy", array_bytes(TIMES) if states else data)
    read_or_refuse(folder / "y.npz", stream.getvalue())


@given(data=st.data())
@settings(max_examples=60)
def test_hostile_netcdf(folder: Path, data: st.DataObject) -> None:
    whole = folder / "whole.nc"
    if not whole.exists():
        RING.to_xarray()[["states"]].to_netcdf(whole, engine="scipy")
    read_or_refuse(folder / "x.nc", data.draw(mutated(whole.read_bytes())))


# times on an even grid


def series(times: Any) -> str:
    return "time,x\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times))


def test_weekends_that_all_miss_are_gaps(tmp_path: Path) -> None:
    days = [day for day in range(26) if day % 7 < 5]
    lines = "".join(f"{who},{day},{day}.5\n" for who in "ab" for day in days)
    got = read_recording(text(tmp_path, "trajectory,time,x\n" + lines))
    assert got.interval == 1.0 and got.times.tolist() == list(range(26))
    assert np.flatnonzero(got.seen.all(axis=0)).tolist() == days and not got.seen[:, 5:7].any()
    np.testing.assert_array_equal(got.states[:, days, 0], [np.array(days) + 0.5] * 2)
    got = read_recording(npz(tmp_path, states=S, times=[3.0, 3.5, 5.0]))
    assert got.states.tolist() == [[0, 1, -1, -1, 2], [2, -1, -1, -1, 0]] and got.interval == 0.5


@pytest.mark.parametrize(("step", "decimals"), [(1 / 30, 3), (1 / 30, 4), (1 / 12, 2), (1 / 7, 2), (100 / 3, 0)])
def test_rounded_clocks_are_even(tmp_path: Path, step: float, decimals: int) -> None:
    k = np.array([i for i in range(500) if i % 11 != 5])
    times = np.round(0.4321 + step * k, decimals)
    assert Recording(np.zeros((1, k.size), int), times).interval is None
    for path in (text(tmp_path, series(times)), npz(tmp_path, states=k[None].astype(float), times=times)):
        got = read_recording(path)
        assert np.flatnonzero(got.seen[0]).tolist() == k.tolist()
        # two times, each wrong by half of the last digit at most, set the step
        assert got.interval == pytest.approx(step, abs=10.0**-decimals / k[-1])
        assert np.abs(got.times[k] - times).max() <= 1.001 * 10.0**-decimals


def test_ever_longer_gaps_of_a_rounded_clock(tmp_path: Path) -> None:
    k = [0, 1, 3, 7, 15, 30, 60]
    got = read_recording(text(tmp_path, series(np.round(np.array(k) / 1.5, 1))))
    assert np.flatnonzero(got.seen[0]).tolist() == k and got.interval == pytest.approx(2 / 3)


def test_times_of_single_precision_are_even(tmp_path: Path) -> None:
    times = (np.arange(3000) / 30).astype(np.float32)
    for path in (
        npz(tmp_path, states=np.zeros((2, 3000)), times=times),
        npz(tmp_path, states=np.zeros((2, 3000)), times=times.astype(float)),
        text(tmp_path, series(times)),
    ):
        assert read_recording(path).interval == pytest.approx(1 / 30, rel=1e-6)


@pytest.mark.parametrize(
    "times",
    [
        [0.0, 7.0, 13.0, 21.0, 28.0, 35.0, 42.0],
        [0.0, 2.0, 5.0, 7.0],
        [0.0, 0.03, 0.07, 0.1, 0.13],
        [0.0, 0.17, 0.33, 0.5],
        [0.0, 1.0, 100.0],
        np.cumsum(np.random.default_rng(3).exponential(1.0, 20)),
        np.round(np.cumsum(np.random.default_rng(3).exponential(1.0, 20)), 3),
        [-1e308, 0.0, 1e308],
        [0.0, 5e-324, 1.0],
    ],
)
def test_uneven_times_stay(tmp_path: Path, times: Any) -> None:
    got = read_recording(npz(tmp_path, states=np.zeros((1, len(times))), times=times))
    assert got.times.tolist() == list(times)


def test_a_grid_that_takes_too_much_is_left_uneven(tmp_path: Path) -> None:
    path = npz(tmp_path, states=np.zeros((100, 3)), times=[0.0, 1.0, 50.0])
    assert read_recording(path).times.size == 51
    assert read_recording(path, max_bytes=100 * 8 * 50).interval is None


# states or coordinates


@pytest.mark.parametrize(
    ("header", "discrete"), [("state", True), ("State", True), ("STATES ", True), ("level", False), ("pixels", False)]
)
def test_one_column_called_state_is_discrete(tmp_path: Path, header: str, discrete: bool) -> None:
    path = text(tmp_path, f"time,{header}\n0,1\n1,NA\n2,0\n")
    got = read_recording(path)
    assert got.discrete == discrete
    assert got.names == (() if discrete else (header,))
    assert read_recording(path, discrete=True).states.tolist() == [[1, -1, 0]]
    np.testing.assert_array_equal(read_recording(path, discrete=False).states[0, :, 0], [1.0, np.nan, 0.0])


@pytest.mark.parametrize("suffix", [".npz", ".nc"])
def test_arrays_of_integers_are_discrete(tmp_path: Path, suffix: str) -> None:
    for states, expected in ((S, True), (S > 0, True), (S.astype(float), False), (S[:, :, None], False)):
        if suffix == ".npz":
            path = npz(tmp_path, states=states, times=TIMES)
        else:
            path = tmp_path / "x.nc"
            dims = ("replica", "time", "coordinate")[: states.ndim]
            xr.Dataset({"states": (dims, states)}, {"time": TIMES}).to_netcdf(path, engine="scipy")
        got = read_recording(path)
        assert got.discrete == expected
        assert not read_recording(path, discrete=False).discrete
    gaps = np.where(S < 0, np.nan, S)
    for states in (S, gaps, gaps[:, :, None], S[:, :, None]):
        got = read_recording(npz(tmp_path, states=states, times=TIMES), discrete=True)
        assert got.states.tolist() == S.tolist()


def test_states_that_are_none(tmp_path: Path) -> None:
    refused(npz(tmp_path, states=X, times=TIMES), "2 columns; one number tells a discrete state", discrete=True)
    refused(npz(tmp_path, states=X[:, :, :1], times=TIMES), "whole numbers", discrete=True)
    refused(npz(tmp_path, states=S, times=TIMES), "must be True, False or None", discrete=1)
    refused(text(tmp_path, "time,a,b\n0,1,1\n1,1,2\n"), r"columns=\['a'\]", discrete=True)
    refused(text(tmp_path, "time,state\n0,1e9\n1,1\n"), "must be 0 .. 1048575", discrete=True)


def test_codes_with_wide_gaps(tmp_path: Path) -> None:
    path = text(tmp_path, "time,state\n0,5\n1,10\n2,1000000\n")
    refused(path, "3 states from 5 to 1000000; states must be numbered without wide gaps")
    assert read_recording(path, discrete=True).n_states == 1000001
    assert not read_recording(path, discrete=False).discrete
    refused(npz(tmp_path, states=S * 500, times=TIMES), "without wide gaps")
    assert read_recording(npz(tmp_path, states=S + 500, times=TIMES)).n_states == 503


# what columns are called


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("trajectory;time;x\na;0,5;1\n", "got ';' between columns; must be commas. Fix: save with commas"),
        ("trajectory\ttime\tx\na\t0\t1\n", r"got '\\t' between columns.*or call it \.tsv"),
        ("time (d),x\n0,1\n", r"'time \(d\), x'; one column must be called time. Fix: rename 'time \(d\)' to time"),
        ("day,x\n0,1\n", "columns 'day, x'.*rename the column of times to time"),
        ("time,Time,x\n0,1,1\n", "only one column may be called time"),
        ("# time,x\n0,1\n", "got '# time, x'.*remove lines and marks that start with #"),
        ("0,1\n1,1\n", "got numbers '0, 1'; a first line must name every column"),
        (",time,x\n0,0,1\n1,1,2\n", "no name for column 1.*index=False"),
        ('time,x\n"0,5",1\n', "got '0,5'; must be a number. Fix: write 0.5, not 0,5"),
        ("time,x\n0,5,1\n", "got 3 columns.*write 0.5, not 0,5"),
        ("time,id,x\n0,1,1\n1,1,2\n", "column 'id'; a column of names is no coordinate. Fix: call the column that"),
        ("time,Cell ID,x\n0,1,1\n1,1,2\n", "column 'Cell ID'; a column of names"),
        ("time,cellID,x\n0,1,1\n1,1,2\n", "column 'cellID'; a column of names"),
        ("time,cell,x\n0,1,1\n1,1,2\n0,2,1\n", "must increase. Fix: call the column that names the trajectories"),
        ("time,cell,x\n0,a,1\n", "'cell': got 'a'.*call the column that names the trajectories trajectory"),
        ("animal_id,synapse_id,time,x\n1,1,0,0\n", "Fix: join them into one column"),
        ("time,caf\xe9\n0,1\n".encode("latin-1"), "not UTF-8 in line 1"),
        (b"time,x\r\n0,1\r\n1,\xe9\r\n", "not UTF-8 in line 3"),
    ],
)
def test_headers_that_say_what_was_found(tmp_path: Path, content: str | bytes, message: str) -> None:
    refused(text(tmp_path, content), message)


def test_commas_in_a_file_of_tabs(tmp_path: Path) -> None:
    refused(text(tmp_path, "time,x\n0,1\n", "x.tsv"), r"got ',' between columns; must be tabs.*or call it \.csv")


def test_names_in_any_case_and_words_that_end_in_id(tmp_path: Path) -> None:
    got = read_recording(text(tmp_path, "Cell_ID, Time ,centroid\n7,0,1\n7,1,NA\n8,0,3\n8,1,4\n"))
    assert got.names == ("centroid",)
    np.testing.assert_array_equal(got.states[:, :, 0], [[1, np.nan], [3, 4]])


def test_columns_choose_the_coordinates(tmp_path: Path) -> None:
    path = text(tmp_path, "cell_id,time,id,y,x,note\na,0,1,2,3,left\na,1,1,5,6,right\n")
    got = read_recording(path, columns=["x", "y"])
    assert got.names == ("x", "y") and got.states.tolist() == [[[3, 2], [6, 5]]]
    assert read_recording(path, columns=("id",), discrete=True).states.tolist() == [[1, 1]]
    for bad in ("x", [], ["x", "x"], ["z"], ["time"], [1], 3):
        refused(path, "columns.*must be a list of names", columns=bad)
    refused(npz(tmp_path, states=S, times=TIMES), "belongs to .csv and .tsv", columns=["x"])


@pytest.mark.parametrize("axes", [(1, 0, 2), (0, 2, 1)])
def test_states_that_look_transposed(tmp_path: Path, axes: tuple[int, ...]) -> None:
    path = npz(tmp_path, states=np.zeros((2, 5, 3)).transpose(axes), times=np.arange(5.0))
    refused(path, rf"these look transposed. Fix: numpy.swapaxes\(states, {axes.index(1)}, 1\)")
    data = xr.Dataset({"states": (("time", "replica"), S.T)}, {"time": TIMES})
    data.to_netcdf(tmp_path / "x.nc", engine="scipy")
    refused(tmp_path / "x.nc", r"save it transposed: data.transpose\('replica', 'time'\)")


# what a Recording is


def test_a_recording_of_a_run_is_what_an_observer_sees() -> None:
    ring = sz.systems.ring([0.0, 0.5, 1.2], 2.0, temperature=1.5)
    run = sz.simulate(ring, "stationary", 5.0, replicas=6, seed=2, record="paths", times=[0.5, 1.5, 4.0])
    got = Recording.from_run(run)
    assert got.jumps is not None and run.paths is not None and len(got.jumps) == run.paths.times.size
    np.testing.assert_array_equal(got.sampled([0.5, 1.5, 4.0]).states, run.states)
    np.testing.assert_array_equal(got.states, np.stack([run.initial, run.final], axis=1))
    np.testing.assert_array_equal(Recording.from_run(RUN).states, RUN.states)
    with pytest.raises(sz.InputError, match="nothing was recorded on the way"):
        Recording.from_run(sz.simulate(ring, "stationary", 1.0, replicas=2, seed=1))
    with pytest.raises(sz.InputError, match="must be the result of"):
        Recording.from_run(ring)
    walk = sz.simulate(sz.systems.tilted_ring(0.5, 1.0), "stationary", 0.1, replicas=2, seed=1, dt=0.05, record="paths")
    assert Recording.from_run(walk).period.tolist() == [2 * np.pi] and Recording.from_run(walk).interval is not None


def test_an_array_of_one_coordinate_needs_no_third_axis() -> None:
    x = np.array([[0.3, np.nan, 0.4], [0.1, 0.2, 0.2]])
    got, as_before = Recording(x, TIMES, period=2.0, names=["size"]), Recording(x[:, :, None], TIMES, period=2.0)
    np.testing.assert_array_equal(got.states, as_before.states)
    assert not got.discrete and got.dim == 1 and got.period.tolist() == [2.0] and x.flags.writeable
    assert Recording([[1, 0, 2]], TIMES).discrete and not Recording([[1.0, 0.0, 2.0]], TIMES).discrete
    for bad in (x[0], x > 0.1, x[None, None], [["0.1", "0.2", "0.3"]]):
        with pytest.raises(sz.InputError, match="must be whole numbers"):
            Recording(bad, TIMES)


def test_the_module_lists_its_public_names() -> None:
    assert dir(sz.data) == sorted(sz.data.__all__)


def test_it_can_be_thinned_and_lumped() -> None:
    got = Recording([[0, 1, -1, 2, 3]], [0.0, 1.0, 2.0, 3.0, 4.0])
    assert got.thinned(2).states.tolist() == [[0, -1, 3]] and got.thinned(2).interval == 2.0
    assert got.lumped([0, 0, 1, 1]).states.tolist() == [[0, 0, -1, 1, 1]]
    z, one = np.zeros(2, int), np.array([1.0, 2.0])
    jumps = Jumps(z, one, np.array([0, 1]), np.array([1, 2]))
    lumped = Recording([[0, 2]], [0.0, 3.0], jumps=jumps).lumped([0, 0, 1])
    assert lumped.jumps is not None and lumped.jumps.time.tolist() == [2.0] and lumped.states.tolist() == [[0, 1]]
    for bad in ([0, 0, 1], [0, 0, -1, 1], [[0, 0, 1, 1]]):
        with pytest.raises(sz.InputError, match="into"):
            got.lumped(bad)
    with pytest.raises(sz.InputError, match="every"):
        got.thinned(5)
    with pytest.raises(sz.InputError, match="only recorded jumps"):
        got.sampled([0.0, 1.0])


@pytest.mark.parametrize(
    ("replica", "time", "source", "target", "message"),
    [
        ([0, 0], [1.0, 2.0], [0, 2], [1, 2], "broken chain"),
        ([0, 0], [1.0, 2.0], [0, 1], [1, 0], "broken chain"),
        ([0, 0], [2.0, 1.0], [0, 1], [1, 2], "must not decrease"),
        ([0, 0], [1.0, 9.0], [0, 1], [1, 2], "must lie within"),
        ([0, 0], [1.0, np.nan], [0, 1], [1, 2], "must lie within"),
        ([1, 0], [1.0, 2.0], [0, 1], [1, 2], "must be ordered"),
        ([0], [1.0, 2.0], [0, 1], [1, 2], "arrays of one length"),
    ],
)
def test_jumps_that_do_not_follow(replica: Any, time: Any, source: Any, target: Any, message: str) -> None:
    with pytest.raises(sz.InputError, match=message):
        Recording([[0, 2]], [0.0, 3.0], jumps=Jumps(replica, time, source, target))
