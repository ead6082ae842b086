"""The values of a block's records: grouped into columns, coded, and put back in order."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from logscan.batch import SlotColumn
from logzip._intern import intern_numbers, intern_spans
from logzip._plan import ColumnPlan, IntPlan, RelatedPlan
from logzip._rows import records_by_structure, rows_of, structure_counts
from logzip._values import gather_columns, scatter
from logzip.clock import ClockPlan, decode_clock, encode_clock
from logzip.codecs import decode_column, decode_ids, encode_column
from logzip.columns import CLOCK, assign_columns
from logzip.context import time_slots
from logzip.format import MAX_SLOTS
from logzip.ints import decode_ints, encode_ints
from logzip.relations import (
    Relation,
    decode_related,
    decode_related_ids,
    encode_related,
)
from logzip.runs import Means

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from logscan.batch import RecordBatch
    from logzip._plan import ByteReader
    from logzip.runs import StreamReader, StreamWriter

    Ids = NDArray[np.int32]
    Rows = NDArray[np.int32]
    GetColumn = Callable[[int], SlotColumn]
    GetIds = Callable[[int], tuple[Ids, int]]

MAX_SLOT_COUNTS = 1 << 24  # with more structures and columns, none is told from another
FIRST_VALUES = 1 << 14  # of a source: as many as tell whether it predicts a column
STRUCTURE, TIME = 0, 1  # sources of predictions; column c is source c + 1


class _Columns:
    """The columns of a block while they are coded, as sources of predictions.

    A reader decodes a column when it is first asked for, with those that it follows.
    """

    def __init__(
        self,
        batch: RecordBatch,
        column: Ids,
        n_columns: int,
        get: GetColumn,
        *,
        get_ids: GetIds | None = None,
    ) -> None:
        self._batch = batch
        self._get_ids = get_ids
        self._column = column
        self._n_columns = n_columns
        self._get = get
        self._rows: dict[int, Rows] = {}
        self._ids: dict[int, tuple[Ids, int]] = {}
        self._first_ids: dict[int, Ids] = {}
        self._place: dict[int, Ids] = {}

    def know_rows(self, rows: Iterable[Rows]) -> None:
        """Take the records of all columns' values from who has them already."""
        self._rows = dict(enumerate(rows))

    def rows(self, column: int) -> Rows:
        """Return the records of a column's values."""
        if column not in self._rows:
            first_slot, structure = self._batch.structures.first_slot, self._batch.structure
            slots = np.flatnonzero(self._column == column)
            owner = np.searchsorted(first_slot, slots, side="right") - 1
            if len(owner) == 1:
                order, first = self._by_structure
                self._rows[column] = order[first[owner[0]] : first[owner[0] + 1]]
            else:
                counts = np.bincount(owner, minlength=len(first_slot) - 1)
                self._rows[column] = rows_of(structure, counts.astype(np.int32))
        return self._rows[column]

    @cached_property
    def _by_structure(self) -> tuple[Rows, NDArray[np.int64]]:
        """The records of each structure, and where in this list each structure's begin."""
        structure = self._batch.structure
        counts = structure_counts(structure, len(self._batch.structures))
        first = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        return records_by_structure(structure, counts), first

    def candidates(self, column: int) -> list[int]:
        """Return the sources that every record of ``column`` has, nearest first."""
        if self._slots is None:
            return []
        used = np.flatnonzero(self._slots[column])
        found = [TIME] if len(used) == 1 else [STRUCTURE, TIME]
        once = (self._slots[:column, used] == 1).all(axis=1) & (self._slots[:column] <= 1).all(
            1
        )
        once[CLOCK] = False
        found.extend((np.flatnonzero(once)[::-1] + 1).tolist())
        return found

    @cached_property
    def _slots(self) -> NDArray[np.uint16] | None:
        """How many slots each structure has in each column, shape (columns, S)."""
        first_slot = self._batch.structures.first_slot
        n, n_columns = len(first_slot) - 1, self._n_columns
        if n * n_columns > MAX_SLOT_COUNTS:
            return None
        owner = np.repeat(np.arange(n), np.diff(first_slot))
        counts = np.bincount(self._column.astype(np.int64) * n + owner, minlength=n * n_columns)
        return counts.reshape(n_columns, n).astype(np.uint16)

    def groups(self, source: int, rows: Rows) -> tuple[Ids, int]:
        """Return the ids of a source's values in some records, and how many there are."""
        if source not in self._ids:
            self._ids[source] = self._intern(source)
        ids, n_ids = self._ids[source]
        if source <= TIME:
            return ids[rows], n_ids
        if self._same_rows(source - 1, rows):
            return ids, n_ids
        return ids[self._checked_places(source - 1, rows)], n_ids

    def first_groups(self, source: int, rows: Rows) -> Ids:
        """Return the ids of a source's values in the first of some records."""
        if source <= TIME or source in self._ids:
            return self.groups(source, rows)[0]
        if source not in self._first_ids:
            values = self._get(source - 1)
            start, end = values.start[:FIRST_VALUES], values.end[:FIRST_VALUES]
            interned = intern_spans(values.buffer, start, end, len(start))
            if interned is None:
                raise AssertionError("there cannot be more distinct values than values")
            self._first_ids[source] = interned[1]
        ids = self._first_ids[source]
        if self._begins_with(source - 1, rows[: len(ids)]):
            return ids[: len(rows)]
        own = self.rows(source - 1)[: len(ids)]
        place = np.searchsorted(own, rows)
        return ids[place[place < len(own)]]

    def spans(self, source: int, rows: Rows) -> SlotColumn:
        """Return a source's values in some records."""
        if source <= TIME:
            raise ValueError("values cannot equal those of no column")
        values = self._get(source - 1)
        if self._same_rows(source - 1, rows):
            return values
        if self._begins_with(source - 1, rows):
            n = len(rows)
            return SlotColumn(values.buffer, values.start[:n], values.end[:n])
        which = self._checked_places(source - 1, rows)
        return SlotColumn(values.buffer, values.start[which], values.end[which])

    def _same_rows(self, column: int, rows: Rows) -> bool:
        own = self.rows(column)
        return len(own) == len(rows) and bool((own == rows).all())

    def _begins_with(self, column: int, rows: Rows) -> bool:
        own = self.rows(column)[: len(rows)]
        return len(own) == len(rows) and bool((own == rows).all())

    def _intern(self, source: int) -> tuple[Ids, int]:
        if source == STRUCTURE:
            return self._batch.structure, len(self._batch.structures)
        if source == TIME:
            times = self._batch.time_ns.view(np.uint64)
            interned = intern_numbers(times, len(times))
        elif self._get_ids is not None:
            return self._get_ids(source - 1)
        else:
            values = self._get(source - 1)
            interned = intern_spans(values.buffer, values.start, values.end, len(values))
        if interned is None:
            raise AssertionError("there cannot be more distinct values than values")
        return interned[1], len(interned[0])

    def _places(self, column: int) -> Ids:
        """Return for each record which value of a column it has, -1 for none.

        Empty where a record has several.
        """
        if column not in self._place:
            rows = self.rows(column)
            places = np.full(len(self._batch.structure), -1, dtype=np.int32)
            if len(rows) > 1 and (rows[1:] == rows[:-1]).any():
                places = places[:0]
            else:
                places[rows] = np.arange(len(rows), dtype=np.int32)
            self._place[column] = places
        return self._place[column]

    def _checked_places(self, column: int, rows: Rows) -> Ids:
        places = self._places(column)
        found = places[rows] if len(places) else places
        if len(found) != len(rows) or (len(found) and int(found.min()) < 0):
            raise ValueError(f"column {column} has no value where another one follows it")
        return found


