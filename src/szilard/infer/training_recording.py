"""A training run of any framework, recorded step by step."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_number, is_whole
from ..markup import table_of_text
from .training_arrays import gradients_of, leaves, vector
from .training_estimates import ledger_of
from .training_reading import training_of
from .training_result import TrainingLedger
from .training_steps import Rows, Sequel, Training
from .training_store import HEADER, MOST_FOLLOWED, MOST_REASON, MOST_SEED, MOST_WEIGHTS, Store, Stored, most_rows

Array = NDArray[np.float64]
WATCHED = 1 << 16


class TrainingRecording:
    r"""dw_k = w_{k+1} - w_k and g_k = grad L(w_k) + xi_k of every step k, kept as running sums and a few scalars.

    path: a directory to keep it in, or None: in memory. A directory is saved to every ``every`` calls, with every
    ledger and on closing; a killed run loses what came after the last save. resume: go on with the training that the
    directory holds, if any; what happened in between is no step. learning_rate: eta of plain SGD, dw = -eta g; may
    change from step to step, and is read off the steps where it is not given. follow: how many weights (at most 256,
    chosen by ``seed``) are kept at every call; the spectrum of temperatures holds at most 65,536 weights, chosen alike.
    Memory: 41 bytes per weight (8 more for each part, and 8 once it is resumed), and per call 120 bytes and 8 for each
    weight followed, twice that while a ledger is made. A recording ends at 4 GiB, 35 million calls.

    Nothing ends a training after its first step: a disk that is full, or a gradient that is not finite, ends the
    recording, with a RuntimeWarning and in ``problems``; what was recorded is kept. Give one directory to one process.
    Raises InputError for bad settings, a directory that holds something else, is damaged or has another writer, and
    one that holds a training already, unless resume=True.

    >>> recording = TrainingRecording(learning_rate=0.1)
    >>> w = np.array([2.0, -1.0])
    >>> for _ in range(50):
    ...     recording.step(w, loss=0.5 * w @ w, gradients=w)  # full batches: no noise
    ...     w = w - 0.1 * w
    >>> print(recording.ledger()["heat_along_path"])
    >= 2.368 +- ... (n = 49)
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        learning_rate: float | None = None,
        every: int = 1000,
        follow: int = 0,
        seed: int = 0,
        resume: bool = False,
    ) -> None:
        _rate(learning_rate)
        if not is_whole(every, 1):
            raise InputError("every", every, "must be a whole number >= 1", "every=1000, for instance")
        if not (is_whole(follow, 0) and follow <= MOST_FOLLOWED):
            raise InputError("follow", follow, f"must be a whole number from 0 to {MOST_FOLLOWED}", "follow=16")
        if not (is_whole(seed, 0) and seed <= MOST_SEED):
            raise InputError("seed", seed, "must be a whole number from 0 to 2^64 - 1", "seed=0, for instance")
        if not isinstance(resume, bool):
            raise InputError("resume", resume, "must be True or False", "resume=True to go on with a training")
        if not (path is None or (isinstance(path, (str, Path)) and "\0" not in str(path))):
            raise InputError("path", path, "must name a directory, or be None", 'TrainingRecording("run")')
        self.learning_rate, self.every, self.follow, self.seed = learning_rate, int(every), int(follow), int(seed)
        self._rows: Rows | None = None
        self._saved = 0
        self._stopped = ""
        self._untold = False
        self._sequel: Sequel | None = None
        self._stored: Stored | None = None
        self._closed = False
        self._path = None if path is None else Path(path)
        self._store = None if self._path is None else Store.opened(self._path)
        if self._store is not None and (self._store.path / HEADER).exists():
            try:
                if not resume:
                    fix = "resume=True to go on with that training, or name a new directory for another"
                    raise InputError("path", str(path), "holds a recorded training already", fix)
                self._go_on(self._store)
            except InputError:
                self._store.close()
                raise

    def step(
        self,
        parameters: Any,
        loss: Any,
        gradients: Any = None,
        *,
        parts: Any = None,
        learning_rate: float | None = None,
    ) -> None:
        """Record w_k, L_k and g_k; call it where the gradients are known and the optimizer has not moved the weights.

        parameters, gradients: arrays or tensors, or dicts, lists and iterables of them, the same number of weights at
        every call. gradients=None takes the ``.grad`` of the parameters, or the mean of parts. parts: the gradients of
        the m >= 2 equal microbatches whose mean is the gradient: from their scatter the noise is known without bias.
        Given once, they must be given at every call. learning_rate: of the step that follows.
        Raises InputError for a closed recording and, at the first call, for arrays of another kind, unequal sizes,
        values that are not finite, another model than the one resumed, or a disk that refuses. Later calls raise
        nothing: what they cannot record ends the recording with a RuntimeWarning.
        """
        if self._closed:
            raise InputError("recording", "closed", "takes no more steps", "open the directory again, with resume=True")
        if self._sequel is None:
            self._book(parameters, loss, gradients, parts, learning_rate)
        elif not self._stopped:
            try:
                self._book(parameters, loss, gradients, parts, learning_rate)
            except Exception as error:  # of whatever library the arrays are: a training is worth more than its record
                self._stop(error)

    def _book(self, parameters: Any, loss: Any, gradients: Any, parts: Any, learning_rate: float | None) -> None:
        rate = self.learning_rate if learning_rate is None else _rate(learning_rate)
        held = leaves(parameters, "parameters")
        w = vector(held, "parameters")
        if w.size > MOST_WEIGHTS:
            rule = f"must be at most {MOST_WEIGHTS} weights"
            raise InputError("parameters", w.size, rule, "give those of some layers, with their gradients")
        shards = None if parts is None else _shards(parts)
        if shards is not None and gradients is None:
            g = shards.mean(axis=0)
        else:
            g = vector(gradients_of(held) if gradients is None else leaves(gradients, "gradients"), "gradients")
        for name, size in (("gradients", g.size), ("parts", g.size if shards is None else shards.shape[1])):
            if size != w.size:
                raise InputError(name, size, f"must have {w.size} numbers, one per weight", "give those of all weights")
        noise = None if shards is None else np.var(shards, axis=0, ddof=1) / shards.shape[0]
        value = float(vector(leaves(loss, "loss"), "loss")[0]) if not is_number(loss) else float(loss)
        sequel = self._begun(w, noise is not None) if self._sequel is None else self._sequel
        if self._rows is not None and len(self._rows) >= most_rows(self._rows.columns):
            rule = "is as long as a recording may be"
            raise InputError("recording", f"{len(self._rows)} calls", rule, "record to another directory from here")
        row = sequel.row(w, value, g, noise, rate, 0 if shards is None else shards.shape[0])
        if self._rows is None:
            self._rows = Rows(np.empty((0, row.size)))
        self._rows.append(row)
        self._sequel = sequel
        if self._store is not None and len(self._rows) - self._saved >= self.every:
            self._save()

    def ledger(self) -> TrainingLedger:
        r"""T = eta tr C / (2 N), Q = -sum_k (h_k + h_{k+1}) . dw_k / 2, S = sum_k Q_k / T_k of the steps so far.

        A step dw = -eta (h + xi), h = grad L, is one of overdamped Langevin dynamics in a time eta with mobility 1:
        eta^2 C = 2 T eta, C the covariance of xi. Q is Stratonovich's; <-h_{k+1} . dw_k> = <-g_{k+1} . dw_k>, as the
        noise of a fresh batch knows nothing of the step before, and <-h_k . dw_k> = eta (<|g_k|^2> - tr C). With parts
        C is known without bias, and all is two-sided. Without, C is |g_{k+1} - g_k|^2 / 2, too large by eta tr(H C)
        where the loss curves upwards (H), and Q = -sum_k g_{k+1} . dw_k, too small by dw.H dw / 2: T is an upper bound,
        Q and Q/T lower ones. In units of the loss, time and mobility of SGD; no heat of a computer is meant.
        Raises InputError for fewer than 16 steps.

        Mandt, Hoffman and Blei, JMLR 18, 134 (2017), for SGD as Langevin dynamics.
        """
        self._save_or_stop()
        return ledger_of(self.training())

    def training(self) -> Training:
        """The steps so far as arrays; raises InputError where there is none."""
        if self._sequel is None or self._rows is None:
            if self._stored is not None:
                return training_of(self._stored)
            raise InputError("recording", "no step", "is empty", "call step() in the training loop")
        s = self._sequel
        trained = int(s.trained.sum())
        return Training(
            self._rows.since(0), s.sums.copy(), s.start.size, trained, s.scattered, self.follow, self._stopped
        )

    def close(self) -> None:
        """Save what is not saved yet; a recording in memory just takes no more steps."""
        if not self._closed and self._store is not None:
            self._save_or_stop()
            self._store.close()
        self._closed = True

    def __enter__(self) -> TrainingRecording:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        weights = self._sequel.start.size if self._sequel is not None else 0
        where = "in memory" if self._path is None else f"in {self._path}"
        calls = 0 if self._rows is None else len(self._rows)
        return f"TrainingRecording {where}: {calls} calls, {weights} weights" + ", stopped" * bool(self._stopped)

    def _begun(self, w: Array, scattered: bool) -> Sequel:
        count, start, sums, trained = min(w.size, WATCHED), w, None, None
        if self._stored is not None and self._path is not None:
            facts = self._stored.facts
            if facts["weights"] != w.size or facts["scattered"] != scattered:
                had = f"{facts['weights']} weights, parts {'given' if facts['scattered'] else 'not given'}"
                rule = f"the recording in {self._path} has {had}"
                got = f"{w.size} weights, parts {'given' if scattered else 'not given'}"
                raise InputError("parameters", got, rule, "go on with the same model, or record elsewhere")
            count, start, sums = int(facts["watched"]), self._stored.start(self._path), self._stored.sums
            trained = self._stored.trained(self._path)
        draw = np.random.Generator(np.random.Philox(self.seed))
        watched = np.arange(w.size) if count == w.size else np.sort(draw.choice(w.size, count, replace=False))
        followed = np.sort(draw.choice(count, min(self.follow, count), replace=False))
        return Sequel(start, watched, watched[followed], scattered, sums, trained)

    def _go_on(self, store: Store) -> None:
        stored = Stored.read(store.path)
        training_of(stored)
        self._stored = stored
        self.follow, self.seed = int(stored.facts["follow"]), int(stored.facts["seed"])
        self._rows = Rows(stored.rows)
        self._saved = len(self._rows)
        store.rows, store.crc = self._saved, int(stored.facts["steps_crc"])
        store.start_crc = int(stored.facts["start_crc"])

    def _stop(self, error: Exception) -> None:
        """Record no more, say so once, and save what there is if the disk lets it."""
        if self._stopped:
            return
        name = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        self._stopped = " ".join(f"{name}{error}".split())[:MOST_REASON].rstrip(".")
        self._untold = True
        with suppress(Exception):
            self._save()
        calls = 0 if self._rows is None else len(self._rows)
        text = f"the training goes on, but its recording stops after {calls} calls: {self._stopped}"
        warnings.warn(text, RuntimeWarning, stacklevel=3)

    def _save_or_stop(self) -> None:
        try:
            self._save()
        except InputError as error:
            self._stop(error)

    def _save(self) -> None:
        if self._sequel is None or self._rows is None or self._store is None or self._closed:
            return
        if self._saved == len(self._rows) and not self._untold:
            return
        s = self._sequel
        facts = {
            "weights": int(s.start.size), "watched": int(s.watched.size), "scattered": s.scattered,
            "follow": self.follow, "seed": self.seed, "stopped": self._stopped,
        }  # fmt: skip
        self._store.save(facts, self._rows.since(self._saved), s.sums, s.start, s.trained)
        self._saved, self._untold = len(self._rows), False


def training_ledger(directory: str | Path) -> TrainingLedger:
    """The apparent ledger of what a directory holds, also while a run is still writing there.

    Raises InputError if it holds no recording of a training run, a damaged one, or fewer than 16 steps.
    """
    return ledger_of(training_of(Stored.read(Path(directory))))


def _shards(parts: Any) -> Array:
    found = [vector(leaves(p, "parts"), "parts") for p in parts] if hasattr(parts, "__iter__") else []
    if len(found) < 2:
        raise InputError("parts", len(found), "must hold two microbatches at least", "leave parts out")
    sizes = {g.size for g in found}
    if len(sizes) > 1:
        raise InputError("parts", sorted(sizes), "must have one size", "give the gradients of all weights in each")
    return np.array(found)


def _rate(given: float | None) -> float | None:
    if given is not None and not (is_number(given) and given > 0.0):
        raise InputError("learning_rate", given, "must be a number > 0, or None", "learning_rate=0.1, for instance")
    return None if given is None else float(given)
