"""Speed on this machine as ratios measured in one run, beside peers, and whether the answers agree.

Times are processor seconds of one thread on one core, the smallest of several runs that take turns with the peer's;
ratio is the peer's time over szilard's. Peers live in an environment of their own, .venv-peers; one that cannot be had
is reported and left out. Exit code 1: an answer of szilard's is wrong. Run: make bench, or
python -m benchmarks.run --help
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .cores import pin

BLOCKS = (
    "jumps", "copies", "driven", "master", "steady", "learning", "diffusion", "linear", "precision", "sweep", "start",
    "memory", "growth",
)  # fmt: skip
HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
SAVED = HERE.parent / "docs" / "speed.json"
"""What the page of the manual is made from; kept with the sources."""
BUSY = 0.3


def circumstances() -> dict[str, Any]:
    """Processor, versions, date, and what else this machine was doing."""
    names = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in ("numpy", "numba")},
        "szilard": version("szilard"),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load": round(os.getloadavg()[0], 1),
    }


def told(found: dict[str, Any]) -> str:
    """The same in words, and a warning where other programs are at work."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    line = f"{found['processor']}, {found['cores']} cores, {versions}"
    if found["load"] > BUSY * found["cores"]:
        line += f"\nOTHER PROGRAMS ARE AT WORK (load {found['load']}): read the ratios, and those with care"
    return line


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def main() -> int:
    about, usage = (__doc__ or "").split("\n\n", 1)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=about, epilog=usage)
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help=f"{', '.join(BLOCKS)}; all if none is named")
    parser.add_argument("--large", action="store_true", help="a master equation of a million states too")
    parser.add_argument("--save", action="store_true", help=f"put these blocks into {SAVED.name} and remake the page")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.blocks if name not in BLOCKS]
    if unknown:
        parser.error(f"no block {unknown[0]!r}: choose from {', '.join(BLOCKS)}")
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    print(told(circumstances()))
    print(pin())
    found, wrong, started = {}, False, time.monotonic()
    for name in chosen.blocks or BLOCKS:
        keywords = {"large": True} if name == "master" and chosen.large else {}
        begun, seen = time.monotonic(), circumstances()
        block = import_module(f"benchmarks.{name}").measure(**keywords)
        block.show()
        took = time.monotonic() - begun
        print(f"  ({took:.0f} s)")
        found[name] = block.as_dict() | {"circumstances": seen, "took": round(took)}
        wrong = wrong or block.wrong
        keep(RESULTS, found)  # as soon as it is there: the next block may be interrupted
        if chosen.save:
            keep(SAVED, found, read(SAVED))
    print(f"\n{time.monotonic() - started:.0f} s in all; numbers in {RESULTS}")
    if chosen.save:
        import_module("benchmarks.page").main()
    return int(wrong)


def read(path: Path) -> dict[str, Any]:
    """The blocks that a file holds; none if there is no such file."""
    return dict(json.loads(path.read_text(encoding="utf-8"))["blocks"]) if path.exists() else {}


def keep(path: Path, found: dict[str, Any], others: dict[str, Any] | None = None) -> None:
    """Write blocks, in their usual order, beside others measured before; each says when it was."""
    both = (others or {}) | found
    blocks = {name: both[name] for name in sorted(both, key=BLOCKS.index)}
    path.write_text(json.dumps({"blocks": blocks}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
