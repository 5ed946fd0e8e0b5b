"""Grids and designs: which runs the tables of a study file ask for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from math import floor, inf
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from ..errors import InputError
from ..learning import rules
from .axes import DEFAULTS, WHOLE, Axes, Range

MAX_CELLS = 100_000


class Design(Axes):
    """A grid of which some parameters are drawn: ``points`` draws, each for every combination of its lists.

    kind: "sobol" spreads the draws evenly (a power of 2 of them), "random" draws them independently, "saltelli" makes
    the pairs that Sobol indices are estimated from. More points of the first two leave the earlier ones as they are.
    """

    kind: Literal["sobol", "random", "saltelli"] = "sobol"
    points: Annotated[int, Field(ge=1, le=MAX_CELLS)]

    @property
    def ranges(self) -> dict[str, Range]:
        """The parameters that are drawn."""
        return {name: r for name in Axes.model_fields if isinstance(r := getattr(self, name), Range)}


def grid_points(grid: Axes, training: Axes, where: str, room: int) -> Iterator[dict[str, Any]]:
    """The product of a grid's lists, over what [training] and the defaults say.

    where: what the grid is called; room: how many runs it may have. Raises InputError for an empty list, a range, an
    unknown rule, or more runs.
    """
    lists = _lists(grid, training, where)
    for name, values in lists.items():
        if any(isinstance(value, Range) for value in values):
            rule = "a range is drawn from, which a grid does not"
            raise InputError(f"{where}.{name}", "a range", rule, "give a list, or make a [[design]] of the grid")
    _refuse_many(where, _count(lists), room)
    yield from map(_settled, _product(lists))


def design_points(design: Design, training: Axes, where: str, seed: int, room: int) -> Iterator[dict[str, Any]]:
    """Every draw of a design's ranges for every combination of its lists, draw after draw; errors as of a grid."""
    ranges = design.ranges
    if not ranges:
        rule = "draws at least one parameter"
        raise InputError(where, "no range", rule, "for instance learning_rate = { low = 0.1, high = 10.0 }")
    lists = _lists(design, training, where)
    for name, values in lists.items():
        if name not in ranges and any(isinstance(value, Range) for value in values):
            rule = "a range that all designs share must stand in each of them"
            raise InputError(f"training.{name}", "a range", rule, "move it to the design")
    for name, r in ranges.items():
        _check_ends(name, r, where)
        lists[name] = [None]
    rows = design.points * (len(ranges) + 2 if design.kind == "saltelli" else 1)
    _refuse_many(where, rows * _count(lists), room)
    shares = draws(design, where, seed)
    for row in shares:
        drawn = {name: drawn_number(name, r, float(u)) for u, (name, r) in zip(row, ranges.items(), strict=True)}
        for point in _product(lists):
            yield _settled(point | drawn)


def draws(design: Design, where: str, seed: int) -> NDArray[np.float64]:
    """The draws of a design, (draw, range), in (0, 1)."""
    names = tuple(design.ranges)
    if design.kind != "random" and design.points & (design.points - 1):
        rule = f'must be a power of 2 for kind = "{design.kind}"'
        raise InputError(f"{where}.points", design.points, rule, f"give {1 << design.points.bit_length()}")
    if design.kind == "saltelli":
        from .sobol_indices import saltelli_points

        return saltelli_points(len(names), design.points, seed)
    if design.kind == "sobol":
        from scipy.stats import qmc

        return np.asarray(qmc.Sobol(len(names), rng=np.random.Generator(np.random.Philox(seed))).random(design.points))
    rows = [np.random.Generator(np.random.Philox(key=[seed, i])).random(design.points) for i in range(len(names))]
    return np.stack(rows, axis=1)


def _lists(grid: Axes, training: Axes, where: str) -> dict[str, list[Any]]:
    """Every parameter's values, each once."""
    own, shared = ({n: getattr(t, n) for n in Axes.model_fields if n in t.model_fields_set} for t in (grid, training))
    for table, name in ((own, where), (shared, "training")):
        if "ramp" in table and "schedule" in table:
            rule = "ramp and schedule say the same"
            raise InputError(f"{name}.ramp", "ramp and schedule", rule, "give one of them")
    if "ramp" in own or "schedule" in own:
        shared = {name: value for name, value in shared.items() if name not in ("ramp", "schedule")}
    lists: dict[str, list[Any]] = {}
    for name, value in {**DEFAULTS, **shared, **own}.items():
        values = list(dict.fromkeys(value)) if isinstance(value, list) else [value]
        if not values:
            rule = "an axis needs at least one value"
            raise InputError(f"{where}.{name}", "[]", rule, "give a value or drop the key")
        lists[name] = values
    for rule_name in lists["rule"]:
        if rule_name not in rules.SHIPPED:
            rule = f"must be one of {', '.join(rules.SHIPPED)}"
            raise InputError(f"{where}.rule", rule_name, rule, "name one; sz.train trains a rule of your own")
    return lists


def _count(lists: Mapping[str, list[Any]]) -> int:
    count = 1
    for values in lists.values():
        count *= len(values)
    return count


def _refuse_many(where: str, count: int, room: int) -> None:
    if count > room:
        rule = f"a study has at most {MAX_CELLS} runs"
        got = f"{count} runs, {MAX_CELLS - room} before them"
        raise InputError(where, got, rule, "use fewer values per axis, or fewer points")


def _product(lists: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for chosen in itertools.product(*lists.values()):
        yield dict(zip(lists, chosen, strict=True))


def _settled(point: dict[str, Any]) -> dict[str, Any]:
    """The point with one name for one thing: a ramp as a schedule and as a number, nothing of showing in a batch."""
    if point["mode"] == "batch":
        point |= {"dwell": None, "order": "fixed", "online": "flow"}
    if point["ramp"] is None:
        point["ramp"] = _ramp(point["schedule"])
    if point["ramp"] is not None:
        point["schedule"] = f"ramp:{point['ramp']:.12g}" if point["ramp"] > 0.0 else "quench"
    return point


def _ramp(schedule: str) -> float | None:
    """How long it rises; None where ``train`` will say what is wrong with it."""
    if schedule == "quench":
        return 0.0
    try:
        rise = float(schedule.removeprefix("ramp:"))
    except ValueError:
        return None
    return rise if schedule.startswith("ramp:") and 0.0 < rise < inf else None


def _check_ends(name: str, between: Range, where: str) -> None:
    """Raise InputError unless both ends are values that the parameter may have."""
    for end in (between.low, between.high):
        if name in WHOLE and not end.is_integer():
            raise InputError(f"{where}.{name}", end, "must be a whole number", "give whole ends")
        try:
            Axes.model_validate({name: int(end) if name in WHOLE else end})
        except ValidationError as error:
            rule = next(e["msg"] for e in error.errors() if not e["type"].endswith("_type"))
            rule = rule.replace("Input should", "must")
            raise InputError(f"{where}.{name}", end, rule, "give other ends") from None


def drawn_number(name: str, between: Range, share: float) -> float | int:
    """A parameter's value at this share of its range; of whole numbers each has the same share, ends included."""
    if name not in WHOLE:
        return between.at(share)
    wider = between.model_copy(update={"high": between.high + 1.0})
    return int(min(floor(wider.at(share)), between.high))
