"""Answer a question: compute every piece that is not there yet, keep it, and write what they say."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..errors import InputError
from ..progress import Watch, counted
from ..sealed import locked, unwritable, write_atomically
from ..study.strict import parse_toml, read_text
from .answer import Answer, Answered
from .catalogue import TITLES
from .kept import key_of, read_piece, write_piece
from .part import Part, Piece, Record
from .question_file import Question
from .writing import write_answer


def ask(
    question: Question, out: str | Path, *, threads: int | None = None, watch: Watch | bool | None = None
) -> Answer:
    """Answer = conclude(pieces), part by part: table, figures, store and a paragraph, all written to ``out``.

    Every piece is kept as soon as it is finished and is not computed again, neither after an interruption nor after
    a change of the file that does not concern it. The numbers do not depend on threads, order or interruptions.
    watch(finished pieces, all pieces, share of all the work) is called now and then; True, False and None as in
    ``run_study``.
    Raises InputError for a directory that holds something else or cannot be written.
    """
    path = Path(out)
    with locked(path, "answer", own=("question.toml",)):
        _claim(question, path)
        pieces = [
            (key_of(part.name, piece, question.seed), part, piece) for part in question.parts for piece in part.pieces
        ]
        records = {key: found for key, _, _ in pieces if (found := read_piece(path, key)) is not None}
        total = sum(piece.effort for _, _, piece in pieces)
        spent = sum(piece.effort for key, _, piece in pieces if key in records)
        with counted(watch, question.name, "pieces") as tell:
            for key, part, piece in pieces:
                tell(len(records), len(pieces), spent / total)
                if key not in records:
                    records[key] = _computed(path, key, part, piece, threads)
                    spent += piece.effort
            tell(len(pieces), len(pieces), 1.0)
        answered = tuple(
            Answered(part, part.conclude([records[key] for key, of, _ in pieces if of is part]))
            for part in question.parts
        )
        answer = Answer(
            TITLES[question.kind], question.name, question.kind, question.seed, question.file.time_step,
            question.quick, answered,
        )  # fmt: skip
        write_answer(answer, path)
    return answer


def seed_of(key: str) -> int:
    """The seed of a piece's simulations: 31 bits of its name's hash."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") >> 1


def _computed(path: Path, key: str, part: Part, piece: Piece, threads: int | None) -> Record:
    """The piece's numbers as they are kept, so that an answer never depends on whether they were."""
    try:
        numbers = piece.work(seed_of(key), threads)
    except InputError as error:
        raise InputError(f"{part.name}.{error.field}", error.got, error.rule, error.fix) from None
    except ArithmeticError as error:
        got = ", ".join(f"{name} = {value}" for name, value in piece.coordinates.items())
        rule = f"is beyond what floating point holds ({error})"
        raise InputError(part.name, got, rule, "take less extreme numbers") from None
    write_piece(path, key, piece, numbers)
    record = read_piece(path, key)
    if record is None:
        raise InputError("out", str(path), "does not keep what is written to it", "name another directory")
    return record


def _claim(question: Question, path: Path) -> None:
    """Put the question's file into the directory; another question's is never written over."""
    mine = path / "question.toml"
    try:
        if mine.exists() and parse_toml(read_text(mine)).get("question") != question.kind:
            rule = "holds the answer to another question"
            raise InputError("out", str(path), rule, "name another directory")
        write_atomically(mine, question.text)
    except OSError as error:
        raise unwritable(path, error) from None
