"""A log's own fields: where ``NAME=value`` and ``"NAME": value`` stand in a record.

`field_values` is the definition, on the bytes of one record. `field_spans` answers the same
question for a whole structure at once, so that a search tests each distinct value instead of
each record; the two must always agree, and a test holds them to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from logscan.batch import SlotKind, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logscan.batch import Structure

# The bytes at which logscan ends a token: what stands before a key.
DELIMITERS = bytes(range(0x21)) + b"\x7f\"'()[]{}<>,;=|&?`"
_BEFORE = b"(?:^|(?<=[" + re.escape(DELIMITERS) + b"]))"
_PLAIN_END = bytes(range(0x21)) + b"\x7f\"',;&|`)]}>"
# Possessive: a quote that is never closed in a line of 10 MB would cost 700 MB to go back over.
_QUOTED = rb'"((?:[^"\\]++|\\.)*+)"'
_PLAIN = b"([^" + re.escape(_PLAIN_END) + b"]*)"
_JSON_PLAIN = rb"([^,\s}\]\[{\"][^,\s}\]]*)"
# TIME, FIELD and TEXT slots may hold any byte, blanks and quotes included.
_OPEN_KINDS = frozenset({SlotKind.TIME, SlotKind.FIELD, SlotKind.TEXT})
# Stands for a slot's value in a structure's text. No delimiter, so never the end of a value.
_SLOT = b"\x80"


@dataclass(frozen=True, slots=True)
class FieldSpans:
    """Where one structure has a field.

    Attributes
    ----------
    values
        The spans of its values, as the constants show them.
    keys
        Slots that may hold the key itself or escape a quote (`is_key`); a record in which one
        does is looked at whole.
    certain
        Whether ``values`` holds for every other record.
    """

    values: tuple[Span, ...]
    keys: tuple[Span, ...]
    certain: bool


@lru_cache(maxsize=256)
def _pattern(name: bytes) -> re.Pattern[bytes]:
    key = re.escape(name)
    equals = _BEFORE + key + b"=(?:" + _QUOTED + b"|" + _PLAIN + b")"
    json = b'"' + key + rb'"\s*:\s*(?:' + _QUOTED + b"|" + _JSON_PLAIN + b")"
    return re.compile(b"(?:" + json + b"|" + equals + b")", re.DOTALL)


def field_values(record: bytes, name: bytes) -> Iterator[bytes]:
    """Yield a field's values in one record, quotes taken off, escapes left as they are."""
    for match in _pattern(name).finditer(record):
        yield match[match.lastindex or 0]


def is_key(value: bytes, name: bytes) -> bool:
    """Say whether a slot's value may move the borders of a field."""
    return name in value or value.endswith(b"\\")


def whole(structure: Structure) -> Span:
    """Return the span of the whole record."""
    return Span(0, 0, 2 * len(structure.kinds), 0)


def field_spans(structure: Structure, name: bytes) -> FieldSpans:
    """Find a field in a structure.

    The definition is run on the structure's text with one byte for each slot. That is right
    when no slot holds the key, no slot inside a value may hold a byte that would end it, and
    none ends in a backslash, which would escape the quote behind it.
    """
    # A timestamp has blanks, but neither a key nor a backslash.
    keys = tuple(
        Span(2 * slot + 1, 0, 2 * slot + 1, 0)
        for slot, kind in enumerate(structure.kinds)
        if kind is not SlotKind.TIME
        and (kind in _OPEN_KINDS or structure.constants[slot + 1][:1] in {b"=", b'"'})
    )
    text = structure.text(_SLOT)
    if name not in text:
        return FieldSpans((), keys, certain=True)
    edges, slots = _edges(structure)
    values: list[Span] = []
    certain = _SLOT not in name
    for match in _pattern(name).finditer(text):
        group = next(
            index for index, found in enumerate(match.groups(), 1) if found is not None
        )
        start, end = match.span(group)
        quoted = text[start - 1 : start] == b'"'
        inside = {kind for at, kind in slots if start <= at < end}
        if SlotKind.TEXT in inside or (inside & _OPEN_KINDS and not quoted):
            certain = False
        values.append(_span(edges, start, end))
    return FieldSpans(tuple(values), keys, certain=certain)


def _edges(structure: Structure) -> tuple[list[int], list[tuple[int, SlotKind]]]:
    """Return the borders of the pieces in the marked text, and where its slots are."""
    edges, slots = [0], []
    for slot, constant in enumerate(structure.constants):
        edges.append(edges[-1] + len(constant))
        if slot < len(structure.kinds):
            slots.append((edges[-1], structure.kinds[slot]))
            edges.append(edges[-1] + len(_SLOT))
    return edges, slots


def _span(edges: list[int], start: int, end: int) -> Span:
    """Turn two offsets in the marked text into a span.

    An empty stretch lies in a constant: offsets only ever fall inside constants or on the
    borders of slots, and a slot is never empty in the marked text.
    """
    last_piece = len(edges) - 2
    first = max(piece for piece in range(last_piece + 1) if edges[piece] <= start)
    if start == end:
        first -= first % 2  # the constant that ends where a slot begins
        trim = start - edges[first]
        return Span(first, trim, first, edges[first + 1] - start)
    last = min(piece for piece in range(last_piece + 1) if edges[piece + 1] >= end)
    return Span(first, start - edges[first], last, edges[last + 1] - end)
