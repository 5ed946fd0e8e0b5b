"""The benchmark's own measures are right, and it does without what cannot be had."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

import szilard as sz
from benchmarks import copies, cores, driven, euler, learning, linear, lockstep, master, memory, page, peer, run, sweep
from benchmarks.networks import Network, dense, ring
from benchmarks.table import Absent, Agreement, Block, Curve, Level, Speed, fastest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("process", [ring(2), ring(5), dense(4)], ids=["two baths", "ring", "dense"])
def test_lockstep_in_numpy_books_the_exact_entropy_production(process: sz.JumpProcess) -> None:
    network = Network.of(process)
    (heat, work, flow), jumps = lockstep.in_numpy(network, 4000, 30.0 / network.activity, seed=1)
    assert abs(network.excess(30.0 / network.activity, flow)) < 4.0
    assert jumps.mean() == pytest.approx(30.0, abs=4.0 * jumps.std() / np.sqrt(jumps.size))
    assert np.ptp(heat - work) <= 2.0 * np.ptp(process.energies()) + 1e-9  # dE = W - Q is bounded
    if process.temperatures.size == 1:
        assert flow == pytest.approx(heat / process.temperatures[0], rel=1e-9, abs=1e-9)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("process", [ring(2), ring(5), dense(4)], ids=["two baths", "ring", "dense"])
def test_bare_loop_books_the_exact_entropy_production(process: sz.JumpProcess) -> None:
    network = Network.of(process)
    _, (time, heat, work, flow) = lockstep.Bare().run(network, blocks=16, jumps=30, seed=1)
    assert abs(network.excess(time, flow)) < 4.0
    assert abs((time - 30.0 / network.activity).mean()) < 4.0 * time.std() / np.sqrt(time.size)
    assert np.ptp(heat - work) <= 2.0 * np.ptp(process.energies()) + 1e-9


def test_a_wrong_flow_is_seen() -> None:
    network = Network.of(ring(5))
    (heat, _, _), _ = lockstep.in_numpy(network, 4000, 30.0 / network.activity, seed=1)
    assert abs(network.excess(30.0 / network.activity, heat)) > 4.0  # heat is not entropy flow where T = 0.8


def test_no_compiler_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -v")
    with pytest.raises(Absent, match="no C compiler"):
        lockstep.compiled(str(tmp_path))


@pytest.mark.parametrize("q", [0.3, 40.0, 2.2 * master.PART])
def test_reference_of_the_master_equation(q: float) -> None:
    problem = master.Problem(master.Case(5, 1.0, (1.0, 0.5), q, 2, 1))
    dense_p = [expm(problem.generator.toarray() * t) @ problem.initial for t in problem.times]
    # scaling and squaring multiplies rounding by about q: 25 states, unit roundoff
    assert np.abs(problem.reference() - np.array(dense_p)).sum() < 25 * 2.3e-16 * max(q, 10.0)
    assert problem.szilard() > 0.0 and problem.scipy() > 0.0
    assert np.abs(problem.answers["szilard"] - problem.reference()).sum() < master.LIMIT


def test_moving_rates_have_the_known_answer() -> None:
    p, jumps = driven.exact()
    assert p == pytest.approx([0.29788, 0.16495, 0.06135], abs=5e-6)
    process = sz.JumpProcess(lambda gap: [0.0, gap], sz.Channel([[0.0, 1.0], [1.0, 0.0]]))
    assert jumps == pytest.approx(sz.energetics(process, 0, 3.0, sz.Protocol([0.0, 3.0], [0.0, 3.0])).activity)


def test_jobs_take_turns_and_an_absent_one_is_asked_once() -> None:
    asked: list[str] = []

    def job(name: str, times: list[float]) -> float:
        asked.append(name)
        if not times:
            raise Absent("not here")
        return times.pop(0)

    ours, theirs = [3.0, 1.0, 2.0], [8.0, 9.0, 5.0]
    best = fastest(
        {"szilard": lambda: job("a", ours), "slow": lambda: job("b", theirs), "none": lambda: job("c", [])}, 3
    )
    assert asked == ["a", "b", "c", "a", "b", "a", "b"]
    block = Block("a title")
    block.compare("work", "ms", best, {"slow": 4.0, "none": 2.0}, 1e3)
    assert block.speeds == [
        Speed("work", "slow", 1000.0, 5000.0, "ms", 4.0),
        Speed("work", "none", 1000.0, None, "ms", 2.0, "not here"),
    ]
    assert [s.verdict for s in block.speeds] == ["met", "not measured: not here"]
    assert Speed("work", "slow", 1.0, 3.9, "ms", 4.0).verdict == "NOT MET"


def test_a_peer_that_is_not_there_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peer, "ENVIRONMENT", tmp_path)
    with peer.Peer("rebop") as absent, pytest.raises(Absent, match="could not be set up"):
        absent.ask(n=1)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".made").touch()
    with peer.Peer("rebop") as empty, pytest.raises(Absent, match="ModuleNotFoundError: No module named 'rebop'"):
        empty.ask(n=1)
    assert empty.version == ""


def a_block(z: float = 0.5) -> Block:
    speeds = [Speed("work", "slow", 1.0, 5.0, "ms", 4.0), Speed("work", "fast", 1.0, 0.3, "ms", 0.4)]
    speeds += [Speed("more work", "fast", 2.0, None, "ms", 0.4, "not here"), Speed("more work", "slow", 2.0, 4.0, "ms")]
    levels = [Level("start | stop", 3.0, "s", 2.0), Level("share", 95.0, "%", 90.0, least=True, note="of two")]
    curve = Curve("it", "sizes", "ns", (1.0, 10.0, 100.0), (2.0, 20.0, 200.0))
    answers = [Agreement("szilard", "it", z), Agreement("szilard", "more", 1.0), Agreement("slow", "it", 9.0)]
    return Block("a title", speeds, levels, [curve], answers, ["a note"])


def test_tables_say_what_is_met() -> None:
    speeds, levels, curves, answers = a_block().tables()
    assert speeds == [
        ("what", "szilard", "slow", "fast"),
        ("work", "1 ms", "5 ms, ratio 5 (>= 4: met)", "0.3 ms, ratio 0.3 (>= 0.4: NOT MET)"),
        ("more work", "2 ms", "4 ms, ratio 2", "not measured: not here"),
    ]
    assert levels[1:] == [("start | stop", "3 s", "<= 2 s", "NOT MET"), ("share", "95 %", ">= 90 %", "met, of two")]
    assert curves[1:] == [("it", "sizes: 1 to 100", "2 ns", "200 ns", "+1.00")]
    assert answers[1:] == [
        ("szilard", "2", "1 sigma", "4 sigma", "agrees"),
        ("slow", "1", "9 sigma", "4 sigma", "DOES NOT AGREE 1 times"),
    ]
    assert a_block().jobs == 2 + 2 + 3


def test_slope_is_the_power() -> None:
    x = (2.0, 5.0, 40.0, 300.0)
    assert Curve("", "", "", x, tuple(3.0 * point**-1.7 for point in x)).slope == pytest.approx(-1.7, abs=1e-12)


def test_a_block_comes_back_from_its_file(tmp_path: Path) -> None:
    run.keep(tmp_path / "speed.json", {"start": a_block().as_dict()}, {"jumps": a_block(1.0).as_dict()})
    found = run.read(tmp_path / "speed.json")
    assert list(found) == ["jumps", "start"]
    assert Block.from_dict(found["start"]) == a_block()
    assert Block.from_dict(found["jumps"]) == a_block(1.0)
    assert run.read(tmp_path / "none.json") == {}


@pytest.mark.parametrize(("z", "code"), [(3.9, 0), (-4.1, 1), (float("nan"), 1)])
def test_a_wrong_answer_of_ours_fails_the_run(
    z: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "import_module", lambda name: SimpleNamespace(measure=lambda: a_block(z)))
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(run, "pin", lambda: "pinned")
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", ["run", "start"])
    assert run.main() == code
    out = capsys.readouterr().out
    assert out.count("DOES NOT AGREE 1 times") == 1 + code
    assert out.count("szilard: it: z") == code
    assert set(run.read(tmp_path / "results.json")["start"]["circumstances"]) >= {"processor", "date", "load"}


def test_the_page_is_made_from_the_file() -> None:
    saved = run.read(run.SAVED)
    assert set(saved) <= set(run.BLOCKS)
    assert page.PAGE.read_text(encoding="utf-8") == page.written(saved)
    assert page.FIGURE.exists()
    assert not [name for name, found in saved.items() if Block.from_dict(found).wrong]


def test_the_page_says_when_and_what_was_missed() -> None:
    seen = run.circumstances() | {"processor": "a | processor", "date": "2026-01-01 00:00 UTC", "load": 1.7}
    text = page.written({"start": a_block(5.0).as_dict() | {"circumstances": seen}})
    assert "2026-01-01 00:00 UTC | 1.7 |" in text
    assert "ratio 0.3 (>= 0.4: **NOT MET**)" in text
    assert "start \\| stop" in text
    assert "| szilard | 2 | 5 sigma | 4 sigma | **DOES NOT AGREE** 1 times |" in text
    assert "a note" in text


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot be pinned here")
def test_one_core_and_all_of_them() -> None:
    before = os.sched_getaffinity(0)
    try:
        assert cores.pin() == f"pinned to core {max(cores.ALL)}"
        assert os.sched_getaffinity(0) == {max(cores.ALL)}
        with cores.every_core() as count:
            assert os.sched_getaffinity(0) == cores.ALL
            assert count == len(cores.ALL)
        assert os.sched_getaffinity(0) == {max(cores.ALL)}
    finally:
        os.sched_setaffinity(0, before)


def test_learning_in_numpy_pays_the_exact_heat() -> None:
    task = sz.tasks.random_labels(6, 4, seed=3)
    steps = 40
    for mode, rate in (("batch", 1.0), ("online", 1.0 / (learning.SUBSTEPS * learning.DT))):
        shown = task if mode == "batch" else sz.tasks.random_labels(6, 1, seed=3)
        job = learning.Numpy(shown, "hebbian", mode, 20000, steps)
        job()
        # <Q> = sum over weights of <f^2> (1 - e^{-2t})/2, and sum <f^2> = rate^2 P as |x|^2 = 1
        exact = 0.5 * rate**2 * shown.n_patterns * -np.expm1(-2.0 * steps * learning.DT)
        assert job.heat.mean() == pytest.approx(exact, abs=4.0 * job.heat.std() / np.sqrt(job.heat.size))
        assert job.heat.std() / np.sqrt(job.heat.size) < 0.05 * exact


@pytest.mark.parametrize("rule", [sz.rules.hebbian, sz.rules.perceptron, sz.rules.adatron], ids=lambda r: r.name)
@pytest.mark.parametrize("mode", ["batch", "online"])
def test_learning_in_numpy_is_the_same_job(rule: sz.Rule, mode: str) -> None:
    task = sz.tasks.random_labels(6, 3, seed=2)
    theirs = learning.Numpy(task, rule.name, mode, 8000, 64)
    ours = learning.Szilard(task, rule, mode, 8000, 64, None)
    theirs()
    ours()
    assert abs(learning.difference(ours.heat, theirs.heat)) < 4.0


def test_plain_sampling_finds_the_cost_and_its_own_bias() -> None:
    train: Any = {"learning_rate": 2.0, "duration": 3.0, "replicas": 4000, "seed": 1}
    task = sz.tasks.random_labels(8, 3, seed=2)
    run_of = sz.train(task, sz.rules.adatron, **train)
    reading = euler.plain(run_of.settings, 4000, 600, seed=2)
    learned, cost = run_of.information, run_of.cost
    errors = cost.stderr / cost.value, run_of.efficiency_marginal.stderr / run_of.efficiency_marginal.value
    for off, error in zip(reading.off(learned.value, cost.value), errors, strict=True):
        assert off.stderr < 0.1
        assert abs(off.value) < 4.0 * np.hypot(off.stderr, error)
    doubled = reading.off(2.0 * learned.value, cost.value)
    assert doubled[1].value == pytest.approx(
        reading.learned.value / (2.0 * learned.value) - reading.cost.value / cost.value
    )
    coarse, fine = euler.coupled(run_of.settings, 4000, 300, seed=2)
    alone = coarse.cost.estimate()
    assert (
        coarse.beside(fine)[0].stderr < 0.3 * np.sqrt(2.0) * alone.stderr / alone.value
    )  # the noise they share is gone
    rough, smooth = euler.coupled(run_of.settings, 4000, 12, seed=2)  # dt = 1/4
    assert abs(rough.beside(smooth)[0].value) > 4.0 * rough.beside(smooth)[0].stderr


def test_linear_jobs_have_the_exact_heat() -> None:
    system = linear.Chain(3)
    system.replicas = 3000
    for job in (linear.Szilard(system), linear.Numpy(system)):
        job()
        error = job.heat.std(ddof=1) / np.sqrt(3000)
        assert error < 0.05 * system.heat
        assert job.heat.mean() == pytest.approx(system.heat, abs=4.0 * error)
    peer_of = linear.Asked(system, lambda: {"seconds": 3.0, "mean": system.mean.sum() + 1.0, "stderr": 0.5})
    assert peer_of() == pytest.approx(3.0 / (3 * 3000 * linear.STEPS))
    assert peer_of.z == pytest.approx(2.0)


def test_copy_numbers_are_held_against_poisson() -> None:
    asked: list[dict[str, Any]] = []

    def ask(**request: Any) -> dict[str, Any]:
        asked.append(request)
        return {"seconds": 2.0, "visits": [2.25 * copies.LOOKS], "upper": [2.0] * copies.LOOKS}

    fake: Any = SimpleNamespace(ask=ask)
    network, text = (copies.Solver(name, fake, 6.0, 3.0) for name in ("rebop", "libRoadRunner"))
    assert network() == pytest.approx(2.0 / copies.ASKED["rebop"])
    assert asked[0]["duration"] == pytest.approx(copies.ASKED["rebop"] / 12.0)  # six come and six go in unit time
    assert asked[0]["reactions"] == [(None, 0, 6.0), (0, None, 3.0)]
    assert network.z() == pytest.approx(0.25 / np.sqrt(2.0 / copies.LOOKS))
    assert text.z() == 0.0


def test_peak_memory_is_that_of_the_job() -> None:
    less, more = (memory.peak(f"import sys\nheld = bytearray({mib} * 2**20)") for mib in (1, 65))
    assert (more - less) / memory.MIB == pytest.approx(64.0, abs=1.0)  # pages, and what the allocator rounds to


def test_sweeps_have_as_many_runs_as_asked() -> None:
    assert [len(study.cells) for study in (sweep.tiny(100), sweep.long(8))] == [100, 8]


def test_peers_are_pinned_and_are_no_part_of_the_package() -> None:
    asked = re.findall(r"^(\w\S*)", (ROOT / "benchmarks/peers/requirements.in").read_text(), re.MULTILINE)
    lock = (ROOT / "requirements-peers.lock").read_text()
    ours = (ROOT / "requirements-dev.lock").read_text() + (ROOT / "pyproject.toml").read_text()
    assert len(asked) == 7
    for name in asked:
        assert re.search(rf"^{name}==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE), name
        assert not re.search(rf'^[\s"]*{name}\b', ours, re.MULTILINE), name
    assert not re.search(r"://|--(index|extra|find)", lock)
    modules = {"libroadrunner": "roadrunner"}
    imported = re.compile(rf"^\s*(import|from) ({'|'.join(modules.get(n, n) for n in asked)})\b", re.MULTILINE)
    assert not [str(path) for path in (ROOT / "src").rglob("*.py") if imported.search(path.read_text())]
