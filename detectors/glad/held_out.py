"""History as it looks to its own units: without the stretch of time that each of them is in.

A model that is trained on units which the counts have seen learns that what was never seen is
wrong. Yet every day has new values that are right, most of all where windows share records and
so bear each other out. Arrays only, as in `context`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.context import CONTEXT, edge_context, edge_keys
from glad.history import STRETCHES, EdgeTable, stretches
from glad.keys import columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.graph import Graphs


class HeldOut:
    """Counts of the rest of history, for each stretch of it.

    Attributes
    ----------
    is_new : ndarray of shape (STRETCHES, n_items)
        Items that no unit outside of the stretch has.
    """

    is_new: NDArray[np.bool_]

    def __init__(self, graphs: Graphs) -> None:
        self._graphs = graphs
        self._stretch = stretches(graphs)
        self._tables = [
            EdgeTable().fit(graphs, self._stretch != number) for number in range(STRETCHES)
        ]
        there = np.zeros((STRETCHES, len(graphs.item_keys)), np.int64)
        np.add.at(there, (self._stretch[graphs.node_unit], graphs.node_item), 1)
        self.is_new = there.sum(axis=0) == there

    def context(
        self,
        edges: NDArray[np.int64],
        items: NDArray[np.int64] | None = None,
        *,
        counted: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float32]:
        """Give the counts of some edges, or as they were with other targets, (n, CONTEXT).

        Those that are ``counted`` count themselves, as when history is judged in hindsight.
        """
        found = np.zeros((len(edges), CONTEXT), np.float32)
        for number, table in enumerate(self._tables):
            rows = np.flatnonzero(self._stretch_of(edges) == number)
            chosen = None if items is None else items[rows]
            keys = edge_keys(self._graphs, edges[rows], chosen)
            more = None if counted is None else counted[rows]
            found[rows] = edge_context(table, keys, more)
        return found

    def hides(self, units: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which items the rest of history does not know, seen from some units, (n,)."""
        hidden: NDArray[np.bool_] = self.is_new[self._stretch[units], items]
        return hidden

    def knows(self, edges: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell where the rest of history has an edge's place, and another item as a target.

        Parameters
        ----------
        edges : ndarray of shape (n,)
        items : ndarray of shape (n, k)

        Returns
        -------
        ndarray of shape (n, k)
        """
        graphs = self._graphs
        known = np.zeros(items.shape, bool)
        for number, table in enumerate(self._tables):
            rows = np.flatnonzero(self._stretch_of(edges) == number)
            targets = graphs.item_keys[items[rows]]
            here = columns_of(targets.ravel(), table.targets_).reshape(targets.shape) >= 0
            place = columns_of(graphs.place_keys[edges[rows]], table.places_) >= 0
            known[rows] = here & place[:, None]
        return known

    def _stretch_of(self, edges: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._stretch[self._graphs.edge_unit[edges]]
