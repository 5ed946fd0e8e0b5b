"""What a user installs: the wheel holds all that is needed, and works away from this tree."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import szilard as sz
from szilard.study import Study, run_study
from tests.study.tiny import MICRO, changed, digest

ROOT = Path(__file__).parents[1]
ONE = changed(
    MICRO,
    ('["hebbian", "adatron"]', '"hebbian"'),
    ('source = "random"\ninputs = 2\n', 'source = "digits"\n'),
)
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="needs the source tree")


def called(*command: object, **keywords: Any) -> str:
    """What a command prints; the test fails with all of it if the command does."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=300, env=env, **keywords
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the tree with what is installed, no index asked."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-index", "--no-deps"]
    called(*pip, "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of programs of an environment of its own, with the libraries of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / "bin"
    paths = {"base": str(folder), "platbase": str(folder)}
    (Path(sysconfig.get_path("purelib", "venv", paths)) / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", programs / "python"]
    called(*pip, "install", "--no-index", "--no-deps", "--ignore-installed", "--no-warn-script-location", wheel)
    return programs


def test_what_the_wheel_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    source = ROOT / "src"
    kept = [p for p in source.rglob("*") if p.is_file() and p.suffix != ".pyc" and ".egg-info" not in str(p)]
    for path in kept:
        name = path.relative_to(source).as_posix()
        assert held.pop(name, None) == path.read_bytes(), name
    for name in ("py.typed", "data/digits.csv.gz", "data/digits.md", "study/templates/grid.toml", "study/digits.toml"):
        assert source / "szilard" / name in kept
    rest = {name.split("/", 1)[1]: data.decode() for name, data in held.items()}
    assert {name.split("/")[0] for name in held} == {f"szilard-{sz.__version__}.dist-info"}
    assert "MIT" in rest["licenses/LICENSE"]
    assert "szilard = szilard.cli:main" in rest["entry_points.txt"]
    assert f"Version: {sz.__version__}\n" in rest["METADATA"]


def test_it_works_away_from_the_tree(installed: Path, tmp_path: Path) -> None:
    """The program and the library, from a directory that is not the tree's, give the numbers they give here."""
    (tmp_path / "study.toml").write_text(ONE)
    said = called(installed / "szilard", "run", "study.toml", "--out", "out", cwd=tmp_path)
    assert "micro: random labels" in said
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    run_study(Study(ONE), tmp_path / "here")
    assert digest(tmp_path / "out") == digest(tmp_path / "here")
    asked = "import json, szilard as sz, szilard.data as d; "
    asked += "print(json.dumps([sz.__file__, sz.__version__, d.digit_images()[0].shape, sz.load('out').sizes['cell']]))"
    place, version, shape, runs = json.loads(called(installed / "python", "-c", asked, cwd=tmp_path))
    assert Path(place).is_relative_to(installed.parent)
    assert (version, shape, runs) == (sz.__version__, [1797, 64], 1)
    called(installed / "szilard", "new", "new.toml", cwd=tmp_path)
    assert (tmp_path / "new.toml").read_bytes() == (
        ROOT / "src" / "szilard" / "study" / "templates" / "grid.toml"
    ).read_bytes()


def test_the_version_is_said_once(installed: Path, tmp_path: Path) -> None:
    asked = "import importlib.metadata as m; print(m.version('szilard'))"
    assert called(installed / "python", "-c", asked, cwd=tmp_path).strip() == sz.__version__


def test_the_lock_names_every_extra_that_a_locked_package_asks_for() -> None:
    """Else pip takes the newest version of what has an extra, finds no hash for it, and refuses the lock."""
    lock = (ROOT / "requirements-dev.lock").read_text()
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[([^]]+)\])?==", lock, re.MULTILINE))
    missing = []
    for name in pins:
        with contextlib.suppress(PackageNotFoundError):
            for asked in map(Requirement, requires(name) or ()):
                wanted = asked.marker is None or asked.marker.evaluate({"extra": ""})
                have = set(pins.get(canonicalize_name(asked.name), "").split(","))
                if wanted and not asked.extras <= have:
                    missing.append(f"{name} asks for {asked}")
    assert not missing
