"""Sequence: which event follows which, by a table of pairs. Networks are in `relation`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glad.counts import MIN_COUNT, snapshot_ends
from glad.keys import looked_up, mixed, text_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad.units import Units

# Steps of fewer units are not learned from. Lower than the share for whole patterns, which are
# many more.
MIN_STEP_SHARE = 0.001
# The score of a unit is the mean of its worst steps: one alone is noise in concurrent logs.
WORST_STEPS = 3
_START, _END = (np.array([text_key("step", name)], np.uint64) for name in ("start", "end"))


class SequenceDetector:
    """Surprise at the worst steps from one event to the next, in nats.

    A unit may end wherever units of the history were idle (`counts.snapshot_ends`).

    Attributes
    ----------
    steps_, step_units_ : ndarray of shape (n_steps,)
        Keys of pairs, sorted, and the units that had each; rare ones are dropped.
    from_, from_units_ : ndarray of shape (n_types + 1,)
        Keys of types (and the start), and the units that had a step from each.
    """

    steps_: NDArray[np.uint64]
    step_units_: NDArray[np.int64]
    from_: NDArray[np.uint64]
    from_units_: NDArray[np.int64]

    def fit(self, units: Units) -> SequenceDetector:
        """Count the steps of some units."""
        before, after, unit = _steps(units, snapshots=True)
        steps, counts, first = _units_with(mixed(before, after), unit)
        kept = counts >= max(MIN_COUNT, MIN_STEP_SHARE * len(units))
        self.steps_, self.step_units_ = steps[kept], counts[kept]
        places, number = np.unique(before[first[kept]], return_inverse=True)
        self.from_ = places
        self.from_units_ = np.bincount(number, counts[kept], minlength=len(places)).astype(
            np.int64
        )
        return self

    def score(self, units: Units) -> NDArray[np.float32]:
        """Score units, shape (U,); higher is more anomalous."""
        return self.score_steps(units)[0]

    def score_steps(self, units: Units) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
        """Score units and give the key of each one's worst step, both of shape (U,)."""
        before, after, unit = _steps(units, snapshots=False)
        surprise = self.surprise(before, after)
        order = np.lexsort((-surprise, unit))
        sorted_unit, sorted_surprise = unit[order], surprise[order]
        rank = np.arange(len(unit)) - np.searchsorted(sorted_unit, sorted_unit)
        worst = rank < WORST_STEPS
        total = np.bincount(sorted_unit[worst], sorted_surprise[worst], minlength=len(units))
        keys = mixed(before, after)[order][rank == 0]
        return (total / WORST_STEPS).astype(np.float32), keys

    def surprise(
        self, before: NDArray[np.uint64], after: NDArray[np.uint64]
    ) -> NDArray[np.float64]:
        """Give -log P(after | before), smoothed, of each step."""
        seen = looked_up(mixed(before, after), self.steps_, self.step_units_)
        total = looked_up(before, self.from_, self.from_units_)
        return -np.log((seen + 0.5) / (total + 1.0))

    def worst_step(self, units: Units, index: int) -> tuple[int, int, float]:
        """Give the worst step of one unit: places of its two records in the unit, surprise.

        The first place is -1 at the start, the second one past the last at the end.
        """
        one = units.take(np.array([index]))
        before, after, _ = _steps(one, snapshots=False)
        surprise = self.surprise(before, after)
        worst = int(np.argmax(surprise))
        size = len(one.records)
        # Steps stand as: start, then from record to record, then the end.
        return worst - 1, min(worst, size), float(surprise[worst])


def _steps(
    units: Units, *, snapshots: bool
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """List the steps of units: key before, key after, unit.

    With ``snapshots`` also a step to the end wherever a unit was idle. Steps stand in order
    of unit and place otherwise.
    """
    kind = units.events.type_key[units.events.type[units.records]]
    unit = units.unit
    starts = np.zeros(len(kind), bool)
    starts[units.first[:-1]] = True
    before = np.where(starts, _START, np.roll(kind, 1))
    ends = snapshot_ends(units) if snapshots else units.first[1:] - 1
    place = np.concatenate((np.arange(len(kind)), ends))
    late = np.repeat([0, 1], [len(kind), len(ends)])
    order = np.lexsort((late, place))
    before = np.concatenate((before, kind[ends]))[order]
    after = np.concatenate((kind, np.broadcast_to(_END, ends.shape)))[order]
    return before, after, unit[place][order]


def _units_with(
    keys: NDArray[np.uint64], unit: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Give distinct keys, how many units each occurs in, and where each came first."""
    known, first, number = np.unique(keys, return_index=True, return_inverse=True)
    width = int(unit.max(initial=0)) + 1
    pairs = np.unique(number * width + unit)
    return known, np.bincount(pairs // width, minlength=len(known)), first
