"""The verbs: one name for both kinds of process, which say what it does to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .errors import InputError
from .progress import Progress
from .protocol import Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from . import continuous, discrete
    from .continuous import Density, Gaussian, Langevin
    from .discrete import JumpProcess
    from .discrete.propagation import Propagation

Options = Any


def _is_langevin(process: object) -> bool:
    """Whether it is a Langevin process; raises InputError where it is no process at all."""
    from .continuous.process import Langevin
    from .discrete.process import JumpProcess

    if isinstance(process, (Langevin, JumpProcess)):
        return isinstance(process, Langevin)
    inner = isinstance(getattr(process, "process", None), (Langevin, JumpProcess))
    fix = "pass its .process" if inner else "sz.JumpProcess(...), sz.Langevin(...), or one of sz.systems"
    if hasattr(process, "lattice") and hasattr(process, "stationary"):
        fix = "use its own .stationary(), or its .lattice(cells), a JumpProcess"
    raise InputError("process", process, "must be a JumpProcess or a Langevin process", fix)


@overload
def simulate(
    process: JumpProcess,
    initial: int | str | ArrayLike,
    duration: float,
    *,
    replicas: int,
    seed: int,
    protocol: Protocol | None = None,
    dt: float | None = None,
    method: str | None = None,
    times: Sequence[float] | None = None,
    record: Literal["ledger", "paths"] = "ledger",
    max_bytes: float = 2e9,
    currents: Mapping[str, ArrayLike] | None = None,
    entropy: bool | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
) -> discrete.Run: ...
@overload
def simulate(
    process: Langevin,
    initial: Any,
    duration: float,
    *,
    replicas: int,
    seed: int,
    protocol: Protocol | None = None,
    dt: float | None = None,
    method: str | None = None,
    times: Sequence[float] | None = None,
    record: Literal["ledger", "paths"] = "ledger",
    max_bytes: float = 2e9,
    entropy: bool | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
) -> continuous.Run: ...
def simulate(
    process: JumpProcess | Langevin,
    initial: Any,
    duration: float,
    *,
    replicas: int,
    seed: int,
    protocol: Protocol | None = None,
    dt: float | None = None,
    method: str | None = None,
    times: Sequence[float] | None = None,
    record: Literal["ledger", "paths"] = "ledger",
    max_bytes: float = 2e9,
    currents: Mapping[str, ArrayLike] | None = None,
    entropy: bool | None = None,
    threads: int | None = None,
    progress: Progress | bool | None = None,
    cell: str = "",
) -> discrete.Run | continuous.Run:
    r"""dE = W - Q in every trajectory: ``replicas`` trajectories of a process from 0 to ``duration``, with their books.

    Jump processes are sampled exactly, jump by jump: see ``sz.discrete.simulate``. Langevin processes take time steps:
    see ``sz.continuous.simulate`` for ``method`` and ``dt``. Common to both: W > 0 on the system, Q > 0 into the bath,
    in k_B T0; ``run.ledger`` holds heat (replica, reservoir), work, energy change and entropies; protocol: the control
    in time; times: when to look on the way (``run.states``, ``run.books``); record="paths" keeps whole trajectories, up
    to ``max_bytes``; the same seed (and ``cell``) gives the same bits for any number of ``threads``; progress(share) is
    called now and then, and True shows a bar. ``currents`` counts jumps and belongs to jump processes.

    Raises InputError for bad input, as the two say.

    >>> import szilard as sz
    >>> ring = sz.systems.ring([0.0, 0.5, 1.2], affinity=2.0)
    >>> sz.simulate(ring, "stationary", 10.0, replicas=1000, seed=1).ledger.heat.shape
    (1000, 1)
    >>> gyrator = sz.systems.gyrator(1.0, 0.5, (1.0, 2.0))
    >>> sz.simulate(gyrator, "stationary", 1.0, replicas=1000, seed=1, dt=0.05).ledger.heat.shape
    (1000, 2)
    """
    settings: Any = {
        "replicas": replicas, "seed": seed, "protocol": protocol, "dt": dt, "method": method, "times": times,
        "record": record, "max_bytes": max_bytes, "threads": threads, "progress": progress, "cell": cell,
    }  # fmt: skip
    if _is_langevin(process):
        from .continuous.simulation import simulate as walk

        if currents is not None:
            fix = 'record="paths", and sum over run.paths.states'
            raise InputError("currents", currents, "counts jumps, and a Langevin process has none", fix)
        return walk(process, initial, duration, entropy=entropy, **settings)  # type: ignore[arg-type]
    from .discrete.simulation import simulate as jump

    return jump(process, initial, duration, currents=currents, entropy=entropy is not False, **settings)  # type: ignore[arg-type]


@overload
def propagate(
    process: JumpProcess, initial: Any, times: ArrayLike, protocol: Protocol | None = None, **options: Options
) -> Propagation: ...
@overload
def propagate(
    process: Langevin, initial: Any, times: ArrayLike, protocol: Protocol | None = None, **options: Options
) -> continuous.GaussianPropagation | continuous.Densities: ...
def propagate(
    process: JumpProcess | Langevin,
    initial: Any,
    times: ArrayLike,
    protocol: Protocol | None = None,
    **options: Options,
) -> Any:
    r"""dp/dt = L(lambda(t)) p from p(0) = initial: the distribution at every time of ``times`` (>= 0, not decreasing).

    A jump process gives probabilities (time, state): see ``sz.discrete.propagate``. A Langevin process gives Gaussians
    where it is linear, else densities on a lattice in 1 or 2 dimensions: see ``sz.continuous.propagate``.
    options: those of the two, e.g. method. Raises InputError for input that does not fit the process.

    >>> import szilard as sz
    >>> two = sz.systems.two_level(0.0)
    >>> sz.propagate(two, 0, [50.0]).probabilities.round(9)
    array([[0.5, 0.5]])
    """
    if _is_langevin(process):
        from .continuous.exact import propagate as solve

        return solve(process, initial, times, protocol, **options)  # type: ignore[arg-type]
    from .discrete.propagation import propagate as master

    return master(process, initial, times, protocol, **options)  # type: ignore[arg-type]


@overload
def stationary(process: JumpProcess, control: float | None = None, **options: Options) -> NDArray[np.float64]: ...
@overload
def stationary(process: Langevin, control: float | None = None, **options: Options) -> Gaussian | Density: ...
def stationary(process: JumpProcess | Langevin, control: float | None = None, **options: Options) -> Any:
    r"""L p = 0: the stationary distribution at a control held.

    Probabilities (n,) of a jump process (``sz.discrete.stationary``); a Gaussian of a linear Langevin process, else a
    density on a lattice (``sz.continuous.stationary``). options: those of the two.
    Raises InputError where there is none or more than one, or for a missing control.

    >>> import szilard as sz
    >>> sz.stationary(sz.systems.linear([[2.0]], 3.0))
    Gaussian(mean 0, variance 1.5)
    """
    if _is_langevin(process):
        from .continuous.exact import stationary as solve

        return solve(process, control, **options)  # type: ignore[arg-type]
    from .discrete.steady import stationary as balance

    return balance(process, control, **options)  # type: ignore[arg-type]


@overload
def energetics(
    process: JumpProcess, p0: Any, duration: float, protocol: Protocol | None = None, **options: Options
) -> discrete.Energetics: ...
@overload
def energetics(
    process: Langevin, p0: Any, duration: float, protocol: Protocol | None = None, **options: Options
) -> continuous.Energetics: ...
def energetics(
    process: JumpProcess | Langevin,
    p0: Any,
    duration: float,
    protocol: Protocol | None = None,
    **options: Options,
) -> Any:
    r"""<dE> = W - sum_r Q_r,  dS_tot = dS + sum_r Q_r/T_r = adiabatic + nonadiabatic: exact means over a time.

    Attributes of both kinds: heat (reservoir,), work, energy_change, system_entropy_change, entropy_production,
    adiabatic, nonadiabatic; jump processes have activity too. See ``sz.discrete.energetics`` and
    ``sz.continuous.energetics``. Raises InputError for input that does not fit the process.

    >>> import szilard as sz
    >>> pulled = sz.Protocol([0.0, 1.0], [0.0, 1.5])
    >>> round(sz.energetics(sz.systems.moved_trap(2.0), "equilibrium", 1.0, pulled).work, 9)
    1.277252194
    """
    if _is_langevin(process):
        from .continuous.exact import energetics as solve

        return solve(process, p0, duration, protocol, **options)  # type: ignore[arg-type]
    from .discrete.averages import energetics as average

    return average(process, p0, duration, protocol, **options)  # type: ignore[arg-type]


def entropy_production_rate(
    process: JumpProcess | Langevin, p: Any = None, control: float | None = None, **options: Options
) -> float:
    r"""sigma = dS/dt + sum_r (heat per time into r) / T_r >= 0, in nats per time; p=None: in the stationary state.

    See ``sz.discrete.entropy_production_rate`` and ``sz.continuous.entropy_production_rate``. options: those of the
    second, method, box and cells of a lattice.

    >>> import szilard as sz
    >>> sz.entropy_production_rate(sz.systems.linear([[1.3, -0.7], [0.7, 1.3]], 1.0))  # 2 (0.7)^2 / 1.3
    0.753846153846...
    """
    if _is_langevin(process):
        from .continuous.exact import entropy_production_rate as solve

        return solve(process, p, control, **options)  # type: ignore[arg-type]
    from .discrete.steady import entropy_production_rate as rate

    return rate(process, p, control, **options)  # type: ignore[arg-type]
