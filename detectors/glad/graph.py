"""Graphs of units: events, field values and components, and the edges between them.

Built for all units at once, from columns. What the edges are worth is found in `history`
(counts) and `relation` (the model).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glad.calls import find_calls, find_handovers
from glad.fields import shape_of
from glad.keys import mixed, text_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.fields import Fields
    from glad.units import Units

EVENT, COMPONENT, FIELD = 0, 1, 2  # kinds of items
NEXT, IN, CALLS, CALLED_BY, PASSES = "next", "in", "calls", "called by", "passes to"
# Roles of every graph: the last ones of its roles, in this order.
_FIXED = (NEXT, IN, CALLS, CALLED_BY, PASSES)
# Log odds of a unit in which nothing can be wrong.
NO_EDGES = -30.0
_FIXED_KEYS = np.array([text_key("edge", name) for name in _FIXED], np.uint64)


@dataclass(frozen=True)
class Graphs:
    """The graphs of U units. I items stand for nodes: the same item is a node of many units.

    Nodes and edges are sorted by unit; an edge's ends are indices of nodes.
    """

    units: int
    item_keys: NDArray[np.uint64]  # (I,) the same in all batches
    item_kinds: NDArray[np.int64]  # (I,) EVENT, COMPONENT or FIELD
    item_types: tuple[str, ...]  # (I,) "event", "component", or the category of a field
    item_labels: tuple[str, ...]  # (I,)
    role_keys: NDArray[np.uint64]  # (n_roles,) the same in all batches
    role_names: tuple[str, ...]  # (n_roles,); the last are those of `_FIXED`
    node_unit: NDArray[np.int64]  # (N,)
    node_item: NDArray[np.int64]  # (N,)
    edge_source: NDArray[np.int64]  # (M,) index of an event's node
    edge_target: NDArray[np.int64]  # (M,)
    edge_role: NDArray[np.int64]  # (M,) index into the roles
    edge_count: NDArray[np.int64]  # (M,) records of the unit that have it
    edge_record: NDArray[np.int64]  # (M,) position in `Events` of the first such record

    @cached_property
    def edge_unit(self) -> NDArray[np.int64]:
        """The unit of each edge, shape (M,)."""
        return self.node_unit[self.edge_source]

    @cached_property
    def first_edge(self) -> NDArray[np.int64]:
        """Where the edges of each unit start, and where the last one's end, (U + 1,)."""
        return np.searchsorted(self.edge_unit, np.arange(self.units + 1))

    @cached_property
    def first_node(self) -> NDArray[np.int64]:
        """Where the nodes of each unit start, and where the last one's end, (U + 1,)."""
        return np.searchsorted(self.node_unit, np.arange(self.units + 1))

    @cached_property
    def source_keys(self) -> NDArray[np.uint64]:
        """Key of each edge's source, shape (M,)."""
        return self.item_keys[self.node_item[self.edge_source]]

    @cached_property
    def target_keys(self) -> NDArray[np.uint64]:
        """Key of each edge's target, shape (M,)."""
        return self.item_keys[self.node_item[self.edge_target]]

    @cached_property
    def place_keys(self) -> NDArray[np.uint64]:
        """Key of each edge's source and role: where its target stands, shape (M,)."""
        return mixed(self.source_keys, self.role_keys[self.edge_role])

    @cached_property
    def edge_keys(self) -> NDArray[np.uint64]:
        """Key of each edge, the same in all batches and units, shape (M,)."""
        return mixed(self.place_keys, self.target_keys)

    @cached_property
    def item_shapes(self) -> NDArray[np.uint64]:
        """Key of what each item looks like, shape (I,): events and components all alike."""
        rows = zip(self.item_types, self.item_labels, self.item_kinds.tolist(), strict=True)
        return np.array(
            [
                text_key("shape", kind, shape_of(label) if of == FIELD else "")
                for kind, label, of in rows
            ],
            np.uint64,
        )

    @cached_property
    def role_name_keys(self) -> NDArray[np.uint64]:
        """Key of each role's name, which other templates may have too, shape (n_roles,)."""
        return np.array([text_key("name", name) for name in self.role_names], np.uint64)

    def next_place(self, item: int) -> int:
        """Give the key of the place of what follows an event, as in `place_keys`."""
        next_key = self.role_keys[-len(_FIXED)][None]
        return int(mixed(self.item_keys[item : item + 1], next_key)[0])

    @property
    def is_field(self) -> NDArray[np.bool_]:
        """Tell which edges lead to a field, shape (M,)."""
        fields: NDArray[np.bool_] = self.edge_role < len(self.role_names) - len(_FIXED)
        return fields

    @property
    def is_next(self) -> NDArray[np.bool_]:
        """Tell which edges lead to the next event, shape (M,)."""
        steps: NDArray[np.bool_] = self.edge_role == len(self.role_names) - len(_FIXED)
        return steps

    @property
    def is_call(self) -> NDArray[np.bool_]:
        """Tell which edges lead from one component to another, shape (M,)."""
        calls: NDArray[np.bool_] = self.edge_role >= len(self.role_names) - 3
        return calls

    @property
    def is_asked(self) -> NDArray[np.bool_]:
        """Tell which edges can be wrong, shape (M,): all but those to an event's component."""
        return self.is_field | self.is_next | self.is_call