def encode_values(batch: RecordBatch, out: StreamWriter) -> None:
    """Append the values of a batch by column."""
    column, n_columns = assign_columns(batch)
    out.varint(n_columns)
    encode_ints(column.astype(np.uint64), out)
    text, first, start, end, row = gather_columns(
        column, batch.structures.first_slot, batch.structure, batch.first_value,
        batch.buffer, batch.value_start, batch.value_end, n_columns,
    )  # fmt: skip
    done: list[SlotColumn] = []
    edges = first.tolist()
    columns = _Columns(batch, column, n_columns, done.__getitem__)
    columns.know_rows(row[low:high] for low, high in pairwise(edges))
    for index, (low, high) in enumerate(pairwise(edges)):
        values = SlotColumn(text, start[low:high], end[low:high])
        if index == CLOCK:
            _encode_times(values, batch, columns.rows(index), out)
        elif Means.RELATIONS not in out.without:
            encode_related(index, values, columns.rows(index), columns, out)
        else:
            out.plan.append(Relation.ALONE)
            encode_column(values, out)
        done.append(values)


def _encode_times(
    values: SlotColumn, batch: RecordBatch, rows: Rows, out: StreamWriter
) -> None:
    out.plan.append(1)
    place = len(out.plan) - 1
    by_clock = len(values) > 0 and Means.CLOCK not in out.without
    if by_clock and encode_clock(values, batch.time_ns[rows], batch.time_format, out):
        return
    out.plan[place] = 0
    encode_column(values, out)


