"""Iterative clustering of a block's structures, and the batch with merged structures.

Nothing here reads lines or files: a `RecordBatch` comes in, a `RecordBatch` of the same bytes
goes out. The loops are in the compiled `_cluster` and `_merge`.

The method is the iterative structure extraction (ISE) of logzip (Liu et al., ASE 2019), whose
three levels are here or beside: level 1, fields of the header, is logscan's header formats;
level 2, templates, is this module; level 3, dictionaries of parameters, are the codecs. What
departs from the paper, and why:

- It works on structures, not on lines: the scan has grouped the lines by all that is constant,
  so the cost depends on how many kinds of lines there are, not on how many lines.
- The division is finer: besides level, component and the most frequent word, the delimiters of
  the message, their order and the number of tokens must be equal. So tokens are compared place
  by place, in linear time, where the paper takes a longest common subsequence; messages with a
  different number of words are never merged.
- What is left is matched by the same similarity that opened the groups, not by a prefix tree:
  there are no lines to match, and matching widens the group. The rounds end when one finds
  little more than its own sample.
- Groups are merged only when that saves bytes by an estimate (`_saved_bytes`), all of a
  block's or none; the paper merges always. All or none, because columns predict each other
  across lines (`logzip.relations`), and that only where all of them are whole: on a Django log
  three merges lose 2 % each alone and 0.2 % together; on a syslog the one that the estimate
  alone would refuse gains 12 %.
- Merging never crosses a caller's groups (templates), so a stored structure has one template.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from logscan import RecordBatch, StructureTable, intern_values, structure_hashes
from logscan.batch import Span
from logzip import _cluster, _merge
from logzip.overflow import limit_structures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from logscan.batch import Structure

    Ints = NDArray[np.int32]
    Longs = NDArray[np.int64]

# The share of words that a structure and a group's template must have in common.
SIMILARITY = 0.5
# Records of a group that its cost is estimated on: more than most groups of a block have.
SAMPLE_RECORDS = 1024
# What a structure costs besides its text, and a column besides its values: entry, count,
# directory, and the start of an entropy coder.
STRUCTURE_BYTES = 8.0
COLUMN_BYTES = 6.0
# Constant text shrinks to this share: one structure's text is like the next one's.
TEXT_SHARE = 0.3
# A column's values that differ from member to member cost more together, but not all of that:
# the codecs predict a column from the one that tells the members apart.
MIXED_SHARE = 0.2
MAX_SLOTS = 256
NOT_MERGED = "the structures were not merged into one another"


def cluster(
    batch: RecordBatch, groups: NDArray[np.int32] | None = None
) -> tuple[RecordBatch, NDArray[np.int32]]:
    """Merge structures where that saves bytes.

    Parameters
    ----------
    batch : RecordBatch
    groups : ndarray of int32, shape (S,), optional
        Structures are merged only when their values here are equal.

    Returns
    -------
    merged : RecordBatch
        The same bytes; ``batch`` itself when nothing is merged. Its buffer is the old one with
        the words that became values behind it.
    new_structure : ndarray of int32, shape (S,)
        Where each structure of ``batch`` went.

    Notes
    -----
    Without ``groups`` at most `logzip.overflow.MAX_STRUCTURES` are left, the rarest ones as
    free text. With them the caller limits its templates: text of several would be a structure
    of several.
    """
    if groups is not None:
        return _cluster_groups(batch, groups)
    merged, new = _cluster_groups(batch, np.zeros(len(batch.structures), np.int32))
    limited, further = limit_structures(merged)
    return limited, further[new]


def _cluster_groups(
    batch: RecordBatch, groups: NDArray[np.int32]
) -> tuple[RecordBatch, NDArray[np.int32]]:
    n = len(batch.structures)
    state = _Positions(batch.structures, np.ascontiguousarray(groups, np.int32))
    group = state.groups_of_alike()
    saved = _saved_bytes(batch, state, group)
    if saved.sum() <= 0:
        return batch, np.arange(n, dtype=np.int32)
    alone = saved[group] == 0
    group = _canonical(np.where(alone, len(saved) + np.arange(n), group))
    return _merged(batch, state, group), group


class _Positions:
    """The positions of a table's structures, their words as numbers, and the divisions."""

    def __init__(self, table: StructureTable, groups: Ints) -> None:
        self.table = table
        skeleton, edges, self.first, self.place = _cluster.read_positions(table, groups)
        _, self.division = intern_values(skeleton, edges[:-1], edges[1:])
        is_word = self.place[:, 0] >= 0
        starts, ends = self.place[is_word].T
        first, inverse = intern_values(table.constants, starts, ends)
        self.item = np.full(
            len(self.place), -1, np.int32
        )  # the number of a word, -1 for a slot
        self.item[is_word] = inverse
        self.word = np.stack((starts[first], ends[first]), axis=1)

    def groups_of_alike(self) -> Ints:
        """Return the group of each structure, numbered by its first member."""
        frequent = _cluster.frequent_word(self.first, self.item, self.division)
        order, first = _members(_pairs(self.division, frequent))
        return _canonical(_cluster.assign(self.first, self.item, order, first, SIMILARITY))

    def slots(self, order: Longs, first: Longs) -> NDArray[np.uint8]:
        """Return the kinds of the positions of each group's first member, merged."""
        table = self.table
        return _merge.find_slots(
            self.first, self.item, self.place, table.first_slot, table.kind, order, first
        )

    def sources(self, lead: Longs, kinds: NDArray[np.uint8]) -> tuple[Longs, Ints]:
        """Return where the values of merged slots come from, structure by structure."""
        table = self.table
        return _merge.find_sources(
            self.first,
            self.item,
            self.place,
            table.first_slot,
            table.constant_offset,
            lead,
            kinds,
        )


