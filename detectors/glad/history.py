"""The history of edges: how many units of training had each, and what is usual in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.keys import looked_up, mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.graph import Graphs

# History is cut into so many parts, in time order: what is new in each of them tells what a
# later time may bring. Records that windows share, and bursts, stay together.
STRETCHES = 5
# Usual targets kept for each place of an edge, for sentences and expected edges.
USUAL_KEPT = 5


class EdgeTable:
    """Counts of edges over the units of a source's history.

    Attributes
    ----------
    units_ : int
    edges_, edge_units_ : ndarray of shape (n_edges,)
        Keys, sorted, and the units that had each edge.
    places_, place_units_, place_targets_ : ndarray of shape (n_places,)
        Keys of source and role; units that had one; how many different targets it had.
    place_edges_, place_new_ : ndarray of shape (n_places,)
        Edges of units at the place, and those of them whose target it had in one stretch alone.
    targets_, target_units_, target_places_ : ndarray of shape (n_items,)
        Keys of targets, units that had one, places that had it.
    shapes_, shape_units_ : ndarray of shape (n_shapes,)
        Keys of places with the shape of a target, and units.
    names_, name_units_ : ndarray of shape (n_names,)
        Keys of the names of roles with a target, whatever the source, and units.
    usual_place_, usual_target_, usual_units_ : ndarray of shape (n_usual,)
        The most frequent targets of each place, most frequent first within a place.
    """

    units_: int
    edges_: NDArray[np.uint64]
    edge_units_: NDArray[np.int64]
    places_: NDArray[np.uint64]
    place_units_: NDArray[np.int64]
    place_targets_: NDArray[np.int64]
    place_edges_: NDArray[np.int64]
    place_new_: NDArray[np.int64]
    targets_: NDArray[np.uint64]
    target_units_: NDArray[np.int64]
    target_places_: NDArray[np.int64]
    shapes_: NDArray[np.uint64]
    shape_units_: NDArray[np.int64]
    names_: NDArray[np.uint64]
    name_units_: NDArray[np.int64]
    usual_place_: NDArray[np.uint64]
    usual_target_: NDArray[np.uint64]
    usual_units_: NDArray[np.int64]

    def fit(self, graphs: Graphs, kept: NDArray[np.bool_] | None = None) -> EdgeTable:
        """Count the edges of some graphs; with ``kept`` (U,), those of these units alone."""
        self.units_ = graphs.units if kept is None else int(kept.sum())
        edges = np.arange(len(graphs.edge_role))
        if kept is not None:
            edges = np.flatnonzero(kept[graphs.edge_unit])
        unit = graphs.edge_unit[edges]
        keys, places = graphs.edge_keys[edges], graphs.place_keys[edges]
        targets = graphs.target_keys[edges]
        self.edges_, first, which, self.edge_units_ = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        self.places_, self.place_units_ = _units_with(places, unit)
        self.targets_, self.target_units_ = _units_with(targets, unit)
        self.place_targets_ = np.unique(places[first], return_counts=True)[1]
        self.target_places_ = np.unique(targets[first], return_counts=True)[1]
        self._count_new(which, places, stretches(graphs)[unit])
        item = graphs.node_item[graphs.edge_target[edges]]
        names = graphs.role_name_keys[graphs.edge_role[edges]]
        shapes = mixed(places, graphs.item_shapes[item])
        self.shapes_, self.shape_units_ = _units_with(shapes, unit)
        self.names_, self.name_units_ = _units_with(mixed(names, targets), unit)
        self._keep_usual(places[first], targets[first])
        return self

    def _count_new(
        self, edge: NDArray[np.int64], places: NDArray[np.uint64], stretch: NDArray[np.int64]
    ) -> None:
        had = np.unique(edge * STRETCHES + stretch) // STRETCHES
        new = np.bincount(had, minlength=len(self.edges_))[edge] == 1
        place = np.searchsorted(self.places_, places)
        self.place_edges_ = np.bincount(place, minlength=len(self.places_))
        self.place_new_ = np.bincount(place[new], minlength=len(self.places_))

    def _keep_usual(self, places: NDArray[np.uint64], targets: NDArray[np.uint64]) -> None:
        order = np.lexsort((targets, -self.edge_units_, places))
        place = places[order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        kept = order[rank < USUAL_KEPT]
        self.usual_place_ = places[kept]
        self.usual_target_ = targets[kept]
        self.usual_units_ = self.edge_units_[kept]

    def seen(self, edge_keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Give how many units had each edge."""
        return looked_up(edge_keys, self.edges_, self.edge_units_)

    def surprise(self, graphs: Graphs) -> NDArray[np.float64]:
        """Give -log P(target | place) of each edge, smoothed: plain edge counting, (M,)."""
        seen = self.seen(graphs.edge_keys)
        total = looked_up(graphs.place_keys, self.places_, self.place_units_)
        kinds = looked_up(graphs.place_keys, self.places_, self.place_targets_)
        return -np.log((seen + 0.5) / (total + 0.5 * kinds + 1.0))

    def usual(self, place_key: int) -> list[tuple[int, int]]:
        """Give the most frequent targets of a place and the units that had them."""
        low, high = (
            int(np.searchsorted(self.usual_place_, np.uint64(place_key), side=side))
            for side in ("left", "right")
        )
        targets = self.usual_target_[low:high].tolist()
        return list(zip(targets, self.usual_units_[low:high].tolist(), strict=True))


def stretches(graphs: Graphs) -> NDArray[np.int64]:
    """Give the stretch of time that each unit of some history is in, shape (U,)."""
    return np.arange(graphs.units) * STRETCHES // max(graphs.units, 1)


def _units_with(
    keys: NDArray[np.uint64], unit: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give distinct keys and how many units each occurs in."""
    known, number = np.unique(keys, return_inverse=True)
    pairs = np.unique(number * (unit.max(initial=0) + 1) + unit)
    return known, np.bincount(pairs // (unit.max(initial=0) + 1), minlength=len(known))