class ValuesPlan:
    """How to decode a block's values, read from its plan."""

    __slots__ = (
        "clock", "column_of_slot", "columns", "first_after_times", "n_columns", "times",
    )  # fmt: skip

    def __init__(self, plan: ByteReader, first_stream: int) -> None:
        self.n_columns = plan.varint(MAX_SLOTS)
        self.column_of_slot = IntPlan(plan, first_stream)
        first_stream = self.column_of_slot.next_stream
        self.clock: ClockPlan | None = None
        self.times: ColumnPlan | None = None
        if self.n_columns and plan.byte():
            self.clock = ClockPlan(plan, first_stream)
            first_stream = self.clock.next_stream
        elif self.n_columns:
            self.times = ColumnPlan(plan, first_stream)
            first_stream = self.times.next_stream
        self.first_after_times = first_stream
        self.columns: list[RelatedPlan] = []
        for _ in range(1, self.n_columns):
            self.columns.append(RelatedPlan(plan, first_stream))
            first_stream = self.columns[-1].next_stream


class Values:
    """The values of a block that is read; each column is decoded when first asked for."""

    def __init__(
        self, plan: ValuesPlan, batch: RecordBatch, max_values: int, streams: StreamReader
    ) -> None:
        """Read which slot is in which column. Of ``batch``, all but the values is there."""
        self._plan = plan
        self._batch = batch
        self._streams = streams
        self._decoded: dict[int, SlotColumn] = {}
        self._ids: dict[int, tuple[SlotColumn, Ids]] = {}
        table = batch.structures
        column = decode_ints(plan.column_of_slot, int(table.first_slot[-1]), streams)
        if len(column) and int(column.max()) >= plan.n_columns:
            raise ValueError("a slot's column does not exist")
        self.column_of_slot = column.astype(np.int32)
        self.records = structure_counts(batch.structure, len(table))
        if int((self.records * np.diff(table.first_slot)).sum()) > max_values:
            raise ValueError("more values than bytes")

    @cached_property
    def first_value(self) -> NDArray[np.int64]:
        """Where the values of each record begin, shape (R + 1,)."""
        first = np.zeros(len(self._batch.structure) + 1, dtype=np.int64)
        counts = np.diff(self._batch.structures.first_slot)
        np.cumsum(counts[self._batch.structure], out=first[1:])
        return first

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns(
            self._batch,
            self.column_of_slot,
            self._plan.n_columns,
            self.column,
            get_ids=self._column_ids,
        )

    def distinct(self, number: int) -> tuple[SlotColumn, Ids]:
        """Return the distinct values of a column, and which of them each value is."""
        self._column_ids(number)
        return self._ids[number]

    def _column_ids(self, number: int) -> tuple[Ids, int]:
        """Return which distinct value each value of a column is, and how many there are."""
        if number not in self._ids:
            self._ids[number] = self._decode_ids(number)
        distinct, ids = self._ids[number]
        return ids, len(distinct)

    def _decode_ids(self, number: int) -> tuple[SlotColumn, Ids]:
        """Return the distinct values of a column, and which of them each value is."""
        part = None if number == CLOCK else self._plan.columns[number - 1]
        if part is None or part.relation == Relation.EQUAL:
            values = self.column(number)
            interned = intern_spans(values.buffer, values.start, values.end, len(values))
            if interned is None:
                raise AssertionError("there cannot be more distinct values than values")
            first, ids = interned
            return SlotColumn(values.buffer, values.start[first], values.end[first]), ids
        if part.relation == Relation.ALONE:
            return decode_ids(part.child, int(self.sizes[number]), self._streams)
        self._check_source(number)
        rows = self._columns.rows(number)
        return decode_related_ids(part, rows, self._columns, self._streams)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many values each column has."""
        table = self._batch.structures
        of_slot = np.repeat(self.records, np.diff(table.first_slot))
        sizes = np.zeros(self._plan.n_columns, dtype=np.int64)
        np.add.at(sizes, self.column_of_slot, of_slot)
        return sizes

    def column(self, number: int) -> SlotColumn:
        """Return the values of one column, in record order."""
        if number not in self._decoded:
            self._decoded[number] = self._decode(number)
        return self._decoded[number]

    def _told_by_ids(self, number: int) -> bool:
        """Tell whether a column is decoded by its distinct values: others need its ids too."""
        if number in self._ids or number == CLOCK:
            return number in self._ids
        relation = self._plan.columns[number - 1].relation
        return relation in (Relation.FOLLOWS, Relation.SUCCEEDS)

    def some(self, number: int, places: NDArray[np.int64]) -> SlotColumn:
        """Return the values of one column at some rising places; the others aren't rendered."""
        if number in self._decoded or 2 * len(places) > self.sizes[number]:
            values = self.column(number)
            return SlotColumn(values.buffer, values.start[places], values.end[places])
        return self._decode(number, places)

    def _decode(self, number: int, places: NDArray[np.int64] | None = None) -> SlotColumn:
        if number == CLOCK:
            return self._decode_times(places)
        part = self._plan.columns[number - 1]
        if self._told_by_ids(number):
            ids, _ = self._column_ids(number)
            which = ids if places is None else ids[places]
            distinct = self._ids[number][0]
            return SlotColumn(distinct.buffer, distinct.start[which], distinct.end[which])
        self._check_source(number)
        if part.relation == Relation.ALONE:  # its records matter to those that follow it only
            return decode_column(part.child, int(self.sizes[number]), self._streams, places)
        rows = self._columns.rows(number)
        return decode_related(part, rows, self._columns, self._streams, places)

    def _check_source(self, number: int) -> None:
        if self._plan.columns[number - 1].source > number:
            raise ValueError(f"column {number} follows one that isn't before it")

    def _decode_times(self, places: NDArray[np.int64] | None = None) -> SlotColumn:
        plan = self._plan
        if plan.clock is not None:
            return decode_clock(plan.clock, self.times, self._streams, places)
        if plan.times is None:
            raise ValueError("no column of timestamps")
        return decode_column(plan.times, int(self.sizes[CLOCK]), self._streams, places)

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """The times that timestamps are rendered from."""
        slots = time_slots(self._batch.structures)
        is_timed = slots >= 0
        if not np.array_equal(
            np.flatnonzero(self.column_of_slot == CLOCK), np.sort(slots[is_timed])
        ):
            raise ValueError("timestamps without a time")
        if is_timed.all():
            return self._batch.time_ns
        return self._batch.time_ns[is_timed[self._batch.structure]]

    def in_record_order(self) -> SlotColumn:
        """Return all values, record by record."""
        first = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self.sizes)))
        start = np.empty(int(first[-1]), dtype=np.int64)
        end = np.empty(int(first[-1]), dtype=np.int64)
        base: dict[int, int] = {}
        parts: list[bytes] = []
        size = 0
        for index, (low, high) in enumerate(pairwise(first.tolist())):
            column = self.column(index)
            # Columns that follow another one share its buffer, which is kept once.
            if id(column.buffer) not in base:
                base[id(column.buffer)] = size
                parts.append(column.buffer)
                size += len(column.buffer)
            np.add(column.start, base[id(column.buffer)], out=start[low:high])
            np.add(column.end, base[id(column.buffer)], out=end[low:high])
        start, end = scatter(
            self.column_of_slot,
            self._batch.structures.first_slot,
            self._batch.structure,
            first,
            start,
            end,
            len(start),
        )
        return SlotColumn(b"".join(parts), start, end)
