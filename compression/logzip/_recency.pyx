# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels over ids: how long ago a value was last seen. All release the GIL."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memmove

import numpy as np

cdef enum:
    RANKS = 254  # a rank is one byte: 0 new, 1 to 254 recent, 255 not recent


cdef inline int64_t place_of(const int32_t *recent, int64_t held, int32_t value) noexcept nogil:
    """Return the place of ``value``, ``held`` where it is none of the first ``held``."""
    cdef int64_t place = 0, k
    cdef int32_t found
    while place + 16 <= held:  # sixteen at a time: the compiler makes it a few instructions
        found = 0
        for k in range(16):
            found |= recent[place + k] == value
        if found:
            break
        place += 16
    while place < held and recent[place] != value:
        place += 1
    return place


def encode_recency(const int32_t[::1] ids):
    """Return (ranks, far): a byte for each id, and the ids of those that aren't recent.

    Ids are numbered by first appearance. Rank 0 is the next new id, 1 to 254 the place in the
    list of the last used ones, 255 an id that is in ``far``.
    """
    cdef Py_ssize_t n = ids.shape[0], i
    cdef int32_t recent[RANKS]
    cdef int32_t value
    cdef int64_t known = 0, place, held = 0, n_far = 0
    rank_array = np.empty(n, dtype=np.uint8)
    far_array = np.empty(n, dtype=np.uint64)
    cdef uint8_t[::1] rank = rank_array
    cdef unsigned long long[::1] far = far_array
    with nogil:
        for i in range(n):
            value = ids[i]
            place = 0
            if value == known:
                known += 1
                rank[i] = 0
                place = held
            else:
                place = place_of(recent, held, value)
                if place == held:
                    rank[i] = 255
                    far[n_far] = value
                    n_far += 1
                else:
                    rank[i] = <uint8_t>(place + 1)
            if place == held:
                if held < RANKS:
                    held += 1
                else:
                    place -= 1
            memmove(&recent[1], &recent[0], place * sizeof(int32_t))
            recent[0] = value
    return rank_array, far_array[:n_far].copy()


def decode_recency(const uint8_t[::1] ranks, const unsigned long long[::1] far,
                   int64_t n_distinct):
    """Return the ids; ValueError where ranks and ``far`` don't fit each other."""
    cdef Py_ssize_t n = ranks.shape[0], i
    cdef int32_t recent[RANKS]
    cdef int32_t value
    cdef int64_t known = 0, place, held = 0, n_far = 0, rank
    cdef bint ok = True
    id_array = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] ids = id_array
    with nogil:
        for i in range(n):
            rank = ranks[i]
            if rank == 0:
                value = <int32_t>known
                known += 1
                place = held
            elif rank == 255:
                if n_far >= far.shape[0] or far[n_far] >= <unsigned long long>known:
                    ok = False
                    break
                value = <int32_t>far[n_far]
                n_far += 1
                place = held
            else:
                if rank > held:
                    ok = False
                    break
                place = rank - 1
                value = recent[place]
            if place == held:
                if held < RANKS:
                    held += 1
                else:
                    place -= 1
            memmove(&recent[1], &recent[0], place * sizeof(int32_t))
            recent[0] = value
            ids[i] = value
    if not ok or n_far != far.shape[0] or known > n_distinct:
        raise ValueError("ranks do not match their dictionary")
    return id_array
