# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels over byte spans: group, gather, split, render. All release the GIL.

A span is ``buffer[start[i]:end[i]]``. Encoding kernels trust their spans (they come from the
scan); decoding kernels check every index they are given, for a segment may be hostile.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memchr, memcmp, memcpy

import numpy as np


def group_values(
    const int32_t[::1] column_of_slot, const int64_t[::1] first_slot,
    const int32_t[::1] structure, const int64_t[::1] first_value,
    const int64_t[::1] value_start, const int64_t[::1] value_end, Py_ssize_t n_columns,
):
    """Return (first, start, end, row): the values of column c are items ``first[c]`` on.

    They are in record order; ``row`` is the record of each.
    """
    cdef Py_ssize_t n_records = structure.shape[0], n_structures = first_slot.shape[0] - 1, r, c, s
    cdef Py_ssize_t n_values = first_value[n_records] if n_records else 0
    cdef int64_t slot, position, v
    first_array = np.zeros(n_columns + 1, dtype=np.int64)
    start_array = np.empty(n_values, dtype=np.int64)
    end_array = np.empty(n_values, dtype=np.int64)
    row_array = np.empty(n_values, dtype=np.int32)
    cursor_array = np.empty(n_columns + 1, dtype=np.int64)
    count_array = np.zeros(n_structures + 1, dtype=np.int64)
    cdef int64_t[::1] first = first_array, cursor = cursor_array, count = count_array
    cdef int64_t[::1] start = start_array, end = end_array
    cdef int32_t[::1] row = row_array
    with nogil:
        for r in range(n_records):
            count[structure[r]] += 1
        for s in range(n_structures):
            for slot in range(first_slot[s], first_slot[s + 1]):
                first[column_of_slot[slot] + 1] += count[s]
        for c in range(n_columns):
            first[c + 1] += first[c]
            cursor[c] = first[c]
        for r in range(n_records):
            v = first_value[r]
            for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                c = column_of_slot[slot]
                position = cursor[c]
                cursor[c] = position + 1
                start[position] = value_start[v]
                end[position] = value_end[v]
                row[position] = <int32_t>r
                v += 1
    return first_array, start_array, end_array, row_array


cdef enum:
    SPARE = 16  # bytes behind each column, so that short values are copied sixteen at a time


def gather_columns(
    const int32_t[::1] column_of_slot, const int64_t[::1] first_slot,
    const int32_t[::1] structure, const int64_t[::1] first_value, const uint8_t[::1] buffer,
    const int64_t[::1] value_start, const int64_t[::1] value_end, Py_ssize_t n_columns,
):
    """Return (text, first, start, end, row): `group_values`, the values lying together.

    Values of a column follow each other in ``text``: whatever reads a column reads memory in
    order.
    """
    cdef Py_ssize_t n_records = structure.shape[0], n_structures = first_slot.shape[0] - 1, r, c, s
    cdef Py_ssize_t n_values = first_value[n_records] if n_records else 0
    cdef int64_t slot, position, v, size, at, n_bytes = buffer.shape[0], total
    first_array = np.zeros(n_columns + 1, dtype=np.int64)
    start_array = np.empty(n_values, dtype=np.int64)
    end_array = np.empty(n_values, dtype=np.int64)
    row_array = np.empty(n_values, dtype=np.int32)
    cursor_array = np.empty((n_columns + 1, 2), dtype=np.int64)
    count_array = np.zeros(n_structures + 1, dtype=np.int64)
    size_array = np.zeros(len(column_of_slot) + 1, dtype=np.int64)
    cdef int64_t[::1] first = first_array, count = count_array, sizes = size_array
    cdef int64_t[:, ::1] cursor = cursor_array  # next value, next byte
    cdef int64_t[::1] start = start_array, end = end_array
    cdef int32_t[::1] row = row_array
    cdef const uint8_t *source
    cdef uint8_t *text
    with nogil:
        for r in range(n_records):
            s = structure[r]
            count[s] += 1
            v = first_value[r]
            for slot in range(first_slot[s], first_slot[s + 1]):
                sizes[slot] += value_end[v] - value_start[v]
                v += 1
        for c in range(n_columns + 1):
            cursor[c, 0] = cursor[c, 1] = 0
        for s in range(n_structures):
            for slot in range(first_slot[s], first_slot[s + 1]):
                first[column_of_slot[slot] + 1] += count[s]
                cursor[column_of_slot[slot] + 1, 1] += sizes[slot]
        for c in range(n_columns):
            first[c + 1] += first[c]
            cursor[c + 1, 1] += cursor[c, 1] + SPARE
            cursor[c, 0] = first[c]
        total = cursor[n_columns, 1]
    out = PyBytes_FromStringAndSize(NULL, total)
    text = <uint8_t *>PyBytes_AS_STRING(out)
    with nogil:
        for r in range(n_records):
            v = first_value[r]
            for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                c = column_of_slot[slot]
                position = cursor[c, 0]
                at = cursor[c, 1]
                source = &buffer[0] + value_start[v]
                size = value_end[v] - value_start[v]
                # Sixteen bytes of either value can be read: both have some behind them.
                if size <= 16 and value_start[v] + 16 <= n_bytes:
                    memcpy(text + at, source, 16)
                else:
                    memcpy(text + at, source, size)
                start[position] = at
                end[position] = at + size
                row[position] = <int32_t>r
                cursor[c, 0] = position + 1
                cursor[c, 1] = at + size
                v += 1
    return out, first_array, start_array, end_array, row_array


