"""A notebook run from the first cell to the last by a kernel of this interpreter, as a person would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
CELLS = (
    "import szilard as sz",
    """task = sz.tasks.digits(3, 8, patterns=6)
how = {"learning_rate": 1.0, "duration": 4.0, "dt": 0.002, "readout": "sign"}
run = sz.train(task, sz.rules.hebbian, replicas=2000, seed=1, progress=True, **how)""",
    "run",
    "sz.budget(run)",
    "run.second_law()",
    "sz.budget(run).plot();",
    """ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
walk = sz.simulate(ring, "stationary", 10.0, replicas=2000, seed=1, progress=True)
walk.laws()""",
    "walk.plot();",
    """study = sz.Study('''
name = "two rules"
seed = 3
replicas = 200
[task]
patterns = 3
[training]
duration = 1.0
dt = 0.05
[[grid]]
rule = ["hebbian", "perceptron"]
''')
results = sz.run_study(study, "out", threads=1)
study""",
)


def outputs_of_notebook(folder: Path) -> list[list[dict[str, Any]]]:
    """What every cell put out; made in a process of its own, whose event loop and sockets end with it."""
    command = [sys.executable, "-m", "tests.notebook_run", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    found: list[list[dict[str, Any]]] = json.loads((folder / "outputs.json").read_text())
    return found


def run_notebook(folder: Path) -> None:
    """The kernel starts with the folder as its own and needs nothing installed."""
    spec = folder / "kernels" / "here"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
    found = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    code: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**code, "id": f"cell{i}", "source": cell} for i, cell in enumerate(CELLS)]
    file = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook = import_module("nbformat").reads(json.dumps(file), as_version=4)
    kernel = AsyncKernelManager(kernel_name="here", kernel_spec_manager=found)
    NotebookClient(notebook, km=kernel, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    (folder / "outputs.json").write_text(json.dumps([cell.outputs for cell in notebook.cells]))


def pages(outputs: list[list[dict[str, Any]]]) -> list[str]:
    """Every output as HTML, pictures as they come."""
    found = []
    for each in (output.get("data", {}) for cell in outputs for output in cell):
        if "text/html" in each:
            found.append(each["text/html"])
        elif "image/png" in each:
            found.append(f'<img alt="figure" src="data:image/png;base64,{each["image/png"].strip()}">')
    return found


if __name__ == "__main__":
    run_notebook(Path(sys.argv[1]))
