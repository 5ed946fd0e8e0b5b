"""Ask the three questions and put what they answer into the manual: `make answers` (some minutes on two cores)."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from szilard.questions import Question, ask
from szilard.questions.answer_page import part_lines, summary_lines

HERE = Path(__file__).parent


def main(results: Path) -> None:
    """Answers as Markdown in docs/answers, figures in docs/images; finished pieces of work are kept in results."""
    (HERE / "answers").mkdir(exist_ok=True)
    for kind in ("ceiling", "limit", "rules"):
        print(f"asking {kind}", flush=True)
        answer = ask(Question.shipped(kind), results / kind)
        lines = summary_lines(answer)
        for answered in answer.parts:
            name = f"answer_{answered.part.name}.png"
            shutil.copyfile(results / kind / "figures" / f"{answered.part.name}.png", HERE / "images" / name)
            table = f"tables/{answered.part.name}.csv"
            lines += [line for line in part_lines(answered, f"images/{name}", "###") if not line.startswith("|")]
            lines += [f"The table: `{table}` of the answer.", ""]
        text = "\n".join(lines).rstrip("\n") + "\n"
        (HERE / "answers" / f"{kind}.md").write_text(text.replace("\n\n\n", "\n\n"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
