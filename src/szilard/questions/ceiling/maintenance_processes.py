"""Stationary states that a force without an energy keeps from rest, and two that rest: what each costs to keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ...continuous import (
    LabelFeedback,
    Langevin,
    Linear,
    Run,
    energetics,
    feedback_stationary,
    maintenance_ceiling,
    sample_feedback,
    simulate,
)
from ...continuous.gaussian_route import gaussian_stationary
from ...estimate import Estimate, Sampled
from ...laws import TrialFunctions, certified_ceiling, fourier, polynomials
from ...learning.rate_rules import lagged_matrix, oja_energy, oja_force, oja_swirl
from ...learning.rules import gradient
from ...systems import gyrator, tilted_ring
from ..part import Record

Array = NDArray[np.float64]
Values = Mapping[str, Any]
NETWORK = np.array([[1.0, 0.3, -0.2], [0.3, 1.5, 0.25], [-0.2, 0.25, 0.8]])
TURNED = np.array([[0.0, 1.0, -0.4], [-1.0, 0.0, 0.7], [0.4, -0.7, 0.0]])
SPREAD = np.array([1.0, 1.7, 0.6])
"""A network's energy w.Hw/2, its swirl and the mobilities of its weights, in units of the settings'."""
SPREAD_INPUTS = np.array([[1.0, 1.0], [1.0, 1.0], [1.2, -np.sqrt(0.56)]])
CYCLE = np.array([[1.0, 1.0, -1.0], [1.0, -1.0, 1.0], [1.0, -1.0, 1.0], [-1.0, -1.0, -1.0]])
LABELS = np.array([1.0, -1.0, 1.0])
"""Inputs (pattern, weight), |xi|^2 = N, of Oja's rule and of spike timing; labels of the rules that have an energy."""
PLUS, MINUS = 0.5, 0.3
SEEN = 6
"""Degree of Phi for the one weight of an answer that is fed back: its density has no simple form."""
ROUNDING = 1e-12
"""Of what the whole force would cost: below it a ceiling is zero."""


@dataclass(frozen=True)
class Steady:
    """A process at rest or kept from it; functions: the family that Phi is sought in; attained: it holds -ln p."""

    process: Langevin
    functions: TrialFunctions
    attained: bool = False


def oja(v: Values) -> Steady:
    r"""f = (c/2N) [|w|^2 C w - (w.C w) w] beside an energy of Oja's rule and k w^2/2, on 2 weights."""
    k, c = v["stiffness"], v["strength"]
    energy, swirl, force = oja_energy(SPREAD_INPUTS, c), oja_swirl(SPREAD_INPUTS, c), oja_force(SPREAD_INPUTS, c)

    def potential(w: Array) -> Array:
        return np.asarray(0.5 * k * np.sum(w * w, axis=1) + energy(w))

    def slope(w: Array) -> Array:
        return np.asarray(k * w - (force(w) - swirl(w)))

    process = Langevin(swirl, potential, gradient=slope, dim=2, mobility=v["mobility"], temperature=v["temperature"])
    return Steady(process, with_energy(process, int(v["degree"])))


def spike_timing(v: Values) -> Steady:
    r"""F = -k w + M w, M = c (a_+ L - a_- L^T): the antisymmetric part of M is the driving, on 3 weights."""
    M = lagged_matrix(CYCLE, PLUS, MINUS, v["strength"])
    H = v["stiffness"] * np.eye(3) - 0.5 * (M + M.T)
    return _linear(H, 0.5 * (M - M.T), v["mobility"] * np.ones(3), v["temperature"])


def network(v: Values) -> Steady:
    r"""F = -H w + r G w, G antisymmetric, H no multiple of 1, three mobilities."""
    return _linear(v["stiffness"] * NETWORK, v["strength"] * TURNED, v["mobility"] * SPREAD, v["temperature"])


def two_baths(v: Values) -> Steady:
    r"""U = k (x^2 + y^2)/2 + u x y with a bath of its own for x and for y: no force but that of the energy."""
    process = gyrator(v["stiffness"], v["strength"], (v["temperature"], v["other"]), mobility=v["mobility"])
    return Steady(process, polynomials(2), attained=True)


def ring(v: Values) -> Steady:
    r"""U = a cos w, f = tilt, on a ring."""
    process = tilted_ring(v["hill"], v["strength"], mobility=v["mobility"], temperature=v["temperature"])
    return Steady(process, fourier(1, 2.0 * np.pi))


def hebbian_at_rest(v: Values) -> Steady:
    r"""F_n = -k w_n + c N^{-1/2} sum_mu xi_n^mu sigma^mu at fixed labels: the energy k w^2/2 - w.f."""
    pull = v["strength"] * (LABELS @ SPREAD_INPUTS) / np.sqrt(2.0)
    force = Linear(v["stiffness"] * np.eye(2), pull)
    process = Langevin(linear=force, dim=2, mobility=v["mobility"], temperature=v["temperature"])
    return Steady(process, polynomials(2), attained=True)


