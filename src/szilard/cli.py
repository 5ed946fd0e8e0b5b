"""The command line: run a study, report it, verify the library."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="szilard",
    help="What it costs, thermodynamically, for a neural network to learn.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Out = Annotated[Path, typer.Option("--out", "-o", help="Directory for results; made if it is not there.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads (default: all cores). The numbers do not change.")]
ENGINES = ("threads", "local", "slurm")
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table.")]


def _version(asked: bool) -> None:
    if asked:
        from . import __version__

        typer.echo(f"szilard {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What it costs, thermodynamically, for a neural network to learn."""


@app.command()
def run(
    study: Annotated[Path | None, typer.Argument(help="A study file (default: the built-in study).")] = None,
    out: Out = Path("results"),
    threads: Threads = None,
    engine: Annotated[str, typer.Option(help="threads (here), local (worker processes) or slurm (jobs).")] = "threads",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Of engine local (default: one per core) or slurm.")
    ] = None,
    scheduler: Annotated[str | None, typer.Option(help="A Dask cluster that is there: tls://HOST:PORT.")] = None,
    tls_ca: Annotated[Path | None, typer.Option(help="The authority of that cluster's certificates.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="This client's certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="This client's key.")] = None,
    shard: Annotated[
        str | None, typer.Option(help="A share of the runs, for array jobs: 2/7, the second of 7.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try runs again that failed before.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many runs, how much memory and time.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Run a study: table, result store and report. What is finished already is kept and not repeated.

    Several processes may run the same study into one directory, here or on other machines; exit 1 if a run failed.
    """
    from .reporting import write_report
    from .reporting.console import show
    from .reporting.plain_text import printable
    from .study import BUILTIN, Study, run_study
    from .study.status import status_of

    chosen = Study.from_toml(study or BUILTIN)
    console = _console(quiet)
    if dry_run:
        from .study.plan import plan_of

        with console.status("timing a run of each kind"):
            plan = plan_of(chosen, out, threads=threads, shard=shard)
        console.print(repr(plan), markup=False, highlight=False)
        return
    started = time.perf_counter()
    progress = _progress(chosen.name, console)
    try:
        with (
            _cluster(engine, workers, scheduler, (tls_ca, tls_cert, tls_key), out) as where,
            progress as watch,
        ):
            results = run_study(chosen, out, **where, threads=threads, shard=shard, retry=retry, watch=watch)
    except KeyboardInterrupt:
        typer.echo("szilard: interrupted; finished runs are kept, the same command goes on from there", err=True)
        raise typer.Exit(130) from None
    status = status_of(out)
    took = f"in {time.perf_counter() - started:.0f} s"
    if shard is None or not status.left:
        show(results, console)
        page = write_report(out)
        count = (
            f"{status.finished} runs" if status.finished == status.runs else f"{status.finished} of {status.runs} runs"
        )
        kept = f", {progress.before} of them kept from before" if progress.before else ""
        told = f"\n{count}{kept}, {took}; results in {out}, report: {page}"
    else:
        told = f"share {shard} {took}; {status!r}"
    console.print(told, soft_wrap=True, markup=False, highlight=False)
    if status.missed:
        typer.echo(f"szilard: {status.missed} runs missed the error asked for (error_reached is 0)", err=True)
    if status.failed:
        first = printable(status.failed[0].reason)
        typer.echo(f"szilard: {len(status.failed)} of {status.runs} runs failed; the first: {first}", err=True)
        raise typer.Exit(1)


@contextmanager
def _cluster(
    engine: str,
    workers: int | None,
    scheduler: str | None,
    tls: tuple[Path | None, Path | None, Path | None],
    out: Path,
) -> Iterator[dict[str, Any]]:
    """What ``run_study`` is to be told of where the runs are trained."""
    from .errors import InputError

    if engine not in ENGINES:
        raise InputError("engine", engine, f"must be one of {', '.join(ENGINES)}", "name one, or give --scheduler")
    if scheduler is not None:
        if engine != "threads" or workers is not None:
            got = f"--engine {engine}" if workers is None else f"--workers {workers}"
            raise InputError("scheduler", got, "has workers of its own", "give --scheduler alone")
        from .study import connected

        with connected(scheduler, *tls) as client:
            yield {"engine": client}
    elif any(tls):
        raise InputError("tls", "certificates", "are those of a scheduler", "give --scheduler tls://HOST:PORT too")
    elif engine == "slurm":
        if workers is None:
            raise InputError("workers", "none", "--engine slurm needs it", "give --workers 20, the number of jobs")
        from .study import slurm_cluster

        with slurm_cluster(workers, out.resolve().parent) as client:
            yield {"engine": client}
    elif workers is not None and engine != "local":
        raise InputError("workers", workers, "are processes, and --engine threads has one", "give --engine local too")
    else:
        yield {"engine": engine, "workers": workers}


@app.command()
def diff(
    a: Annotated[Path, typer.Argument(help="A study's result directory, or a results.zarr.")],
    b: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Compare two studies run by run, in standard errors; exit 1 if they differ by more than chance can explain.

    That is a difference beyond 5 standard errors, one of all runs together, other bits of the same runs made by the
    same versions, or nothing in common.
    """
    from .reporting.difference_table import show_difference
    from .study import compare_results, load

    found = compare_results(load(a), load(b))
    show_difference(found, _console())
    if found.alarms:
        raise typer.Exit(1)


@app.command()
def status(out: Annotated[Path, typer.Argument(help="A study's result directory.")]) -> None:
    """How far a study is: finished, failed, at work, left; exit 1 if a run failed. Writes nothing."""
    from .reporting.plain_text import printable
    from .study.status import status_of

    found = status_of(out)
    typer.echo(printable(repr(found), lines=True))
    if found.failed:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="ceiling, limit or rules.")],
    study: Annotated[Path | None, typer.Argument(help="A question's file (default: the one that is shipped).")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Directory (default: answer-QUESTION).")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller, as the file's table [quick] says.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31, help="Seed instead of the file's.")] = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Answer one of the three questions: table, figures, store and a paragraph; exit 1 if a law fails unexpectedly.

    ceiling: what sets the maximum cost of learning? limit: is the limit inviolable? rules: what does each algorithm
    contribute? What is finished already is kept and not repeated.
    """
    from .errors import InputError
    from .questions.asking import ask as answered
    from .questions.question_file import Question
    from .questions.telling import tell

    if study is None:
        chosen = Question.shipped(question, quick, seed)
    else:
        chosen = Question.from_toml(study, quick, seed)
        if chosen.kind != question:
            raise InputError("question", question, f"{study} asks {chosen.kind}", f"szilard ask {chosen.kind} {study}")
    where = out or Path(f"answer-{question}")
    console = _console(quiet)
    started = time.perf_counter()
    try:
        with _progress(chosen.name, console, "pieces") as watch:
            answer = answered(chosen, where, threads=threads, watch=watch)
    except KeyboardInterrupt:
        typer.echo("szilard: interrupted; finished pieces are kept, the same command goes on from there", err=True)
        raise typer.Exit(130) from None
    tell(answer, console)
    console.print(f"\nin {time.perf_counter() - started:.0f} s; answer and figures: {where}/answer.md", soft_wrap=True)
    if answer.violated:
        raise typer.Exit(1)


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="The directory of a study, of a recorded training or of an answer.")],
) -> None:
    """Write the report of a study, of a training run that was recorded, or of an answer, and print its table."""
    if (out / "answer.zarr").is_dir():
        from .questions.answer_report import write_answer_report

        typer.echo(f"report: {write_answer_report(out)}")
        return
    from .infer.training_store import holds_training
    from .reporting import write_report
    from .reporting.console import show
    from .study import load

    if holds_training(out):
        from .infer import training_ledger
        from .reporting.training_console import show_training

        show_training(training_ledger(out), _console())
    else:
        show(load(out), _console())
    typer.echo(f"report: {write_report(out)}")


@app.command()
def figure(
    out: Annotated[Path, typer.Argument(help="The directory of a study or of a recorded training.")],
    name: Annotated[str | None, typer.Argument(help="Which figure (default: list what there is).")] = None,
    width: Annotated[str, typer.Option(help="single (one column of a journal) or double.")] = "double",
    to: Annotated[Path | None, typer.Option("--out", "-o", help="NAME.pdf, .svg or .png (default: NAME.pdf).")] = None,
) -> None:
    """Make a figure of the report for print, in this directory; without a name, list those there are.

    Of a study: budget, cost, efficiency, and of a design ranking. Of a training: loss, path, temperature, spectrum.
    """
    from .reporting.figure_files import figure_file, figures_of

    if name is None:
        known = figures_of(out)
        longest = max(map(len, known))
        for known_name, text in known.items():
            typer.echo(f"{known_name:{longest}}  {text}")
        return
    typer.echo(f"wrote {figure_file(out, name, to or Path(f'{name}.pdf'), width)}")


@app.command()
def explore(
    out: Annotated[Path | None, typer.Argument(help="A study's result directory (default: no study).")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of 127.0.0.1 (default: a free one).")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open your browser there.")] = True,
) -> None:
    """Open a page on this machine that trains while you move the controls; Ctrl-C ends it.

    With a study's directory the page shows its runs too, and runs again the one that you choose.
    """
    from .explorer.serving import explore_until_interrupted

    def tell(address: str) -> None:
        typer.echo(f"{address}\nOnly who knows this address can use the page. Ctrl-C ends it.")

    explore_until_interrupted(out, port=port, tell=tell, browser=browser)


@app.command()
def new(
    study: Annotated[Path, typer.Argument(help="Where to write the study file.")] = Path("study.toml"),
    question: Annotated[str | None, typer.Option(help="ceiling, limit or rules: that question's file.")] = None,
    template: Annotated[str, typer.Option(help="grid, design or precision: what kind of study.")] = "grid",
) -> None:
    """Write a commented study file to start from, or the file of a question."""
    from .errors import InputError

    if question is None:
        from .study import template_text

        text, command = template_text(template), f"run {study} --out results"
    else:
        from .questions.question_file import shipped_text

        text, command = shipped_text(question), f"ask {question} {study}"
    try:
        with study.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise InputError("study", str(study), "is there already and is not written over", "give another name") from None
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise InputError("study", str(study), f"cannot be written: {reason}", "give another place") from None
    typer.echo(f"wrote {study}; run it with: szilard {command}")


@app.command()
def verify(seed: Annotated[int, typer.Option(min=0, help="Seed of the simulations.")] = 1) -> None:
    """Simulate what is known in closed form, and check every law on every ready-made system; exit 1 if one fails."""
    from rich.markup import escape
    from rich.table import Table

    from .reporting.numbers import number
    from .reporting.verification import verification

    console = _console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("what", "measured", "", "must be", "sigmas", "verdict"):
        table.add_column(head, justify="left" if head in ("what", "verdict") else "right", no_wrap=True)
    verdicts: Counter[str] = Counter()
    with console.status("simulating") as status:
        for line in verification(seed):
            status.update(f"simulating: {line.name}")
            verdicts[line.verdict] += 1
            mark = "[red]" if line.verdict == "violated" else ""
            measured, bound = (
                number(x.value, x.stderr, x.side) if x.stderr else f"{x.value:.8g}" for x in (line.smaller, line.larger)
            )
            table.add_row(
                escape(line.name), measured, line.relation, bound, f"{line.margin:+.2f}", f"{mark}{line.verdict}"
            )
    console.print(table)
    plain = {verdict: verdict.rpartition(", ")[2] for verdict in sorted(verdicts) if verdict != "violated"}
    others = ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in plain.items())
    console.print(f"{verdicts['violated']} of {table.row_count} beyond 5 sigma; {others}")
    if verdicts["violated"]:
        raise typer.Exit(1)


def _console(quiet: bool = False) -> Any:
    """As wide as the terminal; in a file or a pipe as wide as the widest table, so that no number is cut."""
    from rich.console import Console

    console = Console(quiet=quiet)
    if not console.is_terminal:
        console.width = 200
    return console


class _progress:
    """A bar with the time left on a terminal; a line now and then elsewhere; nothing when quiet."""

    def __init__(self, name: str, console: Any, what: str = "runs") -> None:
        from .progress import on_terminal

        self.console, self.what, self.last = console, what, time.monotonic()
        self.before: int | None = None
        self.bar = on_terminal(name, console)

    def __enter__(self) -> Callable[[int, int, float], None]:
        self.tell = self.bar.__enter__()
        return self.watch

    def watch(self, done: int, total: int, work: float) -> None:
        """done of total, ``work`` the share of all work; before: what was done when it was first told."""
        if self.before is None:
            self.before = done
        self.tell(work, f"{done}/{total} {self.what}")
        if not self.console.is_terminal and time.monotonic() - self.last > 10:
            self.last = time.monotonic()
            self.console.print(f"{done} of {total} {self.what}, {100 * work:.0f} % of the work")

    def __exit__(self, *error: Any) -> None:
        self.bar.__exit__(*error)


def _terminated(*_: object) -> None:
    """A batch system's time is up: leave as if interrupted, with everything in its place."""
    raise SystemExit(128 + signal.SIGTERM)


def main() -> None:
    """Entry point: bad input is one sentence on stderr and exit code 2; an interruption loses nothing."""
    from .errors import InputError

    # Before NumPy is loaded: matrices here are small, and BLAS's threads would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except InputError as error:
        from .reporting.plain_text import printable

        typer.echo(f"szilard: {printable(str(error))}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
