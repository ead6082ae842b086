# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: initializedcheck=False
"""Kernels for values of one length whose varying bytes are hex digits. They release the GIL."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy, memset

import numpy as np

cdef enum:
    MAX_SIZE = 128


cdef uint8_t NIBBLE[256]  # the value of a hex digit, 255 for any other byte


cdef void fill_nibbles():
    cdef int byte
    for byte in range(256):
        NIBBLE[byte] = 255
        if 48 <= byte <= 57:
            NIBBLE[byte] = byte - 48
        elif 97 <= byte <= 102:
            NIBBLE[byte] = byte - 87


fill_nibbles()


def pack_hex(const uint8_t[::1] buffer, const int64_t[::1] start, const int64_t[::1] end):
    """Return (template, varying, packed), ``None`` where a varying byte is no hex digit.

    ``template`` is the first value, ``varying`` a byte 0 or 1 for each of its places; the hex
    digits of the varying places are packed two to a byte, first one low, value by value.
    Letters are lower case.
    """
    cdef Py_ssize_t n = start.shape[0], i, k
    cdef int64_t size = end[0] - start[0], n_varying = 0, out = 0
    cdef uint8_t varying[MAX_SIZE]
    cdef uint8_t wrong
    cdef int32_t place[MAX_SIZE]
    cdef const uint8_t *first = &buffer[0] + start[0]
    cdef const uint8_t *value
    cdef bint ok = True
    if size > MAX_SIZE or size == 0:
        return None
    memset(varying, 0, MAX_SIZE)
    with nogil:
        for i in range(1, n):
            if end[i] - start[i] != size:
                ok = False
                break
            value = &buffer[0] + start[i]
            wrong = 0
            for k in range(size):  # without a branch: digits cannot be foreseen
                varying[k] |= value[k] != first[k]
                wrong |= (NIBBLE[value[k]] | NIBBLE[first[k]]) & (0 - (value[k] != first[k]))
            if wrong & 128:
                ok = False
                break
        for k in range(size):
            if varying[k]:
                place[n_varying] = <int32_t>k
                n_varying += 1
    if not ok:
        return None
    packed = PyBytes_FromStringAndSize(NULL, (n * n_varying + 1) // 2)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(packed)
    with nogil:
        for i in range(n):
            value = &buffer[0] + start[i]
            k = 0
            if out & 1:
                target[out >> 1] |= <uint8_t>(NIBBLE[value[place[0]]] << 4)
                out += 1
                k = 1
            while k + 1 < n_varying:
                target[out >> 1] = <uint8_t>(
                    NIBBLE[value[place[k]]] | NIBBLE[value[place[k + 1]]] << 4
                )
                out += 2
                k += 2
            if k < n_varying:
                target[out >> 1] = NIBBLE[value[place[k]]]
                out += 1
    return (
        PyBytes_FromStringAndSize(<char *>first, size),
        PyBytes_FromStringAndSize(<char *>varying, size), packed,
    )


def unpack_hex(bytes template, const uint8_t[::1] varying, const uint8_t[::1] packed,
               Py_ssize_t n):
    """Return the ``n`` values joined; ValueError where ``packed`` doesn't hold that many."""
    cdef Py_ssize_t size = len(template), i, k
    cdef int64_t n_varying = 0, place = 0
    cdef uint8_t digit
    cdef const char *first = PyBytes_AS_STRING(template)
    if varying.shape[0] != size:
        raise ValueError("a template and its places differ in length")
    for k in range(size):
        n_varying += varying[k] != 0
    if packed.shape[0] != (n * n_varying + 1) // 2:
        raise ValueError(f"{packed.shape[0]} bytes for {n} values of {n_varying} hex digits")
    out = PyBytes_FromStringAndSize(NULL, n * size)
    cdef uint8_t *target = <uint8_t *>PyBytes_AS_STRING(out)
    with nogil:
        for i in range(n):
            memcpy(target, first, size)
            for k in range(size):
                if varying[k]:
                    digit = (packed[place >> 1] >> (4 * (place & 1))) & 15
                    target[k] = digit + (48 if digit < 10 else 87)
                    place += 1
            target += size
    return out
