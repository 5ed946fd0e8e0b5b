"""Reactions as chemists write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from szilard.errors import InputError
from szilard.systems import Reaction


@pytest.mark.parametrize(
    ("equation", "reactants", "products"),
    [
        ("A <-> B", {"A": 1}, {"B": 1}),
        ("2 A + B <=> 3C", {"A": 2, "B": 1}, {"C": 3}),
        ("0 <-> mRNA_1", {}, {"mRNA_1": 1}),
        ("∅ ⇌ 2*X", {}, {"X": 2}),
        (" A+A<->", {"A": 2}, {}),
        ("A' + 2 X <-> 3 X", {"A'": 1, "X": 2}, {"X": 3}),
    ],
)
def test_equations_are_read(equation: str, reactants: dict[str, int], products: dict[str, int]) -> None:
    reaction = Reaction(equation, 2.0, 0.5, name="r")
    assert dict(reaction.reactants) == reactants
    assert dict(reaction.products) == products
    assert (reaction.forward, reaction.backward, reaction.name) == (2.0, 0.5, "r")


def test_name_and_species() -> None:
    reaction = Reaction("B  +  A <-> B", 1.0, 1.0)
    assert reaction.name == "B + A <-> B"
    assert reaction.species == ("B", "A")


@given(st.text("AB0123 +<->=⇌*.", max_size=12))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        reaction = Reaction(text, 1.0, 1.0)
    except InputError as error:
        assert error.field in ("equation", "name")
    else:
        assert all(nu >= 1 for side in (reaction.reactants, reaction.products) for nu in side.values())


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("equation", lambda: Reaction("A -> B", 1.0, 1.0)),
        ("equation", lambda: Reaction("A B", 1.0, 1.0)),
        ("equation", lambda: Reaction("A <-> B <-> C", 1.0, 1.0)),
        ("equation", lambda: Reaction("0 A <-> B", 1.0, 1.0)),
        ("equation", lambda: Reaction("1.5 A <-> B", 1.0, 1.0)),
        ("equation", lambda: Reaction("A + <-> B", 1.0, 1.0)),
        ("equation", lambda: Reaction(None, 1.0, 1.0)),  # type: ignore[arg-type]
        ("forward", lambda: Reaction("A <-> B", 0, 1.0)),
        ("backward", lambda: Reaction("A <-> B", 1.0, 0.0)),
        ("backward", lambda: Reaction("A <-> B", 1.0, -1.0)),
        ("forward", lambda: Reaction("A <-> B", float("nan"), 1.0)),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field


def test_one_way_is_refused_with_its_reason() -> None:
    with pytest.raises(InputError, match="infinite heat"):
        Reaction("A -> B", 1.0, 1.0)
    with pytest.raises(InputError, match="infinite heat"):
        Reaction("A <-> B", 1.0, 0.0)
