"""Graphs with labels: order of the nodes, drives by name, reservoirs by attribute, errors that name nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest

from szilard.errors import InputError
from szilard.systems import from_graph, from_rates, ring
from tests.systems.books import assert_local_balance


def triangle() -> Any:
    g = nx.Graph()
    for label, energy in (("b", 0.5), ("a", 0.0), ("c", 1.2)):
        g.add_node(label, energy=energy)
    g.add_edge("c", "b", attempt=2.0)
    g.add_edge("a", "b")
    g.add_edge("a", "c", attempt=0.3)
    return g


def test_nodes_keep_their_order_and_the_drive_its_direction() -> None:
    """b, a, c against the ring a -> b -> c -> a of states 0, 1, 2."""
    drive = {("a", "b"): 0.5, ("b", "c"): 0.5, ("c", "a"): 0.5}
    process = from_graph(triangle(), drive=drive, temperature=0.7)
    np.testing.assert_array_equal(process.energies(), [0.5, 0.0, 1.2])
    wanted = ring([0.0, 0.5, 1.2], 1.5, attempt=[1.0, 2.0, 0.3], temperature=0.7).generator().toarray()
    order = [1, 0, 2]
    np.testing.assert_allclose(process.generator().toarray(), wanted[np.ix_(order, order)], rtol=1e-14)
    assert_local_balance(process)
    assert not from_graph(triangle()).driven


def test_a_directed_graph_gives_the_rates_of_its_matrix() -> None:
    k = np.array([[0.0, 2.0, 0.5], [1.0, 0.0, 3.0], [4.0, 1.0, 0.0]])
    g = nx.DiGraph()
    g.add_nodes_from("xyz")
    g.add_edges_from(("xyz"[j], "xyz"[i], {"rate": k[i, j]}) for i in range(3) for j in range(3) if i != j)
    found, wanted = from_graph(g, temperature=0.5), from_rates(k, temperature=0.5)
    np.testing.assert_array_equal(found.generator().toarray(), wanted.generator().toarray())
    np.testing.assert_array_equal(found.energies(), wanted.energies())
    for label, energy in zip("xyz", (3.0, 0.0, 1.0), strict=True):
        g.nodes[label]["energy"] = energy
    np.testing.assert_array_equal(from_graph(g).energies(), [3.0, 0.0, 1.0])


def test_reservoirs_are_named_on_edges() -> None:
    g = nx.MultiGraph()
    g.add_edge("off", "on", reservoir="hot", attempt=2.0)
    g.add_edge("off", "on", reservoir="cold")
    g.nodes["on"]["energy"] = 1.0
    process = from_graph(g, temperature={"cold": 0.5, "hot": 3.0}, kinetics="heat_bath")
    assert process.reservoirs == ("cold", "hot")
    L = process.generator().toarray()
    assert L[1, 0] == pytest.approx(2.0 / (1 + np.exp(1 / 3.0)) + 1.0 / (1 + np.exp(1 / 0.5)), rel=1e-14)
    both = nx.MultiDiGraph()
    for name, up, down in (("hot", 1.0, 2.0), ("cold", 0.1, 3.0)):
        both.add_edge(0, 1, rate=up, reservoir=name)
        both.add_edge(1, 0, rate=down, reservoir=name)
    two = from_graph(both, temperature={"hot": 2.0, "cold": 1.0})
    np.testing.assert_allclose(two.generator().toarray(), [[-1.1, 5.0], [1.1, -5.0]], rtol=1e-14)
    assert_local_balance(two)


def test_nodes_alone_are_states_alone() -> None:
    g = nx.Graph()
    g.add_nodes_from([3, 1])
    assert from_graph(g).components().tolist() == [0, 1]
    assert from_graph(nx.DiGraph([(0, 1, {"rate": 0.0})])).components().tolist() == [0, 1]


def with_edge(g: Any, *edge: Any, **attributes: Any) -> Any:
    g.add_edge(*edge, **attributes)
    return g


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("g", lambda: from_graph([[0, 1], [1, 0]])),
        ("g", lambda: from_graph(nx.Graph())),
        ("kinetics", lambda: from_graph(triangle(), kinetics="fast")),  # type: ignore[arg-type]
        ("drive", lambda: from_graph(triangle(), drive={("a", "z"): 1.0})),
        ("drive", lambda: from_graph(triangle(), drive={("a", "b"): 1.0, ("b", "a"): -1.0})),
        ("drive['a', 'b']", lambda: from_graph(triangle(), drive={("a", "b"): np.nan})),
        ("drive", lambda: from_graph(nx.DiGraph([(0, 1, {"rate": 1.0}), (1, 0, {"rate": 1.0})]), drive={})),
        ("edge 'a' -> 'a'", lambda: from_graph(with_edge(triangle(), "a", "a"))),
        ("edges 0 - 1", lambda: from_graph(nx.MultiGraph([(0, 1), (0, 1)]))),
        ("attempt of 'b' - 'a'", lambda: from_graph(with_edge(triangle(), "a", "b", attempt=-1.0))),
        ("edge 0 -> 1", lambda: from_graph(nx.DiGraph([(0, 1)]))),
        ("rate of 'a' -> 'b'", lambda: from_graph(nx.DiGraph([("a", "b", {"rate": np.inf})]))),
        ("rates of 'a' -> 'b' and 'b' -> 'a'", lambda: from_graph(nx.DiGraph([("a", "b", {"rate": 1.0})]))),
        ("temperature", lambda: from_graph(triangle(), temperature={"hot": 1.0})),
        ("temperature", lambda: from_graph(triangle(), temperature=0.0)),
        ("kinetics", lambda: from_graph(nx.DiGraph([(0, 1, {"rate": 1.0})]), kinetics="heat_bath")),
    ],
)
def test_bad_input(field: str, call: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field


def test_energy_is_on_all_directed_nodes_or_on_none() -> None:
    g = nx.DiGraph([(0, 1, {"rate": 1.0}), (1, 0, {"rate": 2.0})])
    g.nodes[0]["energy"] = 1.0
    with pytest.raises(InputError) as caught:
        from_graph(g)
    assert caught.value.field == "energy"
    with pytest.raises(InputError) as caught:
        from_graph(with_edge(triangle(), "a", "d"), drive={("a", "d"): "much"})  # type: ignore[dict-item]
    assert caught.value.field == "drive['a', 'd']"
