"""A process from a networkx graph."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from ..discrete import JumpProcess
from ..discrete.channel import KINETICS, Kinetics
from ..errors import InputError, number
from ._checks import channel_of, not_negative, positive
from .rates import from_rates

Edge = tuple[Hashable, Hashable]


def from_graph(
    g: Any,
    *,
    drive: Mapping[Any, float] | None = None,
    temperature: float | Mapping[str, float] = 1.0,
    kinetics: Kinetics = "symmetric",
) -> JumpProcess:
    r"""State x is the x-th node of g.nodes; ln(k[v, u] / k[u, v]) = (energy[u] - energy[v] + drive[u, v]) / T.

    An undirected graph (Graph, MultiGraph) carries node attribute "energy" (0 where absent) and edge attribute
    "attempt" (1 where absent), in k_B T0 and 1/time; drive = {(u, v): energy given on the jump u -> v} names the
    driven edges, and the reverse jump gives it back. A directed graph (DiGraph, MultiDiGraph) carries "rate" on every
    edge u -> v, as in ``from_rates``, and its reverse edge too; if its nodes have "energy", that splits the heat.
    Edge attribute "reservoir" ("bath" where absent) names the reservoir of an edge, and temperature may be a mapping
    from these names; in a multigraph several reservoirs can join one pair. A drive acts in every reservoir of its edge.
    Raises InputError: no node, an edge from a node to itself, a directed edge without its reverse, two edges of one
    pair in one reservoir, a drive on no edge, attributes that are no finite numbers; nodes are named by their labels.

    Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> import networkx as nx
    >>> triangle = nx.Graph([("a", "b"), ("b", "c"), ("c", "a")])
    >>> from_graph(triangle, drive={("a", "b"): 2.0}, temperature=0.5)
    JumpProcess: 3 states, 1 reservoir (bath, T = 0.5, symmetric, 3 pairs), driven
    """
    import networkx as nx

    if not isinstance(g, nx.Graph):
        raise InputError("g", g, "must be a networkx graph", "systems.from_rates takes a matrix")
    if g.number_of_nodes() == 0:
        raise InputError("g", g, "a system has at least one state", "add a node")
    if kinetics not in KINETICS:
        raise InputError("kinetics", kinetics, f"must be one of {', '.join(KINETICS)}", "name one")
    place = {label: x for x, label in enumerate(g.nodes)}
    edges = _by_reservoir(g, temperature)
    if g.is_directed():
        if drive is not None:
            raise InputError("drive", drive, "the rates of a directed graph hold it already", "leave it out")
        return _from_directed(g, place, edges, temperature, kinetics)
    energy = np.array([number(f"energy of {label!r}", a.get("energy", 0.0)) for label, a in g.nodes(data=True)])
    given = _driven(g, drive or {})
    channels = []
    for name, found in edges.items():
        source, target = (np.array([place[e[i]] for e in found], dtype=np.int64) for i in (0, 1))
        attempt = np.array([not_negative(f"attempt of {_edge(e)}", e[2].get("attempt", 1.0)) for e in found])
        provided = np.array([given.get((e[0], e[1]), 0.0) for e in found])
        warm = _temperature(temperature, name)
        channels.append(
            channel_of(len(place), source, target, attempt, provided, temperature=warm, name=name, kinetics=kinetics)
        )
    return JumpProcess(energy, channels)


def _by_reservoir(g: Any, temperature: Any) -> dict[str, list[tuple[Any, Any, dict[str, Any]]]]:
    named = list(temperature) if isinstance(temperature, Mapping) else []
    edges: dict[str, list[tuple[Any, Any, dict[str, Any]]]] = {name: [] for name in named}
    seen = set()
    for u, v, attributes in g.edges(data=True):
        name = attributes.get("reservoir", "bath")
        if u == v:
            raise InputError(f"edge {u!r} -> {v!r}", attributes, "no jump leads to its own state", "remove the edge")
        key = (name, u, v) if g.is_directed() else (name, frozenset((u, v)))
        if key in seen:
            fix = 'give each its own edge attribute "reservoir", or add up what they carry'
            raise InputError(f"edges {u!r} - {v!r}", name, "one reservoir joins a pair once", fix)
        seen.add(key)
        edges.setdefault(name, []).append((u, v, attributes))
    if not edges:
        edges["bath"] = []
    return edges


def _temperature(temperature: Any, name: str) -> float:
    if not isinstance(temperature, Mapping):
        return positive("temperature", temperature)
    if name not in temperature:
        raise InputError("temperature", sorted(map(str, temperature)), f"must name {name!r}", f"add {name!r}: 1.0")
    return positive(f"temperature[{name!r}]", temperature[name])


def _driven(g: Any, drive: Mapping[Any, float]) -> dict[Edge, float]:
    given: dict[Edge, float] = {}
    for edge, energy in drive.items():
        if not (isinstance(edge, tuple) and len(edge) == 2 and g.has_edge(*edge)):
            raise InputError("drive", edge, "no edge of the graph carries this drive", "name two joined nodes (u, v)")
        u, v = edge
        if edge in given:
            fix = "give one direction; the reverse takes it back"
            raise InputError("drive", edge, f"{(v, u)} is given too", fix)
        given[u, v] = number(f"drive[{u!r}, {v!r}]", energy)
        given[v, u] = -given[u, v]
    return given


def _from_directed(g: Any, place: dict[Any, int], edges: Any, temperature: Any, kinetics: str) -> JumpProcess:
    if kinetics != "symmetric":
        raise InputError("kinetics", kinetics, "the rates of a directed graph are given", "leave it out")
    matrices, warm = {}, {}
    for name, found in edges.items():
        rates = {(u, v): not_negative(f"rate of {u!r} -> {v!r}", _rate(u, v, a)) for u, v, a in found}
        for (u, v), rate in rates.items():
            back = rates.get((v, u), 0.0)
            if (rate == 0.0) != (back == 0.0):
                rule = "a jump whose reverse has rate 0 would release infinite heat"
                fix = "give both edges a rate > 0, or take both out"
                raise InputError(f"rates of {u!r} -> {v!r} and {v!r} -> {u!r}", (rate, back), rule, fix)
        to, start = ([place[edge[i]] for edge in rates] for i in (1, 0))
        values = np.array(list(rates.values()), dtype=np.float64)
        matrices[name] = sparse.coo_array((values, (to, start)), shape=(len(place), len(place)))
        warm[name] = _temperature(temperature, name)
    levels = [a.get("energy") for _, a in g.nodes(data=True)]
    if all(level is None for level in levels):
        return from_rates(matrices, temperature=warm)
    missing = [label for label, level in zip(g.nodes, levels, strict=True) if level is None]
    if missing:
        rule = 'either all nodes or none have an "energy"'
        raise InputError("energy", f"none at {missing[0]!r}", rule, "g.nodes[label]['energy'] = 0.0")
    energy = [number(f"energy of {label!r}", level) for label, level in zip(g.nodes, levels, strict=True)]
    return from_rates(matrices, temperature=warm, energy=energy)


def _rate(u: Any, v: Any, attributes: dict[str, Any]) -> Any:
    if "rate" not in attributes:
        fix = 'g.add_edge(u, v, rate=...), or an undirected graph with "attempt"'
        raise InputError(f"edge {u!r} -> {v!r}", attributes, 'a directed edge carries a "rate"', fix)
    return attributes["rate"]


def _edge(edge: tuple[Any, Any, dict[str, Any]]) -> str:
    return f"{edge[0]!r} - {edge[1]!r}"
