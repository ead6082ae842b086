"""Novelty: templates, levels and count patterns that history hardly has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.counts import count_events, count_snapshots
from glad.keys import looked_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.units import Units

WARN = 4  # logscan.Level
LEVELS = 7
# Counts are compared in earnest by `counts`; that a pattern is new is a weaker sign.
PATTERN_WEIGHT = 0.5
# What more units than this have is usual, however it looks.
USUAL_SHARE = 0.05


class NoveltyDetector:
    """Surprise at the rarest type, the worst level and the count pattern of a unit.

    The score is a sum of surprises in nats, ``log((n + 1) / (k + 1))`` for what ``k`` of ``n``
    units had: of the rarest type, of the highest level if that is a warning or worse, and of
    the whole pattern of counts.

    Attributes
    ----------
    units_ : int
    type_keys_, type_units_ : ndarray of shape (n_types,)
        Types seen in training, sorted, and how many units had each.
    patterns_, pattern_units_ : ndarray of shape (n_patterns,)
    level_units_ : ndarray of shape (7,)
        Units whose highest level was this one or higher.
    """

    units_: int
    type_keys_: NDArray[np.uint64]
    type_units_: NDArray[np.int64]
    patterns_: NDArray[np.uint64]
    pattern_units_: NDArray[np.int64]
    level_units_: NDArray[np.int64]

    def fit(self, units: Units) -> NoveltyDetector:
        """Count what some units have."""
        keys = units.events.type_key
        counts = count_events(units)
        order = np.argsort(keys)
        self.units_ = len(units)
        self.type_keys_ = keys[order]
        self.type_units_ = np.bincount(counts.type, minlength=len(keys))[order]
        found = count_snapshots(units).patterns(keys)
        self.patterns_, self.pattern_units_ = np.unique(found, return_counts=True)
        self.level_units_ = np.array(
            [np.count_nonzero(highest_levels(units) >= level) for level in range(LEVELS)]
        )
        return self

    def score(self, units: Units) -> NDArray[np.float32]:
        """Score units, shape (U,); higher is more anomalous."""
        counts = count_events(units)
        surprise = self.type_surprise(units)
        rarest = np.zeros(len(units))
        np.maximum.at(rarest, counts.row, surprise[counts.type])
        level = highest_levels(units)
        rise = np.where(level >= WARN, self._surprise(self.level_units_[level]), 0.0)
        pattern = self._surprise(self.pattern_counts(units))
        return (rarest + rise + PATTERN_WEIGHT * pattern).astype(np.float32)

    def type_surprise(self, units: Units) -> NDArray[np.float64]:
        """Give the surprise at each of the types of the units' events."""
        return self._surprise(self.type_counts(units))

    def type_counts(self, units: Units) -> NDArray[np.int64]:
        """Give how many units of training had each type of the units' events."""
        return looked_up(units.events.type_key, self.type_keys_, self.type_units_)

    def pattern_counts(self, units: Units) -> NDArray[np.int64]:
        """Give how often each unit's pattern of counts occurred in training."""
        found = count_events(units).patterns(units.events.type_key)
        return looked_up(found, self.patterns_, self.pattern_units_)

    def _surprise(self, count: NDArray[np.int64]) -> NDArray[np.float64]:
        share = (count + 1) / (self.units_ + 1)
        return np.where(share > USUAL_SHARE, 0.0, -np.log(np.minimum(share, 1.0)))


def highest_levels(units: Units) -> NDArray[np.int64]:
    """Give the highest level in each unit, shape (U,)."""
    if not len(units):
        return np.zeros(0, np.int64)
    level = units.events.level[units.records].astype(np.int64)
    return np.maximum.reduceat(level, units.first[:-1])