def _saved_bytes(batch: RecordBatch, state: _Positions, group: Ints) -> NDArray[np.float64]:
    """Estimate for each group how many bytes merging it saves; negative when it costs."""
    order, first = _members(group)
    lead = order[first[group]]
    first_source, source = state.sources(lead, state.slots(order, first))
    row_order, first_row = _members(batch.structure, len(batch.structures))
    new, mixed = _merge.merge_costs(
        batch,
        order,
        first,
        row_order,
        first_row,
        first_source,
        source,
        state.word,
        SAMPLE_RECORDS,
    )
    n_groups = len(first) - 1
    counts = np.diff(first_row).astype(float)
    members = np.diff(first)
    records = np.bincount(group, counts, n_groups)
    ids = (_n_log_n(records) - np.bincount(group, _n_log_n(counts), n_groups)) / 8
    offset, first_slot = batch.structures.constant_offset, batch.structures.first_slot
    edges = offset[first_slot + np.arange(len(first_slot))]
    text = np.bincount(group, np.diff(edges), n_groups) - np.diff(edges)[order[first[:-1]]]
    slots = np.diff(first_slot)
    columns = np.bincount(group, slots, n_groups) - np.diff(first_source)[order[first[:-1]]]
    saved = (members - 1) * STRUCTURE_BYTES + text * TEXT_SHARE + columns * COLUMN_BYTES
    saved += ids - new - MIXED_SHARE * mixed
    too_wide = np.diff(first_source)[order[first[:-1]]] > MAX_SLOTS
    return np.where((members > 1) & ~too_wide, saved, 0.0)


def _merged(batch: RecordBatch, state: _Positions, group: Ints) -> RecordBatch:
    """Build the batch in which each group is one structure."""
    order, first = _members(group)
    leads = order[first[:-1]]
    kinds = state.slots(order, first)
    first_source, source = state.sources(order[first[group]], kinds)
    parts = _merge.merge_table(
        batch.structures, leads, state.first, state.item, state.place, kinds
    )
    table = StructureTable(np.empty(0, np.uint64), *parts)
    table = replace(table, hash=structure_hashes(table))
    used = np.unique(-1 - source[source < 0])
    spans = state.word[used]
    sizes = spans[:, 1] - spans[:, 0]
    word_value = np.zeros((len(state.word), 2), np.int64)
    word_value[used, 1] = len(batch.buffer) + np.cumsum(sizes)
    word_value[used, 0] = word_value[used, 1] - sizes
    words = b"".join(batch.structures.constants[low:high] for low, high in spans.tolist())
    first_value, start, end = _merge.merge_values(batch, first_source, source, word_value)
    return replace(
        batch,
        structures=table,
        structure=group[batch.structure],
        buffer=batch.buffer + words,
        first_value=first_value,
        value_start=start,
        value_end=end,
    )


