"""What the model of relations sees: graphs as numbers, counts of history, wrong edges.

Arrays only; the model itself is in `relation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glad.history import EdgeTable
from glad.keys import columns_of, looked_up, mixed, scattered, text_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.graph import Graphs
    from glad.held_out import HeldOut

TYPE_BUCKETS = 32
ROLE_BUCKETS = 64
TRIGRAM_BUCKETS = 2048
TRIGRAMS = 24  # of a label; the rest of a long one says little more
CONTEXT = 15  # counts of history of an edge
# Candidates drawn for each wrong edge, the first usable one is taken.
CANDIDATES = 6
# How often a value is drawn for wrong edges: as in word2vec, between evenly and as it occurs.
DRAW_POWER = 0.75


@dataclass(frozen=True)
class Inputs:
    """Graphs as the model takes them. Indices are those of `Graphs`."""

    item: NDArray[np.int64]  # (I,) place in the vocabulary, 0 where it is unknown
    item_type: NDArray[np.int64]  # (I,) bucket
    item_trigrams: NDArray[np.int64]  # (I, TRIGRAMS) buckets, 0 for none
    role: NDArray[np.int64]  # (M,) bucket
    context: NDArray[np.float32]  # (M, CONTEXT)
    scored: NDArray[np.bool_]  # (M,) edges that can be wrong


def make_inputs(
    graphs: Graphs, history: EdgeTable | HeldOut, vocabulary: NDArray[np.uint64]
) -> Inputs:
    """Turn graphs into numbers. In training history is that of `HeldOut`."""
    edges = np.arange(len(graphs.edge_role))
    if isinstance(history, EdgeTable):
        context = edge_context(history, edge_keys(graphs, edges))
    else:
        context = history.context(edges)
    types = np.array([text_key("type", t) % TYPE_BUCKETS for t in graphs.item_types], np.int64)
    return Inputs(
        item=columns_of(graphs.item_keys, vocabulary) + 1,
        item_type=types,
        item_trigrams=_trigrams(graphs.item_labels),
        role=role_buckets(graphs)[graphs.edge_role],
        context=context,
        scored=graphs.is_asked,
    )


def role_buckets(graphs: Graphs) -> NDArray[np.int64]:
    """Give the bucket of each role by its name, so that new templates share it."""
    return np.array(
        [text_key("role", name) % ROLE_BUCKETS for name in graphs.role_names], np.int64
    )


class EdgeKeys(NamedTuple):
    """What counts of history are looked up by, each of shape (n,)."""

    place: NDArray[np.uint64]
    target: NDArray[np.uint64]
    shape: NDArray[np.uint64]  # of the target
    name: NDArray[np.uint64]  # of the role


def edge_keys(
    graphs: Graphs, edges: NDArray[np.int64], items: NDArray[np.int64] | None = None
) -> EdgeKeys:
    """Give the keys of some edges, or as they were if their targets were other items."""
    if items is None:
        items = graphs.node_item[graphs.edge_target[edges]]
    return EdgeKeys(
        graphs.place_keys[edges],
        graphs.item_keys[items],
        graphs.item_shapes[items],
        graphs.role_name_keys[graphs.edge_role[edges]],
    )


def edge_context(
    table: EdgeTable, keys: EdgeKeys, counted: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Give the counts of history of some edges: the light form of temporal context.

    Parameters
    ----------
    counted : ndarray of shape (n,), optional
        Edges that count themselves although the table does not: one more unit has them.

    Returns
    -------
    ndarray of shape (n, CONTEXT)
        Logarithms of: units with the edge, with the place, with the target; different targets
        of the place; the smoothed surprise; how seldom the place's target is new; units that
        would have the edge by chance; places of the target; the surprise at its shape here;
        units that have it under this name elsewhere. Then whether the edge, the target, the
        place, the shape here, and the name with the target were never seen.
    """
    place, target = keys.place, keys.target
    seen = looked_up(mixed(place, target), table.edges_, table.edge_units_)
    total = looked_up(place, table.places_, table.place_units_)
    known = looked_up(target, table.targets_, table.target_units_)
    kinds = looked_up(place, table.places_, table.place_targets_)
    new = looked_up(place, table.places_, table.place_new_)
    edges = looked_up(place, table.places_, table.place_edges_)
    spread = looked_up(target, table.targets_, table.target_places_)
    shape = looked_up(mixed(place, keys.shape), table.shapes_, table.shape_units_)
    named = looked_up(mixed(keys.name, target), table.names_, table.name_units_)
    if counted is not None:
        seen, shape, named = seen + counted, shape + counted, named + counted
    columns = (
        np.log1p(seen), np.log1p(total), np.log1p(known), np.log1p(kinds),
        -np.log((seen + 0.5) / (total + 0.5 * kinds + 1.0)),
        -np.log((new + 0.5) / (edges + 1.0)),
        np.log1p(total * known / max(table.units_, 1)),
        np.log1p(spread),
        -np.log((shape + 0.5) / (total + 1.0)),
        np.log1p(named),
        seen <= 0, known <= 0, total <= 0, shape <= 0, named <= 0,
    )  # fmt: skip
    scale = np.array([5, 5, 5, 3, 5, 5, 5, 3, 5, 5, 1, 1, 1, 1, 1], np.float32)
    return (np.stack(columns, 1) / scale).astype(np.float32)


