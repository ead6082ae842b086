"""One block read back: its header, then on demand structures, context and values.

Every number is checked before it is used: what a block says may be a lie that its checksums
confirm. Whatever is wrong becomes a `CorruptSegment` that names the block.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import xxhash

from logscan import render, structure_hashes
from logscan.batch import RecordBatch, SlotColumn, SlotKind, StructureTable
from logzip._plan import ByteReader, IntPlan
from logzip._rows import place_values, render_columns, structure_counts, value_places
from logzip._structures import decode_structure_ids, decode_table
from logzip.codecs import join_columns
from logzip.context import Context, ContextPlan
from logzip.errors import CorruptSegment
from logzip.format import (
    CHECKSUM_BYTES,
    MAX_BLOCK_BYTES,
    MAX_HEADER_BYTES,
    MAX_RECORDS,
    MAX_SPARE_RATIO,
    MAX_STRUCTURES,
    BlockTag,
    checksum,
)
from logzip.ints import decode_ints
from logzip.runs import Run, StreamReader, unpack_run
from logzip.values import Values, ValuesPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

T = TypeVar("T")

FRONT_BYTES = 5  # tag, length of the header
N_CODES = 254
CONTEXT_FIELDS = ("time_ns", "time_origin", "level", "component", "components", "lines")
MAX_FORMAT_BYTES = 256
# Where one in so many records of the wanted structures is wanted, their columns are read
# through: picking values costs more.
MANY = 3
EMPTY = SlotColumn(b"", np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a block says of itself; its body follows the header."""

    tag: BlockTag
    header_bytes: int  # with front and checksum
    body_bytes: int
    n_records: int
    n_lines: int
    raw_bytes: int
    raw_checksum: int
    n_streams: int
    runs: tuple[Run, ...]


def header_size(front: bytes) -> int:
    """Return how many bytes lie between a block's front and its body; ValueError if absurd."""
    size = int.from_bytes(front[1:FRONT_BYTES], "little")
    if size > MAX_HEADER_BYTES:
        raise ValueError(f"a block header of {size} bytes")
    return size + CHECKSUM_BYTES


def read_header(data: bytes) -> BlockHeader:
    """Read the header at the start of ``data``; ValueError where it is damaged."""
    if len(data) < FRONT_BYTES:
        raise ValueError("the block header is cut short")
    end = FRONT_BYTES + header_size(data)
    if len(data) < end:
        raise ValueError("the block header is cut short")
    covered = data[: end - CHECKSUM_BYTES]
    if checksum(covered) != int.from_bytes(data[end - CHECKSUM_BYTES : end], "little"):
        raise ValueError("checksum mismatch in the block header")
    if data[0] not in (BlockTag.COLUMNS, BlockTag.RAW):
        raise ValueError(f"unknown kind of block {data[0]}")
    reader = ByteReader(covered, FRONT_BYTES)
    body, records = reader.varint(MAX_BLOCK_BYTES), reader.varint(MAX_RECORDS)
    lines, raw = reader.varint(MAX_BLOCK_BYTES), reader.varint(MAX_BLOCK_BYTES)
    raw_checksum = int.from_bytes(reader.take(8), "little")
    n_streams = reader.varint(MAX_HEADER_BYTES)
    runs = tuple(_read_runs(reader))
    reader.done()
    if sum(run.stored_size for run in runs) != body:
        raise ValueError("the runs do not fill the block")
    if records > raw or lines > raw or raw > (body + 64) * MAX_SPARE_RATIO:
        raise ValueError(f"a body of {body} bytes cannot hold {raw}")
    return BlockHeader(
        BlockTag(data[0]), end, body, records, lines, raw, raw_checksum, n_streams, runs
    )


def _read_runs(reader: ByteReader) -> Iterator[Run]:
    offset = 0
    for _ in range(reader.varint(MAX_HEADER_BYTES)):
        method, size, stored = reader.byte(), reader.varint(), reader.varint(MAX_BLOCK_BYTES)
        yield Run(method, size, stored, int.from_bytes(reader.take(4), "little"), offset)
        offset += stored


@dataclass(frozen=True, slots=True)
class _Plan:
    """The parts of a block's plan, each with the numbers of its streams."""

    table: StructureTable
    structure: NDArray[np.int32]
    context: ContextPlan
    time_format: str
    values: ValuesPlan