def _members(group: NDArray[np.integer], n_groups: int | None = None) -> tuple[Longs, Longs]:
    """Return the members of each group in order, and where each group's begin."""
    counts = np.bincount(group, minlength=n_groups or 0)
    # Sixteen bits are sorted by counting, in a tenth of the time.
    keys = group.astype(np.uint16) if len(counts) <= 1 << 16 else group
    order = np.argsort(keys, kind="stable")
    return order, np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


def _pairs(left: Ints, right: Longs) -> Ints:
    """Return a number for each pair, equal for equal pairs."""
    span = int(right.max(initial=0)) + 2
    number = np.unique(left.astype(np.int64) * span + right + 1, return_inverse=True)[1]
    return np.asarray(number, np.int32)


def _canonical(group: NDArray[np.integer]) -> Ints:
    """Return groups numbered in the order of their first members, without gaps."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    numbers: NDArray[np.int32] = rank[inverse]
    return numbers


def _n_log_n(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``n * log2(n)`` of each count, 0 for 0."""
    return np.asarray(counts * np.log2(np.maximum(counts, 1)), np.float64)


def remap_span(span: Span, old: Structure, new: Structure) -> Span:
    """Return where a span of a structure lies in the structure that it was merged into.

    An end of the span inside a word that became a slot is a trim of that slot. It is counted
    from the side on which the span ends, so it fits words of other lengths as far as a span
    that cuts words can.
    """
    pieces = _aligned_pieces(old, new)
    start_piece, start_trim = _moved(pieces, span.start_piece, span.start_trim, at_end=False)
    end_piece, end_trim = _moved(pieces, span.end_piece, span.end_trim, at_end=True)
    return Span(start_piece, start_trim, end_piece, end_trim)


def _aligned_pieces(old: Structure, new: Structure) -> list[list[int]]:
    """Return for each piece of ``old`` the lengths of the pieces of ``new`` it was cut into.

    A slot is one piece, whose length is not known: 0. The pieces of ``new`` follow each other
    over the lists, so the first piece of a list comes after the last one of the list before.
    """
    lists: list[list[int]] = []
    pieces = iter(new.constants)
    for index, text in enumerate(old.constants):
        lengths = [len(_next_constant(pieces, text, 0))]
        at = lengths[0]
        while at < len(text):
            end = _cluster.word_end(text, at)
            constant = _next_constant(pieces, text, end)
            lengths += [end - at, len(constant)]
            at = end + len(constant)
        lists.append(lengths)
        if index < len(old.kinds):
            lists.append([0])
    if next(pieces, None) is not None:
        raise ValueError(NOT_MERGED)
    return lists


def _next_constant(pieces: Iterator[bytes], text: bytes, at: int) -> bytes:
    constant = next(pieces, None)
    if constant is None or not text.startswith(constant, at):
        raise ValueError(NOT_MERGED)
    return constant


def _moved(pieces: list[list[int]], piece: int, trim: int, *, at_end: bool) -> tuple[int, int]:
    """Return the new piece and trim of one end of a span."""
    first = sum(len(lengths) for lengths in pieces[:piece])
    lengths = pieces[piece]
    if piece % 2 == 1:
        return first, trim
    steps = range(len(lengths) - 1, -1, -1) if at_end else range(len(lengths))
    last = steps[-1]
    for step in steps:
        if trim < lengths[step] or step == last:
            return first + step, trim
        trim -= lengths[step]
    raise AssertionError("a constant has at least one piece")
