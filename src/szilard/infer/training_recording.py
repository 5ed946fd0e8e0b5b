"""A training run of any framework, recorded step by step."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, is_number, is_whole
from .training_arrays import gradients_of, leaves, vector
from .training_estimates import ledger_of
from .training_result import TrainingLedger
from .training_steps import COLUMNS, KEPT, Sequel, Training
from .training_store import Store, Stored

Array = NDArray[np.float64]
WATCHED = 1 << 16
MOST_FOLLOWED = 256


class TrainingRecording:
    r"""dw_k = w_{k+1} - w_k and g_k = grad L(w_k) + xi_k of every step k, kept as running sums and a few scalars.

    path: a directory to keep it in, or None: in memory. A directory is saved to every ``every`` calls, with every
    ledger and on closing; a killed run loses what came after the last save. Opening the directory again goes on from
    there; what happened in between is no step. learning_rate: eta of plain SGD, dw = -eta g; may change from step to
    step, and is read off the steps where it is not given. follow: how many weights (at most 256, chosen by ``seed``)
    are kept at every call; the spectrum of temperatures holds at most 65,536 weights, chosen alike. Memory: 40 bytes
    per weight, 8 more for each part, and about 110 per call.

    Raises InputError for bad settings, a directory that holds something else, is damaged or has another writer.

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
    ) -> None:
        _rate(learning_rate)
        if not is_whole(every, 1):
            raise InputError("every", every, "must be a whole number >= 1", "every=1000, for instance")
        if not (is_whole(follow, 0) and follow <= MOST_FOLLOWED):
            raise InputError("follow", follow, f"must be a whole number from 0 to {MOST_FOLLOWED}", "follow=16")
        if not is_whole(seed, 0):
            raise InputError("seed", seed, "must be a whole number >= 0", "seed=0, for instance")
        self.learning_rate, self.every, self.follow, self.seed = learning_rate, int(every), int(follow), int(seed)
        self._rows: list[Array] = []
        self._saved = 0
        self._sequel: Sequel | None = None
        self._stored: Stored | None = None
        self._closed = False
        self._path = None if path is None else Path(path)
        self._store = None if self._path is None else Store.opened(self._path)
        if self._store is not None and (self._store.path / "training.json").exists():
            try:
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
        Raises InputError for values that are not finite, another number of weights, or a closed recording.
        """
        if self._closed:
            raise InputError("recording", "closed", "takes no more steps", "open the directory again")
        rate = self.learning_rate if learning_rate is None else _rate(learning_rate)
        held = leaves(parameters, "parameters")
        w = vector(held, "parameters")
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
        if self._sequel is None:
            self._sequel = self._begun(w, noise is not None)
        row = self._sequel.row(w, value, g, noise, rate, 0 if shards is None else shards.shape[0])
        self._rows.append(row)
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
        self._save()
        return ledger_of(self.training())

    def training(self) -> Training:
        """The steps so far as arrays; raises InputError where there is none."""
        if self._sequel is None:
            if self._stored is not None:
                return _training(self._stored)
            raise InputError("recording", "no step", "is empty", "call step() in the training loop")
        s = self._sequel
        return Training(np.array(self._rows), s.sums.copy(), s.start.size, s.scattered, self.follow)

    def close(self) -> None:
        """Save what is not saved yet; a recording in memory just takes no more steps."""
        if not self._closed and self._store is not None:
            self._save()
            self._store.close()
        self._closed = True

    def __enter__(self) -> TrainingRecording:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        weights = self._sequel.start.size if self._sequel is not None else 0
        where = "in memory" if self._path is None else f"in {self._path}"
        return f"TrainingRecording {where}: {len(self._rows)} calls, {weights} weights"

    def _begun(self, w: Array, scattered: bool) -> Sequel:
        count, start, sums = min(w.size, WATCHED), w, None
        if self._stored is not None and self._path is not None:
            facts = self._stored.facts
            if facts["weights"] != w.size or facts["scattered"] != scattered:
                had = f"{facts['weights']} weights, parts {'given' if facts['scattered'] else 'not given'}"
                rule = f"the recording in {self._path} has {had}"
                got = f"{w.size} weights, parts {'given' if scattered else 'not given'}"
                raise InputError("parameters", got, rule, "go on with the same model, or record elsewhere")
            count, start, sums = int(facts["watched"]), self._stored.start(self._path), self._stored.sums
        draw = np.random.Generator(np.random.Philox(self.seed))
        watched = np.arange(w.size) if count == w.size else np.sort(draw.choice(w.size, count, replace=False))
        followed = np.sort(draw.choice(count, min(self.follow, count), replace=False))
        return Sequel(start, watched, watched[followed], scattered, sums)

    def _go_on(self, store: Store) -> None:
        stored = Stored.read(store.path)
        _training(stored)
        self._stored = stored
        self.follow, self.seed = int(stored.facts["follow"]), int(stored.facts["seed"])
        self._rows = list(stored.rows)
        self._saved = len(self._rows)
        store.rows, store.crc = self._saved, int(stored.facts["steps_crc"])
        store.start_crc = int(stored.facts["start_crc"])

    def _save(self) -> None:
        if self._sequel is None or self._store is None or self._closed or self._saved == len(self._rows):
            return
        s = self._sequel
        facts = {
            "weights": int(s.start.size), "watched": int(s.watched.size), "scattered": s.scattered,
            "follow": self.follow, "seed": self.seed,
        }  # fmt: skip
        self._store.save(facts, np.array(self._rows[self._saved :]), s.sums, s.start)
        self._saved = len(self._rows)


def training_ledger(directory: str | Path) -> TrainingLedger:
    """The apparent ledger of what a directory holds, also while a run is still writing there.

    Raises InputError if it holds no recording of a training run, a damaged one, or fewer than 16 steps.
    """
    return ledger_of(_training(Stored.read(Path(directory))))


def _training(stored: Stored) -> Training:
    facts = stored.facts
    found = Training(stored.rows, stored.sums, facts["weights"], facts["scattered"], facts["follow"])
    squares = [found.column(name) for name in COLUMNS if name.endswith("2")] if _fits(stored) else []
    if not squares or np.isinf(found.rows).any() or any((square < 0.0).any() for square in squares):
        rule = "holds numbers that this version does not write"
        raise InputError("path", f"{facts['rows']} rows of {facts['columns']}", rule, "restore it, or record anew")
    return found


def _fits(stored: Stored) -> bool:
    facts = stored.facts
    return bool(
        facts["columns"] == len(COLUMNS) + min(facts["follow"], facts["watched"])
        and facts["sums_rows"] == KEPT
        and facts["rows"] > 0
    )


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
