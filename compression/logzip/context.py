"""What every record of a block has beside its values: time, level, component, lines.

Each is predicted from the record's structure or from the record before; only what differs from
the prediction costs bytes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import SlotColumn, SlotKind, TimeOrigin
from logzip._plan import ColumnPlan, IntPlan
from logzip.codecs import decode_column, encode_column
from logzip.format import MAX_RECORDS, unzigzag, zigzag
from logzip.ints import Transform, decode_ints, encode_ints
from logzip.runs import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import RecordBatch, StructureTable
    from logzip._plan import ByteReader
    from logzip.runs import StreamReader, StreamWriter

    Rows = NDArray[np.int64]

N_LEVELS = 7


def has_time(table: StructureTable) -> NDArray[np.bool_]:
    """Return for each structure whether it has a TIME slot, shape (S,)."""
    return time_slots(table) >= 0


def time_slots(table: StructureTable) -> Rows:
    """Return the first TIME slot of each structure in the table's slots, -1 for none."""
    found = np.full(len(table), -1, dtype=np.int64)
    slots = np.flatnonzero(table.kind == SlotKind.TIME)
    owner = np.searchsorted(table.first_slot, slots, side="right") - 1
    found[owner[::-1]] = slots[::-1]
    return found


def predicted_lines(table: StructureTable) -> Rows:
    """Return how many lines a structure's constants make, a last one without end included."""
    if not len(table):
        return np.zeros(0, dtype=np.int64)
    text = np.frombuffer(table.constants, dtype=np.uint8)
    newlines = np.concatenate(([0], np.cumsum(text == ord("\n"))))
    edges = table.constant_offset[table.first_slot + np.arange(len(table) + 1)]
    counts = np.diff(newlines[edges])
    padded = np.concatenate(([0], text))  # an empty structure looks at the byte before it
    ended = (edges[1:] > edges[:-1]) & (padded[edges[1:]] == ord("\n"))
    lines: Rows = counts + ~ended
    return lines


def encode_context(batch: RecordBatch, out: StreamWriter) -> None:
    """Append the context of a batch."""
    timed = has_time(batch.structures)[batch.structure]
    _encode_times(batch.time_ns, timed, out)
    origin = batch.time_origin.astype(np.uint64)
    encode_ints(origin[timed], out, Kind.CONTEXT)
    encode_ints(origin[~timed], out, Kind.CONTEXT)
    n = len(batch.structures)
    _encode_by_structure(batch.level.astype(np.int64), batch.structure, n, out)
    out.varint(len(batch.components))
    _encode_names(batch.components, out)
    _encode_by_structure(batch.component.astype(np.int64) + 1, batch.structure, n, out)
    extra = batch.lines - predicted_lines(batch.structures)[batch.structure]
    _encode_signed(extra, out)


