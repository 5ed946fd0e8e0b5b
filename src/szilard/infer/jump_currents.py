"""Entropy production per time from the transitions that were seen between discrete states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.recording import Recording
from ..errors import InputError
from ..estimate import Estimate, Side
from .groups import Found, Groups, groups_of
from .pairs import Pairs, paired
from .stillness import NOT_STATIONARY, SIGMAS, moved_sigmas

Array = NDArray[np.float64]
REFERENCE = "Schnakenberg, Rev. Mod. Phys. 48, 571 (1976); Esposito, PRE 85, 041125 (2012), of hidden states"
NOTHING = "nothing was seen that has a reverse other than itself"
JUMPS = ("overdamped, even under time reversal", "pieces of the recording are independent of each other")


def entropy_production_from_currents(recording: Recording, *, complete: bool = False) -> Estimate:
    r"""sigma >= (1/t) sum_{x<y} (n_xy - n_yx) ln(n_xy / n_yx), in nats per time: n_xy transitions y -> x in the time t.

    From recorded jumps n_xy counts them; from states sampled every dt, t / dt is the number of steps and n_xy that of
    the steps from y to x, whatever happened in between. The bound holds when states are lumped, when several channels
    or baths join two states, when the interval is long, and for recorded jumps also on the way to the steady state
    (where it bounds the mean production, that of the system's own entropy included).
    complete=True says that every jump and every state was seen, each pair of states is joined by one channel, and the
    recording is stationary: then it is an equality and the estimate two-sided. It is refused for sampled states.
    The logarithm is that of digamma functions, so that reverses never seen keep it finite and too small; where they
    matter, the estimate stays a lower bound in spite of ``complete``. The bias of counting is taken off by the
    jackknife over replicas (of few replicas, over blocks in time); the error is the bootstrap's.
    ess: independent pieces, at most the number of transitions. note: what makes it doubtful.
    Raises InputError for coordinates, times that are not even, or fewer than three independent pieces.

    Schnakenberg, Rev. Mod. Phys. 48, 571 (1976); Esposito, PRE 85, 041125 (2012).

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=6.0, temperature=2.0)
    >>> run = sz.simulate(ring, "stationary", 50.0, replicas=100, seed=1, record="paths")
    >>> found = entropy_production_from_currents(Recording.from_run(run), complete=True)
    >>> abs(found.value - sz.entropy_production_rate(ring)) < 4 * found.stderr
    True
    """
    refuse_coordinates(recording)
    if complete and recording.jumps is None:
        rule = "states that are sampled hide the jumps in between"
        raise InputError("complete", True, rule, "record every jump, or leave complete out")
    groups = groups_of(recording)
    pairs = transitions(recording, groups)
    side: Side = "two-sided" if complete else "lower"
    notes = []
    found = pairs.divergence(groups.blocks)
    once, added = pairs.one_way()
    if once and added > found.stderr:
        side = "lower"
        notes.append(f"{once} transition{'s were' if once > 1 else ' was'} never seen the other way round")
    if moved_sigmas(recording) > SIGMAS:
        notes.append(NOT_STATIONARY)
        side = "lower" if recording.jumps is not None else "none"
    conditions = [*JUMPS]
    conditions += ["every state and every jump was seen, one channel for each pair"] * (side == "two-sided")
    conditions += ["stationary"] * (recording.jumps is None or complete)
    return settled(recording, found, pairs.events, side, notes, tuple(conditions), REFERENCE)


def refuse_coordinates(recording: Recording) -> None:
    """Raise InputError unless it is a recording of discrete states."""
    if not isinstance(recording, Recording):
        fix = "Recording.from_run(run), or sz.data.read_recording(path)"
        raise InputError("recording", type(recording).__name__, "must be a Recording", fix)
    if not recording.discrete:
        fix = "use entropy_production_from_short_times or entropy_production_from_linear_fit"
        raise InputError("recording", "coordinates", "must hold discrete states", fix)


def transitions(recording: Recording, groups: Groups) -> Pairs:
    """Pairs of transitions x -> y and y -> x in every piece, and the time of observation of each piece."""
    n = recording.n_states
    replica = np.arange(recording.replicas)
    if recording.jumps is not None:
        j = recording.jumps
        ends = recording.times[0] + recording.duration * (np.arange(groups.blocks) + 0.5) / groups.blocks
        piece = groups.of(*(v.ravel() for v in np.meshgrid(replica, ends, indexing="ij")))
        time = np.bincount(piece, minlength=groups.count).astype(np.float64) * (recording.duration / groups.blocks)
        return paired(groups.of(j.replica, j.time), j.source * n + j.target, j.target * n + j.source, time)
    dt = recording.even_interval()
    x, y = recording.states[:, :-1], recording.states[:, 1:]
    kept = (x >= 0) & (y >= 0)
    row, column = np.nonzero(kept)
    piece = groups.of(row, recording.times[column])
    time = np.bincount(piece, minlength=groups.count).astype(np.float64) * dt
    refuse_empty(time)
    return paired(piece, x[kept] * n + y[kept], y[kept] * n + x[kept], time)


def refuse_empty(time: Array) -> None:
    """Raise InputError where no two states in a row were seen."""
    if not time.sum() > 0.0:
        rule = "no two states in a row were seen"
        raise InputError("recording", "gaps everywhere", rule, "thin it so that neighbours are there")


def settled(
    recording: Recording, found: Found, events: float, side: Side, notes: list[str], conditions: tuple[str, ...],
    reference: str,
) -> Estimate:  # fmt: skip
    """The estimate: its side, what makes it doubtful, and how many independent pieces or events it is worth."""
    ess = min(found.ess, events)
    said = "; ".join([NOTHING] * (events == 0.0) + notes)
    return Estimate(found.value, found.stderr, recording.replicas, ess, side, said, conditions, reference)
