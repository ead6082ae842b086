"""Events: what the detectors know of records, as columns. Units and graphs are made elsewhere.

`read_events` turns one batch and its annotation into columns without looking at a line; the
columns of several batches are put together by `join_events`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from logscan import intern_values, span_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from logscan import RecordBatch, SlotColumn, Span, Structure
    from valb import Annotation

Item = TypeVar("Item")

# The word before a value: `key=value`, `"key": value`, `key value`.
_NAME = re.compile(rb"([A-Za-z_][A-Za-z0-9_.-]{0,39})[^A-Za-z0-9]{0,4}$")


class EventType(NamedTuple):
    """A template, as far as the detectors need it."""

    id: str  # 16 hex digits
    text: str  # variables as <OID>, <LOI>, ...


class Slot(NamedTuple):
    """A variable of a template: where the values of one field come from."""

    template: str  # its id
    place: int  # counted from 0
    category: str  # a `valb.Category` value
    name: str  # the word before it, "" where there is none


@dataclass(frozen=True)
class Events:
    """Columns of R records with V field values in all, in order of arrival.

    The values of record ``r`` are ``value_first[r]`` to ``value_first[r + 1]``.
    """

    types: tuple[EventType, ...]
    slots: tuple[Slot, ...]
    components: tuple[str, ...]
    texts: tuple[bytes, ...]  # distinct values
    type: NDArray[np.int32]  # (R,) index into `types`
    time_ns: NDArray[np.int64]  # (R,)
    level: NDArray[np.uint8]  # (R,) logscan.Level
    component: NDArray[np.int32]  # (R,) index into `components`, -1 for none
    row: NDArray[np.int64]  # (R,) the caller's number of the record
    value_first: NDArray[np.int64]  # (R + 1,)
    value_slot: NDArray[np.int32]  # (V,) index into `slots`
    value_text: NDArray[np.int32]  # (V,) index into `texts`

    def __len__(self) -> int:
        return len(self.type)

    @cached_property
    def value_record(self) -> NDArray[np.int64]:
        """The record of each value, shape (V,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.value_first))

    @cached_property
    def type_key(self) -> NDArray[np.uint64]:
        """A number for each of `types` that is the same in all batches, shape (n_types,)."""
        return np.array([int(kind.id, 16) for kind in self.types], np.uint64)


def read_events(batch: RecordBatch, annotation: Annotation, *, first_row: int = 0) -> Events:
    """Take the columns of a batch and its annotation.

    Parameters
    ----------
    batch : RecordBatch
        From a scan or from a segment.
    annotation : Annotation
        What `valb` says of the structures of this batch.
    first_row : int
        The number of the batch's first record; records keep it through to the evidence.
    """
    slots: dict[Slot, int] = {}
    texts: dict[bytes, int] = {}
    parts = [
        _read_structure(batch, annotation, index, slots, texts)
        for index in range(len(batch.structures))
        if annotation.spans[index]
    ]
    record = _joined([part[0] for part in parts], np.int64)
    order = np.argsort(record, kind="stable")
    counts = np.bincount(record, minlength=len(batch))
    return Events(
        types=tuple(EventType(t.id, t.typed_text) for t in annotation.templates),
        slots=tuple(slots),
        components=tuple(name.decode("utf-8", "backslashreplace") for name in batch.components),
        texts=tuple(texts),
        type=annotation.template[batch.structure].astype(np.int32),
        time_ns=batch.time_ns,
        level=batch.level,
        component=batch.component,
        row=first_row + np.arange(len(batch), dtype=np.int64),
        value_first=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
        value_slot=_joined([part[1] for part in parts], np.int32)[order].astype(np.int32),
        value_text=_joined([part[2] for part in parts], np.int32)[order].astype(np.int32),
    )


