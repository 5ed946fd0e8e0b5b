"""QuTiP's mcsolve: two states whose collapse operators move in time, rates e^(-t/2) up and e^(t/2) down."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve


def load() -> tuple[str, Any]:
    import numpy as np
    import qutip

    raised = qutip.basis(2, 1) * qutip.basis(2, 0).dag()
    collapse = [
        qutip.QobjEvo([raised, lambda t: np.exp(-t / 4.0)]),
        qutip.QobjEvo([raised.dag(), lambda t: np.exp(t / 4.0)]),
    ]

    def run(trajectories: int, duration: float, looks: int, seed: int) -> Any:
        times = np.linspace(0.0, duration, looks + 1)
        start = cpu_seconds()
        found = qutip.mcsolve(
            qutip.Qobj(np.zeros((2, 2))),
            qutip.basis(2, 0),
            times,
            collapse,
            e_ops=[qutip.basis(2, 1).proj()],
            ntraj=trajectories,
            seeds=seed,
            options={"progress_bar": ""},
        )
        seconds = cpu_seconds() - start
        jumps = np.array([len(kicks) for kicks in found.col_times])
        return {
            "seconds": seconds,
            "upper": [float(p) for p in found.average_expect[0][1:]],
            "jumps": float(jumps.mean()),
            "jumps_error": float(jumps.std(ddof=1) / np.sqrt(jumps.size)),
        }

    return version("qutip"), run


serve(load)
