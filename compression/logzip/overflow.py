"""A bound on the structures of a block: the rarest become free text, record by record exact.

A log in which many lines are their own structure gains nothing from columns, and its table of
structures would be most of the block. `limit_structures` keeps the frequent ones; of the others
the header stays as it is and the message becomes one TEXT slot.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from logscan import RecordBatch, SlotKind, Structure, StructureTable, render, structure_hashes
from logzip._rows import record_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]

# A block of 65,536 lines with more structures has fewer than eight records in each.
MAX_STRUCTURES = 8192
# So many kinds of headers may remain beside free text; past it whole records become text.
MAX_HEADERS = 256


def limit_structures(
    batch: RecordBatch, limit: int = MAX_STRUCTURES
) -> tuple[RecordBatch, NDArray[np.int32]]:
    """Turn the rarest structures into free text where there are more than ``limit``.

    Returns
    -------
    limited : RecordBatch
        The same bytes. How many records are free text is the count of the structures that have
        a TEXT slot.
    new_structure : ndarray of int32, shape (S,)
        Where each structure went; those that were kept come first, in their order.
    """
    table = batch.structures
    n = len(table)
    if n <= limit:
        return batch, np.arange(n, dtype=np.int32)
    by_count = np.argsort(-batch.counts(), kind="stable")
    return _keep(batch, np.sort(by_count[: limit - MAX_HEADERS]))


def with_text_messages(batch: RecordBatch) -> RecordBatch:
    """Return the same bytes with each message as one free text: what headers alone tell."""
    return _keep(batch, np.zeros(0, np.int64))[0]


def _keep(batch: RecordBatch, kept: Longs) -> tuple[RecordBatch, NDArray[np.int32]]:
    """Turn all structures but those ``kept`` into free text."""
    table = batch.structures
    n = len(table)
    is_kept = np.zeros(n, bool)
    is_kept[kept] = True
    texts: dict[Structure, int] = {}
    new = np.empty(n, np.int32)
    new[kept] = np.arange(len(kept))
    for old in np.flatnonzero(~is_kept).tolist():
        text = _as_text(table[old]) if len(texts) < MAX_HEADERS - 1 else WHOLE
        new[old] = len(kept) + texts.setdefault(text, len(texts))
    kept_structures = [table[index] for index in kept.tolist()]
    limited = _table_of([*kept_structures, *texts])
    return _with_text(batch, limited, new, is_kept), new


def _as_text(structure: Structure) -> Structure:
    """Return the structure with its message as one slot."""
    (first, left), (last, right) = structure.message_start, structure.message_end
    before = (*structure.constants[:first], structure.constants[first][:left])
    after = (structure.constants[last][right:], *structure.constants[last + 1 :])
    kinds = (*structure.kinds[:first], SlotKind.TEXT, *structure.kinds[last:])
    return Structure(0, before + after, kinds, (first, left), (first + 1, 0))


WHOLE = Structure(0, (b"", b""), (SlotKind.TEXT,), (0, 0), (1, 0))


def _table_of(structures: list[Structure]) -> StructureTable:
    constants = [text for each in structures for text in each.constants]
    sizes = np.array([len(text) for text in constants], np.int64)
    n_slots = np.array([len(each.kinds) for each in structures], np.int64)
    table = StructureTable(
        hash=np.empty(0, np.uint64),
        first_slot=_edges(n_slots),
        kind=np.array([kind for each in structures for kind in each.kinds], np.uint8),
        constants=b"".join(constants),
        constant_offset=_edges(sizes),
        message_start=np.array([each.message_start for each in structures], np.int32),
        message_end=np.array([each.message_end for each in structures], np.int32),
    )
    return replace(table, hash=structure_hashes(table))


def _with_text(
    batch: RecordBatch,
    table: StructureTable,
    new: NDArray[np.int32],
    is_kept: NDArray[np.bool_],
) -> RecordBatch:
    """Build the batch: the values of kept records, and for the others header, text, rest."""
    rows = np.flatnonzero(~is_kept[batch.structure])
    text, edges = render(batch, rows), record_edges(batch, rows) + len(batch.buffer)
    structure = new[batch.structure]
    first_value = _edges(np.diff(table.first_slot)[structure])
    # Each new value is the old one at its place, and behind a text the ones at the end.
    record = np.repeat(np.arange(len(batch)), np.diff(first_value))
    number = np.arange(int(first_value[-1])) - first_value[record]
    slot = _text_slots(table)[structure]
    slot[is_kept[batch.structure]] = -1
    behind = (slot[record] >= 0) & (number > slot[record])
    old = batch.first_value[record] + number
    old[behind] += batch.first_value[record[behind] + 1] - batch.first_value[record[behind]]
    old[behind] -= first_value[record[behind] + 1] - first_value[record[behind]]
    is_text = (slot[record] >= 0) & (number == slot[record])
    start, end = np.empty(len(old), np.int64), np.empty(len(old), np.int64)
    start[~is_text] = batch.value_start[old[~is_text]]
    end[~is_text] = batch.value_end[old[~is_text]]
    around = _around(table, structure[rows], slot[rows], (first_value[rows], end - start))
    start[is_text] = edges[:-1] + around[0]
    end[is_text] = edges[1:] - around[1]
    return replace(
        batch,
        structures=table,
        structure=structure,
        buffer=batch.buffer + text,
        first_value=first_value,
        value_start=start,
        value_end=end,
    )


def _text_slots(table: StructureTable) -> Longs:
    """Return the slot that holds the message of each structure, were it free text."""
    return table.message_start[:, 0].astype(np.int64)


def _around(
    table: StructureTable,
    structure: NDArray[np.int32],
    slot: Longs,
    values: tuple[Longs, Longs],
) -> tuple[Longs, Longs]:
    """Return how many bytes of each record come before its text and behind it."""
    first_value, sizes = values
    n_slots = np.diff(table.first_slot)[structure]
    sizes = sizes.copy()
    sizes[first_value + slot] = 0  # the text itself, whose size is not known yet
    total = _edges(sizes)
    constant = table.first_slot[structure] + structure
    offset = table.constant_offset
    before = offset[constant + slot + 1] - offset[constant]
    behind = offset[constant + n_slots + 1] - offset[constant + slot + 1]
    before += total[first_value + slot] - total[first_value]
    behind += total[first_value + n_slots] - total[first_value + slot]
    return before, behind


def _edges(sizes: Longs) -> Longs:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
