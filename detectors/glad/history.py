"""The history of edges: how many units of training had each, and what is usual in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.keys import looked_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.graph import Graphs

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
    targets_, target_units_ : ndarray of shape (n_items,)
    usual_place_, usual_target_, usual_units_ : ndarray of shape (n_usual,)
        The most frequent targets of each place, most frequent first within a place.
    """

    units_: int
    edges_: NDArray[np.uint64]
    edge_units_: NDArray[np.int64]
    places_: NDArray[np.uint64]
    place_units_: NDArray[np.int64]
    place_targets_: NDArray[np.int64]
    targets_: NDArray[np.uint64]
    target_units_: NDArray[np.int64]
    usual_place_: NDArray[np.uint64]
    usual_target_: NDArray[np.uint64]
    usual_units_: NDArray[np.int64]

    def fit(self, graphs: Graphs) -> EdgeTable:
        """Count the edges of some graphs."""
        self.units_ = graphs.units
        keys, places, targets = graphs.edge_keys, graphs.place_keys, graphs.target_keys
        self.edges_, first, self.edge_units_ = np.unique(
            keys, return_index=True, return_counts=True
        )
        self.places_, self.place_units_ = _units_with(places, graphs.edge_unit)
        self.targets_, self.target_units_ = _units_with(targets, graphs.edge_unit)
        self.place_targets_ = np.unique(places[first], return_counts=True)[1]
        order = np.lexsort((targets[first], -self.edge_units_, places[first]))
        place = places[first][order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        kept = order[rank < USUAL_KEPT]
        self.usual_place_ = places[first][kept]
        self.usual_target_ = targets[first][kept]
        self.usual_units_ = self.edge_units_[kept]
        return self

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


def _units_with(
    keys: NDArray[np.uint64], unit: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give distinct keys and how many units each occurs in."""
    known, number = np.unique(keys, return_inverse=True)
    pairs = np.unique(number * (unit.max(initial=0) + 1) + unit)
    return known, np.bincount(pairs // (unit.max(initial=0) + 1), minlength=len(known))
