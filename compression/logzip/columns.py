"""Which column each slot of each structure belongs to.

Many structures are rare, and a tiny column costs more than it holds; other slots hold the
same things in many structures. So slots share columns: those of the header by position, those
of rare structures by the literal before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from logzip._echoes import count_echoes
from logzip._structures import slot_contexts
from logzip.context import time_slots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logscan.batch import RecordBatch

    Keys = NDArray[np.uint64]

OWN_ROWS = 64  # records a structure needs for columns of its own
MAX_OWN = 1024  # such columns in a block; each costs about 0.2 ms, whatever it holds
MIN_POOL = 16  # values of a pooled column; what is rarer goes into one column together
MAX_ECHO_COLUMNS = 1024  # among which echoes are looked for: it takes a square of counters
ECHO_REACH = 1024  # records
# So many records tell, in so many stretches of the block: rather many short ones than few.
ECHO_STRETCHES, ECHO_RECORDS = 32, 1 << 9
# Columns are joined when this share of what is new to one was in the other shortly before.
ECHO_SHARE, MIN_ECHOES = 0.4, 16
CLOCK = 0  # the column of the header's timestamps, always there, perhaps empty
_HEADER, _OWN, _POOL = np.uint64(1 << 60), np.uint64(2 << 60), np.uint64(3 << 60)
_LOW_BITS = np.uint64((1 << 60) - 1)


def assign_columns(batch: RecordBatch) -> tuple[NDArray[np.int32], int]:
    """Return the column of each slot of the batch's structure table, and how many there are."""
    table = batch.structures
    n_slots = int(table.first_slot[-1])
    counts = np.diff(table.first_slot)
    owner = np.repeat(np.arange(len(table)), counts)
    rows = np.bincount(batch.structure, minlength=len(table))[owner]
    position = np.arange(n_slots) - table.first_slot[:-1][owner]
    in_header = position < table.message_start[:, 0][owner]
    contexts = slot_contexts(table.first_slot, _bytes(table.constants), table.constant_offset)
    key = _POOL | (contexts & _LOW_BITS)
    header_slots = table.message_start[:, 0][owner].astype(np.uint64)
    key[in_header] = (_HEADER | header_slots << np.uint64(16) | position.astype(np.uint64))[
        in_header
    ]
    own = (rows >= _own_rows(rows)) & ~in_header
    key[own] = (_OWN | np.arange(n_slots, dtype=np.uint64))[own]
    key = _join_small(key, rows)
    times = time_slots(table)
    key[times[times >= 0]] = 0
    column, n_columns = _number(key)
    joined = _join_echoes(batch, column, n_columns, in_header)
    return _number(np.where(key == 0, 0, 1 + joined[column].astype(np.uint64)))


def _bytes(constants: bytes) -> bytes:
    return constants or b"\0"


def _own_rows(rows: NDArray[np.int64]) -> int:
    """Return the least rows for an own column, so that there are at most `MAX_OWN`."""
    if len(rows) <= MAX_OWN:
        return OWN_ROWS
    return max(OWN_ROWS, int(np.partition(rows, -MAX_OWN)[-MAX_OWN]) + 1)


def _join_small(key: Keys, rows: NDArray[np.int64]) -> Keys:
    distinct, inverse = np.unique(key, return_inverse=True)
    values = np.bincount(inverse, weights=rows, minlength=len(distinct))
    return np.where((values < MIN_POOL)[inverse], _POOL, key)


def _join_echoes(
    batch: RecordBatch, column: NDArray[np.int32], n_columns: int, in_header: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Join columns in which the same values come again, as one request's id does in its lines.

    Returns for each column the first one of those it is joined with.
    """
    joined = np.arange(n_columns)
    wanted = np.zeros(n_columns, dtype=np.uint8)
    # Columns of the header stay alone: each record has one value in them to predict others by.
    wanted[column[~in_header]] = 1
    wanted[CLOCK] = 0
    if n_columns > MAX_ECHO_COLUMNS or not wanted.any():
        return joined
    echoes, novel = _count_echoes(batch, column, wanted)
    for source, target in np.argwhere(echoes >= np.maximum(novel * ECHO_SHARE, MIN_ECHOES)):
        low, high = sorted((joined[source], joined[target]))
        joined[joined == high] = low
    return joined


def _count_echoes(
    batch: RecordBatch, column: NDArray[np.int32], wanted: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what `count_echoes` does, of a few stretches of the records."""
    n, size = len(batch), ECHO_RECORDS
    starts = np.linspace(0, n - size, ECHO_STRETCHES).astype(np.int64)
    if n <= ECHO_STRETCHES * size:
        starts, size = starts[:1] * 0, n
    echoes = np.zeros((len(wanted), len(wanted)), dtype=np.int64)
    novel = np.zeros(len(wanted), dtype=np.int64)
    for low in starts.tolist():
        values = batch.first_value[low : low + size + 1]
        part = slice(int(values[0]), int(values[-1]))
        found = count_echoes(
            column, batch.structures.first_slot, batch.structure[low : low + size],
            values - values[0], batch.buffer, batch.value_start[part], batch.value_end[part],
            wanted, ECHO_REACH,
        )  # fmt: skip
        echoes += found[0]
        novel += found[1]
    return echoes, novel


def _number(key: Keys) -> tuple[NDArray[np.int32], int]:
    """Return the columns numbered in the order of their first slots, after the clock."""
    _, first, column = np.unique(key, return_index=True, return_inverse=True)
    is_clock = key[first] == 0
    order = np.argsort(np.where(is_clock, -1, first), kind="stable")
    number = np.empty(len(first), dtype=np.int64)
    number[order] = np.arange(len(first)) + (0 if is_clock.any() else 1)
    return number[column].astype(np.int32), len(first) + (0 if is_clock.any() else 1)
