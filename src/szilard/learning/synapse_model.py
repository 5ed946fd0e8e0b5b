"""One synapse whose weight drifts and diffuses: its stationary density, a lattice, trajectories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from .._kernels.random import INITIAL, NOISE, normals, stream_key
from ..discrete import JumpProcess
from ..discrete.relaxation import relaxation_spectrum
from ..errors import InputError, is_whole, number
from ..estimate import Estimate
from ..markup import table_of_text
from ..request import refuse_room
from ..systems import from_rates
from .density_quadrature import Quadrature, positive, reach, solved
from .weight_density import SEEN, WeightDensity, turning_points

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
GRID = 2001
"""Points at which the slope of a density is looked at first."""
APART = 1e-3
"""Of the standard deviation of the density: how far apart D is taken to find its slope."""
SMALL, LARGE, RARE = 0.05, 0.5, 0.02
"""Steps in time as a share of the shortest time scale: the one taken, the largest allowed; tails left out."""
CELLS = (100, 200, 400)
HELD = 64
"""Numbers in memory at once, of every replica or every cell."""


@dataclass(frozen=True, eq=False, repr=False)
class Plasticity:
    r"""dw = A(w) dt + sqrt(2 D(w)) dB (Ito), low <= w <= high, bounds reflecting: p_ss ~ (1/D) e^{int A/D dw}.

    drift, diffusion: functions of an array (point,) that give A, in weight/time, and D > 0, in weight^2/time, of the
    same shape. low, high: the bounds, or -inf and inf. Noise of Stratonovich's kind with the same D has the Ito drift
    A + D'/2, anti-Ito noise A + D': the density is then D^{-1/2} e^{int A/D} or e^{int A/D}. finest: structure of the
    density narrower than this is not looked for.

    In one dimension between bounds that reflect, the stationary current is zero and so is the entropy production of w.
    thermal: whether the noise is that of a bath, D = mu T constant: then it is heat over temperature. Else it is
    apparent: what makes the noise may cost anything.
    Raises InputError for functions that give no numbers, D <= 0, low >= high, thermal noise whose D varies.

    van Kampen, Stochastic Processes in Physics and Chemistry (2007), chapters VIII and IX.

    >>> Plasticity(lambda w: -w, lambda w: np.full_like(w, 2.0)).stationary()
    WeightDensity of a weight: mean ..., std 1.41421, entropy 1.76551 nats, mode at ..., error ...
    """

    drift: Function
    diffusion: Function
    low: float = -np.inf
    high: float = np.inf
    name: str = "a weight"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    thermal: bool = False
    finest: float = 0.0

    def __post_init__(self) -> None:
        ends = np.array([self.low, self.high], dtype=np.float64)
        if np.any(np.isnan(ends)) or not ends[0] < ends[1] or ends[0] == np.inf or ends[1] == -np.inf:
            raise InputError("low", (self.low, self.high), "must be below high", "low=0.0, high=1.0")
        if not number("finest", self.finest) >= 0.0:
            raise InputError("finest", self.finest, "must be >= 0", "the size of one change of the weight")
        for role in ("drift", "diffusion"):
            function = getattr(self, role)
            if not callable(function):
                raise InputError(role, function, "must be a function", "lambda w: ...")
            object.__setattr__(self, role, _checked(function, role))
        low = self.low if np.isfinite(self.low) else min(self.high - 1.0, -1.0)
        high = self.high if np.isfinite(self.high) else max(self.low + 1.0, 1.0)
        probes: Array = np.linspace(low, high, 9)[1:-1]
        self.drift(probes)
        D = positive(self.diffusion, probes)
        if self.thermal and np.ptp(D) > 1e-12 * D.max():
            raise InputError("thermal", True, "thermal noise has one D = mu T", "leave thermal out, or give that D")

    def slope(self, weights: Array) -> Array:
        """d ln p_ss / dw = (A - D') / D at weights (point,); D' by five points. Raises InputError as ``stationary``."""
        w = np.asarray(weights, dtype=np.float64)
        return np.asarray((self.drift(w) - self._diffusion_slope(w)) / self.diffusion(w))

    def stationary(self) -> WeightDensity:
        """p_ss by quadrature of its exponent, with its modes; raises InputError where no density is stationary."""
        found = self._solved
        seen = found.w[found.p > SEEN * found.p.max()]
        walls = np.isfinite(self.low) and seen[0] == found.w[0], np.isfinite(self.high) and seen[-1] == found.w[-1]
        span = seen[-1] - seen[0]
        room = max(self.finest, 1e-9 * span)
        grid = np.linspace(self.low + room if walls[0] else seen[0], self.high - room if walls[1] else seen[-1], GRID)
        modes, troughs = turning_points(self.slope, grid, walls)
        modes = np.where(modes == grid[0], self.low if walls[0] else grid[0], modes)
        modes = np.where(modes == grid[-1], self.high if walls[1] else grid[-1], modes)
        blank = WeightDensity(
            found.w, found.p, found.measure, found.cumulative, modes, modes, troughs, self.low, self.high, found.error,
            self.name,
        )  # fmt: skip
        return WeightDensity(**{**vars(blank), "heights": blank.density(modes)})

    def lattice(self, cells: int) -> tuple[JumpProcess, Array]:
        r"""k(w -> w +- h) = (D(w)/h^2) e^{+- h A(w) / 2 D(w)}: a jump process, and the centres of its cells (cell,).

        Walls reflect; mean and mean square of a jump are A and 2 D, all else is O(h^2). Rates imply an energy, the
        apparent one: -ln of the stationary distribution. Raises InputError for fewer than 8 cells, or more than memory
        holds.

        >>> ring, w = Plasticity(lambda w: -w, np.ones_like).lattice(100)
        >>> ring.n_states
        100
        """
        if not is_whole(cells, 8):
            raise InputError("cells", cells, "must be a whole number >= 8", "some hundred, for instance")
        refuse_room("cells", f"{cells} cells", HELD * int(cells), "some hundred, for instance")
        low, high = reach(self.drift, self.diffusion, self.low, self.high)
        h = (high - low) / cells
        w = np.asarray(low + h * (np.arange(cells) + 0.5), dtype=np.float64)
        D = positive(self.diffusion, w)
        tilt = 0.5 * h * self.drift(w) / D
        up, down = D / h**2 * np.exp(tilt), D / h**2 * np.exp(-tilt)
        return from_rates(sparse.diags_array([up[:-1], down[1:]], offsets=[-1, 1]).tocoo()), w

    def relaxation_rate(self) -> Estimate:
        """The spectral gap, in 1/time: the rate of the last approach to p_ss; from lattices, extrapolated in h^2."""
        rates = [relaxation_spectrum(self.lattice(cells)[0], count=1).gap for cells in CELLS]
        once = [b + (b - a) / 3.0 for a, b in zip(rates[:-1], rates[1:], strict=True)]
        return Estimate(once[1], abs(once[1] - once[0]), note="error: the change from coarser lattices")

    @property
    def longest_step(self) -> float:
        """Half the time in which w diffuses a tenth of the range, or D/|A|; 2 % of either tail left out."""
        p = self.stationary()
        w = p.w[(p.cumulative > RARE) & (p.cumulative < 1.0 - RARE)]
        A, D = self.drift(w), self.diffusion(w)
        length = np.minimum(np.ptp(w) / 10.0, D / np.maximum(np.abs(A), 1e-300))
        return LARGE * float(np.min(length**2 / (2.0 * D)))

    def simulate(
        self,
        replicas: int,
        duration: float,
        seed: int,
        dt: float | None = None,
        *,
        initial: ArrayLike | str = "stationary",
        cell: str = "",
    ) -> Array:
        r"""w' = w + A dt + sqrt(2 D dt) z + (D'/2) dt (z^2 - 1), turned back at bounds: the last weights (replica,).

        Milstein's steps; means err by O(dt). dt: None takes a tenth of ``longest_step``. initial: "stationary", a
        number or (replica,). The same seed gives the same bits. Raises InputError for values out of range, more
        replicas than memory holds, a dt above ``longest_step``, or initial weights outside the bounds.
        """
        for name, given, least in (("replicas", replicas, 1), ("seed", seed, 0)):
            if not is_whole(given, least):
                raise InputError(name, given, f"must be a whole number >= {least}", "give a count")
        refuse_room("replicas", f"{replicas} replicas", HELD * int(replicas), "take fewer replicas")
        end, most = number("duration", duration), self.longest_step
        step = SMALL / LARGE * most if dt is None else number("dt", dt)
        if not end > 0.0:
            raise InputError("duration", end, "must be > 0", "some relaxation times")
        if not 0.0 < step <= most:
            raise InputError("dt", step, f"must be > 0 and at most {most:.3g}", "leave it out")
        key, steps = stream_key(seed, cell), ceil(end / step * (1.0 - 1e-12))
        w, h = self._start(initial, replicas, key), end / steps
        for s in range(1, steps + 1):
            z = normals(NOISE, s, 0, key, (1, replicas))[0]
            D = self.diffusion(w)
            w = w + self.drift(w) * h + np.sqrt(2.0 * h * D) * z + 0.5 * h * self._diffusion_slope(w) * (z * z - 1.0)
            w = np.where(w < self.low, 2.0 * self.low - w, w) if np.isfinite(self.low) else w
            w = np.where(w > self.high, 2.0 * self.high - w, w) if np.isfinite(self.high) else w
            w = np.clip(w, self.low, self.high)
        return w

    @cached_property
    def _solved(self) -> Quadrature:
        return solved(self.drift, self.diffusion, self.low, self.high)

    def _start(self, initial: ArrayLike | str, replicas: int, key: tuple[np.uint64, np.uint64]) -> Array:
        if isinstance(initial, str):
            if initial != "stationary":
                raise InputError("initial", initial, 'must be "stationary", a number or (replica,)', "initial=0.5")
            from scipy.special import ndtr

            return self.stationary().quantile(ndtr(normals(INITIAL, 0, 0, key, (1, replicas))[0]))
        w = np.asarray(initial, dtype=np.float64)
        if w.shape not in ((), (replicas,)) or not np.all((w >= self.low) & (w <= self.high)):
            rule = f"must be one weight or {replicas} of them, within the bounds"
            raise InputError("initial", initial, rule, "initial=0.5")
        return np.broadcast_to(w, replicas).copy()

    def _diffusion_slope(self, w: Array) -> Array:
        span = self._solved.width
        room = np.minimum(w - self.low, self.high - w) / 2.0
        h = np.clip(APART * span, 1e-12 * span, np.maximum(room, 1e-12 * span))
        at = [np.clip(w + k * h, self.low, self.high) for k in (-2.0, -1.0, 1.0, 2.0)]
        a, b, c, d = (self.diffusion(x) for x in at)
        return np.asarray((a - d + 8.0 * (c - b)) / (12.0 * h))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        noise = "thermal noise" if self.thermal else "noise that is not thermal"
        return f"Plasticity of {self.name} on [{self.low:g}, {self.high:g}], {noise}"


def _checked(function: Function, role: str) -> Function:
    """The function, whose values are refused unless they are one finite number per weight."""

    def values(w: Array) -> Array:
        x = np.asarray(w, dtype=np.float64)
        try:
            with np.errstate(all="ignore"):
                found = np.asarray(function(x), dtype=np.float64)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise InputError(role, f"{type(error).__name__}: {error}", "must give numbers", "w is an array") from error
        if found.shape != x.shape or not np.all(np.isfinite(found)):
            rule = f"must give finite numbers of shape {x.shape}"
            raise InputError(
                role, found.shape if found.shape != x.shape else "not finite", rule, "np.full_like(w, ...)"
            )
        return found

    return values
