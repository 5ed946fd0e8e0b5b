"""diffrax on JAX: Langevin learning and linear Langevin dynamics, steps of Euler, no heat booked."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import Any

from clock import cpu_seconds
from serve import serve


def load() -> tuple[str, Any]:
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax
    import numpy as np

    jax.config.update("jax_enable_x64", True)

    def walk(force: Any, start: Any, key: Any, steps: int, dt: float, dtype: Any) -> Any:
        """dw = force(w) dt + sqrt(2) dW of all replicas at once, (replica, coordinate), at the end."""
        noise = diffrax.UnsafeBrownianPath(jax.ShapeDtypeStruct(start.shape, dtype), key)
        width = lineax.DiagonalLinearOperator(jnp.full(start.shape, np.sqrt(2.0), dtype))
        terms = diffrax.MultiTerm(
            diffrax.ODETerm(lambda t, w, _: force(w)), diffrax.ControlTerm(lambda t, w, _: width, noise)
        )
        end, step = jnp.asarray(steps * dt, dtype), jnp.asarray(dt, dtype)
        found = diffrax.diffeqsolve(
            terms, diffrax.Euler(), jnp.zeros((), dtype), end, step, start,
            saveat=diffrax.SaveAt(t1=True), adjoint=diffrax.ForwardMode(), max_steps=None,
        )  # fmt: skip
        return found.ys[0]

    @partial(jax.jit, static_argnames=("rule", "replicas", "steps", "dt", "dtype"))
    def learn(key: Any, inputs: Any, labels: Any, rule: str, replicas: int, steps: int, dt: float, dtype: Any) -> Any:
        """F = 1, theta(-y A) or |A| theta(-y A) along y x of every pattern, x = xi / sqrt(N)."""
        x, y = inputs.astype(dtype), labels.astype(dtype)
        push = y @ x

        def force(w: Any) -> Any:
            if rule == "hebbian":
                return push - w
            field = w @ x.T
            amplitude = y if rule == "perceptron" else -field
            return jnp.where(y * field < 0.0, amplitude, jnp.zeros((), dtype)) @ x - w

        first, second = jax.random.split(key)
        return walk(force, jax.random.normal(first, (replicas, x.shape[1]), dtype), second, steps, dt, dtype)

    @partial(jax.jit, static_argnames=("replicas", "steps", "dt", "dtype"))
    def linear(key: Any, hessian: Any, pull: Any, start: Any, replicas: int, steps: int, dt: float, dtype: Any) -> Any:
        H, h, at = (a.astype(dtype) for a in (hessian, pull, start))
        return walk(lambda w: h - w @ H, jnp.tile(at, (replicas, 1)), key, steps, dt, dtype)

    jobs, ran = {"learn": learn, "linear": linear}, set()

    def run(job: str, arrays: dict[str, Any], along: list[float], dtype: str, seed: int, **fixed: Any) -> Any:
        """Seconds without compilation; the mean over replicas of w . along at the end and its error."""
        keywords = {name: jnp.asarray(np.array(a, dtype=np.float64)) for name, a in arrays.items()}
        call = partial(jobs[job], **keywords, **fixed, dtype=np.dtype(dtype))
        kind = (job, dtype, *(a.shape for a in keywords.values()), *sorted(fixed.items()))
        if kind not in ran:
            call(jax.random.key(seed)).block_until_ready()
            ran.add(kind)
        start = cpu_seconds()
        found = call(jax.random.key(seed)).block_until_ready()
        seconds = cpu_seconds() - start
        seen = np.asarray(found, dtype=np.float64) @ np.array(along)
        return {
            "seconds": seconds,
            "mean": float(seen.mean()),
            "stderr": float(seen.std(ddof=1) / np.sqrt(seen.size)),
        }

    return version("diffrax"), run


serve(load)
