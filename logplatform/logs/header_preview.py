"""How a source's own lines read under a header format: what a person sees before choosing it.

Nothing is stored here; `services.set_format` takes the choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

from logplatform.logs import opened, wal
from logplatform.logs.hits import JUMP_NS, ShownText, show_bytes, span_bounds, strip_line_end
from logplatform.logs.models import Batch, Segment
from logplatform.logs.services import SAMPLE_BYTES
from logscan import Level, TimeOrigin, count_matching, detect, scan
from valb.header_variables import NamedVariables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logplatform.logs.models import Source
    from logscan import HeaderFormat, RecordBatch
    from valb.header_variables import NamedVariable

SAMPLE_RECORDS = 1000
SHOWN_RECORDS = 40


@dataclass(frozen=True, slots=True)
class PreviewField:
    """A field that the format names, in a record's shown text (UTF-16 units)."""

    name: str
    category: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    """One record as the format reads it; ``time_ns`` is None where the header has no time."""

    raw: str
    time_ns: int | None
    level: str
    component: str | None
    message_start: int
    message_end: int
    fields: tuple[PreviewField, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Some lines under a format.

    Attributes
    ----------
    detected, others
        The format that the lines look like, and others that match many of them.
    lines, matched
        Lines looked at without those of traces, and how many the format matches.
    confidence
        Of the format used: the share of lines that it matches.
    clock_jumps
        Records whose time lies over a minute before that of the record before.
    """

    header: HeaderFormat
    detected: str
    others: tuple[str, ...]
    lines: int
    matched: int
    confidence: float
    records: int
    with_time: int
    with_level: int
    clock_jumps: int
    shown: tuple[PreviewRecord, ...]


def own_lines(source: Source) -> bytes:
    """Return some of a source's newest lines, empty where it has none."""
    batch = Batch.objects.filter(source=source, segment=None).order_by("-number").first()
    if batch is not None:
        with opened.gone_is_named(source.name):
            return wal.read(settings.HOME.wal, batch)[:SAMPLE_BYTES]
    segment = Segment.objects.filter(source=source).order_by("-sequence").first()
    if segment is None:
        return b""
    block = opened.read_block(segment, segment.blocks - 1)
    rows = np.arange(min(SAMPLE_RECORDS, len(block.batch)))
    return block.render(rows)[:SAMPLE_BYTES]


def preview(data: bytes, header: HeaderFormat | None, *, received_ns: int) -> Preview:
    """Read some lines by a format, or by the one that they look like."""
    data = data[:SAMPLE_BYTES]
    found = detect(data)
    header = header or found.format
    batch = scan(data, header=header, received_ns=received_ns)
    is_detected = header.pattern == found.format.pattern
    lines, matched = count_matching(data, header)
    times = batch.time_ns[batch.time_origin == TimeOrigin.HEADER]
    return Preview(
        header=header,
        detected=found.format.name,
        others=tuple(name for name, _ in found.others),
        lines=lines,
        matched=matched,
        confidence=found.confidence if is_detected else matched / max(lines, 1),
        records=len(batch),
        with_time=len(times),
        with_level=int(np.count_nonzero(batch.level)),
        clock_jumps=int(np.count_nonzero(np.diff(times) < -JUMP_NS)),
        shown=tuple(_shown(batch)),
    )


def _shown(batch: RecordBatch) -> Iterator[PreviewRecord]:
    named = NamedVariables()
    for row in range(min(len(batch), SHOWN_RECORDS)):
        index = int(batch.structure[row])
        key = int(batch.structures.hash[index])
        yield _record(batch, row, named.of(key, batch, index))


def _record(batch: RecordBatch, row: int, named: tuple[NamedVariable, ...]) -> PreviewRecord:
    structure = batch.structures[int(batch.structure[row])]
    low, high = int(batch.first_value[row]), int(batch.first_value[row + 1])
    sizes = [len(structure.constants[0])]
    values = (batch.value_end[low:high] - batch.value_start[low:high]).tolist()
    for size, constant in zip(values, structure.constants[1:], strict=True):
        sizes += (size, len(constant))
    edges = [0, *accumulate(sizes)]
    shown = ShownText.of(strip_line_end(batch.record(row)))
    marks = (structure.message_start, structure.message_end)
    start, end = (shown.offset(edges[2 * piece] + offset) for piece, offset in marks)
    component = int(batch.component[row])
    has_time = batch.time_origin[row] == TimeOrigin.HEADER
    return PreviewRecord(
        raw=shown.text,
        time_ns=int(batch.time_ns[row]) if has_time else None,
        level=Level(int(batch.level[row])).name.lower(),
        component=show_bytes(batch.components[component]) if component >= 0 else None,
        message_start=start,
        message_end=end,
        fields=tuple(_fields(shown, edges, named)),
    )


def _fields(
    shown: ShownText, edges: list[int], named: tuple[NamedVariable, ...]
) -> Iterator[PreviewField]:
    for variable in named:
        start, end = span_bounds(edges, variable.span)
        category = variable.category.plain_name if variable.category else ""
        yield PreviewField(
            name=variable.name,
            category=category,
            start=shown.offset(start),
            end=shown.offset(end),
            value=show_bytes(shown.data[start:end]),
        )