def _trigrams(labels: tuple[str, ...]) -> NDArray[np.int64]:
    """Hash the trigrams of labels, shape (n, TRIGRAMS)."""
    found = np.zeros((len(labels), TRIGRAMS), np.int64)
    for row, label in enumerate(labels):
        codes = np.frombuffer(f"^{label[:200]}$".encode("utf-8", "replace"), np.uint8)
        codes = codes.astype(np.uint64)
        threes = codes[:-2] << np.uint64(16) | codes[1:-1] << np.uint64(8) | codes[2:]
        buckets = (scattered(threes) % np.uint64(TRIGRAM_BUCKETS - 1)).astype(np.int64) + 1
        chosen = np.unique(buckets)[:TRIGRAMS]
        found[row, : len(chosen)] = chosen
    return found


@dataclass(frozen=True)
class WrongEdges:
    """Edges that lead to a wrong target, one for each of some edges that are there."""

    edge: NDArray[np.int64]  # (n,) index of the edge whose target was replaced
    item: NDArray[np.int64]  # (n,) index of the item that took its place


class WrongEdgeMaker:
    """Draws wrong targets of the same type: from the unit itself, the source, the role.

    Place and target are such as the rest of history has (`HeldOut`): what is new is not for
    this model to judge. Most make edges that history does not have, the rest any.
    """

    # Of the wrong edges, those that history may have: wrong in this unit alone.
    KNOWN_SHARE = 0.15

    def __init__(
        self, graphs: Graphs, table: EdgeTable, held_out: HeldOut, *, seed: int
    ) -> None:
        self._graphs = graphs
        self._table = table
        self._held_out = held_out
        self._generator = np.random.default_rng(seed)
        _, kinds = np.unique(np.array(graphs.item_types), return_inverse=True)
        self._type = kinds
        _, self._role = np.unique(role_buckets(graphs), return_inverse=True)
        item = graphs.node_item[graphs.edge_target]
        weights = np.bincount(item, minlength=len(kinds)).astype(float) ** DRAW_POWER
        self._of_type = _Pools(kinds, np.arange(len(kinds)), weights)
        pairs, count = np.unique(
            np.stack((self._role[graphs.edge_role], item), 1), axis=0, return_counts=True
        )
        self._of_role = _Pools(pairs[:, 0], pairs[:, 1], count.astype(float) ** DRAW_POWER)
        key = graphs.node_unit * (kinds.max(initial=0) + 1) + kinds[graphs.node_item]
        self._node_order = np.argsort(key, kind="stable")
        self._node_key = key[self._node_order]

    def draw(self, edges: NDArray[np.int64]) -> WrongEdges:
        """Draw a wrong target for each of some edges; those without one are left out."""
        graphs, generator = self._graphs, self._generator
        target = graphs.node_item[graphs.edge_target[edges]]
        kind, role = self._type[target], self._role[graphs.edge_role[edges]]
        shape = (len(edges), CANDIDATES)
        source = generator.integers(0, 3, shape)
        candidates = np.where(
            source == 0,
            self._in_unit(graphs.edge_unit[edges], kind, generator.random(shape)),
            np.where(
                source == 1,
                self._of_type.draw(kind, generator.random(shape)),
                self._of_role.draw(role, generator.random(shape)),
            ),
        )
        fits = (candidates != target[:, None]) & (self._type[candidates] == kind[:, None])
        place = np.repeat(graphs.place_keys[edges], CANDIDATES)
        keys = mixed(place, graphs.item_keys[candidates.ravel()])
        unseen = (self._table.seen(keys) == 0).reshape(shape)
        free = generator.random(len(edges)) < self.KNOWN_SHARE
        fits &= unseen | free[:, None]
        fits &= self._held_out.knows(edges, candidates)
        found = np.flatnonzero(fits.any(axis=1))
        return WrongEdges(edges[found], candidates[found, fits[found].argmax(axis=1)])

    def _in_unit(
        self, unit: NDArray[np.int64], kind: NDArray[np.int64], share: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        key = unit * (self._type.max(initial=0) + 1) + kind
        low = np.searchsorted(self._node_key, key)
        size = np.searchsorted(self._node_key, key, side="right") - low
        place = low[:, None] + (share * size[:, None]).astype(np.int64)
        items: NDArray[np.int64] = self._graphs.node_item[self._node_order[place]]
        return items


def draw_unlinked(
    graphs: Graphs, edges: NDArray[np.int64], generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Replace one end of some edges by another node of the same graph, as the paper does.

    The source goes with probability deg_i / (deg_i + deg_j), else the target; the new ends are
    not linked.

    Returns
    -------
    edge, source, target : ndarray of shape (n,)
        The edges that one was found for, and the nodes of the wrong edge.
    """
    width = len(graphs.node_item)
    ends = np.stack((graphs.edge_source, graphs.edge_target))
    linked = np.unique(np.concatenate((ends[0] * width + ends[1], ends[1] * width + ends[0])))
    degree = np.bincount(ends.ravel(), minlength=width)
    source, target = np.repeat(ends[:, edges, None], CANDIDATES, axis=2)
    leaves = degree[source] > generator.random(source.shape) * (degree[source] + degree[target])
    unit = graphs.edge_unit[edges]
    first, size = graphs.first_node[unit], np.diff(graphs.first_node)[unit]
    other = first[:, None] + (generator.random(source.shape) * size[:, None]).astype(np.int64)
    source, target = np.where(leaves, other, source), np.where(leaves, target, other)
    fits = (columns_of((source * width + target).ravel(), linked) < 0).reshape(source.shape)
    fits &= source != target
    found = np.flatnonzero(fits.any(axis=1))
    chosen = fits[found].argmax(axis=1)
    return edges[found], source[found, chosen], target[found, chosen]


class _Pools:
    """Weighted drawing from several groups at once."""

    def __init__(
        self, group: NDArray[np.int64], item: NDArray[np.int64], weight: NDArray[np.float64]
    ) -> None:
        order = np.argsort(group, kind="stable")
        self._item: NDArray[np.int64] = item[order]
        self._sums = np.cumsum(weight[order] + 1e-9)
        groups = np.arange(group.max(initial=0) + 1)
        low = np.searchsorted(group[order], groups)
        high = np.searchsorted(group[order], groups, side="right")
        edges = np.concatenate((np.zeros(1), self._sums))
        self._low, self._high = edges[low], edges[high]

    def draw(self, group: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int64]:
        """Draw items of a group each; ``share`` (n, k) in 0 to 1 decides which."""
        low, high = self._low[group][:, None], self._high[group][:, None]
        place = np.searchsorted(self._sums, low + share * (high - low), side="right")
        return self._item[np.minimum(place, len(self._item) - 1)]
