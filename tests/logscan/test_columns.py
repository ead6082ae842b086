"""What is done with a batch: rendering rows, distinct values, the values of spans."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscan import (
    HEADER_FORMATS,
    RecordBatch,
    Span,
    intern_values,
    render,
    scan,
    span_values,
    structure_hashes,
)

DATA = b"".join(
    b"user %d from 10.0.0.%d said hello-%d\n" % (i, i % 7, i * i)
    if i % 3
    else b"plain %d\r\n" % i
    for i in range(300)
)


@pytest.fixture
def batch() -> RecordBatch:
    return scan(DATA, header=HEADER_FORMATS["none"], received_ns=0)


def test_rows_render_in_the_order_asked_for(batch: RecordBatch) -> None:
    rows = np.array([7, 0, 299, 7], np.int64)
    assert render(batch, rows) == b"".join(batch.record(row) for row in rows.tolist())
    assert render(batch, rows[:0]) == b""
    assert render(batch) == DATA


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value_end", len(DATA) + 1),
        ("value_start", -1),
        ("structure", 2),
        ("first_value", 10**9),
    ],
)
def test_indices_outside_their_arrays_are_refused(
    batch: RecordBatch, field: str, value: int
) -> None:
    array = getattr(batch, field).copy()
    array[len(array) // 2] = value
    with pytest.raises(ValueError, match="outside its arrays"):
        render(dataclasses.replace(batch, **{field: array}))
    with pytest.raises(ValueError, match="outside its arrays"):
        render(batch, np.array([300]))


def test_a_damaged_structure_table_is_refused(batch: RecordBatch) -> None:
    offset = batch.structures.constant_offset.copy()
    offset[1] = 10**9
    table = dataclasses.replace(batch.structures, constant_offset=offset)
    with pytest.raises(ValueError, match="outside its arrays"):
        render(dataclasses.replace(batch, structures=table))


def test_hashes_follow_from_the_structure_table(batch: RecordBatch) -> None:
    assert np.array_equal(structure_hashes(batch.structures), batch.structures.hash)


@given(values=st.lists(st.sampled_from([b"", b"a", b"ab", b"b" * 9, b"b" * 8]) | st.binary()))
def test_distinct_values_are_numbered_by_first_appearance(values: list[bytes]) -> None:
    ends = np.cumsum([len(value) for value in values], dtype=np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends))[: len(values)]
    first, inverse = intern_values(b"".join(values), starts, ends)
    distinct = list(dict.fromkeys(values))
    assert [values[index] for index in first.tolist()] == distinct
    assert inverse.tolist() == [distinct.index(value) for value in values]


def test_a_span_outside_the_buffer_is_refused() -> None:
    with pytest.raises(ValueError, match="outside its buffer"):
        intern_values(b"abc", np.array([0]), np.array([4]))
    with pytest.raises(ValueError, match="outside its buffer"):
        intern_values(b"abc", np.array([2]), np.array([1]))


def joined(batch: RecordBatch, row: int, span: Span) -> bytes:
    """Cut a span out of one record, slowly."""
    structure = batch.structures[int(batch.structure[row])]
    low = int(batch.first_value[row])
    pieces = []
    for piece in range(span.start_piece, span.end_piece + 1):
        if piece % 2:
            value = low + piece // 2
            text = batch.buffer[batch.value_start[value] : batch.value_end[value]]
        else:
            text = structure.constants[piece // 2]
        end = len(text) - (span.end_trim if piece == span.end_piece else 0)
        start = span.start_trim if piece == span.start_piece else 0
        pieces.append(text[start : max(start, end)])
    return b"".join(pieces)


@pytest.mark.parametrize(
    "span",
    [
        Span(1, 0, 1, 0),
        Span(3, 3, 3, 2),
        Span(3, 3, 3, 99),
        Span(0, 2, 0, 1),
        Span(0, 1, 4, 2),
        Span(1, 0, 5, 1),
        Span(2, 9, 3, 0),
        Span(4, 0, 6, 1),
    ],
)
def test_span_values_are_the_bytes_the_span_covers(batch: RecordBatch, span: Span) -> None:
    structure = int(batch.structure[1])
    column = span_values(batch, structure, span)
    rows = batch.rows(structure)
    assert list(column) == [joined(batch, row, span) for row in rows.tolist()]
    some = span_values(batch, structure, span, rows[5:2:-1])
    assert list(some) == [joined(batch, row, span) for row in rows[5:2:-1].tolist()]


def test_a_span_inside_one_slot_is_not_copied(batch: RecordBatch) -> None:
    assert span_values(batch, int(batch.structure[1]), Span(1, 0, 1, 0)).buffer is batch.buffer


def test_a_span_outside_its_structure_is_refused(batch: RecordBatch) -> None:
    with pytest.raises(ValueError, match="outside a structure of 7 pieces"):
        span_values(batch, int(batch.structure[1]), Span(0, 0, 8, 0))
