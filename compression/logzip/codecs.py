"""Column codecs: spans of bytes to streams and back, the smallest found by trial.

A codec knows nothing of structures or blocks. Each takes any bytes; one that doesn't fit the
values of a column declines. How to decode is in the plan: a code, its numbers, its children.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from logscan.batch import SlotColumn
from logzip._cost import choose_transform
from logzip._hex import pack_hex, unpack_hex
from logzip._intern import intern_numbers, intern_spans
from logzip._numbers import format_decimals, parse_decimals
from logzip._recency import decode_recency, encode_recency
from logzip._rows import value_places
from logzip._values import (
    all_equal,
    byte_seen,
    gather,
    group_values,
    render,
    rendered_size,
    scatter,
    shape_columns,
    split_digits,
    split_terminated,
)
from logzip.format import MAX_DEPTH
from logzip.ints import SAMPLE, WEIGHED_BYTES, Transform, decode_ints, encode_ints, sample_of
from logzip.runs import Kind, Means, StreamWriter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from logzip._plan import ColumnPlan
    from logzip.runs import StreamReader

    Places: TypeAlias = NDArray[np.int64] | None
    Number = TypeVar("Number", bound=np.generic)


class Codec(IntEnum):
    """How a column of byte strings is coded."""

    CONSTANT = 0
    NUMBER = 1  # decimals, with their zero padding and fraction
    TEXT = 2  # joined by a terminator, or with lengths
    DICTIONARY = 3  # distinct values, then which
    SHAPES = 4  # digit runs taken out: shapes, and a column for each run
    HEX = 5  # one length, and hex digits wherever two values differ


RECENCY, INDICES = 1, 0  # how a dictionary's ids are coded
TERMINATORS = (10, 0, 9, 1, 2, 3, 4, 5, 6, 7)  # the first that no value holds ends each value
WHOLE = 1536  # values up to which trials take them all, and the best one is kept
CODEC_SAMPLE = 1024  # of more values, those that trials of codecs take
DISTINCT_SHARE = 0.5
TINY = 12  # a column of fewer is text or numbers without a trial
MAX_SHAPES = 4096
# A sample with more distinct values rules a dictionary out, one with fewer all others.
MAX_NEW, FEW_DISTINCT = 0.9, 8
SPLIT_DEPTH = 2  # shapes are tried above: a run of digits has no digit runs to take out
MIN_SHAPE_ROWS = 32  # a shape with fewer values shares its columns with the other rare ones
POOLED_POSITIONS = 4


def encode_column(values: SlotColumn, out: StreamWriter, depth: int = 0) -> None:
    """Append the smallest coding of a column to ``out``."""
    if len(values) == 0 or all_equal(values.buffer, values.start, values.end):
        _encode_constant(values[0] if len(values) else b"", out)
        return
    numbers = None
    if Means.NUMBERS not in out.without:
        numbers = parse_decimals(values.buffer, values.start, values.end)
    if numbers is not None:
        _encode_number(numbers, out)
    elif len(values) < TINY or depth >= MAX_DEPTH:
        _encode_text(values, out)
    else:
        _encode_by_trial(values, out, depth)


def _encode_constant(value: bytes, out: StreamWriter) -> None:
    out.plan.append(Codec.CONSTANT)
    out.varint(len(value))
    out.plan += value


def _encode_number(parsed: tuple[NDArray[np.uint64], int, int], out: StreamWriter) -> None:
    numbers, width, fraction = parsed
    out.plan.append(Codec.NUMBER)
    out.varint(width)
    out.varint(fraction)
    encode_ints(numbers, out)


def _encode_text(values: SlotColumn, out: StreamWriter) -> None:
    seen = byte_seen(values.buffer, values.start, values.end)
    terminator = next((byte for byte in TERMINATORS if not seen[byte]), -1)
    out.plan.append(Codec.TEXT)
    out.plan.append(terminator + 1)
    out.put(Kind.TEXT, gather(values.buffer, values.start, values.end, terminator))
    if terminator < 0:
        encode_ints((values.end - values.start).view(np.uint64), out)


def _encode_by_trial(values: SlotColumn, out: StreamWriter, depth: int) -> None:
    """Try the codecs on a sample; only the dictionary, where it may win, with all values."""
    n = len(values)
    sample = values if n <= WHOLE else _take(values, sample_of(n, CODEC_SAMPLE))
    best = out.trial()
    _encode_text(sample, best)
    found = None
    if Means.DICTIONARY not in out.without:
        most = int(len(sample) * MAX_NEW)
        found = intern_spans(sample.buffer, sample.start, sample.end, most)
    if found is None or len(found[0]) * FEW_DISTINCT > len(sample):
        for encode in (_encode_hex, _encode_shapes):
            trial = out.trial()
            if encode(sample, trial, depth) and trial.estimate() < best.estimate():
                best = trial
    if found is not None:
        known = found if n <= WHOLE else None
        if _encode_dictionary(values, out, (depth, best.estimate() * n / len(sample)), known):
            return
    if n <= WHOLE:
        out.extend(best)
        return
    codec = best.plan[0]
    if codec == Codec.HEX and _encode_hex(values, out, depth):
        return
    if codec == Codec.SHAPES and _encode_shapes(values, out, depth):
        return
    _encode_text(values, out)


def _encode_dictionary(
    values: SlotColumn,
    out: StreamWriter,
    limits: tuple[int, float],
    known: tuple[NDArray[np.int64], NDArray[np.int32]] | None,
) -> bool:
    """Append the values by their dictionary; ``False`` where that isn't below a size.

    ``limits`` are the depth and that size, ``known`` the distinct values where they are known.
    """
    depth, best_size = limits
    n = len(values)
    most = n * 3 // 4
    interned = known or intern_spans(values.buffer, values.start, values.end, most)
    if interned is None or len(interned[0]) > most:
        return False
    first, ids = interned
    coded_ids = out.trial()
    size = _encode_ids(ids, coded_ids)
    # Distinct values take at least so much of what all do.
    if size + best_size * DISTINCT_SHARE * len(first) / n >= best_size:
        return False
    distinct = out.trial()
    encode_column(_take(values, first), distinct, depth + 1)
    if distinct.estimate() + size >= best_size:
        return False
    out.plan.append(Codec.DICTIONARY)
    out.varint(len(first))
    out.extend(distinct)
    out.extend(coded_ids)
    return True


def _encode_hex(values: SlotColumn, out: StreamWriter, _depth: int) -> bool:
    """Append hex digits; ``False`` where the values hold something else at varying places."""
    if Means.HEX in out.without:
        return False
    hexed = pack_hex(values.buffer, values.start, values.end)
    if hexed is None:
        return False
    template, varying, packed = hexed
    out.plan.append(Codec.HEX)
    out.varint(len(template))
    out.plan += template + varying
    out.put(Kind.PLANES, packed)
    return True


def _take(values: SlotColumn, which: NDArray[np.integer] | slice) -> SlotColumn:
    return SlotColumn(values.buffer, values.start[which], values.end[which])


def _encode_ids(ids: NDArray[np.int32], out: StreamWriter) -> float:
    """Append ids, numbered by first appearance, and return about how much they take."""
    if not out.thorough:
        transform, _, size = choose_transform(
            ids.astype(np.uint64),
            SAMPLE,
            are_ids=True,
            recency=Means.RECENCY not in out.without,
        )
        recent = transform == Transform.RECENT
        if not recent or size < WEIGHED_BYTES:
            _write_ids(ids, out, by_recency=recent)
            return size
    trials = [out.trial(), out.trial()]
    for trial, by_recency in zip(trials, (False, True), strict=True):
        _write_ids(ids, trial, by_recency=by_recency)
    sizes = [trial.estimate_thoroughly() for trial in trials]
    out.extend(trials[sizes[1] < sizes[0]])
    return min(sizes)


def _write_ids(ids: NDArray[np.int32], out: StreamWriter, *, by_recency: bool) -> None:
    """Append ids as they are or by how recent they are."""
    if not by_recency:
        out.plan.append(INDICES)
        encode_ints(ids.astype(np.uint64), out)
        return
    ranks, far_ids = encode_recency(ids)
    out.plan.append(RECENCY)
    out.put(Kind.PLANES, ranks.tobytes())
    out.varint(len(far_ids))
    encode_ints(far_ids, out)


class _Split:
    """Spans without their digit runs: a shape is to its runs as a structure to its slots."""

    def __init__(
        self,
        shapes: SlotColumn,
        interned: tuple[NDArray[np.int64], NDArray[np.int32]],
        first_run: NDArray[np.int64],
        runs: SlotColumn,
    ) -> None:
        first, self.ids = interned
        self.shapes = _take(shapes, first)
        self.first_run = first_run
        self.runs = runs
        counts = first_run[first + 1] - first_run[first]
        self.first_slot = np.zeros(len(first) + 1, np.int64)
        np.cumsum(counts, out=self.first_slot[1:])

    def columns(self) -> tuple[NDArray[np.int32], int]:
        """Return the column of each (shape, run), and how many columns there are.

        A shape with enough values has columns of its own, the others share theirs.
        """
        rows = np.bincount(self.ids, minlength=len(self.shapes))
        return shape_columns(self.first_slot, rows, MIN_SHAPE_ROWS, POOLED_POSITIONS)


def _split(values: SlotColumn) -> _Split | None:
    parts = split_digits(values.buffer, values.start, values.end)
    if parts is None:
        return None
    text, offset, n_runs, run_start, run_end = parts
    if not len(run_start):
        return None
    limit = min(MAX_SHAPES, max(1, len(values) // 8))
    interned = intern_spans(text, offset[:-1], offset[1:], limit)
    if interned is None:
        return None
    first_run = np.zeros(len(n_runs) + 1, np.int64)
    np.cumsum(n_runs, out=first_run[1:])
    return _Split(
        SlotColumn(text.tobytes(), offset[:-1], offset[1:]),
        interned,
        first_run,
        SlotColumn(values.buffer, run_start, run_end),
    )


def _encode_shapes(values: SlotColumn, out: StreamWriter, depth: int) -> bool:
    """Append shapes and their digit runs; ``False`` where there are too many shapes."""
    if depth >= SPLIT_DEPTH or Means.SHAPES in out.without:
        return False
    split = _split(values)
    if split is None:
        return False
    column, n_columns = split.columns()
    out.plan.append(Codec.SHAPES)
    out.varint(len(split.shapes))
    _encode_text(split.shapes, out)
    encode_ints(split.ids.astype(np.uint64), out)
    out.varint(n_columns)
    encode_ints(column.astype(np.uint64), out)
    runs = split.runs
    first, start, end, _ = group_values(
        column, split.first_slot, split.ids, split.first_run, runs.start, runs.end, n_columns
    )
    for low, high in pairwise(first.tolist()):
        part = SlotColumn(runs.buffer, start[low:high], end[low:high])
        encode_column(part, out, max(depth + 1, SPLIT_DEPTH))
    return True


def decode_column(
    plan: ColumnPlan, n: int, streams: StreamReader, places: Places = None
) -> SlotColumn:
    """Return the ``n`` values of a column, or those at some rising places.

    ValueError where the streams don't hold ``n`` values.
    """
    return _DECODERS[Codec(plan.codec)](plan, n, streams, places)


def _decode_constant(
    plan: ColumnPlan, n: int, _streams: StreamReader, places: Places
) -> SlotColumn:
    if places is not None:
        n = len(places)
    return SlotColumn(
        plan.value, np.zeros(n, dtype=np.int64), np.full(n, len(plan.value), dtype=np.int64)
    )


def _decode_number(
    plan: ColumnPlan, n: int, streams: StreamReader, places: Places
) -> SlotColumn:
    width, fraction = plan.numbers
    numbers = decode_ints(plan.ints[0], n, streams)
    return SlotColumn(*format_decimals(_at(numbers, places), width, fraction))


def _at(numbers: NDArray[Number], places: Places) -> NDArray[Number]:
    return numbers if places is None else numbers[places]


def _decode_text(plan: ColumnPlan, n: int, streams: StreamReader, places: Places) -> SlotColumn:
    values = _decode_all_text(plan, n, streams)
    return values if places is None else _take(values, places)


def _decode_all_text(plan: ColumnPlan, n: int, streams: StreamReader) -> SlotColumn:
    text = streams.stream(plan.first_stream)
    if plan.numbers[0] >= 0:
        return SlotColumn(text, *split_terminated(text, n, plan.numbers[0]))
    lengths = decode_ints(plan.ints[0], n, streams)
    if n and int(lengths.max()) > len(text):
        raise ValueError("a value is longer than its column")
    offset = np.concatenate(([0], np.cumsum(lengths.astype(np.int64))))
    if offset[-1] != len(text):
        raise ValueError(f"a text of {len(text)} bytes holds {offset[-1]}")
    return SlotColumn(text, offset[:-1], offset[1:])


def _decode_dictionary(
    plan: ColumnPlan, n: int, streams: StreamReader, places: Places
) -> SlotColumn:
    distinct, ids = decode_dictionary(plan, n, streams)
    return _take(distinct, _at(ids, places))


def decode_dictionary(
    plan: ColumnPlan, n: int, streams: StreamReader
) -> tuple[SlotColumn, NDArray[np.int32]]:
    """Return the distinct values of a dictionary column and the index of each value."""
    n_distinct = plan.numbers[0]
    if n_distinct > n:
        raise ValueError("a dictionary is longer than its column")
    distinct = decode_column(plan.children[0], n_distinct, streams)
    return distinct, decode_indices(plan, n, streams)


def decode_indices(plan: ColumnPlan, n: int, streams: StreamReader) -> NDArray[np.int32]:
    """Return the index of each value of a dictionary column."""
    n_distinct = plan.numbers[0]
    if plan.numbers[1] != RECENCY:
        numbers = decode_ints(plan.ints[0], n, streams)
        if n and int(numbers.max()) >= n_distinct:
            raise ValueError("an id is past its dictionary")
        return numbers.astype(np.int32)
    if plan.numbers[2] > n:
        raise ValueError("more far ids than values")
    far = decode_ints(plan.ints[0], plan.numbers[2], streams)
    ranks = streams.stream(plan.first_stream)
    if len(ranks) != n:
        raise ValueError(f"{len(ranks)} ranks for {n} values")
    return decode_recency(ranks, far, n_distinct)


def decode_ids(
    plan: ColumnPlan, n: int, streams: StreamReader
) -> tuple[SlotColumn, NDArray[np.int32]]:
    """Return the distinct values of a column, each once, and which of them each value is."""
    if plan.codec == Codec.NUMBER:
        numbers = decode_ints(plan.ints[0], n, streams)
        first, inverse = _interned(intern_numbers(numbers, n))
        return SlotColumn(*format_decimals(numbers[first], *plan.numbers)), inverse
    if plan.codec != Codec.DICTIONARY:
        values = decode_column(plan, n, streams)
        first, inverse = _interned(
            intern_spans(values.buffer, values.start, values.end, len(values))
        )
        return _take(values, first), inverse
    values, ids = decode_dictionary(plan, n, streams)
    # A dictionary is looked through as well: nothing keeps a file from naming a value twice.
    first, inverse = _interned(
        intern_spans(values.buffer, values.start, values.end, len(values))
    )
    if len(first) == len(values):
        return values, ids
    return _take(values, first), inverse[ids]


def _interned(
    found: tuple[NDArray[np.int64], NDArray[np.int32]] | None,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    if found is None:
        raise AssertionError("there cannot be more distinct values than values")
    return found


def _decode_shapes(
    plan: ColumnPlan, n: int, streams: StreamReader, places: Places
) -> SlotColumn:
    n_shapes, n_columns = plan.numbers
    if n_shapes > n:
        raise ValueError("more shapes than values")
    pieces = [
        shape.split(b"\0") for shape in decode_column(plan.children[0], n_shapes, streams)
    ]
    counts = np.array([len(piece) - 1 for piece in pieces], dtype=np.int64)
    first_slot = np.concatenate(([0], np.cumsum(counts)))
    constants = [constant for piece in pieces for constant in piece]
    offset = np.concatenate(([0], np.cumsum([len(constant) for constant in constants])))
    ids = decode_ints(plan.ints[0], n, streams)
    column = decode_ints(plan.ints[1], int(first_slot[-1]), streams)
    if (n and int(ids.max()) >= n_shapes) or (len(column) and int(column.max()) >= n_columns):
        raise ValueError("a shape or a column of it doesn't exist")
    ids32, column32 = ids.astype(np.int32), column.astype(np.int32)
    rows = np.bincount(ids32, minlength=n_shapes)
    sizes = np.bincount(column32, weights=np.repeat(rows, counts), minlength=n_columns).astype(
        np.int64
    )
    children = zip(plan.children[1:], sizes.tolist(), strict=True)
    if places is None:
        parts = [decode_column(child, size, streams) for child, size in children]
    else:
        edges, place = value_places(ids32, places, first_slot, column32, n_columns)
        bounds = pairwise(edges.tolist())
        parts = [
            decode_column(child, size, streams, place[low:high])
            for (child, size), (low, high) in zip(children, bounds, strict=True)
            if low < high
        ]
        column32 = np.cumsum(np.diff(edges) > 0, dtype=np.int32)[column32] - np.int32(1)
        ids32 = ids32[places]
    joined, first = join_columns(parts)
    first_value = np.concatenate(([0], np.cumsum(counts[ids32])))
    start, end = scatter(
        column32, first_slot, ids32, first, joined.start, joined.end, int(first_value[-1])
    )
    edges = rendered_size(first_slot, offset, ids32, first_value, start, end)
    text = render(
        first_slot,
        b"".join(constants),
        offset,
        ids32,
        first_value,
        joined.buffer,
        start,
        end,
        int(edges[-1]),
    )
    return SlotColumn(text, edges[:-1], edges[1:])


def _decode_hex(plan: ColumnPlan, n: int, streams: StreamReader, places: Places) -> SlotColumn:
    text = unpack_hex(plan.value, plan.varying, streams.stream(plan.first_stream), n)
    start = (np.arange(n, dtype=np.int64) if places is None else places) * len(plan.value)
    return SlotColumn(text, start, start + len(plan.value))


def join_columns(columns: list[SlotColumn]) -> tuple[SlotColumn, NDArray[np.int64]]:
    """Return the columns one after the other in one buffer, and where each one starts."""
    base = np.concatenate(([0], np.cumsum([len(column.buffer) for column in columns])))
    first = np.concatenate(([0], np.cumsum([len(column) for column in columns])))
    start = np.empty(int(first[-1]), dtype=np.int64)
    end = np.empty(int(first[-1]), dtype=np.int64)
    for index, column in enumerate(columns):
        part = slice(int(first[index]), int(first[index + 1]))
        np.add(column.start, base[index], out=start[part])
        np.add(column.end, base[index], out=end[part])
    buffer = b"".join([column.buffer for column in columns])
    return SlotColumn(buffer, start, end), first.astype(np.int64)


_DECODERS = {
    Codec.CONSTANT: _decode_constant,
    Codec.NUMBER: _decode_number,
    Codec.TEXT: _decode_text,
    Codec.DICTIONARY: _decode_dictionary,
    Codec.SHAPES: _decode_shapes,
    Codec.HEX: _decode_hex,
}
