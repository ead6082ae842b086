"""Counts: how many events of each type a unit has, against the patterns that are usual.

Patterns are learned as they stand whenever a unit has been idle, not only at its end, since
that is when units are judged: a block that was written and not yet deleted is no anomaly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glad.keys import columns_of, scattered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.units import Units

# A unit may be judged after so long without a record. On HDFS anything from five minutes to an
# hour gives the same figures.
IDLE_S = 300.0
# Patterns of fewer units are not learned from: history is never clean, and what goes wrong does
# so in few units. Least count, and least share of units.
MIN_COUNT = 3
MIN_SHARE = 0.01
# Nearest patterns are searched among the most frequent ones only.
MAX_PATTERNS = 1024


@dataclass(frozen=True)
class CountTable:
    """How often each type occurs in each unit (or snapshot of one): sparse, sorted by row."""

    rows: int
    row: NDArray[np.int64]  # (M,)
    type: NDArray[np.int64]  # (M,) index into the types of the events
    count: NDArray[np.int64]  # (M,)

    def patterns(self, type_key: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Make a number of each row's types and counts: equal rows have equal numbers."""
        mixed = scattered(type_key[self.type] ^ scattered(self.count.astype(np.uint64)))
        total = np.zeros(self.rows, np.uint64)
        np.add.at(total, self.row, mixed)
        return total

    def dense(self, column: NDArray[np.int64], width: int) -> NDArray[np.float32]:
        """Spread log(1 + count) over ``width`` columns; types of column -1 are left out."""
        table = np.zeros((self.rows, width), np.float32)
        kept = column[self.type] >= 0
        table[self.row[kept], column[self.type[kept]]] = np.log1p(self.count[kept])
        return table


def count_events(units: Units) -> CountTable:
    """Count the events of each unit."""
    return _count(units.unit, units.events.type[units.records], len(units))


def count_snapshots(units: Units) -> CountTable:
    """Count the events of each unit as they stood after each idle time and at the end."""
    last = snapshot_ends(units)
    unit = units.unit
    size = last - units.first[unit[last]] + 1
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(size)))
    place = np.arange(start[-1]) - np.repeat(start[:-1] - units.first[unit[last]], size)
    snapshot = np.repeat(np.arange(len(last)), size)
    return _count(snapshot, units.events.type[units.records[place]], len(last))


def snapshot_ends(units: Units) -> NDArray[np.int64]:
    """Find the places in `Units.records` after which the unit was idle, or ended."""
    if not len(units.records):
        return np.zeros(0, np.int64)
    time_s = units.events.time_ns[units.records] / 1e9
    idle = np.append(np.diff(time_s) >= IDLE_S, True)
    idle[units.first[1:] - 1] = True
    return np.flatnonzero(idle)