def build_graphs(units: Units, fields: Fields) -> Graphs:
    """Make the graphs of units.

    Parameters
    ----------
    units : Units
    fields : Fields
        Of the units' events.
    """
    events = units.events
    n_types, n_parts = len(events.types), len(events.components)
    n_roles = len(fields.role_keys)
    unit, kind = units.unit, events.type[units.records].astype(np.int64)
    record = units.records
    # Fields: the values of each record of each unit.
    first = events.value_first[record]
    size = events.value_first[record + 1] - first
    value = np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())
    of = np.repeat(np.arange(len(record)), size)
    calls, passes = find_calls(units, value, of), find_handovers(units)
    there = fields.node[value] >= 0
    value, of = value[there], of[there]
    # Next: neighbours in one unit. In: the component of each record.
    follows = np.flatnonzero(unit[1:] == unit[:-1])
    inside = np.flatnonzero(events.component[record] >= 0)
    edges = np.concatenate(
        (
            _edges(
                unit[of], kind[of], fields.role[value], n_types + n_parts + fields.node[value]
            ),
            _edges(unit[follows], kind[follows], n_roles, kind[follows + 1]),
            _edges(
                unit[inside],
                kind[inside],
                n_roles + 1,
                n_types + events.component[record[inside]].astype(np.int64),
            ),
            *(
                _edges(unit[rows[:, 2]], n_types + rows[:, 0], role, n_types + rows[:, 1])
                for role, rows in enumerate((calls, calls[:, [1, 0, 2]], passes), n_roles + 2)
            ),
        )
    )
    shown = np.concatenate((of, follows + 1, inside, calls[:, 2], calls[:, 2], passes[:, 2]))
    n_items = n_types + n_parts + len(fields.node_keys)
    edges, where, count = _unique_edges(edges, n_items, n_roles + len(_FIXED))
    return _with_nodes(units, fields, (edges, record[shown[where]], count), (unit, kind))


def _edges(
    unit: NDArray[np.int64],
    source: NDArray[np.int64],
    role: NDArray[np.int64] | int,
    target: NDArray[np.int64],
) -> NDArray[np.int64]:
    return np.stack((unit, source, np.broadcast_to(role, unit.shape), target), axis=1)


def _unique_edges(
    edges: NDArray[np.int64], n_items: int, n_roles: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give distinct (unit, source, role, target) rows, where each came first, how often."""
    # One number instead of four sorts ten times as fast; 2 ** 63 units' edges are out of reach
    # for logs whose items and roles fit in memory, so fall back on rows where they do not.
    width = n_items * n_items * n_roles
    if not len(edges) or (int(edges[:, 0].max()) + 1) * width < 2**62:
        number = ((edges[:, 0] * n_items + edges[:, 1]) * n_roles + edges[:, 2]) * n_items
        _, where, count = np.unique(number + edges[:, 3], return_index=True, return_counts=True)
    else:
        _, where, count = np.unique(edges, axis=0, return_index=True, return_counts=True)
    return edges[where], where, count


def _with_nodes(
    units: Units,
    fields: Fields,
    edges: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    records: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Graphs:
    """Give each unit its nodes and put the graphs together."""
    rows, shown, count = edges
    events = units.events
    keys = [
        events.type_key,
        np.array([text_key("component", name) for name in events.components], np.uint64),
        fields.node_keys,
    ]
    sizes = [len(part) for part in keys]
    n_items = max(sum(sizes), 1)
    source = rows[:, 0] * n_items + rows[:, 1]
    target = rows[:, 0] * n_items + rows[:, 3]
    alone = records[0] * n_items + records[1]
    nodes = np.unique(np.concatenate((source, target, alone)))
    return Graphs(
        units=len(units),
        item_keys=np.concatenate(keys),
        item_kinds=np.repeat([EVENT, COMPONENT, FIELD], sizes),
        item_types=("event",) * sizes[0] + ("component",) * sizes[1] + fields.node_kinds,
        item_labels=(
            *(kind.text for kind in events.types),
            *events.components,
            *fields.node_labels,
        ),
        role_keys=np.concatenate((fields.role_keys, _FIXED_KEYS)),
        role_names=(*fields.role_names, *_FIXED),
        node_unit=nodes // n_items,
        node_item=nodes % n_items,
        edge_source=np.searchsorted(nodes, source),
        edge_target=np.searchsorted(nodes, target),
        edge_role=rows[:, 2],
        edge_count=count,
        edge_record=shown,
    )


def worst_edges(
    graphs: Graphs, scores: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Give each unit's highest edge score, and the index of that edge (-1 without edges)."""
    order = np.lexsort((graphs.edge_keys, -scores, graphs.edge_unit))
    units, first = np.unique(graphs.edge_unit[order], return_index=True)
    highest = np.full(graphs.units, NO_EDGES, np.float32)
    edge = np.full(graphs.units, -1)
    edge[units] = order[first]
    highest[units] = np.maximum(scores[order[first]], NO_EDGES)
    return highest, edge