def all_equal(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Tell whether all spans hold the same bytes."""
    cdef Py_ssize_t i, n = start.shape[0]
    cdef int64_t size
    cdef bint same = True
    if n < 2:
        return True
    with nogil:
        size = end[0] - start[0]
        for i in range(1, n):
            if end[i] - start[i] != size or memcmp(
                &buffer[0] + start[i], &buffer[0] + start[0], size
            ) != 0:
                same = False
                break
    return same


def gather(
    const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end, int terminator,
):
    """Join the spans, each followed by the byte ``terminator`` where that is not negative."""
    cdef Py_ssize_t n = start.shape[0], i
    cdef int64_t total = 0, size
    with nogil:
        for i in range(n):
            total += end[i] - start[i]
    if terminator >= 0:
        total += n
    out = PyBytes_FromStringAndSize(NULL, total)
    cdef char *target = PyBytes_AS_STRING(out)
    with nogil:
        for i in range(n):
            size = end[i] - start[i]
            memcpy(target, &buffer[0] + start[i], size)
            target += size
            if terminator >= 0:
                target[0] = <char>terminator
                target += 1
    return out


def byte_seen(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Return a bool array (256,): which bytes occur in the spans."""
    cdef Py_ssize_t n = start.shape[0], i
    cdef int64_t k
    seen_array = np.zeros(256, dtype=np.uint8)
    cdef uint8_t[::1] seen = seen_array
    with nogil:
        for i in range(n):
            for k in range(start[i], end[i]):
                seen[buffer[k]] = 1
    return seen_array.view(np.bool_)


def split_terminated(const uint8_t[::1] text, Py_ssize_t n, int terminator):
    """Return (start, end) of the ``n`` terminated spans that ``text`` is made of.

    Raises ValueError where it isn't made of exactly that many.
    """
    start_array = np.empty(n, dtype=np.int64)
    end_array = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] start = start_array, end = end_array
    cdef const uint8_t *base = &text[0] if text.shape[0] else NULL
    cdef const uint8_t *found
    cdef int64_t position = 0, size = text.shape[0]
    cdef Py_ssize_t i
    cdef bint ok = True
    with nogil:
        for i in range(n):
            found = NULL
            if position < size:
                found = <const uint8_t *>memchr(base + position, terminator, size - position)
            if found == NULL:
                ok = False
                break
            start[i] = position
            end[i] = found - base
            position = end[i] + 1
    if not ok or position != size:
        raise ValueError(f"text of {size} bytes does not hold {n} values")
    return start_array, end_array


