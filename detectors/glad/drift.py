"""Value drift: sizes, durations and amounts far from where history has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.keys import columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.fields import Fields
    from glad.units import Units

MIN_VALUES = 50
# A spread of log values below this is rounding.
LEAST_SPREAD = 0.05
# Surprise is capped: one absurd value must not outweigh all else.
MOST_NATS = 40.0


class DriftDetector:
    """Surprise at the most outlying amount of a unit, in nats.

    Values are compared by their logarithm. Past the first and last percentile of history the
    tail is taken as exponential with the distance from the median to that percentile.

    Attributes
    ----------
    roles_ : ndarray of shape (n_roles,)
        Keys of the roles that have amounts, sorted.
    middle_, low_, high_ : ndarray of shape (n_roles,)
        Median, first and last percentile of the log values.
    """

    roles_: NDArray[np.uint64]
    middle_: NDArray[np.float64]
    low_: NDArray[np.float64]
    high_: NDArray[np.float64]

    def fit(self, units: Units, fields: Fields) -> DriftDetector:
        """Learn where the amounts of some units lie."""
        chosen = np.zeros(len(units.events), bool)
        chosen[units.records] = True
        found = np.flatnonzero(np.isfinite(fields.number) & chosen[units.events.value_record])
        role, number = fields.role[found], fields.number[found]
        order = np.argsort(role, kind="stable")
        role, number = role[order], number[order]
        known, first = np.unique(role, return_index=True)
        rows = (
            [
                (key, *np.quantile(part, (0.5, 0.01, 0.99)))
                for key, part in zip(known.tolist(), np.split(number, first[1:]), strict=True)
                if len(part) >= MIN_VALUES
            ]
            if len(role)
            else []
        )
        rows.sort(key=lambda row: int(fields.role_keys[row[0]]))
        self.roles_ = (
            fields.role_keys[[row[0] for row in rows]] if rows else np.zeros(0, np.uint64)
        )
        self.middle_, self.low_, self.high_ = (
            np.array([row[i] for row in rows], np.float64) for i in (1, 2, 3)
        )
        return self

    def score(self, units: Units, fields: Fields) -> NDArray[np.float32]:
        """Score units, shape (U,); higher is more anomalous."""
        worst, _ = self.worst_values(units, fields)
        return worst.astype(np.float32)

    def worst_values(
        self, units: Units, fields: Fields
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give each unit's worst surprise, and which of the V values it is, -1 for none."""
        nats = self._nats(fields)
        events = units.events
        of_record = np.zeros(len(events))
        np.maximum.at(of_record, events.value_record, nats)
        worst = np.zeros(len(units))
        if len(units):
            worst = np.maximum.reduceat(of_record[units.records], units.first[:-1])
        return worst, self._places(units, nats, worst)

    def usual(self, role_key: int) -> tuple[float, float, float]:
        """Give first percentile, median and last percentile of a role's amounts."""
        place = int(np.searchsorted(self.roles_, np.uint64(role_key)))
        low, middle, high = np.exp([c[place] for c in (self.low_, self.middle_, self.high_)])
        return float(low), float(middle), float(high)

    @staticmethod
    def _places(
        units: Units, nats: NDArray[np.float64], worst: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Find the first value of each unit that is as surprising as its worst one."""
        place = np.full(len(units), -1)
        values = np.flatnonzero(nats > 0)
        record = units.events.value_record[values]
        value_of = np.full(len(units.events), -1)
        order = np.argsort(nats[values], kind="stable")
        value_of[record[order]] = values[order]  # the last one written is the worst
        candidate = value_of[units.records]
        unit = units.unit
        hit = np.flatnonzero((candidate >= 0) & (nats[candidate] == worst[unit]))[::-1]
        place[unit[hit]] = candidate[hit]
        return place

    def _nats(self, fields: Fields) -> NDArray[np.float64]:
        """Give the surprise at each value, 0 where it is no amount, shape (V,)."""
        nats = np.zeros(len(fields.number))
        column = columns_of(fields.role_keys, self.roles_)
        found = np.flatnonzero(np.isfinite(fields.number))
        if not len(found) or not len(self.roles_):
            return nats
        column = column[fields.role[found]]
        found, column = found[column >= 0], column[column >= 0]
        number = fields.number[found]
        above = (number - self.high_[column]) / np.maximum(
            self.high_[column] - self.middle_[column], LEAST_SPREAD
        )
        below = (self.low_[column] - number) / np.maximum(
            self.middle_[column] - self.low_[column], LEAST_SPREAD
        )
        outside = np.maximum(above, below)
        # From the middle to that percentile an exponential tail falls by log(50) nats.
        nats[found[outside > 0]] = np.log(50.0) * outside[outside > 0]
        return np.minimum(nats, MOST_NATS)
