# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The compiled scan: one pass over a block of bytes, no Python object per line.

Here: byte classes, hashing, and the memory that becomes numpy arrays. The header matcher, the
record loop and the renderer are the files included below, in this order. Nothing here reads files.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset

import sys

import numpy as np

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    static inline uint64_t lp_fold(uint64_t a, uint64_t b) {
        __uint128_t r = (__uint128_t)a * b;
        return (uint64_t)r ^ (uint64_t)(r >> 64);
    }
    static inline uint64_t lp_read64(const unsigned char *p) {
        uint64_t v; memcpy(&v, p, 8); return v;
    }
    static inline uint32_t lp_read32(const unsigned char *p) {
        uint32_t v; memcpy(&v, p, 4); return v;
    }
    /* Copies of a constant size compile to one load and one store; a call to memcpy costs more
       than most of our pieces, which are shorter than 16 bytes. Both sides must have the room. */
    static inline void lp_copy16(unsigned char *to, const unsigned char *from) {
        memcpy(to, from, 16);
    }
    """
    uint64_t lp_fold(uint64_t a, uint64_t b) noexcept nogil
    uint64_t lp_read64(const uint8_t *p) noexcept nogil
    uint32_t lp_read32(const uint8_t *p) noexcept nogil
    void lp_copy16(uint8_t *to, const uint8_t *source) noexcept nogil

if sys.byteorder != "little":
    raise ImportError("logscan's hashes are defined on little-endian words")

# Digits of pi and e: fixed forever, because a structure's hash is its identity in every segment
# and in the catalog.
cdef uint64_t SEED = 0x243F6A8885A308D3
cdef uint64_t FOLD_LENGTH = 0x9E3779B97F4A7C15
cdef uint64_t FOLD_WORD = 0xA4093822299F31D1
cdef uint64_t FOLD_TAIL = 0x082EFA98EC4E6C89
cdef uint64_t FOLD_MARKS = 0x452821E638D01377
cdef uint64_t FOLD_LAST = 0xBE5466CF34E90C6D

cdef enum:
    # Byte classes; a token's classes are joined with |.
    DELIMITER = 1
    DIGIT = 2
    NAME = 4  # what may stand before a ':' that ends a token
    OTHER = 8
    COLON = 16

    TOKEN_SLOT = 1
    TIME_SLOT = 2
    FIELD_SLOT = 3
    TEXT_SLOT = 4

    # Limits of a structure and of a record that was joined from lines (contracts of the scan).
    MAX_SLOTS = 256
    MAX_CONSTANT_BYTES = 32768
    MAX_RECORD_LINES = 512
    MAX_RECORD_BYTES = 65536

cdef uint8_t CLASS[256]
cdef uint8_t IS_LETTER[256]


cdef void fill_classes():
    cdef int byte
    for byte in range(256):
        IS_LETTER[byte] = chr(byte).isalpha() and byte < 128
        if byte <= 0x20 or byte == 0x7F or byte in b"\"'()[]{}<>,;=|&?`":
            CLASS[byte] = DELIMITER
        elif 48 <= byte <= 57:
            CLASS[byte] = DIGIT
        elif byte == 58:
            CLASS[byte] = COLON
        elif IS_LETTER[byte] or byte in b"_.-$":
            CLASS[byte] = NAME
        else:
            CLASS[byte] = OTHER


fill_classes()


cdef inline uint64_t hash_span(const uint8_t *p, Py_ssize_t n, uint64_t h) noexcept nogil:
    """Fold ``n`` bytes into ``h``; the length and a kind are folded in by the caller."""
    cdef Py_ssize_t i = 0
    while i + 8 <= n:
        h = lp_fold(h ^ lp_read64(p + i), FOLD_WORD)
        i += 8
    if i < n:
        if n >= 8:
            h = lp_fold(h ^ lp_read64(p + n - 8), FOLD_TAIL)
        elif n >= 4:
            h = lp_fold(h ^ (lp_read32(p) | (<uint64_t>lp_read32(p + n - 4) << 32)), FOLD_TAIL)
        else:
            h = lp_fold(h ^ (p[0] | (<uint64_t>p[n >> 1] << 8) | (<uint64_t>p[n - 1] << 16)), FOLD_TAIL)
    return h


cdef inline bint same_bytes(const uint8_t *a, const uint8_t *b, Py_ssize_t n) noexcept nogil:
    """Compare by words: most constants are shorter than what a call to memcmp costs."""
    cdef Py_ssize_t i = 0
    if n < 8:
        while i < n:
            if a[i] != b[i]:
                return False
            i += 1
        return True
    while i + 8 <= n:
        if lp_read64(a + i) != lp_read64(b + i):
            return False
        i += 8
    return lp_read64(a + n - 8) == lp_read64(b + n - 8)


cdef struct Vector:
    char *data
    Py_ssize_t size  # bytes
    Py_ssize_t room  # bytes


cdef inline bint reserve(Vector *v, Py_ssize_t extra) noexcept nogil:
    """Make room for ``extra`` bytes more; False when there is no memory."""
    cdef Py_ssize_t room = v.room
    cdef char *data
    if v.size + extra <= room:
        return True
    room = room + (room >> 1) + extra + 4096
    data = <char *>realloc(v.data, room)
    if data == NULL:
        return False
    v.data = data
    v.room = room
    return True


cdef class Column:
    """Owns memory that was filled without the GIL and shows it to numpy without a copy."""

    cdef char *data
    cdef Py_ssize_t size

    def __dealloc__(self):
        free(self.data)

    def __getbuffer__(self, Py_buffer *view, int flags):
        view.buf = self.data
        view.obj = self
        view.len = self.size
        view.readonly = 0
        view.itemsize = 1
        view.format = NULL
        view.ndim = 1
        view.shape = NULL
        view.strides = NULL
        view.suboffsets = NULL
        view.internal = NULL


cdef object take_array(Vector *v, object dtype):
    """Hand the vector's memory over to a numpy array."""
    cdef Column column
    if v.size == 0:
        return np.empty(0, dtype)
    column = Column.__new__(Column)
    column.data = <char *>realloc(v.data, v.size)
    if column.data == NULL:
        column.data = v.data
    column.size = v.size
    v.data = NULL
    return np.frombuffer(column, dtype)


include "_times.pxi"
include "_header.pxi"
include "_json.pxi"
include "_logfmt.pxi"
include "_structures.pxi"
include "_records.pxi"
include "_render.pxi"
