# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Some values of a block, placed in their records, and where records lie in their text."""

from libc.stdint cimport int32_t, int64_t, uint8_t

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
