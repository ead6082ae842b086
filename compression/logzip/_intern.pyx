# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels that number distinct things, spans of bytes and numbers. They release the GIL."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

import numpy as np

cdef struct Table:
    int32_t *place  # the number of a distinct thing plus 1, 0 for an empty place
    uint64_t mask
    Py_ssize_t held
    Py_ssize_t most  # things may be held, one more is too many


cdef Table new_table(Py_ssize_t n, Py_ssize_t most) except *:
    """Return an empty table for ``n`` things, of which at most ``most`` are distinct."""
    cdef Table table
    cdef uint64_t capacity = 64
    while capacity < <uint64_t>(2 * min(n, most + 1)):
        capacity *= 2
    table.place = <int32_t *>calloc(capacity, sizeof(int32_t))
    table.mask = capacity - 1
    table.held = 0
    table.most = most
    if table.place == NULL:
        raise MemoryError
    return table


cdef inline Py_ssize_t put(
    Table *table, uint64_t slot, int64_t *first, int32_t *inverse, Py_ssize_t i
) noexcept nogil:
    """Number thing ``i``, which is new and belongs in ``slot``; -1 where it is one too many."""
    if table.held == table.most:
        return -1
    first[table.held] = i
    inverse[i] = <int32_t>table.held
    table.held += 1
    table.place[slot] = <int32_t>table.held
    return table.held


cdef inline uint64_t mix(uint64_t value) noexcept nogil:
    value ^= value >> 32
    value *= <uint64_t>0xD6E8FEB86659FD93
    value ^= value >> 29
    return value


cdef inline uint64_t hash_bytes(const uint8_t *data, int64_t size, int64_t left) noexcept nogil:
    """Hash ``size`` bytes; ``left`` can be read, which saves a call where it is eight."""
    cdef uint64_t state = <uint64_t>0x9E3779B97F4A7C15 ^ <uint64_t>size
    cdef uint64_t word
    while size >= 8:
        memcpy(&word, data, 8)
        state = mix(state ^ word) * <uint64_t>0x9E3779B97F4A7C15
        data += 8
        size -= 8
        left -= 8
    if size > 0:
        word = 0
        if left >= 8:
            memcpy(&word, data, 8)
            word &= (<uint64_t>1 << (8 * size)) - 1
        else:
            memcpy(&word, data, size)
        state = mix(state ^ word) * <uint64_t>0x9E3779B97F4A7C15
    return mix(state)


def intern_spans(
    const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end,
    Py_ssize_t max_distinct,
):
    """Return (first, inverse), the distinct spans in order of first appearance.

    ``first[d]`` is the index of the first span equal to distinct ``d``, ``inverse[i]`` the
    distinct value of span i. ``None`` where there are more than ``max_distinct``.
    """
    cdef Py_ssize_t n = start.shape[0], i, d
    cdef uint64_t slot, h
    cdef int64_t size, n_bytes = buffer.shape[0]
    cdef bint full = False
    inverse_array = np.empty(n + 1, dtype=np.int32)
    first_array = np.empty(min(n, max_distinct) + 1, dtype=np.int64)
    hash_array = np.empty(min(n, max_distinct) + 1, dtype=np.uint64)
    cdef int32_t[::1] inverse = inverse_array
    cdef int64_t[::1] first = first_array
    cdef uint64_t[::1] hashes = hash_array
    cdef Table table = new_table(n, max_distinct)
    with nogil:
        for i in range(n):
            size = end[i] - start[i]
            h = hash_bytes(&buffer[0] + start[i], size, n_bytes - start[i])
            slot = h & table.mask
            while True:
                d = table.place[slot] - 1
                if d < 0:
                    hashes[table.held] = h
                    full = put(&table, slot, &first[0], &inverse[0], i) < 0
                    break
                if hashes[d] == h and end[first[d]] - start[first[d]] == size and memcmp(
                    &buffer[0] + start[first[d]], &buffer[0] + start[i], size
                ) == 0:
                    inverse[i] = <int32_t>d
                    break
                slot = (slot + 1) & table.mask
            if full:
                break
        free(table.place)
    return None if full else (first_array[:table.held].copy(), inverse_array[:n])


def intern_numbers(const uint64_t[::1] numbers, Py_ssize_t max_distinct):
    """Return (first, inverse) of the distinct numbers in order of first appearance.

    ``None`` where there are more than ``max_distinct``.
    """
    cdef Py_ssize_t n = numbers.shape[0], i, d
    cdef uint64_t slot, h
    cdef bint full = False
    inverse_array = np.empty(n + 1, dtype=np.int32)
    first_array = np.empty(min(n, max_distinct) + 1, dtype=np.int64)
    cdef int32_t[::1] inverse = inverse_array
    cdef int64_t[::1] first = first_array
    cdef Table table = new_table(n, max_distinct)
    with nogil:
        for i in range(n):
            h = numbers[i] * <uint64_t>0x9E3779B97F4A7C15
            slot = (h ^ h >> 32) & table.mask
            while True:
                d = table.place[slot] - 1
                if d < 0:
                    full = put(&table, slot, &first[0], &inverse[0], i) < 0
                    break
                if numbers[first[d]] == numbers[i]:
                    inverse[i] = <int32_t>d
                    break
                slot = (slot + 1) & table.mask
            if full:
                break
        free(table.place)
    return None if full else (first_array[:table.held].copy(), inverse_array[:n])
