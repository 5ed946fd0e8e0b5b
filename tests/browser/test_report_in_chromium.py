"""The report opened in a real browser that can reach nothing: it renders, sorts and asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import szilard as sz

pytestmark = pytest.mark.browser

STUDY = """
name = "a <script>document.title='owned'</script> study"
seed = 7
replicas = 200
[task]
patterns = 3
[[grid]]
rule = ["hebbian", "perceptron"]
learning_rate = [0.5, 2.0]
duration = 4.0
"""
OFFLINE = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000",
)  # fmt: skip


def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise AssertionError("make browser needs Chromium: install your system's package, e.g. apt-get install chromium")


def opened(page: Path, scratch: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    command = [browser(), *OFFLINE, f"--user-data-dir={scratch / 'profile'}", *extra, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "study"
    sz.run_study(sz.Study(STUDY), out)
    return sz.write_report(out)


def test_renders_without_a_complaint(page: Path, tmp_path: Path) -> None:
    result = opened(page, tmp_path, "--dump-dom")
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line or "Refused" in line]
    assert console == []
    assert "net::ERR" not in result.stderr
    assert re.findall(r"<title>(.*?)</title>", result.stdout) != ["owned"]
    assert "&lt;script&gt;" in result.stdout
    assert result.stdout.count("<svg") >= 2


def test_draws_on_a_wide_and_a_narrow_screen(page: Path, tmp_path: Path) -> None:
    for width in (1280, 400):
        picture = tmp_path / f"{width}.png"
        opened(page, tmp_path, f"--window-size={width},1600", f"--screenshot={picture}")
        assert picture.stat().st_size > 20_000


def test_numbers_on_the_page_are_those_of_the_store(page: Path, tmp_path: Path) -> None:
    shown = opened(page, tmp_path, "--dump-dom").stdout
    for value in sz.load(page.parent).cost.values:
        assert f'data-v="{float(value)!r}"' in shown