def logistic_at_rest(v: Values) -> Steady:
    r"""F = -k w - c sum_mu dloss/dw of the logistic loss at fixed labels: the energy k w^2/2 + c sum_mu loss."""
    x, c, k, b = SPREAD_INPUTS / np.sqrt(2.0), v["strength"], v["stiffness"], gradient.parameters[0]

    def potential(w: Array) -> Array:
        stability = (w @ x.T) * LABELS
        return np.asarray(0.5 * k * np.sum(w * w, axis=1) + c * np.sum(np.logaddexp(0.0, -b * stability), axis=1) / b)

    def slope(w: Array) -> Array:
        stability = (w @ x.T) * LABELS
        return np.asarray(k * w - c * (LABELS / (1.0 + np.exp(b * stability))) @ x)

    process = Langevin(None, potential, gradient=slope, dim=2, mobility=v["mobility"], temperature=v["temperature"])
    return Steady(process, with_energy(process, int(v["degree"])), attained=True)


KINDS: Mapping[str, Callable[[Values], Steady]] = {
    "oja": oja,
    "spike timing": spike_timing,
    "network": network,
    "gyrator": two_baths,
    "ring": ring,
    "hebbian": hebbian_at_rest,
    "gradient": logistic_at_rest,
}


def _linear(H: Array, G: Array, mobility: Array, temperature: float) -> Steady:
    force = Linear(H, np.zeros(len(H)), swirl=G)
    process = Langevin(linear=force, dim=len(H), mobility=mobility, temperature=temperature)
    return Steady(process, polynomials(2), attained=True)


def with_energy(process: Langevin, degree: int) -> TrialFunctions:
    """U/<T>, the energy by name, and all monomials up to a degree."""
    monomials, T = polynomials(degree), float(process.temperature.mean())

    def family(w: Array) -> tuple[Array, Array]:
        values, slopes = (np.asarray(x) for x in monomials(w))
        energy, slope = process.energies(w)[:, None] / T, -process.slopes(w)[:, None, :] / T
        return np.concatenate([energy, values], axis=1), np.concatenate([slope, slopes], axis=1)

    return family


def measured(steady: Steady, v: Values, seed: int, threads: int | None) -> Record:
    r"""sigma_ss exactly, by heat, and under the ceilings sum_n mu_n T_n <(F_n/T_n + d_n Phi)^2> of four functions Phi.

    Phi = 0 (the whole force), Phi = U/T with the mean of the temperatures (the energy by name), Phi fitted to one half
    of the samples and judged on the other, both ways, and of a linear process the best of all, exactly. v: replicas,
    duration, looks, dt besides what the process took. Nats per time.
    """
    process, duration = steady.process, float(v["duration"])
    looks = duration * (1.0 + np.arange(v["looks"])) / v["looks"]
    run = simulate(
        process, "stationary", duration, replicas=int(v["replicas"]), seed=seed, dt=float(v["dt"]),
        times=looks.tolist(), entropy=False, threads=threads,
    )  # fmt: skip
    w = run.states
    flat = w.reshape(-1, process.dim)
    F, slope = process.forces(flat).reshape(w.shape), process.slopes(flat).reshape(w.shape)
    mu, T = process.mobility, process.temperature
    D = mu * T
    whole = Sampled.mean(np.sum(D * (F / T) ** 2, axis=2).mean(axis=1)).estimate()
    named = Sampled.mean(np.sum(D * (F / T - slope / T.mean()) ** 2, axis=2).mean(axis=1)).estimate()
    fitted = certified_ceiling(
        w, F, mobility=mu, temperature=T, functions=steady.functions,
        period=process.period if np.any(np.isfinite(process.period)) else None,
    )  # fmt: skip
    exact, error = _exact(process)
    heat = Sampled.mean(_entropy_flow(run, process)).estimate()
    if process.is_linear:  # what the trapezoid of a step adds to the work of a force without energy is known
        heat = replace(heat, value=heat.value - trapezoid_rate(process, run.dt) + exact)
    elif process.driven_at():  # and elsewhere falls with the step, so that a run of double steps takes it out
        coarse = simulate(
            process, "stationary", duration, replicas=int(v["replicas"]), seed=seed, dt=2.0 * v["dt"], entropy=False,
            threads=threads, cell="double steps",
        )  # fmt: skip
        twice = Sampled.mean(_entropy_flow(coarse, process)).estimate()
        heat = replace(heat, value=2.0 * heat.value - twice.value, stderr=hypot(2.0 * heat.stderr, twice.stderr))
    floor = ROUNDING * whole.value
    found = {"whole": whole, "named": named, "fitted": fitted, "heat": heat}
    record: dict[str, Any] = {"exact": exact if exact > floor else 0.0, "error": error, "attained": steady.attained}
    for name, x in found.items():
        kept = [x.value, x.stderr if x.stderr > ROUNDING * x.value else 0.0]
        record[name] = [0.0, 0.0] if name != "heat" and x.value < floor else kept
    if process.is_linear:
        best, by_name = maintenance_ceiling(process).value, _named_exactly(process)
        record |= {"best": best if best > floor else 0.0, "named": [by_name if by_name > floor else 0.0, 0.0]}
    return record | {"n": int(v["replicas"]), "conservative": process.equilibrates}


