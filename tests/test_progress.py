"""Bars while something long runs: told what is done, gone at the end, silent where nobody looks, no bit changed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import szilard as sz
from szilard import progress
from szilard.progress import counted, on_terminal, told

from .study.tiny import MICRO


class Shown:
    """IPython's display, which keeps what was shown in one place."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, str]] = []

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Shown:
        assert raw and display_id and self.bundles == []
        self.bundles.append(bundle)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.bundles.append(bundle)

    @property
    def last(self) -> str:
        return self.bundles[-1]["text/html"]


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """As if a kernel ran this; every share is shown."""
    shown = Shown()
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr(progress, "import_module", lambda name: shown)
    monkeypatch.setattr(progress, "BETWEEN", 0.0)
    return shown


def test_a_function_is_told_and_nothing_shows(capfd: pytest.CaptureFixture[str]) -> None:
    shares: list[float] = []
    with told(shares.append, "x") as tell:
        tell(0.25)
    for silent in (None, False, True):  # True: neither a notebook nor a terminal here
        with told(silent, "x") as tell:
            tell(0.5)
    seen: list[tuple[int, int, float]] = []
    with counted(lambda *what: seen.append(what), "x", "runs") as watch:
        watch(1, 4, 0.3)
    assert shares == [0.25] and seen == [(1, 4, 0.3)]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("bad", [3, "yes", 0.5])
def test_anything_else_is_refused(bad: Any, tmp_path: Path) -> None:
    with pytest.raises(sz.InputError, match="progress: got .* must be True or a function"):
        sz.simulate(sz.systems.two_level(0.0), 0, 1.0, replicas=2, seed=1, progress=bad)
    with pytest.raises(sz.InputError, match="progress"):
        sz.train(sz.tasks.random_labels(2, 1, seed=1), sz.rules.hebbian, learning_rate=1.0, duration=0.1, replicas=2,
                 seed=1, progress=bad)  # fmt: skip
    with pytest.raises(sz.InputError, match="watch: got .* must be True, False or a function"):
        sz.run_study(sz.Study(MICRO), tmp_path / "out", threads=1, watch=bad)


def shares_shown(shown: Shown) -> list[float]:
    """The values of the bars, in order."""
    bars = [b["text/html"] for b in shown.bundles if "<progress" in b["text/html"]]
    return [float(html.split('value="')[1].split('"')[0]) for html in bars]


def test_a_cell_shows_a_bar_that_becomes_a_line(cell: Shown) -> None:
    with told(True, "train <x>") as tell:
        for share in (0.1, 0.5, 1.0):
            tell(share)
    assert shares_shown(cell) == [0.0, 0.1, 0.5, 1.0]
    assert "50 %" in cell.bundles[2]["text/html"] and 'aria-label="train &lt;x&gt;"' in cell.bundles[2]["text/html"]
    assert cell.bundles[2]["text/plain"] == "train <x>: 50 %"
    assert cell.last == "<div>train &lt;x&gt;: done in 1 s</div>"


