"""A segment's records as Parquet, newline-delimited JSON or the bytes that went in.

One row for each record: what it is made of (structure, header fields, values) beside its text.
Structures are named by their hash, which is the same in all segments; their templates have a
``<*>`` for each value. Blocks are row groups, so memory is that of one block.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from logscan import Level, TimeOrigin
from logzip._rows import record_edges
from logzip._values import gather
from logzip.costs import SLOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan import RecordBatch, Structure
    from logzip.reader import Block, Segment

    Longs = NDArray[np.int64]

FORMATS = ("raw", "ndjson", "parquet")
_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("record", pa.int64()),  # from 1
        ("line", pa.int64()),  # its first one, from 1
        ("time", pa.timestamp("ns", tz="UTC")),
        ("time_origin", _NAME),  # header, previous (the record before) or receipt
        ("level", _NAME),
        ("component", _NAME),
        ("template_id", _NAME),  # 16 hex digits
        ("template", _NAME),
        ("values", pa.list_(pa.string())),
        ("numbers", pa.list_(pa.float64())),  # the values that are decimal numbers, else null
        ("text", pa.string()),  # without the last line end
    ]
)
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"  # a double holds up to fifteen digits exactly


def export(segment: Segment, out: BinaryIO, kind: str) -> None:
    r"""Write all records of a segment in one of `FORMATS`.

    Bytes that are no UTF-8 stand as ``\xff`` in ``ndjson`` and ``parquet``; ``raw`` gives back
    what went in.
    """
    if kind == "raw":
        for number in range(len(segment.blocks)):
            out.write(segment.block(number).render())
    elif kind == "parquet":
        with pq.ParquetWriter(out, SCHEMA, compression="zstd") as writer:
            for table in tables(segment):
                writer.write_table(table)
    else:
        for table in tables(segment):
            _write_json(table, out)


def tables(segment: Segment) -> Iterator[pa.Table]:
    """Yield the records of each block as a table of `SCHEMA`."""
    record = line = 1
    for info in segment.blocks:
        block = segment.block(info.number)
        yield block.guarded(lambda block=block, at=(record, line): _table(block, *at))  # type: ignore[misc]  # mypy knows no defaults of lambdas
        record += info.n_records
        line += info.n_lines


def _table(block: Block, first_record: int, first_line: int) -> pa.Table:
    batch = block.batch
    n = len(batch)
    lines = np.cumsum(batch.lines, dtype=np.int64) - batch.lines
    values = _strings(batch.buffer, batch.value_start, batch.value_end)
    offsets = pa.array(batch.first_value.astype(np.int32))
    table = batch.structures
    templates = [_template(table[index]) for index in range(len(table))]
    component = pa.array(batch.component, mask=batch.component < 0)
    columns = [
        pa.array(np.arange(first_record, first_record + n)),
        pa.array(lines + first_line),
        pa.array(batch.time_ns).cast(SCHEMA.field("time").type),
        _named(batch.time_origin, [origin.name.lower() for origin in TimeOrigin]),
        _named(batch.level, [level.name.lower() for level in Level]),
        _dictionary(component, [_decoded(name) for name in batch.components]),
        _named(batch.structure, [f"{known:016x}" for known in table.hash.tolist()]),
        _named(batch.structure, templates),
        pa.ListArray.from_arrays(offsets, values),
        pa.ListArray.from_arrays(offsets, _numbers(values)),
        _texts(block, batch),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _named(index: NDArray[np.integer], names: list[str]) -> pa.Array:
    return _dictionary(pa.array(index.astype(np.int32)), names)


def _dictionary(index: pa.Array, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string()))


def _template(structure: Structure) -> str:
    return SLOT.join(map(_decoded, structure.constants)).removesuffix("\n").removesuffix("\r")


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")


def _strings(buffer: bytes, start: Longs, end: Longs) -> pa.Array:
    """Return spans as strings."""
    text = gather(buffer or b"\0", start, end, -1)
    offsets = np.zeros(len(start) + 1, np.int32)
    np.cumsum(end - start, out=offsets[1:])
    made = pa.Array.from_buffers(
        pa.binary(), len(start), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text)]
    )
    try:
        return made.cast(pa.string())
    except pa.ArrowInvalid:  # a span that is no UTF-8
        return pa.array([_decoded(value) for value in made.to_pylist()], pa.string())


def _numbers(values: pa.Array) -> pa.Array:
    """Return the values as numbers, null where one is none or would lose digits."""
    is_number = pc.match_substring_regex(values, NUMBER)
    return pc.if_else(is_number, values, None).cast(pa.float64())


def _texts(block: Block, batch: RecordBatch) -> pa.Array:
    """Return the text of each record, without the line end that ends it."""
    text = block.render()
    edges = record_edges(batch, np.arange(len(batch)))
    bytes_of = np.frombuffer(text, np.uint8)
    ends = edges[1:].copy()
    for mark in (b"\n", b"\r"):
        ends -= (ends > edges[:-1]) & (bytes_of[np.maximum(ends - 1, 0)] == mark[0])
    return _strings(text, edges[:-1], ends)


def _write_json(table: pa.Table, out: BinaryIO) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    times = pc.strftime(table["time"], "%Y-%m-%dT%H:%M:%SZ")
    table = table.set_column(table.schema.get_field_index("time"), "time", times)
    for part in table.to_batches(max_chunksize=4096):
        rows = (encode(row) + "\n" for row in part.to_pylist())
        out.write("".join(rows).encode("utf-8", "backslashreplace"))