def _named_exactly(process: Langevin) -> float:
    r"""sum_n mu_n T_n <(F_n/T_n + d_n U/<T>)^2> of a linear process by the moments of its Gaussian."""
    steady, force = gaussian_stationary(process, None), process.linear_at()
    slope = (force.swirl - force.hessian) / process.temperature[:, None] + force.hessian / process.temperature.mean()
    shift = slope @ steady.mean + (1.0 / process.temperature - 1.0 / process.temperature.mean()) * force.pull
    spread = np.diag(slope @ steady.covariance @ slope.T)
    return float(np.sum(process.mobility * process.temperature * (spread + shift**2)))


def trapezoid_rate(process: Langevin, dt: float) -> float:
    r"""sum_i [(K C e^{-A^T dt})_ii - (K e^{-A dt} C)_ii]/(2 T_i dt): sigma_ss of a linear process as steps book it.

    dw = -A w dt + sqrt(2D) dB, A = -mu K, F = K w. The heat of a step is F_i + F_i' times (w_i' - w_i)/2, and
    <w' w^T> = e^{-A dt} C. For dt -> 0 it is the rate itself; the difference is of the order of A dt.
    """
    force, spread = process.linear_at(), gaussian_stationary(process, None).covariance
    K = force.swirl - force.hessian
    kept = expm(process.mobility[:, None] * K * dt)
    flow = 0.5 * (np.diag(K @ spread @ kept.T) - np.diag(K @ kept @ spread))
    return float(np.sum(flow / process.temperature)) / dt


def _exact(process: Langevin) -> tuple[float, float]:
    """sigma_ss and what the method leaves unknown of it, in nats per time."""
    if process.equilibrates:
        return 0.0, 0.0
    books = energetics(process, "stationary", 1.0)
    return float(books.entropy_production), 0.0 if process.is_linear else float(books.error)


def _entropy_flow(run: Run, process: Langevin) -> Array:
    """sum_r Q_r/T_r per time, or W/T where a force drives it at one temperature: its energy changes by 0 on average."""
    if process.driven_at() and process.temperatures.size == 1:
        return np.asarray(run.ledger.work / (process.temperatures[0] * run.duration))
    return np.asarray(run.ledger.heat @ (1.0 / process.temperatures) / run.duration)


def hidden(v: Values, seed: int, threads: int | None) -> Record:
    r"""Q_w/T + Idot_w <= mu T <(F/T + dPhi/dw)^2> for any Phi(w), F = -k w + nu s_T + g sigma the whole force.

    A weight that is also pushed by the neuron's own jumping answer sigma. With v the mean velocity at (w, sigma) and
    X = <v d_w ln p(w, sigma)> = Idot_w, F/T + Phi' = v/(mu T) + d_w ln p + Phi', and <v Phi'(w)> = 0 in a steady state:
    the right-hand side is sigma_w + 2 X + a square, and Q_w/T = sigma_w + X. Who averages the answer at a given weight
    sees a force with an energy and a ceiling of 0, for a process that heats its bath (g > a/2). Derived here.
    """
    process = LabelFeedback(
        push=v["push"], feedback=v["feedback"], field=v["field"], flip_rate=v["flip_rate"],
        stiffness=v["stiffness"], mobility=v["mobility"], temperature=v["temperature"],
    )  # fmt: skip
    rates = feedback_stationary(process)
    run = sample_feedback(
        process, float(v["duration"]), replicas=int(v["replicas"]), seed=seed, dt=float(v["dt"]),
        initial="stationary", times=[0.5 * v["duration"]], threads=threads,
    )  # fmt: skip
    w, answers = run.weights[:, 1:, None], run.labels[:, 1:, None]
    p = rates.density(w[:, :, 0])
    mean = ((p[..., 1] - p[..., 0]) / p.sum(axis=-1))[:, :, None]
    T, still = process.temperature, -process.stiffness * w + process.push * process.label
    found = {
        name: certified_ceiling(
            w, still + process.feedback * x, mobility=process.mobility, temperature=T,
            functions=polynomials(SEEN),
        )
        for name, x in (("averaged", mean), ("fitted", answers))
    }  # fmt: skip
    heat = Sampled.mean(run.ledger.heat[:, 0] / (T * v["duration"])).estimate()
    record: dict[str, Any] = {"heat": [heat.value, heat.stderr], "n": int(v["replicas"])}
    record |= {name: [x.value, x.stderr] for name, x in found.items()}
    return record | {
        "exact": float(rates.heat[0] / T), "error": float(rates.error / T), "flow": float(rates.information_flow[0])
    }  # fmt: skip


def estimate_of(record: Record, name: str) -> Estimate:
    """A sampled number of a record with its error; exact where the error is 0."""
    value, stderr = (float(x) for x in record[name])
    return Estimate(value, stderr, int(record["n"]) if stderr > 0.0 else 0)
