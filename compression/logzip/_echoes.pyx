# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""The kernel that finds columns in which the same values come again. It releases the GIL."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

import numpy as np

cdef enum:
    MIN_RUN = 5  # letters and digits that a value must have in a row to tell anything


cdef struct Entry:
    uint64_t key
    int32_t column  # where the key was seen last
    int32_t record


cdef inline uint64_t run_key(const uint8_t *data, int64_t size) noexcept nogil:
    """Return a hash of the longest run of letters and digits, 0 where that is short."""
    cdef int64_t i, begin = 0, best = 0, best_begin = 0
    cdef uint64_t h = <uint64_t>0xCBF29CE484222325
    cdef uint8_t c
    for i in range(size + 1):
        c = data[i] if i < size else 0
        if 48 <= c <= 57 or 65 <= (c & 0xDF) <= 90:
            continue
        if i - begin > best:
            best = i - begin
            best_begin = begin
        begin = i + 1
    if best < MIN_RUN:
        return 0
    for i in range(best_begin, best_begin + best):
        h = (h ^ data[i]) * <uint64_t>0x100000001B3
    h ^= h >> 32
    return h | 1


cdef inline bint seen(uint64_t *table, uint64_t mask, uint64_t key) noexcept nogil:
    """Tell whether ``key`` is in the table, and put it there."""
    cdef uint64_t slot = (key ^ key >> 29) & mask
    while table[slot] != 0:
        if table[slot] == key:
            return True
        slot = (slot + 1) & mask
    table[slot] = key
    return False


def count_echoes(
    const int32_t[::1] column_of_slot, const int64_t[::1] first_slot,
    const int32_t[::1] structure, const int64_t[::1] first_value, const uint8_t[::1] buffer,
    const int64_t[::1] start, const int64_t[::1] end, const uint8_t[::1] wanted, int64_t reach,
):
    """Count for each wanted column the values new to it that another one had shortly before.

    Returns (echoes, novel): ``echoes[p, c]`` values new to column c were last seen in column
    p, at most ``reach`` records before; ``novel[c]`` values were new to c in all.
    """
    cdef Py_ssize_t n_records = structure.shape[0], n_columns = wanted.shape[0], r, c
    cdef int64_t slot, v, n_long = 0
    cdef uint64_t capacity = 1024, mask, key, place
    echo_array = np.zeros((n_columns, n_columns), dtype=np.int32)
    novel_array = np.zeros(n_columns, dtype=np.int64)
    cdef int32_t[:, ::1] echoes = echo_array
    cdef int64_t[::1] novel = novel_array
    for v in range(start.shape[0]):
        n_long += end[v] - start[v] >= MIN_RUN
    while capacity < <uint64_t>(2 * n_long):
        capacity *= 2
    mask = capacity - 1
    cdef Entry *last = <Entry *>calloc(capacity, sizeof(Entry))
    cdef uint64_t *known = <uint64_t *>calloc(capacity, sizeof(uint64_t))
    if last == NULL or known == NULL:
        free(last)
        free(known)
        raise MemoryError
    with nogil:
        for r in range(n_records):
            v = first_value[r]
            for slot in range(first_slot[structure[r]], first_slot[structure[r] + 1]):
                c = column_of_slot[slot]
                v += 1
                if not wanted[c] or end[v - 1] - start[v - 1] < MIN_RUN:
                    continue
                key = run_key(&buffer[0] + start[v - 1], end[v - 1] - start[v - 1])
                if key == 0:
                    continue
                place = (key ^ key >> 27) & mask
                while last[place].key != 0 and last[place].key != key:
                    place = (place + 1) & mask
                if not seen(known, mask, (key + <uint64_t>c * <uint64_t>0x9E3779B97F4A7C15) | 1):
                    novel[c] += 1
                    if last[place].key == key and r - last[place].record <= reach:
                        echoes[last[place].column, c] += 1
                last[place].key = key
                last[place].column = <int32_t>c
                last[place].record = <int32_t>r
        free(last)
        free(known)
    return echo_array, novel_array
