# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels that predict a column's values from another column. All release the GIL.

Ids stand for values. ``group[i]`` is the id of the other column's value in the record of value
i, ``FOLLOWS``: the last value of the group comes again; ``SUCCEEDS``: what came after the
group's last value, wherever that was, comes again.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free

import numpy as np

cdef enum:
    FOLLOWS = 0
    SUCCEEDS = 1


def predict(const int32_t[::1] group, const int32_t[::1] ids, int64_t n_groups, int64_t n_ids,
            int mode):
    """Return for each value whether its prediction is right, as bytes 0 and 1."""
    cdef Py_ssize_t n = ids.shape[0], i
    cdef int32_t before
    hit_array = np.zeros(n, dtype=np.uint8)
    last_array = np.full(n_groups, -1, dtype=np.int32)
    next_array = np.full(n_ids + 1, -1, dtype=np.int32)
    cdef uint8_t[::1] hit = hit_array
    cdef int32_t[::1] last = last_array, successor = next_array
    with nogil:
        if mode == FOLLOWS:
            for i in range(n):
                hit[i] = last[group[i]] == ids[i]
                last[group[i]] = ids[i]
        else:
            for i in range(n):
                before = last[group[i]] + 1  # 0: the group is new
                hit[i] = successor[before] == ids[i]
                successor[before] = ids[i]
                last[group[i]] = ids[i]
    return hit_array


def count_hits(const int32_t[::1] group, const int32_t[::1] ids):
    """Return how many predictions are right: of what follows, and of what succeeds."""
    cdef Py_ssize_t n = ids.shape[0], i
    cdef int32_t before, last_id = 0, last_group = 0, value
    cdef int64_t follows = 0, succeeds = 0
    for i in range(n):
        last_group = max(last_group, group[i])
        last_id = max(last_id, ids[i])
    cdef int32_t *last = <int32_t *>calloc(last_group + 1, sizeof(int32_t))
    cdef int32_t *successor = <int32_t *>calloc(last_id + 2, sizeof(int32_t))
    if last == NULL or successor == NULL:
        free(last)
        free(successor)
        raise MemoryError
    with nogil:
        for i in range(n):
            value = ids[i] + 1  # 0: none yet
            before = last[group[i]]
            follows += before == value
            succeeds += successor[before] == value
            successor[before] = value
            last[group[i]] = value
    free(last)
    free(successor)
    return follows, succeeds


def unpredict(const int32_t[::1] group, const uint8_t[::1] hit, const int32_t[::1] missed,
              int64_t n_groups, int64_t n_ids, int mode):
    """Return the ids; ValueError where a hit has nothing before it or ``missed`` don't fit."""
    cdef Py_ssize_t n = hit.shape[0], n_missed = missed.shape[0], i, m = 0
    cdef int32_t before = 0, value
    cdef bint ok = True
    id_array = np.empty(n, dtype=np.int32)
    last_array = np.full(n_groups, -1, dtype=np.int32)
    next_array = np.full(n_ids + 1, -1, dtype=np.int32)
    cdef int32_t[::1] ids = id_array, last = last_array, successor = next_array
    with nogil:
        for i in range(n):
            if mode == SUCCEEDS:
                before = last[group[i]] + 1
            if hit[i]:
                value = last[group[i]] if mode == FOLLOWS else successor[before]
            elif m < n_missed:
                value = missed[m]
                m += 1
            else:
                value = -1
            if value < 0:
                ok = False
                break
            if mode == SUCCEEDS:
                successor[before] = value
            last[group[i]] = value
            ids[i] = value
    if not ok or m != n_missed:
        raise ValueError("predictions do not match their misses")
    return id_array


def equal_spans(
    const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end,
    const int64_t[::1] other_start, const int64_t[::1] other_end,
):
    """Tell for each span whether it holds the same bytes as the other one, as bytes 0 and 1."""
    cdef Py_ssize_t n = start.shape[0], i
    cdef int64_t k, size
    same_array = np.zeros(n, dtype=np.uint8)
    cdef uint8_t[::1] same = same_array
    with nogil:
        for i in range(n):
            size = end[i] - start[i]
            if size != other_end[i] - other_start[i]:
                continue
            same[i] = 1
            for k in range(size):
                if buffer[start[i] + k] != buffer[other_start[i] + k]:
                    same[i] = 0
                    break
    return same_array