def _count(row: NDArray[np.int64], kind: NDArray[np.int32], rows: int) -> CountTable:
    width = int(kind.max(initial=0)) + 1
    pairs, count = np.unique(row * width + kind, return_counts=True)
    return CountTable(rows, pairs // width, pairs % width, count)


def usual_patterns(
    patterns: NDArray[np.uint64], units: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the patterns that are frequent enough to learn from, and how often each occurs."""
    found, counts = np.unique(patterns, return_counts=True)
    kept = counts >= max(MIN_COUNT, MIN_SHARE * units)
    return found[kept], counts[kept]


class CountDetector:
    """Distance of a unit's counts to the nearest usual pattern.

    A count is compared by its logarithm, in units of how much that type's count varies among
    usual patterns, so a type that never varies weighs most. A type that was never seen in
    training counts like one that never varies.

    Attributes
    ----------
    keys_ : ndarray of shape (n_types,)
        Types seen in training, sorted.
    usual_ : ndarray of shape (n_patterns, n_types)
        Usual patterns as log(1 + count).
    weight_ : ndarray of shape (n_types,)
    """

    keys_: NDArray[np.uint64]
    usual_: NDArray[np.float32]
    weight_: NDArray[np.float32]

    # Least spread of a log count, in which distances are measured.
    LEAST_SPREAD = 0.1

    def fit(self, units: Units) -> CountDetector:
        """Learn the usual patterns of some units."""
        keys = units.events.type_key
        snapshots = count_snapshots(units)
        patterns = snapshots.patterns(keys)
        usual, counts = usual_patterns(patterns, len(units))
        if not len(usual):
            usual, counts = np.unique(patterns, return_counts=True)
        most = np.argsort(-counts, kind="stable")[:MAX_PATTERNS]
        usual, counts = usual[most], counts[most]
        self.keys_ = np.sort(keys)
        column = np.searchsorted(self.keys_, keys)
        first = _first_places(patterns, usual)
        self.usual_ = _some(snapshots, first).dense(column, len(keys))
        mean = np.average(self.usual_, axis=0, weights=counts)
        variance = np.average((self.usual_ - mean) ** 2, axis=0, weights=counts)
        self.weight_ = (1 / (np.sqrt(variance) + self.LEAST_SPREAD)).astype(np.float32)
        return self

    def score(self, units: Units) -> NDArray[np.float32]:
        """Score units, shape (U,); higher is more anomalous."""
        counts = count_events(units)
        keys = units.events.type_key
        patterns, first, inverse = np.unique(
            counts.patterns(keys), return_index=True, return_inverse=True
        )
        if not len(patterns):
            return np.zeros(0, np.float32)
        column = columns_of(keys, self.keys_)
        distinct = _some(counts, first)
        known = distinct.dense(column, len(self.keys_)) * self.weight_
        distance: NDArray[np.float64] = _distances(known, self.usual_ * self.weight_).min(0)
        new = column[distinct.type] < 0
        extra = np.log1p(distinct.count[new]) / self.LEAST_SPREAD
        distance += np.bincount(distinct.row[new], extra, minlength=distinct.rows)
        scores = distance.astype(np.float32)
        return scores[inverse]

    def differences(self, units: Units) -> list[tuple[int, int, int]]:
        """Tell how the first unit differs from the usual pattern nearest to it.

        Returns
        -------
        list of (type key, count in the unit, usual count)
            Heaviest difference first.
        """
        keys = units.events.type_key
        counts = _some(count_events(units), np.zeros(1, np.int64))
        column = columns_of(keys, self.keys_)
        found = counts.dense(column, len(self.keys_))
        distance = _distances(found * self.weight_, self.usual_ * self.weight_)
        usual = self.usual_[int(np.argmin(distance))]
        gap = np.abs(found[0] - usual) * self.weight_
        rows = [
            (float(gap[i]), int(self.keys_[i]), *np.rint(np.expm1((found[0][i], usual[i]))))
            for i in np.flatnonzero(gap > 0).tolist()
        ]
        new = column[counts.type] < 0
        for kind, count in zip(
            counts.type[new].tolist(), counts.count[new].tolist(), strict=True
        ):
            rows.append((np.log1p(count) / self.LEAST_SPREAD, int(keys[kind]), count, 0))
        rows.sort(key=lambda row: -row[0])
        return [(key, int(count), int(other)) for _, key, count, other in rows]


def _first_places(
    patterns: NDArray[np.uint64], wanted: NDArray[np.uint64]
) -> NDArray[np.int64]:
    found, first = np.unique(patterns, return_index=True)
    return first[np.searchsorted(found, wanted)]


def _distances(rows: NDArray[np.float32], usual: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the sum of differences of each usual row to each row, shape (usual, rows)."""
    found = [np.abs(rows - row).sum(axis=1, dtype=np.float64) for row in usual]
    return np.array(found).reshape(len(usual), len(rows))


def _some(table: CountTable, rows: NDArray[np.int64]) -> CountTable:
    """Take some rows of a table, in the order given."""
    low = np.searchsorted(table.row, rows)
    size = np.searchsorted(table.row, rows, side="right") - low
    shift = np.repeat(low - np.cumsum(size) + size, size)
    place = np.arange(size.sum()) + shift
    return CountTable(
        len(rows), np.repeat(np.arange(len(rows)), size), table.type[place], table.count[place]
    )
