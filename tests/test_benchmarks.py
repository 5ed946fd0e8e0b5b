"""The benchmark's own measures are right, and it does without what cannot be had."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import expm

import szilard as sz
from benchmarks import driven, lockstep, master, peer, run
from benchmarks.networks import Network, dense, ring
from benchmarks.table import Absent, Agreement, Block, Speed, fastest

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


@pytest.mark.parametrize(("z", "code"), [(3.9, 0), (-4.1, 1), (float("nan"), 1)])
def test_a_wrong_answer_of_ours_fails_the_run(
    z: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Block("a title", agreements=[Agreement("szilard", "it", z), Agreement("a peer", "it", 9.0)])
    monkeypatch.setattr(run, "import_module", lambda name: SimpleNamespace(measure=lambda: found))
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", ["run", "start"])
    assert run.main() == code
    assert capsys.readouterr().out.count("DOES NOT AGREE") == 1 + code


def test_peers_are_pinned_and_are_no_part_of_the_package() -> None:
    asked = re.findall(r"^(\w\S*)", (ROOT / "benchmarks/peers/requirements.in").read_text(), re.MULTILINE)
    lock = (ROOT / "requirements-peers.lock").read_text()
    ours = (ROOT / "requirements-dev.lock").read_text() + (ROOT / "pyproject.toml").read_text()
    assert len(asked) == 5
    for name in asked:
        assert re.search(rf"^{name}==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE), name
        assert not re.search(rf'^[\s"]*{name}\b', ours, re.MULTILINE), name
    assert not re.search(r"://|--(index|extra|find)", lock)
    modules = {"libroadrunner": "roadrunner"}
    imported = re.compile(rf"^\s*(import|from) ({'|'.join(modules.get(n, n) for n in asked)})\b", re.MULTILINE)
    assert not [str(path) for path in (ROOT / "src").rglob("*.py") if imported.search(path.read_text())]
