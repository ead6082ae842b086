"""Annotated batches as rows: one per record, with typed variables. What ``valb parse`` writes.

Values and places are worked out per structure, over columns; only the writing of a row is
done row by row.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from logscan import span_values
from valb.otel import records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from numpy.typing import NDArray

    from logscan import RecordBatch, Span
    from valb.templates import Annotation, Template

COLUMNS = ("line", "template_id", "template", "typed_template", "variables")


@dataclass(frozen=True, slots=True)
class Row:
    """One record. ``start`` and ``end`` of a variable are bytes from the message's start."""

    line: int
    template: Template
    variables: list[dict[str, Any]]
    record: dict[str, Any] = field(default_factory=dict)  # what `otel.records` gives


def _places(
    batch: RecordBatch, index: int, rows: NDArray[np.int64], spans: tuple[Span, ...]
) -> tuple[list[list[int]], list[list[int]]]:
    """Give where each span starts and ends in the message of each row."""
    structure = batch.structures[index]
    slots = len(structure.kinds)
    first = batch.first_value[rows][:, None] + np.arange(slots)
    sizes = np.empty((len(rows), 2 * slots + 1), np.int64)
    sizes[:, 1::2] = batch.value_end[first] - batch.value_start[first]
    sizes[:, ::2] = [len(constant) for constant in structure.constants]
    edges = np.concatenate([np.zeros((len(rows), 1), np.int64), sizes.cumsum(1)], 1)
    constant, offset = structure.message_start
    origin = edges[:, 2 * constant] + offset
    return (
        [(edges[:, s.start_piece] + s.start_trim - origin).tolist() for s in spans],
        [(edges[:, s.end_piece + 1] - s.end_trim - origin).tolist() for s in spans],
    )


def rows_of(
    batch: RecordBatch, annotation: Annotation, first_line: int, *, with_records: bool = False
) -> list[Row]:
    """Give the rows of a batch in order; ``first_line`` is the number of its first line."""
    lines = first_line + np.cumsum(batch.lines, dtype=np.int64) - batch.lines
    result: list[Row | None] = [None] * len(batch)
    for index, spans in enumerate(annotation.spans):
        template = annotation.templates[int(annotation.template[index])]
        rows = batch.rows(index)
        starts, ends = _places(batch, index, rows, spans)
        columns = [
            [
                {"value": value.decode("utf-8", "backslashreplace"), "category": category,
                 "start": start, "end": end}
                for value, start, end in zip(
                    span_values(batch, index, span), low, high, strict=True
                )
            ]
            for span, category, low, high in zip(
                spans, map(str, template.categories), starts, ends, strict=True
            )
        ]  # fmt: skip
        for k, row in enumerate(rows.tolist()):
            result[row] = Row(int(lines[row]), template, [column[k] for column in columns])
    if with_records:
        for number, record in records(batch, annotation):
            if (one := result[number]) is not None:
                one.record.update(record)
    return [row for row in result if row is not None]


class Writer(Protocol):
    """Takes rows and writes them to a binary stream."""

    def write(self, rows: Iterable[Row]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what comes after the last row."""


class CsvWriter:
    """Rows as CSV; ``variables`` is a JSON list."""

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8", "backslashreplace", newline="")
        self._csv = csv.writer(self._text, lineterminator="\n")
        self._csv.writerow(COLUMNS)

    def write(self, rows: Iterable[Row]) -> None:
        """Write some rows."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self._csv.writerows(
            (row.line, row.template.id, row.template.text, row.template.typed_text,
             encode(row.variables) if row.variables else "[]")
            for row in rows
        )  # fmt: skip

    def close(self) -> None:
        """Flush; the stream stays open."""
        self._text.detach()


class NdjsonWriter:
    """Rows as one JSON object a line, with the record in the words of OpenTelemetry."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, rows: Iterable[Row]) -> None:
        """Write some rows."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        for row in rows:
            template = row.template
            values = (row.line, template.id, template.text, template.typed_text, row.variables)
            line = encode(dict(zip(COLUMNS, values, strict=True)) | row.record) + "\n"
            self._stream.write(line.encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Nothing follows the last row."""


_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("template_id", pa.string()),
        ("template", pa.string()),
        ("typed_template", pa.string()),
        (
            "variables",
            pa.list_(
                pa.struct(
                    [("value", pa.string()), ("category", pa.string()), ("start", pa.int64()),
                     ("end", pa.int64())]
                )
            ),
        ),
    ]
)  # fmt: skip


class ParquetWriter:
    """Rows as a Parquet file, one row group a block; ``variables`` is a list of structs."""

    def __init__(self, stream: BinaryIO) -> None:
        self._parquet = pq.ParquetWriter(stream, _SCHEMA, compression="zstd")

    def write(self, rows: Iterable[Row]) -> None:
        """Write some rows."""
        held = list(rows)
        columns = (
            [row.line for row in held],
            [row.template.id for row in held],
            [row.template.text for row in held],
            [row.template.typed_text for row in held],
            [row.variables for row in held],
        )
        arrays = [pa.array(c, field.type) for c, field in zip(columns, _SCHEMA, strict=True)]
        self._parquet.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))

    def close(self) -> None:
        """Write the footer."""
        self._parquet.close()


WRITERS: dict[str, type[CsvWriter | NdjsonWriter | ParquetWriter]] = {
    "csv": CsvWriter,
    "ndjson": NdjsonWriter,
    "parquet": ParquetWriter,
}