class Block:
    """A block of records.

    Structures, times, levels and components are decoded when `batch` is first asked for, values
    when one of them is.
    """

    def __init__(self, data: bytes, place: str = "block") -> None:
        self.place = place
        with self._reading():
            self.header = read_header(data)
        self._body = data[self.header.header_bytes :]
        if len(self._body) != self.header.body_bytes:
            raise CorruptSegment(f"{place}: the block is cut short")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Name the block in whatever its bytes make go wrong."""
        try:
            yield
        except (ValueError, OverflowError, MemoryError) as error:
            raise CorruptSegment(f"{self.place}: {error}") from error

    @cached_property
    def batch(self) -> RecordBatch:
        """The records; values are decoded when first used."""
        with self._reading():
            if self.header.tag is BlockTag.RAW:
                return _raw_batch(self)
            return LazyBatch.of_block(self)

    def render(self, rows: NDArray[np.int64] | None = None) -> bytes:
        """Return the bytes of the records, or of some of them."""
        with self._reading():
            batch = self.batch
            lazy = isinstance(batch, LazyBatch) and not batch.has_values
            if rows is not None:
                rising = lazy and (len(rows) < 2 or bool((np.diff(rows) > 0).all()))
                return self._render_some(rows) if rising else render(batch, rows)
            data = self._render_all() if lazy else render(batch)
            if (
                len(data) != self.header.raw_bytes
                or xxhash.xxh3_64_intdigest(data) != self.header.raw_checksum
            ):
                raise ValueError("the records are not those that were written")
            return data

    def _render_all(self) -> bytes:
        """Return the bytes of all records, without bringing the values into their order."""
        columns = [self.column(number) for number in range(len(self.column_sizes))]
        return self._render_columns(self.plan.structure, columns, self.header.raw_bytes)

    def _render_most(self, rows: NDArray[np.int64], structures: NDArray[np.bool_]) -> bytes:
        """Return many records of some structures, whose columns are read through."""
        slots = np.repeat(structures, np.diff(self.plan.table.first_slot))
        needed = np.zeros(len(self.column_sizes), bool)
        needed[self.slot_columns[slots]] = True
        columns = [
            self.column(number) if is_needed else None
            for number, is_needed in enumerate(needed.tolist())
        ]
        wanted = np.zeros(len(self.plan.structure), np.uint8)
        wanted[rows] = 1
        size = self.header.raw_bytes
        return self._render_columns(self.plan.structure, columns, size, wanted=wanted)

    def _render_some(self, rows: NDArray[np.int64]) -> bytes:
        """Return the bytes of some records, in order, from no more values than they have."""
        table, structure = self.plan.table, self.plan.structure
        if len(rows) and not 0 <= int(rows[0]) <= int(rows[-1]) < len(structure):
            raise IndexError("a record past the block's")
        counts = structure_counts(structure[rows], len(table))
        if len(rows) * MANY > int(self.values.records[counts > 0].sum()):
            return self._render_most(rows, counts > 0)
        edges, place = value_places(
            structure, rows, table.first_slot, self.slot_columns, len(self.column_sizes)
        )
        chosen = structure[rows]
        size = int(constant_sizes(table)[chosen].sum())
        columns = []
        for number, (low, high) in enumerate(pairwise(edges.tolist())):
            column = EMPTY if low == high else self.values.some(number, place[low:high])
            size += int(column.end.sum() - column.start.sum())
            columns.append(column)
        if not 0 <= size <= self.header.raw_bytes:
            raise ValueError("some records are longer than the block")
        return self._render_columns(chosen, columns, size)

    def _render_columns(
        self,
        structure: NDArray[np.int32],
        columns: Sequence[SlotColumn | None],
        size: int,
        *,
        wanted: NDArray[np.uint8] | None = None,
    ) -> bytes:
        table = self.plan.table
        return render_columns(
            table.first_slot,
            table.constants,
            table.constant_offset,
            structure,
            self.slot_columns,
            list(columns),
            size,
            wanted,
        )

    def batch_with(self, needed: NDArray[np.bool_]) -> RecordBatch:
        """Return the batch with the values of some slots of the table, and no others.

        ``first_value`` counts these values only: a record whose slots are not all needed, or
        none of them, cannot be rendered.
        """
        numbers = np.unique(self.slot_columns[needed])
        joined, edges = join_columns([self.column(number) for number in numbers.tolist()])
        sizes = np.zeros(len(self.column_sizes) + 1, dtype=np.int64)
        sizes[numbers + 1] = np.diff(edges)
        first_value, start, end = place_values(
            self.slot_columns,
            needed.view(np.uint8),
            self.plan.table.first_slot,
            self.plan.structure,
            np.cumsum(sizes),
            joined.start,
            joined.end,
        )
        some = LazyBatch.of_block(self)
        some.__dict__.update(
            buffer=joined.buffer, first_value=first_value, value_start=start, value_end=end
        )
        return some

    def records(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return some records, each as bytes."""
        return [self.render(rows[index : index + 1]) for index in range(len(rows))]

    @cached_property
    def _meta(self) -> tuple[ByteReader, StreamReader]:
        """The plan, not read yet, and the streams."""
        runs = self.header.runs
        if not runs:
            raise ValueError("a block without runs")
        largest = 64 * (self.header.raw_bytes + self.header.body_bytes) + (1 << 20)
        if sum(run.size for run in runs) > largest:
            raise ValueError("the runs hold more than the block's records can need")
        stored = self._body[: runs[0].stored_size]
        if checksum(stored) != runs[0].checksum:
            raise ValueError("checksum mismatch in the run at byte 0")
        meta = ByteReader(unpack_run(runs[0].method, stored, runs[0].size))
        plan = ByteReader(meta.take(meta.varint()))
        directory = meta.data[meta.position :]
        streams = StreamReader(self._body, list(runs[1:]), directory, self.header.n_streams)
        return plan, streams

    @property
    def streams(self) -> StreamReader:
        """The block's streams."""
        return self._meta[1]

    @cached_property
    def plan(self) -> _Plan:
        """How to decode the records of a block of columns."""
        reader, streams = self._meta
        table, next_stream = _read_table(reader, streams)
        structure, next_stream = _read_ids(
            reader, streams, (next_stream, len(table), self.header.n_records)
        )
        context = ContextPlan(reader, next_stream)
        time_format = reader.take(reader.varint(MAX_FORMAT_BYTES)).decode()
        values = ValuesPlan(reader, context.next_stream)
        reader.done()
        return _Plan(table, structure, context, time_format, values)

    @cached_property
    def values(self) -> Values:
        """The values, column by column."""
        return Values(self.plan.values, self.batch, self.header.raw_bytes, self.streams)

    @property
    def slot_columns(self) -> NDArray[np.int32]:
        """The column of each slot of the structure table, shape (K,)."""
        return self.values.column_of_slot

    @property
    def column_sizes(self) -> NDArray[np.int64]:
        """How many values each column has."""
        return self.values.sizes

    def column(self, number: int) -> SlotColumn:
        """Return the values of one column, in record order."""
        return self.values.column(number)

    @cached_property
    def context(self) -> Context:
        """Time, level, component and lines of the records."""
        plan = self.plan
        return Context(plan.context, plan.table, plan.structure, self.streams)

    def decode_values(self) -> tuple[SlotColumn, NDArray[np.int64]]:
        """Return all values in record order, and where each record's values start."""
        return self.values.in_record_order(), self.values.first_value

    def drop(self) -> None:
        """Free what was decoded; it is decoded again when it is asked for.

        Batch, values and block know each other; Python's collector, which counts objects and
        not bytes, would come hundreds of megabytes later.
        """
        values = self.__dict__.get("values")
        if values is not None:
            values.__dict__.pop("_columns", None)
        for name in ("values", "batch", "context", "plan", "_meta"):
            self.__dict__.pop(name, None)

    def guarded(self, read: Callable[[], T]) -> T:
        """Return ``read()``, with the block's name in what its bytes make go wrong."""
        with self._reading():
            return read()