def scatter(
    const int32_t[::1] column_of_slot, const int64_t[::1] first_slot,
    const int32_t[::1] structure, const int64_t[::1] first_column,
    const int64_t[::1] column_start, const int64_t[::1] column_end, Py_ssize_t n_values,
):
    """Put column values back into record order: the inverse of `group_values`.

    The values of column c are items ``first_column[c]`` to ``first_column[c + 1]`` of
    ``column_start`` and ``column_end``. Raises ValueError where a column has too few or too
    many values. Structure and column numbers must have been checked.
    """
    cdef Py_ssize_t n_records = structure.shape[0], n_columns = first_column.shape[0] - 1, r, c
    start_array = np.empty(n_values, dtype=np.int64)
    end_array = np.empty(n_values, dtype=np.int64)
    cursor_array = np.array(first_column[:n_columns], dtype=np.int64)
    cdef int64_t[::1] start = start_array, end = end_array, cursor = cursor_array
    cdef int64_t slot, position, v = 0
    cdef bint ok = True
    with nogil:
        for r in range(n_records):
            for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                c = column_of_slot[slot]
                position = cursor[c]
                if position >= first_column[c + 1] or v >= n_values:
                    ok = False
                    break
                cursor[c] = position + 1
                start[v] = column_start[position]
                end[v] = column_end[position]
                v += 1
            if not ok:
                break
        if ok:
            for c in range(n_columns):
                if cursor[c] != first_column[c + 1]:
                    ok = False
    if not ok or v != n_values:
        raise ValueError("columns do not match the structures")
    return start_array, end_array


def rendered_size(
    const int64_t[::1] first_slot, const int64_t[::1] constant_offset,
    const int32_t[::1] structure, const int64_t[::1] first_value,
    const int64_t[::1] start, const int64_t[::1] end,
):
    """Return the end offset of each rendered record, shape (R + 1,)."""
    cdef Py_ssize_t n_records = structure.shape[0], r
    offset_array = np.empty(n_records + 1, dtype=np.int64)
    cdef int64_t[::1] offset = offset_array
    cdef int64_t total = 0, s, v
    offset[0] = 0
    with nogil:
        for r in range(n_records):
            s = structure[r]
            total += (
                constant_offset[first_slot[s + 1] + s + 1] - constant_offset[first_slot[s] + s]
            )
            for v in range(first_value[r], first_value[r] + first_slot[s + 1] - first_slot[s]):
                total += end[v] - start[v]
            offset[r + 1] = total
    return offset_array


def render(
    const int64_t[::1] first_slot, const uint8_t[::1] constants,
    const int64_t[::1] constant_offset, const int32_t[::1] structure,
    const int64_t[::1] first_value, const uint8_t[::1] buffer,
    const int64_t[::1] start, const int64_t[::1] end, int64_t size,
):
    """Return the bytes of the records, one after the other; ``size`` is from `rendered_size`."""
    cdef Py_ssize_t n_records = structure.shape[0], r
    cdef int64_t s, v, n, k, length
    out = PyBytes_FromStringAndSize(NULL, size)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(out)
    cdef const uint8_t *source = &buffer[0] if buffer.shape[0] else NULL
    cdef const uint8_t *literal = &constants[0] if constants.shape[0] else NULL
    with nogil:
        for r in range(n_records):
            s = structure[r]
            k = first_slot[s] + s
            n = first_slot[s + 1] - first_slot[s]
            for v in range(first_value[r], first_value[r] + n):
                length = constant_offset[k + 1] - constant_offset[k]
                memcpy(target, literal + constant_offset[k], length)
                target += length
                k += 1
                length = end[v] - start[v]
                memcpy(target, source + start[v], length)
                target += length
            length = constant_offset[k + 1] - constant_offset[k]
            memcpy(target, literal + constant_offset[k], length)
            target += length
    return out


cdef enum:
    CHUNK_DIGITS = 18  # a longer run of digits is cut, so that each part fits 64 bits
    MAX_RUNS = 64


