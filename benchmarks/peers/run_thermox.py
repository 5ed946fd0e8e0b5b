"""thermox on JAX: exact steps of linear Langevin dynamics, the path of every replica kept, no heat booked."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve


def load() -> tuple[str, Any]:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import thermox

    jax.config.update("jax_enable_x64", True)

    @partial(jax.jit, static_argnames="scan")
    def walk(keys: Any, times: Any, start: Any, drift: Any, centre: Any, diffusion: Any, scan: bool) -> Any:
        def one(key: Any) -> Any:
            return thermox.sample(key, times, start, drift, centre, diffusion, associative_scan=scan)

        return jax.vmap(one)(keys)

    def run(
        hessian: Any, pull: Any, start: Any, replicas: int, steps: int, dt: float, scan: bool, along: Any, seed: int
    ) -> Any:
        """Seconds of the sampling alone; the mean over replicas of w . along at the end and its error."""
        H = np.array(hessian)
        drift, diffusion = thermox.preprocess(jnp.asarray(H), jnp.asarray(2.0 * np.eye(len(H))))
        centre = jnp.asarray(np.linalg.solve(H, np.array(pull)))
        times, keys = jnp.arange(steps + 1) * dt, jax.random.split(jax.random.key(seed), replicas)
        call = partial(walk, keys, times, jnp.asarray(np.array(start)), drift, centre, diffusion, scan=scan)
        call().block_until_ready()
        begin = cpu_seconds()
        found = call().block_until_ready()
        seconds = cpu_seconds() - begin
        seen = np.asarray(found[:, -1]) @ np.array(along)
        return {
            "seconds": seconds,
            "mean": float(seen.mean()),
            "stderr": float(seen.std(ddof=1) / np.sqrt(seen.size)),
        }

    return version("thermox"), run


serve(load)
