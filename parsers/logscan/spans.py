"""The values of a span: what a variable of a template covers, for many records at once.

Spans over several pieces are joined by the kernel; those inside one slot are not copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logscan._kernel import gather_span
from logscan.batch import SlotColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import RecordBatch, Span


def span_values(
    batch: RecordBatch, structure: int, span: Span, rows: NDArray[np.int64] | None = None
) -> SlotColumn:
    """Return the bytes that ``span`` covers in each record of a structure.

    Parameters
    ----------
    batch : RecordBatch
    structure : int
        Its index in ``batch.structures``.
    span : Span
        A span of that structure; a trim that is longer than its piece leaves nothing of it.
    rows : ndarray of shape (n,), optional
        Records of the structure; all of them, in order, when not given.

    Returns
    -------
    SlotColumn
        ``n`` values.
    """
    rows = batch.rows(structure) if rows is None else np.ascontiguousarray(rows, np.int64)
    if span.start_piece == span.end_piece and span.start_piece % 2 == 1:
        column = batch.column(structure, span.start_piece // 2, rows)
        start = np.minimum(column.start + span.start_trim, column.end)
        return SlotColumn(batch.buffer, start, np.maximum(column.end - span.end_trim, start))
    table = batch.structures
    first, last = int(table.first_slot[structure]), int(table.first_slot[structure + 1])
    joined, ends = gather_span(
        batch.first_value,
        batch.value_start,
        batch.value_end,
        batch.buffer,
        table.constants,
        table.constant_offset[first + structure : last + structure + 2],
        rows,
        (span.start_piece, span.start_trim, span.end_piece, span.end_trim),
    )
    return SlotColumn(joined, np.concatenate((np.zeros(1, np.int64), ends[:-1])), ends)