def split_digits(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Take the digit runs out of the spans.

    Returns (shapes, shape_offset, n_runs, run_start, run_end), where the shape of a span is its
    bytes with a NUL for each run; a decimal fraction (``1.25``, but not ``1.2.3``) is one run,
    and a run of more than 18 digits is cut from the right into runs of 18. ``None`` where a
    span holds a NUL or more than 64 runs, which shapes cannot tell.
    """
    cdef Py_ssize_t n = start.shape[0], i
    cdef int64_t total = 0, k, begin, stop, runs = 0, run_count, second
    cdef uint8_t c
    cdef bint ok = True
    for i in range(n):
        total += end[i] - start[i]
    shape_array = np.empty(total + n, dtype=np.uint8)
    offset_array = np.empty(n + 1, dtype=np.int64)
    count_array = np.empty(n, dtype=np.int64)
    run_start_array = np.empty(total, dtype=np.int64)
    run_end_array = np.empty(total, dtype=np.int64)
    cdef uint8_t[::1] shape = shape_array
    cdef int64_t[::1] offset = offset_array, count = count_array
    cdef int64_t[::1] run_start = run_start_array, run_end = run_end_array
    cdef int64_t out = 0
    offset[0] = 0
    with nogil:
        for i in range(n):
            k = start[i]
            stop = end[i]
            run_count = 0
            while k < stop:
                c = buffer[k]
                if c == 0:
                    ok = False
                    break
                if c < 48 or c > 57:
                    shape[out] = c
                    out += 1
                    k += 1
                    continue
                begin = k
                while k < stop and 48 <= buffer[k] <= 57:
                    k += 1
                if k + 1 < stop and buffer[k] == 46 and 48 <= buffer[k + 1] <= 57 and not (
                    begin > start[i] + 1 and buffer[begin - 1] == 46
                    and 48 <= buffer[begin - 2] <= 57
                ):
                    second = k + 1
                    while second < stop and 48 <= buffer[second] <= 57:
                        second += 1
                    if second - begin <= CHUNK_DIGITS + 1 and not (
                        second + 1 < stop and buffer[second] == 46
                        and 48 <= buffer[second + 1] <= 57
                    ):
                        k = second
                if k - begin > CHUNK_DIGITS + 1 or (
                    k - begin == CHUNK_DIGITS + 1 and buffer[k - CHUNK_DIGITS] != 46
                    and memchr(&buffer[begin], 46, k - begin) == NULL
                ):
                    second = begin + (k - begin) % CHUNK_DIGITS
                    if second == begin:
                        second = begin + CHUNK_DIGITS
                else:
                    second = k
                while begin < k:
                    run_start[runs] = begin
                    run_end[runs] = second
                    runs += 1
                    run_count += 1
                    shape[out] = 0
                    out += 1
                    begin = second
                    second = begin + CHUNK_DIGITS
            if not ok or run_count > MAX_RUNS:
                ok = False
                break
            count[i] = run_count
            offset[i + 1] = out
    if not ok:
        return None
    return (
        shape_array[:out], offset_array, count_array,
        run_start_array[:runs].copy(), run_end_array[:runs].copy(),
    )


def shape_columns(
    const int64_t[::1] first_slot, const int64_t[::1] rows, int64_t least, int64_t n_pooled,
):
    """Return (column, n): the column of each slot of some shapes, and how many there are.

    A shape of at least ``least`` rows has columns of its own; the others share one for each
    of the first ``n_pooled`` positions and one for all further ones.
    """
    cdef Py_ssize_t n = rows.shape[0], s, slot
    cdef int64_t position, used = 0, next_column
    column_array = np.empty(first_slot[n], dtype=np.int32)
    cdef int32_t[::1] column = column_array
    with nogil:
        for s in range(n):
            if rows[s] < least:
                used = max(used, first_slot[s + 1] - first_slot[s])
        used = min(used, n_pooled + 1)
        next_column = used
        for s in range(n):
            for slot in range(first_slot[s], first_slot[s + 1]):
                position = slot - first_slot[s]
                if rows[s] < least:
                    column[slot] = <int32_t>min(position, n_pooled)
                else:
                    column[slot] = <int32_t>next_column
                    next_column += 1
    return column_array, next_column
