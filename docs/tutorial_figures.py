"""Draw the figures of the tutorials anew: run the Python blocks of every page and keep the PNG files they save."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main() -> None:
    """One page after another, each in a directory of its own; figures go to docs/images."""
    os.environ["MPLBACKEND"] = "Agg"
    for page in sorted((HERE / "tutorials").glob("*.md")):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            namespace = {"__name__": "__page__"}
            for code in BLOCK.findall(page.read_text(encoding="utf-8")):
                exec(compile(code, str(page), "exec"), namespace)
            for figure in Path(folder).glob("*.png"):
                shutil.copyfile(figure, HERE / "images" / figure.name)
            os.chdir(HERE)


if __name__ == "__main__":
    main()