def _read_table(reader: ByteReader, streams: StreamReader) -> tuple[StructureTable, int]:
    n = reader.varint(MAX_STRUCTURES)
    text = streams.stream(0)
    if n > len(text):
        raise ValueError("more structures than bytes")
    first_slot, kind, constants, offset, start, end = decode_table(text, n)
    empty = np.zeros(n, dtype=np.uint64)
    table = StructureTable(empty, first_slot, kind, constants, offset, start, end)
    stored = reader.byte()
    if not stored:
        hashes = structure_hashes(table)
    else:
        hashes = np.frombuffer(streams.stream(1), dtype="<u8")
        if len(hashes) != n:
            raise ValueError(f"{len(hashes)} hashes for {n} structures")
    table = StructureTable(hashes, first_slot, kind, constants, offset, start, end)
    return table, 1 + bool(stored)


def _read_ids(
    reader: ByteReader, streams: StreamReader, sizes: tuple[int, int, int]
) -> tuple[NDArray[np.int32], int]:
    next_stream, n, n_records = sizes
    frequent = np.arange(n, dtype=np.uint64)
    if n > N_CODES:
        plan = IntPlan(reader, next_stream)
        next_stream = plan.next_stream
        frequent = decode_ints(plan, N_CODES, streams)
    codes = streams.stream(next_stream)
    if len(codes) != n_records:
        raise ValueError(f"{len(codes)} structure ids for {n_records} records")
    n_far = reader.varint(n_records)
    plan = IntPlan(reader, next_stream + 1)
    far = decode_ints(plan, n_far, streams)
    return decode_structure_ids(codes, far, frequent, n), plan.next_stream


