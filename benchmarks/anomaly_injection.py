"""Relations made wrong on purpose: a field's value moved into an event that never has it.

Neither the value nor the event is new: history has both, only never together. No label is
read. What is measured is in `anomaly`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glad.keys import columns_of, mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glad import Events, Units
    from glad.fields import FieldReader, Fields
    from glad.history import EdgeTable

# Of the units that can take one, those that get a wrong value.
INJECTED_SHARE = 0.5
CANDIDATES = 64


@dataclass(frozen=True)
class Injected:
    """Units of which some have one value that is wrong."""

    units: Units
    wrong_edge: NDArray[np.uint64]  # (U,) key of the edge that was made, 0 where none was


def inject(
    units: Units, reader: FieldReader, history: EdgeTable, donors: Units, seed: int
) -> Injected:
    """Move one value in about half of the units.

    Parameters
    ----------
    units : Units
        Later than history; windows that overlap share records, so take every second one.
    reader, history
        What history has: its fields, and its edges.
    donors : Units
        History, from which values are taken as they occur.
    """
    rng = np.random.default_rng(seed)
    events = units.events
    fields = reader.read(events)
    pool = _Donors(donors, reader, rng)
    texts = list(events.texts)
    numbers = {text: index for index, text in enumerate(texts)}
    value_text = events.value_text.copy()
    wrong = np.zeros(len(units), np.uint64)
    for unit in np.flatnonzero(rng.random(len(units)) < INJECTED_SHARE).tolist():
        records = units.records[units.first[unit] : units.first[unit + 1]]
        choice = _choose(events, fields, records, pool, (history, rng))
        if choice is not None:
            value, text, wrong[unit] = choice
            value_text[value] = numbers.setdefault(text, len(numbers))
    changed = replace(events, texts=tuple(numbers), value_text=value_text)
    return Injected(replace(units, events=changed), wrong)


def _choose(
    events: Events,
    fields: Fields,
    records: NDArray[np.int64],
    pool: _Donors,
    tools: tuple[EdgeTable, np.random.Generator],
) -> tuple[int, bytes, np.uint64] | None:
    """Find a value of a unit, and another one that history never has in its place."""
    history, rng = tools
    values = np.concatenate(
        [np.arange(events.value_first[r], events.value_first[r + 1]) for r in records]
    )
    values = values[fields.node[values] >= 0]
    for value in rng.permutation(values)[:8].tolist():
        kind = fields.node_kinds[int(fields.node[value])]
        if kind not in pool.keys:
            continue
        record = int(events.value_record[value])
        place = mixed(
            events.type_key[events.type[record]][None],
            fields.role_keys[fields.role[value]][None],
        )
        if columns_of(place, history.places_)[0] < 0:
            continue
        drawn = rng.integers(0, len(pool.keys[kind]), CANDIDATES)
        keys = mixed(np.repeat(place, CANDIDATES), pool.keys[kind][drawn])
        fits = np.flatnonzero(history.seen(keys) == 0)
        if len(fits):
            donor = int(drawn[fits[0]])
            return value, pool.texts[kind][donor], keys[fits[0]]
    return None


class _Donors:
    """Values of history by category: the key of their node, and their text."""

    MOST = 200_000

    def __init__(self, units: Units, reader: FieldReader, rng: np.random.Generator) -> None:
        events = units.events
        fields = reader.read(events)
        inside = np.zeros(len(events), bool)
        inside[units.records] = True
        values = np.flatnonzero((fields.node >= 0) & inside[events.value_record])
        values = rng.permutation(values)[: self.MOST]
        kinds = np.array(fields.node_kinds)[fields.node[values]]
        self.keys: dict[str, NDArray[np.uint64]] = {}
        self.texts: dict[str, list[bytes]] = {}
        for kind in sorted(set(kinds.tolist())):
            chosen = values[kinds == kind]
            self.keys[kind] = fields.node_keys[fields.node[chosen]]
            self.texts[kind] = [events.texts[i] for i in events.value_text[chosen].tolist()]
