"""Speed on this machine as ratios measured in one run, beside peers, and whether the answers agree.

Times are processor seconds of one thread, the smallest of several runs that take turns with the peer's; ratio is the
peer's time over szilard's. Peers live in an environment of their own, .venv-peers; one that cannot be had is reported
and left out. Exit code 1: an answer of szilard's is wrong. Run: make bench, or python -m benchmarks.run --help
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from importlib import import_module
from pathlib import Path

BLOCKS = ("jumps", "driven", "master", "learning", "diffusion", "start")
RESULTS = Path(__file__).with_name("results.json")
BUSY = 0.3


def machine() -> str:
    """The processor, and a warning where other programs are at work."""
    names = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    told = f"{names[0] if names else platform.processor()}, {cores} cores, Python {platform.python_version()}"
    if load > BUSY * cores:
        told += f"\nOTHER PROGRAMS ARE AT WORK (load {load:.1f}): read the ratios, and those with care"
    return told


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
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name} beside this file")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.blocks if name not in BLOCKS]
    if unknown:
        parser.error(f"no block {unknown[0]!r}: choose from {', '.join(BLOCKS)}")
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    print(machine())
    found, wrong, started = {}, False, time.monotonic()
    for name in chosen.blocks or BLOCKS:
        keywords = {"large": True} if name == "master" and chosen.large else {}
        block = import_module(f"benchmarks.{name}").measure(**keywords)
        block.show()
        found[name] = block.as_dict()
        wrong = wrong or any(a.who == "szilard" and not a.right for a in block.agreements)
    print(f"\n{time.monotonic() - started:.0f} s in all")
    if chosen.save:
        RESULTS.write_text(json.dumps({"machine": machine(), "blocks": found}, indent=1) + "\n")
        print(f"written: {RESULTS}")
    return int(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
