# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Some values of a block, placed in their records, and where records lie in their text."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

import numpy as np


def record_edges(batch, const int64_t[::1] rows):
    """Return where each of ``rows`` begins and ends in their rendered text, shape (n + 1,)."""
    cdef const int32_t[::1] structure = batch.structure
    cdef const int64_t[::1] first_value = batch.first_value
    cdef const int64_t[::1] start = batch.value_start
    cdef const int64_t[::1] end = batch.value_end
    cdef const int64_t[::1] offset = batch.structures.constant_offset
    cdef const int64_t[::1] first_slot = batch.structures.first_slot
    cdef Py_ssize_t i, s
    cdef int64_t v, at = 0
    edges = np.zeros(rows.shape[0] + 1, np.int64)
    cdef int64_t[::1] out = edges
    with nogil:
        for i in range(rows.shape[0]):
            s = structure[rows[i]]
            at += offset[first_slot[s + 1] + s + 1] - offset[first_slot[s] + s]
            for v in range(first_value[rows[i]], first_value[rows[i] + 1]):
                at += end[v] - start[v]
            out[i + 1] = at
    return edges


def place_values(
    const int32_t[::1] column, const uint8_t[::1] needed, const int64_t[::1] first_slot,
    const int32_t[::1] structure, const int64_t[::1] first_of_column,
    const int64_t[::1] start, const int64_t[::1] end,
):
    """Return first_value, value_start and value_end of records of which some slots are needed.

    The values of column ``c`` are ``start[first_of_column[c]:first_of_column[c + 1]]``, in the
    order of all records and slots that have it; none where the column was not decoded.
    """
    cdef Py_ssize_t n = structure.shape[0], r, k, s, v = 0, total = 0, n_columns = first_of_column.shape[0] - 1
    cdef int64_t at
    cdef bint ok = True
    first_array = np.zeros(n + 1, np.int64)
    n_needed = np.concatenate((np.zeros(1, np.int64), np.cumsum(needed, dtype=np.int64)))[first_slot]
    cdef int64_t[::1] first = first_array
    cdef int64_t[::1] before = n_needed
    cursor_array = np.array(first_of_column[:n_columns])
    cdef int64_t[::1] cursor = cursor_array
    with nogil:
        for r in range(n):
            s = structure[r]
            first[r + 1] = first[r] + before[s + 1] - before[s]
        total = first[n]
    start_array = np.empty(total, np.int64)
    end_array = np.empty(total, np.int64)
    cdef int64_t[::1] new_start = start_array, new_end = end_array
    decoded_slots = np.flatnonzero((np.diff(first_of_column) > 0)[np.asarray(column)])
    first_decoded = np.searchsorted(decoded_slots, first_slot)
    cdef const int64_t[::1] slots = decoded_slots
    cdef const int64_t[::1] first_of_structure = first_decoded
    with nogil:
        for r in range(n):
            s = structure[r]
            for k in range(first_of_structure[s], first_of_structure[s + 1]):
                at = cursor[column[slots[k]]]
                if at >= first_of_column[column[slots[k]] + 1]:
                    ok = False
                    break
                cursor[column[slots[k]]] = at + 1
                if needed[slots[k]]:
                    new_start[v] = start[at]
                    new_end[v] = end[at]
                    v += 1
            if not ok:
                break
    if not ok or v != total:
        raise ValueError("columns do not match the structures")
    return first_array, start_array, end_array


def structure_counts(const int32_t[::1] structure, Py_ssize_t n_structures):
    """Return how many records each structure has; structures must have been checked."""
    cdef Py_ssize_t r
    counts_array = np.zeros(n_structures, np.int64)
    cdef int64_t[::1] counts = counts_array
    with nogil:
        for r in range(structure.shape[0]):
            counts[structure[r]] += 1
    return counts_array


def records_by_structure(const int32_t[::1] structure, const int64_t[::1] counts):
    """Return the records of each structure, one structure after the other.

    ``counts`` are those of `structure_counts`.
    """
    cdef Py_ssize_t r
    cdef int64_t at
    cursor_array = np.cumsum(counts) - counts
    cdef int64_t[::1] cursor = cursor_array
    order_array = np.empty(structure.shape[0], np.int32)
    cdef int32_t[::1] order = order_array
    with nogil:
        for r in range(structure.shape[0]):
            at = cursor[structure[r]]
            cursor[structure[r]] = at + 1
            order[at] = <int32_t>r
    return order_array


def rows_of(const int32_t[::1] structure, const int32_t[::1] counts):
    """Return each record as often as its structure's count says."""
    cdef Py_ssize_t n = structure.shape[0], r
    cdef int64_t total = 0, at = 0
    cdef int32_t k
    with nogil:
        for r in range(n):
            total += counts[structure[r]]
    rows_array = np.empty(total, np.int32)
    cdef int32_t[::1] rows = rows_array
    with nogil:
        for r in range(n):
            for k in range(counts[structure[r]]):
                rows[at] = <int32_t>r
                at += 1
    return rows_array


