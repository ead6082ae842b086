"""Units: the groups of records that are judged as a whole. What is in them is not looked at.

A unit is what one identifier's records tell (a block, a request, a session), else a window of
so many records; never a stretch of time.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import re2

from glad.errors import BadUnitRule
from glad.events import take_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from glad.events import Events

WINDOW_RECORDS = 100
# Half of the window: what is cut at one window's end lies in the middle of the next.
WINDOW_STEP = 50
# An identifier is worth having when it groups most of the log, and splits it finely.
MIN_COVERED = 0.5
MIN_DISTINCT = 20
MIN_RECORDS, MAX_RECORDS = 2.0, 1000.0
# A unit of more records is cut: quadratic work and unreadable evidence otherwise.
MAX_UNIT_RECORDS = 5_000
# Values looked at to find identifiers; more of them say nothing new.
SAMPLE_RECORDS = 200_000

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_SHAPES = (
    re.compile(rf"(?P<uuid>{_UUID})".encode()),
    re.compile(rb"(?P<prefix>[A-Za-z][A-Za-z_]{0,20}[_-]-?)(?P<number>\d+)(?![\w.])"),
    re.compile(rb"\b(?P<hex>(?=[0-9a-f]*\d)[0-9a-f]{12,64})\b"),
)
_WHOLE_NUMBER = re.compile(rb"-?\d{3,}")


@dataclass(frozen=True, slots=True)
class UnitRule:
    """What makes a unit of a source.

    With a ``pattern`` (RE2 syntax; its first group, else all of it, is the key) the records
    with equal keys in one of their values are a unit; ``name`` narrows it to values after that
    word. Without one, windows of ``size`` records every ``step`` records are units.
    """

    pattern: str = ""
    name: str = ""
    size: int = WINDOW_RECORDS
    step: int = WINDOW_STEP

    def __post_init__(self) -> None:
        if not 0 < self.step <= self.size:
            raise BadUnitRule(f"windows of {self.size} records every {self.step} leave gaps")
        try:
            re2.compile(self.pattern)
        except re2.error as error:
            raise BadUnitRule(f"pattern {self.pattern!r}: {error}") from error

    def to_json(self) -> str:
        """Give the rule as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> UnitRule:
        """Read what `to_json` gave."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Units:
    """U units over the records of some events.

    The records of unit ``u`` are ``records[first[u]:first[u + 1]]``, in order of arrival.
    Units stand in the order of their first records.
    """

    events: Events
    keys: tuple[str, ...]
    first: NDArray[np.int64]  # (U + 1,)
    records: NDArray[np.int64]  # (N,) positions in `events`
    keyed: bool = False  # the records of a unit share an identifier

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def unit(self) -> NDArray[np.int64]:
        """The unit of each of `records`, shape (N,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    @property
    def start_ns(self) -> NDArray[np.int64]:
        """Time of each unit's first record, shape (U,)."""
        return self.events.time_ns[self.records[self.first[:-1]]]

    @property
    def end_ns(self) -> NDArray[np.int64]:
        """Time of each unit's last record, shape (U,)."""
        return self.events.time_ns[self.records[self.first[1:] - 1]]

    def take(self, chosen: NDArray[np.int64]) -> Units:
        """Return some of the units, in the order given; the events stay whole."""
        sizes = np.diff(self.first)[chosen]
        first = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        shift = np.repeat(self.first[:-1][chosen] - first[:-1], sizes)
        return Units(
            events=self.events,
            keys=tuple(self.keys[i] for i in chosen.tolist()),
            first=first,
            records=self.records[np.arange(first[-1]) + shift],
            keyed=self.keyed,
        )


def narrowed(units: Units) -> Units:
    """Return the same units over events that hold their records alone."""
    records, place = np.unique(units.records, return_inverse=True)
    return replace(units, events=take_events(units.events, records), records=place)


def group_units(events: Events, rule: UnitRule) -> Units:
    """Group records into units. Records without a key belong to none."""
    if not rule.pattern:
        return _windows(events, rule)
    number, keys = _keys(events, rule)
    of_value = number[events.value_text]
    if rule.name:
        named = np.array([slot.name == rule.name for slot in events.slots], bool)
        of_value = np.where(named[events.value_slot], of_value, -1)
    found = np.flatnonzero(of_value >= 0)
    # A record may name a key twice, and several keys.
    pairs = np.stack((of_value[found], events.value_record[found]), axis=1)
    pairs = np.unique(pairs, axis=0) if len(pairs) else pairs.reshape(0, 2)
    return replace(_from_pairs(events, keys, pairs[:, 0], pairs[:, 1]), keyed=True)


def labelled_units(events: Events, keys: Sequence[str], unit: NDArray[np.int64]) -> Units:
    """Make units of records whose unit is known: ``unit`` has shape (R,), -1 for none."""
    record = np.flatnonzero(unit >= 0)
    order = np.lexsort((record, unit[record]))
    return _from_pairs(events, keys, unit[record][order], record[order])


def _from_pairs(
    events: Events, keys: Sequence[str], unit: NDArray[np.int64], record: NDArray[np.int64]
) -> Units:
    """Make units of (unit, record) pairs sorted by unit, then record."""
    place = np.arange(len(unit)) - np.searchsorted(unit, unit)
    part = place // MAX_UNIT_RECORDS
    cut = np.flatnonzero(np.diff(unit) | np.diff(part)) + 1 if len(unit) else np.zeros(0, int)
    start = np.concatenate((np.zeros(min(1, len(unit)), np.int64), cut))
    names = [
        keys[u] if p == 0 else f"{keys[u]} part {p + 1}"
        for u, p in zip(unit[start].tolist(), part[start].tolist(), strict=True)
    ]
    units = Units(events, tuple(names), np.append(start, len(unit)).astype(np.int64), record)
    return units.take(np.argsort(record[start], kind="stable"))


def _windows(events: Events, rule: UnitRule) -> Units:
    total = len(events)
    last = max(total - rule.size, 0)
    starts = np.arange(0, last + rule.step, rule.step)[: -(-last // rule.step) + 1]
    starts = starts[starts < max(total, 0)]
    ends = np.minimum(starts + rule.size, total)
    first = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))
    shift = np.repeat(starts - first[:-1], ends - starts)
    rows = events.row
    keys = tuple(
        f"records {rows[a]} to {rows[b - 1]}" for a, b in zip(starts, ends, strict=True)
    )
    return Units(events, keys, first, np.arange(first[-1]) + shift)


def _keys(events: Events, rule: UnitRule) -> tuple[NDArray[np.int64], list[str]]:
    """Find the key in each distinct value: number of the key or -1, and the keys."""
    pattern = re2.compile(rule.pattern)
    keys: dict[str, int] = {}
    number = np.full(len(events.texts), -1, np.int64)
    for index, text in enumerate(events.texts):
        found = pattern.search(text.decode("utf-8", "replace"))
        if found is not None:
            key = found.group(1 if pattern.groups else 0)
            number[index] = keys.setdefault(key, len(keys)) if key else -1
    return number, list(keys)


def choose_rule(events: Events) -> UnitRule:
    """Choose what makes a unit, from what recurs: an identifier, else windows.

    Identifiers are grouped by how they look (UUID, hex digits, ``blk_`` and a number, the word
    before a number); the one wins whose values are on most records, if that is at least half
    of them, and whose values have two to a thousand records of two or more templates.
    """
    total = min(len(events), SAMPLE_RECORDS)
    if total == 0:
        return UnitRule()
    end = int(events.value_first[total])
    looks = [_look(text) for text in events.texts]
    best, best_worth = UnitRule(), 0.0
    for rule, chosen in _candidates(events, looks, end).items():
        worth = _worth(events, chosen, total)
        if worth > best_worth:
            best, best_worth = rule, worth
    return best


def _look(text: bytes) -> tuple[str, bytes] | None:
    """Say how an identifier looks: a pattern that finds its like, and the identifier."""
    for shape in _SHAPES:
        found = shape.search(text)
        if found is None:
            continue
        if found.lastgroup == "uuid":
            return _UUID, found[0]
        if found.lastgroup == "hex":
            return rf"\b[0-9a-f]{{{len(found[0])}}}\b", found[0]
        prefix = found["prefix"].decode("ascii").rstrip("-")
        return rf"{re.escape(prefix)}-?\d+", found[0]
    return ("", text) if _WHOLE_NUMBER.fullmatch(text) else None


def _candidates(
    events: Events, looks: Sequence[tuple[str, bytes] | None], end: int
) -> dict[UnitRule, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Give the values of each possible rule: their places in the columns, and their keys."""
    patterns: dict[str, int] = {}
    identifiers: dict[bytes, int] = {}
    look = np.full(len(looks), -1, np.int64)
    key = np.full(len(looks), -1, np.int64)
    for index, found in enumerate(looks):
        if found is not None:
            look[index] = patterns.setdefault(found[0], len(patterns))
            key[index] = identifiers.setdefault(found[1], len(identifiers))
    value_look = look[events.value_text[:end]]
    value_key = key[events.value_text[:end]]
    names = [slot.name for slot in events.slots]
    rules = {}
    for pattern, number in patterns.items():
        places = np.flatnonzero(value_look == number)
        if pattern:
            rules[UnitRule(pattern)] = (places, value_key[places])
            continue
        # A bare number is an identifier only together with the word before it.
        slots = events.value_slot[places]
        for name in sorted({names[slot] for slot in np.unique(slots).tolist()} - {""}):
            same = np.array([n == name for n in names], bool)[slots]
            rule = UnitRule(r"^-?\d{3,}$", name)
            rules[rule] = (places[same], value_key[places[same]])
    return rules


def _worth(
    events: Events, chosen: tuple[NDArray[np.int64], NDArray[np.int64]], total: int
) -> float:
    """Say how well an identifier groups records, 0 where it does not."""
    places, keys = chosen
    if len(places) < total * MIN_COVERED:
        return 0.0
    record = events.value_record[places]
    numbers, key = np.unique(keys, return_inverse=True)
    pairs = np.unique(np.stack((key, record), 1), axis=0)
    covered = len(np.unique(record)) / total
    typical = float(np.median(np.bincount(pairs[:, 0])[pairs[:, 0]]))
    kinds = np.unique(np.stack((pairs[:, 0], events.type[pairs[:, 1]]), 1), axis=0)
    several = float(np.mean(np.bincount(kinds[:, 0])[pairs[:, 0]] >= 2))
    usable = (
        len(numbers) >= MIN_DISTINCT
        and MIN_RECORDS <= typical <= MAX_RECORDS
        and covered >= MIN_COVERED
        and several >= 0.5
    )
    return covered if usable else 0.0