class LazyBatch(RecordBatch):
    """The batch of a block: its context and its values are decoded when one is first used."""

    block: Block

    @classmethod
    def of_block(cls, block: Block) -> LazyBatch:
        """Return the batch of ``block``, of which only the structures are decoded."""
        plan = block.plan
        batch = object.__new__(cls)
        batch.__dict__.update(
            structures=plan.table,
            structure=plan.structure,
            time_format=plan.time_format,
            block=block,
        )
        return batch

    @property
    def has_values(self) -> bool:
        """Whether the values are decoded already."""
        return "buffer" in self.__dict__

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the type is the field's
        """Decode what a field needs when it is first read."""
        if name in CONTEXT_FIELDS:
            self.__dict__[name] = self.block.guarded(lambda: getattr(self.block.context, name))
        elif name in ("buffer", "first_value", "value_start", "value_end"):
            values, first_value = self.block.guarded(self.block.decode_values)
            self.__dict__.update(
                buffer=values.buffer,
                first_value=first_value,
                value_start=values.start,
                value_end=values.end,
            )
        else:
            raise AttributeError(name)
        return self.__dict__[name]


def constant_sizes(table: StructureTable) -> NDArray[np.int64]:
    """Return the bytes of each structure's constants, shape (S,)."""
    sizes: NDArray[np.int64] = np.diff(
        table.constant_offset[table.first_slot + np.arange(len(table.first_slot))]
    )
    return sizes


def raw_table() -> StructureTable:
    """Return the table of a block kept as it is: one structure, all of it one TEXT."""
    table = StructureTable(
        hash=np.zeros(1, dtype=np.uint64),
        first_slot=np.array([0, 1], dtype=np.int64),
        kind=np.array([SlotKind.TEXT], dtype=np.uint8),
        constants=b"",
        constant_offset=np.zeros(3, dtype=np.int64),
        message_start=np.zeros((1, 2), dtype=np.int32),
        message_end=np.array([[1, 0]], dtype=np.int32),
    )
    table.hash[:] = structure_hashes(table)
    return table


def _raw_batch(block: Block) -> RecordBatch:
    reader, streams = block._meta  # noqa: SLF001  same module
    raw = streams.stream(0)
    n = block.header.n_records
    lengths = IntPlan(reader, 1)
    table = raw_table()
    structure = np.zeros(n, dtype=np.int32)
    plan = ContextPlan(reader, lengths.next_stream)
    context = Context(plan, table, structure, streams)
    reader.done()
    if lengths.transform == 0 and lengths.header[0] == 0:
        edges = record_edges(raw, context.lines)
    else:
        edges = np.zeros(n + 1, dtype=np.int64)
        np.cumsum(decode_ints(lengths, n, streams).astype(np.int64), out=edges[1:])
    if edges is None or edges[-1] != len(raw) or (np.diff(edges) < 0).any():
        raise ValueError("the records do not fill the block")
    return RecordBatch(
        structures=table,
        structure=structure,
        time_ns=context.time_ns,
        time_origin=context.time_origin,
        level=context.level,
        component=context.component,
        components=context.components,
        lines=context.lines,
        buffer=raw,
        first_value=np.arange(n + 1, dtype=np.int64),
        value_start=edges[:-1],
        value_end=edges[1:],
    )


def record_edges(raw: bytes, lines: NDArray[np.int32]) -> NDArray[np.int64] | None:
    """Return where records of so many ``lines`` start, and their end.

    ``None`` where ``raw`` has not as many lines.
    """
    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n")) + 1
    tail = [] if not raw or (len(ends) and ends[-1] == len(raw)) else [len(raw)]
    edges = np.concatenate(([0], ends, tail)).astype(np.int64)
    last_line = np.concatenate(([0], np.cumsum(lines, dtype=np.int64)))
    return edges[last_line] if last_line[-1] == len(edges) - 1 else None