def _read_structure(
    batch: RecordBatch,
    annotation: Annotation,
    index: int,
    slots: dict[Slot, int],
    texts: dict[bytes, int],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Read all variables of one structure: record, slot and text of each value."""
    template = annotation.templates[int(annotation.template[index])]
    structure = batch.structures[index]
    rows = batch.rows(index)
    record, slot, text = [], [], []
    pairs = zip(annotation.spans[index], template.categories, strict=True)
    for place, (span, category) in enumerate(pairs):
        name = _name_before(structure, span)
        number = slots.setdefault(Slot(template.id, place, str(category), name), len(slots))
        record.append(rows)
        slot.append(np.full(len(rows), number, np.int32))
        text.append(_number_texts(span_values(batch, index, span, rows), texts))
    return np.concatenate(record), np.concatenate(slot), np.concatenate(text)


def _name_before(structure: Structure, span: Span) -> str:
    constant = structure.constants[span.start_piece // 2]
    before = constant[: span.start_trim] if span.start_piece % 2 == 0 else constant
    found = _NAME.search(before)
    return found[1].decode("ascii") if found else ""


def _number_texts(column: SlotColumn, texts: dict[bytes, int]) -> NDArray[np.int32]:
    if len(column) == 1:  # many logs have one structure for each line or two
        return np.array([texts.setdefault(column[0], len(texts))], np.int32)
    first, inverse = intern_values(column.buffer, column.start, column.end)
    numbers = [texts.setdefault(column[i], len(texts)) for i in first.tolist()]
    return np.array(numbers, np.int32)[inverse]


def _joined(parts: Sequence[NDArray[np.generic]], dtype: type) -> NDArray[np.int64]:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)


def join_events(parts: Iterable[Events]) -> Events:
    """Put the columns of several batches one after the other."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    types, type_maps = _merge([part.types for part in parts])
    slots, slot_maps = _merge([part.slots for part in parts])
    texts, text_maps = _merge([part.texts for part in parts])
    components, component_maps = _merge([part.components for part in parts])
    # -1, no component, is the last item of each map.
    component_maps = [np.append(mapping, np.int32(-1)) for mapping in component_maps]
    shifts = np.cumsum([0, *(len(part.value_slot) for part in parts)])
    return Events(
        types=types,
        slots=slots,
        components=components,
        texts=texts,
        type=_mapped(type_maps, [part.type for part in parts]),
        time_ns=_joined([part.time_ns for part in parts], np.int64),
        level=np.concatenate([np.zeros(0, np.uint8), *(part.level for part in parts)]),
        component=_mapped(component_maps, [part.component for part in parts]),
        row=_joined([part.row for part in parts], np.int64),
        value_first=np.concatenate(
            [
                *(p.value_first[:-1] + s for p, s in zip(parts, shifts, strict=False)),
                shifts[-1:],
            ]
        ),
        value_slot=_mapped(slot_maps, [part.value_slot for part in parts]),
        value_text=_mapped(text_maps, [part.value_text for part in parts]),
    )


def take_events(events: Events, records: NDArray[np.int64]) -> Events:
    """Return the columns of some records, with the texts that they have."""
    first = events.value_first[records]
    size = events.value_first[records + 1] - first
    value = np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())
    texts, number = np.unique(events.value_text[value], return_inverse=True)
    return replace(
        events,
        texts=tuple(events.texts[i] for i in texts.tolist()),
        type=events.type[records],
        time_ns=events.time_ns[records],
        level=events.level[records],
        component=events.component[records],
        row=events.row[records],
        value_first=np.concatenate((np.zeros(1, np.int64), np.cumsum(size))),
        value_slot=events.value_slot[value],
        value_text=number.astype(np.int32),
    )


def _merge(
    vocabularies: Sequence[tuple[Item, ...]],
) -> tuple[tuple[Item, ...], list[NDArray[np.int32]]]:
    numbers: dict[Item, int] = {}
    maps = [
        np.array([numbers.setdefault(item, len(numbers)) for item in items], np.int32)
        for items in vocabularies
    ]
    return tuple(numbers), maps


def _mapped(
    maps: Sequence[NDArray[np.int32]], columns: Sequence[NDArray[np.int32]]
) -> NDArray[np.int32]:
    pairs = zip(maps, columns, strict=True)
    found = [m[c] if len(m) else c for m, c in pairs]
    return _joined(found, np.int32).astype(np.int32)