def _encode_times(time_ns: Rows, timed: NDArray[np.bool_], out: StreamWriter) -> None:
    own = time_ns[timed]
    least = int(own.min()) if len(own) else 0
    since = (own - least).view(np.uint64)
    unit = max(1, int(np.gcd.reduce(since))) if len(own) else 1
    out.varint(zigzag(least) & (1 << 64) - 1)
    out.varint(unit)
    encode_ints(since // np.uint64(unit), out, Kind.CONTEXT)
    base = int(time_ns[0]) if len(timed) and not timed[0] else 0
    out.varint(zigzag(base) & (1 << 64) - 1)
    _encode_signed((time_ns - _inherited(time_ns, timed, base))[~timed], out)


def _inherited(time_ns: Rows, timed: NDArray[np.bool_], base: int) -> Rows:
    """Return for each record the time of the last timed record up to it, ``base`` before."""
    last = np.maximum.accumulate(np.where(timed, np.arange(len(timed)), -1))
    if not len(last):
        return time_ns
    return np.where(last < 0, base, time_ns[last])


def _encode_signed(numbers: Rows, out: StreamWriter) -> None:
    signed = numbers.astype(np.int64)
    encode_ints(((signed << 1) ^ (signed >> 63)).view(np.uint64), out, Kind.CONTEXT)


def _encode_names(names: tuple[bytes, ...], out: StreamWriter) -> None:
    end = np.cumsum([len(name) for name in names]).astype(np.int64)
    start = end - np.array([len(name) for name in names], dtype=np.int64)
    encode_column(SlotColumn(b"".join(names), start, end), out)


def _encode_by_structure(
    numbers: Rows, structure: NDArray[np.int32], n_structures: int, out: StreamWriter
) -> None:
    """Append one number for each structure, 0 where its records differ, and those of these."""
    of_structure = np.zeros(n_structures, dtype=np.int64)
    of_structure[structure[::-1]] = numbers[::-1] + 1
    varying = np.unique(structure[numbers + 1 != of_structure[structure]])
    of_structure[varying] = 0
    encode_ints(of_structure.view(np.uint64), out, Kind.CONTEXT)
    encode_ints(numbers[of_structure[structure] == 0].view(np.uint64), out, Kind.CONTEXT)


class ContextPlan:
    """How to decode the context, read from a block's plan."""

    __slots__ = ("base", "ints", "least", "n_components", "names", "next_stream", "unit")

    def __init__(self, plan: ByteReader, first_stream: int) -> None:
        self.next_stream = first_stream
        self.ints: list[IntPlan] = []
        self.least = unzigzag(plan.varint())
        self.unit = plan.varint()
        self._read_ints(plan, 1)
        self.base = unzigzag(plan.varint())
        self._read_ints(plan, 5)
        self.n_components = plan.varint(MAX_RECORDS)
        self.names = ColumnPlan(plan, self.next_stream)
        self.next_stream = self.names.next_stream
        self._read_ints(plan, 3)

    def _read_ints(self, plan: ByteReader, count: int) -> None:
        for _ in range(count):
            self.ints.append(IntPlan(plan, self.next_stream))
            self.next_stream = self.ints[-1].next_stream


class Context:
    """The columns that every record of a block has; each is decoded when first asked for.

    Shapes (R,), see `RecordBatch`. Searches read few of them, most often none.
    """

    def __init__(
        self,
        plan: ContextPlan,
        table: StructureTable,
        structure: NDArray[np.int32],
        streams: StreamReader,
    ) -> None:
        self._plan = plan
        self._table = table
        self._structure = structure
        self._streams = streams
        own, late, timed_origin, other_origin, *by_structure, extra = plan.ints
        self._times = (own, late)
        self._origins = (timed_origin, other_origin)
        self._levels = (by_structure[0], by_structure[1])
        self._components = (by_structure[2], by_structure[3])
        self._extra = extra

    @cached_property
    def _timed(self) -> NDArray[np.bool_]:
        return has_time(self._table)[self._structure]

    @cached_property
    def time_ns(self) -> NDArray[np.int64]:
        """Nanoseconds since 1970 UTC."""
        return _decode_times(self._plan, self._times, self._timed, self._streams)

    @cached_property
    def time_origin(self) -> NDArray[np.uint8]:
        """Numbers of `TimeOrigin`."""
        timed = self._timed
        n_timed = int(np.count_nonzero(timed))
        origin = np.empty(len(timed), dtype=np.uint64)
        origin[timed] = decode_ints(self._origins[0], n_timed, self._streams)
        origin[~timed] = decode_ints(self._origins[1], len(timed) - n_timed, self._streams)
        return _in_range(origin, len(TimeOrigin)).astype(np.uint8)

    @cached_property
    def level(self) -> NDArray[np.uint8]:
        """Numbers of `Level`."""
        return _in_range(self._by_structure(self._levels), N_LEVELS).astype(np.uint8)

    @cached_property
    def component(self) -> NDArray[np.int32]:
        """Indices into `components`, -1 for none."""
        numbers = self._by_structure(self._components)
        return _in_range(numbers, self._plan.n_components + 1).astype(np.int32) - np.int32(1)

    @cached_property
    def components(self) -> tuple[bytes, ...]:
        """The names of components."""
        return tuple(decode_column(self._plan.names, self._plan.n_components, self._streams))

    @cached_property
    def lines(self) -> NDArray[np.int32]:
        """The physical lines of each record."""
        predicted = predicted_lines(self._table).astype(np.int32)
        if self._extra.transform == Transform.CONSTANT and not self._extra.header[0]:
            return predicted[self._structure]
        extra = _decode_signed(self._extra, len(self._structure), self._streams)
        lines = extra + predicted[self._structure]
        if len(lines) and int(lines.min()) < 0:
            raise ValueError("a record's context is out of range")
        return lines.astype(np.int32)

    def _by_structure(self, plans: tuple[IntPlan, IntPlan]) -> NDArray[np.uint64]:
        return _decode_by_structure(plans, self._structure, len(self._table), self._streams)


def _in_range(numbers: NDArray[np.uint64], end: int) -> NDArray[np.uint64]:
    if len(numbers) and int(numbers.max()) >= end:
        raise ValueError("a record's context is out of range")
    return numbers


def _decode_times(
    plan: ContextPlan,
    ints: tuple[IntPlan, IntPlan],
    timed: NDArray[np.bool_],
    streams: StreamReader,
) -> Rows:
    n_timed = int(np.count_nonzero(timed))
    since = decode_ints(ints[0], n_timed, streams) * np.uint64(plan.unit)
    own = since.view(np.int64) + np.int64(plan.least)
    if n_timed == len(timed):
        return own
    time_ns = np.zeros(len(timed), dtype=np.int64)
    time_ns[timed] = own
    late = _decode_signed(ints[1], len(timed) - n_timed, streams)
    if len(late):
        inherited = _inherited(time_ns, timed, plan.base)
        time_ns[~timed] = inherited[~timed] + late
    return time_ns


def _decode_signed(plan: IntPlan, n: int, streams: StreamReader) -> Rows:
    numbers = decode_ints(plan, n, streams)
    return ((numbers >> np.uint64(1)) ^ (np.uint64(0) - (numbers & np.uint64(1)))).view(
        np.int64
    )


def _decode_by_structure(
    plans: tuple[IntPlan, IntPlan],
    structure: NDArray[np.int32],
    n_structures: int,
    streams: StreamReader,
) -> NDArray[np.uint64]:
    of_structure = decode_ints(plans[0], n_structures, streams)
    numbers = of_structure[structure] - np.uint64(1)
    varying = of_structure[structure] == 0
    numbers[varying] = decode_ints(plans[1], int(np.count_nonzero(varying)), streams)
    return numbers
