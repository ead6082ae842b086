"""The values a scan yields: structures, slots and the columns of one block.

`RecordBatch` is the one currency between the engines: `logscan.scan` makes it from bytes,
`logzip` writes it and makes it again from a segment, `valb` reads it. No bytes are parsed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan.header import HeaderFormat

    Bytes = NDArray[np.uint8]
    Offsets = NDArray[np.int64]


class Level(IntEnum):
    """OpenTelemetry's six severities and ``none``, in rising order."""

    NONE = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


class TimeOrigin(IntEnum):
    """Where a record's time came from."""

    HEADER = 0
    PREVIOUS = 1
    RECEIPT = 2


class SlotKind(IntEnum):
    """Why a span varies. The kind is part of a structure's identity."""

    TOKEN = 1  # a token that holds a digit
    TIME = 2  # the header's timestamp, blanks included
    FIELD = 3  # a header field that is variable whatever it holds (path, agent, ...)
    TEXT = 4  # the rest of a record past the limits of a structure
    WORD = 5  # a token without a digit that clustering found to vary


_KINDS = {int(kind): kind for kind in SlotKind}  # faster than asking the enumeration


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a structure: what a variable of a template covers.

    A structure is read as the pieces ``constant 0, slot 0, constant 1, ... constant K``; piece
    ``2 * i`` is constant ``i`` and piece ``2 * i + 1`` is slot ``i``. Both ends are included.
    ``start_trim`` bytes are left out at the left of the first piece and ``end_trim`` bytes at
    the right of the last one.
    """

    start_piece: int
    start_trim: int
    end_piece: int
    end_trim: int


@dataclass(frozen=True, slots=True)
class Structure:
    """What the scan groups records by: constant bytes around variable slots.

    ``constants`` has one item more than ``kinds``. ``message_start`` and ``message_end`` are
    ``(constant index, byte offset in it)``: the message without header and without line end.
    """

    hash: int
    constants: tuple[bytes, ...]
    kinds: tuple[SlotKind, ...]
    message_start: tuple[int, int]
    message_end: tuple[int, int]

    def text(self, marker: bytes = b"<*>") -> bytes:
        """Return the whole record with ``marker`` at each slot."""
        return marker.join(self.constants)

    def message_text(self, marker: bytes = b"<*>") -> bytes:
        """Return the message alone with ``marker`` at each slot."""
        return marker.join(self.message_constants())

    def message_constants(self) -> tuple[bytes, ...]:
        """Return the constants of the message; its slots are ``message_slots()``."""
        (first, left), (last, right) = self.message_start, self.message_end
        parts = list(self.constants[first : last + 1])
        parts[-1] = parts[-1][:right]
        parts[0] = parts[0][left:]
        return tuple(parts)

    def message_slots(self) -> range:
        """Return the indices of the slots that lie in the message."""
        return range(self.message_start[0], self.message_end[0])


@dataclass(frozen=True, slots=True)
class StructureTable:
    """The distinct structures of one batch, as arrays; ``table[i]`` builds one `Structure`.

    Shapes: S structures, K slots in all; structure ``i`` has slots ``first_slot[i]`` to
    ``first_slot[i + 1]`` and ``n_slots + 1`` constants, which start at constant
    ``first_slot[i] + i``.
    """

    hash: NDArray[np.uint64]  # (S,)
    first_slot: NDArray[np.int64]  # (S + 1,)
    kind: NDArray[np.uint8]  # (K,) SlotKind
    constants: bytes  # all constants, joined
    constant_offset: NDArray[np.int64]  # (K + S + 1,) into `constants`
    message_start: NDArray[np.int32]  # (S, 2)
    message_end: NDArray[np.int32]  # (S, 2)

    def __len__(self) -> int:
        return len(self.hash)

    def __getitem__(self, index: int) -> Structure:
        if not 0 <= index < len(self.hash):
            raise IndexError(index)
        low, high = int(self.first_slot[index]), int(self.first_slot[index + 1])
        edges = self.constant_offset[low + index : high + index + 2].tolist()
        start, end = self.message_start[index].tolist(), self.message_end[index].tolist()
        return Structure(
            hash=int(self.hash[index]),
            constants=tuple(self.constants[a:b] for a, b in pairwise(edges)),
            kinds=tuple(map(_KINDS.__getitem__, self.kind[low:high].tolist())),
            message_start=(start[0], start[1]),
            message_end=(end[0], end[1]),
        )

    def __iter__(self) -> Iterator[Structure]:
        return (self[index] for index in range(len(self)))

    def n_slots(self, index: int) -> int:
        """Return the number of slots of one structure."""
        return int(self.first_slot[index + 1] - self.first_slot[index])


@dataclass(frozen=True, slots=True)
class SlotColumn:
    """The values of one slot in record order: ``buffer[start[i]:end[i]]``."""

    buffer: bytes
    start: Offsets
    end: Offsets

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, index: int) -> bytes:
        return self.buffer[int(self.start[index]) : int(self.end[index])]

    def __iter__(self) -> Iterator[bytes]:
        buffer = self.buffer
        pairs = zip(self.start.tolist(), self.end.tolist(), strict=True)
        return (buffer[low:high] for low, high in pairs)


@dataclass(frozen=True)
class RecordBatch:
    """One block of records as columns; R records, V slot values in all.

    The bytes of the batch are its records one after the other, line ends included. Values lie
    in ``buffer`` (the block itself after a scan, decoded columns after a read): value ``v`` is
    ``buffer[value_start[v]:value_end[v]]``, and record ``r`` has the values ``first_value[r]``
    to ``first_value[r + 1]``, in the order of its structure's slots.
    """

    structures: StructureTable
    structure: NDArray[np.int32]  # (R,) index into `structures`
    time_ns: NDArray[np.int64]  # (R,) since 1970 UTC
    time_origin: NDArray[np.uint8]  # (R,) TimeOrigin
    level: NDArray[np.uint8]  # (R,) Level
    component: NDArray[np.int32]  # (R,) index into `components`, -1 for none
    components: tuple[bytes, ...]
    lines: NDArray[np.int32]  # (R,) physical lines of the record
    buffer: bytes
    first_value: NDArray[np.int64]  # (R + 1,)
    value_start: NDArray[np.int64]  # (V,)
    value_end: NDArray[np.int64]  # (V,)
    time_format: str = ""  # the header's time directives, "" where no header was found
    header: HeaderFormat | None = None  # what the scan was told; a segment does not know it

    def __len__(self) -> int:
        return len(self.structure)

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.structure, kind="stable")
        counts = np.bincount(self.structure, minlength=len(self.structures))
        return order, np.concatenate(([0], np.cumsum(counts)))

    def counts(self) -> NDArray[np.int64]:
        """Return how many records each structure has, shape (S,)."""
        return np.diff(self._order[1])

    def rows(self, structure: int) -> NDArray[np.int64]:
        """Return the records of one structure, in order."""
        order, first = self._order
        return order[first[structure] : first[structure + 1]]

    def column(
        self, structure: int, slot: int, rows: NDArray[np.int64] | None = None
    ) -> SlotColumn:
        """Return the values of one slot for a structure's records (or ``rows`` of them)."""
        values = self.first_value[self.rows(structure) if rows is None else rows] + slot
        return SlotColumn(self.buffer, self.value_start[values], self.value_end[values])

    def record(self, row: int) -> bytes:
        """Render one record, line end included."""
        constants = self.structures[int(self.structure[row])].constants
        low, high = int(self.first_value[row]), int(self.first_value[row + 1])
        parts = [constants[0]]
        for value, constant in zip(range(low, high), constants[1:], strict=True):
            parts.append(self.buffer[int(self.value_start[value]) : int(self.value_end[value])])
            parts.append(constant)
        return b"".join(parts)
