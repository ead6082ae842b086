"""A block of bytes into a `RecordBatch`, and the way back.

The work is in the compiled kernel; here its arrays get their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logscan._kernel import (
    SCAN_MODES,
    hash_structures,
    intern_spans,
    render_records,
    scan_block,
)
from logscan.batch import RecordBatch, StructureTable, TimeOrigin
from logscan.header import HeaderFormat, compile_pattern
from logscan.years import in_order, may_lack_year

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scan_mode(header: HeaderFormat) -> int:
    """Return how the kernel joins lines for this format."""
    return SCAN_MODES["header" if header.pattern else "traces"]


def scan(
    data: bytes, *, header: HeaderFormat, received_ns: int, previous_ns: int | None = None
) -> RecordBatch:
    """Scan one block of lines.

    Parameters
    ----------
    data : bytes
        Any bytes; those of the batch are the same.
    header : HeaderFormat
        How records begin. With the format ``none`` only the lines of stack traces are joined.
    received_ns : int
        Nanoseconds since 1970 UTC; the time of records that have none. Of timestamps without
        a year the last one has the latest that is not over two days after this, and the others
        lie before it in the order of lines.
    previous_ns : int, optional
        The time of the last record of the block before.

    Returns
    -------
    RecordBatch
        Its values point into ``data``; nothing is copied.
    """
    return _scan(data, header, scan_mode(header), received_ns, previous_ns)


def scan_messages(data: bytes) -> RecordBatch:
    """Scan lines that are bare messages: each line is one record, and all of it is message."""
    return _scan(data, HeaderFormat("none", ""), SCAN_MODES["lines"], 0, None)


def _scan(
    data: bytes, header: HeaderFormat, mode: int, received_ns: int, previous_ns: int | None
) -> RecordBatch:
    program = compile_pattern(header.pattern)
    table, columns = scan_block(data, program.ops, program.sets, mode, received_ns, previous_ns)
    found = bool(np.any(columns[2] == TimeOrigin.HEADER))
    structure, time_ns, origin, level, component, names, lines, first, start, end = columns
    if found and may_lack_year(program.time_format):
        time_ns = in_order(time_ns, origin)
    return RecordBatch(
        structures=StructureTable(*table),
        structure=structure,
        time_ns=time_ns,
        time_origin=origin,
        level=level,
        component=component,
        components=names,
        lines=lines,
        buffer=data,
        first_value=first,
        value_start=start,
        value_end=end,
        time_format=program.time_format if found else "",
        header=header,
    )


def render(batch: RecordBatch, rows: NDArray[np.int64] | None = None) -> bytes:
    """Return the bytes of the batch, or of some of its records, one after the other.

    Same as joining `RecordBatch.record`, compiled. Raises `ValueError` when an index of the
    batch points outside its arrays.
    """
    table = batch.structures
    return render_records(
        batch.structure,
        batch.first_value,
        batch.value_start,
        batch.value_end,
        batch.buffer,
        table.first_slot,
        table.constants,
        table.constant_offset,
        None if rows is None else np.ascontiguousarray(rows, np.int64),
    )


def structure_hashes(table: StructureTable) -> NDArray[np.uint64]:
    """Return the hash that the scan gives each structure of ``table``; its own are not read."""
    return hash_structures(
        table.first_slot,
        table.kind,
        table.constants,
        table.constant_offset,
        table.message_start,
        table.message_end,
    )


def intern_values(
    buffer: bytes, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Give each distinct span ``buffer[start[i]:end[i]]`` a number, by first appearance.

    Returns
    -------
    first_index : ndarray of shape (n_distinct,)
        Where each distinct span appears first.
    inverse : ndarray of shape (n,)
        The number of each span: ``first_index[inverse[i]]`` is a span equal to ``i``.
    """
    return intern_spans(buffer, np.ascontiguousarray(start), np.ascontiguousarray(end))