def value_places(
    const int32_t[::1] structure, const int64_t[::1] rows, const int64_t[::1] first_slot,
    const int32_t[::1] column_of_slot, Py_ssize_t n_columns,
):
    """Return (first, place): the values of rising ``rows`` in column c are ``place[first[c]]`` on.

    A place counts the values of all records in the column. Structures, rows and the columns of slots
    must have been checked.
    """
    cdef Py_ssize_t n = rows.shape[0], i = 0, r, c
    cdef int64_t slot
    first_array = np.zeros(n_columns + 1, np.int64)
    seen_array = np.zeros(n_columns, np.int64)
    cdef int64_t[::1] first = first_array, seen = seen_array
    with nogil:
        for i in range(n):
            r = structure[rows[i]]
            for slot in range(first_slot[r], first_slot[r + 1]):
                first[column_of_slot[slot] + 1] += 1
        for c in range(n_columns):
            first[c + 1] += first[c]
    cursor_array = first_array[:n_columns].copy()
    place_array = np.empty(first_array[n_columns], np.int64)
    cdef int64_t[::1] cursor = cursor_array, place = place_array
    i = 0
    with nogil:
        for r in range(rows[n - 1] + 1 if n else 0):
            if r == rows[i]:
                for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                    c = column_of_slot[slot]
                    place[cursor[c]] = seen[c]
                    cursor[c] += 1
                    seen[c] += 1
                i += 1
            else:
                for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                    seen[column_of_slot[slot]] += 1
    return first_array, place_array


cdef struct Source:
    const uint8_t *text
    const int64_t *start
    const int64_t *end
    int64_t size  # of the text
    int64_t left  # values not rendered yet


cdef inline void copy(
    uint8_t *target, int64_t room, const uint8_t *text, int64_t left, int64_t n
) noexcept nogil:
    """Copy ``n`` bytes; ``room`` and ``left`` are how many there are at either place."""
    if n <= 16 and room >= 16 and left >= 16:
        memcpy(target, text, 16)  # two instructions, where a call would take ten times as long
    else:
        memcpy(target, text, n)


def render_columns(
    const int64_t[::1] first_slot, bytes constants, const int64_t[::1] offset,
    const int32_t[::1] structure, const int32_t[::1] column_of_slot, list columns, int64_t size,
    const uint8_t[::1] wanted=None,
):
    """Return the records, one after the other, from all values of each column.

    ``size`` is the bytes of all; with ``wanted`` only records at which it is set are returned,
    ``size`` is what they have at most, and a column may be None that they have no value in. ValueError where the columns don't hold exactly the values of the
    records, or these not so many bytes. Structures, and the columns of slots, must have been checked.
    """
    cdef Py_ssize_t n = structure.shape[0], n_columns = len(columns), c, r, s
    cdef int64_t slot, k, low, length, room = size
    cdef bint ok = True, is_partial = wanted is not None
    cdef const uint8_t[::1] text
    cdef const int64_t[::1] start, end
    cdef Source *source
    cdef const uint8_t *literal = <const uint8_t *>PyBytes_AS_STRING(constants)
    cdef int64_t n_literal = len(constants)
    out = PyBytes_FromStringAndSize(NULL, size)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(out)
    cdef Source *sources = <Source *>calloc(n_columns + 1, sizeof(Source))
    if sources == NULL:
        raise MemoryError
    try:
        for c in range(n_columns):
            if columns[c] is None:  # no wanted record has values in it
                sources[c].left = -1
                continue
            text, start, end = columns[c].buffer, columns[c].start, columns[c].end
            if end.shape[0] != start.shape[0]:
                raise ValueError("a column's spans have no ends")
            sources[c].left = start.shape[0]
            sources[c].size = text.shape[0]
            sources[c].text = &text[0] if text.shape[0] else literal
            sources[c].start = &start[0] if start.shape[0] else NULL
            sources[c].end = &end[0] if start.shape[0] else NULL
        with nogil:
            for r in range(n):
                s = structure[r]
                if is_partial and not wanted[r]:
                    for slot in range(first_slot[s], first_slot[s + 1]):
                        source = &sources[column_of_slot[slot]]
                        if source.left < 0:
                            continue
                        if source.left == 0:
                            ok = False
                            break
                        source.start += 1
                        source.end += 1
                        source.left -= 1
                    if not ok:
                        break
                    continue
                k = first_slot[s] + s
                for slot in range(first_slot[s], first_slot[s + 1] + 1):
                    low = offset[k]
                    length = offset[k + 1] - low
                    if length > room:
                        ok = False
                        break
                    copy(target, room, literal + low, n_literal - low, length)
                    target += length
                    room -= length
                    k += 1
                    if slot == first_slot[s + 1]:
                        break
                    source = &sources[column_of_slot[slot]]
                    if source.left <= 0:
                        ok = False
                        break
                    low = source.start[0]
                    length = source.end[0] - low
                    if low < 0 or length < 0 or source.end[0] > source.size or length > room:
                        ok = False
                        break
                    copy(target, room, source.text + low, source.size - low, length)
                    target += length
                    room -= length
                    source.start += 1
                    source.end += 1
                    source.left -= 1
                if not ok:
                    break
            for c in range(n_columns):
                ok = ok and sources[c].left <= 0
    finally:
        free(sources)
    if not ok or (room and not is_partial):
        raise ValueError("columns do not match the structures")
    return out[:size - room] if room else out
