"""The public names: as they were promised, each with one meaning, none loaded before it is used.

After a deliberate change run this file as a script: it writes tests/api.txt anew.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import szilard as sz

SNAPSHOT = Path(__file__).with_name("api.txt")
HEAVY = ("numpy", "scipy", "numba", "xarray", "matplotlib", "zarr", "pydantic", "typer", "rich", "networkx")


def arguments(thing: Any) -> str:
    """The signature, annotations as they are written."""
    parts, starred = [], False
    for p in inspect.signature(thing).parameters.values():
        if p.kind is p.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        note = p.annotation if isinstance(p.annotation, str) else getattr(p.annotation, "__name__", "")
        text = p.name + (f": {note}" if p.annotation is not p.empty else "")
        parts.append(text + (f" = {p.default!r}" if p.default is not p.empty else ""))
    return f"({', '.join(parts)})"


def described(name: str, thing: Any) -> list[str]:
    """One line per public name; a class with its public members, a room with what it holds."""
    if isinstance(thing, ModuleType):
        lines = [f"{name}: module"]
        for inner, value in public(thing).items():
            lines += described(f"{name}.{inner}", value)
        return lines
    if inspect.isclass(thing):
        lines = [f"{name}{arguments(thing)}" if not issubclass(thing, Exception) else f"{name}: exception"]
        for inner, value in sorted(vars(thing).items()):
            if not inner.startswith("_"):
                function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
                lines.append(f"{name}.{inner}{arguments(function) if inspect.isfunction(function) else ''}")
        return lines
    if callable(thing):
        return [f"{name}{arguments(thing)}"]
    return [f"{name}: {type(thing).__name__}"]


def public(room: ModuleType) -> dict[str, Any]:
    """What a room defines or collects from its own package: no imported library, no helper's import."""
    names = getattr(room, "__all__", None) or [n for n in vars(room) if not n.startswith("_")]
    own = {}
    for name in sorted(names):
        value = getattr(room, name)
        home = str(getattr(value, "__module__", None) or type(value).__module__)
        package = hasattr(room, "__path__")
        if not isinstance(value, ModuleType) and (home == room.__name__ or (package and home.startswith("szilard"))):
            own[name] = value
        elif not callable(value) and type(value).__module__.startswith("szilard"):
            own[name] = value
    return own


def snapshot() -> str:
    lines: list[str] = []
    for name in sorted(sz.__all__):
        lines += described(name, getattr(sz, name))
    return "\n".join(lines) + "\n"


def test_public_names_and_signatures_are_those_promised() -> None:
    assert snapshot() == SNAPSHOT.read_text()


def test_catalogue_is_short_and_complete() -> None:
    assert len(sz.__all__) <= 40
    assert len(set(sz.__all__)) == len(sz.__all__)
    assert dir(sz) == sorted(sz.__all__)
    for name in sz.__all__:
        assert getattr(sz, name) is not None
    try:
        sz.nonsense  # noqa: B018
    except AttributeError as error:
        assert "nonsense" in str(error)
    else:
        raise AssertionError("an unknown name must not be found")


def test_no_public_function_has_the_name_of_a_module() -> None:
    """At any level: a name means one thing wherever it is met."""
    modules = {info.name.rsplit(".", 1)[-1] for info in pkgutil.walk_packages(sz.__path__, "szilard.")}
    modules = {name for name in modules if not name.startswith("_")}
    functions = set()
    for name in sz.__all__:
        thing = getattr(sz, name)
        holder = public(thing) if isinstance(thing, ModuleType) else {name: thing}
        functions |= {inner for inner, value in holder.items() if inspect.isfunction(value)}
    assert not functions & modules


def test_every_public_function_is_documented() -> None:
    for line in snapshot().splitlines():
        name = line.split("(")[0].split(":")[0]
        thing: Any = sz
        for part in name.split("."):
            thing = getattr(thing, part, None)
        if callable(thing):
            assert thing.__doc__ and thing.__doc__.strip(), name


def test_every_public_function_and_class_stands_in_the_manual() -> None:
    """Those of ``systems`` by their module."""
    page = (Path(__file__).parents[1] / "docs/api.md").read_text()
    told = set(re.findall(r"^\.\. auto\w+:: szilard\.(?:\w+\.)*(\w+)", page, re.MULTILINE))
    for name in set(sz.__all__) - {"__version__", "systems"}:
        thing = getattr(sz, name)
        assert set(public(thing) if isinstance(thing, ModuleType) else [name]) <= told, name
    assert "systems" in told


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    source = str(Path(sz.__file__).parents[1])
    text = f"import sys; sys.path.insert(0, {source!r}); {code}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy() -> None:
    loaded = fresh("import szilard; print(*sys.modules)").split()
    assert "szilard" in loaded
    assert not [name for name in HEAVY if name in loaded]


def test_every_room_can_be_imported_first() -> None:
    """No import depends on the order of those before it."""
    names = [info.name for info in pkgutil.walk_packages(sz.__path__, "szilard.") if not info.name.endswith("__main__")]
    assert len(names) > 30
    for name in names:
        import_module(name)
    rooms = ("learning.training", "study", "reporting", "information", "laws", "theory", "data", "estimate")
    for room in rooms:
        assert fresh(f"import szilard.{room}; print('done')") == "done"


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot())
