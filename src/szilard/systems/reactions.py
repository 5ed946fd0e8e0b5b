"""One reversible chemical reaction, as chemists write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..markup import table_of_text
from ._checks import positive

ARROWS = ("<->", "<=>", "⇌")
TERM = re.compile(r"(?:(\d{1,6})\s*\*?\s*)?([A-Za-z_][A-Za-z0-9_']*)")
NOTHING = ("", "0", "∅")


@dataclass(frozen=True, eq=False, repr=False)
class Reaction:
    r"""forward, backward propensities  k V prod_i (n_i)(n_i - 1) ... (n_i - nu_i + 1) / V^{nu_i}: mass action.

    equation: "A + 2 B <-> C", "0 <-> A"; nu_i is the whole number in front of species i. forward, backward: the
    macroscopic constants k, concentrations per time over the concentrations of the reactants to the power nu (no
    1/nu!); both > 0: a jump without a reverse would release infinite heat, so a one-way reaction has no
    thermodynamics. Give the reverse the constant that its free energy demands, however small. name: of the reservoir
    channel that the reaction becomes; the equation itself if left out.
    Raises InputError for an equation that cannot be read, a one-way arrow, constants <= 0.

    Source: Gillespie, J. Phys. Chem. 81, 2340 (1977), with his c = k nu! V^{1 - sum nu}.

    >>> Reaction("2 A <-> B", forward=1.0, backward=0.5)
    Reaction('2 A <-> B', forward=1, backward=0.5)
    """

    equation: str
    forward: float
    backward: float
    name: str
    reactants: Mapping[str, int] = field(init=False)
    products: Mapping[str, int] = field(init=False)

    def __init__(self, equation: str, forward: float, backward: float, *, name: str | None = None) -> None:
        left, right = _sides(equation)
        object.__setattr__(self, "equation", equation)
        object.__setattr__(self, "forward", _constant("forward", forward))
        object.__setattr__(self, "backward", _constant("backward", backward))
        object.__setattr__(self, "name", " ".join(equation.split()) if name is None else name)
        object.__setattr__(self, "reactants", _side(left, equation))
        object.__setattr__(self, "products", _side(right, equation))

    @property
    def species(self) -> tuple[str, ...]:
        """The species in the order in which the equation names them."""
        return tuple(dict.fromkeys((*self.reactants, *self.products)))

    def _repr_html_(self) -> str:
        return table_of_text(repr(self))

    def __repr__(self) -> str:
        return f"Reaction({self.equation!r}, forward={self.forward:g}, backward={self.backward:g})"


def _constant(field_name: str, value: float) -> float:
    if isinstance(value, (int, float)) and value == 0.0:
        rule = "must be > 0: a jump whose reverse has rate 0 would release infinite heat"
        raise InputError(field_name, value, rule, "give both constants, however small one is")
    return positive(field_name, value)


def _sides(equation: str) -> tuple[str, str]:
    if not isinstance(equation, str):
        raise InputError("equation", equation, "must be a text", 'for instance "A + B <-> C"')
    for arrow in ARROWS:
        if equation.count(arrow) == 1:
            left, right = equation.split(arrow)
            return left, right
    one_way = any(sign in equation for sign in ("->", "=>", "<-", "→"))
    rule = (
        "a one-way reaction would release infinite heat"
        if one_way
        else "must have two sides joined by one of " + ", ".join(ARROWS)
    )
    raise InputError("equation", equation, rule, 'write "<->" and give both constants, however small one is')


def _side(text: str, equation: str) -> dict[str, int]:
    if text.strip() in NOTHING:
        return {}
    counts: dict[str, int] = {}
    for term in text.split("+"):
        found = TERM.fullmatch(term.strip())
        if found is None or found[1] == "0":
            rule = f"cannot read {term.strip()!r}: a term is a whole number and a name"
            raise InputError("equation", equation, rule, 'for instance "A + 2 B <-> C", or "0 <-> A"')
        counts[found[2]] = counts.get(found[2], 0) + int(found[1] or 1)
    return counts
