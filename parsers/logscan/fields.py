"""Where the named fields of a header, or the keys of a JSON or logfmt line, lie in a structure.

Worked out on a few records of a new structure, never per line. What a name means is not known
here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from logscan._kernel import OP_CODES, ROLE_KEYS, match_names
from logscan.batch import SlotKind, Span
from logscan.header import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logscan.batch import RecordBatch, Structure
    from logscan.header import HeaderFormat

    Place = tuple[str, int, int]

# Records that must agree on where a field is; a few are enough, since constants bound a field.
SAMPLE_ROWS = 8
# The header's time, level, component and message are columns of their own.
_NOT_NAMED = frozenset({"component", "_"})
_JSON = re.compile(rb'"((?:[^"\\]++|\\.)*+)"|[{}\[\],:]|[^\s{}\[\],:"]++')
_LOGFMT = re.compile(rb'([^\s="]++)(?:=(?:"((?:[^"\\]++|\\.)*+)"|([^\s"]*+)))?')


@dataclass(frozen=True, slots=True)
class Field:
    """A named stretch of a structure's records; a JSON member's name has its path: ``a.b``."""

    name: str
    span: Span


def find_fields(batch: RecordBatch, index: int) -> tuple[Field, ...]:
    """Return the named fields of one structure of a batch, in order of their place.

    Fields that do not lie at the same place in all sampled records, as the pieces of the
    structure tell places, are left out.
    """
    header = batch.header
    if header is None or not header.pattern:
        return ()
    structure = batch.structures[index]
    rows = batch.rows(index)
    found: list[Field] | None = None
    for row in rows[:: -(-len(rows) // SAMPLE_ROWS)].tolist():
        here = set(_fields(batch, row, structure, header))
        found = _ordered(here) if found is None else [f for f in found if f in here]
    return tuple(found or ())


def header_shapes(batch: RecordBatch, indices: Sequence[int]) -> list[bytes | None]:
    """Give what the named fields of some structures depend on: their header's bytes and slots.

    Structures of one shape, under one header format, have the same fields before their
    message. None where the format names fields in the message or behind it, too.
    """
    header, table = batch.header, batch.structures
    if header is None or not header.pattern.endswith("<message>"):
        return [None for _ in indices]
    blob, offsets = table.constants, table.constant_offset
    kinds = table.kind.tobytes()
    chosen = np.asarray(indices, np.int64)
    first_slots = table.first_slot[chosen].tolist()
    starts = table.message_start[chosen].tolist()
    shapes: list[bytes | None] = []
    for index, slot, (last, left) in zip(indices, first_slots, starts, strict=True):
        edges = offsets[slot + index : slot + index + last + 1]
        end = int(edges[-1]) + left
        sizes = (edges[1:] - edges[0]).tobytes()
        shapes.append(
            b"%d %b%b%b" % (last, sizes, kinds[slot : slot + last], blob[int(edges[0]) : end])
        )
    return shapes


def _ordered(fields: set[Field]) -> list[Field]:
    return sorted(fields, key=lambda f: (f.span.start_piece, f.span.start_trim, f.name))


def _fields(
    batch: RecordBatch, row: int, structure: Structure, header: HeaderFormat
) -> Iterator[Field]:
    """Yield the fields of one record that begin and end on borders of its structure."""
    low, high = int(batch.first_value[row]), int(batch.first_value[row + 1])
    starts, ends = batch.value_start[low:high].tolist(), batch.value_end[low:high].tolist()
    pieces = [structure.constants[0]]
    for start, end, constant in zip(starts, ends, structure.constants[1:], strict=True):
        pieces += (batch.buffer[start:end], constant)
    edges = [0, *accumulate(map(len, pieces))]
    line = b"".join(pieces).partition(b"\n")[0].removesuffix(b"\r")
    marks = tuple(
        edges[2 * piece] + offset
        for piece, offset in (structure.message_start, structure.message_end)
    )
    for name, start, end in _places(line, header):
        span = _span(edges, start, end)
        if span is not None and (start, end) != marks and not _has_time(structure, span):
            yield Field(name, span)


def _has_time(structure: Structure, span: Span) -> bool:
    slots = structure.kinds[span.start_piece // 2 : (span.end_piece + 1) // 2]
    return SlotKind.TIME in slots


def _span(edges: list[int], start: int, end: int) -> Span | None:
    """Turn two byte offsets into a span, None where one of them lies inside a slot."""
    if start == end:
        empty = bisect_left(edges, start)
        is_slot = empty % 2 == 1 and empty + 1 < len(edges) and edges[empty + 1] == start
        return Span(empty, 0, empty, 0) if is_slot else None
    first, last = bisect_right(edges, start) - 1, bisect_left(edges, end) - 1
    left, right = start - edges[first], edges[last + 1] - end
    if (first % 2 and left) or (last % 2 and right):
        return None
    return Span(first, left, last, right)


def _places(line: bytes, header: HeaderFormat) -> list[Place]:
    """Return name, start and end of the fields of one line."""
    program = compile_pattern(header.pattern)
    names = program.names
    if program.ops[0] == OP_CODES["json"]:
        return list(_json_members(line))
    if program.ops[0] == OP_CODES["logfmt"]:
        return list(_logfmt_pairs(line))
    found = match_names(line, program.ops, program.sets) or ()
    return [
        (names[number], start, end)
        for number, start, end in found
        if names[number] not in _NOT_NAMED
    ]


def _json_members(line: bytes) -> Iterator[Place]:
    """Yield the members of an object that are strings, numbers or words, nested ones too."""
    stack: list[str | None] = []  # the path of each open object, None for an array
    name, is_key = "", False
    for match in _JSON.finditer(line):
        token = match[0]
        if token in b"{[":
            above = f"{name}." if stack and name else ""
            stack.append(above if token == b"{" else None)
            name, is_key = "", token == b"{"
        elif token in b"}]":
            if not stack:
                return
            stack.pop()
            name, is_key = "", False
        elif token == b",":
            name, is_key = "", bool(stack) and stack[-1] is not None
        elif token == b":":
            is_key = False
        elif is_key:
            name = (stack[-1] or "") + _text(match[1] or b"")
        elif name and name not in ROLE_KEYS:
            yield name, *match.span(1 if match[1] is not None else 0)


def _logfmt_pairs(line: bytes) -> Iterator[Place]:
    for match in _LOGFMT.finditer(line):
        group = 2 if match[2] is not None else 3
        name = _text(match[1])
        if match[group] is not None and name not in ROLE_KEYS:
            yield name, *match.span(group)


@lru_cache(maxsize=4096)
def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
