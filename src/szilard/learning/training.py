"""Train many replicas of one neuron and keep the books of each."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isfinite
from typing import cast

import numpy as np
from numpy.typing import NDArray

from .._kernels.threads import each_block
from ..errors import InputError
from ..information import FEWEST
from ..networks.feedforward import FeedForward, perceptron
from ..progress import Progress, told
from ..protocol import Protocol, ramp
from .additive import pattern_gains
from .answering import Answering
from .outcome import LearningRun, Snapshot
from .replicas import Replicas
from .settings import Learner, Method, Mode, Online, Order, Readout, Settings, refuse_too_large
from .tasks import Task

Array = NDArray[np.float64]
SINGLE = perceptron()
MOST_TRIES = 2000
"""How many steps are tried for one that meets every time to look at."""


def train(
    task: Task,
    rule: Learner,
    *,
    learning_rate: float,
    duration: float,
    dt: float | None = None,
    replicas: int,
    seed: int,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    schedule: str | Protocol = "quench",
    mode: Mode = "batch",
    dwell: float | None = None,
    order: Order = "fixed",
    online: Online = "flow",
    readout: Readout = "thermal",
    times: Sequence[float] | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    feedback: float = 0.0,
    answer_rate: float | None = None,
    answer_gain: float = 1.0,
    network: FeedForward | None = None,
    method: Method | None = None,
    cell: str = "",
    lanes: int | None = None,
) -> LearningRun:
    r"""dw_n = mu (-k w_n + c s(t) N^{-1/2} sum_mu xi_n^mu F^mu) dt + sqrt(2 mu T) dW_n, booked per replica.

    Weights start in equilibrium N(0, T/k). Batch: every pattern pushes, c = learning_rate (a force). Online:
    one pattern at a time for the time ``dwell``, c = learning_rate / dwell, so that learning_rate is the
    impulse of one showing; "flow" lets the force follow the weight while the pattern is shown, "kick" freezes
    it at its value before. s(t): "quench" (1 at once), ``ramp(tau)`` or any Protocol, a staircase in dt.

    duration, dt, dwell are times; one relaxation time is 1/(mobility x stiffness). dt defaults to a step that
    resolves it and the rule's own scale (``Settings.finest_dt``; kick: the dwell). temperature in T0, energies
    in k_B T0, information in nats; heat > 0 into the bath. order: "fixed" (0, 1, .. P-1, again) or "random"
    (drawn per replica). readout: how the neuron answers, "thermal" P(+1) = 1/(1 + e^{-A/T}) or "sign" of A.
    feedback: g, a force: the neuron's own answers sigma^mu, jumping with k+- = answer_rate e^{+-answer_gain A/2T}, are
    taken for labels too: c F(A, sigma_T) becomes c F(A, sigma_T) + g F(A, sigma) (see ``Answering``). answer_rate:
    None is one jump per relaxation time where there is feedback, else answers do not jump but are given at the end.
    network: of ``sz.networks``, whose output field takes the place of A and dA/dw that of xi; None is one neuron.
    method: what each step of dt moves. "steps": every weight. None: what the rule can reach, with the same law, which
    is the patterns' span or one line, that of an additive rule's force or of a pattern shown alone (``run.path``:
    "span", "line"); weights beside it are free, and one move covers all the time. So it does for a force that does not
    depend on the weights, between two changes of the schedule.
    times: when to look on the way (whole steps; the run's ``snapshots``); a default dt is shortened to meet them. The
    random numbers are a function of seed and ``cell``, a name that tells runs of one seed apart; neither threads
    (default: all cores) nor lanes (replicas advanced together) changes a bit. progress(share of the steps done) is
    called now and then; True shows a bar in a notebook or a terminal.

    Memory: O(replicas x (N + P)), none per step. Raises InputError for bad input, a step beyond stability, or
    more memory than there is; a run that diverges raises it too.

    Goldt and Seifert, PRL 118, 010601 (2017), extended to any T, k, mu.
    """
    settings = settings_for(
        task, rule, learning_rate=learning_rate, duration=duration, dt=dt, replicas=replicas, seed=seed,
        temperature=temperature, stiffness=stiffness, mobility=mobility, schedule=schedule, mode=mode,
        dwell=dwell, order=order, online=online, readout=readout, feedback=feedback, answer_rate=answer_rate,
        answer_gain=answer_gain, network=network, method=method, cell=cell,
    )  # fmt: skip
    if dt is None and times is not None:
        settings = replace(settings, dt=_common_step(settings, _moments(times)))
    for name, value in (("lanes", lanes), ("threads", threads)):
        if value is not None and (type(value) is not int or value < 1):
            raise InputError(name, value, "must be an integer >= 1", "leave it out for the default")
    started = clock.perf_counter()
    state = Replicas(settings, lanes)
    snapshots = []
    stops = _stops(settings, times)
    if times is not None and replicas < FEWEST and pattern_gains(settings) is None:
        raise InputError("replicas", replicas, f"looking on the way needs >= {FEWEST}", "add replicas or drop times")
    workers = threads or os.cpu_count() or 1
    with told(progress, "train") as tell, ThreadPoolExecutor(workers) as pool:
        each_block(pool, state.prepare, state.blocks, state.halt)
        done = 0
        for stop in stops:

            def advance(block: int, first: int = done, last: int = stop) -> None:
                state.advance(block, first, last, tell)

            each_block(pool, advance, state.blocks, state.halt)
            done = stop
            if times is not None and done < settings.steps:
                snapshots.append(Snapshot.of(state.finish(done, pool)))
        run = state.finish(settings.steps, pool)
    run = replace(run, seconds=clock.perf_counter() - started, threads=threads)
    if times is not None:
        run = run.with_snapshots((*snapshots, Snapshot.of(run)))
    return run


def settings_for(
    task: Task,
    rule: Learner,
    *,
    learning_rate: float,
    duration: float,
    dt: float | None = None,
    replicas: int,
    seed: int,
    temperature: float = 1.0,
    stiffness: float = 1.0,
    mobility: float = 1.0,
    schedule: str | Protocol = "quench",
    mode: Mode = "batch",
    dwell: float | None = None,
    order: Order = "fixed",
    online: Online = "flow",
    readout: Readout = "thermal",
    feedback: float = 0.0,
    answer_rate: float | None = None,
    answer_gain: float = 1.0,
    network: FeedForward | None = None,
    method: Method | None = None,
    cell: str = "",
) -> Settings:
    """The checked settings of ``train`` with its defaults filled in, refused if they ask for too much memory."""
    settings = Settings(
        task=task,
        learner=rule,
        learning_rate=learning_rate,
        duration=duration,
        dt=cast(float, dt),
        replicas=replicas,
        seed=seed,
        temperature=temperature,
        stiffness=stiffness,
        mobility=mobility,
        schedule=_protocol(schedule),
        mode=mode,
        dwell=dwell,
        order=order,
        online=online,
        readout=readout,
        cell=cell,
        answering=_answering(feedback, answer_rate, answer_gain, mobility, stiffness),
        network=None if network == SINGLE else network,
        method=method,
    )
    refuse_too_large(settings)
    return settings


def _answering(
    feedback: float, answer_rate: float | None, answer_gain: float, mobility: float, stiffness: float
) -> Answering | None:
    """Jumping answers where they are asked for; None: the neuron answers once, at the end."""
    if answer_rate is None and feedback == 0.0:
        if answer_gain != 1.0:
            rule = "scales answers that jump, and these are given once, at the end"
            raise InputError("answer_gain", answer_gain, rule, "give answer_rate or feedback too, or leave it out")
        return None
    return Answering(feedback, mobility * stiffness if answer_rate is None else answer_rate, answer_gain)


def _protocol(schedule: str | Protocol) -> Protocol:
    if isinstance(schedule, Protocol):
        return schedule
    if schedule == "quench":
        return Protocol((0.0,), (1.0,), "constant")
    name = str(schedule)
    if name.startswith("ramp:"):
        try:
            return ramp(float(name[5:]))
        except ValueError:
            pass
    rule = 'must be "quench", "ramp:TAU", ramp(tau) or a Protocol'
    raise InputError("schedule", schedule, rule, 'for instance schedule="ramp:50"')


def _stops(settings: Settings, times: Sequence[float] | None) -> list[int]:
    stops = []
    for t in _moments(times):
        step = round(t / settings.dt)
        if not 0 < step <= settings.steps or abs(step * settings.dt - t) > 1e-9 * settings.duration:
            rule = f"must be whole steps of dt = {settings.dt:g} within (0, {settings.duration:g}]"
            raise InputError("times", t, rule, f"for instance {max(1, step) * settings.dt:.6g}")
        stops.append(step)
    if stops != sorted(set(stops)):
        raise InputError("times", times, "must increase", "sort them")
    return [s for s in stops if s < settings.steps] + [settings.steps]


def _common_step(settings: Settings, moments: tuple[float, ...]) -> float:
    """The longest step not above the chosen one of which all moments are whole multiples; the chosen one if none is."""
    if settings.mode == "online" and settings.online == "kick":
        return settings.dt
    span = settings.duration if settings.dwell is None else settings.dwell
    pieces = round(span / settings.dt) + np.arange(MOST_TRIES)
    steps = np.array(moments)[:, None] / span * pieces
    fits = np.flatnonzero(np.all(np.abs(steps - np.round(steps)) <= 1e-9 * settings.duration / span * pieces, axis=0))
    return float(span / pieces[fits[0]]) if fits.size else settings.dt


def _moments(times: Sequence[float] | None) -> tuple[float, ...]:
    try:
        found = tuple(float(t) for t in times) if times is not None else ()
    except (TypeError, ValueError):
        found = (float("nan"),)
    if not all(isfinite(t) for t in found):
        raise InputError("times", times, "must be a list of finite numbers", "for instance times=[0.5, 1.0]")
    return found
