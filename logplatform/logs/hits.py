r"""A record as it is shown: its text, where its message and variables stand in it.

Records are bytes; what is sent is text. Bytes that are not UTF-8 are written as ``\xNN``, and
every offset counts UTF-16 code units of the text as sent, the unit of JavaScript's strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from logscan import Level, TimeOrigin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logplatform.logs.search_catalog import KnownStructure
    from logscan import RecordBatch, Span, Structure

# Threads of one program write their lines some seconds out of order; a clock that was set back
# shows as more.
JUMP_NS = 60_000_000_000
# A page shows at most so much of one record; the rest is at /records/{id}/raw.
SHOWN_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class ShownVariable:
    """One variable of a record: its text and where it stands."""

    start: int
    end: int
    category: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One record, ready to be shown.

    ``clock_back_ns`` is how far its time lies before that of the record above it in its block
    where that is over `JUMP_NS`, else 0: a clock was set back, or files were put together.
    """

    id: str
    source: str
    time_ns: int
    time_origin: str
    clock_back_ns: int
    level: str
    component: str | None
    template_id: str | None
    raw: str
    is_truncated: bool
    raw_bytes: int
    message_start: int
    message_end: int
    variables: tuple[ShownVariable, ...]


def show_bytes(data: bytes) -> str:
    r"""Return bytes as text; those that are not UTF-8 as ``\xNN``."""
    return data.decode(errors="backslashreplace")


def strip_line_end(record: bytes) -> bytes:
    """Return a record without its last line end."""
    return record.removesuffix(b"\n").removesuffix(b"\r")


@dataclass(frozen=True, slots=True)
class ShownText:
    """Bytes as the text that is sent, and the way from byte offsets to offsets in it."""

    data: bytes
    text: str
    is_truncated: bool

    @classmethod
    def of(cls, data: bytes) -> ShownText:
        """Take at most `SHOWN_BYTES` of ``data``, whole characters where it is UTF-8."""
        is_truncated = len(data) > SHOWN_BYTES
        if is_truncated:
            data = data[: _character_start(data, SHOWN_BYTES)]
        return cls(data, show_bytes(data), is_truncated)

    def offset(self, at: int) -> int:
        """Return the offset in the text, in UTF-16 code units, of a byte offset."""
        at = min(max(at, 0), len(self.data))
        if len(self.text) == len(self.data):
            return at
        return utf16_units(show_bytes(self.data[: _character_start(self.data, at)]))


def utf16_units(text: str) -> int:
    """Return the length of a text as JavaScript counts it."""
    return len(text) + sum(char > "\uffff" for char in text)


def _character_start(data: bytes, at: int) -> int:
    """Return the nearest offset at or before ``at`` that does not cut a UTF-8 character."""
    for back in range(min(4, at)):
        if at - back >= len(data) or data[at - back] & 0xC0 != 0x80:
            return at - back
    return at


def make_hit(
    batch: RecordBatch,
    row: int,
    *,
    address: str,
    source: str,
    known: KnownStructure | None,
) -> Hit:
    """Make a hit of one record.

    Parameters
    ----------
    batch, row
        The record.
    address, source
        Its id and its source's name.
    known
        What the catalog knows of its structure, None for a record that is not sealed yet.
    """
    structure = batch.structures[int(batch.structure[row])]
    pieces = _pieces(batch, row, structure)
    edges = [0, *accumulate(map(len, pieces))]
    record = b"".join(pieces)
    shown = ShownText.of(strip_line_end(record))
    marks = (structure.message_start, structure.message_end)
    start, end = (shown.offset(edges[2 * piece] + offset) for piece, offset in marks)
    component = int(batch.component[row])
    return Hit(
        id=address,
        source=source,
        time_ns=int(batch.time_ns[row]),
        time_origin=TimeOrigin(int(batch.time_origin[row])).name.lower(),
        clock_back_ns=_clock_back_ns(batch, row),
        level=Level(int(batch.level[row])).name.lower(),
        component=show_bytes(batch.components[component]) if component >= 0 else None,
        template_id=known.template.key if known else None,
        raw=shown.text,
        is_truncated=shown.is_truncated,
        raw_bytes=len(record),
        message_start=start,
        message_end=end,
        variables=_variables(shown, edges, known) if known else (),
    )


def _pieces(batch: RecordBatch, row: int, structure: Structure) -> list[bytes]:
    """Return the constants of a record and, between them, its values."""
    low, high = int(batch.first_value[row]), int(batch.first_value[row + 1])
    starts, ends = batch.value_start[low:high].tolist(), batch.value_end[low:high].tolist()
    pieces = [structure.constants[0]]
    for start, end, constant in zip(starts, ends, structure.constants[1:], strict=True):
        pieces += [batch.buffer[start:end], constant]
    return pieces


def span_bounds(edges: Sequence[int], span: Span) -> tuple[int, int]:
    """Return the byte offsets of a span in a record; a trim past its piece leaves nothing."""
    start = min(edges[span.start_piece] + span.start_trim, edges[span.start_piece + 1])
    end = max(edges[span.end_piece + 1] - span.end_trim, edges[span.end_piece])
    return start, max(start, end)


def _variables(
    shown: ShownText, edges: Sequence[int], known: KnownStructure
) -> tuple[ShownVariable, ...]:
    found = []
    for span, category in zip(known.spans, known.categories, strict=True):
        start, end = span_bounds(edges, span)
        if start < len(shown.data):
            value = show_bytes(shown.data[start:end])
            found.append(ShownVariable(shown.offset(start), shown.offset(end), category, value))
    return tuple(found)


def _clock_back_ns(batch: RecordBatch, row: int) -> int:
    """Return how far a record's own time lies before that of the record above it."""
    if row == 0 or batch.time_origin[row] != TimeOrigin.HEADER:
        return 0
    back = int(batch.time_ns[row - 1]) - int(batch.time_ns[row])
    return back if back > JUMP_NS else 0
