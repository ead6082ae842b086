"""The values of every variable of a batch as columns, template by template.

One column has the values of a variable from all structures of its template. Nothing is copied
but constants and variables over several pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from logscan import SlotColumn, Span, span_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan import RecordBatch
    from valb.templates import Annotation, Template

    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TypedColumns:
    """The ``R`` records of one template; ``columns`` are parallel to its categories."""

    template: Template
    rows: Numbers  # (R,) records of the batch, those of one structure together
    columns: tuple[SlotColumn, ...]  # of R values each


def typed_columns(batch: RecordBatch, annotation: Annotation) -> Iterator[TypedColumns]:
    """Give the columns of each template of a batch, in the annotation's order."""
    structures = np.argsort(annotation.template, kind="stable")
    ends = np.cumsum(np.bincount(annotation.template, minlength=len(annotation.templates)))
    spans = _SpanTable(annotation.spans)
    values = _Values(batch)
    for template, chosen in zip(
        annotation.templates, np.split(structures, ends[:-1]), strict=True
    ):
        counts = batch.counts()[chosen]
        rows = np.concatenate([batch.rows(s) for s in chosen.tolist()])
        owner = np.repeat(chosen, counts)
        yield TypedColumns(
            template,
            rows,
            tuple(
                values.column(spans.of(owner, k), owner, rows)
                for k in range(len(template.categories))
            ),
        )


class _SpanTable:
    """Spans as numbers, (n, 4); structures that share a tuple of spans share its rows."""

    def __init__(self, spans: tuple[tuple[Span, ...], ...]) -> None:
        first: dict[int, int] = {}
        numbers: list[tuple[int, int, int, int]] = []
        self._first = np.zeros(len(spans), np.int64)
        for structure, found in enumerate(spans):
            start = first.get(id(found))
            if start is None:
                start = first[id(found)] = len(numbers)
                numbers += [
                    (s.start_piece, s.start_trim, s.end_piece, s.end_trim) for s in found
                ]
            self._first[structure] = start
        self._numbers = np.array(numbers, np.int64).reshape(-1, 4)

    def of(self, structures: Numbers, variable: int) -> Numbers:
        """Give the span of a variable in each of some structures."""
        return self._numbers[self._first[structures] + variable]


class _Values:
    """Reads columns of a batch whose spans differ from record to record."""

    def __init__(self, batch: RecordBatch) -> None:
        self._batch = batch
        self._joined = b""

    def column(self, spans: Numbers, structures: Numbers, rows: Numbers) -> SlotColumn:
        """Read the value that ``spans[i]`` is of record ``rows[i]``, of ``structures[i]``."""
        batch, (piece, left, last, right) = self._batch, spans.T
        in_slot = (piece == last) & (piece % 2 == 1)
        value = np.where(in_slot, batch.first_value[rows] + piece // 2, 0)
        start, end = batch.value_start[value], batch.value_end[value]
        if in_slot.all():
            return _trimmed(batch.buffer, start, end, left, right)
        table = batch.structures
        if not self._joined:
            self._joined = batch.buffer + table.constants
        buffer = self._joined
        in_constant = (piece == last) & (piece % 2 == 0)
        constant = np.where(
            in_constant, table.first_slot[structures] + structures + piece // 2, 0
        )
        base = len(batch.buffer)
        start = np.where(in_constant, base + table.constant_offset[constant], start)
        end = np.where(in_constant, base + table.constant_offset[constant + 1], end)
        several = np.flatnonzero(piece != last)
        if not len(several):
            return _trimmed(buffer, start, end, left, right)
        left, right = left.copy(), right.copy()
        parts = [buffer]
        size = len(buffer)
        cuts = np.flatnonzero(np.diff(structures[several])) + 1
        for group in np.split(several, cuts):
            first = int(group[0])
            span = Span(*spans[first].tolist())
            found = span_values(batch, int(structures[first]), span, rows[group])
            start[group], end[group] = found.start + size, found.end + size
            left[group] = right[group] = 0
            parts.append(found.buffer)
            size += len(found.buffer)
        return _trimmed(b"".join(parts), start, end, left, right)


def _trimmed(
    buffer: bytes, start: Numbers, end: Numbers, left: Numbers, right: Numbers
) -> SlotColumn:
    start = np.minimum(start + left, end)
    return SlotColumn(buffer, start, np.maximum(end - right, start))