def test_the_time_left_counts_from_what_was_done_before(cell: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resumed at 0.4; 0.2 more take 10 s, so that the other 0.4 take 20 s."""
    now = [100.0]
    monkeypatch.setattr("szilard.progress.time.monotonic", lambda: now[0])
    with counted(True, "study", "runs") as watch:
        watch(4, 10, 0.4)
        assert "left" not in cell.last
        now[0] = 110.0
        watch(6, 10, 0.6)
        assert "6/10 runs, 20 s left" in cell.last
    assert cell.last == "<div>study: 6/10 runs, done in 10 s</div>"


def test_an_interruption_leaves_no_half_bar(cell: Shown) -> None:
    def stop(share: float) -> None:
        tell(share)
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), told(True, "train") as tell:
        for k in range(10):
            stop(0.1 * k)
    assert cell.last.startswith("<div>train: stopped at 50 % after ") and "<progress" not in cell.last


def test_many_threads_tell_at_once_and_few_bars_are_drawn(cell: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BETWEEN", 0.2)
    started = time.monotonic()
    with told(True, "train") as tell:

        def work() -> None:
            for k in range(20_000):
                tell(k / 20_000)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    took = time.monotonic() - started
    assert len(cell.bundles) <= 2 + took / 0.2


def runs() -> dict[str, Callable[[Any], list[Any]]]:
    """Everything that takes progress, quickly, as the arrays that come out."""
    ring, trap = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0), sz.systems.rotating_trap(1.3, 0.7)
    machine = sz.networks.rbm([[1.0, 2.0], [-1.0, 0.5]], temperature=2.0)
    path = sz.networks.straight_path(machine.without_weights(), machine, 6)
    task = sz.tasks.random_labels(3, 2, seed=1)
    jump = sz.simulate(ring, "stationary", 1.0, replicas=40, seed=1)
    walk = sz.simulate(trap, "stationary", 0.4, replicas=40, seed=1, dt=0.1)

    def importance(p: Any) -> list[Any]:
        found = sz.networks.annealed_importance(machine, steps=6, replicas=40, seed=1, reverse=True, progress=p)
        return [found.forward.work, found.reverse.work if found.reverse else None]

    def trained(p: Any) -> list[Any]:
        run = sz.train(task, sz.rules.perceptron, learning_rate=1.5, duration=1.0, replicas=70, seed=3, temperature=0.7,
                       stiffness=1.3, mobility=0.8, progress=p)  # fmt: skip
        return [run.weights, run.ledger.heat]

    def machine_trained(p: Any) -> list[Any]:
        data = [[1, 1, 0], [0, 0, 1]] * 4
        return [sz.networks.train_rbm(data, hidden=2, learning_rate=0.5, updates=6, seed=1, progress=p).machine.weights]

    return {
        "train": trained,
        "jumps": lambda p: [sz.simulate(ring, 0, 1.0, replicas=40, seed=2, record="paths", progress=p).final],
        "walk": lambda p: [sz.simulate(trap, [0.3, 0.1], 0.4, replicas=40, seed=2, dt=0.1, progress=p).final],
        "jumps backward": lambda p: [jump.backward(progress=p).entropy_production],
        "walk backward": lambda p: [walk.backward(progress=p).entropy_production],
        "gibbs": lambda p: [sz.networks.gibbs_sweeps(machine, sweeps=4, replicas=40, seed=1, progress=p).visible],
        "anneal": lambda p: [sz.networks.anneal(path, replicas=40, seed=1, progress=p).work],
        "importance": importance,
        "importance, one way": lambda p: [
            sz.networks.annealed_importance(machine, steps=6, replicas=40, seed=1, progress=p).forward.work
        ],
        "rbm": machine_trained,
    }


@pytest.mark.parametrize("name", list(runs()))
def test_no_bit_depends_on_a_bar(name: str, cell: Shown) -> None:
    run, shares = runs()[name], list[float]()
    silent, drawn, watched = run(None), run(True), run(shares.append)
    for a, b, c in zip(silent, drawn, watched, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a, c)
    assert shares[-1] == pytest.approx(1.0, rel=1e-12) and shares == sorted(shares)
    assert "done in" in cell.last and shares_shown(cell)[-1] == 1.0


def test_a_study_shows_a_bar_where_somebody_sits(cell: Shown, tmp_path: Path) -> None:
    results = sz.run_study(sz.Study(MICRO), tmp_path / "bar", threads=1)
    assert cell.last.startswith("<div>micro: 2/2 runs, done in")
    assert any(0.0 < share < 1.0 for share in shares_shown(cell))
    shown = len(cell.bundles)
    silent = sz.run_study(sz.Study(MICRO), tmp_path / "silent", threads=1, watch=False)
    assert len(cell.bundles) == shown
    for name in ("heat", "cost", "learned"):
        assert np.array_equal(results[name], silent[name])


def test_at_hand_is_the_prompt_and_no_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "ps1", raising=False)
    assert not progress.at_hand()
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert progress.at_hand()


def test_a_terminal_shows_a_bar_and_forgets_it() -> None:
    page = StringIO()
    console = Console(file=page, force_terminal=True, width=70, color_system=None)
    with on_terminal("train [bold]", console) as tell:
        tell(0.5, "3/6 runs")
        time.sleep(0.3)
    text = page.getvalue()
    assert "train [bold]" in text and "3/6 runs, left" in text and "━" in text
    assert text.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")  # the cursor is back, the line is empty


SCRIPT = """
import sys
import szilard as sz
def stop(share):
    if share > 0.3 and "stop" in sys.argv:
        raise KeyboardInterrupt
rule = sz.rules.hebbian
sz.rules.hebbian.kernel
try:
    with sz.progress.told(True, "outer bar") as tell:
        run = sz.train(sz.tasks.random_labels(3, 2, seed=1), rule, learning_rate=1.0, duration=5.0, replicas=50, seed=1,
                       progress=lambda share: (tell(share), stop(share)))
    print(f"{run.weights.sum():.17g}")
except KeyboardInterrupt:
    print("interrupted")
"""


def on_a_terminal(*arguments: str) -> tuple[str, str]:
    """stdout, and what a terminal at stderr gets."""
    master, slave = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-c", "import szilard.progress\n" + SCRIPT, *arguments],
            stdout=subprocess.PIPE, stderr=slave, text=True, env=os.environ | {"TERM": "xterm"},
        ) as process:  # fmt: skip
            os.close(slave)
            said = b""
            while True:
                try:
                    some = os.read(master, 4096)
                except OSError:  # the terminal is closed when the last writer is gone
                    break
                if not some:
                    break
                said += some
            assert process.stdout is not None
            out = process.stdout.read()
        assert process.returncode == 0
        return out, said.decode()
    finally:
        os.close(master)


def test_a_bar_is_drawn_on_stderr_alone_and_survives_an_interruption() -> None:
    out, said = on_a_terminal()
    stopped, left = on_a_terminal("stop")
    plain = subprocess.run(
        [sys.executable, "-c", "import szilard.progress\n" + SCRIPT], capture_output=True, text=True, check=True
    )
    assert out == plain.stdout and plain.stderr == ""  # in a pipe: the same bits and no bar
    assert stopped == "interrupted\n"
    for text in (said, left):
        assert "outer bar" in text
        assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l") and text.endswith("\x1b[2K")
